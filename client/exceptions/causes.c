/* What is missing or does not fit, found by one pass over each type concerned. */

#include "catalog/types.h"
#include "client/exceptions/keys.h"
#include "client/exceptions/search.h"
#include "common/base/date.h"
#include "common/rules/seats.h"
#include "common/rules/statute.h"

enum {
	WEEK = 7,
	SHEET_DUE = WEEK + 2, /* the Tuesday after the week (issue 4) */
	WEEKS_BACK = 4,       /* older ones were seen often enough */
	SHEET_WAITS = 14,     /* days after its Sunday */
	PARTNER_DAYS = 90,    /* issue 4 */
	ABSENCE_DAYS = 60,
	FREED_DAYS = 30,
	YEAR = 365,
	DAY_MS = 24 * 60 * 60 * 1000
};

static const struct exception_cause conflict_open = { "conflict_open",
	"Two people changed the same fact", "practicum conflicts resolve %s mine|theirs", 5 };
static const struct exception_cause hours_while_absent = { "hours_while_absent",
	"Hours on a day on which the student was absent from school",
	"practicum show time_entry %s", 15 };
static const struct exception_cause sheet_flagged = { "sheet_flagged",
	"Hours that break a rule wait for a decision",
	"practicum do time_sheet %s settle disposition=TEXT", 10 };
static const struct exception_cause sheet_missing = { "sheet_missing",
	"No time sheet by Tuesday for a week of a placement with planned hours",
	"practicum add time_sheet placement_id=%s week_start=SUNDAY", 30 };
static const struct exception_cause input_refused = { "input_refused",
	"Input was refused (its author corrects it with practicum drafts)",
	"practicum do rejected %s settle outcome=corrected", 8 };
static const struct exception_cause sheet_late = { "sheet_late",
	"A time sheet was not submitted by Tuesday", "practicum do time_sheet %s submit", 32 };
static const struct exception_cause sheet_returned = { "sheet_returned",
	"A time sheet was returned and nobody mended it", "practicum do time_sheet %s submit", 34 };
static const struct exception_cause sheet_waiting = { "sheet_waiting",
	"A time sheet waits for its approval",
	"practicum do time_sheet %s approve capacity=coordinator evidence=TEXT", 36 };
static const struct exception_cause visit_missing = { "visit_missing",
	"No visit in the time that the rules ask for",
	"practicum add visit placement_id=%s planned_on=DATE kind=announced", 45 };
static const struct exception_cause student_unplaced = { "student_unplaced",
	"A student is ready and has no placement", "practicum show student_checklist %s", 50 };
static const struct exception_cause seat_freed = { "seat_freed", "A seat became free",
	"practicum list application opportunity_id=%s", 55 };
static const struct exception_cause board_behind = { "board_behind",
	"A board meets less often than it is to",
	"practicum add board_meeting board_id=%s held_on=DATE", 75 };
static const struct exception_cause partner_silent = { "partner_silent",
	"Nobody talked with a partner for 90 days", "practicum add contact_log organization_id=%s",
	85 };

static int32_t date_of(const struct prac_record *record, size_t index)
{
	return (int32_t)record->values[index].number;
}

static int64_t state_of(const struct prac_record *record)
{
	return record->values[record->type->state_field].number;
}

/* ---- hours */

struct hours {
	struct search *search;
	GHashTable *absences; /* (student, day) */
	GHashTable *sheets;   /* (placement, Sunday) */
};

static bool on_absence(void *ctx, const struct prac_record *absence, bool pending)
{
	struct hours *hours = ctx;
	int32_t day = date_of(absence, PRAC_ABSENCE_DAY);
	int64_t kind = absence->values[PRAC_ABSENCE_KIND].number;
	struct prac_id student;

	(void)pending;
	if (day >= hours->search->today - ABSENCE_DAYS &&
		!absence->values[PRAC_ABSENCE_MINUTES].has &&
		(kind == PRAC_ABSENCE_KIND_UNEXCUSED || kind == PRAC_ABSENCE_KIND_EXCUSED) &&
		search_id(absence, PRAC_ABSENCE_STUDENT_ID, &student)) {
		keys_add(hours->absences, &student, day);
	}
	return true;
}

static bool on_entry(void *ctx, const struct prac_record *entry, bool pending)
{
	struct hours *hours = ctx;
	int32_t day = date_of(entry, PRAC_TIME_ENTRY_WORK_DATE);
	struct prac_id student;

	(void)pending;
	if (search_id(entry, PRAC_TIME_ENTRY_STUDENT_ID, &student) &&
		keys_has(hours->absences, &student, day)) {
		search_add(hours->search, &hours_while_absent, entry, day,
			search_title(hours->search, entry));
	}
	return true;
}

/* With the change by which the server judged it anew, if that was why. */
static const char *flagged_text(struct search *search, const struct prac_record *sheet)
{
	const struct prac_value *why = &sheet->values[PRAC_TIME_SHEET_REJUDGED_BECAUSE];
	const char *title = search_title(search, sheet);

	return !why->has ? title
			 : prac_arena_printf(search->arena, "%s, since: %s", title,
				   prac_arena_text(search->arena, why->bytes));
}

static bool on_sheet(void *ctx, const struct prac_record *sheet, bool pending)
{
	struct hours *hours = ctx;
	struct search *search = hours->search;
	int32_t sunday = date_of(sheet, PRAC_TIME_SHEET_WEEK_START);
	int64_t state = state_of(sheet);
	struct prac_id placement;

	(void)pending;
	if (search_id(sheet, PRAC_TIME_SHEET_PLACEMENT_ID, &placement)) {
		keys_add(hours->sheets, &placement, sunday);
	}
	if (state == PRAC_TIME_SHEET_STATE_FLAGGED) {
		search_add(search, &sheet_flagged, sheet, sunday, flagged_text(search, sheet));
	} else if (state == PRAC_TIME_SHEET_STATE_DRAFT && sunday + SHEET_DUE <= search->today) {
		search_add(search, &sheet_late, sheet, sunday, search_title(search, sheet));
	} else if (state == PRAC_TIME_SHEET_STATE_RETURNED) {
		search_add(search, &sheet_returned, sheet, sunday, search_title(search, sheet));
	} else if (state == PRAC_TIME_SHEET_STATE_SUBMITTED &&
		   sunday + SHEET_WAITS <= search->today) {
		search_add(search, &sheet_waiting, sheet, sunday, search_title(search, sheet));
	}
	return true;
}

/* Weeks that have begun since the placement did, whose Tuesday is over, without a sheet. */
static void look_for_weeks(struct hours *hours, const struct prac_record *placement)
{
	struct search *search = hours->search;
	int32_t starts_on = date_of(placement, PRAC_PLACEMENT_STARTS_ON);
	int32_t ends_on = date_of(placement, PRAC_PLACEMENT_ENDS_ON);
	int32_t sunday = prac_date_week_start(search->today - SHEET_DUE), first = 0;
	const char *weeks = "";
	char text[PRAC_DATE_TEXT];

	for (int i = 0; i < WEEKS_BACK; i++, sunday -= WEEK) {
		if (sunday + WEEK <= starts_on || sunday > ends_on ||
			keys_has(hours->sheets, &placement->id, sunday)) {
			continue;
		}
		prac_date_format(sunday, text);
		weeks = prac_arena_printf(
			search->arena, "%s%s%s", text, weeks[0] != '\0' ? ", " : "", weeks);
		first = sunday;
	}
	if (weeks[0] != '\0') {
		search_add(search, &sheet_missing, placement, first,
			prac_arena_printf(search->arena, "%s, weeks from %s",
				search_title(search, placement), weeks));
	}
}

static bool on_working(void *ctx, const struct prac_record *placement, bool pending)
{
	(void)pending;
	if (state_of(placement) == PRAC_PLACEMENT_STATE_ACTIVE &&
		placement->values[PRAC_PLACEMENT_WEEKLY_MINUTES].number > 0) {
		look_for_weeks(ctx, placement);
	}
	return true;
}

static void search_hours(struct search *search)
{
	struct hours hours = { search, keys_new(), keys_new() };

	search_each(search, &prac_type_absence, on_absence, &hours);
	if (g_hash_table_size(hours.absences) > 0) {
		search_each(search, &prac_type_time_entry, on_entry, &hours);
	}
	search_each(search, &prac_type_time_sheet, on_sheet, &hours);
	search_each(search, &prac_type_placement, on_working, &hours);
	g_hash_table_destroy(hours.absences);
	g_hash_table_destroy(hours.sheets);
}

/* ---- placements, visits, seats, students without one */

struct places {
	struct search *search;
	struct prac_policy visiting; /* rule sets of domain visits */
	GHashTable *visits;          /* placement: day of the last one */
	GHashTable *placed;          /* students with a placement under way */
	GHashTable *taken;           /* opportunity: seats taken */
	GHashTable *left_on;         /* opportunity: day on which the last student left */
};

static bool on_visit(void *ctx, const struct prac_record *visit, bool pending)
{
	struct places *places = ctx;
	struct prac_id placement;

	(void)pending;
	if (visit->values[PRAC_VISIT_HELD_ON].has &&
		search_id(visit, PRAC_VISIT_PLACEMENT_ID, &placement)) {
		keys_keep_last(places->visits, &placement, date_of(visit, PRAC_VISIT_HELD_ON));
	}
	return true;
}

/* By the rules of today for its kind of work and activity type. */
static void look_at_visits(struct places *places, const struct prac_record *placement)
{
	struct search *search = places->search;
	const struct prac_judgement judgement = {
		.facts = &search->facts, .arena = search->arena, .today = search->today
	};
	struct prac_policy_case about = prac_statute_case(&judgement, placement);
	const struct prac_law_row *row =
		prac_policy_row_of(&places->visiting, "visit", search->today, &about);
	int32_t last = keys_last(places->visits, &placement->id);

	if (row == NULL || state_of(placement) != PRAC_PLACEMENT_STATE_ACTIVE) {
		return;
	}
	if (last == 0) {
		last = date_of(placement, PRAC_PLACEMENT_STARTS_ON);
	}
	if (search->today > prac_policy_visit_due(row, last)) {
		search_add(search, &visit_missing, placement, last,
			prac_arena_printf(search->arena, "%s (%s: %s)",
				search_title(search, placement), row->id, row->words));
	}
}

static bool on_placement(void *ctx, const struct prac_record *placement, bool pending)
{
	struct places *places = ctx;
	int64_t state = state_of(placement);
	struct prac_id student, opportunity;
	bool has_seat = search_id(placement, PRAC_PLACEMENT_OPPORTUNITY_ID, &opportunity);

	(void)pending;
	look_at_visits(places, placement);
	if (prac_seat_is_taken_by(placement)) {
		if (search_id(placement, PRAC_PLACEMENT_STUDENT_ID, &student)) {
			keys_add(places->placed, &student, 0);
		}
		if (has_seat) {
			keys_count(places->taken, &opportunity);
		}
	} else if (has_seat && state == PRAC_PLACEMENT_STATE_TERMINATED) {
		keys_keep_last(
			places->left_on, &opportunity, date_of(placement, PRAC_PLACEMENT_ENDED_ON));
	}
	return true;
}

static bool on_opportunity(void *ctx, const struct prac_record *opportunity, bool pending)
{
	struct places *places = ctx;
	int32_t left_on = keys_last(places->left_on, &opportunity->id);
	int64_t n_free = opportunity->values[PRAC_OPPORTUNITY_SEATS].number -
			 keys_last(places->taken, &opportunity->id);

	(void)pending;
	if (state_of(opportunity) == PRAC_OPPORTUNITY_STATE_OPEN && n_free > 0 && left_on > 0 &&
		places->search->today - left_on <= FREED_DAYS) {
		search_add(places->search, &seat_freed, opportunity, left_on,
			prac_arena_printf(places->search->arena, "%s: %lld free",
				search_title(places->search, opportunity), (long long)n_free));
	}
	return true;
}

static bool on_ready(void *ctx, const struct prac_record *checklist, bool pending)
{
	struct places *places = ctx;
	struct prac_id student;

	(void)pending;
	if (state_of(checklist) == PRAC_STUDENT_CHECKLIST_STATE_READY &&
		search_id(checklist, PRAC_STUDENT_CHECKLIST_STUDENT_ID, &student) &&
		!keys_has(places->placed, &student, 0)) {
		search_add(places->search, &student_unplaced, checklist,
			date_of(checklist, PRAC_STUDENT_CHECKLIST_DECIDED_ON),
			search_title(places->search, checklist));
	}
	return true;
}

static void search_places(struct search *search)
{
	const struct prac_judgement judgement = { .facts = &search->facts, .arena = search->arena };
	struct places places = { search, prac_statute_policy(&judgement, "visits"), keys_new(),
		keys_new(), keys_new(), keys_new() };

	search_each(search, &prac_type_visit, on_visit, &places);
	search_each(search, &prac_type_placement, on_placement, &places);
	search_each(search, &prac_type_opportunity, on_opportunity, &places);
	search_each(search, &prac_type_student_checklist, on_ready, &places);
	g_hash_table_destroy(places.visits);
	g_hash_table_destroy(places.placed);
	g_hash_table_destroy(places.taken);
	g_hash_table_destroy(places.left_on);
}

/* ---- what one record tells by itself */

static bool on_conflict(void *ctx, const struct prac_record *conflict, bool pending)
{
	struct search *search = ctx;
	struct prac_id id;
	const struct prac_type *type = prac_record_target(conflict, &id);
	const struct prac_record *target =
		type != NULL ? search->facts.get(search->facts.ctx, type->number, &id) : NULL;

	(void)pending;
	if (state_of(conflict) == PRAC_CONFLICT_STATE_OPEN) {
		search_add(search, &conflict_open, conflict,
			(int32_t)(conflict->values[PRAC_CONFLICT_MINE_AT].number / DAY_MS),
			target != NULL ? search_title(search, target)
				       : search_title(search, conflict));
	}
	return true;
}

static bool on_rejected(void *ctx, const struct prac_record *rejected, bool pending)
{
	struct search *search = ctx;
	const struct prac_value *values = rejected->values;

	(void)pending;
	if (state_of(rejected) == PRAC_REJECTED_STATE_OPEN) {
		search_add(search, &input_refused, rejected,
			(int32_t)(values[PRAC_REJECTED_ENTERED_AT].number / DAY_MS),
			prac_arena_text(search->arena, values[PRAC_REJECTED_WORDS].bytes));
	}
	return true;
}

static bool on_board(void *ctx, const struct prac_record *board, bool pending)
{
	struct search *search = ctx;
	int64_t meetings = board->values[PRAC_ADVISORY_BOARD_MEETINGS_A_YEAR].number;
	int32_t last = date_of(board, PRAC_ADVISORY_BOARD_LAST_MET_ON);

	(void)pending;
	if (state_of(board) == PRAC_ADVISORY_BOARD_STATE_ACTIVE && meetings > 0 &&
		search->today - last > YEAR / meetings) {
		search_add(search, &board_behind, board, last, search_title(search, board));
	}
	return true;
}

static bool on_partner(void *ctx, const struct prac_record *organization, bool pending)
{
	struct search *search = ctx;
	const struct prac_value *last = &organization->values[PRAC_ORGANIZATION_LAST_CONTACT_ON];

	(void)pending;
	if (state_of(organization) == PRAC_ORGANIZATION_STATE_APPROVED && last->has &&
		search->today - last->number > PARTNER_DAYS) {
		search_add(search, &partner_silent, organization, (int32_t)last->number,
			search_title(search, organization));
	}
	return true;
}

void search_causes(struct search *search)
{
	search_each(search, &prac_type_conflict, on_conflict, search);
	search_each(search, &prac_type_rejected, on_rejected, search);
	search_hours(search);
	search_places(search);
	search_each(search, &prac_type_advisory_board, on_board, search);
	search_each(search, &prac_type_organization, on_partner, search);
}
