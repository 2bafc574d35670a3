/*
 * A client that says what the test tells it to, over a real socket and TLS, and blocks until it gets
 * its answer. Everything fails the test on an error unless it says otherwise.
 */
#pragma once

#include "common/wire/frame.h"
#include "common/wire/key.h"
#include "common/wire/tls.h"

struct raw_client {
	int fd;
	struct prac_tls_ctx *ctx;
	struct prac_tls *tls;
	struct prac_frame frame; /* the last one read; its payload is in memory */
	uint8_t memory[1024 * 1024 + 1];
};

/* Certificate and key of a device, PEM. */
struct raw_identity {
	struct prac_bytes chain, key;
};

/* identity may be NULL: an enrollment connection, which trusts nobody. */
struct raw_client *raw_client_new(
	uint16_t port, const struct raw_identity *identity, struct prac_bytes trust);

/* Cuts the connection without a word. */
void raw_client_free(struct raw_client *client);

/* False when the server refused before anything could be said. */
bool raw_client_handshake(struct raw_client *client);

void raw_client_bytes(struct raw_client *client, struct prac_bytes plain);
void raw_client_send(struct raw_client *client, const struct prac_frame *frame);
void raw_client_message(
	struct raw_client *client, const struct prac_frame *head, const ProtobufCMessage *message);

/* The next frame; NULL when the server hung up. Fails after 10 s. */
const struct prac_frame *raw_client_read(struct raw_client *client);

/* The next frame that is no POKE is of this type. Its payload as a message of the descriptor, in the arena. */
const void *raw_client_expect(struct raw_client *client, uint8_t type,
	const ProtobufCMessageDescriptor *descriptor, struct prac_arena *arena);
