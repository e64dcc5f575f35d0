/* app/trade/negotiate.c - the catalog of a provider, and an agreement with it. */
#include "app/trade/negotiate.h"

#include "app/trade/plain.h"
#include "app/trade/table.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "base/time.h"

int ht_trade_post(struct ht_client *c, struct ht_text path, const struct ht_pair *pairs, size_t n, int wait_s)
{
	struct ht_json_out body;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	for (size_t i = 0; i < n; i++)
		ht_json_put(&body, pairs[i].name, pairs[i].value);
	if (wait_s)
		ht_json_put_int(&body, "wait", wait_s);
	ht_json_close(&body, '}');
	return ht_client_call_body(c, "POST", path, &(struct ht_client_body){
		.content_type = "application/json", .bytes = ht_text_bytes(ht_json_end(&body)), .timeout_us = (60 + wait_s) * HT_SECOND_US });
}

struct ht_text ht_trade_query(struct ht_client *c, const char *path, const struct ht_pair *pairs, size_t n)
{
	struct ht_out out;

	ht_out_init(&out, c->arena);
	ht_out_z(&out, path);
	for (size_t i = 0; i < n; i++) {
		struct ht_text value = ht_percent(c->arena, pairs[i].value);

		ht_out_format(&out, "%c%s=" HT_TEXT_FMT, i ? '&' : '?', pairs[i].name, HT_TEXT_ARG(value));
	}
	return ht_out_done(&out);
}

int ht_trade_begin(struct ht_client *c, struct ht_text base, struct ht_text product, bool wait)
{
	struct ht_pair pairs[] = { { "base", base }, { "product", product } };
	int status = ht_trade_post(c, HT_TEXT("/negotiations"), pairs, HT_COUNT(pairs), wait ? HT_WAIT_MAX_S : 0);

	return status || !wait ? status : ht_client_wait(c, "negotiations", "FINALIZED");
}

int ht_trade_negotiate(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_text id, state, agreement;
	int status = ht_client_init(&c, line);

	if (!status)
		status = ht_trade_begin(&c, ht_text_of(line->args[0]), line->values[HT_NEGOTIATE_PRODUCT].text,
					line->values[HT_NEGOTIATE_WAIT].number);
	id = ht_plain(line->arena, ht_client_text(&c, "id"));
	state = ht_plain(line->arena, ht_client_text(&c, "state"));
	agreement = ht_plain(line->arena, ht_client_text(&c, "agreement"));
	if (id.len) /* the negotiation is there, whatever became of it */
		ht_client_print_answer(&c, ht_text_format(line->arena, HT_TEXT_FMT "  " HT_TEXT_FMT "%s" HT_TEXT_FMT, HT_TEXT_ARG(id),
							  HT_TEXT_ARG(state), agreement.len ? "  " : "", HT_TEXT_ARG(agreement)));
	ht_client_fini(&c);
	return status;
}

int ht_trade_catalog(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_pair base = { "base", ht_text_of(line->args[0]) };
	struct ht_out out;
	int status = ht_client_init(&c, line);

	if (!status)
		status = ht_client_call(&c, "GET", ht_trade_query(&c, "/catalog", &base, 1), HT_TEXT(""));
	if (!status && line->json) {
		ht_client_print_answer(&c, HT_TEXT(""));
	} else if (!status) {
		ht_out_init(&out, line->arena);
		ht_out_format(&out, "%s  ", ht_table_head(HT_TEXT("peer"), line->lang));
		ht_out_text(&out, ht_table_cell(line->arena, ht_json_member(c.json, "peer"), line->lang));
		ht_out_z(&out, "\n\n");
		ht_table_rows(ht_json_span(c.text, "datasets"), ht_json_member(c.json, "datasets"), "id title format size offers sha256",
			      line->lang, &out);
		ht_client_print(ht_out_done(&out));
	}
	ht_client_fini(&c);
	return status;
}
