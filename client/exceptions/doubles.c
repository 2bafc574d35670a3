/* Records that may be one entered twice, of which nobody has said whether they are. */
#include <string.h>

#include "client/exceptions/alike.h"
#include "client/exceptions/search.h"
#include "common/base/macros.h"

static const struct exception_cause likely_double = { "likely_duplicate",
	"Two records look like one, and nobody has said whether they are", "", 60 };

struct doubles {
	struct search *search;
	struct alike *alike;
};

/* As people type it: the first digits. */
static const char *short_id(
	struct search *search, const struct prac_type *type, const struct prac_id *id)
{
	size_t n = replica_short_id(search->replica, type, id), len = 0;
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	while (n > 0 && text[len] != '\0') {
		n -= text[len++] == '-' ? 0 : 1;
	}
	text[len] = '\0';
	return prac_arena_text(search->arena, prac_bytes_text(text));
}

static void add(
	struct doubles *doubles, const struct prac_record *record, const struct alike_match *match)
{
	struct search *search = doubles->search;
	const char *type = record->type->name;
	const char *other = short_id(search, record->type, &match->id);
	struct exception *found = search_add(search, &likely_double, record, 0,
		prac_arena_printf(search->arena, "%s %s looks like %s: the same %s", type,
			prac_record_title(record, search->arena), match->title, match->by));

	found->remedy = prac_arena_printf(search->arena,
		"practicum exceptions different|same %s %%s %s reason=TEXT", type, other);
}

/* In the order of ids, so that the later one is told to be like the earlier one. */
static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct doubles *doubles = ctx;
	struct alike_match matches[ALIKE_MAX];
	size_t n = alike_find(doubles->alike, record, matches);

	(void)pending;
	for (size_t i = 0; i < n; i++) {
		add(doubles, record, &matches[i]);
	}
	alike_add(doubles->alike, record);
	return true;
}

void search_doubles(struct search *search)
{
	for (size_t i = 0; i < prac_n_types && search->status == PRAC_OK; i++) {
		struct doubles doubles = { .search = search };

		if (prac_types[i]->n_alike == 0) {
			continue;
		}
		doubles.alike = alike_new(prac_types[i], search->arena);
		search->status = alike_load_said(doubles.alike, search->replica);
		search_each(search, prac_types[i], on_record, &doubles);
		alike_free(doubles.alike);
	}
}
