/* door/dsp.c - the routes of DSP and the gate: from requests to steps, and from results to bodies. */
#include "base/count.h"
#include "base/out.h"
#include "crypto/crypto.h"
#include "door/visit.h"
#include "wire/did.h"
#include "wire/dsp.h"
#include "wire/link.h"

enum { HT_CATALOG_PAGE = 100 /* datasets, at most */, PLACE_BYTES = 9, TOKEN_BYTES = PLACE_BYTES + 4 };

/* The base of the party that is addressed. */
static struct ht_text base_of(const struct ht_visit *v)
{
	return ht_dsp_base(v->door->public_url, v->party.id, v->ask->arena);
}

bool ht_dsp_parse_message(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	struct ht_message *m = &s->in.receive.message;
	bool event = v->route->msg == HT_MSG_ACCEPT;

	if (event ? !ht_dsp_read_event(v->ask->body, v->ask->arena, m, &v->why)
		  : !ht_dsp_read(v->ask->body, v->route->machine, v->route->msg, v->ask->arena, m, &v->why))
		return false;
	if (!v->id.len && !m->callback.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "/callbackAddress");
	if (!v->id.len && !ht_visit_url(v, m->callback, "/callbackAddress"))
		return false;
	m->callback = ht_text_no_slash(m->callback);
	s->in.receive.pid = v->id;
	s->in.receive.peer = v->peer;
	s->in.receive.body = v->ask->body;
	s->in.receive.token = v->claim.token;
	s->in.receive.jti = v->claim.jti;
	s->in.receive.until_s = v->claim.until_s;
	for (size_t i = 0; i < sizeof(s->in.receive.key); i++)
		s->in.receive.key[i] = v->claim.pub[i];
	return true;
}

bool ht_dsp_parse_read(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	s->in.read.id = v->id;
	s->in.read.peer = v->peer;
	s->in.read.machine = v->route->machine;
	s->in.read.page = (struct ht_page){ .after = 0, .most = HT_LIST_MAX };
	return true;
}

/* What a token says: 'n' (after the row) or 'p' (before it), the row, and the beginning of a hash by which this party knows its own. It
 * is no secret and gives no right: each page is judged for its asker. */
static void put_place(const struct ht_visit *v, bool back, int64_t row, uint8_t token[TOKEN_BYTES])
{
	struct ht_out out;
	uint8_t hash[HT_SHA256];

	ht_out_init(&out, v->ask->arena);
	ht_out_char(&out, back ? 'p' : 'n');
	ht_out_u64(&out, (uint64_t)row);
	ht_out_z(&out, "hutong catalog page ");
	ht_out_text(&out, v->party.did);
	ht_sha256(ht_out_done_bytes(&out), hash);
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		token[i] = i < PLACE_BYTES ? (uint8_t)out.at[i] : hash[i - PLACE_BYTES];
}

static bool take_token(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	uint8_t ours[TOKEN_BYTES];
	struct ht_bytes token;
	uint64_t row = 0;

	if (!v->token.at)
		return true;
	if (!ht_base64url_read(v->ask->arena, v->token, &token) || token.len != TOKEN_BYTES)
		return ht_visit_refuse(v, HT_REFUSE_VALUE, "continuationToken");
	for (size_t i = 1; i < PLACE_BYTES; i++)
		row = row << 8 | token.at[i];
	s->in.read.back = token.at[0] == 'p';
	s->in.read.page.after = (int64_t)row;
	put_place(v, s->in.read.back, (int64_t)row, ours);
	if (row && row < INT64_MAX && ht_bytes_same(token, (struct ht_bytes){ ours, sizeof(ours) }))
		return true;
	return ht_visit_refuse(v, HT_REFUSE_VALUE, "continuationToken");
}

bool ht_dsp_parse_catalog(struct ht_visit *v)
{
	struct ht_page *page = &v->out->step.in.read.page;
	int64_t most;

	if (!ht_visit_query(v) || !ht_dcat_request_read(v->ask->body, v->ask->arena, &most, &v->why) || !ht_dsp_parse_read(v))
		return false;
	page->most = most && most < HT_CATALOG_PAGE ? (size_t)most : HT_CATALOG_PAGE;
	return take_token(v);
}

/* The access token, with or without its scheme. */
static void take_access(const struct ht_visit *v, uint8_t access[32])
{
	struct ht_text scheme, token;

	if (!ht_text_cut(v->ask->authorization, ' ', &scheme, &token) || !ht_text_same_case(scheme, "bearer"))
		token = v->ask->authorization;
	ht_sha256(ht_text_bytes(ht_text_trim(token)), access);
}

bool ht_dsp_parse_delivery(struct ht_visit *v)
{
	take_access(v, v->out->step.in.read.access);
	return ht_dsp_parse_read(v);
}

/* Before the file comes: whether it may. */
bool ht_dsp_parse_push(struct ht_visit *v)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_step *s = &v->out->step;

	s->in.pushed.pid = v->id;
	take_access(v, s->in.pushed.access);
	return ht_visit_fact(v, facts->sink(facts->self, v->party.row, v->id, s->in.pushed.access), HT_REFUSE_NOT_FOUND, "");
}

void ht_dsp_reply_push(struct ht_visit *v, struct ht_answer *answer)
{
	(void)v;
	answer->content_type = NULL;
}

/* A process that has no state yet shows the one that its first message leads to. */
void ht_dsp_reply_process(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_process *p = &v->out->step.out.process;
	bool consumer = p->role == HT_CONSUMER;

	answer->body = ht_dsp_write_process(p->machine, consumer ? p->pid : p->peer_pid, consumer ? p->peer_pid : p->pid, ht_desk_shown(p),
					    v->ask->arena);
}

/* Empty: there is no such page. Clause: DSP 2025-1 catalog HTTPS binding, pagination. */
static struct ht_text page_url(const struct ht_visit *v, struct ht_text base, bool back, int64_t row)
{
	uint8_t token[TOKEN_BYTES];
	struct ht_text word;

	if (!row)
		return HT_TEXT("");
	put_place(v, back, row, token);
	word = ht_base64url(v->ask->arena, (struct ht_bytes){ token, sizeof(token) });
	return ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog/request?continuationToken=" HT_TEXT_FMT, HT_TEXT_ARG(base),
			      HT_TEXT_ARG(word));
}

void ht_dsp_reply_catalog(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_step *s = &v->out->step;
	struct ht_text base = base_of(v), id = ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog", HT_TEXT_ARG(base));

	const struct ht_link links[] = { { page_url(v, base, false, s->out.next), HT_TEXT("next") },
					 { page_url(v, base, true, s->out.previous), HT_TEXT("previous") } };

	answer->body = ht_dcat_catalog(id, v->party.did, v->party.name, base, s->out.products, s->out.count, v->ask->arena);
	answer->link = ht_link_write(links, HT_COUNT(links), v->ask->arena);
}

void ht_dsp_reply_dataset(struct ht_visit *v, struct ht_answer *answer)
{
	answer->body = ht_dcat_dataset(&v->out->step.out.product, base_of(v), v->ask->arena);
}

void ht_dsp_reply_version(struct ht_visit *v, struct ht_answer *answer)
{
	answer->body = ht_dsp_version(HT_TEXT("/2025-1"), v->ask->arena);
}

/* Documents of our own parties are always here; one that is not is a party without a key yet. */
void ht_dsp_reply_document(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_facts *facts = v->door->facts;
	const struct ht_did_doc *doc = NULL;

	if (facts->document(facts->self, v->party.did, false, v->ask->arena, &doc) == HT_FACT_HERE) {
		answer->body = ht_did_write(doc, v->ask->arena);
		return;
	}
	ht_visit_refuse(v, HT_REFUSE_DOCUMENT_LATER, "");
	ht_visit_answer(v, &v->why, answer);
}

void ht_dsp_reply_delivery(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_product *p = &v->out->step.out.product;

	answer->content_type = "application/octet-stream";
	answer->deliver = true;
	answer->party = v->party.id;
	answer->pid = v->out->step.out.process.pid;
	answer->size = p->size;
	for (size_t i = 0; i < sizeof(answer->sha256); i++)
		answer->sha256[i] = p->sha256[i];
}
