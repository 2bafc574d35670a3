#include "tests/bench/station/live.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/station/station.h"

enum {
	REST_MS = 200,
	MUTATIONS = 160, /* about 64 KiB up; pulling them brings as much down */
	GROUP = 100,     /* stations that come at once */
	WRITER = 0,
	WATCHER = 1,
	BUSY = 2,
	BACKLOGS = 3, /* one after the other: each gives some fifty times */
	CHANGES_MAX = 100000
};

/* Sorts the times; ms at a share of them. */
static double at(double *times, size_t n, double share)
{
	size_t i = (size_t)((double)n * share);

	qsort(times, n, sizeof(*times), station_compare);
	return n == 0 ? 0 : 1000 * times[i < n ? i : n - 1];
}

/* ---- idle */

static bool has_ended(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	return poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static void forget_work(size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		prac_arena_deinit(&stations[i].arena);
		stations[i].arena = (struct prac_arena){ 0 };
	}
}

void live_idle(const size_t *numbers)
{
	size_t n = numbers[0];

	for (size_t i = 0; i < n; i++) {
		struct station *station = &stations[i];

		work_begin(&station->work, (unsigned)i);
		station_plan(station, MUTATIONS, MUTATIONS);
		station->wants_pull = true;
		station->page_rows = 200;
		station_connect(i, (unsigned)i + 1, station_on_pull);
		if (i % GROUP == GROUP - 1 || i == n - 1) {
			station_run_all(i + 1);
			line_rest(lines, i + 1, 1); /* answers the server's pings */
			forget_work(i - i % GROUP, i + 1);
		}
	}
	printf("{\"stations\":%zu}\n", n);
	(void)fflush(stdout); /* a lost line shows as the reader's time-out */
	while (!has_ended()) {
		line_rest(lines, n, REST_MS);
	}
}

/* ---- notice */

static double *notices; /* seconds */
static size_t n_notices;
static double pushed;

static void on_notice(struct line *line)
{
	notices[n_notices++] = station_now() - pushed;
	line->is_done = true;
}

static void on_answer(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	(void)frame;
	(void)message;
	line->is_done = true;
}

/* A pull makes the server send the next notice; without a cursor it costs no page. */
static void rearm(size_t n)
{
	for (size_t i = 1; i <= n; i++) {
		lines[i].is_done = false;
		lines[i].on_poke = NULL;
		station_pull_next(&lines[i]);
	}
	station_run_all(n + 1);
}

static void notice_round(size_t n)
{
	for (size_t i = 1; i <= n; i++) {
		lines[i].is_done = false;
		lines[i].on_poke = on_notice;
	}
	station_plan(&stations[WRITER], 1, 1);
	lines[WRITER].is_done = false;
	pushed = station_now();
	station_push_next(&lines[WRITER]);
	station_run_all(n + 1);
	rearm(n);
}

void live_notice(const size_t *numbers)
{
	size_t n = numbers[0], rounds = numbers[1];

	notices = calloc(n * (rounds + 1), sizeof(*notices));
	if (notices == NULL || n + 1 > STATIONS_MAX) {
		line_die("notice", "no memory");
	}
	work_begin(&stations[WRITER].work, WRITER);
	station_plan(&stations[WRITER], 2, 2);
	station_connect(WRITER, WRITER + 1, station_on_pull);
	station_run_all(1);
	for (size_t i = 1; i <= n; i++) {
		station_connect(i, (unsigned)i + 1, on_answer);
		if (i % GROUP == 0 || i == n) {
			station_run_all(i + 1);
		}
	}
	notice_round(n); /* warms up */
	n_notices = 0;
	for (size_t i = 0; i < rounds; i++) {
		notice_round(n);
	}
	printf("{\"stations\":%zu,\"notices\":%zu,\"p50\":%.3f,\"p99\":%.3f}\n", n, n_notices,
		at(notices, n_notices, 0.5), at(notices, n_notices, 0.99));
	free(notices);
}

/* ---- spread */

static struct {
	double times[CHANGES_MAX];
	size_t n, wanted; /* 0: until the busy one is done */
	double began;
	bool is_begun;
	bool is_pulling, is_poked; /* the watcher, and again meanwhile */
} changes;

static bool is_over(void)
{
	return changes.n == CHANGES_MAX ||
	       (changes.wanted > 0 ? changes.n >= changes.wanted : lines[BUSY].is_done);
}

static void make_change(void)
{
	if (is_over()) {
		lines[WRITER].is_done = lines[WATCHER].is_done = true;
		return;
	}
	station_plan(&stations[WRITER], 1, 1);
	changes.began = station_now();
	station_push_next(&lines[WRITER]);
}

/* As a station does: one pull at a time, another one behind it when there was a poke meanwhile. */
static void pull(struct line *line)
{
	changes.is_pulling = true;
	changes.is_poked = false;
	station_pull_next(line);
}

static void on_watched_poke(struct line *line)
{
	if (changes.is_pulling) {
		changes.is_poked = true;
	} else {
		pull(line);
	}
}

/* The writer's answers are nobody's concern; the watcher sees. */
static void on_written(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	(void)frame;
	line_credit(line, 0, message.len);
}

static void on_watched(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	struct station *station = line->owner;
	bool is_complete;

	if (frame->type == PRAC_FRAME_WELCOME) {
		pull(line);
		return;
	}
	line_credit(line, 0, message.len);
	changes.is_pulling = false;
	is_complete = station_take_page(station, message);
	if (!is_complete || changes.is_poked) {
		pull(line);
	} else if (!changes.is_begun) {
		line->is_done = true; /* all that was there before is here */
	}
	if (is_complete && changes.is_begun && station->rows_got > 0) {
		changes.times[changes.n++] = station_now() - changes.began;
		make_change();
	}
}

static void spread_run(size_t n_lines, size_t wanted)
{
	changes.wanted = wanted;
	lines[WRITER].is_done = lines[WATCHER].is_done = false;
	make_change();
	station_run_all(n_lines);
}

static void spread_tell(const char *end)
{
	printf("\"changes\":%zu,\"p50\":%.3f,\"p99\":%.3f}%s", changes.n,
		at(changes.times, changes.n, 0.5), at(changes.times, changes.n, 0.99), end);
}

void live_spread(const size_t *numbers)
{
	for (size_t i = WRITER; i <= BUSY; i++) {
		work_begin(&stations[i].work, (unsigned)i);
		station_plan(&stations[i], 2, 2);
		stations[i].page_rows = 1000;
		station_connect(i, (unsigned)i + 1, i == WATCHER ? on_watched : station_on_pull);
	}
	/* From now on: after a poke that nobody answers with a pull there is no other. */
	lines[WATCHER].on_poke = on_watched_poke;
	station_run_all(BUSY + 1);
	lines[WRITER].on_message = on_written;
	changes.is_begun = true;
	printf("{\"light\":{");
	spread_run(BUSY, numbers[0]);
	spread_tell(",\"busy\":{");
	changes.n = 0;
	for (int i = 0; i < BACKLOGS; i++) {
		station_plan(&stations[BUSY], numbers[1], 256);
		lines[BUSY].is_done = false;
		station_push_next(&lines[BUSY]);
		spread_run(BUSY + 1, 0);
	}
	spread_tell("}\n");
}
