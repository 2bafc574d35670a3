/* What every frame type does in every state: the expectation is written out, nothing is derived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/rpc_peer.h"

enum state {
	HELLO,
	GREETING,
	NEWCOMER,
	OPEN,
	DRAINING,
	CLOSED,
	N_STATES
};

enum reaction {
	BREAKS, /* GOAWAY INVALID_ARGUMENT and the end */
	GREETS, /* WELCOME follows */
	ANSWERS,
	PONGS,
	SILENT, /* taken, nothing comes back */
	LEAVES  /* done without a word */
};

static const char *const state_names[] = { "hello", "greeting", "newcomer", "open", "draining",
	"closed" };

/* By type: 0 and 12 are unknown ones. */
static const enum reaction expected[N_STATES][13] = {
	[HELLO] = { [PRAC_FRAME_HELLO] = GREETS, [PRAC_FRAME_GOAWAY] = LEAVES },
	[GREETING] = { [PRAC_FRAME_PING] = PONGS,
		[PRAC_FRAME_PONG] = SILENT,
		[PRAC_FRAME_GOAWAY] = LEAVES },
	[NEWCOMER] = { [PRAC_FRAME_REQUEST] = ANSWERS, [PRAC_FRAME_GOAWAY] = LEAVES },
	[OPEN] = { [PRAC_FRAME_REQUEST] = ANSWERS,
		[PRAC_FRAME_CREDIT] = SILENT,
		[PRAC_FRAME_CANCEL] = SILENT,
		[PRAC_FRAME_PING] = PONGS,
		[PRAC_FRAME_PONG] = SILENT,
		[PRAC_FRAME_GOAWAY] = LEAVES },
	[DRAINING] = { [PRAC_FRAME_REQUEST] = ANSWERS,
		[PRAC_FRAME_CREDIT] = SILENT,
		[PRAC_FRAME_CANCEL] = SILENT,
		[PRAC_FRAME_PING] = PONGS,
		[PRAC_FRAME_PONG] = SILENT,
		[PRAC_FRAME_GOAWAY] = SILENT },
	[CLOSED] = { [0] = SILENT,
		[1] = SILENT,
		[2] = SILENT,
		[3] = SILENT,
		[4] = SILENT,
		[5] = SILENT,
		[6] = SILENT,
		[7] = SILENT,
		[8] = SILENT,
		[9] = SILENT,
		[10] = SILENT,
		[11] = SILENT,
		[12] = SILENT },
};

static void drop_output(struct rpc_peer_world *world)
{
	while (rpc_peer_next(world) != NULL) {
	}
}

static struct rpc_peer_world *world_in(enum state state)
{
	struct rpc_peer_world *world =
		rpc_peer_new(state == NEWCOMER ? RPC_PEER_NEWCOMER : RPC_PEER_SCHOOL);

	world->holds_counters = state == GREETING;
	if (state != HELLO && state != NEWCOMER) {
		rpc_peer_hello(world);
	}
	if (state == OPEN || state == DRAINING) {
		/* One pull is over, so that CREDIT and CANCEL have something to name. */
		rpc_peer_request(world, 2, 1);
	}
	if (state == DRAINING) {
		rpc_peer_request(world, 1, 3); /* held, keeps the session from being done */
		rpc_session_drain(world->session, PRAC_UNAVAILABLE, "DRAINING", 500);
	}
	if (state == CLOSED) {
		rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_POKE });
	}
	drop_output(world);
	return world;
}

static struct prac_frame frame_of(uint8_t type, enum state state)
{
	struct prac_frame frame = { .type = type };

	if (type == PRAC_FRAME_REQUEST) {
		frame.method = state == NEWCOMER ? 5 : 2;
		frame.stream = 9;
	} else if (type == PRAC_FRAME_RESPONSE || type == PRAC_FRAME_DATA ||
		   type == PRAC_FRAME_CANCEL) {
		frame.stream = 1;
	} else if (type == PRAC_FRAME_CREDIT) {
		frame.aux = 1;
	}
	return frame;
}

static enum reaction reaction_of(struct rpc_peer_world *world)
{
	const struct prac_frame *frame;

	if (world->counters_done != NULL && !world->holds_counters) {
		rpc_peer_answer_counters(world, PRAC_OK, 0);
	}
	frame = rpc_peer_next(world);
	if (frame == NULL) {
		return rpc_session_is_done(world->session) ? LEAVES : SILENT;
	}
	switch ((enum prac_frame_type)frame->type) {
	case PRAC_FRAME_WELCOME:
		return GREETS;
	case PRAC_FRAME_RESPONSE:
		return ANSWERS;
	case PRAC_FRAME_PONG:
		return PONGS;
	case PRAC_FRAME_GOAWAY:
		assert_true(rpc_session_is_done(world->session));
		assert_false(rpc_session_wants_input(world->session));
		return BREAKS;
	case PRAC_FRAME_HELLO:
	case PRAC_FRAME_REQUEST:
	case PRAC_FRAME_DATA:
	case PRAC_FRAME_CREDIT:
	case PRAC_FRAME_CANCEL:
	case PRAC_FRAME_PING:
	case PRAC_FRAME_POKE:
	default:
		fail_msg("the server sent type %d", frame->type);
		return BREAKS;
	}
}

static void send(struct rpc_peer_world *world, uint8_t type, enum state state)
{
	struct prac_frame frame = frame_of(type, state);

	if (type == PRAC_FRAME_HELLO) {
		rpc_peer_hello(world);
	} else {
		rpc_peer_send(world, &frame);
	}
}

static void check(enum state s, uint8_t type)
{
	struct rpc_peer_world *world = world_in(s);
	enum reaction seen;

	send(world, type, s);
	seen = reaction_of(world);
	if (s == CLOSED && seen == LEAVES) {
		seen = SILENT; /* it was done before */
	}
	if (seen != expected[s][type]) {
		fail_msg("%s, type %d: reaction %d, expected %d", state_names[s], type, seen,
			expected[s][type]);
	}
	rpc_peer_free(world);
}

static void every_frame_type_in_every_state_does_what_the_table_says(void **state)
{
	(void)state;
	for (enum state s = HELLO; s < N_STATES; s++) {
		for (uint8_t type = 0; type < 13; type++) {
			check(s, type);
		}
	}
}

static void an_unknown_type_is_skipped_when_its_highest_bit_is_set(void **state)
{
	(void)state;
	for (enum state s = HELLO; s < CLOSED; s++) {
		struct rpc_peer_world *world = world_in(s);
		struct prac_frame frame = { .type = 0x91,
			.flags = 0xff,
			.stream = 44,
			.payload = { (const uint8_t *)"new", 3 } };

		rpc_peer_send(world, &frame);
		assert_int_equal(reaction_of(world), SILENT);
		rpc_peer_free(world);
	}
}

static void a_payload_where_none_belongs_breaks_the_connection(void **state)
{
	static const uint8_t types[] = { PRAC_FRAME_CREDIT, PRAC_FRAME_CANCEL, PRAC_FRAME_PING,
		PRAC_FRAME_PONG };

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		struct rpc_peer_world *world = world_in(OPEN);
		struct prac_frame frame = frame_of(types[i], OPEN);

		frame.payload = (struct prac_bytes){ (const uint8_t *)"x", 1 };
		rpc_peer_send(world, &frame);
		assert_int_equal(reaction_of(world), BREAKS);
		rpc_peer_free(world);
	}
}

static void a_flag_without_meaning_for_the_type_breaks_the_connection(void **state)
{
	(void)state;
	for (uint8_t type = 6; type <= 9; type++) {
		struct rpc_peer_world *world = world_in(OPEN);
		struct prac_frame frame = frame_of(type, OPEN);

		frame.flags = PRAC_FRAME_MORE;
		rpc_peer_send(world, &frame);
		assert_int_equal(reaction_of(world), BREAKS);
		rpc_peer_free(world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_type_in_every_state_does_what_the_table_says),
		cmocka_unit_test(an_unknown_type_is_skipped_when_its_highest_bit_is_set),
		cmocka_unit_test(a_payload_where_none_belongs_breaks_the_connection),
		cmocka_unit_test(a_flag_without_meaning_for_the_type_breaks_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
