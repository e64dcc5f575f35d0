/* wire/dsp.c - messages of negotiations and transfers: which members each has is a table, the rest is one reader and one writer. */
#include "wire/dsp.h"

#include <assert.h>
#include <stddef.h>

#include "base/count.h"
#include "base/net.h"
#include "base/time.h"
#include "model/names.h"
#include "wire/odrl.h"

#define CONTEXT_LIST "[\"" HT_DSP_CONTEXT "\"]"
#define EDC_NAMES "https://w3id.org/edc/v0.0.1/ns/"
#define ENDPOINT_TYPE "https://w3id.org/idsa/v4.1/HTTP"

/* Members of messages. */
enum {
	CONSUMER = 1, PROVIDER = 2, CONTRACT = 4, FORMAT = 8, CALLBACK = 16, OFFER = 32, AGREEMENT = 64, ADDRESS = 128, EVENT = 256, REASON = 512,
	PIDS = CONSUMER | PROVIDER
};

/* other: the pid of the other side, there unless the message begins the process: then it has a callbackAddress instead. A
 * message with both (EDC and the TCK send them) belongs to that process and its callbackAddress is passed over.
 * Clause: DSP 2025-1, schemas of contract and transfer messages. */
static const struct row {
	enum ht_machine machine;
	enum ht_msg msg;
	unsigned must, other, may;
} rows[] = {
	/*                                  must                                     other     may */
	{ HT_NEGOTIATION, HT_MSG_REQUEST,   CONSUMER | OFFER,                        PROVIDER, 0       },
	{ HT_NEGOTIATION, HT_MSG_OFFER,     PROVIDER | OFFER,                        CONSUMER, 0       },
	{ HT_NEGOTIATION, HT_MSG_ACCEPT,    PIDS | EVENT,                            0,        0       },
	{ HT_NEGOTIATION, HT_MSG_AGREE,     PIDS | AGREEMENT,                        0,        0       },
	{ HT_NEGOTIATION, HT_MSG_VERIFY,    PIDS,                                    0,        0       },
	{ HT_NEGOTIATION, HT_MSG_FINALIZE,  PIDS | EVENT,                            0,        0       },
	{ HT_NEGOTIATION, HT_MSG_TERMINATE, PIDS,                                    0,        REASON  },
	{ HT_TRANSFER,    HT_MSG_REQUEST,   CONSUMER | CONTRACT | FORMAT | CALLBACK, 0,        ADDRESS },
	{ HT_TRANSFER,    HT_MSG_START,     PIDS,                                    0,        ADDRESS },
	{ HT_TRANSFER,    HT_MSG_SUSPEND,   PIDS,                                    0,        REASON  },
	{ HT_TRANSFER,    HT_MSG_COMPLETE,  PIDS,                                    0,        0       },
	{ HT_TRANSFER,    HT_MSG_TERMINATE, PIDS,                                    0,        REASON  },
};

/* Members that are one text, in the order of writing. */
static const struct {
	unsigned bit;
	const char *name;
	size_t max, offset;
} texts[] = {
	{ PROVIDER, "providerPid",     HT_ID_MAX,  offsetof(struct ht_message, provider_pid) },
	{ CONSUMER, "consumerPid",     HT_ID_MAX,  offsetof(struct ht_message, consumer_pid) },
	{ CONTRACT, "agreementId",     HT_ID_MAX,  offsetof(struct ht_message, agreement)    },
	{ FORMAT,   "format",          HT_ID_MAX,  offsetof(struct ht_message, format)       },
	{ CALLBACK, "callbackAddress", HT_URL_MAX, offsetof(struct ht_message, callback)     },
};

struct ht_text ht_dsp_base(struct ht_text public_url, struct ht_text party, struct ht_arena *a)
{
	return ht_text_format(a, HT_TEXT_FMT "/p/" HT_TEXT_FMT HT_DSP_PATH, HT_TEXT_ARG(public_url), HT_TEXT_ARG(party));
}

static struct ht_text *text_at(struct ht_message *m, size_t offset)
{
	return (struct ht_text *)(void *)((char *)m + offset);
}

static const struct row *row_of(enum ht_machine machine, enum ht_msg msg)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		if (rows[i].machine == machine && rows[i].msg == msg)
			return &rows[i];
	}
	return NULL;
}

static bool read_texts(const struct ht_shape *s, const struct ht_json *root, const struct row *row, struct ht_message *out)
{
	unsigned must = row->must;
	struct ht_url url;

	if (row->other && !ht_json_member(root, row->other == PROVIDER ? "providerPid" : "consumerPid"))
		must |= CALLBACK;
	for (size_t i = 0; i < HT_COUNT(texts); i++) {
		if (!((must | row->other) & texts[i].bit))
			continue;
		if (!ht_shape_text(s, root, NULL, texts[i].name, texts[i].max, must & texts[i].bit, text_at(out, texts[i].offset)))
			return false;
	}
	if (out->callback.len && !ht_url_read(out->callback, &url))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, NULL, "callbackAddress", out->callback);
	return true;
}

/* A policy in a message: of this type, with an @id, its text the bytes that it came with. */
static bool read_policy(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, const char *name, const char *type,
			struct ht_policy *out)
{
	const struct ht_json *v = ht_json_member(root, name);
	const struct ht_place place = { NULL, ht_text_of(name), 0 };

	if (!v)
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, NULL, name, HT_TEXT(""));
	if (!ht_json_is_object(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, name, HT_TEXT(""));
	if (!ht_shape_type(s, v, &place, &ht_vocabulary_odrl, type) ||
	    !ht_odrl_take(s, v, &place, ht_text_copy(s->arena, ht_json_span(body, name)), out))
		return false;
	return out->id.len || ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, &place, "@id", HT_TEXT(""));
}

/* The text says that DSP makes target and timestamp a must where the schema does not. */
static bool policy_has(const struct ht_shape *s, struct ht_text value, const char *policy, const char *name)
{
	const struct ht_place place = { NULL, ht_text_of(policy), 0 };

	return value.len || ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, &place, name, HT_TEXT(""));
}

static bool read_offer(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_message *out)
{
	if (!read_policy(s, root, body, "offer", "Offer", &out->policy))
		return false;
	return out->msg != HT_MSG_REQUEST || policy_has(s, out->policy.target, "offer", "target");
}

static bool read_agreement(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_message *out)
{
	const struct ht_place place = { NULL, HT_TEXT("agreement"), 0 };
	const struct ht_policy *p = &out->policy;
	int64_t at_us;

	if (!read_policy(s, root, body, "agreement", "Agreement", &out->policy))
		return false;
	if (!policy_has(s, p->target, "agreement", "target") || !policy_has(s, p->assigner, "agreement", "assigner") ||
	    !policy_has(s, p->assignee, "agreement", "assignee") || !policy_has(s, p->timestamp, "agreement", "timestamp"))
		return false;
	return ht_time_read(p->timestamp, &at_us) || ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, &place, "timestamp", p->timestamp);
}

/* One endpointProperty. Values may be secrets: no refusal shows one. */
static bool read_property(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_data_address *out)
{
	const struct {
		const char *name, *iri;
		struct ht_text *to;
	} known[] = {
		{ "endpoint", EDC_NAMES "endpoint", &out->endpoint },
		{ "authorization", EDC_NAMES "authorization", &out->authorization },
		{ "authType", EDC_NAMES "authType", &out->auth_type },
	};
	const struct ht_json *value = ht_json_member(v, "value");
	struct ht_text name;

	if (!ht_json_is_object(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, NULL, HT_TEXT(""));
	if (!ht_shape_text(s, v, up, "name", HT_ID_MAX, true, &name))
		return false;
	if (!ht_json_is_text(value))
		return ht_shape_refuse(s, value ? HT_REFUSE_MEMBER_TYPE : HT_REFUSE_MEMBER_MISSING, up, "value", HT_TEXT(""));
	for (size_t i = 0; i < HT_COUNT(known); i++) {
		if (!known[i].to->len && (ht_text_is(name, known[i].name) || ht_text_is(name, known[i].iri)))
			*known[i].to = ht_text_copy(s->arena, ht_json_text(value));
	}
	return true;
}

static bool read_address(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_message *out)
{
	const struct ht_json *v = ht_json_member(root, "dataAddress"), *list = ht_json_member(v, "endpointProperties");
	const struct ht_place place = { NULL, HT_TEXT("dataAddress"), 0 }, in = { &place, HT_TEXT("endpointProperties"), 0 };
	struct ht_place element = { &in, { NULL, 0 }, 0 };
	struct ht_text type;

	if (!v)
		return true;
	if (!ht_json_is_object(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, "dataAddress", HT_TEXT(""));
	if (!ht_shape_type(s, v, &place, &ht_vocabulary_dspace, "DataAddress") ||
	    !ht_shape_text(s, v, &place, "endpointType", HT_URL_MAX, true, &type) ||
	    !ht_shape_text(s, v, &place, "endpoint", HT_URL_MAX, false, &out->address.endpoint))
		return false;
	if (list && !ht_json_is_array(list))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, &place, "endpointProperties", HT_TEXT(""));
	for (; element.index < ht_json_count(list); element.index++) {
		if (!read_property(s, ht_json_at(list, element.index), &element, &out->address))
			return false;
	}
	out->has_address = true;
	out->address.text = ht_text_copy(s->arena, ht_json_span(body, "dataAddress"));
	return true;
}

static bool read_reason(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_message *out)
{
	const struct ht_json *code = ht_json_member(root, "code"), *reason = ht_json_member(root, "reason");

	if (code && !ht_json_is_text(code))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, "code", HT_TEXT(""));
	if (reason && !ht_json_is_array(reason))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, "reason", HT_TEXT(""));
	if (ht_json_text(code).len > HT_ID_MAX)
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, NULL, "code", HT_TEXT(""));
	out->code = ht_text_copy(s->arena, ht_json_text(code));
	out->reason = ht_text_copy(s->arena, ht_json_span(body, "reason"));
	return true;
}

/* eventType must be the one of out->msg, or either when that is HT_MSG_NONE. */
static bool read_event(const struct ht_shape *s, const struct ht_json *root, struct ht_message *out)
{
	static const enum ht_msg events[] = { HT_MSG_ACCEPT, HT_MSG_FINALIZE };
	struct ht_text word;

	if (!ht_shape_text(s, root, NULL, "eventType", HT_ID_MAX, true, &word))
		return false;
	for (size_t i = 0; i < HT_COUNT(events); i++) {
		if ((out->msg == HT_MSG_NONE || out->msg == events[i]) &&
		    ht_text_is(ht_shape_bare(&ht_vocabulary_dspace, word), ht_state_word(ht_msg_to(events[i])))) {
			out->msg = events[i];
			return true;
		}
	}
	return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, NULL, "eventType", word);
}

static bool read_message(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, const struct row *row,
			 struct ht_message *out)
{
	return ht_shape_context(s, root) && ht_shape_type(s, root, NULL, &ht_vocabulary_dspace, ht_msg_type(row->machine, row->msg)) &&
	       ht_shape_text(s, root, NULL, "@id", HT_MESSAGE_ID_MAX, false, &out->id) && read_texts(s, root, row, out) &&
	       (!(row->must & EVENT) || read_event(s, root, out)) && (!(row->must & OFFER) || read_offer(s, root, body, out)) &&
	       (!(row->must & AGREEMENT) || read_agreement(s, root, body, out)) &&
	       (!(row->may & ADDRESS) || read_address(s, root, body, out)) && (!(row->may & REASON) || read_reason(s, root, body, out));
}

static bool read_body(struct ht_bytes body, const struct row *row, struct ht_arena *a, struct ht_message *out, struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_shape_read(&s, body, &ht_json_dsp);
	bool ok;

	if (!root)
		return false;
	ok = read_message(&s, root, ht_bytes_text(body), row, out);
	ht_json_free(root);
	return ok;
}

bool ht_dsp_read(struct ht_bytes body, enum ht_machine machine, enum ht_msg msg, struct ht_arena *a, struct ht_message *out,
		 struct ht_refusal *why)
{
	const struct row *row = row_of(machine, msg);

	assert(row);
	*out = (struct ht_message){ .machine = machine, .msg = msg };
	return read_body(body, row, a, out, why);
}

bool ht_dsp_read_event(struct ht_bytes body, struct ht_arena *a, struct ht_message *out, struct ht_refusal *why)
{
	*out = (struct ht_message){ .machine = HT_NEGOTIATION, .msg = HT_MSG_NONE };
	return read_body(body, row_of(HT_NEGOTIATION, HT_MSG_ACCEPT), a, out, why);
}

static void put_property(struct ht_json_out *w, const char *name, struct ht_text value)
{
	if (!value.len)
		return;
	ht_json_open(w, NULL, '{');
	ht_json_put_z(w, "@type", "EndpointProperty");
	ht_json_put_z(w, "name", name);
	ht_json_put(w, "value", value);
	ht_json_close(w, '}');
}

/* Where EDC pushes: its own names for an address and for a header that goes with what is pushed. */
static void put_sink(struct ht_json_out *w, const struct ht_data_address *d)
{
	put_property(w, EDC_NAMES "type", HT_TEXT("HttpData"));
	put_property(w, EDC_NAMES "baseUrl", d->endpoint);
	put_property(w, EDC_NAMES "authKey", HT_TEXT("Authorization"));
	put_property(w, EDC_NAMES "authCode", d->authorization);
}

/* EDC finds an endpoint and its token only under its own names among the properties, so they are there twice. */
static void put_address(struct ht_json_out *w, const char *name, const struct ht_data_address *d)
{
	if (d->text.len) {
		ht_json_put_raw(w, name, d->text);
		return;
	}
	ht_json_open(w, name, '{');
	ht_json_put_z(w, "@type", "DataAddress");
	ht_json_put_z(w, "endpointType", ENDPOINT_TYPE);
	ht_json_put_some(w, "endpoint", d->endpoint);
	if (d->endpoint.len || d->authorization.len || d->auth_type.len) {
		ht_json_open(w, "endpointProperties", '[');
		put_property(w, "authorization", d->authorization);
		put_property(w, "authType", d->auth_type);
		put_property(w, EDC_NAMES "endpoint", d->endpoint);
		put_property(w, EDC_NAMES "authorization", d->authorization);
		put_property(w, EDC_NAMES "authType", d->auth_type);
		if (d->sink)
			put_sink(w, d);
		ht_json_close(w, ']');
	}
	ht_json_close(w, '}');
}

struct ht_text ht_dsp_address(const struct ht_data_address *address, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	put_address(&w, NULL, address);
	return ht_json_end(&w);
}

struct ht_text ht_dsp_write(const struct ht_message *m, struct ht_arena *a)
{
	const struct row *row = row_of(m->machine, m->msg);
	struct ht_json_out w;

	assert(row);
	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put_raw(&w, "@context", HT_TEXT(CONTEXT_LIST));
	ht_json_put_z(&w, "@type", ht_msg_type(m->machine, m->msg));
	ht_json_put_some(&w, "@id", m->id);
	ht_json_put_some(&w, "providerPid", m->provider_pid);
	ht_json_put_some(&w, "consumerPid", m->consumer_pid);
	ht_json_put_some(&w, "agreementId", m->agreement);
	ht_json_put_some(&w, "format", m->format);
	if (row->must & EVENT)
		ht_json_put_z(&w, "eventType", ht_state_word(ht_msg_to(m->msg)));
	if (row->must & (OFFER | AGREEMENT))
		ht_json_put_raw(&w, row->must & OFFER ? "offer" : "agreement", m->policy.text);
	if (m->has_address)
		put_address(&w, "dataAddress", &m->address);
	ht_json_put_some(&w, "code", m->code);
	if (m->reason.len)
		ht_json_put_raw(&w, "reason", m->reason);
	ht_json_put_some(&w, "callbackAddress", m->callback);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}
