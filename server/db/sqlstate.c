#include "server/db/sqlstate.h"

#include <string.h>

/* The first row whose code the sqlstate begins with counts. */
static const struct {
	const char *code;
	enum prac_status status;
} rows[] = {
	{ "00", PRAC_OK }, { "01", PRAC_OK }, { "08", PRAC_UNAVAILABLE }, /* connection */
	{ "23505", PRAC_ALREADY_EXISTS },                                 /* unique_violation */
	{ "23503", PRAC_FAILED_PRECONDITION }, /* foreign_key_violation */
	{ "22003", PRAC_OUT_OF_RANGE },        /* numeric_value_out_of_range */
	{ "22", PRAC_INVALID_ARGUMENT },       /* data */
	{ "23", PRAC_INVALID_ARGUMENT },       /* check and not-null constraints */
	{ "25P03", PRAC_ABORTED },             /* idle_in_transaction_session_timeout */
	{ "40", PRAC_ABORTED },                /* serialization, deadlock */
	{ "42501", PRAC_PERMISSION_DENIED }, { "28", PRAC_PERMISSION_DENIED }, /* sign-in */
	{ "53", PRAC_RESOURCE_EXHAUSTED },     /* disk, memory, connections */
	{ "54", PRAC_INVALID_ARGUMENT },       /* a program limit, as in a row too big */
	{ "55P03", PRAC_DEADLINE_EXCEEDED },   /* lock_timeout */
	{ "57014", PRAC_DEADLINE_EXCEEDED },   /* statement_timeout */
	{ "57", PRAC_UNAVAILABLE },            /* shutdown, restart, recovery */
	{ "P0001", PRAC_FAILED_PRECONDITION }, /* RAISE in one of our triggers */
};

enum prac_status db_sqlstate_status(const char *sqlstate)
{
	for (size_t i = 0; sqlstate != NULL && i < PRAC_NELEM(rows); i++) {
		if (strncmp(sqlstate, rows[i].code, strlen(rows[i].code)) == 0)
			return rows[i].status;
	}
	return sqlstate == NULL ? PRAC_UNAVAILABLE : PRAC_INTERNAL;
}
