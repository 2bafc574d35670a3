/* States that only the calendar moves, as the catalog defines them, and how much they hurt. */
#include <string.h>

#include "catalog/types.h"
#include "client/exceptions/search.h"

/* The words of computed states. A word of the catalog that is not here is a failing test. */
static const struct {
	const char *name;
	unsigned rank; /* 0: nobody has to do anything */
} words[] = {
	{ "expired", 20 },
	{ "lapsed", 20 },
	{ "report_overdue", 22 },
	{ "overdue", 40 },
	{ "follow_up_overdue", 40 },
	{ "application_overdue", 40 },
	{ "term_over", 60 },
	{ "expiring", 62 },
	{ "due_soon", 62 },
	{ "survey_due", 64 },
	{ "renewal_due", 64 },
	{ "term_ending", 66 },
	{ "ending", 66 },
	{ "dormant", 80 },
	{ "running", 0 },
	{ "over", 0 },
	{ "window_over", 0 },
	{ "in_force", 0 },
};

bool exceptions_rank_of(const char *computed, unsigned *rank_out)
{
	for (size_t i = 0; i < PRAC_NELEM(words); i++) {
		if (strcmp(words[i].name, computed) == 0) {
			*rank_out = words[i].rank;
			return true;
		}
	}
	return false;
}

/* One type and its causes, one for each of its computed states, made when the first is needed. */
struct walk {
	struct search *search;
	const struct prac_type *type;
	struct exception_cause **causes;
};

static struct exception_cause *cause_of(struct walk *walk, const struct prac_computed *computed)
{
	struct prac_arena *arena = walk->search->arena;
	struct exception_cause **cause = &walk->causes[computed - walk->type->computed];

	if (*cause == NULL) {
		*cause = prac_arena_alloc(arena, sizeof(**cause));
		(*cause)->name =
			prac_arena_printf(arena, "%s_%s", walk->type->name, computed->name);
		(*cause)->label = prac_arena_printf(
			arena, "%s: %s. %s", walk->type->label, computed->label, computed->help);
		(*cause)->remedy =
			prac_arena_printf(arena, "practicum show %s %%s", walk->type->name);
		(void)exceptions_rank_of(computed->name, &(*cause)->rank);
	}
	return *cause;
}

/* One policy that ended is one line, however many students it covered. */
static const char *add_dependents(
	struct search *search, const struct prac_record *record, const char *text)
{
	const struct prac_record *const *placements;
	struct prac_id organization;
	size_t n, n_active = 0;

	if (record->type != &prac_type_insurance ||
		prac_id_from_bytes(record->values[PRAC_INSURANCE_ORGANIZATION_ID].bytes,
			&organization) != PRAC_OK) {
		return text;
	}
	n = search->facts.children(search->facts.ctx, PRAC_PLACEMENT,
		PRAC_PLACEMENT_ORGANIZATION_ID_NO, &organization, &placements);
	for (size_t i = 0; i < n; i++) {
		n_active += placements[i]->values[PRAC_PLACEMENT_STATE].number ==
					    PRAC_PLACEMENT_STATE_ACTIVE
				    ? 1
				    : 0;
	}
	return prac_arena_printf(search->arena, "%s (%zu active placement%s)", text, n_active,
		n_active == 1 ? "" : "s");
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct walk *walk = ctx;
	struct search *search = walk->search;
	const struct prac_computed *computed = prac_record_computed(record, search->today);
	unsigned rank = 0;
	int32_t day;

	(void)pending;
	if (computed == NULL || !exceptions_rank_of(computed->name, &rank) || rank == 0) {
		return true;
	}
	day = (int32_t)record->values[computed->since].number;
	search_add(search, cause_of(walk, computed), record, day,
		add_dependents(search, record, search_title(search, record)));
	return true;
}

void search_calendar(struct search *search)
{
	for (size_t i = 0; i < prac_n_types; i++) {
		struct walk walk = { .search = search, .type = prac_types[i] };

		if (walk.type->n_computed > 0) {
			walk.causes = prac_arena_alloc(search->arena,
				walk.type->n_computed * sizeof(struct exception_cause *));
			search_each(search, walk.type, on_record, &walk);
		}
	}
}
