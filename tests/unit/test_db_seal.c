#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/buf.h"
#include "common/base/macros.h"
#include "server/db/seal.h"

static const uint8_t keys[3 * PRAC_SEAL_KEY] = "the first key, thirty-two bytes."
					       "the second one, also thirty-two."
					       "the third one, thirty-two bytes.";
static const struct db_seal one = { keys, 1 }, two = { keys, 2 };
static const struct db_seal other = { &keys[64], 1 };
static const struct db_seal_place place = {
	.table = DB_SEAL_RECORD, .type = 57, .column = 9, .id.b = { 7 }
};
static struct prac_arena arena;

static struct prac_bytes sealed(const struct db_seal *seal, const char *text)
{
	return db_seal_put(seal, &place, prac_bytes_text(text), &arena);
}

static enum prac_status open_at(
	const struct db_seal *seal, const struct db_seal_place *where, struct prac_bytes value)
{
	struct prac_bytes plain;

	return db_seal_get(seal, where, value, &arena, &plain);
}

static void what_was_sealed_opens_at_its_place(void **state)
{
	struct prac_bytes plain = { 0 };
	struct prac_bytes value = sealed(&one, "fell from a ladder");

	(void)state;
	assert_int_equal(value.len, strlen("fell from a ladder") + 42);
	assert_int_equal(value.data[0], 0xff);
	assert_int_equal(value.data[1], 1);
	assert_int_equal(db_seal_get(&one, &place, value, &arena, &plain), PRAC_OK);
	assert_true(prac_bytes_equal(plain, prac_bytes_text("fell from a ladder")));
}

static void nothing_at_all_is_sealed_too(void **state)
{
	struct prac_bytes plain = { 0 };

	(void)state;
	assert_int_equal(db_seal_get(&one, &place, sealed(&one, ""), &arena, &plain), PRAC_OK);
	assert_int_equal(plain.len, 0);
}

static void it_opens_in_no_other_row_column_or_table(void **state)
{
	struct db_seal_place others[] = { place, place, place, place, place, place };

	(void)state;
	others[0].id.b[15] = 1;
	others[1].column = 10;
	others[2].type = 3;
	others[3].table = DB_SEAL_MUTATION;
	others[4].incarnation = 1;
	others[5].counter = 1;
	for (size_t i = 0; i < PRAC_NELEM(others); i++) {
		assert_int_equal(open_at(&one, &others[i], sealed(&one, "fell from a ladder")),
			PRAC_DATA_LOSS);
	}
}

static void a_changed_byte_anywhere_is_noticed(void **state)
{
	struct prac_bytes value = sealed(&one, "x");
	uint8_t copy[DB_SEAL_OVERHEAD + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(copy); i++) {
		memcpy(copy, value.data, sizeof(copy));
		copy[i] ^= 1;
		assert_int_equal(open_at(&two, &place, (struct prac_bytes){ copy, sizeof(copy) }),
			PRAC_DATA_LOSS);
	}
	for (size_t len = 0; len < sizeof(copy); len++) {
		assert_int_equal(open_at(&one, &place, (struct prac_bytes){ value.data, len }),
			PRAC_DATA_LOSS);
	}
}

static void a_plain_value_is_none(void **state)
{
	(void)state;
	assert_int_equal(
		open_at(&one, &place,
			prac_bytes_text("a sentence that is longer than what a seal takes")),
		PRAC_DATA_LOSS);
}

static void the_newest_key_seals_and_every_one_opens(void **state)
{
	struct prac_bytes old = sealed(&one, "old"), new = sealed(&two, "new");

	(void)state;
	assert_int_equal(new.data[1], 2);
	assert_int_equal(open_at(&two, &place, old), PRAC_OK);
	assert_int_equal(open_at(&two, &place, new), PRAC_OK);
	assert_int_equal(open_at(&one, &place, new), PRAC_DATA_LOSS);
	assert_int_equal(open_at(&other, &place, old), PRAC_DATA_LOSS);
}

/* Else a trigger would see a change of a frozen record in what nobody changed. */
static void the_same_value_at_its_place_is_the_same_bytes(void **state)
{
	struct db_seal_place elsewhere = place;
	struct prac_bytes first = sealed(&one, "same"), moved;

	(void)state;
	assert_true(prac_bytes_equal(first, sealed(&one, "same")));
	assert_false(prac_bytes_equal(first, sealed(&one, "Same")));
	elsewhere.id.b[0]++;
	moved = db_seal_put(&one, &elsewhere, prac_bytes_text("same"), &arena);
	assert_memory_not_equal(first.data + 2, moved.data + 2, 24); /* nor the nonce */
}

static void a_key_is_known_by_its_id(void **state)
{
	uint8_t id[DB_SEAL_KEY_ID];
	const struct prac_bytes bytes = { id, sizeof(id) };

	(void)state;
	db_seal_key_id(&two, 2, id);
	assert_true(db_seal_is_key(&two, 2, bytes));
	assert_false(db_seal_is_key(&two, 1, bytes));
	assert_false(db_seal_is_key(&one, 2, bytes)); /* there is no second one */
	assert_false(db_seal_is_key(&two, 0, bytes));
	assert_false(db_seal_is_key(&other, 1, bytes));
}

static void add_closed(const struct prac_type *type, struct prac_buf *names)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		if (prac_field_is_closed(&type->fields[i])) {
			prac_buf_printf(names, "%s.%s ", type->name, type->fields[i].name);
		}
	}
}

/* The words of the two classes, and what may hold some; by name, as people agreed on it. */
static void closed_are_words_on_health_and_discipline(void **state)
{
	struct prac_buf names = { 0 };

	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		add_closed(prac_types[i], &names);
	}
	prac_buf_append_byte(&names, '\0');
	assert_string_equal((const char *)prac_buf_bytes(&names).data,
		"student.leave_reason conflict.chosen conflict.base_value conflict.theirs "
		"conflict.mine rejected.payload student_insurance.policy_number "
		"incident.description incident.people incident.actions incident.findings ");
	prac_buf_deinit(&names);
	assert_true(prac_type_is_closed(&prac_type_incident));
	assert_false(prac_type_is_closed(&prac_type_time_entry));
}

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens_at_its_place),
		cmocka_unit_test(nothing_at_all_is_sealed_too),
		cmocka_unit_test(it_opens_in_no_other_row_column_or_table),
		cmocka_unit_test(a_changed_byte_anywhere_is_noticed),
		cmocka_unit_test(a_plain_value_is_none),
		cmocka_unit_test(the_newest_key_seals_and_every_one_opens),
		cmocka_unit_test(the_same_value_at_its_place_is_the_same_bytes),
		cmocka_unit_test(a_key_is_known_by_its_id),
		cmocka_unit_test(closed_are_words_on_health_and_discipline),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
