/* app/trade/history.c - what happened, a line each. */
#include "app/trade/history.h"

#include "app/trade/negotiate.h"
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
	{ "state", false }, { "status", true }, { "reason", false }, { "role", false }, { "token", true }, { "id", false },
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

static void put_content(const struct ht_json *content, enum ht_lang lang, struct ht_out *out)
{
	struct ht_text word = message_word(content);
	bool dsp = ht_json_text(ht_json_member(content, "@type")).len;

	if (word.len)
		ht_out_format(out, "  " HT_TEXT_FMT, HT_TEXT_ARG(ht_plain(out->arena, word)));
	for (size_t i = 0; i < HT_COUNT(shown) && !dsp; i++) {
		const struct ht_json *value = ht_json_member(content, shown[i].member);
		int64_t number;

		if (shown[i].number ? ht_json_int(value, &number) : value && !ht_json_is_object(value) && !ht_json_is_array(value))
			ht_out_format(out, "  %s=" HT_TEXT_FMT, shown[i].member, HT_TEXT_ARG(ht_table_cell(out->arena, value, lang)));
	}
}

/* The end of an id, which tells it from others; the beginning is a time. */
static struct ht_text brief(struct ht_arena *a, struct ht_text id)
{
	struct ht_text plain = ht_plain(a, id);
	size_t from = plain.len > BRIEF ? plain.len - BRIEF : 0;

	while (from < plain.len && from && ((uint8_t)plain.at[from] & 0xc0) == 0x80)
		from++;
	return (struct ht_text){ plain.at + from, plain.len - from };
}

static void put_text(struct ht_out *out, const struct ht_json *leaf, const char *member)
{
	struct ht_text text = ht_json_text(ht_json_member(leaf, member));

	if (text.len)
		ht_out_format(out, "  " HT_TEXT_FMT, HT_TEXT_ARG(ht_plain(out->arena, text)));
}

void ht_history_line(const struct ht_json *leaf, enum ht_lang lang, struct ht_out *out)
{
	struct ht_text at = ht_plain(out->arena, ht_json_text(ht_json_member(leaf, "at")));
	struct ht_text event = ht_plain(out->arena, event_text(ht_json_text(ht_json_member(leaf, "kind")), lang));
	struct ht_text process = ht_json_text(ht_json_member(leaf, "process"));
	struct ht_json *content = ht_json_member(leaf, "content"), *parsed = NULL;
	struct ht_refusal why;

	if (ht_json_is_text(content))
		content = parsed = ht_json_read(ht_text_bytes(ht_json_text(content)), &ht_json_dsp, &why);
	ht_out_text(out, at);
	put_text(out, leaf, "party");
	ht_out_format(out, "  " HT_TEXT_FMT, HT_TEXT_ARG(event));
	if (ht_json_is_object(content))
		put_content(content, lang, out);
	put_text(out, leaf, "peer");
	if (process.len)
		ht_out_format(out, "  " HT_TEXT_FMT, HT_TEXT_ARG(brief(out->arena, process)));
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

int ht_trade_history(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_text query = HT_TEXT("");
	int status = ht_client_init(&c, line);

	if (line->args[0])
		query = ht_text_format(line->arena, "chain=" HT_TEXT_FMT, HT_TEXT_ARG(ht_percent(line->arena, ht_text_of(line->args[0]))));
	if (!status)
		status = ht_pages(&c, "/history", query, "leaves", PAGE, show_leaves);
	ht_client_fini(&c);
	return status;
}
