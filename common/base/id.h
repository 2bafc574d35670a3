/*
 * Record and device ids: UUIDv7 (RFC 9562), made where the record is made. The time inside one is
 * never trusted or compared. Any UUID version is accepted on input. Ids are no secrets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/env.h"
#include "common/base/status.h"

enum {
	PRAC_ID_LEN = 16,
	PRAC_ID_TEXT = 37 /* 8-4-4-4-12 and the NUL */
};

struct prac_id {
	uint8_t b[PRAC_ID_LEN];
};

/* Later ids of one process sort after earlier ones, also when the clock stalls or steps back. */
struct prac_id prac_id_new(const struct prac_env *env);

/*
 * Forgets the ids made so far: a simulator lives through many histories in one process, and each
 * must give the ids of its seed.
 */
void prac_id_restart(void);

bool prac_id_equal(const struct prac_id *a, const struct prac_id *b);
int prac_id_compare(const struct prac_id *a, const struct prac_id *b);
int prac_id_order(const void *a, const void *b); /* the same for qsort() and bsearch() */
bool prac_id_is_nil(const struct prac_id *id);

/*
 * For hash tables keyed by struct prac_id *, of the types that GLib asks for. The hash is the last four
 * bytes, which are random in UUIDv7: what was made in one millisecond shares the first.
 */
unsigned int prac_id_hash(const void *id);
int prac_id_same(const void *a, const void *b);

void prac_id_format(const struct prac_id *id, char text_out[PRAC_ID_TEXT]);

/* Accepts 32 hex digits with or without the four dashes, either case. */
enum prac_status prac_id_parse(const char *text, struct prac_id *id_out) PRAC_MUST_USE;

/* PRAC_INVALID_ARGUMENT unless bytes are exactly 16. */
enum prac_status prac_id_from_bytes(struct prac_bytes bytes, struct prac_id *id_out) PRAC_MUST_USE;
struct prac_bytes prac_id_bytes(const struct prac_id *id); /* borrows id */
