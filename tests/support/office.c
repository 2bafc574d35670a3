#include "tests/support/office.h"

#include <assert.h>
#include <string.h>

#include "catalog/types.h"

/* An id as it is typed: 32 digits. */
#define ID_TEXT(nn) "000000000000000000000000000000" nn

static uint64_t monotonic_ms(void *ctx)
{
	return ((struct office *)ctx)->now_ms;
}

/* 2026-11-21 */
static int64_t wall_ms(void *ctx)
{
	return 1795219200000 + (int64_t)((struct office *)ctx)->now_ms;
}

static void no_random(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0, len);
}

static void announced(void *ctx, const struct notice *notice)
{
	struct office *office = ctx;

	office->n_announced++;
	office->n_announced_scopes = notice->n_scopes;
	memcpy(office->announced, notice->scopes, notice->n_scopes * sizeof(*notice->scopes));
}

static void start_station(struct station *station, uint8_t nn, const uint8_t *schools, size_t n)
{
	station->device.id = sample_id(nn);
	station->device.incarnation = 7;
	station->device.grants = station->grants;
	station->device.n_grants = n;
	for (size_t i = 0; i < n; i++) {
		station->grants[i] = (struct prac_scope_grant){ sample_id(schools[i]), 1 };
	}
}

static void add_school(struct office *office, uint8_t nn, const char *code)
{
	struct prac_record *school = sample_record(&office->arena, &prac_type_school, nn,
		(const char *const[4]){ "name=School", code, "zone=America/New_York", NULL });
	const struct prac_verdict *verdict = office_create(office, &office->district, school);

	assert(verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	(void)verdict;
}

struct office *office_open(void)
{
	return office_open_ahead(0);
}

struct office *office_open_ahead(size_t ahead_min)
{
	static const uint8_t schools[] = { OFFICE_SCHOOL_A, OFFICE_SCHOOL_B };
	struct office *office = g_new0(struct office, 1);

	store_mem_init(&office->mem);
	store_mem_connect(&office->mem, &office->server);
	office->env = (struct prac_env){ monotonic_ms, wall_ms, no_random, office };
	office->sequencer =
		sequencer_new(&(struct sequencer_config){ .store = &office->server.store,
			.env = &office->env,
			.committed = announced,
			.ctx = office,
			.ahead_min = ahead_min });
	start_station(&office->a, 0xDA, schools, 1);
	start_station(&office->b, 0xDB, schools + 1, 1);
	start_station(&office->district, 0xDD, schools, 2);
	office->district.device.district = true;
	add_school(office, OFFICE_SCHOOL_A, "code=A");
	add_school(office, OFFICE_SCHOOL_B, "code=B");
	return office;
}

void office_close(struct office *office)
{
	sequencer_stop(office->sequencer);
	office_run(office);
	sequencer_free(office->sequencer);
	store_mem_deinit(&office->mem);
	prac_arena_deinit(&office->arena);
	g_free(office);
}

void office_run(struct office *office)
{
	while (store_mem_ready(&office->mem) > 0) {
		store_mem_step(&office->mem, 0);
	}
}

static void answered(void *ctx, const struct sequencer_answer *answer)
{
	struct office *office = ctx;

	office->n_answers++;
	office->answer = *answer;
	assert(answer->n_verdicts <= G_N_ELEMENTS(office->verdicts));
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		office->verdicts[i] = answer->verdicts[i];
		office->verdicts[i].text =
			prac_arena_copy(&office->arena, answer->verdicts[i].text);
	}
	office->answer.verdicts = office->verdicts;
}

enum prac_status office_submit(struct office *office, const struct station *station,
	struct prac_mutation *const *mutations, size_t n)
{
	struct prac_bytes *bytes = prac_arena_alloc(&office->arena, (n + 1) * sizeof(*bytes));

	for (size_t i = 0; i < n; i++) {
		prac_mutation_write(mutations[i], &office->arena);
		bytes[i] = mutations[i]->bytes;
	}
	return sequencer_submit(office->sequencer,
		&(struct sequencer_push){ &station->device, bytes, n, answered, office });
}

struct prac_mutation *office_make(struct office *office, struct station *station, Practicum__Op op,
	const struct prac_record *record)
{
	struct prac_mutation *mutation = prac_arena_alloc(&office->arena, sizeof(*mutation));

	mutation->counter = ++station->counter;
	mutation->type = record->type;
	mutation->id = record->id;
	mutation->op = op;
	mutation->base_seq = record->seq;
	mutation->client_time_ms = 1000;
	if (op == PRACTICUM__OP__OP_CREATE) {
		mutation->scope = record->scope;
		office_make_patch(office, mutation, NULL, record);
	} else if (op == PRACTICUM__OP__OP_DELETE) {
		office_make_patch(office, mutation, record, NULL);
	}
	return mutation;
}

void office_make_patch(struct office *office, struct prac_mutation *mutation,
	const struct prac_record *before, const struct prac_record *after)
{
	mutation->n_patches =
		prac_patches_between(before, after, &office->arena, &mutation->patches);
}

static const struct prac_verdict *send(
	struct office *office, const struct station *station, struct prac_mutation *mutation)
{
	enum prac_status status = office_submit(office, station, &mutation, 1);

	assert(status == PRAC_OK);
	(void)status;
	office_run(office);
	assert(office->answer.n_verdicts == 1);
	return &office->verdicts[0];
}

/* Owned as its type says. */
static void set_scope(struct prac_record *record)
{
	const struct prac_type *type = record->type;

	if (!prac_id_is_nil(&record->scope)) {
		return;
	}
	if (type->owner == PRAC_OWNER_BY_FIELD) {
		(void)view_reference(record, type->owner_field, &record->scope);
	} else {
		record->scope = type->owner == PRAC_OWNER_DISTRICT ? prac_scope_district
								   : prac_scope_reference;
	}
}

const struct prac_verdict *office_create(
	struct office *office, struct station *station, struct prac_record *record)
{
	set_scope(record);
	return send(
		office, station, office_make(office, station, PRACTICUM__OP__OP_CREATE, record));
}

const struct prac_verdict *office_patch(struct office *office, struct station *station,
	const struct prac_record *before, const struct prac_record *after)
{
	struct prac_mutation *mutation =
		office_make(office, station, PRACTICUM__OP__OP_PATCH, before);

	office_make_patch(office, mutation, before, after);
	return send(office, station, mutation);
}

const struct prac_verdict *office_delete(
	struct office *office, struct station *station, const struct prac_record *record)
{
	return send(
		office, station, office_make(office, station, PRACTICUM__OP__OP_DELETE, record));
}

const struct prac_verdict *office_act(struct office *office, struct station *station,
	const struct prac_record *record, const char *action, const struct prac_value *args)
{
	struct prac_mutation *mutation =
		office_make(office, station, PRACTICUM__OP__OP_ACTION, record);

	mutation->action = prac_action_find_name(record->type, action);
	assert(mutation->action != NULL);
	if (args != NULL) {
		size_t size = mutation->action->args->n_fields * sizeof(*args);

		mutation->args = prac_arena_alloc(&office->arena, size);
		memcpy(mutation->args, args, size);
	}
	return send(office, station, mutation);
}

struct prac_record *office_record(
	struct office *office, const struct prac_type *type, const struct prac_id *id)
{
	const struct store_load load = { .kind = STORE_BY_ID, .type = type, .ids = id, .n_ids = 1 };
	struct store_facts facts = { 0 };

	mem_db_load(office->mem.db, &load, &office->arena, &facts);
	return facts.n_records > 0 ? facts.records[0] : NULL;
}

struct prac_record *office_edit(
	struct office *office, const struct prac_record *record, const char *assignment)
{
	struct prac_record *copy = prac_record_copy(&office->arena, record);

	sample_set(copy, &office->arena, assignment);
	return copy;
}

struct prac_record *office_last(struct office *office, const struct prac_type *type)
{
	const GPtrArray *records = office->mem.db->records;

	for (unsigned i = records->len; i-- > 0;) {
		const struct mem_record *record = g_ptr_array_index(records, i);

		if (record->type == type) {
			return office_record(office, type, &record->id);
		}
	}
	return NULL;
}

struct prac_record *office_add_student(struct office *office)
{
	struct prac_record *student =
		sample_record(&office->arena, &prac_type_student, OFFICE_STUDENT,
			(const char *const[4]){ "school_id=" ID_TEXT("a0"), "identifier=4711",
				"given_name=Ada", "family_name=Byron" });
	const struct prac_verdict *verdict = office_create(office, &office->a, student);

	assert(verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	(void)verdict;
	return office_record(office, student->type, &student->id);
}

struct prac_record *office_add_guardian(struct office *office)
{
	struct prac_record *guardian =
		sample_record(&office->arena, &prac_type_guardian, OFFICE_GUARDIAN,
			(const char *const[4]){ "school_id=" ID_TEXT("a0"),
				"student_id=" ID_TEXT("01"), "name=Anne", "phone=111" });
	const struct prac_verdict *verdict = office_create(office, &office->a, guardian);

	assert(verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	(void)verdict;
	return office_record(office, guardian->type, &guardian->id);
}

struct prac_record *office_enrollment(struct office *office, uint8_t nn)
{
	struct prac_record *enrollment = sample_record(&office->arena, &prac_type_enrollment, nn,
		(const char *const[4]){ "school_id=" ID_TEXT("b0"), "student_id=" ID_TEXT("01"),
			"kind=center", "starts_on=2026-08-11" });

	set_scope(enrollment);
	return enrollment;
}

const struct store_feed_row *office_row(
	struct office *office, const struct prac_record *record, uint8_t school)
{
	const struct store_feed_row like = { .scope = sample_id(school),
		.key = { record->type->number, record->id } };

	return mem_db_feed_row(office->mem.db, &like);
}
