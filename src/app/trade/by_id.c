/* app/trade/by_id.c - looking for an id in lists. */
#include "app/trade/by_id.h"

#include <string.h>

#include "app/trade/pages.h"

enum { PAGE = 1000, ID_MAX = 1024, FOUND_MAX = 8 };

struct search {
	struct ht_text given;
	const char *list;
	size_t count; /* of found; FOUND_MAX: there may be more */
	struct {
		char at[ID_MAX];
		size_t len;
	} found[FOUND_MAX];
};

static struct ht_text found_at(const struct search *s, size_t i)
{
	return (struct ht_text){ s->found[i].at, s->found[i].len };
}

/* Both parties of one node have the same agreement: it counts once. */
static void keep(struct search *s, struct ht_text id)
{
	for (size_t i = 0; i < s->count; i++) {
		if (ht_text_same(found_at(s, i), id))
			return;
	}
	if (s->count == FOUND_MAX || id.len > ID_MAX)
		return;
	memcpy(s->found[s->count].at, id.at, id.len);
	s->found[s->count++].len = id.len;
}

static int look(struct ht_client *c, void *mine)
{
	struct search *s = mine;
	const struct ht_json *list = ht_json_member(c->json, s->list);

	for (size_t i = 0; i < ht_json_count(list); i++) {
		struct ht_text id = ht_json_text(ht_json_member(ht_json_at(list, i), "id"));

		if (ht_text_starts(id, s->given) || ht_text_ends(id, s->given))
			keep(s, id);
	}
	return HT_EXIT_DONE;
}

static int refuse(struct ht_client *c, const struct search *s)
{
	struct ht_out out;

	ht_out_init(&out, c->arena);
	for (size_t i = 0; i < s->count; i++) {
		ht_out_z(&out, i ? ", " : "");
		ht_out_text(&out, found_at(s, i));
	}
	if (s->count == FOUND_MAX)
		ht_out_z(&out, ", ...");
	return ht_client_wrong(c, HT_EXIT_USAGE, "ambiguous",
			       HT_PICK(c->lang, HT_TEXT_FMT " is a part of more than one id: %s", HT_TEXT_FMT " 对应多个标识:%s"),
			       HT_TEXT_ARG(s->given), ht_text_z(c->arena, ht_out_done(&out)));
}

int ht_by_id_find(struct ht_client *c, const char *lists, struct ht_text given, struct ht_text *id)
{
	struct ht_text rest = ht_text_of(lists), list;
	struct search s = { .given = given };
	int status = HT_EXIT_DONE;

	*id = given;
	while (rest.len && given.len >= HT_SHORT_ID_MIN && !status) {
		struct ht_pages pages = { .most = PAGE };

		ht_text_cut(rest, ' ', &list, &rest);
		s.list = ht_text_z(c->arena, list);
		pages.path = ht_text_z(c->arena, ht_text_format(c->arena, "/%s", s.list));
		status = ht_pages_walk(c, &pages, look, &s);
	}
	if (status)
		return status;
	if (s.count > 1)
		return refuse(c, &s);
	if (s.count)
		*id = ht_text_copy(c->arena, found_at(&s, 0));
	return HT_EXIT_DONE;
}

int ht_by_id(struct ht_client *c, const char *lists, int (*ask)(struct ht_client *c, struct ht_text id))
{
	struct ht_text given = ht_text_of(c->line->args[0]), id;
	int status;

	c->may_lack = true;
	status = ask(c, given);
	c->may_lack = false;
	if (!c->lacks)
		return status;
	status = ht_by_id_find(c, lists, given, &id);
	return status ? status : ask(c, id);
}

int ht_by_id_get(struct ht_client *c, struct ht_text id)
{
	return ht_client_call(c, "GET", ht_client_path(c, c->line->command->of, id, ""), HT_TEXT(""));
}
