/*
 * Drives practicumd as stations would and prints one JSON line of what it measured.
 *
 *   bench-station devices DIR N                      makes keys of the district's device and of N
 *                                                    stations in DIR; prints a line for each:
 *                                                    device, SHA-256 of its public key, school
 *   bench-station PORT DIR prepare N                 the district's device enters N schools
 *   bench-station PORT DIR push ROWS STATIONS BATCH  rows/s of all stations together
 *   bench-station PORT DIR pull CALLS ROWS           calls/s of one station, ROWS changes each
 *   bench-station PORT DIR snapshot                  rows/s of the first load of station 0
 *   bench-station PORT DIR storm STATIONS ROWS       each connects, pushes ROWS, pulls ROWS
 *   bench-station PORT DIR idle STATIONS             moves 64 KiB each way, holds until stdin ends
 *   bench-station PORT DIR notice STATIONS ROUNDS    ms from a push to the notices of it; stations 2
 *                                                    to STATIONS + 1 hold the scope of the first
 *   bench-station PORT DIR spread CHANGES BACKLOG    ms from a push of station 1 to the page at
 *                                                    station 2, alone and beside a push of BACKLOG
 *                                                    mutations by station 3
 *
 * DIR holds the server's ca.pem and ca.key, with which stations get certificates, and their keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalog/types.h"
#include "common/sync/cursor.h"
#include "common/wire/binary.h"
#include "common/wire/zip.h"
#include "proto/sync.pb-c.h"
#include "tests/bench/station/identity.h"
#include "tests/bench/station/live.h"
#include "tests/bench/station/station.h"

enum {
	QUIET_MS = 60000,
	IN_FLIGHT = 2 /* pushes of one station, as the protocol allows */
};

struct line lines[STATIONS_MAX];
struct station stations[STATIONS_MAX];
static struct line_place place;

static void must(enum prac_status status, const char *what)
{
	if (status != PRAC_OK) {
		line_die(what, prac_status_text(status));
	}
}

double station_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void station_connect(size_t i, unsigned device, line_message_fn on_message)
{
	struct prac_tls_ctx *ctx = identity_of(device);

	lines[i] = (struct line){ .on_message = on_message, .owner = &stations[i] };
	line_open(&lines[i], &place, ctx);
	prac_tls_ctx_free(ctx);
}

void station_run_all(size_t n)
{
	if (!line_run(lines, n, QUIET_MS)) {
		line_die("run", "no answer for a minute");
	}
}

/* protobuf-c's fields are not const; it does not write to them. */
static ProtobufCBinaryData binary(struct prac_bytes bytes)
{
	union {
		const uint8_t *borrowed;
		uint8_t *field;
	} data = { .borrowed = bytes.data };

	return (ProtobufCBinaryData){ bytes.len, data.field };
}

/* ---- push */

void station_push_next(struct line *line)
{
	struct station *station = line->owner;
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	const struct batch *batch = &station->batches[station->next++];

	request.n_mutations = batch->n;
	request.mutations = batch->mutations;
	line_request(line, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
}

static void check_verdicts(struct prac_bytes message)
{
	Practicum__PushResponse *answer =
		practicum__push_response__unpack(NULL, message.len, message.data);

	if (answer == NULL) {
		line_die("push", "the answer is not readable");
	}
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		const Practicum__Verdict *verdict = answer->verdicts[i];

		if (verdict->kind != PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			(void)fprintf(stderr, "counter %lu: reason %u %.*s\n",
				(unsigned long)verdict->counter, verdict->reason,
				(int)verdict->text.len, (const char *)verdict->text.data);
			line_die("push", "a mutation was refused");
		}
	}
	practicum__push_response__free_unpacked(answer, NULL);
}

static void on_push(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	struct station *station = line->owner;

	if (frame->type == PRAC_FRAME_WELCOME) {
		station->answered = 0;
	} else {
		line_credit(line, 0, message.len);
		check_verdicts(message);
		station->answered++;
	}
	while (station->next < station->n_batches &&
		station->next - station->answered < IN_FLIGHT) {
		station_push_next(line);
	}
	if (station->answered == station->n_batches) {
		station->ended = station_now();
		line->is_done = !station->wants_pull;
		if (station->wants_pull) {
			station_pull_next(line);
		}
	}
}

void station_plan(struct station *station, size_t rows, size_t batch_rows)
{
	size_t n = (rows + batch_rows - 1) / batch_rows;

	station->batches = prac_arena_alloc(&station->arena, (n + 1) * sizeof(struct batch));
	station->n_batches = n;
	station->next = station->answered = 0;
	for (size_t b = 0; b < n; b++) {
		struct batch *batch = &station->batches[b];

		batch->n = rows - b * batch_rows < batch_rows ? rows - b * batch_rows : batch_rows;
		batch->mutations =
			prac_arena_alloc(&station->arena, batch->n * sizeof(*batch->mutations));
		for (size_t i = 0; i < batch->n; i++) {
			struct prac_bytes bytes = work_next(&station->work, &station->arena);

			batch->mutations[i] = (ProtobufCBinaryData){ bytes.len,
				(uint8_t *)(uintptr_t)bytes.data };
		}
	}
}

static void warm_up(size_t i)
{
	work_begin(&stations[i].work, (unsigned)i);
	station_plan(&stations[i], 2, 2);
	station_connect(i, (unsigned)i + 1, on_push);
}

static void push_mode(size_t rows, size_t n, size_t batch_rows)
{
	double begin;

	for (size_t i = 0; i < n; i++) {
		warm_up(i);
	}
	station_run_all(n);
	for (size_t i = 0; i < n; i++) {
		station_plan(&stations[i], rows / n, batch_rows);
		lines[i].is_done = false;
	}
	begin = station_now();
	for (size_t i = 0; i < n; i++) {
		station_push_next(&lines[i]);
		if (stations[i].n_batches > 1) {
			station_push_next(&lines[i]);
		}
	}
	station_run_all(n);
	printf("{\"rows\":%zu,\"seconds\":%.6f,\"per_second\":%.1f}\n", rows, station_now() - begin,
		(double)rows / (station_now() - begin));
}

/* ---- pull */

void station_pull_next(struct line *line)
{
	struct station *station = line->owner;
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;

	request.has_cursor = station->cursor_len > 0;
	request.cursor = (ProtobufCBinaryData){ station->cursor_len, station->cursor };
	request.has_max_rows = true;
	request.max_rows = station->page_rows;
	line_request(line, PRACTICUM__METHOD_ID__SYNC_PULL, &request.base);
}

int station_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Takes the page's cursor unless the station repeats one pull; true when the page was the last. */
bool station_take_page(struct station *station, struct prac_bytes message)
{
	Practicum__PullPage *page = practicum__pull_page__unpack(NULL, message.len, message.data);
	bool is_complete;

	if (page == NULL || page->cursor.len > sizeof(station->cursor)) {
		line_die("pull", "the page is not readable");
	}
	station->rows_got = page->n_rows;
	is_complete = page->complete;
	if (!station->keeps_cursor) {
		memcpy(station->cursor, page->cursor.data, page->cursor.len);
		station->cursor_len = page->cursor.len;
	}
	practicum__pull_page__free_unpacked(page, NULL);
	return is_complete;
}

void station_on_pull(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	struct station *station = line->owner;
	bool is_complete;

	if (frame->type == PRAC_FRAME_WELCOME || station->answered < station->n_batches) {
		on_push(line, frame, message);
		return;
	}
	line_credit(line, 0, message.len);
	is_complete = station_take_page(station, message);
	station->ended = station_now();
	if (station->keeps_cursor) {
		station->pulls_left--;
		line->is_done = station->pulls_left == 0;
	} else {
		line->is_done = is_complete;
	}
	if (!line->is_done) {
		station_pull_next(line);
	}
}

static void pull_mode(size_t calls, size_t rows)
{
	struct station *station = &stations[0];
	double begin;

	work_begin(&station->work, 0);
	station_plan(station, 2, 2);
	station->wants_pull = true;
	station->page_rows = 1000; /* until the cursor is at the head */
	station_connect(0, 1, station_on_pull);
	station_run_all(1);
	station->keeps_cursor = true;
	station->pulls_left = 1;
	/* A submission changes a row that is there already; the page is as long as the peer's. */
	station_plan(station, rows + rows / (WORK_PER_SHEET - 1) + 1, 256);
	station->page_rows = (uint32_t)rows;
	lines[0].is_done = false;
	station_push_next(&lines[0]);
	station_run_all(1);
	station->pulls_left = calls;
	lines[0].is_done = false;
	begin = station_now();
	station_pull_next(&lines[0]);
	station_run_all(1);
	if (station->rows_got != rows) {
		line_die("pull", "a page is not as long as was asked for");
	}
	printf("{\"calls\":%zu,\"rows\":%zu,\"seconds\":%.6f,\"per_second\":%.1f}\n", calls,
		station->rows_got, station_now() - begin, (double)calls / (station_now() - begin));
}

/* ---- storm: all within a second; push, then pull the same number of rows */

static void storm_mode(size_t n, size_t rows)
{
	double *times = calloc(n, sizeof(*times)), begin;
	static struct prac_tls_ctx *identities[STATIONS_MAX];
	size_t opened = 0;

	if (times == NULL) {
		line_die("storm", "no memory");
	}
	for (size_t i = 0; i < n; i++) {
		struct station *station = &stations[i];

		work_begin(&station->work, (unsigned)i);
		station_plan(station, rows, 256);
		station->wants_pull = true;
		station->page_rows = (uint32_t)rows;
		/* One page, as the peer's: what earlier rounds left in the school is not pulled. */
		station->keeps_cursor = true;
		station->pulls_left = 1;
		identities[i] = identity_of((unsigned)i + 1);
	}
	begin = station_now();
	while (opened < n) {
		size_t due = (size_t)((station_now() - begin) * (double)n) + 1;

		for (; opened < n && opened < due; opened++) {
			stations[opened].started = station_now();
			lines[opened] = (struct line){ .on_message = station_on_pull,
				.owner = &stations[opened] };
			line_open(&lines[opened], &place, identities[opened]);
		}
		(void)line_run(lines, opened, 1); /* goes on below */
	}
	station_run_all(n);
	for (size_t i = 0; i < n; i++) {
		times[i] = stations[i].ended - stations[i].started;
	}
	qsort(times, n, sizeof(*times), station_compare);
	printf("{\"stations\":%zu,\"seconds\":%.6f,\"p50\":%.6f,\"p99\":%.6f,\"max\":%.6f}\n", n,
		station_now() - begin, times[n / 2], times[n * 99 / 100], times[n - 1]);
	free(times);
}

/* ---- first load */

static size_t rows_loaded;

/* As a client must, short of storing: unpack, decompress, unpack the rows. */
static void read_chunk(struct prac_bytes message)
{
	Practicum__SnapshotChunk *chunk =
		practicum__snapshot_chunk__unpack(NULL, message.len, message.data);
	struct prac_arena arena = { 0 };
	struct prac_bytes content;
	Practicum__SnapshotRows *rows;

	if (chunk == NULL) {
		line_die("snapshot", "a chunk is not readable");
	}
	must(prac_unzip(prac_binary_bytes(chunk->rows), &arena, &content), "chunk");
	rows = practicum__snapshot_rows__unpack(NULL, content.len, content.data);
	if (rows == NULL) {
		line_die("snapshot", "the rows of a chunk are not readable");
	}
	rows_loaded += rows->n_rows;
	practicum__snapshot_rows__free_unpacked(rows, NULL);
	practicum__snapshot_chunk__free_unpacked(chunk, NULL);
	prac_arena_deinit(&arena);
}

static void on_chunk(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	if (frame->type == PRAC_FRAME_WELCOME) {
		struct station *station = line->owner;
		Practicum__SnapshotRequest request = PRACTICUM__SNAPSHOT_REQUEST__INIT;

		request.has_scope = true;
		request.scope = prac_binary_id(&station->work.school);
		station->started = station_now();
		line_request(line, PRACTICUM__METHOD_ID__SYNC_SNAPSHOT, &request.base);
	} else if (frame->type == PRAC_FRAME_DATA) {
		read_chunk(message);
		line_credit(line, frame->stream, message.len);
	} else {
		line->is_done = true;
	}
}

static void snapshot_mode(void)
{
	work_begin(&stations[0].work, 0);
	station_connect(0, 1, on_chunk);
	station_run_all(1);
	printf("{\"rows\":%zu,\"seconds\":%.6f,\"per_second\":%.1f}\n", rows_loaded,
		station_now() - stations[0].started,
		(double)rows_loaded / (station_now() - stations[0].started));
}

/* ---- setting up */

static void on_school(struct line *line, const struct prac_frame *frame, struct prac_bytes message)
{
	on_push(line, frame, message);
}

static void prepare_mode(size_t n)
{
	struct station *district = &stations[0];

	district->batches = prac_arena_alloc(&district->arena, n * sizeof(struct batch));
	district->n_batches = n;
	for (size_t i = 0; i < n; i++) {
		struct work_station school;
		struct prac_bytes bytes;

		work_begin(&school, (unsigned)i);
		bytes = work_school(&school, i + 1, &district->arena);
		district->batches[i].n = 1;
		district->batches[i].mutations =
			prac_arena_alloc(&district->arena, sizeof(ProtobufCBinaryData));
		district->batches[i].mutations[0] = binary(bytes);
	}
	station_connect(0, 0, on_school);
	station_run_all(1);
}

struct mode {
	const char *name;
	int n_numbers;
	void (*run)(const size_t *numbers);
};

static void do_prepare(const size_t *n)
{
	prepare_mode(n[0]);
}

static void do_push(const size_t *n)
{
	push_mode(n[0], n[1], n[2]);
}

static void do_pull(const size_t *n)
{
	pull_mode(n[0], n[1]);
}

static void do_snapshot(const size_t *n)
{
	(void)n; /* takes none */
	snapshot_mode();
}

static void do_storm(const size_t *n)
{
	storm_mode(n[0], n[1]);
}

static const struct mode modes[] = {
	{ "prepare", 1, do_prepare },
	{ "push", 3, do_push },
	{ "pull", 2, do_pull },
	{ "snapshot", 0, do_snapshot },
	{ "storm", 2, do_storm },
	{ "idle", 1, live_idle },
	{ "notice", 2, live_notice },
	{ "spread", 2, live_spread },
};

int main(int argc, char **argv)
{
	size_t numbers[3] = { 0 };

	for (int i = 4; i < argc && i < 7; i++) {
		numbers[i - 4] = strtoul(argv[i], NULL, 10);
	}
	if (argc == 4 && strcmp(argv[1], "devices") == 0) {
		identity_make(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
		return 0;
	}
	for (size_t i = 0; argc > 3 && i < PRAC_NELEM(modes); i++) {
		if (strcmp(argv[3], modes[i].name) != 0 || argc != 4 + modes[i].n_numbers) {
			continue;
		}
		identity_open(argv[2]);
		place.port = (uint16_t)strtoul(argv[1], NULL, 10);
		modes[i].run(numbers);
		return 0;
	}
	(void)fprintf(stderr, "usage: see the head of tests/bench/station/station.c\n");
	return 64;
}
