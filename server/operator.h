/* One question of an operator to the database, on a loop of its own: for subcommands. */
#pragma once

#include "server/config.h"
#include "server/db/db.h"

struct operator
{
	const struct config *config;
	struct prac_arena arena; /* of the batch; operator_deinit() frees it */
	struct db_batch *batch;
	enum db_purpose purpose; /* DB_DESK unless set: of what the statements may take */
	char sqlstate[6];
};

void operator_init(struct operator* op, const struct config *config);
void operator_deinit(struct operator* op);

/* Sends what was added to the batch. PRAC_UNAVAILABLE: said on stderr. */
enum prac_status operator_run(struct operator* op) PRAC_MUST_USE;

/*
 * What goes to PostgreSQL or the signer goes as the server's user, whom both know, also when root runs the command:
 * until operator_return(). For an ordinary user both do nothing.
 */
void operator_become(const struct config *config);
void operator_return(void);

/* DONE, UNREACHABLE, or REFUSED. */
int operator_exit_code(enum prac_status status);

/* What a person calls a school. */
struct operator_school {
	size_t n; /* schools called so */
	struct prac_id id;
	char name[200];
};

/* By id, number or name. EXIT_DONE, or the exit code of what was said on stderr. */
int operator_find_school(
	const struct config *config, const char *word, struct operator_school *school_out);
