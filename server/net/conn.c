#include "server/net/conn.h"

#include <assert.h>
#include <string.h>

#include "common/base/log.h"
#include "server/net/inside.h"

static const char *const state_names[] = {
#define XX(name, text) [NET_##name] = (text),
	NET_STATE_MAP(XX)
#undef XX
};

#define TO(state) (1U << NET_##state)

/* May go from the index to any state of the mask. */
static const unsigned allowed[] = {
	[NET_HEADER] = TO(HANDSHAKE) | TO(CLOSING),
	[NET_HANDSHAKE] = TO(OPEN) | TO(DRAINING) | TO(CLOSING),
	[NET_OPEN] = TO(DRAINING) | TO(CLOSING),
	[NET_DRAINING] = TO(CLOSING),
	[NET_CLOSING] = 0,
};

static void enter(struct net_conn *conn, enum net_state next)
{
	assert((allowed[conn->state] & 1U << next) != 0);
	prac_log(PRAC_LOG_DEBUG, "net.state", "listener=%s address=%s from=%s to=%s",
		conn->listener->config.name, conn->address, state_names[conn->state],
		state_names[next]);
	conn->state = next;
	conn->since_ms = net_listener_now(conn->listener);
	if (next != NET_HANDSHAKE) {
		net_listener_uncount(conn->listener, conn);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct net_conn *conn = container_of((uv_tcp_t *)handle, struct net_conn, tcp);
	struct net_listener *listener = conn->listener;
	const struct net_handler *handler = listener->config.handler;

	if (conn->user != NULL) {
		handler->closed(conn->user);
	} else if (conn->opened_ms != 0) {
		handler->abandoned(listener->config.ctx, conn);
	}
	g_queue_unlink(&listener->conns, &conn->link);
	listener->config.room->n--;
	prac_buf_deinit(&conn->written);
	prac_buf_deinit(&conn->header);
	prac_tls_free(conn->tls);
	g_free(conn);
	net_listener_handle_closed(listener);
}

void net_conn_close(struct net_conn *conn)
{
	if (conn->state == NET_CLOSING) {
		return;
	}
	enter(conn, NET_CLOSING);
	uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	/* The peer hangs up now, or the drain's deadline does it. */
	(void)request;
	(void)status;
}

static void write_sealed(struct net_conn *conn);

static void on_written(uv_write_t *request, int status)
{
	struct net_conn *conn = container_of(request, struct net_conn, write);

	conn->is_writing = false;
	if (conn->state == NET_CLOSING) {
		return;
	}
	if (status < 0) {
		net_conn_close(conn);
		return;
	}
	prac_buf_clear(&conn->written);
	net_conn_flush(conn);
}

/* All is sent: in DRAINING the end of our side follows. */
static void sent_all(struct net_conn *conn)
{
	if (conn->state == NET_DRAINING && !conn->has_ended) {
		conn->has_ended = true;
		if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0) {
			net_conn_close(conn);
		}
	}
}

/* Hands sealed bytes to the kernel: at once if it takes them, the rest with one uv_write(). */
static void write_sealed(struct net_conn *conn)
{
	struct prac_buf *sealed = prac_tls_output(conn->tls);
	struct prac_bytes bytes = prac_buf_bytes(sealed);
	struct prac_buf empty;
	uv_buf_t part;
	int n;

	if (conn->is_writing) {
		return;
	}
	if (bytes.len > 0) {
		part = uv_buf_init((char *)bytes.data, (unsigned)bytes.len);
		n = uv_try_write((uv_stream_t *)&conn->tcp, &part, 1);
		if (n < 0 && n != UV_EAGAIN) {
			net_conn_close(conn);
			return;
		}
		conn->traffic_ms = net_listener_now(conn->listener);
		prac_buf_consume(sealed, n > 0 ? (size_t)n : 0);
	}
	bytes = prac_buf_bytes(sealed);
	if (bytes.len == 0) {
		sent_all(conn);
		return;
	}
	empty = conn->written;
	conn->written = *sealed;
	*sealed = empty;
	part = uv_buf_init((char *)bytes.data, (unsigned)bytes.len);
	conn->is_writing = true;
	if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, &part, 1, on_written) != 0) {
		conn->is_writing = false;
		net_conn_close(conn);
	}
}

size_t net_conn_unsent(const struct net_conn *conn)
{
	return prac_buf_len(&conn->written) +
	       (conn->tls != NULL ? prac_buf_len(prac_tls_output(conn->tls)) : 0);
}

/* Seals what the handler has to say, as far as the kernel keeps up. */
static enum prac_status seal(struct net_conn *conn)
{
	struct prac_buf *plain = conn->listener->config.handler->output(conn->user);
	enum prac_status status = PRAC_OK;

	while (status == PRAC_OK && prac_buf_len(plain) > 0 &&
		net_conn_unsent(conn) < NET_WRITE_HIGH) {
		struct prac_bytes part = prac_buf_bytes(plain);

		if (part.len > NET_WRITE_HIGH) {
			part.len = NET_WRITE_HIGH;
		}
		status = prac_tls_write(conn->tls, part);
		prac_buf_consume(plain, part.len);
	}
	return status;
}

static void drain(struct net_conn *conn)
{
	prac_tls_shutdown(conn->tls);
	enter(conn, NET_DRAINING);
}

static void set_reading(struct net_conn *conn);

void net_conn_flush(struct net_conn *conn)
{
	const struct net_handler *handler = conn->listener->config.handler;

	if (conn->state == NET_CLOSING) {
		return;
	}
	if (conn->state == NET_OPEN && conn->user != NULL) {
		if (seal(conn) != PRAC_OK) {
			net_conn_close(conn);
			return;
		}
		if (prac_buf_len(handler->output(conn->user)) == 0 &&
			handler->is_done(conn->user)) {
			drain(conn);
		}
	}
	write_sealed(conn);
	set_reading(conn);
}

/* Passes on what was unsealed; the rest stays while the handler does not want it. */
static void deliver(struct net_conn *conn)
{
	const struct net_handler *handler = conn->listener->config.handler;
	struct prac_buf *plain = prac_tls_plain(conn->tls);

	if (conn->is_delivering) {
		return;
	}
	if (conn->state == NET_OPEN && conn->user != NULL && prac_buf_len(plain) > 0 &&
		handler->wants_input(conn->user)) {
		conn->is_delivering = true;
		handler->received(conn->user, prac_buf_bytes(plain));
		conn->is_delivering = false;
		prac_buf_clear(plain);
	} else if (conn->state == NET_DRAINING) {
		prac_buf_clear(plain); /* too late */
	}
}

void net_conn_punish(struct net_conn *conn, enum net_offense offense)
{
	struct net_listener *listener = conn->listener;

	if (!net_is_listed(listener->config.limits.shared, conn->address)) {
		net_penalties_add(listener->penalties, conn->address, offense,
			listener->config.limits.penalty_max_s, net_listener_now(listener));
	}
}

static void refuse(struct net_conn *conn, enum prac_status status)
{
	if (conn->state == NET_HANDSHAKE) {
		net_conn_punish(conn, status == PRAC_UNAUTHENTICATED || status == PRAC_UNIMPLEMENTED
					      ? NET_OFFENSE_REFUSED
					      : NET_OFFENSE_BROKEN);
	}
	prac_log(PRAC_LOG_WARNING, "net.refused", "listener=%s address=%s state=%s why=\"%s\"",
		conn->listener->config.name, conn->address, state_names[conn->state],
		prac_tls_why(conn->tls));
	if (conn->state != NET_DRAINING) {
		enter(conn, NET_DRAINING); /* the alert is still to go */
	}
	write_sealed(conn);
}

static void on_cipher(struct net_conn *conn, struct prac_bytes cipher)
{
	enum prac_status status = prac_tls_feed(conn->tls, cipher);

	conn->traffic_ms = net_listener_now(conn->listener);
	if (status != PRAC_OK) {
		refuse(conn, status);
		return;
	}
	if (conn->state == NET_HANDSHAKE && prac_tls_state(conn->tls) == PRAC_TLS_OPEN) {
		enter(conn, NET_OPEN);
		conn->opened_ms = conn->since_ms;
		write_sealed(conn);
		conn->listener->config.handler->opened(conn->listener->config.ctx, conn);
	}
	deliver(conn);
	if (prac_tls_state(conn->tls) == PRAC_TLS_PEER_CLOSED && conn->state == NET_OPEN) {
		net_conn_flush(conn);
		if (conn->state == NET_OPEN) {
			drain(conn);
		}
	}
	net_conn_flush(conn);
}

static bool is_admitted(struct net_conn *conn);

static void on_header(struct net_conn *conn, struct prac_bytes bytes)
{
	char address[NET_PROXY_ADDRESS];
	enum prac_status status;
	size_t len = 0;

	prac_buf_append(&conn->header, bytes.data, bytes.len);
	status = net_proxy_read(prac_buf_bytes(&conn->header), &len, address);
	if (status == PRAC_UNAVAILABLE) {
		return;
	}
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "net.header",
			"listener=%s address=%s why=\"no PROXY v2 header\"",
			conn->listener->config.name, conn->address);
		net_conn_close(conn);
		return;
	}
	if (address[0] != '\0') {
		memcpy(conn->address, address, sizeof(address));
	}
	enter(conn, NET_HANDSHAKE);
	if (!is_admitted(conn)) {
		net_conn_close(conn);
		return;
	}
	prac_buf_consume(&conn->header, len);
	if (prac_buf_len(&conn->header) > 0) {
		on_cipher(conn, prac_buf_bytes(&conn->header));
	}
	prac_buf_deinit(&conn->header);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct net_conn *conn = container_of((uv_tcp_t *)stream, struct net_conn, tcp);

	if (conn->state == NET_CLOSING || n == 0) {
		return;
	}
	if (n < 0) {
		/* Without close_notify it is a cut; what was not answered may not have happened. */
		net_conn_close(conn);
		return;
	}
	if (conn->state == NET_HEADER) {
		on_header(conn, (struct prac_bytes){ (const uint8_t *)buf->base, (size_t)n });
	} else {
		on_cipher(conn, (struct prac_bytes){ (const uint8_t *)buf->base, (size_t)n });
	}
}

/* Everybody reads into the same memory: what was read is dealt with before the next read. */
static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct net_conn *conn = container_of((uv_tcp_t *)handle, struct net_conn, tcp);

	(void)size;
	*buf = uv_buf_init(conn->listener->read_buf, NET_READ_LEN);
}

static bool may_read(const struct net_conn *conn)
{
	if (conn->state != NET_OPEN) {
		return conn->state != NET_CLOSING;
	}
	return conn->user != NULL && net_conn_unsent(conn) < NET_WRITE_HIGH &&
	       conn->listener->config.handler->wants_input(conn->user);
}

static void set_reading(struct net_conn *conn)
{
	bool is_wanted;

	deliver(conn);
	is_wanted = may_read(conn);
	if (is_wanted == conn->is_reading) {
		return;
	}
	conn->is_reading = is_wanted;
	if (!is_wanted) {
		uv_read_stop((uv_stream_t *)&conn->tcp);
	} else if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0) {
		net_conn_close(conn);
	}
}

void net_conn_start(struct net_conn *conn, void *user)
{
	assert(conn->user == NULL && conn->opened_ms != 0);
	conn->user = user;
	net_conn_flush(conn);
}

static void end_by_deadline(struct net_conn *conn)
{
	prac_log(PRAC_LOG_INFO, "net.deadline", "listener=%s address=%s state=%s",
		conn->listener->config.name, conn->address, state_names[conn->state]);
	net_conn_close(conn);
}

void net_conn_tick(struct net_conn *conn, uint64_t now_ms)
{
	const struct net_handler *handler = conn->listener->config.handler;
	uint64_t age_ms = now_ms - conn->since_ms;

	if (conn->state == NET_HANDSHAKE && age_ms >= conn->listener->config.limits.handshake_ms) {
		net_conn_punish(conn, NET_OFFENSE_SLOW);
	}
	if (((conn->state == NET_HANDSHAKE || conn->state == NET_HEADER) &&
		    age_ms >= conn->listener->config.limits.handshake_ms) ||
		(conn->state == NET_DRAINING && age_ms >= NET_DRAIN_MS)) {
		end_by_deadline(conn);
		return;
	}
	if (conn->state != NET_OPEN) {
		return;
	}
	if (prac_tls_key_updates(conn->tls) >
		NET_KEY_UPDATES_MAX * (1 + (now_ms - conn->opened_ms) / 60000)) {
		end_by_deadline(conn);
		return;
	}
	if (conn->user != NULL) {
		handler->tick(conn->user, now_ms);
		net_conn_flush(conn);
	}
	if (conn->state == NET_OPEN && !conn->is_writing && conn->idle_ms != conn->traffic_ms &&
		now_ms - conn->traffic_ms >= NET_IDLE_MS) {
		conn->idle_ms = conn->traffic_ms;
		prac_buf_release(&conn->written);
		if (conn->user != NULL) {
			prac_buf_release(handler->output(conn->user));
		}
		prac_tls_idle(conn->tls);
		conn->listener->n_released++;
	}
}

const struct prac_tls *net_conn_tls(const struct net_conn *conn)
{
	return conn->tls;
}

const char *net_conn_address(const struct net_conn *conn)
{
	return conn->address;
}

bool net_conn_is_surplus(const struct net_conn *conn)
{
	return conn->is_surplus;
}

size_t net_conn_memory(const struct net_conn *conn)
{
	size_t n = NET_TLS_LEN + conn->written.cap + conn->header.cap;

	if (conn->tls != NULL) {
		n += prac_tls_memory(conn->tls);
	}
	return n;
}

static void read_address(struct net_conn *conn)
{
	struct sockaddr_storage peer;
	int len = sizeof(peer);

	(void)snprintf(conn->address, sizeof(conn->address), "?");
	if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&peer, &len) == 0) {
		/* A name that does not fit cannot be: the buffer holds every numeric address. */
		(void)uv_ip_name((struct sockaddr *)&peer, conn->address, sizeof(conn->address));
	}
}

static bool is_admitted(struct net_conn *conn)
{
	struct net_listener *listener = conn->listener;
	unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(listener->addresses, conn->address));
	uint64_t left_ms = net_penalties_left_ms(
		listener->penalties, conn->address, net_listener_now(listener));

	if (left_ms > 0) {
		prac_log(PRAC_LOG_WARNING, "net.barred", "listener=%s address=%s left_s=%llu",
			listener->config.name, conn->address,
			(unsigned long long)left_ms / 1000 + 1);
		return false;
	}
	if (n >= listener->config.limits.per_address) {
		prac_log(PRAC_LOG_WARNING, "net.crowded", "listener=%s address=%s handshakes=%u",
			listener->config.name, conn->address, n);
		return false;
	}
	g_hash_table_insert(listener->addresses, g_strdup(conn->address), GUINT_TO_POINTER(n + 1));
	conn->is_counted = true;
	return true;
}

/* How many connections there are that should not be, with the one that just came. */
static uint32_t above_limit(const struct net_listener *listener)
{
	const struct net_limits *limits = &listener->config.limits;
	uint32_t n = listener->conns.length, all = listener->config.room->n;

	return MAX(n - MIN(n, limits->share), all - MIN(all, limits->connections));
}

void net_conn_accept(struct net_listener *listener)
{
	struct net_conn *conn = g_new0(struct net_conn, 1);
	uint32_t above;

	conn->listener = listener;
	conn->link.data = conn;
	conn->since_ms = net_listener_now(listener);
	conn->traffic_ms = conn->since_ms;
	g_queue_push_tail_link(&listener->conns, &conn->link);
	listener->config.room->n++;
	listener->n_handles++;
	if (uv_tcp_init(listener->config.loop, &conn->tcp) != 0 ||
		uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&conn->tcp) != 0) {
		net_conn_close(conn);
		return;
	}
	read_address(conn);
	above = above_limit(listener);
	conn->is_surplus = above > 0;
	if (above > NET_SURPLUS || prac_tls_new(listener->tls, NULL, &conn->tls) != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "net.full", "listener=%s address=%s connections=%u",
			listener->config.name, conn->address, listener->conns.length - 1);
		net_conn_close(conn);
		return;
	}
	if (net_is_listed(listener->config.limits.proxies, conn->address)) {
		conn->state = NET_HEADER;
	} else if (!is_admitted(conn)) {
		net_conn_close(conn);
		return;
	}
	(void)uv_tcp_nodelay(&conn->tcp, 1); /* slower without, and nothing worse */
	set_reading(conn);
}
