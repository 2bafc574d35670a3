#include "server/net/listener.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "server/net/inside.h"

enum {
	BACKLOG = 1024
};

uint64_t net_listener_now(const struct net_listener *listener)
{
	const struct prac_env *env = listener->config.env;

	return env->monotonic_ms(env->ctx);
}

void net_listener_uncount(struct net_listener *listener, struct net_conn *conn)
{
	unsigned n;

	if (!conn->is_counted) {
		return;
	}
	conn->is_counted = false;
	n = GPOINTER_TO_UINT(g_hash_table_lookup(listener->addresses, conn->address));
	if (n > 1) {
		g_hash_table_insert(
			listener->addresses, g_strdup(conn->address), GUINT_TO_POINTER(n - 1));
	} else {
		g_hash_table_remove(listener->addresses, conn->address);
	}
}

void net_listener_handle_closed(struct net_listener *listener)
{
	listener->n_handles--;
	if (listener->n_handles > 0) {
		return;
	}
	g_hash_table_destroy(listener->addresses);
	net_penalties_free(listener->penalties);
	if (listener->closed != NULL) {
		listener->closed(listener->closed_ctx);
	}
	g_free(listener);
}

bool net_is_listed(const char *list, const char *address)
{
	size_t len = strlen(address);

	while (list != NULL && *list != '\0') {
		size_t n = strcspn(list, ", ");

		if (n == len && strncmp(list, address, n) == 0) {
			return true;
		}
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

static void on_resume(uv_timer_t *timer);

/* Takes what one handshake costs; else how many ms until there is enough. */
static uint64_t wait_for_token(struct net_listener *listener)
{
	const struct net_limits *limits = &listener->config.limits;
	uint64_t now_ms = net_listener_now(listener);

	listener->tokens += (now_ms - listener->tokens_ms) * limits->handshakes_per_s;
	listener->tokens = MIN(listener->tokens, (uint64_t)limits->handshake_burst * NET_TOKEN);
	listener->tokens_ms = now_ms;
	if (listener->tokens >= NET_TOKEN) {
		listener->tokens -= NET_TOKEN;
		return 0;
	}
	listener->n_delayed++;
	if (now_ms - listener->rate_logged_ms >= NET_RATE_LOG_MS) {
		prac_log(PRAC_LOG_WARNING, "net.rate", "listener=%s delayed=%llu per_s=%u",
			listener->config.name, (unsigned long long)listener->n_delayed,
			limits->handshakes_per_s);
		listener->rate_logged_ms = now_ms;
		listener->n_delayed = 0;
	}
	return (NET_TOKEN - listener->tokens) / limits->handshakes_per_s + 1;
}

/* At most so many in one turn, so that a storm of arrivals does not stop those who are here. */
static void accept_one(struct net_listener *listener)
{
	uint64_t turn = uv_now(listener->config.loop), wait_ms;

	if (turn != listener->turn) {
		listener->turn = turn;
		listener->n_accepts = 0;
	}
	if (listener->n_accepts >= NET_ACCEPTS_MAX) {
		/* libuv stops polling until the one that waits is taken. */
		uv_timer_start(&listener->resume, on_resume, 1, 0);
		return;
	}
	wait_ms = wait_for_token(listener);
	if (wait_ms > 0) {
		uv_timer_start(&listener->resume, on_resume, wait_ms, 0);
		return;
	}
	listener->n_accepts++;
	net_conn_accept(listener);
}

static void on_resume(uv_timer_t *timer)
{
	struct net_listener *listener = timer->data;

	if (!listener->is_stopped) {
		accept_one(listener);
	}
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct net_listener *listener = stream->data;

	if (status < 0) {
		prac_log(PRAC_LOG_WARNING, "net.accept", "listener=%s error=%s",
			listener->config.name, uv_err_name(status));
		return;
	}
	accept_one(listener);
}

/*
 * What idle connections gave back lies between what is in use; malloc keeps such memory until it is
 * told not to. After a morning's storm that is several times what the connections need.
 */
static void trim(struct net_listener *listener, uint64_t now_ms)
{
	if (listener->n_released == 0 || now_ms - listener->trimmed_ms < NET_TRIM_MS) {
		return;
	}
	listener->n_released = 0;
	listener->trimmed_ms = now_ms;
	(void)malloc_trim(0); /* whether it found any is all the same */
}

static void on_tick(uv_timer_t *timer)
{
	struct net_listener *listener = timer->data;
	uint64_t now_ms = net_listener_now(listener);
	GList *next;

	for (GList *link = listener->conns.head; link != NULL; link = next) {
		next = link->next;
		net_conn_tick(link->data, now_ms);
	}
	trim(listener, now_ms);
}

static int bind_socket(struct net_listener *listener)
{
	const struct net_listener_config *config = &listener->config;
	struct sockaddr_storage address;
	int error;

	if (config->fd >= 0) {
		return uv_tcp_open(&listener->tcp, config->fd);
	}
	error = uv_ip4_addr(config->address, config->port, (struct sockaddr_in *)&address);
	if (error != 0) {
		error = uv_ip6_addr(config->address, config->port, (struct sockaddr_in6 *)&address);
	}
	return error != 0 ? error : uv_tcp_bind(&listener->tcp, (struct sockaddr *)&address, 0);
}

static int start(struct net_listener *listener)
{
	uv_loop_t *loop = listener->config.loop;
	int error = uv_tcp_init(loop, &listener->tcp);

	uv_timer_init(loop, &listener->ticker);
	uv_timer_init(loop, &listener->resume);
	listener->n_handles = 3;
	listener->tcp.data = listener;
	listener->ticker.data = listener;
	listener->resume.data = listener;
	if (error == 0) {
		error = bind_socket(listener);
	}
	if (error == 0) {
		error = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
	}
	if (error == 0) {
		error = uv_timer_start(&listener->ticker, on_tick, NET_TICK_MS, NET_TICK_MS);
	}
	return error;
}

enum prac_status net_listener_new(const struct net_listener_config *config,
	struct prac_tls_ctx *tls, struct net_listener **listener_out, char why_out[PRAC_TLS_WHY])
{
	struct net_listener *listener = g_new0(struct net_listener, 1);
	int error;

	listener->config = *config;
	listener->tls = tls;
	listener->tokens = (uint64_t)config->limits.handshake_burst * NET_TOKEN;
	listener->tokens_ms = net_listener_now(listener);
	listener->penalties = net_penalties_new();
	g_queue_init(&listener->conns);
	listener->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	error = start(listener);
	if (error != 0) {
		(void)snprintf(why_out, PRAC_TLS_WHY, "cannot listen on %s port %u: %s",
			config->address, config->port, uv_strerror(error));
		net_listener_close(listener, NULL, NULL);
		return PRAC_UNAVAILABLE;
	}
	*listener_out = listener;
	prac_log(PRAC_LOG_INFO, "net.listening", "listener=%s address=%s port=%u", config->name,
		config->address, net_listener_port(listener));
	return PRAC_OK;
}

uint16_t net_listener_port(const struct net_listener *listener)
{
	struct sockaddr_storage address;
	int len = sizeof(address);

	if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address, &len) != 0) {
		return 0;
	}
	return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
					     : ntohs(((struct sockaddr_in *)&address)->sin_port);
}

size_t net_listener_count(const struct net_listener *listener)
{
	return listener->conns.length;
}

void net_listener_reload(
	struct net_listener *listener, struct prac_tls_ctx *tls, const struct net_limits *limits)
{
	const char *shared = listener->config.limits.shared;
	const char *proxies = listener->config.limits.proxies;

	listener->tls = tls;
	listener->config.limits = *limits;
	listener->config.limits.shared = shared;
	listener->config.limits.proxies = proxies;
}

static void on_handle_closed(uv_handle_t *handle)
{
	net_listener_handle_closed(handle->data);
}

void net_listener_stop(struct net_listener *listener)
{
	if (listener->is_stopped) {
		return;
	}
	listener->is_stopped = true;
	uv_close((uv_handle_t *)&listener->tcp, on_handle_closed);
}

void net_listener_close(struct net_listener *listener, void (*closed)(void *ctx), void *ctx)
{
	listener->closed = closed;
	listener->closed_ctx = ctx;
	net_listener_stop(listener);
	uv_close((uv_handle_t *)&listener->ticker, on_handle_closed);
	uv_close((uv_handle_t *)&listener->resume, on_handle_closed);
	for (GList *link = listener->conns.head; link != NULL; link = link->next) {
		net_conn_close(link->data);
	}
}
