#include "client/replica/people.h"

#include <string.h>

#include "client/replica/acting.h"
#include "sql/replica.h"

enum {
	USED_STEP_MS =
		30 * 1000, /* what is written at most so often says when somebody was there */
	DAY_MS = 24 * 60 * 60 * 1000
};

static int64_t now_ms(const struct replica *replica)
{
	return replica->env->wall_ms(replica->env->ctx);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	(void)sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC); /* step tells */
}

static void bind_ms(sqlite3_stmt *stmt, int i, int64_t ms)
{
	(void)sqlite3_bind_int64(stmt, i, ms); /* step tells */
}

static const char *column_copy(sqlite3_stmt *stmt, int i, struct prac_arena *arena)
{
	return prac_arena_text(arena, column_bytes(stmt, i));
}

/* ---- persons */

/* Room for one more. */
static struct prac_grant *next_grant(
	struct prac_grant **grants, size_t n, size_t *cap, struct prac_arena *arena)
{
	struct prac_grant *bigger;

	if (n == *cap) {
		*cap = *cap == 0 ? 8 : 2 * *cap;
		bigger = prac_arena_alloc(arena, *cap * sizeof(*bigger));
		if (n > 0) {
			memcpy(bigger, *grants, n * sizeof(*bigger));
		}
		*grants = bigger;
	}
	return &(*grants)[n];
}

static void read_grants(struct replica *replica, struct prac_person *who, struct prac_arena *arena)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_person_grants);
	struct prac_grant *grants = NULL;
	size_t n = 0, cap = 0;

	bind_id(stmt, 1, &who->id);
	while (file_row(replica, stmt)) {
		*next_grant(&grants, n, &cap, arena) =
			(struct prac_grant){ .role = (enum prac_role)sqlite3_column_int(stmt, 0),
				.scope = column_id(stmt, 1),
				.from_ms = sqlite3_column_int64(stmt, 2),
				.until_ms = sqlite3_column_int64(stmt, 3) };
		n++;
	}
	who->grants = grants;
	who->n_grants = n;
}

static void write_grants(struct replica *replica, const struct prac_person *who)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_person_ungrant);

	bind_id(stmt, 1, &who->id);
	file_run(replica, stmt);
	for (size_t i = 0; i < who->n_grants; i++) {
		stmt = file_use(replica, &q_replica_person_grant);
		bind_id(stmt, 1, &who->id);
		bind_ms(stmt, 2, who->grants[i].role);
		bind_id(stmt, 3, &who->grants[i].scope);
		bind_ms(stmt, 4, who->grants[i].from_ms);
		bind_ms(stmt, 5, who->grants[i].until_ms);
		file_run(replica, stmt);
	}
}

enum prac_status replica_person(struct replica *replica, const char *login,
	struct prac_arena *arena, struct replica_person *person_out)
{
	bool is_found = false;
	enum prac_status status;
	sqlite3_stmt *stmt;

	*person_out = (struct replica_person){ 0 };
	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_person_get);
	bind_text(stmt, 1, login);
	if (file_row(replica, stmt)) {
		is_found = true;
		person_out->who.id = column_id(stmt, 0);
		person_out->login = column_copy(stmt, 1, arena);
		person_out->name = column_copy(stmt, 2, arena);
		person_out->who.subject_type = (uint32_t)sqlite3_column_int64(stmt, 3);
		person_out->who.subject = column_id(stmt, 4);
		person_out->known_ms = sqlite3_column_int64(stmt, 5);
		person_out->password_ms = sqlite3_column_int64(stmt, 6);
		person_out->public_key = prac_arena_copy(arena, column_bytes(stmt, 7));
		person_out->salt = prac_arena_copy(arena, column_bytes(stmt, 8));
		person_out->sealed = prac_arena_copy(arena, column_bytes(stmt, 9));
		(void)sqlite3_reset(stmt); /* a row was there */
		read_grants(replica, &person_out->who, arena);
	}
	status = file_end(replica);
	return status == PRAC_OK && !is_found ? PRAC_NOT_FOUND : status;
}

const char *replica_person_name(
	struct replica *replica, const struct prac_id *id, struct prac_arena *arena)
{
	const char *name = NULL;
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_person_name);
	bind_id(stmt, 1, id);
	if (file_row(replica, stmt)) {
		name = column_copy(stmt, 0, arena);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	return file_end(replica) == PRAC_OK ? name : NULL;
}

/* Who had the login here before has none to sign in with. */
static void take_login(struct replica *replica, const struct replica_person *person)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_person_clear_login);

	bind_text(stmt, 1, person->login);
	bind_id(stmt, 2, &person->who.id);
	file_run(replica, stmt);
}

static void bind_person(sqlite3_stmt *stmt, const struct replica_person *person, int64_t known_ms)
{
	bind_id(stmt, 1, &person->who.id);
	bind_text(stmt, 2, person->login);
	bind_text(stmt, 3, person->name);
	bind_u64(stmt, 4, person->who.subject_type);
	bind_id(stmt, 5, &person->who.subject);
	bind_ms(stmt, 6, known_ms);
	bind_ms(stmt, 7, person->password_ms);
}

static void put_person(struct replica *replica, const struct replica_person *person)
{
	sqlite3_stmt *stmt;

	take_login(replica, person);
	stmt = file_use(replica, &q_replica_person_put);
	bind_person(stmt, person, person->known_ms);
	bind_bytes(stmt, 8, person->public_key);
	bind_bytes(stmt, 9, person->salt);
	bind_bytes(stmt, 10, person->sealed);
	file_run(replica, stmt);
	write_grants(replica, &person->who);
}

/* ---- tries */

enum prac_status replica_try(struct replica *replica, const char *login, int64_t *wait_ms_out)
{
	int64_t now = now_ms(replica), again;
	sqlite3_stmt *stmt;

	*wait_ms_out = 0;
	file_begin(replica);
	stmt = file_use(replica, &q_replica_try_sweep);
	bind_ms(stmt, 1, now - DAY_MS);
	file_run(replica, stmt);
	stmt = file_use(replica, &q_replica_try);
	bind_text(stmt, 1, login);
	bind_ms(stmt, 2, now);
	if (file_number(replica, stmt) == 0) {
		stmt = file_use(replica, &q_replica_try_again);
		bind_text(stmt, 1, login);
		again = file_number(replica, stmt);
		*wait_ms_out = again > now ? again - now : 1;
	}
	return file_end(replica);
}

enum prac_status replica_tries(struct replica *replica, const char *login, unsigned *n_out)
{
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_try_count);
	bind_text(stmt, 1, login);
	*n_out = (unsigned)file_number(replica, stmt);
	return file_end(replica);
}

static void forget_tries(struct replica *replica, const char *login)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_try_forget);

	bind_text(stmt, 1, login);
	file_run(replica, stmt);
}

enum prac_status replica_try_forget(struct replica *replica, const char *login)
{
	file_begin(replica);
	forget_tries(replica, login);
	return file_end(replica);
}

/* ---- signing in and out */

static int64_t put_attestation(struct replica *replica, const struct replica_sign_in *sign_in)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_attest);

	bind_id(stmt, 1, &sign_in->attestation.person);
	bind_ms(stmt, 2, sign_in->attestation.starts_ms);
	bind_ms(stmt, 3, sign_in->attestation.ends_ms);
	bind_bytes(stmt, 4, sign_in->person->public_key);
	bind_bytes(stmt, 5, sign_in->signature);
	return file_number(replica, stmt);
}

enum prac_status replica_sign_in(struct replica *replica, const struct replica_sign_in *sign_in)
{
	sqlite3_stmt *stmt;
	int64_t attestation;

	file_begin(replica);
	put_person(replica, sign_in->person);
	attestation = put_attestation(replica, sign_in);
	stmt = file_use(replica, &q_replica_sign_in);
	bind_ms(stmt, 1, attestation);
	bind_ms(stmt, 2, now_ms(replica));
	bind_bytes(stmt, 3, sign_in->token);
	bind_ms(stmt, 4, sign_in->has_factor ? 1 : 0);
	file_run(replica, stmt);
	forget_tries(replica, sign_in->person->login);
	file_run(replica, file_use(replica, &q_replica_attestation_sweep));
	replica->acting = NULL;
	return file_end(replica);
}

enum prac_status replica_sign_out(struct replica *replica)
{
	file_begin(replica);
	file_run(replica, file_use(replica, &q_replica_sign_out));
	replica->acting = NULL;
	return file_end(replica);
}

/* ---- who is there */

static void who_from_columns(sqlite3_stmt *stmt, struct replica_who *who, struct prac_arena *arena)
{
	who->attestation = sqlite3_column_int64(stmt, 0);
	who->used_ms = sqlite3_column_int64(stmt, 1);
	who->token = prac_arena_copy(arena, column_bytes(stmt, 2));
	who->has_factor = sqlite3_column_int(stmt, 3) != 0;
	who->starts_ms = sqlite3_column_int64(stmt, 4);
	who->ends_ms = sqlite3_column_int64(stmt, 5);
	who->person.who.id = column_id(stmt, 6);
	who->person.login = column_copy(stmt, 7, arena);
	who->person.name = column_copy(stmt, 8, arena);
	who->person.who.subject_type = (uint32_t)sqlite3_column_int64(stmt, 9);
	who->person.who.subject = column_id(stmt, 10);
}

/* What is entered outside the attested time nobody could believe. */
static enum replica_presence presence_at(const struct replica_who *who, int64_t now)
{
	if (now < who->starts_ms || now >= who->ends_ms) {
		return REPLICA_OVER;
	}
	return now - who->used_ms >= PEOPLE_IDLE_MS ? REPLICA_AWAY : REPLICA_PRESENT;
}

static void read_who(struct replica *replica, struct prac_arena *arena, struct replica_who *who)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_sign_in_get);

	*who = (struct replica_who){ .presence = REPLICA_ABSENT,
		.is_required = replica->meta.asks_people };
	if (file_row(replica, stmt)) {
		who_from_columns(stmt, who, arena);
		(void)sqlite3_reset(stmt); /* a row was there */
		who->presence = presence_at(who, now_ms(replica));
		read_grants(replica, &who->person.who, arena);
	}
	if (who->presence != REPLICA_PRESENT && !who->is_required) {
		who->presence = REPLICA_DEVICE_ACTS;
	}
}

const struct replica_who *acting(struct replica *replica)
{
	if (replica->acting == NULL) {
		replica->acting = prac_arena_alloc(&replica->tx_arena, sizeof(*replica->acting));
		read_who(replica, &replica->tx_arena, replica->acting);
	}
	return replica->acting;
}

int64_t acting_attestation(struct replica *replica)
{
	const struct replica_who *who = acting(replica);

	return who->presence == REPLICA_PRESENT ? who->attestation : 0;
}

enum prac_status replica_who(
	struct replica *replica, struct prac_arena *arena, struct replica_who *who_out)
{
	file_begin_read(replica);
	read_who(replica, arena, who_out);
	return file_end(replica);
}

struct prac_id acting_author(struct replica *replica)
{
	const struct replica_who *who = acting(replica);
	struct replica_identity identity;

	if (who->presence == REPLICA_PRESENT) {
		return who->person.who.id;
	}
	return replica_identity(replica, &identity) == PRAC_OK ? identity.person
							       : (struct prac_id){ { 0 } };
}

enum prac_status replica_author(struct replica *replica, struct prac_id *person_out)
{
	file_begin_read(replica);
	*person_out = acting_author(replica);
	return file_end(replica);
}

const char *replica_presence_text(enum replica_presence presence)
{
	switch (presence) {
	case REPLICA_DEVICE_ACTS:
	case REPLICA_PRESENT:
		return NULL;
	case REPLICA_ABSENT:
		return "nobody is signed in here; sign in first: practicum login NAME";
	case REPLICA_AWAY:
		return "nobody was here for " PRAC_TEXT_OF(
			PRAC_IDLE_MINUTES) " minutes; sign in again: practicum login NAME";
	case REPLICA_OVER:
		return "the sign-in has run out; sign in again: practicum login NAME";
	}
	return NULL;
}

enum prac_status replica_used(struct replica *replica)
{
	const struct replica_who *who;
	sqlite3_stmt *stmt;
	bool is_due;

	file_begin_read(replica);
	who = acting(replica);
	is_due = who->presence == REPLICA_PRESENT && now_ms(replica) - who->used_ms >= USED_STEP_MS;
	if (file_end(replica) != PRAC_OK || !is_due) {
		return replica->failure;
	}
	file_begin(replica);
	if (acting(replica)->presence == REPLICA_PRESENT) {
		stmt = file_use(replica, &q_replica_sign_in_used);
		bind_ms(stmt, 1, now_ms(replica));
		file_run(replica, stmt);
	}
	return file_end(replica);
}

/* ---- from the server */

enum prac_status replica_ask_people(struct replica *replica, bool is_required)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	if (replica->meta.asks_people != is_required) {
		stmt = file_use(replica, &q_replica_meta_people);
		bind_ms(stmt, 1, is_required ? 1 : 0);
		file_run(replica, stmt);
		replica->meta.asks_people = is_required;
		replica->acting = NULL;
	}
	return file_end(replica);
}

enum prac_status replica_people_asked(
	struct replica *replica, struct prac_id ids_out[PEOPLE_ASKED_MAX], size_t *n_out)
{
	sqlite3_stmt *stmt;

	*n_out = 0;
	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_person_ids);
	bind_ms(stmt, 1, PEOPLE_ASKED_MAX);
	while (file_row(replica, stmt)) {
		ids_out[(*n_out)++] = column_id(stmt, 0);
	}
	return file_end(replica);
}

static void person_is_known(struct replica *replica, const struct replica_person *person)
{
	sqlite3_stmt *stmt;

	take_login(replica, person);
	stmt = file_use(replica, &q_replica_person_known);
	bind_person(stmt, person, now_ms(replica));
	file_run(replica, stmt);
	write_grants(replica, &person->who);
}

static void person_is_unknown(struct replica *replica, const struct prac_id *id)
{
	static const struct db_stmt *const steps[] = { &q_replica_sign_out_person,
		&q_replica_person_unknown, &q_replica_person_ungrant };

	for (size_t i = 0; i < PRAC_NELEM(steps); i++) {
		sqlite3_stmt *stmt = file_use(replica, steps[i]);

		bind_id(stmt, 1, id);
		file_run(replica, stmt);
	}
}

static const struct replica_person *find_known(
	const struct replica_known *answer, const struct prac_id *id)
{
	for (size_t i = 0; i < answer->n_known; i++) {
		if (prac_id_equal(&answer->known[i].who.id, id)) {
			return &answer->known[i];
		}
	}
	return NULL;
}

enum prac_status replica_people_known(struct replica *replica, const struct replica_known *answer)
{
	file_begin(replica);
	for (size_t i = 0; i < answer->n_asked; i++) {
		const struct replica_person *person = find_known(answer, &answer->asked[i]);

		if (person != NULL) {
			person_is_known(replica, person);
		} else {
			person_is_unknown(replica, &answer->asked[i]);
		}
	}
	file_run(replica, file_use(replica, &q_replica_sign_out_unsealed));
	replica->acting = NULL;
	return file_end(replica);
}

/* ---- attestations */

bool replica_attestation(struct replica *replica, int64_t place, struct prac_arena *arena,
	struct replica_attestation *attestation_out)
{
	bool is_found = false;
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_attestation_get);
	bind_ms(stmt, 1, place);
	if (file_row(replica, stmt)) {
		is_found = true;
		attestation_out->attestation.person = column_id(stmt, 1);
		attestation_out->attestation.starts_ms = sqlite3_column_int64(stmt, 2);
		attestation_out->attestation.ends_ms = sqlite3_column_int64(stmt, 3);
		attestation_out->public_key = prac_arena_copy(arena, column_bytes(stmt, 4));
		attestation_out->signature = prac_arena_copy(arena, column_bytes(stmt, 5));
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	return file_end(replica) == PRAC_OK && is_found;
}
