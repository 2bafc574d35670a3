/*
 * Files. The signer's folder, signer.state_dir: ca.pem and ca.key (the district's authority), seal.key
 * (32 bytes), pepper.key (32 bytes for each version, the newest last, zeros for one that has ended). The server's, server.state_dir:
 * ca.pem (a copy), server.pem and server.key. Keys are 0400 and are wiped from memory after use.
 * server/turn_over.h says what else is there while one authority follows another.
 */
#pragma once

#include "common/base/buf.h"
#include "common/wire/cert.h"
#include "common/wire/tls.h"
#include "server/config.h"
#include "server/key_file.h"
#include "server/signer/vault.h"

#define KEYS_AUTHORITY_NAME "Practicum district authority" /* of each: they follow each other */
#define KEYS_CROSSES        "cross.pem" /* in both folders: certificates of one authority by another */

/* Makes what is missing. A line for each file goes to out. why_out says what went wrong. */
enum prac_status keys_make(
	const struct config *config, FILE *out, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* The authorities as they are now. Borrowed. */
struct keys_authority {
	const struct prac_ca *ca; /* the one that signs */
	struct prac_bytes trusted, crosses;
};

/* Brings the server's folder up to them: its copies, and its certificate when it is of another one. */
enum prac_status keys_follow(const struct config *config, const struct keys_authority *authority,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* The two TLS contexts of the server: for devices and for newcomers. */
struct keys_tls {
	struct prac_tls_ctx *devices, *newcomers;
	int64_t not_after_s; /* of the certificate */
	/* PEM: what stations are to trust, and the proofs of new ones; empty when there are none. */
	struct prac_buf authorities, crosses;
};

/* FAILED_PRECONDITION when the certificate is over or its file too open. */
enum prac_status keys_tls(const struct config *config, int64_t now_s, struct keys_tls *tls_out,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;
void keys_tls_deinit(struct keys_tls *tls);

/* How many the signer's file has, with those that have ended. */
enum prac_status keys_count_peppers(
	const struct config *config, uint32_t *n_out, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* Another pepper behind the others, fewer than VAULT_PEPPERS_MAX; the signer takes it up at SIGHUP. */
enum prac_status keys_add_pepper(const struct config *config, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* Zeros in place of each but the last of n. */
enum prac_status keys_end_peppers(
	const struct config *config, uint32_t n, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* For the signer alone. */
enum prac_status keys_vault(const struct config *config, struct vault **vault_out,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;
