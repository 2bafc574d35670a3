/* The Report service: runs one of the embedded reports for the district office. */
#include "server/report/report.h"
#include "common/base/buf.h"
#include "common/wire/binary.h"
#include "server/svc/people.h"

enum {
	PARAMETERS_MAX = 20,
	WORDS_MAX = 300 /* bytes of a request that the audit keeps */
};

static ProtobufCBinaryData *texts(const char *const *from, size_t n, struct prac_arena *arena)
{
	ProtobufCBinaryData *to = prac_arena_alloc(arena, n * sizeof(*to));

	for (size_t i = 0; i < n; i++) {
		to[i] = prac_binary_text(from[i]);
	}
	return to;
}

static void fill_rows(Practicum__ReportResponse *response, const struct report_result *result,
	struct prac_arena *arena)
{
	Practicum__ReportRow *rows = prac_arena_alloc(arena, result->n_rows * sizeof(*rows));

	response->n_rows = result->n_rows;
	response->rows = prac_arena_alloc(arena, result->n_rows * sizeof(Practicum__ReportRow *));
	for (size_t i = 0; i < result->n_rows; i++) {
		practicum__report_row__init(&rows[i]);
		rows[i].n_cells = result->n_columns;
		rows[i].cells =
			texts(result->cells + i * result->n_columns, result->n_columns, arena);
		response->rows[i] = &rows[i];
	}
}

static void reported(void *ctx, enum prac_status status, const struct report_result *result)
{
	struct rpc_call *call = ctx;
	const Practicum__ReportRequest *request = rpc_request(call);
	Practicum__ReportResponse response = PRACTICUM__REPORT_RESPONSE__INIT;

	if (status == PRAC_OUT_OF_RANGE) {
		rpc_failf(call, status, "AS_OF", "as_of: the server is not there yet");
		return;
	}
	if (status != PRAC_OK) {
		rpc_fail(call, PRAC_UNAVAILABLE);
		return;
	}
	response.n_columns = result->n_columns;
	response.columns = texts(result->columns, result->n_columns, rpc_arena(call));
	fill_rows(&response, result, rpc_arena(call));
	response.has_title = true;
	response.title = prac_binary_text(result->ask->report->title);
	response.has_definition = true;
	response.definition = prac_binary_text(result->ask->report->definition);
	response.has_as_of = true;
	response.as_of = result->as_of;
	response.has_as_of_ms = true;
	response.as_of_ms = result->as_of_ms;
	response.n_parameters = request->n_parameters;
	response.parameters = request->parameters;
	rpc_reply(call, &response.base);
}

/* The request's texts as C strings, NULL behind the last. */
static const char *const *parameters_of(
	const Practicum__ReportRequest *request, struct prac_arena *arena)
{
	const char **parameters =
		prac_arena_alloc(arena, (request->n_parameters + 1) * sizeof(char *));

	for (size_t i = 0; i < request->n_parameters; i++) {
		parameters[i] = prac_arena_text(arena, prac_binary_bytes(request->parameters[i]));
	}
	return parameters;
}

static void run_as_person(struct rpc_call *call)
{
	const Practicum__ReportRequest *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct prac_arena *arena = rpc_arena(call);
	struct report_ask *ask = prac_arena_alloc(arena, sizeof(*ask));
	struct report_request wanted = { .as_of = request->as_of };
	const char *problem = NULL;
	enum prac_status status;

	if (request->n_parameters > PARAMETERS_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "PARAMETER", "parameters: at most 20");
		return;
	}
	wanted.name = prac_arena_text(arena, prac_binary_bytes(request->name));
	wanted.parameters = parameters_of(request, arena);
	wanted.today = prac_zone_date(svc->zone, svc->env->wall_ms(svc->env->ctx));
	status = report_ask_read(&wanted, arena, ask, &problem);
	if (status != PRAC_OK) {
		rpc_failf(call, status, status == PRAC_NOT_FOUND ? "REPORT" : "PARAMETER", "%s",
			problem);
		return;
	}
	report_run(svc->pool, ask, arena, reported, call);
}

/* "hours by=school year=2027", as far as it fits. */
static const char *words_of(const Practicum__ReportRequest *request, struct prac_arena *arena)
{
	struct prac_buf text = { 0 };
	struct prac_bytes words;

	prac_buf_append(&text, request->name.data, request->name.len);
	for (size_t i = 0; i < request->n_parameters && i < PARAMETERS_MAX; i++) {
		prac_buf_append_byte(&text, ' ');
		prac_buf_append(&text, request->parameters[i].data, request->parameters[i].len);
	}
	words = prac_buf_bytes(&text);
	words.len = words.len < WORDS_MAX ? words.len : WORDS_MAX;
	words = prac_arena_copy(arena, words);
	prac_buf_deinit(&text);
	return prac_arena_text(arena, words);
}

static void run(struct rpc_call *call)
{
	const Practicum__ReportRequest *request = rpc_request(call);

	svc_as_person(call, &(struct svc_ask){ .method = PRACTICUM__METHOD_ID__REPORT_RUN,
				    .token = { request->session.data, request->session.len },
				    .kind = "report",
				    .what = words_of(request, rpc_arena(call)),
				    .go = run_as_person });
}

const struct rpc_method svc_report_methods[] = {
	{ PRACTICUM__METHOD_ID__REPORT_RUN, &practicum__report__descriptor, "Run", run,
		RPC_FOR_DISTRICT, 4096, 2, 0 },
};

const size_t svc_n_report_methods = PRAC_NELEM(svc_report_methods);
