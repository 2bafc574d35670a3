#include "common/base/password.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

enum {
	OPSLIMIT = 2,
	MEMLIMIT = 64 * 1024 * 1024, /* bytes */
	WORD_MIN = 4                 /* letters of a login that a password may not consist of */
};

_Static_assert(PRAC_PASSWORD_HASH == crypto_pwhash_STRBYTES, "text of a hash");
_Static_assert(PRAC_PASSWORD_SALT == crypto_pwhash_SALTBYTES, "salt");

/* common_passwords.txt: folded, sorted, a NULL at the end. */
extern const char *const prac_common_passwords[];
extern const size_t prac_n_common_passwords;

/* The letter that a digit or sign is written for. */
static char unmasked(char c)
{
	static const char from[] = "013457@$!|";
	static const char to[] = "oieastasil";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	if (at != NULL) {
		c = to[at - from];
	}
	return c;
}

static bool is_decoration(char c)
{
	return g_ascii_isdigit(c) || g_ascii_ispunct(c) || c == ' ';
}

/* Of digits only, or the same few characters again and again. */
static bool is_pattern(const char *text, size_t len)
{
	for (size_t step = 1; step <= 4 && step * 3 <= len; step++) {
		if (memcmp(text, text + step, len - step) == 0) {
			return true;
		}
	}
	return strspn(text, "0123456789") == len;
}

static int compare_words(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool is_common_word(const char *word)
{
	return bsearch(word, prac_common_passwords, prac_n_common_passwords,
		       sizeof(*prac_common_passwords), compare_words) != NULL;
}

/* "hunterhunter" is one word twice. */
static bool is_doubled(char *word)
{
	size_t len = strlen(word);

	if (len % 2 != 0 || memcmp(word, word + len / 2, len / 2) != 0) {
		return false;
	}
	word[len / 2] = '\0';
	return is_common_word(word);
}

/* The word left when what people put around it is taken away: "P@ssw0rd-2026!" is "password". */
static bool is_common(char *text, const char *login)
{
	char *word = text;
	size_t len;

	while (is_decoration(*word)) {
		word++;
	}
	len = strlen(word);
	while (len > 0 && is_decoration(word[len - 1])) {
		word[--len] = '\0';
	}
	for (char *c = word; *c != '\0'; c++) {
		*c = unmasked(*c);
	}
	if (login != NULL && strlen(login) >= WORD_MIN && strcmp(word, login) == 0) {
		return true;
	}
	return len == 0 || is_common_word(word) || is_doubled(word);
}

const char *prac_password_problem(struct prac_bytes password, const char *login)
{
	const char *problem = NULL;
	char *text;

	if (password.len > PRAC_PASSWORD_MAX) {
		return "the password is longer than 256 bytes";
	}
	if (memchr(password.data == NULL ? (const uint8_t *)"" : password.data, 0, password.len) !=
			NULL ||
		!g_utf8_validate((const char *)password.data, (gssize)password.len, NULL)) {
		return "the password is no text";
	}
	if (g_utf8_strlen((const char *)password.data, (gssize)password.len) < PRAC_PASSWORD_MIN) {
		return "a password has at least 12 characters; a sentence is easy to remember";
	}
	text = g_ascii_strdown((const char *)password.data, (gssize)password.len);
	if (is_pattern(text, strlen(text)) || is_common_word(text) || is_common(text, login)) {
		problem = "this password is one of those that are tried first; choose another";
	}
	sodium_memzero(text, password.len);
	g_free(text);
	return problem;
}

enum prac_status prac_password_hash(
	const struct prac_digest *peppered, char hash_out[PRAC_PASSWORD_HASH])
{
	return crypto_pwhash_str_alg(hash_out, (const char *)peppered->b, sizeof(peppered->b),
		       OPSLIMIT, MEMLIMIT, crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? PRAC_OK
		       : PRAC_RESOURCE_EXHAUSTED;
}

enum prac_status prac_password_verify(const char *hash, const struct prac_digest *peppered)
{
	return crypto_pwhash_str_verify(hash, (const char *)peppered->b, sizeof(peppered->b)) == 0
		       ? PRAC_OK
		       : PRAC_UNAUTHENTICATED;
}

const char *prac_password_nobody(void)
{
	return "$argon2id$v=19$m=65536,t=2,p=1$cHJhY3RpY3VtIG5vYm9keQ"
	       "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

enum prac_status prac_password_key(struct prac_bytes password,
	const uint8_t salt[PRAC_PASSWORD_SALT], uint8_t key_out[PRAC_PASSWORD_KEY])
{
	return crypto_pwhash(key_out, PRAC_PASSWORD_KEY, (const char *)password.data, password.len,
		       salt, OPSLIMIT, MEMLIMIT, crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? PRAC_OK
		       : PRAC_RESOURCE_EXHAUSTED;
}
