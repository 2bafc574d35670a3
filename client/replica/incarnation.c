/* Copied and restored replicas, restored servers: nothing a person entered is lost or doubled. */
#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "common/base/failpoint.h"
#include "common/base/hash.h"
#include "sql/replica.h"

/* Numbers of the old epoch say nothing about the new one's. */
static void forget_numbers(struct replica *replica)
{
	struct prac_buf sql = { 0 };

	for (size_t i = 0; i < replica->n_tables; i++) {
		prac_buf_clear(&sql);
		tables_forget_seq_sql(replica->tables[i].type, &sql);
		file_exec(replica, (const char *)prac_buf_bytes(&sql).data);
	}
	prac_buf_deinit(&sql);
}

enum prac_status replica_welcome(struct replica *replica, const struct replica_greeting *greeting)
{
	struct prac_cursor *cursor = &replica->meta.cursor;

	replica->server_ms = greeting->server_ms;
	replica->greeted_ms = replica->env->monotonic_ms(replica->env->ctx);
	file_begin(replica);
	if (cursor->epoch != greeting->epoch) {
		if (cursor->epoch != 0) {
			PRAC_SOMETIMES(LIFE_CHANGED);
			forget_numbers(replica);
			outbox_resend(replica, greeting);
			file_run(replica, file_use(replica, &q_replica_scope_reload));
			file_run(replica, file_use(replica, &q_replica_file_resend));
			file_run(replica, file_use(replica, &q_replica_attestation_resend));
			replica->meta.head = META_NO_PAGE;
		}
		cursor->epoch = greeting->epoch;
		meta_save_position(replica);
	}
	outbox_expire(replica);
	files_sweep(replica, false);
	return file_end(replica);
}

/* The same input under another key: encoded anew, since the counter is part of the bytes. */
static bool renumber(
	struct replica *replica, struct prac_bytes payload, uint64_t counter, struct prac_buf *buf)
{
	Practicum__Mutation *message = practicum__mutation__unpack(NULL, payload.len, payload.data);

	if (message == NULL) {
		file_fail(replica, PRAC_DATA_LOSS, "an input of the outbox cannot be read");
		return false;
	}
	message->counter = counter;
	message->has_counter = true;
	prac_buf_clear(buf);
	prac_buf_commit(
		buf, practicum__mutation__pack(message,
			     prac_buf_reserve(buf, practicum__mutation__get_packed_size(message))));
	practicum__mutation__free_unpacked(message, NULL);
	return true;
}

enum prac_status replica_gap(struct replica *replica, uint64_t incarnation, uint64_t counter,
	struct replica_gap *gap_out)
{
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_outbox_oldest);
	bind_u64(stmt, 1, incarnation);
	gap_out->oldest = (uint64_t)file_number(replica, stmt);
	stmt = file_use(replica, &q_replica_outbox_is_waiting);
	bind_u64(stmt, 1, incarnation);
	bind_u64(stmt, 2, counter);
	gap_out->has_counter = file_number(replica, stmt) != 0;
	return file_end(replica);
}

struct unjudged {
	int64_t row;
	struct sealed_place place;
	struct prac_bytes payload;
	struct unjudged *next;
};

static struct unjudged *gather(struct replica *replica, uint64_t incarnation, uint64_t from_counter)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_unjudged_after);
	struct unjudged *first = NULL, **last = &first;

	bind_u64(stmt, 1, incarnation);
	bind_u64(stmt, 2, from_counter);
	while (file_row(replica, stmt)) {
		struct unjudged *one = prac_arena_alloc(&replica->tx_arena, sizeof(*one));

		one->row = sqlite3_column_int64(stmt, 0);
		one->place = (struct sealed_place){ .column = SEALED_PAYLOAD,
			.type = (uint32_t)sqlite3_column_int64(stmt, 1),
			.id = column_id(stmt, 2) };
		one->payload = sealed_payload(replica, stmt, 1, &replica->tx_arena);
		*last = one;
		last = &one->next;
	}
	return first;
}

/* Where the input goes on; random when there is none that a copy could have, too. */
static uint64_t next_incarnation(
	const struct replica *replica, uint64_t former, const struct unjudged *first)
{
	uint8_t name[sizeof(former)];
	uint64_t next = 0;
	struct prac_digest digest;

	if (first == NULL) {
		return prac_env_random64(replica->env);
	}
	for (size_t i = 0; i < sizeof(name); i++) {
		name[i] = (uint8_t)(former >> (8 * i));
	}
	digest = prac_sha256_parts(
		(const struct prac_bytes[]){ { name, sizeof(name) }, first->payload }, 2);
	for (size_t i = 0; i < sizeof(next); i++) {
		next |= (uint64_t)digest.b[i] << (8 * i);
	}
	return next;
}

enum prac_status replica_reincarnate(
	struct replica *replica, uint64_t incarnation, uint64_t from_counter)
{
	struct prac_buf buf = { 0 };
	struct unjudged *one;
	uint64_t next, counter = 0;
	sqlite3_stmt *stmt;

	PRAC_SOMETIMES(REINCARNATED);
	file_begin(replica);
	one = gather(replica, incarnation, from_counter);
	next = next_incarnation(replica, incarnation, one);
	for (; one != NULL && renumber(replica, one->payload, counter + 1, &buf); one = one->next) {
		stmt = file_use(replica, &q_replica_outbox_move);
		(void)sqlite3_bind_int64(stmt, 1, one->row); /* step tells */
		bind_u64(stmt, 2, next);
		bind_u64(stmt, 3, ++counter);
		one->place.incarnation = next;
		one->place.counter = counter;
		bind_bytes(stmt, 4,
			sealed_put(replica, &one->place, prac_buf_bytes(&buf), &replica->tx_arena));
		file_run(replica, stmt);
	}
	if (incarnation == replica->meta.incarnation) {
		stmt = file_use(replica, &q_replica_meta_incarnation);
		bind_u64(stmt, 1, next);
		bind_u64(stmt, 2, counter + 1);
		file_run(replica, stmt);
	}
	prac_buf_deinit(&buf);
	return file_end(replica);
}

enum prac_status replica_enroll(struct replica *replica, const struct replica_identity *identity)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_meta_enroll);
	bind_id(stmt, 1, &identity->device);
	bind_id(stmt, 2, &identity->person);
	bind_u64(stmt, 3, identity->district ? 1 : 0);
	(void)sqlite3_bind_text(stmt, 4, identity->label, -1, SQLITE_STATIC);  /* step tells */
	(void)sqlite3_bind_text(stmt, 5, identity->server, -1, SQLITE_STATIC); /* step tells */
	file_run(replica, stmt);
	return file_end(replica);
}

static void copy_text(sqlite3_stmt *stmt, int i, char *out, size_t cap)
{
	struct prac_bytes text = column_bytes(stmt, i);
	size_t len = text.len < cap ? text.len : cap - 1;

	memset(out, 0, cap);
	if (len > 0) {
		memcpy(out, text.data, len);
	}
}

enum prac_status replica_identity(struct replica *replica, struct replica_identity *identity_out)
{
	sqlite3_stmt *stmt;
	bool found;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_meta_identity);
	found = file_row(replica, stmt);
	if (found) {
		identity_out->device = column_id(stmt, 0);
		identity_out->person = column_id(stmt, 1);
		identity_out->district = sqlite3_column_int(stmt, 2) != 0;
		copy_text(stmt, 3, identity_out->label, sizeof(identity_out->label));
		copy_text(stmt, 4, identity_out->server, sizeof(identity_out->server));
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	if (file_end(replica) != PRAC_OK) {
		return replica->failure;
	}
	return found ? PRAC_OK : PRAC_NOT_FOUND;
}
