/* app/main.c - the program hutong. What it can do is the table in app/commands.c. */
#include <stdlib.h>

#include "app/command.h"

static const char *environment(const char *name)
{
	return getenv(name);
}

int main(int argc, char **argv)
{
	return ht_command_main(argc > 0 ? argc - 1 : 0, argc > 0 ? argv + 1 : argv, environment);
}
