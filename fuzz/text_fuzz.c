/* fuzz/text_fuzz.c - the parsers of base on foreign bytes: the first byte, from 'a' on in the corpus, chooses one,
 * the others are its input.
 * What is read must come back when it is written again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/count.h"
#include "base/lang.h"
#include "base/log.h"
#include "base/net.h"
#include "base/out.h"
#include "base/reader.h"
#include "base/settings.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void base64url(struct ht_arena *a, struct ht_text t)
{
	struct ht_bytes b;

	if (ht_base64url_read(a, t, &b))
		assert(ht_text_same(ht_base64url(a, b), t));
	assert(ht_base64url_read(a, ht_base64url(a, ht_text_bytes(t)), &b) && ht_bytes_same(b, ht_text_bytes(t)));
}

static void percent(struct ht_arena *a, struct ht_text t)
{
	struct ht_text plain, again;

	if (ht_percent_read(a, t, &plain))
		assert(ht_percent_read(a, ht_percent(a, plain), &again) && ht_text_same(plain, again));
}

static void hex(struct ht_arena *a, struct ht_text t)
{
	uint8_t *bytes = HT_TAKE(a, uint8_t, t.len / 2);

	if (ht_hex_read(t, bytes, t.len / 2)) {
		struct ht_text again = ht_hex(a, (struct ht_bytes){ bytes, t.len / 2 });

		assert(ht_text_same_case(again, ht_text_z(a, t)));
	}
}

static void time_of(struct ht_arena *a, struct ht_text t)
{
	int64_t at_us, again_us;

	if (ht_time_read(t, &at_us))
		assert(ht_time_read(ht_time_text(a, at_us), &again_us) && at_us == again_us);
}

static void url(struct ht_arena *a, struct ht_text t)
{
	struct ht_url u;
	struct ht_text host;
	uint16_t port;

	(void)a;
	if (ht_url_read(t, &u))
		assert(u.host.len && u.port && u.host.len + u.path.len + u.query.len < t.len && !memchr(t.at, '#', t.len));
	if (ht_host_port_read(t, &host, &port))
		assert(host.len && host.len < t.len);
}

static void ranges(struct ht_arena *a, struct ht_text t)
{
	struct ht_ranges r;
	struct ht_text bad = { NULL, 0 };
	struct ht_address one, again;

	if (ht_ranges_read(t, &r, &bad)) {
		for (size_t i = 0; i < r.count; i++)
			assert(ht_ranges_have(&r, &r.at[i].from));
	} else {
		assert(bad.at >= t.at && bad.len <= t.len);
	}
	if (ht_address_read(t, &one)) {
		assert(ht_address_read(ht_address_text(a, &one), &again) && !memcmp(&one, &again, sizeof(one)));
		(void)ht_address_special(&one);
	}
}

static void utf8(struct ht_arena *a, struct ht_text t)
{
	struct ht_bytes b = ht_text_bytes(t);
	bool good = true;

	(void)a;
	while (b.len && good) {
		size_t step = ht_text_utf8_next(b);

		good = step;
		b.at += step;
		b.len -= step;
	}
	assert(ht_text_utf8(ht_text_bytes(t)) == good);
}

static void reader(struct ht_arena *a, struct ht_text t)
{
	struct ht_reader r;
	struct ht_out o;
	struct ht_text str;
	uint64_t number;
	uint8_t small;

	ht_reader_init(&r, ht_text_bytes(t));
	small = ht_reader_u8(&r);
	number = ht_reader_u64(&r);
	str = ht_reader_str(&r);
	if (ht_reader_done(&r)) {
		ht_out_init(&o, a);
		ht_out_u8(&o, small);
		ht_out_u64(&o, number);
		ht_out_str(&o, str);
		assert(ht_text_same(ht_out_done(&o), t));
	}
}

static void numbers_and_languages(struct ht_arena *a, struct ht_text t)
{
	uint64_t number;

	if (ht_text_u64(t, UINT64_MAX, &number))
		assert(ht_text_same(ht_text_format(a, "%llu", (unsigned long long)number), t));
	(void)ht_lang_of_header(t);
	(void)ht_lang_of_locale(ht_text_z(a, t));
}

static const char *no_env(const char *)
{
	return NULL;
}

static void settings(struct ht_arena *a, struct ht_text t)
{
	static const struct ht_setting rows[] = {
		{ "listen", NULL, "HOST:PORT", NULL, HT_SET_TEXT, 0, 0, "a", "a" },
		{ "body", NULL, "BYTES", "1K", HT_SET_BYTES, 1, 1 << 20, "a", "a" },
		{ "wait", NULL, "TIME", "1s", HT_SET_DURATION, 1, UINT64_MAX, "a", "a" },
		{ "quiet", NULL, NULL, NULL, HT_SET_FLAG, 0, 0, "a", "a" },
	};
	struct ht_setting_value values[HT_COUNT(rows)];
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	size_t rests;

	if (!ht_settings_read(rows, HT_COUNT(rows), a, 0, NULL, no_env, t, values, NULL, 0, &rests, &why))
		assert(why.code != HT_REFUSE_NONE && ht_text_starts(why.place, HT_TEXT("line ")));
	else
		assert(values[1].number >= 1 && values[1].number <= 1 << 20);
}

static void whole_line(struct ht_text line)
{
	assert(line.len <= 4096 && line.at[line.len - 1] == '\n' && ht_text_utf8(ht_text_bytes(line)));
	for (size_t i = 0; i + 1 < line.len; i++)
		assert((uint8_t)line.at[i] >= ' ');
}

static int64_t no_time(void)
{
	return 0;
}

static void log_of(struct ht_arena *a, struct ht_text t)
{
	(void)a;
	ht_log_start(HT_INFO, whole_line, no_time);
	HT_LOG(HT_INFO, "fuzz", HT_FIELD("a", t), HT_FIELD("b", t), HT_FIELD_N("n", (int64_t)t.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static void (*const parsers[])(struct ht_arena *a, struct ht_text t) = {
		base64url, percent, hex, time_of, url, ranges, utf8, reader, numbers_and_languages, settings, log_of,
	};
	static struct ht_arena arena;

	if (!len || len > 1 << 16)
		return 0;
	if (!arena.base)
		ht_arena_init(&arena, 1 << 24);
	ht_arena_reset(&arena);
	parsers[(unsigned)(at[0] + 256 - 'a') % HT_COUNT(parsers)](&arena, (struct ht_text){ (const char *)at + 1, len - 1 });
	return 0;
}
