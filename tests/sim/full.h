/*
 * A district simulated from end to end: people at stations with the real replica on a disk that loses
 * power, the real client session, links that break at any byte, the real server session, handlers and
 * sequencer, on the store in memory. One thread, virtual time, one seed.
 */
#pragma once

#include <glib.h>

#include "client/link/session.h"
#include "server/rpc/method.h"
#include "server/svc/svc.h"
#include "server/sync/sequencer.h"
#include "server/sync/snapshot.h"
#include "tests/sim/crash_vfs.h"
#include "tests/sim/full_base.h"
#include "tests/sim/model.h"
#include "tests/sim/store_mem.h"
#include "tests/sim/world.h"

enum {
	FULL_SERVERS_MAX = 3,
	FULL_STATIONS_MAX = 7, /* the last one is free for a copy of another */
	FULL_SCHOOLS_MAX = 3,
	FULL_FAULT_LEN = 400,
	FULL_STRIKES = 10,
	FULL_ACTIONS_MAX = 10000
};

struct full;
struct full_server;
struct full_station;
struct full_device;

/* A connection from the first byte to when both ends heard of its end. */
struct full_wire {
	struct full *full;
	struct full_station *station; /* NULL: the station gave it up */
	const struct full_device *device;
	struct full_server *server;
	struct rpc_session *served; /* NULL: the server gave it up */
	struct world_link *link;
	unsigned n_ends; /* that heard the cut */
	bool is_ending;  /* the server said goodbye */
};

/* Whom a certificate stands for, and what the server lets it hold. */
struct full_device {
	struct prac_id id;
	bool district;
	bool schools[FULL_SCHOOLS_MAX];
	uint32_t generations[FULL_SCHOOLS_MAX];
};

struct full_server {
	struct snapshot_source source; /* first: what the handlers see */
	struct full *full;
	struct store_mem_server store;
	struct world_clock clock;
	struct prac_env env;
	struct sequencer *sequencer;
	struct rpc_routes routes;
	struct rpc_server rpc;
	struct svc svc;
	GPtrArray *spools; /* of first loads */
	GPtrArray *waits;  /* answers that will come */
	bool is_up;
	uint64_t refresh_at_ms;
	uint64_t known_head; /* at the last refresh */
};

/* A text that somebody changed, to be seen until the server has it. */
struct full_edit {
	const struct prac_type *type;
	struct prac_id id;
	size_t field;
	char text[24];
	uint64_t incarnation, counter;
};

struct full_station {
	struct full *full;
	struct full_device *device;
	struct crash_disk *disk, *backup;
	bool has_backup;
	char vfs[32];
	struct world_clock clock;
	struct prac_env env;
	struct replica *replica; /* NULL: switched off */
	struct session *session;
	struct full_wire *wire;
	uint64_t connect_at_ms;
	unsigned n_made;
	bool is_resting; /* does not connect */
	struct full_base *base;
	struct full_edit edit; /* with has_edit: the last */
	bool has_edit;
	uint64_t last_seen; /* position when last consistent */
	uint64_t last_epoch;
};

/* One act of a person. The key is its content without the counter, which another incarnation changes. */
struct full_input {
	struct prac_digest key;
	size_t station;
	bool is_lost; /* with a disk, or with a disk and the server's; nobody could know it any more */
	size_t n_judged;
};

struct full_setting {
	uint64_t seed;
	size_t n_actions;
	enum store_mem_bug store_bug;
	unsigned plant; /* of enum prac_plant */
	bool is_calm;   /* no faults */
	bool is_twin;   /* begins without any, whatever comes */
	/* Of n_actions, at whose time nothing is done; the others do not depend on it. may be NULL */
	const bool *skips;
	bool is_traced;
};

/* What a run has met, so that one can say whether it tests anything. Nothing but numbers. */
struct full_met {
	size_t n_crashes, n_cuts, n_kills, n_restores, n_clones, n_epoch_changes, n_full_disks;
	size_t n_failovers, n_poisons;
	size_t n_grants, n_conflicts, n_refused, n_accepted, n_loads, n_checks, n_inputs, n_lost;
	size_t n_approved, n_weeks;
};

struct full {
	struct full_setting setting;
	struct world *world;
	struct store_mem mem;
	bool is_pumping;        /* an event will let the store answer */
	struct model *model;    /* of what mem.db has gone through */
	GHashTable *contents;   /* hashes of rows by the hash of their bytes */
	unsigned n_feed_seen;   /* of mem.db->feed */
	bool is_in_use[256];    /* by the catalog's order: some record of the type was made */
	struct mem_db *backup;  /* of the store */
	struct mem_db *standby; /* that is about to take over; NULL: none */
	uint64_t n_epochs;
	struct full_server servers[FULL_SERVERS_MAX]; /* on one store */
	size_t n_servers;
	unsigned weights[FULL_STRIKES]; /* of what may go wrong, in this history */
	GPtrArray *wires;
	struct full_device devices[FULL_STATIONS_MAX];
	struct full_station stations[FULL_STATIONS_MAX]; /* the first is the district's */
	size_t n_stations;
	struct prac_id schools[FULL_SCHOOLS_MAX];
	size_t n_schools;
	GHashTable *inputs; /* of struct full_input */
	bool is_healing;    /* no faults any more */
	bool is_over;       /* the last checks are made */
	size_t n_done;      /* actions of which the time has come */
	char fault[FULL_FAULT_LEN];
	struct full_met met;
};

/* Whatever was committed, the model does, too; anew: of another life of the store. */
void full_follow(struct full *full);
void full_follow_anew(struct full *full);

/* One run from beginning to end. True: every property held; else fault says which did not. */
bool full_run(struct full *full, const struct full_setting *setting);
void full_deinit(struct full *full);

/* The world with its district, servers and stations, before anything happens. */
void full_begin(struct full *full, const struct full_setting *setting);

/* ---- types.c: does the simulator's list of types have all that judging them reads? Else stderr says which not. */
bool full_types_suffice(void);

/* ---- full_twin.c: P13, the same history with and without faults of transport. Ends as full_run(). */
bool full_twins(struct full *full, const struct full_setting *setting);

/* The first fault of a run counts. */
void full_fault(struct full *full, const char *fmt, ...) PRAC_PRINTF(2, 3);
void full_trace(const struct full *full, const char *fmt, ...) PRAC_PRINTF(2, 3);

size_t full_number(const struct full_station *station);

/* ---- full_strike.c */
void full_strike_begin(struct full *full); /* chooses what is likely in this history */
void full_strike(struct full *full);
void full_strike_end(struct full *full); /* all faults are over */
void full_restart_server(struct full_server *server);
void full_strike_transport(struct full *full); /* what no final state may hang on */
void full_regrant(struct full *full);

/* ---- full_server.c */
void full_server_start(struct full_server *server);
void full_server_kill(struct full_server *server);
void full_server_tick(struct full_server *server);
void full_server_accept(struct full_wire *wire);
void full_server_received(void *ctx, struct prac_bytes bytes);
void full_server_cut(void *ctx);
void full_server_give_up(struct full_wire *wire);

/* What the device may hold, as the server counts it. */
uint32_t full_scope_set(const struct full *full, const struct full_device *device, size_t *n_out);

/* ---- full_station.c */
void full_station_prepare(void); /* before the world begins */
void full_station_init(struct full_station *station, struct full *full, size_t index);
void full_station_deinit(struct full_station *station);
void full_station_tick(struct full_station *station);
void full_station_poke(struct full_station *station);
void full_station_connect(struct full_station *station);
void full_station_disconnect(struct full_station *station);
void full_station_heard_end(struct full_wire *wire);

/* After the replica failed: the disk lost its power, was full, or this is a fault. */
void full_station_failed(struct full_station *station, enum prac_status status);
void full_station_crash(struct full_station *station, bool with_power_loss);
void full_station_keep(struct full_station *station);    /* a backup of its disk */
void full_station_restore(struct full_station *station); /* that backup */
void full_station_clone(struct full_station *station, struct full_station *from);
bool full_station_is_done(struct full_station *station);
uint32_t full_station_rights(struct full_station *station); /* as it knows them */

/* ---- full_ledger.c */
void full_ledger_scan(struct full_station *station); /* what is in its outbox are inputs */
void full_ledger_forget(struct full *full); /* inputs that are nowhere were lost with a disk */
void full_ledger_check(struct full *full);
void full_ledger_check_told(struct full *full); /* whatever was acknowledged is there (P2) */

/* ---- full_check.c */
void full_check_end(struct full *full);
bool full_may_hold(const struct full_station *station, const struct prac_id *scope);
void full_explain_difference(struct full_station *station, const struct prac_id *scope);
/* Did anything that it may hold change after this number? */
bool full_is_behind(const struct full_station *station, uint64_t seq);

/* ---- full_limits.c */
void full_limits_of_server(struct full_server *server);
void full_limits_of_station(struct full_station *station);

/* ---- full_people.c */
void full_people_begin(struct full *full);
void full_people_act(struct full *full);
void full_people_act_at(struct full_station *station);
int full_compare_ids(const void *a, const void *b); /* of pointers to records */
