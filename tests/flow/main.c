/* tests/flow/main.c - what the tests of tests/flow cannot do in Python: Ed25519, and the table of routes.
 *
 *   test_flow routes   one line for each route: "GET /path"
 *   test_flow          for each line "SEED MESSAGE" (the seed in hex) a line "PUBLIC SIGNATURE", both in base64url */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "crypto/crypto.h"
#include "door/door.h"

enum { ARENA = 1 << 20, LINE = 64 << 10, ROUTES_MAX = 256 };

static int print_routes(void)
{
	static struct ht_route_view routes[ROUTES_MAX];
	size_t n = ht_door_routes(routes, HT_COUNT(routes));

	for (size_t i = 0; i < n && i < HT_COUNT(routes); i++)
		printf("%s %s\n", routes[i].method, routes[i].path);
	return n <= HT_COUNT(routes) ? 0 : 1;
}

static bool sign_line(struct ht_text line, struct ht_arena *a)
{
	struct ht_text hex, message, pub, signature;
	struct ht_key key;
	uint8_t seed[HT_SEED], out[HT_SIGNATURE];

	if (!ht_text_cut(line, ' ', &hex, &message) || !ht_hex_read(hex, seed, sizeof seed))
		return false;
	ht_key_of_seed(seed, &key);
	ht_sign(&key, ht_text_bytes(message), out);
	pub = ht_base64url(a, (struct ht_bytes){ key.pub, sizeof key.pub });
	signature = ht_base64url(a, (struct ht_bytes){ out, sizeof out });
	printf(HT_TEXT_FMT " " HT_TEXT_FMT "\n", HT_TEXT_ARG(pub), HT_TEXT_ARG(signature));
	fflush(stdout);
	return true;
}

int main(int argc, char **argv)
{
	static char line[LINE];
	struct ht_arena a;
	bool good = true;

	ht_crypto_start();
	if (argc == 2 && !strcmp(argv[1], "routes"))
		return print_routes();
	ht_arena_init(&a, ARENA);
	while (good && fgets(line, sizeof line, stdin)) {
		good = sign_line(ht_text_trim(ht_text_of(line)), &a);
		ht_arena_reset(&a);
	}
	ht_arena_fini(&a);
	return good ? 0 : 1;
}
