#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/wire/scan.h"

enum {
	PATIENCE_MS = 10000
};

static void connect_to(struct raw_client *client, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	assert_int_equal(
		connect(client->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
}

struct raw_client *raw_client_new(
	uint16_t port, const struct raw_identity *identity, struct prac_bytes trust)
{
	struct raw_client *client = calloc(1, sizeof(*client));
	struct prac_tls_settings settings = { .check = PRAC_TLS_NOTHING,
		.alpn = PRAC_TLS_ALPN_ENROLL };
	char why[PRAC_TLS_WHY];

	assert_non_null(client);
	if (identity != NULL) {
		settings.check = PRAC_TLS_REQUIRED;
		settings.alpn = PRAC_TLS_ALPN;
		settings.chain = identity->chain;
		settings.key = identity->key;
		settings.trust = trust;
	}
	assert_int_equal(prac_tls_ctx_new(&settings, &client->ctx, why), PRAC_OK);
	assert_int_equal(
		prac_tls_new(client->ctx, identity == NULL ? NULL : "localhost", &client->tls),
		PRAC_OK);
	connect_to(client, port);
	return client;
}

void raw_client_free(struct raw_client *client)
{
	close(client->fd);
	prac_tls_free(client->tls);
	prac_tls_ctx_free(client->ctx);
	free(client);
}

static void flush(struct raw_client *client)
{
	struct prac_buf *out = prac_tls_output(client->tls);

	while (prac_buf_len(out) > 0) {
		struct prac_bytes bytes = prac_buf_bytes(out);
		ssize_t n = send(client->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (n <= 0) {
			prac_buf_clear(out); /* the end shows at the next read */
			return;
		}
		prac_buf_consume(out, (size_t)n);
	}
}

/* False at the end of the connection. */
static bool receive(struct raw_client *client)
{
	struct pollfd poll_fd = { .fd = client->fd, .events = POLLIN };
	uint8_t bytes[65536];
	ssize_t n;

	if (poll(&poll_fd, 1, PATIENCE_MS) != 1) {
		fail_msg("the server says nothing");
	}
	n = recv(client->fd, bytes, sizeof(bytes), 0);
	if (n <= 0 ||
		prac_tls_feed(client->tls, (struct prac_bytes){ bytes, (size_t)n }) != PRAC_OK) {
		return false;
	}
	flush(client);
	return true;
}

bool raw_client_handshake(struct raw_client *client)
{
	flush(client);
	while (prac_tls_state(client->tls) == PRAC_TLS_HANDSHAKE) {
		if (!receive(client)) {
			return false;
		}
	}
	return prac_tls_state(client->tls) == PRAC_TLS_OPEN;
}

void raw_client_bytes(struct raw_client *client, struct prac_bytes plain)
{
	assert_int_equal(prac_tls_write(client->tls, plain), PRAC_OK);
	flush(client);
}

void raw_client_send(struct raw_client *client, const struct prac_frame *frame)
{
	struct prac_buf buf = { 0 };

	prac_frame_write(&buf, frame);
	raw_client_bytes(client, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

void raw_client_message(
	struct raw_client *client, const struct prac_frame *head, const ProtobufCMessage *message)
{
	struct prac_buf buf = { 0 };

	prac_frame_write_message(&buf, head, message);
	raw_client_bytes(client, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

const struct prac_frame *raw_client_read(struct raw_client *client)
{
	struct prac_buf *plain = prac_tls_plain(client->tls);
	const char *reason = NULL;

	while (prac_frame_read(plain, PRAC_FRAME_LIMIT, &client->frame, &reason) != PRAC_OK) {
		if (prac_tls_state(client->tls) == PRAC_TLS_PEER_CLOSED || !receive(client)) {
			return NULL;
		}
	}
	memcpy(client->memory, client->frame.payload.data, client->frame.payload.len);
	prac_frame_consume(plain, &client->frame);
	client->frame.payload.data = client->memory;
	return &client->frame;
}

const void *raw_client_expect(struct raw_client *client, uint8_t type,
	const ProtobufCMessageDescriptor *descriptor, struct prac_arena *arena)
{
	const struct prac_frame *frame = raw_client_read(client);
	ProtobufCMessage *message = NULL;

	while (frame != NULL && frame->type == PRAC_FRAME_POKE) {
		frame = raw_client_read(client);
	}
	if (frame == NULL) {
		fail_msg("expected %s, got the end", prac_frame_name(type));
		return NULL;
	}
	assert_string_equal(prac_frame_name(frame->type), prac_frame_name(type));
	assert_int_equal(prac_unpack(descriptor, frame->payload, arena, &message), PRAC_OK);
	return message;
}
