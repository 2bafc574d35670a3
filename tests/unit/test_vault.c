#include "server/signer/vault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/wire/cert.h"
#include "common/wire/enroll.h"

#define DAY_S INT64_C(86400)

static int64_t now_s = 1795000000;

static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return now_s * 1000;
}

static struct {
	struct prac_arena arena;
	struct prac_env env;
	struct prac_ca *ca;
	struct prac_bytes authority;
	struct vault *vault;
	struct prac_key *key;
	struct prac_bytes csr;
	struct prac_digest code_key;
	struct signer_message answer;
} t;

static const uint8_t seal_key[32] = "seal";
static const uint8_t peppers[64] =
	"one.............................two.............................";
static const uint8_t channel[PRAC_ENROLL_EXPORTER] = "channel";
static const struct prac_id device = { { 0xde, 1 } };

static int begin(void **state)
{
	struct prac_buf pem = { 0 };
	struct vault_keys keys = { .seal_key = { seal_key, 32 }, .peppers = { peppers, 64 } };
	const char *what;

	(void)state;
	memset(&t, 0, sizeof(t));
	now_s = 1795000000;
	t.env = prac_env_system;
	t.env.wall_ms = wall_ms;
	assert_int_equal(prac_ca_new("District", now_s, &t.ca), PRAC_OK);
	assert_int_equal(prac_ca_cert(t.ca, &t.arena, &t.authority), PRAC_OK);
	assert_int_equal(prac_key_to_pem(prac_ca_key(t.ca), &pem), PRAC_OK);
	keys.authorities = t.authority;
	keys.authority_key = prac_buf_bytes(&pem);
	assert_int_equal(vault_new(&keys, &t.vault, &what), PRAC_OK);
	prac_wipe(&pem);
	assert_int_equal(prac_key_new(&t.key), PRAC_OK);
	assert_int_equal(prac_csr_new(t.key, &t.arena, &t.csr), PRAC_OK);
	memset(t.code_key.b, 7, sizeof(t.code_key.b));
	return 0;
}

static int end(void **state)
{
	(void)state;
	vault_free(t.vault);
	prac_ca_free(t.ca);
	prac_key_free(t.key);
	prac_arena_deinit(&t.arena);
	return 0;
}

static enum prac_status ask(enum signer_kind kind, size_t n_parts, const struct prac_bytes *parts)
{
	struct signer_message request = { .kind = (uint8_t)kind, .call = 9, .n_parts = n_parts };

	for (size_t i = 0; i < n_parts; i++) {
		request.parts[i] = parts[i];
	}
	vault_answer(t.vault, &request, &t.env, &t.arena, &t.answer);
	assert_int_equal(t.answer.call, 9);
	return (enum prac_status)t.answer.kind;
}

static struct prac_bytes sealed_code(void)
{
	assert_int_equal(
		ask(SIGNER_SEAL, 1, (struct prac_bytes[]){ prac_digest_bytes(&t.code_key) }),
		PRAC_OK);
	return t.answer.parts[0];
}

static enum prac_status ask_with_code(
	enum signer_kind kind, struct prac_bytes sealed, struct prac_bytes third)
{
	static struct prac_digest proof;

	proof = prac_enroll_client_proof(&t.code_key, channel, t.csr);
	return ask(kind, 5,
		(struct prac_bytes[]){
			sealed, { channel, 32 }, prac_digest_bytes(&proof), third, t.csr });
}

static void a_known_code_makes_a_certificate_and_a_proof(void **state)
{
	struct prac_cert_facts facts;
	struct prac_digest proof;

	(void)state;
	assert_int_equal(
		ask_with_code(SIGNER_ENROLL, sealed_code(), prac_id_bytes(&device)), PRAC_OK);
	assert_int_equal(t.answer.n_parts, 3);
	assert_int_equal(prac_cert_read(t.answer.parts[1], &facts), PRAC_OK);
	assert_true(facts.has_device && prac_id_equal(&facts.device, &device));
	assert_int_equal(facts.not_after_s, now_s + 90 * DAY_S);
	proof = prac_enroll_server_proof(
		&t.code_key, channel, t.answer.parts[0], t.answer.parts[1]);
	assert_true(prac_bytes_equal(t.answer.parts[2], prac_digest_bytes(&proof)));
}

static void without_the_code_there_is_no_certificate(void **state)
{
	struct prac_bytes sealed = sealed_code();

	(void)state;
	t.code_key.b[0] ^= 1;
	assert_int_equal(ask_with_code(SIGNER_ENROLL, sealed, prac_id_bytes(&device)),
		PRAC_PERMISSION_DENIED);
	assert_int_equal(t.answer.n_parts, 0);
	assert_int_equal(
		ask_with_code(SIGNER_ENROLL,
			(struct prac_bytes){ (const uint8_t *)t.authority.data, sealed.len },
			prac_id_bytes(&device)),
		PRAC_DATA_LOSS);
}

static void a_lost_answer_is_repeated_for_the_same_key_only(void **state)
{
	struct prac_bytes sealed = sealed_code(), certificate;

	(void)state;
	assert_int_equal(ask_with_code(SIGNER_ENROLL, sealed, prac_id_bytes(&device)), PRAC_OK);
	certificate = t.answer.parts[1];
	assert_int_equal(ask_with_code(SIGNER_REPEAT, sealed, certificate), PRAC_OK);
	assert_true(prac_bytes_equal(t.answer.parts[1], certificate));
	prac_key_free(t.key);
	assert_int_equal(prac_key_new(&t.key), PRAC_OK);
	assert_int_equal(prac_csr_new(t.key, &t.arena, &t.csr), PRAC_OK);
	assert_int_equal(ask_with_code(SIGNER_REPEAT, sealed, certificate), PRAC_ABORTED);
}

static void a_renewal_is_for_the_same_device_and_key(void **state)
{
	struct prac_cert_facts before, after;
	struct prac_bytes old;

	(void)state;
	assert_int_equal(
		ask_with_code(SIGNER_ENROLL, sealed_code(), prac_id_bytes(&device)), PRAC_OK);
	old = t.answer.parts[1];
	assert_int_equal(prac_cert_read(old, &before), PRAC_OK);
	now_s += (90 + 400) * DAY_S;
	assert_int_equal(ask(SIGNER_RENEW, 1, &old), PRAC_OK);
	assert_int_equal(prac_cert_read(t.answer.parts[1], &after), PRAC_OK);
	assert_true(prac_digest_equal(&before.spki, &after.spki));
	assert_true(prac_id_equal(&before.device, &after.device));
	assert_int_equal(after.not_after_s, now_s + 90 * DAY_S);
	now_s += DAY_S;
	assert_int_equal(ask(SIGNER_RENEW, 1, &old), PRAC_PERMISSION_DENIED);
}

static void other_authorities_certificates_are_not_renewed(void **state)
{
	struct prac_cert_order order = { .now_s = now_s, .days = 90 };
	struct prac_bytes forged, server;
	struct prac_ca *other;

	(void)state;
	assert_int_equal(prac_ca_new("District", now_s, &other), PRAC_OK);
	assert_int_equal(prac_key_spki(t.key, &t.arena, &order.spki), PRAC_OK);
	assert_int_equal(prac_ca_issue_device(other, &order, &device, &t.arena, &forged), PRAC_OK);
	assert_int_equal(ask(SIGNER_RENEW, 1, &forged), PRAC_PERMISSION_DENIED);
	assert_int_equal(
		prac_ca_issue_server(t.ca, &order, "localhost", &t.arena, &server), PRAC_OK);
	assert_int_equal(ask(SIGNER_RENEW, 1, &server), PRAC_PERMISSION_DENIED);
	assert_int_equal(ask(SIGNER_RENEW, 1, &t.authority), PRAC_PERMISSION_DENIED);
	prac_ca_free(other);
}

/* The digest was computed with `openssl dgst -sha256 -mac HMAC`. */
static void a_pepper_has_a_version(void **state)
{
	static const uint8_t one[4] = { 0, 0, 0, 1 }, newest[4] = { 0 }, three[4] = { 0, 0, 0, 3 };
	struct prac_bytes parts[] = { { newest, 4 }, prac_bytes_text("correct horse") };
	struct prac_digest second;

	(void)state;
	assert_int_equal(ask(SIGNER_PEPPER, 2, parts), PRAC_OK);
	assert_int_equal(t.answer.parts[0].data[3], 2);
	memcpy(second.b, t.answer.parts[1].data, sizeof(second.b));
	parts[0].data = one;
	assert_int_equal(ask(SIGNER_PEPPER, 2, parts), PRAC_OK);
	assert_int_equal(t.answer.parts[0].data[3], 1);
	assert_memory_not_equal(t.answer.parts[1].data, second.b, 32);
	parts[0].data = three;
	assert_int_equal(ask(SIGNER_PEPPER, 2, parts), PRAC_NOT_FOUND);
}

static void a_pepper_that_has_ended_answers_nothing(void **state)
{
	static const uint8_t one[4] = { 0, 0, 0, 1 }, two[4] = { 0, 0, 0, 2 };
	uint8_t both[64] = { 0 };
	struct prac_bytes parts[] = { { one, 4 }, prac_bytes_text("correct horse") };
	struct vault_keys keys = {
		.authorities = t.authority, .seal_key = { seal_key, 32 }, .peppers = { both, 64 }
	};
	struct prac_buf pem = { 0 };
	struct vault *other = t.vault;
	const char *what = "";

	(void)state;
	assert_int_equal(prac_key_to_pem(prac_ca_key(t.ca), &pem), PRAC_OK);
	keys.authority_key = prac_buf_bytes(&pem);
	assert_int_equal(vault_new(&keys, &t.vault, &what), PRAC_INVALID_ARGUMENT); /* the newest */
	assert_string_equal(what, "the pepper");
	memcpy(both + 32, peppers + 32, 32);
	assert_int_equal(vault_new(&keys, &t.vault, &what), PRAC_OK);
	assert_int_equal(ask(SIGNER_PEPPER, 2, parts), PRAC_NOT_FOUND);
	parts[0].data = two;
	assert_int_equal(ask(SIGNER_PEPPER, 2, parts), PRAC_OK);
	vault_free(t.vault);
	prac_wipe(&pem);
	prac_buf_deinit(&pem);
	t.vault = other;
}

static void a_signed_head_names_the_authority(void **state)
{
	struct prac_bytes head = prac_bytes_text("event 17 00ff");
	struct prac_bytes other = prac_bytes_text("event 18 00ff");

	(void)state;
	assert_int_equal(ask(SIGNER_HEAD, 1, &head), PRAC_OK);
	assert_true(prac_cert_has_signed(t.authority, PRAC_SIGN_AUDIT, head, t.answer.parts[0]));
	assert_false(prac_cert_has_signed(t.authority, PRAC_SIGN_AUDIT, other, t.answer.parts[0]));
	assert_false(prac_cert_has_signed(t.authority, "another", head, t.answer.parts[0]));
}

static void a_malformed_question_is_refused(void **state)
{
	struct prac_bytes short_key = prac_bytes_text("short");

	(void)state;
	assert_int_equal(ask(SIGNER_SEAL, 1, &short_key), PRAC_INVALID_ARGUMENT);
	assert_int_equal(ask(SIGNER_SEAL, 0, NULL), PRAC_INVALID_ARGUMENT);
	assert_int_equal(ask(SIGNER_N_KINDS, 0, NULL), PRAC_INVALID_ARGUMENT);
	assert_int_equal(ask((enum signer_kind)0, 0, NULL), PRAC_INVALID_ARGUMENT);
}

static void a_frame_has_one_form(void **state)
{
	static uint8_t frame[SIGNER_FRAME];
	static uint8_t large[SIGNER_FRAME];
	struct signer_message message = { .kind = SIGNER_SEAL,
		.call = 0x0102030405060708,
		.n_parts = 1,
		.parts = { { seal_key, 32 } } };
	struct signer_message read;

	(void)state;
	assert_int_equal(signer_message_write(&message, frame), PRAC_OK);
	assert_memory_equal(
		frame, "\x01\x02\x01\x00\x01\x02\x03\x04\x05\x06\x07\x08\x00\x20seal", 18);
	assert_int_equal(signer_message_read(frame, &read), PRAC_OK);
	assert_int_equal(read.call, message.call);
	assert_int_equal(read.parts[0].len, 32);
	frame[SIGNER_FRAME - 1] = 1; /* behind the parts */
	assert_int_equal(signer_message_read(frame, &read), PRAC_INVALID_ARGUMENT);
	frame[SIGNER_FRAME - 1] = 0;
	frame[12] = 0xff; /* a length beyond the frame */
	assert_int_equal(signer_message_read(frame, &read), PRAC_INVALID_ARGUMENT);
	message.parts[0] = (struct prac_bytes){ large, SIGNER_FRAME - 13 };
	assert_int_equal(signer_message_write(&message, frame), PRAC_RESOURCE_EXHAUSTED);
	message.parts[0].len = SIGNER_FRAME - 14;
	assert_int_equal(signer_message_write(&message, frame), PRAC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_known_code_makes_a_certificate_and_a_proof, begin, end),
		cmocka_unit_test_setup_teardown(
			without_the_code_there_is_no_certificate, begin, end),
		cmocka_unit_test_setup_teardown(
			a_lost_answer_is_repeated_for_the_same_key_only, begin, end),
		cmocka_unit_test_setup_teardown(
			a_renewal_is_for_the_same_device_and_key, begin, end),
		cmocka_unit_test_setup_teardown(
			other_authorities_certificates_are_not_renewed, begin, end),
		cmocka_unit_test_setup_teardown(a_pepper_has_a_version, begin, end),
		cmocka_unit_test_setup_teardown(
			a_pepper_that_has_ended_answers_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_signed_head_names_the_authority, begin, end),
		cmocka_unit_test_setup_teardown(a_malformed_question_is_refused, begin, end),
		cmocka_unit_test(a_frame_has_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
