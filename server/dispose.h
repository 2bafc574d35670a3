/* What disposal knows of the catalog and of the district's retention rules. */
#pragma once

#include "common/base/arena.h"
#include "common/catalog/catalog.h"
#include "common/law/retention.h"

/* The rule that a class goes by; row NULL: it is kept. */
struct dispose_rule {
	const struct prac_law_row *row;
	const struct prac_law_set *set;
};

struct dispose_rule dispose_rule_of(
	const struct prac_policy *policy, const char *class, int32_t as_of);

/* By the id of a row, as disposal_item.rule has it; NULL: not in the sets. */
const struct prac_law_row *dispose_row_named(const struct prac_policy *policy, const char *id);

/*
 * The catalog as sql/migrations/0060_disposal.sql reads it: of each type table, columns that say whose it
 * is and when its time is over, references, what is erased of the history, and from which day on it is due.
 */
const char *dispose_types(
	const struct prac_policy *policy, int32_t as_of, struct prac_arena *arena);

/* Which sets are gone by, for people: "retention district 1"; in the arena. */
const char *dispose_sets(const struct prac_policy *policy, int32_t as_of, struct prac_arena *arena);

struct command_call;
struct db_rows;
struct json_t;

/* What the printed words rest on beside the rows. */
struct dispose_print {
	const struct prac_policy *policy;
	struct json_t *json; /* the rows are added here instead; may be NULL */
	int64_t n_due, n_held;
};

/* Rows of dispose_counts: what goes or went, and what is held and why; ctx is a struct dispose_print. */
void dispose_print_counts(void *ctx, struct db_rows *rows);

/* What nothing is said about: classes without a row. */
void dispose_print_kept(const struct prac_policy *policy, int32_t as_of);

/* practicumd dispose certificate: all of them, or one whole. */
int dispose_certificate(struct command_call *call, const char *id, bool is_json);

/*
 * Lists refused input that names a student of the disposal, which PostgreSQL has sealed, of what came since it
 * was asked last; before each step. Returns an exit code; what is wrong is said.
 */
int dispose_closed(struct command_call *call, const struct prac_id *disposal);

/* practicumd dispose list. */
int dispose_list(struct command_call *call);
