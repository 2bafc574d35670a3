/*
 * Named points at which a test has the program die, as `kill -9` would: FAILPOINT=name:n in the
 * environment, at the n-th time it gets there. name:n:stop halts it there instead, until SIGCONT.
 * Compiled in with PRAC_FAILPOINTS only (Debug builds).
 */
#pragma once

#ifdef PRAC_FAILPOINTS
void prac_failpoint(const char *name);
#define PRAC_FAILPOINT(name) prac_failpoint(name)
#else
#define PRAC_FAILPOINT(name) ((void)0)
#endif

/*
 * Branches that few histories enter. The simulator counts how often it was in each; one it never entered
 * is not tested (SYNC 5.4).
 */
#define PRAC_SOMETIMES_MAP(XX)                                                             \
	XX(REPLAYED, "a mutation is judged already")                                       \
	XX(REWOUND, "another mutation has its key")                                        \
	XX(GAP, "a mutation comes before its predecessor")                                 \
	XX(QUARANTINED, "the device lost the right to its input")                          \
	XX(EDITED_DELETED, "a deleted record is edited")                                   \
	XX(SHOWN_AND_TAKEN, "one batch shows a student to a school and takes it away")     \
	XX(BISECTED, "the database refuses a batch")                                       \
	XX(OUTCOME_UNKNOWN, "nobody knows whether a batch was committed")                  \
	XX(HEAD_MOVED, "another server commits before what was judged ahead")              \
	XX(ORPHANED, "a call outlives its session")                                        \
	XX(CREDIT_SPENT, "an answer waits for credit")                                     \
	XX(GRANTS_FIRST, "rights changed since the cursor was given")                      \
	XX(LIFE_CHANGED, "a station meets a restored server")                              \
	XX(PROBED, "a station asks what became of an incarnation's input")                 \
	XX(REINCARNATED, "a station moves its input under a new incarnation")              \
	XX(PURGE_WAITS, "a scope that was taken away has input that is not judged")        \
	XX(PURGED, "a scope that was taken away is erased")                                \
	XX(SNAPSHOT_FORGOTTEN, "the server has no more the first load that goes on")       \
	XX(LATER_STATE_KEPT, "a scope brings an older state of a record than another did") \
	XX(DRAFTED, "refused input becomes a draft")

#ifdef PRAC_FAILPOINTS
enum prac_sometimes {
#define XX(name, words) PRAC_SOMETIMES_##name,
	PRAC_SOMETIMES_MAP(XX)
#undef XX
	PRAC_N_SOMETIMES
};

extern unsigned long prac_sometimes[PRAC_N_SOMETIMES]; /* times each was entered */
extern const char *const prac_sometimes_words[PRAC_N_SOMETIMES];
#define PRAC_SOMETIMES(name) ((void)prac_sometimes[PRAC_SOMETIMES_##name]++)
#else
#define PRAC_SOMETIMES(name) ((void)0)
#endif

/* Limits that the simulator makes narrow, so that little data meets them. */
#ifdef PRAC_FAILPOINTS
extern unsigned prac_narrow_window; /* bytes of credit; 0: as usual */
#define PRAC_WINDOW(usual) (prac_narrow_window != 0 ? prac_narrow_window : (usual))
#else
#define PRAC_WINDOW(usual) (usual)
#endif

/* Mistakes that the simulator plants to see that it finds them (SYNC 5.4). */
enum prac_plant {
	PRAC_PLANT_NOTHING,
	PRAC_PLANT_PURGE_FIRST,    /* a scope is erased though input of it was not judged */
	PRAC_PLANT_NO_GENERATION,  /* a page is applied though the grants are others now */
	PRAC_PLANT_THAW,           /* lines of an approved sheet are changed */
	PRAC_PLANT_REPLAY_REFUSED, /* what is judged already is answered as refused */
	PRAC_PLANT_NO_CREDIT,      /* more is sent than the receiver has room for */
	PRAC_PLANT_EARLY_SETTLED   /* pending input leaves the view with its verdict */
};

#ifdef PRAC_FAILPOINTS
extern enum prac_plant prac_planted;
#define PRAC_PLANTED(plant) (prac_planted == (plant))
#else
#define PRAC_PLANTED(plant) 0
#endif
