#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	TICK_MS = 20,
	HEAL_ROUNDS = 400,
	HEAL_ROUND_MS = 200
};

void sim_fault(struct sim *sim, const char *fmt, ...)
{
	va_list args;

	if (sim->fault[0] != '\0') {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(sim->fault, sizeof(sim->fault), fmt, args);
	va_end(args);
}

/* ---- servers */

static void start_server(struct sim_server *server)
{
	server->life++;
	store_mem_connect(&server->sim->mem, &server->store);
	server->sequencer = sequencer_new(&(struct sequencer_config){ .store = &server->store.store,
		.env = &server->env,
		.ahead_min = SEQUENCER_AHEAD_ALWAYS });
}

/* A process that dies says nothing; what it says here while it is taken apart nobody hears. */
static void kill_server(struct sim_server *server)
{
	server->life++;
	sequencer_stop(server->sequencer);
	store_mem_disconnect(&server->store);
	sequencer_free(server->sequencer);
}

static void tick(void *ctx)
{
	struct sim_server *server = ctx;

	sequencer_tick(server->sequencer, world_now_ms(server->sim->world));
	world_post(server->sim->world, TICK_MS, tick, server);
}

/* The store answers one call after the other, in any order. */
static void pump(void *ctx)
{
	struct sim *sim = ctx;
	size_t n = store_mem_ready(&sim->mem);

	if (n > 0) {
		store_mem_step(&sim->mem, world_below(sim->world, n));
		model_follow(sim->model, sim->mem.db);
		if (sim->model->fault[0] != '\0') {
			sim_fault(sim, "model: %s", sim->model->fault);
		}
	}
	world_post(sim->world, world_below(sim->world, 4), pump, sim);
}

/* ---- one run */

static void start(struct sim *sim, const struct sim_setting *setting)
{
	memset(sim, 0, sizeof(*sim));
	sim->world = world_new(setting->seed);
	store_mem_init(&sim->mem);
	sim->mem.bug = setting->bug;
	sim->model = model_new();
	sim->entered = g_hash_table_new_full(NULL, NULL, g_free, NULL);
	sim->n_servers = 1 + world_below(sim->world, SIM_SERVERS_MAX);
	sim->n_schools = 2 + world_below(sim->world, SIM_SCHOOLS_MAX - 1);
	sim->n_devices = 3 + world_below(sim->world, SIM_DEVICES_MAX - 2);
	for (size_t i = 0; i < sim->n_servers; i++) {
		struct sim_server *server = &sim->servers[i];

		server->sim = sim;
		server->clock = (struct world_clock){ sim->world, 0 };
		server->env = world_env(&server->clock);
		start_server(server);
		world_post(sim->world, TICK_MS, tick, server);
	}
	for (size_t i = 0; i < sim->n_schools; i++) {
		sim->schools[i] = prac_id_new(&sim->servers[0].env);
	}
	for (size_t i = 0; i < sim->n_devices; i++) {
		sim_device_init(&sim->devices[i], sim, i);
	}
	world_post(sim->world, 0, pump, sim);
}

void sim_deinit(struct sim *sim)
{
	for (size_t i = 0; i < sim->n_servers; i++) {
		kill_server(&sim->servers[i]);
	}
	for (size_t i = 0; i < sim->n_devices; i++) {
		sim_device_deinit(&sim->devices[i]);
	}
	g_hash_table_destroy(sim->entered);
	model_free(sim->model);
	store_mem_deinit(&sim->mem);
	world_free(sim->world);
}

static void strike(struct sim *sim)
{
	static const enum store_mem_fault faults[] = { STORE_MEM_LOST_BEFORE, STORE_MEM_LOST_AFTER,
		STORE_MEM_UNAVAILABLE };
	struct sim_server *server = &sim->servers[world_below(sim->world, sim->n_servers)];

	if (world_chance(sim->world, 500)) {
		sim->mem.fault = faults[world_below(sim->world, G_N_ELEMENTS(faults))];
		return;
	}
	sim->n_crashes++;
	kill_server(server);
	start_server(server);
}

/* One thing that happens somewhere. */
static void happen(struct sim *sim)
{
	struct sim_device *device = &sim->devices[world_below(sim->world, sim->n_devices)];
	uint64_t what = world_below(sim->world, 100);

	if (what < 50) {
		sim_people_act(sim);
	} else if (what < 70) {
		sim_device_push(device);
	} else if (what < 92) {
		sim_device_pull(device);
	} else if (what < 97) {
		strike(sim);
	} else {
		sim_device_restore(device);
	}
	world_run(sim->world, world_below(sim->world, 12));
}

/* P11: with the faults gone, everything is judged and everybody has everything. */
static void heal(struct sim *sim)
{
	bool is_done = false;

	sim->is_calm = true;
	sim->mem.fault = STORE_MEM_HEALTHY;
	for (unsigned round = 0; round < HEAL_ROUNDS && !is_done; round++) {
		is_done = true;
		for (size_t i = 0; i < sim->n_devices; i++) {
			sim_device_push(&sim->devices[i]);
			sim_device_pull(&sim->devices[i]);
		}
		world_run(sim->world, HEAL_ROUND_MS);
		for (size_t i = 0; i < sim->n_devices; i++) {
			is_done = is_done && sim_device_is_done(&sim->devices[i]);
		}
		if (sim->fault[0] != '\0') {
			return;
		}
	}
	if (!is_done) {
		sim_fault(sim, "P11: not everything was judged and delivered");
	}
}

/* P3: nothing is judged that nobody entered. */
static void check_entered(struct sim *sim)
{
	for (unsigned i = 0; i < sim->mem.db->mutations->len; i++) {
		const struct store_judged *judged = g_ptr_array_index(sim->mem.db->mutations, i);
		GHashTableIter iter;
		void *hash;
		bool is_known = false;

		g_hash_table_iter_init(&iter, sim->entered);
		while (!is_known && g_hash_table_iter_next(&iter, &hash, NULL)) {
			is_known = prac_digest_equal(hash, &judged->hash);
		}
		if (!is_known) {
			sim_fault(sim, "P3: a mutation nobody made");
		}
	}
}

bool sim_run(struct sim *sim, const struct sim_setting *setting)
{
	start(sim, setting);
	sim_people_begin(sim);
	for (size_t i = 0; i < setting->n_actions && sim->fault[0] == '\0'; i++) {
		happen(sim);
	}
	if (sim->fault[0] == '\0') {
		heal(sim);
	}
	if (sim->fault[0] == '\0') {
		check_entered(sim);
		for (size_t i = 0; i < sim->n_devices; i++) {
			sim_device_check_end(&sim->devices[i]);
		}
	}
	return sim->fault[0] == '\0';
}
