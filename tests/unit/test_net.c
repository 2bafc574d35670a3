/* Real sockets on loopback, both ends on one loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/listener.h"
#include "tests/support/tls_pair.h"

enum {
	PATIENCE_MS = 5000
};

/* The handler's side of one connection: says back what it hears. */
struct echo {
	struct net_conn *conn;
	struct prac_buf output;
	size_t n_heard;
};

static struct {
	uv_loop_t loop;
	struct prac_tls_ctx *tls;
	struct net_listener *listener;
	struct net_room room;
	struct echo *last;
	unsigned n_opened, n_closed, n_abandoned;
	bool is_deaf, is_done, holds_start, is_gone;
} world;

static void opened(void *ctx, struct net_conn *conn)
{
	struct echo *echo = calloc(1, sizeof(*echo));

	(void)ctx;
	assert_non_null(echo);
	world.n_opened++;
	if (world.holds_start) {
		free(echo);
		return;
	}
	echo->conn = conn;
	world.last = echo;
	net_conn_start(conn, echo);
}

static void received(void *user, struct prac_bytes plain)
{
	struct echo *echo = user;

	echo->n_heard += plain.len;
	prac_buf_append(&echo->output, plain.data, plain.len);
}

static void tick(void *user, uint64_t now_ms)
{
	(void)user;
	(void)now_ms;
}

static struct prac_buf *output(void *user)
{
	return &((struct echo *)user)->output;
}

static bool wants_input(void *user)
{
	(void)user;
	return !world.is_deaf;
}

static bool is_done(void *user)
{
	(void)user;
	return world.is_done;
}

static void closed(void *user)
{
	struct echo *echo = user;

	world.n_closed++;
	world.last = NULL;
	prac_buf_deinit(&echo->output);
	free(echo);
}

static void abandoned(void *ctx, struct net_conn *conn)
{
	(void)ctx;
	(void)conn;
	world.n_abandoned++;
}

static const struct net_handler handler = { opened, received, tick, output, wants_input, is_done,
	closed, abandoned };

static void gone(void *ctx)
{
	(void)ctx;
	world.is_gone = true;
}

static int start(void **state)
{
	struct prac_tls_settings settings = { .is_server = true,
		.alpn = PRAC_TLS_ALPN,
		.chain = papers.server.chain,
		.key = papers.server.key,
		.trust = papers.trust };
	struct net_listener_config config = { .loop = &world.loop,
		.env = &prac_env_system,
		.name = "test",
		.address = "127.0.0.1",
		.fd = -1,
		.room = &world.room,
		.limits = { .connections = 100,
			.share = 100,
			.per_address = 3,
			.handshake_ms = 300,
			.handshakes_per_s = 1000,
			.handshake_burst = 100 },
		.handler = &handler };
	char why[PRAC_TLS_WHY];

	(void)state;
	memset(&world, 0, sizeof(world));
	assert_int_equal(uv_loop_init(&world.loop), 0);
	assert_int_equal(prac_tls_ctx_new(&settings, &world.tls, why), PRAC_OK);
	assert_int_equal(net_listener_new(&config, world.tls, &world.listener, why), PRAC_OK);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	net_listener_close(world.listener, gone, NULL);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_true(world.is_gone);
	assert_int_equal(uv_loop_close(&world.loop), 0); /* no handle was forgotten */
	prac_tls_ctx_free(world.tls);
	return 0;
}

/* The other end. tls NULL: says nothing. */
struct client {
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_write_t write;
	struct prac_tls *tls;
	struct prac_buf sent;
	bool is_connected, is_writing, has_end;
	char memory[65536];
};

static void client_flush(struct client *client);

static void on_sent(uv_write_t *request, int status)
{
	struct client *client = request->data;

	(void)status;
	client->is_writing = false;
	prac_buf_clear(&client->sent);
	client_flush(client);
}

static void client_flush(struct client *client)
{
	struct prac_buf *out = prac_tls_output(client->tls);
	uv_buf_t part;

	if (client->is_writing || prac_buf_len(out) == 0) {
		return;
	}
	prac_buf_append(&client->sent, prac_buf_bytes(out).data, prac_buf_len(out));
	prac_buf_clear(out);
	part = uv_buf_init(
		(char *)prac_buf_bytes(&client->sent).data, (unsigned)prac_buf_len(&client->sent));
	client->is_writing = true;
	client->write.data = client;
	assert_int_equal(
		uv_write(&client->write, (uv_stream_t *)&client->tcp, &part, 1, on_sent), 0);
}

static void client_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)size;
	*buf = uv_buf_init(client->memory, sizeof(client->memory));
}

static void client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;
	enum prac_status status;

	if (n < 0) {
		client->has_end = true;
		uv_read_stop(stream);
	} else if (client->tls != NULL) {
		status = prac_tls_feed(
			client->tls, (struct prac_bytes){ (const uint8_t *)buf->base, (size_t)n });
		if (status == PRAC_OK) {
			client_flush(client);
		}
	}
}

static void client_connected(uv_connect_t *request, int status)
{
	struct client *client = request->data;

	assert_int_equal(status, 0);
	client->is_connected = true;
	uv_read_start((uv_stream_t *)&client->tcp, client_alloc, client_read);
	if (client->tls != NULL) {
		client_flush(client);
	}
}

static struct client *client_new(const struct tls_identity *identity)
{
	struct client *client = calloc(1, sizeof(*client));
	struct sockaddr_in address;

	assert_non_null(client);
	if (identity != NULL) {
		client->tls = tls_pair_client(identity, &papers.trust, "127.0.0.1", PRAC_TLS_ALPN);
	}
	uv_ip4_addr("127.0.0.1", net_listener_port(world.listener), &address);
	uv_tcp_init(&world.loop, &client->tcp);
	client->tcp.data = client;
	client->connect.data = client;
	assert_int_equal(uv_tcp_connect(&client->connect, &client->tcp,
				 (const struct sockaddr *)&address, client_connected),
		0);
	return client;
}

static void client_free(struct client *client)
{
	uv_close((uv_handle_t *)&client->tcp, NULL);
	uv_run(&world.loop, UV_RUN_NOWAIT);
	uv_run(&world.loop, UV_RUN_NOWAIT);
	prac_buf_deinit(&client->sent);
	prac_tls_free(client->tls);
	free(client);
}

static uint64_t deadline(void)
{
	return uv_hrtime() / 1000000 + PATIENCE_MS;
}

static void turn(uint64_t end_ms, const char *what)
{
	if (uv_hrtime() / 1000000 > end_ms) {
		fail_msg("waited in vain for %s", what);
	}
	uv_run(&world.loop, UV_RUN_ONCE);
}

/* Runs the loop until the condition holds; a test that waits in vain fails. */
#define WAIT_UNTIL(condition)                                                        \
	for (uint64_t end_ms = deadline(); !(condition); turn(end_ms, #condition)) { \
	}

static void say(struct client *client, size_t len)
{
	uint8_t *bytes = calloc(1, len);

	assert_non_null(bytes);
	assert_int_equal(prac_tls_write(client->tls, (struct prac_bytes){ bytes, len }), PRAC_OK);
	client_flush(client);
	free(bytes);
}

static void what_is_said_comes_back(void **state)
{
	struct client *client = client_new(&papers.device);

	(void)state;
	WAIT_UNTIL(prac_tls_state(client->tls) == PRAC_TLS_OPEN);
	say(client, 1000000);
	WAIT_UNTIL(prac_buf_len(prac_tls_plain(client->tls)) == 1000000);
	assert_int_equal(world.n_opened, 1);
	client_free(client);
	WAIT_UNTIL(world.n_closed == 1);
}

static void a_certificate_of_others_is_refused_before_the_handler_knows(void **state)
{
	struct client *client = client_new(&papers.foreign_device);

	(void)state;
	WAIT_UNTIL(client->has_end);
	assert_int_equal(world.n_opened, 0);
	assert_int_equal(prac_tls_state(client->tls), PRAC_TLS_FAILED); /* an alert came */
	client_free(client);
}

static void no_certificate_is_refused_before_the_handler_knows(void **state)
{
	struct client *client = client_new(&papers.none);

	(void)state;
	WAIT_UNTIL(client->has_end);
	assert_int_equal(world.n_opened, 0);
	client_free(client);
}

static void who_says_nothing_is_sent_away_at_the_deadline(void **state)
{
	struct client *client = client_new(NULL);

	(void)state;
	WAIT_UNTIL(client->has_end);
	assert_int_equal(net_listener_count(world.listener), 0);
	client_free(client);
}

static void an_address_has_so_many_handshakes_at_once(void **state)
{
	struct client *clients[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		clients[i] = client_new(NULL);
		WAIT_UNTIL(clients[i]->is_connected);
	}
	WAIT_UNTIL(clients[3]->has_end);
	assert_int_equal(net_listener_count(world.listener), 3);
	for (size_t i = 0; i < 4; i++) {
		client_free(clients[i]);
	}
}

static void a_connection_that_is_open_leaves_its_address_free(void **state)
{
	struct client *clients[5];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		clients[i] = client_new(&papers.device);
		WAIT_UNTIL(world.n_opened == i + 1);
	}
	for (size_t i = 0; i < 5; i++) {
		client_free(clients[i]);
	}
	WAIT_UNTIL(world.n_closed == 5);
}

static void a_handler_that_is_done_says_its_last_words(void **state)
{
	struct client *client = client_new(&papers.device);

	(void)state;
	WAIT_UNTIL(world.n_opened == 1);
	say(client, 70000);
	WAIT_UNTIL(world.last->n_heard == 70000);
	world.is_done = true;
	net_conn_flush(world.last->conn);
	WAIT_UNTIL(client->has_end);
	assert_int_equal(prac_buf_len(prac_tls_plain(client->tls)), 70000);
	assert_int_equal(prac_tls_state(client->tls), PRAC_TLS_PEER_CLOSED);
	client_free(client);
	WAIT_UNTIL(world.n_closed == 1);
}

static void a_handler_that_does_not_listen_is_not_read_to(void **state)
{
	struct client *client = client_new(&papers.device);

	(void)state;
	WAIT_UNTIL(world.n_opened == 1);
	world.is_deaf = true;
	say(client, 100000);
	for (int i = 0; i < 20; i++) {
		uv_run(&world.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(world.last->n_heard, 0);
	world.is_deaf = false;
	net_conn_flush(world.last->conn);
	WAIT_UNTIL(prac_buf_len(prac_tls_plain(client->tls)) == 100000);
	client_free(client);
	WAIT_UNTIL(world.n_closed == 1);
}

static void what_comes_before_the_start_is_kept(void **state)
{
	struct client *client = client_new(&papers.device);

	(void)state;
	world.holds_start = true;
	WAIT_UNTIL(world.n_opened == 1);
	say(client, 10);
	uv_run(&world.loop, UV_RUN_NOWAIT);
	assert_int_equal(net_listener_count(world.listener), 1);
	net_listener_stop(world.listener);
	client_free(client);
}

static void a_listener_that_closes_abandons_who_was_not_started(void **state)
{
	struct client *client = client_new(&papers.device);

	(void)state;
	world.holds_start = true;
	WAIT_UNTIL(world.n_opened == 1);
	client_free(client);
	stop(NULL);
	assert_int_equal(world.n_abandoned, 1);
	start(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_said_comes_back, start, stop),
		cmocka_unit_test_setup_teardown(
			a_certificate_of_others_is_refused_before_the_handler_knows, start, stop),
		cmocka_unit_test_setup_teardown(
			no_certificate_is_refused_before_the_handler_knows, start, stop),
		cmocka_unit_test_setup_teardown(
			who_says_nothing_is_sent_away_at_the_deadline, start, stop),
		cmocka_unit_test_setup_teardown(
			an_address_has_so_many_handshakes_at_once, start, stop),
		cmocka_unit_test_setup_teardown(
			a_connection_that_is_open_leaves_its_address_free, start, stop),
		cmocka_unit_test_setup_teardown(
			a_handler_that_is_done_says_its_last_words, start, stop),
		cmocka_unit_test_setup_teardown(
			a_handler_that_does_not_listen_is_not_read_to, start, stop),
		cmocka_unit_test_setup_teardown(what_comes_before_the_start_is_kept, start, stop),
		cmocka_unit_test_setup_teardown(
			a_listener_that_closes_abandons_who_was_not_started, start, stop),
	};

	return cmocka_run_group_tests(tests, tls_pair_begin, tls_pair_end);
}
