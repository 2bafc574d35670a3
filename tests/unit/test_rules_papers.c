/* What is typed from paper, the totals of a period, and corrections of closed hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/rules/guard.h"
#include "common/rules/typed.h"
#include "tests/support/facts.h"

/* Ids end in these. Of the sheets of school aa the one ending in 2b is in the shipped sample, 21 is not. */
enum {
	SHEET = 0x21,
	SAMPLED = 0x2b,
	SCAN = 0x61,
	TYPIST = 0x71,
	OTHER = 0x72
};

static void sign_in(struct facts *facts, uint8_t last)
{
	facts->judgement.person = (struct prac_id){ { [6] = 0x70, [8] = 0x80, [15] = last } };
}

static void assert_words(const struct facts *facts, const char *words)
{
	assert_string_equal(facts->judgement.problem.text, words);
}

static const char *named(struct facts *facts, const char *field, uint8_t last)
{
	return prac_arena_printf(&facts->arena, "%s=%02x", field, last);
}

/* A submitted sheet of the week from 2026-08-09 with 150 minutes, and its scan. */
static struct prac_record *add_sheet(struct facts *facts, uint8_t last)
{
	struct prac_record *sheet = facts_keep(facts,
		facts_make(facts, &prac_type_time_sheet, last, "placement_id=bb", "student_id=01",
			"school_id=aa", "week_start=2026-08-09", "state=submitted", NULL));

	facts_keep(facts,
		facts_make(facts, &prac_type_time_entry, (uint8_t)(last + 0x20),
			named(facts, "sheet_id", last), "placement_id=bb", "student_id=01",
			"school_id=aa", "elapsed_minutes=150", "work_date=2026-08-11", NULL));
	facts_keep(facts, facts_make(facts, &prac_type_attachment, (uint8_t)(last + 0x40),
				  "record_type=13", named(facts, "record_id", last),
				  "file_name=sheet.pdf", "state=attached", NULL));
	sign_in(facts, TYPIST);
	return sheet;
}

/* As `practicum transcribe` fills it in. */
static struct prac_record *transcribe(
	struct facts *facts, const struct prac_record *sheet, uint8_t last, const char *because)
{
	struct prac_record *transcript =
		facts_make(facts, &prac_type_transcript, last, "state=typed", "record_type=13",
			named(facts, "record_id", sheet->id.b[15]), because, NULL);

	if (because[strlen(because) - 1] == '=') {
		facts_set(facts, transcript, "signer_name=Dana Reyes");
		facts_set(facts, transcript, "signed_on=2026-08-11");
		facts_set(facts, transcript,
			named(facts, "attachment_id", (uint8_t)(sheet->id.b[15] + 0x40)));
	}
	prac_rules_complete(&facts->judgement, NULL, transcript);
	return transcript;
}

static void the_typist_scan_version_and_content_are_filled_in(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	struct prac_record *transcript = transcribe(facts, sheet, 0x81, "because=");
	const struct prac_value *values = transcript->values;
	const struct prac_record *entry = facts->records[1];
	struct prac_digest hash = prac_content_hash(sheet, &entry, 1);

	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_NONE);
	assert_int_equal(values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes.data[15], TYPIST);
	assert_int_equal(values[PRAC_TRANSCRIPT_VERSION].number, 1);
	assert_int_equal(values[PRAC_TRANSCRIPT_STUDENT_ID].bytes.data[15], 0x01);
	assert_int_equal(values[PRAC_TRANSCRIPT_SCHOOL_ID].bytes.data[15], 0xaa);
	assert_memory_equal(values[PRAC_TRANSCRIPT_CONTENT_HASH].bytes.data, hash.b, 32);
	assert_int_equal(
		prac_values_check(transcript->type, values, &facts->judgement.problem), PRAC_OK);
}

static void nobody_types_in_the_name_of_another(void **state)
{
	struct facts *facts = *state;
	struct prac_record *transcript =
		transcribe(facts, add_sheet(facts, SHEET), 0x81, "because=");

	facts_set(facts, transcript, named(facts, "typed_by_id", OTHER));
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Typed by: must be the person who is signed in; leave it out");
}

static void the_scan_is_a_file_of_the_record_that_was_not_withdrawn(void **state)
{
	struct facts *facts = *state;
	struct prac_record *transcript =
		transcribe(facts, add_sheet(facts, SHEET), 0x81, "because=");

	facts_set(facts, facts->records[2], "state=withdrawn");
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Scan: must be a file that is attached to this record (practicum attach) and not "
		"withdrawn");
	facts_set(facts, facts->records[2], "state=attached");
	facts_set(facts, facts->records[2], "record_id=22");
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_INVALID_VALUE);
}

static void a_paper_is_not_signed_in_the_future(void **state)
{
	struct facts *facts = *state;
	struct prac_record *transcript =
		transcribe(facts, add_sheet(facts, SHEET), 0x81, "because=");

	facts_set(facts, transcript, "signed_on=2026-08-12"); /* the clocks of two places */
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_NONE);
	facts_set(facts, transcript, "signed_on=2026-08-13");
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Signed on: is in the future; write the date on the paper");
}

static void approved_hours_are_not_typed_again(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	struct prac_record *transcript = transcribe(facts, sheet, 0x81, "because=");

	facts_set(facts, sheet, "state=approved");
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_LOCKED);
}

static void only_what_is_signed_on_paper_is_transcribed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *transcript;

	add_sheet(facts, SHEET);
	facts_keep(facts, facts_make(facts, &prac_type_placement, 0xbb, "student_id=01",
				  "school_id=aa", NULL));
	transcript =
		facts_make(facts, &prac_type_transcript, 0x81, "record_type=12", "record_id=bb",
			"signer_name=Kim", "signed_on=2026-08-11", "attachment_id=61", NULL);
	transcript->values[PRAC_TRANSCRIPT_RECORD_TYPE].number = PRAC_PLACEMENT;
	prac_rules_complete(&facts->judgement, NULL, transcript);
	assert_int_equal(facts_check(facts, NULL, transcript), PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Record type: only time sheets, evaluations, documents and consents are typed from "
		"paper; attach the scan to other records (practicum attach)");
}

static void a_typing_error_is_mended_by_the_typist_with_a_reason(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	struct prac_record *second;

	facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));
	second = transcribe(facts, sheet, 0x82, "because=Friday is 6 hours");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_NONE);
	assert_int_equal(second->values[PRAC_TRANSCRIPT_VERSION].number, 2);
	assert_int_equal(second->values[PRAC_TRANSCRIPT_ATTACHMENT_ID].bytes.data[15], SCAN);
	facts_set(facts, second, "because=");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Mended because: say what was typed wrong in the version before (because=TEXT)");
	facts_set(facts, second, "because=Friday");
	facts_set(facts, second, "version=3");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Version: must be 2; leave it out");
}

static void another_person_types_anew_once_the_version_is_withdrawn(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	struct prac_record *first = facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));
	struct prac_record *second;

	sign_in(facts, OTHER);
	second = transcribe(facts, sheet, 0x82, "because=Friday");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_NOT_ALLOWED);
	assert_words(facts,
		"Typed by: whoever typed version 1 mends it (or a coordinator withdraws that "
		"version, and you type the paper anew)");
	facts_set(facts, first, "state=withdrawn");
	second = transcribe(facts, sheet, 0x82, "because=");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_NONE);
	assert_int_equal(second->values[PRAC_TRANSCRIPT_VERSION].number, 2);
}

/* ---- the approval */

static const struct prac_value *approve_args(struct facts *facts, const struct prac_record *sheet)
{
	struct prac_value *args =
		facts_args(facts, prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_APPROVE)->args,
			"capacity=transcribed", NULL);
	struct prac_digest hash = prac_typed_content(&facts->judgement, sheet);

	args[PRAC_TIME_SHEET_APPROVE_CONTENT_HASH] = (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(&facts->arena, prac_digest_bytes(&hash)) };
	return args;
}

static enum prac_reason approve(struct facts *facts, struct prac_record *sheet)
{
	return facts_act(facts, sheet, PRAC_TIME_SHEET_DO_APPROVE, approve_args(facts, sheet));
}

static void an_approval_from_paper_rests_on_what_was_typed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	const struct prac_value *values;
	struct prac_record *transcript;

	assert_int_equal(approve(facts, sheet), PRAC_REASON_GUARD);
	transcript = facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));
	assert_int_equal(approve(facts, sheet), PRAC_REASON_NONE);
	values = facts->judgement.effects[0]->values;
	assert_memory_equal(values[PRAC_APPROVAL_APPROVER_NAME].bytes.data, "Dana Reyes", 10);
	assert_memory_equal(values[PRAC_APPROVAL_CONTENT_HASH].bytes.data,
		transcript->values[PRAC_TRANSCRIPT_CONTENT_HASH].bytes.data, 32);
	assert_memory_equal(values[PRAC_APPROVAL_EVIDENCE].bytes.data,
		"transcript 00000000-0000-7000-8000-000000000081 with its scan", 61);

	facts_set(facts, facts->records[1], "elapsed_minutes=151");
	assert_int_equal(approve(facts, sheet), PRAC_REASON_CONTENT_CHANGED);
	assert_words(facts,
		"the hours are no longer those that were typed from the paper (whoever typed "
		"them transcribes them again with because=TEXT)");
}

static void what_is_disputed_is_not_approved(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);

	facts_set(facts, facts_keep(facts, transcribe(facts, sheet, 0x81, "because=")),
		"state=disputed");
	assert_int_equal(approve(facts, sheet), PRAC_REASON_GUARD);
	facts_keep(facts, transcribe(facts, sheet, 0x82, "because=Friday"));
	assert_int_equal(approve(facts, sheet), PRAC_REASON_NONE);
}

/* ---- the sample */

static bool is_sampled(const char *seed, int32_t share, uint8_t last)
{
	struct prac_id id = { { [6] = 0x70, [8] = 0x80, [15] = last } };

	return prac_typed_is_sampled(seed, share, &id);
}

/* The numbers drawn were worked out apart, by Python's hashlib. */
static void the_sample_follows_from_seed_and_id(void **state)
{
	(void)state;
	assert_true(is_sampled("practicum", 5, 0x33));  /* draws 3 */
	assert_true(is_sampled("practicum", 5, 0xd5));  /* 4 */
	assert_false(is_sampled("practicum", 5, 0x29)); /* 5 */
	assert_false(is_sampled("practicum", 5, 0x21)); /* 45 */
	assert_true(is_sampled("practicum", 46, 0x21));
	assert_false(is_sampled("practicum", 45, 0x21));
	assert_true(is_sampled("oak-2026", 5, 0x13)); /* 0 */
	assert_false(is_sampled("oak-2026", 5, 0x33));
	assert_false(is_sampled("oak-2026", 0, 0x13));
}

static void about_five_in_a_hundred_are_sampled(void **state)
{
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		struct prac_id id = { { [12] = (uint8_t)(i >> 24),
			[13] = (uint8_t)(i >> 16),
			[14] = (uint8_t)(i >> 8),
			[15] = (uint8_t)i } };

		n += prac_typed_is_sampled("practicum", 5, &id) ? 1 : 0;
	}
	assert_int_equal(n, 997);
}

/* The id ending in 2b draws 0 by the school ending in aa, 54 by the one in ab; 21 draws 9 by aa. */
static void without_a_seed_each_school_draws_by_its_own_id(void **state)
{
	struct facts *facts = *state;
	struct prac_policy policy = prac_statute_policy(&facts->judgement, "documents");
	struct prac_record *sheet = add_sheet(facts, SAMPLED);
	struct prac_record *transcript = transcribe(facts, sheet, 0x81, "because=");

	assert_int_equal(prac_typed_waits(&policy, sheet, transcript), PRAC_TYPED_WAITS_CHECK);
	facts_set(facts, sheet, "school_id=ab");
	assert_int_equal(prac_typed_waits(&policy, sheet, transcript), PRAC_TYPED_WAITS_NOT);
}

static void evaluations_documents_and_consents_are_sampled_like_hours(void **state)
{
	struct facts *facts = *state;
	struct prac_policy policy = prac_statute_policy(&facts->judgement, "documents");
	const struct prac_type *const types[] = { &prac_type_evaluation, &prac_type_document,
		&prac_type_consent };
	struct prac_record *transcript = facts_make(
		facts, &prac_type_transcript, 0x81, "state=typed", "signed_on=2026-08-11", NULL);

	for (size_t i = 0; i < PRAC_NELEM(types); i++) {
		assert_int_equal(prac_typed_waits(&policy,
					 facts_make(facts, types[i], SAMPLED, "school_id=aa", NULL),
					 transcript),
			PRAC_TYPED_WAITS_CHECK);
		assert_int_equal(prac_typed_waits(&policy,
					 facts_make(facts, types[i], SHEET, "school_id=aa", NULL),
					 transcript),
			PRAC_TYPED_WAITS_NOT);
	}
}

static enum prac_reason may(struct facts *facts, struct prac_record *record, uint32_t action)
{
	return prac_guards_check(&facts->judgement, prac_action_find(record->type, action), record);
}

static void nobody_checks_what_they_typed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *transcript =
		facts_keep(facts, transcribe(facts, add_sheet(facts, SAMPLED), 0x81, "because="));

	assert_int_equal(may(facts, transcript, PRAC_TRANSCRIPT_DO_CONFIRM), PRAC_REASON_GUARD);
	assert_words(facts,
		"Confirm: not yet: whoever typed it does not check it (ask a second person)");
	assert_int_equal(may(facts, transcript, PRAC_TRANSCRIPT_DO_DISPUTE), PRAC_REASON_GUARD);
	sign_in(facts, OTHER);
	assert_int_equal(may(facts, transcript, PRAC_TRANSCRIPT_DO_CONFIRM), PRAC_REASON_NONE);
	assert_int_equal(
		facts_act(facts, transcript, PRAC_TRANSCRIPT_DO_CONFIRM, NULL), PRAC_REASON_NONE);
	assert_int_equal(transcript->values[PRAC_TRANSCRIPT_CHECKED_BY_ID].bytes.data[15], OTHER);
	assert_int_equal(transcript->values[PRAC_TRANSCRIPT_CHECKED_ON].number, 20676);
}

static void what_is_confirmed_is_the_last_version_as_it_was_typed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SAMPLED);
	struct prac_record *first = facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));

	sign_in(facts, OTHER);
	facts_set(facts, facts->records[1], "elapsed_minutes=151");
	assert_int_equal(may(facts, first, PRAC_TRANSCRIPT_DO_CONFIRM), PRAC_REASON_GUARD);
	assert_int_equal(may(facts, first, PRAC_TRANSCRIPT_DO_DISPUTE), PRAC_REASON_NONE);
	sign_in(facts, TYPIST);
	facts_keep(facts, transcribe(facts, sheet, 0x82, "because=one more minute"));
	sign_in(facts, OTHER);
	assert_int_equal(may(facts, first, PRAC_TRANSCRIPT_DO_DISPUTE), PRAC_REASON_GUARD);
	assert_words(facts, "Dispute: not yet: version 2 was typed since (check that one)");
}

/* ---- the close of a period */

static struct prac_record *add_period(struct facts *facts, const char *total)
{
	return facts_make(facts, &prac_type_period_close, 0x31, "school_id=aa",
		"starts_on=2026-08-09", "ends_on=2026-09-12", "state=closing", "n_sheets=1", total,
		NULL);
}

static void a_period_closes_with_the_totals_of_its_approved_sheets(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);
	struct prac_record *period = add_period(facts, "total_minutes=150");
	const struct prac_value *values = period->values;

	facts_set(facts, sheet, "state=approved");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_NONE);
	assert_int_equal(
		facts_act(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE, NULL), PRAC_REASON_NONE);
	assert_int_equal(values[PRAC_PERIOD_CLOSE_COUNTED_MINUTES].number, 150);
	assert_int_equal(values[PRAC_PERIOD_CLOSE_COUNTED_SHEETS].number, 1);
	/* sha256 of the sheet's 16 bytes and "150", by Python's hashlib */
	assert_memory_equal(values[PRAC_PERIOD_CLOSE_CONTENT_HASH].bytes.data,
		"\x7b\x07\x66\x3c\xc3\xd2\x87\x5e", 8);

	/* A sheet of another week, and one that waits, do not count. */
	facts_set(facts, sheet, "week_start=2026-09-13");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
	facts_set(facts, sheet, "week_start=2026-08-09");
	facts_set(facts, sheet, "state=submitted");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
}

static void a_difference_of_the_totals_is_explained(void **state)
{
	struct facts *facts = *state;
	struct prac_record *period = add_period(facts, "total_minutes=160");

	facts_set(facts, add_sheet(facts, SHEET), "state=approved");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
	assert_words(facts,
		"Close: not yet: the totals entered are not those of the approved sheets, 2h30m on 1 "
		"sheets (enter these, or say with difference=TEXT why they differ)");
	facts_set(facts, period, "difference=ten minutes of the fair");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_NONE);
	assert_int_equal(
		facts_act(facts, period, PRAC_PERIOD_CLOSE_DO_REOPEN, NULL), PRAC_REASON_NONE);
	assert_false(period->values[PRAC_PERIOD_CLOSE_DIFFERENCE].has);
}

static void a_correction_and_posted_adjustments_count_in_the_totals(void **state)
{
	struct facts *facts = *state;
	struct prac_record *period = add_period(facts, "total_minutes=120");
	struct prac_record *adjustment;

	facts_set(facts, add_sheet(facts, SHEET), "state=approved");
	facts_keep(facts, facts_make(facts, &prac_type_time_sheet, 0x22, "placement_id=bb",
				  "student_id=01", "school_id=aa", "week_start=2026-08-09",
				  "amends_id=21", "amendment_no=1", "state=approved", NULL));
	facts_keep(
		facts, facts_make(facts, &prac_type_time_entry, 0x42, "sheet_id=22", "school_id=aa",
			       "elapsed_minutes=90", "work_date=2026-08-11", NULL));
	adjustment = facts_keep(
		facts, facts_make(facts, &prac_type_adjustment, 0x51, "entry_id=42", "school_id=aa",
			       "delta_minutes=30", "state=posted", NULL));
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_NONE);
	facts_set(facts, adjustment, "state=approved"); /* not posted yet */
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
	facts_set(facts, period, "total_minutes=90");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_NONE);
}

static void an_unchecked_sample_holds_up_the_close(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SAMPLED);
	struct prac_record *period = add_period(facts, "total_minutes=150");
	struct prac_record *transcript =
		facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));

	facts_set(facts, sheet, "state=approved");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
	assert_words(facts,
		"Close: not yet: time sheets typed from paper that a second person has to check: 1 "
		"(practicum exceptions lists them)");
	facts_set(facts, transcript, "state=confirmed");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_NONE);
	facts_set(facts, transcript, "state=disputed");
	assert_int_equal(may(facts, period, PRAC_PERIOD_CLOSE_DO_CLOSE), PRAC_REASON_GUARD);
	assert_words(facts,
		"Close: not yet: time sheets typed from paper that are disputed: 1 (whoever typed "
		"them mends them)");
}

static void a_sheet_outside_the_sample_holds_up_nothing(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts, SHEET);

	facts_keep(facts, transcribe(facts, sheet, 0x81, "because="));
	facts_set(facts, sheet, "state=approved");
	assert_int_equal(
		may(facts, add_period(facts, "total_minutes=150"), PRAC_PERIOD_CLOSE_DO_CLOSE),
		PRAC_REASON_NONE);
}

static void a_period_is_at_most_a_school_year(void **state)
{
	struct facts *facts = *state;
	struct prac_record *period = add_period(facts, "total_minutes=0");

	assert_int_equal(facts_check(facts, NULL, period), PRAC_REASON_NONE);
	facts_set(facts, period, "ends_on=2027-08-23"); /* 379 days */
	assert_int_equal(facts_check(facts, NULL, period), PRAC_REASON_NONE);
	facts_set(facts, period, "ends_on=2027-08-24");
	assert_int_equal(facts_check(facts, NULL, period), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, period, "ends_on=2026-08-08");
	assert_int_equal(facts_check(facts, NULL, period), PRAC_REASON_INVALID_VALUE);
}

/* ---- hours in a closed period */

static void whoever_entered_an_adjustment_does_not_approve_it(void **state)
{
	struct facts *facts = *state;
	struct prac_record *adjustment =
		facts_make(facts, &prac_type_adjustment, 0x51, "entry_id=41", "school_id=aa",
			"delta_minutes=30", "requested_by_id=71", "approved_by_id=72", NULL);

	sign_in(facts, TYPIST);
	prac_rules_complete(&facts->judgement, NULL, adjustment);
	assert_int_equal(facts_check(facts, NULL, adjustment), PRAC_REASON_NONE);
	assert_int_equal(may(facts, adjustment, PRAC_ADJUSTMENT_DO_APPROVE), PRAC_REASON_GUARD);
	assert_words(facts,
		"Approve: not yet: whoever entered it does not approve it (a second person signs in "
		"and does)");
	sign_in(facts, OTHER);
	assert_int_equal(may(facts, adjustment, PRAC_ADJUSTMENT_DO_APPROVE), PRAC_REASON_NONE);
	facts_set(facts, adjustment, "approved_by_id=71");
	assert_int_equal(may(facts, adjustment, PRAC_ADJUSTMENT_DO_APPROVE), PRAC_REASON_GUARD);
	facts_set(facts, adjustment, "entered_by_id=71");
	assert_int_equal(facts_check(facts, NULL, adjustment), PRAC_REASON_INVALID_VALUE);
}

#define FACTS_TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACTS_TEST(the_typist_scan_version_and_content_are_filled_in),
		FACTS_TEST(nobody_types_in_the_name_of_another),
		FACTS_TEST(the_scan_is_a_file_of_the_record_that_was_not_withdrawn),
		FACTS_TEST(a_paper_is_not_signed_in_the_future),
		FACTS_TEST(approved_hours_are_not_typed_again),
		FACTS_TEST(only_what_is_signed_on_paper_is_transcribed),
		FACTS_TEST(a_typing_error_is_mended_by_the_typist_with_a_reason),
		FACTS_TEST(another_person_types_anew_once_the_version_is_withdrawn),
		FACTS_TEST(an_approval_from_paper_rests_on_what_was_typed),
		FACTS_TEST(what_is_disputed_is_not_approved),
		FACTS_TEST(the_sample_follows_from_seed_and_id),
		FACTS_TEST(about_five_in_a_hundred_are_sampled),
		FACTS_TEST(without_a_seed_each_school_draws_by_its_own_id),
		FACTS_TEST(evaluations_documents_and_consents_are_sampled_like_hours),
		FACTS_TEST(nobody_checks_what_they_typed),
		FACTS_TEST(what_is_confirmed_is_the_last_version_as_it_was_typed),
		FACTS_TEST(a_period_closes_with_the_totals_of_its_approved_sheets),
		FACTS_TEST(a_difference_of_the_totals_is_explained),
		FACTS_TEST(a_correction_and_posted_adjustments_count_in_the_totals),
		FACTS_TEST(an_unchecked_sample_holds_up_the_close),
		FACTS_TEST(a_sheet_outside_the_sample_holds_up_nothing),
		FACTS_TEST(a_period_is_at_most_a_school_year),
		FACTS_TEST(whoever_entered_an_adjustment_does_not_approve_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
