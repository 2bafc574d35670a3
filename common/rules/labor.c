#include "common/rules/labor.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/law/labor.h"

enum {
	CALENDAR_BEFORE = 14,
	CALENDAR_DAYS = 30,
	FAR_AWAY = 8 /* days from the week within which entries bear on it */
};

static const char default_zone[] = "America/New_York";

/* Everything the judging of one week rests on. */
struct week {
	struct prac_judgement *judgement;
	const struct prac_record *sheet;
	struct prac_labor_minor minor;
	struct prac_labor_calendar calendar;
	struct prac_zone *zone;
	/* The student's entries around the week; same index in all. */
	const struct prac_record **records;
	struct prac_labor_entry *entries;
	size_t n;
};

static struct prac_id reference(const struct prac_record *record, size_t index)
{
	struct prac_id id = { 0 };

	if (record->values[index].has &&
		prac_id_from_bytes(record->values[index].bytes, &id) != PRAC_OK) {
		id = (struct prac_id){ 0 };
	}
	return id;
}

static size_t children(const struct week *week, uint32_t type, uint32_t field,
	const struct prac_id *parent, const struct prac_record *const **records_out)
{
	const struct prac_facts *facts = week->judgement->facts;

	return facts->children(facts->ctx, type, field, parent, records_out);
}

/* ---- calendar */

static void put_days(struct week *week, struct prac_labor_day *days, const struct prac_id *school)
{
	const struct prac_record *const *records;
	size_t n = children(week, PRAC_SCHOOL_DAY, PRAC_SCHOOL_DAY_SCHOOL_ID_NO, school, &records);

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = records[i]->values;
		int64_t index = values[PRAC_SCHOOL_DAY_DAY].number - week->calendar.first;
		int64_t kind = values[PRAC_SCHOOL_DAY_KIND].number;
		bool is_school =
			kind == PRAC_SCHOOL_DAY_KIND_SCHOOL || kind == PRAC_SCHOOL_DAY_KIND_EXAM;

		if (index < 0 || index >= CALENDAR_DAYS ||
			values[PRAC_SCHOOL_DAY_STATE].number != PRAC_SCHOOL_DAY_STATE_PUBLISHED) {
			continue;
		}
		days[index] = (struct prac_labor_day){
			.kind = is_school ? PRAC_LABOR_DAY_SCHOOL : PRAC_LABOR_DAY_OFF,
			.class_from = (int32_t)values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT].number,
			.class_until = (int32_t)values[PRAC_SCHOOL_DAY_CLASS_ENDS_AT].number,
		};
	}
}

/* The days of the whole district, and over them the school's own. */
static void make_calendar(struct week *week)
{
	struct prac_id school = reference(week->sheet, PRAC_TIME_SHEET_SCHOOL_ID);
	struct prac_id none = { 0 };
	struct prac_labor_day *days =
		prac_arena_alloc(week->judgement->arena, CALENDAR_DAYS * sizeof(*days));

	week->calendar.first =
		(int32_t)week->sheet->values[PRAC_TIME_SHEET_WEEK_START].number - CALENDAR_BEFORE;
	week->calendar.n_days = CALENDAR_DAYS;
	week->calendar.days = days;
	put_days(week, days, &none);
	put_days(week, days, &school);
	week->minor.calendar = &week->calendar;
}

/* ---- student and placement */

static bool is_enrolled(const struct prac_record *student)
{
	int64_t state = student->values[PRAC_STUDENT_STATE].number;

	return state == PRAC_STUDENT_STATE_ENROLLED || state == PRAC_STUDENT_STATE_PARTICIPATING;
}

/* Is it work in the eyes of the law, or of the district's policy (RULES 5.1, 5.5)? */
enum binding {
	BINDS,
	WARNS,
	IS_FREE
};

static enum binding binding_of(const struct prac_record *placement)
{
	bool is_unpaid = placement->values[PRAC_PLACEMENT_PAY].has &&
			 placement->values[PRAC_PLACEMENT_PAY].number == PRAC_PLACEMENT_PAY_UNPAID;

	if (!is_unpaid) {
		return BINDS;
	}
	switch (placement->values[PRAC_PLACEMENT_KIND].number) {
	case PRAC_PLACEMENT_KIND_JOB_SHADOWING:
	case PRAC_PLACEMENT_KIND_MENTORSHIP:
	case PRAC_PLACEMENT_KIND_SIMULATED:
		return IS_FREE;
	case PRAC_PLACEMENT_KIND_SCHOOL_ENTERPRISE:
	case PRAC_PLACEMENT_KIND_SERVICE:
	case PRAC_PLACEMENT_KIND_SUPERVISED_AGRICULTURE:
	case PRAC_PLACEMENT_KIND_ENTREPRENEURSHIP:
		return WARNS;
	default:
		return BINDS;
	}
}

/* The day from which all three have agreed to the placement's training plan; none: never. */
static int32_t agreed_since(const struct week *week, const struct prac_id *placement)
{
	static const uint16_t dates[] = { PRAC_TRAINING_PLAN_STUDENT_AGREED_ON,
		PRAC_TRAINING_PLAN_SUPERVISOR_AGREED_ON, PRAC_TRAINING_PLAN_COORDINATOR_AGREED_ON };
	const struct prac_record *const *plans;
	size_t n = children(
		week, PRAC_TRAINING_PLAN, PRAC_TRAINING_PLAN_PLACEMENT_ID_NO, placement, &plans);
	int64_t since = INT32_MAX;

	for (size_t i = 0; i < n; i++) {
		int64_t last = 0;

		for (size_t k = 0; k < PRAC_NELEM(dates); k++) {
			const struct prac_value *date = &plans[i]->values[dates[k]];

			last = date->has && date->number > last ? date->number : last;
		}
		if (plans[i]->values[PRAC_TRAINING_PLAN_STATE].number !=
				PRAC_TRAINING_PLAN_STATE_DRAFT &&
			last < since) {
			since = last;
		}
	}
	return (int32_t)since;
}

static uint32_t proofs_of(const struct week *week, const struct prac_record *student,
	const struct prac_record *placement, int32_t date)
{
	int64_t kind = placement->values[PRAC_PLACEMENT_KIND].number;
	uint32_t proofs = 0;

	if (agreed_since(week, &placement->id) <= date) {
		if (kind == PRAC_PLACEMENT_KIND_COOPERATIVE) {
			proofs |= 1U << PRAC_LABOR_PROOF_STUDENT_LEARNER;
		}
		if (kind == PRAC_PLACEMENT_KIND_APPRENTICESHIP) {
			proofs |= 1U << PRAC_LABOR_PROOF_APPRENTICE;
		}
	}
	if (student->values[PRAC_STUDENT_STATE].number == PRAC_STUDENT_STATE_GRADUATED &&
		student->values[PRAC_STUDENT_LEFT_ON].has &&
		student->values[PRAC_STUDENT_LEFT_ON].number <= date) {
		proofs |= 1U << PRAC_LABOR_PROOF_GRADUATE;
	}
	return proofs;
}

/* A consent holds until its last day and no longer than its school year (TN-16-CONSENT-END). */
static enum prac_labor_consent consent_at(
	const struct week *week, const struct prac_id *student, int32_t date)
{
	enum prac_labor_consent found = PRAC_LABOR_NO_CONSENT;
	const struct prac_record *const *consents;
	size_t n = children(week, PRAC_CONSENT, PRAC_CONSENT_STUDENT_ID_NO, student, &consents);

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = consents[i]->values;
		const struct prac_value *from = &values[PRAC_CONSENT_VALID_FROM];
		const struct prac_value *until = &values[PRAC_CONSENT_VALID_UNTIL];
		int64_t state = values[PRAC_CONSENT_STATE].number;

		if (values[PRAC_CONSENT_PURPOSE].number != PRAC_CONSENT_PURPOSE_LATE_HOURS ||
			!from->has || from->number > date ||
			(state != PRAC_CONSENT_STATE_GRANTED &&
				state != PRAC_CONSENT_STATE_REVOKED)) {
			continue;
		}
		if (state == PRAC_CONSENT_STATE_GRANTED && (!until->has || date <= until->number) &&
			prac_date_school_year((int32_t)from->number) ==
				prac_date_school_year(date)) {
			return PRAC_LABOR_CONSENT;
		}
		found = PRAC_LABOR_CONSENT_ENDED;
	}
	return found;
}

/* ---- entries */

static int32_t number_or(const struct prac_value *value, int32_t otherwise)
{
	return value->has ? (int32_t)value->number : otherwise;
}

static struct prac_zone *zone_of(const struct week *week, const struct prac_value *zone)
{
	struct prac_zone *own = NULL;

	if (zone->has) {
		own = prac_zone_shared(prac_arena_text(week->judgement->arena, zone->bytes));
	}
	return own == NULL ? week->zone : own;
}

static struct prac_labor_entry entry_of(const struct week *week, const struct prac_record *record,
	const struct prac_record *placement)
{
	const struct prac_record *student =
		prac_facts_follow(week->judgement, week->sheet, PRAC_TIME_SHEET_STUDENT_ID);
	const struct prac_value *values = record->values;
	int32_t date = (int32_t)values[PRAC_TIME_ENTRY_WORK_DATE].number;

	return (struct prac_labor_entry){
		.zone = zone_of(week, &values[PRAC_TIME_ENTRY_ZONE]),
		.date = date,
		.starts_at = number_or(&values[PRAC_TIME_ENTRY_STARTS_AT], -1),
		.ends_at = number_or(&values[PRAC_TIME_ENTRY_ENDS_AT], -1),
		.break_starts_at = number_or(&values[PRAC_TIME_ENTRY_BREAK_STARTS_AT], -1),
		.break_minutes = number_or(&values[PRAC_TIME_ENTRY_BREAK_MINUTES], 0),
		.minutes = number_or(&values[PRAC_TIME_ENTRY_ELAPSED_MINUTES], 0),
		.proofs = proofs_of(week, student, placement, date),
		.consent = consent_at(week, &student->id, date),
	};
}

/* Does another sheet, approved or this one, take the place of the entry's sheet? */
static bool is_corrected(const struct week *week, const struct prac_record *entry,
	const struct prac_record *const *sheets, size_t n_sheets)
{
	for (size_t i = 0; i < n_sheets; i++) {
		const struct prac_value *values = sheets[i]->values;

		if (values[PRAC_TIME_SHEET_AMENDS_ID].has &&
			prac_bytes_equal(values[PRAC_TIME_SHEET_AMENDS_ID].bytes,
				entry->values[PRAC_TIME_ENTRY_SHEET_ID].bytes) &&
			(prac_id_equal(&sheets[i]->id, &week->sheet->id) ||
				values[PRAC_TIME_SHEET_STATE].number ==
					PRAC_TIME_SHEET_STATE_APPROVED)) {
			return true;
		}
	}
	return false;
}

static bool is_near(const struct week *week, const struct prac_record *entry)
{
	int64_t offset = entry->values[PRAC_TIME_ENTRY_WORK_DATE].number -
			 week->sheet->values[PRAC_TIME_SHEET_WEEK_START].number;

	return offset > -FAR_AWAY && offset < FAR_AWAY;
}

static void take_entries(struct week *week, const struct prac_id *student)
{
	struct prac_arena *arena = week->judgement->arena;
	const struct prac_record *const *entries, *const *sheets;
	size_t n_sheets =
		children(week, PRAC_TIME_SHEET, PRAC_TIME_SHEET_STUDENT_ID_NO, student, &sheets);
	size_t n =
		children(week, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_STUDENT_ID_NO, student, &entries);

	week->records = prac_arena_alloc(arena, (n + 1) * sizeof(void *));
	week->entries = prac_arena_alloc(arena, (n + 1) * sizeof(*week->entries));
	for (size_t i = 0; i < n; i++) {
		const struct prac_record *placement = prac_facts_follow(
			week->judgement, entries[i], PRAC_TIME_ENTRY_PLACEMENT_ID);

		if (placement != NULL && is_near(week, entries[i]) &&
			binding_of(placement) != IS_FREE &&
			!is_corrected(week, entries[i], sheets, n_sheets)) {
			week->records[week->n] = entries[i];
			week->entries[week->n++] = entry_of(week, entries[i], placement);
		}
	}
}

static bool is_own(const struct week *week, size_t index)
{
	return prac_bytes_equal(week->records[index]->values[PRAC_TIME_ENTRY_SHEET_ID].bytes,
		prac_id_bytes(&week->sheet->id));
}

/* ---- verdict */

static void judge(const struct week *week, const struct prac_labor_entry *entries, size_t n,
	struct prac_labor_verdict *verdicts)
{
	prac_labor_judge(prac_labor_law_tennessee(), &week->minor,
		&(struct prac_labor_entries){ entries, n }, week->judgement->arena, verdicts);
}

/* Takes from what other sheets' entries break all that they break without this one's. */
static void leave_others(const struct week *week, struct prac_labor_verdict *verdicts)
{
	struct prac_arena *arena = week->judgement->arena;
	struct prac_labor_entry *others = prac_arena_alloc(arena, (week->n + 1) * sizeof(*others));
	struct prac_labor_verdict *before =
		prac_arena_alloc(arena, (week->n + 1) * sizeof(*before));
	size_t n = 0;

	for (size_t i = 0; i < week->n; i++) {
		if (!is_own(week, i)) {
			others[n++] = week->entries[i];
		}
	}
	judge(week, others, n, before);
	for (size_t i = 0, k = 0; i < week->n; i++) {
		if (!is_own(week, i)) {
			verdicts[i].violations &= ~before[k++].violations;
		}
	}
}

static struct prac_bytes line_of(const struct week *week, size_t index, unsigned bit)
{
	const struct prac_labor_entry *entry = &week->entries[index];
	char date[PRAC_DATE_TEXT], time[PRAC_TIME_TEXT] = "";

	prac_date_format(entry->date, date);
	if (entry->starts_at >= 0) {
		prac_time_format(entry->starts_at, time);
	}
	return prac_bytes_text(prac_arena_printf(week->judgement->arena, "%s%s%s %s%s", date,
		time[0] == '\0' ? "" : " ", time, prac_labor_id(prac_labor_law_tennessee(), bit),
		is_own(week, index) ? "" : " (other placement)"));
}

static void put_lines(const struct week *week, size_t index, uint64_t violations,
	struct prac_labor_findings *findings)
{
	for (unsigned bit = 0; bit < PRAC_LABOR_IDS_MAX; bit++) {
		if ((violations >> bit & 1) != 0 && findings->n < PRAC_LABOR_LINES_MAX) {
			findings->lines[findings->n++] = line_of(week, index, bit);
		}
	}
}

static bool begin(struct week *week, const struct prac_record *student)
{
	const struct prac_record *school =
		prac_facts_follow(week->judgement, week->sheet, PRAC_TIME_SHEET_SCHOOL_ID);

	week->zone = prac_zone_shared(default_zone);
	if (school != NULL) {
		week->zone = zone_of(week, &school->values[PRAC_SCHOOL_ZONE]);
	}
	week->minor.birth_date = (int32_t)student->values[PRAC_STUDENT_BIRTH_DATE].number;
	week->minor.is_enrolled = is_enrolled(student);
	return week->zone != NULL && student->values[PRAC_STUDENT_BIRTH_DATE].has;
}

void prac_labor_judge_sheet(struct prac_judgement *judgement, const struct prac_record *sheet,
	struct prac_labor_findings *findings_out)
{
	struct week week = { .judgement = judgement, .sheet = sheet };
	const struct prac_record *student =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_STUDENT_ID);
	const struct prac_record *placement =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	struct prac_labor_verdict *verdicts;

	memset(findings_out, 0, sizeof(*findings_out));
	if (student == NULL || placement == NULL || binding_of(placement) == IS_FREE ||
		!begin(&week, student)) {
		return;
	}
	make_calendar(&week);
	take_entries(&week, &student->id);
	verdicts = prac_arena_alloc(judgement->arena, (week.n + 1) * sizeof(*verdicts));
	judge(&week, week.entries, week.n, verdicts);
	leave_others(&week, verdicts);
	for (size_t i = 0; i < week.n; i++) {
		put_lines(&week, i, verdicts[i].violations, findings_out);
	}
	findings_out->is_binding = binding_of(placement) == BINDS;
}
