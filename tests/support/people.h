/* People in tests with a real server: made by the command line, signed in over a raw connection. */
#pragma once

#include "common/base/sign.h"
#include "common/sync/mutation.h"
#include "tests/support/live_server.h"

#define PASSWORD "four green herons wading" /* everybody's of people_make() */

/* One person at one device. */
struct someone {
	struct raw_client *client;
	const char *login;
	struct prac_id id;
	uint8_t session[32];
	uint8_t public_key[PRAC_SIGN_PUBLIC], secret[PRAC_SIGN_SECRET];
};

/* A request on the connection's next stream; the answer follows. Streams count per connection. */
void people_send(
	struct raw_client *client, Practicum__MethodId method, const ProtobufCMessage *request);

/* The answer, or NULL and *status_out (may be NULL) set when it is an error. */
const void *people_answer(struct raw_client *client, const ProtobufCMessageDescriptor *descriptor,
	const Practicum__Status **status_out);

/* practicumd user add; the one-time code, in the arena. */
const char *people_add(const char *arguments);

/* With a code: password is new. factor and code may be NULL. The first sends only. */
void people_ask_sign_in(
	struct someone *someone, const char *password, const char *code, const char *factor);
const Practicum__SignInResponse *people_sign_in(struct someone *someone, const char *password,
	const char *code, const char *factor, const Practicum__Status **status_out);

/* Who is signed in with the session; NULL and *status_out set: nobody. */
const Practicum__WhoAmIResponse *people_who(
	struct raw_client *client, const uint8_t *session, const Practicum__Status **status_out);

/* The digits that an authenticator with this secret (base 32) shows now. */
void people_factor(ProtobufCBinaryData secret, char digits_out[8]);

/* Added, signed in with the code on the connection; roles without a second factor only. */
struct someone people_make(struct raw_client *client, const char *login, const char *arguments);

/* That the person was there from an hour ago to an hour ahead; in the arena. */
Practicum__Attestation *people_attest(
	const struct someone *someone, const struct prac_id *device, int64_t from_ms);

/* One mutation; its verdict. attestation may be NULL. */
const Practicum__Verdict *people_push(
	struct raw_client *client, struct prac_bytes mutation, Practicum__Attestation *attestation);

int64_t people_now_ms(void);

/* A create of now with a new id; the patches are the caller's to add. */
struct prac_mutation people_create(const struct prac_type *type, uint64_t counter);

/* A student of the school, not sent. */
struct prac_record *people_student(const struct prac_id *school);

/* A school that the district's device makes before there are people. */
struct prac_id people_school(struct raw_client *office, uint64_t counter, const char *name);

/* The device that a certificate names. */
struct prac_id people_device(const struct raw_identity *identity);

void assert_verdict(
	const Practicum__Verdict *verdict, Practicum__VerdictKind kind, enum prac_reason reason);

/* practicumd with these arguments, which has to succeed. */
void people_run(const char *arguments);

/* The server ends and begins again with these lines in its configuration. */
void people_restart_with(const char *lines);
