/* practicumd enroll-code: a code on paper that makes one device. */
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/date.h"
#include "common/wire/enroll.h"
#include "server/command.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "server/signer_call.h"
#include "sql/queries.h"

enum {
	SCHOOLS_MAX = 100,
	MINUTES_A_DAY = 24 * 60,
	TTL_MAX_MINUTES = 30 * MINUTES_A_DAY,
	TRIES = 5, /* for a lookup id that no open code has */
	LOOKUP_LEN = 4
};

struct order {
	const struct config *config;
	struct prac_arena arena;
	struct prac_id schools[SCHOOLS_MAX];
	size_t n_schools;
	gboolean is_district, is_json;
	char *school_names, *label, *person, *ttl;
	int32_t ttl_minutes;
	int64_t expires_ms;
	char code[PRAC_ENROLL_TEXT];
};

static int find_school(struct order *order, const char *word)
{
	struct operator_school found;
	int code = operator_find_school(order->config, word, &found);

	if (code != EXIT_DONE) {
		return code;
	}
	if (order->n_schools == SCHOOLS_MAX) {
		(void)fprintf(
			stderr, "practicumd: a station holds at most %d schools\n", SCHOOLS_MAX);
		return EXIT_REFUSED;
	}
	order->schools[order->n_schools] = found.id;
	order->n_schools++;
	if (order->label == NULL) {
		order->label = g_strdup(found.name);
	}
	return EXIT_DONE;
}

static int find_schools(struct order *order)
{
	char **words = g_strsplit(order->school_names, ",", 0);
	int code = EXIT_DONE;

	for (char **word = words; *word != NULL && code == EXIT_DONE; word++) {
		code = find_school(order, g_strstrip(*word));
	}
	g_strfreev(words);
	return code;
}

static struct db_params *code_params(struct order *order, struct prac_bytes sealed,
	const struct prac_enroll_code *code, struct prac_arena *arena)
{
	const struct prac_env *env = &prac_env_system;
	struct db_params *params = db_params_new(arena);
	struct prac_id device = prac_id_new(env);
	struct db_array schools;

	prac_enroll_code_format(code, order->code);
	db_array_init(&schools, arena, DB_UUID);
	for (size_t i = 0; i < order->n_schools; i++) {
		db_array_id(&schools, &order->schools[i]);
	}
	order->expires_ms = env->wall_ms(env->ctx) + order->ttl_minutes * INT64_C(60000);
	db_param_bytes(params,
		prac_arena_copy(arena, (struct prac_bytes){ (uint8_t *)order->code, LOOKUP_LEN }));
	db_param_bytes(params, sealed);
	db_param_bool(params, order->is_district);
	db_param_array(params, &schools);
	db_param_bytes(params, prac_bytes_text(order->label));
	db_param_bytes(params, prac_bytes_text(order->person));
	db_param_instant(params, order->expires_ms);
	db_param_id(params, &device);
	return params;
}

static enum prac_status insert(struct order *order)
{
	struct prac_enroll_code code;
	struct operator op;
	struct prac_digest key;
	struct signer_call seal;
	enum prac_status status;

	prac_enroll_code_new(&prac_env_system, &code);
	key = prac_enroll_key(&code);
	seal.request = (struct signer_message){
		.kind = SIGNER_SEAL, .n_parts = 1, .parts = { prac_digest_bytes(&key) }
	};
	status = signer_call(order->config, &seal);
	explicit_bzero(&key, sizeof(key));
	if (status != PRAC_OK) {
		return status;
	}
	operator_init(&op, order->config);
	db_batch_add(op.batch, &q_code_sweep, NULL, NULL, NULL);
	db_batch_add(op.batch, &q_code_insert,
		code_params(order, seal.answer.parts[0], &code, &op.arena), NULL, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	explicit_bzero(&code, sizeof(code));
	return status;
}

static void print(const struct order *order)
{
	time_t expires = (time_t)(order->expires_ms / 1000);
	struct tm parts;
	char text[32];
	json_t *answer;

	(void)gmtime_r(&expires, &parts);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	if (!order->is_json) {
		printf("%s\n\nfor %s, once, until %s. Shown only now: the server keeps no copy.\n",
			order->code, order->label, text);
		return;
	}
	answer = json_pack(
		"{s:s, s:s, s:s}", "code", order->code, "expires", text, "label", order->label);
	(void)json_dumpf(answer, stdout, 0);
	(void)putchar('\n');
	json_decref(answer);
}

static int make_code(struct order *order)
{
	enum prac_status status = PRAC_ALREADY_EXISTS;

	for (int i = 0; i < TRIES && status == PRAC_ALREADY_EXISTS; i++) {
		status = insert(order);
	}
	if (status != PRAC_OK) {
		(void)fprintf(
			stderr, "practicumd: no code was made: %s\n", prac_status_text(status));
		return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
	}
	print(order);
	return EXIT_DONE;
}

/* 24h, 90m, 2h30m, 7d. */
static bool read_ttl(struct order *order)
{
	const char *text = order->ttl == NULL ? "24h" : order->ttl;
	size_t len = strlen(text);
	char *end = NULL;
	long days;

	if (len > 1 && text[len - 1] == 'd') {
		days = strtol(text, &end, 10);
		order->ttl_minutes = (int32_t)(days > 0 && days <= 30 ? days * MINUTES_A_DAY : 0);
		return end == text + len - 1 && order->ttl_minutes > 0;
	}
	return prac_duration_parse(text, &order->ttl_minutes) == PRAC_OK &&
	       order->ttl_minutes > 0 && order->ttl_minutes <= TTL_MAX_MINUTES;
}

static int check_order(const struct command_call *call, struct order *order)
{
	if (call->argc > 1) {
		return command_misused(call, "unknown argument %s", call->argv[1]);
	}
	if ((order->school_names == NULL) == !order->is_district) {
		return command_misused(call, "want either --school or --district");
	}
	if (!read_ttl(order)) {
		return command_misused(call, "--ttl: want 24h, 90m or 7d, at most 30d");
	}
	return EXIT_DONE;
}

int command_enroll_code(struct command_call *call)
{
	struct order order = { .config = call->config };
	GOptionEntry entries[] = {
		{ "school", 0, 0, G_OPTION_ARG_STRING, &order.school_names, NULL, NULL },
		{ "district", 0, 0, G_OPTION_ARG_NONE, &order.is_district, NULL, NULL },
		{ "ttl", 0, 0, G_OPTION_ARG_STRING, &order.ttl, NULL, NULL },
		{ "label", 0, 0, G_OPTION_ARG_STRING, &order.label, NULL, NULL },
		{ "person", 0, 0, G_OPTION_ARG_STRING, &order.person, NULL, NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &order.is_json, NULL, NULL },
		{ 0 },
	};
	int code = command_flags(call, entries);

	if (code == EXIT_DONE) {
		code = check_order(call, &order);
	}
	if (code == EXIT_DONE && !order.is_district) {
		code = find_schools(&order);
	}
	if (order.label == NULL) {
		order.label = g_strdup("District office");
	}
	if (order.person == NULL) {
		order.person = g_strdup("");
	}
	if (code == EXIT_DONE) {
		code = make_code(&order);
	}
	g_free(order.school_names);
	g_free(order.label);
	g_free(order.person);
	g_free(order.ttl);
	prac_arena_deinit(&order.arena);
	return code;
}
