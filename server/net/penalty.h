/*
 * Who has to stay away for a while, and for how long: seconds that add up with each offense and run
 * off with time. Keys are addresses before the handshake, devices after it. Tables only; whoever
 * keeps the door asks.
 */
#pragma once

#include <stdint.h>

#include "common/base/macros.h"

enum net_offense {
	NET_OFFENSE_REFUSED, /* no certificate that counts, another protocol: 5 s */
	NET_OFFENSE_SLOW,    /* did not finish in time: 10 s */
	NET_OFFENSE_BROKEN   /* bytes that no honest program sends: 90 s */
};

enum {
	NET_PENALTY_FREE_MS = 15000, /* so much is forgiven: a slip shuts nobody out */
	NET_PENALTY_KEYS_MAX = 4096  /* who is new beyond them goes unpunished */
};

struct net_penalties;

struct net_penalties *net_penalties_new(void) PRAC_RETURNS_NONNULL;
void net_penalties_free(struct net_penalties *penalties);

/* max_s: no sum grows beyond it; 0: nobody is punished. */
void net_penalties_add(struct net_penalties *penalties, const char *key, enum net_offense offense,
	uint32_t max_s, uint64_t now_ms);

/* How long the key has to stay away; 0: it may come. */
uint64_t net_penalties_left_ms(
	const struct net_penalties *penalties, const char *key, uint64_t now_ms);
