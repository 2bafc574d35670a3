#include "common/wire/card.h"

#include <stdio.h>
#include <string.h>

void prac_card_login(const struct prac_enroll_code *code, char login_out[PRAC_CARD_LOGIN])
{
	char text[PRAC_ENROLL_TEXT];
	struct prac_digest digest;
	size_t len = (size_t)snprintf(login_out, PRAC_CARD_LOGIN, "%s", PRAC_CARD_PREFIX);

	prac_enroll_code_format(code, text);
	digest = prac_sha256_parts((const struct prac_bytes[]){ prac_bytes_text("practicum card"),
					   prac_bytes_text(text) },
		2);
	for (size_t i = 0; len < PRAC_CARD_LOGIN - 1; i++, len += 2) {
		(void)snprintf(login_out + len, PRAC_CARD_LOGIN - len, "%02x", digest.b[i]);
	}
}

enum prac_status prac_card_password(
	const struct prac_enroll_code *code, const char *pin, char password_out[PRAC_CARD_PASSWORD])
{
	char text[PRAC_ENROLL_TEXT];
	size_t len = strlen(pin);

	if (len == 0 || len > PRAC_CARD_PIN_MAX || strspn(pin, "0123456789") != len) {
		return PRAC_INVALID_ARGUMENT;
	}
	prac_enroll_code_format(code, text);
	(void)snprintf(password_out, PRAC_CARD_PASSWORD, "%s:%s", text, pin);
	return PRAC_OK;
}

void prac_card_pin(const struct prac_env *env, char pin_out[PRAC_CARD_PIN + 1])
{
	(void)snprintf(
		pin_out, PRAC_CARD_PIN + 1, "%06u", (unsigned)(prac_env_random64(env) % 1000000));
}

bool prac_card_is_login(const char *login)
{
	return strncmp(login, PRAC_CARD_PREFIX, strlen(PRAC_CARD_PREFIX)) == 0;
}
