#include "common/rules/labor.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/labor_week.h"

enum {
	WEEK = 7
};

static void judge(const struct prac_labor_week *week, const struct prac_labor_entry *entries,
	size_t n, struct prac_labor_verdict *verdicts)
{
	prac_labor_judge(week->law, &week->minor, &(struct prac_labor_entries){ entries, n },
		week->judgement->arena, verdicts);
}

/* Takes from what the others break all that they break without what is judged. */
static void leave_others(const struct prac_labor_week *week, struct prac_labor_verdict *verdicts)
{
	struct prac_arena *arena = week->judgement->arena;
	struct prac_labor_entry *others = prac_arena_alloc(arena, (week->n + 1) * sizeof(*others));
	struct prac_labor_verdict *before =
		prac_arena_alloc(arena, (week->n + 1) * sizeof(*before));
	size_t n = 0;

	for (size_t i = 0; i < week->n; i++) {
		if (!week->is_own[i]) {
			others[n++] = week->entries[i];
		}
	}
	judge(week, others, n, before);
	for (size_t i = 0, k = 0; i < week->n; i++) {
		if (!week->is_own[i]) {
			verdicts[i].violations &= ~before[k++].violations;
		}
	}
}

static struct prac_id placement_of(const struct prac_record *record)
{
	const struct prac_value *value = &record->values[record->type == &prac_type_shift_plan
								 ? PRAC_SHIFT_PLAN_PLACEMENT_ID
								 : PRAC_TIME_ENTRY_PLACEMENT_ID];
	struct prac_id id = { 0 };

	if (value->has && prac_id_from_bytes(value->bytes, &id) != PRAC_OK) {
		id = (struct prac_id){ 0 };
	}
	return id;
}

/* " (other placement)" of what is not judged itself, as far as one may say more. */
static const char *whose(
	const struct prac_labor_week *week, size_t index, const struct prac_id *placement)
{
	struct prac_id other = placement_of(week->records[index]);

	if (week->is_own[index]) {
		return "";
	}
	return prac_id_equal(&other, placement) ? " (other shift)" : " (other placement)";
}

static struct prac_bytes line_of(const struct prac_labor_week *week, size_t index, unsigned bit,
	const struct prac_id *placement)
{
	const struct prac_labor_entry *entry = &week->entries[index];
	char date[PRAC_DATE_TEXT], time[PRAC_TIME_TEXT] = "";

	prac_date_format(entry->date, date);
	if (entry->starts_at >= 0) {
		prac_time_format(entry->starts_at, time);
	}
	return prac_bytes_text(prac_arena_printf(week->judgement->arena, "%s%s%s %s%s", date,
		time[0] == '\0' ? "" : " ", time, prac_labor_id(week->law, bit),
		whose(week, index, placement)));
}

static void put_lines(const struct prac_labor_week *week, size_t index, uint64_t violations,
	const struct prac_id *placement, struct prac_labor_findings *findings)
{
	for (unsigned bit = 0; bit < PRAC_LABOR_IDS_MAX; bit++) {
		if ((violations >> bit & 1) != 0 && findings->n < PRAC_LABOR_LINES_MAX) {
			findings->lines[findings->n] = line_of(week, index, bit, placement);
			findings->rows[findings->n++] =
				prac_labor_row(week->law, bit, week->entries[index].date);
		}
	}
}

static void put_findings(const struct prac_labor_week *week, const struct prac_record *placement,
	struct prac_labor_findings *findings)
{
	struct prac_labor_verdict *verdicts =
		prac_arena_alloc(week->judgement->arena, (week->n + 1) * sizeof(*verdicts));

	judge(week, week->entries, week->n, verdicts);
	leave_others(week, verdicts);
	for (size_t i = 0; i < week->n; i++) {
		put_lines(week, i, verdicts[i].violations, &placement->id, findings);
	}
	findings->is_judged = true;
	findings->is_binding =
		prac_labor_binding_of(week->judgement, placement) == PRAC_LABOR_BINDS;
}

/* Where the references of a record that is judged stand. */
struct places {
	uint16_t student, school, placement, date;
};

/* NULL: not judged, as something is not known or nothing binds. Else its placement. */
static const struct prac_record *begin(struct prac_labor_week *week,
	const struct prac_record *record, const struct places *places,
	struct prac_labor_findings *findings)
{
	const struct prac_record *placement =
		prac_facts_follow(week->judgement, record, places->placement);

	memset(findings, 0, sizeof(*findings));
	week->student = prac_facts_follow(week->judgement, record, places->student);
	week->sunday = prac_date_week_start((int32_t)record->values[places->date].number);
	if (week->student == NULL || placement == NULL || !record->values[places->school].has ||
		prac_id_from_bytes(record->values[places->school].bytes, &week->school) !=
			PRAC_OK) {
		return NULL;
	}
	if (prac_labor_binding_of(week->judgement, placement) == PRAC_LABOR_IS_FREE) {
		findings->is_judged = true;
		return NULL;
	}
	return prac_labor_week_begin(week) ? placement : NULL;
}

void prac_labor_judge_sheet(struct prac_judgement *judgement, const struct prac_record *sheet,
	struct prac_labor_findings *findings_out)
{
	static const struct places places = { PRAC_TIME_SHEET_STUDENT_ID, PRAC_TIME_SHEET_SCHOOL_ID,
		PRAC_TIME_SHEET_PLACEMENT_ID, PRAC_TIME_SHEET_WEEK_START };
	struct prac_labor_week week = { .judgement = judgement, .sheet = sheet->id };
	const struct prac_record *placement = begin(&week, sheet, &places, findings_out);

	if (placement != NULL) {
		prac_labor_week_worked(&week);
		put_findings(&week, placement, findings_out);
	}
}

static void take_out(struct prac_labor_week *week, size_t index)
{
	week->n--;
	week->records[index] = week->records[week->n];
	week->entries[index] = week->entries[week->n];
	week->is_own[index] = week->is_own[week->n];
}

void prac_labor_judge_entry(struct prac_judgement *judgement, const struct prac_record *entry,
	struct prac_labor_findings *findings_out)
{
	static const struct places places = { PRAC_TIME_ENTRY_STUDENT_ID, PRAC_TIME_ENTRY_SCHOOL_ID,
		PRAC_TIME_ENTRY_PLACEMENT_ID, PRAC_TIME_ENTRY_WORK_DATE };
	struct prac_labor_week week = { .judgement = judgement };
	const struct prac_record *placement = begin(&week, entry, &places, findings_out);

	if (placement == NULL || prac_id_from_bytes(entry->values[PRAC_TIME_ENTRY_SHEET_ID].bytes,
					 &week.sheet) != PRAC_OK) {
		return;
	}
	prac_labor_week_worked(&week);
	for (size_t i = week.n; i-- > 0;) {
		week.is_own[i] = false;
		if (prac_id_equal(&week.records[i]->id, &entry->id)) {
			take_out(&week, i);
		}
	}
	prac_labor_week_add(&week, entry, placement, true);
	put_findings(&week, placement, findings_out);
}

/* Hours at the placement on the day stand for the plan. */
static bool is_worked(const struct prac_labor_week *week, const struct prac_record *plan)
{
	struct prac_id placement = placement_of(plan);

	for (size_t i = 0; i < week->n; i++) {
		struct prac_id other = placement_of(week->records[i]);

		if (week->records[i]->type == &prac_type_time_entry &&
			prac_id_equal(&other, &placement) &&
			week->entries[i].date == plan->values[PRAC_SHIFT_PLAN_WORK_DATE].number) {
			return true;
		}
	}
	return false;
}

static void add_planned(struct prac_labor_week *week, const struct prac_record *own)
{
	const struct prac_facts *facts = week->judgement->facts;
	const struct prac_record *const *plans;
	size_t n = facts->children(facts->ctx, PRAC_SHIFT_PLAN, PRAC_SHIFT_PLAN_STUDENT_ID_NO,
		&week->student->id, &plans);

	for (size_t i = 0; i < n; i++) {
		const struct prac_record *placement =
			prac_facts_follow(week->judgement, plans[i], PRAC_SHIFT_PLAN_PLACEMENT_ID);

		if (placement != NULL && !prac_id_equal(&plans[i]->id, &own->id) &&
			plans[i]->values[PRAC_SHIFT_PLAN_STATE].number ==
				PRAC_SHIFT_PLAN_STATE_PLANNED &&
			prac_labor_is_near(
				week, plans[i]->values[PRAC_SHIFT_PLAN_WORK_DATE].number) &&
			prac_labor_binding_of(week->judgement, placement) != PRAC_LABOR_IS_FREE &&
			!is_worked(week, plans[i])) {
			prac_labor_week_add(week, plans[i], placement, false);
		}
	}
}

void prac_labor_judge_plan(struct prac_judgement *judgement, const struct prac_record *plan,
	struct prac_labor_findings *findings_out)
{
	static const struct places places = { PRAC_SHIFT_PLAN_STUDENT_ID, PRAC_SHIFT_PLAN_SCHOOL_ID,
		PRAC_SHIFT_PLAN_PLACEMENT_ID, PRAC_SHIFT_PLAN_WORK_DATE };
	struct prac_labor_week week = { .judgement = judgement };
	const struct prac_record *placement = begin(&week, plan, &places, findings_out);

	if (placement != NULL) {
		prac_labor_week_worked(&week);
		add_planned(&week, plan);
		prac_labor_week_add(&week, plan, placement, true);
		put_findings(&week, placement, findings_out);
	}
}

/* Would the proof of a student learner free from the rule? */
static bool frees(const struct prac_labor_week *week, struct prac_labor_entry entry, unsigned bit)
{
	entry.proofs |= 1U << PRAC_LABOR_PROOF_STUDENT_LEARNER;
	return prac_labor_exemption(week->law, bit, &week->minor, &entry) != NULL;
}

static void find_order(const struct prac_labor_week *week, const struct prac_record *placement,
	const struct prac_labor_entry *entry, unsigned bit, struct prac_findings *findings)
{
	const struct prac_field *field =
		&prac_type_placement.fields[PRAC_PLACEMENT_HAZARDOUS_ORDERS];
	const struct prac_law_row *row = prac_labor_row(week->law, bit, entry->date);
	const char *lacks = prac_labor_lacks_conditions(week, &placement->id, entry->date);
	int64_t kind = placement->values[PRAC_PLACEMENT_KIND].number;

	if (!frees(week, *entry, bit)) {
		prac_find(findings, field, "%s binds and knows no exemption: %s",
			prac_labor_id(week->law, bit), row == NULL ? "" : row->words);
	} else if (kind != PRAC_PLACEMENT_KIND_COOPERATIVE &&
		   kind != PRAC_PLACEMENT_KIND_APPRENTICESHIP) {
		prac_find(findings, field,
			"%s binds but in a cooperative placement or an apprenticeship",
			prac_labor_id(week->law, bit));
	} else {
		prac_find(findings, field, "%s binds until the training plan has: %s",
			prac_labor_id(week->law, bit), lacks == NULL ? "" : lacks);
	}
}

void prac_labor_find_orders(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings)
{
	struct prac_labor_week week = { .judgement = judgement,
		.sunday = prac_date_week_start(day),
		.student = prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID) };
	struct prac_labor_verdict verdict;
	struct prac_labor_entry entry;

	if (week.student == NULL || !placement->values[PRAC_PLACEMENT_HAZARDOUS_ORDERS].has ||
		prac_labor_binding_of(judgement, placement) == PRAC_LABOR_IS_FREE ||
		!prac_labor_week_begin(&week)) {
		return;
	}
	entry = prac_labor_week_blank(&week, placement, day);
	judge(&week, &entry, 1, &verdict);
	for (unsigned bit = 0; bit < PRAC_LABOR_IDS_MAX; bit++) {
		const struct prac_law_row *row = (verdict.violations >> bit & 1) != 0
							 ? prac_labor_row(week.law, bit, day)
							 : NULL;

		if (row != NULL && strcmp(row->kind, "hazard") == 0) {
			find_order(&week, placement, &entry, bit, findings);
		}
	}
}

/* True: the shift breaks a binding rule, which is among the findings now. */
static bool find_planned(struct prac_judgement *judgement, const struct prac_record *plan,
	struct prac_findings *findings)
{
	struct prac_labor_findings broken;
	const struct prac_law_row *row;

	prac_labor_judge_plan(judgement, plan, &broken);
	if (broken.n == 0 || !broken.is_binding) {
		return false;
	}
	row = broken.rows[0];
	prac_find(findings, NULL,
		"a planned shift breaks %.*s: %s (%s) (plan other times, or take it out of the "
		"plan)",
		(int)broken.lines[0].len, broken.lines[0].data, row == NULL ? "" : row->words,
		row == NULL ? "" : row->source);
	return true;
}

void prac_labor_find_planned(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings)
{
	const struct prac_facts *facts = judgement->facts;
	const struct prac_record *student =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID);
	int32_t last = prac_date_week_start(day + WEEK - 1) + WEEK - 1;
	const struct prac_record *const *plans;
	bool is_found = false;
	size_t n = student == NULL ? 0
				   : facts->children(facts->ctx, PRAC_SHIFT_PLAN,
					     PRAC_SHIFT_PLAN_STUDENT_ID_NO, &student->id, &plans);

	for (size_t i = 0; i < n && !is_found; i++) {
		int64_t date = plans[i]->values[PRAC_SHIFT_PLAN_WORK_DATE].number;
		struct prac_id other = placement_of(plans[i]);

		is_found = date >= day && date <= last && prac_id_equal(&other, &placement->id) &&
			   plans[i]->values[PRAC_SHIFT_PLAN_STATE].number ==
				   PRAC_SHIFT_PLAN_STATE_PLANNED &&
			   find_planned(judgement, plans[i], findings);
	}
}
