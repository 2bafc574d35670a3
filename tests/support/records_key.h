/* The key that servers and stores of tests seal closed fields under, so that rows can be planted and read. */
#pragma once

#include "server/db/seal.h"

#define TEST_RECORDS_KEY "known to everybody: a test's key"

static const struct db_seal test_seal = { (const uint8_t *)TEST_RECORDS_KEY, 1 };

_Static_assert(sizeof(TEST_RECORDS_KEY) - 1 == PRAC_SEAL_KEY, "a key's length");
