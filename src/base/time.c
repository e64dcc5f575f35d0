/* base/time.c - times as text, in the proleptic Gregorian calendar. */
#include "base/time.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"

#define FIRST_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_S INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */
enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */ };

/* Days since 1970-01-01; year 0 to 9999, so that nothing is negative before the last subtraction.
 * Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
	unsigned y = year + 400 - (month <= 2); /* an era later: year 0 has January and February of the year before */
	unsigned of_era = y % 400, of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int64_t)(y / 400) * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS - ERA_DAYS;
}

static char *digits(char *to, unsigned v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		to[i] = (char)('0' + v % 10);
	return to + n;
}

/* Source: the same, civil_from_days. */
static char *date(char *to, int64_t days)
{
	uint64_t z = (uint64_t)(days + EPOCH_DAYS);
	unsigned era = (unsigned)(z / ERA_DAYS), of_era = (unsigned)(z % ERA_DAYS);
	unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
	unsigned month = m < 10 ? m + 3 : m - 9;

	to = digits(to, era * 400 + y + (month <= 2), 4);
	*to++ = '-';
	to = digits(to, month, 2);
	*to++ = '-';
	return digits(to, of_year - (153 * m + 2) / 5 + 1, 2);
}

size_t ht_time_put(char out[HT_TIME_MAX], int64_t at_us)
{
	int64_t us = at_us % HT_SECOND_US, s = at_us / HT_SECOND_US;
	unsigned of_day;
	char *to = out;

	if (us < 0) {
		us += HT_SECOND_US;
		s--;
	}
	assert(s >= FIRST_S && s <= LAST_S);
	of_day = (unsigned)((s - FIRST_S) % 86400);
	to = date(to, (s - (int64_t)of_day) / 86400);
	*to++ = 'T';
	to = digits(to, of_day / 3600, 2);
	*to++ = ':';
	to = digits(to, of_day / 60 % 60, 2);
	*to++ = ':';
	to = digits(to, of_day % 60, 2);
	if (us) {
		*to++ = '.';
		to = digits(to, (unsigned)us, 6);
		while (to[-1] == '0')
			to--;
	}
	*to++ = 'Z';
	return (size_t)(to - out);
}

struct ht_text ht_time_text(struct ht_arena *a, int64_t at_us)
{
	char *to = HT_TAKE(a, char, HT_TIME_MAX);

	return (struct ht_text){ to, ht_time_put(to, at_us) };
}

struct ht_text ht_time_text_ms(struct ht_arena *a, int64_t at_us)
{
	int64_t us = at_us % HT_SECOND_US;
	char *to = HT_TAKE(a, char, HT_TIME_MAX);
	size_t len;

	if (us < 0)
		us += HT_SECOND_US;
	len = ht_time_put(to, at_us - us) - 1; /* without Z */
	to[len++] = '.';
	digits(to + len, (unsigned)(us / 1000), 3);
	len += 3;
	to[len++] = 'Z';
	return (struct ht_text){ to, len };
}

/* What is left of the text, and whether it was as it must be up to here. */
struct rest {
	struct ht_text t;
	bool bad;
};

static bool has(const struct rest *r, char c)
{
	return r->t.len && *r->t.at == c;
}

static void step(struct rest *r)
{
	r->t.at++;
	r->t.len--;
}

static void letter(struct rest *r, char c)
{
	if (has(r, c))
		step(r);
	else
		r->bad = true;
}

/* A number of exactly n digits from low to high. */
static unsigned number(struct rest *r, int n, unsigned low, unsigned high)
{
	unsigned v = 0;

	for (int i = 0; i < n && !r->bad; i++) {
		if (r->t.len && *r->t.at >= '0' && *r->t.at <= '9') {
			v = v * 10 + (unsigned)(*r->t.at - '0');
			step(r);
		} else {
			r->bad = true;
		}
	}
	if (v < low || v > high)
		r->bad = true;
	return v;
}

/* ".5" in microseconds; 0 when there is none. */
static int64_t fraction(struct rest *r)
{
	int64_t us = 0, unit = HT_SECOND_US / 10;

	if (!has(r, '.'))
		return 0;
	step(r);
	if (!r->t.len || *r->t.at < '0' || *r->t.at > '9')
		r->bad = true;
	for (; r->t.len && *r->t.at >= '0' && *r->t.at <= '9'; step(r), unit /= 10)
		us += (*r->t.at - '0') * unit;
	return us;
}

/* Seconds east of UTC. */
static int64_t zone(struct rest *r)
{
	bool west = has(r, '-');
	unsigned minutes;

	if (!r->t.len)
		return 0;
	if (has(r, 'Z')) {
		step(r);
		return 0;
	}
	letter(r, west ? '-' : '+');
	minutes = 60 * number(r, 2, 0, 14);
	letter(r, ':');
	minutes += number(r, 2, 0, 59);
	if (minutes > 14 * 60)
		r->bad = true;
	return (west ? -60 : 60) * (int64_t)minutes;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Clause: XML Schema Part 2 section 3.2.7; the zone goes to 14:00. */
bool ht_time_read(struct ht_text t, int64_t *at_us)
{
	struct rest r = { .t = t };
	unsigned year, month, day, hour, minute, second;
	int64_t us, s;

	year = number(&r, 4, 1, 9999);
	letter(&r, '-');
	month = number(&r, 2, 1, 12);
	letter(&r, '-');
	day = number(&r, 2, 1, r.bad ? 31 : month_days(year, month));
	letter(&r, 'T');
	hour = number(&r, 2, 0, 24);
	letter(&r, ':');
	minute = number(&r, 2, 0, 59);
	letter(&r, ':');
	second = number(&r, 2, 0, 60);
	us = fraction(&r);
	s = zone(&r);
	if (r.bad || r.t.len || (hour == 24 && (minute || second || us)))
		return false;
	s = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - s;
	if (s < FIRST_S || s > LAST_S)
		return false;
	*at_us = s * HT_SECOND_US + us;
	return true;
}

#define DURATION_MAX_US (INT64_C(3652059) * HT_DAY_US)

/* In the order in which they stand; the last three behind the T. */
static const struct {
	char letter;
	bool of_day;
	int64_t us;
} units[] = {
	{ 'W', false, 7 * HT_DAY_US }, { 'D', false, HT_DAY_US }, { 'H', true, 3600 * HT_SECOND_US }, { 'M', true, 60 * HT_SECOND_US },
	{ 'S', true, HT_SECOND_US },
};

/* "12H", of a unit from *next on, which moves behind it. */
static int64_t duration_part(struct rest *r, bool of_day, size_t *next)
{
	int64_t n = 0, part;
	bool any = false, broken;

	for (; r->t.len && *r->t.at >= '0' && *r->t.at <= '9' && n <= DURATION_MAX_US; step(r), any = true)
		n = n * 10 + (*r->t.at - '0');
	broken = has(r, '.');
	part = fraction(r);
	while (*next < HT_COUNT(units) && (units[*next].of_day != of_day || !has(r, units[*next].letter)))
		++*next;
	if (!any || *next == HT_COUNT(units) || n > DURATION_MAX_US / units[*next].us || (broken && units[*next].letter != 'S')) {
		r->bad = true;
		return 0;
	}
	step(r);
	return n * units[(*next)++].us + part;
}

/* Clause: XML Schema Part 2 section 3.2.6, without years and months; ISO 8601 for weeks. */
bool ht_duration_read(struct ht_text t, int64_t *us)
{
	struct rest r = { .t = t };
	int64_t sum = 0;
	size_t next = 0;
	bool of_day = false;

	letter(&r, 'P');
	r.bad = r.bad || !r.t.len;
	while (!r.bad && r.t.len) {
		if (!of_day && has(&r, 'T')) {
			of_day = true;
			step(&r);
		}
		sum += duration_part(&r, of_day, &next);
		r.bad = r.bad || sum > DURATION_MAX_US;
	}
	if (r.bad)
		return false;
	*us = sum;
	return true;
}
