/* node/upload.c - a file on its way in: written to a temporary name, hashed as it comes, synced, renamed to products/PARTY/SHA256. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "node/exchange.h"

enum { HT_PATH_ARENA = 64 << 10, HT_SWEEP_ARENA = 16 << 20 };

struct ht_upload {
	struct ht_exchange *x;
	struct ht_file *file;
	struct ht_sha256_run *run;
	int64_t size;
	uint8_t sha256[HT_SHA256];
	const char *path; /* temporary; NULL when there is none any more */
};

struct ht_text ht_upload_path(struct ht_text party, const uint8_t sha256[32], struct ht_arena *a)
{
	struct ht_text hash = ht_hex(a, (struct ht_bytes){ sha256, HT_SHA256 });

	return ht_text_format(a, "products/" HT_TEXT_FMT "/" HT_TEXT_FMT, HT_TEXT_ARG(party), HT_TEXT_ARG(hash));
}

static const char *below(const struct ht_node *n, struct ht_text path, struct ht_arena *a)
{
	return ht_text_z(a, ht_text_format(a, "%s/" HT_TEXT_FMT, n->settings->data, HT_TEXT_ARG(path)));
}

enum ht_err ht_upload_size(struct ht_node *n, struct ht_text party, const uint8_t sha256[32], int64_t *size)
{
	struct ht_arena a;
	enum ht_err err;
	int fd;

	ht_arena_init(&a, HT_PATH_ARENA);
	err = ht_disk_file(&n->disk, ht_text_z(&a, ht_upload_path(party, sha256, &a)), &fd, size);
	if (!err)
		close(fd);
	ht_arena_fini(&a);
	return err;
}

enum ht_err ht_upload_begin(struct ht_exchange *x)
{
	struct ht_disk *disk = &x->node->disk;
	struct ht_arena *a = x->ask.arena;
	struct ht_text party = x->result.step.who.party.id;
	struct ht_text folder = ht_text_format(a, "products/" HT_TEXT_FMT, HT_TEXT_ARG(party)), id;
	struct ht_upload *u = HT_TAKE(a, struct ht_upload, 1);
	const char *path = below(x->node, folder, a);
	int64_t room;

	HT_TRY(ht_disk_folder(disk, ht_text_z(a, folder), 0700));
	HT_TRY(ht_folder_room(path, &room));
	if (x->http->length > room)
		return HT_E_FULL; /* said before it is sent: not every client reads an answer in the middle of its own words */
	id = ht_uuid7(&ht_random_os, ht_now_us(), a);
	path = ht_text_z(a, ht_text_format(a, HT_TEXT_FMT "/new-" HT_TEXT_FMT, HT_TEXT_ARG(folder), HT_TEXT_ARG(id)));
	HT_TRY(disk->create(disk->self, path, 0600, &u->file));
	u->x = x;
	u->path = path;
	u->run = ht_sha256_new();
	x->upload = u;
	return HT_OK;
}

bool ht_upload_more(struct ht_exchange *x, struct ht_bytes piece)
{
	struct ht_upload *u = x->upload;
	struct ht_disk *disk = &x->node->disk;
	enum ht_err err;

	u->size += (int64_t)piece.len;
	if (u->size > x->node->settings->upload_max) {
		ht_exchange_refuse(x, HT_REFUSE_TOO_LARGE);
		return false;
	}
	err = disk->write(disk->self, u->file, piece);
	if (err) {
		ht_exchange_fail(x, err);
		return false;
	}
	ht_sha256_add(u->run, piece);
	return true;
}

static enum ht_err keep(struct ht_upload *u)
{
	struct ht_disk *disk = &u->x->node->disk;
	struct ht_arena *a = u->x->ask.arena;
	struct ht_text to = ht_upload_path(u->x->result.step.who.party.id, u->sha256, a);

	HT_TRY(disk->sync(disk->self, u->file));
	disk->close(disk->self, u->file);
	u->file = NULL;
	HT_TRY(disk->rename(disk->self, u->path, ht_text_z(a, to)));
	u->path = NULL;
	return HT_OK;
}

/* In the thread of uploads: the disk may take its time. */
static void finish(struct ht_job *job)
{
	struct ht_exchange *x = job->owner;
	struct ht_upload *u = x->upload;
	struct ht_answer answer;
	enum ht_err err;

	ht_sha256_end(u->run, u->sha256);
	err = keep(u);
	if (err) {
		ht_exchange_fail(x, err);
		return;
	}
	atomic_fetch_add(&x->node->metrics.uploaded_bytes, u->size);
	if (x->result.step.kind == HT_STEP_PUSHED) {
		x->result.step.in.pushed.size = u->size;
		memcpy(x->result.step.in.pushed.sha256, u->sha256, sizeof(u->sha256));
		ht_exchange_step(x);
		return;
	}
	x->result.step.out.product.size = u->size;
	memcpy(x->result.step.out.product.sha256, u->sha256, sizeof(u->sha256));
	ht_door_reply(&x->door, &x->ask, &x->result, &answer);
	ht_exchange_answer(x, &answer);
}

void ht_upload_end(struct ht_exchange *x)
{
	x->job = (struct ht_job){ .run = finish, .owner = x };
	if (!ht_queue_put(x->node->uploads.queue, &x->job))
		ht_exchange_refuse(x, HT_REFUSE_BUSY);
}

void ht_upload_gone(struct ht_exchange *x)
{
	struct ht_upload *u = x->upload;
	struct ht_disk *disk = &x->node->disk;
	enum ht_err ignored;

	if (u->file)
		disk->close(disk->self, u->file);
	if (u->path) {
		ignored = disk->remove(disk->self, u->path); /* else the sweep of the next start does */
		(void)ignored;
	}
	ht_sha256_free(u->run);
}

/* A party's folder while it is swept. */
struct sweep {
	struct ht_node *node;
	const struct ht_party *party;
	int64_t now_us;
};

/* What was interrupted goes at once; a file that no product names has a day to be published. */
static void sweep_file(void *self, struct ht_text name, int64_t changed_us)
{
	const struct sweep *s = self;
	struct ht_node *n = s->node;
	struct ht_arena a;
	uint8_t sha256[HT_SHA256];
	bool keep = false;
	enum ht_err err = HT_OK;

	if (ht_hex_read(name, sha256, sizeof(sha256)))
		err = ht_store_product_has(n->writer, s->party->row, sha256, &keep);
	keep = keep || (name.len == 2 * sizeof(sha256) && s->now_us - changed_us < HT_DAY_US);
	if (!err && keep)
		return;
	ht_arena_init(&a, HT_PATH_ARENA);
	if (!err)
		err = n->disk.remove(n->disk.self, ht_text_z(&a, ht_text_format(&a, "products/" HT_TEXT_FMT "/" HT_TEXT_FMT,
										HT_TEXT_ARG(s->party->id), HT_TEXT_ARG(name))));
	if (err)
		HT_LOG(HT_WARN, "sweep_failed", HT_FIELD("file", name), HT_FIELD_Z("why", ht_err_word(err)));
	ht_arena_fini(&a);
}

static void sweep_party(struct ht_node *n, const struct ht_party *party)
{
	struct sweep s = { .node = n, .party = party, .now_us = ht_now_us() };
	struct ht_arena a;
	enum ht_err err;

	ht_arena_init(&a, HT_PATH_ARENA);
	err = ht_folder_each(below(n, ht_text_format(&a, "products/" HT_TEXT_FMT, HT_TEXT_ARG(party->id)), &a), sweep_file, &s);
	if (err && err != HT_E_MISSING)
		HT_LOG(HT_WARN, "sweep_failed", HT_FIELD("party", party->id), HT_FIELD_Z("why", ht_err_word(err)));
	ht_arena_fini(&a);
}

void ht_upload_sweep(struct ht_node *n)
{
	struct ht_page page = { .most = HT_LIST_MAX };
	struct ht_party_row *rows;
	struct ht_arena a;
	size_t count;

	ht_arena_init(&a, HT_SWEEP_ARENA);
	do {
		ht_arena_reset(&a);
		if (ht_store_parties(n->writer, page, &a, &rows, &count))
			break;
		for (size_t i = 0; i < count; i++)
			sweep_party(n, &rows[i].party);
		page.after = count ? rows[count - 1].party.row : 0;
	} while (count == page.most);
	ht_arena_fini(&a);
}
