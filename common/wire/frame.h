/*
 * Frames on the byte stream inside TLS: a 16-byte big-endian header, then the payload (SYNC 4.15).
 *
 *    0  u32 length   payload bytes after the header
 *    4  u8  type     enum prac_frame_type
 *    5  u8  flags    PRAC_FRAME_END ...
 *    6  u16 method   of a REQUEST; otherwise 0
 *    8  u32 stream   request id: client odd, server even; 0 is the connection
 *   12  u32 aux      REQUEST: timeout ms; CREDIT: bytes granted; DATA: chunk number;
 *                    GOAWAY: retry-after ms
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum prac_frame_type {
	PRAC_FRAME_HELLO = 1,
	PRAC_FRAME_WELCOME = 2,
	PRAC_FRAME_REQUEST = 3,
	PRAC_FRAME_RESPONSE = 4,
	PRAC_FRAME_DATA = 5,
	PRAC_FRAME_CREDIT = 6,
	PRAC_FRAME_CANCEL = 7,
	PRAC_FRAME_PING = 8,
	PRAC_FRAME_PONG = 9,
	PRAC_FRAME_POKE = 10,
	PRAC_FRAME_GOAWAY = 11
};

enum {
	PRAC_FRAME_TYPES = 12, /* one more than the last type */

	PRAC_FRAME_END = 1,   /* the last frame of the stream in this direction */
	PRAC_FRAME_ZSTD = 2,  /* the payload is compressed (common/wire/zip.h) */
	PRAC_FRAME_MORE = 4,  /* the message goes on in the next frame of the stream */
	PRAC_FRAME_ERROR = 8, /* the payload is a Status message */

	PRAC_FRAME_HEADER = 16,
	PRAC_FRAME_DEFAULT_MAX = 256 * 1024, /* payload bytes before anything was negotiated */
	PRAC_FRAME_LIMIT = 1024 * 1024,      /* nobody may negotiate more */

	/* A type with this bit that is not known is to be ignored. */
	PRAC_FRAME_SKIPPABLE = 0x80
};

struct prac_frame {
	uint8_t type;
	uint8_t flags;
	uint16_t method;
	uint32_t stream;
	uint32_t aux;
	struct prac_bytes payload;
};

/*
 * Looks for one whole frame at the start of in, whose payload may have max_payload bytes.
 * OK: frame_out describes it; its payload points into in. Use it, then prac_frame_consume().
 * UNAVAILABLE: more bytes are needed.
 * Everything else closes the connection; reason_out is then the word to put into GOAWAY:
 * RESOURCE_EXHAUSTED FRAME_TOO_LARGE, INVALID_ARGUMENT FRAME_TYPE, FRAME_FLAGS, FRAME_METHOD or
 * FRAME_STREAM. Faults show as soon as the header is there, before any payload is waited for.
 * A frame of a type with PRAC_FRAME_SKIPPABLE is OK as well; readers that do not know it skip it.
 */
enum prac_status prac_frame_read(const struct prac_buf *in, size_t max_payload,
	struct prac_frame *frame_out, const char **reason_out) PRAC_MUST_USE;

/* Removes the frame that prac_frame_read() found. */
void prac_frame_consume(struct prac_buf *in, const struct prac_frame *frame);

bool prac_frame_is_skippable(const struct prac_frame *frame);

/* "HELLO"; "?" for types we do not know. For the log. */
const char *prac_frame_name(uint8_t type) PRAC_RETURNS_NONNULL;

/* Appends header and payload; the payload has at most PRAC_FRAME_LIMIT bytes. */
void prac_frame_write(struct prac_buf *out, const struct prac_frame *frame);

/* Appends a frame whose payload is the packed message; frame->payload is not looked at. */
void prac_frame_write_message(
	struct prac_buf *out, const struct prac_frame *frame, const ProtobufCMessage *message);
