/* desk/offers_test.c - pages of what a party offers: order, ends, what is hidden, and what is published in between. */
#include "base/count.h"
#include "desk/fixture.h"
#include "test/check.h"

#define OTHERS "did:web:others.example"
#define LONG_POLICY_BYTES 60000

struct page {
	int64_t from;
	bool back;
	size_t most;
};

static void publish(struct fixture *f, const char *id, const char *audience)
{
	struct ht_arena room = f->arena;

	fixture_must(f, fixture_publish(f, ht_text_z(&f->arena, ht_text_of(id)), ANYBODY, audience));
	f->arena = room;
}

/* urn:0, urn:1, ... Each third one is not for gamma. */
static void publish_many(struct fixture *f, int from, int to)
{
	char id[32];

	for (int i = from; i < to; i++) {
		(void)snprintf(id, sizeof id, "urn:%d", i);
		publish(f, id, i % 3 == 1 ? OTHERS : "");
	}
}

static struct ht_step *ask(struct fixture *f, struct page page)
{
	struct ht_step *s = fixture_step(f, HT_STEP_OFFERS, HT_NOBODY);

	s->in.read.peer = HT_TEXT(GAMMA);
	s->in.read.page = (struct ht_page){ .after = page.from, .most = page.most };
	s->in.read.back = page.back;
	CHECK(!ht_desk_read(f->store, &f->settings, s, f->now_us) && s->why.code == HT_REFUSE_NONE);
	return s;
}

static int number_of(const struct ht_product *p)
{
	uint64_t number = 0;

	CHECK(ht_text_starts(p->id, HT_TEXT("urn:")));
	CHECK(ht_text_u64((struct ht_text){ p->id.at + 4, p->id.len - 4 }, 1000000, &number));
	return (int)number;
}

/* The shown products of these, page after page, each full but the last, each once. */
TEST(forward_and_back)
{
	static const size_t sizes[] = { 1, 7, 60, 99, 100 };
	struct fixture f;

	fixture_init(&f);
	publish_many(&f, 0, 150); /* 100 are shown */
	for (size_t i = 0; i < HT_COUNT(sizes); i++) {
		struct page page = { .most = sizes[i] };
		size_t got = 0, pages = 0;
		struct ht_step *s;
		int before = -1;

		do {
			s = ask(&f, page);
			CHECK(s->out.count == (100 - got < page.most ? 100 - got : page.most) && !s->out.previous == !pages);
			for (size_t k = 0; k < s->out.count; k++) {
				int n = number_of(&s->out.products[k]);

				CHECK_F(n == before + (before % 3 == 0 ? 2 : 1), "%zu: %d after %d", page.most, n, before);
				before = n;
			}
			got += s->out.count;
			pages++;
			page.from = s->out.next;
		} while (s->out.next && pages < 200);
		CHECK_F(got == 100 && before == 149, "pages of %zu: %zu products", page.most, got);
		page.back = true;
		for (page.from = s->out.previous; page.from && pages; page.from = s->out.previous) {
			s = ask(&f, page);
			CHECK_F(s->out.count == page.most && s->out.next, "back by %zu: %zu", page.most, s->out.count);
			pages--;
		}
		CHECK(pages == 1 && number_of(&s->out.products[0]) == 0);
	}
	fixture_fini(&f);
}

/* What is published while somebody turns pages comes at the end; a new version leaves its old place. */
TEST(published_in_between)
{
	struct fixture f;
	struct ht_step *s;

	fixture_init(&f);
	publish_many(&f, 0, 9); /* 0 2 3 5 6 8 are shown */
	s = ask(&f, (struct page){ .most = 2 });
	CHECK(s->out.count == 2 && number_of(&s->out.products[1]) == 2);
	publish(&f, "urn:5", "");
	publish(&f, "urn:9", "");
	s = ask(&f, (struct page){ .from = s->out.next, .most = 3 });
	CHECK(s->out.count == 3 && number_of(&s->out.products[0]) == 3 && number_of(&s->out.products[1]) == 6);
	s = ask(&f, (struct page){ .from = s->out.next, .most = 3 });
	CHECK(s->out.count == 2 && number_of(&s->out.products[0]) == 5 && number_of(&s->out.products[1]) == 9 && !s->out.next);
	fixture_fini(&f);
}

/* Where a page of somebody's who sees nothing lies tells nothing, and the ends are ends. */
TEST(ends)
{
	struct fixture f;
	struct ht_step *s;

	fixture_init(&f);
	s = ask(&f, (struct page){ .most = 5 });
	CHECK(!s->out.count && !s->out.next && !s->out.previous);
	for (int i = 0; i < 20; i++) {
		char id[32];

		(void)snprintf(id, sizeof id, "urn:%d", i);
		publish(&f, id, OTHERS);
	}
	s = ask(&f, (struct page){ .most = 5 });
	CHECK(!s->out.count && !s->out.next && !s->out.previous);
	publish(&f, "urn:20", "");
	s = ask(&f, (struct page){ .most = 1 });
	CHECK(s->out.count == 1 && !s->out.next && !s->out.previous);
	s = ask(&f, (struct page){ .from = 1000, .most = 1 });
	CHECK(!s->out.count && !s->out.next && s->out.previous == 1001);
	s = ask(&f, (struct page){ .from = 1001, .back = true, .most = 1 });
	CHECK(s->out.count == 1 && !s->out.next && !s->out.previous);
	s = ask(&f, (struct page){ .from = 1, .back = true, .most = 1 });
	CHECK(!s->out.count && !s->out.previous);
	fixture_fini(&f);
}

/* One request looks at so many and no more: its page is short then, and goes on. */
TEST(very_many_that_are_hidden)
{
	struct fixture f;
	struct ht_step *s;
	char id[32];

	fixture_init(&f);
	publish(&f, "urn:0", "");
	for (int i = 1; i < 4500; i++) {
		(void)snprintf(id, sizeof id, "urn:%d", i);
		publish(&f, id, OTHERS);
	}
	publish(&f, "urn:4500", "");
	s = ask(&f, (struct page){ .most = 5 });
	CHECK(s->out.count == 1 && s->out.next);
	s = ask(&f, (struct page){ .from = s->out.next, .most = 5 });
	CHECK(s->out.count == 1 && number_of(&s->out.products[0]) == 4500 && !s->out.next && s->out.previous);
	fixture_fini(&f);
}

/* About a megabyte of texts is a page. */
TEST(large_ones)
{
	static char policy[LONG_POLICY_BYTES + 64];
	struct fixture f;
	struct page page = { .most = 100 };
	size_t got = 0, pages = 0;
	char id[32];

	fixture_init(&f);
	(void)snprintf(policy, sizeof policy, "{\"permission\":[{\"action\":\"use\"}]%*s}", LONG_POLICY_BYTES, "");
	for (int i = 0; i < 40; i++) {
		struct ht_arena room = f.arena;

		(void)snprintf(id, sizeof id, "urn:%d", i);
		fixture_must(&f, fixture_publish(&f, ht_text_z(&f.arena, ht_text_of(id)), policy, ""));
		f.arena = room;
	}
	do {
		struct ht_step *s = ask(&f, page);

		CHECK(s->out.count <= 17);
		got += s->out.count;
		pages++;
		page.from = s->out.next;
	} while (page.from);
	CHECK_F(got == 40 && pages == 3, "%zu in %zu pages", got, pages);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(forward_and_back), TEST_ROW(published_in_between), TEST_ROW(ends), TEST_ROW(very_many_that_are_hidden),
	   TEST_ROW(large_ones))
