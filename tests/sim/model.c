#include "tests/sim/model.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/model_record.h"

static unsigned hash_row(const void *item)
{
	const struct model_row *row = item;
	unsigned hash = row->type;

	for (size_t i = 0; i < PRAC_ID_LEN; i++) {
		hash = hash * 31 + row->id.b[i] + row->scope.b[i];
	}
	return hash;
}

static gboolean same_row(const void *a, const void *b)
{
	const struct model_row *left = a;
	const struct model_row *right = b;

	return left->type == right->type && prac_id_equal(&left->id, &right->id) &&
	       prac_id_equal(&left->scope, &right->scope);
}

struct model *model_new(void)
{
	struct model *model = g_new0(struct model, 1);

	model->records = model_records_new();
	model->rows = g_hash_table_new_full(hash_row, same_row, NULL, g_free);
	model->sums = model_sums_new();
	return model;
}

void model_free(struct model *model)
{
	g_hash_table_destroy(model->records);
	g_hash_table_destroy(model->rows);
	g_hash_table_destroy(model->sums);
	g_free(model);
}

static void fault(struct model *model, uint64_t seq, const char *what)
{
	if (model->fault[0] == '\0') {
		(void)snprintf(model->fault, sizeof(model->fault), "seq %llu: %s",
			(unsigned long long)seq, what);
	}
}

static struct prac_id to_id(ProtobufCBinaryData data)
{
	struct prac_id id = { { 0 } };

	if (data.len == PRAC_ID_LEN) {
		memcpy(id.b, data.data, PRAC_ID_LEN);
	}
	return id;
}

static void set_row(struct model *model, const struct prac_id *scope,
	const struct model_record *record, uint64_t seq, enum store_gone gone)
{
	struct model_row *row = g_new0(struct model_row, 1);
	const struct model_row *known;

	*row = (struct model_row){ *scope, record->id, record->type, seq, gone, 0 };
	known = g_hash_table_lookup(model->rows, row);
	if (known != NULL && known->gone == STORE_LIVE) {
		model_sum_add(model->sums, scope, seq, known->hash, -1);
	}
	if (gone == STORE_LIVE) {
		row->hash = model_record_hash(record);
		model_sum_add(model->sums, scope, seq, row->hash, 1);
	}
	g_hash_table_replace(model->rows, row, row);
}

static bool is_live(
	const struct model *model, const struct prac_id *scope, const struct model_record *record)
{
	const struct model_row like = { .scope = *scope, .id = record->id, .type = record->type };
	const struct model_row *row = g_hash_table_lookup(model->rows, &like);

	return row != NULL && row->gone == STORE_LIVE;
}

/* Every record is shown at its owner and wherever its student is. */
static void show(struct model *model, struct model_record *record, uint64_t seq)
{
	const struct model_record *student =
		record->type == PRAC_STUDENT
			? record
			: model_find(model->records, PRAC_STUDENT, &record->student);
	enum store_gone gone = record->deleted ? STORE_DELETED : STORE_LIVE;
	GHashTableIter iter;
	void *item;
	GArray *scopes = g_array_new(FALSE, FALSE, sizeof(struct prac_id));

	g_array_append_val(scopes, record->scope);
	g_hash_table_iter_init(&iter, model->rows);
	while (student != NULL && g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct model_row *row = item;

		if (row->type == PRAC_STUDENT && row->gone == STORE_LIVE &&
			prac_id_equal(&row->id, &student->id)) {
			g_array_append_val(scopes, row->scope);
		}
	}
	record->seq = seq;
	for (unsigned i = 0; i < scopes->len; i++) {
		set_row(model, &g_array_index(scopes, struct prac_id, i), record, seq, gone);
	}
	g_array_free(scopes, TRUE);
}

/* Behind the state may stand when it is to end. */
static bool is_active(const struct model_record *enrollment)
{
	static const uint8_t active[] = { 0x08, PRAC_ENROLLMENT_STATE_ACTIVE };
	size_t len = 0;
	const uint8_t *progress =
		enrollment->deleted ? NULL : g_bytes_get_data(enrollment->groups[0], &len);

	return len >= sizeof(active) && memcmp(progress, active, sizeof(active)) == 0;
}

static bool is_enrolled(const struct model *model, const struct model_record *enrollment)
{
	GHashTableIter iter;
	void *item;

	g_hash_table_iter_init(&iter, model->records);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct model_record *other = item;

		if (other->type == PRAC_ENROLLMENT && is_active(other) &&
			prac_id_equal(&other->student, &enrollment->student) &&
			prac_id_equal(&other->scope, &enrollment->scope)) {
			return true;
		}
	}
	return false;
}

/* After any change of an enrollment: is its student to be seen at its school? */
static void follow_student(struct model *model, const struct model_record *enrollment, uint64_t seq)
{
	struct model_record *student =
		model_find(model->records, PRAC_STUDENT, &enrollment->student);
	bool should_see = is_enrolled(model, enrollment);
	enum store_gone gone = should_see ? STORE_LIVE : STORE_MOVED;
	GHashTableIter iter;
	void *item;

	if (student == NULL || prac_id_equal(&student->scope, &enrollment->scope) ||
		is_live(model, &enrollment->scope, student) == should_see) {
		return;
	}
	set_row(model, &enrollment->scope, student, seq, gone);
	g_hash_table_iter_init(&iter, model->records);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct model_record *other = item;

		if (!prac_id_equal(&other->student, &student->id) ||
			is_live(model, &enrollment->scope, other) == should_see ||
			(other->deleted && should_see) ||
			(!should_see && prac_id_equal(&other->scope, &enrollment->scope))) {
			continue;
		}
		set_row(model, &enrollment->scope, other, seq, gone);
	}
}

/* P9: an approved sheet stays as it was signed, and so do its lines. */
static void check_frozen(struct model *model, struct model_record *record, uint64_t seq)
{
	const struct model_record *sheet = record;

	if (record->type == PRAC_TIME_ENTRY) {
		struct prac_id id = { { 0 } };
		size_t len;
		const uint8_t *key = g_bytes_get_data(record->groups[0], &len);

		if (len >= 2 + PRAC_ID_LEN) {
			memcpy(id.b, key + 2, PRAC_ID_LEN);
		}
		sheet = model_find(model->records, PRAC_TIME_SHEET, &id);
	}
	if (sheet != NULL && sheet->is_frozen) {
		fault(model, seq, "P9: what was approved is changed");
	}
	record->is_frozen = record->type == PRAC_TIME_SHEET &&
			    model_group_is(record, 0,
				    (ProtobufCBinaryData){ 2,
					    (uint8_t[]){ 0x08, PRAC_TIME_SHEET_STATE_APPROVED } });
}

static void finish(struct model *model, struct model_record *record, uint64_t seq)
{
	check_frozen(model, record, seq);
	if (record->deleted) {
		record->deleted_at = seq;
	}
	if (record->type == PRAC_ENROLLMENT) {
		follow_student(model, record, seq);
	}
	show(model, record, seq);
}

/* Whom it follows: the field student_id, in the group "key". */
static void read_student(struct model_record *record)
{
	enum {
		FIELD_2 = 0x12, /* as a tag */
		FIELD_3 = 0x1a
	};

	switch (record->type) {
	case PRAC_GUARDIAN:
	case PRAC_ENROLLMENT:
	case PRAC_PLACEMENT:
		model_read_student(record, FIELD_2, 1);
		break;
	case PRAC_TIME_SHEET:
		model_read_student(record, FIELD_3, 1);
		break;
	case PRAC_TIME_ENTRY:
		model_read_student(record, FIELD_3, 0);
		break;
	default:
		break;
	}
}

static void create(struct model *model, const Practicum__Mutation *msg, uint64_t seq)
{
	struct prac_id id = to_id(msg->record_id);
	struct model_record *record;

	if (model_find(model->records, msg->record_type, &id) != NULL) {
		return; /* the same create again; judged ID_TAKEN if it were another */
	}
	record = model_add(model->records, msg->record_type, id, to_id(msg->scope));
	for (size_t i = 0; i < msg->n_groups; i++) {
		(void)model_merge(record, msg->groups[i], 0, seq);
		record->group_seq[msg->groups[i]->group - 1] = seq;
	}
	read_student(record);
	finish(model, record, seq);
}

/* Returns how many conflicts it makes. */
static size_t patch(struct model *model, const Practicum__Mutation *msg, uint64_t seq)
{
	struct prac_id id = to_id(msg->record_id);
	struct model_record *record = model_find(model->records, msg->record_type, &id);
	size_t n_conflicts = 0;
	bool changed = false;

	if (record == NULL) {
		fault(model, seq, "accepted for a record that is not there");
		return 0;
	}
	for (size_t i = 0; i < msg->n_groups; i++) {
		const Practicum__GroupPatch *group = msg->groups[i];

		if (record->deleted || !model_merge(record, group, msg->base_seq, seq)) {
			n_conflicts++;
		}
		changed = changed || record->group_seq[group->group - 1] == seq;
	}
	if (changed) {
		finish(model, record, seq);
	}
	return n_conflicts;
}

static size_t delete_record(struct model *model, const Practicum__Mutation *msg, uint64_t seq)
{
	struct prac_id id = to_id(msg->record_id);
	struct model_record *record = model_find(model->records, msg->record_type, &id);

	if (record == NULL || record->deleted) {
		return 0;
	}
	for (size_t i = 0; i < MODEL_GROUPS; i++) {
		ProtobufCBinaryData saw = { 0, NULL };

		for (size_t k = 0; k < msg->n_groups; k++) {
			saw = msg->groups[k]->group == i + 1 ? msg->groups[k]->old_value : saw;
		}
		if (record->group_seq[i] > msg->base_seq && !model_group_is(record, i, saw)) {
			return 1;
		}
	}
	record->deleted = true;
	finish(model, record, seq);
	return 0;
}

/* The person chose: theirs stays, or mine comes to be. */
static void resolve(
	struct model *model, const struct model_record *conflict, uint8_t choice, uint64_t seq)
{
	struct model_record *record =
		model_find(model->records, conflict->about.type, &conflict->about.id);
	size_t len;
	const void *mine = g_bytes_get_data(conflict->about.mine, &len);

	if (choice == PRAC_CONFLICT_RESOLVE_CHOICE_THEIRS || record == NULL) {
		return;
	}
	if (conflict->about.kind == PRAC_CONFLICT_KIND_DELETE) {
		record->deleted = true;
		finish(model, record, seq);
	} else if (!g_bytes_equal(
			   record->groups[conflict->about.group - 1], conflict->about.mine)) {
		model_group_set(record, conflict->about.group - 1, mine, len, seq);
		finish(model, record, seq);
	}
}

/*
 * A field of the state's details, made of the arguments' first, whose tag it replaces. Behind a number may stand
 * what the field was before (was_FIELD), which is stored nowhere.
 */
static size_t put_arg(uint8_t *to, uint8_t tag, ProtobufCBinaryData args)
{
	bool is_number = (tag & 7) == 0;
	size_t len = is_number ? 2 : args.len;

	while (is_number && (args.data[len - 1] & 0x80) != 0) {
		len++;
	}
	to[0] = tag;
	memcpy(to + 1, args.data + 1, len - 1);
	return len;
}

/* The state that an action leads to, and its details, as bytes of the group. */
static size_t progress_after(
	const struct model_record *record, const Practicum__Mutation *msg, uint8_t *progress)
{
	static const uint8_t guardian_states[] = { 0, PRAC_GUARDIAN_STATE_VERIFIED,
		PRAC_GUARDIAN_STATE_INACTIVE, PRAC_GUARDIAN_STATE_INVITED };
	static const uint8_t sheet_states[] = { 0, PRAC_TIME_SHEET_STATE_SUBMITTED,
		PRAC_TIME_SHEET_STATE_APPROVED, PRAC_TIME_SHEET_STATE_RETURNED };

	enum {
		FIRST = 0x08, /* as tags: a number in field 1 */
		CHOICE = 0x10,
		ENDS_ON = 0x30,
		RETURN_REASON = 0x4a
	};

	progress[0] = 0x08;
	switch (record->type) {
	case PRAC_GUARDIAN:
		progress[1] = guardian_states[msg->action];
		break;
	case PRAC_CONFLICT:
		progress[1] = PRAC_CONFLICT_STATE_RESOLVED;
		return 2 + put_arg(progress + 2, CHOICE, msg->args);
	case PRAC_ENROLLMENT:
		progress[1] = msg->action == PRAC_ENROLLMENT_DO_END ? PRAC_ENROLLMENT_STATE_ENDED
								    : PRAC_ENROLLMENT_STATE_ACTIVE;
		/* Who reopens it may plan another end. */
		if (msg->args.len > 0 && msg->args.data[0] == FIRST) {
			return 2 + put_arg(progress + 2, ENDS_ON, msg->args);
		}
		break;
	case PRAC_TIME_SHEET:
		progress[1] = sheet_states[msg->action];
		if (msg->action == PRAC_TIME_SHEET_DO_RETURN) {
			return 2 + put_arg(progress + 2, RETURN_REASON, msg->args);
		}
		break;
	default:
		break;
	}
	return 2;
}

/* Actions the simulated people use. Returns how many signatures it makes. */
static size_t act(struct model *model, const Practicum__Mutation *msg, uint64_t seq)
{
	struct prac_id id = to_id(msg->record_id);
	struct model_record *record = model_find(model->records, msg->record_type, &id);
	uint8_t progress[64];

	if (record == NULL || msg->args.len > sizeof(progress) - 2) {
		fault(model, seq, "an action on a record that is not there");
		return 0;
	}
	if (record->type == PRAC_CONFLICT) {
		resolve(model, record, msg->args.data[1], seq);
	}
	model_group_set(record, 0, progress, progress_after(record, msg, progress), seq);
	finish(model, record, seq);
	return record->type == PRAC_TIME_SHEET && msg->action != PRAC_TIME_SHEET_DO_SUBMIT ? 1 : 0;
}

/* What one mutation makes besides its own change. */
struct made {
	size_t n_conflicts, n_signatures;
};

static struct made apply(struct model *model, const Practicum__Mutation *msg, uint64_t seq)
{
	struct made made = { 0 };

	switch (msg->op) {
	case PRACTICUM__OP__OP_CREATE:
		create(model, msg, seq);
		break;
	case PRACTICUM__OP__OP_PATCH:
		made.n_conflicts = patch(model, msg, seq);
		break;
	case PRACTICUM__OP__OP_DELETE:
		made.n_conflicts = delete_record(model, msg, seq);
		break;
	case PRACTICUM__OP__OP_ACTION:
		made.n_signatures = act(model, msg, seq);
		break;
	case PRACTICUM__OP__OP_UNSPECIFIED:
	case _PRACTICUM__OP_IS_INT_SIZE:
		break;
	}
	return made;
}

static void take_one(struct model *model, const struct mem_record *made, uint64_t seq)
{
	struct model_record *record =
		model_add(model->records, made->type->number, made->id, made->scope);

	record->seq = seq;
	model_read_made(record, made);
	show(model, record, seq);
}

/*
 * Records that only the server makes are taken as they are, but must be there. What happened is their
 * last group and never changes, so its number is that of their making.
 */
static size_t take_made(struct model *model, const struct mem_db *db, uint32_t type, uint64_t seq)
{
	size_t n = 0;

	for (unsigned i = db->records->len; i-- > 0;) {
		const struct mem_record *made = g_ptr_array_index(db->records, i);

		if (made->type->number == type &&
			made->group_seq[made->type->n_groups - 1] == seq) {
			take_one(model, made, seq);
			n++;
		}
	}
	return n;
}

static void follow_one(
	struct model *model, const struct mem_db *db, const struct store_judged *judged)
{
	uint64_t seq = judged->verdict.seq;
	Practicum__Mutation *msg =
		practicum__mutation__unpack(NULL, judged->payload.len, judged->payload.data);
	bool holds = judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED ||
		     judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT;
	struct made made = { 0 };

	if (seq <= model->head) {
		fault(model, seq, "P12: became visible after a larger number");
	}
	if (msg->base_seq >= seq) {
		fault(model, seq, "P7: not larger than what it was based on");
	}
	model->head = seq;
	if (holds) {
		made = apply(model, msg, seq);
	}
	if (take_made(model, db, PRAC_CONFLICT, seq) != made.n_conflicts ||
		(judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT) !=
			(made.n_conflicts > 0)) {
		fault(model, seq, "P4: conflicts are not what they should be");
	}
	if (take_made(model, db, PRAC_REJECTED, seq) != (holds ? 0U : 1U)) {
		fault(model, seq, "P4: refused input is not kept");
	}
	if (take_made(model, db, PRAC_APPROVAL, seq) != made.n_signatures) {
		fault(model, seq, "P1: signatures are not what they should be");
	}
	practicum__mutation__free_unpacked(msg, NULL);
}

void model_follow(struct model *model, const struct mem_db *db)
{
	while (model->n_seen < db->mutations->len) {
		follow_one(model, db, g_ptr_array_index(db->mutations, model->n_seen));
		model->n_seen++;
	}
}

bool model_is_deleted(
	const struct model *model, uint32_t type, const struct prac_id *id, uint64_t seq)
{
	const struct model_record *record = model_find(model->records, type, id);

	return record != NULL && record->deleted && record->deleted_at <= seq;
}

size_t model_count(const struct model *model, const struct prac_id *scopes, size_t n_scopes)
{
	GHashTableIter iter;
	void *item;
	size_t n = 0;

	g_hash_table_iter_init(&iter, model->rows);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct model_row *row = item;

		for (size_t i = 0; i < n_scopes && row->gone == STORE_LIVE; i++) {
			n += prac_id_equal(&row->scope, &scopes[i]) ? 1 : 0;
		}
	}
	return n;
}

static bool same_groups(const struct model_record *expected, const struct prac_record *record)
{
	struct prac_buf buf = { 0 };
	bool same = true;

	for (size_t i = 0; i < record->type->n_groups && same; i++) {
		ProtobufCBinaryData bytes;

		prac_buf_clear(&buf);
		prac_group_encode(record->type, &record->type->groups[i], record->values, &buf);
		bytes.data = buf.data + buf.start;
		bytes.len = prac_buf_len(&buf);
		same = model_group_is(expected, i, bytes) &&
		       expected->group_seq[i] == record->group_seq[i];
	}
	prac_buf_deinit(&buf);
	return same;
}

bool model_agrees(const struct model *model, const struct store_feed_row *row,
	const struct prac_record *record)
{
	const struct model_row like = {
		.scope = row->scope, .id = row->key.id, .type = row->key.type
	};
	const struct model_row *expected = g_hash_table_lookup(model->rows, &like);
	const struct model_record *of = model_find(model->records, row->key.type, &row->key.id);

	if (row->gone != STORE_LIVE) {
		return expected == NULL || expected->gone != STORE_LIVE;
	}
	if (expected == NULL || expected->gone != STORE_LIVE || expected->seq != row->seq) {
		return false;
	}
	return record == NULL || same_groups(of, record);
}
