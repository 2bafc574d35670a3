#include "client/cmd/import_roster.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/replica/people.h"
#include "tests/support/replica_fixture.h"

static void enroll(struct fixture *f, bool district)
{
	struct replica_identity identity = { .district = district, .label = "Office" };

	identity.device = id_of(9000);
	assert_int_equal(replica_enroll(f->replica, &identity), PRAC_OK);
}

/* Runs the command with its output thrown away; returns the exit code. */
static int run(struct fixture *f, const char *folder, bool is_preview, bool is_strict)
{
	struct import_roster_options options = { is_preview, is_strict, false, "America/Chicago" };
	struct cmd_call call = { .cmd = &cmd_import, .replica = f->replica, .n_words = 2 };
	char path[4096];
	char *words[] = { "oneroster", path, NULL };
	int out = dup(STDOUT_FILENO);
	int error = dup(STDERR_FILENO);
	int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_true(snprintf(path, sizeof(path), "%s/%s", PRAC_ROSTER_DATA, folder) > 0);
	call.words = words;
	prac_arena_init(&call.arena, 0);
	(void)fflush(stdout);
	assert_true(dup2(nothing, STDOUT_FILENO) >= 0 && dup2(nothing, STDERR_FILENO) >= 0);
	int code = import_roster(&call, &options);
	(void)fflush(stdout);
	assert_true(dup2(out, STDOUT_FILENO) >= 0 && dup2(error, STDERR_FILENO) >= 0);
	assert_true(close(out) == 0 && close(error) == 0 && close(nothing) == 0);
	prac_arena_deinit(&call.arena);
	return code;
}

static size_t count(struct fixture *f, const char *type)
{
	struct replica_query query = { .type = prac_type_find_name(type) };
	size_t n = 0;

	assert_int_equal(replica_count(f->replica, &query, &n), PRAC_OK);
	return n;
}

static void a_roster_becomes_records(void **state)
{
	struct fixture *f = *state;

	enroll(f, true);
	assert_int_equal(run(f, "v12", false, true), CMD_DONE);
	assert_int_equal(count(f, "school"), 2);
	assert_int_equal(count(f, "staff"), 2);
	assert_int_equal(count(f, "student"), 2);
	assert_int_equal(count(f, "enrollment"), 3);
	assert_int_equal(count(f, "guardian"), 1);
	assert_int_equal(counters_of(f).n_unsent, 10);
}

static void the_same_roster_again_stores_nothing(void **state)
{
	struct fixture *f = *state;

	enroll(f, true);
	assert_int_equal(run(f, "v12", false, true), CMD_DONE);
	assert_int_equal(run(f, "v12", false, true), CMD_DONE);
	assert_int_equal(counters_of(f).n_unsent, 10);
}

static void a_preview_stores_nothing(void **state)
{
	struct fixture *f = *state;

	enroll(f, true);
	assert_int_equal(run(f, "v12", true, true), CMD_DONE);
	assert_int_equal(count(f, "student"), 0);
	assert_int_equal(counters_of(f).n_unsent, 0);
}

static void one_fault_and_nothing_is_stored(void **state)
{
	struct fixture *f = *state;

	enroll(f, true);
	assert_int_equal(run(f, "flaws/user_dangling", false, false), CMD_REFUSED);
	assert_int_equal(run(f, "nowhere", false, false), CMD_REFUSED);
	assert_int_equal(count(f, "school"), 0);
	assert_int_equal(counters_of(f).n_unsent, 0);
}

static void a_school_imports_no_roster(void **state)
{
	struct fixture *f = *state;

	enroll(f, false);
	assert_int_equal(run(f, "v12", false, false), CMD_REFUSED);
	assert_int_equal(counters_of(f).n_unsent, 0);
}

/* Of each school that is there. */
static bool add_grant(void *ctx, const struct prac_record *school, bool pending)
{
	struct replica_person *person = ctx;
	struct prac_grant *grants = (struct prac_grant *)person->who.grants;

	(void)pending;
	grants[person->who.n_grants++] = (struct prac_grant){
		.scope = school->id, .role = PRAC_ROLE_COORDINATOR, .until_ms = INT64_MAX
	};
	return true;
}

static void sign_in_coordinator(struct fixture *f)
{
	static uint8_t key[32], signature[64];
	struct replica_query query = { .type = prac_type_find_name("school") };
	struct prac_grant grants[4];
	struct replica_person person = { .who = { .id = id_of(900), .grants = grants },
		.login = "ann",
		.name = "Ann",
		.known_ms = 1,
		.password_ms = 5,
		.public_key = { key, sizeof(key) },
		.salt = { key, 16 },
		.sealed = { key, sizeof(key) } };
	struct replica_sign_in in = { .person = &person,
		.attestation = { .person = person.who.id,
			.starts_ms = f->wall_ms,
			.ends_ms = f->wall_ms + PRAC_ATTEST_MAX_MS },
		.signature = { signature, sizeof(signature) },
		.token = { key, sizeof(key) } };

	assert_int_equal(replica_list(f->replica, &query, add_grant, &person), PRAC_OK);
	assert_int_equal(person.who.n_grants, 2);
	assert_int_equal(replica_ask_people(f->replica, true), PRAC_OK);
	assert_int_equal(replica_sign_in(f->replica, &in), PRAC_OK);
}

/* Sex and race, which the roster says, are not for a coordinator, who sees none and so wants them all. */
static void a_coordinator_imports_what_is_not_withheld(void **state)
{
	struct fixture *f = *state;

	enroll(f, true);
	assert_int_equal(run(f, "v12", false, true), CMD_DONE);
	sign_in_coordinator(f);
	assert_int_equal(run(f, "v12", false, true), CMD_DONE);
	assert_int_equal(counters_of(f).n_unsent, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_roster_becomes_records),
		TEST(the_same_roster_again_stores_nothing),
		TEST(a_preview_stores_nothing),
		TEST(one_fault_and_nothing_is_stored),
		TEST(a_school_imports_no_roster),
		TEST(a_coordinator_imports_what_is_not_withheld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
