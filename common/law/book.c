#include "common/law/book.h"

#include <stdlib.h>
#include <string.h>

#include "common/law/labor_parts.h"

enum {
	SHIPPED_MAX = 32,
	PIECES_MAX = 4 /* of one set, on the average: each newer one cuts it at most once more */
};

/* In ascending rank: what comes later holds instead of what came before. */
struct ranked {
	const struct prac_law_set **sets;
	size_t n;
};

static bool is_same_law(const struct prac_law_set *a, const struct prac_law_set *b)
{
	return strcmp(a->domain, b->domain) == 0 && strcmp(a->jurisdiction, b->jurisdiction) == 0;
}

static int compare_own(const void *a, const void *b)
{
	const struct prac_law_set *x = *(const struct prac_law_set *const *)a;
	const struct prac_law_set *y = *(const struct prac_law_set *const *)b;

	if (x->starts_on != y->starts_on) {
		return x->starts_on < y->starts_on ? -1 : 1;
	}
	return x->version < y->version ? -1 : x->version > y->version;
}

static void add_shipped(struct ranked *ranked, struct prac_arena *arena)
{
	const char *error;

	for (const struct prac_law_text *text = prac_law_shipped;
		text->name != NULL && ranked->n < SHIPPED_MAX; text++) {
		struct prac_law_set *set = prac_arena_alloc(arena, sizeof(*set));

		if (prac_law_set_read(prac_bytes_text(text->text), arena, set, &error) != PRAC_OK) {
			abort(); /* a test reads every shipped set */
		}
		ranked->sets[ranked->n++] = set;
	}
}

/*
 * From *day_io on: the last day until which the set holds, or one before *day_io, which then is the
 * next day to look at. Sets from `above` on come before it.
 */
static int32_t holds_until(const struct ranked *ranked, size_t i, int32_t *day_io)
{
	const struct prac_law_set *set = ranked->sets[i];
	int32_t until = set->ends_on;

	for (size_t k = i + 1; k < ranked->n; k++) {
		const struct prac_law_set *other = ranked->sets[k];

		if (!is_same_law(set, other) || other->ends_on < *day_io) {
			continue;
		}
		if (other->starts_on <= *day_io) {
			*day_io = other->ends_on == PRAC_LAW_OPEN_END ? PRAC_LAW_OPEN_END
								      : other->ends_on + 1;
			return *day_io - 1;
		}
		if (other->starts_on <= until) {
			until = other->starts_on - 1;
		}
	}
	return until;
}

static void add_pieces(
	struct prac_law_book *book, size_t cap, const struct ranked *ranked, size_t i)
{
	const struct prac_law_set *set = ranked->sets[i];
	int32_t day = set->starts_on;

	while (day <= set->ends_on && day != PRAC_LAW_OPEN_END && book->n < cap) {
		int32_t until = holds_until(ranked, i, &day);

		if (until < day) {
			continue; /* another one holds; day is behind it */
		}
		book->sets[book->n] = *set;
		book->sets[book->n].starts_on = day;
		book->sets[book->n++].ends_on = until;
		if (until == PRAC_LAW_OPEN_END) {
			return;
		}
		day = until + 1;
	}
}

struct prac_law_book prac_law_book_make(
	const struct prac_law_set *own, size_t n_own, struct prac_arena *arena)
{
	struct ranked ranked = { prac_arena_alloc(arena, (SHIPPED_MAX + n_own) * sizeof(void *)),
		0 };
	struct prac_law_book book = { 0 };
	size_t cap;

	add_shipped(&ranked, arena);
	for (size_t i = 0; i < n_own; i++) {
		ranked.sets[ranked.n + i] = &own[i];
	}
	if (n_own > 1) {
		qsort(ranked.sets + ranked.n, n_own, sizeof(void *), compare_own);
	}
	ranked.n += n_own;
	cap = ranked.n * PIECES_MAX;
	book.sets = prac_arena_alloc(arena, cap * sizeof(*book.sets));
	for (size_t i = 0; i < ranked.n; i++) {
		add_pieces(&book, cap, &ranked, i);
	}
	return book;
}

struct prac_labor_law *prac_law_book_labor(
	const struct prac_law_book *book, struct prac_arena *arena)
{
	struct prac_labor_law *law = prac_labor_law_new(arena);
	const char *error;

	for (size_t i = 0; i < book->n; i++) {
		if (strcmp(book->sets[i].domain, "labor") == 0 &&
			prac_labor_law_add(law, &book->sets[i], &error) != PRAC_OK) {
			continue; /* was refused when it was entered; nothing of it is in the law */
		}
	}
	return law;
}

struct prac_policy prac_law_book_policy(
	const struct prac_law_book *book, const char *domain, struct prac_arena *arena)
{
	struct prac_policy policy = { prac_arena_alloc(arena, (book->n + 1) * sizeof(*policy.sets)),
		0 };

	for (size_t i = 0; i < book->n; i++) {
		if (strcmp(book->sets[i].domain, domain) == 0) {
			policy.sets[policy.n++] = book->sets[i];
		}
	}
	return policy;
}

static bool stands_before(const struct prac_law_set *set, size_t row)
{
	for (size_t i = 0; i < row; i++) {
		if (strcmp(set->rows[i].id, set->rows[row].id) == 0) {
			return true;
		}
	}
	return false;
}

static const char *find_twin(const struct prac_law_set *set, struct prac_arena *arena)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		if (stands_before(set, i)) {
			return prac_arena_printf(arena,
				"%s: stands there twice; leave one of the rows", set->rows[i].id);
		}
	}
	return NULL;
}

const char *prac_law_set_flaw(const struct prac_law_set *set, struct prac_arena *arena)
{
	const char *error = find_twin(set, arena);

	if (error != NULL) {
		return error;
	}
	if (strcmp(set->domain, "labor") != 0) {
		return prac_policy_flaw(set, arena);
	}
	return prac_labor_law_add(prac_labor_law_new(arena), set, &error) == PRAC_OK ? NULL : error;
}

static bool is_same_row(const struct prac_law_row *a, const struct prac_law_row *b)
{
	bool is_same = strcmp(a->id, b->id) == 0 && strcmp(a->kind, b->kind) == 0 &&
		       a->n_keys == b->n_keys;

	for (size_t i = 0; is_same && i < a->n_keys; i++) {
		is_same = strcmp(a->keys[i].name, b->keys[i].name) == 0 &&
			  strcmp(a->keys[i].value, b->keys[i].value) == 0;
	}
	return is_same;
}

static bool is_same_set(const struct prac_law_set *a, const struct prac_law_set *b)
{
	bool is_same = is_same_law(a, b) && a->starts_on == b->starts_on &&
		       a->ends_on == b->ends_on && a->n_rows == b->n_rows;

	for (size_t i = 0; is_same && i < a->n_rows; i++) {
		is_same = is_same_row(&a->rows[i], &b->rows[i]);
	}
	return is_same;
}

bool prac_law_set_is_shipped(const struct prac_law_set *set, struct prac_arena *arena)
{
	struct prac_law_book shipped = prac_law_book_make(NULL, 0, arena);

	for (size_t i = 0; i < shipped.n; i++) {
		if (is_same_set(set, &shipped.sets[i])) {
			return true;
		}
	}
	return false;
}

const char *prac_law_set_looser(const struct prac_law_set *set, struct prac_arena *arena)
{
	struct prac_law_book shipped = prac_law_book_make(NULL, 0, arena);

	for (size_t i = 0; i < shipped.n && strcmp(set->domain, "labor") == 0; i++) {
		if (is_same_law(set, &shipped.sets[i]) &&
			shipped.sets[i].starts_on <= set->starts_on &&
			set->starts_on <= shipped.sets[i].ends_on) {
			return prac_labor_looser(set, &shipped.sets[i], arena);
		}
	}
	return strcmp(set->domain, "labor") == 0 ? prac_labor_looser(set, NULL, arena) : NULL;
}
