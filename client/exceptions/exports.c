/*
 * Somebody took out more records of students in a day than the ceiling: for a second person to know
 * (RELIABILITY T5). Seen by whoever may read who looked.
 */
#include <string.h>

#include "catalog/types.h"
#include "client/exceptions/search.h"
#include "common/base/date.h"
#include "common/rules/statute.h"

enum {
	DAYS_BACK = 30
};

static const struct exception_cause bulk_export = { "bulk_export",
	"More records of students were listed or left in a day than the ceiling",
	"practicum exceptions snooze bulk_export %s until=DATE reason=TEXT", 8 };

/* What one person took out on one day. */
struct pile {
	struct prac_id person;
	int32_t day;
	int64_t n_records;
	struct prac_id last;          /* a trace of it, */
	const struct prac_type *type; /* of this type */
};

struct piles {
	struct search *search;
	GArray *items;
};

static struct pile *pile_of(struct piles *piles, const struct prac_id *person, int32_t day)
{
	struct pile pile = { .person = *person, .day = day };

	for (guint i = 0; i < piles->items->len; i++) {
		struct pile *one = &g_array_index(piles->items, struct pile, i);

		if (one->day == day && prac_id_equal(&one->person, person)) {
			return one;
		}
	}
	g_array_append_val(piles->items, pile);
	return &g_array_index(piles->items, struct pile, piles->items->len - 1);
}

static int64_t value(const struct prac_record *record, const char *name)
{
	return record->values[prac_field_find_name(record->type, name)->index].number;
}

static bool on_trace(void *ctx, const struct prac_record *trace, bool pending)
{
	struct piles *piles = ctx;
	int32_t day = (int32_t)value(trace, "made_on");
	const struct prac_value *who =
		&trace->values[prac_field_find_name(trace->type, "person_id")->index];
	struct prac_id person = { 0 };
	struct pile *pile;

	(void)pending;
	if (who->has && prac_id_from_bytes(who->bytes, &person) != PRAC_OK) {
		return true; /* not a person as this program knows them */
	}
	if (value(trace, "n_records") > 0 && day >= piles->search->today - DAYS_BACK) {
		pile = pile_of(piles, &person, day);
		pile->n_records += value(trace, "n_records");
		pile->last = trace->id;
		pile->type = trace->type;
	}
	return true;
}

static void add_pile(struct search *search, const struct pile *pile)
{
	const struct prac_record *trace = NULL;
	char person[PRAC_ID_TEXT], day[PRAC_DATE_TEXT];

	prac_id_format(&pile->person, person);
	prac_date_format(pile->day, day);
	if (replica_get(search->replica, pile->type, &pile->last, search->arena, &trace) ==
			PRAC_OK &&
		trace != NULL) {
		search_add(search, &bulk_export, trace, pile->day,
			prac_arena_printf(search->arena, "%lld records on %s by %s",
				(long long)pile->n_records, day,
				prac_id_is_nil(&pile->person) ? "a device" : person));
	}
}

void search_exports(struct search *search)
{
	const struct prac_judgement judgement = {
		.facts = &search->facts, .arena = search->arena, .today = search->today
	};
	struct prac_policy law = prac_statute_policy(&judgement, "privacy");
	struct piles piles = { search, g_array_new(FALSE, FALSE, sizeof(struct pile)) };

	search_each(search, &prac_type_record_access, on_trace, &piles);
	search_each(search, &prac_type_disclosure, on_trace, &piles);
	search_each(search, &prac_type_listing, on_trace, &piles);
	for (guint i = 0; i < piles.items->len; i++) {
		const struct pile *pile = &g_array_index(piles.items, struct pile, i);
		const struct prac_law_row *row = prac_policy_row(&law, "bulk", pile->day);

		if (row != NULL && pile->n_records > prac_policy_number(row, "most", INT32_MAX)) {
			add_pile(search, pile);
		}
	}
	g_array_unref(piles.items);
}
