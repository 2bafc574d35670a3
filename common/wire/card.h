/*
 * Cards that students sign in with: a code on paper, as words and as a QR, and a PIN that stands on another
 * paper. The code names the card and is half of the secret; the PIN is the other half. Both are used
 * like a login and a password: card_login() is what the server and a station find the person by, and
 * card_password() what they check, so that neither half is kept anywhere, and a PIN cannot be guessed
 * without the card.
 *
 * The code has the form of an enrollment code (enroll.h): 80 random bits and a check.
 */
#pragma once

#include "common/wire/enroll.h"

#define PRAC_CARD_PREFIX "card-" /* of every card's login */

enum {
	PRAC_CARD_LOGIN = 22,    /* the prefix, 16 hex digits and the NUL */
	PRAC_CARD_PIN = 6,       /* digits of a PIN that is handed out */
	PRAC_CARD_PIN_MAX = 12,  /* digits that are read */
	PRAC_CARD_PASSWORD = 44, /* the code, a colon, the PIN and the NUL */
	PRAC_CARD_WRONG_MAX = 5  /* wrong PINs that block a card */
};

void prac_card_login(const struct prac_enroll_code *code, char login_out[PRAC_CARD_LOGIN]);

/* INVALID_ARGUMENT: the PIN is not 1 to 12 digits. The caller wipes it. */
enum prac_status prac_card_password(const struct prac_enroll_code *code, const char *pin,
	char password_out[PRAC_CARD_PASSWORD]) PRAC_MUST_USE;

/* Six random digits. */
void prac_card_pin(const struct prac_env *env, char pin_out[PRAC_CARD_PIN + 1]);

/* Is it the login of a card? */
bool prac_card_is_login(const char *login);
