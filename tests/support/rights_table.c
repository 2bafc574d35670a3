#include "tests/support/rights_table.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static GHashTable *classes; /* type to class */
static GHashTable *masks;   /* "TYPE.FIELD" to class of visibility */
static GHashTable *rows;    /* "may CLASS OPERATION", "do TYPE ACTION", ... to roles */
static GHashTable *used;    /* keys of rows that were asked for */
static GHashTable *offices; /* methods for the district office's devices */

static uint32_t roles_of(const char *words)
{
	g_auto(GStrv) names = g_strsplit(words, " ", 0);
	uint32_t roles = 0;

	for (char **name = names; *name != NULL; name++) {
		enum prac_role role = prac_role_find(*name);

		assert_int_not_equal(role, PRAC_ROLE_NONE);
		roles |= PRAC_ROLE_BIT(role);
	}
	return roles;
}

static void add_row(char *key, const char *roles)
{
	if (!g_hash_table_insert(rows, key, GUINT_TO_POINTER(roles_of(roles)))) {
		fail_msg("rights.txt: %s stands there twice", key);
	}
}

static void add_classes(const char *class, const char *types)
{
	g_auto(GStrv) names = g_strsplit(types, " ", 0);

	for (char **name = names; *name != NULL; name++) {
		assert_true(g_hash_table_insert(classes, g_strdup(*name), g_strdup(class)));
	}
}

static void add_masks(const char *mask, const char *fields)
{
	g_auto(GStrv) names = g_strsplit(fields, " ", 0);

	for (char **name = names; *name != NULL; name++) {
		assert_true(g_hash_table_insert(masks, g_strdup(*name), g_strdup(mask)));
	}
}

static void add_methods(const char *methods)
{
	g_auto(GStrv) names = g_strsplit(methods, " ", 0);

	for (char **name = names; *name != NULL; name++) {
		(void)g_hash_table_add(offices, g_strdup(*name));
	}
}

static void add_line(const char *line)
{
	g_auto(GStrv) halves = g_strsplit(line, ": ", 2);
	g_auto(GStrv) words = NULL;

	if (line[0] == '\0' || line[0] == '#') {
		return;
	}
	if (g_strv_length(halves) != 2) {
		fail_msg("rights.txt: %s", line);
	}
	words = g_strsplit(halves[0], " ", 0);
	if (g_str_equal(words[0], "class")) {
		add_classes(words[1], halves[1]);
	} else if (g_str_equal(words[0], "mask")) {
		add_masks(words[1], halves[1]);
	} else if (g_str_equal(words[0], "office")) {
		add_methods(halves[1]);
	} else if (g_str_equal(words[0], "do")) {
		for (size_t i = 2; words[i] != NULL; i++) {
			add_row(g_strdup_printf("do %s %s", words[1], words[i]), halves[1]);
		}
	} else {
		add_row(g_strdup(halves[0]), halves[1]);
	}
}

void rights_table_begin(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(PRAC_RIGHTS_TABLE, &text, NULL, NULL)) {
		fail_msg("%s cannot be read", PRAC_RIGHTS_TABLE);
	}
	classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	masks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	offices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		add_line(*line);
	}
}

void rights_table_end(void)
{
	g_hash_table_destroy(classes);
	g_hash_table_destroy(masks);
	g_hash_table_destroy(rows);
	g_hash_table_destroy(used);
	g_hash_table_destroy(offices);
}

/* Takes the key. False: no such row. */
static bool ask(char *key, uint32_t *roles_out)
{
	void *roles = NULL;
	bool is_there = g_hash_table_lookup_extended(rows, key, NULL, &roles);

	*roles_out = GPOINTER_TO_UINT(roles);
	(void)g_hash_table_add(used, key);
	return is_there;
}

uint32_t rights_table_may(
	const struct prac_type *type, enum prac_right_op op, const struct prac_action *action)
{
	static const char *const ops[PRAC_RIGHT_OPS] = { "read", "create", "change", "delete",
		"act" };
	const char *class = g_hash_table_lookup(classes, type->name);
	uint32_t roles;

	if (class == NULL) {
		fail_msg("rights.txt: %s has no class", type->name);
	}
	if (action == NULL || !ask(g_strdup_printf("do %s %s", type->name, action->name), &roles)) {
		(void)ask(g_strdup_printf("may %s %s", class, ops[op]), &roles);
	}
	return roles;
}

uint32_t rights_table_writers(const struct prac_type *type, const struct prac_group *group)
{
	uint32_t roles;

	return ask(g_strdup_printf("write %s %s", type->name, group->name), &roles) ? roles
										    : UINT32_MAX;
}

uint32_t rights_table_viewers(const struct prac_type *type, const struct prac_field *field)
{
	g_autofree char *key = g_strdup_printf("%s.%s", type->name, field->name);
	const char *mask = g_hash_table_lookup(masks, key);
	uint32_t roles;

	return mask != NULL && ask(g_strdup_printf("see %s", mask), &roles) ? roles : UINT32_MAX;
}

uint32_t rights_table_changers(const struct prac_type *type, const struct prac_group *group)
{
	uint32_t roles = rights_table_writers(type, group);

	for (size_t i = 0; i < group->n_fields; i++) {
		roles &= rights_table_viewers(type, &type->fields[group->fields[i]]);
	}
	return roles;
}

uint32_t rights_table_call(const char *method)
{
	uint32_t roles;

	(void)ask(g_strdup_printf("call %s", method), &roles);
	return roles;
}

bool rights_table_is_office(const char *method)
{
	return g_hash_table_contains(offices, method);
}

const char *rights_table_unused(void)
{
	GHashTableIter each;
	void *key;

	g_hash_table_iter_init(&each, rows);
	while (g_hash_table_iter_next(&each, &key, NULL)) {
		if (!g_hash_table_contains(used, key)) {
			return key;
		}
	}
	return NULL;
}
