/*
 * Head of a chain of the audit: how many links there are and the hash of the last (PROTOCOL, Audit). As
 * a line of text: chain, number, hash, signature, when a station got it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/hash.h"

enum {
	PRAC_AUDIT_CHAIN = 16,     /* bytes of a name with its NUL */
	PRAC_AUDIT_SIGNATURE = 80, /* bytes; ECDSA over P-256 in DER has at most 72 */
	PRAC_AUDIT_LINE = 400      /* bytes of a line with line feed and NUL */
};

struct prac_audit_head {
	char chain[PRAC_AUDIT_CHAIN];
	int64_t number;
	struct prac_digest hash;
	uint8_t signature[PRAC_AUDIT_SIGNATURE];
	size_t signature_len;
	int64_t came_ms; /* since 1970-01-01 UTC, by the station's clock */
};

/* What is signed: "event 17 <hash in hex>". */
struct prac_bytes prac_audit_head_text(const char *chain, int64_t number,
	const struct prac_digest *hash, struct prac_arena *arena);

/* Whether one of the authorities (PEM) has signed it. */
bool prac_audit_head_is_signed(const struct prac_audit_head *head, struct prac_bytes authorities);

void prac_audit_head_format(const struct prac_audit_head *head, char line_out[PRAC_AUDIT_LINE]);

/* Takes the next head off the text; lines that are none are skipped. False: there is no further one. */
bool prac_audit_head_next(struct prac_bytes *text, struct prac_audit_head *head_out);
