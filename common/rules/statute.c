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

/* What the programs judge by, made ready once for as long as no rule set changes. */
struct statute {
	struct prac_arena arena;
	struct prac_buf key;
	struct prac_law_book book;
	const struct prac_labor_law *labor; /* NULL: nothing is made yet */
};

static const struct statute *statute_of(const struct prac_judgement *judgement)
{
	static struct statute statute;
	const struct prac_record *const *records;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &records);
	struct prac_buf key = { 0 };

	put_key(records, n, &key);
	if (statute.labor == NULL ||
		!prac_bytes_equal(prac_buf_bytes(&key), prac_buf_bytes(&statute.key))) {
		prac_arena_reset(&statute.arena);
		/* Rows borrow the records' bytes no longer: reading copied them. */
		statute.book = make_book(records, n, &statute.arena);
		statute.labor = prac_law_book_labor(&statute.book, &statute.arena);
		prac_buf_clear(&statute.key);
		prac_buf_append(&statute.key, prac_buf_bytes(&key).data, prac_buf_bytes(&key).len);
	}
	prac_buf_deinit(&key);
	return &statute;
}

const struct prac_labor_law *prac_statute_labor(const struct prac_judgement *judgement)
{
	return statute_of(judgement)->labor;
}

struct prac_law_book prac_statute_book(const struct prac_judgement *judgement)
{
	return statute_of(judgement)->book;
}

struct prac_policy prac_statute_policy(const struct prac_judgement *judgement, const char *domain)
{
	return prac_law_book_policy(&statute_of(judgement)->book, domain, judgement->arena);
}

const struct prac_record *prac_statute_activity(
	const struct prac_judgement *judgement, const struct prac_record *placement)
{
	return prac_facts_follow(judgement, placement, PRAC_PLACEMENT_ACTIVITY_TYPE_ID);
}

struct prac_policy_case prac_statute_case(
	const struct prac_judgement *judgement, const struct prac_record *placement)
{
	const struct prac_enum_value *kind =
		prac_enum_find(&placement->type->fields[PRAC_PLACEMENT_KIND],
			placement->values[PRAC_PLACEMENT_KIND].number);
	const struct prac_record *activity = prac_statute_activity(judgement, placement);

	return (struct prac_policy_case){
		.kind = kind == NULL ? NULL : kind->name,
		.activity = activity == NULL
				    ? NULL
				    : text_of(activity, PRAC_ACTIVITY_TYPE_CODE, judgement->arena),
	};
}

/* Which enumeration of the catalog the values of a key are names of. */
static const struct prac_field *names_of(const char *key)
{
	static const struct {
		const char *key;
		const struct prac_type *type;
		uint16_t field;
	} known[] = {
		{ "kind", &prac_type_placement, PRAC_PLACEMENT_KIND },
		{ "except", &prac_type_placement, PRAC_PLACEMENT_KIND },
		{ "paper", &prac_type_document, PRAC_DOCUMENT_KIND },
	};

	for (size_t i = 0; i < PRAC_NELEM(known); i++) {
		if (strcmp(known[i].key, key) == 0) {
			return &known[i].type->fields[known[i].field];
		}
	}
	return NULL;
}

static bool is_named(const struct prac_field *field, const char *name)
{
	bool is_known = field == NULL;

	for (size_t i = 0; !is_known && i < field->n_values; i++) {
		is_known = strcmp(field->values[i].name, name) == 0;
	}
	return is_known;
}

static const char *row_flaw(const struct prac_law_row *row, struct prac_arena *arena)
{
	for (size_t i = 0; i < row->n_keys; i++) {
		const struct prac_law_key *key = &row->keys[i];

		if (!is_named(names_of(key->name), key->value)) {
			return prac_arena_printf(arena,
				"%s: \"%s:%s\" is no name that is known; practicum describe %s "
				"lists them",
				row->id, key->name, key->value,
				strcmp(key->name, "paper") == 0 ? "document" : "placement");
		}
	}
	return NULL;
}

const char *prac_statute_flaw(const struct prac_law_set *set, struct prac_arena *arena)
{
	const char *flaw = prac_law_set_flaw(set, arena);
	bool has_names = strcmp(set->domain, "labor") != 0;

	for (size_t i = 0; has_names && flaw == NULL && i < set->n_rows; i++) {
		flaw = row_flaw(&set->rows[i], arena);
	}
	return flaw;
}
