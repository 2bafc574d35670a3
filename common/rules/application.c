/* A student takes one place at a time, and one that is free. */
#include "catalog/types.h"
#include "common/rules/seats.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_APPLICATION,
		.field = PRAC_APPLICATION_STUDENT_ID_NO,
		.actions = UINT64_C(1) << PRAC_APPLICATION_DO_ACCEPT,
		.via = PRAC_APPLICATION_STUDENT_ID_NO },
	{ .kind = PRAC_LOAD_PARENT,
		.field = PRAC_APPLICATION_OPPORTUNITY_ID_NO,
		.actions = UINT64_C(1) << PRAC_APPLICATION_DO_ACCEPT },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_APPLICATION,
		.field = PRAC_APPLICATION_OPPORTUNITY_ID_NO,
		.actions = UINT64_C(1) << PRAC_APPLICATION_DO_ACCEPT,
		.via = PRAC_APPLICATION_OPPORTUNITY_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_PLACEMENT,
		.field = PRAC_PLACEMENT_OPPORTUNITY_ID_NO,
		.actions = UINT64_C(1) << PRAC_APPLICATION_DO_ACCEPT,
		.via = PRAC_APPLICATION_OPPORTUNITY_ID_NO },
};

/* A day that is not said is open to its side. */
static bool overlap(const struct prac_value *a, const struct prac_value *b)
{
	const size_t from = PRAC_APPLICATION_STARTS_ON, through = PRAC_APPLICATION_ENDS_ON;

	return !(a[through].has && b[from].has && a[through].number < b[from].number) &&
	       !(b[through].has && a[from].has && b[through].number < a[from].number);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;

	(void)before;
	if (!after->deleted && values[PRAC_APPLICATION_STARTS_ON].has &&
		values[PRAC_APPLICATION_ENDS_ON].has &&
		values[PRAC_APPLICATION_ENDS_ON].number <
			values[PRAC_APPLICATION_STARTS_ON].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_APPLICATION_ENDS_ON],
			"Wanted through: must not be before wanted from");
	}
	return PRAC_REASON_NONE;
}

static void find_seat(struct prac_judgement *judgement, const struct prac_record *application,
	const struct prac_id *student, struct prac_findings *findings)
{
	const struct prac_value *from = &application->values[PRAC_APPLICATION_STARTS_ON];
	const struct prac_value *through = &application->values[PRAC_APPLICATION_ENDS_ON];
	const struct prac_record *opportunity =
		prac_facts_follow(judgement, application, PRAC_APPLICATION_OPPORTUNITY_ID);
	const struct prac_seats_asked asked = { .but = student,
		.from = from->has ? (int32_t)from->number : INT32_MIN,
		.through = through->has ? (int32_t)through->number : INT32_MAX };
	struct prac_seats seats;

	if (opportunity != NULL && prac_seats_of(judgement, opportunity, &asked, &seats) &&
		seats.taken >= seats.n) {
		prac_find(findings, NULL,
			"%lld of %lld seats of the opportunity are taken in that time (change the days "
			"in which this one is wanted, wait until a seat is free, or raise the seats of "
			"the opportunity)",
			(long long)seats.taken, (long long)seats.n);
	}
}

static void find_other(struct prac_judgement *judgement, const struct prac_record *application,
	const struct prac_id *student, struct prac_findings *findings)
{
	const struct prac_record *const *others;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_APPLICATION,
		PRAC_APPLICATION_STUDENT_ID_NO, student, &others);

	for (size_t i = 0; i < n; i++) {
		if (!prac_id_equal(&others[i]->id, &application->id) &&
			others[i]->values[PRAC_APPLICATION_STATE].number ==
				PRAC_APPLICATION_STATE_ACCEPTED &&
			overlap(others[i]->values, application->values)) {
			prac_find(findings, NULL,
				"another application of the student is accepted for the same time "
				"(change the days in which this one is wanted)");
			return;
		}
	}
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *application, struct prac_findings *findings)
{
	struct prac_id student;

	if (action->number == PRAC_APPLICATION_DO_ACCEPT &&
		prac_id_from_bytes(application->values[PRAC_APPLICATION_STUDENT_ID].bytes,
			&student) == PRAC_OK) {
		find_other(judgement, application, &student, findings);
		find_seat(judgement, application, &student, findings);
	}
}

const struct prac_rules prac_rules_application = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.find = find,
};
