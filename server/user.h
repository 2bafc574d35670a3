/* Parts of practicumd user; its files only. */
#pragma once

#include "server/command.h"

/* The people and their rights as a table, or as JSON. Returns an exit code. */
int user_list(const struct config *config, bool is_json);
