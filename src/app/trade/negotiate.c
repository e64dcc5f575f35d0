/* app/trade/negotiate.c - how a negotiation begins, and a transfer under its agreement. */
#include "app/trade/negotiate.h"

#include "app/trade/by_id.h"
#include "app/trade/consent.h"
#include "app/trade/pages.h"
#include "app/trade/policy_file.h"
#include "app/trade/trade.h"
#include "app/trade/verbs.h"
#include "base/count.h"
#include "model/names.h"
#include "wire/dsp.h"

int ht_trade_format(struct ht_client *c, const struct ht_text *format)
{
	if (!format->len || ht_text_is(*format, HT_DSP_PULL) || ht_text_is(*format, HT_DSP_PUSH))
		return HT_EXIT_DONE;
	return ht_client_usage(c, "--format",
			       HT_PICK(c->lang, "is none that we can take; allowed: " HT_DSP_PULL ", " HT_DSP_PUSH,
				       "不是可接收的格式;允许:" HT_DSP_PULL "、" HT_DSP_PUSH));
}

int ht_trade_post(struct ht_client *c, struct ht_text path, const struct ht_pair *pairs, size_t n)
{
	struct ht_json_out body;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	for (size_t i = 0; i < n; i++)
		ht_json_put(&body, pairs[i].name, pairs[i].value);
	ht_json_close(&body, '}');
	return ht_client_call(c, "POST", path, ht_json_end(&body));
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

int ht_trade_begin(struct ht_client *c, const struct ht_deal *deal, bool wait)
{
	struct ht_json_out body;
	int status;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "base", deal->base);
	ht_json_put(&body, "product", deal->product);
	if (deal->offer.len)
		ht_json_put_raw(&body, "offer", deal->offer);
	if (deal->policy.len)
		ht_json_put_raw(&body, "policy", deal->policy);
	if (deal->manual)
		ht_json_put_bool(&body, "manual", true);
	ht_json_close(&body, '}');
	status = ht_client_call(c, "POST", HT_TEXT("/negotiations"), ht_json_end(&body));
	return status || !wait ? status : ht_client_wait(c, "negotiations", "FINALIZED");
}

struct ht_text ht_trade_offer(struct ht_client *c, struct ht_text product, struct ht_text id)
{
	struct ht_text offers = ht_json_span(c->text, "datasets/0/offers"), one;
	const struct ht_json *dataset = ht_json_at(ht_json_member(c->json, "datasets"), 0), *list = ht_json_member(dataset, "offers");
	size_t at = 0;

	if (!ht_text_same(ht_json_text(ht_json_member(dataset, "id")), product))
		return HT_TEXT("");
	for (size_t i = 0; ht_json_element(offers, &at, &one); i++) {
		if (!id.len || ht_text_same(ht_json_text(ht_json_member(ht_json_at(list, i), "@id")), id))
			return ht_text_copy(c->arena, one);
	}
	return HT_TEXT("");
}

int ht_trade_ask(struct ht_client *c, const struct ht_deal *deal, bool yes)
{
	if (deal->offer.len)
		return ht_consent(c, deal->policy.len ? deal->policy : deal->offer, yes);
	return ht_client_wrong(c, HT_EXIT_REFUSED, "not_found",
			       HT_PICK(c->lang,
				       "the catalog has no such offer of " HT_TEXT_FMT " for you; hutong catalog shows what there is",
				       "目录中没有向您提供的 " HT_TEXT_FMT " 的此要约;可用 hutong catalog 查看"),
			       HT_TEXT_ARG(deal->product));
}

/* As consumer: the offer of the catalog. */
static int agree_on_offer(struct ht_client *c, struct ht_deal *deal)
{
	struct ht_pair which[] = { { "base", deal->base }, { "product", deal->product } };
	int status = ht_client_call(c, "GET", ht_trade_query(c, "/catalog", which, HT_COUNT(which)), HT_TEXT(""));

	if (!status)
		deal->offer = ht_trade_offer(c, deal->product, c->line->values[HT_NEGOTIATE_OFFER].text);
	return status ? status : ht_trade_ask(c, deal, c->line->values[HT_NEGOTIATE_YES].number);
}

enum { PAGE = 1000, POLICY_ROOM = 16 << 20 };

/* The newest version of a product of ours; a page's memory does not outlive it, so the policy lies in an arena of its own. */
struct own {
	struct ht_text product;
	int64_t version; /* 0: none was found */
	struct ht_arena arena;
	struct ht_text policy;
};

static int keep_newest(struct ht_client *c, void *mine)
{
	struct own *own = mine;
	const struct ht_json *list = ht_json_member(c->json, "products");
	struct ht_text text = ht_json_span(c->text, "products"), one;
	size_t at = 0;

	for (size_t i = 0; ht_json_element(text, &at, &one); i++) {
		const struct ht_json *product = ht_json_at(list, i);
		int64_t version = 0;

		ht_json_int(ht_json_member(product, "version"), &version);
		if (!ht_text_same(ht_json_text(ht_json_member(product, "id")), own->product) || version <= own->version)
			continue;
		own->version = version;
		ht_arena_reset(&own->arena);
		own->policy = ht_text_copy(&own->arena, ht_json_span(one, "policy"));
	}
	return HT_EXIT_DONE;
}

/* As provider: the terms of the product, which the offer has when no others are given. */
static int agree_on_own(struct ht_client *c, const struct ht_deal *deal)
{
	const struct ht_pages products = { .path = "/products", .most = PAGE };
	struct own own = { .product = deal->product };
	struct ht_text terms;
	int status;

	if (c->line->values[HT_NEGOTIATE_OFFER].set)
		return ht_client_usage(c, "--offer",
				       HT_PICK(c->lang, "names an offer of a provider's catalog; you are the provider",
					       "指定提供方目录中的要约;您是提供方"));
	ht_arena_init(&own.arena, POLICY_ROOM);
	status = ht_pages_walk(c, &products, keep_newest, &own);
	terms = ht_text_copy(c->arena, own.policy);
	ht_arena_fini(&own.arena);
	if (status)
		return status;
	if (own.version)
		return ht_consent(c, deal->policy.len ? deal->policy : terms, c->line->values[HT_NEGOTIATE_YES].number);
	return ht_client_wrong(c, HT_EXIT_REFUSED, "not_found",
			       HT_PICK(c->lang, HT_TEXT_FMT " is no product of yours; hutong product ls shows them",
				       HT_TEXT_FMT " 不是您的产品;可用 hutong product ls 查看"),
			       HT_TEXT_ARG(deal->product));
}

/* One's own base is often given instead of the other side's. */
static int check_base(struct ht_client *c, const struct ht_deal *deal)
{
	struct ht_text url = ht_client_text(c, "publicUrl"), party = ht_client_text(c, "party"), base = ht_text_no_slash(deal->base);

	if (!party.len || !ht_text_same(base, ht_text_format(c->arena, HT_TEXT_FMT "/p/" HT_TEXT_FMT "/dsp/2025-1",
							     HT_TEXT_ARG(url), HT_TEXT_ARG(party))))
		return HT_EXIT_DONE;
	return ht_client_usage(c, "BASE",
			       HT_PICK(c->lang, "is the base of your own party; it should be that of the other side",
				       "是您自己的地址;应为对方的地址"));
}

/* Finds the terms, shows them, and asks. */
static int agree_on(struct ht_client *c, struct ht_deal *deal)
{
	int status = ht_policy_file(c, &c->line->values[HT_NEGOTIATE_POLICY], &deal->policy);

	if (!status)
		status = ht_client_call(c, "GET", HT_TEXT("/self"), HT_TEXT(""));
	if (!status)
		status = check_base(c, deal);
	if (status)
		return status;
	return ht_text_is(ht_client_text(c, "role"), "provider") ? agree_on_own(c, deal) : agree_on_offer(c, deal);
}

int ht_trade_negotiate(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_deal deal = { .base = ht_text_of(line->args[0]), .product = line->values[HT_NEGOTIATE_PRODUCT].text,
				.manual = line->values[HT_NEGOTIATE_MANUAL].number };
	int status = ht_client_init(&c, line);

	c.who = HT_PICK(line->lang, "consumer or provider", "consumer 或 provider");
	ht_client_stoppable(&c);
	if (!status)
		status = agree_on(&c, &deal);
	if (!status) {
		status = ht_trade_begin(&c, &deal, line->values[HT_NEGOTIATE_WAIT].number);
		if (status == HT_EXIT_REFUSED && deal.manual && ht_json_bool(ht_json_member(c.json, "person"), false))
			status = HT_EXIT_DONE; /* it has come to where its person was wanted */
		if (ht_client_text(&c, "id").len) /* the negotiation is there, whatever became of it */
			ht_verbs_print(&c, "negotiations");
	}
	ht_client_fini(&c);
	return status;
}

static int request(struct ht_client *c, struct ht_text agreement)
{
	const struct ht_line *line = c->line;
	struct ht_json_out body;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "agreement", agreement);
	ht_json_put_some(&body, "format", line->values[HT_REQUEST_FORMAT].text);
	if (line->values[HT_REQUEST_MANUAL].number)
		ht_json_put_bool(&body, "manual", true);
	ht_json_close(&body, '}');
	return ht_client_call(c, "POST", HT_TEXT("/transfers"), ht_json_end(&body));
}

int ht_trade_request(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_text agreement;
	int status = ht_client_init(&c, line);

	c.who = ht_role_word(HT_CONSUMER);
	ht_client_stoppable(&c);
	if (!status)
		status = ht_trade_format(&c, &line->values[HT_REQUEST_FORMAT].text);
	if (!status)
		status = ht_by_id_find(&c, "agreements", ht_text_of(line->args[0]), &agreement);
	if (!status)
		status = request(&c, agreement);
	if (!status) {
		if (line->values[HT_REQUEST_WAIT].number)
			status = ht_client_wait(&c, line->command->of, "STARTED COMPLETED");
		if (ht_client_text(&c, "id").len) /* the transfer is there, whatever became of it */
			ht_verbs_print(&c, line->command->of);
	}
	ht_client_fini(&c);
	return status;
}
