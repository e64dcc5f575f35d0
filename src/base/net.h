/* base/net.h - addresses as plain bytes: ranges, what kind of place an address is, URLs taken apart. No socket here. */
#ifndef HT_BASE_NET_H
#define HT_BASE_NET_H

#include "base/text.h"

/* An IPv4 address is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d), so that both are judged by the same rows. */
struct ht_address {
	uint8_t at[16];
};

struct ht_range {
	struct ht_address from;
	uint8_t bits; /* 0 to 128; an IPv4 prefix is stored with 96 added */
};

enum { HT_RANGES_MAX = 64 };

struct ht_ranges {
	struct ht_range at[HT_RANGES_MAX];
	size_t count;
};

bool ht_address_read(struct ht_text t, struct ht_address *out); /* IPv4 dotted quad or IPv6, no zone, no port */
/* A mapped address as dotted quad. */
struct ht_text ht_address_text(struct ht_arena *a, const struct ht_address *at);

/* "10.0.0.0/8,fd00::/8"; without a prefix the one address; empty: no range. Bits below the prefix must be zero. False: *bad is the part that is wrong. */
bool ht_ranges_read(struct ht_text t, struct ht_ranges *out, struct ht_text *bad);
extern const struct ht_ranges ht_ranges_all; /* every address */
bool ht_ranges_have(const struct ht_ranges *r, const struct ht_address *at);

/* Whether nobody may be reached there unless allowed: loopback, private, link-local, unique local, carrier NAT,
 * multicast, unspecified, reserved, documentation, benchmark, metadata (169.254.169.254, fd00:ec2::254 ...), and the same inside
 * IPv4-mapped, IPv4-compatible, 6to4, NAT64 and Teredo addresses. IPv6 that is not global unicast (2000::/3) is reserved.
 * Source: IANA special-purpose address registries (RFC 6890). */
bool ht_address_special(const struct ht_address *at);

/* An absolute http or https URL. Refused: user info, fragment, blanks, control characters, bytes that are not ASCII, port 0,
 * and a host that is not an IPv6 address in brackets or letters, digits, '-', '.', '_'. */
struct ht_url {
	bool tls;
	struct ht_text host; /* without brackets */
	uint16_t port;       /* the scheme's when none is given */
	bool port_given;
	struct ht_text path; /* from the first slash, without the query; may be empty */
	struct ht_text query; /* after '?'; may be empty */
};
bool ht_url_read(struct ht_text t, struct ht_url *out);

/* "HOST:PORT" or "[IPv6]:PORT"; port 0 is allowed. */
bool ht_host_port_read(struct ht_text t, struct ht_text *host, uint16_t *port);

#endif
