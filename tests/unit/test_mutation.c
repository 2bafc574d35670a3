#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/mutation.h"
#include "tests/support/sample.h"

static struct prac_arena arena;

static int stop(void **state)
{
	(void)state;
	prac_arena_reset(&arena);
	return 0;
}

#define BYTES(text) ((struct prac_bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

static struct prac_record *site(const char *first, const char *second)
{
	return sample_record(
		&arena, &prac_type_site, 5, (const char *const[4]){ first, second, NULL });
}

static struct prac_mutation phone_patch(void)
{
	struct prac_mutation mutation = { .counter = 3,
		.type = &prac_type_site,
		.id = sample_id(5),
		.op = PRACTICUM__OP__OP_PATCH,
		.base_seq = 7,
		.client_time_ms = 1000,
		.schema = 2 }; /* whatever this program's is */

	mutation.n_patches = prac_patches_between(
		site("phone=1", NULL), site("phone=22", NULL), &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	return mutation;
}

struct read {
	struct prac_mutation mutation;
	enum prac_reason reason;
	struct prac_problem problem;
};

static enum prac_status read_bytes(struct prac_bytes bytes, struct read *read)
{
	return prac_mutation_read(bytes, &arena, &read->mutation, &read->reason, &read->problem);
}

static const char patch_bytes[] = "\x08\x03"                                   /* counter 3 */
				  "\x10\x09"                                   /* site */
				  "\x1a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05" /* id */
				  "\x20\x02"                                   /* PATCH */
				  "\x30\x07"                                   /* base_seq */
				  "\x3a\x0d\x08\x08" /* group 8: contact */
				  "\x12\x03\x72\x01"
				  "1" /* old phone */
				  "\x1a\x04\x72\x02"
				  "22"           /* new phone */
				  "\x50\xd0\x0f" /* client time, zigzag */
				  "\x58\x02";    /* schema */

static void is_encoded_as_the_protocol_says(void **state)
{
	struct prac_mutation mutation = phone_patch();

	(void)state;
	assert_int_equal(mutation.bytes.len, sizeof(patch_bytes) - 1);
	assert_memory_equal(mutation.bytes.data, patch_bytes, sizeof(patch_bytes) - 1);
}

static void comes_back_as_it_was_written(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_bytes(BYTES(patch_bytes), &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_NONE);
	assert_int_equal(read.mutation.counter, 3);
	assert_ptr_equal(read.mutation.type, &prac_type_site);
	assert_int_equal(read.mutation.op, PRACTICUM__OP__OP_PATCH);
	assert_int_equal(read.mutation.base_seq, 7);
	assert_int_equal(read.mutation.client_time_ms, 1000);
	assert_int_equal(read.mutation.n_patches, 1);
	assert_string_equal(read.mutation.patches[0].group->name, "contact");
	assert_true(prac_bytes_equal(read.mutation.patches[0].old_value, BYTES("\x72\x01"
									       "1")));
	assert_true(prac_bytes_equal(read.mutation.patches[0].new_value, BYTES("\x72\x02"
									       "22")));
	assert_memory_equal(read.mutation.hash.b,
		"\xc2"
		"\xc8"
		"\x7f"
		"\x47"
		"",
		4);
}

/* One byte of the literal changed, by position from the list above. */
static enum prac_status read_changed(size_t at, uint8_t byte, struct read *read)
{
	size_t len = sizeof(patch_bytes) - 1;
	uint8_t *copy = prac_arena_alloc(&arena, len);

	memcpy(copy, patch_bytes, len);
	copy[at] = byte;
	return read_bytes((struct prac_bytes){ copy, len }, read);
}

static void a_peer_without_counter_id_or_schema_is_in_error(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_changed(1, 0, &read), PRAC_INVALID_ARGUMENT);
	assert_int_equal(read_changed(4, 0x7a, &read), PRAC_INVALID_ARGUMENT); /* no id */
	assert_int_equal(read_changed(23, 0, &read), PRAC_INVALID_ARGUMENT);   /* no op */
	assert_int_equal(read_changed(23, 9, &read), PRAC_INVALID_ARGUMENT);
	assert_int_equal(read_changed(sizeof(patch_bytes) - 2, 0, &read), PRAC_INVALID_ARGUMENT);
	assert_int_equal(read_bytes(BYTES("\x08"), &read), PRAC_INVALID_ARGUMENT);
	assert_int_equal(read_bytes((struct prac_bytes){ 0 }, &read), PRAC_INVALID_ARGUMENT);
}

static void a_create_names_its_scope(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_changed(23, PRACTICUM__OP__OP_CREATE, &read), PRAC_INVALID_ARGUMENT);
}

static void an_unknown_type_is_refused_with_its_counter(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_changed(3, 0x7f, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_UNKNOWN_TYPE);
	assert_null(read.mutation.type);
	assert_int_equal(read.mutation.type_number, 127);
	assert_int_equal(read.mutation.counter, 3);
	assert_string_equal(
		read.problem.text, "a record type that is not known here; update the program");
}

static void an_unknown_group_is_refused(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_changed(29, 0x63, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_INVALID_VALUE);
	assert_string_equal(
		read.problem.text, "a group of fields that is not known; update the program");
}

static void a_field_outside_its_group_is_refused(void **state)
{
	struct read read;

	(void)state;
	assert_int_equal(read_changed(32, 0x1a, &read), PRAC_OK); /* name */
	assert_int_equal(read.reason, PRAC_REASON_INVALID_VALUE);
	assert_string_equal(read.problem.text, "Contact: not readable");
}

static void a_create_has_no_old_values(void **state)
{
	struct prac_mutation mutation = phone_patch();
	struct read read;

	(void)state;
	mutation.op = PRACTICUM__OP__OP_CREATE;
	prac_mutation_write(&mutation, &arena);
	assert_int_equal(read_bytes(mutation.bytes, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_INVALID_VALUE);
}

static void values_in_another_form_are_read_in_the_one_form(void **state)
{
	/* The phone twice: the last one counts. */
	static const char twice[] = "\x08\x03\x10\x09"
				    "\x1a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05"
				    "\x20\x02\x58\x01"
				    "\x3a\x0a\x08\x08\x1a\x06\x72\x01"
				    "1\x72\x01"
				    "2";
	struct read read;

	(void)state;
	assert_int_equal(read_bytes(BYTES(twice), &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_NONE);
	assert_true(prac_bytes_equal(read.mutation.patches[0].new_value, BYTES("\x72\x01"
									       "2")));
}

static void more_than_64_kib_are_refused(void **state)
{
	static const uint8_t field_31[] = { 0xfa, 0x01, 0x80, 0x80, 0x04 }; /* of 65,536 bytes */
	size_t len = PRAC_MUTATION_MAX;
	uint8_t *large = prac_arena_alloc(&arena, len + sizeof(patch_bytes) + 4);
	size_t at = sizeof(patch_bytes) - 1;
	struct read read;

	(void)state;
	memcpy(large, patch_bytes, at);
	memcpy(large + at, field_31, sizeof(field_31));
	assert_int_equal(read_bytes((struct prac_bytes){ large, at + 5 + len }, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_TOO_LARGE);
	assert_int_equal(read.mutation.counter, 3);
}

static void an_action_carries_its_arguments(void **state)
{
	const struct prac_action *suspend = prac_action_find_name(&prac_type_site, "suspend");
	struct prac_value args[1] = { { .has = true, .bytes = BYTES("dust") } };
	struct prac_mutation mutation = { .counter = 1,
		.type = &prac_type_site,
		.id = sample_id(5),
		.op = PRACTICUM__OP__OP_ACTION,
		.action = suspend,
		.args = args };
	struct read read;

	(void)state;
	prac_mutation_write(&mutation, &arena);
	assert_int_equal(read_bytes(mutation.bytes, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_NONE);
	assert_ptr_equal(read.mutation.action, suspend);
	assert_true(prac_bytes_equal(read.mutation.args[0].bytes, BYTES("dust")));

	args[0] = (struct prac_value){ 0 };
	prac_mutation_write(&mutation, &arena);
	assert_int_equal(read_bytes(mutation.bytes, &read), PRAC_OK);
	assert_int_equal(read.reason, PRAC_REASON_INVALID_VALUE);
	assert_ptr_equal(read.problem.field, &suspend->args->fields[0]);
}

static void a_clock_out_of_this_world_is_moved_into_it(void **state)
{
	struct prac_mutation mutation = phone_patch();
	struct read read;

	(void)state;
	mutation.client_time_ms = INT64_MAX;
	prac_mutation_write(&mutation, &arena);
	assert_int_equal(read_bytes(mutation.bytes, &read), PRAC_OK);
	assert_true(read.mutation.client_time_ms == 253402300799999);
}

static void patches_name_the_groups_that_differ(void **state)
{
	struct prac_patch *patches;

	(void)state;
	assert_int_equal(prac_patches_between(site("phone=1", "city=X"), site("phone=1", "city=Y"),
				 &arena, &patches),
		1);
	assert_string_equal(patches[0].group->name, "address");
	assert_true(prac_bytes_equal(patches[0].old_value, BYTES("\x2a\x01X")));
	assert_true(prac_bytes_equal(patches[0].new_value, BYTES("\x2a\x01Y")));

	/* A new record: its first state, and what was entered. */
	assert_int_equal(prac_patches_between(NULL, site("phone=1", NULL), &arena, &patches), 2);
	assert_int_equal(patches[0].old_value.len, 0);
	assert_true(prac_bytes_equal(patches[0].new_value, BYTES("\x08\x01")));

	assert_int_equal(prac_patches_between(site("phone=1", NULL), NULL, &arena, &patches), 2);
	assert_int_equal(patches[1].new_value.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(is_encoded_as_the_protocol_says, stop),
		cmocka_unit_test_teardown(comes_back_as_it_was_written, stop),
		cmocka_unit_test_teardown(a_peer_without_counter_id_or_schema_is_in_error, stop),
		cmocka_unit_test_teardown(a_create_names_its_scope, stop),
		cmocka_unit_test_teardown(an_unknown_type_is_refused_with_its_counter, stop),
		cmocka_unit_test_teardown(an_unknown_group_is_refused, stop),
		cmocka_unit_test_teardown(a_field_outside_its_group_is_refused, stop),
		cmocka_unit_test_teardown(a_create_has_no_old_values, stop),
		cmocka_unit_test_teardown(values_in_another_form_are_read_in_the_one_form, stop),
		cmocka_unit_test_teardown(more_than_64_kib_are_refused, stop),
		cmocka_unit_test_teardown(an_action_carries_its_arguments, stop),
		cmocka_unit_test_teardown(a_clock_out_of_this_world_is_moved_into_it, stop),
		cmocka_unit_test_teardown(patches_name_the_groups_that_differ, stop),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	prac_arena_deinit(&arena);
	return failed;
}
