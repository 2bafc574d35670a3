/*
 * A database of its own for one test program, in the cluster that ctest's fixture `pg` starts
 * (tests/integration/pg.cmake). Everything here blocks and fails the test on any error.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct uv_loop_s;

/* Makes the database anew, empty. Returns its connection string; static memory. */
const char *pg_database(const char *name);

/* Runs SQL, also several statements; as the superuser who owns the database. */
void pg_exec(const char *sql, ...) __attribute__((format(printf, 1, 2)));

/* The one number, or text, that the query yields. The text is static until the next call. */
int64_t pg_int(const char *sql, ...) __attribute__((format(printf, 1, 2)));
const char *pg_text(const char *sql, ...) __attribute__((format(printf, 1, 2)));

/* What the last NOTIFY said that came since pg_exec("listen ..."); "" when there was none. The same memory. */
const char *pg_heard(void);

/* Runs the loop until *flag is set; fails the test after 20 seconds. */
void pg_run_until(struct uv_loop_s *loop, const bool *flag);
