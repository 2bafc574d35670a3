/*
 * The plan of a bulk import on this device's disk: the changes to make, numbered from 1, in parts as
 * they will be sent. It stays until the server has it, so that a cut connection, a crash or a day
 * without network costs nothing but time.
 */
#pragma once

#include "common/base/env.h"
#include "common/sync/mutation.h"

enum {
	BULK_PART_ROWS = 2000,
	BULK_PART_BYTES = 400 * 1024 /* before compression; a request has 512 KiB */
};

struct bulk_spool;

struct bulk_head {
	const char *label; /* what a list shows */
	const char *const *files;
	size_t n_files;
};

/* Where a row comes from, for whoever must mend it. */
struct bulk_source {
	uint32_t file; /* position in the head's files */
	uint32_t line; /* 0: not of one line */
};

struct bulk_spool *bulk_new(const char *home, const struct prac_env *env,
	const struct bulk_head *head) PRAC_RETURNS_NONNULL;

/* The next row; its counter is set. What it borrows may go afterwards. */
void bulk_add(
	struct bulk_spool *spool, struct prac_mutation *mutation, const struct bulk_source *source);

struct bulk_plan {
	struct prac_id import;
	uint64_t n_rows; /* 0: there is nothing to send, and nothing is kept */
};

/* Frees the spool. Not PRAC_OK: the disk did not take it; nothing is kept. */
enum prac_status bulk_end(struct bulk_spool *spool, struct bulk_plan *plan_out) PRAC_MUST_USE;

/* Forgets a plan. */
void bulk_drop(const char *home, const struct prac_id *import);

/* The part as it is to be sent, an encoded ImportPart. PRAC_NOT_FOUND: the plan has no such part. */
enum prac_status bulk_part(const char *home, const struct prac_id *import, uint32_t part,
	struct prac_buf *buf) PRAC_MUST_USE;
