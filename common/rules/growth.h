/*
 * Scores of evaluations, and how they grew: the same competency, scored by the same side with the same
 * version of a rubric, at several stages of one placement.
 */
#pragma once

#include "common/rules/rules.h"

enum {
	PRAC_SCORE_NONE = -1,        /* no score of one to three digits stands there */
	PRAC_SCORE_NOT_OBSERVED = -2 /* looked for, and there was nothing to see: in no mean */
};

/* What stands before the mark: the code of an item ("code: text") or of a score ("code=4"). */
struct prac_bytes prac_score_code(struct prac_bytes item, char mark);

/* The points behind the mark of a score, or one of the above. */
int64_t prac_score_points(struct prac_bytes score);

/* Submitted, and not returned since: its author has finished, and it counts. */
bool prac_evaluation_is_in(const struct prac_record *evaluation);

enum {
	PRAC_GROWTH_STAGES = 5, /* by the number of the stage; 0 is none */
	PRAC_GROWTH_MAX = 64
};

struct prac_growth {
	const struct prac_record *first; /* an evaluation of the line: by whom, with which rubric */
	struct prac_bytes code;
	int64_t points[PRAC_GROWTH_STAGES]; /* PRAC_SCORE_NONE where it was not scored */
	bool has_change;                    /* observed at two stages or more */
	int64_t change;                     /* the last observed less the first */
};

/*
 * Over evaluations of one placement, those about the student that are in; in the order in which a code
 * is first met. Returns how many, at most PRAC_GROWTH_MAX; borrows from the records.
 */
size_t prac_growth_read(const struct prac_record *const *evaluations, size_t n,
	struct prac_growth lines_out[PRAC_GROWTH_MAX]);
