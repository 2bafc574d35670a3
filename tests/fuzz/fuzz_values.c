/* Any bytes as a record: what decodes has one canonical form, which decodes to the same again. */
#include <stdlib.h>
#include <string.h>

#include "catalog/types.h"
#include "common/catalog/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Decodes and encodes into buf; false when the bytes are no record. */
static bool settle(const struct prac_type *type, struct prac_bytes bytes, struct prac_buf *buf)
{
	struct prac_arena arena = { 0 };
	struct prac_value values[PRAC_FIELDS_MAX];
	struct prac_problem problem;
	struct prac_bytes extra;
	bool is_record = prac_values_decode(type, bytes, &arena, values, &extra) == PRAC_OK;

	if (is_record) {
		prac_values_encode(type, values, extra, buf);
		/* Judging and printing must stand whatever was decoded. */
		if (prac_values_check(type, values, &problem) != PRAC_OK &&
			problem.text[0] == '\0') {
			abort();
		}
		for (size_t i = 0; i < type->n_fields; i++) {
			struct prac_buf text = { 0 };

			prac_value_format(&type->fields[i], &values[i], &text);
			prac_buf_deinit(&text);
		}
	}
	prac_arena_deinit(&arena);
	return is_record;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_buf once = { 0 };
	struct prac_buf twice = { 0 };
	const struct prac_type *type;

	if (len == 0) {
		return 0;
	}
	type = prac_types[data[0] % prac_n_types];
	if (settle(type, (struct prac_bytes){ data + 1, len - 1 }, &once)) {
		if (!settle(type, prac_buf_bytes(&once), &twice) ||
			!prac_bytes_equal(prac_buf_bytes(&once), prac_buf_bytes(&twice))) {
			abort();
		}
	}
	prac_buf_deinit(&once);
	prac_buf_deinit(&twice);
	return 0;
}
