#include "common/rules/paper.h"

#include <string.h>

#include "catalog/types.h"
#include "common/law/labor.h"

struct asking {
	const struct prac_judgement *judgement;
	const struct prac_record *placement;
	const struct prac_record *activity; /* NULL: it names none */
	enum prac_gate gate;
	int32_t age; /* -1: not known */
	const struct prac_record *const *types;
	size_t n_types;
	struct prac_paper *papers;
	size_t n;
};

int32_t prac_age_on(const struct prac_record *student, int32_t day)
{
	const struct prac_value *birth_date =
		student != NULL ? &student->values[PRAC_STUDENT_BIRTH_DATE] : NULL;

	return birth_date != NULL && birth_date->has
		       ? prac_labor_age((int32_t)birth_date->number, day)
		       : -1;
}

bool prac_is_paid(const struct prac_record *placement)
{
	return placement->values[PRAC_PLACEMENT_PAY].has &&
	       placement->values[PRAC_PLACEMENT_PAY].number != PRAC_PLACEMENT_PAY_UNPAID;
}

static bool is_under(const struct asking *asking, int32_t age)
{
	return asking->age < 0 || asking->age < age;
}

/* ---- the district's document types */

/* The activity type lists the codes of what it needs; else the paper lists kinds of work. */
static bool is_for_work(const struct asking *asking, const struct prac_record *type)
{
	const struct prac_value *kinds = &type->values[PRAC_DOCUMENT_TYPE_APPLIES_TO_KINDS];
	const struct prac_enum_value *kind =
		prac_enum_find(&asking->placement->type->fields[PRAC_PLACEMENT_KIND],
			asking->placement->values[PRAC_PLACEMENT_KIND].number);

	if (asking->activity != NULL &&
		asking->activity->values[PRAC_ACTIVITY_TYPE_DOCUMENTS].bytes.len > 0) {
		return prac_list_has(asking->activity->values[PRAC_ACTIVITY_TYPE_DOCUMENTS].bytes,
			type->values[PRAC_DOCUMENT_TYPE_CODE].bytes);
	}
	return kinds->bytes.len == 0 ||
	       (kind != NULL && prac_list_has(kinds->bytes, prac_bytes_text(kind->name)));
}

static bool is_type_for_pay(const struct asking *asking, const struct prac_record *type)
{
	switch (type->values[PRAC_DOCUMENT_TYPE_APPLIES_TO_PAY].number) {
	case PRAC_DOCUMENT_TYPE_APPLIES_TO_PAY_PAID:
		return prac_is_paid(asking->placement);
	case PRAC_DOCUMENT_TYPE_APPLIES_TO_PAY_UNPAID:
		return !prac_is_paid(asking->placement);
	default:
		return true;
	}
}

static bool is_type_at_gate(const struct asking *asking, const struct prac_record *type)
{
	int64_t gate = type->values[PRAC_DOCUMENT_TYPE_GATE].number;

	if (asking->gate == PRAC_GATE_CLOSE) {
		return gate == PRAC_DOCUMENT_TYPE_GATE_CLOSE;
	}
	return (gate == PRAC_DOCUMENT_TYPE_GATE_START ||
		       gate == PRAC_DOCUMENT_TYPE_GATE_EACH_DAY) &&
	       (asking->gate == PRAC_GATE_READY || type->values[PRAC_DOCUMENT_TYPE_LAPSE].number ==
							   PRAC_DOCUMENT_TYPE_LAPSE_SUSPENDS);
}

static bool is_in_use(const struct prac_record *type)
{
	return type->values[PRAC_DOCUMENT_TYPE_STATE].number == PRAC_DOCUMENT_TYPE_STATE_IN_USE;
}

static bool is_type_asked(const struct asking *asking, const struct prac_record *type)
{
	const struct prac_value *under = &type->values[PRAC_DOCUMENT_TYPE_UNDER_AGE];

	return is_in_use(type) && is_type_at_gate(asking, type) &&
	       (!under->has || is_under(asking, (int32_t)under->number)) &&
	       is_for_work(asking, type) && is_type_for_pay(asking, type);
}

static void add_type(struct asking *asking, const struct prac_record *type)
{
	asking->papers[asking->n++] = (struct prac_paper){
		.kind = type->values[PRAC_DOCUMENT_TYPE_DOCUMENT_KIND].number,
		.name = prac_arena_text(
			asking->judgement->arena, type->values[PRAC_DOCUMENT_TYPE_NAME].bytes),
		.help = "Have it signed, and verify it for these days.",
	};
}

static bool is_added(const struct asking *asking, size_t n, int64_t kind)
{
	bool is_there = false;

	for (size_t i = 0; i < n && !is_there; i++) {
		is_there = asking->papers[i].kind == kind;
	}
	return is_there;
}

/* ---- rows of rule sets */

static bool is_row_at_gate(const struct asking *asking, const struct prac_law_row *row)
{
	bool is_close = strcmp(prac_law_key(row, "gate"), "close") == 0;
	bool suspends = strcmp(prac_law_key(row, "lapse"), "suspends") == 0;

	if (asking->gate == PRAC_GATE_CLOSE) {
		return is_close;
	}
	return !is_close && (asking->gate == PRAC_GATE_READY || suspends);
}

static bool is_row_asked(const struct asking *asking, const struct prac_law_row *row)
{
	const char *pay = prac_law_key(row, "pay");

	return is_row_at_gate(asking, row) &&
	       is_under(asking, prac_policy_number(row, "under", INT32_MAX)) &&
	       (pay == NULL || prac_is_paid(asking->placement) == (strcmp(pay, "paid") == 0));
}

static const struct prac_enum_value *kind_of(const struct prac_law_row *row)
{
	const struct prac_field *field = &prac_type_document.fields[PRAC_DOCUMENT_KIND];

	for (size_t i = 0; i < field->n_values; i++) {
		if (strcmp(field->values[i].name, prac_law_key(row, "paper")) == 0) {
			return &field->values[i];
		}
	}
	return NULL; /* of a program with more kinds than this one */
}

/* What the district calls it. */
static const char *name_of(const struct asking *asking, const struct prac_enum_value *kind)
{
	for (size_t i = 0; i < asking->n_types; i++) {
		const struct prac_value *values = asking->types[i]->values;

		if (is_in_use(asking->types[i]) &&
			values[PRAC_DOCUMENT_TYPE_DOCUMENT_KIND].number == kind->number) {
			return prac_arena_text(
				asking->judgement->arena, values[PRAC_DOCUMENT_TYPE_NAME].bytes);
		}
	}
	return kind->label;
}

static void add_row(struct asking *asking, const struct prac_law_row *row)
{
	const struct prac_enum_value *kind = kind_of(row);

	if (kind == NULL || !is_row_asked(asking, row) ||
		is_added(asking, asking->n, kind->number)) {
		return;
	}
	asking->papers[asking->n++] = (struct prac_paper){
		.kind = kind->number,
		.name = name_of(asking, kind),
		.help = prac_arena_printf(
			asking->judgement->arena, "%s %s, %s", row->words, row->id, row->source),
	};
}

size_t prac_papers_asked(const struct prac_judgement *judgement,
	const struct prac_record *placement, enum prac_gate gate, int32_t day,
	const struct prac_paper **papers_out)
{
	struct asking asking = { .judgement = judgement,
		.placement = placement,
		.activity = prac_statute_activity(judgement, placement),
		.gate = gate,
		.age = prac_age_on(
			prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID), day) };
	struct prac_policy_case about = prac_statute_case(judgement, placement);
	struct prac_policy policy = prac_statute_policy(judgement, "documents");
	struct prac_policy_rows rows =
		prac_policy_rows(&policy, "paper", day, &about, judgement->arena);
	size_t n_rows;

	asking.n_types = prac_facts_all(judgement, PRAC_DOCUMENT_TYPE, &asking.types);
	asking.papers = prac_arena_alloc(
		judgement->arena, (rows.n + asking.n_types + 1) * sizeof(*asking.papers));
	for (size_t i = 0; i < rows.n; i++) {
		add_row(&asking, rows.items[i]);
	}
	n_rows = asking.n;
	for (size_t i = 0; i < asking.n_types; i++) {
		const struct prac_record *type = asking.types[i];

		if (is_type_asked(&asking, type) &&
			!is_added(&asking, n_rows,
				type->values[PRAC_DOCUMENT_TYPE_DOCUMENT_KIND].number)) {
			add_type(&asking, type);
		}
	}
	*papers_out = asking.papers;
	return asking.n;
}
