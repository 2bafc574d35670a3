#include "client/replica/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/types.h"
#include "client/replica/file.h"
#include "client/replica/folder.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "sql/replica.h"

static const char folder_name[] = "files";

enum {
	CHUNK = 64 * 1024,
	CHUNK_SEALED = CHUNK + PRAC_SEAL_OVERHEAD,
	FILE_NAME = PRAC_DIGEST_TEXT + 8
};

/* The folder's path, with no slash at its end; false: the replica is no file. */
static bool find_folder(const struct replica *replica, char path_out[FOLDER_PATH])
{
	const char *path = sqlite3_db_filename(replica->db, "main");
	const char *slash = path == NULL ? NULL : strrchr(path, '/');
	int len = slash == NULL ? 0
				: snprintf(path_out, FOLDER_PATH, "%.*s/%s", (int)(slash - path),
					  path, folder_name);

	return len > 0 && len < FOLDER_PATH;
}

static void name_sealed(const struct prac_digest *sha256, char name_out[FILE_NAME])
{
	char digits[PRAC_DIGEST_TEXT];

	prac_digest_format(sha256, digits);
	(void)snprintf(name_out, FILE_NAME, "%s.sealed", digits);
}

static struct sealed_place place_of(const struct prac_digest *sha256, uint64_t chunk)
{
	struct sealed_place place = { .column = SEALED_FILE, .counter = chunk };

	memcpy(place.id.b, sha256->b, PRAC_ID_LEN);
	return place;
}

static void seal(struct replica *replica, const struct prac_digest *sha256, struct prac_bytes bytes,
	struct prac_buf *buf)
{
	for (uint64_t chunk = 0; bytes.len > 0; chunk++) {
		const struct sealed_place place = place_of(sha256, chunk);
		const struct prac_bytes one = { bytes.data, bytes.len < CHUNK ? bytes.len : CHUNK };
		const struct prac_bytes sealed =
			sealed_put(replica, &place, one, &replica->row_arena);

		prac_buf_append(buf, sealed.data, sealed.len);
		prac_arena_reset(&replica->row_arena);
		bytes.data += one.len;
		bytes.len -= one.len;
	}
}

static enum prac_status write_file(
	struct replica *replica, const struct prac_digest *sha256, struct prac_bytes bytes)
{
	enum prac_status status = PRAC_INTERNAL;
	char folder[FOLDER_PATH], name[FILE_NAME];
	struct prac_buf sealed = { 0 };

	name_sealed(sha256, name);
	if (find_folder(replica, folder)) {
		status = folder_make(folder);
	}
	seal(replica, sha256, bytes, &sealed);
	if (status == PRAC_OK && replica->failure == PRAC_OK) {
		status = folder_write(folder, name, prac_buf_bytes(&sealed));
	}
	prac_buf_deinit(&sealed);
	if (status == PRAC_RESOURCE_EXHAUSTED) {
		file_fail(replica, status, "the disk is full; free some space and attach again");
	} else if (status != PRAC_OK) {
		file_fail(replica, status,
			"the file cannot be stored beside the replica; look at the rights of its "
			"folder");
	}
	return replica->failure;
}

static enum prac_status add(struct replica *replica, const struct prac_digest *sha256,
	struct prac_bytes bytes, bool is_sent)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	if (write_file(replica, sha256, bytes) == PRAC_OK) {
		stmt = file_use(replica, &q_replica_file_put);
		bind_bytes(stmt, 1, prac_digest_bytes(sha256));
		bind_u64(stmt, 2, bytes.len);
		bind_u64(stmt, 3, is_sent ? 1 : 0);
		file_run(replica, stmt);
	}
	return file_end(replica);
}

enum prac_status replica_file_keep(
	struct replica *replica, struct prac_bytes bytes, struct prac_digest *sha256_out)
{
	*sha256_out = prac_sha256(bytes);
	return add(replica, sha256_out, bytes, false);
}

enum prac_status replica_file_store(
	struct replica *replica, const struct prac_digest *sha256, struct prac_bytes bytes)
{
	struct prac_digest found = prac_sha256(bytes);

	return prac_digest_equal(&found, sha256) ? add(replica, sha256, bytes, true)
						 : PRAC_DATA_LOSS;
}

enum prac_status replica_file_next(
	struct replica *replica, int64_t after, struct replica_file *file_out)
{
	sqlite3_stmt *stmt;
	bool found;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_file_next);
	bind_u64(stmt, 1, (uint64_t)after);
	found = file_row(replica, stmt);
	if (found) {
		struct prac_bytes sha256 = column_bytes(stmt, 1);

		file_out->id = sqlite3_column_int64(stmt, 0);
		memset(&file_out->sha256, 0, sizeof(file_out->sha256));
		if (sha256.len == PRAC_SHA256_LEN) {
			memcpy(file_out->sha256.b, sha256.data, PRAC_SHA256_LEN);
		}
		file_out->size = column_u64(stmt, 2);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	if (file_end(replica) != PRAC_OK) {
		return replica->failure;
	}
	return found ? PRAC_OK : PRAC_NOT_FOUND;
}

enum prac_status replica_file_sent(struct replica *replica, int64_t id)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_file_sent);
	bind_u64(stmt, 1, (uint64_t)id);
	file_run(replica, stmt);
	return file_end(replica);
}

enum prac_status replica_file_count_unsent(struct replica *replica, size_t *n_out)
{
	file_begin_read(replica);
	*n_out = (size_t)file_number(replica, file_use(replica, &q_replica_file_count));
	return file_end(replica);
}

/* -1: it is not there. */
static int open_file(const struct replica *replica, const char *name)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + FILE_NAME];

	if (!find_folder(replica, folder)) {
		return -1;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Appends what is there of len bytes. */
static bool read_at(int fd, uint64_t at, size_t len, struct prac_buf *buf)
{
	ssize_t n;

	do {
		n = pread(fd, prac_buf_reserve(buf, len), len, (off_t)at);
	} while (n < 0 && errno == EINTR);
	prac_buf_commit(buf, n > 0 ? (size_t)n : 0);
	return n >= 0;
}

/* A sealed file that is being read into a buffer. */
struct reading {
	struct replica *replica;
	const struct prac_digest *sha256;
	int fd;
	struct prac_buf *buf;
};

/* Appends at most max bytes from position at on, as far as one chunk has them; 0 at the end and after a
 * failure. */
static size_t read_chunk(const struct reading *reading, uint64_t at, size_t max)
{
	const struct sealed_place place = place_of(reading->sha256, at / CHUNK);
	const size_t from = (size_t)(at % CHUNK);
	struct prac_arena arena = { 0 };
	struct prac_buf sealed = { 0 };
	struct prac_bytes plain = { 0 };
	size_t n = 0;

	if (!read_at(reading->fd, place.counter * CHUNK_SEALED, CHUNK_SEALED, &sealed)) {
		file_fail(reading->replica, PRAC_INTERNAL,
			"a file of an attachment cannot be read; look at the system's log");
	} else if (prac_buf_len(&sealed) > 0) {
		plain = sealed_get(reading->replica, &place, prac_buf_bytes(&sealed), &arena);
	}
	if (plain.len > from) {
		n = plain.len - from < max ? plain.len - from : max;
		prac_buf_append(reading->buf, plain.data + from, n);
	}
	prac_buf_deinit(&sealed);
	prac_arena_deinit(&arena);
	return n;
}

static enum prac_status read_sealed(const struct reading *reading, uint64_t at, size_t max)
{
	size_t n = 1;

	file_begin_read(reading->replica);
	while (max > 0 && n > 0) {
		n = read_chunk(reading, at, max);
		at += n;
		max -= n;
	}
	return file_end(reading->replica);
}

enum prac_status replica_file_read(struct replica *replica, const struct prac_digest *sha256,
	uint64_t at, size_t max, struct prac_buf *buf)
{
	struct reading reading = { replica, sha256, -1, buf };
	enum prac_status status = PRAC_NOT_FOUND;
	char name[FILE_NAME];
	int fd;

	name_sealed(sha256, name);
	fd = open_file(replica, name);
	if (fd >= 0) {
		reading.fd = fd;
		status = read_sealed(&reading, at, max);
	} else {
		prac_digest_format(sha256, name);
		fd = open_file(replica, name);
		if (fd >= 0) {
			status = read_at(fd, at, max, buf) ? PRAC_OK : PRAC_INTERNAL;
		}
	}
	if (fd >= 0) {
		(void)close(fd); /* only read */
	}
	return status;
}

/* Of an earlier program, in the clear. */
static void seal_plain(struct replica *replica, const char *folder,
	const struct prac_digest *sha256, uint64_t size)
{
	struct prac_buf plain = { 0 };
	char name[FILE_NAME];
	int fd;

	prac_digest_format(sha256, name);
	fd = open_file(replica, name);
	if (fd < 0) {
		return;
	}
	if (read_at(fd, 0, size, &plain) && prac_buf_len(&plain) == size &&
		write_file(replica, sha256, prac_buf_bytes(&plain)) == PRAC_OK) {
		folder_erase(folder, name);
	}
	(void)close(fd); /* only read */
	prac_buf_deinit(&plain);
}

/* ---- what goes */

static bool name_it(void *ctx, const struct prac_record *attachment, bool pending)
{
	(void)pending;
	*(bool *)ctx =
		attachment->values[PRAC_ATTACHMENT_STATE].number == PRAC_ATTACHMENT_STATE_ATTACHED;
	return !*(bool *)ctx;
}

static bool is_named(struct replica *replica, struct prac_bytes sha256)
{
	const struct replica_filter filter = {
		.field = &prac_type_attachment.fields[PRAC_ATTACHMENT_SHA256],
		.value = { .has = true, .bytes = sha256 },
	};
	bool found = false;

	/* What cannot be read stays. */
	return replica_list(replica, &(struct replica_query){ &prac_type_attachment, &filter, 1 },
		       name_it, &found) != PRAC_OK ||
	       found;
}

void files_sweep(struct replica *replica, bool with_unsent)
{
	sqlite3_stmt *list = file_use(replica, &q_replica_file_list), *drop;
	char folder[FOLDER_PATH], name[FILE_NAME];
	bool has_folder = find_folder(replica, folder);
	struct prac_digest sha256;

	while (file_row(replica, list)) {
		struct prac_bytes bytes = column_bytes(list, 1);

		if (!has_folder || bytes.len != PRAC_SHA256_LEN) {
			continue;
		}
		memcpy(sha256.b, bytes.data, sizeof(sha256.b));
		if ((!with_unsent && column_u64(list, 2) == 0) || is_named(replica, bytes)) {
			seal_plain(replica, folder, &sha256, column_u64(list, 3));
			continue;
		}
		name_sealed(&sha256, name);
		folder_remove(folder, name);
		prac_digest_format(&sha256, name);
		folder_remove(folder, name);
		drop = file_use(replica, &q_replica_file_drop);
		bind_u64(drop, 1, column_u64(list, 0));
		file_run(replica, drop);
	}
}
