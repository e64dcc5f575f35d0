/* base/memory_test.c - tests of base/memory.h: new pieces are zero, grown ones keep what they had, and no memory stops the process. */
#include "base/memory.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "test/check.h"

TEST(a_new_piece_is_zero)
{
	/* Used and given back first, so that the next one would show what was there. */
	for (size_t size = 1; size < 100000; size = size * 3 + 1) {
		unsigned char *p = ht_memory_take(NULL, size);
		size_t zeros = 0;

		memset(p, 0xa5, size);
		ht_memory_give(p);
		p = ht_memory_take(NULL, size);
		while (zeros < size && !p[zeros])
			zeros++;
		CHECK_F(zeros == size, "%zu bytes", size);
		ht_memory_give(p);
	}
}

TEST(a_grown_piece_keeps_what_it_had)
{
	unsigned char *p = NULL;

	for (size_t size = 1; size <= 1 << 16; size *= 2) {
		p = ht_memory_take(p, size);
		for (size_t i = 0; i < size / 2; i++) {
			if (!CHECK_F(p[i] == (unsigned char)(i * 7), "byte %zu of %zu", i, size))
				return;
		}
		for (size_t i = size / 2; i < size; i++)
			p[i] = (unsigned char)(i * 7);
	}
	ht_memory_give(p);
	ht_memory_give(NULL);
}

/* In a process of its own, which may have almost nothing. The sanitizers need room of their own: there the call says so by itself. */
TEST(without_memory_the_process_stops)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		if (!freopen("/dev/null", "w", stderr))
			_exit(0);
		(void)ht_memory_take(NULL, SIZE_MAX / 4);
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(!(WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

CHECK_MAIN(TEST_ROW(a_new_piece_is_zero), TEST_ROW(a_grown_piece_keeps_what_it_had), TEST_ROW(without_memory_the_process_stops))
