/* app/trade/table.c - what the API answers, in columns. */
#include "app/trade/table.h"

#include <assert.h>

#include "app/trade/plain.h"
#include "app/trade/terms.h"
#include "base/count.h"
#include "base/time.h"

static const struct {
	const char *member, *text[2];
} heads[] = {
	{ "id", { "id", "标识" } },
	{ "peerId", { "id at the peer", "对方标识" } },
	{ "name", { "name", "名称" } },
	{ "did", { "DID", "DID" } },
	{ "role", { "role", "角色" } },
	{ "party", { "party", "参与方" } },
	{ "made", { "made", "创建时间" } },
	{ "revoked", { "revoked", "已吊销" } },
	{ "version", { "version", "版本" } },
	{ "title", { "title", "标题" } },
	{ "file", { "file", "文件" } },
	{ "size", { "bytes", "字节数" } },
	{ "sha256", { "SHA-256", "SHA-256" } },
	{ "published", { "published", "发布时间" } },
	{ "audience", { "audience", "可见范围" } },
	{ "policy", { "terms", "条款" } },
	{ "offer", { "offer", "要约" } },
	{ "offers", { "terms", "条款" } },
	{ "format", { "format", "格式" } },
	{ "peer", { "peer", "对方" } },
	{ "base", { "base", "对方地址" } },
	{ "state", { "state", "状态" } },
	{ "pending", { "on its way", "在途消息" } },
	{ "mark", { "mark", "标记" } },
	{ "stalled", { "stalled", "停滞" } },
	{ "manual", { "by hand", "人工" } },
	{ "person", { "waits for you", "待您处理" } },
	{ "product", { "product", "产品" } },
	{ "agreement", { "agreement", "协议" } },
	{ "negotiation", { "negotiation", "协商" } },
	{ "reason", { "reason", "原因" } },
	{ "changed", { "changed", "更新时间" } },
	{ "dataAddress", { "data address", "数据地址" } },
	{ "process", { "process", "进程" } },
	{ "message", { "message", "消息" } },
	{ "url", { "to", "发往" } },
	{ "attempts", { "attempts", "尝试次数" } },
	{ "due", { "next attempt", "下次发送" } },
	{ "dead", { "given up", "已放弃" } },
};

const char *ht_table_head(struct ht_text member, enum ht_lang lang)
{
	for (size_t i = 0; i < HT_COUNT(heads); i++) {
		if (ht_text_is(member, heads[i].member))
			return heads[i].text[lang];
	}
	return NULL;
}

struct ht_text ht_table_cell(struct ht_arena *a, const struct ht_json *value, enum ht_lang lang)
{
	static const struct ht_text yes[] = { [HT_EN] = { "yes", 3 }, [HT_ZH] = { "是", 3 } };
	static const struct ht_text no[] = { [HT_EN] = { "no", 2 }, [HT_ZH] = { "否", 3 } };
	int64_t number;

	if (ht_json_is_text(value))
		return ht_json_text(value).len ? ht_plain(a, ht_json_text(value)) : HT_TEXT("-");
	if (ht_json_int(value, &number))
		return ht_text_format(a, "%lld", (long long)number);
	if (ht_json_is_array(value))
		return ht_text_format(a, "%zu", ht_json_count(value));
	if (ht_json_is_object(value))
		return HT_TEXT("{...}");
	if (ht_json_bool(value, false))
		return yes[lang];
	if (value && !ht_json_bool(value, true))
		return no[lang];
	return HT_TEXT("-");
}

struct ht_text ht_table_time(struct ht_arena *a, struct ht_text t)
{
	int64_t at_us;

	return ht_time_read(t, &at_us) ? ht_time_text_ms(a, at_us) : ht_plain(a, t);
}

/* The terms of all offers of a list's text. */
static struct ht_text offers_cell(struct ht_arena *a, struct ht_text offers, enum ht_lang lang)
{
	struct ht_text one;
	struct ht_out out;
	size_t at = 0;

	ht_out_init(&out, a);
	while (ht_json_element(offers, &at, &one)) {
		if (out.len)
			ht_out_z(&out, " | ");
		ht_out_text(&out, ht_terms(a, one, lang));
	}
	return out.len ? ht_out_done(&out) : HT_TEXT("-");
}

/* The member `name` of an object, whose text is `text`. */
static struct ht_text member_cell(struct ht_arena *a, struct ht_text text, const struct ht_json *object, struct ht_text name,
				  enum ht_lang lang)
{
	static const char *const times[] = { "made", "revoked", "published", "changed", "due" };
	const char *z = ht_text_z(a, name);
	const struct ht_json *value = ht_json_member(object, z);
	struct ht_text words = HT_TEXT("");

	for (size_t i = 0; i < HT_COUNT(times); i++) {
		if (ht_text_is(name, times[i]) && ht_json_text(value).len)
			return ht_table_time(a, ht_json_text(value));
	}
	if (ht_text_is(name, "offers"))
		return offers_cell(a, ht_json_span(text, z), lang);
	if (ht_json_is_object(value))
		words = ht_terms(a, ht_json_span(text, z), lang);
	return words.len ? words : ht_table_cell(a, value, lang);
}

static void pad(struct ht_out *out, size_t n)
{
	while (n--)
		ht_out_char(out, ' ');
}

/* One line of cells; the last one is not padded. */
static void line(struct ht_out *out, const struct ht_text *cells, const size_t *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ht_out_text(out, cells[i]);
		if (i + 1 < n)
			pad(out, widths[i] - ht_plain_width(cells[i]) + 2);
	}
	ht_out_char(out, '\n');
}

void ht_table_rows(struct ht_table *t, struct ht_text text, const struct ht_json *array, enum ht_lang lang, struct ht_out *out)
{
	struct ht_text rest = ht_text_of(t->columns), names[HT_TABLE_COLUMNS_MAX], *cells, element = HT_TEXT("");
	size_t n = 0, count = ht_json_count(array), at = 0;

	while (rest.len) {
		assert(n < HT_TABLE_COLUMNS_MAX);
		ht_text_cut(rest, ' ', &names[n++], &rest);
	}
	cells = HT_TAKE(out->arena, struct ht_text, n * (count + 1));
	for (size_t i = 0; i < n * (count + 1); i++) {
		size_t row = i / n, column = i % n, width;
		const char *head = ht_table_head(names[column], lang);

		if (row && !column && !ht_json_element(text, &at, &element))
			element = HT_TEXT("");
		if (row)
			cells[i] = member_cell(out->arena, element, ht_json_at(array, row - 1), names[column], lang);
		else
			cells[i] = head ? ht_text_of(head) : names[column];
		width = ht_plain_width(cells[i]);
		t->widths[column] = width > t->widths[column] ? width : t->widths[column];
	}
	for (size_t row = t->begun ? 1 : 0; row <= count; row++)
		line(out, cells + row * n, t->widths, n);
	t->begun = true;
	t->count += count;
}

/* The value of one member of an object, whose text is `text`, in a line of its own. */
static void value_of(struct ht_text text, const struct ht_json *object, const struct ht_json_member *member, enum ht_lang lang,
		     struct ht_out *out)
{
	if (ht_text_is(member->name, "dataAddress") && ht_json_is_object(member->value)) {
		ht_out_text(out, ht_table_cell(out->arena, ht_json_member(member->value, "endpoint"), lang));
	} else if (ht_json_is_object(member->value) || ht_json_is_array(member->value)) {
		struct ht_text span = ht_json_span(text, ht_text_z(out->arena, member->name)), words = ht_terms(out->arena, span, lang);

		ht_out_text(out, words.len ? words : ht_plain(out->arena, span));
	} else {
		ht_out_text(out, member_cell(out->arena, text, object, member->name, lang));
	}
	ht_out_char(out, '\n');
}

void ht_table_thing(struct ht_text text, const struct ht_json *object, enum ht_lang lang, struct ht_out *out)
{
	struct ht_json_member member;
	void *cursor = NULL;
	size_t widest = 0;

	while (ht_json_next(object, &cursor, &member)) {
		const char *head = ht_table_head(member.name, lang);
		size_t width = ht_plain_width(head ? ht_text_of(head) : member.name);

		widest = width > widest ? width : widest;
	}
	cursor = NULL;
	while (ht_json_next(object, &cursor, &member)) {
		const char *known = ht_table_head(member.name, lang);
		struct ht_text head = known ? ht_text_of(known) : ht_plain(out->arena, member.name);

		ht_out_text(out, head);
		pad(out, widest - ht_plain_width(head) + 2);
		value_of(text, object, &member, lang, out);
	}
}
