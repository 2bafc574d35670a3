/* What the modes of bench-station share: the stations, a line each, and their moves. */
#pragma once

#include "common/sync/cursor.h"
#include "tests/bench/station/line.h"
#include "tests/bench/station/work.h"

enum {
	STATIONS_MAX = 4000
};

/* One push request, encoded ahead so that the load generator's own work is outside the clock. */
struct batch {
	ProtobufCBinaryData *mutations;
	size_t n;
};

struct station {
	struct work_station work;
	struct prac_arena arena;
	struct batch *batches;
	size_t n_batches, next, answered;
	uint8_t cursor[PRAC_CURSOR_MAX];
	size_t cursor_len, pulls_left, rows_got;
	uint32_t page_rows;
	bool wants_pull;   /* after the pushes, until complete */
	bool keeps_cursor; /* pulls the same page again, pulls_left times */
	double started, ended;
};

extern struct line lines[STATIONS_MAX];
extern struct station stations[STATIONS_MAX];

double station_now(void);                          /* seconds */
int station_compare(const void *a, const void *b); /* of doubles, for qsort() */

/* lines[i] becomes the connection of that device; stations[i] its owner. */
void station_connect(size_t i, unsigned device, line_message_fn on_message);

/* Until the first n lines are done. */
void station_run_all(size_t n);

/* The next `rows` mutations of the station's work, in batches. */
void station_plan(struct station *station, size_t rows, size_t batch_rows);

void station_push_next(struct line *line);
void station_pull_next(struct line *line);

/* Pushes what is planned, then pulls if the station wants to. */
void station_on_pull(struct line *line, const struct prac_frame *frame, struct prac_bytes message);

/* Takes rows and cursor of a page; true when it was the last for now. */
bool station_take_page(struct station *station, struct prac_bytes message);
