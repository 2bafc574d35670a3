#include "client/roster/wanted.h"

#include <string.h>

#include "catalog/types.h"
#include "client/roster/rows.h"

void roster_set_text(struct prac_record *record, uint16_t field, const char *text)
{
	if (text[0] != '\0') {
		record->values[field] = prac_value_text(text);
	}
}

void roster_set_number(struct prac_record *record, uint16_t field, int64_t number)
{
	record->values[field] = prac_value_number(number);
}

void roster_set_ref(struct prac_record *record, uint16_t field, const struct prac_id *id)
{
	record->values[field] = prac_value_id(id);
}

int roster_grade_number(const char *grade)
{
	if (strcmp(grade, "KG") == 0) {
		return 0;
	}
	if (!g_ascii_isdigit(grade[0]) || !g_ascii_isdigit(grade[1]) || grade[2] != '\0') {
		return ROSTER_NO_GRADE;
	}
	return (grade[0] - '0') * 10 + (grade[1] - '0');
}

struct prac_record *roster_wanted_new(struct roster_wanting *wanting, enum roster_kind kind)
{
	struct prac_record *record = prac_record_new(wanting->arena, roster_kind_type(kind));

	record->id = prac_id_new(wanting->input->env);
	return record;
}

bool roster_want(struct roster_wanting *wanting, struct roster_wanted_list *list,
	struct roster_wanted wanted)
{
	if (!g_hash_table_add(wanting->keys, (gpointer)wanted.key)) {
		return false;
	}
	list->rows = roster_grow(list->rows, list->n, sizeof(*list->rows));
	list->rows[list->n++] = wanted;
	return true;
}

struct roster_wanted_list roster_wanted_make(struct roster_wanting *wanting, enum roster_kind kind)
{
	static void (*const makers[ROSTER_KINDS])(
		struct roster_wanting *, struct roster_wanted_list *) = {
		[ROSTER_SCHOOLS] = roster_want_schools,
		[ROSTER_STAFF_MEMBERS] = roster_want_staff,
		[ROSTER_STUDENTS] = roster_want_students,
		[ROSTER_ATTENDANCE] = roster_want_attendance,
		[ROSTER_GUARDIANS] = roster_want_guardians,
	};
	struct roster_wanted_list list = { NULL, 0 };

	g_hash_table_remove_all(wanting->keys);
	makers[kind](wanting, &list);
	return list;
}

/* ---- keys */

static const char *id_text(struct prac_arena *arena, const struct prac_value *value)
{
	struct prac_id id;
	char text[PRAC_ID_TEXT];

	if (!value->has || prac_id_from_bytes(value->bytes, &id) != PRAC_OK) {
		return "";
	}
	prac_id_format(&id, text);
	return prac_arena_text(arena, prac_bytes_text(text));
}

static const char *own_text(struct prac_arena *arena, const struct prac_value *value)
{
	return value->has ? prac_arena_text(arena, value->bytes) : NULL;
}

static bool is_of_roster(const struct roster_wanting *wanting, const struct prac_value *student)
{
	return g_hash_table_contains(wanting->students, id_text(wanting->arena, student));
}

/* Host schools are arranged here and unknown to a roster; what has ended stays as it is. */
static const char *attendance_key(
	const struct roster_wanting *wanting, const struct prac_value *values)
{
	if (values[PRAC_ENROLLMENT_STATE].number != PRAC_ENROLLMENT_STATE_ACTIVE ||
		values[PRAC_ENROLLMENT_KIND].number == PRAC_ENROLLMENT_KIND_HOST ||
		!is_of_roster(wanting, &values[PRAC_ENROLLMENT_STUDENT_ID])) {
		return NULL;
	}
	return prac_arena_printf(wanting->arena, "%s %s %d",
		id_text(wanting->arena, &values[PRAC_ENROLLMENT_STUDENT_ID]),
		id_text(wanting->arena, &values[PRAC_ENROLLMENT_SCHOOL_ID]),
		(int)values[PRAC_ENROLLMENT_KIND].number);
}

const char *roster_stay_key(const struct roster_wanting *wanting, const struct prac_record *stay)
{
	const struct prac_value *values = stay->values;

	return prac_arena_printf(wanting->arena, "%s %s %d %d",
		id_text(wanting->arena, &values[PRAC_ENROLLMENT_STUDENT_ID]),
		id_text(wanting->arena, &values[PRAC_ENROLLMENT_SCHOOL_ID]),
		(int)values[PRAC_ENROLLMENT_KIND].number,
		(int)values[PRAC_ENROLLMENT_STARTS_ON].number);
}

/* Guardians have no number of their own: the name tells those of one student apart. */
static const char *guardian_key(
	const struct roster_wanting *wanting, const struct prac_value *values)
{
	if (!is_of_roster(wanting, &values[PRAC_GUARDIAN_STUDENT_ID])) {
		return NULL;
	}
	return prac_arena_printf(wanting->arena, "%s %s",
		id_text(wanting->arena, &values[PRAC_GUARDIAN_STUDENT_ID]),
		prac_arena_text(wanting->arena, values[PRAC_GUARDIAN_NAME].bytes));
}

const char *roster_present_key(const struct roster_wanting *wanting, enum roster_kind kind,
	const struct prac_record *record)
{
	switch (kind) {
	case ROSTER_SCHOOLS:
		return own_text(wanting->arena, &record->values[PRAC_SCHOOL_CODE]);
	case ROSTER_STAFF_MEMBERS:
		return own_text(wanting->arena, &record->values[PRAC_STAFF_IDENTIFIER]);
	case ROSTER_STUDENTS:
		return own_text(wanting->arena, &record->values[PRAC_STUDENT_IDENTIFIER]);
	case ROSTER_ATTENDANCE:
		return attendance_key(wanting, record->values);
	case ROSTER_GUARDIANS:
		return guardian_key(wanting, record->values);
	case ROSTER_KINDS:
		break;
	}
	return NULL;
}

/* ---- what is settled */

/* The year that holds today, or the one that begins last. */
static int32_t find_year_begin(const struct roster *roster, int32_t today)
{
	int32_t begin = ROSTER_NO_DATE;

	for (uint32_t i = 0; i < roster->n_sessions; i++) {
		const struct roster_session *session = &roster->sessions[i];

		if (session->type != ROSTER_SESSION_SCHOOL_YEAR) {
			continue;
		}
		if (session->begin <= today && today < session->end) {
			return session->begin;
		}
		begin = session->begin > begin ? session->begin : begin;
	}
	return begin != ROSTER_NO_DATE ? begin : today;
}

static struct prac_id *ids_new(struct prac_arena *arena, uint32_t n)
{
	return prac_arena_alloc(arena, ((size_t)n + 1) * sizeof(struct prac_id));
}

void roster_wanting_init(struct roster_wanting *wanting, struct roster *roster,
	const struct roster_plan_input *input, struct prac_arena *arena)
{
	*wanting = (struct roster_wanting){
		.roster = roster,
		.input = input,
		.arena = arena,
		.keys = g_hash_table_new(g_str_hash, g_str_equal),
		.students = g_hash_table_new(g_str_hash, g_str_equal),
		.year_begin = find_year_begin(roster, input->today),
		.school_ids = ids_new(arena, roster->n_orgs),
		.person_ids = ids_new(arena, roster->n_persons),
		.owner_ids = ids_new(arena, roster->n_persons),
	};
}

void roster_wanting_deinit(struct roster_wanting *wanting)
{
	g_hash_table_destroy(wanting->keys);
	g_hash_table_destroy(wanting->students);
}

static void settle_student(struct roster_wanting *wanting, const struct roster_wanted *wanted,
	const struct prac_record *stored)
{
	char text[PRAC_ID_TEXT];
	const struct prac_value *school = &stored->values[PRAC_STUDENT_SCHOOL_ID];

	prac_id_format(&stored->id, text);
	g_hash_table_add(wanting->students, prac_arena_text(wanting->arena, prac_bytes_text(text)));
	wanting->person_ids[wanted->source] = stored->id;
	if (prac_id_from_bytes(school->bytes, &wanting->owner_ids[wanted->source]) != PRAC_OK) {
		wanting->owner_ids[wanted->source] = stored->scope;
	}
}

void roster_wanted_settle(struct roster_wanting *wanting, enum roster_kind kind,
	const struct roster_wanted *wanted, const struct prac_record *stored)
{
	if (kind == ROSTER_SCHOOLS) {
		wanting->school_ids[wanted->source] = stored->id;
	} else if (kind == ROSTER_STUDENTS) {
		settle_student(wanting, wanted, stored);
	}
}
