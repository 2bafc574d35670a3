#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/rules/rights.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "server/user.h"
#include "sql/queries.h"

static const char *state_of(struct db_rows *rows, size_t row)
{
	if (db_rows_bool(rows, row, 3)) {
		return "disabled";
	}
	return db_rows_bool(rows, row, 7) ? "active" : "no password";
}

static const char *role_of(struct db_rows *rows, size_t row)
{
	return prac_role_name((enum prac_role)db_rows_int(rows, row, 4));
}

static void print_users(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	printf("%-16s  %-11s  %-20s  %-10s  %-10s  %-24s  %s\n", "login", "state", "role", "until",
		"last here", "where", "name");
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct prac_bytes login = db_rows_bytes(rows, i, 1);
		struct prac_bytes name = db_rows_bytes(rows, i, 2);
		struct prac_bytes where = db_rows_bytes(rows, i, 5);
		char days[2][PRAC_DATE_TEXT];

		db_rows_day(rows, i, 6, days[0]);
		db_rows_day(rows, i, 8, days[1]);
		printf("%-16.*s  %-11s  %-20s  %-10s  %-10s  %-24.*s  %.*s\n", (int)login.len,
			(const char *)login.data, state_of(rows, i), role_of(rows, i), days[0],
			days[1], (int)where.len, (const char *)where.data, (int)name.len,
			(const char *)name.data);
	}
}

static json_t *json_bytes(struct prac_bytes bytes)
{
	return json_stringn((const char *)bytes.data, bytes.len);
}

/* Rows of one person stand together. */
static json_t *person_of(json_t *all, struct db_rows *rows, size_t row)
{
	json_t *last = json_array_get(all, json_array_size(all) - 1);
	struct prac_bytes login = db_rows_bytes(rows, row, 1);
	struct prac_id id = db_rows_id(rows, row, 0);
	char text[PRAC_ID_TEXT];
	char day[PRAC_DATE_TEXT];

	prac_id_format(&id, text);
	if (last != NULL && strcmp(json_string_value(json_object_get(last, "id")), text) == 0) {
		return last;
	}
	db_rows_day(rows, row, 8, day);
	last = json_pack("{s:s, s:o, s:o, s:s, s:s, s:[]}", "id", text, "login", json_bytes(login),
		"name", json_bytes(db_rows_bytes(rows, row, 2)), "state", state_of(rows, row),
		"last_here", day, "roles");
	json_array_append_new(all, last);
	return last;
}

static void dump_users(void *ctx, struct db_rows *rows)
{
	json_t *all = json_array();

	(void)ctx;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		json_t *roles = json_object_get(person_of(all, rows, i), "roles");
		char day[PRAC_DATE_TEXT];

		db_rows_day(rows, i, 6, day);
		if (db_rows_int(rows, i, 4) != PRAC_ROLE_NONE) {
			json_array_append_new(roles,
				json_pack("{s:s, s:o, s:s}", "role", role_of(rows, i), "where",
					json_bytes(db_rows_bytes(rows, i, 5)), "until", day));
		}
	}
	(void)json_dumpf(all, stdout, 0);
	(void)putchar('\n');
	json_decref(all);
}

int user_list(const struct config *config, bool is_json)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, config);
	db_batch_add(op.batch, &q_user_list, NULL, is_json ? dump_users : print_users, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status == PRAC_OK) {
		return EXIT_DONE;
	}
	return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
}
