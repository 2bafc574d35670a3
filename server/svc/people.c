#include "server/svc/people.h"

#include <string.h>

#include "common/rules/rights.h"
#include "common/sync/attest.h"
#include "common/wire/binary.h"
#include "server/svc/audit.h"
#include "sql/queries.h"

static ProtobufCBinaryData copied(struct prac_arena *arena, struct prac_bytes bytes)
{
	struct prac_bytes copy = prac_arena_copy(arena, bytes);

	return prac_binary(copy);
}

static ProtobufCBinaryData copied_id(struct prac_arena *arena, struct prac_id id)
{
	return copied(arena, prac_id_bytes(&id));
}

/* ---- sessions */

struct check {
	struct rpc_call *call;
	svc_session_fn done;
	struct svc_session session;
	bool is_found;
};

static void on_session(void *ctx, struct db_rows *rows)
{
	struct check *check = ctx;

	if (db_rows_count(rows) == 1) {
		check->is_found = true;
		check->session.user = db_rows_id(rows, 0, 0);
		check->session.is_fresh = db_rows_bool(rows, 0, 1);
	}
}

static void on_roles(void *ctx, struct db_rows *rows)
{
	struct check *check = ctx;

	for (size_t i = 0; i < db_rows_count(rows); i++) {
		check->session.roles |= PRAC_ROLE_BIT(db_rows_int(rows, i, 0) & 31);
	}
}

static void checked(void *ctx, enum prac_status status)
{
	struct check *check = ctx;

	if (status == PRAC_OK && !check->is_found) {
		status = PRAC_UNAUTHENTICATED;
	} else if (status != PRAC_OK) {
		status = PRAC_UNAVAILABLE;
	}
	check->done(check->call, status, status == PRAC_OK ? &check->session : NULL);
}

struct prac_bytes svc_token_hash(struct rpc_call *call, struct prac_bytes token)
{
	struct prac_digest hash = prac_sha256(token);

	return prac_arena_copy(rpc_arena(call), prac_digest_bytes(&hash));
}

bool svc_fold_login(ProtobufCBinaryData login, char out[SVC_LOGIN_MAX + 1])
{
	if (login.len == 0 || login.len > SVC_LOGIN_MAX) {
		return false;
	}
	for (size_t i = 0; i < login.len; i++) {
		uint8_t c = login.data[i];

		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	out[login.len] = '\0';
	return true;
}

void svc_add_roles_with_factor(struct db_params *params, struct prac_arena *arena)
{
	struct db_array roles;

	db_array_init(&roles, arena, DB_INT8);
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		if ((prac_roles_with_factor & PRAC_ROLE_BIT(role)) != 0) {
			db_array_int(&roles, role);
		}
	}
	db_param_array(params, &roles);
}

static struct db_params *token_params(struct rpc_call *call, struct prac_bytes token)
{
	struct db_params *params = db_params_new(rpc_arena(call));

	db_param_bytes(params, svc_token_hash(call, token));
	db_param_id(params, &rpc_call_peer(call)->device);
	return params;
}

static void ask_session(struct rpc_call *call, struct prac_bytes token, struct check *check,
	db_done_fn done, void *ctx)
{
	struct svc *svc = rpc_services(call);
	struct db_params *params = token_params(call, token);
	struct db_batch *batch = db_batch_new(rpc_arena(call));

	check->call = call;
	db_param_int(params, PRAC_IDLE_MINUTES);
	db_batch_add(batch, &q_people_session, params, on_session, check);
	db_batch_add(batch, &q_people_session_roles, token_params(call, token), on_roles, check);
	db_link_run(svc->desk, batch, done, ctx);
}

void svc_session_check(struct rpc_call *call, struct prac_bytes token, svc_session_fn done)
{
	struct check *check = prac_arena_alloc(rpc_arena(call), sizeof(*check));

	check->done = done;
	ask_session(call, token, check, checked, check);
}

void svc_fail_session(struct rpc_call *call, enum prac_status status)
{
	if (status == PRAC_UNAUTHENTICATED) {
		rpc_failf(call, status, "SESSION", "nobody is signed in");
	} else {
		rpc_fail(call, status);
	}
}

static void on_exist(void *ctx, struct db_rows *rows)
{
	struct svc *svc = ctx;

	svc->is_people_read = true;
	svc->rpc->must_sign_in =
		svc->asks_sign_in && db_rows_count(rows) == 1 && db_rows_bool(rows, 0, 0);
}

void svc_people_exist(struct db_batch *batch, struct svc *svc)
{
	db_batch_add(batch, &q_people_exist, NULL, on_exist, svc);
}

bool svc_device_acts(const struct svc *svc)
{
	return !svc->asks_sign_in || (svc->is_people_read && !svc->rpc->must_sign_in);
}

struct gate {
	struct check check;
	struct svc_ask ask;
	const struct prac_right *right;
};

static void refuse_role(struct rpc_call *call)
{
	rpc_failf(call, PRAC_PERMISSION_DENIED, "ROLE", "your role may not do that");
}

static void refuse_stale(struct rpc_call *call)
{
	rpc_failf(call, PRAC_PERMISSION_DENIED, "FACTOR",
		"sign in again with the code of your authenticator first");
}

/* actor NULL: the device. */
static void decide(
	struct gate *gate, const struct prac_id *actor, void (*go)(struct rpc_call *call))
{
	const struct svc_event event = { .kind = gate->ask.kind,
		.outcome = go == gate->ask.go ? "done" : "refused",
		.actor = actor,
		.detail = gate->ask.what };

	if (gate->right->audited) {
		svc_audit(gate->check.call, &event, go);
	} else {
		go(gate->check.call);
	}
}

static void gate_checked(void *ctx, enum prac_status status)
{
	struct gate *gate = ctx;
	const struct svc_session *session = &gate->check.session;

	if (status != PRAC_OK) {
		rpc_fail(gate->check.call, PRAC_UNAVAILABLE);
	} else if (!gate->check.is_found) {
		svc_fail_session(gate->check.call, PRAC_UNAUTHENTICATED);
	} else if ((gate->right->roles & session->roles) == 0) {
		decide(gate, &session->user, refuse_role);
	} else if (gate->right->fresh && !session->is_fresh) {
		decide(gate, &session->user, refuse_stale);
	} else {
		decide(gate, &session->user, gate->ask.go);
	}
}

void svc_as_person(struct rpc_call *call, const struct svc_ask *ask)
{
	struct gate *gate = prac_arena_alloc(rpc_arena(call), sizeof(*gate));

	gate->check.call = call;
	gate->ask = *ask;
	gate->right = prac_right_method(ask->method);
	if (svc_device_acts(rpc_services(call))) {
		decide(gate, NULL, ask->go);
	} else {
		ask_session(call, ask->token, &gate->check, gate_checked, gate);
	}
}

/* ---- persons as messages */

static void on_persons(void *ctx, struct db_rows *rows)
{
	struct svc_persons *persons = ctx;
	struct prac_arena *arena = persons->arena;

	persons->n = db_rows_count(rows);
	persons->persons = prac_arena_alloc(arena, (persons->n + 1) * sizeof(Practicum__Person *));
	for (size_t i = 0; i < persons->n; i++) {
		Practicum__Person *person = prac_arena_alloc(arena, sizeof(*person));

		practicum__person__init(person);
		person->has_id = person->has_login = person->has_name = true;
		person->id = copied_id(arena, db_rows_id(rows, i, 0));
		person->login = copied(arena, db_rows_bytes(rows, i, 1));
		person->name = copied(arena, db_rows_bytes(rows, i, 2));
		if (!db_rows_is_null(rows, i, 4)) {
			person->has_record_type = person->has_record_id = true;
			person->record_type = (uint32_t)db_rows_int(rows, i, 3);
			person->record_id = copied_id(arena, db_rows_id(rows, i, 4));
		}
		person->has_password_ms = !db_rows_is_null(rows, i, 5);
		person->password_ms = person->has_password_ms ? db_rows_instant(rows, i, 5) : 0;
		persons->persons[i] = person;
	}
}

static Practicum__Grant *grant_of(struct prac_arena *arena, struct db_rows *rows, size_t row)
{
	Practicum__Grant *grant = prac_arena_alloc(arena, sizeof(*grant));

	practicum__grant__init(grant);
	grant->has_role = grant->has_scope = grant->has_from_ms = true;
	grant->role = (uint32_t)db_rows_int(rows, row, 1);
	grant->scope = copied_id(arena, db_rows_id(rows, row, 2));
	grant->from_ms = db_rows_instant(rows, row, 3);
	grant->has_until_ms = !db_rows_is_null(rows, row, 4);
	grant->until_ms = grant->has_until_ms ? db_rows_instant(rows, row, 4) : 0;
	return grant;
}

static Practicum__Person *person_with(const struct svc_persons *persons, struct prac_id id)
{
	for (size_t i = 0; i < persons->n; i++) {
		if (memcmp(persons->persons[i]->id.data, id.b, PRAC_ID_LEN) == 0) {
			return persons->persons[i];
		}
	}
	return NULL;
}

static void on_grants(void *ctx, struct db_rows *rows)
{
	struct svc_persons *persons = ctx;
	size_t n = db_rows_count(rows);

	for (size_t i = 0; i < n; i++) {
		Practicum__Person *person = person_with(persons, db_rows_id(rows, i, 0));

		if (person == NULL) {
			continue;
		}
		if (person->grants == NULL) {
			person->grants =
				prac_arena_alloc(persons->arena, n * sizeof(Practicum__Grant *));
		}
		person->grants[person->n_grants++] = grant_of(persons->arena, rows, i);
	}
}

static struct db_params *ids_param(
	const struct prac_id *ids, size_t n_ids, struct prac_arena *arena)
{
	struct db_params *params = db_params_new(arena);
	struct db_array array;

	db_array_init(&array, arena, DB_UUID);
	for (size_t i = 0; i < n_ids; i++) {
		db_array_id(&array, &ids[i]);
	}
	db_param_array(params, &array);
	return params;
}

void svc_persons_add(struct db_batch *batch, const struct svc_persons_ask *ask,
	struct prac_arena *arena, struct svc_persons *persons_out)
{
	struct db_params *persons = ids_param(ask->ids, ask->n_ids, arena);
	struct db_params *grants = ids_param(ask->ids, ask->n_ids, arena);

	*persons_out = (struct svc_persons){ .arena = arena };
	if (ask->device != NULL) {
		db_param_id(persons, ask->device);
	}
	db_batch_add(batch, ask->device != NULL ? &q_people_persons_here : &q_people_persons,
		persons, on_persons, persons_out);
	db_batch_add(batch, &q_people_grants, grants, on_grants, persons_out);
}

/* ---- everybody at a device */

struct question {
	struct prac_arena *arena;
	struct db_batch *batch;
	struct judge_people *people;
	svc_people_fn done;
	void *ctx;
};

static void on_people(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	struct judge_people *people = question->people;

	people->n = db_rows_count(rows);
	people->people =
		prac_arena_alloc(question->arena, (people->n + 1) * sizeof(*people->people));
	for (size_t i = 0; i < people->n; i++) {
		struct prac_person *who = &people->people[i].who;

		who->id = db_rows_id(rows, i, 0);
		who->subject_type = (uint32_t)db_rows_int(rows, i, 1);
		if (!db_rows_is_null(rows, i, 2)) {
			who->subject = db_rows_id(rows, i, 2);
		}
	}
}

static struct judge_person *find(struct judge_people *people, struct prac_id id)
{
	for (size_t i = 0; i < people->n; i++) {
		if (prac_id_equal(&people->people[i].who.id, &id)) {
			return &people->people[i];
		}
	}
	return NULL;
}

/* Rows come by person: each one's stand together in one array for all. */
static void on_rights(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	size_t n = db_rows_count(rows);
	struct prac_grant *grants = prac_arena_alloc(question->arena, (n + 1) * sizeof(*grants));

	for (size_t i = 0; i < n; i++) {
		struct judge_person *person = find(question->people, db_rows_id(rows, i, 0));

		grants[i] = (struct prac_grant){ .role = (enum prac_role)db_rows_int(rows, i, 1),
			.scope = db_rows_id(rows, i, 2),
			.from_ms = db_rows_instant(rows, i, 3),
			.until_ms = db_rows_is_null(rows, i, 4) ? INT64_MAX
								: db_rows_instant(rows, i, 4) };
		if (person != NULL && person->who.n_grants++ == 0) {
			person->who.grants = &grants[i];
		}
	}
}

static void on_attested(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	size_t n = db_rows_count(rows);
	struct judge_attested *all = prac_arena_alloc(question->arena, (n + 1) * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		struct judge_person *person = find(question->people, db_rows_id(rows, i, 0));

		all[i].starts_ms = db_rows_instant(rows, i, 1);
		all[i].ends_ms = db_rows_instant(rows, i, 2);
		if (person != NULL && person->n_attested++ == 0) {
			person->attested = &all[i];
		}
	}
}

static void answered(void *ctx, enum prac_status status)
{
	struct question *question = ctx;

	question->done(question->ctx, status == PRAC_OK ? PRAC_OK : PRAC_UNAVAILABLE,
		status == PRAC_OK ? question->people : NULL);
}

void svc_people_at_device(struct svc *svc, const struct prac_id *device, struct prac_arena *arena,
	svc_people_fn done, void *ctx)
{
	struct question *question = prac_arena_alloc(arena, sizeof(*question));
	struct db_params *params = db_params_new(arena);

	*question = (struct question){ .arena = arena,
		.batch = db_batch_new(arena),
		.people = prac_arena_alloc(arena, sizeof(*question->people)),
		.done = done,
		.ctx = ctx };
	db_param_id(params, device);
	db_batch_add(question->batch, &q_people_at_device, params, on_people, question);
	db_batch_add(question->batch, &q_people_rights_at_device, params, on_rights, question);
	db_batch_add(question->batch, &q_people_attested_at_device, params, on_attested, question);
	db_link_run(svc->desk, question->batch, answered, question);
}
