#include "common/wire/binary.h"

ProtobufCBinaryData prac_binary(struct prac_bytes bytes)
{
	/* protobuf-c has no word for bytes that are only read. */
	return (ProtobufCBinaryData){ bytes.len, (uint8_t *)bytes.data };
}

ProtobufCBinaryData prac_binary_text(const char *text)
{
	return prac_binary(prac_bytes_text(text));
}

ProtobufCBinaryData prac_binary_id(const struct prac_id *id)
{
	return prac_binary(prac_id_bytes(id));
}

struct prac_bytes prac_binary_bytes(ProtobufCBinaryData data)
{
	return (struct prac_bytes){ data.data, data.len };
}
