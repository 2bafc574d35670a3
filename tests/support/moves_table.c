#include "tests/support/moves_table.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static GHashTable *rows; /* "states TYPE", "move TYPE ACTION" to what follows the colon */
static GHashTable *used; /* keys that were asked for */

static void add_line(const char *line)
{
	g_auto(GStrv) halves = g_strsplit(line, ": ", 2);

	if (line[0] == '\0' || line[0] == '#') {
		return;
	}
	if (g_strv_length(halves) != 2 ||
		!g_hash_table_insert(rows, g_strdup(halves[0]), g_strdup(halves[1]))) {
		fail_msg("moves.txt: %s", line);
	}
}

void moves_table_begin(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(PRAC_MOVES_TABLE, &text, NULL, NULL)) {
		fail_msg("%s cannot be read", PRAC_MOVES_TABLE);
	}
	rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		add_line(*line);
	}
}

void moves_table_end(void)
{
	g_hash_table_destroy(rows);
	g_hash_table_destroy(used);
}

/* Takes the key. */
static const char *ask(char *key)
{
	(void)g_hash_table_add(used, key);
	return g_hash_table_lookup(rows, key);
}

static const char *move_of(const struct prac_type *type, const struct prac_action *action)
{
	return ask(g_strdup_printf("move %s %s", type->name, action->name));
}

bool moves_table_is_legal(
	const struct prac_type *type, const struct prac_action *action, const char *from)
{
	const char *row = move_of(type, action);
	g_auto(GStrv) halves = g_strsplit(row == NULL ? "" : row, " -> ", 2);
	g_auto(GStrv) states = g_strsplit(halves[0] == NULL ? "" : halves[0], " ", 0);

	return g_strv_contains((const char *const *)states, from);
}

const char *moves_table_to(const struct prac_type *type, const struct prac_action *action)
{
	const char *row = move_of(type, action);
	const char *arrow = row == NULL ? NULL : g_strrstr(row, " -> ");

	return arrow == NULL ? NULL : arrow + 4;
}

const char *moves_table_states(const struct prac_type *type)
{
	return ask(g_strdup_printf("states %s", type->name));
}

const char *moves_table_unused(void)
{
	GHashTableIter iter;
	void *key;

	g_hash_table_iter_init(&iter, rows);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		if (!g_hash_table_contains(used, key)) {
			return key;
		}
	}
	return NULL;
}
