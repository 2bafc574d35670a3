#include "common/base/totp.h"

#include <glib.h>
#include <string.h>

enum {
	SHA1_LEN = 20,
	CODES = 1000000 /* 10^PRAC_TOTP_DIGITS */
};

uint32_t prac_totp_code(struct prac_bytes secret, uint64_t step)
{
	uint64_t counter = GUINT64_TO_BE(step);
	guint8 mac[SHA1_LEN];
	gsize len = sizeof(mac);
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, secret.data, secret.len);
	uint32_t bits;
	unsigned at;

	g_hmac_update(hmac, (const guchar *)&counter, sizeof(counter));
	g_hmac_get_digest(hmac, mac, &len);
	g_hmac_unref(hmac);
	at = mac[SHA1_LEN - 1] & 0x0F;
	bits = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
	       (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	return bits % CODES;
}

/* Six digits, blanks between them allowed. */
static bool read_code(const char *digits, uint32_t *code_out)
{
	unsigned n = 0;
	uint32_t code = 0;

	for (const char *c = digits; *c != '\0'; c++) {
		if (*c == ' ') {
			continue;
		}
		if (!g_ascii_isdigit(*c) || n == PRAC_TOTP_DIGITS) {
			return false;
		}
		code = code * 10 + (uint32_t)(*c - '0');
		n++;
	}
	*code_out = code;
	return n == PRAC_TOTP_DIGITS;
}

uint64_t prac_totp_find(
	struct prac_bytes secret, const char *digits, int64_t now_s, uint64_t last_step)
{
	uint64_t now = (uint64_t)now_s / PRAC_TOTP_STEP_S;
	uint64_t found = 0;
	uint32_t code;

	if (now_s < PRAC_TOTP_STEP_S || !read_code(digits, &code)) {
		return 0;
	}
	for (uint64_t step = now - 1; step <= now + 1; step++) {
		if (prac_totp_code(secret, step) == code && step > last_step) {
			found = step;
		}
	}
	return found;
}

void prac_totp_secret_format(
	const uint8_t secret[PRAC_TOTP_SECRET], char text_out[PRAC_TOTP_SECRET_TEXT])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < PRAC_TOTP_SECRET; i++) {
		bits = bits << 8 | secret[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5) {
			text_out[n++] = alphabet[bits >> (n_bits - 5) & 31];
		}
	}
	text_out[n++] = alphabet[bits << (5 - n_bits) & 31];
	text_out[n] = '\0';
}
