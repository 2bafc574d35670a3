/* What was typed from a signed paper: versions by one hand over one scan, checked by another. */
#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/target.h"
#include "common/rules/typed.h"

enum {
	CONFIRM = 1 << PRAC_TRANSCRIPT_DO_CONFIRM,
	CHECKS = CONFIRM | 1 << PRAC_TRANSCRIPT_DO_DISPUTE
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_TRANSCRIPT,
		.field = PRAC_TRANSCRIPT_RECORD_ID_NO,
		.via = PRAC_TRANSCRIPT_RECORD_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_TIME_ENTRY,
		.field = PRAC_TIME_ENTRY_SHEET_ID_NO,
		.actions = CONFIRM,
		.via = PRAC_TRANSCRIPT_RECORD_ID_NO },
};

/* What is kept on paper, too. */
static const uint32_t paper_types[] = { PRAC_TIME_SHEET, PRAC_EVALUATION, PRAC_DOCUMENT,
	PRAC_CONSENT };

static bool is_on_paper(const struct prac_type *type)
{
	for (size_t i = 0; i < PRAC_NELEM(paper_types); i++) {
		if (type->number == paper_types[i]) {
			return true;
		}
	}
	return false;
}

static struct prac_value school_of(const struct prac_record *target)
{
	const struct prac_field *school = prac_field_find_name(target->type, "school_id");

	return school != NULL ? target->values[school->index] : (struct prac_value){ 0 };
}

static struct prac_value bytes_of(struct prac_judgement *judgement, struct prac_bytes bytes)
{
	return (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(judgement->arena, bytes) };
}

/* A mended version is of the same paper unless another is named. */
static void complete_version(struct prac_record *transcript, const struct prac_record *last)
{
	static const uint16_t same[] = { PRAC_TRANSCRIPT_SIGNER_NAME, PRAC_TRANSCRIPT_SIGNED_ON,
		PRAC_TRANSCRIPT_ATTACHMENT_ID };

	for (size_t i = 0; last != NULL && i < PRAC_NELEM(same); i++) {
		if (!transcript->values[same[i]].has) {
			transcript->values[same[i]] = last->values[same[i]];
		}
	}
}

/* Withdrawn versions keep their numbers. */
static int64_t next_version(
	const struct prac_judgement *judgement, const struct prac_record *transcript)
{
	const struct prac_record *const *versions;
	struct prac_id target;
	int64_t next = 1;
	size_t n;

	if (prac_record_target(transcript, &target) == NULL) {
		return next;
	}
	n = judgement->facts->children(judgement->facts->ctx, PRAC_TRANSCRIPT,
		PRAC_TRANSCRIPT_RECORD_ID_NO, &target, &versions);
	for (size_t i = 0; i < n; i++) {
		int64_t number = versions[i]->values[PRAC_TRANSCRIPT_VERSION].number;

		if (number >= next && !prac_id_equal(&versions[i]->id, &transcript->id)) {
			next = number + 1;
		}
	}
	return next;
}

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *transcript)
{
	const struct prac_record *target = prac_facts_target(judgement, transcript);
	struct prac_value *values = transcript->values;

	if (before != NULL || target == NULL) {
		return;
	}
	prac_target_complete(judgement, before, transcript, PRAC_TRANSCRIPT_STUDENT_ID);
	complete_version(transcript, prac_typed_last(judgement, &target->id));
	values[PRAC_TRANSCRIPT_SCHOOL_ID] = school_of(target);
	values[PRAC_TRANSCRIPT_VERSION] =
		(struct prac_value){ .has = true, .number = next_version(judgement, transcript) };
	values[PRAC_TRANSCRIPT_TYPED_BY_ID] = prac_judgement_person(judgement);
	if (target->type == &prac_type_time_sheet) {
		struct prac_digest hash = prac_typed_content(judgement, target);

		values[PRAC_TRANSCRIPT_CONTENT_HASH] =
			bytes_of(judgement, prac_digest_bytes(&hash));
	}
}

static enum prac_reason refuse_field(
	struct prac_judgement *judgement, uint16_t index, const char *words)
{
	const struct prac_field *field = &prac_type_transcript.fields[index];

	return prac_refuse(
		judgement, PRAC_REASON_INVALID_VALUE, field, "%s: %s", field->label, words);
}

static enum prac_reason check_target(struct prac_judgement *judgement,
	const struct prac_record *transcript, const struct prac_record *target)
{
	const struct prac_value school = school_of(target);

	if (!is_on_paper(target->type)) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_RECORD_TYPE,
			"only time sheets, evaluations, documents and consents are typed from paper; "
			"attach the scan to other records (practicum attach)");
	}
	if (!prac_value_equal(&transcript->type->fields[PRAC_TRANSCRIPT_SCHOOL_ID],
		    &transcript->values[PRAC_TRANSCRIPT_SCHOOL_ID], &school)) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_SCHOOL_ID,
			"must be that of the record; leave it out");
	}
	if (target->type == &prac_type_time_sheet &&
		target->values[PRAC_TIME_SHEET_STATE].number == PRAC_TIME_SHEET_STATE_APPROVED) {
		return prac_refuse(judgement, PRAC_REASON_LOCKED,
			&transcript->type->fields[PRAC_TRANSCRIPT_RECORD_ID],
			"Record: approved hours do not change (add a correcting time sheet with "
			"amends_id and type that one)");
	}
	if (target->type == &prac_type_time_sheet &&
		!transcript->values[PRAC_TRANSCRIPT_CONTENT_HASH].has) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_CONTENT_HASH,
			"is missing; use `practicum transcribe`, which works it out");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check_paper(
	struct prac_judgement *judgement, const struct prac_record *transcript)
{
	const struct prac_value *values = transcript->values;
	const struct prac_record *scan =
		prac_facts_follow(judgement, transcript, PRAC_TRANSCRIPT_ATTACHMENT_ID);

	if (scan == NULL || scan->deleted ||
		scan->values[PRAC_ATTACHMENT_STATE].number != PRAC_ATTACHMENT_STATE_ATTACHED ||
		!prac_bytes_equal(scan->values[PRAC_ATTACHMENT_RECORD_ID].bytes,
			values[PRAC_TRANSCRIPT_RECORD_ID].bytes)) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_ATTACHMENT_ID,
			"must be a file that is attached to this record (practicum attach) and not "
			"withdrawn");
	}
	if (prac_id_is_nil(&judgement->person)) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_TYPED_BY_ID,
			"who types from paper is recorded; sign in first (practicum login)");
	}
	if (!prac_bytes_equal(
		    values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes, prac_id_bytes(&judgement->person))) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_TYPED_BY_ID,
			"must be the person who is signed in; leave it out");
	}
	/* The clocks of a station and of the server may be a day apart. */
	if (values[PRAC_TRANSCRIPT_SIGNED_ON].number > judgement->today + 1) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_SIGNED_ON,
			"is in the future; write the date on the paper");
	}
	return PRAC_REASON_NONE;
}

/* A typing error is the typist's to mend, and says what it was. */
static enum prac_reason check_version(struct prac_judgement *judgement,
	const struct prac_record *transcript, const struct prac_record *last)
{
	const struct prac_value *values = transcript->values;
	int64_t next = next_version(judgement, transcript);

	if (values[PRAC_TRANSCRIPT_VERSION].number != next) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_VERSION,
			prac_arena_printf(judgement->arena, "must be %d; leave it out", (int)next));
	}
	if (last == NULL) {
		return PRAC_REASON_NONE;
	}
	if (!values[PRAC_TRANSCRIPT_BECAUSE].has) {
		return refuse_field(judgement, PRAC_TRANSCRIPT_BECAUSE,
			"say what was typed wrong in the version before (because=TEXT)");
	}
	if (!prac_bytes_equal(values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes,
		    last->values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED,
			&transcript->type->fields[PRAC_TRANSCRIPT_TYPED_BY_ID],
			"Typed by: whoever typed version %d mends it (or a coordinator withdraws that "
			"version, and you type the paper anew)",
			(int)last->values[PRAC_TRANSCRIPT_VERSION].number);
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	enum prac_reason reason =
		prac_target_check(judgement, before, after, PRAC_TRANSCRIPT_STUDENT_ID);
	const struct prac_record *target;

	if (reason != PRAC_REASON_NONE || before != NULL || after->deleted) {
		return reason;
	}
	target = prac_facts_target(judgement, after);
	reason = check_target(judgement, after, target);
	if (reason == PRAC_REASON_NONE) {
		reason = check_paper(judgement, after);
	}
	return reason != PRAC_REASON_NONE
		       ? reason
		       : check_version(judgement, after, prac_typed_last(judgement, &target->id));
}

static void find_newer(struct prac_judgement *judgement, const struct prac_record *transcript,
	const struct prac_record *target, struct prac_findings *findings)
{
	const struct prac_record *last = prac_typed_last(judgement, &target->id);

	if (last != NULL && last->values[PRAC_TRANSCRIPT_VERSION].number >
				    transcript->values[PRAC_TRANSCRIPT_VERSION].number) {
		prac_find(findings, &transcript->type->fields[PRAC_TRANSCRIPT_VERSION],
			"version %d was typed since (check that one)",
			(int)last->values[PRAC_TRANSCRIPT_VERSION].number);
	}
}

/* What is confirmed is what was typed, not what somebody made of it. */
static void find_changed(struct prac_judgement *judgement, const struct prac_record *transcript,
	const struct prac_record *target, struct prac_findings *findings)
{
	struct prac_digest hash;

	if (target->type != &prac_type_time_sheet) {
		return;
	}
	hash = prac_typed_content(judgement, target);
	if (!prac_bytes_equal(transcript->values[PRAC_TRANSCRIPT_CONTENT_HASH].bytes,
		    prac_digest_bytes(&hash))) {
		prac_find(findings, &transcript->type->fields[PRAC_TRANSCRIPT_CONTENT_HASH],
			"the hours are no longer those that were typed (dispute it, so that a new "
			"version is typed)");
	}
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *transcript, struct prac_findings *findings)
{
	const struct prac_record *target = prac_facts_target(judgement, transcript);

	if ((CHECKS >> action->number & 1) == 0) {
		return;
	}
	if (prac_bytes_equal(transcript->values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes,
		    prac_id_bytes(&judgement->person))) {
		prac_find(findings, &transcript->type->fields[PRAC_TRANSCRIPT_TYPED_BY_ID],
			"whoever typed it does not check it (ask a second person)");
	}
	if (prac_id_is_nil(&judgement->person)) {
		prac_find(findings, &transcript->type->fields[PRAC_TRANSCRIPT_CHECKED_BY_ID],
			"who checks it is recorded (sign in first: practicum login)");
	}
	if (target == NULL) {
		return;
	}
	find_newer(judgement, transcript, target, findings);
	if (action->number == PRAC_TRANSCRIPT_DO_CONFIRM) {
		find_changed(judgement, transcript, target, findings);
	}
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *transcript)
{
	(void)args;
	if ((CHECKS >> action->number & 1) != 0) {
		transcript->values[PRAC_TRANSCRIPT_CHECKED_BY_ID] =
			prac_judgement_person(judgement);
		transcript->values[PRAC_TRANSCRIPT_CHECKED_ON] =
			(struct prac_value){ .has = true, .number = judgement->today };
	}
	if (action->number == PRAC_TRANSCRIPT_DO_CONFIRM) {
		transcript->values[PRAC_TRANSCRIPT_REASON] = (struct prac_value){ 0 };
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_transcript = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.find = find,
	.act = act,
};
