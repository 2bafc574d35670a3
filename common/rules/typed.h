/*
 * Records that were typed from a signed paper (transcript): the version that counts, and which of them a
 * second person compares with the scan.
 */
#pragma once

#include "common/rules/rules.h"
#include "common/rules/statute.h"

/* The version that counts of what was typed into the record; NULL: it was not typed from a paper. */
const struct prac_record *prac_typed_last(
	const struct prac_judgement *judgement, const struct prac_id *record);

/* The hash that an approval of the sheet names now. */
struct prac_digest prac_typed_content(
	const struct prac_judgement *judgement, const struct prac_record *sheet);

/*
 * Does the record go to a second person? The first 8 bytes of SHA-256 over the seed and the id's 16
 * bytes, as a number, modulo 100 are below share, a percentage: known in advance to nobody who does
 * not know the id, the same at every station, and stored nowhere.
 */
bool prac_typed_is_sampled(const char *seed, int32_t share, const struct prac_id *record);

/* What a typed record waits for. */
enum prac_typed_wait {
	PRAC_TYPED_WAITS_NOT,
	PRAC_TYPED_WAITS_CHECK, /* it is in the sample and no second person has looked */
	PRAC_TYPED_WAITS_MEND   /* a second person disputes it */
};

/* last: as prac_typed_last() has it for the record; may be NULL. */
enum prac_typed_wait prac_typed_waits(const struct prac_policy *policy,
	const struct prac_record *record, const struct prac_record *last);
