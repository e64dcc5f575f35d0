/* desk/desk_test.c - tests of the desk's start: no letter of before is forgotten, however many there are and however long. */
#include "desk/fixture.h"

#include "base/count.h"
#include "test/check.h"

/* More letters than a list may have rows, and longer ones than a list may have bytes. */
TEST(every_letter_leaves_after_a_restart)
{
	static const struct {
		const char *name;
		size_t letters, base;
	} rows[] = {
		{ "more than the rows of a list", HT_LIST_MAX + 1, 40 },
		{ "more than the bytes of a list", HT_LIST_BYTES / 8000 + 100, 8000 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		size_t sent = 0, last = 1;
		struct fixture f;
		char *base;

		fixture_init(&f);
		base = ht_arena_take(&f.arena, rows[i].base);
		memset(base, 'b', rows[i].base);
		for (size_t n = 0; n < rows[i].letters; n++) {
			struct ht_arena before = f.arena;
			struct ht_step *s = fixture_negotiate(&f);

			s->in.negotiate.base = (struct ht_text){ base, rows[i].base };
			CHECK_ROW(rows[i].name, !fixture_run(&f, s));
			f.arena = before;
		}
		fixture_restart(&f);
		f.now_us += HT_SECOND_US;
		for (; last; sent += last) {
			struct ht_arena before = f.arena;

			CHECK_ROW(rows[i].name, !fixture_run(&f, fixture_step(&f, HT_STEP_DUE, HT_NOBODY)));
			last = f.effects.posts_count;
			f.arena = before;
		}
		CHECK_F(sent == rows[i].letters, "%s: %zu of %zu", rows[i].name, sent, rows[i].letters);
		fixture_fini(&f);
	}
}

CHECK_MAIN(TEST_ROW(every_letter_leaves_after_a_restart))
