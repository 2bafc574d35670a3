#include "client/roster/plan.h"

#include <glib.h>

#include "catalog/types.h"
#include "client/roster/rows.h"
#include "client/roster/wanted.h"

/* What is compared, ended by the key's own index 0 (the state, which no import sets). */
static const uint16_t compared[ROSTER_KINDS][ROSTER_DIFF_FIELDS_MAX] = {
	[ROSTER_SCHOOLS] = { PRAC_SCHOOL_NAME, PRAC_SCHOOL_NCES_ID },
	[ROSTER_STAFF_MEMBERS] = { PRAC_STAFF_GIVEN_NAME, PRAC_STAFF_FAMILY_NAME, PRAC_STAFF_EMAIL,
		PRAC_STAFF_PHONE, PRAC_STAFF_SCHOOL_ID },
	[ROSTER_STUDENTS] = { PRAC_STUDENT_GIVEN_NAME, PRAC_STUDENT_MIDDLE_NAME,
		PRAC_STUDENT_FAMILY_NAME, PRAC_STUDENT_PREFERRED_NAME, PRAC_STUDENT_BIRTH_DATE,
		PRAC_STUDENT_GRADE, PRAC_STUDENT_EMAIL, PRAC_STUDENT_PHONE, PRAC_STUDENT_SEX,
		PRAC_STUDENT_RACE },
	[ROSTER_GUARDIANS] = { PRAC_GUARDIAN_RELATION, PRAC_GUARDIAN_EMAIL, PRAC_GUARDIAN_PHONE },
};

static size_t n_compared(enum roster_kind kind)
{
	size_t n = 0;

	while (compared[kind][n] != 0) {
		n++;
	}
	return n;
}

const struct prac_type *roster_kind_type(enum roster_kind kind)
{
	static const uint32_t types[ROSTER_KINDS] = {
		[ROSTER_SCHOOLS] = PRAC_SCHOOL,
		[ROSTER_STAFF_MEMBERS] = PRAC_STAFF,
		[ROSTER_STUDENTS] = PRAC_STUDENT,
		[ROSTER_ATTENDANCE] = PRAC_ENROLLMENT,
		[ROSTER_GUARDIANS] = PRAC_GUARDIAN,
	};

	return prac_type_find(types[kind]);
}

/* One kind being compared. */
struct comparing {
	struct roster_wanting *wanting;
	struct roster_plan *plan;
	enum roster_kind kind;
	struct roster_wanted_list wanted;
	const struct prac_record **present; /* of the rows of the list that is there */
	struct roster_diff_row *wanted_rows, *present_rows;
	size_t n_present;
	GHashTable *over; /* enrollments that have ended, by the key of the stay */
};

static bool is_number(const struct prac_field *field)
{
	return field->kind != PRAC_TEXT && field->kind != PRAC_REF && field->kind != PRAC_BLOB &&
	       field->kind != PRAC_TEXT_LIST;
}

/* Borrows record. Of an absent value the data is nothing, so that it is not mistaken for unsaid. */
static struct roster_diff_row row_of(const struct comparing *comparing, const char *key,
	const struct prac_record *record, const uint8_t *nothing)
{
	size_t n = n_compared(comparing->kind);
	struct prac_bytes *fields =
		prac_arena_alloc(comparing->wanting->arena, (n + 1) * sizeof(*fields));

	for (size_t i = 0; i < n; i++) {
		uint16_t index = compared[comparing->kind][i];
		const struct prac_value *value = &record->values[index];

		if (!value->has) {
			fields[i] = (struct prac_bytes){ nothing, 0 };
		} else if (is_number(&record->type->fields[index])) {
			fields[i] = (struct prac_bytes){ (const uint8_t *)&value->number,
				sizeof(value->number) };
		} else {
			fields[i] = value->bytes;
		}
	}
	return (struct roster_diff_row){ key, fields };
}

static void list_present(struct comparing *comparing)
{
	static const uint8_t nothing[1] = { 0 };
	struct roster_wanting *wanting = comparing->wanting;
	const struct roster_present *present = &wanting->input->present[comparing->kind];
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

	comparing->present = prac_arena_alloc(wanting->arena, (present->n + 1) * sizeof(void *));
	comparing->present_rows = prac_arena_alloc(
		wanting->arena, (present->n + 1) * sizeof(*comparing->present_rows));
	for (size_t i = 0; i < present->n; i++) {
		const struct prac_record *record = present->records[i];
		const char *key = roster_present_key(wanting, comparing->kind, record);

		if (comparing->kind == ROSTER_ATTENDANCE &&
			record->values[PRAC_ENROLLMENT_STATE].number ==
				PRAC_ENROLLMENT_STATE_ENDED) {
			g_hash_table_insert(comparing->over,
				(gpointer)roster_stay_key(wanting, record), (gpointer)record);
		}
		/* Of two records of one key the first is taken for the one that is meant. */
		if (key == NULL || !g_hash_table_add(seen, (gpointer)key)) {
			continue;
		}
		comparing->present[comparing->n_present] = record;
		comparing->present_rows[comparing->n_present++] =
			row_of(comparing, key, record, nothing);
	}
	g_hash_table_destroy(seen);
}

/* What is absent is not said: it makes no change. */
static void leave_out(struct comparing *comparing, struct prac_record *record)
{
	uint64_t fields = comparing->wanting->input->left_out[comparing->kind];
	bool says_some = false;

	for (size_t i = 0; i < record->type->n_fields; i++) {
		if ((fields >> i & 1U) != 0) {
			says_some = says_some || record->values[i].has;
			record->values[i] = (struct prac_value){ 0 };
		}
	}
	comparing->plan->n_left_out += says_some ? 1 : 0;
}

static void list_wanted(struct comparing *comparing)
{
	struct roster_wanting *wanting = comparing->wanting;

	comparing->wanted = roster_wanted_make(wanting, comparing->kind);
	comparing->wanted_rows = prac_arena_alloc(wanting->arena,
		((size_t)comparing->wanted.n + 1) * sizeof(*comparing->wanted_rows));
	for (uint32_t i = 0; i < comparing->wanted.n; i++) {
		const struct roster_wanted *row = &comparing->wanted.rows[i];

		leave_out(comparing, row->record);
		comparing->wanted_rows[i] = row_of(comparing, row->key, row->record, NULL);
	}
}

static void check(struct comparing *comparing, const struct prac_record *record)
{
	for (size_t i = 0; i < record->type->n_fields; i++) {
		const struct prac_field *field = &record->type->fields[i];
		struct roster_place place = { "", 0, field->name };
		struct prac_problem problem = { 0 };

		if (prac_value_check(field, &record->values[i], &problem) != PRAC_OK) {
			roster_flaw_add(&comparing->wanting->roster->flaws, &place,
				ROSTER_FLAW_RECORD, "%s %s cannot be stored: %s",
				record->type->label,
				prac_record_title(record, comparing->wanting->arena), problem.text);
		}
	}
}

static struct prac_record *changed(struct comparing *comparing, const struct prac_record *present,
	const struct prac_record *wanted, struct roster_step *step)
{
	struct prac_record *after = prac_record_copy(comparing->wanting->arena, present);
	size_t n = n_compared(comparing->kind);
	uint64_t differing = step->fields;

	step->fields = 0;
	for (size_t i = 0; i < n; i++) {
		uint16_t index = compared[comparing->kind][i];

		if ((differing >> i & 1U) != 0) {
			after->values[index] = wanted->values[index];
			step->fields |= UINT64_C(1) << index;
		}
	}
	return after;
}

/* A student who is in the roster and no longer at this school has left it. */
static void end_attendance(
	struct comparing *comparing, const struct prac_record *enrollment, struct roster_step *step)
{
	const struct prac_action *end = prac_action_find(enrollment->type, PRAC_ENROLLMENT_DO_END);
	int64_t begin = enrollment->values[PRAC_ENROLLMENT_STARTS_ON].number;
	int64_t today = comparing->wanting->input->today;
	struct prac_value *args =
		prac_arena_alloc(comparing->wanting->arena, end->args->n_fields * sizeof(*args));
	const struct prac_field *ends_on = prac_field_find_name(end->args, "ends_on");

	args[ends_on->index] =
		(struct prac_value){ .has = true, .number = begin > today ? begin : today };
	step->action = end;
	step->args = args;
}

static bool same_ref(const struct prac_record *a, const struct prac_record *b, uint16_t field)
{
	return a->values[field].has && b->values[field].has &&
	       prac_bytes_equal(a->values[field].bytes, b->values[field].bytes);
}

/*
 * Who worked at a school whose staff the roster names, and is not among them, has left. A roster without
 * the staff of a school says nothing about it, nor about who has no school, or is to be kept.
 */
static void end_service(
	struct comparing *comparing, const struct prac_record *member, struct roster_step *step)
{
	bool is_named = false;

	for (uint32_t i = 0; i < comparing->wanted.n && !is_named; i++) {
		is_named = same_ref(comparing->wanted.rows[i].record, member, PRAC_STAFF_SCHOOL_ID);
	}
	if (is_named && member->values[PRAC_STAFF_STATE].number == PRAC_STAFF_STATE_ACTIVE &&
		member->values[PRAC_STAFF_KEPT].number == 0) {
		step->action = prac_action_find(member->type, PRAC_STAFF_DO_DEACTIVATE);
	}
}

/* A step of its own: what was over goes on by the move that takes its end back. */
static void add_return(struct comparing *comparing, const struct roster_step *found,
	const struct prac_record *record, uint32_t action)
{
	struct roster_step step = *found;

	step.change = ROSTER_RETURNED;
	step.before = record;
	step.after = NULL;
	step.fields = 0;
	step.action = prac_action_find(record->type, action);
	comparing->plan->counts[comparing->kind][ROSTER_RETURNED]++;
	comparing->plan->steps[comparing->plan->n_steps++] = step;
}

/*
 * A student who left and came back, and of whom the roster says the same first day as before, goes on with
 * the enrollment there is: a second one from that day would be its double. Staff who are named again are
 * active again. True: there is nothing else to do.
 */
static bool take_return(struct comparing *comparing, const struct roster_wanted *wanted,
	const struct roster_step *step)
{
	const struct prac_record *over = NULL;

	if (comparing->kind == ROSTER_ATTENDANCE && step->change == ROSTER_ADDED) {
		over = g_hash_table_lookup(
			comparing->over, roster_stay_key(comparing->wanting, wanted->record));
		if (over != NULL) {
			add_return(comparing, step, over, PRAC_ENROLLMENT_DO_REOPEN);
		}
		return over != NULL;
	}
	if (comparing->kind == ROSTER_STAFF_MEMBERS && step->before != NULL &&
		step->before->values[PRAC_STAFF_STATE].number == PRAC_STAFF_STATE_INACTIVE) {
		add_return(comparing, step, step->before, PRAC_STAFF_DO_ACTIVATE);
		return step->change == ROSTER_UNCHANGED;
	}
	return false;
}

/* What the wanted record makes of the one that is there; it is settled which of them stays. */
static void take_wanted(
	struct comparing *comparing, const struct roster_wanted *wanted, struct roster_step *step)
{
	if (step->change == ROSTER_ADDED) {
		step->after = wanted->record;
	} else if (step->change == ROSTER_CHANGED) {
		step->after = changed(comparing, step->before, wanted->record, step);
	}
	if (step->after != NULL) {
		check(comparing, step->after);
	}
	roster_wanted_settle(comparing->wanting, comparing->kind, wanted,
		step->before != NULL ? step->before : step->after);
}

/* In users.csv; 0: it is not made of a person. */
static uint32_t line_of(const struct comparing *comparing, const struct roster_wanted *wanted)
{
	const struct roster *roster = comparing->wanting->roster;

	return comparing->kind == ROSTER_SCHOOLS
		       ? 0
		       : roster->users[roster->persons[wanted->source].user].line;
}

static void take_entry(struct comparing *comparing, const struct roster_diff_entry *entry)
{
	struct roster_plan *plan = comparing->plan;
	struct roster_step step = {
		.kind = comparing->kind, .change = entry->change, .fields = entry->fields
	};

	if (entry->present != NULL) {
		step.before = comparing->present[entry->present - comparing->present_rows];
	}
	if (entry->incoming != NULL) {
		const struct roster_wanted *wanted =
			&comparing->wanted.rows[entry->incoming - comparing->wanted_rows];

		step.line = line_of(comparing, wanted);
		if (take_return(comparing, wanted, &step)) {
			return;
		}
		take_wanted(comparing, wanted, &step);
	} else if (comparing->kind == ROSTER_ATTENDANCE && step.before != NULL) {
		end_attendance(comparing, step.before, &step);
	} else if (comparing->kind == ROSTER_STAFF_MEMBERS && step.before != NULL) {
		end_service(comparing, step.before, &step);
	}
	plan->counts[comparing->kind][entry->change]++;
	if (entry->change != ROSTER_UNCHANGED) {
		plan->steps[plan->n_steps++] = step;
	}
}

static void make_room(struct comparing *comparing, size_t n)
{
	struct roster_plan *plan = comparing->plan;

	plan->steps = g_realloc_n(plan->steps, plan->n_steps + n + 1, sizeof(*plan->steps));
}

static void compare(struct comparing *comparing)
{
	comparing->over = g_hash_table_new(g_str_hash, g_str_equal);
	list_wanted(comparing);
	list_present(comparing);
	struct roster_diff_list incoming = { comparing->wanted_rows, comparing->wanted.n };
	struct roster_diff_list present = { comparing->present_rows, comparing->n_present };
	struct roster_diff diff = roster_diff_find(
		incoming, present, n_compared(comparing->kind), comparing->wanting->arena);

	make_room(comparing, 2 * diff.n_entries); /* who is active again may have changed, too */
	for (size_t i = 0; i < diff.n_entries; i++) {
		take_entry(comparing, &diff.entries[i]);
	}
	g_hash_table_destroy(comparing->over);
	g_free(comparing->wanted.rows);
}

struct roster_plan *roster_plan_make(
	struct roster *roster, const struct roster_plan_input *input, struct prac_arena *arena)
{
	struct roster_plan *plan = prac_arena_alloc(arena, sizeof(*plan));
	struct roster_wanting wanting;

	roster_wanting_init(&wanting, roster, input, arena);
	for (unsigned i = 0; i < ROSTER_KINDS; i++) {
		struct comparing comparing = {
			.wanting = &wanting, .plan = plan, .kind = (enum roster_kind)i
		};

		compare(&comparing);
	}
	roster_wanting_deinit(&wanting);
	struct roster_step *steps = prac_arena_alloc(arena, (plan->n_steps + 1) * sizeof(*steps));
	for (size_t i = 0; i < plan->n_steps; i++) {
		steps[i] = plan->steps[i];
	}
	g_free(plan->steps);
	plan->steps = steps;
	return plan;
}
