/* app/trade/pages.c - lists that are longer than one answer. */
#include "app/trade/pages.h"

#include <string.h>

enum { PLACE_MAX = 1024 };

/* "next" of the last answer, a number or a text; empty: this was the last page. */
static struct ht_text next_of(struct ht_client *c, struct ht_arena *a)
{
	struct ht_json *next = ht_json_member(c->json, "next");
	int64_t number;

	return ht_json_int(next, &number) ? ht_text_format(a, "%lld", (long long)number) : ht_text_copy(a, ht_json_text(next));
}

static struct ht_text page_path(struct ht_client *c, const struct ht_pages *pages, struct ht_text after)
{
	struct ht_text encoded = ht_percent(c->arena, after);

	return ht_text_format(c->arena, "%s?most=%d%s" HT_TEXT_FMT "%s" HT_TEXT_FMT, pages->path, pages->most, after.len ? "&after=" : "",
			      HT_TEXT_ARG(encoded), pages->query.len ? "&" : "", HT_TEXT_ARG(pages->query));
}

int ht_pages_walk(struct ht_client *c, const struct ht_pages *pages, int (*each)(struct ht_client *c, void *mine), void *mine)
{
	char after[PLACE_MAX];
	size_t after_len = 0;
	struct ht_arena room = *c->arena;

	for (bool first = true; first || after_len; first = false) {
		struct ht_text next;
		int status;

		*c->arena = room;
		status = ht_client_call(c, "GET", page_path(c, pages, (struct ht_text){ after, after_len }), HT_TEXT(""));
		if (status)
			return status;
		next = next_of(c, c->arena);
		if (next.len > sizeof after || ht_text_same(next, (struct ht_text){ after, after_len }))
			next = HT_TEXT(""); /* not a place to go on from */
		after_len = next.len;
		if (next.len)
			memcpy(after, next.at, next.len);
		status = each(c, mine);
		if (status)
			return status;
	}
	return HT_EXIT_DONE;
}

/* The elements of the last answer's list as text, with commas, without brackets. */
static struct ht_text elements(const struct ht_client *c, const char *member)
{
	struct ht_text list = ht_json_span(c->text, member);

	return list.len < 2 ? HT_TEXT("") : ht_text_trim((struct ht_text){ list.at + 1, list.len - 2 });
}

static int print_page(struct ht_client *c, void *mine)
{
	struct ht_printer *to = mine;
	struct ht_text text;

	if (!c->line->json) {
		to->show(c, ht_json_member(c->json, to->member));
		return HT_EXIT_DONE;
	}
	if (!to->begun)
		ht_client_print(ht_text_format(c->arena, "{\"%s\":[", to->member));
	to->begun = c->said = true;
	text = elements(c, to->member);
	if (text.len && to->any)
		ht_client_print(HT_TEXT(","));
	ht_client_print(text);
	to->any = to->any || text.len;
	return HT_EXIT_DONE;
}

int ht_pages_print(struct ht_client *c, const struct ht_pages *pages, struct ht_printer *to)
{
	return ht_pages_walk(c, pages, print_page, to);
}

void ht_pages_end(const struct ht_printer *to)
{
	if (to->begun)
		ht_client_print(HT_TEXT("]}\n"));
}
