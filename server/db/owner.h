/*
 * A connection for commands that change the tables themselves (migrate, seal): as their owner, one of them
 * at a time. Blocks, never on the loop.
 */
#pragma once

#include <libpq-fe.h>
#include <stddef.h>

#include "common/base/macros.h"
#include "common/base/status.h"

/* Where a sentence about a failure goes. */
struct db_problem {
	char *text;
	size_t size;
};

/* Writes it, without a line's end; gives status back. */
enum prac_status db_problem_set(const struct db_problem *problem, enum prac_status status,
	const char *fmt, ...) PRAC_PRINTF(3, 4);

/* Ends result; a failure is told with what it was about in front. */
enum prac_status db_owner_check(PGconn *conn, const struct db_problem *problem, const char *what,
	PGresult *result) PRAC_MUST_USE;

/*
 * Signs in, as user in place of conninfo's unless that is NULL, becomes practicum_owner where there is that
 * role, and takes the lock, which the connection's end gives back. PQfinish() *conn_out in any case.
 */
enum prac_status db_owner_connect(const char *conninfo, const char *user,
	const struct db_problem *problem, PGconn **conn_out) PRAC_MUST_USE;
