#include "server/svc/hasher.h"

#include <glib.h>
#include <string.h>
#include <uv.h>

const char hasher_busy_text[] = "many people sign in just now; try again in a few seconds";

struct job {
	uv_work_t work;
	struct hasher *hasher;
	bool is_new; /* make, not verify */
	struct prac_digest peppered;
	char hash[PRAC_PASSWORD_HASH];
	enum prac_status status;
	hasher_fn done;
	void *ctx;
};

struct hasher {
	uv_loop_t *loop;
	GQueue waiting; /* struct job */
	unsigned n_running;
	bool is_stopped;
};

static void start_next(struct hasher *hasher);

struct hasher *hasher_new(struct uv_loop_s *loop)
{
	struct hasher *hasher = g_new0(struct hasher, 1);

	hasher->loop = loop;
	g_queue_init(&hasher->waiting);
	return hasher;
}

static void end(struct job *job, enum prac_status status)
{
	hasher_fn done = job->done;

	done(job->ctx, status, status == PRAC_OK && job->is_new ? job->hash : NULL);
	explicit_bzero(&job->peppered, sizeof(job->peppered));
	g_free(job);
}

void hasher_stop(struct hasher *hasher)
{
	struct job *job;

	hasher->is_stopped = true;
	while ((job = g_queue_pop_head(&hasher->waiting)) != NULL) {
		end(job, PRAC_CANCELLED);
	}
}

void hasher_free(struct hasher *hasher)
{
	g_free(hasher);
}

/* On a thread of libuv's pool: touches the job only. */
static void work(uv_work_t *request)
{
	struct job *job = request->data;

	job->status = job->is_new ? prac_password_hash(&job->peppered, job->hash)
				  : prac_password_verify(job->hash, &job->peppered);
}

static void worked(uv_work_t *request, int status)
{
	struct job *job = request->data;
	struct hasher *hasher = job->hasher;

	hasher->n_running--;
	end(job, status != 0 || hasher->is_stopped ? PRAC_CANCELLED : job->status);
	start_next(hasher);
}

static void start_next(struct hasher *hasher)
{
	struct job *job;

	while (hasher->n_running < HASHER_AT_ONCE &&
		(job = g_queue_pop_head(&hasher->waiting)) != NULL) {
		hasher->n_running++;
		/* Fails for a NULL callback only. */
		(void)uv_queue_work(hasher->loop, &job->work, work, worked);
	}
}

static bool add(struct hasher *hasher, const struct job *wanted)
{
	struct job *job;

	if (hasher->is_stopped || hasher->waiting.length >= HASHER_WAITING_MAX) {
		return false;
	}
	job = g_memdup2(wanted, sizeof(*wanted));
	job->hasher = hasher;
	job->work.data = job;
	g_queue_push_tail(&hasher->waiting, job);
	start_next(hasher);
	return true;
}

bool hasher_verify(struct hasher *hasher, const char *hash, const struct prac_digest *peppered,
	hasher_fn done, void *ctx)
{
	struct job job = { .peppered = *peppered, .done = done, .ctx = ctx };

	(void)g_strlcpy(job.hash, hash, sizeof(job.hash)); /* never longer */
	return add(hasher, &job);
}

bool hasher_make(
	struct hasher *hasher, const struct prac_digest *peppered, hasher_fn done, void *ctx)
{
	struct job job = { .is_new = true, .peppered = *peppered, .done = done, .ctx = ctx };

	return add(hasher, &job);
}
