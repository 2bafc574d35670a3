#include "common/rules/counted.h"

#include <stdlib.h>

#include "catalog/types.h"

struct prac_counted_list prac_counted_children(const struct prac_judgement *judgement,
	const struct prac_value *parent, uint32_t type, uint32_t field)
{
	struct prac_counted_list list = { 0 };
	struct prac_id id;

	if (prac_id_from_bytes(parent->bytes, &id) == PRAC_OK) {
		list.n = judgement->facts->children(
			judgement->facts->ctx, type, field, &id, &list.records);
	}
	return list;
}

static int compare(const void *key, const void *item)
{
	return prac_id_compare(key, &(*(const struct prac_record *const *)item)->id);
}

/* Where the reference leads in the list; -1: not to one of it. */
static ptrdiff_t find_place(
	const struct prac_counted_list *list, const struct prac_value *reference)
{
	const struct prac_record *const *found;
	struct prac_id id;

	if (list->n == 0 || !reference->has ||
		prac_id_from_bytes(reference->bytes, &id) != PRAC_OK) {
		return -1;
	}
	found = bsearch(&id, list->records, list->n, sizeof(struct prac_record *), compare);
	return found == NULL ? -1 : found - list->records;
}

static bool is_approved(const struct prac_record *sheet)
{
	return sheet->values[PRAC_TIME_SHEET_STATE].number == PRAC_TIME_SHEET_STATE_APPROVED;
}

struct prac_counted prac_counted_make(const struct prac_judgement *judgement,
	struct prac_counted_list sheets, struct prac_counted_list entries,
	struct prac_counted_list adjustments)
{
	struct prac_counted counted = { .sheets = sheets,
		.entries = entries,
		.adjustments = adjustments,
		.counts = prac_arena_alloc(judgement->arena, (sheets.n + 1) * sizeof(bool)) };

	for (size_t i = 0; i < sheets.n; i++) {
		counted.counts[i] = is_approved(sheets.records[i]);
	}
	for (size_t i = 0; i < sheets.n; i++) {
		ptrdiff_t amended =
			find_place(&sheets, &sheets.records[i]->values[PRAC_TIME_SHEET_AMENDS_ID]);

		if (amended >= 0 && is_approved(sheets.records[i])) {
			counted.counts[amended] = false;
		}
	}
	return counted;
}

static bool counts(const struct prac_counted *counted, const struct prac_record *entry,
	int64_t first, int64_t last)
{
	ptrdiff_t sheet = find_place(&counted->sheets, &entry->values[PRAC_TIME_ENTRY_SHEET_ID]);
	int64_t day = entry->values[PRAC_TIME_ENTRY_WORK_DATE].number;

	return sheet >= 0 && counted->counts[sheet] && day >= first && day <= last;
}

int64_t prac_counted_minutes(const struct prac_counted *counted, int64_t first, int64_t last)
{
	int64_t minutes = 0;

	for (size_t i = 0; i < counted->entries.n; i++) {
		const struct prac_record *entry = counted->entries.records[i];

		minutes += counts(counted, entry, first, last)
				   ? entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number
				   : 0;
	}
	for (size_t i = 0; i < counted->adjustments.n; i++) {
		const struct prac_value *values = counted->adjustments.records[i]->values;
		ptrdiff_t entry = find_place(&counted->entries, &values[PRAC_ADJUSTMENT_ENTRY_ID]);

		if (entry >= 0 &&
			values[PRAC_ADJUSTMENT_STATE].number == PRAC_ADJUSTMENT_STATE_POSTED &&
			counts(counted, counted->entries.records[entry], first, last)) {
			minutes += values[PRAC_ADJUSTMENT_DELTA_MINUTES].number;
		}
	}
	return minutes;
}
