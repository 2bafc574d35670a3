#include "common/rules/typed.h"

#include <string.h>

#include "catalog/types.h"

const struct prac_record *prac_typed_last(
	const struct prac_judgement *judgement, const struct prac_id *record)
{
	const struct prac_record *const *versions;
	const struct prac_record *last = NULL;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_TRANSCRIPT,
		PRAC_TRANSCRIPT_RECORD_ID_NO, record, &versions);

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = versions[i]->values;

		if (values[PRAC_TRANSCRIPT_STATE].number != PRAC_TRANSCRIPT_STATE_WITHDRAWN &&
			(last == NULL || values[PRAC_TRANSCRIPT_VERSION].number >
						 last->values[PRAC_TRANSCRIPT_VERSION].number)) {
			last = versions[i];
		}
	}
	return last;
}

struct prac_digest prac_typed_content(
	const struct prac_judgement *judgement, const struct prac_record *sheet)
{
	const struct prac_record *const *entries;
	size_t n_entries = judgement->facts->children(judgement->facts->ctx, PRAC_TIME_ENTRY,
		PRAC_TIME_ENTRY_SHEET_ID_NO, &sheet->id, &entries);

	return prac_content_hash(sheet, entries, n_entries);
}

bool prac_typed_is_sampled(const char *seed, int32_t share, const struct prac_id *record)
{
	const struct prac_bytes parts[] = { prac_bytes_text(seed), prac_id_bytes(record) };
	struct prac_digest digest = prac_sha256_parts(parts, PRAC_NELEM(parts));
	uint64_t drawn = 0;

	for (size_t i = 0; i < sizeof(drawn); i++) {
		drawn = drawn << 8 | digest.b[i];
	}
	return (int32_t)(drawn % 100) < share;
}

static int32_t day_of(const struct prac_record *record, const struct prac_record *last)
{
	return (int32_t)(record->type == &prac_type_time_sheet
				 ? record->values[PRAC_TIME_SHEET_WEEK_START].number
				 : last->values[PRAC_TRANSCRIPT_SIGNED_ON].number);
}

/*
 * By the row `sample` of the domain `documents` in force on the Sunday of a sheet, on the day on which another
 * paper was signed. A row without a seed takes the text of the id of the record's school. last: the version
 * that counts.
 */
static bool is_in_sample(const struct prac_policy *policy, const struct prac_record *record,
	const struct prac_record *last)
{
	const struct prac_law_row *row = prac_policy_row(policy, "sample", day_of(record, last));
	const struct prac_field *field = prac_field_find_name(record->type, "school_id");
	const char *seed = row != NULL ? prac_law_key(row, "seed") : NULL;
	char school[PRAC_ID_TEXT] = "";
	struct prac_id id;

	if (row == NULL) {
		return false;
	}
	if (seed == NULL && field != NULL &&
		prac_id_from_bytes(record->values[field->index].bytes, &id) == PRAC_OK) {
		prac_id_format(&id, school);
	}
	return prac_typed_is_sampled(
		seed != NULL ? seed : school, prac_policy_number(row, "share", 0), &record->id);
}

enum prac_typed_wait prac_typed_waits(const struct prac_policy *policy,
	const struct prac_record *record, const struct prac_record *last)
{
	int64_t state = last == NULL ? 0 : last->values[PRAC_TRANSCRIPT_STATE].number;

	if (state == PRAC_TRANSCRIPT_STATE_DISPUTED) {
		return PRAC_TYPED_WAITS_MEND;
	}
	return state == PRAC_TRANSCRIPT_STATE_TYPED && is_in_sample(policy, record, last)
		       ? PRAC_TYPED_WAITS_CHECK
		       : PRAC_TYPED_WAITS_NOT;
}
