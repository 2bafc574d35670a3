/* What is told beside a student: whether the courses completed make a CTE concentrator. */
#include "catalog/types.h"
#include "common/rules/concentrator.h"

static size_t derive(struct prac_judgement *judgement, const struct prac_record *student,
	const struct prac_derived **derived_out)
{
	struct prac_derived *derived = prac_arena_alloc(judgement->arena, sizeof(*derived));
	struct prac_concentrator concentrator;

	if (!prac_concentrator_of(judgement, student, judgement->today, &concentrator)) {
		return 0;
	}
	*derived = (struct prac_derived){ "concentrator",
		prac_concentrator_words(judgement, student, &concentrator) };
	*derived_out = derived;
	return 1;
}

const struct prac_rules prac_rules_student = {
	.derive = derive,
};
