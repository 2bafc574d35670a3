/* Between the files of labor: a law made ready for judging, and the judging of one minor. */
#pragma once

#include "common/law/labor.h"

enum labor_kind {
	LABOR_NOTE, /* for people; judges nothing */
	LABOR_EXEMPTION,
	LABOR_MIN_AGE,
	LABOR_CLASS_HOURS,
	LABOR_CLASS_DAYS,
	LABOR_DAY_SUM,
	LABOR_WEEK_SUM,
	LABOR_MORNING,
	LABOR_EVENING,
	LABOR_NIGHT,
	LABOR_CONSENT_EVENINGS,
	LABOR_CONSENT_END,
	LABOR_BREAK,
	LABOR_HAZARD,
	LABOR_N_KINDS
};

/* Which days a sum's limit is for. */
enum labor_on {
	LABOR_ON_ANY,
	LABOR_ON_SCHOOL,
	LABOR_ON_OTHER,
	LABOR_ON_CLASS_WORKED, /* a school day on which class hours are worked */
	LABOR_ON_CLASS_FREE    /* another school day */
};

enum labor_season {
	LABOR_ALL_YEAR,
	LABOR_INSIDE,
	LABOR_OUTSIDE
};

enum {
	LABOR_NO_TIME = -1,
	LABOR_LABOR_DAY = -1, /* season_until: the first Monday of September */
	LABOR_DAY_MINUTES = 1440
};

struct labor_rule {
	enum labor_kind kind;
	unsigned bit; /* of its id */
	const struct prac_law_row *row;
	int32_t starts_on, ends_on;
	int32_t age_from, age_until;
	bool is_warning;
	bool for_enrolled;  /* who:enrolled */
	bool less_release;  /* less:release */
	bool before_school; /* before:school */
	enum labor_on on;
	uint8_t weekdays; /* of an evening; bit 0: Sunday */
	int32_t most;     /* minutes, or evenings */
	int32_t from, until;
	int32_t consent; /* with consent the night begins here; LABOR_NO_TIME: no consent */
	enum labor_season season;
	int32_t season_from, season_until; /* month * 100 + day */
	int32_t length, least, after;      /* of a break rule */
	uint32_t order;
	uint32_t needs;  /* proofs */
	uint32_t proofs; /* of an exemption */
	uint64_t lifts;  /* ids; of an exemption */
};

struct prac_labor_law {
	struct prac_arena *arena;
	struct labor_rule *rules;
	size_t n_rules, cap_rules;
	const char *ids[PRAC_LABOR_IDS_MAX];
	unsigned n_ids;
};

struct labor_piece {
	int64_t from, until; /* instants */
};

/* One entry, resolved to instants. */
struct labor_shift {
	const struct prac_labor_entry *entry;
	struct prac_labor_verdict *verdict;
	int64_t start, end;
	int64_t break_start;          /* -1: not known or none */
	struct labor_piece pieces[2]; /* worked: before and after a located break */
	size_t n_pieces;
	int32_t minutes[2];              /* worked on the date and on the next one (R13) */
	const struct labor_shift *chain; /* the entry whose end this start touches (R6) */
	int64_t chain_start;
	int32_t chain_date, chain_age; /* of the chain's first entry */
};

struct labor_judging {
	const struct prac_labor_law *law;
	const struct prac_labor_minor *minor;
	struct labor_shift *shifts; /* in time order */
	size_t n_shifts;
	/* By date, from a Sunday before the first entry until after the last. */
	int32_t first;
	size_t n_days;
	int32_t *day_minutes, *week_minutes; /* worked so far */
	bool *evenings;                      /* with work that consent allowed */
	bool *class_days;                    /* with work in class hours */
	const struct labor_shift **by_end;   /* ends with NULL */
};

/* Does the rule bind an entry of the age and date, if no exemption lifts it? */
bool labor_binds(const struct labor_judging *judging, const struct labor_rule *rule,
	const struct prac_labor_entry *entry, int32_t date, int age);
uint64_t labor_lifted(const struct prac_labor_law *law, const struct prac_labor_minor *minor,
	const struct prac_labor_entry *entry);
void labor_mark(const struct labor_judging *judging, const struct labor_shift *shift,
	const struct labor_rule *rule);

/* Any worked minute from the one to the other? Minutes of a day may lie beyond it. */
bool labor_works(const struct labor_shift *shift, int32_t date, int32_t from, int32_t until);
bool labor_is_school(const struct labor_judging *judging, int32_t date);
bool labor_has_school_week(const struct labor_judging *judging, int32_t date);
size_t labor_day_index(const struct labor_judging *judging, int32_t date);

/* Work in class hours of the date; less_release: outside the release periods. */
bool labor_works_in_class(const struct labor_judging *judging, const struct labor_shift *shift,
	int32_t date, bool less_release);
/* Work in the evening of the date that a consent rule is about. */
bool labor_works_evening(const struct labor_judging *judging, const struct labor_rule *rule,
	const struct labor_shift *shift, int32_t date);

/* Judges one shift by a rule that binds it, after those before it in time. */
typedef void (*labor_judge_fn)(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift);
extern const labor_judge_fn labor_judges[LABOR_N_KINDS]; /* NULL: judges nothing */

/* Breaks are of chains of entries, so that they are judged when all shifts are known. */
void labor_judge_breaks(struct labor_judging *judging, struct prac_arena *arena);
