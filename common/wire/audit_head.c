#include "common/wire/audit_head.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/cert.h"

enum {
	HEX_SIGNATURE = 2 * PRAC_AUDIT_SIGNATURE
};

struct prac_bytes prac_audit_head_text(
	const char *chain, int64_t number, const struct prac_digest *hash, struct prac_arena *arena)
{
	char text[PRAC_DIGEST_TEXT];

	prac_digest_format(hash, text);
	return prac_bytes_text(prac_arena_printf(arena, "%s %" PRId64 " %s", chain, number, text));
}

bool prac_audit_head_is_signed(const struct prac_audit_head *head, struct prac_bytes authorities)
{
	const struct prac_bytes signature = { head->signature, head->signature_len };
	struct prac_arena arena = { 0 };
	bool is_signed = prac_cert_has_signed(authorities, PRAC_SIGN_AUDIT,
		prac_audit_head_text(head->chain, head->number, &head->hash, &arena), signature);

	prac_arena_deinit(&arena);
	return is_signed;
}

static void hex_out(const uint8_t *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	}
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes read; -1: not pairs of lowercase hex digits, or too many. */
static int hex_in(const char *text, uint8_t *bytes, size_t cap)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || len / 2 > cap) {
		return -1;
	}
	for (size_t i = 0; i < len; i += 2) {
		int high = nibble(text[i]), low = nibble(text[i + 1]);

		if (high < 0 || low < 0) {
			return -1;
		}
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(len / 2);
}

void prac_audit_head_format(const struct prac_audit_head *head, char line_out[PRAC_AUDIT_LINE])
{
	char hash[PRAC_DIGEST_TEXT];
	char signature[HEX_SIGNATURE + 1] = "";

	prac_digest_format(&head->hash, hash);
	hex_out(head->signature, head->signature_len, signature);
	(void)snprintf(line_out, PRAC_AUDIT_LINE, "%s %" PRId64 " %s %s %" PRId64 "\n", head->chain,
		head->number, hash, signature, head->came_ms);
}

/* The next word of the line, up to a blank or the end; false: there is none, or it is too long. */
static bool take_word(const char **at, char *word, size_t cap)
{
	size_t len = strcspn(*at, " ");

	if (len == 0 || len >= cap) {
		return false;
	}
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	*at += **at == ' ' ? 1 : 0;
	return true;
}

static bool take_number(const char **at, int64_t *number_out)
{
	char word[20]; /* one digit less than could overflow */
	char *end;

	if (!take_word(at, word, sizeof(word))) {
		return false;
	}
	*number_out = strtoll(word, &end, 10);
	return *end == '\0' && *number_out > 0;
}

static bool read_line(const char *line, struct prac_audit_head *head)
{
	char hash[2 * PRAC_SHA256_LEN + 1], signature[HEX_SIGNATURE + 1];
	int len;

	*head = (struct prac_audit_head){ 0 };
	if (!take_word(&line, head->chain, sizeof(head->chain)) ||
		!take_number(&line, &head->number) || !take_word(&line, hash, sizeof(hash)) ||
		!take_word(&line, signature, sizeof(signature)) ||
		!take_number(&line, &head->came_ms) ||
		hex_in(hash, head->hash.b, sizeof(head->hash.b)) != PRAC_SHA256_LEN) {
		return false;
	}
	len = hex_in(signature, head->signature, sizeof(head->signature));
	head->signature_len = len < 0 ? 0 : (size_t)len;
	return len > 0;
}

bool prac_audit_head_next(struct prac_bytes *text, struct prac_audit_head *head_out)
{
	char line[PRAC_AUDIT_LINE];

	while (text->len > 0) {
		const uint8_t *end = memchr(text->data, '\n', text->len);
		size_t len = end == NULL ? text->len : (size_t)(end - text->data);
		bool fits = len < sizeof(line);

		if (fits) {
			memcpy(line, text->data, len);
			line[len] = '\0';
		}
		len += end == NULL ? 0 : 1;
		*text = (struct prac_bytes){ text->data + len, text->len - len };
		if (fits && read_line(line, head_out)) {
			return true;
		}
	}
	return false;
}
