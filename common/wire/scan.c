#include "common/wire/scan.h"

#include <stdbool.h>

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_LEN = 2,
	WIRE_32 = 5
};

enum {
	VARINT_MAX = 10,
	FIELD_NUMBER_MAX = (1 << 29) - 1
};

struct scan {
	const uint8_t *at;
	const uint8_t *end; /* of the message that is read now */
	unsigned depth;
	unsigned n_fields;
};

/* The shortest form only: a peer that pads its numbers does so to hide or to cost us. */
static bool take_varint(struct scan *scan, uint64_t *value_out)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_MAX && scan->at < scan->end; i++) {
		uint8_t byte = *scan->at++;

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*value_out = value;
			return (i == 0 || byte != 0) && (i < VARINT_MAX - 1 || byte == 1);
		}
	}
	return false;
}

static bool skip(struct scan *scan, uint64_t len)
{
	if (len > (uint64_t)(scan->end - scan->at)) {
		return false;
	}
	scan->at += len;
	return true;
}

static enum wire_type wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return WIRE_32;
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return WIRE_64;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return WIRE_LEN;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		return WIRE_VARINT;
	}
	return WIRE_LEN;
}

static bool count_fields(struct scan *scan, size_t n)
{
	if (n > PRAC_SCAN_FIELDS - scan->n_fields) {
		return false;
	}
	scan->n_fields += (unsigned)n;
	return true;
}

/* A repeated number in its packed form: every element counts, and the last one ends at the end. */
static enum prac_status scan_packed(struct scan *scan, enum wire_type element, size_t len)
{
	const size_t size = element == WIRE_32 ? 4 : 8;
	struct scan inside = { scan->at, scan->at + len, 0, 0 };
	size_t n = 0;
	uint64_t value;

	if (element != WIRE_VARINT) {
		if (len % size != 0) {
			return PRAC_INVALID_ARGUMENT;
		}
		n = len / size;
	}
	while (element == WIRE_VARINT && inside.at < inside.end) {
		if (!take_varint(&inside, &value)) {
			return PRAC_INVALID_ARGUMENT;
		}
		n++;
	}
	scan->at += len;
	return count_fields(scan, n) ? PRAC_OK : PRAC_RESOURCE_EXHAUSTED;
}

static enum prac_status scan_message(
	struct scan *scan, const ProtobufCMessageDescriptor *descriptor);

static enum prac_status scan_inside(
	struct scan *scan, const ProtobufCMessageDescriptor *descriptor, size_t len)
{
	const uint8_t *end = scan->end;
	enum prac_status status;

	if (scan->depth == PRAC_SCAN_DEPTH) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	scan->depth++;
	scan->end = scan->at + len;
	status = scan_message(scan, descriptor);
	scan->end = end;
	scan->depth--;
	return status;
}

/* The len bytes of a length-delimited field are there; field is NULL when it is not known. */
static enum prac_status scan_delimited(
	struct scan *scan, const ProtobufCFieldDescriptor *field, size_t len)
{
	struct prac_bytes text = { scan->at, len };

	if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE) {
		return scan_inside(scan, field->descriptor, len);
	}
	if (field != NULL && wire_type_of(field->type) != WIRE_LEN) {
		return scan_packed(scan, wire_type_of(field->type), len);
	}
	if (field != NULL && field->type == PROTOBUF_C_TYPE_STRING && !prac_utf8_ok(text)) {
		return PRAC_INVALID_ARGUMENT;
	}
	scan->at += len;
	return PRAC_OK;
}

/* Numbers in the other form than declared are fine if the field is repeated: packed or not. */
static bool wire_type_fits(const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
	return field == NULL || wire_type == wire_type_of(field->type) ||
	       (wire_type == WIRE_LEN && field->label == PROTOBUF_C_LABEL_REPEATED);
}

static enum prac_status scan_value(
	struct scan *scan, const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
	bool ok = false;
	uint64_t len;

	if (!wire_type_fits(field, wire_type)) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (wire_type == WIRE_LEN) {
		if (!take_varint(scan, &len) || len > (uint64_t)(scan->end - scan->at)) {
			return PRAC_INVALID_ARGUMENT;
		}
		return scan_delimited(scan, field, (size_t)len);
	}
	if (wire_type == WIRE_VARINT) {
		ok = take_varint(scan, &len);
	} else if (wire_type == WIRE_32 || wire_type == WIRE_64) {
		ok = skip(scan, wire_type == WIRE_32 ? 4 : 8);
	}
	return ok ? PRAC_OK : PRAC_INVALID_ARGUMENT;
}

static enum prac_status scan_message(
	struct scan *scan, const ProtobufCMessageDescriptor *descriptor)
{
	enum prac_status status = PRAC_OK;

	while (status == PRAC_OK && scan->at < scan->end) {
		const ProtobufCFieldDescriptor *field;
		uint64_t tag;

		if (!take_varint(scan, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX) {
			return PRAC_INVALID_ARGUMENT;
		}
		if (!count_fields(scan, 1)) {
			return PRAC_RESOURCE_EXHAUSTED;
		}
		field = protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(tag >> 3));
		status = scan_value(scan, field, (unsigned)(tag & 7));
	}
	return status;
}

enum prac_status prac_scan(const ProtobufCMessageDescriptor *descriptor, struct prac_bytes message)
{
	struct scan scan = { message.data, message.data, 0, 0 };

	return message.len == 0 ? PRAC_OK : scan_inside(&scan, descriptor, message.len);
}

static void *take_memory(void *arena, size_t size)
{
	return prac_arena_try(arena, size);
}

static void keep_memory(void *arena, void *piece)
{
	(void)arena;
	(void)piece;
}

enum prac_status prac_unpack(const ProtobufCMessageDescriptor *descriptor, struct prac_bytes bytes,
	struct prac_arena *arena, ProtobufCMessage **message_out)
{
	ProtobufCAllocator allocator = { take_memory, keep_memory, arena };
	enum prac_status status = prac_scan(descriptor, bytes);
	size_t budget = arena->budget;

	if (status != PRAC_OK) {
		return status;
	}
	arena->budget = arena->used + PRAC_UNPACK_FACTOR * bytes.len + PRAC_UNPACK_FLOOR;
	*message_out = protobuf_c_message_unpack(descriptor, &allocator, bytes.len, bytes.data);
	arena->budget = budget;
	/* The scan left protobuf-c little else to fail by than memory. */
	return *message_out == NULL ? PRAC_RESOURCE_EXHAUSTED : PRAC_OK;
}
