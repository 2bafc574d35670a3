/* Records in an array as the facts that rules see, and values by name. */
#pragma once

#include "common/rules/rules.h"

enum {
	FACTS_MAX = 192
};

struct facts {
	struct prac_arena arena;
	struct prac_record *records[FACTS_MAX];
	size_t n_records;
	struct prac_facts access;
	struct prac_judgement judgement;
};

/* Setup and teardown of a cmocka test; *state is a struct facts. */
int facts_start(void **state);
int facts_stop(void **state);

/*
 * A record with an id that ends in `last`. Its values are text as people type it, ended by NULL:
 * "week_start=2026-08-09"; a reference is the last two digits of the id: "site_id=07".
 */
struct prac_record *facts_make(
	struct facts *facts, const struct prac_type *type, uint8_t last, ...);

/* Puts the record among the facts. */
struct prac_record *facts_keep(struct facts *facts, struct prac_record *record);

/* Sets one value: facts_set(facts, record, "ends_on=2026-08-30"). Nothing behind = is absent. */
void facts_set(struct facts *facts, struct prac_record *record, const char *assignment);

/* Arguments of an action, as text, ended by NULL. */
struct prac_value *facts_args(struct facts *facts, const struct prac_type *args, ...);

/* What check() and act() of the type's rules say; the problem is in facts->judgement. */
enum prac_reason facts_check(
	struct facts *facts, const struct prac_record *before, const struct prac_record *after);
enum prac_reason facts_act(struct facts *facts, struct prac_record *record, uint32_t action,
	const struct prac_value *args);

/* "content_hash=HEX", of a sheet with one entry; in the arena. */
const char *facts_content(
	struct facts *facts, const struct prac_record *sheet, const struct prac_record *entry);
