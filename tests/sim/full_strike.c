/* What goes wrong. Each history has its own mixture, so that some meet much of one kind. */
#include "tests/sim/full.h"

enum {
	FULL_DISK_MS = 8000,
	POISON_MS = 5000,
	LAG_MS = 1500,            /* of a standby behind the primary, at most */
	NEW_LIVES_US = 1000000000 /* the operator's clock at the beginning */
};

/* ---- servers */

void full_restart_server(struct full_server *server)
{
	struct full *full = server->full;

	full->met.n_kills++;
	full_trace(full, "server %zu: killed", (size_t)(server - full->servers));
	full_server_kill(server);
	full_server_start(server);
	full_ledger_check_told(full);
}

static void restart_server(struct full *full)
{
	full_restart_server(&full->servers[world_below(full->world, full->n_servers)]);
}

static void kill_all(struct full *full)
{
	for (size_t i = 0; i < full->n_servers; i++) {
		full_server_kill(&full->servers[i]);
	}
}

static void start_all(struct full *full)
{
	for (size_t i = 0; i < full->n_servers; i++) {
		full_server_start(&full->servers[i]);
	}
}

/* The operator brings back an older state and says so. Takes it. */
static void go_back_to(struct full *full, struct mem_db *older)
{
	full->met.n_epoch_changes++;
	full_trace(full, "store: from %llu back to %llu", (unsigned long long)full->mem.db->head,
		(unsigned long long)older->head);
	kill_all(full);
	mem_db_free(full->mem.db);
	full->mem.db = older;
	mem_db_new_epoch(older, ++full->n_epochs, NEW_LIVES_US + world_now_ms(full->world) * 1000);
	full_follow_anew(full);
	start_all(full);
	full_ledger_forget(full);
}

static void restore(struct full *full)
{
	struct mem_db *older = full->backup;

	if (older == NULL) {
		full->backup = mem_db_copy(full->mem.db);
		return;
	}
	/* The same backup may be needed again: then stations know a life this server never had. */
	full->backup = world_chance(full->world, 300) ? mem_db_copy(older) : NULL;
	go_back_to(full, older);
}

/* The standby takes over where it is; nothing is lost, so the operator keeps the epoch. */
static void fail_over(struct full *full)
{
	full->met.n_failovers++;
	full_trace(full, "store: a standby takes over");
	kill_all(full);
	start_all(full);
	full_ledger_check_told(full);
}

static void take_over(void *ctx)
{
	struct full *full = ctx;
	struct mem_db *standby = full->standby;

	full->standby = NULL;
	go_back_to(full, standby);
}

/* The standby had not heard the last of it. */
static void lose_primary(struct full *full)
{
	if (full->standby == NULL) {
		full->met.n_failovers++;
		full->standby = mem_db_copy(full->mem.db);
		world_post(full->world, world_below(full->world, LAG_MS), take_over, full);
	}
}

static void strike_store(struct full *full)
{
	static const enum store_mem_fault faults[] = { STORE_MEM_LOST_BEFORE, STORE_MEM_LOST_AFTER,
		STORE_MEM_DIES_AFTER, STORE_MEM_UNAVAILABLE };

	full->mem.fault = faults[world_below(full->world, G_N_ELEMENTS(faults))];
	full->mem.reads_early = world_chance(full->world, 500);
}

static void heal_poison(void *ctx)
{
	((struct full *)ctx)->mem.poison = (struct prac_id){ { 0 } };
}

/* The database refuses whatever touches one record. */
static void poison(struct full *full)
{
	const GPtrArray *records = full->mem.db->records;
	const struct mem_record *record;

	if (records->len > 0) {
		record = g_ptr_array_index(records, world_below(full->world, records->len));
		full->met.n_poisons++;
		full->mem.poison = record->id;
		world_post(full->world, POISON_MS, heal_poison, full);
	}
}

/* Rights come and go; the district's do not. Servers hear of it in their own time. */
void full_regrant(struct full *full)
{
	struct full_device *device =
		&full->devices[1 + world_below(full->world, full->n_stations - 1)];
	size_t school = world_below(full->world, full->n_schools);

	full->met.n_grants++;
	device->schools[school] = !device->schools[school];
	device->generations[school]++;
	full_trace(full, "device %zu: school %zu is %s", (size_t)(device - full->devices), school,
		device->schools[school] ? "given" : "taken");
}

/* ---- stations */

static void empty_disk(void *ctx)
{
	crash_disk_limit(((struct full_station *)ctx)->disk, 0);
}

static void strike_disk(struct full_station *station)
{
	struct full *full = station->full;

	switch (world_below(full->world, 8)) {
	case 0:
		full_station_keep(station);
		break;
	case 1:
		full_station_restore(station);
		break;
	case 2:
		full->met.n_full_disks++;
		crash_disk_limit(station->disk, 1 + world_below(full->world, 600000));
		world_post(full->world, 1 + world_below(full->world, FULL_DISK_MS), empty_disk,
			station);
		break;
	case 3:
		if (full->n_stations < FULL_STATIONS_MAX && world_chance(full->world, 300)) {
			full_station_clone(&full->stations[full->n_stations], station);
		}
		break;
	case 4:
		full_station_crash(station, false);
		break;
	default:
		crash_disk_cut_at(station->disk, 1 + world_below(full->world, 60));
		break;
	}
}

static struct full_station *any_station(struct full *full)
{
	return &full->stations[world_below(full->world, full->n_stations)];
}

static void strike_any_disk(struct full *full)
{
	strike_disk(any_station(full));
}

static void strike_link(struct full *full)
{
	struct full_station *station = any_station(full);

	full->met.n_cuts++;
	if (world_chance(full->world, 500) && station->wire != NULL) {
		world_link_cut(station->wire->link);
	} else {
		full_station_disconnect(station); /* and at once again, before the server knows */
		station->connect_at_ms = 0;
	}
}

static void rest(struct full *full)
{
	struct full_station *station = any_station(full);

	station->is_resting = !station->is_resting;
	full_station_disconnect(station);
}

/* ---- which */

static const struct {
	unsigned usual; /* weight */
	void (*fn)(struct full *full);
} strikes[FULL_STRIKES] = {
	{ 30, strike_link },
	{ 30, strike_any_disk },
	{ 15, strike_store },
	{ 8, restart_server },
	{ 3, restore },
	{ 2, fail_over },
	{ 2, lose_primary },
	{ 7, full_regrant },
	{ 6, rest },
	{ 3, poison },
};

void full_strike_begin(struct full *full)
{
	static const unsigned times[] = { 0, 1, 1, 1, 5 };

	for (size_t i = 0; i < FULL_STRIKES; i++) {
		full->weights[i] =
			strikes[i].usual * times[world_below(full->world, G_N_ELEMENTS(times))];
	}
	full->mem.page_rows_max =
		world_chance(full->world, 500) ? 1 + world_below(full->world, 20) : 0;
}

void full_strike(struct full *full)
{
	unsigned sum = 0, what;
	size_t i = 0;

	for (size_t k = 0; k < FULL_STRIKES; k++) {
		sum += full->weights[k];
	}
	what = (unsigned)world_below(full->world, sum);
	while (i < FULL_STRIKES && what >= full->weights[i]) {
		what -= full->weights[i++];
	}
	if (i < FULL_STRIKES) {
		strikes[i].fn(full);
	}
}

void full_strike_transport(struct full *full)
{
	static void (*const kinds[])(
		struct full * full) = { strike_link, strike_link, strike_store, restart_server };

	kinds[world_below(full->world, G_N_ELEMENTS(kinds))](full);
}

void full_strike_end(struct full *full)
{
	full->mem.fault = STORE_MEM_HEALTHY;
	full->mem.reads_early = false;
	heal_poison(full);
	for (size_t i = 0; i < full->n_stations; i++) {
		struct full_station *station = &full->stations[i];

		crash_disk_limit(station->disk, 0);
		crash_disk_cut_at(station->disk, 0);
		full_station_disconnect(station);
		if (crash_disk_is_cut(station->disk)) {
			full_station_crash(station, true);
		}
	}
}
