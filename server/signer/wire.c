#include "server/signer/wire.h"

#include <string.h>

enum {
	HEAD_LEN = 12,
	LENGTH_LEN = 2
};

enum prac_status signer_message_write(
	const struct signer_message *message, uint8_t frame_out[SIGNER_FRAME])
{
	uint8_t *at = frame_out + HEAD_LEN;

	memset(frame_out, 0, SIGNER_FRAME);
	frame_out[0] = SIGNER_VERSION;
	frame_out[1] = message->kind;
	frame_out[2] = (uint8_t)message->n_parts;
	for (size_t i = 0; i < sizeof(message->call); i++) {
		frame_out[4 + i] = (uint8_t)(message->call >> (56 - 8 * i));
	}
	for (size_t i = 0; i < message->n_parts; i++) {
		struct prac_bytes part = message->parts[i];

		if (part.len > (size_t)(frame_out + SIGNER_FRAME - at) ||
			part.len + LENGTH_LEN > (size_t)(frame_out + SIGNER_FRAME - at)) {
			memset(frame_out, 0, SIGNER_FRAME);
			return PRAC_RESOURCE_EXHAUSTED;
		}
		at[0] = (uint8_t)(part.len >> 8);
		at[1] = (uint8_t)part.len;
		if (part.len > 0) {
			memcpy(at + LENGTH_LEN, part.data, part.len);
		}
		at += LENGTH_LEN + part.len;
	}
	return PRAC_OK;
}

/* What is behind the parts says nothing, so it must be nothing. */
static bool is_zero(const uint8_t *from, const uint8_t *end)
{
	while (from < end && *from == 0) {
		from++;
	}
	return from == end;
}

enum prac_status signer_message_read(
	const uint8_t frame[SIGNER_FRAME], struct signer_message *message_out)
{
	const uint8_t *at = frame + HEAD_LEN;
	const uint8_t *end = frame + SIGNER_FRAME;

	*message_out = (struct signer_message){ .kind = frame[1], .n_parts = frame[2] };
	if (frame[0] != SIGNER_VERSION || frame[2] > SIGNER_PARTS || frame[3] != 0) {
		return PRAC_INVALID_ARGUMENT;
	}
	for (size_t i = 0; i < sizeof(message_out->call); i++) {
		message_out->call = message_out->call << 8 | frame[4 + i];
	}
	for (size_t i = 0; i < message_out->n_parts; i++) {
		size_t len;

		if (end - at < LENGTH_LEN) {
			return PRAC_INVALID_ARGUMENT;
		}
		len = (size_t)at[0] << 8 | at[1];
		at += LENGTH_LEN;
		if (len > (size_t)(end - at)) {
			return PRAC_INVALID_ARGUMENT;
		}
		message_out->parts[i] = (struct prac_bytes){ at, len };
		at += len;
	}
	return is_zero(at, end) ? PRAC_OK : PRAC_INVALID_ARGUMENT;
}
