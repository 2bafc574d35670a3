/* The record catalog as the commands tell it. */
#pragma once

#include <jansson.h>

#include "common/catalog/catalog.h"

/* Everything the catalog says of a type, for programs. */
json_t *types_json(const struct prac_type *type);

/* "text", "date", "reference" ... */
const char *types_kind(const struct prac_field *field);
