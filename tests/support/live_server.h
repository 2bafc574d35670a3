/*
 * A real server and integration tests do with it again and again. One server, one
 * arena for a test program; everything fails the test on any error.
 */
#pragma once

#include "common/base/hash.h"
#include "common/wire/key.h"
#include "proto/sync.pb-c.h"
#include "tests/support/daemon.h"
#include "tests/support/pg.h"
#include "tests/support/raw_client.h"

extern struct daemon server;
extern struct prac_arena arena;
extern struct raw_identity district; /* the first device, of the district office */

/* Group set-up and tear-down of cmocka; *state is the name of the database. */
int live_server_begin(void **state);
int live_server_end(void **state);

struct prac_bytes trust(void); /* the server's authority, PEM */

/* Who has a code and no certificate yet. */
struct newcomer {
	struct raw_client *client;
	struct prac_key *key;
	struct prac_bytes csr;
	struct prac_digest code_key;
	char lookup[5];
	uint8_t channel[PRAC_TLS_EXPORTER];
};

/* The code that the command line makes; static memory. */
const char *code_for(const char *arguments);
void newcomer_init(struct newcomer *newcomer, const char *code);

/* Connects and asks; the answer is read by one of the two below. */
void newcomer_ask(struct newcomer *newcomer);
const Practicum__EnrollResponse *newcomer_answer(struct newcomer *newcomer);
void assert_code_refused(struct newcomer *newcomer);

/* A device, by a code of this command line. */
struct raw_identity enroll(const char *arguments);

/* HELLO and WELCOME. last_counter_out may be NULL. */
struct raw_client *connect_as(
	const struct raw_identity *identity, uint64_t incarnation, uint64_t *last_counter_out);

/* The next frame is GOAWAY with this code, then the connection ends. */
void assert_goaway(struct raw_client *client, uint32_t code);
void assert_serves(void);
