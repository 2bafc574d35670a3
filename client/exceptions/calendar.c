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
	{ "expiring", 62 }, /* rises with each notice */
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

/*
 * What ends is told of 90, 60, 30, 14 and 3 days ahead (issue 4). Each notice is a cause of its own, so
 * that whoever put off one of them sees the next all the same.
 */
static const struct notice {
	int32_t days;
	unsigned rank;
} notices[] = {
	{ 3, 24 },
	{ 14, 50 },
	{ 30, 62 },
	{ 60, 66 },
	{ INT32_MAX, 68 },
};

/* One type and its causes by name, made when the first is needed. */
struct walk {
	struct search *search;
	const struct prac_type *type;
	GHashTable *causes;
};

/* NULL: it is not told in steps. */
static const struct notice *notice_of(const struct prac_computed *computed, int32_t days_left)
{
	const struct notice *notice = notices;

	if (strcmp(computed->name, "expiring") != 0) {
		return NULL;
	}
	while (days_left > notice->days) {
		notice++;
	}
	return notice;
}

static struct exception_cause *make_cause(const struct walk *walk,
	const struct prac_computed *computed, const struct notice *notice, const char *name)
{
	struct prac_arena *arena = walk->search->arena;
	struct exception_cause *cause = prac_arena_alloc(arena, sizeof(*cause));

	cause->name = name;
	cause->label = prac_arena_printf(
		arena, "%s: %s. %s", walk->type->label, computed->label, computed->help);
	cause->remedy = prac_arena_printf(arena, "practicum show %s %%s", walk->type->name);
	(void)exceptions_rank_of(computed->name, &cause->rank);
	if (notice != NULL) {
		cause->rank = notice->rank;
	}
	if (notice != NULL && notice->days != INT32_MAX) {
		cause->label = prac_arena_printf(arena, "%s: %s within %d days", walk->type->label,
			computed->label, (int)notice->days);
	}
	return cause;
}

static struct exception_cause *cause_of(
	struct walk *walk, const struct prac_computed *computed, int32_t days_left)
{
	struct prac_arena *arena = walk->search->arena;
	const struct notice *notice = notice_of(computed, days_left);
	const char *name = prac_arena_printf(arena, "%s_%s", walk->type->name, computed->name);
	struct exception_cause *cause;

	if (notice != NULL && notice->days != INT32_MAX) {
		name = prac_arena_printf(arena, "%s_%d", name, (int)notice->days);
	}
	cause = g_hash_table_lookup(walk->causes, name);
	if (cause == NULL) {
		cause = make_cause(walk, computed, notice, name);
		g_hash_table_insert(walk->causes, (gpointer)name, cause);
	}
	return cause;
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
	search_add(search, cause_of(walk, computed, day - search->today), record, day,
		add_dependents(search, record, search_title(search, record)));
	return true;
}

void search_calendar(struct search *search)
{
	for (size_t i = 0; i < prac_n_types; i++) {
		struct walk walk = { .search = search, .type = prac_types[i] };

		if (walk.type->n_computed > 0) {
			walk.causes = g_hash_table_new(g_str_hash, g_str_equal);
			search_each(search, walk.type, on_record, &walk);
			g_hash_table_destroy(walk.causes);
		}
	}
}
