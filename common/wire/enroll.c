#include "common/wire/enroll.h"

#include <openssl/crypto.h>
#include <string.h>

enum {
	CHARACTERS = 24,
	BITS = 5, /* a character */
	GROUP = 4,
	LOOKUP_MASK = 0xfffff,
	CHECK_MASK = 0xfffff,
	/* lookup, secret and check as one number of 120 bits, most significant byte first */
	PACKED = CHARACTERS * BITS / 8
};

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void prac_enroll_code_new(const struct prac_env *env, struct prac_enroll_code *code_out)
{
	uint64_t chance = prac_env_random64(env);

	code_out->lookup = (uint32_t)chance & LOOKUP_MASK;
	env->random(env->ctx, code_out->secret, sizeof(code_out->secret));
}

/*
 * Twenty bits of a digest: one typing error in a million passes. The check says nothing about the
 * secret to anybody who does not have it, and it is never sent.
 */
static uint32_t check_of(const struct prac_enroll_code *code)
{
	const uint8_t lookup[3] = { (uint8_t)(code->lookup >> 16), (uint8_t)(code->lookup >> 8),
		(uint8_t)code->lookup };
	const struct prac_bytes parts[] = { prac_bytes_text("practicum enrollment code"),
		{ lookup, sizeof(lookup) }, { code->secret, sizeof(code->secret) } };
	struct prac_digest digest = prac_sha256_parts(parts, PRAC_NELEM(parts));

	return ((uint32_t)digest.b[0] << 16 | (uint32_t)digest.b[1] << 8 | digest.b[2]) >> 4;
}

static void pack(const struct prac_enroll_code *code, uint8_t packed[PACKED])
{
	uint32_t check = check_of(code);

	packed[0] = (uint8_t)(code->lookup >> 12);
	packed[1] = (uint8_t)(code->lookup >> 4);
	packed[2] = (uint8_t)(code->lookup << 4 | code->secret[0] >> 4);
	for (int i = 1; i < PRAC_ENROLL_SECRET; i++) {
		packed[2 + i] = (uint8_t)(code->secret[i - 1] << 4 | code->secret[i] >> 4);
	}
	packed[12] = (uint8_t)((uint32_t)code->secret[9] << 4 | check >> 16);
	packed[13] = (uint8_t)(check >> 8);
	packed[14] = (uint8_t)check;
}

/* Returns the check that stands in the packed form. */
static uint32_t unpack(const uint8_t packed[PACKED], struct prac_enroll_code *code_out)
{
	code_out->lookup =
		(uint32_t)packed[0] << 12 | (uint32_t)packed[1] << 4 | (uint32_t)packed[2] >> 4;
	for (int i = 0; i < PRAC_ENROLL_SECRET; i++) {
		code_out->secret[i] = (uint8_t)(packed[2 + i] << 4 | packed[3 + i] >> 4);
	}
	return ((uint32_t)packed[12] << 16 | (uint32_t)packed[13] << 8 | packed[14]) & CHECK_MASK;
}

void prac_enroll_code_format(const struct prac_enroll_code *code, char text_out[PRAC_ENROLL_TEXT])
{
	uint8_t packed[PACKED];
	char *at = text_out;

	pack(code, packed);
	for (int i = 0; i < CHARACTERS; i++) {
		int bit = i * BITS;
		unsigned pair = (unsigned)packed[bit / 8] << 8;

		pair |= bit / 8 + 1 < PACKED ? packed[bit / 8 + 1] : 0U;
		if (i > 0 && i % GROUP == 0) {
			*at++ = '-';
		}
		*at++ = alphabet[pair >> (16 - BITS - bit % 8) & 31];
	}
	*at = '\0';
	OPENSSL_cleanse(packed, sizeof(packed));
}

/* The value of a character as people write it, -1 if it has none. */
static int value_of(char c)
{
	const char *place;

	if (c >= 'a' && c <= 'z') {
		c = (char)(c - 'a' + 'A');
	}
	if (c == 'O') {
		return 0;
	}
	if (c == 'I' || c == 'L') {
		return 1;
	}
	place = c == '\0' ? NULL : strchr(alphabet, c);
	return place == NULL ? -1 : (int)(place - alphabet);
}

enum prac_status prac_enroll_code_parse(const char *text, struct prac_enroll_code *code_out)
{
	uint8_t packed[PACKED + 1] = { 0 }; /* one byte more, for the pair of the last character */
	int n = 0;

	for (; *text != '\0'; text++) {
		int value = value_of(*text);
		int bit = n * BITS;

		if (*text == '-' || *text == ' ') {
			continue;
		}
		if (value < 0 || n == CHARACTERS) {
			return PRAC_INVALID_ARGUMENT;
		}
		value <<= 16 - BITS - bit % 8;
		packed[bit / 8] |= (uint8_t)(value >> 8);
		packed[bit / 8 + 1] |= (uint8_t)value;
		n++;
	}
	if (n != CHARACTERS) {
		return PRAC_INVALID_ARGUMENT;
	}
	return unpack(packed, code_out) == check_of(code_out) ? PRAC_OK : PRAC_DATA_LOSS;
}

/*
 * RFC 5869 with an empty salt; one block of output is all that is needed, so expanding is one HMAC
 * over the info and the block's number.
 */
struct prac_digest prac_enroll_key(const struct prac_enroll_code *code)
{
	static const uint8_t salt[PRAC_SHA256_LEN];
	struct prac_bytes secret = { code->secret, sizeof(code->secret) };
	struct prac_digest extracted =
		prac_hmac_sha256((struct prac_bytes){ salt, sizeof(salt) }, secret);
	struct prac_digest key =
		prac_hmac_sha256(prac_digest_bytes(&extracted), prac_bytes_text("enroll\x01"));

	OPENSSL_cleanse(&extracted, sizeof(extracted));
	return key;
}

/* side is six letters. */
static struct prac_digest proof_of(const struct prac_digest *key, const char *side,
	const uint8_t *exporter, const struct prac_digest *content)
{
	uint8_t message[6 + PRAC_ENROLL_EXPORTER + PRAC_SHA256_LEN];

	memcpy(message, side, 6);
	memcpy(message + 6, exporter, PRAC_ENROLL_EXPORTER);
	memcpy(message + 6 + PRAC_ENROLL_EXPORTER, content->b, PRAC_SHA256_LEN);
	return prac_hmac_sha256(
		prac_digest_bytes(key), (struct prac_bytes){ message, sizeof(message) });
}

struct prac_digest prac_enroll_client_proof(const struct prac_digest *key,
	const uint8_t exporter[PRAC_ENROLL_EXPORTER], struct prac_bytes csr)
{
	struct prac_digest content = prac_sha256(csr);

	return proof_of(key, "client", exporter, &content);
}

static struct prac_bytes put_length(uint8_t at[4], size_t len)
{
	for (int i = 0; i < 4; i++) {
		at[i] = (uint8_t)(len >> (24 - 8 * i));
	}
	return (struct prac_bytes){ at, 4 };
}

struct prac_digest prac_enroll_server_proof(const struct prac_digest *key,
	const uint8_t exporter[PRAC_ENROLL_EXPORTER], struct prac_bytes chain,
	struct prac_bytes certificate)
{
	uint8_t lengths[2][4];
	const struct prac_bytes parts[] = { put_length(lengths[0], chain.len), chain,
		put_length(lengths[1], certificate.len), certificate };
	struct prac_digest content = prac_sha256_parts(parts, PRAC_NELEM(parts));

	return proof_of(key, "server", exporter, &content);
}
