#include "client/cmd/scrub.h"

#include <glib.h>
#include <string.h>

#include "catalog/types.h"

enum {
	NAME_WORDS = 6,   /* "Maria de la Cruz Lopez" */
	NUMBER_DIGITS = 5 /* a shorter number is too often something else */
};

#define INSTEAD "[another student]"

struct scrub {
	GHashTable *names; /* "ann lee": a GArray of struct prac_id */
};

struct scrub *scrub_new(void)
{
	struct scrub *scrub = g_new(struct scrub, 1);

	scrub->names = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	return scrub;
}

void scrub_free(struct scrub *scrub)
{
	if (scrub != NULL) {
		g_hash_table_destroy(scrub->names);
		g_free(scrub);
	}
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80;
}

struct word {
	size_t from, to; /* bytes of the text */
};

/* The next word at or behind `at`; false at the end. */
static bool next_word(struct prac_bytes text, size_t at, struct word *word)
{
	while (at < text.len && !is_word((char)text.data[at])) {
		at++;
	}
	word->from = at;
	while (at < text.len && is_word((char)text.data[at])) {
		at++;
	}
	word->to = at;
	return word->to > word->from;
}

/* Words with one blank between them, in small letters. */
static char *name_of(struct prac_bytes text)
{
	GString *name = g_string_new(NULL);
	struct word word = { 0 };
	char *valid, *folded;

	while (next_word(text, word.to, &word)) {
		if (name->len > 0) {
			g_string_append_c(name, ' ');
		}
		g_string_append_len(
			name, (const char *)text.data + word.from, (gssize)(word.to - word.from));
	}
	valid = g_utf8_make_valid(name->str, (gssize)name->len);
	folded = g_utf8_casefold(valid, -1);
	g_free(valid);
	g_string_free(name, TRUE);
	return folded;
}

static void add_name(struct scrub *scrub, char *name, const struct prac_id *id)
{
	GArray *ids = g_hash_table_lookup(scrub->names, name);

	if (ids == NULL) {
		ids = g_array_new(FALSE, FALSE, sizeof(struct prac_id));
		g_hash_table_insert(scrub->names, g_strdup(name), ids);
	}
	g_array_append_val(ids, *id);
	g_free(name);
}

static void add_pair(struct scrub *scrub, const struct prac_value *first,
	const struct prac_value *last, const struct prac_id *id)
{
	char *pair;

	if (!first->has || !last->has) {
		return;
	}
	pair = g_strdup_printf("%.*s %.*s", (int)first->bytes.len, (const char *)first->bytes.data,
		(int)last->bytes.len, (const char *)last->bytes.data);
	add_name(scrub, name_of(prac_bytes_text(pair)), id);
	g_free(pair);
}

void scrub_add(struct scrub *scrub, const struct prac_record *student)
{
	const struct prac_value *values = student->values;
	const struct prac_value *family = &values[PRAC_STUDENT_FAMILY_NAME];
	const struct prac_value *number = &values[PRAC_STUDENT_IDENTIFIER];
	static const uint16_t firsts[] = { PRAC_STUDENT_GIVEN_NAME, PRAC_STUDENT_PREFERRED_NAME };

	for (size_t i = 0; i < G_N_ELEMENTS(firsts); i++) {
		add_pair(scrub, &values[firsts[i]], family, &student->id);
		add_pair(scrub, family, &values[firsts[i]], &student->id);
	}
	if (number->has && number->bytes.len >= NUMBER_DIGITS) {
		add_name(scrub, name_of(number->bytes), &student->id);
	}
}

/* Somebody's name, and not also the own one. */
static bool is_anothers(
	const struct scrub *scrub, struct prac_bytes text, const struct prac_id *own)
{
	char *name = name_of(text);
	GArray *ids = g_hash_table_lookup(scrub->names, name);
	bool is_own = ids == NULL;

	for (guint i = 0; !is_own && i < ids->len; i++) {
		is_own = prac_id_equal(&g_array_index(ids, struct prac_id, i), own);
	}
	g_free(name);
	return !is_own;
}

/* Where the longest name that begins with the word ends; 0: none does. */
static size_t name_end(const struct scrub *scrub, struct prac_bytes text, const struct word *first,
	const struct prac_id *own)
{
	struct word word = *first;
	size_t end = 0;

	for (int n = 0; n < NAME_WORDS; n++) {
		struct prac_bytes part = { text.data + first->from, word.to - first->from };

		if (is_anothers(scrub, part, own)) {
			end = word.to;
		}
		if (!next_word(text, word.to, &word)) {
			break;
		}
	}
	return end;
}

const char *scrub_text(const struct scrub *scrub, struct prac_bytes text, const struct prac_id *own,
	struct prac_arena *arena)
{
	GString *clean = g_string_new(NULL);
	struct word word = { 0 };
	size_t done = 0;
	const char *copy;

	while (next_word(text, word.to, &word)) {
		size_t end = name_end(scrub, text, &word, own);

		if (end > 0) {
			g_string_append_len(
				clean, (const char *)text.data + done, (gssize)(word.from - done));
			g_string_append(clean, INSTEAD);
			word.to = done = end;
		}
	}
	g_string_append_len(clean, (const char *)text.data + done, (gssize)(text.len - done));
	copy = prac_arena_text(
		arena, (struct prac_bytes){ (const uint8_t *)clean->str, clean->len });
	g_string_free(clean, TRUE);
	return copy;
}
