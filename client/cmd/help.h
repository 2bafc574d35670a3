/* What the program says of itself: the overview, a command's help, what a mistyped word most likely meant. */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "client/cmd/cmd.h"

struct help_commands {
	const struct cmd *const *all;
	size_t n;
};

/* Every command with the first sentence of its help. */
void help_overview(struct help_commands commands, FILE *out);

/* Prints the help of one command, whose options are those of the context. */
void help_command(const struct cmd *cmd, GOptionContext *context);

/* "did you mean sync? ", or nothing; in the arena. */
const char *help_near_command(
	struct help_commands commands, const char *word, struct prac_arena *arena);

/* The same for the first word of argv that begins with -- and is in neither table. */
const char *help_near_option(
	const GOptionEntry *const tables[2], char *const *argv, int argc, struct prac_arena *arena);
