#include "catalog/types.h"
#include "common/base/failpoint.h"
#include "server/sync/judge_parts.h"

static void put_rows(struct judge *judge, const struct prac_record *record)
{
	const struct prac_id *scopes;
	size_t n = view_scopes(judge->view, record, &scopes);

	for (size_t i = 0; i < n; i++) {
		view_put_row(judge->view, record, &scopes[i], record->seq,
			record->deleted ? STORE_DELETED : STORE_LIVE);
	}
}

static bool is_active(const struct prac_record *enrollment)
{
	return enrollment != NULL && !enrollment->deleted &&
	       enrollment->values[PRAC_ENROLLMENT_STATE].number == PRAC_ENROLLMENT_STATE_ACTIVE;
}

/* Does another enrollment keep the student in this school's sight? */
static bool has_other_enrollment(
	const struct judge *judge, const struct prac_record *ended, const struct prac_id *student)
{
	const struct prac_record *const *enrollments;
	size_t n = view_children(judge->view, ended->type,
		&ended->type->fields[PRAC_ENROLLMENT_STUDENT_ID], student, &enrollments);

	for (size_t i = 0; i < n; i++) {
		if (is_active(enrollments[i]) &&
			prac_id_equal(&enrollments[i]->scope, &ended->scope)) {
			return true;
		}
	}
	return false;
}

/*
 * What was shown and is taken away in the same batch was never seen. Were it shown first, records that
 * the batch makes after both would leave a trace there.
 */
static void drop_shown(struct judge *judge, const struct store_fan_out *moved)
{
	size_t n = 0;

	for (size_t i = 0; i < judge->n_fan_outs; i++) {
		const struct store_fan_out *earlier = &judge->fan_outs[i];

		if (earlier->gone != STORE_LIVE ||
			!prac_id_equal(&earlier->student, &moved->student) ||
			!prac_id_equal(&earlier->scope, &moved->scope)) {
			judge->fan_outs[n++] = *earlier;
		} else {
			PRAC_SOMETIMES(SHOWN_AND_TAKEN);
		}
	}
	judge->n_fan_outs = n;
}

static void fan_out(struct judge *judge, const struct prac_record *student,
	const struct prac_record *enrollment, enum store_gone gone)
{
	const struct store_fan_out fan_out = { student->id, enrollment->scope, enrollment->seq,
		gone };

	if (gone == STORE_MOVED) {
		drop_shown(judge, &fan_out);
	}
	judge->fan_outs = view_room(
		judge->arena, judge->fan_outs, judge->n_fan_outs, sizeof(*judge->fan_outs));
	judge->fan_outs[judge->n_fan_outs++] = fan_out;
	view_put_row(judge->view, student, &enrollment->scope, enrollment->seq, gone);
}

/* A school sees a student, and all that follows the student, while an enrollment there is active. */
static void move_student(
	struct judge *judge, const struct prac_record *before, const struct prac_record *enrollment)
{
	const struct prac_record *student;
	const struct view_row *row;
	struct prac_id id;
	bool is_seen;

	if (is_active(before) == is_active(enrollment) ||
		!view_reference(enrollment, PRAC_ENROLLMENT_STUDENT_ID, &id)) {
		return;
	}
	student = view_find(judge->view, PRAC_STUDENT, &id);
	if (student == NULL || prac_id_equal(&student->scope, &enrollment->scope)) {
		return; /* the home school always sees its student */
	}
	row = view_find_row(judge->view, PRAC_STUDENT, &id, &enrollment->scope);
	is_seen = row != NULL && row->row.gone == STORE_LIVE;
	if (is_active(enrollment) && !is_seen) {
		fan_out(judge, student, enrollment, STORE_LIVE);
	} else if (!is_active(enrollment) && is_seen &&
		   !has_other_enrollment(judge, enrollment, &id)) {
		fan_out(judge, student, enrollment, STORE_MOVED);
	}
}

void judge_accept(struct judge *judge, const struct prac_record *record)
{
	const struct prac_record *before =
		view_find(judge->view, record->type->number, &record->id);

	view_put(judge->view, record);
	if (record->type == &prac_type_enrollment) {
		move_student(judge, before, record);
	}
	put_rows(judge, record);
	if (record->type->reported) {
		judge->versions = view_room(judge->arena, judge->versions, judge->n_versions,
			sizeof(struct prac_record *));
		judge->is_first =
			view_room(judge->arena, judge->is_first, judge->n_versions, sizeof(bool));
		judge->is_first[judge->n_versions] = before == NULL;
		judge->versions[judge->n_versions++] = record;
	}
}
