/*
 * Passwords of people (RELIABILITY 3.4). What is hashed is never the password itself but its HMAC with
 * the pepper, so that a stolen table alone cannot be guessed at.
 *
 * Each of the three that work with Argon2id takes 64 MiB and about a tenth of a second: at the server
 * off the loop, at a station one at a time.
 */
#pragma once

#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_PASSWORD_MIN = 12,   /* characters */
	PRAC_PASSWORD_MAX = 256,  /* bytes */
	PRAC_PASSWORD_HASH = 128, /* bytes of a hash's text with its NUL */
	PRAC_PASSWORD_SALT = 16,
	PRAC_PASSWORD_KEY = 32
};

/* NULL: may be used. Else the sentence for the person who chose it. login may be NULL. */
const char *prac_password_problem(struct prac_bytes password, const char *login);

/* PRAC_RESOURCE_EXHAUSTED: no memory for it. */
enum prac_status prac_password_hash(
	const struct prac_digest *peppered, char hash_out[PRAC_PASSWORD_HASH]) PRAC_MUST_USE;

/* PRAC_UNAUTHENTICATED: another password. */
enum prac_status prac_password_verify(
	const char *hash, const struct prac_digest *peppered) PRAC_MUST_USE;

/* The hash of no password that takes as long to verify: for names nobody has. Static. */
const char *prac_password_nobody(void) PRAC_RETURNS_NONNULL;

/* The key that opens what a person's password protects on a station. */
enum prac_status prac_password_key(struct prac_bytes password,
	const uint8_t salt[PRAC_PASSWORD_SALT], uint8_t key_out[PRAC_PASSWORD_KEY]) PRAC_MUST_USE;
