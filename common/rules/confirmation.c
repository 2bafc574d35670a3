#include "common/rules/confirmation.h"

#include "catalog/types.h"

#define REGISTERED                                             \
	(UINT64_C(1) << PRAC_SUPERVISOR_STATE_VERIFIED |       \
		UINT64_C(1) << PRAC_SUPERVISOR_STATE_TRAINED | \
		UINT64_C(1) << PRAC_SUPERVISOR_STATE_ACTIVE)

/* The newest file that is attached to the sheet; NULL: none. */
static const struct prac_record *file_of(
	struct prac_judgement *judgement, const struct prac_record *sheet)
{
	const struct prac_record *const *files;
	const struct prac_record *found = NULL;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_ATTACHMENT,
		PRAC_ATTACHMENT_RECORD_ID_NO, &sheet->id, &files);

	for (size_t i = 0; i < n; i++) {
		if (files[i]->values[PRAC_ATTACHMENT_STATE].number ==
			PRAC_ATTACHMENT_STATE_ATTACHED) {
			found = files[i];
		}
	}
	return found;
}

static enum prac_reason check_evidence(struct prac_judgement *judgement,
	const struct prac_record *sheet, const struct prac_value *args)
{
	if (args[PRAC_TIME_SHEET_APPROVE_EVIDENCE].has || file_of(judgement, sheet) != NULL) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
		&prac_type_approval.fields[PRAC_APPROVAL_EVIDENCE],
		"Evidence: say what shows that the supervisor confirmed it, or attach it to the "
		"sheet");
}

/* Registered: staff made sure who it is, and the placement names that person. */
static enum prac_reason check_supervisor(struct prac_judgement *judgement,
	const struct prac_record *sheet, const struct prac_value *args)
{
	const struct prac_field *fields = prac_type_approval.fields;
	const struct prac_value *named = &args[PRAC_TIME_SHEET_APPROVE_SUPERVISOR_ID];
	const struct prac_record *placement =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	const struct prac_record *supervisor =
		placement == NULL
			? NULL
			: prac_facts_follow(judgement, placement, PRAC_PLACEMENT_SUPERVISOR_ID);

	if (!named->has || supervisor == NULL ||
		!prac_bytes_equal(named->bytes, prac_id_bytes(&supervisor->id))) {
		return prac_refuse(judgement, PRAC_REASON_GUARD,
			&fields[PRAC_APPROVAL_SUPERVISOR_ID],
			"Supervisor: must be the one whom the placement names (set supervisor_id of "
			"the placement, or approve with capacity coordinator)");
	}
	if ((REGISTERED >> supervisor->values[PRAC_SUPERVISOR_STATE].number & 1) == 0) {
		return prac_refuse(judgement, PRAC_REASON_GUARD,
			&fields[PRAC_APPROVAL_SUPERVISOR_ID],
			"Supervisor: %s is not registered (let the district verify who that is)",
			prac_record_title(supervisor, judgement->arena));
	}
	if (!args[PRAC_TIME_SHEET_APPROVE_CAPTURE].has) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_APPROVAL_CAPTURE],
			"Captured: say how the supervisor confirmed it: screen, call, email or paper");
	}
	return PRAC_REASON_NONE;
}

enum prac_reason prac_confirmation_check(struct prac_judgement *judgement,
	const struct prac_record *sheet, const struct prac_value *args)
{
	const struct prac_value *approver = &args[PRAC_TIME_SHEET_APPROVE_APPROVER_ID];
	enum prac_reason reason = PRAC_REASON_NONE;

	if (approver->has && prac_bytes_equal(approver->bytes,
				     sheet->values[PRAC_TIME_SHEET_STUDENT_ID].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_GUARD,
			&prac_type_approval.fields[PRAC_APPROVAL_APPROVER_ID],
			"Approver: the student does not approve own hours");
	}
	if (args[PRAC_TIME_SHEET_APPROVE_CAPACITY].number ==
		PRAC_TIME_SHEET_APPROVE_CAPACITY_SUPERVISOR) {
		reason = check_supervisor(judgement, sheet, args);
	}
	return reason == PRAC_REASON_NONE ? check_evidence(judgement, sheet, args) : reason;
}

void prac_confirmation_keep(struct prac_judgement *judgement, const struct prac_record *sheet,
	const struct prac_value *args, struct prac_record *approval)
{
	const struct prac_record *file = file_of(judgement, sheet);

	if (args[PRAC_TIME_SHEET_APPROVE_CAPACITY].number ==
		PRAC_TIME_SHEET_APPROVE_CAPACITY_SUPERVISOR) {
		approval->values[PRAC_APPROVAL_SUPERVISOR_ID] =
			args[PRAC_TIME_SHEET_APPROVE_SUPERVISOR_ID];
		approval->values[PRAC_APPROVAL_CAPTURE] = args[PRAC_TIME_SHEET_APPROVE_CAPTURE];
	}
	if (file != NULL) {
		approval->values[PRAC_APPROVAL_ATTACHMENT_ID] = (struct prac_value){ .has = true,
			.bytes = prac_arena_copy(judgement->arena, prac_id_bytes(&file->id)) };
	}
}
