/* What the machine must give before the server serves (RELIABILITY 3.13), and what runs out soon. */
#pragma once

#include "server/keys.h"

/*
 * Both: FAILED_PRECONDITION with a sentence that says what to do. The first takes as many open files as
 * the system lets this process have, and refuses when they are too few for the connections that are
 * configured; the second refuses when the disk of state_dir is nearly full or the system's zone data does
 * not know the district's time zone.
 */
enum prac_status machine_check_files(
	const struct config *config, char why_out[KEYS_WHY]) PRAC_MUST_USE;
enum prac_status machine_check(const struct config *config, char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* Seconds since the last backup was whole; -1: there is none, or it cannot be seen from here. */
int64_t machine_backup_age_s(const struct config *config, int64_t now_s);
/* A sentence when that is longer than backup.max_hours or there is none, and true; false, "" otherwise. */
bool machine_warns_of_backup(const struct config *config, int64_t now_s, char why_out[KEYS_WHY]);

/* A sentence when the server's certificate ends within 30 days, and true; false, "" otherwise. */
bool machine_warns(
	const struct config *config, int64_t not_after_s, int64_t now_s, char why_out[KEYS_WHY]);

/* For TLS, once the open files suffice; what runs out soon, or is too old, goes to the log. */
enum prac_status machine_read_keys(const struct config *config, struct keys_tls *tls_out,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;
