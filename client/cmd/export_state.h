/*
 * An extract for the state or whoever else asks: which records, which columns and which codes stand in
 * a mapping file (docs/EXTRACT.md), so that another format is another file.
 */
#pragma once

#include "client/cmd/cmd.h"

/* Writes CSV to standard output, or nothing when a value has no code. Returns an exit code. */
int export_state(struct cmd_call *call, const char *path, bool is_raw);
