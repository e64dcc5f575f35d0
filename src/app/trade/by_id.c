/* app/trade/by_id.c - looking for an id in lists. */
#include "app/trade/by_id.h"

#include <string.h>

#include "app/trade/pages.h"

enum { PAGE = 1000, ID_MAX = 1024, FOUND_MAX = 8 };

struct found {
	size_t count; /* FOUND_MAX: there may be more */
	struct {
		char at[ID_MAX];
		size_t len;
	} ids[FOUND_MAX];
};

struct search {
	struct ht_text given;
	const char *list;
	struct found own;   /* by their own ids */
	struct found peers; /* by what the peer calls them, when there are no others */
};

static struct ht_text found_at(const struct found *f, size_t i)
{
	return (struct ht_text){ f->ids[i].at, f->ids[i].len };
}

/* Both parties of one node have the same agreement: it counts once. */
static void keep(struct found *f, struct ht_text id)
{
	for (size_t i = 0; i < f->count; i++) {
		if (ht_text_same(found_at(f, i), id))
			return;
	}
	if (f->count == FOUND_MAX || id.len > ID_MAX)
		return;
	memcpy(f->ids[f->count].at, id.at, id.len);
	f->ids[f->count++].len = id.len;
}

static bool is_part(struct ht_text part, struct ht_text id)
{
	return ht_text_starts(id, part) || ht_text_ends(id, part);
}

static int look(struct ht_client *c, void *mine)
{
	struct search *s = mine;
	const struct ht_json *list = ht_json_member(c->json, s->list);

	for (size_t i = 0; i < ht_json_count(list); i++) {
		const struct ht_json *one = ht_json_at(list, i);
		struct ht_text id = ht_json_text(ht_json_member(one, "id"));

		if (is_part(s->given, id))
			keep(&s->own, id);
		else if (is_part(s->given, ht_json_text(ht_json_member(one, "peerId"))))
			keep(&s->peers, id);
	}
	return HT_EXIT_DONE;
}

static int refuse(struct ht_client *c, struct ht_text given, const struct found *f)
{
	struct ht_out out;

	ht_out_init(&out, c->arena);
	for (size_t i = 0; i < f->count; i++) {
		ht_out_z(&out, i ? ", " : "");
		ht_out_text(&out, found_at(f, i));
	}
	if (f->count == FOUND_MAX)
		ht_out_z(&out, ", ...");
	return ht_client_wrong(c, HT_EXIT_USAGE, "ambiguous",
			       HT_PICK(c->lang, HT_TEXT_FMT " is a part of more than one id: %s", HT_TEXT_FMT " 对应多个标识:%s"),
			       HT_TEXT_ARG(given), ht_text_z(c->arena, ht_out_done(&out)));
}

int ht_by_id_find(struct ht_client *c, const char *lists, struct ht_text given, struct ht_text *id)
{
	struct ht_text rest = ht_text_of(lists), list;
	struct search s = { .given = given };
	const struct found *found;
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
	found = s.own.count ? &s.own : &s.peers;
	if (found->count > 1)
		return refuse(c, given, found);
	if (found->count)
		*id = ht_text_copy(c->arena, found_at(found, 0));
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
