/* base/refuse.h - a refusal: what came from outside does not follow its format, is not allowed in this state, or is
 * denied by a rule. An ordinary value: decoders and rules fill it, only the door knows HTTP statuses. */
#ifndef HT_BASE_REFUSE_H
#define HT_BASE_REFUSE_H

#include "base/lang.h"

/* The word is stable: programs compare it. The group decides what the door answers (door/status.c).
 *        name                group     word                     English                                               Chinese */
#define HT_REFUSE_TABLE(X)                                                                                                                        \
	X(JSON,               SHAPE,    "json",                  "not valid JSON (RFC 8259) in UTF-8",                  "不是合法的 UTF-8 JSON")         \
	X(DUPLICATE_KEY,      SHAPE,    "duplicate_key",         "a member stands twice in one object",                 "对象成员重复")                  \
	X(TOO_DEEP,           SHAPE,    "too_deep",              "nested too deeply",                                   "嵌套过深")                      \
	X(TOO_MANY,           SHAPE,    "too_many",              "too many values",                                     "元素过多")                      \
	X(TOO_LARGE,          LARGE,    "too_large",             "larger than the limit",                               "超过大小限制")                  \
	X(MEMBER_MISSING,     SHAPE,    "member_missing",        "a required member is missing",                        "缺少必需成员")                  \
	X(MEMBER_TYPE,        SHAPE,    "member_type",           "a member has the wrong type",                         "成员类型错误")                  \
	X(MEMBER_VALUE,       SHAPE,    "member_value",          "a member has a value that is not allowed here",       "成员取值不合要求")              \
	X(MEMBER_UNKNOWN,     SHAPE,    "member_unknown",        "there is no such member or parameter here",           "此处没有该成员或参数")          \
	X(CONTEXT,            SHAPE,    "context",               "@context does not name DSP 2025-1",                   "@context 未包含 DSP 2025-1")    \
	X(MEDIA_TYPE,         MEDIA,    "media_type",            "the content type is not application/json",            "内容类型不是 application/json") \
	X(FILTER,             SHAPE,    "filter_unsupported",    "a catalog filter is not supported",                   "不支持目录过滤")                \
	X(POLICY_UNSUPPORTED, RULE,     "policy_unsupported",    "this part of the policy is not supported",            "不支持该策略内容")              \
	X(POLICY_DENIES,      RULE,     "policy_denies",         "a constraint of the policy does not hold",            "策略约束不成立")                \
	X(OFFER_UNKNOWN,      RULE,     "offer_unknown",         "this offer is not made to you",                       "没有向您提供此要约")            \
	X(OFFER_DIFFERS,      RULE,     "offer_differs",         "the terms are not those of the offer",                "条款与要约不一致")              \
	X(AUDIENCE,           RULE,     "audience",              "the product is not offered to this peer",             "该产品不向此对方提供")          \
	X(AGREEMENT_DIFFERS,  RULE,     "agreement_differs",     "the agreement is not the last offer",                 "协议与最后要约不一致")          \
	X(ASSIGNER,           RULE,     "assigner",              "the assigner is not the provider",                    "转让方不是提供方")              \
	X(ASSIGNEE,           RULE,     "assignee",              "the assignee is not the consumer",                    "受让方不是消费方")              \
	X(AGREEMENT_UNKNOWN,  RULE,     "agreement_unknown",     "there is no such agreement with you",                 "与您没有此协议")                \
	X(AGREEMENT_OVER,     RULE,     "agreement_over",        "the agreement is not valid now",                      "协议当前无效")                  \
	X(FORMAT_UNKNOWN,     RULE,     "format_unknown",        "this transfer format is not served",                  "不支持该传输格式")              \
	X(PIDS,               RULE,     "pids",                  "the message names another process",                   "消息所指进程不符")              \
	X(STATE,              STATE,    "state",                 "not allowed in this state",                           "当前状态不允许")                \
	X(PENDING,            LATER,    "pending",               "a message of ours is on its way; try again",          "我方消息在途,请重试")          \
	X(IN_DOUBT,           STATE,    "in_doubt",              "the final message is on its way: wait, or retry it",  "最终消息在途：请等待或重发")    \
	X(BUSY,               LATER,    "busy",                  "too much to do; try again",                           "繁忙,请重试")                  \
	X(DOCUMENT_LATER,     LATER,    "document_unavailable",  "the DID document cannot be had just now",             "暂时无法获取 DID 文档")         \
	X(DISK_FULL,          FULL,     "disk_full",             "no room on the disk",                                 "磁盘已满")                      \
	X(STORE_LATER,        LATER,    "store_unavailable",     "the store cannot be read just now; try again",        "暂时无法读取数据库,请重试")    \
	X(DATA_GONE,          BROKEN,   "data_gone",             "the data are no longer at this node; tell its operator", "数据已不在此节点,请告知其运营方") \
	X(TOKEN_MISSING,      WHO,      "token_missing",         "no token",                                            "缺少令牌")                      \
	X(TOKEN_UNKNOWN,      WHO,      "token_unknown",         "the token is not valid here",                         "令牌在此处无效")                \
	X(TOKEN_SHAPE,        WHO,      "token_shape",           "the token is not of this form",                       "令牌格式错误")                  \
	X(TOKEN_ALG,          WHO,      "token_alg",             "the token's algorithm is not EdDSA",                  "令牌算法不是 EdDSA")            \
	X(TOKEN_ISSUER,       WHO,      "token_issuer",          "issuer, subject and key do not belong together",      "签发者、主体与密钥不一致")      \
	X(TOKEN_AUDIENCE,     WHO,      "token_audience",        "the token is for somebody else",                      "令牌的受众不是本方")            \
	X(TOKEN_TIME,         WHO,      "token_time",            "the token's time is not now or too long",             "令牌时间无效")                  \
	X(TOKEN_UNTRUSTED,    WHO,      "token_untrusted",       "the issuer is not trusted here",                      "签发者不受信任")                \
	X(TOKEN_KEY,          WHO,      "token_key",             "the key is not in the issuer's document",             "密钥不在签发者文档中")          \
	X(TOKEN_SIGNATURE,    WHO,      "token_signature",       "the signature is wrong",                              "签名错误")                      \
	X(TOKEN_BODY,         WHO,      "token_body",            "the token is for another body",                       "令牌与消息体不符")              \
	X(TOKEN_REPLAY,       WHO,      "token_replay",          "the token was used before",                           "令牌已被使用")                  \
	X(DOCUMENT_BAD,       WHO,      "document_bad",          "the DID document does not say what it must",          "DID 文档内容不合要求")          \
	X(NOT_FOUND,          ABSENT,   "not_found",             "there is no such thing here for you",                 "找不到,或不属于您")        \
	X(METHOD,             METHOD,   "method",                "this method is not for this path",                    "该路径不支持此方法")            \
	X(ROLE,               ROLE,     "role",                  "your role may not do this",                           "您的角色无此权限")              \
	X(EXISTS,             CONFLICT, "exists",                "it exists already",                                   "已存在")                        \
	X(BASE,               SHAPE,    "base",                  "not the base of a connector: http(s)://HOST/p/PARTY/dsp/2025-1, HOST being a name", "不是连接器地址：应为 http(s)://主机名/p/参与方/dsp/2025-1") \
	X(LAST_OPERATOR,      STATE,    "last_operator",         "the last token of an operator cannot be revoked; make another one first", "不能吊销最后一个运营方令牌,请先签发新的") \
	X(VALUE,              SHAPE,    "value",                 "a value that is not allowed",                         "取值不允许")                    \
	X(ADDRESS,            RULE,     "address_forbidden",     "this address is not allowed (--allow-net)",           "地址不被允许(--allow-net)")    \
	X(PARTY_UNKNOWN,      PEER,     "party_unknown",         "there is no such party at this address",              "该地址没有此参与方")            \
	X(PEER_UNREACHABLE,   PEER,     "peer_unreachable",      "the peer cannot be reached",                          "无法连接对方")                  \
	X(PEER_ANSWER,        PEER,     "peer_answer",           "the peer answered something else than expected",      "对方应答不符合预期")            \
	X(PEER_REFUSED,       PEER,     "peer_refused",          "the peer refused",                                    "对方拒绝")                      \
	X(CHECKSUM,           RULE,     "checksum",              "the bytes are not those that were described",         "数据与描述的校验和不符")

#define X(name, group, word, en, zh) HT_REFUSE_##name,
enum ht_refuse { HT_REFUSE_NONE, HT_REFUSE_TABLE(X) HT_REFUSE_COUNT };
#undef X

/* What a refusal is about; one HTTP status each (door). */
enum ht_refuse_group {
	HT_ABOUT_NOTHING, HT_ABOUT_SHAPE, HT_ABOUT_LARGE, HT_ABOUT_MEDIA, HT_ABOUT_RULE, HT_ABOUT_STATE, HT_ABOUT_LATER, HT_ABOUT_FULL,
	HT_ABOUT_BROKEN, HT_ABOUT_WHO, HT_ABOUT_ABSENT, HT_ABOUT_METHOD, HT_ABOUT_ROLE, HT_ABOUT_CONFLICT, HT_ABOUT_PEER,
};

struct ht_refusal {
	enum ht_refuse code;  /* HT_REFUSE_NONE: nothing is refused */
	struct ht_text place; /* JSON pointer, header, flag or field; may be empty */
	struct ht_text detail; /* what was found there, or the peer's words; may be empty, never a secret */
};

enum ht_refuse_group ht_refuse_group(enum ht_refuse code);
const char *ht_refuse_word(enum ht_refuse code); /* "none" for HT_REFUSE_NONE */
const char *ht_refuse_text(enum ht_refuse code, enum ht_lang lang);
enum ht_refuse ht_refuse_of_word(struct ht_text word); /* HT_REFUSE_NONE: no such word */

/* Fills *why (place and detail are borrowed) and returns false: `return ht_refuse(why, HT_REFUSE_STATE, place);` */
bool ht_refuse(struct ht_refusal *why, enum ht_refuse code, struct ht_text place);

#endif
