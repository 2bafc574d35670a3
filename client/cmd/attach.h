/* Files that are attached to records, for the commands that do so. */
#pragma once

#include "client/cmd/cmd.h"
#include "common/base/buf.h"

/* The whole file, 1 byte to 10 MiB; false after cmd_fail(). The caller deinits buf in any case. */
bool attach_read(struct cmd_call *call, const char *path, struct prac_buf *buf);

struct attach_file {
	const char *path;
	struct prac_bytes content;
	char **words; /* FIELD=VALUE of the attachment; may be NULL */
};

/*
 * A new attachment of the target, with its bytes in the queue; in the transaction that the caller has
 * begun and ends with attach_commit(). NULL after cmd_fail(); else in the call's arena.
 */
const struct prac_record *attach_save(
	struct cmd_call *call, const struct prac_record *target, const struct attach_file *file);

/* Commits and tells whoever sends, or rolls back; the exit code. */
int attach_commit(struct cmd_call *call, bool is_done);
