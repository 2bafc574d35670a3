/* A data key that is always the same, for tests of what is not about keys. */
#pragma once

#include <string.h>

#include "client/replica/replica.h"

static inline enum prac_status fixed_key_get(
	void *ctx, bool may_make, uint8_t key_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	(void)ctx;
	(void)may_make;
	text_out[0] = '\0';
	memset(key_out, 0x5a, PRAC_SEAL_KEY);
	return PRAC_OK;
}

static inline void fixed_key_erase(void *ctx)
{
	(void)ctx;
}

static const struct replica_keys fixed_key = { fixed_key_get, fixed_key_erase, NULL };
