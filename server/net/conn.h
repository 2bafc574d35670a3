/*
 * One TLS connection on the loop. What is inside is the business of a handler: it gets plain bytes
 * and has plain bytes to send; net knows no frames.
 *
 * A connection that is idle holds no buffers: input is read into memory of the listener.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/wire/tls.h"
#include "server/net/penalty.h"

struct net_conn;

/* All run on the loop. user is what net_conn_start() was given. */
struct net_handler {
	/*
	 * The handshake is over; ctx is the listener's. Nothing is read from now on until
	 * net_conn_start() or net_conn_close(), which may come later.
	 */
	void (*opened)(void *ctx, struct net_conn *conn);
	void (*received)(void *user, struct prac_bytes plain);
	void (*tick)(void *user, uint64_t now_ms); /* about once a second */
	struct prac_buf *(*output)(void *user);    /* plain bytes to send; net consumes them */
	bool (*wants_input)(void *user);
	bool (*is_done)(void *user); /* close as soon as the output is sent */
	/* The connection is gone; last call. user NULL when it was never started: not called. */
	void (*closed)(void *user);
	/* As closed(), for a connection that was opened and never started. */
	void (*abandoned)(void *ctx, struct net_conn *conn);
};

/* From now on the handler's other functions are called with user. */
void net_conn_start(struct net_conn *conn, void *user);

/* The handler has output that no call of net's caused. */
void net_conn_flush(struct net_conn *conn);

/* Ends it without waiting for the output. closed() follows later. */
void net_conn_close(struct net_conn *conn);

/* Whose it is: the certificate and the channel's exporter value. */
const struct prac_tls *net_conn_tls(const struct net_conn *conn);

/* Numeric address of the peer, for the log; what a balancer said counts. */
const char *net_conn_address(const struct net_conn *conn);

/* Adds to what keeps its address out, for who has no certificate to be known by. */
void net_conn_punish(struct net_conn *conn, enum net_offense offense);

/* It came above the limit and is open only to be told so. */
bool net_conn_is_surplus(const struct net_conn *conn);

/* Sealed bytes that the peer has not taken. */
size_t net_conn_unsent(const struct net_conn *conn);

/* Memory it takes, about, without what the handler holds. */
size_t net_conn_memory(const struct net_conn *conn);
