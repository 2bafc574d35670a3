/*
 * The bytes of attachments on this device: each a file in the folder `files` beside the replica, named
 * by its SHA-256, sealed in chunks, written and synced before a record names it. What an earlier program
 * left in the clear is read as well, and sealed at the next greeting of the server. The table `file` says which of them
 * the server does not have yet. A file goes when no attachment here names it any more.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/buf.h"
#include "common/base/hash.h"

struct replica_file {
	int64_t id; /* in the order they were kept */
	struct prac_digest sha256;
	uint64_t size; /* bytes */
};

/*
 * Stores a file that is to be sent. Between replica_begin() and replica_commit(), with the save of the
 * attachment that names it. PRAC_RESOURCE_EXHAUSTED: disk full.
 */
enum prac_status replica_file_keep(struct replica *replica, struct prac_bytes bytes,
	struct prac_digest *sha256_out) PRAC_MUST_USE;

/* Stores a file that came from the server. PRAC_DATA_LOSS: it is not the one that sha256 names. */
enum prac_status replica_file_store(struct replica *replica, const struct prac_digest *sha256,
	struct prac_bytes bytes) PRAC_MUST_USE;

/* The oldest one to be sent with an id above after; PRAC_NOT_FOUND: none. */
enum prac_status replica_file_next(
	struct replica *replica, int64_t after, struct replica_file *file_out) PRAC_MUST_USE;
enum prac_status replica_file_sent(struct replica *replica, int64_t id) PRAC_MUST_USE;
enum prac_status replica_file_count_unsent(struct replica *replica, size_t *n_out) PRAC_MUST_USE;

/* Appends at most max bytes from position at on. PRAC_NOT_FOUND: the file is not here. */
enum prac_status replica_file_read(struct replica *replica, const struct prac_digest *sha256,
	uint64_t at, size_t max, struct prac_buf *buf) PRAC_MUST_USE;
