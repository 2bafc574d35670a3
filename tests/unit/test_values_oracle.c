/* Our reading and writing of records against protobuf-c's of the same message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/catalog/record.h"
#include "records/people.pb-c.h"

/* xorshift64: one seed, one history. */
static uint64_t chance;

static uint64_t below(uint64_t limit)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return chance % limit;
}

static char *text(void)
{
	static char texts[64][24];
	static unsigned next;
	char *out = texts[next++ % 64];
	size_t len = below(20);

	for (size_t i = 0; i < len; i++) {
		out[i] = (char)('a' + below(26));
	}
	out[len] = '\0';
	return out;
}

/* Each field is there half of the time. */
static void fill(Practicum__Records__Student *student, char **interests, ProtobufCBinaryData id)
{
	*student = (Practicum__Records__Student)PRACTICUM__RECORDS__STUDENT__INIT;
	student->has_state = (int)below(2);
	student->state = (Practicum__Records__Student__State)(1 + below(6));
	student->has_school_id = (int)below(2);
	student->school_id = id;
	student->identifier = below(2) != 0 ? text() : NULL;
	student->given_name = below(2) != 0 ? text() : NULL;
	student->has_birth_date = (int)below(2);
	student->birth_date = (int32_t)below(40000) - 20000;
	student->has_grade = (int)below(2);
	student->grade = (int64_t)(below(UINT64_MAX) >> below(64)) * (below(2) != 0 ? 1 : -1);
	student->has_concentrator = (int)below(2);
	student->concentrator = (int)below(2);
	student->career_goal = below(2) != 0 ? text() : NULL;
	student->n_interests = below(4);
	student->interests = interests;
	for (size_t i = 0; i < student->n_interests; i++) {
		interests[i] = text();
	}
	student->n_skills = below(2);
	student->skills = interests;
	student->leave_reason = below(2) != 0 ? text() : NULL;
}

static struct prac_bytes pack(const Practicum__Records__Student *student, uint8_t *room)
{
	return (struct prac_bytes){ room, practicum__records__student__pack(student, room) };
}

static void both_write_the_same_bytes(void **state)
{
	(void)state;
	chance = 20260811;
	for (int round = 0; round < 2000; round++) {
		struct prac_arena arena = { 0 };
		struct prac_value values[PRAC_FIELDS_MAX];
		struct prac_bytes extra;
		struct prac_buf ours = { 0 };
		Practicum__Records__Student student;
		char *interests[4];
		uint8_t id[16] = { 7 };
		uint8_t room[1024];

		fill(&student, interests, (ProtobufCBinaryData){ sizeof(id), id });
		struct prac_bytes theirs = pack(&student, room);

		assert_int_equal(
			prac_values_decode(&prac_type_student, theirs, &arena, values, &extra), 0);
		prac_values_encode(&prac_type_student, values, extra, &ours);
		assert_int_equal(prac_buf_len(&ours), theirs.len);
		if (theirs.len > 0) {
			assert_memory_equal(prac_buf_bytes(&ours).data, theirs.data, theirs.len);
		}
		assert_int_equal(extra.len, 0);
		prac_buf_deinit(&ours);
		prac_arena_deinit(&arena);
	}
}

static void both_read_the_same_values(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_value values[PRAC_FIELDS_MAX];
	struct prac_bytes extra;
	Practicum__Records__Student student = PRACTICUM__RECORDS__STUDENT__INIT;
	char *interests[] = { (char *)"art", (char *)"robots" };
	uint8_t room[1024];
	struct prac_bytes rest;
	struct prac_bytes item;

	(void)state;
	student.has_birth_date = 1;
	student.birth_date = -3000;
	student.family_name = (char *)"Lee";
	student.n_interests = 2;
	student.interests = interests;
	assert_int_equal(prac_values_decode(
				 &prac_type_student, pack(&student, room), &arena, values, &extra),
		0);
	assert_int_equal(values[PRAC_STUDENT_BIRTH_DATE].number, -3000);
	assert_int_equal(values[PRAC_STUDENT_FAMILY_NAME].bytes.len, 3);
	assert_memory_equal(values[PRAC_STUDENT_FAMILY_NAME].bytes.data, "Lee", 3);
	rest = values[PRAC_STUDENT_INTERESTS].bytes;
	assert_true(prac_list_next(&rest, &item));
	assert_true(prac_list_next(&rest, &item));
	assert_memory_equal(item.data, "robots", 6);
	prac_arena_deinit(&arena);
}

/* What we write when the fields came in any order and with extra bytes, protobuf-c understands. */
static void what_is_newer_passes_through_unchanged(void **state)
{
	static const uint8_t newer[] = { 0xa2, 0x1f, 0x02, 'h', 'i', 0x2a, 0x03, 'A', 'd', 'a',
		0xb8, 0x1f, 0x07 }; /* 500: "hi", given_name, 503: 7 */
	struct prac_arena arena = { 0 };
	struct prac_value values[PRAC_FIELDS_MAX];
	struct prac_bytes extra;
	struct prac_buf ours = { 0 };
	Practicum__Records__Student *student;

	(void)state;
	assert_int_equal(
		prac_values_decode(&prac_type_student, (struct prac_bytes){ newer, sizeof(newer) },
			&arena, values, &extra),
		0);
	prac_values_encode(&prac_type_student, values, extra, &ours);
	student = practicum__records__student__unpack(
		NULL, prac_buf_len(&ours), prac_buf_bytes(&ours).data);
	assert_non_null(student);
	assert_string_equal(student->given_name, "Ada");
	assert_int_equal(student->base.n_unknown_fields, 2);
	assert_int_equal(student->base.unknown_fields[0].tag, 500);
	assert_int_equal(student->base.unknown_fields[1].tag, 503);
	practicum__records__student__free_unpacked(student, NULL);
	prac_buf_deinit(&ours);
	prac_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_write_the_same_bytes),
		cmocka_unit_test(both_read_the_same_values),
		cmocka_unit_test(what_is_newer_passes_through_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
