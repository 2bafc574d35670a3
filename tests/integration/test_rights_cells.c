/*
 * Every cell of the table of rights against a real server and database: what a person tries (create,
 * change, delete, each action and each group with writers of its own, of every type; each method) x role x
 * own school, other school, no membership any more. The cells are made from the programs' tables, what must
 * come out from tests/data/rights.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"
#include "tests/support/people.h"
#include "tests/support/rights_table.h"
#include "tests/support/scene.h"

enum {
	BATCH = 240, /* mutations in one push */
	DENIED = 7,  /* PERMISSION_DENIED */
	MISSING = 9, /* FAILED_PRECONDITION */
	NOBODY = 16, /* UNAUTHENTICATED */
	FAULTS_MAX = 20,
	PEOPLE_SEEN_US = 2500 * 1000, /* the server looks every two seconds who there is */
	HOUR_MS = 60 * 60 * 1000
};

enum side {
	OWN = SCENE_OWN,
	OTHER = SCENE_OTHER,
	ENDED, /* a record of the own school, by who had the role until yesterday */
	SIDES
};

static const char *const sides[] = { "own", "other", "ended" };

struct cell {
	const struct prac_type *type;
	enum prac_right_op op;
	const struct prac_action *action;
	const struct prac_group *group; /* CHANGE */
	enum prac_role role;
	enum side side;
};

static struct prac_id office_id, school_device_id;
static struct raw_identity school_device;
static struct raw_client *office;
static struct someone people[PRAC_ROLES][2]; /* by role: who holds it, who held it */
static uint64_t counter;
static struct prac_bytes waiting[BATCH];
static struct cell cells[BATCH];
static size_t n_waiting, n_cells, n_faults;

/* ---- people, straight into the tables as well: how they sign in is test_people's */

static const char *hex(const uint8_t *bytes, size_t n)
{
	char *text = prac_arena_alloc(&arena, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	}
	return text;
}

static void make_person(enum prac_role role, bool has_ended)
{
	struct someone *someone = &people[role][has_ended];
	struct prac_id scope =
		prac_role_is_district(role) ? prac_scope_district : scene_school[OWN];
	struct prac_id subject = scene_id(&prac_type_student, OWN);
	const char *id;

	*someone = (struct someone){ .id = { { 0x77, [14] = (uint8_t)role, [15] = has_ended } } };
	memset(someone->session, 2 * (int)role + has_ended, sizeof(someone->session));
	prac_sign_key_new(someone->public_key, someone->secret);
	id = hex(someone->id.b, PRAC_ID_LEN);
	pg_exec("INSERT INTO app_user (id, login, name, record_type, record_id)\n"
		"VALUES ('%s', '%s_%d', 'x', %s, %s%s%s);\n"
		"INSERT INTO membership (user_id, role, scope, valid_from, valid_until)\n"
		"VALUES ('%s', %d, '%s', now() - interval '9 days', %s);\n"
		"INSERT INTO user_device (user_id, device_id, public_key)\n"
		"SELECT '%s', d.id, '\\x%s' FROM device d;\n"
		"INSERT INTO user_session (token, user_id, device_id, factor)\n"
		"VALUES (sha256('\\x%s'), '%s', '%s', now())",
		id, prac_role_name(role), has_ended, role == PRAC_ROLE_STUDENT ? "3" : "NULL",
		role == PRAC_ROLE_STUDENT ? "'" : "",
		role == PRAC_ROLE_STUDENT ? hex(subject.b, PRAC_ID_LEN) : "NULL",
		role == PRAC_ROLE_STUDENT ? "'" : "", id, (int)role, hex(scope.b, PRAC_ID_LEN),
		has_ended ? "now() - interval '1 day'" : "NULL", id,
		hex(someone->public_key, PRAC_SIGN_PUBLIC),
		hex(someone->session, sizeof(someone->session)), id, hex(office_id.b, PRAC_ID_LEN));
}

/* ---- what must come out */

/* Does the role count for that record at all? */
static bool counts(const struct cell *cell)
{
	const struct prac_type *type = cell->type;

	if (cell->side == ENDED) {
		return false;
	}
	if (prac_role_is_district(cell->role) || type->owner == PRAC_OWNER_REFERENCE) {
		return true;
	}
	if (cell->side == OTHER || cell->role == PRAC_ROLE_SUPERVISOR ||
		(cell->role == PRAC_ROLE_STUDENT && !scene_follows_student(type))) {
		return false;
	}
	return type->owner != PRAC_OWNER_DISTRICT || scene_follows_student(type);
}

enum answer {
	UNSEEN,  /* as if there were no such record */
	REFUSED, /* seen, and the role may not */
	ALLOWED  /* by rights; rules of the type may still have their say */
};

static const char *const answers[] = { "unseen", "refused", "allowed" };

static enum answer expected(const struct cell *cell)
{
	uint32_t may = rights_table_may(cell->type, cell->op, cell->action);
	uint32_t readers = rights_table_may(cell->type, PRAC_RIGHT_READ, NULL);
	uint32_t bit = counts(cell) ? PRAC_ROLE_BIT(cell->role) : 0;

	if (cell->op == PRAC_RIGHT_CREATE && cell->type->owner == PRAC_OWNER_ASSIGNED) {
		return REFUSED; /* the server alone makes them */
	}
	if (cell->group != NULL) {
		may &= rights_table_changers(cell->type, cell->group);
	}
	if ((readers & bit) == 0 && cell->op != PRAC_RIGHT_CREATE) {
		return UNSEEN;
	}
	return (may & bit) != 0 ? ALLOWED : REFUSED;
}

static enum answer observed(const struct cell *cell, const Practicum__Verdict *verdict)
{
	static const char words[] = "your role may not do that";

	if (verdict->reason == PRAC_REASON_UNKNOWN_RECORD) {
		return UNSEEN;
	}
	if (verdict->reason == PRAC_REASON_NOT_ALLOWED &&
		((cell->type->owner == PRAC_OWNER_ASSIGNED && cell->op == PRAC_RIGHT_CREATE) ||
			(verdict->text.len >= strlen(words) &&
				memcmp(verdict->text.data, words, strlen(words)) == 0))) {
		return REFUSED;
	}
	return ALLOWED;
}

static void compare(const struct cell *cell, enum answer answer, const Practicum__Verdict *verdict)
{
	n_cells++;
	if (answer == expected(cell)) {
		return;
	}
	if (n_faults++ < FAULTS_MAX) {
		print_error("%s op %d %s, %s, %s: %s, wanted %s (reason %u: %.*s)\n",
			cell->type->name, (int)cell->op,
			cell->action != NULL  ? cell->action->name
			: cell->group != NULL ? cell->group->name
					      : "",
			prac_role_name(cell->role), sides[cell->side], answers[answer],
			answers[expected(cell)], verdict->reason, (int)verdict->text.len,
			(const char *)verdict->text.data);
	}
}

/* ---- trying */

static const Practicum__PushResponse *push(struct raw_client *client, bool is_first)
{
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	ProtobufCBinaryData mutations[BATCH];
	Practicum__Attestation *attestations[2 * PRAC_ROLES];
	const Practicum__PushResponse *response;

	for (size_t i = 0; i < n_waiting; i++) {
		mutations[i] = prac_binary(waiting[i]);
	}
	request.n_mutations = n_waiting;
	request.mutations = mutations;
	for (size_t role = 1; role < PRAC_ROLES && is_first; role++) {
		for (size_t i = 0; i < 2; i++) {
			attestations[request.n_attestations++] = people_attest(
				&people[role][i], &office_id, people_now_ms() - HOUR_MS);
		}
	}
	request.attestations = attestations;
	people_send(client, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	response = people_answer(client, &practicum__push_response__descriptor, NULL);
	assert_non_null(response);
	assert_int_equal(response->n_verdicts, n_waiting);
	return response;
}

static void flush(void)
{
	const Practicum__PushResponse *response;
	bool is_first = n_cells == 0;

	if (n_waiting == 0) {
		return;
	}
	response = push(office, is_first);
	for (size_t i = 0; i < n_waiting; i++) {
		compare(&cells[i], observed(&cells[i], response->verdicts[i]),
			response->verdicts[i]);
	}
	n_waiting = 0;
}

static struct prac_mutation mutation_of(const struct cell *cell)
{
	size_t at = cell->side == OTHER ? OTHER : OWN;
	struct prac_mutation mutation = people_create(cell->type, ++counter);

	mutation.person = people[cell->role][cell->side == ENDED].id;
	if (cell->op == PRAC_RIGHT_CREATE) {
		mutation.scope = scene_owner(cell->type, at);
		mutation.n_patches = prac_patches_between(
			NULL, scene_record(cell->type, at, false), &arena, &mutation.patches);
		return mutation;
	}
	mutation.id = scene_id(cell->type, at);
	if (cell->op == PRAC_RIGHT_DELETE) {
		mutation.op = PRACTICUM__OP__OP_DELETE; /* of what others changed: nothing goes */
	} else if (cell->op == PRAC_RIGHT_CHANGE) {
		scene_change(&mutation, cell->group);
	} else {
		scene_action(&mutation, cell->action);
	}
	return mutation;
}

static void try_as(struct cell cell, unsigned role, unsigned side)
{
	struct prac_mutation mutation;

	cell.role = (enum prac_role)role;
	cell.side = (enum side)side;
	mutation = mutation_of(&cell);
	prac_mutation_write(&mutation, &arena);
	cells[n_waiting] = cell;
	waiting[n_waiting++] = mutation.bytes;
	if (n_waiting == BATCH) {
		flush();
	}
}

static void try_cell(struct cell cell)
{
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		for (unsigned side = 0; side < SIDES; side++) {
			try_as(cell, role, side);
		}
	}
}

/* ---- the tests */

/* The first group that everybody who changes the record may change, and each that only some roles may. */
static void try_groups(const struct prac_type *type)
{
	bool has_common = false;

	for (size_t i = 0; i < type->n_groups; i++) {
		const struct prac_group *group = &type->groups[i];
		bool is_common = prac_right_changers(type, group) == UINT32_MAX;
		bool is_state =
			group->n_fields == 1 && group->fields[0] == (unsigned)type->state_field;

		if (!is_state && (!is_common || !has_common)) {
			try_cell((struct cell){
				.type = type, .op = PRAC_RIGHT_CHANGE, .group = group });
			has_common = has_common || is_common;
		}
	}
}

static void every_cell_of_every_record_type_is_as_the_table_says(void **state)
{
	(void)state;
	office = connect_as(&district, 1, NULL);
	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_type *type = prac_types[i];

		try_cell((struct cell){ .type = type, .op = PRAC_RIGHT_CREATE });
		try_groups(type);
		for (size_t k = 0; k < type->n_actions; k++) {
			try_cell((struct cell){
				.type = type, .op = PRAC_RIGHT_ACT, .action = &type->actions[k] });
		}
		try_cell((struct cell){ .type = type, .op = PRAC_RIGHT_DELETE });
	}
	flush();
	raw_client_free(office);
	print_message("# %zu cells of records\n", n_cells);
	assert_int_equal(n_faults, 0);
	assert_true(n_cells > 10000); /* the loops did run */
}

/* A person may everywhere what the station may not: the station's school holds. */
static void at_a_schools_station_nothing_of_another_school_is_changed(void **state)
{
	struct raw_client *client = connect_as(&school_device, 1, NULL);
	uint64_t count = 0;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		struct cell cell = { .type = prac_types[i],
			.op = PRAC_RIGHT_DELETE,
			.role = PRAC_ROLE_DISTRICT_COORDINATOR,
			.side = OTHER };
		struct prac_mutation mutation = mutation_of(&cell);
		const Practicum__Verdict *verdict;

		mutation.counter = ++count;
		prac_mutation_write(&mutation, &arena);
		verdict = people_push(client, mutation.bytes,
			people_attest(&people[cell.role][0], &school_device_id,
				people_now_ms() - HOUR_MS));
		assert_verdict(verdict,
			prac_types[i]->owner == PRAC_OWNER_REFERENCE
				? PRACTICUM__VERDICT_KIND__VERDICT_REFUSED
				: PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED,
			prac_types[i]->owner == PRAC_OWNER_REFERENCE ? PRAC_REASON_NOT_ALLOWED
								     : PRAC_REASON_RIGHTS_LOST);
		n++;
	}
	raw_client_free(client);
	print_message("# %zu cells of a station\n", n);
}

/* Code of the answer to a report, or to taking back an import that nobody made, with this session. */
static uint32_t asked_with(struct raw_client *client, bool is_reversal, const uint8_t *session)
{
	static uint8_t id[PRAC_ID_LEN] = { 1 };
	const ProtobufCBinaryData shown = { session != NULL ? 32 : 0, (uint8_t *)session };
	Practicum__ReportRequest report = PRACTICUM__REPORT_REQUEST__INIT;
	Practicum__ImportAsk reversal = PRACTICUM__IMPORT_ASK__INIT;
	const Practicum__Status *status = NULL;

	report.has_name = true;
	report.name = (ProtobufCBinaryData){ 13, (uint8_t *)"participation" };
	reversal.has_import_id = reversal.has_reversal = true;
	reversal.import_id = reversal.reversal = (ProtobufCBinaryData){ sizeof(id), id };
	report.has_session = reversal.has_session = session != NULL;
	report.session = reversal.session = shown;
	people_send(client,
		is_reversal ? PRACTICUM__METHOD_ID__IMPORT_REVERSE
			    : PRACTICUM__METHOD_ID__REPORT_RUN,
		is_reversal ? &reversal.base : &report.base);
	return people_answer(client, &practicum__report_response__descriptor, &status) != NULL
		       ? 0
		       : status->code;
}

static void a_method_asks_who_is_there_on_which_device(void **state)
{
	struct raw_identity twin = enroll("enroll-code --district --label twin");
	struct raw_client *elsewhere = connect_as(&twin, 1, NULL);
	uint32_t may = rights_table_call("REPORT_RUN"),
		 may_reverse = rights_table_call("IMPORT_REVERSE");
	size_t n = 0;

	(void)state;
	office = connect_as(&district, 1, NULL);
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		assert_int_equal(asked_with(office, false, people[role][0].session),
			(may & PRAC_ROLE_BIT(role)) != 0 ? 0 : DENIED);
		assert_int_equal(asked_with(elsewhere, false, people[role][0].session), NOBODY);
		assert_int_equal(asked_with(office, false, people[role][1].session), NOBODY);
		assert_int_equal(asked_with(office, true, people[role][0].session),
			(may_reverse & PRAC_ROLE_BIT(role)) != 0 ? MISSING : DENIED);
		n += 4;
	}
	assert_int_equal(asked_with(office, false, NULL), NOBODY);
	assert_int_equal(asked_with(office, true, NULL), NOBODY);
	assert_int_equal(
		pg_int("SELECT count(*) FROM audit_event e JOIN membership m ON m.user_id = e.actor\n"
		       " WHERE e.kind = 'report' AND (e.outcome = 'done') = (m.role IN (5, 6, 7, 8))"),
		PRAC_ROLES - 1); /* who got one, and who was refused one */
	raw_client_free(elsewhere);
	raw_client_free(office);
	print_message("# %zu cells of methods by role\n", n + 2);
}

/* An empty request is wrong for most methods; the device is asked about before. */
static bool is_denied(const struct raw_identity *identity, int method)
{
	struct raw_client *client = connect_as(identity, 99, NULL);
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	ProtobufCMessage *message = NULL;
	const struct prac_frame *frame;
	bool is_denied;

	people_send(client, (Practicum__MethodId)method, &request.base);
	frame = raw_client_read(client);
	assert_non_null(frame);
	is_denied = (frame->flags & PRAC_FRAME_ERROR) != 0;
	if (is_denied) {
		assert_int_equal(prac_unpack(&practicum__status__descriptor, frame->payload, &arena,
					 &message),
			PRAC_OK);
		is_denied = ((const Practicum__Status *)message)->code == DENIED;
	}
	raw_client_free(client);
	return is_denied;
}

static void a_method_asks_what_the_device_is(void **state)
{
	const ProtobufCEnumDescriptor *methods = &practicum__method_id__descriptor;
	size_t n = 0;

	(void)state;
	for (unsigned i = 1; i < methods->n_values; i++) {
		int method = methods->values[i].value;
		bool is_newcomers = method == PRACTICUM__METHOD_ID__ENROLL_ENROLL;

		assert_int_equal(is_denied(&district, method), is_newcomers);
		assert_int_equal(is_denied(&school_device, method),
			is_newcomers || rights_table_is_office(methods->values[i].name));
		n += 2;
	}
	print_message("# %zu cells of methods by device\n", n);
}

/* ---- the scene */

static int begin(void **state)
{
	*state = (void *)"test_rights_cells";
	rights_table_begin();
	if (live_server_begin(state) != 0) {
		return -1;
	}
	office = connect_as(&district, 1, NULL);
	scene_school[OWN] = people_school(office, ++counter, "South");
	scene_school[OTHER] = people_school(office, ++counter, "North");
	school_device = enroll("enroll-code --school South");
	office_id = people_device(&district);
	school_device_id = people_device(&school_device);
	for (size_t i = 0; i < prac_n_types; i++) {
		if (prac_types[i] != &prac_type_school) {
			scene_plant(prac_types[i], OWN);
			scene_plant(prac_types[i], OTHER);
		}
	}
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		make_person((enum prac_role)role, false);
		make_person((enum prac_role)role, true);
	}
	raw_client_free(office);
	(void)usleep(PEOPLE_SEEN_US);
	return 0;
}

static int end(void **state)
{
	rights_table_end();
	return live_server_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_method_asks_who_is_there_on_which_device),
		cmocka_unit_test(a_method_asks_what_the_device_is),
		cmocka_unit_test(every_cell_of_every_record_type_is_as_the_table_says),
		cmocka_unit_test(at_a_schools_station_nothing_of_another_school_is_changed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
