#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "tests/sim/world.h"

/* What one end of a link heard. */
struct ear {
	struct prac_buf bytes;
	unsigned n_pieces, n_cuts;
};

static void received(void *ctx, struct prac_bytes bytes)
{
	struct ear *ear = ctx;

	prac_buf_append(&ear->bytes, bytes.data, bytes.len);
	ear->n_pieces++;
}

static void cut(void *ctx)
{
	((struct ear *)ctx)->n_cuts++;
}

static struct world_link *connect(
	struct world *world, const struct world_weather *weather, struct ear ears[2])
{
	const struct world_peer peers[2] = { { received, cut, &ears[0] },
		{ received, cut, &ears[1] } };

	return world_link_new(world, weather, peers);
}

static void note(void *ctx)
{
	(*(unsigned *)ctx)++;
}

static void the_same_seed_is_the_same_history(void **state)
{
	struct world *one = world_new(7);
	struct world *two = world_new(7);
	struct world *other = world_new(8);

	(void)state;
	assert_true(world_random(one) == world_random(two));
	assert_true(world_below(one, 1000) == world_below(two, 1000));
	assert_true(world_random(one) != world_random(other));
	world_free(one);
	world_free(two);
	world_free(other);
}

static void time_moves_to_the_next_event(void **state)
{
	struct world *world = world_new(1);
	unsigned n = 0;

	(void)state;
	world_post(world, 500, note, &n);
	world_post(world, 20, note, &n);
	assert_true(world_step(world));
	assert_int_equal(world_now_ms(world), 20);
	world_run(world, 100);
	assert_int_equal(n, 1);
	assert_int_equal(world_now_ms(world), 120);
	world_run(world, 400);
	assert_int_equal(n, 2);
	assert_false(world_step(world));
	world_free(world);
}

static void what_died_has_no_events(void **state)
{
	struct world *world = world_new(1);
	unsigned dead = 0;
	unsigned alive = 0;

	(void)state;
	world_post(world, 1, note, &dead);
	world_post(world, 2, note, &alive);
	world_forget(world, &dead);
	world_run(world, 10);
	assert_int_equal(dead, 0);
	assert_int_equal(alive, 1);
	world_free(world);
}

static void bytes_arrive_in_order_in_pieces(void **state)
{
	const struct world_weather weather = { 1, 9, 3, 0 };
	struct world *world = world_new(1);
	struct ear ears[2] = { 0 };
	struct world_link *link = connect(world, &weather, ears);

	(void)state;
	world_link_send(link, WORLD_CLIENT, prac_bytes_text("one two "));
	world_link_send(link, WORLD_CLIENT, prac_bytes_text("three"));
	world_link_send(link, WORLD_SERVER, prac_bytes_text("four"));
	world_run(world, 1000);
	assert_true(prac_bytes_equal(
		prac_buf_bytes(&ears[WORLD_SERVER].bytes), prac_bytes_text("one two three")));
	assert_true(prac_bytes_equal(
		prac_buf_bytes(&ears[WORLD_CLIENT].bytes), prac_bytes_text("four")));
	assert_true(ears[WORLD_SERVER].n_pieces >= 5);
	prac_buf_deinit(&ears[0].bytes);
	prac_buf_deinit(&ears[1].bytes);
	world_free(world);
}

static void a_cut_loses_what_is_under_way_and_is_heard_once(void **state)
{
	const struct world_weather weather = { 5, 5, 0, 0 };
	struct world *world = world_new(1);
	struct ear ears[2] = { 0 };
	struct world_link *link = connect(world, &weather, ears);

	(void)state;
	world_link_send(link, WORLD_CLIENT, prac_bytes_text("lost"));
	world_link_cut(link);
	world_link_cut(link);
	world_run(world, 100);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ears[i].n_pieces, 0);
		assert_int_equal(ears[i].n_cuts, 1);
	}
	world_free(world);
}

static void bad_weather_cuts_in_the_middle(void **state)
{
	const struct world_weather weather = { 1, 1, 0, 1000 };
	struct world *world = world_new(3);
	struct ear ears[2] = { 0 };

	(void)state;
	world_link_send(connect(world, &weather, ears), WORLD_CLIENT, prac_bytes_text("whole"));
	world_run(world, 100);
	assert_true(prac_buf_len(&ears[WORLD_SERVER].bytes) < 5);
	assert_int_equal(ears[WORLD_CLIENT].n_cuts, 1);
	assert_int_equal(ears[WORLD_SERVER].n_cuts, 1);
	prac_buf_deinit(&ears[WORLD_SERVER].bytes);
	world_free(world);
}

static void a_wrong_clock_is_wrong_by_its_skew(void **state)
{
	struct world *world = world_new(1);
	struct world_clock right = { world, 0 };
	struct world_clock wrong = { world, -5000 };
	struct prac_env a = world_env(&right);
	struct prac_env b = world_env(&wrong);

	(void)state;
	world_run(world, 10);
	assert_int_equal(a.monotonic_ms(a.ctx), 10);
	assert_int_equal(b.monotonic_ms(b.ctx), 10);
	assert_true(a.wall_ms(a.ctx) - b.wall_ms(b.ctx) == 5000);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_is_the_same_history),
		cmocka_unit_test(time_moves_to_the_next_event),
		cmocka_unit_test(what_died_has_no_events),
		cmocka_unit_test(bytes_arrive_in_order_in_pieces),
		cmocka_unit_test(a_cut_loses_what_is_under_way_and_is_heard_once),
		cmocka_unit_test(bad_weather_cuts_in_the_middle),
		cmocka_unit_test(a_wrong_clock_is_wrong_by_its_skew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
