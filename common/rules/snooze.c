/* An exception is put off for a while, never for good. */
#include "catalog/types.h"
#include "common/rules/target.h"

enum {
	SNOOZE_MAX_DAYS = 92 /* a quarter; then somebody looks again */
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *snooze)
{
	prac_target_complete(judgement, before, snooze, PRAC_SNOOZE_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_field *until = &after->type->fields[PRAC_SNOOZE_UNTIL];
	int64_t day = after->values[PRAC_SNOOZE_UNTIL].number;

	/* The clocks of a station and of the server may be a day apart. */
	if (!after->deleted && day > judgement->today + SNOOZE_MAX_DAYS + 1) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, until,
			"Until: at most %d days from today; put it off again then",
			SNOOZE_MAX_DAYS);
	}
	return prac_target_check(judgement, before, after, PRAC_SNOOZE_STUDENT_ID);
}

const struct prac_rules prac_rules_snooze = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
