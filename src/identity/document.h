/* identity/document.h - DID documents of parties: ours written, those of others judged; and whom a BASE belongs to. */
#ifndef HT_IDENTITY_DOCUMENT_H
#define HT_IDENTITY_DOCUMENT_H

#include "model/market.h"

/* Makes *doc, which has the keys already, the document of a party of ours: its DID, and dsp_base as its CatalogService. */
void ht_identity_document(struct ht_text did, struct ht_text dsp_base, struct ht_did_doc *doc);

/* did:web of BASE less /dsp/2025-1. False: BASE does not end so, is no URL, or its host is an address, not a name. */
bool ht_identity_did_of_base(struct ht_text base, struct ht_arena *a, struct ht_text *did);

/* Whether the document names the base as a service. A last slash makes no difference. */
bool ht_identity_serves(const struct ht_did_doc *doc, struct ht_text base);

#endif
