/*
 * Who acts: sessions that a station shows, and everybody whose work a device may bring. All of it is
 * read anew for each request, so that what was taken away counts at once.
 */
#pragma once

#include "server/svc/svc.h"
#include "server/sync/judge.h"

enum {
	SVC_TOKEN = 32, /* bytes of a session as the station has it */
	SVC_LOGIN_MAX = 80
};

struct svc_session {
	struct prac_id user;
	uint32_t roles; /* that hold now: bit n is the role with number n */
	bool is_fresh;  /* a second factor was shown a short while ago */
};

/* PRAC_UNAUTHENTICATED: nobody is signed in with this; session is NULL unless PRAC_OK. */
typedef void (*svc_session_fn)(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session);

/* done runs later, exactly once; token is borrowed until then. */
void svc_session_check(struct rpc_call *call, struct prac_bytes token, svc_session_fn done);

struct svc_ask {
	Practicum__MethodId method; /* has a row in the table of rights */
	struct prac_bytes token;    /* the session that the request shows; may be empty */
	const char *kind, *what;    /* for the audit: "report", "hours, by school" */
	void (*go)(struct rpc_call *call);
};

/*
 * Goes on with a call when the person of the session may call the method; fails it otherwise. Either is
 * written to the audit first if the table says so. When nobody has to sign in the device's own rights are
 * enough, and it was the device.
 */
void svc_as_person(struct rpc_call *call, const struct svc_ask *ask);

/* Is what is done the device's? False while it is not known yet. */
bool svc_device_acts(const struct svc *svc);

/* Adds the question whether there is anybody, and so whether people have to sign in. */
void svc_people_exist(struct db_batch *batch, struct svc *svc);

/* In small letters, as it is stored; false: it is empty or too long. */
bool svc_fold_login(ProtobufCBinaryData login, char out[SVC_LOGIN_MAX + 1]);

/* Adds the roles that need a second factor, as numbers. */
void svc_add_roles_with_factor(struct db_params *params, struct prac_arena *arena);

/* SHA-256 of a session, as it is stored; in the call's arena. */
struct prac_bytes svc_token_hash(struct rpc_call *call, struct prac_bytes token);

/* Fails with UNAUTHENTICATED and words for the person. */
void svc_fail_session(struct rpc_call *call, enum prac_status status);

/* Persons with their grants as messages, gathered from two statements. */
struct svc_persons {
	struct prac_arena *arena;
	Practicum__Person **persons;
	size_t n;
};

struct svc_persons_ask {
	const struct prac_id *ids;
	size_t n_ids;
	const struct prac_id *device; /* only who ever signed in on it; NULL: anybody */
};

/* Adds both statements; persons_out is filled when the batch is done. */
void svc_persons_add(struct db_batch *batch, const struct svc_persons_ask *ask,
	struct prac_arena *arena, struct svc_persons *persons_out);

/*
 * Everybody who ever signed in on the device. people is in the arena, NULL unless PRAC_OK. done runs
 * later, exactly once.
 */
typedef void (*svc_people_fn)(
	void *ctx, enum prac_status status, const struct judge_people *people);
void svc_people_at_device(struct svc *svc, const struct prac_id *device, struct prac_arena *arena,
	svc_people_fn done, void *ctx);

extern const struct rpc_method svc_people_methods[];
extern const size_t svc_n_people_methods;

/* sign_in.c */
void svc_sign_in(struct rpc_call *call);
/* card.c */
void svc_card(struct rpc_call *call);
/* password.c */
void svc_change_password(struct rpc_call *call);
