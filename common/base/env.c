#include "common/base/env.h"

#include <sodium.h>
#include <time.h>

#include "common/base/date.h"

enum {
	DAY_S = 86400
};

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

int32_t prac_env_today(const struct prac_env *env)
{
	time_t now = (time_t)(env->wall_ms(env->ctx) / 1000);
	struct tm local;

	if (localtime_r(&now, &local) == NULL) {
		return (int32_t)(now / DAY_S); /* a year beyond int: by UTC */
	}
	return prac_date_from_civil(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

uint64_t prac_env_random64(const struct prac_env *env)
{
	uint64_t value;

	env->random(env->ctx, &value, sizeof(value));
	return value;
}
