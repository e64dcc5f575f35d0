/* desk/effects.c - what a batch leaves to do after its commit: lists in the memory of the batch. */
#include <string.h>

#include "desk/work.h"

enum { EFFECTS_FIRST = 16 };

/* The list, with room for one more of `size` bytes each. */
static void *with_room(struct ht_arena *a, void *list, size_t count, size_t *cap, size_t size)
{
	size_t before = *cap;

	if (count < before)
		return list;
	*cap = before ? before * 2 : EFFECTS_FIRST;
	return ht_arena_grow(a, list, before * size, *cap * size);
}

void ht_effects_party(struct ht_effects *e, int64_t row)
{
	for (size_t i = e->parties_count; i-- > 0;) {
		if (e->parties[i] == row)
			return;
	}
	e->parties = with_room(e->arena, e->parties, e->parties_count, &e->parties_cap, sizeof(*e->parties));
	e->parties[e->parties_count++] = row;
}

void ht_effects_moved(struct ht_effects *e, const struct ht_process *p)
{
	e->moved = with_room(e->arena, e->moved, e->moved_count, &e->moved_cap, sizeof(*e->moved));
	e->moved[e->moved_count++] = *p;
}

void ht_effects_post(struct ht_work *w, const struct ht_case *c, struct ht_bytes body)
{
	struct ht_effects *e = w->effects;

	e->posts = with_room(e->arena, e->posts, e->posts_count, &e->posts_cap, sizeof(*e->posts));
	e->posts[e->posts_count++] = (struct ht_post){
		.process = c->p.row,
		.party = c->party.row,
		.peer = c->p.peer,
		.url = c->letter.url,
		.id = c->letter.id,
		.pid = c->p.pid,
		.body = body,
		.first = c->p.state == HT_NONE,
		.machine = c->p.machine,
		.role = c->p.role,
	};
}

void ht_effects_look(struct ht_work *w, const struct ht_case *c)
{
	struct ht_effects *e = w->effects;
	const char *kind = c->p.machine == HT_NEGOTIATION ? "negotiations" : "transfers";
	struct ht_text pid = ht_percent(w->arena, c->p.peer_pid);

	e->looks = with_room(e->arena, e->looks, e->looks_count, &e->looks_cap, sizeof(*e->looks));
	e->looks[e->looks_count++] = (struct ht_look){
		.process = c->p.row,
		.party = c->party.row,
		.peer = c->p.peer,
		.url = ht_text_format(w->arena, HT_TEXT_FMT "/%s/" HT_TEXT_FMT, HT_TEXT_ARG(c->p.base), kind, HT_TEXT_ARG(pid)),
		.letter = c->has_letter ? c->letter.id : (struct ht_text){ 0 },
		.mark = c->p.mark,
		.machine = c->p.machine,
	};
}

void ht_effects_drop(struct ht_work *w, const uint8_t sha256[32])
{
	struct ht_effects *e = w->effects;
	struct ht_drop *drop;

	e->drops = with_room(e->arena, e->drops, e->drops_count, &e->drops_cap, sizeof(*e->drops));
	drop = &e->drops[e->drops_count++];
	drop->party = w->step->who.party.id;
	memcpy(drop->sha256, sha256, sizeof(drop->sha256));
}
