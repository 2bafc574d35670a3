#include "common/rules/gate.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/guard.h"

enum {
	RENEWAL_DAYS = 10 /* that a renewal in hand lasts, its own day included */
};

#define STATE(name) (UINT64_C(1) << (name))

struct gate {
	struct prac_judgement *judgement;
	const struct prac_record *placement;
	enum prac_gate kind;
	int32_t day;
	struct prac_findings *findings;
};

static size_t children_of(const struct gate *gate, uint32_t type, uint32_t field,
	const struct prac_value *parent, const struct prac_record *const **records_out)
{
	const struct prac_facts *facts = gate->judgement->facts;
	struct prac_id id;

	*records_out = NULL;
	if (!parent->has || prac_id_from_bytes(parent->bytes, &id) != PRAC_OK) {
		return 0;
	}
	return facts->children(facts->ctx, type, field, &id, records_out);
}

static void look(const struct gate *gate, const struct prac_guard *guard,
	const struct prac_record *owner, const struct prac_record *const *candidates, size_t n)
{
	struct prac_judgement on_day = *gate->judgement;

	on_day.today = gate->day;
	prac_guard_candidates(&on_day, guard, gate->placement,
		&(struct prac_candidates){ owner, candidates, n }, gate->findings);
}

/* Papers of the student that are of this placement or of none in particular. */
static bool is_paper(
	const struct gate *gate, const struct prac_paper *paper, const struct prac_record *document)
{
	const struct prac_value *placement = &document->values[PRAC_DOCUMENT_PLACEMENT_ID];

	return document->values[PRAC_DOCUMENT_KIND].number == paper->kind &&
	       (!placement->has ||
		       prac_bytes_equal(placement->bytes, prac_id_bytes(&gate->placement->id)));
}

static void look_for_paper(const struct gate *gate, const struct prac_paper *paper,
	const struct prac_record *const *documents, size_t n_documents)
{
	const struct prac_record **papers =
		prac_arena_alloc(gate->judgement->arena, (n_documents + 1) * sizeof(void *));
	const struct prac_guard guard = {
		.label = paper->name,
		.help = paper->help,
		.ref = -1,
		.states = STATE(PRAC_DOCUMENT_STATE_VERIFIED) | STATE(PRAC_DOCUMENT_STATE_WAIVED),
		.valid_from = PRAC_DOCUMENT_VALID_FROM,
		.valid_until = PRAC_DOCUMENT_VALID_UNTIL,
	};
	size_t n = 0;

	for (size_t i = 0; i < n_documents; i++) {
		if (is_paper(gate, paper, documents[i])) {
			papers[n++] = documents[i];
		}
	}
	look(gate, &guard, NULL, papers, n);
}

static void look_for_papers(const struct gate *gate)
{
	const struct prac_record *const *documents;
	const struct prac_paper *papers;
	size_t n =
		prac_papers_asked(gate->judgement, gate->placement, gate->kind, gate->day, &papers);
	size_t n_documents = children_of(gate, PRAC_DOCUMENT, PRAC_DOCUMENT_STUDENT_ID_NO,
		&gate->placement->values[PRAC_PLACEMENT_STUDENT_ID], &documents);

	for (size_t i = 0; i < n; i++) {
		look_for_paper(gate, &papers[i], documents, n_documents);
	}
}

/* A policy that was canceled has covered the days through its last. */
static const struct prac_record *as_cover(const struct gate *gate, const struct prac_record *policy)
{
	struct prac_record *cover;

	if (policy->values[PRAC_INSURANCE_STATE].number != PRAC_INSURANCE_STATE_CANCELED) {
		return policy;
	}
	cover = prac_record_copy(gate->judgement->arena, policy);
	cover->values[PRAC_INSURANCE_STATE].number = PRAC_INSURANCE_STATE_VERIFIED;
	return cover;
}

/* Wages make the student an employee: workers' compensation. Else liability or accident cover. */
static bool is_cover(const struct gate *gate, const struct prac_record *policy)
{
	bool is_compensation = policy->values[PRAC_INSURANCE_KIND].number ==
			       PRAC_INSURANCE_KIND_WORKERS_COMPENSATION;

	return is_compensation == prac_is_paid(gate->placement);
}

static bool is_own_cover(
	const struct gate *gate, const struct prac_record *policy, const struct prac_guard *guard)
{
	struct prac_findings findings = { .arena = gate->judgement->arena };
	struct gate asked = *gate;

	if (prac_is_paid(gate->placement) || policy->values[PRAC_STUDENT_INSURANCE_KIND].number !=
						     PRAC_STUDENT_INSURANCE_KIND_STUDENT_ACCIDENT) {
		return false;
	}
	asked.findings = &findings;
	look(&asked, guard, NULL, &policy, 1);
	return findings.words == NULL;
}

static bool has_own_cover(const struct gate *gate)
{
	static const struct prac_guard guard = {
		.label = "insurance",
		.help = "",
		.ref = -1,
		.states = STATE(PRAC_STUDENT_INSURANCE_STATE_VERIFIED),
		.valid_from = PRAC_STUDENT_INSURANCE_STARTS_ON,
		.valid_until = PRAC_STUDENT_INSURANCE_ENDS_ON,
	};
	const struct prac_record *const *policies;
	size_t n = children_of(gate, PRAC_STUDENT_INSURANCE, PRAC_STUDENT_INSURANCE_STUDENT_ID_NO,
		&gate->placement->values[PRAC_PLACEMENT_STUDENT_ID], &policies);
	bool has = false;

	for (size_t i = 0; i < n && !has; i++) {
		has = is_own_cover(gate, policies[i], &guard);
	}
	return has;
}

static void look_for_cover(const struct gate *gate)
{
	const struct prac_guard guard = {
		.label = prac_is_paid(gate->placement) ? "workers' compensation insurance"
						       : "insurance",
		.help = prac_is_paid(gate->placement)
				? "Let the district verify the employer's policy."
				: "Let the district verify a liability or student accident policy.",
		.ref = PRAC_PLACEMENT_ORGANIZATION_ID,
		.states = STATE(PRAC_INSURANCE_STATE_VERIFIED),
		.valid_from = PRAC_INSURANCE_STARTS_ON,
		.valid_until = PRAC_INSURANCE_ENDS_ON,
	};
	const struct prac_record *placement = gate->placement;
	const struct prac_record *named =
		prac_facts_follow(gate->judgement, placement, PRAC_PLACEMENT_INSURANCE_ID);
	const struct prac_record *const *policies;
	size_t n = 0,
	       n_policies = children_of(gate, PRAC_INSURANCE, PRAC_INSURANCE_ORGANIZATION_ID_NO,
		       &placement->values[PRAC_PLACEMENT_ORGANIZATION_ID], &policies);
	const struct prac_record **covers =
		prac_arena_alloc(gate->judgement->arena, (n_policies + 1) * sizeof(void *));

	if (named != NULL && is_cover(gate, named)) {
		covers[n++] = as_cover(gate, named);
	}
	for (size_t i = 0; i < n_policies; i++) {
		if (is_cover(gate, policies[i])) {
			covers[n++] = as_cover(gate, policies[i]);
		}
	}
	if (!has_own_cover(gate)) {
		look(gate, &guard,
			prac_facts_follow(
				gate->judgement, placement, PRAC_PLACEMENT_ORGANIZATION_ID),
			covers, n);
	}
}

void prac_gate_find(struct prac_judgement *judgement, const struct prac_record *placement,
	enum prac_gate asked, int32_t day, struct prac_findings *findings)
{
	const struct gate gate = { judgement, placement, asked, day, findings };

	look_for_papers(&gate);
	if (asked != PRAC_GATE_CLOSE) {
		look_for_cover(&gate);
	}
}

static bool has_begun(const struct prac_record *placement)
{
	switch (placement->values[PRAC_PLACEMENT_STATE].number) {
	case PRAC_PLACEMENT_STATE_ACTIVE:
	case PRAC_PLACEMENT_STATE_SUSPENDED:
	case PRAC_PLACEMENT_STATE_COMPLETING:
	case PRAC_PLACEMENT_STATE_COMPLETED:
	case PRAC_PLACEMENT_STATE_TERMINATED:
		return true;
	default:
		return false;
	}
}

const char *prac_gate_suspends(
	struct prac_judgement *judgement, const struct prac_record *placement, int32_t day)
{
	const struct prac_value *renewal = &placement->values[PRAC_PLACEMENT_RENEWAL_IN_HAND_ON];
	struct prac_findings findings = { .arena = judgement->arena };

	if (placement->values[PRAC_PLACEMENT_STATE].number != PRAC_PLACEMENT_STATE_ACTIVE ||
		(renewal->has && day >= renewal->number && day < renewal->number + RENEWAL_DAYS)) {
		return NULL;
	}
	prac_gate_find(judgement, placement, PRAC_GATE_SUSPENDS, day, &findings);
	return findings.words;
}

void prac_gate_find_days(struct prac_judgement *judgement, const struct prac_record *placement,
	const struct prac_record *const *entries, size_t n_entries, struct prac_findings *findings)
{
	for (size_t i = 0; has_begun(placement) && i < n_entries; i++) {
		int32_t day = (int32_t)entries[i]->values[PRAC_TIME_ENTRY_WORK_DATE].number;
		struct prac_findings of_day = { .arena = judgement->arena };
		char text[PRAC_DATE_TEXT];

		prac_gate_find(judgement, placement, PRAC_GATE_SUSPENDS, day, &of_day);
		if (of_day.words != NULL) {
			prac_date_format(day, text);
			prac_find(findings, NULL, "the hours of %s: %s", text, of_day.words);
			return; /* the first day says what is to be renewed */
		}
	}
}
