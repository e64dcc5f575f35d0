/* identity/trust_test.c - the setting --trust and whom it lets in. */
#include "identity/trust.h"

#include "base/count.h"
#include "test/check.h"

TEST(the_setting)
{
	static const struct {
		const char *setting;
		bool ok;
		enum ht_trust_kind kind;
		const char *bad;
	} rows[] = {
		{ "web", true, HT_TRUST_WEB, "" },
		{ "open", true, HT_TRUST_OPEN, "" },
		{ "did:web:a", true, HT_TRUST_LIST, "" },
		{ "did:web:a,did:web:b%3A80:p:x", true, HT_TRUST_LIST, "" },
		{ "", false, 0, "" },
		{ "Web", false, 0, "Web" },
		{ "did:web:", false, 0, "did:web:" },
		{ "did:web:a,", false, 0, "" },
		{ "did:web:a, did:web:b", false, 0, " did:web:b" },
		{ "did:web:a,did:key:b", false, 0, "did:key:b" },
		{ "web,did:web:a", false, 0, "web" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { 0 };
		struct ht_trust t;
		bool ok = ht_trust_read(ht_text_of(rows[i].setting), &t, &why);

		CHECK_ROW(rows[i].setting, ok == rows[i].ok && (!ok || t.kind == rows[i].kind));
		CHECK_ROW(rows[i].setting,
			  ok || (why.code == HT_REFUSE_VALUE && ht_text_is(why.place, "--trust") && ht_text_is(why.detail, rows[i].bad)));
	}
}

TEST(who_is_let_in)
{
	static const struct {
		const char *setting, *did;
		bool want;
	} rows[] = {
		{ "web", "did:web:a", true },
		{ "open", "did:web:a", true },
		{ "web", "did:key:a", false },
		{ "open", "did:web:", false },
		{ "web", "", false },
		{ "did:web:a,did:web:b", "did:web:a", true },
		{ "did:web:a,did:web:b", "did:web:b", true },
		{ "did:web:a,did:web:b", "did:web:c", false },
		{ "did:web:ab", "did:web:a", false },
		{ "did:web:a", "did:web:ab", false },
		{ "did:web:a,did:web:b", "did:web:a,did:web:b", false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { 0 };
		struct ht_trust t;

		CHECK_ROW(rows[i].did, ht_trust_read(ht_text_of(rows[i].setting), &t, &why));
		CHECK_F(ht_trusts(&t, ht_text_of(rows[i].did)) == rows[i].want, "%s under %s", rows[i].did, rows[i].setting);
	}
}

CHECK_MAIN(TEST_ROW(the_setting), TEST_ROW(who_is_let_in))
