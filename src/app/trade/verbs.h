/* app/trade/verbs.h - role x verb: what a party may do by hand with a negotiation or a transfer. A row is a command of app/commands.c and
 * a call of the API, POST /LIST/ID/WORD; when it may be sent is the table of core/market/machine.c. */
#ifndef HT_APP_TRADE_VERBS_H
#define HT_APP_TRADE_VERBS_H

#include "app/trade/client.h"
#include "model/market.h"

/* What a command takes besides ID and --wait; its settings in app/commands.c have the same name. */
enum ht_verb_takes {
	HT_VERB_TAKES_nothing,
	HT_VERB_TAKES_terms,  /* --policy, or the product's own */
	HT_VERB_TAKES_other,  /* --policy, which must be given */
	HT_VERB_TAKES_reason, /* --reason */
	HT_VERB_TAKES_yes,    /* it binds: the last offer is shown, and asked for unless --yes is given */
	HT_VERB_TAKES_COUNT
};
enum { HT_VERB_WAIT, HT_VERB_OWN /* --policy, --reason or --yes */ };

/*        word         message    who                         takes    what it is, in a sentence and after "may" */
#define HT_VERBS_OF_NEGOTIATION(X)                                                                                                          \
	X("offer",     OFFER,     HT_PROVIDER,               terms,   "Offers terms to the consumer: those of the product, or others.",     \
	  "向消费方提出要约:产品的条款,或另行给出。",                "offer terms",           "提出要约")                                     \
	X("counter",   REQUEST,   HT_CONSUMER,               other,   "Asks for other terms than those of the last offer.",                 \
	  "就最近的要约提出其他条款。",                              "ask for other terms",   "提出其他条款")                                 \
	X("accept",    ACCEPT,    HT_CONSUMER,               yes,     "Accepts the last offer.",                                            \
	  "接受最近的要约。",                                        "accept the offer",      "接受要约")                                     \
	X("agree",     AGREE,     HT_PROVIDER,               yes,     "Makes the agreement on the terms that were asked for or accepted.",  \
	  "按所请求或已接受的条款订立协议。",                        "make the agreement",    "订立协议")                                     \
	X("verify",    VERIFY,    HT_CONSUMER,               nothing, "Confirms the agreement.",                                            \
	  "确认协议。",                                              "confirm the agreement", "确认协议")                                     \
	X("finalize",  FINALIZE,  HT_PROVIDER,               nothing, "Puts the agreement into force.",                                     \
	  "使协议生效。",                                            "put it into force",     "使协议生效")                                   \
	X("terminate", TERMINATE, HT_CONSUMER | HT_PROVIDER, reason,  "Ends a negotiation.",                                                \
	  "终止协商。",                                              "end it",                "终止")
#define HT_VERBS_OF_TRANSFER(X)                                                                                                             \
	X("start",     START,     HT_PROVIDER,               nothing, "Opens the data to the consumer.",                                    \
	  "向消费方开放数据。",                                      "open the data",         "开放数据")                                     \
	X("suspend",   SUSPEND,   HT_CONSUMER | HT_PROVIDER, reason,  "Holds a transfer for a while.",                                      \
	  "暂停传输。",                                              "hold it",               "暂停")                                         \
	X("resume",    START,     HT_CONSUMER | HT_PROVIDER, nothing, "Goes on with a transfer that is held.",                              \
	  "恢复已暂停的传输。",                                      "go on",                 "恢复")                                         \
	X("complete",  COMPLETE,  HT_CONSUMER | HT_PROVIDER, nothing, "Says that a transfer has done what it is for.",                      \
	  "表示传输已完成。",                                        "say that it is done",   "表示完成")                                     \
	X("terminate", TERMINATE, HT_CONSUMER | HT_PROVIDER, reason,  "Ends a transfer.",                                                   \
	  "终止传输。",                                              "end it",                "终止")

struct ht_verb {
	const char *of, *word; /* "negotiations", "accept" */
	enum ht_machine machine;
	enum ht_msg msg;
	unsigned roles; /* sum of enum ht_role */
	enum ht_verb_takes takes;
	const char *may[2]; /* by enum ht_lang */
};
const struct ht_verb *ht_verbs(size_t *n);

/* Why the verb cannot be sent by this side of the process, a negotiation or transfer as the API shows it; HT_REFUSE_NONE: it can. */
enum ht_refuse ht_verb_refusal(const struct ht_verb *verb, const struct ht_json *process);

/* What comes next in words: what is on its way, and what each side may do; parts are joined by `between`. Nothing for a thing of another list. */
void ht_verbs_next(const char *of, const struct ht_json *process, const char *between, enum ht_lang lang, struct ht_out *out);

/* The process of the last answer: id, state, agreement, and what comes next. */
void ht_verbs_print(struct ht_client *c, const char *of);

#endif
