#include "common/rules/labor_week.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/school_days.h"
#include "common/rules/shift.h"
#include "common/rules/statute.h"

enum {
	CALENDAR_BEFORE = 14,
	CALENDAR_DAYS = 30,
	FAR_AWAY = 8, /* days from the week within which entries bear on it */
	ORDERS = 17
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

static size_t children(const struct prac_labor_week *week, uint32_t type, uint32_t field,
	const struct prac_id *parent, const struct prac_record *const **records_out)
{
	const struct prac_facts *facts = week->judgement->facts;

	return facts->children(facts->ctx, type, field, parent, records_out);
}

/* ---- calendar */

static void make_calendar(struct prac_labor_week *week)
{
	struct prac_labor_day *days =
		prac_arena_alloc(week->judgement->arena, CALENDAR_DAYS * sizeof(*days));
	struct prac_school_days published = prac_school_days(
		week->judgement, &week->school, week->sunday - CALENDAR_BEFORE, CALENDAR_DAYS);

	for (size_t i = 0; i < published.n; i++) {
		const struct prac_record *day = published.items[i];

		if (day == NULL) {
			continue;
		}
		days[i] = (struct prac_labor_day){
			.kind = prac_school_day_has_classes(day) ? PRAC_LABOR_DAY_SCHOOL
								 : PRAC_LABOR_DAY_OFF,
			.class_from = (int32_t)day->values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT].number,
			.class_until = (int32_t)day->values[PRAC_SCHOOL_DAY_CLASS_ENDS_AT].number,
		};
	}
	week->calendar = (struct prac_labor_calendar){
		.first = published.first, .n_days = CALENDAR_DAYS, .days = days
	};
	week->minor.calendar = &week->calendar;
}

/* ---- release periods */

static bool add_weekday(struct prac_bytes word, uint8_t *weekdays_io)
{
	static const char words[] = "sunmontuewedthufrisat";

	for (unsigned i = 0; i < 7; i++) {
		if (word.len == 3 && memcmp(word.data, words + (size_t)3 * i, 3) == 0) {
			*weekdays_io |= (uint8_t)(1U << i);
			return true;
		}
	}
	return false;
}

bool prac_labor_release_of(const struct prac_record *record, struct prac_labor_release *release_out)
{
	const struct prac_value *values = record->values;
	struct prac_bytes rest = values[PRAC_RELEASE_PERIOD_WEEKDAYS].bytes, word;
	bool is_good = values[PRAC_RELEASE_PERIOD_WEEKDAYS].has;

	*release_out = (struct prac_labor_release){
		.starts_on = (int32_t)values[PRAC_RELEASE_PERIOD_STARTS_ON].number,
		.ends_on = (int32_t)values[PRAC_RELEASE_PERIOD_ENDS_ON].number,
		.from = (int32_t)values[PRAC_RELEASE_PERIOD_STARTS_AT].number,
		.until = (int32_t)values[PRAC_RELEASE_PERIOD_ENDS_AT].number,
	};
	while (is_good && prac_list_next(&rest, &word)) {
		is_good = add_weekday(word, &release_out->weekdays);
	}
	return is_good && release_out->weekdays != 0;
}

static void take_releases(struct prac_labor_week *week)
{
	const struct prac_record *const *records;
	size_t n = children(week, PRAC_RELEASE_PERIOD, PRAC_RELEASE_PERIOD_STUDENT_ID_NO,
		&week->student->id, &records);
	struct prac_labor_release *releases =
		prac_arena_alloc(week->judgement->arena, (n + 1) * sizeof(*releases));

	for (size_t i = 0; i < n; i++) {
		week->minor.n_releases +=
			prac_labor_release_of(records[i], &releases[week->minor.n_releases]);
	}
	week->minor.releases = releases;
}

/* ---- student and placement */

static bool is_enrolled(const struct prac_record *student)
{
	int64_t state = student->values[PRAC_STUDENT_STATE].number;

	return state == PRAC_STUDENT_STATE_ENROLLED || state == PRAC_STUDENT_STATE_PARTICIPATING;
}

static enum prac_labor_binding binding_of_kind(const struct prac_record *placement)
{
	bool is_unpaid = placement->values[PRAC_PLACEMENT_PAY].has &&
			 placement->values[PRAC_PLACEMENT_PAY].number == PRAC_PLACEMENT_PAY_UNPAID;

	if (!is_unpaid) {
		return PRAC_LABOR_BINDS;
	}
	switch (placement->values[PRAC_PLACEMENT_KIND].number) {
	case PRAC_PLACEMENT_KIND_JOB_SHADOWING:
	case PRAC_PLACEMENT_KIND_MENTORSHIP:
	case PRAC_PLACEMENT_KIND_SIMULATED:
		return PRAC_LABOR_IS_FREE;
	case PRAC_PLACEMENT_KIND_SCHOOL_ENTERPRISE:
	case PRAC_PLACEMENT_KIND_SERVICE:
	case PRAC_PLACEMENT_KIND_SUPERVISED_AGRICULTURE:
	case PRAC_PLACEMENT_KIND_ENTREPRENEURSHIP:
		return PRAC_LABOR_WARNS;
	default:
		return PRAC_LABOR_BINDS;
	}
}

enum prac_labor_binding prac_labor_binding_of(
	const struct prac_judgement *judgement, const struct prac_record *placement)
{
	const struct prac_record *activity =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_ACTIVITY_TYPE_ID);

	if (activity == NULL || !activity->values[PRAC_ACTIVITY_TYPE_LABOR_RULES].has) {
		return binding_of_kind(placement);
	}
	switch (activity->values[PRAC_ACTIVITY_TYPE_LABOR_RULES].number) {
	case PRAC_ACTIVITY_TYPE_LABOR_RULES_NONE:
		return PRAC_LABOR_IS_FREE;
	case PRAC_ACTIVITY_TYPE_LABOR_RULES_WARN:
		return PRAC_LABOR_WARNS;
	default:
		return PRAC_LABOR_BINDS;
	}
}

/* ---- agreements and proofs */

/* The day from which all three have agreed to the plan; INT64_MAX: never. */
static int64_t agreed_since(const struct prac_record *plan)
{
	static const uint16_t dates[] = { PRAC_TRAINING_PLAN_STUDENT_AGREED_ON,
		PRAC_TRAINING_PLAN_SUPERVISOR_AGREED_ON, PRAC_TRAINING_PLAN_COORDINATOR_AGREED_ON };
	int64_t last = 0;

	for (size_t i = 0; i < PRAC_NELEM(dates); i++) {
		const struct prac_value *date = &plan->values[dates[i]];

		last = date->has && date->number > last ? date->number : last;
	}
	return plan->values[PRAC_TRAINING_PLAN_STATE].number == PRAC_TRAINING_PLAN_STATE_DRAFT
		       ? INT64_MAX
		       : last;
}

/* The newest plan of the placement that was agreed by the day; NULL: none. */
static const struct prac_record *agreed_plan(
	const struct prac_labor_week *week, const struct prac_id *placement, int32_t date)
{
	const struct prac_record *const *plans, *found = NULL;
	size_t n = children(week, PRAC_TRAINING_PLAN, PRAC_TRAINING_PLAN_STUDENT_ID_NO,
		&week->student->id, &plans);

	for (size_t i = 0; i < n; i++) {
		struct prac_id id = reference(plans[i], PRAC_TRAINING_PLAN_PLACEMENT_ID);
		int64_t since = agreed_since(plans[i]);

		if (prac_id_equal(&id, placement) && since <= date &&
			(found == NULL || agreed_since(found) <= since)) {
			found = plans[i];
		}
	}
	return found;
}

const char *prac_labor_lacks_conditions(
	const struct prac_labor_week *week, const struct prac_id *placement, int32_t date)
{
	static const struct {
		uint16_t index;
		const char *words;
	} conditions[] = {
		{ PRAC_TRAINING_PLAN_IS_VOCATIONAL, "cooperative vocational course" },
		{ PRAC_TRAINING_PLAN_WORK_IS_INCIDENTAL, "hazardous work incidental to training" },
		{ PRAC_TRAINING_PLAN_WORK_IS_SUPERVISED, "short periods under close supervision" },
		{ PRAC_TRAINING_PLAN_SAFETY_IS_TAUGHT, "safety instruction" },
		{ PRAC_TRAINING_PLAN_HAS_SCHEDULE, "schedule of work processes" },
		{ PRAC_TRAINING_PLAN_COPIES_ARE_KEPT, "copies kept by school and employer" },
		{ PRAC_TRAINING_PLAN_AGREEMENT_ID, "the signed agreement as a document" },
		{ PRAC_TRAINING_PLAN_SUPERVISOR_AGREED_ON, "signature of the employer" },
		{ PRAC_TRAINING_PLAN_COORDINATOR_AGREED_ON, "signature of the school" },
	};
	const struct prac_record *plan = agreed_plan(week, placement, date);
	const char *words = NULL;

	if (plan == NULL) {
		return "an agreed training plan";
	}
	for (size_t i = 0; i < PRAC_NELEM(conditions); i++) {
		const struct prac_value *value = &plan->values[conditions[i].index];
		bool is_bool = plan->type->fields[conditions[i].index].kind == PRAC_BOOL;

		if (!value->has || (is_bool && value->number == 0)) {
			words = prac_arena_printf(week->judgement->arena, "%s%s%s",
				words == NULL ? "" : words, words == NULL ? "" : ", ",
				conditions[i].words);
		}
	}
	return words;
}

/* Hazardous work frees only who meets every condition; the other rules ask for the agreement alone. */
static uint32_t proofs_of(const struct prac_labor_week *week, const struct prac_record *placement,
	int32_t date, uint32_t orders)
{
	const struct prac_value *student = week->student->values;
	int64_t kind = placement->values[PRAC_PLACEMENT_KIND].number;
	uint32_t proofs = 0;

	if ((kind == PRAC_PLACEMENT_KIND_COOPERATIVE ||
		    kind == PRAC_PLACEMENT_KIND_APPRENTICESHIP) &&
		agreed_plan(week, &placement->id, date) != NULL &&
		(orders == 0 || prac_labor_lacks_conditions(week, &placement->id, date) == NULL)) {
		proofs |= 1U << (kind == PRAC_PLACEMENT_KIND_COOPERATIVE
					  ? PRAC_LABOR_PROOF_STUDENT_LEARNER
					  : PRAC_LABOR_PROOF_APPRENTICE);
	}
	if (student[PRAC_STUDENT_STATE].number == PRAC_STUDENT_STATE_GRADUATED &&
		student[PRAC_STUDENT_LEFT_ON].has && student[PRAC_STUDENT_LEFT_ON].number <= date) {
		proofs |= 1U << PRAC_LABOR_PROOF_GRADUATE;
	}
	return proofs;
}

/* A consent holds until its last day and no longer than its school year (TN-16-CONSENT-END). */
static enum prac_labor_consent consent_at(const struct prac_labor_week *week, int32_t date)
{
	enum prac_labor_consent found = PRAC_LABOR_NO_CONSENT;
	const struct prac_record *const *consents;
	size_t n = children(
		week, PRAC_CONSENT, PRAC_CONSENT_STUDENT_ID_NO, &week->student->id, &consents);

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

static uint32_t orders_of(const struct prac_value *list)
{
	struct prac_bytes rest = list->bytes, item;
	uint32_t orders = 0;

	while (list->has && prac_list_next(&rest, &item)) {
		unsigned order = 0;

		for (size_t i = 0; i < item.len && item.data[i] >= '0' && item.data[i] <= '9';
			i++) {
			order = order * 10 + (unsigned)(item.data[i] - '0');
		}
		orders |= order >= 1 && order <= ORDERS ? 1U << order : 0;
	}
	return orders;
}

/* Its own, else that of the work site, else that of the school. */
static struct prac_zone *zone_of(const struct prac_labor_week *week,
	const struct prac_record *record, const struct prac_record *placement)
{
	const struct prac_record *site =
		prac_facts_follow(week->judgement, placement, PRAC_PLACEMENT_SITE_ID);
	struct prac_zone *zone = NULL;

	if (record != NULL && record->type == &prac_type_time_entry) {
		zone = prac_shift_zone(
			&record->values[PRAC_TIME_ENTRY_ZONE], week->judgement->arena);
	}
	if (zone == NULL && site != NULL) {
		zone = prac_shift_zone(&site->values[PRAC_SITE_ZONE], week->judgement->arena);
	}
	return zone == NULL ? week->zone : zone;
}

static void complete_entry(const struct prac_labor_week *week, const struct prac_record *placement,
	struct prac_labor_entry *entry)
{
	entry->orders |= orders_of(&placement->values[PRAC_PLACEMENT_HAZARDOUS_ORDERS]);
	entry->proofs = proofs_of(week, placement, entry->date, entry->orders);
	entry->consent = consent_at(week, entry->date);
}

struct prac_labor_entry prac_labor_week_blank(
	struct prac_labor_week *week, const struct prac_record *placement, int32_t date)
{
	struct prac_labor_entry entry = { .zone = zone_of(week, NULL, placement),
		.date = date,
		.starts_at = -1,
		.ends_at = -1,
		.break_starts_at = -1 };

	complete_entry(week, placement, &entry);
	return entry;
}

static void make_room(struct prac_labor_week *week)
{
	struct prac_arena *arena = week->judgement->arena;
	size_t cap = week->cap == 0 ? 16 : 2 * week->cap;
	const struct prac_record **records = prac_arena_alloc(arena, cap * sizeof(void *));
	struct prac_labor_entry *entries = prac_arena_alloc(arena, cap * sizeof(*entries));
	bool *is_own = prac_arena_alloc(arena, cap * sizeof(*is_own));

	for (size_t i = 0; i < week->n; i++) {
		records[i] = week->records[i];
		entries[i] = week->entries[i];
		is_own[i] = week->is_own[i];
	}
	week->records = records;
	week->entries = entries;
	week->is_own = is_own;
	week->cap = cap;
}

void prac_labor_week_add(struct prac_labor_week *week, const struct prac_record *record,
	const struct prac_record *placement, bool is_own)
{
	struct prac_labor_entry entry = prac_shift_entry(record, zone_of(week, record, placement));

	if (record->type == &prac_type_time_entry) {
		entry.orders = orders_of(&record->values[PRAC_TIME_ENTRY_HAZARDOUS_ORDERS]);
	}
	complete_entry(week, placement, &entry);
	if (week->n == week->cap) {
		make_room(week);
	}
	week->records[week->n] = record;
	week->is_own[week->n] = is_own;
	week->entries[week->n++] = entry;
}

/* Does another sheet, approved or the one judged, take the place of the entry's sheet? */
static bool is_corrected(const struct prac_labor_week *week, const struct prac_record *entry,
	const struct prac_record *const *sheets, size_t n_sheets)
{
	for (size_t i = 0; i < n_sheets; i++) {
		const struct prac_value *values = sheets[i]->values;

		if (values[PRAC_TIME_SHEET_AMENDS_ID].has &&
			prac_bytes_equal(values[PRAC_TIME_SHEET_AMENDS_ID].bytes,
				entry->values[PRAC_TIME_ENTRY_SHEET_ID].bytes) &&
			(prac_id_equal(&sheets[i]->id, &week->sheet) ||
				values[PRAC_TIME_SHEET_STATE].number ==
					PRAC_TIME_SHEET_STATE_APPROVED)) {
			return true;
		}
	}
	return false;
}

bool prac_labor_is_near(const struct prac_labor_week *week, int64_t date)
{
	return date - week->sunday > -FAR_AWAY && date - week->sunday < FAR_AWAY;
}

void prac_labor_week_worked(struct prac_labor_week *week)
{
	const struct prac_record *const *entries, *const *sheets;
	const struct prac_id *student = &week->student->id;
	size_t n_sheets =
		children(week, PRAC_TIME_SHEET, PRAC_TIME_SHEET_STUDENT_ID_NO, student, &sheets);
	size_t n =
		children(week, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_STUDENT_ID_NO, student, &entries);

	for (size_t i = 0; i < n; i++) {
		const struct prac_record *placement = prac_facts_follow(
			week->judgement, entries[i], PRAC_TIME_ENTRY_PLACEMENT_ID);
		struct prac_id sheet = reference(entries[i], PRAC_TIME_ENTRY_SHEET_ID);

		if (placement != NULL &&
			prac_labor_is_near(
				week, entries[i]->values[PRAC_TIME_ENTRY_WORK_DATE].number) &&
			prac_labor_binding_of(week->judgement, placement) != PRAC_LABOR_IS_FREE &&
			!is_corrected(week, entries[i], sheets, n_sheets)) {
			prac_labor_week_add(week, entries[i], placement,
				!prac_id_is_nil(&week->sheet) &&
					prac_id_equal(&sheet, &week->sheet));
		}
	}
}

bool prac_labor_week_begin(struct prac_labor_week *week)
{
	const struct prac_facts *facts = week->judgement->facts;
	const struct prac_value *birth_date = &week->student->values[PRAC_STUDENT_BIRTH_DATE];
	const struct prac_record *school = facts->get(facts->ctx, PRAC_SCHOOL, &week->school);

	week->zone = school == NULL ? NULL
				    : prac_shift_zone(&school->values[PRAC_SCHOOL_ZONE],
					      week->judgement->arena);
	if (week->zone == NULL) {
		week->zone = prac_shift_zone_default();
	}
	if (!birth_date->has || week->zone == NULL) {
		return false;
	}
	week->law = prac_statute_labor(week->judgement);
	week->minor.birth_date = (int32_t)birth_date->number;
	week->minor.is_enrolled = is_enrolled(week->student);
	make_calendar(week);
	take_releases(week);
	return true;
}
