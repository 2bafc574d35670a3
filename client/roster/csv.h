/*
 * CSV line by line, as RFC 4180 and UTF-8 want it; a field never spans lines (RULES 1.1), so a
 * fault in one line says nothing about the next. The only owner of libcsv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/roster/package.h"
#include "common/base/bytes.h"

enum {
	ROSTER_LINE_MAX = 64 * 1024,
	ROSTER_CELLS_MAX = 256
};

enum roster_line_fault {
	ROSTER_LINE_OK,
	ROSTER_LINE_BLANK,
	ROSTER_LINE_QUOTES,   /* a quote in the middle of a field, or text behind the closing one */
	ROSTER_LINE_OPEN,     /* a quote not closed before the line ends */
	ROSTER_LINE_CR,       /* a carriage return without line feed */
	ROSTER_LINE_ENCODING, /* not UTF-8 in cell bad_cell */
	ROSTER_LINE_CONTROL,  /* a control character in cell bad_cell */
	ROSTER_LINE_LONG,     /* over ROSTER_LINE_MAX bytes or ROSTER_CELLS_MAX cells; skipped */
	ROSTER_LINE_UTF16,    /* the file is UTF-16; nothing follows */
	ROSTER_LINE_DAMAGED,  /* the zip is damaged; nothing follows */
	ROSTER_LINE_ENDLESS   /* the file is too large; nothing follows */
};

struct roster_line {
	uint32_t number; /* from 1 */
	enum roster_line_fault fault;
	uint32_t bad_cell;
	/* With ROSTER_LINE_OK: a NUL stands behind each cell. Valid until the next line. */
	const struct prac_bytes *cells;
	uint32_t n_cells;
};

struct roster_csv;

/* Borrows stream. */
struct roster_csv *roster_csv_new(struct roster_stream *stream) PRAC_RETURNS_NONNULL;
void roster_csv_free(struct roster_csv *csv); /* may be NULL */

/* False at the end. A byte-order mark is skipped. */
bool roster_csv_next(struct roster_csv *csv, struct roster_line *line_out);
