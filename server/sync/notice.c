#include "server/sync/notice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	HEAD_LEN = 20,            /* digits of UINT64_MAX */
	SCOPE_LEN = PRAC_ID_TEXT, /* a space, and the id without its NUL */
};

const char *notice_write(struct prac_arena *arena, const struct notice *notice)
{
	bool names_scopes = notice->n_scopes <= NOTICE_SCOPES_MAX;
	size_t n_scopes = names_scopes ? notice->n_scopes : 0;
	size_t size = (size_t)2 * HEAD_LEN + sizeof("  *") + n_scopes * SCOPE_LEN;
	char *text = prac_arena_alloc(arena, size);
	int len = snprintf(text, size, "%llu %llu%s", (unsigned long long)notice->after,
		(unsigned long long)notice->head, names_scopes ? "" : " *");

	assert(len > 0);
	for (size_t i = 0; i < n_scopes; i++) {
		char *place = text + len + i * SCOPE_LEN;

		*place = ' ';
		prac_id_format(&notice->scopes[i], place + 1);
	}
	return text;
}

/* Digits without a sign or a zero in front; returns what is behind them. NULL: it is not that. */
static const char *read_number(const char *text, uint64_t *head_out)
{
	*head_out = 0;
	if (*text < '0' || *text > '9' || (*text == '0' && text[1] >= '0' && text[1] <= '9')) {
		return NULL;
	}
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*head_out > (UINT64_MAX - digit) / 10) {
			return NULL;
		}
		*head_out = *head_out * 10 + digit;
	}
	return text;
}

/* "8 10": the second is the larger one. */
static const char *read_heads(const char *text, struct notice *out)
{
	text = read_number(text, &out->after);
	if (text == NULL || *text != ' ') {
		return NULL;
	}
	text = read_number(text + 1, &out->head);
	return text != NULL && out->head > out->after ? text : NULL;
}

enum prac_status notice_read(struct prac_arena *arena, const char *text, struct notice *out)
{
	struct prac_id *scopes;
	size_t n_scopes;

	*out = (struct notice){ 0 };
	text = read_heads(text, out);
	if (text == NULL) {
		return PRAC_INVALID_ARGUMENT;
	}
	out->is_all = strcmp(text, " *") == 0;
	if (out->is_all) {
		return PRAC_OK;
	}
	n_scopes = strlen(text) / SCOPE_LEN;
	if (strlen(text) % SCOPE_LEN != 0 || n_scopes > NOTICE_SCOPES_MAX) {
		return PRAC_INVALID_ARGUMENT;
	}
	scopes = prac_arena_alloc(arena, n_scopes * sizeof(*scopes));
	for (size_t i = 0; i < n_scopes; i++) {
		const char *place = text + i * SCOPE_LEN;
		char id[PRAC_ID_TEXT] = "";

		memcpy(id, place + 1, SCOPE_LEN - 1);
		if (*place != ' ' || prac_id_parse(id, &scopes[i]) != PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
	}
	out->scopes = scopes;
	out->n_scopes = n_scopes;
	return PRAC_OK;
}
