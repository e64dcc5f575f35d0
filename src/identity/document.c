/* identity/document.c - DID documents of parties, and whom a BASE belongs to. Source: did:web method, sections 2.1 and 2.5. */
#include "identity/document.h"

#include "base/net.h"
#include "base/out.h"
#include "wire/did.h"
#include "wire/dsp.h"

static const struct ht_text dsp_path = { HT_DSP_PATH, sizeof(HT_DSP_PATH) - 1 };

void ht_identity_document(struct ht_text did, struct ht_text dsp_base, struct ht_did_doc *doc)
{
	doc->did = did;
	doc->services[0] = (struct ht_did_service){ HT_TEXT("CatalogService"), dsp_base };
	doc->services_count = 1;
}

bool ht_identity_did_of_base(struct ht_text base, struct ht_arena *a, struct ht_text *did)
{
	struct ht_text root = ht_text_no_slash(base), document;
	struct ht_url url;
	struct ht_out o;

	if (!ht_text_ends(root, dsp_path))
		return false;
	root.len -= dsp_path.len;
	if (!ht_url_read(root, &url) || url.query.len > 0)
		return false;
	ht_out_init(&o, a);
	ht_out_z(&o, "did:web:");
	ht_out_text(&o, url.host);
	if (url.port_given)
		ht_out_format(&o, "%%3A%u", (unsigned)url.port);
	for (size_t i = 0; i < url.path.len; i++) {
		if (url.path.at[i] == ':') /* it would part the segment */
			return false;
		ht_out_char(&o, url.path.at[i] == '/' ? ':' : url.path.at[i]);
	}
	*did = ht_out_done(&o);
	return ht_did_web_url(*did, url.tls, a, &document); /* the host is a name, the segments have a form there */
}

bool ht_identity_serves(const struct ht_did_doc *doc, struct ht_text base)
{
	for (size_t i = 0; i < doc->services_count; i++)
		if (ht_text_same(ht_text_no_slash(doc->services[i].endpoint), ht_text_no_slash(base)))
			return true;
	return false;
}
