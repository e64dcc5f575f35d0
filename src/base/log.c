/* base/log.c - one JSON object a line, put together in 4 KiB of the stack. */
#include "base/log.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"

enum { LINE = 4096, TAIL = 2 /* "}\n" */, FIELDS_MAX = 32, KEY_MAX = 64, FRAME = 4 /* ,"": */, NUMBER_MAX = 20 };

struct line {
	char at[LINE];
	size_t len;
};

static const char *const level_word[] = { [HT_DEBUG] = "debug", [HT_INFO] = "info", [HT_WARN] = "warn", [HT_ERROR] = "error" };

static struct {
	enum ht_level least;
	ht_log_write *write;
	ht_log_clock *now_us;
} sink;

void ht_log_start(enum ht_level least, ht_log_write *write, ht_log_clock *now_us)
{
	assert(!write || now_us);
	sink.least = least;
	sink.write = write;
	sink.now_us = now_us;
}

static void add(struct line *l, const char *at, size_t len)
{
	assert(len <= LINE - l->len);
	memcpy(l->at + l->len, at, len);
	l->len += len;
}

static void add_z(struct line *l, const char *z)
{
	add(l, z, strlen(z));
}

/* The JSON form of the character at the beginning of b into out[6]; *used bytes of b are it. A byte that is not
 * UTF-8 becomes U+FFFD. */
static size_t escape(struct ht_bytes b, char out[6], size_t *used)
{
	static const char digits[] = "0123456789abcdef", named[] = "\"\"\\\\\nn\rr\tt";
	uint8_t c = b.at[0];

	*used = 1;
	for (size_t i = 0; i < sizeof(named) - 1; i += 2) {
		if (c == (uint8_t)named[i]) {
			memcpy(out, (const char[]){ '\\', named[i + 1] }, 2);
			return 2;
		}
	}
	if (c < 0x20 || c == 0x7f) {
		memcpy(out, (const char[]){ '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] }, 6);
		return 6;
	}
	*used = ht_text_utf8_next(b);
	if (*used) {
		memcpy(out, b.at, *used);
		return *used;
	}
	*used = 1;
	memcpy(out, "\xef\xbf\xbd", 3);
	return 3;
}

/* A JSON string of at most room bytes with its quotes (room >= 8); what is cut ends with "...". */
static void add_string(struct line *l, struct ht_text t, size_t room)
{
	static const char dots[] = "...";
	size_t end = l->len + room - 1, safe; /* safe: here the dots still fit */
	struct ht_bytes b = ht_text_bytes(t);
	char one[6];

	add(l, "\"", 1);
	safe = l->len;
	while (b.len) {
		size_t used, n = escape(b, one, &used);

		if (l->len + n > end) {
			l->len = safe;
			add(l, dots, sizeof(dots) - 1);
			break;
		}
		add(l, one, n);
		if (l->len + sizeof(dots) - 1 <= end)
			safe = l->len;
		b.at += used;
		b.len -= used;
	}
	add(l, "\"", 1);
}

static void add_number(struct line *l, int64_t v)
{
	char digits[NUMBER_MAX];
	size_t at = sizeof(digits);
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (v < 0)
		digits[--at] = '-';
	add(l, digits + at, sizeof(digits) - at);
}

void ht_log_fields(enum ht_level level, const char *event, const struct ht_field *fields, size_t n)
{
	char at[HT_TIME_MAX];
	struct line l;

	if (!sink.write || level < sink.least)
		return;
	assert(n <= FIELDS_MAX && strlen(event) <= KEY_MAX);
	l.len = 0;
	add_z(&l, "{\"at\":\"");
	add(&l, at, ht_time_put(at, sink.now_us()));
	add_z(&l, "\",\"level\":\"");
	add_z(&l, level_word[level]);
	add_z(&l, "\",\"event\":\"");
	add_z(&l, event);
	add(&l, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		/* An equal share of what is left: short fields leave theirs to those that follow. */
		size_t share = (LINE - TAIL - l.len) / (n - i), key = strlen(fields[i].key);

		assert(key <= KEY_MAX);
		add(&l, ",\"", 2);
		add_z(&l, fields[i].key);
		add(&l, "\":", 2);
		if (fields[i].value.at)
			add_string(&l, fields[i].value, share - key - FRAME);
		else
			add_number(&l, fields[i].number);
	}
	add(&l, "}\n", TAIL);
	sink.write((struct ht_text){ l.at, l.len });
}
