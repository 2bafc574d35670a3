#include "common/base/env.h"

#include <sodium.h>
#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now); /* fails only for an unknown clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t monotonic_ms(void *ctx)
{
	(void)ctx;
	return (uint64_t)clock_ms(CLOCK_MONOTONIC);
}

static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return clock_ms(CLOCK_REALTIME);
}

static void random_bytes(void *ctx, void *out, size_t len)
{
	(void)ctx;
	randombytes_buf(out, len);
}

const struct prac_env prac_env_system = { monotonic_ms, wall_ms, random_bytes, NULL };

uint64_t prac_env_random64(const struct prac_env *env)
{
	uint64_t value;

	env->random(env->ctx, &value, sizeof(value));
	return value;
}
