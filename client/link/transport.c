#include "client/link/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/macros.h"

enum {
	READ_LEN = 64 * 1024,
	OPEN_MS = 20 * 1000, /* name, connection and handshake, 10 s for the latter two */
	GOODBYE_MS = 1000,
	TEXT_LEN = 200
};

enum transport_state {
	RESOLVING,
	CONNECTING,
	SHAKING,
	OPEN,
	LEAVING, /* the rest goes out, then it closes */
	CLOSING
};

struct transport {
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_getaddrinfo_t resolve;
	uv_connect_t connect;
	uv_write_t write;
	struct transport_options options;
	struct addrinfo *addresses, *address; /* all of them; the one being tried */
	struct prac_tls *tls;
	struct prac_buf written; /* belongs to the kernel until on_written() */
	bool is_writing, is_resolving, has_tcp;
	unsigned n_handles;
	enum transport_state state;
	enum prac_status status;
	char text[TEXT_LEN];
	char read_buf[READ_LEN];
};

static void finish(struct transport *transport)
{
	struct transport_options options = transport->options;
	enum prac_status status = transport->status;
	char text[TEXT_LEN];

	memcpy(text, transport->text, sizeof(text));
	uv_freeaddrinfo(transport->addresses);
	prac_tls_free(transport->tls);
	prac_buf_deinit(&transport->written);
	free(transport);
	options.handler->closed(options.ctx, status, text);
}

static void release(struct transport *transport)
{
	if (--transport->n_handles == 0 && !transport->is_resolving) {
		finish(transport);
	}
}

static void on_tcp_closed(uv_handle_t *handle)
{
	release(container_of((uv_tcp_t *)handle, struct transport, tcp));
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(container_of((uv_timer_t *)handle, struct transport, timer));
}

static void close_now(struct transport *transport)
{
	if (transport->state == CLOSING) {
		return;
	}
	transport->state = CLOSING;
	if (transport->is_resolving) {
		(void)uv_cancel((uv_req_t *)&transport->resolve); /* else its callback comes */
	}
	uv_close((uv_handle_t *)&transport->timer, on_timer_closed);
	if (transport->has_tcp && uv_is_closing((uv_handle_t *)&transport->tcp) == 0) {
		uv_close((uv_handle_t *)&transport->tcp, on_tcp_closed);
	}
}

static void fail(struct transport *transport, enum prac_status status, const char *text)
{
	if (transport->state != CLOSING && transport->state != LEAVING) {
		transport->status = status;
		(void)snprintf(transport->text, sizeof(transport->text), "%s", text);
	}
	close_now(transport);
}

static void on_deadline(uv_timer_t *timer)
{
	struct transport *transport = container_of(timer, struct transport, timer);

	fail(transport, PRAC_UNAVAILABLE, "the server does not answer in time");
}

static void on_written(uv_write_t *request, int status)
{
	struct transport *transport = container_of(request, struct transport, write);

	transport->is_writing = false;
	prac_buf_clear(&transport->written);
	if (transport->state == CLOSING) {
		return;
	}
	if (status < 0) {
		fail(transport, PRAC_UNAVAILABLE, "the connection to the server broke");
		return;
	}
	transport_flush(transport);
}

void transport_flush(struct transport *transport)
{
	struct prac_buf *sealed = prac_tls_output(transport->tls);
	struct prac_buf empty = transport->written;
	struct prac_bytes bytes;
	uv_buf_t part;

	if (transport->is_writing || transport->state == CLOSING) {
		return;
	}
	if (prac_buf_len(sealed) == 0) {
		if (transport->state == LEAVING) {
			close_now(transport);
		}
		return;
	}
	transport->written = *sealed;
	*sealed = empty;
	bytes = prac_buf_bytes(&transport->written);
	part = uv_buf_init((char *)bytes.data, (unsigned)bytes.len);
	transport->is_writing = true;
	if (uv_write(&transport->write, (uv_stream_t *)&transport->tcp, &part, 1, on_written) !=
		0) {
		transport->is_writing = false;
		fail(transport, PRAC_UNAVAILABLE, "the connection to the server broke");
	}
}

static void on_plain(struct transport *transport)
{
	const struct transport_options *options = &transport->options;

	if (transport->state == SHAKING && prac_tls_state(transport->tls) == PRAC_TLS_OPEN) {
		transport->state = OPEN;
		(void)uv_timer_stop(&transport->timer);
		options->handler->opened(options->ctx);
	}
	if (transport->state == OPEN && prac_buf_len(prac_tls_plain(transport->tls)) > 0) {
		options->handler->received(options->ctx);
	}
}

/* What is wrong with the server's or our certificate does not mend by trying again. */
static const char *tls_text(const struct transport *transport)
{
	const char *why = prac_tls_why(transport->tls);

	return why[0] != '\0' ? why : "the server ended the connection";
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct transport *transport = container_of((uv_tcp_t *)stream, struct transport, tcp);
	struct prac_bytes bytes = { (const uint8_t *)buf->base, n > 0 ? (size_t)n : 0 };
	enum prac_status status;

	if (n < 0) {
		fail(transport, PRAC_UNAVAILABLE, "the connection to the server broke");
		return;
	}
	status = prac_tls_feed(transport->tls, bytes);
	if (status == PRAC_OK) {
		on_plain(transport);
	}
	if (transport->state == CLOSING) {
		return;
	}
	transport_flush(transport);
	if (status != PRAC_OK) {
		fail(transport, status, tls_text(transport));
	} else if (prac_tls_state(transport->tls) == PRAC_TLS_PEER_CLOSED) {
		fail(transport, PRAC_UNAVAILABLE, "the server ended the connection");
	}
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct transport *transport = container_of((uv_tcp_t *)handle, struct transport, tcp);

	(void)size;
	*buf = uv_buf_init(transport->read_buf, READ_LEN);
}

static void try_address(struct transport *transport);

/* A handle that failed to connect is spent: the next address gets a fresh one. */
static void on_attempt_closed(uv_handle_t *handle)
{
	struct transport *transport = container_of((uv_tcp_t *)handle, struct transport, tcp);

	transport->has_tcp = false;
	if (transport->state == CLOSING) {
		release(transport);
		return;
	}
	transport->n_handles--;
	transport->address = transport->address->ai_next;
	try_address(transport);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct transport *transport = container_of(request, struct transport, connect);

	if (transport->state == CLOSING) {
		return;
	}
	if (status < 0) {
		uv_close((uv_handle_t *)&transport->tcp, on_attempt_closed);
		return;
	}
	transport->state = SHAKING;
	(void)uv_tcp_nodelay(&transport->tcp, 1); /* slower without, and nothing worse */
	if (uv_read_start((uv_stream_t *)&transport->tcp, on_alloc, on_read) != 0) {
		fail(transport, PRAC_UNAVAILABLE, "the connection to the server broke");
		return;
	}
	transport_flush(transport);
}

static void try_address(struct transport *transport)
{
	uv_tcp_t *tcp = &transport->tcp;

	if (transport->address == NULL) {
		fail(transport, PRAC_UNAVAILABLE, "the server cannot be reached");
		return;
	}
	if (uv_tcp_init(transport->timer.loop, tcp) != 0) {
		fail(transport, PRAC_RESOURCE_EXHAUSTED, "no socket can be made");
		return;
	}
	transport->has_tcp = true;
	transport->n_handles++;
	if (uv_tcp_connect(&transport->connect, tcp, transport->address->ai_addr, on_connect) !=
		0) {
		uv_close((uv_handle_t *)tcp, on_attempt_closed);
	}
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct transport *transport = container_of(request, struct transport, resolve);

	transport->is_resolving = false;
	transport->addresses = transport->address = addresses;
	if (transport->state == CLOSING) {
		if (transport->n_handles == 0) {
			finish(transport);
		}
		return;
	}
	if (status < 0) {
		fail(transport, PRAC_UNAVAILABLE, "the server's name is not known");
		return;
	}
	transport->state = CONNECTING;
	try_address(transport);
}

/* So that no callback runs before transport_open() has returned. */
static void on_start(uv_timer_t *timer)
{
	struct transport *transport = container_of(timer, struct transport, timer);
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

	if (transport->status != PRAC_OK) {
		close_now(transport); /* what is wrong is known since transport_open() */
		return;
	}
	if (uv_timer_start(timer, on_deadline, OPEN_MS, 0) != 0 ||
		uv_getaddrinfo(timer->loop, &transport->resolve, on_resolved,
			transport->options.host, transport->options.port, &hints) != 0) {
		fail(transport, PRAC_UNAVAILABLE, "the server's name is not known");
		return;
	}
	transport->is_resolving = true;
}

struct transport *transport_open(uv_loop_t *loop, const struct transport_options *options)
{
	struct transport *transport = calloc(1, sizeof(*transport));
	const char *name = options->is_known ? options->host : NULL;

	if (transport == NULL || uv_timer_init(loop, &transport->timer) != 0) {
		abort(); /* as the arena does */
	}
	transport->options = *options;
	transport->n_handles = 1;
	transport->status = prac_tls_new(options->tls, name, &transport->tls);
	if (transport->status != PRAC_OK) {
		(void)snprintf(transport->text, sizeof(transport->text),
			"\"%s\" cannot be the name of a server", options->host);
	}
	if (uv_timer_start(&transport->timer, on_start, 0, 0) != 0) {
		abort(); /* only without a callback */
	}
	return transport;
}

struct prac_tls *transport_tls(struct transport *transport)
{
	return transport->tls;
}

void transport_close(struct transport *transport, enum prac_status status, const char *text)
{
	enum transport_state was = transport->state;

	if (was == LEAVING || was == CLOSING) {
		return;
	}
	transport->status = status;
	(void)snprintf(transport->text, sizeof(transport->text), "%s", text);
	if (was != OPEN) {
		close_now(transport);
		return;
	}
	transport->state = LEAVING;
	prac_tls_shutdown(transport->tls);
	(void)uv_timer_start(&transport->timer, on_deadline, GOODBYE_MS, 0); /* has a callback */
	transport_flush(transport);
}
