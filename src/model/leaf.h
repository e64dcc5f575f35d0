/* model/leaf.h - what a step leaves behind (LEAF format 1), and the table of events that everything reads.
 *
 * Kinds are numbers of the format: a row is never renumbered or removed, new ones are added at the end. */
#ifndef HT_MODEL_LEAF_H
#define HT_MODEL_LEAF_H

#include "base/lang.h"
#include "model/market.h"

/*        number name               word                 English                          Chinese */
#define HT_EVENT_TABLE(X)                                                                                        \
	X(1,  PARTY_ADDED,       "party_added",       "party added",                   "已添加参与方")              \
	X(2,  TOKEN_MADE,        "token_made",        "token made",                    "已签发令牌")                \
	X(3,  TOKEN_REVOKED,     "token_revoked",     "token revoked",                 "已吊销令牌")                \
	X(4,  PUBLISHED,         "published",         "product published",             "已发布产品")                \
	X(5,  SENT,              "sent",              "message sent",                  "消息已发出")                \
	X(6,  ACKED,             "acked",             "message acknowledged",          "消息已确认")                \
	X(7,  REFUSED,           "refused",           "message refused by the peer",   "消息被对方拒绝")            \
	X(8,  RECEIVED,          "received",          "message received",              "已收到消息")                \
	X(9,  GAVE_UP,           "gave_up",           "no answer: gave up",            "无应答：已放弃")            \
	X(10, RECONCILED,        "reconciled",        "state learned from the peer",   "已从对方获知状态")          \
	X(11, RETRIED,           "retried",           "sent again by hand",            "人工重发")                  \
	X(12, WITHDRAWN,         "withdrawn",         "message withdrawn",             "消息已撤回")                \
	X(13, SERVED,            "served",            "data served",                   "已提供数据")                \
	X(14, CHECKED,           "checked",           "data received and checked",     "数据已接收并核对")          \
	X(15, READ,              "read",              "read by a regulator",           "监管方已查阅")              \
	X(16, NODE_STARTED,      "node_started",      "node started",                  "节点已启动")                \
	X(17, PUSHED,            "pushed",            "data pushed to us",             "已收到推送的数据")

#define X(number, name, word, en, zh) HT_EVENT_##name = number,
enum ht_event { HT_EVENT_TABLE(X) };
#undef X

struct ht_leaf {
	int64_t index;        /* 0, 1, 2 ... over the node */
	enum ht_event kind;
	int64_t at_us;        /* the entry publishes seconds */
	int64_t party_row;    /* 0: the node itself */
	int64_t event;        /* number for this party, from 1 */
	int64_t chain_index;  /* index of the first leaf of the chain */
	/* the opening */
	struct ht_text party; /* DID; empty for the node itself */
	struct ht_text peer;
	struct ht_text chain, process, agreement;
	int64_t seq;          /* in (party, chain), from 0 */
	int64_t previous;     /* index of the one before; -1: none (written as 2^64 - 1) */
	struct ht_text content_type;
	uint8_t content_sha256[32];
	struct ht_bytes content; /* may have been erased: at NULL */
	uint8_t salt[32];
	bool erased;             /* content and salt are gone */
	uint8_t commitment[32];
};

const char *ht_event_word(enum ht_event kind);
const char *ht_event_text(enum ht_event kind, enum ht_lang lang);
bool ht_event_known(uint64_t number);

#endif
