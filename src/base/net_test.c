/* base/net_test.c - tests of base/net.h. */
#include "base/net.h"

#include "base/count.h"
#include "test/check.h"

static struct ht_address address(const char *z)
{
	struct ht_address at = { { 0 } };

	CHECK_ROW(z, ht_address_read(ht_text_of(z), &at));
	return at;
}

TEST(addresses)
{
	static const struct {
		const char *text, *back; /* NULL: refused */
	} rows[] = {
		{ "1.2.3.4", "1.2.3.4" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "::ffff:1.2.3.4", "1.2.3.4" },
		{ "::ffff:102:304", "1.2.3.4" },
		{ "64:ff9b::8.8.8.8", "64:ff9b::808:808" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "", NULL }, { "1.2.3", NULL }, { "1.2.3.4.5", NULL }, { "1.2.3.256", NULL }, { "1.2.3.04", NULL }, { "0x1.2.3.4", NULL },
		{ "1.2.3.4 ", NULL }, { "16909060", NULL }, { "localhost", NULL }, { "1.2.3.4:80", NULL }, { "[::1]", NULL }, { "fe80::1%eth0", NULL },
		{ ":", NULL }, { ":::", NULL }, { "1::2::3", NULL }, { "12345::", NULL }, { "1:2:3:4:5:6:7", NULL }, { "1:2:3:4:5:6:7:8:9", NULL },
		{ "::1.2.3", NULL }, { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555", NULL },
	};
	struct ht_arena a;
	struct ht_address at;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		bool good = ht_address_read(ht_text_of(rows[i].text), &at);

		CHECK_ROW(rows[i].text, good == !!rows[i].back && (!good || ht_text_is(ht_address_text(&a, &at), rows[i].back)));
	}
	CHECK(!ht_address_read(HT_TEXT("1.2.3.4\0"), &at));
	ht_arena_fini(&a);
}

TEST(ranges_have)
{
	static const struct {
		const char *ranges, *inside, *outside;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", "::10.0.0.1" },
		{ "0.0.0.0/0", "255.1.2.3", "2001:db8::1" },
		{ "::/0", "10.0.0.1", NULL },
		{ "127.0.0.1", "127.0.0.1", "127.0.0.2" },
		{ "127.0.0.1/32", "127.0.0.1", "127.0.0.0" },
		{ "::1", "::1", "::2" },
		{ "fd00::/8", "fdff::1", "fc00::1" },
		{ "172.16.0.0/12", "172.31.255.255", "172.32.0.0" },
		{ "2001:db8:8000::/33", "2001:db8:ffff::", "2001:db8:7fff::" },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3" },
		{ "10.0.0.0/8,fd00::/8,192.0.2.128/25", "192.0.2.200", "192.0.2.127" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_address inside = address(rows[i].inside);
		struct ht_ranges r;
		struct ht_text bad;

		CHECK_ROW(rows[i].ranges, ht_ranges_read(ht_text_of(rows[i].ranges), &r, &bad) && ht_ranges_have(&r, &inside));
		CHECK_ROW(rows[i].inside, ht_ranges_have(&ht_ranges_all, &inside));
		if (rows[i].outside) {
			struct ht_address outside = address(rows[i].outside);

			CHECK_ROW(rows[i].ranges, !ht_ranges_have(&r, &outside));
		}
	}
}

TEST(ranges_refused)
{
	static const struct {
		const char *ranges, *bad;
	} rows[] = {
		{ "10.0.0.0/8,10.0.0.1/8", "10.0.0.1/8" }, { "10.0.0.0/33", "10.0.0.0/33" }, { "::/129", "::/129" }, { "::1/127", "::1/127" },
		{ "10.0.0.0/", "10.0.0.0/" }, { "10.0.0.0/08", "10.0.0.0/08" }, { "10.0.0.0/-1", "10.0.0.0/-1" }, { "10.0.0.0/8,", "" },
		{ ",10.0.0.0/8", "" }, { ",", "" }, { "10.0.0.0/8, ::/0", " ::/0" }, { "host", "host" }, { "10/8", "10/8" }, { "/8", "/8" },
		{ "::/8/8", "::/8/8" },
	};
	struct ht_ranges r;
	struct ht_text bad, many;
	char text[HT_RANGES_MAX * 3 + 3];

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].ranges, !ht_ranges_read(ht_text_of(rows[i].ranges), &r, &bad));
		CHECK_ROW(rows[i].ranges, ht_text_is(bad, rows[i].bad));
	}
	CHECK(ht_ranges_read(HT_TEXT(""), &r, &bad) && !r.count);
	for (size_t i = 0; i <= HT_RANGES_MAX; i++) {
		text[3 * i] = text[3 * i + 1] = ':';
		text[3 * i + 2] = ',';
	}
	many = (struct ht_text){ text, HT_RANGES_MAX * 3 - 1 };
	CHECK(ht_ranges_read(many, &r, &bad) && r.count == HT_RANGES_MAX);
	many.len += 3;
	CHECK(!ht_ranges_read(many, &r, &bad) && ht_text_is(bad, "::"));
}

/* Each range: its first and last address are special; the ones just outside are as the row says (NULL: not asked). */
static const struct {
	const char *first, *last, *before, *after; /* neighbours that are public */
} special[] = {
	{ "0.0.0.0", "0.255.255.255", NULL, "1.0.0.0" },                    /* this network */
	{ "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0" },      /* private */
	{ "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0" }, /* carrier NAT */
	{ "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0" }, /* loopback */
	{ "168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17" }, /* metadata */
	{ "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0" }, /* link-local */
	{ "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0" }, /* private */
	{ "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0" },     /* protocol assignments */
	{ "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0" },         /* documentation */
	{ "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0" }, /* relays of 6to4 */
	{ "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0" }, /* private */
	{ "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0" }, /* benchmark */
	{ "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0" }, /* documentation */
	{ "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0" }, /* documentation */
	{ "224.0.0.0", "239.255.255.255", "223.255.255.255", NULL },        /* multicast */
	{ "240.0.0.0", "255.255.255.255", NULL, NULL },                     /* reserved, broadcast */
	{ "169.254.169.254", "169.254.169.254", NULL, NULL },               /* metadata */
	{ "100.100.100.200", "100.100.100.200", NULL, NULL },               /* metadata */
	{ "::", "::1", NULL, NULL },                                        /* unspecified, loopback */
	{ "::2", "::0.255.255.255", NULL, "::1.0.0.0" },                    /* IPv4-compatible */
	{ "::10.0.0.0", "::10.255.255.255", "::9.255.255.255", "::11.0.0.0" },
	{ "::ffff:127.0.0.0", "::ffff:127.255.255.255", "::ffff:126.255.255.255", "::ffff:128.0.0.0" }, /* IPv4-mapped */
	{ "::ffff:0:192.168.0.0", "::ffff:0:192.168.255.255", "::ffff:0:192.167.255.255", "::ffff:0:192.169.0.0" },
	{ "64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", "64:ff9b::9.255.255.255", "64:ff9b::11.0.0.0" }, /* NAT64 */
	{ "64:ff9b::169.254.169.254", "64:ff9b::169.254.169.254", NULL, "64:ff9b::8.8.8.8" },
	{ "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* local NAT64 */
	{ "64:ff9b::1:0:0", "64:ff9b::1:808:808", NULL, NULL },
	{ "100::", "100::ffff:ffff:ffff:ffff", NULL, NULL },                /* discard only */
	{ "200::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "2000::" }, /* reserved */
	{ "2001:0:a00:1:0:0:f7f7:f7f7", "2001:0:aff:1:0:0:f7f7:f7f7", NULL, "2001:0:808:808:0:0:f7f7:f7f7" }, /* Teredo, server 10/8 */
	{ "2001:0:808:808:0:0:f5ff:ffff", "2001:0:808:808:0:0:f500:0", NULL, "2001:0:808:808:0:0:f6ff:ffff" }, /* Teredo, client 10/8 */
	{ "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "2001:200::" }, /* protocol assignments */
	{ "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", NULL, NULL },    /* benchmark */
	{ "2001:10::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* ORCHID */
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::", "2001:db9::" }, /* documentation */
	{ "2002:a00::", "2002:aff:ffff:ffff:ffff:ffff:ffff:ffff", "2002:9ff:ffff::", "2002:b00::" }, /* 6to4 of 10/8 */
	{ "2002:7f00:1::1", "2002:7f00:1::1", NULL, "2002:808:808::1" },    /* 6to4 of loopback */
	{ "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", "3fff:1000::" }, /* documentation */
	{ "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff::", NULL }, /* reserved; 5f00::/16 is for SIDs */
	{ "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* unique local */
	{ "fd00:ec2::254", "fd00:ec2::254", NULL, NULL },                   /* metadata */
	{ "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* link-local */
	{ "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* site-local, withdrawn */
	{ "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL }, /* multicast */
};

TEST(special_ranges)
{
	static const char *const open[] = {
		"8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700::1111", "2620:0:ccc::2", "::ffff:8.8.8.8",
	};

	for (size_t i = 0; i < HT_COUNT(special); i++) {
		struct ht_address first = address(special[i].first), last = address(special[i].last);

		CHECK_ROW(special[i].first, ht_address_special(&first));
		CHECK_ROW(special[i].last, ht_address_special(&last));
		if (special[i].before) {
			first = address(special[i].before);
			CHECK_ROW(special[i].before, !ht_address_special(&first));
		}
		if (special[i].after) {
			last = address(special[i].after);
			CHECK_ROW(special[i].after, !ht_address_special(&last));
		}
	}
	for (size_t i = 0; i < HT_COUNT(open); i++) {
		struct ht_address at = address(open[i]);

		CHECK_ROW(open[i], !ht_address_special(&at));
	}
}

TEST(urls)
{
	static const struct {
		const char *url;
		bool tls;
		const char *host;
		unsigned port;
		bool port_given;
		const char *path, *query;
	} rows[] = {
		{ "http://a", false, "a", 80, false, "", "" },
		{ "https://a.b-c_d.example/p/q?r=s", true, "a.b-c_d.example", 443, false, "/p/q", "r=s" },
		{ "HTTPS://A:8443", true, "A", 8443, true, "", "" },
		{ "http://127.0.0.1:8080/", false, "127.0.0.1", 8080, true, "/", "" },
		{ "http://[::1]:1/x", false, "::1", 1, true, "/x", "" },
		{ "http://[2001:db8::1]", false, "2001:db8::1", 80, false, "", "" },
		{ "http://a?q", false, "a", 80, false, "", "q" },
		{ "http://a/b?c?d/e", false, "a", 80, false, "/b", "c?d/e" },
		{ "http://a:65535", false, "a", 65535, true, "", "" },
		{ "http://a//b/../@c:d", false, "a", 80, false, "//b/../@c:d", "" },
	};
	static const char *const bad[] = {
		"", "http", "http:", "http:/a", "http://", "http:///p", "http://?q", "ftp://a", "//a", "a/b", "http://u@a", "http://u:p@a", "http://a#f",
		"http://a/p#f", "http://a b", "http://a/\n", "http://a/\x7f", "http://a/\xe5\x9f\x8e", "http://a:", "http://a:0", "http://a:65536",
		"http://a:080", "http://a:8a", "http://a:1:2", "http://:80", "http://[]", "http://[::1", "http://[::1]a", "http://[1.2.3.4]", "http://[a]",
		"http://[::1]:", "http://::1", "http://a\\b", "http://a%2fb", "http://a;b", " http://a", "http://a ", "httpss://a", "http://[fe80::1%25x]/",
		"http://[v1.a:b]/",
	};
	struct ht_url u;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].url, ht_url_read(ht_text_of(rows[i].url), &u));
		CHECK_ROW(rows[i].url, u.tls == rows[i].tls && u.port == rows[i].port && u.port_given == rows[i].port_given);
		CHECK_ROW(rows[i].url, ht_text_is(u.host, rows[i].host) && ht_text_is(u.path, rows[i].path));
		CHECK_ROW(rows[i].url, ht_text_is(u.query, rows[i].query));
	}
	for (size_t i = 0; i < HT_COUNT(bad); i++)
		CHECK_ROW(bad[i], !ht_url_read(ht_text_of(bad[i]), &u));
	CHECK(!ht_url_read(HT_TEXT("http://a\0b"), &u));
}

TEST(hosts_with_ports)
{
	static const struct {
		const char *text, *host; /* NULL: refused */
		unsigned port;
	} rows[] = {
		{ "127.0.0.1:8080", "127.0.0.1", 8080 }, { "[::1]:0", "::1", 0 }, { "localhost:65535", "localhost", 65535 }, { "a", NULL, 0 },
		{ "a:", NULL, 0 }, { ":80", NULL, 0 }, { "::1:80", NULL, 0 }, { "[::1]", NULL, 0 }, { "[::1]80", NULL, 0 }, { "a:65536", NULL, 0 },
		{ "a:-1", NULL, 0 }, { "a b:1", NULL, 0 }, { "", NULL, 0 }, { "[", NULL, 0 }, { "[]:1", NULL, 0 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text host = HT_TEXT("");
		uint16_t port = 1;
		bool good = ht_host_port_read(ht_text_of(rows[i].text), &host, &port);

		CHECK_ROW(rows[i].text, good == !!rows[i].host && (!good || (ht_text_is(host, rows[i].host) && port == rows[i].port)));
	}
}

CHECK_MAIN(TEST_ROW(addresses), TEST_ROW(ranges_have), TEST_ROW(ranges_refused), TEST_ROW(special_ranges), TEST_ROW(urls),
	   TEST_ROW(hosts_with_ports))
