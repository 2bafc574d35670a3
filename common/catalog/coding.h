/* The little of the protobuf wire format that records use: tags, varints, runs of bytes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum prac_coding_type {
	PRAC_CODING_VARINT = 0,
	PRAC_CODING_FIXED64 = 1,
	PRAC_CODING_BYTES = 2,
	PRAC_CODING_FIXED32 = 5
};

/* One field as it stands in a message. Borrows the message. */
struct prac_coded {
	uint32_t number;
	enum prac_coding_type type;
	uint64_t varint;
	struct prac_bytes bytes; /* content of BYTES and of the fixed types */
	struct prac_bytes whole; /* from the tag to the end */
	bool minimal;            /* tag, varint and length take no byte too many */
};

/*
 * Takes the next field off *rest, which must not be empty. PRAC_INVALID_ARGUMENT: cut off, a
 * group, an unknown wire type, or a field number out of range.
 */
enum prac_status prac_coding_next(
	struct prac_bytes *rest, struct prac_coded *field_out) PRAC_MUST_USE;

void prac_coding_put_varint(struct prac_buf *buf, uint64_t value);
void prac_coding_put_tag(struct prac_buf *buf, uint32_t number, enum prac_coding_type type);
void prac_coding_put_bytes(struct prac_buf *buf, uint32_t number, struct prac_bytes bytes);

/* Appends the field in its shortest form. */
void prac_coding_put(struct prac_buf *buf, const struct prac_coded *field);
