/* The mapping file of an extract (docs/EXTRACT.md), held against the catalog. */
#pragma once

#include <jansson.h>

#include "common/catalog/record.h"

enum {
	EXTRACT_STEPS_MAX = 4,
	EXTRACT_COLUMNS_MAX = 256
};

/* "student_id.identifier": references followed, then a field. */
struct extract_path {
	const struct prac_field *steps[EXTRACT_STEPS_MAX];
	size_t n_steps;
};

struct extract_column {
	const char *name;
	struct extract_path path; /* n_steps 0: a fixed value */
	struct extract_path with; /* n_steps 0: the code depends on path alone */
	const char *value;        /* fixed */
	const char *otherwise;    /* for what has no code; NULL: such a value is a fault */
	const json_t *codes;      /* NULL: the value as people type it */
};

struct extract_filter {
	struct extract_path path;
	const json_t *in; /* texts, one of which the value must be */
};

/* Borrows the mapping. */
struct extract_map {
	const struct prac_type *type;
	const char *party, *purpose, *basis; /* as written; NULL: not said */
	struct extract_column columns[EXTRACT_COLUMNS_MAX];
	struct extract_filter filters[EXTRACT_COLUMNS_MAX];
	size_t n_columns, n_filters;
	const char *where, *what; /* the fault: of which member, and what is wanted */
};

/* False with where and what, which may live in the arena. */
bool extract_map_read(struct extract_map *map, const json_t *mapping, struct prac_arena *arena);
