#include "common/catalog/coding.h"

enum {
	VARINT_MAX = 10, /* bytes of 64 bits in groups of seven */
	NUMBER_MAX = (1 << 29) - 1
};

static bool take_varint(struct prac_bytes *rest, uint64_t *value_out, bool *minimal)
{
	uint64_t value = 0;

	for (size_t i = 0; i < rest->len && i < VARINT_MAX; i++) {
		uint8_t byte = rest->data[i];

		/* The tenth byte has room for one bit; protobuf drops the others. */
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*minimal = *minimal && (i == 0 || byte != 0) && (i < 9 || byte == 1);
			rest->data += i + 1;
			rest->len -= i + 1;
			*value_out = value;
			return true;
		}
	}
	return false;
}

static bool take_bytes(struct prac_bytes *rest, uint64_t len, struct prac_bytes *bytes_out)
{
	if (len > rest->len) {
		return false;
	}
	*bytes_out = (struct prac_bytes){ rest->data, (size_t)len };
	rest->data += len;
	rest->len -= (size_t)len;
	return true;
}

static bool take_content(struct prac_bytes *rest, struct prac_coded *field)
{
	uint64_t len = 0;

	switch (field->type) {
	case PRAC_CODING_VARINT:
		return take_varint(rest, &field->varint, &field->minimal);
	case PRAC_CODING_FIXED64:
		return take_bytes(rest, 8, &field->bytes);
	case PRAC_CODING_BYTES:
		return take_varint(rest, &len, &field->minimal) &&
		       take_bytes(rest, len, &field->bytes);
	case PRAC_CODING_FIXED32:
		return take_bytes(rest, 4, &field->bytes);
	default: /* groups and what does not exist */
		return false;
	}
}

enum prac_status prac_coding_next(struct prac_bytes *rest, struct prac_coded *field_out)
{
	struct prac_bytes left = *rest;
	struct prac_coded field = { .minimal = true };
	uint64_t tag;

	if (!take_varint(&left, &tag, &field.minimal) || tag >> 3 < 1 || tag >> 3 > NUMBER_MAX) {
		return PRAC_INVALID_ARGUMENT;
	}
	field.number = (uint32_t)(tag >> 3);
	field.type = (enum prac_coding_type)(tag & 7);
	if (!take_content(&left, &field)) {
		return PRAC_INVALID_ARGUMENT;
	}
	field.whole = (struct prac_bytes){ rest->data, rest->len - left.len };
	*rest = left;
	*field_out = field;
	return PRAC_OK;
}

void prac_coding_put_varint(struct prac_buf *buf, uint64_t value)
{
	uint8_t bytes[VARINT_MAX];
	size_t len = 0;

	while (value >= 0x80) {
		bytes[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	bytes[len++] = (uint8_t)value;
	prac_buf_append(buf, bytes, len);
}

void prac_coding_put_tag(struct prac_buf *buf, uint32_t number, enum prac_coding_type type)
{
	prac_coding_put_varint(buf, (uint64_t)number << 3 | (uint64_t)type);
}

void prac_coding_put_bytes(struct prac_buf *buf, uint32_t number, struct prac_bytes bytes)
{
	prac_coding_put_tag(buf, number, PRAC_CODING_BYTES);
	prac_coding_put_varint(buf, bytes.len);
	prac_buf_append(buf, bytes.data, bytes.len);
}

void prac_coding_put(struct prac_buf *buf, const struct prac_coded *field)
{
	if (field->minimal) {
		prac_buf_append(buf, field->whole.data, field->whole.len);
	} else if (field->type == PRAC_CODING_BYTES) {
		prac_coding_put_bytes(buf, field->number, field->bytes);
	} else {
		prac_coding_put_tag(buf, field->number, field->type);
		if (field->type == PRAC_CODING_VARINT) {
			prac_coding_put_varint(buf, field->varint);
		} else {
			prac_buf_append(buf, field->bytes.data, field->bytes.len);
		}
	}
}
