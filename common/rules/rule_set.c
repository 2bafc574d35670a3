/*
 * A dated set of rules: readable before it is kept, never in force for years that are over, and
 * demanding no less than the law as shipped unless somebody says why. Less is not refused outright: a
 * statute that was loosened, or found to be shipped wrongly, must not wait for the next program.
 */
#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/statute.h"

static const struct prac_load loads[] = {
	PRAC_STATUTE_LOADS(0),
};

enum {
	JULY = 7
};

static enum prac_reason refuse(struct prac_judgement *judgement, uint16_t index, const char *words)
{
	const struct prac_field *field = &prac_type_rule_set.fields[index];

	return prac_refuse(
		judgement, PRAC_REASON_INVALID_VALUE, field, "%s: %s", field->label, words);
}

static bool is_same_law(const struct prac_record *a, const struct prac_record *b)
{
	return a->values[PRAC_RULE_SET_DOMAIN].number == b->values[PRAC_RULE_SET_DOMAIN].number &&
	       prac_bytes_equal(a->values[PRAC_RULE_SET_JURISDICTION].bytes,
		       b->values[PRAC_RULE_SET_JURISDICTION].bytes);
}

/* Two sets of one version could not be told apart in a report. */
static enum prac_reason check_version(
	struct prac_judgement *judgement, const struct prac_record *record)
{
	const struct prac_record *const *others;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &others);
	int64_t wanted = record->values[PRAC_RULE_SET_VERSION].number, last = 0;
	bool is_taken = false;

	for (size_t i = 0; i < n; i++) {
		int64_t version = others[i]->values[PRAC_RULE_SET_VERSION].number;

		if (is_same_law(record, others[i]) && !prac_id_equal(&record->id, &others[i]->id)) {
			last = version > last ? version : last;
			is_taken = is_taken || version == wanted;
		}
	}
	return !is_taken ? PRAC_REASON_NONE
			 : refuse(judgement, PRAC_RULE_SET_VERSION,
				   prac_arena_printf(judgement->arena,
					   "%d is there already; the next one is %d", (int)wanted,
					   (int)last + 1));
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	struct prac_law_set set;
	const char *error = NULL;

	(void)before;
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (prac_statute_read(after, judgement->arena, &set, &error) == PRAC_OK) {
		error = prac_statute_flaw(&set, judgement->arena);
	}
	if (error != NULL) {
		return refuse(judgement, PRAC_RULE_SET_PARAMETERS, error);
	}
	if (set.ends_on < set.starts_on) {
		return refuse(judgement, PRAC_RULE_SET_ENDS_ON, "must not be before starts on");
	}
	return check_version(judgement, after);
}

/* Past years keep the rules by which they were judged. */
static enum prac_reason check_past(struct prac_judgement *judgement, const struct prac_law_set *set)
{
	int32_t first = prac_date_from_civil(prac_date_school_year(judgement->today) - 1, JULY, 1);
	char text[PRAC_DATE_TEXT];

	if (set->starts_on >= first || prac_law_set_is_shipped(set, judgement->arena)) {
		return PRAC_REASON_NONE;
	}
	prac_date_format(first, text);
	return refuse(judgement, PRAC_RULE_SET_STARTS_ON,
		prac_arena_printf(judgement->arena,
			"years that are over keep their rules; begin on %s or later", text));
}

static enum prac_reason approve(struct prac_judgement *judgement, const struct prac_record *record)
{
	struct prac_law_set set;
	const char *words = "";
	enum prac_reason reason;

	if (prac_statute_read(record, judgement->arena, &set, &words) != PRAC_OK) {
		return refuse(judgement, PRAC_RULE_SET_PARAMETERS, words);
	}
	if (set.n_rows == 0) {
		return refuse(judgement, PRAC_RULE_SET_PARAMETERS,
			"a set without rows would leave nothing in force; add its rows");
	}
	if (set.source[0] == '\0') {
		return refuse(judgement, PRAC_RULE_SET_SOURCE,
			"name the law, policy or decision it comes from");
	}
	reason = check_past(judgement, &set);
	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	words = prac_law_set_looser(&set, judgement->arena);
	return words == NULL || record->values[PRAC_RULE_SET_DEPARTURE].has
		       ? PRAC_REASON_NONE
		       : refuse(judgement, PRAC_RULE_SET_DEPARTURE,
				 prac_arena_printf(judgement->arena,
					 "it demands less than the law as shipped (%.220s); say why "
					 "and by whose authority with departure=TEXT",
					 words));
}

static bool is_newer(const struct prac_record *record, const struct prac_record *other)
{
	int64_t from = record->values[PRAC_RULE_SET_STARTS_ON].number;
	int64_t other_from = other->values[PRAC_RULE_SET_STARTS_ON].number;

	return other_from > from ||
	       (other_from == from && other->values[PRAC_RULE_SET_VERSION].number >
					      record->values[PRAC_RULE_SET_VERSION].number);
}

static enum prac_reason supersede(
	struct prac_judgement *judgement, const struct prac_record *record)
{
	const struct prac_record *const *others;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &others);

	for (size_t i = 0; i < n; i++) {
		if (is_same_law(record, others[i]) && is_newer(record, others[i]) &&
			others[i]->values[PRAC_RULE_SET_STATE].number ==
				PRAC_RULE_SET_STATE_APPROVED) {
			return PRAC_REASON_NONE;
		}
	}
	return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
		"no newer set of this domain and jurisdiction is approved; approve it first");
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *record)
{
	(void)args;
	return action->number == PRAC_RULE_SET_DO_APPROVE ? approve(judgement, record)
							  : supersede(judgement, record);
}

const struct prac_rules prac_rules_rule_set = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.act = act,
};
