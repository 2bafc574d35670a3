/* What people who left still have in hand, so that somebody takes it over. */
#include "catalog/types.h"
#include "client/exceptions/search.h"

/* Work that is somebody's until it is in one of these states. */
struct work {
	const struct prac_type *type;
	uint16_t who;    /* index of the reference to the staff member */
	uint64_t closed; /* bit n: the state with number n */
	struct exception_cause cause;
};

#define STATE(number) (UINT64_C(1) << (unsigned)(number))

static const struct work works[] = {
	{ &prac_type_placement, PRAC_PLACEMENT_COORDINATOR_ID,
		STATE(PRAC_PLACEMENT_STATE_COMPLETED) | STATE(PRAC_PLACEMENT_STATE_CANCELED) |
			STATE(PRAC_PLACEMENT_STATE_TERMINATED),
		{ "coordinator_left", "The coordinator of a placement has left",
			"practicum set placement %s coordinator_id=STAFF", 20 } },
	{ &prac_type_placement, PRAC_PLACEMENT_TEACHER_ID,
		STATE(PRAC_PLACEMENT_STATE_COMPLETED) | STATE(PRAC_PLACEMENT_STATE_CANCELED) |
			STATE(PRAC_PLACEMENT_STATE_TERMINATED),
		{ "teacher_left", "The teacher of record of a placement has left",
			"practicum set placement %s teacher_id=STAFF", 21 } },
	{ &prac_type_visit, PRAC_VISIT_STAFF_ID,
		STATE(PRAC_VISIT_STATE_DONE) | STATE(PRAC_VISIT_STATE_CLOSED) |
			STATE(PRAC_VISIT_STATE_MISSED),
		{ "visitor_left", "Who was to visit has left",
			"practicum set visit %s staff_id=STAFF", 22 } },
	{ &prac_type_task, PRAC_TASK_STAFF_ID,
		STATE(PRAC_TASK_STATE_DONE) | STATE(PRAC_TASK_STATE_DROPPED),
		{ "task_left", "Who had a task has left", "practicum set task %s staff_id=STAFF",
			23 } },
};

struct leavers {
	struct search *search;
	const struct work *work;
};

static const struct exception_cause sheet_left = { "sheet_left",
	"A time sheet waits for a coordinator who has left",
	"practicum do time_sheet %s approve capacity=coordinator evidence=TEXT", 19 };

/* Who is named there and is not active; NULL: nobody, or a station that may not see staff. */
static const struct prac_record *leaver(
	const struct search *search, const struct prac_record *record, uint16_t who)
{
	const struct prac_record *member = NULL;
	struct prac_id id;

	if (search_id(record, who, &id)) {
		member = search->facts.get(search->facts.ctx, PRAC_STAFF, &id);
	}
	return member != NULL &&
			       member->values[PRAC_STAFF_STATE].number == PRAC_STAFF_STATE_INACTIVE
		       ? member
		       : NULL;
}

static void add(struct search *search, const struct exception_cause *cause,
	const struct prac_record *record, const struct prac_record *member)
{
	search_add(search, cause, record, search->today,
		prac_arena_printf(search->arena, "%s, %s", search_title(search, record),
			prac_record_title(member, search->arena)));
}

static bool on_sheet(void *ctx, const struct prac_record *sheet, bool pending)
{
	struct search *search = ctx;
	int64_t state = sheet->values[PRAC_TIME_SHEET_STATE].number;
	const struct prac_record *placement, *member;
	struct prac_id id;

	(void)pending;
	if (state != PRAC_TIME_SHEET_STATE_SUBMITTED ||
		prac_id_from_bytes(sheet->values[PRAC_TIME_SHEET_PLACEMENT_ID].bytes, &id) !=
			PRAC_OK) {
		return true;
	}
	placement = search->facts.get(search->facts.ctx, PRAC_PLACEMENT, &id);
	member =
		placement == NULL ? NULL : leaver(search, placement, PRAC_PLACEMENT_COORDINATOR_ID);
	if (member != NULL) {
		add(search, &sheet_left, sheet, member);
	}
	return true;
}

static bool on_work(void *ctx, const struct prac_record *record, bool pending)
{
	const struct leavers *leavers = ctx;
	const struct work *work = leavers->work;
	struct search *search = leavers->search;
	int64_t state = record->values[record->type->state_field].number;
	const struct prac_record *member = leaver(search, record, work->who);

	(void)pending;
	if (member != NULL && (work->closed & STATE(state)) == 0) {
		add(search, &work->cause, record, member);
	}
	return true;
}

void search_leavers(struct search *search)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		struct leavers leavers = { search, &works[i] };

		search_each(search, works[i].type, on_work, &leavers);
	}
	search_each(search, &prac_type_time_sheet, on_sheet, search);
}
