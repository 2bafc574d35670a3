/* What listener.c and conn.c know of each other. Nobody else includes this. */
#pragma once

#include <glib.h>

#include "server/net/listener.h"
#include "server/net/penalty.h"
#include "server/net/proxy.h"

#define NET_STATE_MAP(XX)                                                     \
	XX(HANDSHAKE, "handshake") /* TLS not finished */                     \
	XX(OPEN, "open")           /* bytes go both ways */                   \
	XX(DRAINING, "draining")   /* the rest is being sent */               \
	XX(CLOSING, "closing")     /* waits for the last uv_close callback */ \
	XX(HEADER, "header")       /* a balancer's: whose connection it is is not known yet */

enum net_state {
#define XX(name, text) NET_##name,
	NET_STATE_MAP(XX)
#undef XX
};

enum {
	NET_SURPLUS = 32,        /* connections above the limit, to be sent away with words */
	NET_TLS_LEN = 24 * 1024, /* memory of a connection that rests, about */
	NET_TOKEN = 1000,        /* of handshakes, per handshake: a rate counts them by the ms */
	NET_RATE_LOG_MS = 10 * 1000,
	NET_READ_LEN = 64 * 1024, /* the one input buffer of a listener */
	NET_WRITE_HIGH =
		256 * 1024,   /* sealed bytes not taken by the kernel; above it no more are made */
	NET_DRAIN_MS = 5000,  /* for the rest to be sent and the peer to hang up */
	NET_IDLE_MS = 2000,   /* without traffic before buffers are given back */
	NET_ACCEPTS_MAX = 32, /* in one turn of the loop */
	NET_TICK_MS = 1000,
	NET_TRIM_MS = 10000,     /* between two walks over the heap, which take milliseconds */
	NET_KEY_UPDATES_MAX = 16 /* a minute */
};

struct net_listener {
	uv_tcp_t tcp;
	uv_timer_t ticker;
	uv_timer_t resume; /* accepts what the limit per turn left waiting */
	struct net_listener_config config;
	struct prac_tls_ctx *tls;
	GQueue conns;          /* struct net_conn, by link */
	GHashTable *addresses; /* text -> number of connections before the end of the handshake */
	uint64_t turn;         /* loop time of the last accept */
	unsigned n_accepts;    /* in this turn */
	uint64_t tokens, tokens_ms; /* of handshakes, and when they were counted last */
	uint64_t rate_logged_ms;
	uint64_t n_delayed; /* connections that had to wait for a token since rate_logged_ms */
	struct net_penalties *penalties; /* by address */
	unsigned n_released;             /* connections that gave buffers back since trimmed_ms */
	uint64_t trimmed_ms;

	bool is_stopped;
	unsigned n_handles; /* not closed yet, with those of connections */
	void (*closed)(void *ctx);
	void *closed_ctx;
	char read_buf[NET_READ_LEN];
};

struct net_conn {
	uv_tcp_t tcp;
	uv_write_t write;
	uv_shutdown_t shutdown;
	GList link;
	struct net_listener *listener;
	struct prac_tls *tls;
	enum net_state state;
	void *user; /* NULL until started */
	bool is_writing, is_reading, is_delivering, is_counted;
	bool is_surplus;         /* above the limit */
	struct prac_buf header;  /* of a balancer, while it has not come whole */
	bool has_ended;          /* our side is shut down */
	struct prac_buf written; /* sealed bytes that uv_write() borrows */
	uint64_t since_ms;       /* begin of the state */
	uint64_t opened_ms, traffic_ms;
	uint64_t idle_ms; /* traffic_ms when buffers were last given back */
	char address[NET_PROXY_ADDRESS];
};

/* Takes the waiting connection of the listener. */
void net_conn_accept(struct net_listener *listener);
void net_conn_tick(struct net_conn *conn, uint64_t now_ms);

/* A handle is closed for good; the last one ends the listener. */
void net_listener_handle_closed(struct net_listener *listener);

/* One connection of the address less in its handshake. */
void net_listener_uncount(struct net_listener *listener, struct net_conn *conn);
uint64_t net_listener_now(const struct net_listener *listener);

/* list: numeric addresses by commas, or NULL. */
bool net_is_listed(const char *list, const char *address);
