/* app/trade/lists.c - ls, show and retry of what the API lists. */
#include "app/trade/by_id.h"
#include "app/trade/pages.h"
#include "app/trade/table.h"
#include "app/trade/trade.h"
#include "app/trade/verbs.h"
#include "base/count.h"

enum { PAGE = 1000 };

/* What a table of each list shows; `show` and --json give all. */
static const struct {
	const char *of, *columns;
	bool operators; /* also without a server */
} lists[] = {
	{ "parties", "id name did", true },
	{ "tokens", "id role party made revoked", true },
	{ "products", "id version file size published title policy", false },
	{ "negotiations", "id state role manual person product peer changed reason", false },
	{ "agreements", "id state role product peer made policy", false },
	{ "transfers", "id state role manual person product peer changed reason", false },
	{ "letters", "id message attempts due dead reason", false },
};

static size_t find(const char *of)
{
	size_t i = 0;

	while (i + 1 < HT_COUNT(lists) && !ht_text_is(ht_text_of(of), lists[i].of))
		i++;
	return i;
}

struct list {
	struct ht_client client;
	struct ht_table table;
};

static void show_rows(struct ht_client *c, const struct ht_json *rows)
{
	struct list *l = HT_CONTAINER(c, struct list, client);
	struct ht_out out;

	ht_out_init(&out, c->arena);
	ht_table_rows(&l->table, ht_json_span(c->text, c->line->command->of), rows, c->lang, &out);
	ht_client_print(ht_out_done(&out));
}

int ht_trade_list(const struct ht_line *line)
{
	const char *of = line->command->of;
	struct ht_pages pages = { .path = ht_text_z(line->arena, ht_text_format(line->arena, "/%s", of)), .most = PAGE };
	struct ht_printer to = { .member = of, .show = show_rows };
	struct list l = { .table = { .columns = lists[find(of)].columns } };
	struct ht_client *c = &l.client;
	int status = lists[find(of)].operators ? ht_client_init_operator(c, line) : ht_client_init(c, line);

	if (!status)
		status = ht_pages_print(c, &pages, &to);
	if (!status)
		ht_pages_end(&to);
	if (!status && !line->json && !l.table.count)
		ht_client_say(c, HT_PICK(c->lang, "there are none", "没有条目"));
	ht_client_fini(c);
	return status;
}

static void print_thing(struct ht_client *c)
{
	struct ht_out out;
	size_t before;

	ht_out_init(&out, c->arena);
	ht_table_thing(c->text, c->json, c->lang, &out);
	before = out.len;
	ht_verbs_next(c->line->command->of, c->json, "\n  ", c->lang, &out);
	ht_out_z(&out, out.len > before ? "\n" : "");
	if (c->line->json)
		ht_client_print_answer(c, HT_TEXT(""));
	else
		ht_client_print(ht_out_done(&out));
}

int ht_trade_show(const struct ht_line *line)
{
	struct ht_client c;
	int status = ht_client_init(&c, line);

	if (!status)
		status = ht_by_id(&c, line->command->of, ht_by_id_get);
	if (!status)
		print_thing(&c);
	ht_client_fini(&c);
	return status;
}

/* "ID STATE" of the process in the last answer. */
static void print_state(struct ht_client *c)
{
	struct ht_arena *a = c->arena;
	struct ht_text id = ht_table_cell(a, ht_json_member(c->json, "id"), c->lang),
		       state = ht_table_cell(a, ht_json_member(c->json, "state"), c->lang);

	ht_client_print_answer(c, ht_text_format(a, HT_TEXT_FMT "  " HT_TEXT_FMT, HT_TEXT_ARG(id), HT_TEXT_ARG(state)));
}

static int retry(struct ht_client *c, struct ht_text id)
{
	return ht_client_call(c, "POST", ht_client_path(c, c->line->command->of, id, "/retry"), HT_TEXT(""));
}

int ht_trade_retry(const struct ht_line *line)
{
	struct ht_client c;
	int status = ht_client_init(&c, line);

	if (!status)
		status = ht_by_id(&c, line->command->of, retry);
	if (!status)
		print_state(&c);
	ht_client_fini(&c);
	return status;
}
