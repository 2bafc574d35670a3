/*
 * Example records that the program brings with it (issue 4): one CSV file a record type, named after it,
 * as `practicum import TYPE FILE` reads it. Column `do` puts a record into use.
 */
#pragma once

struct client_shipped {
	const char *name; /* of the type */
	const char *text;
};

/* In the order in which they refer to each other; a row without a name ends them. */
extern const struct client_shipped client_shipped[];
