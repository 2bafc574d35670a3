/*
 * Child labor law over a minor's working time (RULES part 5): which rules each entry breaks. Pure
 * functions; the rules are rows of rule sets (common/law/law.h), the readings are those of RULES
 * 5.2a, named R1 to R17 here as there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/zone.h"
#include "common/law/law.h"

enum {
	PRAC_LABOR_IDS_MAX = 64 /* different rule ids of one law; a verdict is a bit set of them */
};

struct prac_labor_law;

/*
 * A law is made of sets: all versions of all jurisdictions that bind. The set must live as long as
 * the law, which lives in the arena.
 */
struct prac_labor_law *prac_labor_law_new(struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/* Not OK: *error_out names the row, what is wrong and what would be right. Other domains are not OK. */
enum prac_status prac_labor_law_add(struct prac_labor_law *law, const struct prac_law_set *set,
	const char **error_out) PRAC_MUST_USE;

/*
 * How `set` demands less than `floor`, in the order of its rows; NULL: it does not. floor may be NULL:
 * then only an exemption demands less. Both are sets of labor law without a flaw.
 */
const char *prac_labor_looser(
	const struct prac_law_set *set, const struct prac_law_set *floor, struct prac_arena *arena);

/* The shipped sets of a jurisdiction and of those above it: us-tn is us and us-tn. NULL: none. */
struct prac_labor_law *prac_labor_law_shipped(const char *jurisdiction, struct prac_arena *arena);

size_t prac_labor_n_ids(const struct prac_labor_law *law);
/* "FED-14-DAY-S"; bit is a bit of a verdict. */
const char *prac_labor_id(const struct prac_labor_law *law, unsigned bit);
/* The row in force on the date; NULL: none. */
const struct prac_law_row *prac_labor_row(
	const struct prac_labor_law *law, unsigned bit, int32_t date);
/* Is there any rule for the day at all? */
bool prac_labor_is_in_force(const struct prac_labor_law *law, int32_t date);

/* Proof of an exemption, as the rows name it: proof:student-learner. */
#define PRAC_LABOR_PROOF_MAP(XX)                  \
	XX(STUDENT_LEARNER, 0, "student-learner") \
	XX(APPRENTICE, 1, "apprentice")           \
	XX(GRADUATE, 2, "graduate")               \
	XX(FAMILY, 3, "family")                   \
	XX(PARENT_BUSINESS, 4, "parent-business") \
	XX(FARM, 5, "farm")                       \
	XX(NEWSPAPER, 6, "newspaper")             \
	XX(ERRANDS, 7, "errands")                 \
	XX(SELF_EMPLOYED, 8, "self-employed")     \
	XX(ENTERTAINER, 9, "entertainer")         \
	XX(WECEP, 10, "wecep")                    \
	XX(WSP, 11, "wsp")                        \
	XX(SPORTS, 12, "sports")

enum prac_labor_proof {
#define XX(name, number, text) PRAC_LABOR_PROOF_##name = (number),
	PRAC_LABOR_PROOF_MAP(XX)
#undef XX
};

/* Of the public district in which the minor lives. */
enum prac_labor_day_kind {
	PRAC_LABOR_DAY_UNKNOWN, /* not in the calendar; judged as a day without school */
	PRAC_LABOR_DAY_OFF,
	PRAC_LABOR_DAY_SCHOOL
};

struct prac_labor_day {
	enum prac_labor_day_kind kind;
	int32_t class_from, class_until; /* minutes of the day; of school days */
};

struct prac_labor_calendar {
	int32_t first;
	size_t n_days;
	const struct prac_labor_day *days; /* first, first + 1, ... */
};

/* Class time that this student need not attend, every week: TN-16-CLASS does not bind in it. */
struct prac_labor_release {
	int32_t starts_on, ends_on; /* both included */
	uint8_t weekdays;           /* bit 0: Sunday */
	int32_t from, until;        /* minutes of the day */
};

struct prac_labor_minor {
	int32_t birth_date;
	bool is_enrolled;
	const struct prac_labor_calendar *calendar;
	const struct prac_labor_release *releases;
	size_t n_releases;
};

enum prac_labor_consent {
	PRAC_LABOR_NO_CONSENT,
	PRAC_LABOR_CONSENT,
	PRAC_LABOR_CONSENT_ENDED /* there was one, and it is no longer valid that day */
};

struct prac_labor_entry {
	struct prac_zone *zone; /* of the work site */
	int32_t date;
	/* Minutes of the day; an end before the start is on the next day. -1, -1: not known. */
	int32_t starts_at, ends_at;
	int32_t break_starts_at; /* -1: not known */
	int32_t break_minutes;
	int32_t minutes; /* worked; read only without starts_at */
	uint32_t proofs; /* bit n: enum prac_labor_proof */
	uint32_t orders; /* bit n: hazardous order n */
	enum prac_labor_consent consent;
};

enum prac_labor_fault {
	PRAC_LABOR_FAULT_NONE,
	PRAC_LABOR_FAULT_EMPTY, /* start equals end, or a skipped hour leaves nothing between */
	PRAC_LABOR_FAULT_BREAK, /* the break is not inside the shift */
	PRAC_LABOR_FAULT_BIRTH  /* before the minor was born */
};

struct prac_labor_verdict {
	uint64_t violations;         /* bits of rule ids */
	uint64_t lifted;             /* would be violations, but for an exemption */
	enum prac_labor_fault fault; /* not NONE: the entry was left out and nothing else is set */
	int32_t age;
	int32_t minutes;      /* elapsed time less the break */
	bool is_skipped_hour; /* a time of the entry does not exist that day (R15) */
};

struct prac_labor_entries {
	const struct prac_labor_entry *entries;
	size_t n;
};

/*
 * Judges all entries of one minor together; they may stand in any order. Nothing outside them
 * counts, so they must hold the whole weeks. verdicts_out[i] is that of list->entries[i].
 */
void prac_labor_judge(const struct prac_labor_law *law, const struct prac_labor_minor *minor,
	const struct prac_labor_entries *list, struct prac_arena *arena,
	struct prac_labor_verdict *verdicts_out);

/*
 * Worked minutes of one entry: real elapsed time from start to end less the break, over clock changes
 * too; -1 without times of day, or when *fault_out says what is wrong with them.
 */
int32_t prac_labor_minutes(const struct prac_labor_entry *entry, enum prac_labor_fault *fault_out);

/* Full years on the date (R16); negative before birth. */
int prac_labor_age(int32_t birth_date, int32_t date);

struct prac_labor_day prac_labor_day(const struct prac_labor_calendar *calendar, int32_t date);

/* The first day that R10 wants for an entry of the date and the calendar lacks; false: none. */
bool prac_labor_lacks_day(
	const struct prac_labor_calendar *calendar, int32_t date, int32_t *missing_out);

/* The exemption that lifts the rule from the entry; NULL: none. */
const struct prac_law_row *prac_labor_exemption(const struct prac_labor_law *law, unsigned bit,
	const struct prac_labor_minor *minor, const struct prac_labor_entry *entry);
