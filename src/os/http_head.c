/* os/http_head.c - what the head of a request must and must not have, beyond what libmicrohttpd looks at.
 *
 * libmicrohttpd gives views into the head as it came, with each line end overwritten by NULs. So the head is whole when its pieces stand one after
 * the other, with just one CR LF between them: a NUL, a bare LF, a folded line or a second blank would leave a gap.
 * Clause: RFC 9112 sections 2.2, 3.2, 5 and 6. */
#include <string.h>

#include "os/http_slot.h"

enum { LINE_END = 2, METHOD_MAX = 32 };

struct head {
	struct ht_slot *slot;
	const char *next; /* where the next line must begin */
	bool bad;
	int hosts, lengths, codings, authorizations, events;
};

static bool is_token(const char *at, size_t len)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr(marks, c))))
			return false;
	}
	return len > 0;
}

static bool is_uri(struct ht_text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if ((unsigned char)t.at[i] <= ' ' || t.at[i] == 0x7f)
			return false;
	}
	return true;
}

static void take_length(struct head *h, struct ht_text value)
{
	uint64_t length = 0;

	h->bad |= !ht_text_u64(value, INT64_MAX, &length);
	h->slot->r.length = (int64_t)length;
	h->lengths++;
}

static enum MHD_Result take_header(void *self, enum MHD_ValueKind, const char *key, size_t key_len, const char *at, size_t len)
{
	struct head *h = self;
	struct ht_slot *x = h->slot;
	struct ht_text name = { key, key_len }, value = ht_text_trim((struct ht_text){ at, len });

	h->bad |= key != h->next || !is_token(key, key_len) || memchr(at, '\r', len);
	h->next = at + len + LINE_END;
	if (ht_text_same_case(name, "host")) {
		h->hosts++;
		h->bad |= !value.len;
	} else if (ht_text_same_case(name, "content-length")) {
		take_length(h, value);
	} else if (ht_text_same_case(name, "transfer-encoding")) {
		h->codings++;
		h->bad |= !ht_text_same_case(value, "chunked");
	} else if (ht_text_same_case(name, "authorization")) {
		h->authorizations++;
		x->r.authorization = ht_text_copy(&x->arena, value);
	} else if (ht_text_same_case(name, "accept-language")) {
		x->r.accept_language = ht_text_copy(&x->arena, value);
	} else if (ht_text_same_case(name, "content-type")) {
		x->r.content_type = ht_text_copy(&x->arena, value);
	} else if (ht_text_same_case(name, "last-event-id")) {
		h->events++;
		x->r.last_event_id = ht_text_copy(&x->arena, value);
	} else if (ht_text_same_case(name, "expect")) {
		x->waits = true;
	}
	return h->bad ? MHD_NO : MHD_YES;
}

int ht_http_head_read(struct ht_slot *x, const char *url, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct head h = { .slot = x, .next = version + strlen(version) + LINE_END };
	size_t method_len = strlen(method);

	x->r.length = -1;
	if (url != method + method_len + 1 || version != url + x->uri_len + 1)
		return 400;
	if (method_len > METHOD_MAX || !is_token(method, method_len))
		return 400;
	if (!x->r.path.len || x->r.path.at[0] != '/' || !is_uri(x->r.path) || !is_uri(x->r.query))
		return 400;
	if (x->r.path.len > HT_PATH_MAX)
		return 414;
	(void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, take_header, &h);
	if (h.bad || h.hosts != 1 || h.lengths + h.codings > 1 || h.authorizations > 1 || h.events > 1)
		return 400;
	if (!size || h.next + LINE_END != method + size->header_size)
		return 400;
	if (h.codings && strcmp(version, "HTTP/1.0") == 0)
		return 400;
	x->r.head = x->head = strcmp(method, "HEAD") == 0;
	x->r.method = x->head ? HT_TEXT("GET") : ht_text_copy(&x->arena, (struct ht_text){ method, method_len });
	return 0;
}
