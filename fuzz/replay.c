/* fuzz/replay.c - runs a fuzz target over the files of its corpus, as a unit test: replay FOLDER.
 * Also over every beginning of each file up to 4 KiB, which is what a peer that stops in the middle sends. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_FILE_MAX = 1 << 20, REPLAY_CUT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

/* A block of exactly len bytes, so that AddressSanitizer sees a read behind the end. */
static void run_one(const uint8_t *at, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		abort();
	memcpy(exact, at, len);
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static int run_file(const char *path)
{
	static uint8_t bytes[REPLAY_FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (!f) {
		perror(path);
		return -1;
	}
	len = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	fprintf(stderr, "%s\n", path);
	run_one(bytes, len);
	for (size_t cut = 0; cut < len && len <= REPLAY_CUT_MAX; cut++)
		run_one(bytes, cut);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	const struct dirent *entry;
	char path[4096];
	int files = 0, bad = 0;

	if (!folder) {
		fprintf(stderr, "replay: no corpus folder %s\n", argc == 2 ? argv[1] : "given");
		return EXIT_FAILURE;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		bad |= run_file(path);
		files++;
	}
	closedir(folder);
	printf("%d files\n", files);
	return bad || !files ? EXIT_FAILURE : EXIT_SUCCESS;
}
