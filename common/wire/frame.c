#include "common/wire/frame.h"

#include <assert.h>

enum stream_rule {
	STREAM_NONE, /* 0: the frame is about the connection */
	STREAM_SOME, /* a request's */
	STREAM_EITHER
};

static const struct {
	const char *name;
	enum stream_rule stream;
	bool has_method;
} shapes[PRAC_FRAME_TYPES] = {
	[PRAC_FRAME_HELLO] = { "HELLO", STREAM_NONE, false },
	[PRAC_FRAME_WELCOME] = { "WELCOME", STREAM_NONE, false },
	[PRAC_FRAME_REQUEST] = { "REQUEST", STREAM_SOME, true },
	[PRAC_FRAME_RESPONSE] = { "RESPONSE", STREAM_SOME, false },
	[PRAC_FRAME_DATA] = { "DATA", STREAM_SOME, false },
	[PRAC_FRAME_CREDIT] = { "CREDIT", STREAM_EITHER, false },
	[PRAC_FRAME_CANCEL] = { "CANCEL", STREAM_SOME, false },
	[PRAC_FRAME_PING] = { "PING", STREAM_NONE, false },
	[PRAC_FRAME_PONG] = { "PONG", STREAM_NONE, false },
	[PRAC_FRAME_POKE] = { "POKE", STREAM_NONE, false },
	[PRAC_FRAME_GOAWAY] = { "GOAWAY", STREAM_NONE, false },
};

enum {
	KNOWN_FLAGS = PRAC_FRAME_END | PRAC_FRAME_ZSTD | PRAC_FRAME_MORE | PRAC_FRAME_ERROR
};

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static bool is_known(uint8_t type)
{
	return type < PRAC_FRAME_TYPES && shapes[type].name != NULL;
}

bool prac_frame_is_skippable(const struct prac_frame *frame)
{
	return (frame->type & PRAC_FRAME_SKIPPABLE) != 0;
}

/* Returns the reason why the header cannot be, NULL if it can. */
static const char *fault_of(const struct prac_frame *frame)
{
	enum stream_rule rule;

	if (prac_frame_is_skippable(frame)) {
		return NULL; /* what its other fields mean is not known here */
	}
	if (!is_known(frame->type)) {
		return "FRAME_TYPE";
	}
	if ((frame->flags & ~KNOWN_FLAGS) != 0) {
		return "FRAME_FLAGS";
	}
	if (frame->method != 0 && !shapes[frame->type].has_method) {
		return "FRAME_METHOD";
	}
	rule = shapes[frame->type].stream;
	if (rule != STREAM_EITHER && (frame->stream != 0) != (rule == STREAM_SOME)) {
		return "FRAME_STREAM";
	}
	return NULL;
}

enum prac_status prac_frame_read(const struct prac_buf *in, size_t max_payload,
	struct prac_frame *frame_out, const char **reason_out)
{
	struct prac_bytes bytes = prac_buf_bytes(in);
	struct prac_frame frame;

	if (bytes.len < PRAC_FRAME_HEADER) {
		return PRAC_UNAVAILABLE;
	}
	frame = (struct prac_frame){
		.type = bytes.data[4],
		.flags = bytes.data[5],
		.method = get_u16(bytes.data + 6),
		.stream = get_u32(bytes.data + 8),
		.aux = get_u32(bytes.data + 12),
		.payload = { bytes.data + PRAC_FRAME_HEADER, get_u32(bytes.data) },
	};
	*reason_out = fault_of(&frame);
	if (*reason_out != NULL) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (frame.payload.len > max_payload) {
		*reason_out = "FRAME_TOO_LARGE";
		return PRAC_RESOURCE_EXHAUSTED;
	}
	if (bytes.len - PRAC_FRAME_HEADER < frame.payload.len) {
		return PRAC_UNAVAILABLE;
	}
	*frame_out = frame;
	return PRAC_OK;
}

void prac_frame_consume(struct prac_buf *in, const struct prac_frame *frame)
{
	prac_buf_consume(in, PRAC_FRAME_HEADER + frame->payload.len);
}

const char *prac_frame_name(uint8_t type)
{
	return is_known(type) ? shapes[type].name : "?";
}

/* Returns where the payload goes: len bytes, reserved but not yet committed. */
static uint8_t *write_header(struct prac_buf *out, const struct prac_frame *frame, size_t len)
{
	uint8_t *at = prac_buf_reserve(out, PRAC_FRAME_HEADER + len);

	assert(len <= PRAC_FRAME_LIMIT);
	put_u32(at, (uint32_t)len);
	at[4] = frame->type;
	at[5] = frame->flags;
	at[6] = (uint8_t)(frame->method >> 8);
	at[7] = (uint8_t)frame->method;
	put_u32(at + 8, frame->stream);
	put_u32(at + 12, frame->aux);
	prac_buf_commit(out, PRAC_FRAME_HEADER);
	return at + PRAC_FRAME_HEADER;
}

void prac_frame_write(struct prac_buf *out, const struct prac_frame *frame)
{
	(void)write_header(out, frame, frame->payload.len); /* append finds the room reserved */
	prac_buf_append(out, frame->payload.data, frame->payload.len);
}

void prac_frame_write_message(
	struct prac_buf *out, const struct prac_frame *frame, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	prac_buf_commit(out, protobuf_c_message_pack(message, write_header(out, frame, len)));
}
