/* base/settings.c - flags, environment and file into one table of values. */
#include "base/settings.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "base/time.h"

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit counts[] = { { "", 1 } };
static const struct unit sizes[] = { { "", 1 }, { "K", 1024 }, { "M", 1024 * 1024 }, { "G", 1024 * 1024 * 1024 } };
static const struct unit durations[] = {
	{ "ms", HT_SECOND_US / 1000 },
	{ "s", HT_SECOND_US },
	{ "m", 60 * HT_SECOND_US },
	{ "h", 3600 * HT_SECOND_US },
	{ "d", HT_DAY_US },
};
static const struct unit flags[] = { { "false", 0 }, { "true", 1 } };

/* "72h": digits and one of the units. */
static bool measure(struct ht_text t, const struct unit *units, size_t n, uint64_t *out)
{
	struct ht_text digits = { t.at, 0 }, suffix;
	uint64_t number;

	while (digits.len < t.len && t.at[digits.len] >= '0' && t.at[digits.len] <= '9')
		digits.len++;
	suffix = (struct ht_text){ t.at + digits.len, t.len - digits.len };
	for (size_t i = 0; i < n; i++) {
		if (ht_text_is(suffix, units[i].suffix) && ht_text_u64(digits, UINT64_MAX / units[i].factor, &number)) {
			*out = number * units[i].factor;
			return true;
		}
	}
	return false;
}

static bool word(struct ht_text t, uint64_t *out)
{
	for (size_t i = 0; i < HT_COUNT(flags); i++) {
		if (ht_text_is(t, flags[i].suffix)) {
			*out = flags[i].factor;
			return true;
		}
	}
	return false;
}

/* As measure() reads it, in the largest unit that gives a whole number. */
static void put_measure(struct ht_out *out, uint64_t number, const struct unit *units, size_t n)
{
	size_t i = n - 1;

	while (i > 0 && (number < units[i].factor || number % units[i].factor))
		i--;
	ht_out_format(out, "%llu%s", (unsigned long long)(number / units[i].factor), units[i].suffix);
}

/* What the row allows, in signs that need no language: "1s .. 1d (ms, s, m, h, d)". */
static void put_range(struct ht_out *out, const struct ht_setting *row, const struct unit *units, size_t n)
{
	ht_out_z(out, "; ");
	put_measure(out, row->low, units, n);
	ht_out_z(out, " .. ");
	put_measure(out, row->high, units, n);
	for (size_t i = 0; i < n && n > 1; i++)
		ht_out_format(out, "%s%s", !i ? " (" : *units[i - 1].suffix ? ", " : "", units[i].suffix);
	ht_out_z(out, n > 1 ? ")" : "");
}

/* The value that was refused, and what is allowed. */
static struct ht_text told(const struct ht_setting *row, struct ht_text value, struct ht_arena *a)
{
	struct ht_out out;

	ht_out_init(&out, a);
	ht_out_text(&out, value);
	switch (row->type) {
	case HT_SET_TEXT: break;
	case HT_SET_FLAG: ht_out_z(&out, "; true | false"); break;
	case HT_SET_COUNT: put_range(&out, row, counts, HT_COUNT(counts)); break;
	case HT_SET_BYTES: put_range(&out, row, sizes, HT_COUNT(sizes)); break;
	case HT_SET_DURATION: put_range(&out, row, durations, HT_COUNT(durations)); break;
	}
	return ht_out_done(&out);
}

/* The number that t says by the row's type; 0 for text. */
static bool number_of(const struct ht_setting *row, struct ht_text t, uint64_t *out)
{
	*out = 0;
	switch (row->type) {
	case HT_SET_TEXT: return true;
	case HT_SET_FLAG: return word(t, out);
	case HT_SET_COUNT: return measure(t, counts, HT_COUNT(counts), out) && *out >= row->low && *out <= row->high;
	case HT_SET_BYTES: return measure(t, sizes, HT_COUNT(sizes), out) && *out >= row->low && *out <= row->high;
	case HT_SET_DURATION: return measure(t, durations, HT_COUNT(durations), out) && *out >= row->low && *out <= row->high;
	}
	return false;
}

/* What ht_settings_read() works on. */
struct run {
	const struct ht_setting *rows;
	size_t n;
	struct ht_arena *arena;
	struct ht_setting_value *values;
	struct ht_refusal *why;
};

static bool refuse(struct run *run, enum ht_refuse code, struct ht_text place, struct ht_text detail)
{
	ht_refuse(run->why, code, ht_text_copy(run->arena, place));
	run->why->detail = ht_text_copy(run->arena, detail);
	return false;
}

static bool set(struct run *run, size_t row, struct ht_text value, struct ht_text place)
{
	uint64_t number;

	if (!number_of(&run->rows[row], value, &number))
		return refuse(run, HT_REFUSE_VALUE, place, told(&run->rows[row], value, run->arena));
	run->values[row] = (struct ht_setting_value){ .set = true, .text = ht_text_copy(run->arena, value), .number = number };
	return true;
}

/* run->n when there is no such row. */
static size_t find(const struct run *run, struct ht_text name)
{
	size_t i = 0;

	while (i < run->n && !ht_text_is(name, run->rows[i].name))
		i++;
	return i;
}

static void presets(struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		bool good = !run->rows[i].preset || set(run, i, ht_text_of(run->rows[i].preset), ht_text_of(run->rows[i].name));

		assert(good);
	}
}

/* Without the comment: from a '#' at the beginning or after a blank. */
static struct ht_text uncomment(struct ht_text line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] == '#' && (!i || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
			line.len = i;
	}
	return ht_text_trim(line);
}

static bool from_file(struct run *run, struct ht_text file)
{
	for (size_t number = 1; file.len; number++) {
		struct ht_text line, name, value, place;
		size_t row;

		ht_text_cut(file, '\n', &line, &file);
		place = ht_text_format(run->arena, "line %zu", number);
		if (!ht_text_utf8(ht_text_bytes(line)))
			return refuse(run, HT_REFUSE_VALUE, place, HT_TEXT("UTF-8"));
		line = uncomment(line);
		if (!line.len)
			continue;
		if (!ht_text_cut(line, '=', &name, &value))
			return refuse(run, HT_REFUSE_MEMBER_MISSING, place, line);
		name = ht_text_trim(name);
		row = find(run, name);
		if (row == run->n)
			return refuse(run, HT_REFUSE_NOT_FOUND, place, name);
		if (!set(run, row, ht_text_trim(value), place))
			return false;
	}
	return true;
}

static bool from_environment(struct run *run, const char *(*env)(const char *name))
{
	for (size_t i = 0; i < run->n; i++) {
		const char *value = run->rows[i].env ? env(run->rows[i].env) : NULL;

		if (value && *value && !set(run, i, ht_text_of(value), ht_text_of(run->rows[i].env)))
			return false;
	}
	return true;
}

/* The flag argv[*i], which may take argv[*i + 1] as its value. */
static bool from_flag(struct run *run, int argc, char *const *argv, int *i)
{
	struct ht_text flag, value, name;
	bool given = ht_text_cut(ht_text_of(argv[*i]), '=', &flag, &value);
	size_t row = run->n;

	if (ht_text_starts(flag, HT_TEXT("--"))) {
		name = (struct ht_text){ flag.at + 2, flag.len - 2 };
		row = find(run, name);
	}
	if (row == run->n)
		return refuse(run, HT_REFUSE_NOT_FOUND, flag, HT_TEXT(""));
	if (!given && run->rows[row].type == HT_SET_FLAG)
		return set(run, row, HT_TEXT("true"), flag);
	if (!given) {
		if (*i + 1 >= argc || ht_text_starts(ht_text_of(argv[*i + 1]), HT_TEXT("--")))
			return refuse(run, HT_REFUSE_MEMBER_MISSING, flag, ht_text_of(run->rows[row].metavar));
		value = ht_text_of(argv[++*i]);
	}
	return set(run, row, value, flag);
}

bool ht_settings_read(const struct ht_setting *rows, size_t n, struct ht_arena *a, int argc, char *const *argv,
		      const char *(*env)(const char *name), struct ht_text file, struct ht_setting_value *values,
		      const char **rest, size_t rest_max, size_t *rests, struct ht_refusal *why)
{
	struct run run = { .rows = rows, .n = n, .arena = a, .values = values, .why = why };
	bool all_rest = false;

	*rests = 0;
	for (size_t i = 0; i < n; i++)
		values[i] = (struct ht_setting_value){ .set = false };
	presets(&run);
	if (!from_file(&run, file) || !from_environment(&run, env))
		return false;
	for (int i = 0; i < argc; i++) {
		struct ht_text arg = ht_text_of(argv[i]);

		if (!all_rest && ht_text_is(arg, "--")) {
			all_rest = true;
		} else if (!all_rest && arg.len > 1 && *arg.at == '-') {
			if (!from_flag(&run, argc, argv, &i))
				return false;
		} else if (*rests == rest_max) {
			return refuse(&run, HT_REFUSE_TOO_MANY, arg, HT_TEXT(""));
		} else {
			rest[(*rests)++] = argv[i];
		}
	}
	return true;
}

void ht_settings_help(const struct ht_setting *rows, size_t n, enum ht_lang lang, struct ht_out *out)
{
	static const char *const preset[] = { [HT_EN] = "default ", [HT_ZH] = "默认 " };

	for (size_t i = 0; i < n; i++) {
		const struct ht_setting *row = &rows[i];

		ht_out_format(out, "  --%s", row->name);
		if (row->metavar && row->type != HT_SET_FLAG)
			ht_out_format(out, " %s", row->metavar);
		ht_out_format(out, "\n      %s", lang == HT_ZH ? row->zh : row->en);
		if (row->preset || row->env)
			ht_out_z(out, " (");
		if (row->preset)
			ht_out_format(out, "%s%s", preset[lang], row->preset);
		if (row->preset && row->env)
			ht_out_z(out, "; ");
		if (row->env)
			ht_out_format(out, "$%s", row->env);
		ht_out_z(out, row->preset || row->env ? ")\n" : "\n");
	}
}
