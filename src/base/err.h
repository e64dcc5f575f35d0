/* base/err.h - what the environment can do to us. A bug is an assert, a refusal is a value (base/refuse.h). */
#ifndef HT_BASE_ERR_H
#define HT_BASE_ERR_H

#include "base/lang.h"

/*        name         word             English                                          Chinese */
#define HT_ERR_TABLE(X)                                                                                              \
	X(FULL,        "disk_full",     "no room on the disk",                           "磁盘已满")                    \
	X(IO,          "io",            "the disk failed",                               "磁盘读写失败")                \
	X(SYNC,        "sync",          "the disk did not confirm a write",              "磁盘未确认写入")              \
	X(LOCKED,      "locked",        "another process has the data folder",           "数据目录正被另一进程使用")     \
	X(MISSING,     "missing",       "the file or folder is not there",               "文件或目录不存在")            \
	X(DENIED,      "denied",        "the system does not permit it",                 "系统不允许")                  \
	X(NEWER,       "newer_schema",  "the data were written by a newer hutong",       "数据由更新版本的 hutong 写入") \
	X(NOT_OURS,    "not_ours",      "the file is not a store of hutong",             "该文件不是 hutong 的数据库")   \
	X(DAMAGED,     "damaged",       "the file is damaged or belongs elsewhere",      "文件已损坏或不属于此处")       \
	X(BUSY,        "busy",          "the queue is full",                             "队列已满")                    \
	X(UNREACHABLE, "unreachable",   "the peer cannot be reached",                    "无法连接对方")                \
	X(FORBIDDEN,   "forbidden_address", "the address is not allowed (--allow-net)",  "地址不被允许(--allow-net)") \
	X(TOO_BIG,     "too_big",       "larger than the limit",                         "超过大小限制")                \
	X(TIMEOUT,     "timeout",       "no answer in time",                             "超时无应答")                  \
	X(PORT,        "port",          "the port is taken or may not be used",          "端口被占用或不可用")

#define X(name, word, en, zh) HT_E_##name,
enum [[nodiscard]] ht_err { HT_OK, HT_ERR_TABLE(X) HT_ERR_COUNT };
#undef X

#define HT_TRY(expr)                        \
	do {                                \
		enum ht_err err_ = (expr);  \
		if (err_)                   \
			return err_;        \
	} while (0)

const char *ht_err_word(enum ht_err err); /* "ok" for HT_OK */
const char *ht_err_text(enum ht_err err, enum ht_lang lang);

#endif
