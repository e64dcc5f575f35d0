/* node/keys_test.c - tests of node/keys.h: files of keys on a disk that may fail at each of its operations, and the signers. */
#include "node/keys.h"

#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "os/os.h"
#include "test/check.h"

#define KID "did:web:a.example#thumb"

static struct ht_arena arena;
static char root[64];
static struct ht_disk real; /* of the folder root */

/* The real disk behind one whose nth operation fails. */
static struct {
	int in; /* 1: the next one fails; 0: none */
	enum ht_err err;
} fault;

static bool due(void)
{
	return fault.in && --fault.in == 0;
}

static enum ht_err bad_create(void *self, const char *path, unsigned mode, struct ht_file **out)
{
	return due() ? fault.err : real.create(self, path, mode, out);
}

static enum ht_err bad_write(void *self, struct ht_file *f, struct ht_bytes b)
{
	return due() ? fault.err : real.write(self, f, b);
}

static enum ht_err bad_sync(void *self, struct ht_file *f)
{
	return due() ? fault.err : real.sync(self, f);
}

static enum ht_err bad_rename(void *self, const char *from, const char *to)
{
	return due() ? fault.err : real.rename(self, from, to);
}

static bool fresh(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(root, sizeof(root), "%.40s/hutong-keys-XXXXXX", tmp ? tmp : "/tmp");
	ht_arena_init(&arena, 1 << 20);
	return CHECK(mkdtemp(root)) && CHECK(!ht_folder_make(ht_text_z(&arena, ht_text_format(&arena, "%s/keys", root)), 0700)) &&
	       CHECK(!ht_disk_open(root, &real));
}

static const char *under(const char *name)
{
	return ht_text_z(&arena, ht_text_format(&arena, "%s/%s", root, name));
}

static void gone(void)
{
	ht_disk_close(&real);
	(void)remove(under("keys/thumb.key"));
	CHECK(!rmdir(under("keys")) && !rmdir(root));
	ht_arena_fini(&arena);
}

static struct ht_key key_of(uint8_t first)
{
	uint8_t seed[HT_SEED] = { first };
	struct ht_key key;

	ht_key_of_seed(seed, &key);
	return key;
}

TEST(written_and_read)
{
	struct ht_key key = key_of(1), other = key_of(2), got = { 0 };
	struct stat is;

	if (!fresh())
		return;
	CHECK(ht_keys_read(&real, HT_TEXT(KID), key.pub, &got) == HT_E_MISSING);
	CHECK(!ht_keys_write(&real, HT_TEXT(KID), &key));
	CHECK(!stat(under("keys/thumb.key"), &is) && (is.st_mode & 0777) == 0600);
	CHECK(!ht_keys_read(&real, HT_TEXT(KID), key.pub, &got) && !memcmp(&got, &key, sizeof(key)));
	CHECK(ht_keys_read(&real, HT_TEXT(KID), other.pub, &got) == HT_E_DAMAGED);
	ht_keys_remove(&real, HT_TEXT(KID));
	ht_keys_remove(&real, HT_TEXT(KID));
	CHECK(ht_keys_read(&real, HT_TEXT(KID), key.pub, &got) == HT_E_MISSING);
	gone();
}

TEST(what_is_no_key)
{
	static const char *const rows[] = {
		"", "ed25519", "ed25519 ", "ed25519 00", "rsa 0100000000000000000000000000000000000000000000000000000000000000",
		"ed25519 010000000000000000000000000000000000000000000000000000000000000000",
		"ed25519 0g00000000000000000000000000000000000000000000000000000000000000",
	};
	struct ht_key key = key_of(1), got;

	if (!fresh())
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		FILE *f = fopen(under("keys/thumb.key"), "w");

		if (!CHECK(f))
			break;
		fputs(rows[i], f);
		fclose(f);
		CHECK_ROW(rows[i], ht_keys_read(&real, HT_TEXT(KID), key.pub, &got) == HT_E_DAMAGED);
	}
	CHECK(!remove(under("keys/thumb.key")) && !mkfifo(under("keys/thumb.key"), 0600));
	CHECK(ht_keys_read(&real, HT_TEXT(KID), key.pub, &got) == HT_E_DENIED);
	gone();
}

/* Whatever fails, nothing of the key lies there. */
static void count_file(void *self, struct ht_text name, int64_t changed_us)
{
	size_t *n = self;

	(void)name;
	(void)changed_us;
	(*n)++;
}

TEST(each_fault_of_the_disk)
{
	static const struct {
		const char *name;
		enum ht_err err;
	} rows[] = { { "create", HT_E_FULL }, { "write", HT_E_FULL }, { "sync", HT_E_SYNC }, { "rename", HT_E_FULL } };
	struct ht_key key = key_of(1), got;
	struct ht_disk bad;

	if (!fresh())
		return;
	bad = real;
	bad.create = bad_create;
	bad.write = bad_write;
	bad.sync = bad_sync;
	bad.rename = bad_rename;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		size_t count = 0;

		fault.in = (int)i + 1;
		fault.err = rows[i].err;
		CHECK_ROW(rows[i].name, ht_keys_write(&bad, HT_TEXT(KID), &key) == rows[i].err);
		CHECK_ROW(rows[i].name, !ht_folder_each(under("keys"), count_file, &count) && count == 0);
	}
	CHECK(!fault.in && !ht_keys_write(&bad, HT_TEXT(KID), &key));
	CHECK(!ht_keys_read(&real, HT_TEXT(KID), key.pub, &got));
	gone();
}

/* More parties than the first table has buckets. */
TEST(signers_by_party)
{
	enum { PARTIES = 500 };
	struct ht_keys *k = ht_keys_new();
	char text[] = "did:web:a.example:p:";

	ht_arena_init(&arena, 1 << 20);
	CHECK(!ht_keys_signer(k, 1));
	for (int i = 1; i <= PARTIES; i++) {
		struct ht_key key = key_of((uint8_t)i);
		struct ht_text did = ht_text_format(&arena, "%s%d", text, i), kid = ht_text_format(&arena, "%s%d#k", text, i);

		ht_keys_put(k, i, did, kid, &key);
		memset(&key, 0, sizeof(key));
	}
	memset(arena.base, 'x', 4096); /* they are copies */
	for (int i = 1; i <= PARTIES; i++) {
		const struct ht_signer *s = ht_keys_signer(k, i);
		struct ht_key key = key_of((uint8_t)i);
		char want[64];

		(void)snprintf(want, sizeof(want), "%s%d#k", text, i);
		CHECK_F(s && ht_text_is(s->kid, want) && !memcmp(&s->key, &key, sizeof(key)), "party %d", i);
	}
	CHECK(!ht_keys_signer(k, PARTIES + 1));
	ht_keys_free(k);
	ht_keys_free(NULL);
	ht_arena_fini(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_ROW(written_and_read), TEST_ROW(what_is_no_key), TEST_ROW(each_fault_of_the_disk), TEST_ROW(signers_by_party),
	};

	ht_crypto_start();
	return check_main(tests, HT_COUNT(tests));
}
