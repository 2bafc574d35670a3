/* States that only the calendar moves, as the catalog defines them, and how much they hurt. */
#include <string.h>

#include "catalog/types.h"
#include "client/exceptions/search.h"
#include "common/base/buf.h"

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
 * What ends is told of 90, 60, 30, 14 and 3 days ahead. Each notice is a cause of its own, so
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
	{ 90, 68 },
	{ INT32_MAX, 70 },
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
	cause->remedy = "";
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

/* Fields of a paper that its renewal has too; the day it ends is another. */
static const char *const kept[] = { "organization_id", "student_id", "school_id", "placement_id",
	"staff_id", "kind", "topic" };

/* "practicum add insurance organization_id=0193... kind=liability ends_on=DATE" */
static const char *renewal_of(
	struct search *search, const struct prac_record *record, const struct prac_field *end)
{
	const char *text = prac_arena_printf(search->arena, "practicum add %s", record->type->name);

	for (size_t i = 0; i < PRAC_NELEM(kept); i++) {
		const struct prac_field *field = prac_field_find_name(record->type, kept[i]);
		struct prac_buf value = { 0 };

		if (field == NULL || !record->values[field->index].has) {
			continue;
		}
		prac_value_format(field, &record->values[field->index], &value);
		text = prac_arena_printf(search->arena, "%s %s=%s", text, field->name,
			prac_arena_text(search->arena, prac_buf_bytes(&value)));
		prac_buf_deinit(&value);
	}
	return prac_arena_printf(search->arena, "%s %s=DATE", text, end->name);
}

/* " outcome=VALUE": what the action must be told. */
static const char *args_of(struct search *search, const struct prac_action *action)
{
	const char *text = "";

	for (size_t i = 0; action->args != NULL && i < action->args->n_fields; i++) {
		if ((action->args->fields[i].flags & PRAC_REQUIRED) != 0) {
			text = prac_arena_printf(
				search->arena, "%s %s=VALUE", text, action->args->fields[i].name);
		}
	}
	return text;
}

/* The step that the catalog names first leads on. What only ends is entered anew. */
static const char *remedy_of(struct search *search, const struct prac_record *record,
	const struct prac_computed *computed)
{
	const struct prac_type *type = record->type;
	bool ends =
		strcmp(computed->name, "expired") == 0 || strcmp(computed->name, "expiring") == 0;

	if (ends) {
		return renewal_of(search, record, &type->fields[computed->since]);
	}
	for (size_t i = 0; type->state_field >= 0 && i < type->n_actions; i++) {
		const struct prac_action *action = &type->actions[i];
		int64_t state = record->values[type->state_field].number;

		if (state >= 0 && state < 64 && (action->from >> state & 1) != 0) {
			return prac_arena_printf(search->arena, "practicum do %s %%s %s%s",
				type->name, action->name, args_of(search, action));
		}
	}
	return prac_arena_printf(search->arena, "practicum set %s %%s %s=DATE", type->name,
		type->fields[computed->since].name);
}

/* One policy that ended is one line, however many students it covered. */
static const char *add_dependents(
	struct search *search, const struct prac_record *record, const char *text)
{
	const struct prac_record *const *placements;
	struct prac_id organization;
	size_t n, n_active = 0;

	if (record->type != &prac_type_insurance ||
		!search_id(record, PRAC_INSURANCE_ORGANIZATION_ID, &organization)) {
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
		add_dependents(search, record, search_title(search, record)))
		->remedy = remedy_of(search, record, computed);
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
