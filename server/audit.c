/* practicumd audit: reads the two chains and says whether anything was changed; lists events. */
#include <glib.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/base/date.h"
#include "common/base/hash.h"
#include "common/wire/audit_head.h"
#include "server/command.h"
#include "server/exit_code.h"
#include "server/key_file.h"
#include "server/operator.h"
#include "sql/queries.h"

enum {
	FAULTS_MAX = 20, /* that are named; the rest is counted */
	DAY_MS = 24 * 60 * 60 * 1000
};

/* One chain while it is read. */
struct walk {
	const char *chain;
	const struct db_stmt *page;
	struct prac_digest hash; /* of the last link, as it stands in the database */
	int64_t number;          /* of it */
	int64_t n_read;          /* in the last page */
	int64_t n_faults;
	/* Where the chain should end. */
	int64_t head_number;
	struct prac_digest head_hash;
	bool has_head;
	struct prac_bytes witness; /* lines of heads that stations were shown; may be empty */
};

static void find_fault(struct walk *walk, const char *fmt, ...) PRAC_PRINTF(2, 3);

static void find_fault(struct walk *walk, const char *fmt, ...)
{
	va_list args;

	walk->n_faults++;
	if (walk->n_faults > FAULTS_MAX) {
		return;
	}
	printf("%s: ", walk->chain);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)putchar('\n');
}

static bool take_hash(struct prac_bytes bytes, struct prac_digest *hash_out)
{
	if (bytes.len != sizeof(hash_out->b)) {
		return false;
	}
	memcpy(hash_out->b, bytes.data, sizeof(hash_out->b));
	return true;
}

/* Is the link that the walk stands at the one that a station was shown under its number? */
static void compare_witness(struct walk *walk)
{
	struct prac_bytes rest = walk->witness;
	struct prac_audit_head head;

	while (prac_audit_head_next(&rest, &head)) {
		if (head.number == walk->number && strcmp(head.chain, walk->chain) == 0 &&
			!prac_digest_equal(&head.hash, &walk->hash)) {
			find_fault(walk,
				"%" PRId64
				" is not the one that a station was shown: what is up to it "
				"was written anew",
				walk->number);
		}
	}
}

/* Links that a station was shown and that are not there any more. */
static void miss_witness(struct walk *walk)
{
	struct prac_bytes rest = walk->witness;
	struct prac_audit_head head;
	int64_t last = 0;

	while (prac_audit_head_next(&rest, &head)) {
		if (strcmp(head.chain, walk->chain) == 0 && head.number > last) {
			last = head.number;
		}
	}
	if (last > walk->number) {
		find_fault(walk,
			"%" PRId64 " to %" PRId64 " were shown to a station and are missing",
			walk->number + 1, last);
	}
}

/* After a fault the walk goes on from the hash that stands there, so each fault is named once. */
static void check_link(struct walk *walk, struct db_rows *rows, size_t row)
{
	const struct prac_bytes parts[] = { prac_digest_bytes(&walk->hash),
		db_rows_bytes(rows, row, 1) };
	struct prac_digest wanted = prac_sha256_parts(parts, PRAC_NELEM(parts));
	struct prac_bytes name = db_rows_bytes(rows, row, 3);
	int64_t number = db_rows_int(rows, row, 0);
	struct prac_digest found;

	if (number != walk->number + 1) {
		find_fault(walk, "%" PRId64 " to %" PRId64 " are missing", walk->number + 1,
			number - 1);
	} else if (!take_hash(db_rows_bytes(rows, row, 2), &found) ||
		   !prac_digest_equal(&found, &wanted)) {
		find_fault(walk, "%" PRId64 " was changed: %.*s", number, (int)name.len,
			(const char *)name.data);
	}
	if (!take_hash(db_rows_bytes(rows, row, 2), &walk->hash)) {
		walk->hash = wanted;
	}
	walk->number = number;
	compare_witness(walk);
}

static void on_links(void *ctx, struct db_rows *rows)
{
	struct walk *walk = ctx;

	walk->n_read = (int64_t)db_rows_count(rows);
	for (size_t row = 0; row < db_rows_count(rows); row++) {
		check_link(walk, rows, row);
	}
}

static void on_heads(void *ctx, struct db_rows *rows)
{
	struct walk *walk = ctx;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		if (prac_bytes_equal(db_rows_bytes(rows, row, 0), prac_bytes_text(walk->chain))) {
			walk->head_number = db_rows_int(rows, row, 1);
			walk->has_head = take_hash(db_rows_bytes(rows, row, 2), &walk->head_hash);
		}
	}
}

static enum prac_status read_page(const struct config *config, struct walk *walk,
	const struct db_stmt *stmt, db_rows_fn on_rows)
{
	struct operator op;
	struct db_params *params = NULL;
	enum prac_status status;

	operator_init(&op, config);
	op.purpose = DB_AUDIT;
	if (stmt->n_params > 0) {
		params = db_params_new(&op.arena);
		db_param_int(params, walk->number);
	}
	db_batch_add(op.batch, stmt, params, on_rows, walk);
	status = operator_run(&op);
	operator_deinit(&op);
	return status;
}

/* The head first: what is appended while the chain is read lies behind it. */
static enum prac_status walk_chain(const struct config *config, struct walk *walk)
{
	enum prac_status status = read_page(config, walk, &q_audit_heads, on_heads);

	walk->hash = prac_sha256((struct prac_bytes){ NULL, 0 });
	do {
		if (status == PRAC_OK) {
			status = read_page(config, walk, walk->page, on_links);
		}
	} while (status == PRAC_OK && walk->n_read > 0 && walk->number < walk->head_number);
	if (status != PRAC_OK) {
		return status;
	}
	miss_witness(walk);
	if (!walk->has_head || walk->number < walk->head_number) {
		find_fault(walk, "%" PRId64 " to %" PRId64 " are missing at the end",
			walk->number + 1, walk->head_number);
	} else if (walk->number == walk->head_number &&
		   !prac_digest_equal(&walk->hash, &walk->head_hash)) {
		find_fault(walk, "%" PRId64 ", the last, is not the one that was written",
			walk->number);
	}
	return PRAC_OK;
}

/*
 * What a station was shown counts in any case; whether the signatures are good says whom to believe when
 * it does not fit. An authority that was retired since cannot be asked any more.
 */
static int read_witness(const struct config *config, const char *path, struct prac_arena *arena,
	struct prac_bytes *out)
{
	const char *trust_path = prac_arena_printf(arena, "%s/ca.pem", config->state_dir);
	struct prac_buf file = { 0 }, trust = { 0 };
	struct prac_audit_head head;
	char why[KEYS_WHY];
	struct prac_bytes rest;
	int64_t n_good = 0, n_bad = 0;
	int code = EXIT_USAGE;

	if (key_file_read(path, false, &file, why) == PRAC_OK &&
		key_file_read(trust_path, false, &trust, why) == PRAC_OK) {
		code = EXIT_DONE;
		*out = prac_arena_copy(arena, prac_buf_bytes(&file));
		rest = *out;
	} else {
		(void)fprintf(stderr, "practicumd: %s\n", why);
		rest = (struct prac_bytes){ NULL, 0 };
	}
	while (prac_audit_head_next(&rest, &head)) {
		if (prac_audit_head_is_signed(&head, prac_buf_bytes(&trust))) {
			n_good++;
		} else {
			n_bad++;
		}
	}
	if (code == EXIT_DONE) {
		printf("heads: %" PRId64 " signed by a present authority, %" PRId64
		       " by none that is trusted now\n",
			n_good, n_bad);
	}
	prac_buf_deinit(&file);
	prac_buf_deinit(&trust);
	return code;
}

static int verify(struct command_call *call, struct prac_bytes witness)
{
	struct walk walks[] = { { .chain = "event", .page = &q_audit_events },
		{ .chain = "mutation", .page = &q_audit_batches } };
	int64_t n_faults = 0;
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < PRAC_NELEM(walks) && status == PRAC_OK; i++) {
		walks[i].witness = witness;
		status = walk_chain(call->config, &walks[i]);
		n_faults += walks[i].n_faults;
		if (status == PRAC_OK) {
			printf("%s: %" PRId64 " links, %" PRId64 " faults\n", walks[i].chain,
				walks[i].number, walks[i].n_faults);
		}
	}
	if (status != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: the audit cannot be read: %s\n",
			prac_status_text(status));
		return EXIT_UNREACHABLE;
	}
	return n_faults == 0 ? EXIT_DONE : EXIT_REFUSED;
}

/* ---- list */

struct listing {
	gboolean is_json;
	char *who, *record, *since, *student;
};

/* Column 0 is a number, the others are texts. */
static void dump_rows(void *ctx, struct db_rows *rows)
{
	json_t *all = json_array();

	(void)ctx;
	for (size_t row = 0; row < db_rows_count(rows); row++) {
		json_t *one = json_object();

		json_object_set_new(
			one, db_rows_column(rows, 0), json_integer(db_rows_int(rows, row, 0)));
		for (size_t i = 1; i < db_rows_n_columns(rows); i++) {
			struct prac_bytes text = db_rows_bytes(rows, row, i);

			json_object_set_new(one, db_rows_column(rows, i),
				json_stringn((const char *)text.data, text.len));
		}
		json_array_append_new(all, one);
	}
	(void)json_dumpf(all, stdout, 0);
	(void)putchar('\n');
	json_decref(all);
}

/* On one line, and nothing that steers a terminal: people at stations typed some of it. */
static void print_cell(struct prac_bytes text)
{
	(void)fputs(text.len > 0 ? "  " : "  -", stdout);
	for (size_t i = 0; i < text.len; i++) {
		bool is_plain = text.data[i] >= ' ' && text.data[i] != 0x7f;

		(void)putchar(is_plain ? text.data[i] : ' ');
	}
}

static void print_rows(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	for (size_t i = 0; i < db_rows_n_columns(rows); i++) {
		printf("%s%s", i > 0 ? "  " : "", db_rows_column(rows, i));
	}
	(void)putchar('\n');
	for (size_t row = 0; row < db_rows_count(rows); row++) {
		printf("%" PRId64, db_rows_int(rows, row, 0));
		for (size_t i = 1; i < db_rows_n_columns(rows); i++) {
			print_cell(db_rows_bytes(rows, row, i));
		}
		(void)putchar('\n');
	}
}

static int add_id(struct command_call *call, const char *text, struct db_params *params)
{
	g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", "-", 0);
	g_autofree char *digits = g_strjoinv("", parts); /* PostgreSQL writes dashes */
	struct prac_id id;

	if (text == NULL) {
		db_param_null(params);
		return EXIT_DONE;
	}
	if (prac_id_parse(digits, &id) != PRAC_OK) {
		return command_misused(call, "want a whole id, not %s", text);
	}
	db_param_id(params, &id);
	return EXIT_DONE;
}

static int add_since(struct command_call *call, const char *text, struct db_params *params)
{
	int32_t day;

	if (text == NULL) {
		db_param_null(params);
		return EXIT_DONE;
	}
	if (prac_date_parse(text, &day) != PRAC_OK) {
		return command_misused(call, "--since: want a date, YYYY-MM-DD");
	}
	db_param_instant(params, (int64_t)day * DAY_MS);
	return EXIT_DONE;
}

static int list(struct command_call *call, const struct listing *listing)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status = PRAC_OK;
	int code;

	operator_init(&op, call->config);
	params = db_params_new(&op.arena);
	if (listing->student != NULL) {
		code = add_id(call, listing->student, params);
	} else {
		if (listing->who != NULL) {
			db_param_bytes(params, prac_bytes_text(listing->who));
		} else {
			db_param_null(params);
		}
		code = add_id(call, listing->record, params);
		if (code == EXIT_DONE) {
			code = add_since(call, listing->since, params);
		}
	}
	if (code == EXIT_DONE) {
		db_batch_add(op.batch,
			listing->student != NULL ? &q_audit_disclosures : &q_audit_list, params,
			listing->is_json ? dump_rows : print_rows, NULL);
		status = operator_run(&op);
		code = status == PRAC_OK ? EXIT_DONE : EXIT_UNREACHABLE;
	}
	operator_deinit(&op);
	return code;
}

int command_audit(struct command_call *call)
{
	struct listing listing = { 0 };
	struct prac_arena arena = { 0 };
	struct prac_bytes witness = { NULL, 0 };
	char *heads = NULL;
	GOptionEntry entries[] = {
		{ "who", 0, 0, G_OPTION_ARG_STRING, &listing.who, NULL, NULL },
		{ "record", 0, 0, G_OPTION_ARG_STRING, &listing.record, NULL, NULL },
		{ "since", 0, 0, G_OPTION_ARG_STRING, &listing.since, NULL, NULL },
		{ "student", 0, 0, G_OPTION_ARG_STRING, &listing.student, NULL, NULL },
		{ "heads", 0, 0, G_OPTION_ARG_FILENAME, &heads, NULL, NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &listing.is_json, NULL, NULL },
		{ 0 },
	};
	int code = command_flags(call, entries);

	if (code == EXIT_DONE && call->argc == 2 && strcmp(call->argv[1], "verify") == 0) {
		code = heads == NULL ? EXIT_DONE
				     : read_witness(call->config, heads, &arena, &witness);
		code = code == EXIT_DONE ? verify(call, witness) : code;
	} else if (code == EXIT_DONE && call->argc == 2 && strcmp(call->argv[1], "list") == 0) {
		code = list(call, &listing);
	} else if (code == EXIT_DONE) {
		code = command_misused(call, "want verify or list");
	}
	prac_arena_deinit(&arena);
	g_free(heads);
	g_free(listing.who);
	g_free(listing.record);
	g_free(listing.since);
	g_free(listing.student);
	return code;
}
