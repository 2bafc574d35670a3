/* That somebody looked through many records is a fact of the day; nothing about it is judged. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *listing)
{
	if (before != NULL) {
		return;
	}
	listing->values[PRAC_LISTING_MADE_ON] =
		(struct prac_value){ .has = true, .number = judgement->today };
	listing->values[PRAC_LISTING_PERSON_ID] = prac_judgement_person(judgement);
}

const struct prac_rules prac_rules_listing = {
	.complete = complete,
};
