/* A merge only says where the organization went; references resolve through it. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *organization)
{
	const struct prac_value *into = &organization->values[PRAC_ORGANIZATION_MERGED_INTO_ID];

	(void)args;
	if (action->number == PRAC_ORGANIZATION_DO_MERGE && into->has &&
		prac_bytes_equal(into->bytes, prac_id_bytes(&organization->id))) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&organization->type->fields[PRAC_ORGANIZATION_MERGED_INTO_ID],
			"Merged into: must be another organization");
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_organization = { .act = act };
