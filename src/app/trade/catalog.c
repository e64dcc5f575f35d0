/* app/trade/catalog.c - the whole catalog of a provider, page after page as its answers say.
 *
 * A provider that never ends is left: at a place where we were before, after many pages without a dataset, and after PAGES_MAX. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/trade/negotiate.h"
#include "app/trade/table.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "base/hash.h"
#include "wire/link.h"

enum { PAGES_MAX = 10000, EMPTY_MAX = 100 /* pages in a row without a dataset */ };

struct crawl {
	struct ht_client *c;
	struct ht_table table;
	struct ht_text base;
	uint64_t most;           /* datasets; 0: all */
	uint64_t *seen;          /* the places of the pages before, hashed */
	size_t pages, empty;
	uint64_t count;          /* datasets that were printed */
	int64_t unreadable;
	bool more;               /* there is more than was printed */
	char page[HT_LINK_QUERY_MAX];
	size_t page_len;         /* 0: the first, or no more */
};

static bool take_next(struct crawl *k)
{
	struct ht_text next = ht_json_text(ht_json_member(k->c->json, "next"));

	if (next.len > sizeof k->page)
		return false;
	k->page_len = next.len;
	if (next.len)
		memcpy(k->page, next.at, next.len);
	return true;
}

/* The elements of the page that are to be printed: "[...]". */
static struct ht_text take_datasets(struct crawl *k)
{
	struct ht_text list = ht_json_span(k->c->text, "datasets"), one;
	size_t at = 0, n = 0;
	uint64_t before = k->count;
	struct ht_out out;

	ht_out_init(&out, k->c->arena);
	while (ht_json_element(list, &at, &one)) {
		n++;
		k->more = k->most && k->count == k->most;
		if (k->more)
			break;
		ht_out_char(&out, k->count == before ? '[' : ',');
		ht_out_text(&out, one);
		k->count++;
	}
	k->empty = n ? 0 : k->empty + 1;
	if (k->count == before)
		return HT_TEXT("[]");
	ht_out_char(&out, ']');
	return ht_out_done(&out);
}

static void put_member(struct ht_out *out, const struct ht_client *c, const char *name)
{
	ht_out_format(out, "\"%s\":", name);
	ht_out_text(out, ht_json_span(c->text, name));
	ht_out_char(out, ',');
}

static void print_json(struct crawl *k, struct ht_text list, bool any)
{
	struct ht_client *c = k->c;
	struct ht_out out;

	ht_out_init(&out, c->arena);
	if (k->pages == 0) {
		ht_out_char(&out, '{');
		put_member(&out, c, "base");
		put_member(&out, c, "peer");
		ht_out_z(&out, "\"datasets\":[");
	}
	if (any && list.len > 2)
		ht_out_char(&out, ',');
	ht_out_text(&out, (struct ht_text){ list.at + 1, list.len - 2 });
	c->said = true;
	ht_client_print(ht_out_done(&out));
}

static void print_table(struct crawl *k, struct ht_text list)
{
	struct ht_client *c = k->c;
	struct ht_refusal why;
	struct ht_json *rows = ht_json_read(ht_text_bytes(list), &ht_json_large, &why);
	struct ht_out out;

	ht_out_init(&out, c->arena);
	if (k->pages == 0) {
		ht_out_format(&out, "%s  ", ht_table_head(HT_TEXT("peer"), c->lang));
		ht_out_text(&out, ht_table_cell(c->arena, ht_json_member(c->json, "peer"), c->lang));
		ht_out_z(&out, "\n\n");
	}
	ht_table_rows(&k->table, list, rows, c->lang, &out);
	ht_json_free(rows);
	ht_client_print(ht_out_done(&out));
}

/* One line that is written over, on a terminal that does not show the datasets themselves. */
static void progress(const struct crawl *k, bool last)
{
	if (!isatty(STDERR_FILENO) || isatty(STDOUT_FILENO) || (k->pages < 2 && (last || !k->page_len)))
		return;
	fprintf(stderr, HT_PICK(k->c->lang, "%zu pages, %llu datasets%c", "%zu 页,%llu 个数据集%c"), k->pages, (unsigned long long)k->count,
		last ? '\n' : '\r');
	fflush(stderr);
}

/* Whether to go on. *status: what is wrong with the provider. */
static bool goes_on(struct crawl *k, int *status)
{
	uint64_t place = ht_hash((struct ht_bytes){ (const uint8_t *)k->page, k->page_len });
	struct ht_client *c = k->c;
	bool again = false;

	if (!k->page_len || k->more)
		return false;
	for (size_t i = 0; i + 1 < k->pages && !again; i++)
		again = k->seen[i] == place;
	k->seen[k->pages - 1] = place;
	if (again)
		*status = ht_client_wrong(
			c, HT_EXIT_REFUSED, "peer_answer",
			HT_PICK(c->lang,
				"the catalog goes round in a circle: page %zu leads back to one before; --most N takes the first N",
				"目录循环:第 %zu 页指回已读过的页;可用 --most N 只取前 N 个"),
			k->pages);
	else if (k->empty == EMPTY_MAX || k->pages == PAGES_MAX)
		*status = ht_client_wrong(
			c, HT_EXIT_REFUSED, "peer_answer",
			HT_PICK(c->lang,
				"the catalog does not end: %zu pages, %llu datasets, and still a next page; --most N takes the first N",
				"目录没有尽头:已读 %zu 页、%llu 个数据集,仍有下一页;可用 --most N 只取前 N 个"),
			k->pages, (unsigned long long)k->count);
	return !*status;
}

static int take_page(struct crawl *k)
{
	struct ht_client *c = k->c;
	const struct ht_pair pairs[] = { { "base", k->base }, { "page", { k->page, k->page_len } } };
	int status = ht_client_call(c, "GET", ht_trade_query(c, "/catalog", pairs, k->page_len ? 2 : 1), HT_TEXT(""));
	int64_t unreadable = 0;
	bool any = k->count > 0;
	struct ht_text list;

	if (status)
		return status;
	list = take_datasets(k);
	if (c->line->json)
		print_json(k, list, any);
	else
		print_table(k, list);
	ht_json_int(ht_json_member(c->json, "unreadable"), &unreadable);
	k->unreadable += unreadable;
	k->pages++;
	if (!take_next(k))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "answer", "next: %zu", ht_json_text(ht_json_member(c->json, "next")).len);
	k->more = k->more || (k->page_len && k->most && k->count == k->most);
	progress(k, false);
	return HT_EXIT_DONE;
}

/* How many were shown, and whether --most left some out. */
static void say_count(const struct crawl *k)
{
	struct ht_client *c = k->c;
	unsigned long long n = k->count;

	if (k->more)
		ht_client_say(c,
			      HT_PICK(c->lang, "the first %llu datasets; there are more than --most lets through",
				      "前 %llu 个数据集;其余被 --most 略去"),
			      n);
	else
		ht_client_say(
			c, n == 1 ? HT_PICK(c->lang, "%llu dataset", "%llu 个数据集") : HT_PICK(c->lang, "%llu datasets", "%llu 个数据集"),
			n);
}

static void print_end(const struct crawl *k)
{
	struct ht_client *c = k->c;

	progress(k, true);
	if (c->line->json) {
		ht_client_print(ht_text_format(c->arena, "],\"more\":%s,\"unreadable\":%lld}\n", k->more ? "true" : "false",
					       (long long)k->unreadable));
		return;
	}
	if (k->unreadable)
		ht_client_say(c, HT_PICK(c->lang, "%lld datasets cannot be read and are left out", "%lld 个数据集无法读取,已略去"),
			      (long long)k->unreadable);
	say_count(k);
}

int ht_trade_catalog(const struct ht_line *line)
{
	struct ht_client c;
	struct crawl k = { .c = &c,
			   .table = { .columns = "id title format size offers sha256" },
			   .base = ht_text_of(line->args[0]),
			   .most = line->values[HT_CATALOG_MOST].number };
	struct ht_arena room;
	int status = ht_client_init(&c, line);

	c.who = "consumer";
	k.seen = HT_TAKE(line->arena, uint64_t, PAGES_MAX);
	room = *line->arena;
	do {
		*line->arena = room; /* what is printed takes no memory */
		if (!status)
			status = take_page(&k);
	} while (!status && goes_on(&k, &status));
	if (!status)
		print_end(&k);
	ht_client_fini(&c);
	return status;
}
