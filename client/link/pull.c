/* From the server: pages of changes and the chunks of a first load. */
#include <string.h>

#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "common/base/hash.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"
#include "common/wire/zip.h"

static void start_load(struct session *session, const struct replica_load *load)
{
	Practicum__SnapshotRequest request = PRACTICUM__SNAPSHOT_REQUEST__INIT;
	struct call *call;

	request.has_scope = true;
	request.scope.data = (uint8_t *)load->scope.b;
	request.scope.len = PRAC_ID_LEN;
	request.has_snapshot = request.has_chunk = true;
	request.snapshot = load->snapshot;
	request.chunk = load->chunk;
	call = session_call(
		session, CALL_SNAPSHOT, PRACTICUM__METHOD_ID__SYNC_SNAPSHOT, &request.base);
	if (call != NULL) {
		call->scope = load->scope;
		session->chunk = request.chunk;
		session->n_chunks = 0;
	}
}

static void start_pull(struct session *session)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;
	struct replica_position position;
	struct prac_buf cursor = { 0 };
	enum prac_status status;

	status = replica_position(session->replica, &session->arena, &position);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	prac_cursor_encode(&position.cursor, &cursor);
	request.has_cursor = true;
	request.cursor.data = (uint8_t *)prac_buf_bytes(&cursor).data;
	request.cursor.len = prac_buf_len(&cursor);
	session->seq = position.cursor.seq;
	if (session_call(session, CALL_PULL, PRACTICUM__METHOD_ID__SYNC_PULL, &request.base) !=
		NULL) {
		session->wants_pull = false;
	}
	prac_buf_deinit(&cursor);
}

void pull_start(struct session *session)
{
	struct replica_load load;
	enum prac_status status;

	if (session->now_ms < session->pull_at_ms || session_count(session, CALL_PULL) > 0 ||
		session_count(session, CALL_SNAPSHOT) > 0) {
		return;
	}
	if (session->may_load) {
		status = replica_next_load(session->replica, &load);
		if (status == PRAC_OK) {
			start_load(session, &load);
			return;
		}
		if (status != PRAC_NOT_FOUND) {
			session_fail_replica(session, status);
			return;
		}
		session->may_load = false;
		session->wants_pull = true;
	}
	if (session->wants_pull) {
		start_pull(session);
	}
}

static bool read_id(const ProtobufCBinaryData *data, struct prac_id *id_out)
{
	return prac_id_from_bytes(prac_binary_bytes(*data), id_out) == PRAC_OK;
}

static bool read_row(const Practicum__Row *row, struct replica_row *out)
{
	*out = (struct replica_row){
		.type = row->record_type,
		.seq = row->seq,
		.gone = row->gone,
		.body = { row->body.data, row->body.len },
		.group_seq = row->group_seq,
		.n_group_seq = row->n_group_seq,
	};
	if (!read_id(&row->record_id, &out->id) || !read_id(&row->scope, &out->scope)) {
		return false;
	}
	out->owner = out->scope; /* what is gone says no owner */
	return out->type != 0 && (!row->has_owner || read_id(&row->owner, &out->owner));
}

static void page(struct session *session, const Practicum__PullPage *page)
{
	struct replica_row *rows =
		prac_arena_alloc(&session->arena, (page->n_rows + 1) * sizeof(*rows));
	struct replica_page out = { .rows = rows,
		.n_rows = page->n_rows,
		.last_counter = page->last_counter,
		.head = page->head };
	enum prac_status status;

	for (size_t i = 0; i < page->n_rows; i++) {
		if (!read_row(page->rows[i], &rows[i])) {
			session_fail(session, PRAC_INVALID_ARGUMENT, "a row is not readable");
			return;
		}
	}
	if (prac_cursor_decode(prac_binary_bytes(page->cursor), &out.cursor) != PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "a cursor is not readable");
		return;
	}
	status = replica_apply_page(session->replica, &out);
	if (status == PRAC_ABORTED) {
		/* Ask one by one what became of the input here, then begin a new incarnation. */
		push_probe(session, session->incarnation, page->last_counter);
		return;
	}
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->n_pull_refused = 0;
	session->seq = out.cursor.seq;
	session->head = page->head > session->head ? page->head : session->head;
	session->wants_pull =
		session->wants_pull || page->complete == 0 || session->head > session->seq;
}

void pull_answered(struct session *session, struct call *call, struct prac_bytes body)
{
	ProtobufCMessage *message;
	const Practicum__PullPage *answer;

	(void)call;
	if (prac_unpack(&practicum__pull_page__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	answer = (const Practicum__PullPage *)message;
	if (answer->n_grants > 0 && !PRAC_PLANTED(PRAC_PLANT_NO_GENERATION)) {
		session_grants(session, answer->grants, answer->n_grants, false);
		return;
	}
	page(session, answer);
}

static void reload(struct session *session, const Practicum__Status *why)
{
	enum prac_status status = replica_reload(session->replica);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	} else if (++session->n_reloads > 2) {
		session_fail(session, PRAC_INTERNAL, status_text(session, why));
	} else {
		session->may_load = true;
	}
}

static void pause_pull(struct session *session, const Practicum__Status *status)
{
	session->pull_at_ms = session_retry_at(session, status, ++session->n_pull_refused);
}

/* Worth asking again on this connection. */
static bool is_passing(const Practicum__Status *status)
{
	switch ((enum prac_status)status->code) {
	case PRAC_CANCELLED:
	case PRAC_UNKNOWN:
	case PRAC_DEADLINE_EXCEEDED:
	case PRAC_RESOURCE_EXHAUSTED:
	case PRAC_UNAVAILABLE:
	case PRAC_ABORTED:
		return true;
	case PRAC_OK:
	case PRAC_INVALID_ARGUMENT:
	case PRAC_NOT_FOUND:
	case PRAC_ALREADY_EXISTS:
	case PRAC_PERMISSION_DENIED:
	case PRAC_FAILED_PRECONDITION:
	case PRAC_OUT_OF_RANGE:
	case PRAC_UNIMPLEMENTED:
	case PRAC_INTERNAL:
	case PRAC_DATA_LOSS:
	case PRAC_UNAUTHENTICATED:
		break;
	}
	return false;
}

void pull_refused(struct session *session, const Practicum__Status *status)
{
	if (status_is(status, "RESYNC_REQUIRED") || status_is(status, "BAD_CURSOR") ||
		status->code == PRAC_OUT_OF_RANGE) {
		reload(session, status);
	} else if (status->code == PRAC_DATA_LOSS) {
		session_restart(session, "the server was restored; everything is loaded again");
	} else if (is_passing(status)) {
		session->wants_pull = true;
		pause_pull(session, status);
	} else {
		session_fail(session, (enum prac_status)status->code, status_text(session, status));
	}
}

/* ---- first load */

/* Walks SnapshotRows field by field: a chunk may hold more rows than one message may have fields. */
static bool next_row(struct prac_bytes *rest, struct prac_bytes *row_out)
{
	size_t len = 0, i = 1;

	if (rest->len < 2 || rest->data[0] != 0x0a) {
		return false;
	}
	for (unsigned shift = 0; shift < 28 && i < rest->len; shift += 7) {
		len |= (size_t)(rest->data[i] & 0x7f) << shift;
		if ((rest->data[i++] & 0x80) == 0) {
			break;
		}
	}
	if (len > rest->len - i) {
		return false;
	}
	*row_out = (struct prac_bytes){ rest->data + i, len };
	rest->data += i + len;
	rest->len -= i + len;
	return true;
}

/* NULL: not readable. */
static struct replica_row *read_rows(struct session *session, struct prac_bytes rest, size_t *n_out)
{
	struct prac_bytes one, walk = rest;
	struct replica_row *rows;
	ProtobufCMessage *message;
	size_t cap = 0, n = 0;

	while (next_row(&walk, &one)) {
		cap++;
	}
	rows = prac_arena_alloc(&session->arena, (cap + 1) * sizeof(*rows));
	while (n < cap && next_row(&rest, &one)) {
		if (prac_unpack(&practicum__row__descriptor, one, &session->arena, &message) !=
				PRAC_OK ||
			!read_row((const Practicum__Row *)message, &rows[n++])) {
			return NULL;
		}
	}
	*n_out = n;
	return rest.len == 0 ? rows : NULL;
}

static bool is_whole(const Practicum__SnapshotChunk *chunk)
{
	struct prac_digest digest = prac_sha256(prac_binary_bytes(chunk->rows));
	struct prac_digest said = { { 0 } };

	if (chunk->sha256.len != sizeof(said.b)) {
		return false;
	}
	memcpy(said.b, chunk->sha256.data, sizeof(said.b));
	return prac_digest_equal(&digest, &said);
}

static void bad_chunk(struct session *session)
{
	if (++session->n_bad_chunks > 3) {
		session_fail(session, PRAC_DATA_LOSS, "a piece of the first load arrives damaged");
	} else {
		session_restart(session, "a piece of the first load was damaged on the way");
	}
}

void load_chunk(struct session *session, struct call *call, struct prac_bytes body)
{
	struct replica_chunk out = { .load.scope = call->scope };
	const Practicum__SnapshotChunk *chunk;
	struct prac_bytes zipped, raw;
	ProtobufCMessage *message;
	enum prac_status status;

	if (prac_unpack(&practicum__snapshot_chunk__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	chunk = (const Practicum__SnapshotChunk *)message;
	zipped = prac_binary_bytes(chunk->rows);
	raw = (struct prac_bytes){ 0 };
	if (!is_whole(chunk) ||
		(zipped.len > 0 && prac_unzip(zipped, &session->arena, &raw) != PRAC_OK)) {
		bad_chunk(session);
		return;
	}
	out.load.snapshot = chunk->snapshot;
	out.load.chunk = chunk->chunk;
	out.n_chunks = chunk->n_chunks;
	out.seq = chunk->seq;
	out.rows = read_rows(session, raw, &out.n_rows);
	if (out.rows == NULL) {
		bad_chunk(session);
		return;
	}
	status = replica_apply_chunk(session->replica, &out);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->n_pull_refused = 0;
	PRAC_FAILPOINT("after_chunk_stored");
	session->chunk = chunk->chunk + 1;
	session->n_chunks = chunk->n_chunks;
}

void load_answered(struct session *session)
{
	session->may_load = true;
}

void load_refused(struct session *session, const Practicum__Status *status)
{
	session->may_load = true;
	if (status->code == PRAC_PERMISSION_DENIED) {
		session_restart(session, "the scope being loaded was taken away");
	} else if (is_passing(status)) {
		pause_pull(session, status);
	} else {
		session_fail(session, (enum prac_status)status->code, status_text(session, status));
	}
}
