#include "common/base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct prac_arena arena = { 0 };
	unsigned char *a = prac_arena_alloc(&arena, 3);
	unsigned char *b = prac_arena_alloc(&arena, 5000);
	unsigned char *c = prac_arena_alloc(&arena, 100000);

	(void)state;
	assert_int_equal((uintptr_t)a % alignof(max_align_t), 0);
	assert_int_equal((uintptr_t)b % alignof(max_align_t), 0);
	assert_int_equal((uintptr_t)c % alignof(max_align_t), 0);
	assert_int_equal(b[0] | b[4999] | c[0] | c[99999], 0);
	memset(a, 0xaa, 3);
	memset(b, 0xbb, 5000);
	memset(c, 0xcc, 100000);
	assert_int_equal(a[2], 0xaa);
	assert_int_equal(b[4999], 0xbb);
	prac_arena_deinit(&arena);
}

static void room_is_counted_and_apart_as_all_pieces_are(void **state)
{
	struct prac_arena arena = { 0 };
	uint8_t *first = prac_arena_room(&arena, 20), *second = prac_arena_alloc(&arena, 16);

	(void)state;
	assert_int_equal(arena.used, 48);
	memset(first, 0xff, 20);
	assert_int_equal(second[0], 0);
	assert_int_equal((uintptr_t)second % 16, 0);
	prac_arena_deinit(&arena);
}

static void memory_is_zeroed_again_after_a_reset(void **state)
{
	struct prac_arena arena = { 0 };
	unsigned char *before = prac_arena_alloc(&arena, 64);
	unsigned char *after;

	(void)state;
	memset(before, 0xff, 64);
	prac_arena_reset(&arena);
	assert_int_equal(arena.used, 0);
	after = prac_arena_alloc(&arena, 64);
	assert_ptr_equal(after, before); /* the block was kept */
	for (int i = 0; i < 64; i++) {
		assert_int_equal(after[i], 0);
	}
	prac_arena_deinit(&arena);
}

static void of_a_secret_arena_nothing_stays_after_a_reset(void **state)
{
	struct prac_arena arena = { .is_secret = true };
	char *text = prac_arena_printf(&arena, "%s", "471100");

	(void)state;
	prac_arena_reset(&arena); /* the block was kept */
	assert_memory_equal(text, "\0\0\0\0\0\0", 6);
	assert_ptr_equal(prac_arena_alloc(&arena, 7), text);
	prac_arena_deinit(&arena);
	assert_true(arena.is_secret);
}

static void small_pieces_share_a_block_after_a_large_one(void **state)
{
	struct prac_arena arena = { 0 };
	char *a = prac_arena_alloc(&arena, 16);
	char *b;

	(void)state;
	(void)prac_arena_alloc(&arena, 50000);
	b = prac_arena_alloc(&arena, 16);
	assert_int_equal(b - a, 16);
	prac_arena_deinit(&arena);
}

static void try_refuses_beyond_the_budget_only(void **state)
{
	struct prac_arena arena;

	(void)state;
	prac_arena_init(&arena, 1024);
	assert_non_null(prac_arena_try(&arena, 1000));
	assert_null(prac_arena_try(&arena, 100));
	assert_non_null(prac_arena_try(&arena, 16));
	assert_null(prac_arena_try(&arena, SIZE_MAX));
	prac_arena_reset(&arena);
	assert_non_null(prac_arena_try(&arena, 1024));
	prac_arena_deinit(&arena);
}

static void without_a_budget_an_absurd_size_is_still_refused(void **state)
{
	struct prac_arena arena = { 0 };

	(void)state;
	assert_null(prac_arena_try(&arena, SIZE_MAX));
	assert_null(prac_arena_try(&arena, SIZE_MAX / 2 + 1));
	prac_arena_deinit(&arena);
}

static void texts_end_with_a_nul(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes copy = prac_arena_copy(&arena, prac_bytes_text("abc"));

	(void)state;
	assert_string_equal(prac_arena_text(&arena, (struct prac_bytes){ NULL, 0 }), "");
	assert_string_equal(
		prac_arena_text(&arena, (struct prac_bytes){ (const uint8_t *)"abc", 2 }), "ab");
	assert_string_equal(prac_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.data, "abc", 3);
	prac_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(room_is_counted_and_apart_as_all_pieces_are),
		cmocka_unit_test(of_a_secret_arena_nothing_stays_after_a_reset),
		cmocka_unit_test(memory_is_zeroed_again_after_a_reset),
		cmocka_unit_test(small_pieces_share_a_block_after_a_large_one),
		cmocka_unit_test(try_refuses_beyond_the_budget_only),
		cmocka_unit_test(without_a_budget_an_absurd_size_is_still_refused),
		cmocka_unit_test(texts_end_with_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
