/*
 * A world of its own: virtual time, one seed, one queue of events. Whatever happens in a simulation
 * happens as an event here, so that a seed is a history and can be played again.
 *
 * Whoever is simulated gets a prac_env of the world and byte links in place of sockets: an
 * rpc_session at one end of a link and a client's session at the other run as they are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/env.h"

struct world;

struct world *world_new(uint64_t seed);
void world_free(struct world *world);

/* ---- chance */
uint64_t world_random(struct world *world);
uint64_t world_below(struct world *world, uint64_t n); /* 0 ... n - 1; 0 of 0 */
bool world_chance(struct world *world, unsigned per_mille);
/* What is drawn from here on depends on the number and not on what was drawn before. */
void world_reseed(struct world *world, uint64_t number);

/* ---- time */

/* A machine's clocks and chance: monotonic as the world's, wall off by skew_ms. */
struct world_clock {
	struct world *world;
	int64_t skew_ms;
};
struct prac_env world_env(struct world_clock *clock);
uint64_t world_now_ms(const struct world *world);

typedef void (*world_fn)(void *ctx);

/* fn(ctx) runs delay_ms from now; events of the same time in the order they were posted. */
void world_post(struct world *world, uint64_t delay_ms, world_fn fn, void *ctx);

/* Forgets every event with this ctx: what it stood for died. */
void world_forget(struct world *world, const void *ctx);

/* Runs the next event, moving time to it. False: there is none. */
bool world_step(struct world *world);

/* Runs all events of the next so many ms. */
void world_run(struct world *world, uint64_t ms);

/* ---- links: bytes in order both ways, in pieces of any size, until one is cut */
enum world_end {
	WORLD_CLIENT,
	WORLD_SERVER
};

struct world_peer {
	void (*received)(void *ctx, struct prac_bytes bytes); /* valid until it returns */
	void (*cut)(void *ctx);                               /* the last that is heard */
	void *ctx;
};

/* What the network of this link is like. */
struct world_weather {
	uint64_t delay_min_ms, delay_max_ms;
	size_t piece_max;       /* bytes that arrive together; 0: as they were sent */
	unsigned cut_per_mille; /* chance that a piece is cut short and the link with it */
};

struct world_link;

/* peers[WORLD_CLIENT] and peers[WORLD_SERVER]. The link lives until both ends heard the cut. */
struct world_link *world_link_new(
	struct world *world, const struct world_weather *weather, const struct world_peer peers[2]);

/* Copies the bytes; they arrive at the other end. */
void world_link_send(struct world_link *link, enum world_end from, struct prac_bytes bytes);

/*
 * That end is gone without a word: it hears nothing more, what it sent still arrives, and only then the
 * other end hears the cut.
 */
void world_link_leave(struct world_link *link, enum world_end end);

/* Bytes that one end sent and the other has not received. */
size_t world_link_under_way(const struct world_link *link, enum world_end to);

/* Bytes under way are lost; each end hears of it in its own time. */
void world_link_cut(struct world_link *link);
