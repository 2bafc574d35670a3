#include "client/link/enroll.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "client/link/transport.h"
#include "client/replica/folder.h"
#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "common/wire/enroll.h"
#include "common/wire/frame.h"
#include "common/wire/scan.h"
#include "proto/sync.pb-c.h"

#define ENROLL_PORT "7444"

static const char csr_name[] = "enroll.csr";

_Static_assert((int)ENROLL_DISK_OPEN == PRACTICUM__DISK_STATE__DISK_OPEN, "as the server reads it");

enum {
	PEM_MAX = 64 * 1024
};

struct enroll {
	const char *folder;
	enum enroll_disk disk;
	char host[256];
	const char *port;
	struct prac_enroll_code code;
	struct prac_digest key; /* both sides derive it from the code */
	struct prac_bytes csr;
	struct prac_arena arena;
	struct transport *transport;
	struct enroll_result *result;
	enum prac_status status;
	char *text;
};

static void end(struct enroll *enroll, enum prac_status status, const char *text)
{
	transport_close(enroll->transport, status, text);
}

/* ---- the request, kept until it is answered: the server knows it again by its bytes */

static enum prac_status make_request(struct enroll *enroll)
{
	struct prac_buf pem = { 0 };
	struct prac_key *key = NULL;
	enum prac_status status = prac_key_new(&key);

	if (status == PRAC_OK) {
		status = prac_csr_new(key, &enroll->arena, &enroll->csr);
	}
	if (status == PRAC_OK) {
		status = prac_key_to_pem(key, &pem);
	}
	if (status == PRAC_OK) {
		status = folder_write(enroll->folder, FOLDER_KEY, prac_buf_bytes(&pem));
	}
	if (status == PRAC_OK) {
		status = folder_write(enroll->folder, csr_name, enroll->csr);
	}
	prac_wipe(&pem);
	prac_buf_deinit(&pem);
	prac_key_free(key);
	return status;
}

static enum prac_status take_request(struct enroll *enroll)
{
	struct prac_buf csr = { 0 };
	enum prac_status status = folder_read(enroll->folder, csr_name, PEM_MAX, &csr);

	if (status == PRAC_OK) {
		enroll->csr = prac_arena_copy(&enroll->arena, prac_buf_bytes(&csr));
	} else if (status == PRAC_NOT_FOUND) {
		status = make_request(enroll);
	}
	prac_buf_deinit(&csr);
	return status;
}

/* ---- the exchange */

static void on_opened(void *ctx)
{
	Practicum__EnrollRequest request = PRACTICUM__ENROLL_REQUEST__INIT;
	const struct prac_frame head = { .type = PRAC_FRAME_REQUEST,
		.method = PRACTICUM__METHOD_ID__ENROLL_ENROLL,
		.stream = 1 };
	struct enroll *enroll = ctx;
	struct prac_tls *tls = transport_tls(enroll->transport);
	uint8_t exporter[PRAC_ENROLL_EXPORTER];
	char lookup[PRAC_ENROLL_TEXT];
	struct prac_digest proof;
	struct prac_buf out = { 0 };

	if (prac_tls_exporter(tls, exporter) != PRAC_OK) {
		end(enroll, PRAC_INTERNAL, "the connection cannot be told from another");
		return;
	}
	proof = prac_enroll_client_proof(&enroll->key, exporter, enroll->csr);
	prac_enroll_code_format(&enroll->code, lookup);
	request.has_lookup = request.has_csr = request.has_proof = true;
	request.lookup = (ProtobufCBinaryData){ 4, (uint8_t *)lookup }; /* 20 bits */
	request.csr = prac_binary(enroll->csr);
	request.proof = (ProtobufCBinaryData){ sizeof(proof.b), proof.b };
	request.has_disk = true;
	request.disk = (Practicum__DiskState)enroll->disk;
	prac_frame_write_message(&out, &head, &request.base);
	if (prac_tls_write(tls, prac_buf_bytes(&out)) != PRAC_OK) {
		end(enroll, PRAC_UNAVAILABLE, "the connection to the server broke");
	}
	prac_buf_deinit(&out);
}

static void refused(struct enroll *enroll, struct prac_bytes payload)
{
	ProtobufCMessage *message;
	const Practicum__Status *status;
	struct prac_bytes text;

	if (prac_unpack(&practicum__status__descriptor, payload, &enroll->arena, &message) !=
		PRAC_OK) {
		end(enroll, PRAC_INTERNAL, "the server's answer is not readable");
		return;
	}
	status = (const Practicum__Status *)message;
	text = prac_binary_bytes(status->text);
	end(enroll, status->code != PRAC_OK ? (enum prac_status)status->code : PRAC_UNAVAILABLE,
		text.len > 0 ? prac_arena_text(&enroll->arena, text)
			     : "the server does not take this code");
}

static void copy_text(ProtobufCBinaryData from, char *out, size_t cap)
{
	(void)snprintf(out, cap, "%.*s", (int)from.len, (const char *)from.data);
}

static bool is_proven(struct enroll *enroll, const Practicum__EnrollResponse *response)
{
	struct prac_bytes chain = { response->chain.data, response->chain.len };
	struct prac_bytes certificate = { response->certificate.data, response->certificate.len };
	uint8_t exporter[PRAC_ENROLL_EXPORTER];
	struct prac_digest said, proof;

	if (prac_tls_exporter(transport_tls(enroll->transport), exporter) != PRAC_OK ||
		response->proof.len != sizeof(said.b)) {
		return false;
	}
	memcpy(said.b, response->proof.data, sizeof(said.b));
	proof = prac_enroll_server_proof(&enroll->key, exporter, chain, certificate);
	return prac_digest_equal(&said, &proof);
}

static enum prac_status store(struct enroll *enroll, const Practicum__EnrollResponse *response)
{
	struct prac_bytes chain = { response->chain.data, response->chain.len };
	struct prac_bytes certificate = { response->certificate.data, response->certificate.len };
	struct enroll_result *result = enroll->result;
	struct prac_bytes id = { response->device_id.data, response->device_id.len };
	char name[200] = "";
	enum prac_status status = prac_id_from_bytes(id, &result->device);

	copy_text(response->label, result->label, sizeof(result->label));
	copy_text(response->person, result->person, sizeof(result->person));
	copy_text(response->server_name, name, sizeof(name));
	(void)snprintf(result->server, sizeof(result->server),
		strchr(name, ':') != NULL ? "[%s]:%u" : "%s:%u",
		name[0] != '\0' ? name : enroll->host,
		response->server_port != 0 ? response->server_port : 7443);
	if (status == PRAC_OK) {
		status = folder_write(enroll->folder, FOLDER_CA, chain);
	}
	if (status == PRAC_OK) {
		status = folder_write(enroll->folder, FOLDER_CERTIFICATE, certificate);
	}
	return status;
}

static void answered(struct enroll *enroll, struct prac_bytes payload)
{
	const Practicum__EnrollResponse *response;
	ProtobufCMessage *message;
	enum prac_status status;

	if (prac_unpack(&practicum__enroll_response__descriptor, payload, &enroll->arena,
		    &message) != PRAC_OK) {
		end(enroll, PRAC_INTERNAL, "the server's answer is not readable");
		return;
	}
	response = (const Practicum__EnrollResponse *)message;
	if (!is_proven(enroll, response)) {
		end(enroll, PRAC_UNAUTHENTICATED,
			"the other side does not know the code: it is not your district's server");
		return;
	}
	status = store(enroll, response);
	if (status == PRAC_OK) {
		folder_remove(enroll->folder, csr_name);
	}
	end(enroll, status, status == PRAC_OK ? "" : "the certificate cannot be stored");
}

static void on_received(void *ctx)
{
	struct enroll *enroll = ctx;
	struct prac_buf *plain = prac_tls_plain(transport_tls(enroll->transport));
	struct prac_frame frame;
	const char *reason;
	enum prac_status status = prac_frame_read(plain, PRAC_FRAME_DEFAULT_MAX, &frame, &reason);

	if (status == PRAC_UNAVAILABLE) {
		return;
	}
	if (status != PRAC_OK) {
		end(enroll, PRAC_INTERNAL, "the server does not speak our protocol");
	} else if (frame.type == PRAC_FRAME_GOAWAY || (frame.flags & PRAC_FRAME_ERROR) != 0) {
		refused(enroll, frame.payload);
	} else if (frame.type == PRAC_FRAME_RESPONSE) {
		answered(enroll, frame.payload);
	} else {
		prac_frame_consume(plain, &frame);
	}
}

static void on_closed(void *ctx, enum prac_status status, const char *text)
{
	struct enroll *enroll = ctx;

	/* Only a mistyped code is the argument's fault (enroll.h). */
	enroll->status = status == PRAC_INVALID_ARGUMENT ? PRAC_UNAVAILABLE : status;
	(void)snprintf(enroll->text, ENROLL_TEXT, "%s", text);
}

static const struct transport_handler handler = { on_opened, on_received, on_closed };

static enum prac_status exchange(struct enroll *enroll, struct prac_tls_ctx *tls)
{
	const struct transport_options options = { .host = enroll->host,
		.port = enroll->port,
		.tls = tls,
		.handler = &handler,
		.ctx = enroll };
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* a broken connection is an error of the write */
	enroll->transport = transport_open(&loop, &options);
	(void)uv_run(&loop, UV_RUN_DEFAULT); /* ends when the transport is closed */
	(void)uv_loop_close(&loop);          /* so that it is empty */
	return enroll->status;
}

static void split_server(struct enroll *enroll, const char *server)
{
	char *colon;

	(void)snprintf(enroll->host, sizeof(enroll->host), "%s", server);
	colon = strrchr(enroll->host, ':');
	enroll->port = ENROLL_PORT;
	if (colon != NULL && (strchr(enroll->host, ':') == colon || colon[-1] == ']')) {
		*colon = '\0';
		enroll->port = colon + 1;
	}
	if (enroll->host[0] == '[') {
		memmove(enroll->host, enroll->host + 1, strlen(enroll->host));
		enroll->host[strcspn(enroll->host, "]")] = '\0';
	}
}

static enum prac_status parse_code(struct enroll *enroll, const char *text)
{
	enum prac_status status = prac_enroll_code_parse(text, &enroll->code);

	if (status != PRAC_OK) {
		(void)snprintf(enroll->text, ENROLL_TEXT, "%s",
			status == PRAC_DATA_LOSS
				? "the code is mistyped: compare it with the one you were given"
				: "a code has 24 letters and digits, as in ABCD-EFGH-...");
		return PRAC_INVALID_ARGUMENT;
	}
	enroll->key = prac_enroll_key(&enroll->code);
	return PRAC_OK;
}

enum prac_status enroll_run(
	const struct enroll_ask *ask, struct enroll_result *result_out, char text_out[ENROLL_TEXT])
{
	struct prac_tls_settings settings = { .check = PRAC_TLS_NOTHING,
		.alpn = PRAC_TLS_ALPN_ENROLL };
	struct enroll enroll = {
		.folder = ask->folder, .disk = ask->disk, .result = result_out, .text = text_out
	};
	struct prac_tls_ctx *tls = NULL;
	char why[PRAC_TLS_WHY];
	enum prac_status status;

	text_out[0] = '\0';
	memset(result_out, 0, sizeof(*result_out));
	split_server(&enroll, ask->server);
	status = parse_code(&enroll, ask->code);
	if (status != PRAC_OK) {
		return status;
	}
	status = folder_make(ask->folder);
	if (status == PRAC_OK) {
		status = take_request(&enroll);
	}
	if (status != PRAC_OK) {
		(void)snprintf(text_out, ENROLL_TEXT, "%s: the key cannot be stored: %s",
			ask->folder, prac_status_text(status));
	} else {
		status = prac_tls_ctx_new(&settings, &tls, why);
	}
	if (status == PRAC_OK) {
		status = exchange(&enroll, tls);
	}
	prac_tls_ctx_free(tls);
	prac_arena_deinit(&enroll.arena);
	return status;
}
