#include "common/sync/mutation.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	/* What unpacking may take: protobuf-c makes up to 45 bytes of one hostile byte (SYNC 4.9). */
	BUDGET_FACTOR = 16,
	BUDGET_BASE = 64 * 1024
};

/* 0001-01-01 to 9999-12-31: a clock beyond it says nothing, and no database stores it. */
static const int64_t first_ms = -62135596800000;
static const int64_t last_ms = 253402300799999;

struct budget {
	struct prac_arena *arena;
	size_t left;
};

static void *budget_alloc(void *ctx, size_t size)
{
	struct budget *budget = ctx;

	if (size > budget->left) {
		return NULL;
	}
	budget->left -= size;
	return prac_arena_try(budget->arena, size);
}

static void budget_free(void *ctx, void *memory)
{
	(void)ctx;
	(void)memory; /* lives as long as the arena */
}

static Practicum__Mutation *unpack(struct prac_bytes bytes, struct prac_arena *arena)
{
	struct budget budget = { arena, bytes.len * BUDGET_FACTOR + BUDGET_BASE };
	ProtobufCAllocator allocator = { budget_alloc, budget_free, &budget };

	return practicum__mutation__unpack(&allocator, bytes.len, bytes.data);
}

static struct prac_bytes field_bytes(ProtobufCBinaryData data)
{
	return (struct prac_bytes){ data.data, data.len };
}

/* An id that may be left out, but not be broken. */
static bool read_id(protobuf_c_boolean has, ProtobufCBinaryData data, struct prac_id *id_out)
{
	memset(id_out, 0, sizeof(*id_out));
	return !has || prac_id_from_bytes(field_bytes(data), id_out) == PRAC_OK;
}

/* What a mutation has whatever it does. False: a program error of the peer. */
static bool read_head(const Practicum__Mutation *msg, struct prac_mutation *mutation)
{
	mutation->counter = msg->counter;
	mutation->type_number = msg->record_type;
	mutation->type = prac_type_find(msg->record_type);
	mutation->op = msg->op;
	mutation->base_seq = msg->base_seq;
	mutation->schema = msg->schema;
	mutation->client_time_ms = msg->client_time_ms < first_ms  ? first_ms
				   : msg->client_time_ms > last_ms ? last_ms
								   : msg->client_time_ms;
	return msg->counter > 0 && msg->counter <= INT64_MAX && msg->base_seq <= INT64_MAX &&
	       msg->schema > 0 && msg->op > PRACTICUM__OP__OP_UNSPECIFIED &&
	       msg->op <= PRACTICUM__OP__OP_ACTION && msg->has_record_id &&
	       read_id(msg->has_record_id, msg->record_id, &mutation->id) &&
	       read_id(msg->has_scope, msg->scope, &mutation->scope) &&
	       read_id(msg->has_person, msg->person, &mutation->person) &&
	       (msg->has_scope || msg->op != PRACTICUM__OP__OP_CREATE);
}

static enum prac_reason refuse(
	struct prac_problem *problem, enum prac_reason reason, const char *text)
{
	(void)snprintf(problem->text, sizeof(problem->text), "%s", text);
	return reason;
}

/* Of a side of a patch that has no value. */
static const struct prac_value no_fields[PRAC_FIELDS_MAX];

/* What reading patches needs for all of them. */
struct reader {
	struct prac_arena *arena;
	const struct prac_type *type;
	struct prac_value *old_fields, *new_fields; /* of all groups; NULL: nobody has any yet */
};

/* Merging compares bytes, so equal values must be equal bytes, whoever wrote them. NULL: not readable. */
static const struct prac_value *read_side(struct reader *reader, const struct prac_group *group,
	struct prac_bytes *bytes, struct prac_value **fields)
{
	if (bytes->len == 0) {
		return no_fields;
	}
	if (*fields == NULL) {
		*fields = prac_arena_room(
			reader->arena, reader->type->n_fields * sizeof(struct prac_value));
	}
	return prac_group_read(reader->type, group, reader->arena, bytes, *fields) == PRAC_OK
		       ? *fields
		       : NULL;
}

/* slots has one place for each group of the type. */
static enum prac_reason read_patch(struct reader *reader, const Practicum__GroupPatch *msg,
	struct prac_patch *slots, struct prac_problem *problem)
{
	const struct prac_group *group = prac_group_find(reader->type, msg->group);
	struct prac_patch patch = { .group = group };

	if (group == NULL) {
		return refuse(problem, PRAC_REASON_INVALID_VALUE,
			"a group of fields that is not known; update the program");
	}
	patch.old_value = field_bytes(msg->old_value);
	patch.new_value = field_bytes(msg->new_value);
	patch.old_fields = read_side(reader, group, &patch.old_value, &reader->old_fields);
	patch.new_fields = read_side(reader, group, &patch.new_value, &reader->new_fields);
	if (slots[group - reader->type->groups].group != NULL || patch.old_fields == NULL ||
		patch.new_fields == NULL) {
		(void)snprintf(
			problem->text, sizeof(problem->text), "%s: not readable", group->label);
		return PRAC_REASON_INVALID_VALUE;
	}
	slots[group - reader->type->groups] = patch;
	return PRAC_REASON_NONE;
}

static bool has_values_of_the_op(const struct prac_mutation *mutation)
{
	for (size_t i = 0; i < mutation->n_patches; i++) {
		const struct prac_patch *patch = &mutation->patches[i];

		if ((mutation->op == PRACTICUM__OP__OP_CREATE && patch->old_value.len > 0) ||
			(mutation->op == PRACTICUM__OP__OP_DELETE && patch->new_value.len > 0)) {
			return false;
		}
	}
	return mutation->op != PRACTICUM__OP__OP_ACTION || mutation->n_patches == 0;
}

static enum prac_reason read_patches(const Practicum__Mutation *msg, struct prac_arena *arena,
	struct prac_mutation *mutation, struct prac_problem *problem)
{
	const struct prac_type *type = mutation->type;
	struct reader reader = { .arena = arena, .type = type };
	enum prac_reason reason = PRAC_REASON_NONE;

	mutation->patches =
		prac_arena_alloc(arena, (type->n_groups + 1) * sizeof(*mutation->patches));
	for (size_t i = 0; i < msg->n_groups && reason == PRAC_REASON_NONE; i++) {
		reason = read_patch(&reader, msg->groups[i], mutation->patches, problem);
	}
	for (size_t i = 0; i < type->n_groups && reason == PRAC_REASON_NONE; i++) {
		struct prac_patch patch = mutation->patches[i];

		if (patch.group != NULL) {
			patch.schema = mutation->schema;
			mutation->patches[mutation->n_patches++] = patch;
		}
	}
	if (reason == PRAC_REASON_NONE && !has_values_of_the_op(mutation)) {
		reason = refuse(problem, PRAC_REASON_INVALID_VALUE,
			"values that do not belong to this operation");
	}
	return reason;
}

static enum prac_reason read_action(const Practicum__Mutation *msg, struct prac_arena *arena,
	struct prac_mutation *mutation, struct prac_problem *problem)
{
	const struct prac_type *args;
	struct prac_bytes extra;

	mutation->action = prac_action_find(mutation->type, msg->action);
	if (mutation->action == NULL) {
		return refuse(problem, PRAC_REASON_INVALID_VALUE,
			"an action that is not known; update the program");
	}
	args = mutation->action->args;
	if (args == NULL) {
		return msg->args.len == 0 ? PRAC_REASON_NONE
					  : refuse(problem, PRAC_REASON_INVALID_VALUE,
						    "the action has no arguments");
	}
	mutation->args = prac_arena_alloc(arena, args->n_fields * sizeof(*mutation->args));
	if (prac_values_decode(args, field_bytes(msg->args), arena, mutation->args, &extra) !=
		PRAC_OK) {
		return refuse(problem, PRAC_REASON_INVALID_VALUE, "arguments: not readable");
	}
	return prac_values_check(args, mutation->args, problem) == PRAC_OK
		       ? PRAC_REASON_NONE
		       : PRAC_REASON_INVALID_VALUE;
}

enum prac_status prac_mutation_read(struct prac_bytes bytes, struct prac_arena *arena,
	struct prac_mutation *mutation_out, enum prac_reason *reason_out,
	struct prac_problem *problem_out)
{
	const Practicum__Mutation *msg = unpack(bytes, arena);

	memset(mutation_out, 0, sizeof(*mutation_out));
	memset(problem_out, 0, sizeof(*problem_out));
	*reason_out = PRAC_REASON_NONE;
	if (msg == NULL || !read_head(msg, mutation_out)) {
		return PRAC_INVALID_ARGUMENT;
	}
	mutation_out->bytes = bytes;
	mutation_out->hash = prac_sha256(bytes);
	if (bytes.len > PRAC_MUTATION_MAX) {
		*reason_out = refuse(problem_out, PRAC_REASON_TOO_LARGE,
			"more than 64 KiB at once; enter it in parts");
	} else if (mutation_out->type == NULL) {
		*reason_out = refuse(problem_out, PRAC_REASON_UNKNOWN_TYPE,
			"a record type that is not known here; update the program");
	} else {
		*reason_out = read_patches(msg, arena, mutation_out, problem_out);
		if (*reason_out == PRAC_REASON_NONE &&
			mutation_out->op == PRACTICUM__OP__OP_ACTION) {
			*reason_out = read_action(msg, arena, mutation_out, problem_out);
		}
	}
	return PRAC_OK;
}

/* protobuf-c packs from pointers to non-const and writes nothing. */
static ProtobufCBinaryData binary(struct prac_bytes bytes)
{
	union {
		const uint8_t *given;
		uint8_t *wanted;
	} data = { bytes.data };

	return (ProtobufCBinaryData){ bytes.len, data.wanted };
}

static void fill_patches(
	const struct prac_mutation *mutation, struct prac_arena *arena, Practicum__Mutation *msg)
{
	size_t n = mutation->n_patches;
	Practicum__GroupPatch *patches = prac_arena_alloc(arena, (n + 1) * sizeof(*patches));

	msg->groups = prac_arena_alloc(arena, (n + 1) * sizeof(struct Practicum__GroupPatch *));
	for (size_t i = 0; i < n; i++) {
		const struct prac_patch *from = &mutation->patches[i];
		Practicum__GroupPatch *to = &patches[i];

		if (prac_bytes_equal(from->old_value, from->new_value)) {
			continue;
		}
		practicum__group_patch__init(to);
		to->has_group = 1;
		to->group = from->group->number;
		to->has_old_value = from->old_value.len > 0;
		to->old_value = binary(from->old_value);
		to->has_new_value = from->new_value.len > 0;
		to->new_value = binary(from->new_value);
		msg->groups[msg->n_groups++] = to;
	}
}

static void fill_action(
	const struct prac_mutation *mutation, struct prac_arena *arena, Practicum__Mutation *msg)
{
	struct prac_buf buf = { 0 };

	msg->has_action = 1;
	msg->action = mutation->action->number;
	if (mutation->action->args != NULL && mutation->args != NULL) {
		prac_values_encode(
			mutation->action->args, mutation->args, (struct prac_bytes){ 0 }, &buf);
		msg->args = binary(prac_arena_copy(arena, prac_buf_bytes(&buf)));
		msg->has_args = msg->args.len > 0;
		prac_buf_deinit(&buf);
	}
}

void prac_mutation_write(struct prac_mutation *mutation, struct prac_arena *arena)
{
	Practicum__Mutation msg = PRACTICUM__MUTATION__INIT;
	uint8_t *packed;
	size_t len;

	assert(mutation->counter > 0 && mutation->type != NULL);
	msg.has_counter = msg.has_record_type = msg.has_record_id = msg.has_op = 1;
	msg.has_base_seq = msg.has_client_time_ms = msg.has_schema = 1;
	msg.counter = mutation->counter;
	msg.record_type = mutation->type->number;
	msg.record_id = binary(prac_id_bytes(&mutation->id));
	msg.op = mutation->op;
	msg.has_scope = mutation->op == PRACTICUM__OP__OP_CREATE;
	msg.scope = binary(prac_id_bytes(&mutation->scope));
	msg.base_seq = mutation->base_seq;
	msg.client_time_ms = mutation->client_time_ms;
	msg.schema = mutation->schema > 0 ? mutation->schema : PRAC_SCHEMA;
	msg.has_person = !prac_id_is_nil(&mutation->person);
	msg.person = binary(prac_id_bytes(&mutation->person));
	fill_patches(mutation, arena, &msg);
	if (mutation->op == PRACTICUM__OP__OP_ACTION) {
		fill_action(mutation, arena, &msg);
	}
	len = practicum__mutation__get_packed_size(&msg);
	packed = prac_arena_alloc(arena, len);
	practicum__mutation__pack(&msg, packed);
	mutation->bytes = (struct prac_bytes){ packed, len };
	mutation->hash = prac_sha256(mutation->bytes);
}

static struct prac_bytes group_bytes(const struct prac_record *record,
	const struct prac_group *group, struct prac_arena *arena, struct prac_buf *buf)
{
	if (record == NULL) {
		return (struct prac_bytes){ 0 };
	}
	prac_buf_clear(buf);
	prac_group_encode(record->type, group, record->values, buf);
	return prac_arena_copy(arena, prac_buf_bytes(buf));
}

size_t prac_patches_between(const struct prac_record *before, const struct prac_record *after,
	struct prac_arena *arena, struct prac_patch **patches_out)
{
	const struct prac_type *type = after != NULL ? after->type : before->type;
	struct prac_patch *patches =
		prac_arena_alloc(arena, (type->n_groups + 1) * sizeof(*patches));
	struct prac_buf buf = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < type->n_groups; i++) {
		struct prac_patch patch = { .group = &type->groups[i], .schema = PRAC_SCHEMA };

		patch.old_value = group_bytes(before, patch.group, arena, &buf);
		patch.new_value = group_bytes(after, patch.group, arena, &buf);
		patch.old_fields = before != NULL ? before->values : no_fields;
		patch.new_fields = after != NULL ? after->values : no_fields;
		if (!prac_bytes_equal(patch.old_value, patch.new_value)) {
			patches[n++] = patch;
		}
	}
	prac_buf_deinit(&buf);
	*patches_out = patches;
	return n;
}
