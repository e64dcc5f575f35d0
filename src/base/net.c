/* base/net.c - addresses, ranges and URLs as plain bytes. */
#include "base/net.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/count.h"

enum { V4 = 12 }; /* where the IPv4 address begins in a mapped one */

static const uint8_t mapped[V4] = { [10] = 0xff, [11] = 0xff };

bool ht_address_read(struct ht_text t, struct ht_address *out)
{
	char z[INET6_ADDRSTRLEN] = { 0 };
	struct ht_address at = { { 0 } };

	if (!t.len || t.len >= sizeof(z) || memchr(t.at, '\0', t.len))
		return false;
	memcpy(z, t.at, t.len);
	if (strchr(z, ':')) {
		if (inet_pton(AF_INET6, z, at.at) != 1)
			return false;
	} else {
		memcpy(at.at, mapped, V4);
		if (inet_pton(AF_INET, z, at.at + V4) != 1)
			return false;
	}
	*out = at;
	return true;
}

struct ht_text ht_address_text(struct ht_arena *a, const struct ht_address *at)
{
	bool v4 = !memcmp(at->at, mapped, V4);
	char z[INET6_ADDRSTRLEN] = { 0 };

	(void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? at->at + V4 : at->at, z, sizeof(z));
	return ht_text_copy(a, ht_text_of(z));
}

/* Whether the first bits of both are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return !rest || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

static bool range_read(struct ht_text t, struct ht_range *out)
{
	struct ht_text address, prefix;
	bool given = ht_text_cut(t, '/', &address, &prefix), v6;
	uint64_t bits;

	if (!ht_address_read(address, &out->from))
		return false;
	v6 = memchr(address.at, ':', address.len);
	bits = v6 ? 128 : 32;
	if (given && !ht_text_u64(prefix, bits, &bits))
		return false;
	out->bits = (uint8_t)(v6 ? bits : bits + 96);
	for (unsigned i = out->bits; i < 128; i++) {
		if (out->from.at[i / 8] & 0x80 >> i % 8)
			return false;
	}
	return true;
}

bool ht_ranges_read(struct ht_text t, struct ht_ranges *out, struct ht_text *bad)
{
	struct ht_text part, rest = t;
	bool more = t.len;

	*out = (struct ht_ranges){ .count = 0 };
	while (more) {
		more = ht_text_cut(rest, ',', &part, &rest);
		if (out->count == HT_RANGES_MAX || !range_read(part, &out->at[out->count])) {
			*bad = part;
			return false;
		}
		out->count++;
	}
	return true;
}

/* An IPv4 address is a mapped one here. */
const struct ht_ranges ht_ranges_all = { .at = { { .bits = 0 } }, .count = 1 };

bool ht_ranges_have(const struct ht_ranges *r, const struct ht_address *at)
{
	for (size_t i = 0; i < r->count; i++) {
		if (same_bits(r->at[i].from.at, at->at, r->at[i].bits))
			return true;
	}
	return false;
}

/* Source: IANA IPv4 special-purpose address registry; 224/4 and 240/4 from the IPv4 address space registry. */
static const struct {
	uint8_t at[4], bits;
} special_v4[] = {
	{ { 0 }, 8 },                  /* this network, unspecified */
	{ { 10 }, 8 },                 /* private */
	{ { 100, 64 }, 10 },           /* carrier NAT; 100.100.100.200 is metadata */
	{ { 127 }, 8 },                /* loopback */
	{ { 168, 63, 129, 16 }, 32 },  /* metadata of Azure */
	{ { 169, 254 }, 16 },          /* link-local; 169.254.169.254 is metadata */
	{ { 172, 16 }, 12 },           /* private */
	{ { 192, 0, 0 }, 24 },         /* protocol assignments; 192.0.0.192 is metadata */
	{ { 192, 0, 2 }, 24 },         /* documentation */
	{ { 192, 88, 99 }, 24 },       /* relays of 6to4, withdrawn */
	{ { 192, 168 }, 16 },          /* private */
	{ { 198, 18 }, 15 },           /* benchmark */
	{ { 198, 51, 100 }, 24 },      /* documentation */
	{ { 203, 0, 113 }, 24 },       /* documentation */
	{ { 224 }, 4 },                /* multicast */
	{ { 240 }, 4 },                /* reserved, broadcast */
};

static bool special_v4_at(const uint8_t at[4])
{
	for (size_t i = 0; i < HT_COUNT(special_v4); i++) {
		if (same_bits(special_v4[i].at, at, special_v4[i].bits))
			return true;
	}
	return false;
}

enum judge { SPECIAL, PUBLIC, INSIDE /* by the IPv4 address at byte `inside` */, TEREDO };

/* The first row that matches decides; what no row has is reserved by the IETF and so special.
 * Source: IANA IPv6 special-purpose address registry and IPv6 address space registry. */
static const struct {
	uint8_t at[16], bits;
	enum judge judge;
	uint8_t inside;
} rows_v6[] = {
	{ { [10] = 0xff, 0xff }, 96, INSIDE, 12 },            /* ::ffff:0:0/96 IPv4-mapped */
	{ { [8] = 0xff, 0xff }, 96, INSIDE, 12 },             /* ::ffff:0:0:0/96 IPv4-translated (RFC 2765) */
	{ { 0 }, 127, SPECIAL, 0 },                           /* unspecified, loopback */
	{ { 0 }, 96, INSIDE, 12 },                            /* ::/96 IPv4-compatible */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, INSIDE, 12 },       /* NAT64 */
	{ { 0x20, 0x01 }, 32, TEREDO, 0 },                    /* 2001::/32 */
	{ { 0x20, 0x01 }, 23, SPECIAL, 0 },                   /* protocol assignments, benchmark, ORCHID */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, SPECIAL, 0 },       /* documentation */
	{ { 0x20, 0x02 }, 16, INSIDE, 2 },                    /* 6to4 */
	{ { 0x3f, 0xff }, 20, SPECIAL, 0 },                   /* documentation (RFC 9637) */
	{ { 0x20 }, 3, PUBLIC, 0 },                           /* global unicast */
};

/* The server is in clear, the client's address inverted; both can be reached through it.
 * Source: RFC 4380 section 4. */
static bool special_teredo(const uint8_t at[16])
{
	uint8_t client[4];

	for (size_t i = 0; i < sizeof(client); i++)
		client[i] = (uint8_t)~at[12 + i];
	return special_v4_at(at + 4) || special_v4_at(client);
}

bool ht_address_special(const struct ht_address *at)
{
	for (size_t i = 0; i < HT_COUNT(rows_v6); i++) {
		if (!same_bits(rows_v6[i].at, at->at, rows_v6[i].bits))
			continue;
		switch (rows_v6[i].judge) {
		case SPECIAL: return true;
		case PUBLIC: return false;
		case INSIDE: return special_v4_at(at->at + rows_v6[i].inside);
		case TEREDO: return special_teredo(at->at);
		}
	}
	return true;
}

/* Letters, digits, '-', '.' and '_': what a name in DNS and an IPv4 address have. */
static bool name(struct ht_text host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'))
			return false;
	}
	return host.len;
}

/* "host", "host:port", "[v6]", "[v6]:port". *port is left empty when none is given. */
static bool authority(struct ht_text t, struct ht_text *host, struct ht_text *port, bool *port_given)
{
	struct ht_address v6;
	struct ht_text after;

	if (!ht_text_starts(t, HT_TEXT("["))) {
		*port_given = ht_text_cut(t, ':', host, port);
		return name(*host);
	}
	t.at++;
	t.len--;
	if (!ht_text_cut(t, ']', host, &after) || !memchr(host->at, ':', host->len) || !ht_address_read(*host, &v6))
		return false;
	*port_given = after.len;
	if (after.len && *after.at != ':')
		return false;
	*port = after.len ? (struct ht_text){ after.at + 1, after.len - 1 } : after;
	return true;
}

bool ht_url_read(struct ht_text t, struct ht_url *out)
{
	struct ht_url url = { .tls = true };
	struct ht_text scheme, rest, place, port, tail;
	uint64_t number;
	size_t len = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] <= ' ' || t.at[i] > '~' || t.at[i] == '#')
			return false;
	}
	if (!ht_text_cut(t, ':', &scheme, &rest) || !ht_text_starts(rest, HT_TEXT("//")))
		return false;
	if (ht_text_same_case(scheme, "http"))
		url.tls = false;
	else if (!ht_text_same_case(scheme, "https"))
		return false;
	rest.at += 2;
	rest.len -= 2;
	while (len < rest.len && rest.at[len] != '/' && rest.at[len] != '?')
		len++;
	place = (struct ht_text){ rest.at, len };
	tail = (struct ht_text){ rest.at + len, rest.len - len };
	if (!authority(place, &url.host, &port, &url.port_given))
		return false;
	number = url.tls ? 443 : 80;
	if (url.port_given && (!ht_text_u64(port, UINT16_MAX, &number) || !number))
		return false;
	url.port = (uint16_t)number;
	ht_text_cut(tail, '?', &url.path, &url.query);
	*out = url;
	return true;
}

bool ht_host_port_read(struct ht_text t, struct ht_text *host, uint16_t *port)
{
	struct ht_text name_text, digits;
	uint64_t number;
	bool given;

	if (!authority(t, &name_text, &digits, &given) || !given || !ht_text_u64(digits, UINT16_MAX, &number))
		return false;
	*host = name_text;
	*port = (uint16_t)number;
	return true;
}
