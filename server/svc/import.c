/* The Import service: bulk imports of the district office, through staging. */
#include "common/base/failpoint.h"
#include "common/rules/rights.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"
#include "common/wire/zip.h"
#include "server/staging/staging.h"
#include "server/svc/people.h"

enum {
	FILES_MAX = 32,
	LABEL_MAX = 200
};

static void answered(void *ctx, enum prac_status status, Practicum__ImportState *state)
{
	struct rpc_call *call = ctx;

	PRAC_FAILPOINT("import_answer");
	if (status == PRAC_OK) {
		rpc_reply(call, &state->base);
	} else if (status == PRAC_NOT_FOUND) {
		rpc_failf(call, status, "IMPORT", "the server knows no such import");
	} else if (status == PRAC_PERMISSION_DENIED) {
		rpc_failf(call, status, "IMPORT", "another device or person began this import");
	} else if (status == PRAC_FAILED_PRECONDITION) {
		rpc_failf(call, status, "IMPORT",
			"only an import that is done, and was not taken back, can be taken back");
	} else {
		rpc_fail(call, PRAC_UNAVAILABLE);
	}
}

static void listed(void *ctx, enum prac_status status, Practicum__ImportList *list)
{
	struct rpc_call *call = ctx;

	if (status == PRAC_OK) {
		rpc_reply(call, &list->base);
	} else {
		rpc_fail(call, PRAC_UNAVAILABLE);
	}
}

static bool read_head(
	const Practicum__ImportHead *head, struct prac_arena *arena, struct staging_part *part)
{
	struct prac_bytes *files;

	if (head == NULL || head->n_files > FILES_MAX || head->label.len > LABEL_MAX) {
		return false;
	}
	files = prac_arena_alloc(arena, (head->n_files + 1) * sizeof(*files));
	for (size_t i = 0; i < head->n_files; i++) {
		files[i] = prac_binary_bytes(head->files[i]);
		if (files[i].len > LABEL_MAX) {
			return false;
		}
	}
	part->label = prac_binary_bytes(head->label);
	part->files = files;
	part->n_files = head->n_files;
	return true;
}

/* What came is what was sent, and holds as many rows as it says. */
static bool is_whole(const Practicum__ImportPart *request, struct prac_arena *arena)
{
	struct prac_bytes rows = prac_binary_bytes(request->rows), content;
	struct prac_digest digest = prac_sha256(rows);
	ProtobufCMessage *message;

	return prac_bytes_equal(prac_digest_bytes(&digest), prac_binary_bytes(request->sha256)) &&
	       prac_unzip(rows, arena, &content) == PRAC_OK &&
	       prac_unpack(&practicum__import_rows__descriptor, content, arena, &message) ==
		       PRAC_OK &&
	       ((const Practicum__ImportRows *)message)->n_rows == request->n_rows &&
	       request->n_rows > 0 && request->n_rows <= STAGING_ROWS_MAX;
}

/* Who asks; nil: the device does. */
typedef void (*go_fn)(struct rpc_call *call, struct prac_id person);

/* False after the call was failed. */
static bool may(struct rpc_call *call, enum prac_status status, const struct svc_session *session,
	Practicum__MethodId method)
{
	if (status != PRAC_OK) {
		svc_fail_session(call, status);
		return false;
	}
	if ((session->roles & prac_right_method((int)method)->roles) == 0) {
		rpc_failf(call, PRAC_PERMISSION_DENIED, "ROLE",
			"imports in bulk and taking them back are for: district_coordinator, "
			"cte_director, data_clerk");
		return false;
	}
	return true;
}

/* The person of the session, or the device where nobody has to sign in. */
static void ask_who(
	struct rpc_call *call, ProtobufCBinaryData session, svc_session_fn checked, go_fn go)
{
	if (svc_device_acts(rpc_services(call))) {
		go(call, (struct prac_id){ { 0 } });
	} else {
		svc_session_check(call, prac_binary_bytes(session), checked);
	}
}

static void take_part(struct rpc_call *call, struct prac_id person)
{
	const Practicum__ImportPart *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct prac_arena *arena = rpc_arena(call);
	struct staging_part part = { .device = rpc_call_peer(call)->device,
		.person = person,
		.part = request->part,
		.n_rows = request->n_rows,
		.is_last = request->last,
		.rows = prac_binary_bytes(request->rows) };

	PRAC_FAILPOINT("import_put");
	if (prac_id_from_bytes(prac_binary_bytes(request->import_id), &part.import) != PRAC_OK) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "IMPORT", "import_id: want 16 bytes");
	} else if (request->part >= STAGING_PARTS_MAX) {
		rpc_failf(call, PRAC_RESOURCE_EXHAUSTED, "PARTS", "part: at most 4096");
	} else if (request->part == 0 && !read_head(request->head, arena, &part)) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "HEAD",
			"head: want one in part 0, texts of at most 200 bytes, 32 files");
	} else if (!is_whole(request, arena)) {
		rpc_failf(call, PRAC_DATA_LOSS, "ROWS",
			"rows: damaged, or not the 1 to 2000 rows that n_rows says");
	} else {
		staging_put(svc->staging, &part, arena, answered, call);
	}
}

static void put_checked(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	if (may(call, status, session, PRACTICUM__METHOD_ID__IMPORT_PUT)) {
		take_part(call, session->user);
	}
}

static void put(struct rpc_call *call)
{
	const Practicum__ImportPart *request = rpc_request(call);

	ask_who(call, request->session, put_checked, take_part);
}

static void look(struct rpc_call *call)
{
	const Practicum__ImportAsk *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct staging_question question = { .after_row = request->after_row };

	if (prac_id_from_bytes(prac_binary_bytes(request->import_id), &question.import) !=
			PRAC_OK ||
		request->after_row > INT64_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "IMPORT", "import_id: want 16 bytes");
	} else {
		staging_look(svc->staging, &question, rpc_arena(call), answered, call);
	}
}

static void list(struct rpc_call *call)
{
	struct svc *svc = rpc_services(call);

	staging_list(svc->staging, rpc_arena(call), listed, call);
}

static void take_back(struct rpc_call *call, struct prac_id person)
{
	const Practicum__ImportAsk *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct staging_reversal reversal = { .device = rpc_call_peer(call)->device,
		.person = person };

	if (prac_id_from_bytes(prac_binary_bytes(request->import_id), &reversal.import) !=
			PRAC_OK ||
		prac_id_from_bytes(prac_binary_bytes(request->reversal), &reversal.reversal) !=
			PRAC_OK) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "IMPORT",
			"import_id, reversal: want 16 bytes each");
	} else {
		staging_reverse(svc->staging, &reversal, rpc_arena(call), answered, call);
	}
}

static void reverse_checked(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	if (may(call, status, session, PRACTICUM__METHOD_ID__IMPORT_REVERSE)) {
		take_back(call, session->user);
	}
}

static void reverse(struct rpc_call *call)
{
	const Practicum__ImportAsk *request = rpc_request(call);

	ask_who(call, request->session, reverse_checked, take_back);
}

const struct rpc_method svc_import_methods[] = {
	{ PRACTICUM__METHOD_ID__IMPORT_PUT, &practicum__import__descriptor, "Put", put,
		RPC_FOR_DISTRICT, 512 * 1024, 2, 0 },
	{ PRACTICUM__METHOD_ID__IMPORT_LOOK, &practicum__import__descriptor, "Look", look,
		RPC_FOR_DISTRICT, 4096, 2, 0 },
	{ PRACTICUM__METHOD_ID__IMPORT_LIST, &practicum__import__descriptor, "List", list,
		RPC_FOR_DISTRICT, 4096, 1, 0 },
	{ PRACTICUM__METHOD_ID__IMPORT_REVERSE, &practicum__import__descriptor, "Reverse", reverse,
		RPC_FOR_DISTRICT, 4096, 1, 0 },
};

const size_t svc_n_import_methods = PRAC_NELEM(svc_import_methods);
