/*
 * A district's server in memory and stations that push to it, for tests that read top-down: each call
 * runs the store until the answer has come.
 *
 * There are two schools, ids A0 and B0, a station at each and one at the district office.
 */
#pragma once

#include "server/sync/sequencer.h"
#include "server/sync/view.h"
#include "tests/sim/store_mem.h"
#include "tests/support/sample.h"

enum {
	OFFICE_SCHOOL_A = 0xA0,
	OFFICE_SCHOOL_B = 0xB0,
	OFFICE_STUDENT = 0x01, /* of school A, after office_add_student() */
	OFFICE_GUARDIAN = 0x02
};

struct station {
	struct judge_device device;
	struct prac_scope_grant grants[3];
	uint64_t counter; /* last used */
};

struct office {
	struct store_mem mem;
	struct store_mem_server server;
	struct sequencer *sequencer;
	struct prac_env env;
	struct prac_arena arena;
	uint64_t now_ms;
	struct station a, b, district;
	/* The last answer. */
	size_t n_answers;
	struct sequencer_answer answer;
	struct prac_verdict verdicts[64];
	/* What was announced last. */
	size_t n_announced;
	struct prac_id announced[16];
	size_t n_announced_scopes;
};

struct office *office_open(void);
/* Whose sequencer judges ahead as sequencer_config says. */
struct office *office_open_ahead(size_t ahead_min);
void office_close(struct office *office);

/* Answers what waits, oldest first, until nothing does. */
void office_run(struct office *office);

/* One mutation of the station with its next counter; its verdict. */
const struct prac_verdict *office_create(
	struct office *office, struct station *station, struct prac_record *record);
const struct prac_verdict *office_patch(struct office *office, struct station *station,
	const struct prac_record *before, const struct prac_record *after);
const struct prac_verdict *office_delete(
	struct office *office, struct station *station, const struct prac_record *record);
const struct prac_verdict *office_act(struct office *office, struct station *station,
	const struct prac_record *record, const char *action, const struct prac_value *args);

/* The same mutation, made but not sent; its counter is used. In the arena. */
struct prac_mutation *office_make(struct office *office, struct station *station, Practicum__Op op,
	const struct prac_record *record);
void office_make_patch(struct office *office, struct prac_mutation *mutation,
	const struct prac_record *before, const struct prac_record *after);

/* Submits; the answer comes with office_run(). */
enum prac_status office_submit(struct office *office, const struct station *station,
	struct prac_mutation *const *mutations, size_t n);

/* The record as it is on the server; NULL when there is none. */
struct prac_record *office_record(
	struct office *office, const struct prac_type *type, const struct prac_id *id);

/* A changed copy. */
struct prac_record *office_edit(
	struct office *office, const struct prac_record *record, const char *assignment);

/* The newest record of the type; NULL when there is none. */
struct prac_record *office_last(struct office *office, const struct prac_type *type);

/* A student of school A with a guardian, made by station A. */
struct prac_record *office_add_student(struct office *office);
struct prac_record *office_add_guardian(struct office *office);

/* A new enrollment of the student at school B, not sent. */
struct prac_record *office_enrollment(struct office *office, uint8_t nn);

/* Feed row of a record in a school's scope; NULL when there is none. */
const struct store_feed_row *office_row(
	struct office *office, const struct prac_record *record, uint8_t school);
