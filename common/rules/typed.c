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

bool prac_typed_is_sampled(const char *seed, int32_t share, const struct prac_id *sheet)
{
	const struct prac_bytes parts[] = { prac_bytes_text(seed), prac_id_bytes(sheet) };
	struct prac_digest digest = prac_sha256_parts(parts, PRAC_NELEM(parts));
	uint64_t drawn = 0;

	for (size_t i = 0; i < sizeof(drawn); i++) {
		drawn = drawn << 8 | digest.b[i];
	}
	return (int32_t)(drawn % 100) < share;
}

bool prac_typed_is_in_sample(const struct prac_policy *policy, const struct prac_record *sheet)
{
	const struct prac_law_row *row = prac_policy_row(
		policy, "sample", (int32_t)sheet->values[PRAC_TIME_SHEET_WEEK_START].number);

	return row != NULL && prac_typed_is_sampled(prac_law_key(row, "seed"),
				      prac_policy_number(row, "share", 0), &sheet->id);
}

enum prac_typed_wait prac_typed_waits(const struct prac_policy *policy,
	const struct prac_record *sheet, const struct prac_record *last)
{
	int64_t state = last == NULL ? 0 : last->values[PRAC_TRANSCRIPT_STATE].number;

	if (state == PRAC_TRANSCRIPT_STATE_DISPUTED) {
		return PRAC_TYPED_WAITS_MEND;
	}
	return state == PRAC_TRANSCRIPT_STATE_TYPED && prac_typed_is_in_sample(policy, sheet)
		       ? PRAC_TYPED_WAITS_CHECK
		       : PRAC_TYPED_WAITS_NOT;
}
