#include "tests/sim/full.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/failpoint.h"

enum {
	SERVER_TICK_MS = 50,
	STATION_TICK_MS = 250,
	STEP_MAX_MS = 900,
	HEAL_ROUNDS = 1200, /* 10 minutes (P11) */
	HEAL_ROUND_MS = 500,
	TURN_ROUNDS = 40 /* copies of one device cannot be connected at once */
};

void full_fault(struct full *full, const char *fmt, ...)
{
	va_list args;

	if (full->fault[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(full->fault, sizeof(full->fault), fmt, args);
	va_end(args);
	full_trace(full, "FAULT: %s", full->fault);
}

void full_trace(const struct full *full, const char *fmt, ...)
{
	va_list args;

	if (!full->setting.is_traced) {
		return;
	}
	printf("%8.3f ", (double)world_now_ms(full->world) / 1000);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

size_t full_number(const struct full_station *station)
{
	return (size_t)(station - station->full->stations);
}

/* ---- time */

static void tick_server(void *ctx)
{
	struct full_server *server = ctx;

	full_server_tick(server);
	world_post(server->full->world, SERVER_TICK_MS, tick_server, server);
}

static void tick_station(void *ctx)
{
	struct full_station *station = ctx;

	full_station_tick(station);
	world_post(station->full->world, STATION_TICK_MS, tick_station, station);
}

/* Whatever was committed, the model does, too. */
void full_follow(struct full *full)
{
	model_follow(full->model, full->mem.db);
	if (full->model->fault[0] != '\0') {
		full_fault(full, "%s", full->model->fault);
	}
}

/* The model of another life begins with what is left of the first. */
void full_follow_anew(struct full *full)
{
	model_free(full->model);
	full->model = model_new();
	full->n_feed_seen = 0;
	full_follow(full);
}

/* A server that died between the commit and its answer is started again. */
static void bury_dead(struct full *full)
{
	for (size_t i = 0; i < full->n_servers; i++) {
		if (full->mem.dead == &full->servers[i].store) {
			full_restart_server(&full->servers[i]);
		}
	}
}

static void pump_store(void *ctx);

static void wake_store(void *ctx)
{
	struct full *full = ctx;

	if (!full->is_pumping) {
		full->is_pumping = true;
		world_post(full->world, 1 + world_below(full->world, 4), pump_store, full);
	}
}

/* The store answers one call after the other, in any order. */
static void pump_store(void *ctx)
{
	struct full *full = ctx;
	size_t n = store_mem_ready(&full->mem);

	full->is_pumping = false;
	if (n > 0) {
		store_mem_step(&full->mem, world_below(full->world, n));
		full_follow(full);
		bury_dead(full);
	}
	if (store_mem_ready(&full->mem) > 0) {
		wake_store(full);
	}
}

/* ---- one run */

static void found(struct full *full)
{
#ifdef PRAC_FAILPOINTS
	prac_narrow_window =
		world_chance(full->world, 300) ? 200 + (unsigned)world_below(full->world, 4000) : 0;
#endif
	full->n_servers = 1 + world_below(full->world, FULL_SERVERS_MAX);
	full->n_schools = 2 + world_below(full->world, FULL_SCHOOLS_MAX - 1);
	full->n_stations = 3 + world_below(full->world, FULL_STATIONS_MAX - 3);
	full_strike_begin(full);
	for (size_t i = 0; i < full->n_servers; i++) {
		full->servers[i].full = full;
		full_server_start(&full->servers[i]);
		world_post(full->world, 10 * i, tick_server, &full->servers[i]);
	}
	for (size_t i = 0; i < full->n_schools; i++) {
		full->schools[i] = prac_id_new(&full->servers[0].env);
	}
	for (size_t i = 0; i < FULL_STATIONS_MAX; i++) {
		struct full_device *device = &full->devices[i];

		device->district = i == 0;
		for (size_t k = 0; k < full->n_schools; k++) {
			device->generations[k] = 1;
			device->schools[k] =
				i == 0 || (i - 1) % full->n_schools == k ||
				(i > full->n_schools && world_chance(full->world, 300));
		}
		full_station_init(&full->stations[i], full, i);
		world_post(full->world, 1 + i, tick_station, &full->stations[i]);
	}
}

void full_begin(struct full *full, const struct full_setting *setting)
{
	memset(full, 0, sizeof(*full));
	full->setting = *setting;
	full->is_healing = setting->is_twin;
#ifdef PRAC_FAILPOINTS
	prac_planted = (enum prac_plant)setting->plant;
#endif
	full_station_prepare();
	full->world = world_new(setting->seed);
	full->wires = g_ptr_array_new();
	full->contents = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	full->model = model_new();
	full->n_epochs = 1;
	store_mem_init(&full->mem);
	full->mem.bug = setting->store_bug;
	full->mem.wake = wake_store;
	full->mem.wake_ctx = full;
	found(full);
	world_run(full->world, 3000);
	full_people_begin(full);
	world_run(full->world, 3000);
}

void full_deinit(struct full *full)
{
	for (size_t i = 0; i < FULL_STATIONS_MAX; i++) {
		full_station_disconnect(&full->stations[i]);
	}
	for (size_t i = 0; i < full->n_servers; i++) {
		full_server_kill(&full->servers[i]);
	}
	for (unsigned i = 0; i < full->wires->len; i++) {
		g_free(g_ptr_array_index(full->wires, i));
	}
	g_ptr_array_free(full->wires, TRUE);
	world_free(full->world);
	for (size_t i = 0; i < FULL_STATIONS_MAX; i++) {
		full_station_deinit(&full->stations[i]);
	}
	if (full->backup != NULL) {
		mem_db_free(full->backup);
	}
	if (full->standby != NULL) {
		mem_db_free(full->standby);
	}
	g_hash_table_destroy(full->inputs);
	g_hash_table_destroy(full->contents);
	model_free(full->model);
	store_mem_deinit(&full->mem);
}

/* ---- what happens */

/* Chance begins anew for each: what one is does not hang on which came before. */
static void happen(struct full *full, size_t number)
{
	const struct full_setting *setting = &full->setting;

	full->n_done++;
	world_reseed(full->world, setting->seed * 1000003 + number);
	if (setting->skips != NULL && setting->skips[number]) {
		/* Nothing; its time passes. */
	} else if (!full->setting.is_calm && world_chance(full->world, 180)) {
		full_strike(full);
	} else {
		full_people_act(full);
	}
	world_run(full->world, world_below(full->world, STEP_MAX_MS));
}

/* Which of the copies of its device a station is; alone it is the first of one. */
static size_t copy_number(const struct full *full, size_t number, size_t *n_copies_out)
{
	size_t n = 0, nth = 0;

	for (size_t i = 0; i < full->n_stations; i++) {
		if (full->stations[i].device == full->stations[number].device) {
			nth = i == number ? n : nth;
			n++;
		}
	}
	*n_copies_out = n;
	return nth;
}

/* Copies of one device take turns; all others are connected all the time. */
static void take_turns(struct full *full, unsigned round)
{
	for (size_t i = 0; i < full->n_stations; i++) {
		struct full_station *station = &full->stations[i];
		size_t n_copies;
		size_t nth = copy_number(full, i, &n_copies);

		station->is_resting = round / TURN_ROUNDS % n_copies != nth;
		if (station->is_resting && station->session != NULL) {
			full_station_disconnect(station);
		}
	}
}

static bool is_quiet(struct full *full)
{
	for (size_t i = 0; i < full->n_stations; i++) {
		if (!full_station_is_done(&full->stations[i])) {
			return false;
		}
	}
	return true;
}

/* P11: with the faults gone, everything is judged and everybody has everything. */
static void heal(struct full *full)
{
	full_trace(full, "all faults end");
	full->is_healing = true;
	full_strike_end(full);
	for (unsigned round = 0; round < HEAL_ROUNDS && full->fault[0] == '\0'; round++) {
		take_turns(full, round);
		world_run(full->world, HEAL_ROUND_MS);
		if (full->fault[0] == '\0' && is_quiet(full)) {
			return;
		}
	}
	for (size_t i = 0; i < full->n_stations; i++) {
		if (!full_station_is_done(&full->stations[i])) {
			full_fault(full, "P11: station %zu is not through", i);
		}
	}
}

bool full_run(struct full *full, const struct full_setting *setting)
{
	full_begin(full, setting);
	for (size_t i = 0; i < setting->n_actions && full->fault[0] == '\0'; i++) {
		happen(full, i);
	}
	if (full->fault[0] == '\0') {
		heal(full);
	}
	if (full->fault[0] == '\0') {
		full_check_end(full);
	}
	return full->fault[0] == '\0';
}
