/* base/arena_test.c - tests of base/arena.h. */
#include "base/arena.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "test/check.h"

static bool zero(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i])
			return false;
	}
	return true;
}

TEST(takes_zeroed_and_aligned)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4096, 100000 };
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char *piece = ht_arena_take(&a, sizes[i]);

			CHECK_F(piece && (uintptr_t)piece % 16 == 0, "size %zu", sizes[i]);
			CHECK_F(zero(piece, sizes[i]), "size %zu, round %d", sizes[i], round);
			memset(piece, 0xa5, sizes[i]);
		}
		ht_arena_reset(&a);
	}
	ht_arena_fini(&a);
}

TEST(grows_in_place_only_when_last)
{
	struct ht_arena a;
	char *first, *second, *moved;

	ht_arena_init(&a, 1 << 20);
	first = ht_arena_grow(&a, NULL, 0, 10);
	memcpy(first, "0123456789", 10);
	CHECK(ht_arena_grow(&a, first, 10, 1000) == first);
	CHECK(!memcmp(first, "0123456789", 10) && zero(first + 10, 990));
	second = ht_arena_take(&a, 1);
	moved = ht_arena_grow(&a, first, 1000, 2000);
	CHECK(moved != first && moved > second);
	CHECK(!memcmp(moved, "0123456789", 10) && zero(moved + 10, 1990));
	CHECK(ht_arena_grow(&a, moved, 2000, 2000) == moved);
	ht_arena_fini(&a);
}

static char *scratch(struct ht_arena room)
{
	return memset(ht_arena_take(&room, 100), 1, 100);
}

TEST(copy_forgets)
{
	struct ht_arena a;
	char *used, *piece;

	ht_arena_init(&a, 1000);
	used = scratch(a);
	piece = ht_arena_take(&a, 100);
	CHECK(used == piece && zero(piece, 100));
	ht_arena_fini(&a);
}

static size_t resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t all = 0, resident = 0;

	if (!f || fscanf(f, "%zu %zu", &all, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void touch(struct ht_arena room, size_t size)
{
	memset(ht_arena_take(&room, size), 1, size);
}

/* 32 MiB are used, by a copy or by the arena itself; half of it as the tolerance for everything else in the process. */
TEST(reset_gives_pages_back)
{
	for (int by_copy = 0; by_copy < 2; by_copy++) {
		size_t size = (size_t)32 << 20, before, used;
		struct ht_arena a;

		ht_arena_init(&a, size + 100);
		before = resident_kib();
		if (by_copy)
			touch(a, size);
		else
			memset(ht_arena_take(&a, size), 1, size);
		used = resident_kib();
		ht_arena_reset(&a);
		CHECK_F(used > before + 16 * 1024, "copy %d: %zu to %zu KiB", by_copy, before, used);
		CHECK_F(resident_kib() < used - 16 * 1024, "copy %d", by_copy);
		CHECK(zero(ht_arena_take(&a, size), size));
		ht_arena_fini(&a);
	}
}

/* What an earlier reset has kept is given back by a later one, although less was used in between. */
TEST(reset_to_gives_back_what_was_kept)
{
	enum { MANY = 32, SIZE = 1 << 20, KEEP = 4096 };
	struct ht_arena all[MANY];
	size_t before = resident_kib(), used, kept;

	for (int i = 0; i < MANY; i++) {
		ht_arena_init(&all[i], 2 * SIZE);
		touch(all[i], SIZE / 2);
		ht_arena_reset(&all[i]);
	}
	used = resident_kib();
	for (int i = 0; i < MANY; i++) {
		touch(all[i], 100);
		ht_arena_reset_to(&all[i], KEEP);
	}
	kept = resident_kib();
	CHECK_F(used > before + 12 * 1024 && kept < before + 4 * 1024, "%zu, %zu, %zu KiB", before, used, kept);
	for (int i = 0; i < MANY; i++) {
		CHECK(zero(ht_arena_take(&all[i], SIZE), SIZE));
		ht_arena_fini(&all[i]);
	}
}

TEST(fini_takes_zeroed_memory)
{
	struct ht_arena a = { 0 };

	ht_arena_fini(&a);
	CHECK(!a.base);
}

/* What must stop the process, in a child whose message goes nowhere. */
static bool stops(size_t take, size_t then)
{
	struct ht_arena a;
	int status = 0;
	pid_t child = fork();

	if (!child) {
		const struct rlimit no_core = { 0, 0 };
		char *piece;

		setrlimit(RLIMIT_CORE, &no_core);
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		ht_arena_init(&a, 1000);
		piece = ht_arena_take(&a, take);
		ht_arena_grow(&a, piece, take, then);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

TEST(full_stops)
{
	static const struct {
		const char *name;
		size_t take, then;
		bool stops;
	} rows[] = {
		{ "all of it", 1000, 1000, false },
		{ "one more", 1001, 1001, true },
		{ "grown to the end", 10, 1000, false },
		{ "grown behind the end", 10, 1001, true },
		{ "a size that wraps", SIZE_MAX, SIZE_MAX, true },
		{ "nearly a size that wraps", SIZE_MAX - 15, SIZE_MAX - 15, true },
		{ "grown to a size that wraps", 10, SIZE_MAX, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_ROW(rows[i].name, stops(rows[i].take, rows[i].then) == rows[i].stops);
}

CHECK_MAIN(TEST_ROW(takes_zeroed_and_aligned), TEST_ROW(grows_in_place_only_when_last), TEST_ROW(copy_forgets),
	   TEST_ROW(reset_gives_pages_back), TEST_ROW(reset_to_gives_back_what_was_kept), TEST_ROW(fini_takes_zeroed_memory),
	   TEST_ROW(full_stops))
