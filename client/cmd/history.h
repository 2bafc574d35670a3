/* What this device entered for a record, as cells for people. */
#pragma once

#include "client/cmd/cmd.h"

enum {
	HISTORY_CELLS = 5
};

extern const char *const history_heads[HISTORY_CELLS];

/* In the call's arena, in the order of the heads. */
void history_cells(struct cmd_call *call, const struct replica_input *input,
	const char *cells_out[HISTORY_CELLS]);
