/*
 * The outside world of the pure cores: clocks and chance. The programs fill it with the system's,
 * the simulator with virtual ones, so that one seed gives one history (SYNC 5.3).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct prac_env {
	uint64_t (*monotonic_ms)(void *ctx); /* for timers; never goes back */
	int64_t (*wall_ms)(void *ctx); /* since 1970-01-01 UTC; evidence only, decides nothing */
	void (*random)(void *ctx, void *out, size_t len);
	void *ctx;
};

/* The system's clocks and random generator. */
extern const struct prac_env prac_env_system;

/* The civil date by the wall clock in the zone of this process; days since 1970-01-01. */
int32_t prac_env_today(const struct prac_env *env);

uint64_t prac_env_random64(const struct prac_env *env);
