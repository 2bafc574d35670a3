/*
 * A merge only says where the organization went; references resolve through it. No two partners have the same name
 * and address (DOMAIN, sync rules): schools propose the same employer, the district takes it once.
 */
#include <ctype.h>

#include "catalog/types.h"
#include "common/rules/rules.h"

enum {
	ZIP = 5 /* digits; what follows in ZIP+4 tells no two places apart */
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_ALL,
		.type = PRAC_ORGANIZATION,
		.actions = UINT64_C(1) << PRAC_ORGANIZATION_DO_APPROVE },
};

/* The next letter or digit from *at on, small; 0: there is none. */
static int next_letter(struct prac_bytes text, size_t *at)
{
	while (*at < text.len) {
		uint8_t byte = text.data[(*at)++];

		if (byte >= 0x80 || isalnum(byte) != 0) {
			return byte >= 0x80 ? byte : tolower(byte);
		}
	}
	return 0;
}

/* Whatever case, spaces and dots they are written with. */
static bool is_alike(struct prac_bytes a, struct prac_bytes b)
{
	size_t at_a = 0, at_b = 0;
	int letter;

	do {
		letter = next_letter(a, &at_a);
		if (letter != next_letter(b, &at_b)) {
			return false;
		}
	} while (letter != 0);
	return true;
}

static struct prac_bytes zip_of(const struct prac_record *organization)
{
	struct prac_bytes zip = organization->values[PRAC_ORGANIZATION_POSTAL_CODE].bytes;

	zip.len = zip.len > ZIP ? ZIP : zip.len;
	return zip;
}

static bool is_partner(const struct prac_record *organization)
{
	int64_t state = organization->values[PRAC_ORGANIZATION_STATE].number;

	return state == PRAC_ORGANIZATION_STATE_APPROVED ||
	       state == PRAC_ORGANIZATION_STATE_SUSPENDED;
}

/* Where either says none, name and ZIP code decide. */
static bool is_of_same_street(
	const struct prac_record *organization, const struct prac_record *other)
{
	const struct prac_value *one = &organization->values[PRAC_ORGANIZATION_STREET];
	const struct prac_value *two = &other->values[PRAC_ORGANIZATION_STREET];

	return !one->has || !two->has || is_alike(one->bytes, two->bytes);
}

static bool is_double(const struct prac_record *organization, const struct prac_record *other)
{
	return !prac_id_equal(&organization->id, &other->id) && is_partner(other) &&
	       is_alike(organization->values[PRAC_ORGANIZATION_NAME].bytes,
		       other->values[PRAC_ORGANIZATION_NAME].bytes) &&
	       is_alike(zip_of(organization), zip_of(other)) &&
	       is_of_same_street(organization, other);
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *organization, struct prac_findings *findings)
{
	const struct prac_record *const *all;
	size_t n = 0, i = 0;
	char id[PRAC_ID_TEXT];

	if (action->number == PRAC_ORGANIZATION_DO_APPROVE) {
		n = prac_facts_all(judgement, PRAC_ORGANIZATION, &all);
	}
	while (i < n && !is_double(organization, all[i])) {
		i++;
	}
	if (i < n) {
		prac_id_format(&all[i]->id, id);
		prac_find(findings, &organization->type->fields[PRAC_ORGANIZATION_NAME],
			"a partner has this name and ZIP code, %s (the same one: practicum exceptions "
			"same; two: let the names or streets tell them apart)",
			id);
	}
}

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

const struct prac_rules prac_rules_organization = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.find = find,
	.act = act,
};
