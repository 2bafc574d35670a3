/* The server's side of the signer, against a signer that the test plays itself. */
#include "server/signer/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "server/signer/wire.h"

static struct {
	uv_loop_t loop;
	struct signer *signer;
	char path[64];
	int listener, peer;
	int n_done;
	enum prac_status status;
	uint32_t version;
	bool is_closed;
} t;

static void listen_there(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, t.path, sizeof(t.path));
	t.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(t.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(t.listener, 4), 0);
}

static int begin(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	(void)snprintf(t.path, sizeof(t.path), "/tmp/prac-signer-%d", (int)getpid());
	t.listener = t.peer = -1;
	assert_int_equal(uv_loop_init(&t.loop), 0);
	t.signer = signer_new(&t.loop, t.path);
	return 0;
}

static void closed(void *ctx)
{
	(void)ctx;
	t.is_closed = true;
}

static int end(void **state)
{
	(void)state;
	signer_close(t.signer, closed, NULL);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_true(t.is_closed);
	(void)close(t.listener);
	(void)close(t.peer);
	(void)unlink(t.path);
	return uv_loop_close(&t.loop);
}

static void done(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	(void)ctx;
	t.n_done++;
	t.status = status;
	t.version = answer != NULL ? answer->version : 0;
}

static void ask(void)
{
	int before = t.n_done;

	signer_pepper(t.signer, 0, prac_bytes_text("secret"), done, NULL);
	assert_int_equal(t.n_done, before); /* never before the call returns */
}

/* Takes the connection and what was asked first. */
static void take(struct signer_message *request, uint8_t frame[SIGNER_FRAME])
{
	size_t n = 0;

	for (int i = 0; i < 500 && n < SIGNER_FRAME; i++) {
		ssize_t part;

		uv_run(&t.loop, UV_RUN_NOWAIT);
		if (t.peer < 0) {
			t.peer = accept4(t.listener, NULL, NULL, SOCK_NONBLOCK);
		}
		part = t.peer < 0 ? 0 : recv(t.peer, frame + n, SIGNER_FRAME - n, 0);
		n += part > 0 ? (size_t)part : 0;
		(void)usleep(2000);
	}
	assert_int_equal(signer_message_read(frame, request), PRAC_OK);
}

static void say(uint64_t call, enum prac_status status)
{
	static const uint8_t version[4] = { 0, 0, 0, 3 }, digest[32] = { 1 };
	uint8_t frame[SIGNER_FRAME];
	struct signer_message answer = { .kind = (uint8_t)status, .call = call };

	if (status == PRAC_OK) {
		answer.n_parts = 2;
		answer.parts[0] = (struct prac_bytes){ version, 4 };
		answer.parts[1] = (struct prac_bytes){ digest, 32 };
	}
	assert_int_equal(signer_message_write(&answer, frame), PRAC_OK);
	assert_int_equal(send(t.peer, frame, sizeof(frame), 0), SIGNER_FRAME);
}

static void run_until(int n_done)
{
	for (int i = 0; i < 8000 && t.n_done < n_done; i++) {
		uv_run(&t.loop, UV_RUN_NOWAIT);
		(void)usleep(1000);
	}
	assert_int_equal(t.n_done, n_done);
}

static void a_question_is_answered(void **state)
{
	uint8_t frame[SIGNER_FRAME];
	struct signer_message request;

	(void)state;
	listen_there();
	ask();
	take(&request, frame);
	assert_int_equal(request.kind, SIGNER_PEPPER);
	assert_int_equal(request.parts[1].len, 6);
	say(request.call, PRAC_OK);
	run_until(1);
	assert_int_equal(t.status, PRAC_OK);
	assert_int_equal(t.version, 3);
	ask();
	take(&request, frame);
	say(request.call, PRAC_NOT_FOUND);
	run_until(2);
	assert_int_equal(t.status, PRAC_NOT_FOUND);
}

static void without_a_signer_calls_fail_and_later_ones_find_it(void **state)
{
	uint8_t frame[SIGNER_FRAME];
	struct signer_message request;

	(void)state;
	ask();
	run_until(1);
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
	listen_there();
	ask();
	take(&request, frame);
	say(request.call, PRAC_OK);
	run_until(2);
	assert_int_equal(t.status, PRAC_OK);
}

static void a_signer_that_dies_or_babbles_ends_what_waits(void **state)
{
	uint8_t frame[SIGNER_FRAME];
	struct signer_message request;

	(void)state;
	listen_there();
	ask();
	take(&request, frame);
	(void)close(t.peer);
	t.peer = -1;
	run_until(1);
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
	ask();
	take(&request, frame);
	memset(frame, 0xff, sizeof(frame));
	assert_int_equal(send(t.peer, frame, sizeof(frame), 0), SIGNER_FRAME);
	run_until(2);
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
}

static void a_stuck_signer_costs_five_seconds(void **state)
{
	uint8_t frame[SIGNER_FRAME];
	struct signer_message request;
	uint64_t begin_ms;

	(void)state;
	listen_there();
	uv_update_time(&t.loop);
	begin_ms = uv_now(&t.loop);
	ask();
	take(&request, frame);
	run_until(1);
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
	assert_in_range(uv_now(&t.loop) - begin_ms, 4900, 7000);
}

static void closing_ends_what_waits(void **state)
{
	(void)state;
	ask();
	ask();
	signer_close(t.signer, closed, NULL);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.n_done, 2);
	assert_int_equal(t.status, PRAC_CANCELLED);
	assert_true(t.is_closed);
	t.signer = signer_new(&t.loop, t.path);
}

static void more_than_a_bound_do_not_wait(void **state)
{
	(void)state;
	for (int i = 0; i < SIGNER_CALLS_MAX; i++) {
		ask();
	}
	ask();
	for (int i = 0; i < 50 && t.n_done == 0; i++) {
		uv_run(&t.loop, UV_RUN_ONCE);
	}
	assert_true(t.n_done >= 1);
	run_until(SIGNER_CALLS_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_question_is_answered, begin, end),
		cmocka_unit_test_setup_teardown(
			without_a_signer_calls_fail_and_later_ones_find_it, begin, end),
		cmocka_unit_test_setup_teardown(
			a_signer_that_dies_or_babbles_ends_what_waits, begin, end),
		cmocka_unit_test_setup_teardown(a_stuck_signer_costs_five_seconds, begin, end),
		cmocka_unit_test_setup_teardown(closing_ends_what_waits, begin, end),
		cmocka_unit_test_setup_teardown(more_than_a_bound_do_not_wait, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
