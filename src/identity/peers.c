/* identity/peers.c - the peers file. */
#include "identity/peers.h"

#include "base/count.h"
#include "base/net.h"
#include "crypto/crypto.h"
#include "wire/json.h"

static const struct ht_json_limits limits = { .bytes = 1 << 20, .depth = 3, .count = 2 * 4 * HT_PEERS_MAX };
static const char *const members[] = { "id", "base", "send", "accept" };
/* Of the header that EDC's mock identity makes: one object of texts. */
static const struct ht_json_limits mock_limits = { .bytes = 4 << 10, .depth = 2, .count = 16 };

static bool refuse_row(struct ht_refusal *why, enum ht_refuse code, size_t row, struct ht_text member, struct ht_arena *a)
{
	return ht_refuse(why, code, ht_text_format(a, "/%zu/" HT_TEXT_FMT, row, HT_TEXT_ARG(member)));
}

static bool only_known(const struct ht_json *v, size_t row, struct ht_arena *a, struct ht_refusal *why)
{
	struct ht_json_member m;
	void *cursor = NULL;

	while (ht_json_next(v, &cursor, &m)) {
		size_t i = 0;

		while (i < HT_COUNT(members) && !ht_text_is(m.name, members[i]))
			i++;
		if (i == HT_COUNT(members))
			return refuse_row(why, HT_REFUSE_MEMBER_VALUE, row, ht_text_copy(a, m.name), a);
	}
	return true;
}

static bool read_text(const struct ht_json *v, const char *name, size_t row, struct ht_arena *a, struct ht_text *out,
		      struct ht_refusal *why)
{
	const struct ht_json *member = ht_json_member(v, name);

	if (!member)
		return refuse_row(why, HT_REFUSE_MEMBER_MISSING, row, ht_text_of(name), a);
	if (!ht_json_is_text(member))
		return refuse_row(why, HT_REFUSE_MEMBER_TYPE, row, ht_text_of(name), a);
	*out = ht_text_copy(a, ht_json_text(member));
	return out->len > 0 || refuse_row(why, HT_REFUSE_MEMBER_VALUE, row, ht_text_of(name), a);
}

/* What may stand in a header field: printable ASCII, no blank at the ends. Clause: RFC 9110 section 5.5. */
static bool header_value(struct ht_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] < ' ' || t.at[i] > '~')
			return false;
	return t.len > 0 && t.at[0] != ' ' && t.at[t.len - 1] != ' ';
}

static bool mock_name(struct ht_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.at[i] < ' ' || t.at[i] == 0x7f)
			return false;
	return t.len > 0 && t.len <= HT_PEER_NAME_MAX;
}

static bool read_way(struct ht_text t, enum ht_peer_way *way, struct ht_text *value)
{
	static const struct {
		struct ht_text prefix;
		enum ht_peer_way way;
		bool (*good)(struct ht_text value);
	} ways[] = { { { "header:", 7 }, HT_PEER_HEADER, header_value }, { { "edc-mock:", 9 }, HT_PEER_EDC_MOCK, mock_name } };

	*way = HT_PEER_JWT;
	if (ht_text_is(t, "jwt"))
		return true;
	for (size_t i = 0; i < HT_COUNT(ways); i++) {
		if (!ht_text_starts(t, ways[i].prefix))
			continue;
		*way = ways[i].way;
		*value = (struct ht_text){ t.at + ways[i].prefix.len, t.len - ways[i].prefix.len };
		return ways[i].good(*value);
	}
	return false;
}

static bool read_row(const struct ht_json *v, size_t row, struct ht_arena *a, struct ht_peer *p, struct ht_refusal *why)
{
	struct ht_text send, accept;
	struct ht_url url;

	if (!ht_json_is_object(v))
		return ht_refuse(why, HT_REFUSE_MEMBER_TYPE, ht_text_format(a, "/%zu", row));
	if (!only_known(v, row, a, why) || !read_text(v, "id", row, a, &p->id, why) || !read_text(v, "base", row, a, &p->base, why) ||
	    !read_text(v, "send", row, a, &send, why) || !read_text(v, "accept", row, a, &accept, why))
		return false;
	p->base = ht_text_no_slash(p->base);
	if (!ht_url_read(p->base, &url) || url.query.len > 0)
		return refuse_row(why, HT_REFUSE_MEMBER_VALUE, row, HT_TEXT("base"), a);
	if (!read_way(send, &p->send, &p->send_value))
		return refuse_row(why, HT_REFUSE_MEMBER_VALUE, row, HT_TEXT("send"), a);
	return read_way(accept, &p->accept, &p->accept_value) || refuse_row(why, HT_REFUSE_MEMBER_VALUE, row, HT_TEXT("accept"), a);
}

static bool is_new(const struct ht_peers *p, const struct ht_peer *one, size_t row, struct ht_arena *a, struct ht_refusal *why)
{
	for (size_t i = 0; i < p->count; i++) {
		if (ht_text_same(p->at[i].id, one->id))
			return refuse_row(why, HT_REFUSE_EXISTS, row, HT_TEXT("id"), a);
		if (ht_text_same(p->at[i].base, one->base))
			return refuse_row(why, HT_REFUSE_EXISTS, row, HT_TEXT("base"), a);
		if (one->accept != HT_PEER_JWT && one->accept == p->at[i].accept && ht_text_same(p->at[i].accept_value, one->accept_value))
			return refuse_row(why, HT_REFUSE_EXISTS, row, HT_TEXT("accept"), a);
	}
	return true;
}

static bool read_rows(const struct ht_json *root, struct ht_arena *a, struct ht_peers *out, struct ht_refusal *why)
{
	if (!ht_json_is_array(root))
		return ht_refuse(why, HT_REFUSE_MEMBER_TYPE, HT_TEXT("/"));
	if (ht_json_count(root) > HT_PEERS_MAX)
		return ht_refuse(why, HT_REFUSE_TOO_MANY, HT_TEXT("/"));
	for (size_t i = 0; i < ht_json_count(root); i++) {
		struct ht_peer one = { 0 };

		if (!read_row(ht_json_at(root, i), i, a, &one, why) || !is_new(out, &one, i, a, why))
			return false;
		out->at[out->count++] = one;
	}
	return true;
}

bool ht_peers_read(struct ht_bytes file, struct ht_arena *a, struct ht_peers *out, struct ht_refusal *why)
{
	struct ht_json *root = ht_json_read(file, &limits, why);
	bool ok;

	out->count = 0;
	ok = root && read_rows(root, a, out, why);
	ht_json_free(root);
	return ok;
}

const struct ht_peer *ht_peers_by_base(const struct ht_peers *p, struct ht_text base)
{
	for (size_t i = 0; i < p->count; i++)
		if (ht_text_same(p->at[i].base, ht_text_no_slash(base)))
			return &p->at[i];
	return NULL;
}

const struct ht_peer *ht_peers_by_id(const struct ht_peers *p, struct ht_text id)
{
	for (size_t i = 0; i < p->count; i++)
		if (ht_text_same(p->at[i].id, id))
			return &p->at[i];
	return NULL;
}

static bool has_mock(const struct ht_peers *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].accept == HT_PEER_EDC_MOCK)
			return true;
	return false;
}

/* The clientId of an object of texts; NULL: the header is something else. */
static const struct ht_json *client_id(const struct ht_json *root)
{
	struct ht_json_member m;
	void *cursor = NULL;

	while (ht_json_next(root, &cursor, &m))
		if (!ht_json_is_text(m.value))
			return NULL;
	return ht_json_member(root, "clientId");
}

static const struct ht_peer *accept_mock(const struct ht_peers *p, struct ht_text header)
{
	const struct ht_peer *found = NULL;
	const struct ht_json *id;
	struct ht_refusal why;
	struct ht_json *root = ht_json_read(ht_text_bytes(header), &mock_limits, &why);

	id = ht_json_is_object(root) ? client_id(root) : NULL;
	for (size_t i = 0; id && i < p->count; i++)
		if (p->at[i].accept == HT_PEER_EDC_MOCK && ht_text_same(p->at[i].accept_value, ht_json_text(id)))
			found = &p->at[i];
	ht_json_free(root);
	return found;
}

/* Goes through all rows whatever is found. */
const struct ht_peer *ht_peers_accept(const struct ht_peers *p, struct ht_text header)
{
	const struct ht_peer *found = NULL;

	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].accept == HT_PEER_HEADER && ht_same_secret(ht_text_bytes(p->at[i].accept_value), ht_text_bytes(header)))
			found = &p->at[i];
	return found || !has_mock(p) ? found : accept_mock(p, header);
}

/* Clause: EDC 0.15.1 iam-mock, MockIdentityService. */
struct ht_text ht_peer_authorization(const struct ht_peer *p, struct ht_arena *a)
{
	struct ht_json_out w;

	switch (p->send) {
	case HT_PEER_JWT: return HT_TEXT("");
	case HT_PEER_HEADER: return p->send_value;
	case HT_PEER_EDC_MOCK: break;
	}
	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put_z(&w, "region", "any");
	ht_json_put(&w, "audience", p->base);
	ht_json_put(&w, "clientId", p->send_value);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}
