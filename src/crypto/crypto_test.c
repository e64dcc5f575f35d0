/* crypto/crypto_test.c - tests of crypto/crypto.h. */
#include "crypto/crypto.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

static struct ht_arena arena;

static struct ht_bytes from_hex(const char *z)
{
	size_t len = strlen(z) / 2;
	uint8_t *out = HT_TAKE(&arena, uint8_t, len);

	CHECK_ROW(z, ht_hex_read(ht_text_of(z), out, len));
	return (struct ht_bytes){ out, len };
}

static bool is_hex(const uint8_t *at, size_t len, const char *z)
{
	return ht_text_is(ht_hex(&arena, (struct ht_bytes){ at, len }), z);
}

/* The first and the last of the tests. */
TEST(begins)
{
	ht_crypto_start();
	ht_crypto_start();
	ht_arena_init(&arena, 4 << 20);
	CHECK(arena.at < arena.end);
}

TEST(ends)
{
	ht_arena_fini(&arena);
	CHECK(!arena.base);
}

/* Source: FIPS 180-2 appendix B and NIST's example of a million a. */
TEST(sha256_vectors)
{
	static const struct {
		const char *text, *digest;
		int times;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1 },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1 },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaa", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 40000 },
	};
	struct ht_sha256_run *run = ht_sha256_new();
	uint8_t digest[HT_SHA256];

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_bytes b = ht_text_bytes(ht_text_of(rows[i].text));

		for (int k = 0; k < rows[i].times; k++)
			ht_sha256_add(run, b);
		ht_sha256_end(run, digest);
		CHECK_ROW(rows[i].text, is_hex(digest, sizeof(digest), rows[i].digest));
		if (rows[i].times == 1) {
			ht_sha256(b, digest);
			CHECK_ROW(rows[i].text, is_hex(digest, sizeof(digest), rows[i].digest));
		}
	}
	ht_sha256_free(run);
	ht_sha256_free(NULL);
	ht_sha256((struct ht_bytes){ NULL, 0 }, digest);
	CHECK(is_hex(digest, sizeof(digest), rows[0].digest));
}

/* Source: RFC 8032 section 7.1. */
TEST(ed25519_vectors)
{
	static const struct {
		const char *name, *seed, *pub, *message, *signature;
	} rows[] = {
		{ "TEST 1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
		{ "TEST 2", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
		{ "TEST 3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
		{ "TEST SHA(abc)", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		  "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
		  "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_bytes message = from_hex(rows[i].message);
		uint8_t signature[HT_SIGNATURE];
		struct ht_key key;

		ht_key_of_seed(from_hex(rows[i].seed).at, &key);
		CHECK_ROW(rows[i].name, is_hex(key.pub, HT_PUBLIC, rows[i].pub) && is_hex(key.seed, HT_SEED, rows[i].seed));
		ht_sign(&key, message, signature);
		CHECK_ROW(rows[i].name, is_hex(signature, HT_SIGNATURE, rows[i].signature));
		CHECK_ROW(rows[i].name, ht_verify(key.pub, message, signature));
	}
}

/* One bit that is turned anywhere in the key, the message or the signature is seen. */
TEST(turned_bits_are_seen)
{
	struct ht_random r;
	struct ht_key key;
	uint8_t message[40] = "what was agreed", signature[HT_SIGNATURE];
	struct ht_bytes m = { message, sizeof(message) };

	ht_random_seed(&r, check_seed());
	ht_key_new(&r, &key);
	ht_sign(&key, m, signature);
	CHECK(ht_verify(key.pub, m, signature));
	for (size_t bit = 0; bit < 8 * (sizeof(message) + HT_SIGNATURE + HT_PUBLIC); bit++) {
		size_t at = bit / 8;
		uint8_t *byte;

		if (at < sizeof(message))
			byte = &message[at];
		else if (at < sizeof(message) + HT_SIGNATURE)
			byte = &signature[at - sizeof(message)];
		else
			byte = &key.pub[at - sizeof(message) - HT_SIGNATURE];
		*byte ^= (uint8_t)(1u << bit % 8);
		CHECK_F(!ht_verify(key.pub, m, signature), "bit %zu", bit);
		*byte ^= (uint8_t)(1u << bit % 8);
	}
	m.len--;
	CHECK(!ht_verify(key.pub, m, signature));
}

TEST(keys_and_random)
{
	static const struct ht_key zero;
	struct ht_random r;
	struct ht_key a, b, c;

	ht_random_seed(&r, 1);
	ht_key_new(&r, &a);
	ht_random_seed(&r, 1);
	ht_key_new(&r, &b);
	CHECK(!memcmp(&a, &b, sizeof(a)));
	ht_key_of_seed(b.seed, &b);
	CHECK(!memcmp(&a, &b, sizeof(a)));
	ht_key_new(&ht_random_os, &c);
	CHECK(memcmp(&a, &c, sizeof(a)) && ht_random_u64(&ht_random_os) != ht_random_u64(&ht_random_os));
	ht_key_wipe(&c);
	CHECK(!memcmp(&c, &zero, sizeof(c)));
}

TEST(secrets_compare)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "", "", true }, { "a", "a", true }, { "a", "b", false }, { "a", "ab", false }, { "ab", "a", false }, { "", "a", false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_bytes a = ht_text_bytes(ht_text_of(rows[i].a)), b = ht_text_bytes(ht_text_of(rows[i].b));

		CHECK_ROW(rows[i].b, ht_same_secret(a, b) == rows[i].same);
	}
	CHECK(ht_same_secret((struct ht_bytes){ NULL, 0 }, (struct ht_bytes){ NULL, 0 }));
}

CHECK_MAIN(TEST_ROW(begins), TEST_ROW(sha256_vectors), TEST_ROW(ed25519_vectors), TEST_ROW(turned_bits_are_seen), TEST_ROW(keys_and_random),
	   TEST_ROW(secrets_compare), TEST_ROW(ends))
