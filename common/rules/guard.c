#include "common/rules/guard.h"

#include <string.h>

#include "common/base/date.h"

/* One guard over one judged record. */
struct look {
	struct prac_judgement *judgement;
	const struct prac_guard *guard;
	const struct prac_record *record;
	const struct prac_record *target; /* what `ref` names */
	struct prac_findings *findings;
};

static bool holds_any(
	const struct prac_condition *conditions, size_t n, const struct prac_record *record)
{
	bool holds = n == 0;

	for (size_t i = 0; i < n && !holds; i++) {
		const struct prac_value *value = &record->values[conditions[i].field];

		/* A yes or no that nobody answered is a no. */
		holds = (value->has ||
				record->type->fields[conditions[i].field].kind == PRAC_BOOL) &&
			value->number == conditions[i].number;
	}
	return holds;
}

static bool is_in_state(const struct prac_guard *guard, const struct prac_record *seen)
{
	return guard->states == 0 ||
	       (guard->states >> seen->values[seen->type->state_field].number & 1) != 0;
}

/* " of Ridge Machine Works" where another record than the judged one is looked at. */
static const char *owner_of(const struct look *look)
{
	return look->target == NULL
		       ? ""
		       : prac_arena_printf(look->judgement->arena, " of %s",
				 prac_record_title(look->target, look->judgement->arena));
}

static const struct prac_field *field_of(const struct look *look)
{
	return look->guard->ref < 0 ? NULL : &look->record->type->fields[look->guard->ref];
}

/* "verified or waived" */
static const char *states_of(
	const struct look *look, const struct prac_field *state, uint64_t states)
{
	const char *words = "";

	for (size_t i = 0; i < state->n_values; i++) {
		if ((states >> state->values[i].number & 1) != 0) {
			words = prac_arena_printf(look->judgement->arena, "%s%s%s", words,
				words[0] == '\0' ? "" : " or ", state->values[i].name);
		}
	}
	return words;
}

static void find_state(const struct look *look, const struct prac_record *seen)
{
	const struct prac_field *state = &seen->type->fields[seen->type->state_field];
	const struct prac_enum_value *now =
		prac_enum_find(state, seen->values[state->index].number);

	prac_find(look->findings, field_of(look), "%s%s is %s, not %s", look->guard->label,
		owner_of(look), now != NULL ? now->name : "in a state this version does not know",
		states_of(look, state, look->guard->states));
}

/* The day that is not covered, and what to call it; false: all are. */
struct gap {
	int64_t day;
	const struct prac_field *on; /* NULL: today */
};

static bool covers(const struct prac_guard *guard, const struct prac_record *seen, int64_t day)
{
	const struct prac_value *from =
		guard->valid_from < 0 ? NULL : &seen->values[guard->valid_from];
	const struct prac_value *until =
		guard->valid_until < 0 ? NULL : &seen->values[guard->valid_until];

	return (from == NULL || !from->has || from->number <= day) &&
	       (until == NULL || !until->has || day <= until->number);
}

static bool has_gap(const struct look *look, const struct prac_record *seen, struct gap *gap_out)
{
	const struct prac_guard *guard = look->guard;

	if (guard->n_on == 0) {
		*gap_out = (struct gap){ look->judgement->today, NULL };
		return !covers(guard, seen, look->judgement->today);
	}
	for (size_t i = 0; i < guard->n_on; i++) {
		const struct prac_value *day = &look->record->values[guard->on[i]];

		*gap_out = (struct gap){ day->number, &look->record->type->fields[guard->on[i]] };
		if (day->has && !covers(guard, seen, day->number)) {
			return true;
		}
	}
	return false;
}

static void find_gap(const struct look *look, const struct prac_record *seen, const struct gap *gap)
{
	const struct prac_guard *guard = look->guard;
	bool is_over = guard->valid_until >= 0 && seen->values[guard->valid_until].has &&
		       gap->day > seen->values[guard->valid_until].number;
	const struct prac_value *border =
		&seen->values[is_over ? guard->valid_until : guard->valid_from];
	char date[PRAC_DATE_TEXT], day[PRAC_DATE_TEXT];

	prac_date_format((int32_t)border->number, date);
	prac_date_format((int32_t)gap->day, day);
	prac_find(look->findings, field_of(look), "%s%s %s %s, %s %s%s%s%s", look->guard->label,
		owner_of(look), is_over ? "expires" : "begins", date, is_over ? "before" : "after",
		day, gap->on != NULL ? " (" : "", gap->on != NULL ? gap->on->label : "",
		gap->on != NULL ? ")" : "");
}

/* True: it satisfies the guard. Else, with `tell`, what is wrong with it is among the findings. */
static bool satisfies(const struct look *look, const struct prac_record *seen, bool tell)
{
	struct gap gap;

	if (!is_in_state(look->guard, seen)) {
		if (tell) {
			find_state(look, seen);
		}
		return false;
	}
	if (has_gap(look, seen, &gap)) {
		if (tell) {
			find_gap(look, seen, &gap);
		}
		return false;
	}
	return true;
}

static void find_missing(const struct look *look)
{
	prac_find(look->findings, field_of(look), "%s%s is missing (%s)", look->guard->label,
		owner_of(look), look->guard->help);
}

static void look_at_fields(const struct look *look, const struct prac_record *seen)
{
	for (size_t i = 0; i < look->guard->n_has; i++) {
		const struct prac_field *field = &seen->type->fields[look->guard->has[i]];
		const struct prac_value *value = &seen->values[field->index];

		if (!value->has || (field->kind == PRAC_BOOL && value->number == 0)) {
			prac_find(look->findings, seen == look->record ? field : field_of(look),
				"%s%s is missing (%s)", look->guard->label,
				seen == look->record ? "" : owner_of(look), look->guard->help);
			return;
		}
	}
}

/* The first in the state, though not on the day, stands nearer to the wanted than one in another. */
static bool is_nearer(const struct look *look, const struct prac_record *candidate,
	const struct prac_record *nearest)
{
	return nearest == NULL || is_in_state(look->guard, candidate);
}

/* Of those that count one must satisfy the guard, or each. What stands nearest is told. */
static void look_at_children(
	const struct look *look, const struct prac_record *const *children, size_t n)
{
	const struct prac_record *nearest = NULL;
	bool is_satisfied = false;

	for (size_t i = 0; i < n; i++) {
		if (!holds_any(look->guard->where, look->guard->n_where, children[i])) {
			continue;
		}
		if (satisfies(look, children[i], false)) {
			is_satisfied = true;
		} else if (is_nearer(look, children[i], nearest)) {
			nearest = children[i];
		}
	}
	if (is_satisfied && !look->guard->every) {
		return;
	}
	if (nearest != NULL) {
		(void)satisfies(look, nearest, true); /* told, not asked */
	} else if (!look->guard->every) {
		find_missing(look);
	}
}

static void look_at_relatives(const struct look *look)
{
	const struct prac_facts *facts = look->judgement->facts;
	const struct prac_record *parent = look->target != NULL ? look->target : look->record;
	const struct prac_record *const *children;
	size_t n = facts->children(
		facts->ctx, look->guard->children, look->guard->by, &parent->id, &children);

	look_at_children(look, children, n);
}

/* What the guard looks at; without children that is a single record. */
static void look_at_target(const struct look *look)
{
	const struct prac_record *seen = look->target != NULL ? look->target : look->record;

	if (look->guard->children != 0) {
		look_at_relatives(look);
		return;
	}
	look_at_fields(look, seen);
	(void)satisfies(look, seen, true); /* told, not asked */
}

static void look_at(struct look *look)
{
	const struct prac_guard *guard = look->guard;

	if (!holds_any(guard->when, guard->n_when, look->record)) {
		return;
	}
	if (guard->ref >= 0) {
		look->target = prac_facts_follow(look->judgement, look->record, (size_t)guard->ref);
	}
	if (guard->ref < 0 || (look->target != NULL && !look->target->deleted)) {
		look_at_target(look);
	} else if (guard->children == 0 || !guard->every) {
		look->target = NULL;
		find_missing(look);
	}
}

void prac_guard_candidates(struct prac_judgement *judgement, const struct prac_guard *guard,
	const struct prac_record *record, const struct prac_candidates *candidates,
	struct prac_findings *findings)
{
	const struct look look = { judgement, guard, record, candidates->owner, findings };

	look_at_children(&look, candidates->records, candidates->n);
}

static void find_guards(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *record, struct prac_findings *findings)
{
	for (size_t i = 0; i < action->n_guards; i++) {
		struct look look = { .judgement = judgement,
			.guard = action->guards[i],
			.record = record,
			.findings = findings };

		look_at(&look);
	}
}

enum prac_reason prac_guards_check(struct prac_judgement *judgement,
	const struct prac_action *action, const struct prac_record *record)
{
	const struct prac_rules *rules = prac_rules_find(record->type);
	struct prac_findings findings = { .arena = judgement->arena };

	find_guards(judgement, action, record, &findings);
	if (rules != NULL && rules->find != NULL) {
		rules->find(judgement, action, record, &findings);
	}
	return findings.words == NULL ? PRAC_REASON_NONE
				      : prac_refuse(judgement, PRAC_REASON_GUARD, findings.field,
						"%s: not yet: %s", action->label, findings.words);
}
