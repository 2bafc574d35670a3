#include "server/signer/signer.h"

#include <assert.h>
#include <glib.h>
#include <string.h>
#include <uv.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "server/signer/wire.h"

enum {
	RETRY_MS = 500 /* between tries to connect while somebody waits */
};

#define SIGNER_STATE_MAP(XX)                                                   \
	XX(AWAY, "away") /* nobody asks, or the last try failed */             \
	XX(CONNECTING, "connecting")                                           \
	XX(OPEN, "open")                                                       \
	XX(CLOSING, "closing") /* of a lost connection; the next may follow */ \
	XX(ENDED, "ended")

enum signer_state {
#define XX(name, text) SIGNER_##name,
	SIGNER_STATE_MAP(XX)
#undef XX
};

static const char *const state_names[] = {
#define XX(name, text) [SIGNER_##name] = (text),
	SIGNER_STATE_MAP(XX)
#undef XX
};

#define TO(state) (1U << SIGNER_##state)

/* May go from the index to any state of the mask. */
static const unsigned allowed[] = {
	[SIGNER_AWAY] = TO(CONNECTING) | TO(ENDED),
	[SIGNER_CONNECTING] = TO(OPEN) | TO(CLOSING) | TO(ENDED),
	[SIGNER_OPEN] = TO(CLOSING) | TO(ENDED),
	[SIGNER_CLOSING] = TO(AWAY) | TO(ENDED),
	[SIGNER_ENDED] = 0,
};

struct signer {
	uv_loop_t *loop;
	char *path;
	enum signer_state state;
	uv_pipe_t pipe;   /* in use in CONNECTING, OPEN and CLOSING */
	uv_timer_t timer; /* runs while somebody waits */
	uv_connect_t connect;
	uint64_t next_try_ms, n_calls;
	GQueue calls; /* struct call, oldest first */
	uint8_t input[SIGNER_FRAME];
	size_t n_input;
	bool is_pipe_in_use, is_timer_closed;
	void (*closed)(void *ctx);
	void *closed_ctx;
};

struct call {
	GList link;
	uint64_t number, end_ms;
	enum signer_kind kind;
	enum prac_status refused; /* not OK: was never sent */
	bool is_sent, is_writing, is_done;
	uv_write_t write;
	signer_fn done;
	void *ctx;
	uint8_t frame[SIGNER_FRAME];
};

static void enter(struct signer *signer, enum signer_state next)
{
	assert((allowed[signer->state] & 1U << next) != 0);
	prac_log(PRAC_LOG_DEBUG, "signer.state", "from=%s to=%s", state_names[signer->state],
		state_names[next]);
	signer->state = next;
}

static void release(struct call *call)
{
	if (call->is_done && !call->is_writing) {
		explicit_bzero(call->frame, sizeof(call->frame)); /* it may hold a password */
		g_free(call);
	}
}

static void end_call(struct signer *signer, struct call *call, enum prac_status status,
	const struct signer_answer *answer)
{
	g_queue_unlink(&signer->calls, &call->link);
	call->is_done = true;
	call->done(call->ctx, status, answer);
	release(call);
}

/* All that waited: the answer is not coming, and whether it was worked out does not matter. */
static void end_calls(struct signer *signer, enum prac_status status)
{
	GQueue calls = signer->calls;

	g_queue_init(&signer->calls);
	while (!g_queue_is_empty(&calls)) {
		struct call *call = g_queue_pop_head_link(&calls)->data;

		g_queue_push_tail_link(&signer->calls, &call->link);
		end_call(signer, call, status, NULL);
	}
}

static void lose(struct signer *signer, const char *why);

static uint32_t number_of(struct prac_bytes bytes)
{
	return (uint32_t)bytes.data[0] << 24 | (uint32_t)bytes.data[1] << 16 |
	       (uint32_t)bytes.data[2] << 8 | bytes.data[3];
}

/* False: the signer answers something else than it was asked. */
static bool read_answer(
	enum signer_kind kind, const struct signer_message *message, struct signer_answer *answer)
{
	const struct prac_bytes *parts = message->parts;

	switch (kind) {
	case SIGNER_ENROLL:
	case SIGNER_REPEAT:
		answer->proof = parts[2];
		answer->certificate = parts[1];
		answer->authorities = parts[0];
		return message->n_parts == 3 && parts[2].len == PRAC_SHA256_LEN;
	case SIGNER_RENEW:
		answer->certificate = parts[1];
		answer->authorities = parts[0];
		return message->n_parts == 2;
	case SIGNER_PEPPER:
		if (message->n_parts != 2 || parts[0].len != 4 || parts[1].len != PRAC_SHA256_LEN) {
			return false;
		}
		answer->version = number_of(parts[0]);
		memcpy(answer->peppered.b, parts[1].data, sizeof(answer->peppered.b));
		return true;
	case SIGNER_HEAD:
		answer->signature = parts[0];
		return message->n_parts == 1;
	case SIGNER_TRUST:
	case SIGNER_SEAL:
	case SIGNER_N_KINDS:
		break;
	}
	return false;
}

static struct call *find_call(struct signer *signer, uint64_t number)
{
	for (GList *link = signer->calls.head; link != NULL; link = link->next) {
		struct call *call = link->data;

		if (call->number == number && call->is_sent) {
			return call;
		}
	}
	return NULL;
}

static void answered(struct signer *signer)
{
	struct signer_message message;
	struct signer_answer answer = { 0 };
	struct call *call;

	if (signer_message_read(signer->input, &message) != PRAC_OK) {
		lose(signer, "it sent something that is no answer");
		return;
	}
	call = find_call(signer, message.call);
	if (call == NULL) {
		return; /* its time was over */
	}
	if (message.kind == PRAC_OK && !read_answer(call->kind, &message, &answer)) {
		lose(signer, "it answered another question");
		return;
	}
	end_call(signer, call, (enum prac_status)message.kind,
		message.kind == PRAC_OK ? &answer : NULL);
	explicit_bzero(&answer, sizeof(answer));
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct signer *signer = handle->data;

	(void)size;
	*buf = uv_buf_init((char *)signer->input + signer->n_input,
		(unsigned)(SIGNER_FRAME - signer->n_input));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct signer *signer = stream->data;

	(void)buf;
	if (n < 0) {
		lose(signer, uv_strerror((int)n));
		return;
	}
	signer->n_input += (size_t)n;
	if (signer->n_input == SIGNER_FRAME) {
		answered(signer);
		signer->n_input = 0;
		explicit_bzero(signer->input, sizeof(signer->input));
	}
}

static void on_written(uv_write_t *write, int status)
{
	struct call *call = write->data;

	(void)status; /* a lost connection is seen by the reader */
	call->is_writing = false;
	release(call);
}

static void send_calls(struct signer *signer)
{
	for (GList *link = signer->calls.head; link != NULL; link = link->next) {
		struct call *call = link->data;
		uv_buf_t buf = uv_buf_init((char *)call->frame, sizeof(call->frame));

		if (call->is_sent || call->refused != PRAC_OK) {
			continue;
		}
		call->write.data = call;
		call->is_sent = true;
		call->is_writing = uv_write(&call->write, (uv_stream_t *)&signer->pipe, &buf, 1,
					   on_written) == 0;
	}
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct signer *signer = connect->data;

	if (signer->state != SIGNER_CONNECTING) {
		return; /* closed meanwhile */
	}
	if (status == 0) {
		status = uv_read_start((uv_stream_t *)&signer->pipe, on_alloc, on_read);
	}
	if (status != 0) {
		lose(signer, uv_strerror(status));
		return;
	}
	enter(signer, SIGNER_OPEN);
	signer->n_input = 0;
	send_calls(signer);
}

static void free_ended(struct signer *signer)
{
	if (signer->state != SIGNER_ENDED || signer->is_pipe_in_use || !signer->is_timer_closed) {
		return;
	}
	/* Who hears of the end may ask once more, and is to hear of that, too. */
	while (!g_queue_is_empty(&signer->calls)) {
		end_calls(signer, PRAC_CANCELLED);
	}
	if (signer->closed != NULL) {
		signer->closed(signer->closed_ctx);
	}
	explicit_bzero(signer->input, sizeof(signer->input));
	g_free(signer->path);
	g_free(signer);
}

static void on_pipe_closed(uv_handle_t *handle)
{
	struct signer *signer = handle->data;

	signer->is_pipe_in_use = false;
	if (signer->state == SIGNER_CLOSING) {
		enter(signer, SIGNER_AWAY);
	}
	free_ended(signer);
}

static void lose(struct signer *signer, const char *why)
{
	prac_log(PRAC_LOG_ERROR, "signer.lost", "why=\"%s\" socket=%s waiting=%u", why,
		signer->path, signer->calls.length);
	signer->next_try_ms = uv_now(signer->loop) + RETRY_MS;
	enter(signer, SIGNER_CLOSING);
	uv_close((uv_handle_t *)&signer->pipe, on_pipe_closed);
	end_calls(signer, PRAC_UNAVAILABLE);
}

static void connect_now(struct signer *signer)
{
	uv_pipe_init(signer->loop, &signer->pipe, 0);
	signer->pipe.data = signer;
	signer->connect.data = signer;
	signer->is_pipe_in_use = true;
	signer->n_input = 0;
	enter(signer, SIGNER_CONNECTING);
	uv_pipe_connect(&signer->connect, &signer->pipe, signer->path, on_connected);
}

/* The oldest call up to this number that is to hear of its end; NULL: none. */
static struct call *first_due(struct signer *signer, uint64_t last_number)
{
	for (GList *link = signer->calls.head; link != NULL; link = link->next) {
		struct call *call = link->data;

		if (call->number <= last_number &&
			(call->refused != PRAC_OK || uv_now(signer->loop) >= call->end_ms)) {
			return call;
		}
	}
	return NULL;
}

/* Those that were refused at once hear it here; the others when their time is over. */
static void end_late(struct signer *signer)
{
	const uint64_t last_number =
		signer->n_calls; /* done may ask again: that is for the next turn */
	struct call *call;

	while ((call = first_due(signer, last_number)) != NULL) {
		if (call->refused != PRAC_OK) {
			end_call(signer, call, call->refused, NULL);
		} else if (signer->state == SIGNER_OPEN || signer->state == SIGNER_CONNECTING) {
			lose(signer, "it does not answer in time");
		} else {
			end_calls(signer, PRAC_UNAVAILABLE);
		}
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct signer *signer = timer->data;

	end_late(signer);
	if (signer->state == SIGNER_AWAY && !g_queue_is_empty(&signer->calls) &&
		uv_now(signer->loop) >= signer->next_try_ms) {
		connect_now(signer);
	}
	if (g_queue_is_empty(&signer->calls)) {
		uv_timer_stop(timer);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct signer *signer = handle->data;

	signer->is_timer_closed = true;
	free_ended(signer);
}

struct signer *signer_new(struct uv_loop_s *loop, const char *socket)
{
	struct signer *signer = g_new0(struct signer, 1);

	signer->loop = loop;
	signer->path = g_strdup(socket);
	g_queue_init(&signer->calls);
	uv_timer_init(loop, &signer->timer);
	signer->timer.data = signer;
	return signer;
}

void signer_close(struct signer *signer, void (*closed)(void *ctx), void *ctx)
{
	bool is_open = signer->state == SIGNER_OPEN || signer->state == SIGNER_CONNECTING;

	signer->closed = closed;
	signer->closed_ctx = ctx;
	enter(signer, SIGNER_ENDED);
	if (is_open) {
		uv_close((uv_handle_t *)&signer->pipe, on_pipe_closed);
	}
	uv_close((uv_handle_t *)&signer->timer, on_timer_closed);
	end_calls(signer, PRAC_CANCELLED);
}

static void ask(
	struct signer *signer, const struct signer_message *question, signer_fn done, void *ctx)
{
	struct call *call = g_new0(struct call, 1);
	struct signer_message message = *question;

	signer->n_calls++;
	message.call = signer->n_calls;
	call->link.data = call;
	call->number = message.call;
	call->kind = (enum signer_kind)message.kind;
	call->end_ms = uv_now(signer->loop) + SIGNER_WAIT_MS;
	call->done = done;
	call->ctx = ctx;
	if (signer->state == SIGNER_ENDED) {
		call->refused = PRAC_CANCELLED;
	} else if (signer->calls.length >= SIGNER_CALLS_MAX) {
		call->refused = PRAC_RESOURCE_EXHAUSTED;
	} else if (signer_message_write(&message, call->frame) != PRAC_OK) {
		call->refused = PRAC_INVALID_ARGUMENT;
	}
	g_queue_push_tail_link(&signer->calls, &call->link);
	if (signer->state == SIGNER_OPEN) {
		send_calls(signer);
	}
	if (signer->state != SIGNER_ENDED) {
		uv_timer_start(&signer->timer, on_timer, 0, RETRY_MS / 5);
	}
}

static struct signer_message about_code(
	enum signer_kind kind, const struct signer_enrollment *enrollment, struct prac_bytes third)
{
	return (struct signer_message){ .kind = (uint8_t)kind,
		.n_parts = 5,
		.parts = { enrollment->sealed_key, { enrollment->channel, 32 }, enrollment->proof,
			third, enrollment->csr } };
}

void signer_enroll(struct signer *signer, const struct signer_enrollment *enrollment,
	const struct prac_id *device, signer_fn done, void *ctx)
{
	struct signer_message message =
		about_code(SIGNER_ENROLL, enrollment, prac_id_bytes(device));

	ask(signer, &message, done, ctx);
}

void signer_repeat(struct signer *signer, const struct signer_enrollment *enrollment,
	struct prac_bytes certificate, signer_fn done, void *ctx)
{
	struct signer_message message = about_code(SIGNER_REPEAT, enrollment, certificate);

	ask(signer, &message, done, ctx);
}

void signer_renew(struct signer *signer, struct prac_bytes certificate, signer_fn done, void *ctx)
{
	struct signer_message message = {
		.kind = SIGNER_RENEW, .n_parts = 1, .parts = { certificate }
	};

	ask(signer, &message, done, ctx);
}

void signer_pepper_lost(const struct prac_id *user, uint32_t version)
{
	char id[PRAC_ID_TEXT];

	prac_id_format(user, id);
	prac_log(PRAC_LOG_ERROR, "signer.pepper_lost", "user=%s pepper=%u", id, version);
}

void signer_pepper(struct signer *signer, uint32_t version, struct prac_bytes password,
	signer_fn done, void *ctx)
{
	const uint8_t wanted[4] = { (uint8_t)(version >> 24), (uint8_t)(version >> 16),
		(uint8_t)(version >> 8), (uint8_t)version };
	struct signer_message message = { .kind = SIGNER_PEPPER,
		.n_parts = 2,
		.parts = { { wanted, sizeof(wanted) }, password } };

	ask(signer, &message, done, ctx);
}

void signer_sign_head(struct signer *signer, struct prac_bytes head, signer_fn done, void *ctx)
{
	struct signer_message message = { .kind = SIGNER_HEAD, .n_parts = 1, .parts = { head } };

	ask(signer, &message, done, ctx);
}
