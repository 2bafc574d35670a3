/* What people do at the stations: few records, so that they meet; every text is the only one. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/replica/file.h"
#include "common/base/date.h"
#include "tests/sim/full.h"
#include "tests/support/sample.h"

enum {
	SUNDAY = 20772 - 4 /* 2026-11-15, in days */
};

struct act {
	struct full_station *station;
	struct prac_arena arena;
};

int full_compare_ids(const void *a, const void *b)
{
	const struct prac_record *const *left = a;
	const struct prac_record *const *right = b;

	return prac_id_compare(&(*left)->id, &(*right)->id);
}

static struct world *world_of(const struct act *act)
{
	return act->station->full->world;
}

static const char *unique(struct act *act)
{
	return prac_arena_printf(
		&act->arena, "p%zu-%u", full_number(act->station), ++act->station->n_made);
}

static void set(struct act *act, struct prac_record *record, const char *field, const char *value)
{
	sample_set(record, &act->arena, prac_arena_printf(&act->arena, "%s=%s", field, value));
}

static void set_id(
	struct act *act, struct prac_record *record, const char *field, const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	set(act, record, field, text);
}

/* ---- picking */

struct ids {
	struct prac_id ids[64];
	size_t n;
};

static bool add_id(void *ctx, const struct prac_record *record, bool pending)
{
	struct ids *ids = ctx;

	(void)pending;
	ids->ids[ids->n++] = record->id;
	return ids->n < G_N_ELEMENTS(ids->ids);
}

/* What a person sees; NULL: nothing of the kind, or the disk failed. */
static const struct prac_record *see(
	struct act *act, const struct prac_type *type, const struct prac_id *id)
{
	const struct prac_record *record = NULL;

	if (replica_get(act->station->replica, type, id, &act->arena, &record) != PRAC_OK) {
		return NULL;
	}
	return record;
}

static const struct prac_record *any_with(
	struct act *act, const struct prac_type *type, const struct replica_filter *filter)
{
	struct replica_query query = { type, filter, filter != NULL ? 1 : 0 };
	struct ids ids = { .n = 0 };

	if (replica_list(act->station->replica, &query, add_id, &ids) != PRAC_OK || ids.n == 0) {
		return NULL;
	}
	/* Most of the time the same few. */
	if (ids.n > 3 && world_chance(world_of(act), 600)) {
		ids.n = 3;
	}
	return see(act, type, &ids.ids[world_below(world_of(act), ids.n)]);
}

static const struct prac_record *any(struct act *act, const struct prac_type *type)
{
	return any_with(act, type, NULL);
}

static const struct prac_id *any_school(struct act *act)
{
	const struct full *full = act->station->full;
	const struct prac_id *found = NULL;
	uint64_t n = 0;

	for (size_t i = 0; i < full->n_schools; i++) {
		if (act->station->device->schools[i] && world_below(full->world, ++n) == 0) {
			found = &full->schools[i];
		}
	}
	return found;
}

/* ---- saving */

static void ended(struct act *act, enum prac_status status)
{
	if (status == PRAC_OK) {
		full_ledger_scan(act->station);
		full_station_poke(act->station);
	} else if (status != PRAC_FAILED_PRECONDITION) {
		full_station_failed(act->station, status);
	}
}

/* P6: what was saved is seen at once. */
static void check_seen(struct act *act, const struct prac_record *saved)
{
	const struct prac_record *seen = see(act, saved->type, &saved->id);

	if (crash_disk_is_cut(act->station->disk)) {
		return;
	}
	if ((seen == NULL) != saved->deleted) {
		full_fault(act->station->full, "P6: station %zu: a saved %s is not what is seen",
			full_number(act->station), saved->type->name);
	}
}

/* False: it was not taken, or the disk failed. */
static bool try_save(struct act *act, const struct prac_record *before, struct prac_record *after)
{
	struct replica_refusal refusal;
	enum prac_status status = replica_save(act->station->replica, before, after, &refusal);

	full_trace(act->station->full, "station %zu: saves %s %02x%02x: %s %s",
		full_number(act->station), after->type->name, after->id.b[14], after->id.b[15],
		prac_status_name(status),
		status == PRAC_FAILED_PRECONDITION ? refusal.problem.text : "");
	if (status == PRAC_OK) {
		check_seen(act, after);
	}
	ended(act, status);
	return status == PRAC_OK;
}

static void save(struct act *act, const struct prac_record *before, struct prac_record *after)
{
	(void)try_save(act, before, after); /* ended() did what is to be done */
}

static struct prac_record *begin(struct act *act, const struct prac_type *type)
{
	struct prac_record *record = prac_record_new(&act->arena, type);

	record->id = prac_id_new(&act->station->env);
	return record;
}

/* ---- what is entered */

static void add_student(struct act *act)
{
	struct prac_record *student = begin(act, &prac_type_student);
	const struct prac_id *school = any_school(act);

	if (school == NULL) {
		return;
	}
	set_id(act, student, "school_id", school);
	set(act, student, "identifier", unique(act));
	set(act, student, "given_name", unique(act));
	set(act, student, "family_name", unique(act));
	save(act, NULL, student);
}

static void add_guardian(struct act *act)
{
	const struct prac_record *student = any(act, &prac_type_student);
	struct prac_record *guardian = begin(act, &prac_type_guardian);
	const struct prac_id *school = any_school(act);

	if (student == NULL || school == NULL) {
		return;
	}
	set_id(act, guardian, "school_id", school);
	set_id(act, guardian, "student_id", &student->id);
	set(act, guardian, "name", unique(act));
	save(act, NULL, guardian);
}

static void add_enrollment(struct act *act)
{
	const struct prac_record *student = any(act, &prac_type_student);
	struct prac_record *enrollment = begin(act, &prac_type_enrollment);
	const struct prac_id *school = any_school(act);

	if (student == NULL || school == NULL) {
		return;
	}
	set_id(act, enrollment, "school_id", school);
	set_id(act, enrollment, "student_id", &student->id);
	set(act, enrollment, "kind", "center");
	set(act, enrollment, "starts_on", "2026-08-11");
	set(act, enrollment, "note", unique(act));
	save(act, NULL, enrollment);
}

static void add_organization(struct act *act)
{
	struct prac_record *organization = begin(act, &prac_type_organization);

	set(act, organization, "name", unique(act));
	set(act, organization, "kind", "employer");
	save(act, NULL, organization);
}

static void add_placement(struct act *act)
{
	const struct prac_record *student = any(act, &prac_type_student);
	struct prac_record *placement = begin(act, &prac_type_placement);

	if (student == NULL) {
		return;
	}
	set_id(act, placement, "student_id", &student->id);
	set(act, placement, "title", unique(act));
	set(act, placement, "kind", "internship");
	set(act, placement, "starts_on", "2026-08-11");
	set(act, placement, "ends_on", "2027-05-28");
	save(act, NULL, placement);
}

static void add_sheet(struct act *act)
{
	const struct prac_record *placement = any(act, &prac_type_placement);
	struct prac_record *sheet = begin(act, &prac_type_time_sheet);

	if (placement == NULL) {
		return;
	}
	set_id(act, sheet, "placement_id", &placement->id);
	set(act, sheet, "week_start",
		world_chance(world_of(act), 500) ? "2026-11-08" : "2026-11-15");
	set(act, sheet, "note", unique(act));
	save(act, NULL, sheet);
}

static void add_entry(struct act *act)
{
	const struct prac_record *sheet = any(act, &prac_type_time_sheet);
	struct prac_record *entry = begin(act, &prac_type_time_entry);
	char date[PRAC_DATE_TEXT];

	if (sheet == NULL) {
		return;
	}
	prac_date_format((int32_t)sheet->values[PRAC_TIME_SHEET_WEEK_START].number + 1 +
				 (int32_t)world_below(world_of(act), 5),
		date);
	set_id(act, entry, "sheet_id", &sheet->id);
	set(act, entry, "work_date", date);
	set(act, entry, "elapsed_minutes",
		prac_arena_printf(
			&act->arena, "%u", 15 + (unsigned)world_below(world_of(act), 300)));
	set(act, entry, "task", unique(act));
	save(act, NULL, entry);
}

/* ---- what is changed */

/* To be seen until the server has it; a set of items is more than its last. */
static void keep_edit(struct act *act, const struct prac_record *record,
	const struct prac_field *field, const char *text)
{
	struct full_station *station = act->station;
	struct full_edit *edit = &station->edit;

	if (field->kind != PRAC_TEXT || station->replica == NULL ||
		crash_disk_is_cut(station->disk)) {
		return;
	}
	*edit = (struct full_edit){ .type = record->type,
		.id = record->id,
		.field = field->index,
		.incarnation = station->replica->meta.incarnation,
		.counter = station->replica->meta.next_counter - 1 };
	(void)snprintf(edit->text, sizeof(edit->text), "%s", text);
	station->has_edit = true;
}

static void edit(struct act *act)
{
	static const struct {
		const struct prac_type *type;
		const char *fields[2];
	} edits[] = {
		{ &prac_type_student, { "given_name", "career_goal" } },
		{ &prac_type_student, { "interests", "phone" } },
		{ &prac_type_guardian, { "name", "phone" } },
		{ &prac_type_organization, { "city", "note" } },
		{ &prac_type_placement, { "title", "note" } },
		{ &prac_type_time_sheet, { "note", "note" } },
		{ &prac_type_time_entry, { "task", "note" } },
	};

	size_t which = world_below(world_of(act), G_N_ELEMENTS(edits));
	const struct prac_record *before = any(act, edits[which].type);
	struct prac_record *after;

	if (before != NULL) {
		const char *field = edits[which].fields[world_below(world_of(act), 2)];
		const char *text = unique(act);

		after = prac_record_copy(&act->arena, before);
		set(act, after, field, text);
		act->station->has_edit = false; /* the one before may be of the same field */
		if (try_save(act, before, after)) {
			keep_edit(act, after, prac_field_find_name(after->type, field), text);
		}
	}
}

static void delete_one(struct act *act)
{
	const struct prac_type *type =
		world_chance(world_of(act), 500) ? &prac_type_guardian : &prac_type_time_entry;
	const struct prac_record *before = any(act, type);
	struct prac_record *after;

	if (before != NULL) {
		after = prac_record_copy(&act->arena, before);
		after->deleted = true;
		save(act, before, after);
	}
}

static void do_action(struct act *act, const struct prac_record *record,
	const struct prac_action *action, const struct prac_value *args)
{
	struct replica_refusal refusal;
	enum prac_status status =
		replica_act(act->station->replica, record, action, args, &refusal);

	full_trace(act->station->full, "station %zu: %s %s %02x%02x: %s %s",
		full_number(act->station), action->name, record->type->name, record->id.b[14],
		record->id.b[15], prac_status_name(status),
		status == PRAC_FAILED_PRECONDITION ? refusal.problem.text : "");
	ended(act, status);
}

static void end_enrollment(struct act *act)
{
	const struct prac_record *enrollment = any(act, &prac_type_enrollment);
	const struct prac_value args[3] = { { .has = true, .number = SUNDAY } };
	bool is_active;

	if (enrollment == NULL) {
		return;
	}
	is_active =
		enrollment->values[PRAC_ENROLLMENT_STATE].number == PRAC_ENROLLMENT_STATE_ACTIVE;
	do_action(act, enrollment,
		prac_action_find(enrollment->type,
			is_active ? PRAC_ENROLLMENT_DO_END : PRAC_ENROLLMENT_DO_REOPEN),
		is_active ? args : NULL);
}

struct lines {
	struct prac_arena *arena;
	const struct prac_record *items[64];
	size_t n;
};

static bool add_line(void *ctx, const struct prac_record *record, bool pending)
{
	struct lines *lines = ctx;
	struct prac_record *copy = prac_record_copy(lines->arena, record);

	(void)pending;
	for (size_t i = 0; i < record->type->n_fields; i++) {
		copy->values[i].bytes = prac_arena_copy(lines->arena, record->values[i].bytes);
	}
	lines->items[lines->n++] = copy;
	return lines->n < G_N_ELEMENTS(lines->items);
}

/* Signs what is on the screen, which the server may know otherwise. */
static void approve(struct act *act, const struct prac_record *sheet)
{
	struct replica_filter filter = {
		.field = &prac_type_time_entry.fields[PRAC_TIME_ENTRY_SHEET_ID],
		.value = { .has = true, .bytes = prac_id_bytes(&sheet->id) }
	};
	struct replica_query query = { &prac_type_time_entry, &filter, 1 };
	struct lines lines = { .arena = &act->arena };
	struct prac_value args[8] = { { 0 } };
	struct prac_digest hash;

	if (replica_list(act->station->replica, &query, add_line, &lines) != PRAC_OK) {
		return;
	}
	hash = prac_content_hash(sheet, lines.items, lines.n);
	args[PRAC_TIME_SHEET_APPROVE_CONTENT_HASH] = (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(&act->arena, prac_digest_bytes(&hash)) };
	args[PRAC_TIME_SHEET_APPROVE_CAPACITY] = (struct prac_value){ .has = true,
		.number = PRAC_TIME_SHEET_APPROVE_CAPACITY_COORDINATOR };
	args[PRAC_TIME_SHEET_APPROVE_EVIDENCE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("e-mail") };
	do_action(act, sheet, prac_action_find(&prac_type_time_sheet, PRAC_TIME_SHEET_DO_APPROVE),
		args);
}

static void act_on_sheet(struct act *act)
{
	const struct prac_record *sheet = any(act, &prac_type_time_sheet);
	struct prac_value args[4] = { { 0 } };

	if (sheet == NULL) {
		return;
	}
	if (sheet->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_SUBMITTED) {
		do_action(
			act, sheet, prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_SUBMIT), NULL);
	} else if (world_chance(world_of(act), 700)) {
		approve(act, sheet);
	} else {
		args[0] = (struct prac_value){ .has = true, .bytes = prac_bytes_text(unique(act)) };
		do_action(
			act, sheet, prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_RETURN), args);
	}
}

static void look_at_drafts(struct act *act)
{
	struct replica_refusal refusal;
	struct replica_draft *drafts;
	enum prac_status status;
	size_t n, n_followed;

	act->station->has_edit = false; /* an older text may come back */
	status = replica_drafts(act->station->replica, &act->arena, &drafts, &n);
	if (status == PRAC_OK && n > 0) {
		const struct replica_draft *draft = &drafts[world_below(world_of(act), n)];

		status = world_chance(world_of(act), 500)
				 ? replica_draft_retry(
					   act->station->replica, draft->id, &refusal, &n_followed)
				 : replica_draft_discard(act->station->replica, draft->id);
	}
	ended(act, status);
}

static void pick(struct act *act)
{
	static const struct {
		unsigned until; /* of 100 */
		void (*fn)(struct act *act);
	} acts[] = {
		{ 34, edit },
		{ 40, add_student },
		{ 46, add_guardian },
		{ 54, add_enrollment },
		{ 57, add_organization },
		{ 64, add_placement },
		{ 71, add_sheet },
		{ 81, add_entry },
		{ 85, delete_one },
		{ 90, end_enrollment },
		{ 97, act_on_sheet },
		{ 100, look_at_drafts },
	};

	unsigned what = (unsigned)world_below(world_of(act), 100);
	size_t i = 0;

	while (what >= acts[i].until) {
		i++;
	}
	acts[i].fn(act);
}

void full_people_act_at(struct full_station *station)
{
	struct act act = { .station = station };

	pick(&act);
	prac_arena_deinit(&act.arena);
}

void full_people_act(struct full *full)
{
	full_people_act_at(&full->stations[world_below(full->world, full->n_stations)]);
}

static void found_district(struct act *act)
{
	struct full *full = act->station->full;

	for (size_t i = 0; i < full->n_schools; i++) {
		struct prac_record *school = begin(act, &prac_type_school);

		school->id = full->schools[i];
		set(act, school, "name", unique(act));
		set(act, school, "code", unique(act));
		set(act, school, "zone", "America/New_York");
		save(act, NULL, school);
	}
	for (size_t i = 0; i < 4; i++) {
		add_student(act);
	}
	add_organization(act);
	for (size_t i = 0; i < 3; i++) {
		add_placement(act);
	}
}

void full_people_begin(struct full *full)
{
	struct act act = { .station = &full->stations[0] };

	found_district(&act);
	prac_arena_deinit(&act.arena);
}
