/*
 * A mutation: one act of a person, the only thing a device ever sends as a change. It is encoded
 * once, when it is made, and these bytes are kept, sent, hashed and stored ever after.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/hash.h"
#include "common/catalog/record.h"
#include "common/rules/rules.h"
#include "proto/sync.pb-c.h"

enum {
	PRAC_MUTATION_MAX = 64 * 1024 /* bytes */
};

/* Exactly-once key; (device, incarnation) pairs count from 1 without holes. */
struct prac_mutation_key {
	struct prac_id device;
	uint64_t incarnation;
	uint64_t counter;
};

struct prac_patch {
	const struct prac_group *group;
	struct prac_bytes old_value, new_value; /* canonical group encodings */
	/* The same, read: by field index, only the group's are set. Borrowed by whoever makes a patch;
	 * NULL in one that is only to be encoded. */
	const struct prac_value *old_fields, *new_fields;
	/* Of the program that made it: it knew no field that is newer, and changes none. */
	uint32_t schema;
};

/* A mutation as read. Byte runs borrow the message it was read from or the arena. */
struct prac_mutation {
	uint64_t counter;
	uint32_t type_number;
	const struct prac_type *type; /* NULL: a type this program does not know */
	struct prac_id id;
	Practicum__Op op;
	struct prac_id scope; /* CREATE */
	uint64_t base_seq;
	/* In group order, each group once. CREATE: without old values. DELETE: what the person saw,
	 * without new values, so that only what others changed since is a conflict. */
	struct prac_patch *patches;
	size_t n_patches;
	const struct prac_action *action; /* OP_ACTION */
	struct prac_value *args;          /* action->args->n_fields of them, or NULL */
	int64_t client_time_ms;
	uint32_t schema;
	struct prac_id person;   /* nil when not said */
	struct prac_bytes bytes; /* the whole encoded mutation */
	struct prac_digest hash; /* SHA-256 of bytes */
};

/*
 * Reads and checks one encoded mutation. PRAC_INVALID_ARGUMENT: a program error of the peer (not
 * readable, no counter, no schema, a broken id); the request fails. Everything a person could have caused is no
 * status but a reason: PRAC_REASON_UNKNOWN_TYPE, _INVALID_VALUE, _TOO_LARGE with *problem_out set;
 * counter and id are then valid all the same, so that the mutation can be judged as refused.
 */
enum prac_status prac_mutation_read(struct prac_bytes bytes, struct prac_arena *arena,
	struct prac_mutation *mutation_out, enum prac_reason *reason_out,
	struct prac_problem *problem_out) PRAC_MUST_USE;

/*
 * Encodes; mutation->bytes and hash are set. Patches whose two values are equal are left out; a
 * schema of 0 stands for the program's own.
 */
void prac_mutation_write(struct prac_mutation *mutation, struct prac_arena *arena);

/*
 * The patches that lead from one version of a record to another, in group order. before may be NULL,
 * for a create; after may be NULL, for a delete. The array and its bytes are in the arena; the fields
 * are those of the two versions.
 */
size_t prac_patches_between(const struct prac_record *before, const struct prac_record *after,
	struct prac_arena *arena, struct prac_patch **patches_out);

/* The server's answer to one mutation. */
struct prac_verdict {
	uint64_t counter;
	Practicum__VerdictKind kind;
	enum prac_reason reason;
	uint64_t seq;
	bool replayed;
	uint32_t field;         /* number; 0: the record as a whole */
	struct prac_bytes text; /* for people; empty when accepted */
	struct prac_id
		existing; /* of DUPLICATE: the record that has the key; nil: not to be seen */
};
