/* What link.c hands to rows.c. Nobody else includes this. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "server/db/rows.h"

struct db_rows {
	const PGresult *result;
	bool is_bad;
};
