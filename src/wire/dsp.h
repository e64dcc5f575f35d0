/* wire/dsp.h - messages of the Dataspace Protocol 2025-1, with the DCAT and ODRL in them: bytes to model and back.
 *
 * Strict in what is written (the compacted form, only the DSP context), tolerant in what is read: unknown members and
 * further contexts are ignored. Clause: DSP 2025-1 common/catalog/negotiation/transfer schemas.
 * Memory  what is read is copied into the arena, so that it outlives body and parser; refusals name a JSON pointer. */
#ifndef HT_WIRE_DSP_H
#define HT_WIRE_DSP_H

#include "base/refuse.h"
#include "model/market.h"

#define HT_DSP_CONTEXT "https://w3id.org/dspace/2025/1/context.jsonld"
#define HT_DSP_PULL "HttpData-PULL"
#define HT_DSP_PUSH "HttpData-PUSH"
#define HT_DSP_PATH "/dsp/2025-1"

/* Base of a party: "PUBLIC/p/PARTY/dsp/2025-1"; public_url without a last slash. */
struct ht_text ht_dsp_base(struct ht_text public_url, struct ht_text party, struct ht_arena *a);

/* Reads a message that must be of this type (an event message: of this event). *why: place and reason. A request or offer that names
 * the other side's process has no callback: a callbackAddress beside it is passed over. */
bool ht_dsp_read(struct ht_bytes body, enum ht_machine machine, enum ht_msg msg, struct ht_arena *a, struct ht_message *out,
		 struct ht_refusal *why);
/* The event that a ContractNegotiationEventMessage carries decides its msg: HT_MSG_ACCEPT or HT_MSG_FINALIZE. */
bool ht_dsp_read_event(struct ht_bytes body, struct ht_arena *a, struct ht_message *out, struct ht_refusal *why);

/* Members that are empty are left out. The offer, agreement or data address is written as its text, byte for byte; an address without
 * text is made of its fields, whose properties stand there by their DSP names and by EDC's (EDC knows no others). */
struct ht_text ht_dsp_write(const struct ht_message *m, struct ht_arena *a);

/* The object that ht_dsp_write() makes of an address without text. */
struct ht_text ht_dsp_address(const struct ht_data_address *address, struct ht_arena *a);

/* ContractNegotiation or TransferProcess. */
struct ht_text ht_dsp_write_process(enum ht_machine machine, struct ht_text consumer_pid, struct ht_text provider_pid, enum ht_state state,
				    struct ht_arena *a);
struct ht_dsp_process {
	struct ht_text consumer_pid, provider_pid;
	enum ht_state state;
};
bool ht_dsp_read_process(struct ht_bytes body, enum ht_machine machine, struct ht_arena *a, struct ht_dsp_process *out,
			 struct ht_refusal *why);

/* ContractNegotiationError, TransferError (machine) or CatalogError (machine HT_MACHINE_COUNT). reason: one text in the reader's
 * language; the place follows it as the second reason. */
struct ht_text ht_dsp_write_error(enum ht_machine machine, struct ht_text consumer_pid, struct ht_text provider_pid, struct ht_text code,
				  struct ht_text place, struct ht_text reason, struct ht_arena *a);
/* code and the first reasons of an error body, or the beginning of any other text; never fails. For people. */
struct ht_text ht_dsp_error_words(struct ht_bytes body, struct ht_arena *a);

/* A policy. ht_odrl_read() takes an Offer, an Agreement or a bare policy object and never refuses what it does not understand: it is odd
 * and odd_place says where. It refuses only what is not an object or breaks the contract-schema's types. */
bool ht_odrl_read(struct ht_text object, struct ht_arena *a, struct ht_policy *out, struct ht_refusal *why);
/* The members permission, prohibition, obligation, profile of a policy text, for writing it under another @id, @type or target. */
struct ht_text ht_odrl_offer(struct ht_text policy, struct ht_text id, struct ht_text target /* empty: in a catalog */, struct ht_arena *a);
struct ht_text ht_odrl_agreement(struct ht_text policy, struct ht_text id, struct ht_text target, struct ht_text assigner,
				 struct ht_text assignee, struct ht_text timestamp, struct ht_arena *a);

/* Catalog of products; service is the DSP base. */
struct ht_text ht_dcat_catalog(struct ht_text id, struct ht_text participant, struct ht_text title, struct ht_text service,
			       const struct ht_product *products, size_t n, struct ht_arena *a);
struct ht_text ht_dcat_dataset(const struct ht_product *p, struct ht_text service, struct ht_arena *a);
/* A CatalogRequestMessage; a filter is HT_REFUSE_FILTER, except an empty array and the QuerySpec that EDC always sends, as long as that
 * asks for everything from offset 0. *most: its limit, datasets in a page; 0: none. */
bool ht_dcat_request_read(struct ht_bytes body, struct ht_arena *a, int64_t *most, struct ht_refusal *why);
struct ht_text ht_dcat_request(struct ht_arena *a);
/* A dataset that a provider gave: its offers byte for byte. */
bool ht_dcat_dataset_read(struct ht_bytes body, struct ht_arena *a, struct ht_dataset *out, struct ht_refusal *why);

/* The version document of one connector: path comes after the root of the connector ("/2025-1"). Clause: common.protocol.md, base = root + path. */
struct ht_text ht_dsp_version(struct ht_text path, struct ht_arena *a);

#endif
