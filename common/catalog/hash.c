#include "common/catalog/record.h"

static void put_u32(struct prac_buf *buf, uint32_t value)
{
	const uint8_t bytes[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
		(uint8_t)(value >> 8), (uint8_t)value };

	prac_buf_append(buf, bytes, sizeof(bytes));
}

/* Id, length and encoding of the hashed fields; raises *schema to the newest field present. */
static void put_record(struct prac_buf *buf, const struct prac_record *record, uint32_t *schema)
{
	const struct prac_type *type = record->type;
	struct prac_value hashed[PRAC_FIELDS_MAX] = { { 0 } };
	struct prac_buf encoding = { 0 };

	for (size_t i = 0; i < type->n_fields; i++) {
		if ((type->fields[i].flags & PRAC_HASHED) == 0 || !record->values[i].has) {
			continue;
		}
		hashed[i] = record->values[i];
		*schema = type->fields[i].since > *schema ? type->fields[i].since : *schema;
	}
	prac_values_encode(type, hashed, (struct prac_bytes){ 0 }, &encoding);
	prac_buf_append(buf, record->id.b, PRAC_ID_LEN);
	put_u32(buf, (uint32_t)prac_buf_len(&encoding));
	prac_buf_append(buf, prac_buf_bytes(&encoding).data, prac_buf_len(&encoding));
	prac_buf_deinit(&encoding);
}

struct prac_digest prac_content_hash(const struct prac_record *record,
	const struct prac_record *const *children, size_t n_children)
{
	struct prac_buf schema = { 0 };
	struct prac_buf content = { 0 };
	uint32_t newest = 1;

	put_record(&content, record, &newest);
	for (size_t i = 0; i < n_children; i++) {
		put_record(&content, children[i], &newest);
	}
	put_u32(&schema, newest);

	const struct prac_bytes parts[] = { prac_buf_bytes(&schema), prac_buf_bytes(&content) };
	struct prac_digest digest = prac_sha256_parts(parts, PRAC_NELEM(parts));

	prac_buf_deinit(&schema);
	prac_buf_deinit(&content);
	return digest;
}
