/*
 * Rule sets as text: what the programs ship, what a rule_set record holds, and what a district
 * edits are the same lines. This reads their form; what a row means is the business of its domain.
 *
 *     ID=kind key:value key:value | words for people | source
 *
 * kind and keys are lower case, words and source free text without a bar. A set as a file has its
 * own facts first, one a line: domain=labor, jurisdiction=us, version=1, starts_on=2000-01-01,
 * ends_on (or none: open), source. Empty lines and lines that begin with # are nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	PRAC_LAW_KEYS_MAX = 24,
	PRAC_LAW_ROWS_MAX = 200,
	PRAC_LAW_LINE_MAX = 400, /* bytes; that of rule_set.parameters */
	PRAC_LAW_OPEN_END = INT32_MAX
};

struct prac_law_key {
	const char *name, *value;
};

struct prac_law_row {
	const char *id, *kind;
	struct prac_law_key keys[PRAC_LAW_KEYS_MAX];
	size_t n_keys;
	const char *words, *source; /* "" when not given */
};

struct prac_law_set {
	const char *domain, *jurisdiction, *source; /* "" when not given */
	int32_t version;
	int32_t starts_on, ends_on; /* both days included */
	struct prac_law_row *rows;
	size_t n_rows;
};

/* A shipped set, as text. The list ends with a NULL name. */
struct prac_law_text {
	const char *name; /* labor-us */
	const char *text;
};

extern const struct prac_law_text prac_law_shipped[];

/*
 * One row; everything is copied into the arena. Not OK: *error_out says what is wrong and what
 * would be right.
 */
enum prac_status prac_law_row_read(struct prac_bytes line, struct prac_arena *arena,
	struct prac_law_row *row_out, const char **error_out) PRAC_MUST_USE;

/* The row as prac_law_row_read() takes it; in the arena. */
const char *prac_law_row_text(const struct prac_law_row *row, struct prac_arena *arena);

/* A set as a file; the error names the line. */
enum prac_status prac_law_set_read(struct prac_bytes text, struct prac_arena *arena,
	struct prac_law_set *set_out, const char **error_out) PRAC_MUST_USE;

/* The value of a key, the last when it stands there more than once; NULL: not given. */
const char *prac_law_key(const struct prac_law_row *row, const char *name);
