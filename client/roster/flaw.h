/* What is wrong with a package: where, how badly, and what to do about it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/macros.h"

enum roster_mode {
	ROSTER_STRICT,
	ROSTER_TOLERANT
};

enum roster_severity {
	ROSTER_WARNING,
	ROSTER_ERROR
};

/* Name, word for machines, whether the tolerant mode only warns (RULES 1.7). */
#define ROSTER_FLAW_MAP(XX)                                \
	XX(PACKAGE, "package", false)                      \
	XX(FILE_MISSING, "file-missing", false)            \
	XX(FILE_NAME, "file-name", true)                   \
	XX(MANIFEST, "manifest", false)                    \
	XX(MANIFEST_PROPERTY, "manifest-property", true)   \
	XX(MODE_EMPTY, "mode-empty", true)                 \
	XX(DELTA, "delta", false)                          \
	XX(VERSION, "version", false)                      \
	XX(ENCODING, "encoding", false)                    \
	XX(QUOTES, "quotes", false)                        \
	XX(LINE_BREAK, "line-break", false)                \
	XX(BLANK_LINE, "blank-line", true)                 \
	XX(TOO_LONG, "too-long", false)                    \
	XX(TOO_MANY, "too-many", false)                    \
	XX(HEADER_SPELLING, "header-spelling", true)       \
	XX(HEADER_ORDER, "header-order", true)             \
	XX(HEADER_EMPTY, "header-empty", true)             \
	XX(COLUMN_UNKNOWN, "column-unknown", true)         \
	XX(COLUMN_LEFT_OUT, "column-left-out", true)       \
	XX(COLUMN_MISSING, "column-missing", false)        \
	XX(COLUMN_TWICE, "column-twice", false)            \
	XX(CELLS, "cells", false)                          \
	XX(REQUIRED, "required", false)                    \
	XX(GUID, "guid", false)                            \
	XX(DUPLICATE, "duplicate", false)                  \
	XX(DATE, "date", false)                            \
	XX(DATE_ORDER, "date-order", false)                \
	XX(DATE_TIME, "date-time", true)                   \
	XX(STATUS_IN_BULK, "status-in-bulk", true)         \
	XX(ROW_GONE, "row-gone", true)                     \
	XX(LETTER_CASE, "letter-case", true)               \
	XX(WORD, "word", false)                            \
	XX(GRADE, "grade", true)                           \
	XX(NUMBER, "number", false)                        \
	XX(USER_IDS, "user-ids", false)                    \
	XX(LIST_SPACE, "list-space", true)                 \
	XX(REFERENCE, "reference", false)                  \
	XX(REFERENCE_DANGLING, "reference-dangling", true) \
	XX(REFERENCE_TYPE, "reference-type", false)        \
	XX(SCHOOL_TYPE, "school-type", true)               \
	XX(KEYED_BY_USER, "keyed-by-user", true)           \
	XX(ROLE_MISSING, "role-missing", true)             \
	XX(NO_SCHOOL, "no-school", false)                  \
	XX(IDENTITY, "identity", false)                    \
	XX(RECORD, "record", false)

enum roster_flaw_kind {
#define XX(name, word, tolerated) ROSTER_FLAW_##name,
	ROSTER_FLAW_MAP(XX)
#undef XX
};

struct roster_flaw {
	enum roster_flaw_kind kind;
	enum roster_severity severity;
	const char *file;   /* as it should be called; empty: the package itself */
	uint32_t line;      /* from 1; 0: the file as a whole */
	const char *column; /* as it should be called; empty: the whole line */
	const char *reason; /* a sentence for the person who exports the file */
};

/* Where the reader stands. */
struct roster_place {
	const char *file;
	uint32_t line;
	const char *column;
};

enum {
	ROSTER_FLAWS_ALIKE = 20, /* listed of one kind in one column; the rest is only counted */
	ROSTER_FLAWS_LISTED = 2000
};

struct roster_flaw_tally;

struct roster_flaws {
	enum roster_mode mode;
	struct prac_arena *arena; /* holds the texts */
	struct roster_flaw *rows;
	uint32_t n;
	uint64_t n_errors, n_warnings; /* all, listed or not */
	struct roster_flaw_tally *tallies;
	uint32_t n_tallies;
};

void roster_flaws_init(struct roster_flaws *flaws, enum roster_mode mode, struct prac_arena *arena);
void roster_flaws_deinit(struct roster_flaws *flaws);

void roster_flaw_add(struct roster_flaws *flaws, const struct roster_place *place,
	enum roster_flaw_kind kind, const char *fmt, ...) PRAC_PRINTF(4, 5);

/* "letter-case" */
const char *roster_flaw_word(enum roster_flaw_kind kind) PRAC_RETURNS_NONNULL;
