#include "tests/bench/station/line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalog/types.h"
#include "common/base/env.h"
#include "common/catalog/catalog.h"
#include "proto/sync.pb-c.h"

enum {
	READ_LEN = 256 * 1024,
	WINDOW = 4 * 1024 * 1024
};

void line_die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench-station: %s: %s\n", what, why);
	exit(1);
}

void line_open(struct line *line, const struct line_place *place, struct prac_tls_ctx *ctx)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(place->port) };
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (line->fd < 0 || connect(line->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		line_die("connect", strerror(errno));
	}
	if (fcntl(line->fd, F_SETFL, O_NONBLOCK) != 0 ||
		setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
		line_die("socket", strerror(errno));
	}
	line->next_stream = 1;
	line->is_open = false;
	line->is_done = false;
	if (prac_tls_new(ctx, "localhost", &line->tls) != PRAC_OK) {
		line_die("tls", "no connection could be made");
	}
}

static void send_frames(struct line *line, struct prac_buf *frames)
{
	if (prac_tls_write(line->tls, prac_buf_bytes(frames)) != PRAC_OK) {
		line_die("write", prac_tls_why(line->tls));
	}
	prac_buf_deinit(frames);
}

uint32_t line_request(struct line *line, uint16_t method, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message), done = 0;
	uint8_t *packed = malloc(len + 1);
	struct prac_buf frames = { 0 };
	struct prac_frame frame = { .type = PRAC_FRAME_REQUEST, .method = method };

	if (packed == NULL) {
		line_die("request", "no memory");
	}
	protobuf_c_message_pack(message, packed);
	frame.stream = line->next_stream;
	line->next_stream += 2;
	do {
		size_t piece = len - done;

		if (piece > PRAC_FRAME_DEFAULT_MAX) {
			piece = PRAC_FRAME_DEFAULT_MAX;
		}
		frame.payload = (struct prac_bytes){ packed + done, piece };
		done += piece;
		frame.flags = done < len ? PRAC_FRAME_MORE : PRAC_FRAME_END;
		prac_frame_write(&frames, &frame);
	} while (done < len);
	free(packed);
	send_frames(line, &frames);
	return frame.stream;
}

void line_credit(struct line *line, uint32_t stream, size_t len)
{
	struct prac_buf frames = { 0 };
	struct prac_frame frame = { .type = PRAC_FRAME_CREDIT };

	line->owed += len;
	if (line->owed < WINDOW / 2) {
		return;
	}
	frame.aux = (uint32_t)line->owed;
	line->owed = 0;
	prac_frame_write(&frames, &frame);
	if (stream != 0) {
		frame.stream = stream;
		prac_frame_write(&frames, &frame);
	}
	send_frames(line, &frames);
}

static void send_hello(struct line *line)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;
	struct prac_buf frames = { 0 };
	struct prac_frame frame = { .type = PRAC_FRAME_HELLO };

	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = PRAC_SCHEMA;
	hello.has_incarnation = true;
	hello.incarnation = prac_env_random64(&prac_env_system) >> 1 | 1;
	hello.has_next_counter = true;
	hello.next_counter = 1;
	hello.has_stream_window = hello.has_connection_window = true;
	hello.stream_window = hello.connection_window = WINDOW;
	prac_frame_write_message(&frames, &frame, &hello.base);
	send_frames(line, &frames);
	line->is_open = true;
}

static void pong(struct line *line)
{
	struct prac_buf frames = { 0 };

	prac_frame_write(&frames, &(struct prac_frame){ .type = PRAC_FRAME_PONG });
	send_frames(line, &frames);
}

static void on_frame(struct line *line, const struct prac_frame *frame)
{
	if (frame->type == PRAC_FRAME_PING) {
		pong(line);
	} else if (frame->type == PRAC_FRAME_POKE) {
		if (line->on_poke != NULL) {
			line->on_poke(line);
		}
	} else if (frame->type == PRAC_FRAME_GOAWAY || (frame->flags & PRAC_FRAME_ERROR) != 0) {
		(void)fwrite(frame->payload.data, 1, frame->payload.len, stderr);
		line_die("server", prac_frame_name(frame->type));
	} else if (frame->type == PRAC_FRAME_WELCOME || frame->type == PRAC_FRAME_RESPONSE ||
		   frame->type == PRAC_FRAME_DATA) {
		prac_buf_append(&line->partial, frame->payload.data, frame->payload.len);
		if ((frame->flags & PRAC_FRAME_MORE) == 0) {
			line->on_message(line, frame, prac_buf_bytes(&line->partial));
			prac_buf_clear(&line->partial);
		}
	}
}

static void read_frames(struct line *line)
{
	struct prac_buf *plain = prac_tls_plain(line->tls);
	struct prac_frame frame;
	const char *reason = "";
	enum prac_status status;

	while ((status = prac_frame_read(plain, PRAC_FRAME_LIMIT, &frame, &reason)) == PRAC_OK) {
		on_frame(line, &frame);
		prac_frame_consume(plain, &frame);
	}
	if (status != PRAC_UNAVAILABLE) {
		line_die("frame", reason);
	}
}

static void receive(struct line *line)
{
	static uint8_t input[READ_LEN];
	ssize_t n = read(line->fd, input, sizeof(input));

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		line_die("read", n == 0 ? "the server closed" : strerror(errno));
	}
	if (n > 0 && prac_tls_feed(line->tls, (struct prac_bytes){ input, (size_t)n }) != PRAC_OK) {
		line_die("tls", prac_tls_why(line->tls));
	}
	if (!line->is_open && prac_tls_state(line->tls) == PRAC_TLS_OPEN) {
		send_hello(line);
	}
	read_frames(line);
}

static void transmit(struct line *line)
{
	struct prac_buf *out = prac_tls_output(line->tls);
	struct prac_bytes bytes = prac_buf_bytes(out);
	ssize_t n = bytes.len == 0 ? 0 : write(line->fd, bytes.data, bytes.len);

	if (n < 0 && errno != EAGAIN) {
		line_die("write", strerror(errno));
	}
	if (n > 0) {
		prac_buf_consume(out, (size_t)n);
	}
}

static short wanted(const struct line *line)
{
	if (line->is_done || line->tls == NULL) {
		return 0;
	}
	return prac_buf_len(prac_tls_output(line->tls)) > 0 ? POLLIN | POLLOUT : POLLIN;
}

/* Sends what waits; false when no line wants anything any more. */
static bool prepare_poll(struct line *lines, size_t n_lines, struct pollfd *fds)
{
	bool is_busy = false;

	for (size_t i = 0; i < n_lines; i++) {
		if (lines[i].tls != NULL && !lines[i].is_done) {
			transmit(&lines[i]);
		}
		fds[i].events = wanted(&lines[i]);
		fds[i].fd = fds[i].events == 0 ? -1 : lines[i].fd;
		is_busy = is_busy || fds[i].events != 0;
	}
	return is_busy;
}

void line_rest(struct line *lines, size_t n_lines, int ms)
{
	struct pollfd *fds = calloc(n_lines, sizeof(*fds));

	if (fds == NULL) {
		line_die("rest", "no memory");
	}
	for (size_t i = 0; i < n_lines; i++) {
		transmit(&lines[i]);
		fds[i] = (struct pollfd){ .fd = lines[i].fd, .events = POLLIN };
	}
	if (poll(fds, n_lines, ms) > 0) {
		for (size_t i = 0; i < n_lines; i++) {
			if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
				receive(&lines[i]);
			}
		}
	}
	free(fds);
}

bool line_run(struct line *lines, size_t n_lines, int timeout_ms)
{
	struct pollfd *fds = calloc(n_lines, sizeof(*fds));
	bool is_busy;

	if (fds == NULL) {
		line_die("run", "no memory");
	}
	while ((is_busy = prepare_poll(lines, n_lines, fds)) &&
		poll(fds, n_lines, timeout_ms) > 0) {
		for (size_t i = 0; i < n_lines; i++) {
			if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
				receive(&lines[i]);
			}
		}
	}
	free(fds);
	return !is_busy;
}
