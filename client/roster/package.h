/* The files of a package, from a folder, a zip or memory; the only owner of libzip. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "client/roster/flaw.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

#define ROSTER_FILE_MAX (UINT64_C(2) << 30) /* five times the largest known */

struct roster_package;
struct roster_stream;

/* NULL when nothing can be read there; a flaw says why. Borrows flaws. */
struct roster_package *roster_package_open(const char *path, struct roster_flaws *flaws);

/* Borrows parts, see roster_read_parts(). */
struct roster_package *roster_package_parts(
	struct prac_bytes parts, struct roster_flaws *flaws) PRAC_RETURNS_NONNULL;

/* Every file of it, in the order of the package. */
uint32_t roster_package_n(const struct roster_package *package);
const char *roster_package_name(const struct roster_package *package, uint32_t i);

void roster_package_free(struct roster_package *package); /* may be NULL */

/*
 * The file of that name for reading, NULL when there is none. A name in other letters is found too
 * and is a flaw, once.
 */
struct roster_stream *roster_stream_open(struct roster_package *package, const char *name);

/*
 * At most cap bytes; *len_out 0 is the end. PRAC_DATA_LOSS: the zip is damaged.
 * PRAC_RESOURCE_EXHAUSTED: the file has more than ROSTER_FILE_MAX bytes, unpacked.
 */
enum prac_status roster_stream_read(
	struct roster_stream *stream, void *out, size_t cap, size_t *len_out) PRAC_MUST_USE;

void roster_stream_close(struct roster_stream *stream); /* may be NULL */
