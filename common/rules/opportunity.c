/* What is told beside an opportunity: how many of its seats are taken today. */
#include "catalog/types.h"
#include "common/rules/seats.h"

static size_t derive(struct prac_judgement *judgement, const struct prac_record *opportunity,
	const struct prac_derived **derived_out)
{
	const struct prac_seats_asked today = { .from = judgement->today,
		.through = judgement->today };
	struct prac_derived *derived = prac_arena_alloc(judgement->arena, sizeof(*derived));
	struct prac_seats seats;

	if (!prac_seats_of(judgement, opportunity, &today, &seats)) {
		return 0;
	}
	*derived = (struct prac_derived){ "seats_taken",
		prac_arena_printf(judgement->arena, "%lld of %lld%s", (long long)seats.taken,
			(long long)seats.n, seats.taken >= seats.n ? ": full" : "") };
	*derived_out = derived;
	return 1;
}

const struct prac_rules prac_rules_opportunity = {
	.derive = derive,
};
