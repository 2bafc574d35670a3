/* Bytes as messages hold them. What comes out borrows what went in, and does not change it. */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/base/bytes.h"
#include "common/base/id.h"

ProtobufCBinaryData prac_binary(struct prac_bytes bytes);
ProtobufCBinaryData prac_binary_text(const char *text); /* without its NUL */
ProtobufCBinaryData prac_binary_id(const struct prac_id *id);
struct prac_bytes prac_binary_bytes(ProtobufCBinaryData data);
