/* Imports as batches at the server: sending a plan, and what can be asked of a batch afterwards. */
#pragma once

#include "client/bulk/spool.h"
#include "client/cmd/cmd.h"

enum {
	IMPORT_OUTBOX_ROWS = 5000 /* more goes through the server's staging (DESIGN part 4) */
};

/* Ends the plan, sends it and waits until the server has applied it. Returns an exit code. */
int import_batch_send(struct cmd_call *call, struct bulk_spool *spool);

/* False: words[0] is no word about batches. */
bool import_batch(struct cmd_call *call, int *code_out);
