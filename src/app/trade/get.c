/* app/trade/get.c - a product from its catalog entry to a checked file, and the file of a transfer that is there: one step after the other,
 * each said as it happens. */
#include <string.h>

#include "app/trade/by_id.h"
#include "app/trade/fetch.h"
#include "app/trade/negotiate.h"
#include "app/trade/pages.h"
#include "app/trade/trade.h"
#include "app/trade/verbs.h"
#include "base/count.h"
#include "core/market/lifecycle.h"
#include "model/names.h"
#include "os/os.h"
#include "wire/dsp.h"

enum { PAGE = 1000, ID_MAX = 1024 };

static const struct ht_setting_value *setting(const struct ht_fetch *f, size_t i)
{
	return &f->client.line->values[i];
}

/* With --agreement its terms count, whatever the catalog shows by now. */
static int ask_catalog(struct ht_fetch *f)
{
	int status = ht_fetch_describe(f, setting(f, HT_GET_AGREEMENT)->set);

	if (status || !ht_text_is(setting(f, HT_GET_FORMAT)->text, HT_DSP_PUSH) || !f->offers_count || f->pushes)
		return status;
	return ht_client_wrong(&f->client, HT_EXIT_REFUSED, "format",
			       HT_PICK(f->client.lang,
				       "the provider does not offer to push " HT_TEXT_FMT "; without --format it is fetched",
				       "提供方不支持推送 " HT_TEXT_FMT ";省略 --format 即可主动下载"),
			       HT_TEXT_ARG(f->product));
}

/* Whether an agreement is about what the catalog describes: it took an offer that is still shown. Where no content is described, any is. */
static bool is_current(const struct ht_fetch *f, const struct ht_json *agreement)
{
	return ht_fetch_is_shown(f, ht_json_text(ht_json_member(agreement, "offer"))) || !f->has_hash;
}

/* The agreement of --agreement. */
static int take_given(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text product, base;
	int status = ht_by_id_find(c, "agreements", setting(f, HT_GET_AGREEMENT)->text, &f->agreement);

	if (!status)
		status = ht_client_call(c, "GET", ht_client_path(c, "agreements", f->agreement, ""), HT_TEXT(""));
	if (status)
		return status;
	product = ht_client_text(c, "product");
	base = ht_client_text(c, "base");
	if (!ht_text_same(product, f->product) || !ht_text_same(base, ht_text_no_slash(f->base)))
		return ht_client_wrong(c, HT_EXIT_USAGE, "usage",
				       HT_PICK(c->lang, "agreement " HT_TEXT_FMT " is on " HT_TEXT_FMT " of " HT_TEXT_FMT,
					       "协议 " HT_TEXT_FMT " 针对的是 " HT_TEXT_FMT ",提供方 " HT_TEXT_FMT),
				       HT_TEXT_ARG(f->agreement), HT_TEXT_ARG(product), HT_TEXT_ARG(base));
	f->current = is_current(f, c->json);
	f->peer = ht_client_text(c, "peer");
	return HT_EXIT_DONE;
}

/* An agreement that is valid and current; that there is only another one is said. */
static int look_for_one(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_pair which[] = { { "base", f->base }, { "product", f->product } };
	const struct ht_json *agreements, *other;
	int status = ht_client_call(c, "GET", ht_trade_query(c, "/agreements", which, HT_COUNT(which)), HT_TEXT(""));
	struct ht_text id;

	if (status)
		return status;
	agreements = ht_json_member(c->json, "agreements");
	other = ht_json_at(agreements, 0);
	for (size_t i = 0; i < ht_json_count(agreements) && !f->current; i++) {
		f->current = is_current(f, ht_json_at(agreements, i));
		if (f->current)
			f->agreement = ht_text_copy(c->arena, ht_json_text(ht_json_member(ht_json_at(agreements, i), "id")));
	}
	id = ht_json_text(ht_json_member(other, "id"));
	if (!f->current && id.len)
		ht_client_say(c,
			      HT_PICK(c->lang, "agreement " HT_TEXT_FMT " is valid too; --agreement uses it",
				      "协议 " HT_TEXT_FMT " 同样有效;--agreement 可使用该协议"),
			      HT_TEXT_ARG(id));
	return HT_EXIT_DONE;
}

/* A word that is no state, or none at all when the node did not answer, is no end. */
static bool is_final(enum ht_machine machine, struct ht_text word)
{
	enum ht_state state = ht_state_of(word);

	return state != HT_STATE_COUNT && ht_state_final(machine, state);
}

/* The newest negotiation with the provider on the product that is not over. One that is not sent any more does not count. */
struct open {
	const struct ht_fetch *fetch;
	char id[ID_MAX];
	size_t len;
};

static int keep_open(struct ht_client *c, void *mine)
{
	struct open *open = mine;
	const struct ht_json *list = ht_json_member(c->json, "negotiations");

	for (size_t i = 0; i < ht_json_count(list); i++) {
		const struct ht_json *one = ht_json_at(list, i);
		struct ht_text id = ht_json_text(ht_json_member(one, "id"));

		if (!ht_text_same(ht_json_text(ht_json_member(one, "product")), open->fetch->product) ||
		    !ht_text_same(ht_json_text(ht_json_member(one, "peer")), open->fetch->peer) ||
		    !ht_text_is(ht_json_text(ht_json_member(one, "role")), ht_role_word(HT_CONSUMER)) || id.len > sizeof open->id ||
		    ht_json_bool(ht_json_member(one, "stalled"), false) ||
		    is_final(HT_NEGOTIATION, ht_json_text(ht_json_member(one, "state"))))
			continue;
		memcpy(open->id, id.at, id.len);
		open->len = id.len;
	}
	return HT_EXIT_DONE;
}

/* Waits for the negotiation that is open, so that there are not two. */
static int wait_for_open(struct ht_client *c, struct ht_text id)
{
	int status = ht_client_call(c, "GET", ht_client_path(c, "negotiations", id, ""), HT_TEXT(""));

	if (status)
		return status;
	ht_client_say(c,
		      HT_PICK(c->lang, "negotiation " HT_TEXT_FMT " on it is open already: it is waited for; --new begins another",
			      "已有未了结的协商 " HT_TEXT_FMT ":等待其结果;--new 可另行协商"),
		      HT_TEXT_ARG(id));
	return ht_client_wait(c, "negotiations", ht_state_word(HT_FINALIZED));
}

/* A new agreement on the first offer of the catalog, when its terms will do. */
static int agree_anew(struct ht_fetch *f)
{
	static const struct ht_pages negotiations = { .path = "/negotiations", .most = PAGE };
	struct ht_client *c = &f->client;
	const struct ht_deal deal = { .base = f->base, .product = f->product, .offer = f->offer };
	struct open open = { .fetch = f };
	int status = setting(f, HT_GET_NEW)->number ? HT_EXIT_DONE : ht_pages_walk(c, &negotiations, keep_open, &open);

	if (!status && open.len)
		return wait_for_open(c, ht_text_copy(c->arena, (struct ht_text){ open.id, open.len }));
	if (!status)
		status = ht_trade_ask(c, &deal, setting(f, HT_GET_YES)->number);
	if (status)
		return status;
	ht_client_say(c, HT_PICK(c->lang, "negotiating", "协商中"));
	return ht_trade_begin(c, &deal, true);
}

/* The one that is given, or a valid one again, else a new one. */
static int find_agreement(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	bool given = setting(f, HT_GET_AGREEMENT)->set;
	int status = HT_EXIT_DONE;

	if (given)
		status = take_given(f);
	else if (!setting(f, HT_GET_NEW)->number)
		status = look_for_one(f);
	if (status)
		return status;
	if (f->agreement.len) {
		ht_client_say(c,
			      given ? HT_PICK(c->lang, "agreement: " HT_TEXT_FMT, "协议:" HT_TEXT_FMT) :
				      HT_PICK(c->lang, "agreement: " HT_TEXT_FMT " (again)", "协议:" HT_TEXT_FMT "(沿用)"),
			      HT_TEXT_ARG(f->agreement));
		return HT_EXIT_DONE;
	}
	status = agree_anew(f);
	if (status)
		return status;
	f->current = true;
	f->agreement = ht_client_text(c, "agreement");
	ht_client_say(c, HT_PICK(c->lang, "agreement: " HT_TEXT_FMT, "协议:" HT_TEXT_FMT), HT_TEXT_ARG(f->agreement));
	return HT_EXIT_DONE;
}

static int start_transfer(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text format = setting(f, HT_GET_FORMAT)->text;
	struct ht_pair pairs[] = { { "agreement", f->agreement }, { "format", format } };
	bool push = ht_text_is(format, HT_DSP_PUSH);
	int status = ht_trade_post(c, HT_TEXT("/transfers"), pairs, HT_COUNT(pairs));

	f->transfer = ht_client_text(c, "id");
	if (!status)
		status = push ? ht_client_wait_pushed(c) : ht_client_wait(c, "transfers", ht_state_word(HT_STARTED));
	/* A user who stops waiting can come back to it; one that is over needs no end. */
	f->running = f->transfer.len && !atomic_load(c->stop) && !is_final(HT_TRANSFER, ht_client_text(c, "state"));
	if (status)
		return status;
	if (push)
		ht_fetch_pushed(f);
	else
		ht_fetch_served(f);
	ht_client_say(c, HT_PICK(c->lang, "transfer: " HT_TEXT_FMT, "传输:" HT_TEXT_FMT), HT_TEXT_ARG(f->transfer));
	return HT_EXIT_DONE;
}

/* Ends a transfer that did not bring the data, as well as it goes; what is wrong has been said. It may be over already. */
static void give_up(struct ht_fetch *f, int status)
{
	static const char *const reasons[] = {
		[HT_EXIT_DONE] = "", [HT_EXIT_REFUSED] = "the data could not be fetched", [HT_EXIT_USAGE] = "",
		[HT_EXIT_ENVIRONMENT] = "the download was interrupted", [HT_EXIT_UNVERIFIED] = "the bytes are not those that were described",
	};
	struct ht_client *c = &f->client;
	struct ht_json_out body;

	c->stop = NULL;
	c->may_be_late = true;
	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put_z(&body, "reason", reasons[status]);
	ht_json_close(&body, '}');
	ht_client_call(c, "POST", ht_client_path(c, "transfers", f->transfer, "/terminate"), ht_json_end(&body));
}

/* What ends every fetch: the one document, and what is to be closed. */
static int end(struct ht_fetch *f, int status, struct ht_text sidecar)
{
	struct ht_client *c = &f->client;

	if (status && c->line->json) /* a process that did not come to its end is the answer */
		ht_client_print_answer(c, HT_TEXT(""));
	if (f->running)
		give_up(f, status);
	if (!status && c->line->json) {
		ht_client_print(sidecar);
		ht_client_print(HT_TEXT("\n"));
	}
	ht_disk_close(&f->disk);
	ht_client_fini(c);
	return status;
}

static int check_settings(struct ht_fetch *f)
{
	if (setting(f, HT_GET_AGREEMENT)->set && setting(f, HT_GET_NEW)->number)
		return ht_client_usage(&f->client, "--agreement",
				       HT_PICK(f->client.lang, "uses one that is there, --new makes another: only one of them can be",
					       "使用已有协议,--new 则重新协商,只能用其一"));
	return ht_trade_format(&f->client, &setting(f, HT_GET_FORMAT)->text);
}

int ht_trade_get(const struct ht_line *line)
{
	static int (*const steps[])(struct ht_fetch * f) = { check_settings, ht_fetch_target, ht_fetch_self,
							     ask_catalog,    find_agreement,  start_transfer };
	struct ht_fetch f = { .base = ht_text_of(line->args[0]), .product = ht_text_of(line->args[1]) };
	struct ht_text sidecar = HT_TEXT("");
	int status = ht_client_init(&f.client, line);

	f.client.who = ht_role_word(HT_CONSUMER);
	ht_client_stoppable(&f.client);
	for (size_t i = 0; i < HT_COUNT(steps) && !status; i++)
		status = steps[i](&f);
	if (!status)
		status = ht_fetch_receive(&f, &sidecar);
	return end(&f, status, sidecar);
}

/* The transfer in the last answer, when there are bytes of it for us. */
static int take_transfer(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	enum ht_state state = ht_state_of(ht_client_text(c, "state"));
	bool push = ht_text_is(ht_client_text(c, "format"), HT_DSP_PUSH);
	bool there = push ? state != HT_TERMINATED && ht_json_is_object(ht_json_member(c->json, "pushed")) : state == HT_STARTED;
	struct ht_out next;

	f->transfer = ht_client_text(c, "id");
	f->agreement = ht_client_text(c, "agreement");
	f->product = ht_client_text(c, "product");
	f->over = state == HT_COMPLETED;
	if (!ht_text_is(ht_client_text(c, "role"), ht_role_word(HT_CONSUMER)))
		return ht_client_wrong(c, HT_EXIT_REFUSED, ht_refuse_word(HT_REFUSE_ROLE),
				       HT_PICK(c->lang, "refused: only the consumer gets the data of a transfer (role)",
					       "被拒绝:只有消费方可取得传输的数据(role)"));
	ht_out_init(&next, c->arena);
	ht_verbs_next("transfers", c->json, "; ", c->lang, &next);
	if (!there)
		return ht_client_wrong(c, HT_EXIT_REFUSED, ht_refuse_word(HT_REFUSE_STATE),
				       HT_PICK(c->lang, "refused: there are no data of it (state). It is a transfer %s: %s",
					       "被拒绝:没有可取得的数据(state)。当前为传输 %s:%s"),
				       ht_state_word(state), ht_text_z(c->arena, ht_out_done(&next)));
	if (push)
		ht_fetch_pushed(f);
	else
		ht_fetch_served(f);
	return HT_EXIT_DONE;
}

/* Where it comes from, and whether the catalog describes what was agreed on. */
static int describe(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text offer, peer;
	int status = ht_client_call(c, "GET", ht_client_path(c, "agreements", f->agreement, ""), HT_TEXT(""));

	if (status)
		return status;
	f->base = ht_client_text(c, "base");
	offer = ht_client_text(c, "offer");
	peer = ht_client_text(c, "peer");
	status = ht_fetch_describe(f, true);
	f->current = ht_fetch_is_shown(f, offer);
	f->peer = peer;
	return status;
}

/* The transfer is not ended when this fails: it was begun by hand. */
int ht_trade_fetch(const struct ht_line *line)
{
	struct ht_fetch f = { 0 };
	struct ht_text sidecar = HT_TEXT("");
	int status = ht_client_init(&f.client, line);

	f.client.who = ht_role_word(HT_CONSUMER);
	ht_client_stoppable(&f.client);
	if (!status)
		status = ht_fetch_self(&f);
	if (!status)
		status = ht_by_id(&f.client, line->command->of, ht_by_id_get);
	if (!status)
		status = take_transfer(&f);
	if (!status)
		status = ht_fetch_target(&f);
	if (!status)
		status = describe(&f);
	if (!status)
		status = ht_fetch_receive(&f, &sidecar);
	return end(&f, status, sidecar);
}
