/* os/disk_test.c - tests of the files and folders of os/os.h, in a folder of their own. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "os/errno.h"
#include "os/os.h"
#include "test/check.h"

static struct ht_arena arena;
static char root[64];

/* A fresh folder below the temporary one. */
static bool fresh(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(root, sizeof(root), "%.40s/hutong-disk-XXXXXX", tmp ? tmp : "/tmp");
	ht_arena_init(&arena, 1 << 20);
	return CHECK(mkdtemp(root));
}

static char *under(const char *name)
{
	return ht_text_z(&arena, ht_text_format(&arena, "%s/%s", root, name));
}

static void gone(void)
{
	static const char *const names[] = { "a/b/c/x", "a/b/c/y", "a/b/c", "a/b", "a", "f", "g", "lock", "link", "pipe", "out/f", "out" };

	for (size_t i = 0; i < HT_COUNT(names); i++)
		(void)remove(under(names[i]));
	CHECK(!rmdir(root));
	ht_arena_fini(&arena);
}

TEST(numbers)
{
	static const struct {
		int number;
		enum ht_err err;
	} rows[] = {
		{ ENOENT, HT_E_MISSING }, { EACCES, HT_E_DENIED }, { EEXIST, HT_E_DENIED }, { ENOSPC, HT_E_FULL },
		{ EDQUOT, HT_E_FULL }, { EIO, HT_E_IO }, { EFBIG, HT_E_IO },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_F(ht_errno(rows[i].number) == rows[i].err, "%d", rows[i].number);
}

TEST(clocks)
{
	int64_t a = ht_monotonic_us(), b = ht_monotonic_us();

	CHECK(a > 0 && b >= a);
	CHECK(ht_now_us() > INT64_C(1700000000000000));
}

/* create, write, sync, rename; a file that is there is not made anew. */
TEST(a_file_that_lasts)
{
	struct ht_bytes back = { NULL, 0 }, text = ht_text_bytes(HT_TEXT("hello"));
	struct ht_file *f = NULL;
	struct ht_disk d;

	if (!fresh() || !CHECK(!ht_disk_open(root, &d)))
		return;
	if (CHECK(!d.create(d.self, "f", 0600, &f))) {
		CHECK(!d.write(d.self, f, text) && !d.write(d.self, f, text) && !d.sync(d.self, f));
		d.close(d.self, f);
	}
	CHECK(d.create(d.self, "f", 0600, &f) == HT_E_DENIED);
	CHECK(d.create(d.self, "no/f", 0600, &f) == HT_E_MISSING);
	CHECK(!d.rename(d.self, "f", "g"));
	CHECK(d.rename(d.self, "f", "g") == HT_E_MISSING);
	CHECK(d.read(d.self, "f", 100, &arena, &back) == HT_E_MISSING);
	CHECK(d.read(d.self, "g", 9, &arena, &back) == HT_E_TOO_BIG);
	CHECK(!d.read(d.self, "g", 10, &arena, &back) && ht_bytes_same(back, ht_text_bytes(HT_TEXT("hellohello"))));
	CHECK(d.read(d.self, ".", 10, &arena, &back) == HT_E_DENIED);
	CHECK(!d.remove(d.self, "g") && !d.remove(d.self, "g"));
	ht_disk_close(&d);
	ht_disk_close(&d);
	CHECK(ht_disk_open(under("no"), &d) == HT_E_MISSING);
	ht_disk_close(&d);
	gone();
}

/* The kernel's device without room. */
TEST(a_full_disk)
{
	struct ht_file *f = NULL;
	struct ht_disk d;
	int full = open("/dev/full", O_WRONLY);

	if (!fresh() || !CHECK(full >= 0) || !CHECK(!ht_disk_open(root, &d)))
		return;
	if (CHECK(!d.create(d.self, "f", 0600, &f))) {
		int own = *(int *)(void *)f;

		CHECK(dup2(full, own) == own);
		CHECK(d.write(d.self, f, ht_text_bytes(HT_TEXT("x"))) == HT_E_FULL);
		CHECK(d.sync(d.self, f) == HT_E_SYNC);
		d.close(d.self, f);
	}
	(void)close(full);
	ht_disk_close(&d);
	gone();
}

static void count_y(void *self, struct ht_text name, int64_t changed_us)
{
	size_t *n = self;

	CHECK(ht_text_is(name, "y") && changed_us > 0);
	(*n)++;
}

TEST(folders)
{
	struct stat is = { 0 };
	struct ht_disk d;
	struct ht_file *f;
	size_t n = 0;

	if (!fresh())
		return;
	CHECK(!ht_folder_make(under("a/b//c/"), 0750));
	CHECK(!ht_folder_make(under("a/b/c"), 0700));
	CHECK(!stat(under("a/b"), &is) && (is.st_mode & 07777) == (0750 & ~(mode_t)022));
	CHECK(!ht_disk_open(root, &d));
	CHECK(!d.create(d.self, "a/b/c/x", 0600, &f));
	d.close(d.self, f);
	CHECK(!d.rename(d.self, "a/b/c/x", "a/b/c/y"));
	CHECK(ht_folder_make(under("a/b/c/y"), 0700) == HT_E_DENIED);
	CHECK(ht_folder_make(under("a/b/c/y/z"), 0700) == HT_E_DENIED);
	CHECK(ht_folder_make("", 0700) == HT_E_DENIED);
	CHECK(!ht_folder_each(under("a/b/c"), count_y, &n) && n == 1);
	CHECK(!ht_folder_each(under("a/b"), count_y, &n) && n == 1);
	CHECK(ht_folder_each(under("no"), count_y, &n) == HT_E_MISSING);
	ht_disk_close(&d);
	gone();
}

TEST(room_of_a_folder)
{
	int64_t bytes = -1;

	if (!fresh())
		return;
	CHECK(!ht_folder_room(root, &bytes) && bytes >= 0);
	bytes = -1;
	CHECK(!ht_folder_room("/proc", &bytes) && bytes == 0); /* it holds no files of ours */
	CHECK(ht_folder_room(under("no"), &bytes) == HT_E_MISSING);
	gone();
}

TEST(a_lock_has_one_holder)
{
	int fd = -1, second = -1;

	if (!fresh())
		return;
	CHECK(!ht_folder_lock(root, &fd));
	CHECK(ht_folder_lock(root, &second) == HT_E_LOCKED && second == -1);
	(void)close(fd);
	CHECK(!ht_folder_lock(root, &fd));
	(void)close(fd);
	CHECK(ht_folder_lock(under("no"), &fd) == HT_E_MISSING);
	CHECK(!remove(under("lock")) && !mkfifo(under("lock"), 0600) && ht_folder_lock(root, &fd) == HT_E_DENIED);
	CHECK(!remove(under("lock")) && !symlink("f", under("lock")) && ht_folder_lock(root, &fd) == HT_E_DENIED);
	gone();
}

TEST(files_opened)
{
	int fd = -1;
	int64_t size = -1;
	FILE *f;

	if (!fresh())
		return;
	f = fopen(under("f"), "w");
	if (CHECK(f)) {
		fputs("123", f);
		fclose(f);
	}
	CHECK(!mkfifo(under("pipe"), 0600));
	CHECK(ht_file_open(under("no"), &fd, &size) == HT_E_MISSING);
	CHECK(ht_file_open(root, &fd, &size) == HT_E_DENIED);
	CHECK(ht_file_open(under("pipe"), &fd, &size) == HT_E_DENIED);
	CHECK(!symlink("f", under("link")) && ht_file_open(under("link"), &fd, &size) == HT_E_DENIED);
	CHECK(!ht_file_open(under("f"), &fd, &size) && size == 3);
	(void)close(fd);
	gone();
}

/* Nothing below the folder leads out of it; the folder's own path may be a link. A pipe does not hold the reader up. */
TEST(links_and_pipes)
{
	static const char *const names[] = { "link", "pipe", "a/f", "a" };
	struct ht_bytes back;
	struct ht_file *f;
	struct ht_disk d;
	int64_t size;
	int fd;

	if (!fresh())
		return;
	CHECK(!mkdir(under("out"), 0700) && !symlink("out", under("a")) && !mkfifo(under("pipe"), 0600) &&
	      !symlink("out/f", under("link")));
	if (CHECK(!ht_disk_open(under("a"), &d)) && CHECK(!d.create(d.self, "f", 0600, &f)))
		d.close(d.self, f);
	ht_disk_close(&d);
	CHECK(!ht_disk_open(root, &d));
	for (size_t i = 0; i < HT_COUNT(names); i++) {
		CHECK_ROW(names[i], d.read(d.self, names[i], 10, &arena, &back) == HT_E_DENIED);
		CHECK_ROW(names[i], ht_disk_file(&d, names[i], &fd, &size) == HT_E_DENIED);
		CHECK_ROW(names[i], d.create(d.self, names[i], 0600, &f) == HT_E_DENIED);
		CHECK_ROW(names[i], ht_disk_folder(&d, names[i], 0700) == HT_E_DENIED);
	}
	CHECK(d.rename(d.self, "out/f", "a/g") == HT_E_DENIED && d.rename(d.self, "a/f", "g") == HT_E_DENIED);
	CHECK(d.remove(d.self, "a/f") == HT_E_DENIED && !d.remove(d.self, "no/f"));
	CHECK(!d.read(d.self, "out/f", 10, &arena, &back) && !ht_disk_file(&d, "out/f", &fd, &size) && !size);
	(void)close(fd);
	CHECK(!d.remove(d.self, "out/f") && !remove(under("a")) && !ht_disk_folder(&d, "a", 0700) && !ht_disk_folder(&d, "a", 0700));
	CHECK(ht_disk_folder(&d, "no/b", 0700) == HT_E_MISSING);
	ht_disk_close(&d);
	gone();
}

CHECK_MAIN(TEST_ROW(numbers), TEST_ROW(clocks), TEST_ROW(a_file_that_lasts), TEST_ROW(a_full_disk), TEST_ROW(folders),
	   TEST_ROW(room_of_a_folder), TEST_ROW(a_lock_has_one_holder), TEST_ROW(files_opened), TEST_ROW(links_and_pipes))
