#include "common/wire/zip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct prac_arena arena;
static struct prac_buf out;

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	prac_buf_deinit(&out);
	return 0;
}

/* len bytes of which every group of four repeats a counter's text: shrinks to about a third. */
static struct prac_bytes sample(size_t len)
{
	char *text = prac_arena_alloc(&arena, len + 16);

	for (size_t i = 0; i + 8 <= len; i += 8) {
		(void)snprintf(text + i, 9, "%08zx", i * 2654435761U % 0xfffff);
	}
	return (struct prac_bytes){ (uint8_t *)text, len };
}

static void content_survives_the_round_trip(void **state)
{
	struct prac_bytes content = sample(100000);
	struct prac_bytes back;

	(void)state;
	prac_buf_append(&out, "head", 4);
	prac_zip_frame(&out, content);
	assert_in_range(prac_buf_len(&out), 5000, 80000);
	prac_buf_consume(&out, 4);
	assert_int_equal(prac_unzip(prac_buf_bytes(&out), &arena, &back), PRAC_OK);
	assert_int_equal(back.len, 100000);
	assert_memory_equal(back.data, content.data, 100000);
}

/* One zstd block of run-length type: 1,000 times 'a' in 12 bytes. */
static void refuses_more_than_twenty_to_one(void **state)
{
	static const uint8_t bomb[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x60, 0xe8, 0x02, 0x43, 0x1f, 0x00,
		'a' };
	struct prac_bytes back;

	(void)state;
	assert_int_equal(prac_unzip((struct prac_bytes){ bomb, sizeof(bomb) }, &arena, &back),
		PRAC_RESOURCE_EXHAUSTED);
	assert_int_equal(arena.used, 0);
}

/* Header that declares 4 MiB + 1 in front of plausible length. */
static void refuses_more_than_four_mebibytes(void **state)
{
	uint8_t *large = prac_arena_alloc(&arena, 300000);
	static const uint8_t header[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x01, 0x00, 0x40, 0x00 };
	struct prac_bytes back;

	(void)state;
	memcpy(large, header, sizeof(header));
	assert_int_equal(prac_unzip((struct prac_bytes){ large, 300000 }, &arena, &back),
		PRAC_RESOURCE_EXHAUSTED);
}

static void refuses_what_is_not_one_whole_frame(void **state)
{
	struct prac_bytes back;
	struct prac_bytes zipped;
	uint8_t *copy;

	(void)state;
	prac_zip_frame(&out, sample(10000));
	zipped = prac_buf_bytes(&out);
	assert_int_equal(
		prac_unzip((struct prac_bytes){ zipped.data, zipped.len - 1 }, &arena, &back),
		PRAC_DATA_LOSS);
	copy = prac_arena_alloc(&arena, zipped.len * 2);
	memcpy(copy, zipped.data, zipped.len);
	memcpy(copy + zipped.len, zipped.data, zipped.len);
	assert_int_equal(prac_unzip((struct prac_bytes){ copy, zipped.len + 1 }, &arena, &back),
		PRAC_DATA_LOSS);
	assert_int_equal(prac_unzip((struct prac_bytes){ copy, zipped.len * 2 }, &arena, &back),
		PRAC_DATA_LOSS);
	assert_int_equal(
		prac_unzip(prac_bytes_text("no zstd at all"), &arena, &back), PRAC_DATA_LOSS);
	assert_int_equal(prac_unzip((struct prac_bytes){ NULL, 0 }, &arena, &back), PRAC_DATA_LOSS);
}

/* A skippable frame of four bytes, which zstd itself decompresses to nothing. */
static void refuses_skippable_frames(void **state)
{
	static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4 };
	struct prac_bytes back;

	(void)state;
	assert_int_equal(
		prac_unzip((struct prac_bytes){ skippable, sizeof(skippable) }, &arena, &back),
		PRAC_DATA_LOSS);
	prac_zip_frame(&out, sample(1000));
	prac_buf_append(&out, skippable, sizeof(skippable));
	assert_int_equal(prac_unzip(prac_buf_bytes(&out), &arena, &back), PRAC_DATA_LOSS);
}

static void a_frame_is_made_of_anything_that_is_given(void **state)
{
	static uint8_t zeros[300000];
	const struct prac_bytes contents[] = { sample(1), sample(100000),
		{ zeros, sizeof(zeros) } };
	struct prac_bytes back;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		prac_buf_clear(&out);
		prac_zip_frame(&out, contents[i]);
		assert_int_equal(prac_unzip(prac_buf_bytes(&out), &arena, &back), PRAC_OK);
		assert_true(prac_bytes_equal(back, contents[i]));
	}
	/* 300,000 zeros shrink beyond what a receiver takes, so they are stored as they are. */
	assert_true(prac_buf_len(&out) > sizeof(zeros));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(content_survives_the_round_trip, teardown),
		cmocka_unit_test_teardown(a_frame_is_made_of_anything_that_is_given, teardown),
		cmocka_unit_test_teardown(refuses_more_than_twenty_to_one, teardown),
		cmocka_unit_test_teardown(refuses_more_than_four_mebibytes, teardown),
		cmocka_unit_test_teardown(refuses_what_is_not_one_whole_frame, teardown),
		cmocka_unit_test_teardown(refuses_skippable_frames, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
