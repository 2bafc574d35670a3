/*
 * Subscribers of an MQTT broker in one poll loop, as bench-station drives its stations; prints one
 * JSON line with the ms from a publication to its deliveries.
 *
 *   peer-notice PORT DIR STATIONS ROUNDS    DIR holds ca.pem and one client certificate: station.pem,
 *                                           station.key
 */
#include <mosquitto.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	QOS = 1,
	QUIET_MS = 30000,
	PACKETS = 100, /* handled in one go */
	GROUP = 100    /* that connect at once */
};

static struct mosquitto **clients; /* the first publishes */
static double *times;              /* ms */
static size_t n_clients, n_ready, n_notices;
static double published;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void must(int status, const char *what)
{
	if (status != MOSQ_ERR_SUCCESS) {
		(void)fprintf(stderr, "peer-notice: %s: %s\n", what, mosquitto_strerror(status));
		exit(1);
	}
}

static void on_connect(struct mosquitto *client, void *ctx, int status)
{
	(void)ctx;
	must(status, "connect");
	if (client == clients[0]) {
		n_ready++; /* the publisher */
	} else {
		must(mosquitto_subscribe(client, NULL, "head", QOS), "subscribe");
	}
}

static void on_subscribe(
	struct mosquitto *client, void *ctx, int id, int n_granted, const int *granted)
{
	(void)client, (void)ctx, (void)id, (void)n_granted, (void)granted;
	n_ready++;
}

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message)
{
	(void)client, (void)ctx, (void)message;
	times[n_notices++] = now_ms() - published;
}

static struct mosquitto *client_new(size_t i, int port, const char *dir)
{
	char name[32], ca[512], certificate[512], key[512];
	struct mosquitto *client;

	/* A path that is too long does not open. */
	(void)snprintf(name, sizeof(name), "station-%zu", i);
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	(void)snprintf(certificate, sizeof(certificate), "%s/station.pem", dir);
	(void)snprintf(key, sizeof(key), "%s/station.key", dir);
	client = mosquitto_new(name, true, NULL);
	if (client == NULL) {
		must(MOSQ_ERR_NOMEM, "client");
	}
	must(mosquitto_tls_set(client, ca, NULL, certificate, key, NULL), "certificate");
	must(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1), "socket");
	mosquitto_connect_callback_set(client, on_connect);
	mosquitto_subscribe_callback_set(client, on_subscribe);
	mosquitto_message_callback_set(client, on_message);
	must(mosquitto_connect(client, "localhost", port, 600), "connect");
	return client;
}

/* One turn of all connections. */
static void turn(struct pollfd *fds)
{
	for (size_t i = 0; i < n_clients; i++) {
		fds[i] = (struct pollfd){ .fd = mosquitto_socket(clients[i]), .events = POLLIN };
		if (mosquitto_want_write(clients[i])) {
			fds[i].events |= POLLOUT;
		}
	}
	if (poll(fds, n_clients, QUIET_MS) <= 0) {
		must(MOSQ_ERR_CONN_LOST, "half a minute without traffic");
	}
	for (size_t i = 0; i < n_clients; i++) {
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			must(mosquitto_loop_read(clients[i], PACKETS), "read");
		}
		if ((fds[i].revents & POLLOUT) != 0 || mosquitto_want_write(clients[i])) {
			must(mosquitto_loop_write(clients[i], PACKETS), "write");
		}
	}
}

static void publish(struct pollfd *fds, size_t n)
{
	static const char head[16] = "0123456789abcde";

	n = n_notices + n;
	published = now_ms();
	must(mosquitto_publish(clients[0], NULL, "head", sizeof(head), head, QOS, false),
		"publish");
	while (n_notices < n) {
		turn(fds);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	size_t n = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	size_t rounds = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	struct pollfd *fds = calloc(n + 1, sizeof(*fds));

	if (n == 0 || rounds == 0) {
		(void)fprintf(stderr, "usage: peer-notice PORT DIR STATIONS ROUNDS\n");
		return 64;
	}
	clients = calloc(n + 1, sizeof(struct mosquitto *));
	times = calloc((n + 1) * (rounds + 1), sizeof(*times));
	if (fds == NULL || clients == NULL || times == NULL) {
		return 1;
	}
	must(mosquitto_lib_init(), "library");
	while (n_clients < n + 1) {
		clients[n_clients] = client_new(n_clients, (int)strtol(argv[1], NULL, 10), argv[2]);
		n_clients++;
		while (n_clients % GROUP == 0 && n_ready < n_clients) {
			turn(fds);
		}
	}
	while (n_ready < n + 1) {
		turn(fds);
	}
	publish(fds, n); /* warms up */
	n_notices = 0;
	for (size_t i = 0; i < rounds; i++) {
		publish(fds, n);
	}
	qsort(times, n_notices, sizeof(*times), compare);
	printf("{\"stations\":%zu,\"notices\":%zu,\"p50\":%.3f,\"p99\":%.3f}\n", n, n_notices,
		times[n_notices / 2], times[n_notices * 99 / 100]);
	return 0;
}
