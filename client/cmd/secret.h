/* What a person types and nobody else is to see. */
#pragma once

#include "client/cmd/cmd.h"

enum {
	SECRET_MAX = 256 /* bytes */
};

/*
 * A line without its end: from the file, from the standard input when file is "-", and from the terminal
 * without echo when file is NULL. False after cmd_fail(). The caller wipes it.
 */
bool secret_read(const struct cmd_call *call, const char *file, const char *prompt,
	char line_out[SECRET_MAX + 1]);

/* Is there a terminal to ask at? */
bool secret_has_terminal(void);

/* A line from the terminal, echoed; false: there was none. */
bool secret_ask(const char *prompt, char line_out[SECRET_MAX + 1]);
