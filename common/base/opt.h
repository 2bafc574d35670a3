/*
 * Options of a program as one table: it fills a struct from defaults, a file, the environment and
 * flags, in this order of precedence, and writes the commented sample file. No secrets here; those
 * are files that an option names.
 *
 * The option `pool` of section `db` is `pool = 8` below `[db]` in the file, PRACTICUM_DB_POOL in
 * the environment and --db-pool=8 as a flag.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum prac_opt_kind {
	PRAC_OPT_KIND_UINT,   /* uint32_t */
	PRAC_OPT_KIND_BOOL,   /* bool; yes, no, true, false, on, off, 1, 0 */
	PRAC_OPT_KIND_TEXT,   /* const char *; NULL when unset */
	PRAC_OPT_KIND_PATH,   /* const char *; starts with a slash; NULL when unset */
	PRAC_OPT_KIND_CHOICE, /* int: place of the word in choices */
};

enum prac_opt_when {
	PRAC_OPT_RESTART, /* takes effect at the next start */
	PRAC_OPT_RELOAD   /* takes effect at the next reload (SIGHUP) */
};

enum prac_opt_origin {
	PRAC_OPT_DEFAULT,
	PRAC_OPT_FILE,
	PRAC_OPT_ENVIRONMENT,
	PRAC_OPT_FLAG
};

struct prac_opt_row {
	const char *section;
	const char *key;
	enum prac_opt_kind kind;
	enum prac_opt_when when;
	size_t offset;              /* of the member in the struct that is filled */
	const char *value;          /* default as text; NULL: unset, TEXT and PATH only */
	uint32_t min, max;          /* UINT: the value; TEXT: its length */
	const char *const *choices; /* CHOICE: words, ended by NULL */
	const char *help;           /* one sentence without a full stop, with the unit */
};

/* The offset, refused by the compiler unless the member has the type that the kind fills. */
#define PRAC_OPT_MEMBER(type, member, ctype) \
	(offsetof(type, member) + 0 * sizeof(char[_Generic(((type *)0)->member, ctype : 1)]))

#define PRAC_OPT_UINT(sect, name, type, member, def, low, high, effect, text)                   \
	{                                                                                       \
		.section = (sect), .key = (name), .kind = PRAC_OPT_KIND_UINT, .when = (effect), \
		.value = (def), .min = (low), .max = (high),                                    \
		.offset = PRAC_OPT_MEMBER(type, member, uint32_t), .help = (text)               \
	}
#define PRAC_OPT_BOOL(sect, name, type, member, def, effect, text)                              \
	{                                                                                       \
		.section = (sect), .key = (name), .kind = PRAC_OPT_KIND_BOOL, .when = (effect), \
		.value = (def), .offset = PRAC_OPT_MEMBER(type, member, bool), .help = (text)   \
	}
#define PRAC_OPT_TEXT(sect, name, type, member, def, longest, effect, text)                     \
	{                                                                                       \
		.section = (sect), .key = (name), .kind = PRAC_OPT_KIND_TEXT, .when = (effect), \
		.value = (def), .max = (longest),                                               \
		.offset = PRAC_OPT_MEMBER(type, member, const char *), .help = (text)           \
	}
#define PRAC_OPT_PATH(sect, name, type, member, def, effect, text)                              \
	{                                                                                       \
		.section = (sect), .key = (name), .kind = PRAC_OPT_KIND_PATH, .when = (effect), \
		.value = (def), .max = 4095,                                                    \
		.offset = PRAC_OPT_MEMBER(type, member, const char *), .help = (text)           \
	}
#define PRAC_OPT_CHOICE(sect, name, type, member, def, words, effect, text)                       \
	{                                                                                         \
		.section = (sect), .key = (name), .kind = PRAC_OPT_KIND_CHOICE, .when = (effect), \
		.value = (def), .choices = (words), .offset = PRAC_OPT_MEMBER(type, member, int), \
		.help = (text)                                                                    \
	}

/* One reading of a table. Storage owned by the caller, which reads error after a failure. */
struct prac_opts {
	const struct prac_opt_row *rows;
	size_t n_rows;
	void *target;                  /* the struct that is filled */
	struct prac_arena *arena;      /* texts and error live there */
	enum prac_opt_origin *origins; /* one per row */
	const char *error;             /* "practicum.ini:4: reason"; NULL without one */
};

/* Fills in the defaults. rows and everything it points to are borrowed for as long as opts. */
void prac_opts_init(struct prac_opts *opts, const struct prac_opt_row *rows, size_t n_rows,
	void *target, struct prac_arena *arena);

/*
 * NOT_FOUND if there is no such file, PERMISSION_DENIED if it may not be read, INVALID_ARGUMENT
 * for the first line that is wrong. Later sources win whatever the order of the calls' results,
 * so callers read file, environment and flags in that order.
 */
enum prac_status prac_opts_read_file(struct prac_opts *opts, const char *path) PRAC_MUST_USE;

/* As prac_opts_read_file(), of a file's content; name stands in front of the error. */
enum prac_status prac_opts_read_text(
	struct prac_opts *opts, const char *name, struct prac_bytes text) PRAC_MUST_USE;

enum prac_status prac_opts_read_environment(struct prac_opts *opts) PRAC_MUST_USE;

/* Takes its own flags out of argv and leaves the rest, in order. */
enum prac_status prac_opts_read_flags(struct prac_opts *opts, int *argc, char **argv) PRAC_MUST_USE;

/* The sample file: every option with its help, range and default, all commented out. */
void prac_opts_print_sample(const struct prac_opt_row *rows, size_t n_rows, FILE *out);

/* What holds now, in the form of the file, each with the source that said so. */
void prac_opts_print(const struct prac_opts *opts, FILE *out);

/* One line a flag, for --help. */
void prac_opts_print_flags(const struct prac_opt_row *rows, size_t n_rows, FILE *out);

/* Whether the option's value differs between two structs of the table. */
bool prac_opt_differs(const struct prac_opt_row *row, const void *a, const void *b);
