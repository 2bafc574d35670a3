/* A meeting that was held is the board's last one. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT,
		.field = PRAC_BOARD_MEETING_BOARD_ID_NO,
		.actions = UINT64_C(1) << PRAC_BOARD_MEETING_DO_HOLD },
};

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *meeting)
{
	const struct prac_record *board =
		prac_facts_follow(judgement, meeting, PRAC_BOARD_MEETING_BOARD_ID);
	const struct prac_value *held_on = &meeting->values[PRAC_BOARD_MEETING_HELD_ON];
	const struct prac_value *last;

	(void)args;
	if (action->number != PRAC_BOARD_MEETING_DO_HOLD || board == NULL) {
		return PRAC_REASON_NONE;
	}
	last = &board->values[PRAC_ADVISORY_BOARD_LAST_MET_ON];
	if (!last->has || last->number < held_on->number) {
		prac_effect_change(judgement, board)->values[PRAC_ADVISORY_BOARD_LAST_MET_ON] =
			*held_on;
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_board_meeting = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.act = act,
};
