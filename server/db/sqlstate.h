/* PostgreSQL's error codes in our words. */
#pragma once

#include "common/base/status.h"

/*
 * sqlstate: five characters, or NULL when the server said none. What is left over (a statement that
 * does not fit the schema, a missing right's cousin, an internal error) is PRAC_INTERNAL.
 */
enum prac_status db_sqlstate_status(const char *sqlstate) PRAC_MUST_USE;
