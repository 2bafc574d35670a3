/* practicumd device: who may connect, what is taken away, and what became of it. */
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "server/command.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "sql/queries.h"

/* A row of the list; the texts are borrowed. */
struct device {
	char id[PRAC_ID_TEXT];
	struct prac_bytes label, person, disk;
	bool is_district;
	char enrolled[PRAC_DATE_TEXT], last_seen[PRAC_DATE_TEXT], revoked[PRAC_DATE_TEXT],
		purged[PRAC_DATE_TEXT];
	int64_t lost;   /* entries that were erased before they were judged */
	int64_t unpaid; /* schools that were taken away and of which no receipt came */
};

static struct device read_device(struct db_rows *rows, size_t row)
{
	struct prac_id id = db_rows_id(rows, row, 0);
	struct device device = { .label = db_rows_bytes(rows, row, 1),
		.person = db_rows_bytes(rows, row, 2),
		.is_district = db_rows_bool(rows, row, 3),
		.lost = db_rows_int(rows, row, 9),
		.unpaid = db_rows_int(rows, row, 10),
		.disk = db_rows_bytes(rows, row, 11) };

	prac_id_format(&id, device.id);
	db_rows_day(rows, row, 4, device.enrolled);
	db_rows_day(rows, row, 5, device.last_seen);
	db_rows_day(rows, row, 7, device.revoked);
	db_rows_day(rows, row, 8, device.purged);
	return device;
}

static void print_devices(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	printf("%-32s  %-10s  %-10s  %-10s  %-10s  %-8s  %-9s  %s\n", "id", "enrolled", "last seen",
		"revoked", "erased", "holds", "disk", "label");
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct device device = read_device(rows, i);

		printf("%s  %-10s  %-10s  %-10s  %-10s  %-8s  %-9.*s  %.*s", device.id,
			device.enrolled, device.last_seen, device.revoked,
			device.purged[0] == '\0' && device.revoked[0] != '\0' ? "not yet"
									      : device.purged,
			device.is_district ? "district" : "schools", (int)device.disk.len,
			(const char *)device.disk.data, (int)device.label.len,
			(const char *)device.label.data);
		if (device.lost > 0) {
			printf("; %lld unjudged entries erased with it", (long long)device.lost);
		}
		if (device.unpaid > 0) {
			printf("; %lld schools to be erased there", (long long)device.unpaid);
		}
		(void)putchar('\n');
	}
}

static void dump_devices(void *ctx, struct db_rows *rows)
{
	json_t *all = json_array();

	(void)ctx;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct device device = read_device(rows, i);

		json_array_append_new(
			all, json_pack("{s:s, s:s%, s:s%, s:s%, s:b, s:s, s:s, s:b, s:s, s:I, s:I}",
				     "id", device.id, "label", device.label.data, device.label.len,
				     "person", device.person.data, device.person.len, "disk",
				     device.disk.data, device.disk.len, "district",
				     device.is_district, "enrolled", device.enrolled, "last_seen",
				     device.last_seen, "revoked", device.revoked[0] != '\0',
				     "purged", device.purged, "lost", (json_int_t)device.lost,
				     "schools_to_purge", (json_int_t)device.unpaid));
	}
	(void)json_dumpf(all, stdout, 0);
	(void)putchar('\n');
	json_decref(all);
}

static int list(struct command_call *call, bool is_json)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	db_batch_add(op.batch, &q_device_list, NULL, is_json ? dump_devices : print_devices, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	return operator_exit_code(status);
}

/* What one statement changes, and what it prints about it. */
struct change {
	const struct db_stmt *stmt;
	const char *id;
	const struct operator_school *school; /* NULL: the whole device */
	const char *done, *undone;
	size_t n_changed;
};

static void on_changed(void *ctx, struct db_rows *rows)
{
	struct change *change = ctx;
	struct prac_bytes label;

	change->n_changed = db_rows_count(rows);
	if (change->n_changed == 1) {
		label = db_rows_bytes(rows, 0, 1);
		printf("%.*s: %s\n", (int)label.len, (const char *)label.data, change->done);
	}
}

static int make_change(struct command_call *call, struct change *change)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(change->id));
	if (change->school != NULL) {
		db_param_id(params, &change->school->id);
	}
	db_batch_add(op.batch, change->stmt, params, on_changed, change);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status == PRAC_OK && change->n_changed != 1) {
		(void)fprintf(stderr, "practicumd: %s %s\n", change->undone, change->id);
		return EXIT_REFUSED;
	}
	return operator_exit_code(status);
}

static int take_away(struct command_call *call, const struct operator_school *school)
{
	struct change change = { .stmt = &q_device_revoke,
		.id = call->argv[2],
		.done = "revoked; a running server closes its connection within 5 s, and at its next "
			"contact it erases what it holds",
		.undone = "not exactly one device has an id that begins with" };

	if (school != NULL) {
		change.stmt = &q_device_scope_revoke;
		change.school = school;
		change.done =
			"the school is taken away; at its next contact the device sends what it "
			"has for it and erases it";
		change.undone = "not exactly one device that holds the school has an id that "
				"begins with";
	}
	return make_change(call, &change);
}

static int grant(struct command_call *call, const struct operator_school *school)
{
	struct change change = { .stmt = &q_device_scope_grant,
		.id = call->argv[2],
		.school = school,
		.done = "the school is given; the device loads it at its next contact",
		.undone = "not exactly one device of schools, without that school and not revoked, "
			  "has an id that begins with" };

	return make_change(call, &change);
}

static int change_rights(struct command_call *call, const char *school_name)
{
	bool is_grant = strcmp(call->argv[1], "grant") == 0;
	struct operator_school school;
	int code = EXIT_DONE;

	if (school_name != NULL) {
		code = operator_find_school(call->config, school_name, &school);
	} else if (is_grant) {
		return command_misused(call, "grant: want --school");
	}
	if (code != EXIT_DONE) {
		return code;
	}
	return is_grant ? grant(call, &school)
			: take_away(call, school_name != NULL ? &school : NULL);
}

int command_device(struct command_call *call)
{
	gboolean is_json = FALSE;
	char *school = NULL;
	GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &is_json, NULL, NULL },
		{ "school", 0, 0, G_OPTION_ARG_STRING, &school, NULL, NULL },
		{ 0 },
	};
	int code = command_flags(call, entries);

	if (code == EXIT_DONE && call->argc == 2 && strcmp(call->argv[1], "list") == 0) {
		code = list(call, is_json);
	} else if (code == EXIT_DONE && call->argc == 3 &&
		   (strcmp(call->argv[1], "revoke") == 0 || strcmp(call->argv[1], "grant") == 0)) {
		code = change_rights(call, school);
	} else if (code == EXIT_DONE) {
		code = command_misused(call, "want list, revoke ID or grant ID --school S");
	}
	g_free(school);
	return code;
}
