/*
 * The keys that the server seals closed fields under (server/db/seal.h): the file records.key in state_dir, 32
 * bytes a key, the newest last. No key is ever taken out, since values name theirs by its place.
 */
#pragma once

#include <stdio.h>

#include "server/db/seal.h"
#include "server/keys.h"

struct records_key {
	struct db_seal seal;
	uint8_t bytes[DB_SEAL_KEYS_MAX * PRAC_SEAL_KEY];
};

/* Makes the file where there is none; with another one behind them when it is to be new. */
enum prac_status records_key_make(
	const struct config *config, bool is_new, FILE *out, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* path NULL: the file in state_dir; "-": standard input, for who may not open that. */
enum prac_status records_key_read(const struct config *config, const char *path,
	struct records_key *key_out, char why_out[KEYS_WHY]) PRAC_MUST_USE;
void records_key_wipe(struct records_key *key);
