/*
 * One station's connection as the benchmarks drive it: a socket, TLS, frames. Many lines share one
 * poll loop and one thread, so that the load generator costs the measured server little.
 */
#pragma once

#include "common/base/buf.h"
#include "common/wire/frame.h"
#include "common/wire/tls.h"

struct line;

/* A whole message came: a WELCOME, a RESPONSE or DATA with everything its MORE frames brought. */
typedef void (*line_message_fn)(
	struct line *line, const struct prac_frame *frame, struct prac_bytes message);

struct line {
	int fd;
	struct prac_tls *tls;
	struct prac_buf partial; /* message whose last frame is still to come */
	uint32_t next_stream;
	size_t owed;  /* credit not yet given back, bytes */
	bool is_open; /* TLS is up and HELLO is sent */
	bool is_done; /* the owner wants nothing more of it */
	line_message_fn on_message;
	void (*on_poke)(struct line *line); /* may be NULL */
	void *owner;
};

/* Where the server is, on this machine. */
struct line_place {
	uint16_t port;
};

/* Begins to connect; the caller's loop does the rest. Exits the program on failure. */
void line_open(struct line *line, const struct line_place *place, struct prac_tls_ctx *ctx);

/* Sends a request in as many frames as it needs; returns its stream. */
uint32_t line_request(struct line *line, uint16_t method, const ProtobufCMessage *message);

/* Gives back the credit that a stored message took, once it is half of what the server has. */
void line_credit(struct line *line, uint32_t stream, size_t len);

/* Runs all lines until each is done; returns after timeout_ms without any traffic with false. */
bool line_run(struct line *lines, size_t n_lines, int timeout_ms);

/* Sends and receives for about that long, also on lines that are done. */
void line_rest(struct line *lines, size_t n_lines, int ms);

_Noreturn void line_die(const char *what, const char *why);
