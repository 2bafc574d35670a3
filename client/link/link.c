#include "client/link/link.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "client/link/papers.h"
#include "client/link/transport.h"
#include "client/replica/folder.h"
#include "client/replica/people.h"
#include "common/base/log.h"

enum {
	TICK_MS = 1000,
	LOOK_TICKS = 5, /* the outbox is looked at without a poke as well */
	BACKOFF_MIN_MS = 1000,
	BACKOFF_MAX_MS = 5 * 60 * 1000,
	REFUSED_MAX = 3, /* answers that it cannot, before a sync without watch gives up */
	RESTARTS_MAX = 3 /* in a row without waiting longer */
};

struct link {
	uv_loop_t loop;
	uv_timer_t tick, wait;
	uv_signal_t interrupt, terminate;
	uv_poll_t poke;
	int poke_fd; /* -1: nobody can poke */
	struct replica *replica;
	const struct prac_env *env;
	struct link_options options;
	const struct session_ask *ask; /* NULL: syncs */
	struct replica_identity identity;
	char host[256];
	const char *port;
	struct papers papers;
	struct prac_arena turn; /* who is signed in, as long as the session lasts */
	struct transport *transport;
	struct session *session;
	bool is_stopping, is_done, was_open;
	unsigned n_ticks, n_restarts;
	uint32_t backoff_ms;
	uint64_t sooner_ms;  /* of the loop's clock: from then on somebody's input ends the wait */
	uint64_t give_up_ms; /* of the loop's clock; 0: with the first failure */
	enum prac_status status;
	char text[LINK_TEXT];
	char trouble[LINK_TEXT]; /* why the outbox stays though the connection holds */
};

/* ---- end */

static void stop_all(struct link *link)
{
	uv_handle_t *handles[] = { (uv_handle_t *)&link->tick, (uv_handle_t *)&link->wait,
		(uv_handle_t *)&link->interrupt, (uv_handle_t *)&link->terminate,
		(uv_handle_t *)&link->poke };
	size_t n = link->poke_fd >= 0 ? PRAC_NELEM(handles) : PRAC_NELEM(handles) - 1;

	if (link->is_done) {
		return;
	}
	link->is_done = true;
	for (size_t i = 0; i < n; i++) {
		uv_close(handles[i], NULL);
	}
}

static void end(struct link *link, enum prac_status status, const char *text)
{
	link->status = status;
	(void)snprintf(link->text, sizeof(link->text), "%s", text);
	stop_all(link);
}

/* ---- a connection */

static void report(struct link *link)
{
	struct session_progress progress;

	if (link->options.progress != NULL && link->session != NULL) {
		session_progress(link->session, &progress);
		link->options.progress(link->options.ctx, &progress);
	}
}

/* Without watch the job is done when nothing is left to send or to fetch. */
static void close_when_done(struct link *link)
{
	struct session_progress progress;

	session_progress(link->session, &progress);
	if (!link->options.watch && progress.n_refused >= REFUSED_MAX) {
		session_cut(link->session, PRAC_UNAVAILABLE, progress.refusal);
		link->give_up_ms = 0;
	} else if (progress.phase == SESSION_CURRENT) {
		link->backoff_ms = BACKOFF_MIN_MS;
		link->n_restarts = 0;
		if (!link->options.watch || link->is_stopping) {
			(void)snprintf(
				link->trouble, sizeof(link->trouble), "%s", progress.trouble);
			session_close(link->session);
		}
	}
}

/* Moves what the session has to say; ends the transport when the session is over. */
static void pump(struct link *link)
{
	const struct session_end *over;
	struct session_progress progress;
	struct prac_buf *out;

	if (link->session == NULL) {
		return;
	}
	close_when_done(link);
	out = session_output(link->session);
	if (prac_buf_len(out) > 0 &&
		prac_tls_write(transport_tls(link->transport), prac_buf_bytes(out)) != PRAC_OK) {
		session_cut(link->session, PRAC_UNAVAILABLE, "the connection to the server broke");
	}
	prac_buf_clear(out);
	report(link);
	session_progress(link->session, &progress);
	if (progress.phase == SESSION_CLOSED) {
		over = session_end(link->session);
		transport_close(link->transport, over->status, over->text);
		return;
	}
	transport_flush(link->transport);
}

/* Read for each connection: whoever came to a station whose certificate is over has signed in since. */
static struct session_papers papers_now(struct link *link)
{
	struct session_papers papers = papers_of_session(&link->papers);
	struct replica_who who;

	prac_arena_reset(&link->turn);
	if (replica_who(link->replica, &link->turn, &who) == PRAC_OK &&
		who.presence == REPLICA_PRESENT) {
		papers.sign_in = who.token;
	}
	return papers;
}

static void on_opened(void *ctx)
{
	struct link *link = ctx;
	struct session_papers papers;

	link->was_open = true;
	prac_log(PRAC_LOG_INFO, "link.up", "port=%s", link->port);
	if (link->ask != NULL) {
		/* Without the lock of the folder: whoever syncs renews. */
		link->session = session_new_aside(link->replica, link->env, link->ask);
	} else {
		papers = papers_now(link);
		link->session = session_new(link->replica, link->env);
		session_use_papers(link->session, &papers);
	}
	pump(link);
}

static void on_received(void *ctx)
{
	struct link *link = ctx;
	struct prac_buf *plain = prac_tls_plain(transport_tls(link->transport));

	if (link->session != NULL) {
		session_feed(link->session, prac_buf_bytes(plain));
	}
	prac_buf_clear(plain);
	pump(link);
}

static void connect_now(struct link *link);

static enum prac_status load_papers(struct link *link);

static void on_wait(uv_timer_t *timer)
{
	struct link *link = container_of(timer, struct link, wait);

	if (link->papers.is_stale && load_papers(link) != PRAC_OK) {
		end(link, PRAC_FAILED_PRECONDITION,
			"the new certificate of this device cannot be used; enroll with a new code");
		return;
	}
	connect_now(link);
}

/* Full jitter: after a district-wide cut all stations come back at random times. */
static uint32_t next_wait(struct link *link, const struct session_end *over)
{
	uint32_t wait_ms = link->backoff_ms;

	if (over != NULL && over->is_retry_now && link->n_restarts < RESTARTS_MAX) {
		link->n_restarts++;
		return 1;
	}
	if (over != NULL && over->retry_after_ms != 0) {
		return over->retry_after_ms +
		       (uint32_t)(prac_env_random64(link->env) % BACKOFF_MIN_MS);
	}
	link->backoff_ms = wait_ms < BACKOFF_MAX_MS / 2 ? 2 * wait_ms : BACKOFF_MAX_MS;
	return (uint32_t)(prac_env_random64(link->env) % wait_ms) + 1;
}

/* What the server asked for stands; what was drawn yields to whoever has just entered something. */
static uint32_t soonest_wait(const struct session_end *over, uint32_t wait_ms)
{
	bool is_asked = over != NULL && over->retry_after_ms != 0;

	return is_asked || wait_ms < BACKOFF_MIN_MS ? wait_ms : BACKOFF_MIN_MS;
}

/* Trying again mends neither a certificate nor a full disk; watching goes on all the same. */
static bool is_worth_waiting(const struct link *link, enum prac_status status, bool restarts)
{
	if (link->ask != NULL) {
		return false;
	}
	if (link->options.watch || restarts) {
		return true;
	}
	return status == PRAC_UNAVAILABLE && uv_now(&link->loop) < link->give_up_ms;
}

static void on_closed(void *ctx, enum prac_status status, const char *text)
{
	struct link *link = ctx;
	const struct session_end *over = NULL;
	bool restarts = false;
	uint32_t wait_ms;

	link->transport = NULL;
	if (link->session != NULL) {
		session_cut(link->session, status, text);
		over = session_end(link->session);
		restarts = over->is_retry_now && link->n_restarts < RESTARTS_MAX;
		status = over->status;
		text = over->text;
	}
	if (over != NULL && over->is_dismissed) {
		folder_remove(link->options.folder, FOLDER_CERTIFICATE);
		folder_remove(link->options.folder, FOLDER_KEY);
		end(link, status, text);
	} else if (link->is_stopping) {
		end(link, PRAC_OK, "");
	} else if (status == PRAC_OK && link->trouble[0] != '\0') {
		end(link, PRAC_INTERNAL, link->trouble);
	} else if (status == PRAC_OK || !is_worth_waiting(link, status, restarts)) {
		end(link, status, text);
	} else {
		wait_ms = next_wait(link, over);
		link->sooner_ms = uv_now(&link->loop) + soonest_wait(over, wait_ms);
		prac_log(PRAC_LOG_INFO, "link.down", "status=%s wait_ms=%u",
			prac_status_name(status), wait_ms);
		(void)uv_timer_start(&link->wait, on_wait, wait_ms, 0); /* has a callback */
	}
	session_free(link->session);
	link->session = NULL;
}

static const struct transport_handler handler = { on_opened, on_received, on_closed };

static enum prac_status load_papers(struct link *link)
{
	char why[PRAC_TLS_WHY];
	enum prac_status status = papers_load(&link->papers, link->options.folder, why);

	(void)snprintf(link->text, sizeof(link->text), "%s", status == PRAC_OK ? "" : why);
	return status;
}

static void connect_now(struct link *link)
{
	const struct transport_options options = { .host = link->host,
		.port = link->port,
		.tls = link->papers.tls,
		.is_known = true,
		.handler = &handler,
		.ctx = link };

	link->transport = transport_open(&link->loop, &options);
}

/* ---- outside events */

static void on_tick(uv_timer_t *timer)
{
	struct link *link = container_of(timer, struct link, tick);

	if (link->session == NULL) {
		return;
	}
	session_tick(link->session, link->env->monotonic_ms(link->env->ctx));
	if (++link->n_ticks % LOOK_TICKS == 0) {
		session_poke(link->session);
	}
	pump(link);
}

/* People enter at times of their own, so no storm comes of it. */
static void wait_less(struct link *link)
{
	uint64_t now = uv_now(&link->loop);
	uint64_t wait_ms = link->sooner_ms > now ? link->sooner_ms - now : 0;

	if (uv_is_active((uv_handle_t *)&link->wait) &&
		wait_ms < uv_timer_get_due_in(&link->wait)) {
		(void)uv_timer_start(&link->wait, on_wait, wait_ms, 0); /* has a callback */
	}
}

static void on_poke(uv_poll_t *poll, int status, int events)
{
	struct link *link = container_of(poll, struct link, poke);

	(void)status;
	(void)events;
	folder_hear(link->poke_fd);
	if (link->session != NULL) {
		session_poke(link->session);
		pump(link);
	} else {
		wait_less(link);
	}
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct link *link = signal->data;

	(void)number;
	if (link->session == NULL || link->is_stopping) {
		if (link->transport != NULL) {
			link->is_stopping = true;
			transport_close(link->transport, PRAC_CANCELLED, "stopped");
		} else {
			end(link, PRAC_OK, "");
		}
		return;
	}
	link->is_stopping = true;
	session_close(link->session);
	pump(link);
}

static bool start_handles(struct link *link)
{
	bool ok = uv_timer_init(&link->loop, &link->tick) == 0 &&
		  uv_timer_init(&link->loop, &link->wait) == 0 &&
		  uv_signal_init(&link->loop, &link->interrupt) == 0 &&
		  uv_signal_init(&link->loop, &link->terminate) == 0;

	link->interrupt.data = link->terminate.data = link;
	ok = ok && uv_timer_start(&link->tick, on_tick, TICK_MS, TICK_MS) == 0 &&
	     uv_signal_start(&link->interrupt, on_signal, SIGINT) == 0 &&
	     uv_signal_start(&link->terminate, on_signal, SIGTERM) == 0;
	if (ok && link->poke_fd >= 0) {
		ok = uv_poll_init(&link->loop, &link->poke, link->poke_fd) == 0 &&
		     uv_poll_start(&link->poke, UV_READABLE, on_poke) == 0;
	}
	return ok;
}

/* ---- start */

/* "host:port"; an IPv6 address stands in brackets. */
static bool split_server(struct link *link)
{
	char *host = link->host, *colon;

	(void)snprintf(link->host, sizeof(link->host), "%s", link->identity.server);
	colon = strrchr(host, ':');
	if (colon == NULL || colon == host) {
		return false;
	}
	*colon = '\0';
	link->port = colon + 1;
	if (host[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		memmove(host, host + 1, strlen(host));
	}
	return true;
}

static enum prac_status prepare(struct link *link)
{
	enum prac_status status = replica_identity(link->replica, &link->identity);

	if (status != PRAC_OK || !split_server(link)) {
		(void)snprintf(link->text, sizeof(link->text),
			"this device is not enrolled; get a code from the district office");
		return PRAC_FAILED_PRECONDITION;
	}
	return load_papers(link);
}

static enum prac_status run(struct link *link)
{
	link->status = prepare(link);
	if (link->status != PRAC_OK || uv_loop_init(&link->loop) != 0) {
		return link->status != PRAC_OK ? link->status : PRAC_RESOURCE_EXHAUSTED;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* a broken connection is an error of the write */
	link->backoff_ms = BACKOFF_MIN_MS;
	link->give_up_ms = uv_now(&link->loop) + link->options.patience_ms;
	if (start_handles(link)) {
		connect_now(link);
	} else {
		end(link, PRAC_RESOURCE_EXHAUSTED, "not enough memory");
	}
	(void)uv_run(&link->loop, UV_RUN_DEFAULT); /* ends when every handle is closed */
	(void)uv_loop_close(&link->loop);          /* so that it is empty */
	return link->status;
}

enum prac_status link_run(struct replica *replica, const struct prac_env *env,
	const struct link_options *options, char text_out[LINK_TEXT])
{
	struct link link = { .replica = replica, .env = env, .options = *options, .poke_fd = -1 };
	int lock = folder_lock(options->folder);
	enum prac_status status;

	text_out[0] = '\0';
	if (lock < 0) {
		(void)snprintf(text_out, LINK_TEXT,
			"another process of this device is connected and syncs already (practicum sync "
			"--watch, or the service practicum-sync)");
		return PRAC_ALREADY_EXISTS;
	}
	link.poke_fd = folder_listen(options->folder);
	status = run(&link);
	papers_deinit(&link.papers);
	prac_arena_deinit(&link.turn);
	(void)snprintf(text_out, LINK_TEXT, "%s", link.text);
	if (link.poke_fd >= 0) {
		(void)close(link.poke_fd); /* nobody is told */
	}
	(void)close(lock); /* gives it up */
	return status;
}

enum prac_status link_ask(struct replica *replica, const struct prac_env *env, const char *folder,
	const struct session_ask *ask, char text_out[LINK_TEXT])
{
	struct link link = { .replica = replica, .env = env, .ask = ask, .poke_fd = -1 };
	enum prac_status status;

	link.options.folder = folder;
	status = run(&link);
	papers_deinit(&link.papers);
	prac_arena_deinit(&link.turn);
	if (!link.was_open) {
		ask->done(ask->ctx, status, NULL, link.text);
	}
	(void)snprintf(text_out, LINK_TEXT, "%s", link.text);
	return status;
}

bool link_poke(const char *folder)
{
	return folder_poke(folder);
}
