/* Parts of practicumd user. */
#pragma once

#include "common/wire/enroll.h"
#include "server/command.h"
#include "server/operator.h"

/* The people and their rights as a table, or as JSON. Returns an exit code. */
int user_list(const struct config *config, bool is_json);

enum {
	USER_CODE_HOURS = 72 /* a new teacher may come on Monday */
};

/* Adds a one-time code for who has the login; row gets a row when there is such a person. */
void user_add_code(struct operator* op, const char *login, char code_out[PRAC_ENROLL_TEXT],
	void (*row)(void *ctx, struct db_rows *rows), void *ctx);
