/*
 * Sequences of frames against a whole session. Input: steps of one byte that says what happens, then
 * what that needs. After every step the output is whole frames and the limits hold.
 */
#include <assert.h>
#include <string.h>

#include "tests/support/rpc_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	STEP_FRAME, /* type, flags, method, stream, aux, length, payload */
	STEP_BYTES, /* length, bytes as they are */
	STEP_WAIT,  /* seconds */
	STEP_ANSWER,
	STEP_POKE,
	STEP_DRAIN,
	STEP_HELLO,
	STEP_NARROW, /* hundreds of bytes of a window, with HELLO */
	N_STEPS
};

struct input {
	const uint8_t *data;
	size_t len;
};

static uint8_t take(struct input *input)
{
	uint8_t byte = input->len > 0 ? *input->data : 0;

	if (input->len > 0) {
		input->data++;
		input->len--;
	}
	return byte;
}

static struct prac_bytes take_bytes(struct input *input)
{
	size_t len = take(input);
	struct prac_bytes bytes = { input->data, len < input->len ? len : input->len };

	input->data += bytes.len;
	input->len -= bytes.len;
	return bytes;
}

static void step(struct rpc_peer_world *world, struct input *input)
{
	struct prac_frame frame = { 0 };

	switch (take(input) % N_STEPS) {
	case STEP_FRAME:
		frame.type = take(input);
		frame.flags = take(input);
		frame.method = take(input);
		frame.stream = take(input);
		frame.aux = (uint32_t)take(input) << (take(input) % 25);
		frame.payload = take_bytes(input);
		rpc_peer_send(world, &frame);
		break;
	case STEP_BYTES:
		rpc_session_feed(world->session, take_bytes(input));
		break;
	case STEP_WAIT:
		rpc_peer_wait(world, take(input) * (uint64_t)1000);
		break;
	case STEP_ANSWER:
		if (world->held != NULL) {
			rpc_peer_answer(world);
		}
		break;
	case STEP_POKE:
		rpc_session_poke(world->session, take(input));
		break;
	case STEP_DRAIN:
		rpc_session_drain(world->session, PRAC_UNAVAILABLE, "DRAINING", take(input));
		break;
	case STEP_NARROW:
		world->stream_window = take(input) * 100U;
		rpc_peer_hello(world);
		break;
	case STEP_HELLO:
	default:
		rpc_peer_hello(world);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input input = { data, len };
	uint8_t kind = take(&input);
	struct rpc_peer_world *world = rpc_peer_new((enum rpc_peer_kind)(kind % 3));

	world->holds_stream = (kind & 4) != 0;
	world->holds_counters = (kind & 8) != 0;
	world->n_messages = kind >> 4;
	world->message_len = (size_t)kind * 100;
	while (input.len > 0) {
		step(world, &input);
		while (rpc_peer_next(world) != NULL) {
			/* what the server sends it could itself read: rpc_peer_next asserts it */
		}
		assert(!rpc_session_is_done(world->session) ||
			prac_buf_len(rpc_session_output(world->session)) == 0);
	}
	rpc_peer_free(world);
	return 0;
}
