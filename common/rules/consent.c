/* Who may sign a consent, and what one that was signed covers. */
#include "common/rules/consent.h"

#include <string.h>
#include <strings.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/paper.h"

#define ON_GRANT (UINT64_C(1) << PRAC_CONSENT_DO_GRANT)

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_CONSENT_STUDENT_ID_NO, .actions = ON_GRANT },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_CONSENT_GUARDIAN_ID_NO, .actions = ON_GRANT },
};

/* ---- the record */

static bool is_student_type(const struct prac_type *type)
{
	return type != NULL && (type->number == PRAC_STUDENT || type->follow_field >= 0);
}

static const char *unknown_word(const struct prac_value *records, struct prac_arena *arena)
{
	struct prac_bytes rest = records->bytes, item;

	while (records->has && prac_list_next(&rest, &item)) {
		const char *word = prac_arena_text(arena, item);

		if (strcmp(word, "all") != 0 && strcmp(word, "sensitive") != 0 &&
			!is_student_type(prac_type_find_name(word))) {
			return word;
		}
	}
	return NULL;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;
	const struct prac_field *fields = after->type->fields;
	const char *word = unknown_word(&values[PRAC_CONSENT_RECORDS], judgement->arena);

	(void)before;
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (word != NULL) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_CONSENT_RECORDS],
			"Records: %s is no type of student records; write types as in "
			"records=placement;time_entry, or all, or sensitive beside them",
			word);
	}
	if (values[PRAC_CONSENT_VALID_FROM].has && values[PRAC_CONSENT_VALID_UNTIL].has &&
		values[PRAC_CONSENT_VALID_UNTIL].number < values[PRAC_CONSENT_VALID_FROM].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_CONSENT_VALID_UNTIL],
			"Valid until: must not be before valid from");
	}
	return PRAC_REASON_NONE;
}

/* ---- who signs */

static void find_signer(struct prac_findings *findings, const struct prac_record *consent,
	const struct prac_record *student)
{
	const struct prac_field *field = &consent->type->fields[PRAC_CONSENT_SIGNED_BY];
	int64_t signer = consent->values[PRAC_CONSENT_SIGNED_BY].number;
	int age = prac_age_on(student, (int32_t)consent->values[PRAC_CONSENT_SIGNED_ON].number);

	if (signer == PRAC_CONSENT_SIGNED_BY_STUDENT && age < 0) {
		prac_find(findings, field,
			"the birth date is missing: enter it, since a student signs from 18 on only");
	} else if (signer == PRAC_CONSENT_SIGNED_BY_STUDENT && age < PRAC_AGE_OF_RIGHTS) {
		prac_find(findings, field,
			"the student was %d when it was signed: a parent or guardian signs until the "
			"student is 18",
			age);
	} else if (signer == PRAC_CONSENT_SIGNED_BY_GUARDIAN && age >= PRAC_AGE_OF_RIGHTS) {
		prac_find(findings, field,
			"the student was %d when it was signed: from 18 on the student signs", age);
	}
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *consent, struct prac_findings *findings)
{
	const struct prac_value *values = consent->values;
	const struct prac_record *student, *guardian;

	if (action->number != PRAC_CONSENT_DO_GRANT) {
		return;
	}
	student = prac_facts_follow(judgement, consent, PRAC_CONSENT_STUDENT_ID);
	guardian = prac_facts_follow(judgement, consent, PRAC_CONSENT_GUARDIAN_ID);
	if (student != NULL && values[PRAC_CONSENT_SIGNED_BY].has &&
		values[PRAC_CONSENT_SIGNED_ON].has) {
		find_signer(findings, consent, student);
	}
	if (values[PRAC_CONSENT_SIGNED_BY].has &&
		values[PRAC_CONSENT_SIGNED_BY].number == PRAC_CONSENT_SIGNED_BY_GUARDIAN &&
		guardian != NULL &&
		!prac_bytes_equal(guardian->values[PRAC_GUARDIAN_STUDENT_ID].bytes,
			values[PRAC_CONSENT_STUDENT_ID].bytes)) {
		prac_find(findings, &consent->type->fields[PRAC_CONSENT_GUARDIAN_ID],
			"the guardian is another student's: name one of this student");
	}
}

const struct prac_rules prac_rules_consent = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.find = find,
};

/* ---- what it covers */

static bool names(const struct prac_record *consent, const char *wanted)
{
	const struct prac_value *records = &consent->values[PRAC_CONSENT_RECORDS];
	struct prac_bytes rest = records->bytes, item;

	while (records->has && prac_list_next(&rest, &item)) {
		if (prac_bytes_equal(item, prac_bytes_text(wanted))) {
			return true;
		}
	}
	return false;
}

bool prac_consent_is_sensitive(const struct prac_record *consent)
{
	return names(consent, "sensitive");
}

static bool is_party(const struct prac_value *party, const char *name)
{
	return party->has && party->bytes.len == strlen(name) &&
	       strncasecmp((const char *)party->bytes.data, name, party->bytes.len) == 0;
}

static const char *state_flaw(const struct prac_record *consent, const struct prac_consent_use *use)
{
	const struct prac_value *values = consent->values;

	switch (values[PRAC_CONSENT_STATE].number) {
	case PRAC_CONSENT_STATE_GRANTED:
		break;
	case PRAC_CONSENT_STATE_REVOKED:
		return "was taken back";
	case PRAC_CONSENT_STATE_REFUSED:
		return "was refused";
	default:
		return "was not given yet";
	}
	if (!values[PRAC_CONSENT_VALID_FROM].has ||
		use->day < values[PRAC_CONSENT_VALID_FROM].number) {
		return "does not hold yet";
	}
	if (values[PRAC_CONSENT_VALID_UNTIL].has &&
		use->day > values[PRAC_CONSENT_VALID_UNTIL].number) {
		return "has ended";
	}
	return NULL;
}

/* A parent's signature counts until the rights are the student's. */
static const char *signer_flaw(const struct prac_record *consent, const struct prac_record *student,
	const struct prac_consent_use *use)
{
	const struct prac_value *values = consent->values;

	if (!values[PRAC_CONSENT_SIGNED_BY].has || !values[PRAC_CONSENT_SIGNED_ON].has) {
		return "does not say who signed it and when";
	}
	if (values[PRAC_CONSENT_SIGNED_BY].number == PRAC_CONSENT_SIGNED_BY_GUARDIAN) {
		return prac_age_on(student, use->day) >= PRAC_AGE_OF_RIGHTS
			       ? "was signed by a parent, and the student is 18 now and has to sign"
			       : NULL;
	}
	return prac_age_on(student, (int32_t)values[PRAC_CONSENT_SIGNED_ON].number) <
			       PRAC_AGE_OF_RIGHTS
		       ? "was signed by the student, who was not 18"
		       : NULL;
}

const char *prac_consent_flaw(const struct prac_record *consent, const struct prac_record *student,
	const struct prac_consent_use *use, struct prac_arena *arena)
{
	const char *flaw = state_flaw(consent, use);

	if (flaw == NULL) {
		flaw = signer_flaw(consent, student, use);
	}
	if (flaw == NULL && !is_party(&consent->values[PRAC_CONSENT_PARTY], use->party)) {
		flaw = prac_arena_printf(arena, "does not name %s", use->party);
	}
	if (flaw == NULL && use->type != NULL && !names(consent, "all") &&
		!names(consent, use->type->name)) {
		flaw = prac_arena_printf(
			arena, "does not name records of type %s", use->type->name);
	}
	return flaw;
}

bool prac_directory_is_barred(const struct prac_record *student,
	const struct prac_record *const *consents, size_t n, int32_t day)
{
	const struct prac_value *flag = &student->values[PRAC_STUDENT_DIRECTORY_OPT_OUT];
	const struct prac_value *since = &student->values[PRAC_STUDENT_DIRECTORY_OPT_OUT_ON];
	bool is_barred = false, is_given = false;

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = consents[i]->values;
		int64_t state = values[PRAC_CONSENT_STATE].number;

		if (values[PRAC_CONSENT_PURPOSE].number != PRAC_CONSENT_PURPOSE_DIRECTORY) {
			continue;
		}
		is_barred = is_barred || state == PRAC_CONSENT_STATE_REFUSED ||
			    state == PRAC_CONSENT_STATE_REVOKED;
		is_given = is_given ||
			   (state == PRAC_CONSENT_STATE_GRANTED &&
				   state_flaw(consents[i],
					   &(struct prac_consent_use){ .day = day }) == NULL);
	}
	return (flag->has && flag->number != 0 && (!since->has || since->number <= day)) ||
	       (is_barred && !is_given);
}
