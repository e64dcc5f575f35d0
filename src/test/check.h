/* test/check.h - unit tests that keep going: thin macros over cmocka, so that one run shows every wrong row.
 *
 *	TEST(adds) { for (...) CHECK_ROW(rows[i].name, f(rows[i].in) == rows[i].out); }
 *	CHECK_MAIN(TEST_ROW(adds))
 *
 * Output  TAP on standard output for meson; each failure is one line on standard error with file, line and row.
 * Random  a test that draws asks check_seed() once; HT_SEED=n in the environment repeats the run.
 * Threads CHECK may be called from any; a test ends after the threads that it started. */
#ifndef HT_TEST_CHECK_H
#define HT_TEST_CHECK_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_uint check_failures; /* of the test that runs now */

/* Says where and what, and counts it. Returns ok, so that a test may stop early: if (!CHECK(p)) return; */
__attribute__((format(printf, 5, 6))) static inline bool check_that(bool ok, const char *file, int line, const char *what,
								    const char *format, ...)
{
	char row[512];
	va_list args;

	if (ok)
		return true;
	va_start(args, format);
	vsnprintf(row, sizeof row, format, args);
	va_end(args);
	fprintf(stderr, "# %s:%d: %s%snot so: %s\n", file, line, row, row[0] ? ": " : "", what);
	atomic_fetch_add(&check_failures, 1);
	return false;
}

/* Runs one test to its end and then tells cmocka how it went. */
static inline void check_run(void (*test)(void))
{
	unsigned failures;

	atomic_store(&check_failures, 0);
	test();
	failures = atomic_load(&check_failures);
	if (failures)
		fail_msg("%u checks failed", failures);
}

/* The seed of this run: HT_SEED, or one from the clock and the process id. Printed, so that a failure can be repeated. */
static inline uint64_t check_seed(void)
{
	const char *given = getenv("HT_SEED");
	struct timespec now = { 0 };
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)now.tv_sec * 1000003u + (uint64_t)now.tv_nsec + (uint64_t)getpid();
	printf("# HT_SEED=%" PRIu64 "\n", seed);
	fflush(stdout);
	return seed;
}

static inline int check_main(const struct CMUnitTest *tests, size_t count)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* TEST(name) { ... } is one test. */
#define TEST(name)                              \
	static void body_##name(void);          \
	static void test_##name(void **state)   \
	{                                       \
		(void)state;                    \
		check_run(body_##name);         \
	}                                       \
	static void body_##name(void)

/* Each is true when the condition held. row_name: a C string that names the row of a table. */
#define CHECK(cond) check_that((cond), __FILE__, __LINE__, #cond, "%s", "")
#define CHECK_ROW(row_name, cond) check_that((cond), __FILE__, __LINE__, #cond, "%s", (row_name))
#define CHECK_F(cond, ...) check_that((cond), __FILE__, __LINE__, #cond, __VA_ARGS__)

/* CHECK_MAIN(TEST_ROW(one), TEST_ROW(two)) defines main; no semicolon after it. */
#define TEST_ROW(name_) { .name = #name_, .test_func = test_##name_ }
#define CHECK_MAIN(...)                                                         \
	int main(void)                                                          \
	{                                                                       \
		static const struct CMUnitTest tests[] = { __VA_ARGS__ };       \
		return check_main(tests, sizeof tests / sizeof tests[0]);       \
	}

#endif
