#include "client/roster/flaw.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/roster/rows.h"

enum {
	REASON_MAX = 400
};

struct roster_flaw_tally {
	const char *file, *column;
	enum roster_flaw_kind kind;
	uint32_t n;
};

static const char *const words[] = {
#define XX(name, word, tolerated) word,
	ROSTER_FLAW_MAP(XX)
#undef XX
};

static const bool tolerated[] = {
#define XX(name, word, may_pass) may_pass,
	ROSTER_FLAW_MAP(XX)
#undef XX
};

void roster_flaws_init(struct roster_flaws *flaws, enum roster_mode mode, struct prac_arena *arena)
{
	*flaws = (struct roster_flaws){ .mode = mode, .arena = arena };
}

void roster_flaws_deinit(struct roster_flaws *flaws)
{
	g_free(flaws->rows);
	g_free(flaws->tallies);
}

/* How many of this kind there were before, in this column of this file. */
static uint32_t count_alike(
	struct roster_flaws *flaws, const struct roster_place *place, enum roster_flaw_kind kind)
{
	for (uint32_t i = 0; i < flaws->n_tallies; i++) {
		struct roster_flaw_tally *tally = &flaws->tallies[i];

		if (tally->kind == kind && strcmp(tally->column, place->column) == 0 &&
			strcmp(tally->file, place->file) == 0) {
			return tally->n++;
		}
	}
	flaws->tallies = roster_grow(flaws->tallies, flaws->n_tallies, sizeof(*flaws->tallies));
	flaws->tallies[flaws->n_tallies++] =
		(struct roster_flaw_tally){ place->file, place->column, kind, 1 };
	return 0;
}

void roster_flaw_add(struct roster_flaws *flaws, const struct roster_place *place,
	enum roster_flaw_kind kind, const char *fmt, ...)
{
	bool passes = tolerated[kind] && flaws->mode == ROSTER_TOLERANT;
	char reason[REASON_MAX];
	va_list args;

	if (passes) {
		flaws->n_warnings++;
	} else {
		flaws->n_errors++;
	}
	if (flaws->n >= ROSTER_FLAWS_LISTED ||
		count_alike(flaws, place, kind) >= ROSTER_FLAWS_ALIKE) {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, args); /* a cut reason still says it */
	va_end(args);
	flaws->rows = roster_grow(flaws->rows, flaws->n, sizeof(*flaws->rows));
	flaws->rows[flaws->n++] = (struct roster_flaw){
		.kind = kind,
		.severity = passes ? ROSTER_WARNING : ROSTER_ERROR,
		.file = place->file,
		.line = place->line,
		.column = place->column,
		.reason = prac_arena_text(flaws->arena, prac_bytes_text(reason)),
	};
}

const char *roster_flaw_word(enum roster_flaw_kind kind)
{
	return words[kind];
}
