/* Accepts connections and owns them: limits, deadlines, one timer for all of them. */
#pragma once

#include <uv.h>

#include "common/base/env.h"
#include "common/base/status.h"
#include "server/net/conn.h"

struct net_limits {
	uint32_t connections; /* in the room; a few more are opened to be told to come back later */
	uint32_t share;       /* of them, that this listener may take */
	uint32_t per_address; /* of one address whose handshake is not over */
	uint32_t handshake_ms;
	uint32_t handshakes_per_s; /* that begin; those above it wait in the kernel's queue */
	uint32_t handshake_burst;  /* that may begin at once after a quiet time */
	uint32_t penalty_max_s;    /* that an address has to stay away at most; 0: never */
	/* Numeric addresses, by commas; borrowed for the listener's life. */
	const char *shared;  /* many stations come from each of them: they are never barred */
	const char *proxies; /* balancers: a PROXY v2 header is wanted from them, and believed */
};

/* Connections of all listeners of the process: what they share is its open files. */
struct net_room {
	uint32_t n;
};

struct net_listener_config {
	uv_loop_t *loop;
	const struct prac_env *env;
	const char *name;    /* for the log */
	const char *address; /* numeric */
	uint16_t port;       /* 0: any; net_listener_port() says which */
	int fd;              /* an inherited listening socket, -1: none */
	struct net_limits limits;
	struct net_room *room; /* outlives the listener */
	const struct net_handler *handler;
	void *ctx;
};

struct net_listener;

/*
 * Listens. tls is borrowed until it is replaced or the listener is gone. UNAVAILABLE with a
 * sentence in why_out: the address is taken or is none of this machine.
 */
enum prac_status net_listener_new(const struct net_listener_config *config,
	struct prac_tls_ctx *tls, struct net_listener **listener_out,
	char why_out[PRAC_TLS_WHY]) PRAC_MUST_USE;

uint16_t net_listener_port(const struct net_listener *listener);
size_t net_listener_count(const struct net_listener *listener); /* connections */

/* For connections to come; those that stand keep what they have, and lists of addresses stay. */
void net_listener_reload(
	struct net_listener *listener, struct prac_tls_ctx *tls, const struct net_limits *limits);

/* No new connections; those that stand live on. */
void net_listener_stop(struct net_listener *listener);

/* Closes all connections and itself, then runs closed. */
void net_listener_close(struct net_listener *listener, void (*closed)(void *ctx), void *ctx);
