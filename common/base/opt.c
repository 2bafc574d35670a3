#include "common/base/opt.h"

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"

enum {
	FILE_MAX = 65536,
	/* inih cuts longer lines in two without saying so; one byte each for newline and NUL. */
	LINE_MAX_BYTES = INI_MAX_LINE - 2
};

static const char *const bool_words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

static void *member_of(const struct prac_opts *opts, const struct prac_opt_row *row)
{
	return (char *)opts->target + row->offset;
}

/* Returns the place of value in words, n if it is not there. */
static size_t word_index(const char *const *words, size_t n, const char *value)
{
	size_t i = 0;

	while (i < n && strcmp(words[i], value) != 0) {
		i++;
	}
	return i;
}

static size_t words_count(const char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL) {
		n++;
	}
	return n;
}

static bool parse_uint(const char *value, uint32_t *number_out)
{
	unsigned long long number = 0;
	char *end;

	if (*value < '0' || *value > '9') {
		return false; /* strtoull would take blanks and signs */
	}
	errno = 0;
	number = strtoull(value, &end, 10);
	if (errno != 0 || *end != '\0' || number > UINT32_MAX) {
		return false;
	}
	*number_out = (uint32_t)number;
	return true;
}

static const char *set_uint(
	struct prac_opts *opts, const struct prac_opt_row *row, const char *value)
{
	uint32_t number;

	if (!parse_uint(value, &number) || number < row->min || number > row->max) {
		return prac_arena_printf(opts->arena, "want a number from %u to %u",
			(unsigned)row->min, (unsigned)row->max);
	}
	*(uint32_t *)member_of(opts, row) = number;
	return NULL;
}

static const char *set_bool(
	struct prac_opts *opts, const struct prac_opt_row *row, const char *value)
{
	size_t word = word_index(bool_words, PRAC_NELEM(bool_words), value);

	if (word == PRAC_NELEM(bool_words)) {
		return "want yes or no";
	}
	*(bool *)member_of(opts, row) = word % 2 == 1;
	return NULL;
}

static const char *set_text(
	struct prac_opts *opts, const struct prac_opt_row *row, const char *value)
{
	if (strlen(value) > row->max) {
		return prac_arena_printf(opts->arena, "want at most %u bytes", (unsigned)row->max);
	}
	if (row->kind == PRAC_OPT_KIND_PATH && *value != '/') {
		return "want a path that starts with a slash";
	}
	*(const char **)member_of(opts, row) = prac_arena_text(opts->arena, prac_bytes_text(value));
	return NULL;
}

static const char *set_choice(
	struct prac_opts *opts, const struct prac_opt_row *row, const char *value)
{
	size_t n = words_count(row->choices);
	size_t word = word_index(row->choices, n, value);
	const char *list = row->choices[0];

	if (word < n) {
		*(int *)member_of(opts, row) = (int)word;
		return NULL;
	}
	for (size_t i = 1; i < n; i++) {
		list = prac_arena_printf(opts->arena, "%s, %s", list, row->choices[i]);
	}
	return prac_arena_printf(opts->arena, "want one of %s", list);
}

/* Returns what is wrong with the value, NULL if it was taken. An empty one unsets text and path. */
static const char *set_value(
	struct prac_opts *opts, const struct prac_opt_row *row, const char *value)
{
	static const char *(*const setters[])(
		struct prac_opts *, const struct prac_opt_row *, const char *) = {
		[PRAC_OPT_KIND_UINT] = set_uint,
		[PRAC_OPT_KIND_BOOL] = set_bool,
		[PRAC_OPT_KIND_TEXT] = set_text,
		[PRAC_OPT_KIND_PATH] = set_text,
		[PRAC_OPT_KIND_CHOICE] = set_choice,
	};
	bool is_text = row->kind == PRAC_OPT_KIND_TEXT || row->kind == PRAC_OPT_KIND_PATH;

	if (is_text && *value == '\0') {
		*(const char **)member_of(opts, row) = NULL;
		return NULL;
	}
	return setters[row->kind](opts, row, value);
}

void prac_opts_init(struct prac_opts *opts, const struct prac_opt_row *rows, size_t n_rows,
	void *target, struct prac_arena *arena)
{
	*opts = (struct prac_opts){ rows, n_rows, target, arena, NULL, NULL };
	opts->origins = prac_arena_alloc(arena, n_rows * sizeof(opts->origins[0]));
	for (size_t i = 0; i < n_rows; i++) {
		const char *wrong = set_value(opts, &rows[i], rows[i].value ? rows[i].value : "");

		assert(wrong == NULL); /* a default outside of its own range */
		(void)wrong;           /* unused where assertions are compiled out */
	}
}

/* The lines of a file, handed to inih one by one. */
struct reading {
	struct prac_opts *opts;
	const char *name; /* of the file, for errors */
	struct prac_bytes rest;
	int line; /* number of the line handed out last */
	int error_line;
	const char *wrong; /* about error_line; NULL as long as all is well */
};

static void note_error(struct reading *reading, const char *wrong)
{
	if (reading->wrong == NULL) {
		reading->wrong = wrong;
		reading->error_line = reading->line;
	}
}

/* fgets() over a run of bytes; ends the reading at the first error, so that nothing follows it. */
static char *next_line(char *out, int size, void *stream)
{
	struct reading *reading = stream;
	const uint8_t *newline;
	size_t len = reading->rest.len;

	(void)size; /* INI_MAX_LINE, which the limit below stays under */
	if (len == 0 || reading->wrong != NULL) {
		return NULL;
	}
	reading->line++;
	newline = memchr(reading->rest.data, '\n', len);
	if (newline != NULL) {
		len = (size_t)(newline - reading->rest.data) + 1;
	}
	if (len > LINE_MAX_BYTES) {
		note_error(reading, "the line is too long");
		return NULL;
	}
	if (memchr(reading->rest.data, '\0', len) != NULL) {
		note_error(reading, "the line holds a NUL byte");
		return NULL;
	}
	memcpy(out, reading->rest.data, len);
	out[len] = '\0';
	reading->rest.data += len;
	reading->rest.len -= len;
	return out;
}

static const struct prac_opt_row *find_row(
	const struct prac_opts *opts, const char *section, const char *key)
{
	for (size_t i = 0; i < opts->n_rows; i++) {
		if (strcmp(opts->rows[i].section, section) == 0 &&
			strcmp(opts->rows[i].key, key) == 0) {
			return &opts->rows[i];
		}
	}
	return NULL;
}

/* inih's handler: 1 is fine, 0 is an error. */
static int on_pair(void *ctx, const char *section, const char *key, const char *value)
{
	struct reading *reading = ctx;
	struct prac_opts *opts = reading->opts;
	const struct prac_opt_row *row = find_row(opts, section, key);
	const char *wrong;

	if (row == NULL) {
		wrong = prac_arena_printf(opts->arena, "[%s] has no option named %s", section, key);
	} else if (opts->origins[row - opts->rows] == PRAC_OPT_FILE) {
		wrong = prac_arena_printf(opts->arena, "%s is given twice", key);
	} else {
		wrong = set_value(opts, row, value);
		opts->origins[row - opts->rows] = PRAC_OPT_FILE;
		if (wrong != NULL) {
			wrong = prac_arena_printf(opts->arena, "%s: %s", key, wrong);
		}
	}
	if (wrong != NULL) {
		note_error(reading, wrong);
	}
	return wrong == NULL;
}

enum prac_status prac_opts_read_text(
	struct prac_opts *opts, const char *name, struct prac_bytes text)
{
	struct reading reading = { .opts = opts, .name = name, .rest = text };
	int line;

	if (text.len > FILE_MAX) {
		opts->error = prac_arena_printf(
			opts->arena, "%s: larger than %d bytes", name, (int)FILE_MAX);
		return PRAC_INVALID_ARGUMENT;
	}
	line = ini_parse_stream(next_line, &reading, on_pair, &reading);
	if (line == 0 && reading.wrong == NULL) {
		return PRAC_OK;
	}
	/* inih's own complaint, about syntax, may stand before ours. */
	if (reading.wrong == NULL || (line > 0 && line < reading.error_line)) {
		reading.wrong = "want [section], key = value or # comment";
		reading.error_line = line;
	}
	opts->error = prac_arena_printf(
		opts->arena, "%s:%d: %s", name, reading.error_line, reading.wrong);
	return PRAC_INVALID_ARGUMENT;
}

enum prac_status prac_opts_read_file(struct prac_opts *opts, const char *path)
{
	FILE *file = fopen(path, "re");
	struct prac_buf text = { 0 };
	enum prac_status status;
	size_t len;

	if (file == NULL) {
		opts->error = prac_arena_printf(opts->arena, "%s: %s", path, g_strerror(errno));
		return errno == ENOENT ? PRAC_NOT_FOUND : PRAC_PERMISSION_DENIED;
	}
	/* One byte over the limit is enough to see that it is exceeded. */
	len = fread(prac_buf_reserve(&text, FILE_MAX + 1), 1, FILE_MAX + 1, file);
	prac_buf_commit(&text, len);
	if (ferror(file)) {
		opts->error = prac_arena_printf(opts->arena, "%s: cannot be read", path);
		status = PRAC_PERMISSION_DENIED;
	} else {
		status = prac_opts_read_text(opts, path, prac_buf_bytes(&text));
	}
	(void)fclose(file); /* nothing was written */
	prac_buf_deinit(&text);
	return status;
}

static char upper_name(char c)
{
	if (c >= 'a' && c <= 'z') {
		return g_ascii_toupper(c);
	}
	return c;
}

static char flag_name(char c)
{
	if (c == '_') {
		return '-';
	}
	return c;
}

/* prefix, section, link, key, with each character of section and key changed by map. */
static char *join_name(struct prac_arena *arena, const struct prac_opt_row *row, const char *prefix,
	char link, char (*map)(char))
{
	bool bare = *row->section == '\0';
	char *name = prac_arena_printf(arena, "%s%s%s%s", prefix, row->section,
		bare ? "" : (char[]){ link, '\0' }, row->key);

	for (char *c = name + strlen(prefix); *c != '\0'; c++) {
		*c = map(*c);
	}
	return name;
}

static enum prac_status take_value(struct prac_opts *opts, const struct prac_opt_row *row,
	enum prac_opt_origin origin, const char *name, const char *value)
{
	const char *wrong = set_value(opts, row, value);

	opts->origins[row - opts->rows] = origin;
	if (wrong == NULL) {
		return PRAC_OK;
	}
	opts->error = prac_arena_printf(opts->arena, "%s: %s", name, wrong);
	return PRAC_INVALID_ARGUMENT;
}

enum prac_status prac_opts_read_environment(struct prac_opts *opts)
{
	for (size_t i = 0; i < opts->n_rows; i++) {
		const struct prac_opt_row *row = &opts->rows[i];
		const char *name = join_name(opts->arena, row, "PRACTICUM_", '_', upper_name);
		const char *value = getenv(name);

		if (value != NULL &&
			take_value(opts, row, PRAC_OPT_ENVIRONMENT, name, value) != PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
	}
	return PRAC_OK;
}

/* GLib hands each flag to this one with its name, "--db-pool". */
static gboolean on_flag(const char *name, const char *value, gpointer ctx, GError **error)
{
	struct prac_opts *opts = ctx;

	for (size_t i = 0; i < opts->n_rows; i++) {
		const struct prac_opt_row *row = &opts->rows[i];

		if (strcmp(join_name(opts->arena, row, "--", '-', flag_name), name) == 0 &&
			take_value(opts, row, PRAC_OPT_FLAG, name, value) != PRAC_OK) {
			g_set_error_literal(
				error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, opts->error);
			return FALSE;
		}
	}
	return TRUE;
}

static GOptionEntry *flag_entries(struct prac_opts *opts)
{
	GOptionEntry *entries =
		prac_arena_alloc(opts->arena, (opts->n_rows + 1) * sizeof(entries[0]));

	for (size_t i = 0; i < opts->n_rows; i++) {
		/* GOptionEntry has one untyped slot for variables and callbacks alike. */
		GOptionArgFunc callback = on_flag;

		entries[i].long_name = join_name(opts->arena, &opts->rows[i], "", '-', flag_name);
		entries[i].arg = G_OPTION_ARG_CALLBACK;
		memcpy(&entries[i].arg_data, &callback, sizeof(callback));
	}
	return entries;
}

enum prac_status prac_opts_read_flags(struct prac_opts *opts, int *argc, char **argv)
{
	GOptionContext *context = g_option_context_new(NULL);
	GOptionGroup *group = g_option_group_new("options", "", "", opts, NULL);
	enum prac_status status = PRAC_OK;
	GError *error = NULL;

	g_option_group_add_entries(group, flag_entries(opts));
	g_option_context_set_main_group(context, group);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	if (!g_option_context_parse(context, argc, &argv, &error)) {
		opts->error = prac_arena_printf(opts->arena, "%s", error->message);
		status = PRAC_INVALID_ARGUMENT;
		g_error_free(error);
	}
	g_option_context_free(context);
	return status;
}

/* "1 to 100", "yes or no", "error, warning or info": what the option takes. */
static void print_range(const struct prac_opt_row *row, FILE *out)
{
	switch (row->kind) {
	case PRAC_OPT_KIND_UINT:
		(void)fprintf(out, "%u to %u", (unsigned)row->min, (unsigned)row->max);
		break;
	case PRAC_OPT_KIND_BOOL:
		(void)fputs("yes or no", out);
		break;
	case PRAC_OPT_KIND_TEXT:
		(void)fprintf(out, "at most %u bytes", (unsigned)row->max);
		break;
	case PRAC_OPT_KIND_PATH:
		(void)fputs("a path", out);
		break;
	case PRAC_OPT_KIND_CHOICE:
		for (size_t i = 0; row->choices[i] != NULL; i++) {
			(void)fprintf(out, "%s%s", i == 0 ? "" : ", ", row->choices[i]);
		}
		break;
	}
}

/* A heading wherever the section changes. */
static void print_section(const struct prac_opt_row *rows, size_t i, FILE *out)
{
	if (i == 0 || strcmp(rows[i].section, rows[i - 1].section) != 0) {
		(void)fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", rows[i].section);
	}
}

void prac_opts_print_sample(const struct prac_opt_row *rows, size_t n_rows, FILE *out)
{
	for (size_t i = 0; i < n_rows; i++) {
		const struct prac_opt_row *row = &rows[i];

		print_section(rows, i, out);
		(void)fprintf(out, "\n# %s.\n# ", row->help);
		print_range(row, out);
		(void)fprintf(out, "; takes effect at %s\n#%s = %s\n",
			row->when == PRAC_OPT_RELOAD ? "reload" : "restart", row->key,
			row->value == NULL ? "" : row->value);
	}
}

static void print_value(const struct prac_opt_row *row, const void *member, FILE *out)
{
	const char *text;

	switch (row->kind) {
	case PRAC_OPT_KIND_UINT:
		(void)fprintf(out, "%u", (unsigned)*(const uint32_t *)member);
		break;
	case PRAC_OPT_KIND_BOOL:
		(void)fputs(*(const bool *)member ? "yes" : "no", out);
		break;
	case PRAC_OPT_KIND_TEXT:
	case PRAC_OPT_KIND_PATH:
		text = *(const char *const *)member;
		(void)fputs(text == NULL ? "" : text, out);
		break;
	case PRAC_OPT_KIND_CHOICE:
		(void)fputs(row->choices[*(const int *)member], out);
		break;
	}
}

void prac_opts_print(const struct prac_opts *opts, FILE *out)
{
	static const char *const origins[] = {
		[PRAC_OPT_DEFAULT] = "default",
		[PRAC_OPT_FILE] = "file",
		[PRAC_OPT_ENVIRONMENT] = "environment",
		[PRAC_OPT_FLAG] = "flag",
	};

	for (size_t i = 0; i < opts->n_rows; i++) {
		print_section(opts->rows, i, out);
		(void)fprintf(out, "%s = ", opts->rows[i].key);
		print_value(&opts->rows[i], member_of(opts, &opts->rows[i]), out);
		(void)fprintf(out, " ; %s\n", origins[opts->origins[i]]);
	}
}

void prac_opts_print_flags(const struct prac_opt_row *rows, size_t n_rows, FILE *out)
{
	struct prac_arena arena = { 0 };

	for (size_t i = 0; i < n_rows; i++) {
		(void)fprintf(out, "  %-32s %s\n",
			join_name(&arena, &rows[i], "--", '-', flag_name), rows[i].help);
	}
	prac_arena_deinit(&arena);
}

bool prac_opt_differs(const struct prac_opt_row *row, const void *a, const void *b)
{
	const void *one = (const char *)a + row->offset;
	const void *other = (const char *)b + row->offset;

	switch (row->kind) {
	case PRAC_OPT_KIND_UINT:
		return *(const uint32_t *)one != *(const uint32_t *)other;
	case PRAC_OPT_KIND_BOOL:
		return *(const bool *)one != *(const bool *)other;
	case PRAC_OPT_KIND_TEXT:
	case PRAC_OPT_KIND_PATH:
		return g_strcmp0(*(const char *const *)one, *(const char *const *)other) != 0;
	case PRAC_OPT_KIND_CHOICE:
		return *(const int *)one != *(const int *)other;
	}
	return true;
}
