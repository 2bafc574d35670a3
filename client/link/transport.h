/*
 * One TLS connection to a server on a libuv loop: resolves, connects, shakes hands, moves bytes.
 * What the bytes mean is the owner's business.
 */
#pragma once

#include <uv.h>

#include "common/wire/tls.h"

struct transport;

/* Callbacks never run before transport_open() has returned. */
struct transport_handler {
	/* The handshake is over: transport_tls() may be written to. */
	void (*opened)(void *ctx);
	/* There is plaintext to take. */
	void (*received)(void *ctx);
	/* Runs once, as the last; the transport is gone after it. text is for people. */
	void (*closed)(void *ctx, enum prac_status status, const char *text);
};

struct transport_options {
	const char *host;
	const char *port;
	struct prac_tls_ctx *tls;
	bool is_known; /* the server's certificate must name host; false at enrollment */
	const struct transport_handler *handler;
	void *ctx;
};

struct transport *transport_open(uv_loop_t *loop, const struct transport_options *options);

struct prac_tls *transport_tls(struct transport *transport);

/* Sends what TLS has to say. */
void transport_flush(struct transport *transport);

/* Says goodbye, sends what waits for at most a second, then closed() with status and text. */
void transport_close(struct transport *transport, enum prac_status status, const char *text);
