/* The data dictionary: every field of every record type, from the catalog. */
#pragma once

#include <stdio.h>

#include "common/base/status.h"

enum dictionary_format {
	DICTIONARY_CSV,
	DICTIONARY_RAW, /* CSV without the guard against formulas */
	DICTIONARY_JSON
};

/* PRAC_RESOURCE_EXHAUSTED: it could not be written. */
enum prac_status dictionary_write(FILE *out, enum dictionary_format format);
