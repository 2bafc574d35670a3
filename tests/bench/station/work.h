/*
 * What the stations of the benchmarks enter: a school each, then student after student with a placement
 * and a year of weeks, a sheet with four lines and its submission, as a coordinator would on a Friday.
 */
#pragma once

#include "common/sync/mutation.h"

enum {
	WORK_PER_SHEET = 6, /* mutations: sheet, four entries, submit */
	WORK_SHEETS = 36    /* of a placement: a school year */
};

/*
 * One station's own records. The ids of devices and schools follow from the station's number, so that
 * the server can be told of them once; students and placements are new in every run.
 */
struct work_station {
	const struct prac_env *env; /* of the ids; the system's after work_begin() */
	struct prac_id device, school, student, placement;
	uint64_t counter; /* last one used */
	int32_t week;     /* Sunday of the sheet being written */
	bool has_student; /* whose placement comes next */
	bool with_minors; /* students of 16: their weeks are judged by the labor rules */
	unsigned step;    /* of the sheet, 0 to WORK_PER_SHEET - 1 */
	unsigned sheets;  /* of the placement so far */
	struct prac_id sheet;
};

/* Device 0 is the district office's; station n is device n + 1. */
struct prac_id work_device(unsigned n);

void work_begin(struct work_station *station, unsigned n);

/* The school record; sent by the district's device with that device's counter. */
struct prac_bytes work_school(
	const struct work_station *station, uint64_t counter, struct prac_arena *arena);

/*
 * The next encoded mutation of a station: student and placement, then a year of sheets, then the next
 * student. A second year of the same weeks would be one that the rules of a student's week look at.
 */
struct prac_bytes work_next(struct work_station *station, struct prac_arena *arena);
