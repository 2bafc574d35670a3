/* What the searches share. Inside client/exceptions only. */
#pragma once

#include <glib.h>

#include "client/exceptions/exceptions.h"
#include "common/rules/rules.h"

struct search {
	struct replica *replica;
	struct prac_arena *arena; /* of what is found */
	struct prac_facts facts;  /* records by id, in the arena */
	int32_t today;
	GArray *found; /* struct exception */
	enum prac_status status;
};

/* Adds one and returns it until the next is added; text and cause live as long as the arena. */
struct exception *search_add(struct search *search, const struct exception_cause *cause,
	const struct prac_record *record, int32_t day, const char *text);

/* Every record of the type; each may stop by returning false. Keeps the first failure. */
void search_each(
	struct search *search, const struct prac_type *type, replica_each_fn each, void *ctx);

/* "Lee, Ann: Machining intern": the student, if there is one, and the record's title. */
const char *search_title(struct search *search, const struct prac_record *record);

/* What the reference names; false: nothing. */
bool search_id(const struct prac_record *record, size_t index, struct prac_id *id_out);

/* States that the calendar alone has moved (client/exceptions/calendar.c). */
void search_calendar(struct search *search);

/* How much a computed state hurts; 0: nobody has to do anything. False: the word is unknown. */
bool exceptions_rank_of(const char *computed, unsigned *rank_out);

/* What was typed from paper and waits for somebody (client/exceptions/papers.c). */
void search_papers(struct search *search);

/* What is missing or does not fit (client/exceptions/causes.c). */
void search_causes(struct search *search);

/* Work in weeks of which no calendar is published (client/exceptions/unpublished.c). */
void search_unpublished(struct search *search);

/* What people who left still have in hand (client/exceptions/leavers.c). */
void search_leavers(struct search *search);

/* Records that may be one entered twice (client/exceptions/doubles.c). */
void search_doubles(struct search *search);

/* Records of students that left in bulk (client/exceptions/exports.c). */
void search_exports(struct search *search);
