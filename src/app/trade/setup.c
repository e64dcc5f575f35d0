/* app/trade/setup.c - parties and tokens of the node. */
#include "app/trade/client.h"
#include "app/trade/plain.h"
#include "app/trade/trade.h"

static int post(struct ht_client *c, const char *path, const struct ht_json_out *body)
{
	return ht_client_call(c, "POST", ht_text_of(path), ht_json_end(body));
}

int ht_trade_party_add(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_json_out body;
	int status = ht_client_init_operator(&c, line);

	ht_json_begin(&body, line->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put_z(&body, "id", line->args[0]);
	ht_json_put(&body, "name", line->values[HT_PARTY_NAME].text);
	ht_json_close(&body, '}');
	if (!status)
		status = post(&c, "/parties", &body);
	if (!status)
		ht_client_print_answer(&c, ht_plain(line->arena, ht_client_text(&c, "did")));
	ht_client_fini(&c);
	return status;
}

int ht_trade_token_new(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_json_out body;
	int status = ht_client_init_operator(&c, line);

	ht_json_begin(&body, line->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "role", line->values[HT_TOKEN_ROLE].text);
	ht_json_put_some(&body, "party", line->values[HT_TOKEN_PARTY].text);
	ht_json_close(&body, '}');
	if (!status)
		status = post(&c, "/tokens", &body);
	if (!status)
		ht_client_print_answer(&c, ht_plain(line->arena, ht_client_text(&c, "token")));
	ht_client_fini(&c);
	return status;
}

int ht_trade_token_revoke(const struct ht_line *line)
{
	struct ht_client c;
	int status = ht_client_init_operator(&c, line);

	if (!status)
		status = ht_client_call(&c, "DELETE", ht_client_path(&c, "tokens", ht_text_of(line->args[0]), ""), HT_TEXT(""));
	if (!status && line->json)
		ht_client_print_answer(&c, HT_TEXT(""));
	else if (!status)
		ht_client_say(&c, HT_PICK(line->lang, "token %s revoked", "令牌 %s 已吊销"), line->args[0]);
	ht_client_fini(&c);
	return status;
}
