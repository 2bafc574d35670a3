/* Imports that went through this device's outbox: kept with what they stored, listed and taken back. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/replica/imports.h"

/* label is what a list shows: "organization partners.csv". After the last row, inside its transaction. */
enum prac_status import_here_keep(
	struct cmd_call *call, struct replica_import *import, const char *label) PRAC_MUST_USE;

/* "practicum import reverse 0193f2 takes it back\n"; empty when nothing was stored. */
const char *import_here_hint(struct cmd_call *call, const struct replica_import *import);

/* Rows of a table with the columns id, import, stage, rows, listed, begun. */
enum prac_status import_here_list(struct cmd_call *call, struct print_table *table) PRAC_MUST_USE;

/* False: words[1] is no import of this device's, or words[0] no word about one. */
bool import_here(struct cmd_call *call, int *code_out);
