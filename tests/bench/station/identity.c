#include "tests/bench/station/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/wire/cert.h"
#include "tests/bench/station/line.h"
#include "tests/bench/station/work.h"

enum {
	FILE_MAX = 64 * 1024
};

static const char *dir;
static struct prac_bytes trust;
static struct prac_ca *authority;

static struct prac_bytes slurp(const char *folder, const char *name)
{
	char path[512];
	uint8_t *data = malloc(FILE_MAX);
	FILE *file;
	size_t len;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path) ||
		data == NULL) {
		line_die(name, "the path is too long");
	}
	file = fopen(path, "rb");
	if (file == NULL) {
		line_die(path, "cannot be read");
	}
	len = fread(data, 1, FILE_MAX, file);
	(void)fclose(file); /* only read from */
	return (struct prac_bytes){ data, len };
}

static void must(enum prac_status status, const char *what)
{
	if (status != PRAC_OK) {
		line_die(what, prac_status_text(status));
	}
}

void identity_open(const char *folder)
{
	dir = folder;
	trust = slurp(dir, "ca.pem");
	must(prac_ca_from_pem(trust, slurp(dir, "ca.key"), &authority), "authority");
}

static struct prac_key *key_of(unsigned n)
{
	struct prac_key *key = NULL;
	char name[32];

	(void)snprintf(name, sizeof(name), "%u.key", n); /* ten digits fit */
	must(prac_key_from_pem(slurp(dir, name), &key), "key");
	return key;
}

/* A TLS context for device n, with a certificate made here. */
struct prac_tls_ctx *identity_of(unsigned n)
{
	struct prac_arena arena = { 0 };
	struct prac_key *key = key_of(n);
	struct prac_id device = work_device(n);
	struct prac_cert_order order = { .now_s = (int64_t)time(NULL), .days = 2 };
	struct prac_tls_settings settings = { .alpn = PRAC_TLS_ALPN, .trust = trust };
	struct prac_tls_ctx *ctx = NULL;
	struct prac_buf pem = { 0 };
	char why[PRAC_TLS_WHY];

	must(prac_key_spki(key, &arena, &order.spki), "public key");
	must(prac_ca_issue_device(authority, &order, &device, &arena, &settings.chain),
		"certificate");
	must(prac_key_to_pem(key, &pem), "key file");
	settings.key = prac_buf_bytes(&pem);
	must(prac_tls_ctx_new(&settings, &ctx, why), "context");
	prac_wipe(&pem);
	prac_buf_deinit(&pem);
	prac_key_free(key);
	prac_arena_deinit(&arena);
	return ctx;
}

static void make_device(unsigned n)
{
	struct prac_arena arena = { 0 };
	struct prac_key *key = NULL;
	struct prac_buf pem = { 0 };
	struct prac_bytes spki;
	struct prac_digest digest;
	struct prac_id device = work_device(n);
	char path[512], text[PRAC_ID_TEXT];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%u.key", dir, n); /* too long: the open fails */
	must(prac_key_new(&key), "key");
	must(prac_key_spki(key, &arena, &spki), "public key");
	must(prac_key_to_pem(key, &pem), "key file");
	file = fopen(path, "wb");
	if (file == NULL || fwrite(pem.data + pem.start, prac_buf_len(&pem), 1, file) != 1 ||
		fclose(file) != 0) {
		line_die(path, "cannot be written");
	}
	prac_id_format(&device, text);
	printf("%s ", text);
	digest = prac_sha256(spki);
	for (size_t i = 0; i < sizeof(digest.b); i++) {
		printf("%02x", digest.b[i]);
	}
	prac_wipe(&pem);
	prac_buf_deinit(&pem);
	prac_key_free(key);
	prac_arena_deinit(&arena);
}

void identity_make(const char *folder, unsigned n)
{
	char text[PRAC_ID_TEXT];

	dir = folder;
	make_device(0);
	printf("\n");
	for (unsigned i = 0; i < n; i++) {
		struct work_station station;

		make_device(i + 1);
		work_begin(&station, i);
		prac_id_format(&station.school, text);
		printf(" %s\n", text);
	}
}
