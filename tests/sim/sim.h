/*
 * The server's side of a district simulated: servers on one store, stations without a disk that push
 * what people enter, lose answers, repeat themselves and pull, and after every step the check against
 * the model. The full simulation puts sessions and replicas in the stations' place.
 */
#pragma once

#include "server/sync/sequencer.h"
#include "tests/sim/model.h"
#include "tests/sim/store_mem.h"
#include "tests/sim/world.h"

enum {
	SIM_SERVERS_MAX = 2,
	SIM_DEVICES_MAX = 7,
	SIM_SCHOOLS_MAX = 3
};

struct sim;

struct sim_server {
	struct sim *sim;
	struct store_mem_server store;
	struct sequencer *sequencer;
	struct world_clock clock;
	struct prac_env env;
	unsigned life; /* grows at each start: answers of an earlier one are not heard */
};

/* One input of a person, for good. */
struct sim_input {
	struct prac_bytes bytes; /* owned */
	struct prac_digest hash;
	uint64_t incarnation, counter;
	bool is_judged;
	struct prac_verdict verdict;
};

struct sim_device {
	struct sim *sim;
	struct judge_device device;
	struct prac_scope_grant grants[SIM_SCHOOLS_MAX];
	struct prac_id scopes[SIM_SCHOOLS_MAX + 2]; /* what it pulls */
	size_t n_scopes;
	struct world_clock clock;
	struct prac_env env;
	GPtrArray *outbox; /* of struct sim_input, by counter; of this incarnation */
	GPtrArray *former; /* of struct sim_input; of earlier ones */
	GHashTable *base;  /* of struct sim_row */
	uint64_t cursor;
	unsigned n_made;
	void *pushing, *pulling; /* the call that is waited for */
	bool is_consistent;      /* at cursor */
};

struct sim_row {
	struct store_feed_row feed;
	struct prac_arena arena; /* of the record */
	struct prac_record *record;
};

struct sim {
	struct world *world;
	struct store_mem mem;
	struct model *model;
	struct sim_server servers[SIM_SERVERS_MAX];
	size_t n_servers;
	struct sim_device devices[SIM_DEVICES_MAX]; /* the first is the district's */
	size_t n_devices;
	struct prac_id schools[SIM_SCHOOLS_MAX];
	size_t n_schools;
	GHashTable *entered; /* hashes of all that was ever entered */
	bool is_calm;        /* no faults any more */
	char fault[300];
	/* What the run has met, so that a test can say whether it tests anything. */
	size_t n_conflicts, n_refused, n_replays, n_crashes, n_rewound, n_checks;
};

struct sim_setting {
	uint64_t seed;
	size_t n_actions;
	enum store_mem_bug bug;
};

/* One run from beginning to end. True: every property held; else fault says which did not. */
bool sim_run(struct sim *sim, const struct sim_setting *setting);
void sim_deinit(struct sim *sim);

/* The first fault of a run counts. */
void sim_fault(struct sim *sim, const char *fmt, ...) PRAC_PRINTF(2, 3);

/* ---- sim_device.c */
void sim_device_init(struct sim_device *device, struct sim *sim, size_t index);
void sim_device_deinit(struct sim_device *device);
void sim_device_push(struct sim_device *device);
void sim_device_pull(struct sim_device *device);
void sim_device_restore(struct sim_device *device); /* an old copy of its file */
bool sim_device_is_done(const struct sim_device *device);
void sim_device_check_end(struct sim_device *device);
/* The mutation becomes an input of the device. */
void sim_device_enter(
	struct sim_device *device, struct prac_mutation *mutation, struct prac_arena *arena);

/* ---- sim_people.c */
void sim_people_begin(struct sim *sim); /* schools and the first students */
void sim_people_act(struct sim *sim);
