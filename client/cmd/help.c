#include "client/cmd/help.h"

#include <string.h>

#include "common/base/near.h"
#include "common/base/wrap.h"

enum {
	NAME_WIDTH = 12 /* of the longest command and a space */
};

/* Up to the full stop that ends it. */
static char *first_sentence(const char *text)
{
	const char *end = text;

	while (*end != '\0' && !(end[0] == '.' && (end[1] == ' ' || end[1] == '\n'))) {
		end++;
	}
	return g_strndup(text, (gsize)(end - text) + (*end == '.'));
}

void help_overview(struct help_commands commands, FILE *out)
{
	GString *text = g_string_new(
		"practicum: work-based learning at a school, with or without the network\n\n"
		"usage: practicum COMMAND [WORD...] [--json]\n\n");
	unsigned width = prac_wrap_width();

	for (size_t i = 0; i < commands.n; i++) {
		char *sentence = first_sentence(commands.all[i]->help);
		char *line =
			g_strdup_printf("  %-*s%s", NAME_WIDTH, commands.all[i]->name, sentence);

		prac_wrap(text, line, width, NAME_WIDTH + 2);
		g_free(line);
		g_free(sentence);
	}
	prac_wrap(text,
		"\npracticum COMMAND --help tells more and gives an example.\n"
		"The replica is in $PRACTICUM_HOME, else in ~/.local/share/practicum; what opens "
		"it at a station is in $PRACTICUM_KEYS, else in ~/.config/practicum/keys.\n"
		"exit: 0 done, 1 refused, 64 usage, 69 server unreachable, 78 configuration\n\n"
		"example: practicum list placement state=active",
		width, 0);
	(void)fputs(text->str, out);
	g_string_free(text, TRUE);
}

/* Where the words of an option begin: "  --out=FOLDER     the folder"; else where the line does. */
static unsigned words_column(const char *line)
{
	size_t indent = strspn(line, " ");
	const char *gap = line[indent] == '-' ? strstr(line + indent, "  ") : NULL;

	return (unsigned)(gap == NULL ? indent : (size_t)(gap - line) + strspn(gap, " "));
}

void help_command(const struct cmd *cmd, GOptionContext *context)
{
	char *text = g_option_context_get_help(context, TRUE, NULL);
	char **lines = g_strsplit(g_strchomp(text), "\n", -1);
	GString *out = g_string_new(NULL);

	for (char **line = lines; *line != NULL; line++) {
		prac_wrap(out, *line, prac_wrap_width(), words_column(*line));
	}
	/* A command is to be copied: it stays on its line. */
	printf("%s\nexample:\n  %s\n", out->str, cmd->example);
	g_string_free(out, TRUE);
	g_strfreev(lines);
	g_free(text);
}

static const char *suggest(
	const struct prac_near *near, const char *dashes, struct prac_arena *arena)
{
	return near->best == NULL
		       ? ""
		       : prac_arena_printf(arena, "did you mean %s%s? ", dashes, near->best);
}

const char *help_near_command(
	struct help_commands commands, const char *word, struct prac_arena *arena)
{
	struct prac_near near = { .word = word };

	for (size_t i = 0; i < commands.n; i++) {
		prac_near_try(&near, commands.all[i]->name);
	}
	prac_near_try(&near, "--help");
	prac_near_try(&near, "--version");
	return suggest(&near, "", arena);
}

static void try_options(struct prac_near *near, const GOptionEntry *table)
{
	for (; table != NULL && table->long_name != NULL; table++) {
		prac_near_try(near, table->long_name);
	}
}

const char *help_near_option(
	const GOptionEntry *const tables[2], char *const *argv, int argc, struct prac_arena *arena)
{
	for (int i = 1; i < argc; i++) {
		struct prac_near near = { .word = "" };

		if (g_str_has_prefix(argv[i], "--")) {
			near.word = prac_arena_printf(
				arena, "%.*s", (int)strcspn(argv[i] + 2, "="), argv[i] + 2);
		}
		try_options(&near, tables[0]);
		try_options(&near, tables[1]);
		if (near.best != NULL && near.best_edits > 0) {
			return suggest(&near, "--", arena);
		}
	}
	return "";
}
