/* What an import would do to records of one type, and which rows it cannot take: shown or as JSON. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/replica/imports.h"

struct import_diff;

/* what heads the counts, such as the type; both are copied. */
struct import_diff *import_diff_new(
	struct cmd_call *call, const char *what, const char *file) PRAC_RETURNS_NONNULL;
void import_diff_free(struct import_diff *diff);

/* before is NULL of a new record. */
void import_diff_change(struct import_diff *diff, const struct prac_record *before,
	const struct prac_record *after);
void import_diff_same(struct import_diff *diff);

/* A fault of a row that cannot be stored, beside its others; column may be empty. All texts are copied. */
void import_diff_refuse(
	struct import_diff *diff, size_t line, const char *column, const char *reason);

/* A new record that looks like one that is there; texts are copied. */
void import_diff_alike(struct import_diff *diff, size_t line, const char *text);

/* By which it can be taken back. */
void import_diff_kept(struct import_diff *diff, const struct replica_import *import);

/* One row more that has faults. */
void import_diff_refuse_row(struct import_diff *diff);
size_t import_diff_refused(const struct import_diff *diff);

/* Prints what was gathered: flaws to stderr, then changes (of a preview) and counts, or all as JSON. */
void import_diff_print(const struct import_diff *diff, bool is_preview, bool is_stored);
