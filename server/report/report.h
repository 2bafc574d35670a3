/*
 * Reports: SQL of sql/reports over the history of the records, as of one point of the change order,
 * so that the same question gives the same answer for ever.
 *
 * A report's statement has three parameters: the number it is as of, the school year (named by the
 * year in which it ends), and the dimensions asked for; one that goes by rule sets has their rows as a
 * fourth (rules.h). Its columns are all texts; those that are
 * dimensions nobody asked for are left out of the result.
 */
#pragma once

#include "common/catalog/report.h"
#include "server/db/pool.h"

struct report_ask {
	const struct prac_report *report;
	const struct db_script *script;
	int64_t year;
	const char **by;
	size_t n_by;
	int64_t hide;   /* counts of fewer people are not shown; 0: all are */
	uint64_t as_of; /* 0: now */
};

struct report_result {
	const struct report_ask *ask;
	const char **columns;
	size_t n_columns, n_rows;
	const char **cells; /* row by row, "" for none */
	uint64_t as_of;
	int64_t as_of_ms; /* when that was committed; 0: nothing has been by then */
};

struct report_request {
	const char *name;
	const char *const
		*parameters; /* year=2027, by=school,month, hide=10; NULL behind the last */
	int32_t today;       /* civil date: whose school year it is when none is said */
	uint64_t as_of;      /* 0: now */
};

/*
 * PRAC_NOT_FOUND: no such report. PRAC_INVALID_ARGUMENT: a parameter it does not have. *problem_out
 * is a sentence for people in both cases. Everything is in the arena.
 */
enum prac_status report_ask_read(const struct report_request *request, struct prac_arena *arena,
	struct report_ask *ask_out, const char **problem_out) PRAC_MUST_USE;

/* PRAC_OUT_OF_RANGE: as_of lies in the future. The result lives in the arena. */
typedef void (*report_fn)(void *ctx, enum prac_status status, const struct report_result *result);

void report_run(struct db_pool *pool, const struct report_ask *ask, struct prac_arena *arena,
	report_fn done, void *ctx);
