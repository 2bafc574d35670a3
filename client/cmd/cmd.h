/*
 * A subcommand of practicum and what each call of one has at hand. Commands print for people, or JSON
 * with --json; they say a refusal in one sentence on stderr and return an exit code.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "client/replica/replica.h"
#include "common/base/arena.h"

enum {
	CMD_DONE = 0,
	CMD_REFUSED = 1,
	CMD_USAGE = 64,
	CMD_UNREACHABLE = 69,
	CMD_CONFIG = 78
};

enum cmd_needs {
	CMD_NEEDS_NOTHING,
	CMD_NEEDS_FOLDER,  /* the state folder exists; the command opens what it wants */
	CMD_NEEDS_REPLICA, /* opened and enrolled */
	CMD_NEEDS_PERSON   /* and, where people have to sign in, somebody has */
};

struct cmd_call {
	const struct cmd *cmd;
	const char *home; /* state folder */
	char **words;     /* positional arguments, NULL at the end */
	int n_words;
	bool json;
	const char *where;    /* of a file being read, for cmd_fail(): "line 3, column kind" */
	GPtrArray *said;      /* not NULL: cmd_fail() adds its sentence here, and prints nothing */
	struct data_key *key; /* of the state folder, as the replica */
	struct replica *replica; /* CMD_NEEDS_REPLICA and above */
	struct prac_arena arena; /* freed after the call */
};

struct cmd {
	const char *name;
	const char *synopsis; /* behind the name: "TYPE [FIELD=VALUE...]" */
	const char *help;     /* what it does, in full sentences */
	const char *example;  /* one line or several */
	enum cmd_needs needs;
	int min_words, max_words;    /* max -1: any number */
	const GOptionEntry *options; /* besides --json and --help; may be NULL */
	int (*run)(struct cmd_call *call);
};

/* Opens the replica of the state folder with its data key; cmd_close() ends both, also after a failure. */
enum prac_status cmd_open(struct cmd_call *call) PRAC_MUST_USE;
void cmd_close(struct cmd_call *call);

/* Prints "practicum NAME: " and the sentence on stderr; returns code. */
int cmd_fail(const struct cmd_call *call, int code, const char *fmt, ...) PRAC_PRINTF(3, 4);

/* The replica's last failure, as exit code and sentence. */
int cmd_fail_replica(const struct cmd_call *call, enum prac_status status);

/* CMD_DONE: what is sealed can be opened. Else the sentence was said. */
int cmd_check_key(const struct cmd_call *call);

/*
 * CMD_DONE: somebody may go on, and was here just now. Else the sentence was said: nobody is signed in where
 * people have to, or what is sealed cannot be opened.
 */
int cmd_check_person(const struct cmd_call *call);

/*
 * The session that the server is shown where it has to know who asks; empty where nobody has to sign in. In
 * the call's arena. Returns NULL, or why there is none and what to do.
 */
const char *cmd_session(struct cmd_call *call, struct prac_bytes *token_out);

/*
 * What is wrong, with the field as it is typed before its label: "starts_on (Starts on): ..."; borrowed, or in
 * the arena.
 */
const char *cmd_problem(struct prac_arena *arena, const struct prac_problem *problem);

/* A refusal by the rules: the field's words and the reason. */
int cmd_fail_refusal(const struct cmd_call *call, const struct replica_refusal *refusal);

/* The record type named by words[0]; NULL after cmd_fail() with a near name. */
const struct prac_type *cmd_type(const struct cmd_call *call, const char *name);

/* The state a new record starts in, unless one is set: the first of the list. */
void cmd_begin_state(struct prac_record *record);

/* One file a command, or a few that belong together. */
extern const struct cmd cmd_audit, cmd_card, cmd_confirm, cmd_types, cmd_describe, cmd_list,
	cmd_show, cmd_add, cmd_set, cmd_do, cmd_history, cmd_conflicts, cmd_drafts, cmd_status,
	cmd_export, cmd_import, cmd_enroll, cmd_login, cmd_logout, cmd_whoami, cmd_sync, cmd_report,
	cmd_attach, cmd_fetch, cmd_transcribe, cmd_exceptions, cmd_hours, cmd_rules, cmd_disclose,
	cmd_disclosures;
