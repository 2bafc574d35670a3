/* The natural key of a unique type. */
#include "common/catalog/record.h"

enum {
	FNV_PRIME_LOW = 0x1B3
};

#define FNV_OFFSET UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME  (UINT64_C(1) << 40 | FNV_PRIME_LOW)

bool prac_record_same_key(const struct prac_record *a, const struct prac_record *b)
{
	bool is_same = a->type->unique;

	for (size_t i = 0; i < a->type->n_natural_key && is_same; i++) {
		uint16_t index = a->type->natural_key[i];

		is_same = prac_value_equal(
			&a->type->fields[index], &a->values[index], &b->values[index]);
	}
	return is_same;
}

static uint64_t mix(uint64_t hash, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	}
	return hash;
}

uint64_t prac_record_key_hash(const struct prac_record *record)
{
	uint64_t hash = FNV_OFFSET;

	for (size_t i = 0; i < record->type->n_natural_key; i++) {
		const struct prac_value *value = &record->values[record->type->natural_key[i]];

		if (value->has) {
			hash = mix(hash, (const uint8_t *)&value->number, sizeof(value->number));
			hash = mix(hash, value->bytes.data, value->bytes.len);
		}
		hash = mix(hash, (const uint8_t *)"", 1);
	}
	return hash;
}

const char *prac_record_key_text(const struct prac_record *record, struct prac_arena *arena)
{
	struct prac_buf buf = { 0 };
	const char *text;

	for (size_t i = 0; i < record->type->n_natural_key; i++) {
		uint16_t index = record->type->natural_key[i];

		if (record->values[index].has) {
			prac_buf_printf(&buf, "%s%s ", prac_buf_len(&buf) > 0 ? ", " : "",
				record->type->fields[index].label);
			prac_value_format(
				&record->type->fields[index], &record->values[index], &buf);
		}
	}
	text = prac_arena_text(arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return text;
}
