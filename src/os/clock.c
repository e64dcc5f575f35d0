/* os/clock.c - the two clocks. */
#include <time.h>

#include "os/os.h"

static int64_t read_us(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t ht_now_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t ht_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

void ht_nap(int64_t us)
{
	struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}
