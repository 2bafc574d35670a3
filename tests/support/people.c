#include "tests/support/people.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/totp.h"
#include "common/sync/attest.h"
#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "common/wire/scan.h"

enum {
	HOUR_MS = 60 * 60 * 1000
};

static ProtobufCBinaryData text(const char *from)
{
	return (ProtobufCBinaryData){ from == NULL ? 0 : strlen(from), (uint8_t *)from };
}

void people_send(
	struct raw_client *client, Practicum__MethodId method, const ProtobufCMessage *request)
{
	static uint32_t stream = 1; /* larger than any before on every connection */

	stream += 2;
	raw_client_message(client,
		&(struct prac_frame){
			.type = PRAC_FRAME_REQUEST, .method = (uint16_t)method, .stream = stream },
		request);
}

const void *people_answer(struct raw_client *client, const ProtobufCMessageDescriptor *descriptor,
	const Practicum__Status **status_out)
{
	const struct prac_frame *frame = raw_client_read(client);
	ProtobufCMessage *message = NULL;
	bool is_error;

	while (frame != NULL && frame->type == PRAC_FRAME_POKE) {
		frame = raw_client_read(client);
	}
	if (frame == NULL) {
		fail_msg("the server hung up");
		return NULL;
	}
	assert_string_equal(prac_frame_name(frame->type), prac_frame_name(PRAC_FRAME_RESPONSE));
	is_error = (frame->flags & PRAC_FRAME_ERROR) != 0;
	assert_int_equal(prac_unpack(is_error ? &practicum__status__descriptor : descriptor,
				 frame->payload, &arena, &message),
		PRAC_OK);
	if (status_out != NULL) {
		*status_out = is_error ? (const Practicum__Status *)message : NULL;
	}
	return is_error ? NULL : message;
}

const char *people_add(const char *arguments)
{
	char line[600];

	(void)snprintf(line, sizeof(line), "user add %s", arguments);
	return prac_arena_text(&arena, prac_bytes_text(code_for(line)));
}

void people_ask_sign_in(
	struct someone *someone, const char *password, const char *code, const char *factor)
{
	Practicum__SignInRequest request = PRACTICUM__SIGN_IN_REQUEST__INIT;

	request.has_login = request.has_password = true;
	request.login = text(someone->login);
	request.password = text(password);
	request.has_code = code != NULL;
	request.code = text(code);
	request.has_factor = factor != NULL;
	request.factor = text(factor);
	request.has_public_key = true;
	request.public_key = (ProtobufCBinaryData){ PRAC_SIGN_PUBLIC, someone->public_key };
	people_send(someone->client, PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &request.base);
}

const Practicum__SignInResponse *people_sign_in(struct someone *someone, const char *password,
	const char *code, const char *factor, const Practicum__Status **status_out)
{
	const Practicum__SignInResponse *response;

	people_ask_sign_in(someone, password, code, factor);
	response = people_answer(
		someone->client, &practicum__sign_in_response__descriptor, status_out);
	if (response != NULL && response->has_session) {
		assert_int_equal(response->session.len, sizeof(someone->session));
		memcpy(someone->session, response->session.data, sizeof(someone->session));
		assert_int_equal(
			prac_id_from_bytes(prac_binary_bytes(response->person->id), &someone->id),
			PRAC_OK);
	}
	return response;
}

const Practicum__WhoAmIResponse *people_who(
	struct raw_client *client, const uint8_t *session, const Practicum__Status **status_out)
{
	Practicum__WhoAmIRequest request = PRACTICUM__WHO_AM_IREQUEST__INIT;

	request.has_session = true;
	request.session = (ProtobufCBinaryData){ 32, (uint8_t *)session };
	people_send(client, PRACTICUM__METHOD_ID__PEOPLE_WHO_AM_I, &request.base);
	return people_answer(client, &practicum__who_am_iresponse__descriptor, status_out);
}

static uint8_t base32(char c)
{
	return (uint8_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
}

static void decode(ProtobufCBinaryData from, uint8_t secret_out[PRAC_TOTP_SECRET])
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < from.len; i++) {
		bits = bits << 5 | base32((char)from.data[i]);
		n_bits += 5;
		if (n_bits >= 8 && n < PRAC_TOTP_SECRET) {
			n_bits -= 8;
			secret_out[n++] = (uint8_t)(bits >> n_bits);
		}
	}
}

void people_factor(ProtobufCBinaryData secret, char digits_out[8])
{
	uint8_t bytes[PRAC_TOTP_SECRET];

	decode(secret, bytes);
	(void)snprintf(digits_out, 8, "%06u",
		prac_totp_code((struct prac_bytes){ bytes, sizeof(bytes) },
			(uint64_t)people_now_ms() / 1000 / PRAC_TOTP_STEP_S));
}

struct someone people_make(struct raw_client *client, const char *login, const char *arguments)
{
	struct someone someone = { .client = client, .login = login };
	const char *code = people_add(arguments);
	const Practicum__Status *status = NULL;

	prac_sign_key_new(someone.public_key, someone.secret);
	if (people_sign_in(&someone, PASSWORD, code, NULL, &status) == NULL) {
		fail_msg("%s: code %u", login, status == NULL ? 0 : status->code);
	}
	return someone;
}

Practicum__Attestation *people_attest(
	const struct someone *someone, const struct prac_id *device, int64_t from_ms)
{
	Practicum__Attestation *to = prac_arena_alloc(&arena, sizeof(*to));
	uint8_t bytes[PRAC_ATTEST_LEN];
	uint8_t *signature = prac_arena_alloc(&arena, PRAC_SIGN_LEN);
	struct prac_attestation attestation = { *device, someone->id, from_ms,
		from_ms + INT64_C(2) * HOUR_MS };
	struct prac_bytes id = prac_arena_copy(&arena, prac_id_bytes(&someone->id));

	prac_attest_bytes(&attestation, bytes);
	prac_sign(someone->secret, (struct prac_bytes){ bytes, sizeof(bytes) }, signature);
	practicum__attestation__init(to);
	to->has_person = to->has_starts_ms = to->has_ends_ms = true;
	to->has_public_key = to->has_signature = true;
	to->person = prac_binary(id);
	to->starts_ms = attestation.starts_ms;
	to->ends_ms = attestation.ends_ms;
	to->public_key = (ProtobufCBinaryData){ PRAC_SIGN_PUBLIC, (uint8_t *)someone->public_key };
	to->signature = (ProtobufCBinaryData){ PRAC_SIGN_LEN, signature };
	return to;
}

const Practicum__Verdict *people_push(
	struct raw_client *client, struct prac_bytes mutation, Practicum__Attestation *attestation)
{
	ProtobufCBinaryData one = { mutation.len, (uint8_t *)mutation.data };
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	const Practicum__PushResponse *response;
	const Practicum__Status *status = NULL;

	request.n_mutations = 1;
	request.mutations = &one;
	request.n_attestations = attestation != NULL;
	request.attestations = &attestation;
	people_send(client, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	response = people_answer(client, &practicum__push_response__descriptor, &status);
	if (response == NULL) {
		fail_msg("push: code %u", status == NULL ? 0 : status->code);
		return NULL;
	}
	assert_int_equal(response->n_verdicts, 1);
	return response->verdicts[0];
}

int64_t people_now_ms(void)
{
	return prac_env_system.wall_ms(NULL);
}

static struct prac_value text_value(const char *from)
{
	return (struct prac_value){ .has = true, .bytes = prac_bytes_text(from) };
}

struct prac_mutation people_create(const struct prac_type *type, uint64_t count)
{
	return (struct prac_mutation){ .counter = count,
		.type = type,
		.op = PRACTICUM__OP__OP_CREATE,
		.id = prac_id_new(&prac_env_system),
		.client_time_ms = people_now_ms() };
}

struct prac_record *people_student(const struct prac_id *at_school)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_student);

	record->values[PRAC_STUDENT_STATE] = (struct prac_value){ .has = true, .number = 1 };
	record->values[PRAC_STUDENT_SCHOOL_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(at_school) };
	record->values[PRAC_STUDENT_IDENTIFIER] = text_value("1001");
	record->values[PRAC_STUDENT_GIVEN_NAME] = text_value("Ana");
	record->values[PRAC_STUDENT_FAMILY_NAME] = text_value("Diaz");
	return record;
}

struct prac_id people_school(struct raw_client *office, uint64_t count, const char *name)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_school);
	struct prac_mutation mutation = people_create(&prac_type_school, count);

	mutation.scope = prac_scope_reference;
	record->values[PRAC_SCHOOL_STATE] = (struct prac_value){ .has = true, .number = 1 };
	record->values[PRAC_SCHOOL_NAME] = text_value(name);
	record->values[PRAC_SCHOOL_CODE] = text_value(name);
	record->values[PRAC_SCHOOL_ZONE] = text_value("America/New_York");
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	assert_int_equal(people_push(office, mutation.bytes, NULL)->kind,
		PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	return mutation.id;
}

struct prac_id people_device(const struct raw_identity *identity)
{
	struct prac_cert_facts facts;

	assert_int_equal(prac_cert_read(identity->chain, &facts), PRAC_OK);
	return facts.device;
}

void assert_verdict(
	const Practicum__Verdict *verdict, Practicum__VerdictKind kind, enum prac_reason reason)
{
	if (verdict->kind != kind || verdict->reason != (uint32_t)reason) {
		fail_msg("kind %d, reason %u: %.*s", verdict->kind, verdict->reason,
			(int)verdict->text.len, (const char *)verdict->text.data);
	}
}

void people_run(const char *arguments)
{
	char out[2000];

	if (daemon_run(&server, arguments, out, sizeof(out)) != 0) {
		fail_msg("%s: %s", arguments, out);
	}
}

void people_restart_with(const char *line)
{
	daemon_kill(&server, SIGTERM);
	assert_int_equal(daemon_wait(&server), 0);
	daemon_configure(&server, line);
	daemon_start(&server, NULL);
}
