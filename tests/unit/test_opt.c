#include "common/base/opt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct config {
	uint32_t port;
	bool drain;
	const char *name;
	const char *key;
	int level;
};

static const char *const levels[] = { "error", "warning", "info", NULL };

static const struct prac_opt_row rows[] = {
	PRAC_OPT_UINT("listen", "port", struct config, port, "7443", 1, 65535, PRAC_OPT_RESTART,
		"TCP port the schools connect to"),
	PRAC_OPT_BOOL("listen", "drain", struct config, drain, "yes", PRAC_OPT_RELOAD,
		"Answer what is in flight before closing"),
	PRAC_OPT_TEXT("db", "user_name", struct config, name, NULL, 8, PRAC_OPT_RELOAD,
		"Role of the server"),
	PRAC_OPT_PATH("tls", "key", struct config, key, "/etc/practicum/key.pem", PRAC_OPT_RELOAD,
		"PEM file with the private key"),
	PRAC_OPT_CHOICE("log", "level", struct config, level, "info", levels, PRAC_OPT_RELOAD,
		"Least level that is written"),
};

static struct prac_arena arena;
static struct config config;
static struct prac_opts opts;

static int setup(void **state)
{
	(void)state;
	prac_arena_reset(&arena);
	memset(&config, 0, sizeof(config));
	prac_opts_init(&opts, rows, PRAC_NELEM(rows), &config, &arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

static enum prac_status read_text(const char *text)
{
	return prac_opts_read_text(&opts, "practicum.ini", prac_bytes_text(text));
}

static void assert_refused(const char *text, const char *error)
{
	void *none = NULL;

	assert_int_equal(setup(&none), 0);
	assert_int_equal(read_text(text), PRAC_INVALID_ARGUMENT);
	assert_string_equal(opts.error, error);
}

static void starts_with_the_defaults(void **state)
{
	(void)state;
	assert_int_equal(config.port, 7443);
	assert_true(config.drain);
	assert_null(config.name);
	assert_string_equal(config.key, "/etc/practicum/key.pem");
	assert_int_equal(config.level, 2);
}

static void reads_a_file(void **state)
{
	(void)state;
	assert_int_equal(read_text("# comment\n[listen]\nport = 8443 ; inline\ndrain=no\r\n"
				   "[db]\nuser_name = writer\n[tls]\nkey =\n[log]\nlevel = error"),
		PRAC_OK);
	assert_int_equal(config.port, 8443);
	assert_false(config.drain);
	assert_string_equal(config.name, "writer");
	assert_null(config.key);
	assert_int_equal(config.level, 0);
	assert_int_equal(opts.origins[0], PRAC_OPT_FILE);
}

static void names_file_and_line_of_the_first_error(void **state)
{
	(void)state;
	assert_refused(
		"[listen]\n\nport = 0\n", "practicum.ini:3: port: want a number from 1 to 65535");
	assert_refused("[listen]\nport = 65536\nport = x\n",
		"practicum.ini:2: port: want a number from 1 to 65535");
	assert_refused("[listen]\nport = 4294967297\n",
		"practicum.ini:2: port: want a number from 1 to 65535");
	assert_refused(
		"[listen]\nport = -1\n", "practicum.ini:2: port: want a number from 1 to 65535");
	assert_refused("[listen]\ndrain = maybe\n", "practicum.ini:2: drain: want yes or no");
	assert_refused(
		"[listen]\nprot = 1\n", "practicum.ini:2: [listen] has no option named prot");
	assert_refused("port = 1\n", "practicum.ini:1: [] has no option named port");
	assert_refused("[listen]\nport = 1\nport = 2\n", "practicum.ini:3: port is given twice");
	assert_refused("[db]\nuser_name = ninechars\n",
		"practicum.ini:2: user_name: want at most 8 bytes");
	assert_refused("[tls]\nkey = key.pem\n",
		"practicum.ini:2: key: want a path that starts with a slash");
	assert_refused("[log]\nlevel = loud\n",
		"practicum.ini:2: level: want one of error, warning, info");
}

static void names_the_line_of_a_syntax_error(void **state)
{
	(void)state;
	assert_refused("[listen]\nport\n[db]\nnothing = 1\n",
		"practicum.ini:2: want [section], key = value or # comment");
	assert_refused("\n[listen\n", "practicum.ini:2: want [section], key = value or # comment");
}

/* inih would read the second half of a long line as a line of its own. */
static void refuses_lines_that_inih_would_cut(void **state)
{
	char text[300];

	(void)state;
	assert_true(snprintf(text, sizeof(text), "[listen]\nport = 1 ;%180sport = 2\n", "") > 0);
	assert_refused(text, "practicum.ini:2: the line is too long");
}

static void refuses_a_nul_byte(void **state)
{
	static const char text[] = "[listen]\nport = 1\0drain\n";

	(void)state;
	assert_int_equal(prac_opts_read_text(&opts, "f",
				 (struct prac_bytes){ (const uint8_t *)text, sizeof(text) - 1 }),
		PRAC_INVALID_ARGUMENT);
	assert_string_equal(opts.error, "f:2: the line holds a NUL byte");
}

static void a_missing_file_is_not_found(void **state)
{
	(void)state;
	assert_int_equal(prac_opts_read_file(&opts, "/nonexistent/practicum.ini"), PRAC_NOT_FOUND);
	assert_string_equal(opts.error, "/nonexistent/practicum.ini: No such file or directory");
}

static void environment_wins_over_the_file(void **state)
{
	(void)state;
	assert_int_equal(read_text("[listen]\nport = 1\n"), PRAC_OK);
	assert_int_equal(setenv("PRACTICUM_LISTEN_PORT", "2", 1), 0);
	assert_int_equal(setenv("PRACTICUM_DB_USER_NAME", "me", 1), 0);
	assert_int_equal(prac_opts_read_environment(&opts), PRAC_OK);
	assert_int_equal(config.port, 2);
	assert_string_equal(config.name, "me");
	assert_int_equal(setenv("PRACTICUM_LISTEN_PORT", "two", 1), 0);
	assert_int_equal(prac_opts_read_environment(&opts), PRAC_INVALID_ARGUMENT);
	assert_string_equal(opts.error, "PRACTICUM_LISTEN_PORT: want a number from 1 to 65535");
	assert_int_equal(unsetenv("PRACTICUM_LISTEN_PORT"), 0);
	assert_int_equal(unsetenv("PRACTICUM_DB_USER_NAME"), 0);
}

static void takes_its_flags_and_leaves_the_rest(void **state)
{
	char *argv[] = { "practicumd", "serve", "--listen-port=9", "--other=1", "--db-user-name",
		"me", NULL };
	int argc = 6;

	(void)state;
	assert_int_equal(prac_opts_read_flags(&opts, &argc, argv), PRAC_OK);
	assert_int_equal(config.port, 9);
	assert_string_equal(config.name, "me");
	assert_int_equal(argc, 3);
	assert_string_equal(argv[1], "serve");
	assert_string_equal(argv[2], "--other=1");
	assert_int_equal(opts.origins[0], PRAC_OPT_FLAG);
}

static void says_which_flag_is_wrong(void **state)
{
	char *argv[] = { "practicumd", "--listen-port=0", NULL };
	int argc = 2;

	(void)state;
	assert_int_equal(prac_opts_read_flags(&opts, &argc, argv), PRAC_INVALID_ARGUMENT);
	assert_string_equal(opts.error, "--listen-port: want a number from 1 to 65535");
}

/* What print writes, as text in the arena. */
static const char *printed(void (*print)(FILE *out))
{
	FILE *out = tmpfile();
	char *text = prac_arena_alloc(&arena, 4096);

	assert_non_null(out);
	print(out);
	rewind(out);
	text[fread(text, 1, 4095, out)] = '\0';
	assert_int_equal(fclose(out), 0);
	return text;
}

static void print_sample(FILE *out)
{
	prac_opts_print_sample(rows, PRAC_NELEM(rows), out);
}

static void print_values(FILE *out)
{
	prac_opts_print(&opts, out);
}

static void print_flags(FILE *out)
{
	prac_opts_print_flags(rows, 1, out);
}

static void the_sample_file_is_commented_and_loads(void **state)
{
	const char *sample = printed(print_sample);

	(void)state;
	assert_ptr_equal(strstr(sample, "[listen]\n\n"
					"# TCP port the schools connect to.\n"
					"# 1 to 65535; takes effect at restart\n"
					"#port = 7443\n\n"),
		sample);
	assert_non_null(strstr(
		sample, "\n# error, warning, info; takes effect at reload\n#level = info\n"));
	assert_int_equal(read_text(sample), PRAC_OK);
	assert_int_equal(opts.origins[0], PRAC_OPT_DEFAULT);
}

static void prints_values_with_their_origin(void **state)
{
	(void)state;
	assert_int_equal(read_text("[listen]\nport = 8443\n[log]\nlevel = warning\n"), PRAC_OK);
	assert_string_equal(printed(print_values),
		"[listen]\nport = 8443 ; file\ndrain = yes ; default\n"
		"\n[db]\nuser_name =  ; default\n"
		"\n[tls]\nkey = /etc/practicum/key.pem ; default\n"
		"\n[log]\nlevel = warning ; file\n");
}

static void prints_a_line_a_flag(void **state)
{
	(void)state;
	assert_string_equal(printed(print_flags),
		"  --listen-port                    TCP port the schools connect to\n");
}

static void tells_what_a_reload_changed(void **state)
{
	struct config other = config;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(rows); i++) {
		assert_false(prac_opt_differs(&rows[i], &config, &other));
	}
	other = (struct config){ 1, false, "x", "/y", 0 };
	for (size_t i = 0; i < PRAC_NELEM(rows); i++) {
		assert_true(prac_opt_differs(&rows[i], &config, &other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(starts_with_the_defaults, setup),
		cmocka_unit_test_setup(reads_a_file, setup),
		cmocka_unit_test_setup(names_file_and_line_of_the_first_error, setup),
		cmocka_unit_test_setup(names_the_line_of_a_syntax_error, setup),
		cmocka_unit_test_setup(refuses_lines_that_inih_would_cut, setup),
		cmocka_unit_test_setup(refuses_a_nul_byte, setup),
		cmocka_unit_test_setup(a_missing_file_is_not_found, setup),
		cmocka_unit_test_setup(environment_wins_over_the_file, setup),
		cmocka_unit_test_setup(takes_its_flags_and_leaves_the_rest, setup),
		cmocka_unit_test_setup(says_which_flag_is_wrong, setup),
		cmocka_unit_test_setup(the_sample_file_is_commented_and_loads, setup),
		cmocka_unit_test_setup(prints_values_with_their_origin, setup),
		cmocka_unit_test_setup(prints_a_line_a_flag, setup),
		cmocka_unit_test_setup(tells_what_a_reload_changed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
