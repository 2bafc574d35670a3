/* A record as the model sees it, and what a patch makes of it. */
#pragma once

#include <glib.h>

#include "catalog/types.h"
#include "proto/sync.pb-c.h"
#include "tests/sim/mem_db.h"

enum {
	MODEL_GROUPS = PRAC_GROUPS_MAX
};

/* Groups as bytes, as they travel: nothing is decoded but sets. */
struct model_record {
	uint32_t type;
	struct prac_id id, scope;
	struct prac_id student; /* whom it follows; nil: nobody */
	uint64_t seq, group_seq[MODEL_GROUPS];
	GBytes *groups[MODEL_GROUPS];
	bool deleted;
	uint64_t deleted_at;
	bool is_frozen; /* an approved sheet */

	/* A conflict: about what, and the value that waits. */
	struct {
		uint32_t type, group;
		struct prac_id id;
		int64_t kind;
		GBytes *mine;
	} about;
};

/* A table of records by type and id, which owns them. */
GHashTable *model_records_new(void);
struct model_record *model_find(GHashTable *records, uint32_t type, const struct prac_id *id);
struct model_record *model_add(
	GHashTable *records, uint32_t type, struct prac_id id, struct prac_id scope);

bool model_group_is(const struct model_record *record, size_t group, ProtobufCBinaryData bytes);
void model_group_set(
	struct model_record *record, size_t group, const void *data, size_t len, uint64_t seq);

/* Of its content now (model_sum.h). */
uint64_t model_record_hash(const struct model_record *record);

/* False: a conflict. */
bool model_merge(struct model_record *record, const Practicum__GroupPatch *patch, uint64_t base_seq,
	uint64_t seq);

/* The id of a group's bytes that stands behind this tag becomes the student it follows. */
void model_read_student(struct model_record *record, uint8_t tag, size_t group);

/* One that only the server makes (a conflict, a signature, refused input): taken as it stands there. */
void model_read_made(struct model_record *record, const struct mem_record *made);
