#include "tests/bench/station/work.h"

#include "catalog/types.h"
#include "common/base/date.h"

static struct prac_id numbered(uint8_t kind, unsigned n)
{
	struct prac_id id = { { 0x01, 0x93, 0, 0, 0, kind, 0x70, 0, 0x80 } };

	id.b[14] = (uint8_t)(n >> 8);
	id.b[15] = (uint8_t)n;
	return id;
}

struct prac_id work_device(unsigned n)
{
	return numbered(1, n);
}

void work_begin(struct work_station *station, unsigned n)
{
	*station = (struct work_station){
		.env = &prac_env_system,
		.device = work_device(n + 1),
		.school = numbered(2, n),
	};
}

static void put_id(struct prac_record *record, size_t field, const struct prac_id *id)
{
	record->values[field] = (struct prac_value){ .has = true, .bytes = prac_id_bytes(id) };
}

static void put_text(struct prac_record *record, size_t field, const char *text)
{
	record->values[field] = (struct prac_value){ .has = true, .bytes = prac_bytes_text(text) };
}

static void put_number(struct prac_record *record, size_t field, int64_t number)
{
	record->values[field] = (struct prac_value){ .has = true, .number = number };
}

static struct prac_record *begin_record(struct prac_arena *arena, uint32_t type,
	const struct prac_id *id, const struct prac_id *scope)
{
	struct prac_record *record = prac_record_new(arena, prac_type_find(type));

	record->id = *id;
	record->scope = *scope;
	return record;
}

static struct prac_bytes create(
	const struct prac_record *record, uint64_t counter, struct prac_arena *arena)
{
	struct prac_mutation mutation = {
		.counter = counter,
		.type = record->type,
		.id = record->id,
		.scope = record->scope,
		.op = PRACTICUM__OP__OP_CREATE,
	};

	mutation.n_patches = prac_patches_between(NULL, record, arena, &mutation.patches);
	prac_mutation_write(&mutation, arena);
	return mutation.bytes;
}

struct prac_bytes work_school(
	const struct work_station *station, uint64_t counter, struct prac_arena *arena)
{
	struct prac_record *school =
		begin_record(arena, PRAC_SCHOOL, &station->school, &prac_scope_reference);
	const char *name = prac_arena_printf(
		arena, "School %u", station->school.b[14] * 256U + station->school.b[15]);

	put_number(school, PRAC_SCHOOL_STATE, PRAC_SCHOOL_STATE_ACTIVE);
	put_text(school, PRAC_SCHOOL_NAME, name);
	put_text(school, PRAC_SCHOOL_CODE, name);
	put_text(school, PRAC_SCHOOL_ZONE, "America/New_York");
	return create(school, counter, arena);
}

static const char *text_of_id(struct prac_arena *arena, const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	return prac_arena_printf(arena, "%s", text);
}

static struct prac_bytes student_of(const struct work_station *station, struct prac_arena *arena)
{
	struct prac_record *student =
		begin_record(arena, PRAC_STUDENT, &station->student, &station->school);

	put_number(student, PRAC_STUDENT_STATE, PRAC_STUDENT_STATE_ENROLLED);
	put_id(student, PRAC_STUDENT_SCHOOL_ID, &station->school);
	put_text(student, PRAC_STUDENT_IDENTIFIER, text_of_id(arena, &station->student));
	put_text(student, PRAC_STUDENT_GIVEN_NAME, "Ada");
	put_text(student, PRAC_STUDENT_FAMILY_NAME, "Byron");
	if (station->with_minors) {
		put_number(student, PRAC_STUDENT_BIRTH_DATE, prac_date_from_civil(2010, 6, 1));
	}
	return create(student, station->counter, arena);
}

static struct prac_bytes placement_of(const struct work_station *station, struct prac_arena *arena)
{
	struct prac_record *placement =
		begin_record(arena, PRAC_PLACEMENT, &station->placement, &station->school);

	put_number(placement, PRAC_PLACEMENT_STATE, PRAC_PLACEMENT_STATE_DRAFT);
	put_id(placement, PRAC_PLACEMENT_STUDENT_ID, &station->student);
	put_id(placement, PRAC_PLACEMENT_SCHOOL_ID, &station->school);
	put_text(placement, PRAC_PLACEMENT_TITLE, "Machining intern");
	put_number(placement, PRAC_PLACEMENT_KIND, 1);
	put_number(placement, PRAC_PLACEMENT_STARTS_ON, prac_date_from_civil(2020, 1, 1));
	put_number(placement, PRAC_PLACEMENT_ENDS_ON, prac_date_from_civil(2190, 1, 1));
	return create(placement, station->counter, arena);
}

static struct prac_bytes sheet_of(struct work_station *station, struct prac_arena *arena)
{
	struct prac_record *sheet;

	station->sheet = prac_id_new(station->env);
	sheet = begin_record(arena, PRAC_TIME_SHEET, &station->sheet, &station->school);
	put_number(sheet, PRAC_TIME_SHEET_STATE, PRAC_TIME_SHEET_STATE_DRAFT);
	put_id(sheet, PRAC_TIME_SHEET_PLACEMENT_ID, &station->placement);
	put_id(sheet, PRAC_TIME_SHEET_STUDENT_ID, &station->student);
	put_id(sheet, PRAC_TIME_SHEET_SCHOOL_ID, &station->school);
	put_number(sheet, PRAC_TIME_SHEET_WEEK_START, station->week);
	return create(sheet, station->counter, arena);
}

static struct prac_bytes entry_of(const struct work_station *station, struct prac_arena *arena)
{
	struct prac_id id = prac_id_new(station->env);
	struct prac_record *entry = begin_record(arena, PRAC_TIME_ENTRY, &id, &station->school);

	put_id(entry, PRAC_TIME_ENTRY_SHEET_ID, &station->sheet);
	put_id(entry, PRAC_TIME_ENTRY_PLACEMENT_ID, &station->placement);
	put_id(entry, PRAC_TIME_ENTRY_STUDENT_ID, &station->student);
	put_id(entry, PRAC_TIME_ENTRY_SCHOOL_ID, &station->school);
	put_number(entry, PRAC_TIME_ENTRY_WORK_DATE, station->week + (int32_t)station->step);
	put_number(entry, PRAC_TIME_ENTRY_STARTS_AT, 780);
	put_number(entry, PRAC_TIME_ENTRY_ENDS_AT, 930);
	put_number(entry, PRAC_TIME_ENTRY_ELAPSED_MINUTES, 150);
	put_text(entry, PRAC_TIME_ENTRY_ZONE, "America/New_York");
	put_text(entry, PRAC_TIME_ENTRY_TASK,
		"Fitted a bearing under supervision and logged the torque");
	put_text(entry, PRAC_TIME_ENTRY_NOTE, "ok");
	return create(entry, station->counter, arena);
}

static struct prac_bytes submission_of(const struct work_station *station, struct prac_arena *arena)
{
	struct prac_mutation mutation = {
		.counter = station->counter,
		.type = prac_type_find(PRAC_TIME_SHEET),
		.id = station->sheet,
		.op = PRACTICUM__OP__OP_ACTION,
	};

	mutation.action = prac_action_find(mutation.type, PRAC_TIME_SHEET_DO_SUBMIT);
	prac_mutation_write(&mutation, arena);
	return mutation.bytes;
}

struct prac_bytes work_next(struct work_station *station, struct prac_arena *arena)
{
	unsigned step;

	station->counter++;
	if (station->counter == 1 || (station->step == 0 && station->sheets == WORK_SHEETS)) {
		station->student = prac_id_new(station->env);
		station->sheets = 0;
		station->has_student = true;
		return student_of(station, arena);
	}
	if (station->has_student) {
		station->has_student = false;
		station->placement = prac_id_new(station->env);
		station->week = prac_date_week_start(prac_date_from_civil(2026, 9, 13));
		return placement_of(station, arena);
	}
	step = station->step;
	station->step = (step + 1) % WORK_PER_SHEET;
	if (step == 0) {
		station->week += 7;
		station->sheets++;
		return sheet_of(station, arena);
	}
	return step < WORK_PER_SHEET - 1 ? entry_of(station, arena) : submission_of(station, arena);
}
