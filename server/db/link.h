/* A link from the inside: connect.c moves it between its states, link.c runs batches on it. */
#pragma once

#include <glib.h>
#include <libpq-fe.h>
#include <uv.h>

#include "server/db/db.h"

struct db_command {
	const struct db_stmt *stmt;
	const struct db_params *params;
	db_rows_fn on_rows;
	void *ctx;
	bool prepares; /* its PREPARE went ahead of it and was not answered yet */
	bool flushes;  /* the server is to answer at once */
	struct db_command *next;
};

struct db_batch {
	struct prac_arena *arena;
	struct db_command *first, *last, **end;
	struct db_command *current; /* whose answer comes next */
	enum prac_status status;
	db_done_fn done;
	void *ctx;
	struct db_batch *next;
};

struct db_batches {
	struct db_batch *first, **end;
};

struct db_link {
	struct db_config config;
	char *conninfo;
	enum db_state state;
	PGconn *conn;
	uv_poll_t *poll; /* frees itself when closed: the socket changes with each try to connect */
	int events;
	uv_timer_t timer;     /* of the present state */
	uv_idle_t soon;       /* runs while there are ended batches */
	GHashTable *prepared; /* names */
	struct db_batches waiting;
	struct db_batch *running;
	struct db_batches ended; /* their done runs from the loop, not from the call */
	uint64_t pause_ms;       /* before the next try to connect */
	uint64_t n_trips;
	char sqlstate[6];
	char reason[200]; /* why the connection was dropped last */
	bool is_doubtful; /* the server warned that what it committed may not be safe */
	db_closed_fn closed;
	void *closed_ctx;
	int n_handles;
};

/* connect.c */
void db_link_enter(struct db_link *link, enum db_state next);
void db_link_watch(struct db_link *link, int events);

/* link.c */
void db_link_start_next(struct db_link *link);
void db_link_read(struct db_link *link);
void db_link_hear(struct db_link *link);
void db_link_end_batches(struct db_link *link, enum prac_status unsent);
