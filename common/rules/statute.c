#include "common/rules/statute.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/buf.h"

static const char *text_of(
	const struct prac_record *record, uint16_t index, struct prac_arena *arena)
{
	const struct prac_value *value = &record->values[index];

	return value->has ? prac_arena_text(arena, value->bytes) : "";
}

enum prac_status prac_statute_read(const struct prac_record *record, struct prac_arena *arena,
	struct prac_law_set *set_out, const char **error_out)
{
	const struct prac_value *values = record->values;
	const struct prac_enum_value *domain = prac_enum_find(
		&record->type->fields[PRAC_RULE_SET_DOMAIN], values[PRAC_RULE_SET_DOMAIN].number);
	struct prac_bytes rest = values[PRAC_RULE_SET_PARAMETERS].bytes, item;

	*set_out = (struct prac_law_set){
		.domain = domain == NULL ? "" : domain->name,
		.jurisdiction = text_of(record, PRAC_RULE_SET_JURISDICTION, arena),
		.source = text_of(record, PRAC_RULE_SET_SOURCE, arena),
		.version = (int32_t)values[PRAC_RULE_SET_VERSION].number,
		.starts_on = (int32_t)values[PRAC_RULE_SET_STARTS_ON].number,
		.ends_on = values[PRAC_RULE_SET_ENDS_ON].has
				   ? (int32_t)values[PRAC_RULE_SET_ENDS_ON].number
				   : PRAC_LAW_OPEN_END,
		.rows = prac_arena_alloc(arena, PRAC_LAW_ROWS_MAX * sizeof(*set_out->rows)),
	};
	while (values[PRAC_RULE_SET_PARAMETERS].has && prac_list_next(&rest, &item)) {
		if (set_out->n_rows == PRAC_LAW_ROWS_MAX) {
			*error_out = prac_arena_printf(
				arena, "a set has at most %d rows", PRAC_LAW_ROWS_MAX);
			return PRAC_INVALID_ARGUMENT;
		}
		if (prac_law_row_read(item, arena, &set_out->rows[set_out->n_rows++], error_out) !=
			PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
	}
	return PRAC_OK;
}

static bool holds(const struct prac_record *record)
{
	return record->values[PRAC_RULE_SET_STATE].number != PRAC_RULE_SET_STATE_DRAFT;
}

/* Sets that are not readable, from a program with rules that this one does not know, are left out. */
static struct prac_law_book make_book(
	const struct prac_record *const *records, size_t n, struct prac_arena *arena)
{
	struct prac_law_set *own = prac_arena_alloc(arena, (n + 1) * sizeof(*own));
	const char *error;
	size_t n_own = 0;

	for (size_t i = 0; i < n; i++) {
		if (holds(records[i]) &&
			prac_statute_read(records[i], arena, &own[n_own], &error) == PRAC_OK &&
			prac_law_set_flaw(&own[n_own], arena) == NULL) {
			n_own++;
		}
	}
	return prac_law_book_make(own, n_own, arena);
}

/* All that the law depends on, so that it is made ready once for as long as nothing of it changes. */
static void put_key(const struct prac_record *const *records, size_t n, struct prac_buf *key)
{
	static const uint16_t numbers[] = { PRAC_RULE_SET_DOMAIN, PRAC_RULE_SET_VERSION,
		PRAC_RULE_SET_STARTS_ON, PRAC_RULE_SET_ENDS_ON };
	static const uint16_t texts[] = { PRAC_RULE_SET_JURISDICTION, PRAC_RULE_SET_PARAMETERS };

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = records[i]->values;

		for (size_t k = 0; holds(records[i]) && k < PRAC_NELEM(numbers); k++) {
			prac_buf_append(key, &values[numbers[k]].has, sizeof(bool));
			prac_buf_append(key, &values[numbers[k]].number, sizeof(int64_t));
		}
		for (size_t k = 0; holds(records[i]) && k < PRAC_NELEM(texts); k++) {
			const struct prac_bytes bytes = values[texts[k]].bytes;

			prac_buf_append(key, &bytes.len, sizeof(bytes.len));
			prac_buf_append(key, bytes.data, bytes.len);
		}
	}
}

const struct prac_labor_law *prac_statute_labor(const struct prac_judgement *judgement)
{
	static struct prac_arena arena;
	static struct prac_buf known;
	static const struct prac_labor_law *law;
	const struct prac_record *const *records;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &records);
	struct prac_buf key = { 0 };

	put_key(records, n, &key);
	if (law == NULL || !prac_bytes_equal(prac_buf_bytes(&key), prac_buf_bytes(&known))) {
		struct prac_law_book book;

		prac_arena_reset(&arena);
		book = make_book(records, n, &arena);
		law = prac_law_book_labor(&book, &arena);
		prac_buf_clear(&known);
		prac_buf_append(&known, prac_buf_bytes(&key).data, prac_buf_bytes(&key).len);
		/* Rows borrow the records' bytes no longer: reading copied them. */
	}
	prac_buf_deinit(&key);
	return law;
}

struct prac_law_book prac_statute_book(const struct prac_judgement *judgement)
{
	const struct prac_record *const *records;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &records);

	return make_book(records, n, judgement->arena);
}

struct prac_policy prac_statute_policy(const struct prac_judgement *judgement, const char *domain)
{
	struct prac_law_book book = prac_statute_book(judgement);

	return prac_law_book_policy(&book, domain, judgement->arena);
}
