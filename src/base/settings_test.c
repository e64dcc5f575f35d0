/* base/settings_test.c - tests of base/settings.h. */
#include "base/settings.h"

#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "test/check.h"

enum { LISTEN, THREADS, BODY, WAIT, QUIET, DATA, ROWS };

static const struct ht_setting rows[ROWS] = {
	[LISTEN] = { "listen", "HUTONG_LISTEN", "HOST:PORT", "127.0.0.1:8080", HT_SET_TEXT, 0, 0, "where it listens", "监听地址" },
	[THREADS] = { "threads", NULL, "N", "2", HT_SET_COUNT, 1, 64, "how many", "线程数" },
	[BODY] = { "body", "HUTONG_BODY", "BYTES", "64K", HT_SET_BYTES, 1024, 1 << 20, "largest body, bytes", "最大消息体(字节)" },
	[WAIT] = { "wait", NULL, "TIME", "10s", HT_SET_DURATION, 1000, UINT64_C(604800000000), "how long", "等待时间" },
	[QUIET] = { "quiet", "HUTONG_QUIET", NULL, NULL, HT_SET_FLAG, 0, 0, "no lines", "静默" },
	[DATA] = { "data", NULL, "FOLDER", NULL, HT_SET_TEXT, 0, 0, "the data folder", "数据目录" },
};

static const char *listen_env, *quiet_env;

static const char *env(const char *name)
{
	return !strcmp(name, "HUTONG_LISTEN") ? listen_env : !strcmp(name, "HUTONG_QUIET") ? quiet_env : NULL;
}

/* One reading and what came of it. */
struct reading {
	struct ht_setting_value v[ROWS];
	const char *rest[2];
	size_t rests;
	struct ht_refusal why;
	bool good;
};

static struct ht_arena arena;

/* args: separated by blanks. */
static struct reading read_all(const char *args, const char *file)
{
	struct ht_text left = ht_text_of(args), one;
	struct reading r = { .rests = 0 };
	char *argv[16];
	int argc = 0;

	while (left.len) {
		ht_text_cut(left, ' ', &one, &left);
		argv[argc++] = ht_text_z(&arena, one);
	}
	r.good = ht_settings_read(rows, ROWS, &arena, argc, argv, env, ht_text_of(file), r.v, r.rest, HT_COUNT(r.rest), &r.rests, &r.why);
	return r;
}

TEST(order_of_sources)
{
	struct reading r;

	ht_arena_init(&arena, 1 << 20);
	r = read_all("", "");
	CHECK(r.good && ht_text_is(r.v[LISTEN].text, "127.0.0.1:8080") && r.v[LISTEN].set);
	CHECK(r.v[THREADS].number == 2 && r.v[BODY].number == 65536 && r.v[WAIT].number == 10000000);
	CHECK(!r.v[QUIET].set && !r.v[QUIET].number && !r.v[DATA].set);
	r = read_all("", "# all\n\n  listen = :1 # here\r\nquiet=true\ndata = a#b");
	CHECK(r.good && ht_text_is(r.v[LISTEN].text, ":1") && r.v[QUIET].number == 1 && ht_text_is(r.v[DATA].text, "a#b"));
	listen_env = "e:2";
	quiet_env = "false";
	r = read_all("", "listen = f:1\nquiet = true");
	CHECK(r.good && ht_text_is(r.v[LISTEN].text, "e:2") && r.v[QUIET].set && !r.v[QUIET].number);
	r = read_all("--listen g:3 --quiet", "listen = f:1");
	CHECK(r.good && ht_text_is(r.v[LISTEN].text, "g:3") && r.v[QUIET].number == 1);
	listen_env = "";
	r = read_all("--quiet=false", "listen = f:1");
	CHECK(r.good && ht_text_is(r.v[LISTEN].text, "f:1") && !r.v[QUIET].number);
	listen_env = quiet_env = NULL;
	ht_arena_fini(&arena);
}

TEST(values)
{
	static const struct {
		const char *args;
		int row;
		bool good;
		uint64_t number;
	} cases[] = {
		{ "--threads 1", THREADS, true, 1 },
		{ "--threads=64", THREADS, true, 64 },
		{ "--threads 3 --threads 4", THREADS, true, 4 },
		{ "--threads 0", THREADS, false, 0 },
		{ "--threads 65", THREADS, false, 0 },
		{ "--threads 1K", THREADS, false, 0 },
		{ "--threads -1", THREADS, false, 0 },
		{ "--threads=", THREADS, false, 0 },
		{ "--body 1024", BODY, true, 1024 },
		{ "--body 1M", BODY, true, 1 << 20 },
		{ "--body 2M", BODY, false, 0 },
		{ "--body 1k", BODY, false, 0 },
		{ "--body 17179869185G", BODY, false, 0 },
		{ "--wait 1ms", WAIT, true, 1000 },
		{ "--wait 300s", WAIT, true, 300000000 },
		{ "--wait 10m", WAIT, true, 600000000 },
		{ "--wait 72h", WAIT, true, UINT64_C(259200000000) },
		{ "--wait 7d", WAIT, true, UINT64_C(604800000000) },
		{ "--wait 8d", WAIT, false, 0 },
		{ "--wait 10", WAIT, false, 0 },
		{ "--wait s", WAIT, false, 0 },
		{ "--wait 1.5s", WAIT, false, 0 },
		{ "--wait 99999999999999999999d", WAIT, false, 0 },
		{ "--quiet=true", QUIET, true, 1 },
		{ "--quiet=1", QUIET, false, 0 },
	};

	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(cases); i++) {
		struct reading r = read_all(cases[i].args, "");

		CHECK_ROW(cases[i].args, r.good == cases[i].good);
		CHECK_ROW(cases[i].args, r.good ? r.v[cases[i].row].number == cases[i].number : r.why.code == HT_REFUSE_VALUE);
		ht_arena_reset(&arena);
	}
	ht_arena_fini(&arena);
}

TEST(refusals_name_the_place)
{
	static const struct {
		const char *args, *file, *listen, *quiet;
		enum ht_refuse code;
		const char *place, *detail;
	} cases[] = {
		{ "--nothing", "", NULL, NULL, HT_REFUSE_NOT_FOUND, "--nothing", "" },
		{ "--nothing=7", "", NULL, NULL, HT_REFUSE_NOT_FOUND, "--nothing", "" },
		{ "-l", "", NULL, NULL, HT_REFUSE_NOT_FOUND, "-l", "" },
		{ "--threads", "", NULL, NULL, HT_REFUSE_MEMBER_MISSING, "--threads", "N" },
		{ "--listen --quiet", "", NULL, NULL, HT_REFUSE_MEMBER_MISSING, "--listen", "HOST:PORT" },
		{ "--threads many", "", NULL, NULL, HT_REFUSE_VALUE, "--threads", "many; 1 .. 64" },
		{ "--body 2M", "", NULL, NULL, HT_REFUSE_VALUE, "--body", "2M; 1K .. 1M (K, M, G)" },
		{ "--wait 8d", "", NULL, NULL, HT_REFUSE_VALUE, "--wait", "8d; 1ms .. 7d (ms, s, m, h, d)" },
		{ "a b c", "", NULL, NULL, HT_REFUSE_TOO_MANY, "c", "" },
		{ "", "", NULL, "yes", HT_REFUSE_VALUE, "HUTONG_QUIET", "yes; true | false" },
		{ "", "threads = 1\n\nwait = 5\n", NULL, NULL, HT_REFUSE_VALUE, "line 3", "5; 1ms .. 7d (ms, s, m, h, d)" },
		{ "", "nothing = 1", NULL, NULL, HT_REFUSE_NOT_FOUND, "line 1", "nothing" },
		{ "", "#\nquiet", NULL, NULL, HT_REFUSE_MEMBER_MISSING, "line 2", "quiet" },
		{ "", "data = \xff", NULL, NULL, HT_REFUSE_VALUE, "line 1", "UTF-8" },
		{ "", "= 1", NULL, NULL, HT_REFUSE_NOT_FOUND, "line 1", "" },
	};

	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(cases); i++) {
		struct reading r;

		listen_env = cases[i].listen;
		quiet_env = cases[i].quiet;
		r = read_all(cases[i].args, cases[i].file);
		CHECK_ROW(cases[i].place, !r.good && r.why.code == cases[i].code);
		CHECK_ROW(cases[i].place, ht_text_is(r.why.place, cases[i].place) && ht_text_is(r.why.detail, cases[i].detail));
	}
	listen_env = quiet_env = NULL;
	ht_arena_fini(&arena);
}

TEST(rest)
{
	struct reading r;

	ht_arena_init(&arena, 1 << 20);
	r = read_all("a --quiet b", "");
	CHECK(r.good && r.rests == 2 && !strcmp(r.rest[0], "a") && !strcmp(r.rest[1], "b") && r.v[QUIET].number);
	r = read_all("- -- --quiet", "");
	CHECK(r.good && r.rests == 2 && !strcmp(r.rest[0], "-") && !strcmp(r.rest[1], "--quiet") && !r.v[QUIET].set);
	ht_arena_fini(&arena);
}

TEST(help)
{
	static const char english[] = {
		"  --listen HOST:PORT\n      where it listens (default 127.0.0.1:8080; $HUTONG_LISTEN)\n"
		"  --threads N\n      how many (default 2)\n"
		"  --body BYTES\n      largest body, bytes (default 64K; $HUTONG_BODY)\n"
		"  --wait TIME\n      how long (default 10s)\n"
		"  --quiet\n      no lines ($HUTONG_QUIET)\n"
		"  --data FOLDER\n      the data folder\n"
	};
	struct ht_out en, zh;

	ht_arena_init(&arena, 1 << 20);
	ht_out_init(&en, &arena);
	ht_settings_help(rows, ROWS, HT_EN, &en);
	CHECK(ht_text_is(ht_out_done(&en), english));
	ht_out_init(&zh, &arena);
	ht_settings_help(rows, 1, HT_ZH, &zh);
	CHECK(ht_text_is(ht_out_done(&zh), "  --listen HOST:PORT\n      监听地址 (默认 127.0.0.1:8080; $HUTONG_LISTEN)\n"));
	ht_arena_fini(&arena);
}

CHECK_MAIN(TEST_ROW(order_of_sources), TEST_ROW(values), TEST_ROW(refusals_name_the_place), TEST_ROW(rest), TEST_ROW(help))
