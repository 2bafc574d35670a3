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
#include "sql/replica.h"

static const char folder_name[] = "files";

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

static enum prac_status write_file(
	struct replica *replica, const struct prac_digest *sha256, struct prac_bytes bytes)
{
	enum prac_status status = PRAC_INTERNAL;
	char folder[FOLDER_PATH], name[PRAC_DIGEST_TEXT];

	prac_digest_format(sha256, name);
	if (find_folder(replica, folder)) {
		status = folder_make(folder);
	}
	if (status == PRAC_OK) {
		status = folder_write(folder, name, bytes);
	}
	if (status == PRAC_RESOURCE_EXHAUSTED) {
		file_fail(replica, status, "the disk is full; free some space and attach again");
	} else if (status != PRAC_OK) {
		file_fail(replica, status,
			"the file cannot be stored beside the replica; look at the rights of its "
			"folder");
	}
	return status;
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

enum prac_status replica_file_read(struct replica *replica, const struct prac_digest *sha256,
	uint64_t at, size_t max, struct prac_buf *buf)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + PRAC_DIGEST_TEXT], name[PRAC_DIGEST_TEXT];
	ssize_t n;
	int fd = -1;

	prac_digest_format(sha256, name);
	if (find_folder(replica, folder)) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		return PRAC_NOT_FOUND;
	}
	do {
		n = pread(fd, prac_buf_reserve(buf, max), max, (off_t)at);
	} while (n < 0 && errno == EINTR);
	(void)close(fd); /* only read */
	prac_buf_commit(buf, n > 0 ? (size_t)n : 0);
	return n >= 0 ? PRAC_OK : PRAC_INTERNAL;
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
	char folder[FOLDER_PATH], name[PRAC_DIGEST_TEXT];
	bool has_folder = find_folder(replica, folder);
	struct prac_digest sha256;

	while (file_row(replica, list)) {
		struct prac_bytes bytes = column_bytes(list, 1);

		if ((!with_unsent && column_u64(list, 2) == 0) || !has_folder ||
			bytes.len != PRAC_SHA256_LEN || is_named(replica, bytes)) {
			continue;
		}
		memcpy(sha256.b, bytes.data, sizeof(sha256.b));
		prac_digest_format(&sha256, name);
		folder_remove(folder, name);
		drop = file_use(replica, &q_replica_file_drop);
		bind_u64(drop, 1, column_u64(list, 0));
		file_run(replica, drop);
	}
}
