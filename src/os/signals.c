/* os/signals.c - the signals that end the program, as a wait. */
#include <errno.h>
#include <signal.h>

#include "os/errno.h"
#include "os/os.h"

static sigset_t ending(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	return set;
}

void ht_signals_block(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set = ending();

	ht_must("signals", pthread_sigmask(SIG_BLOCK, &set, NULL));
	ht_must("signals", sigaction(SIGPIPE, &ignore, NULL) ? errno : 0);
}

int ht_signals_wait(void)
{
	sigset_t set = ending();
	int number = 0;

	ht_must("signals", sigwait(&set, &number));
	return number;
}
