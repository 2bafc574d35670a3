/* One-time passwords by time (RFC 6238): SHA-1, 30 seconds, 6 digits, as authenticator apps have it. */
#pragma once

#include <stdint.h>

#include "common/base/bytes.h"

enum {
	PRAC_TOTP_STEP_S = 30,
	PRAC_TOTP_DIGITS = 6,
	PRAC_TOTP_SECRET = 32,     /* bytes */
	PRAC_TOTP_SECRET_TEXT = 53 /* base 32 without padding, and the NUL */
};

/* The code of a step, 0 to 999,999. */
uint32_t prac_totp_code(struct prac_bytes secret, uint64_t step);

/*
 * The step whose code the digits are: this one, the one before or the one behind it, and later than
 * last_step, since a code counts once. 0: none.
 */
uint64_t prac_totp_find(
	struct prac_bytes secret, const char *digits, int64_t now_s, uint64_t last_step);

/* The secret as people type it into an app. */
void prac_totp_secret_format(
	const uint8_t secret[PRAC_TOTP_SECRET], char text_out[PRAC_TOTP_SECRET_TEXT]);
