/* A request about a student's records, or a hold on them (34 CFR 99.10, 99.20 to 99.22). */
#include "catalog/types.h"
#include "common/rules/target.h"

enum {
	INSPECTION_DAYS = 45 /* 99.10(b) */
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

/* Of all of the student's records, today: what whoever enters it leaves out. */
static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *request)
{
	struct prac_value *values = request->values;

	if (before == NULL && !values[PRAC_RECORDS_REQUEST_RECORD_ID].has &&
		values[PRAC_RECORDS_REQUEST_STUDENT_ID].has) {
		values[PRAC_RECORDS_REQUEST_RECORD_TYPE] =
			(struct prac_value){ .has = true, .number = PRAC_STUDENT };
		values[PRAC_RECORDS_REQUEST_RECORD_ID] = values[PRAC_RECORDS_REQUEST_STUDENT_ID];
	}
	if (before == NULL && !values[PRAC_RECORDS_REQUEST_ASKED_ON].has) {
		values[PRAC_RECORDS_REQUEST_ASKED_ON] =
			(struct prac_value){ .has = true, .number = judgement->today };
	}
	values[PRAC_RECORDS_REQUEST_DUE_ON] = (struct prac_value){
		.has = values[PRAC_RECORDS_REQUEST_KIND].number ==
		       PRAC_RECORDS_REQUEST_KIND_INSPECTION,
		.number = values[PRAC_RECORDS_REQUEST_ASKED_ON].number + INSPECTION_DAYS,
	};
	if (!values[PRAC_RECORDS_REQUEST_DUE_ON].has) {
		values[PRAC_RECORDS_REQUEST_DUE_ON] = (struct prac_value){ 0 };
	}
	prac_target_complete(judgement, before, request, PRAC_RECORDS_REQUEST_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	return prac_target_check(judgement, before, after, PRAC_RECORDS_REQUEST_STUDENT_ID);
}

/* A hold is lifted, an inspection closed, the rest is about amending. */
static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *request)
{
	int64_t kind = PRAC_RECORDS_REQUEST_KIND_AMENDMENT;

	(void)args;
	if (action->number == PRAC_RECORDS_REQUEST_DO_CLOSE) {
		kind = PRAC_RECORDS_REQUEST_KIND_INSPECTION;
	} else if (action->number == PRAC_RECORDS_REQUEST_DO_LIFT) {
		kind = PRAC_RECORDS_REQUEST_KIND_HOLD;
	}
	if (request->values[PRAC_RECORDS_REQUEST_KIND].number == kind) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_GUARD,
		&request->type->fields[PRAC_RECORDS_REQUEST_KIND],
		"a request to see the records is ended with close, a hold with lift, a request to amend "
		"with grant or deny");
}

const struct prac_rules prac_rules_records_request = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.act = act,
};
