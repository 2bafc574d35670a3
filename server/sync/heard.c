#include "server/sync/heard.h"

void heard_start(struct heard *heard, uint64_t head)
{
	*heard = (struct heard){ .through = head, .looked = head };
}

/* The first that follows what is told leaves the list; false: there is none. */
static bool join_next(struct heard *heard)
{
	for (size_t i = 0; i < heard->n_ahead; i++) {
		const struct heard_commit next = heard->ahead[i];

		if (next.after <= heard->through) {
			heard->ahead[i] = heard->ahead[--heard->n_ahead];
			heard->through = next.head > heard->through ? next.head : heard->through;
			return true;
		}
	}
	return false;
}

void heard_add(struct heard *heard, const struct heard_commit *commit)
{
	if (commit->head <= heard->through) {
		return;
	}
	if (commit->after > heard->through) {
		if (heard->n_ahead < HEARD_AHEAD_MAX) {
			heard->ahead[heard->n_ahead++] = *commit;
		}
		return;
	}
	heard->through = commit->head;
	while (join_next(heard)) {
	}
}

bool heard_look(struct heard *heard, uint64_t head)
{
	bool is_missed = heard->through < heard->looked;

	heard->looked = head;
	if (is_missed) {
		heard_start(heard, head);
	}
	return is_missed;
}

bool heard_look_again(struct heard *heard, uint64_t head)
{
	heard->looked = head;
	return heard_look(heard, head);
}
