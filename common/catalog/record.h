/*
 * A record in memory and its byte form.
 *
 * The byte form is the protobuf encoding of the record's message in one canonical shape: known
 * fields in ascending number, each once, minimal varints, absent fields left out, fields of a newer
 * schema behind them as they came. Equal records are equal bytes; so are equal groups, which is
 * what merging and the content hash rest on.
 *
 * Decoding copies nothing: byte values borrow the input, which must outlive them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/status.h"
#include "common/catalog/catalog.h"

/* All zero is "absent". TEXT, TEXT_LIST, REF and BLOB use bytes, every other kind number. */
struct prac_value {
	bool has;
	int64_t number;
	/* TEXT_LIST: the canonical encoding of all items, to be walked with prac_list_next(). */
	struct prac_bytes bytes;
};

struct prac_record {
	const struct prac_type *type;
	struct prac_id id;
	struct prac_id scope; /* owning scope, never changes */
	uint64_t seq; /* number of the mutation that last changed it; 0: not on the server */
	uint64_t group_seq[PRAC_GROUPS_MAX]; /* by group index */
	bool deleted;
	struct prac_value *values; /* type->n_fields of them */
	struct prac_bytes extra;   /* canonical bytes of fields this program does not know */
	/* Bit n: field n is not for whoever reads this; its value is absent here whatever it is. */
	uint64_t withheld;
};

/* What is wrong with a value, for the person who entered it. All zero: nothing. */
struct prac_problem {
	const struct prac_field *field; /* NULL: the record as a whole */
	char text[400];                 /* "ends on: must not be before starts on" */
};

/* Cuts the words at the end of the room, between characters. */
void prac_problem_set(struct prac_problem *problem, const struct prac_field *field, const char *fmt,
	...) PRAC_PRINTF(3, 4);

/* A record with every value absent but the state, which is the type's first; in the arena. */
struct prac_record *prac_record_new(
	struct prac_arena *arena, const struct prac_type *type) PRAC_RETURNS_NONNULL;

/* Shallow copy with a values array of its own; byte values stay borrowed. */
struct prac_record *prac_record_copy(
	struct prac_arena *arena, const struct prac_record *record) PRAC_RETURNS_NONNULL;

/*
 * Reads the byte form into values[type->n_fields] and *extra_out. Input need not be canonical: the
 * last occurrence of a field counts, list items are gathered (in the arena when not contiguous).
 * PRAC_INVALID_ARGUMENT: no protobuf message, a group, or a wire type the field cannot have.
 */
enum prac_status prac_values_decode(const struct prac_type *type, struct prac_bytes bytes,
	struct prac_arena *arena, struct prac_value *values,
	struct prac_bytes *extra_out) PRAC_MUST_USE;

/* Appends the canonical form. */
void prac_values_encode(const struct prac_type *type, const struct prac_value *values,
	struct prac_bytes extra, struct prac_buf *buf);

/* Appends the canonical form of one group's fields; nothing when all are absent. */
void prac_group_encode(const struct prac_type *type, const struct prac_group *group,
	const struct prac_value *values, struct prac_buf *buf);

/*
 * Replaces all fields of the group in values by those in bytes (a group's encoding, borrowed).
 * PRAC_INVALID_ARGUMENT: not readable, or a field that is not in the group.
 */
enum prac_status prac_group_apply(const struct prac_type *type, const struct prac_group *group,
	struct prac_bytes bytes, struct prac_arena *arena, struct prac_value *values) PRAC_MUST_USE;

/*
 * Reads a group's encoding that may come from anybody: its fields into values_out, of which no other
 * is set, and *bytes is made canonical, in the arena where it was not.
 */
enum prac_status prac_group_read(const struct prac_type *type, const struct prac_group *group,
	struct prac_arena *arena, struct prac_bytes *bytes,
	struct prac_value *values_out) PRAC_MUST_USE;

/* The group's fields, as they are in from, replace those in to. */
void prac_group_copy(
	const struct prac_group *group, const struct prac_value *from, struct prac_value *to);

/*
 * The type and id of the record that the fields record_type and record_id of this one name; NULL: it
 * has no such fields, or they name no type of the catalog.
 */
const struct prac_type *prac_record_target(
	const struct prac_record *record, struct prac_id *id_out);

bool prac_value_equal(
	const struct prac_field *field, const struct prac_value *a, const struct prac_value *b);

/* Values that are there; bytes stay borrowed. */
struct prac_value prac_value_number(int64_t number);
struct prac_value prac_value_bytes(struct prac_bytes bytes);
struct prac_value prac_value_id(const struct prac_id *id);
struct prac_value prac_value_text(const char *text); /* absent for NULL */

/* Walks a TEXT_LIST: *rest starts as value.bytes; false at the end. */
bool prac_list_next(struct prac_bytes *rest, struct prac_bytes *item_out);
bool prac_list_has(struct prac_bytes list, struct prac_bytes item);

/* The value that holds these items; lives in the arena. */
struct prac_value prac_list_value(struct prac_arena *arena, const struct prac_field *field,
	const struct prac_bytes *items, size_t n_items);

/*
 * Checks what the catalog says of every value: required ones present, UTF-8 without NUL and control
 * characters (line feed and tab are allowed), length and range, known enum numbers, references of
 * 16 bytes. The rules file of the type adds its own.
 */
enum prac_status prac_value_check(const struct prac_field *field, const struct prac_value *value,
	struct prac_problem *problem_out) PRAC_MUST_USE;
enum prac_status prac_values_check(const struct prac_type *type, const struct prac_value *values,
	struct prac_problem *problem_out) PRAC_MUST_USE;

/*
 * Text as people type and read it: 2026-08-11, 16:00, 2h30m, 12.50, yes, school_review, a;b;c (a
 * backslash before a semicolon makes it part of the item). The empty text is an absent value. What
 * one writes the other reads.
 */
enum prac_status prac_value_parse(const struct prac_field *field, const char *text,
	struct prac_arena *arena, struct prac_value *value_out,
	struct prac_problem *problem_out) PRAC_MUST_USE;
void prac_value_format(
	const struct prac_field *field, const struct prac_value *value, struct prac_buf *buf);

/* The title fields as one text in the arena; references print as their first 8 digits. */
const char *prac_record_title(
	const struct prac_record *record, struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/*
 * The scope a new record must name. False: the record does not tell: its field is absent, it is owned
 * where another one is, or no device makes such records.
 */
bool prac_record_owner(const struct prac_record *record, struct prac_id *owner_out);

/*
 * The state that the calendar has moved the record to on this day (days since 1970-01-01); NULL when
 * what is stored holds. PostgreSQL says the same: <table>_computed() of its migration.
 */
const struct prac_computed *prac_record_computed(const struct prac_record *record, int32_t day);

/* Do two records of one unique type have the same natural key? Never, where the type is not unique. */
bool prac_record_same_key(const struct prac_record *a, const struct prac_record *b);

/* Equal for equal keys; of this process only. */
uint64_t prac_record_key_hash(const struct prac_record *record);

/* "Placement 0193…, Week from 2026-09-13": the key with its labels, in the arena. */
const char *prac_record_key_text(
	const struct prac_record *record, struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/*
 * What an approval names: SHA-256 over a schema number as four bytes big-endian, then for the
 * record and for its children, which come in ascending id order, each: id, length of the encoding
 * as four bytes big-endian, encoding of the hashed fields. The schema number is the one that
 * brought the newest hashed field present, so that programs of different age agree on content that
 * both can express.
 */
struct prac_digest prac_content_hash(const struct prac_record *record,
	const struct prac_record *const *children, size_t n_children);
