/* What the server is told to do, into the audit whenever it is something else than before. */
#pragma once

#include "server/config.h"
#include "server/db/db.h"

/* Writes the event behind what the link has to do; a failure is logged. Copies what it needs. */
void config_note(struct db_link *desk, const struct config *config);
