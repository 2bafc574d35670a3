/*
 * Protobuf messages from outside: looked over on the wire first, then unpacked into an arena with a
 * budget. protobuf-c alone has no depth limit and turns a small message into one 84 times its size
 * (RELIABILITY 0.3, SYNC 4.9).
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_SCAN_DEPTH = 8,      /* messages inside each other, the outermost counted */
	PRAC_SCAN_FIELDS = 20000, /* fields and packed elements of a message and all inside it */
	PRAC_UNPACK_FACTOR = 16,
	PRAC_UNPACK_FLOOR = 64 * 1024 /* bytes of arena: factor times the payload, plus this */
};

/*
 * Whether the message is whole: every length within its parent, tags and lengths in their shortest
 * form, known fields of the wire type their descriptor says, no groups, text fields valid. What is
 * inside an unknown field is not looked at.
 * INVALID_ARGUMENT if not; RESOURCE_EXHAUSTED if it is too deep or has too many fields.
 */
enum prac_status prac_scan(
	const ProtobufCMessageDescriptor *descriptor, struct prac_bytes message) PRAC_MUST_USE;

/*
 * Scans, then unpacks into the arena; the message lives as long as the arena's content and is not
 * freed singly. Statuses as prac_scan(), and RESOURCE_EXHAUSTED when the unpacked form outgrows
 * PRAC_UNPACK_FACTOR * len + PRAC_UNPACK_FLOOR. The arena's own budget does not count here.
 */
enum prac_status prac_unpack(const ProtobufCMessageDescriptor *descriptor, struct prac_bytes bytes,
	struct prac_arena *arena, ProtobufCMessage **message_out) PRAC_MUST_USE;
