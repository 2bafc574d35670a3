#include <stdio.h>
#include <string.h>

#include "client/replica/file.h"
#include "tests/sim/full.h"
#include "tests/support/fixed_key.h"

enum {
	BACKOFF_MS = 1500,
	OPEN_TRIES = 40
};

static const char path[] = "replica.db";

/* ---- the replica and its disk */

static bool is_fault(enum prac_status status)
{
	switch (status) {
	case PRAC_OK:
	case PRAC_CANCELLED:
	case PRAC_UNAVAILABLE:
	case PRAC_RESOURCE_EXHAUSTED:
	case PRAC_ABORTED:
	case PRAC_DEADLINE_EXCEEDED:
		return false;
	case PRAC_UNKNOWN:
	case PRAC_INVALID_ARGUMENT:
	case PRAC_NOT_FOUND:
	case PRAC_ALREADY_EXISTS:
	case PRAC_PERMISSION_DENIED:
	case PRAC_FAILED_PRECONDITION:
	case PRAC_OUT_OF_RANGE:
	case PRAC_UNIMPLEMENTED:
	case PRAC_INTERNAL:
	case PRAC_DATA_LOSS:
	case PRAC_UNAUTHENTICATED:
		break;
	}
	return true;
}

static void close_replica(struct full_station *station)
{
	session_free(station->session);
	station->session = NULL;
	full_base_close(station->base);
	replica_close(station->replica);
	station->replica = NULL;
}

static bool open_replica(struct full_station *station)
{
	const struct replica_place place = { path, station->vfs, &station->env, &fixed_key };
	enum prac_status status = replica_open(&place, &station->replica);

	if (status == PRAC_OK) {
		return true;
	}
	if (!crash_disk_is_cut(station->disk)) {
		full_fault(station->full, "station %zu: its replica cannot be opened: %s",
			full_number(station), replica_error(station->replica));
	}
	replica_close(station->replica);
	station->replica = NULL;
	return false;
}

/* The power may fail again while the replica is opened. */
static void start(struct full_station *station)
{
	for (unsigned i = 0; i < OPEN_TRIES && station->full->fault[0] == '\0'; i++) {
		if (open_replica(station)) {
			full_ledger_scan(station);
			return;
		}
		crash_disk_reboot(station->disk, true);
	}
}

/*
 * The disk of a replica that was just created: all tables, nothing in them. Made once a process, by a
 * clock and chance of its own, since it costs as much as a whole history; kept until the end.
 */
static struct crash_disk *blank;

void full_station_prepare(void)
{
	struct replica_place place;
	struct replica *replica = NULL;
	struct world_clock clock = { 0 };
	struct prac_env env;

	if (blank == NULL) {
		/* One thread: SQLite need not lock, and nobody asks how much memory it has. */
		g_assert(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
			 sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
		blank = crash_disk_new("sim-blank", 1);
		clock.world = world_new(1);
		env = world_env(&clock);
		place = (struct replica_place){ path, "sim-blank", &env, &fixed_key };
		g_assert(replica_open(&place, &replica) == PRAC_OK);
		replica_close(replica);
		world_free(clock.world);
	}
}

static void enroll(struct full_station *station)
{
	struct replica_identity identity = { .district = station->device->district,
		.label = "Station",
		.server = "localhost:7443" };

	identity.device = station->device->id;
	identity.person = prac_id_new(&station->env);
	/* All begin with one file; each is to be of its own life. */
	if (replica_reincarnate(station->replica, station->replica->meta.incarnation, 1) !=
			PRAC_OK ||
		replica_enroll(station->replica, &identity) != PRAC_OK) {
		full_fault(station->full, "a station cannot enroll");
	}
}

void full_station_init(struct full_station *station, struct full *full, size_t index)
{
	uint64_t seed = world_random(full->world);

	memset(station, 0, sizeof(*station));
	station->full = full;
	station->base = full_base_new();
	station->device = &full->devices[index];
	station->clock = (struct world_clock){ full->world, 0 };
	station->clock.skew_ms = (int64_t)world_below(full->world, 7200000) - 3600000;
	station->env = world_env(&station->clock);
	(void)snprintf(station->vfs, sizeof(station->vfs), "sim%zu", index);
	station->disk = crash_disk_new(station->vfs, seed);
	(void)snprintf(station->vfs, sizeof(station->vfs), "sim%zu-backup", index);
	station->backup = crash_disk_new(station->vfs, seed + 1);
	(void)snprintf(station->vfs, sizeof(station->vfs), "sim%zu", index);
	station->device->id = prac_id_new(&station->env);
	if (index < full->n_stations) {
		crash_disk_copy(station->disk, blank);
		start(station);
		enroll(station);
	}
}

void full_station_deinit(struct full_station *station)
{
	close_replica(station);
	full_base_free(station->base);
	crash_disk_free(station->disk);
	crash_disk_free(station->backup);
}

void full_station_crash(struct full_station *station, bool with_power_loss)
{
	full_trace(station->full, "station %zu: %s", full_number(station),
		with_power_loss ? "power lost" : "killed");
	station->full->met.n_crashes++;
	full_station_disconnect(station);
	close_replica(station);
	crash_disk_reboot(station->disk, with_power_loss);
	start(station);
}

void full_station_failed(struct full_station *station, enum prac_status status)
{
	if (crash_disk_is_cut(station->disk)) {
		full_station_crash(station, true);
	} else if (is_fault(status)) {
		full_fault(station->full, "station %zu: %s: %s", full_number(station),
			prac_status_name(status), replica_error(station->replica));
	}
}

/* ---- backups */

void full_station_keep(struct full_station *station)
{
	full_station_disconnect(station);
	close_replica(station);
	if (crash_disk_is_cut(station->disk)) {
		crash_disk_reboot(station->disk, true);
	} else {
		crash_disk_copy(station->backup, station->disk);
		station->has_backup = true;
	}
	start(station);
}

void full_station_restore(struct full_station *station)
{
	if (!station->has_backup) {
		return;
	}
	full_trace(station->full, "station %zu: an old disk comes back", full_number(station));
	station->full->met.n_restores++;
	full_station_disconnect(station);
	close_replica(station);
	crash_disk_cut_at(station->disk, 0);
	crash_disk_reboot(station->disk, false);
	crash_disk_copy(station->disk, station->backup);
	station->last_seen = 0;
	full_base_forget(station->base);
	station->has_edit = false;
	start(station);
	full_ledger_forget(station->full);
}

void full_station_clone(struct full_station *station, struct full_station *from)
{
	full_trace(station->full, "station %zu: becomes a copy of %zu", full_number(station),
		full_number(from));
	station->full->met.n_clones++;
	full_station_disconnect(from);
	close_replica(from);
	if (!crash_disk_is_cut(from->disk)) {
		crash_disk_copy(station->disk, from->disk);
		station->device = from->device;
		station->full->n_stations++;
		start(station);
	} else {
		crash_disk_reboot(from->disk, true);
	}
	start(from);
}

/* ---- the connection */

void full_station_disconnect(struct full_station *station)
{
	struct full_wire *wire = station->wire;

	if (wire != NULL) {
		station->wire = NULL;
		wire->station = NULL;
		if (world_chance(station->full->world, 300)) {
			world_link_leave(wire->link, WORLD_CLIENT);
		} else {
			world_link_cut(wire->link);
		}
	}
	session_free(station->session);
	station->session = NULL;
}

static void is_over(struct full_station *station)
{
	const struct session_end *end = session_end(station->session);
	struct world *world = station->full->world;
	uint64_t wait_ms = end->is_retry_now ? 1 : 1 + world_below(world, BACKOFF_MS);
	enum prac_status status = end->status;

	full_trace(station->full, "station %zu: session over: %s: %s", full_number(station),
		prac_status_name(status), end->text);
	if (strstr(end->text, "the server sent more than it may") != NULL) {
		full_fault(station->full, "P10: station %zu: %s", full_number(station), end->text);
	}
	if (is_fault(status) && !crash_disk_is_cut(station->disk)) {
		full_fault(station->full, "station %zu: session ends: %s: %s", full_number(station),
			prac_status_name(status), end->text);
	}
	station->connect_at_ms = world_now_ms(world) + wait_ms;
	full_station_disconnect(station);
	if (crash_disk_is_cut(station->disk)) {
		full_station_crash(station, true);
	}
}

static void pump(struct full_station *station)
{
	struct session_progress progress;
	struct prac_buf *out;

	if (station->session == NULL) {
		return;
	}
	out = session_output(station->session);
	if (prac_buf_len(out) > 0) {
		world_link_send(station->wire->link, WORLD_CLIENT, prac_buf_bytes(out));
		prac_buf_consume(out, prac_buf_len(out));
	}
	session_progress(station->session, &progress);
	if (progress.trouble[0] != '\0') {
		full_fault(station->full, "station %zu: does not send any more: %s",
			full_number(station), progress.trouble);
	}
	if (progress.phase == SESSION_CLOSED) {
		is_over(station);
	} else {
		full_base_check(station);
	}
}

static void received(void *ctx, struct prac_bytes bytes)
{
	struct full_wire *wire = ctx;

	if (wire->station != NULL) {
		session_feed(wire->station->session, bytes);
		pump(wire->station);
	}
}

void full_station_heard_end(struct full_wire *wire)
{
	if (++wire->n_ends == 2) {
		world_forget(wire->full->world, wire);
		g_ptr_array_remove(wire->full->wires, wire);
		g_free(wire);
	}
}

static void cut(void *ctx)
{
	struct full_wire *wire = ctx;

	if (wire->station != NULL) {
		session_cut(wire->station->session, PRAC_UNAVAILABLE, "the connection broke");
		pump(wire->station);
	}
	full_station_heard_end(wire);
}

void full_station_connect(struct full_station *station)
{
	struct full *full = station->full;
	bool is_calm = full->is_healing || full->setting.is_calm;
	struct world_weather weather = { 1, 1 + world_below(full->world, 120), 0, 0 };
	struct full_wire *wire = g_new0(struct full_wire, 1);
	const struct world_peer peers[] = {
		[WORLD_CLIENT] = { received, cut, wire },
		[WORLD_SERVER] = { full_server_received, full_server_cut, wire },
	};

	weather.piece_max = world_chance(full->world, 300) ? 1 + world_below(full->world, 900) : 0;
	if (is_calm && full->setting.is_twin) {
		weather.piece_max = 0; /* byte by byte a page takes longer than a round */
	}
	weather.cut_per_mille = is_calm ? 0 : (unsigned)world_below(full->world, 40);
	wire->full = full;
	wire->station = station;
	wire->device = station->device;
	wire->server = &full->servers[world_below(full->world, full->n_servers)];
	wire->link = world_link_new(full->world, &weather, peers);
	g_ptr_array_add(full->wires, wire);
	station->wire = wire;
	station->session = session_new(station->replica, &station->env);
	full_server_accept(wire);
	pump(station);
}

void full_station_tick(struct full_station *station)
{
	if (station->replica == NULL) {
		return;
	}
	full_limits_of_station(station);
	if (station->session != NULL) {
		session_tick(station->session, world_now_ms(station->full->world));
		pump(station);
	} else if (!station->is_resting &&
		   world_now_ms(station->full->world) >= station->connect_at_ms) {
		full_station_connect(station);
	}
}

void full_station_poke(struct full_station *station)
{
	if (station->session != NULL) {
		session_poke(station->session);
		pump(station);
	}
}

/* Everything is judged and it has everything. */
bool full_station_is_done(struct full_station *station)
{
	struct replica_counters counters;
	struct replica_position position;
	struct prac_arena arena = { 0 };
	bool is_done = false;

	if (replica_counters(station->replica, &counters) == PRAC_OK &&
		replica_position(station->replica, &arena, &position) == PRAC_OK) {
		is_done = counters.n_unsent == 0 && counters.n_sent == 0 &&
			  replica_is_consistent(station->replica) &&
			  position.cursor.epoch == station->full->mem.db->epoch &&
			  !full_is_behind(station, position.cursor.seq);
	}
	prac_arena_deinit(&arena);
	return is_done;
}

uint32_t full_station_rights(struct full_station *station)
{
	return station->replica->meta.cursor.scope_set;
}
