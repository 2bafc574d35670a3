/*
 * Files of keys and certificates: read whole, written whole and durably. Whoever reads a secret one
 * wipes the buffer (prac_wipe()).
 */
#pragma once

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/status.h"
#include "common/wire/key.h"

enum {
	KEYS_WHY = 400 /* bytes for a sentence with its NUL */
};

/* Writes the sentence; returns status. */
enum prac_status key_file_fail(char why[KEYS_WHY], enum prac_status status, const char *fmt, ...)
	PRAC_PRINTF(3, 4);

bool key_file_is_there(const char *path);

/*
 * Appends the file; "-" is standard input, where somebody else may have opened it. A secret one must be
 * readable by nobody but its owner (RELIABILITY 3.13).
 */
enum prac_status key_file_read(
	const char *path, bool is_secret, struct prac_buf *buf, char why[KEYS_WHY]) PRAC_MUST_USE;

/* All of it or the old content. */
enum prac_status key_file_write(
	const char *path, mode_t mode, struct prac_bytes bytes, char why[KEYS_WHY]) PRAC_MUST_USE;

/* A private key, for its owner's eyes only. */
enum prac_status key_file_write_key(
	const char *path, const struct prac_key *key, char why[KEYS_WHY]) PRAC_MUST_USE;
