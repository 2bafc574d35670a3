#include "common/base/near.h"

#include <string.h>

enum {
	NAME_MAX_LEN = 48, /* longer words are no typing errors of ours */
	PREFIX_MIN = 3,
	LETTERS_AN_EDIT = 3
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Two words being compared; the row of the table that is filled in, and the two above it. */
struct compared {
	const char *a, *b;
	size_t rows[3][NAME_MAX_LEN + 1];
};

/* How many edits make the first i letters of a into the first j of b. */
static size_t edits_at(const struct compared *c, size_t i, size_t j)
{
	const size_t *last = c->rows[(i + 2) % 3], *now = c->rows[i % 3];
	size_t n =
		least(least(last[j], now[j - 1]) + 1, last[j - 1] + (c->a[i - 1] != c->b[j - 1]));

	if (i > 1 && j > 1 && c->a[i - 1] == c->b[j - 2] && c->a[i - 2] == c->b[j - 1]) {
		n = least(n, c->rows[(i + 1) % 3][j - 2] + 1);
	}
	return n;
}

/* Letters left out, put in, changed, or two beside each other that changed places. */
static size_t edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct compared c = { a, b, { { 0 } } };

	for (size_t j = 0; j <= b_len; j++) {
		c.rows[0][j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		c.rows[i % 3][0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			c.rows[i % 3][j] = edits_at(&c, i, j);
		}
	}
	return c.rows[a_len % 3][b_len];
}

void prac_near_try(struct prac_near *near, const char *name)
{
	size_t word_len = strlen(near->word), name_len = strlen(name), n;

	if (word_len == 0 || word_len > NAME_MAX_LEN || name_len > NAME_MAX_LEN) {
		return;
	}
	n = edits(near->word, word_len, name, name_len);
	if (word_len >= PREFIX_MIN && strncmp(near->word, name, word_len) == 0) {
		n = least(n, 1);
	} else if (n > 1 + (word_len - 1) / LETTERS_AN_EDIT || n >= word_len) {
		return;
	}
	if (near->best == NULL || n < near->best_edits) {
		near->best = name;
		near->best_edits = n;
	}
}
