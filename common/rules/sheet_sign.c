#include "common/rules/sheet_sign.h"

#include "catalog/types.h"
#include "common/rules/confirmation.h"
#include "common/rules/typed.h"

/* The record of the decision. args are those of approve or return. */
static struct prac_record *sign(struct prac_judgement *judgement, const struct prac_record *sheet,
	int64_t decision, const struct prac_digest *hash)
{
	struct prac_record *approval =
		prac_effect_new(judgement, &prac_type_approval, &sheet->scope);
	struct prac_value *values = approval->values;

	values[PRAC_APPROVAL_SHEET_ID] = (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(judgement->arena, prac_id_bytes(&sheet->id)) };
	values[PRAC_APPROVAL_STUDENT_ID] = sheet->values[PRAC_TIME_SHEET_STUDENT_ID];
	values[PRAC_APPROVAL_SCHOOL_ID] = sheet->values[PRAC_TIME_SHEET_SCHOOL_ID];
	values[PRAC_APPROVAL_CONTENT_HASH] = (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(
			judgement->arena, (struct prac_bytes){ hash->b, PRAC_SHA256_LEN }) };
	values[PRAC_APPROVAL_DECISION] = (struct prac_value){ .has = true, .number = decision };
	values[PRAC_APPROVAL_DECIDED_AT] =
		(struct prac_value){ .has = true, .number = judgement->now_ms };
	values[PRAC_APPROVAL_APPROVER_ID] = prac_judgement_person(judgement);
	return approval;
}

/* What the person typed about the approver counts over who sits at the keyboard. */
static void put_approver(struct prac_record *approval, const struct prac_value *capacity,
	const struct prac_value *name, const struct prac_value *id)
{
	approval->values[PRAC_APPROVAL_CAPACITY] = *capacity;
	approval->values[PRAC_APPROVAL_APPROVER_NAME] = *name;
	if (id->has) {
		approval->values[PRAC_APPROVAL_APPROVER_ID] = *id;
	}
}

/* The signature on the paper is for what was typed, and is the signer's. */
static enum prac_reason check_paper(struct prac_judgement *judgement, const struct prac_value *args,
	const struct prac_record *paper, struct prac_bytes hash)
{
	const struct prac_value *name = &args[PRAC_TIME_SHEET_APPROVE_APPROVER_NAME];

	if (paper == NULL) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"Capacity: the sheet was not typed from a signed paper (practicum transcribe "
			"time_sheet ID SCAN signer_name=NAME signed_on=DATE)");
	}
	if (paper->values[PRAC_TRANSCRIPT_STATE].number == PRAC_TRANSCRIPT_STATE_DISPUTED) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"Capacity: a second person disputes what was typed (take the sheet back, mend "
			"it and transcribe it again with because=TEXT)");
	}
	if (!prac_bytes_equal(paper->values[PRAC_TRANSCRIPT_CONTENT_HASH].bytes, hash)) {
		return prac_refuse(judgement, PRAC_REASON_CONTENT_CHANGED, NULL,
			"the hours are no longer those that were typed from the paper (whoever typed "
			"them transcribes them again with because=TEXT)");
	}
	if (name->has &&
		!prac_bytes_equal(name->bytes, paper->values[PRAC_TRANSCRIPT_SIGNER_NAME].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"Approver name: must be who signed the paper; leave it out");
	}
	return PRAC_REASON_NONE;
}

/* Who signed the paper is the approver by name; by id it stays whoever says so here. */
static void put_signer(struct prac_judgement *judgement, struct prac_record *approval,
	const struct prac_record *paper)
{
	struct prac_value *evidence = &approval->values[PRAC_APPROVAL_EVIDENCE];
	char id[PRAC_ID_TEXT];

	approval->values[PRAC_APPROVAL_APPROVER_NAME] = paper->values[PRAC_TRANSCRIPT_SIGNER_NAME];
	if (!evidence->has) {
		prac_id_format(&paper->id, id);
		*evidence = (struct prac_value){ .has = true,
			.bytes = prac_bytes_text(prac_arena_printf(
				judgement->arena, "transcript %s with its scan", id)) };
	}
}

enum prac_reason prac_sheet_approve(struct prac_judgement *judgement, const struct prac_value *args,
	const struct prac_record *sheet)
{
	struct prac_digest hash = prac_typed_content(judgement, sheet);
	bool is_paper = args[PRAC_TIME_SHEET_APPROVE_CAPACITY].number ==
			PRAC_TIME_SHEET_APPROVE_CAPACITY_TRANSCRIBED;
	const struct prac_record *paper = is_paper ? prac_typed_last(judgement, &sheet->id) : NULL;
	enum prac_reason reason;
	struct prac_record *approval;

	if (!prac_bytes_equal(
		    args[PRAC_TIME_SHEET_APPROVE_CONTENT_HASH].bytes, prac_digest_bytes(&hash))) {
		return prac_refuse(judgement, PRAC_REASON_CONTENT_CHANGED, NULL,
			"the hours are no longer those that were shown; look at the sheet again and decide on what it says now");
	}
	reason = is_paper ? check_paper(judgement, args, paper, prac_digest_bytes(&hash))
			  : prac_confirmation_check(judgement, sheet, args);
	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	approval = sign(judgement, sheet, PRAC_APPROVAL_DECISION_APPROVED, &hash);
	put_approver(approval, &args[PRAC_TIME_SHEET_APPROVE_CAPACITY],
		&args[PRAC_TIME_SHEET_APPROVE_APPROVER_NAME],
		&args[PRAC_TIME_SHEET_APPROVE_APPROVER_ID]);
	approval->values[PRAC_APPROVAL_EVIDENCE] = args[PRAC_TIME_SHEET_APPROVE_EVIDENCE];
	approval->values[PRAC_APPROVAL_REASON] = args[PRAC_TIME_SHEET_APPROVE_NOTE];
	if (is_paper) {
		put_signer(judgement, approval, paper);
	} else {
		prac_confirmation_keep(judgement, sheet, args, approval);
	}
	return PRAC_REASON_NONE;
}

enum prac_reason prac_sheet_return(struct prac_judgement *judgement, const struct prac_value *args,
	const struct prac_record *sheet)
{
	struct prac_digest hash = prac_typed_content(judgement, sheet);
	struct prac_record *approval =
		sign(judgement, sheet, PRAC_APPROVAL_DECISION_RETURNED, &hash);

	put_approver(approval, &args[PRAC_TIME_SHEET_RETURN_CAPACITY],
		&args[PRAC_TIME_SHEET_RETURN_APPROVER_NAME],
		&args[PRAC_TIME_SHEET_RETURN_APPROVER_ID]);
	approval->values[PRAC_APPROVAL_REASON] = args[PRAC_TIME_SHEET_RETURN_RETURN_REASON];
	return PRAC_REASON_NONE;
}
