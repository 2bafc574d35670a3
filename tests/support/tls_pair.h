/*
 * TLS connections face to face, with certificates of a district made for the test. Made by
 * tls_pair_begin(), gone after tls_pair_end().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/wire/tls.h"

/* A certificate with its key, both PEM. */
struct tls_identity {
	struct prac_bytes chain, key;
};

struct tls_papers {
	struct prac_bytes trust;            /* the district's authority */
	struct prac_bytes other_trust;      /* one of the same name that is not the district's */
	struct tls_identity server;         /* wbl.example.org, 127.0.0.1 */
	struct tls_identity device;         /* device_id, valid */
	struct tls_identity foreign_device; /* device_id, of the other authority */
	struct tls_identity expired_device; /* device_id, for a day */
	struct tls_identity early_server;   /* as server, from tomorrow on */
	struct tls_identity early_device;   /* device_id, from tomorrow on */
	struct tls_identity none;
	struct prac_id device_id;
};

extern struct tls_papers papers;

/* Two ends. */
struct tls_pair {
	struct prac_tls *server, *client;
};

/* Group set-up and tear-down of cmocka. */
int tls_pair_begin(void **state);
int tls_pair_end(void **state);

struct prac_tls *tls_pair_server(enum prac_tls_check check);

/* trusted may be NULL: the client asks the server for nothing. host may be NULL then. */
struct prac_tls *tls_pair_client(const struct tls_identity *identity,
	const struct prac_bytes *trusted, const char *host, const char *alpn);

/* A device and the server it knows; connect has the handshake behind it. */
void tls_pair_start(struct tls_pair *pair);
void tls_pair_connect(struct tls_pair *pair);
void tls_pair_stop(struct tls_pair *pair);

/*
 * Hands over what from has to send, step bytes at a time; how the receiver takes it is its state.
 * Returns whether there was any.
 */
bool tls_pair_deliver(struct prac_tls *from, struct prac_tls *to, size_t step);

/* Delivers both ways until neither has anything to say. */
void tls_pair_pump(const struct tls_pair *pair, size_t step);

/* Exactly this text is there to be read; takes it. */
void tls_pair_assert_plain(struct prac_tls *tls, const char *text);
