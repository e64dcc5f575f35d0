/* app/trade/history.c - what happened, a line each. */
#include "app/trade/history.h"

#include "app/trade/by_id.h"
#include "app/trade/pages.h"
#include "app/trade/plain.h"
#include "app/trade/table.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "model/leaf.h"
#include "model/names.h"

enum { PAGE = 100, BRIEF = 12 };

/* What is shown of a small document of the node; other members may be secrets or long. `token` is the number of one. */
static const struct {
	const char *member;
	bool number; /* a text of that name is not shown */
} shown[] = {
	{ "read", false }, { "rows", true }, { "refused", false }, { "by", false }, { "state", false }, { "status", true }, { "reason", false }, { "role", false }, { "token", true }, { "id", false },
	{ "product", false }, { "version", true }, { "file", false }, { "size", true }, { "bytes", true }, { "whole", false },
};

/* The event in the reader's language; the word itself when it is of a newer node. */
static struct ht_text event_text(struct ht_text word, enum ht_lang lang)
{
	for (uint64_t number = 1; ht_event_known(number); number++) {
		if (ht_text_is(word, ht_event_word((enum ht_event)number)))
			return ht_text_of(ht_event_text((enum ht_event)number, lang));
	}
	return word;
}

/* Without the part of a type's name that says where it is from: "dspace:ContractRequestMessage". */
static struct ht_text local_name(struct ht_text type)
{
	struct ht_text head, tail;

	ht_text_cut_last(type, '/', &head, &tail);
	ht_text_cut_last(tail, ':', &head, &tail);
	return tail;
}

/* The word of a DSP message by its @type and, for events of a negotiation, its eventType; empty: it is none. */
static struct ht_text message_word(const struct ht_json *content)
{
	struct ht_text type = local_name(ht_json_text(ht_json_member(content, "@type")));
	struct ht_text event = local_name(ht_json_text(ht_json_member(content, "eventType")));

	for (int machine = 0; machine < HT_MACHINE_COUNT; machine++) {
		for (int msg = HT_MSG_NONE + 1; msg < HT_MSG_COUNT; msg++) {
			const char *name = ht_msg_type((enum ht_machine)machine, (enum ht_msg)msg);
			bool same = name && ht_text_is(type, name);

			if (same && (!event.len || ht_text_is(event, ht_state_word(ht_msg_to((enum ht_msg)msg)))))
				return ht_text_of(ht_msg_word((enum ht_msg)msg));
		}
	}
	return ht_json_text(ht_json_member(content, "message"));
}

/* Two blanks and the text; nothing when it is empty. */
static void put_word(struct ht_out *out, struct ht_text text)
{
	ht_out_z(out, text.len ? "  " : "");
	ht_out_text(out, ht_plain(out->arena, text));
}

/* Why a message that ends or halts a process was sent. Members of a reason that are no text are not shown. */
static void put_reason(const struct ht_json *message, struct ht_out *out)
{
	struct ht_text code = ht_json_text(ht_json_member(message, "code"));
	const struct ht_json *reason = ht_json_member(message, "reason");
	bool any = code.len;

	if (!code.len && !ht_json_count(reason))
		return;
	ht_out_z(out, "  reason=");
	ht_out_text(out, ht_plain(out->arena, code));
	for (size_t i = 0; ht_json_is_array(reason) && i < ht_json_count(reason); i++) {
		struct ht_text words = ht_json_text(ht_json_at(reason, i));

		ht_out_z(out, any && words.len ? i ? "; " : ": " : "");
		ht_out_text(out, ht_plain(out->arena, words));
		any |= words.len > 0;
	}
}

static void put_content(const struct ht_json *content, enum ht_lang lang, struct ht_out *out)
{
	struct ht_text word = message_word(content);
	bool dsp = ht_json_text(ht_json_member(content, "@type")).len;

	put_word(out, word);
	if (dsp)
		put_reason(content, out);
	for (size_t i = 0; i < HT_COUNT(shown) && !dsp; i++) {
		const struct ht_json *value = ht_json_member(content, shown[i].member);
		int64_t number;

		if (shown[i].number ? ht_json_int(value, &number) : value && !ht_json_is_object(value) && !ht_json_is_array(value)) {
			ht_out_format(out, "  %s=", shown[i].member);
			ht_out_text(out, ht_table_cell(out->arena, value, lang));
		}
	}
}

/* The end tells an id from others; the beginning is a time. */
struct ht_text ht_history_brief(struct ht_arena *a, struct ht_text id)
{
	struct ht_text plain = ht_plain(a, id);
	size_t from = plain.len > BRIEF ? plain.len - BRIEF : 0;

	while (from < plain.len && from && ((uint8_t)plain.at[from] & 0xc0) == 0x80)
		from++;
	return (struct ht_text){ plain.at + from, plain.len - from };
}

void ht_history_line(const struct ht_json *leaf, enum ht_lang lang, struct ht_out *out)
{
	struct ht_text process = ht_json_text(ht_json_member(leaf, "process"));
	struct ht_json *content = ht_json_member(leaf, "content"), *parsed = NULL;
	struct ht_refusal why;

	if (ht_json_is_text(content))
		content = parsed = ht_json_read(ht_text_bytes(ht_json_text(content)), &ht_json_dsp, &why);
	ht_out_text(out, ht_table_time(out->arena, ht_json_text(ht_json_member(leaf, "at"))));
	put_word(out, ht_json_text(ht_json_member(leaf, "party")));
	put_word(out, event_text(ht_json_text(ht_json_member(leaf, "kind")), lang));
	if (ht_json_is_object(content))
		put_content(content, lang, out);
	put_word(out, ht_json_text(ht_json_member(leaf, "peer")));
	put_word(out, ht_history_brief(out->arena, process));
	ht_out_char(out, '\n');
	ht_json_free(parsed);
}

static void show_leaves(struct ht_client *c, const struct ht_json *leaves)
{
	struct ht_arena room = *c->arena;

	for (size_t i = 0; i < ht_json_count(leaves); i++) {
		struct ht_arena scratch = room;
		struct ht_out out;

		ht_out_init(&out, &scratch);
		ht_history_line(ht_json_at(leaves, i), c->lang, &out);
		ht_client_print(ht_out_done(&out));
	}
}

/* What a chain has: that of a process, an agreement or a product of ours. */
static int print_chain(struct ht_client *c, struct ht_text id, struct ht_printer *to)
{
	struct ht_text encoded = ht_percent(c->arena, id);
	struct ht_pages pages = { .path = "/history", .most = PAGE };

	pages.query = ht_text_format(c->arena, "chain=" HT_TEXT_FMT, HT_TEXT_ARG(encoded));
	return ht_pages_print(c, &pages, to);
}

/* The chains of the negotiations on a product. */
struct of_product {
	struct ht_text product;
	struct ht_printer *to;
	size_t count; /* of chains that were printed */
};

static int print_negotiations(struct ht_client *c, void *mine)
{
	struct of_product *p = mine;
	const struct ht_json *list = ht_json_member(c->json, "negotiations");
	size_t n = 0, most = ht_json_count(list);
	struct ht_text *ids = HT_TAKE(c->arena, struct ht_text, most);
	int status = HT_EXIT_DONE;

	for (size_t i = 0; i < most; i++) {
		if (ht_text_same(ht_json_text(ht_json_member(ht_json_at(list, i), "product")), p->product))
			ids[n++] = ht_text_copy(c->arena, ht_json_text(ht_json_member(ht_json_at(list, i), "id")));
	}
	for (size_t i = 0; i < n && !status; i++)
		status = print_chain(c, ids[i], p->to);
	p->count += n;
	return status;
}

/* No chain has this name: it is a product of somebody else, or a part of an id. */
static int print_named(struct ht_client *c, struct ht_text given, struct ht_printer *to)
{
	const struct ht_pages negotiations = { .path = "/negotiations", .most = 10 * PAGE };
	struct of_product of = { .product = given, .to = to };
	struct ht_text id;
	int status = ht_pages_walk(c, &negotiations, print_negotiations, &of);

	if (status || of.count)
		return status;
	status = ht_by_id_find(c, "negotiations transfers agreements", given, &id);
	if (status)
		return status;
	if (!ht_text_same(id, given))
		return print_chain(c, id, to);
	return ht_client_wrong(c, HT_EXIT_REFUSED, "not_found",
			       HT_PICK(c->lang,
				       HT_TEXT_FMT
				       " is no negotiation, transfer, agreement or product of yours; the end of an id needs %d characters",
				       HT_TEXT_FMT " 不是您的协商、传输、协议或产品;标识末段至少 %d 个字符"),
			       HT_TEXT_ARG(given), HT_SHORT_ID_MIN);
}

int ht_trade_history(const struct ht_line *line)
{
	static const struct ht_pages all = { .path = "/history", .most = PAGE };
	struct ht_client c;
	struct ht_printer to = { .member = "leaves", .show = show_leaves };
	struct ht_text given = ht_text_of(line->args[0]);
	int status = ht_client_init(&c, line);

	c.may_lack = true;
	if (!status)
		status = line->args[0] ? print_chain(&c, given, &to) : ht_pages_print(&c, &all, &to);
	c.may_lack = false;
	if (c.lacks)
		status = print_named(&c, given, &to);
	if (!status)
		ht_pages_end(&to);
	ht_client_fini(&c);
	return status;
}
