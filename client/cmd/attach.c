/* practicum attach and fetch: scans and photos that belong to a record. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/types.h"
#include "client/cmd/attach.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"
#include "client/link/link.h"
#include "client/replica/files.h"
#include "common/rules/file_format.h"

/* ---- attach */

bool attach_read(struct cmd_call *call, const char *path, struct prac_buf *buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat facts;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &facts) != 0) {
		(void)cmd_fail(call, CMD_REFUSED, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(facts.st_mode)) {
		(void)cmd_fail(call, CMD_REFUSED, "%s is not a file; name the scan itself", path);
	} else if (facts.st_size == 0 || facts.st_size > PRAC_FILE_SIZE_MAX) {
		(void)cmd_fail(call, CMD_REFUSED,
			"%s has %lld bytes; a file of 1 byte to 10 MiB can be attached: scan it "
			"with fewer dots or in parts",
			path, (long long)facts.st_size);
	} else {
		do {
			n = read(fd, prac_buf_reserve(buf, 65536), 65536);
			prac_buf_commit(buf, n > 0 ? (size_t)n : 0);
		} while (n > 0 && prac_buf_len(buf) <= PRAC_FILE_SIZE_MAX);
		if (n != 0) {
			(void)cmd_fail(call, CMD_REFUSED,
				"%s cannot be read to its end; copy it to this disk and try again",
				path);
		}
	}
	if (fd >= 0) {
		(void)close(fd); /* only read */
	}
	return n == 0;
}

static bool save(struct cmd_call *call, struct prac_record *attachment, struct prac_bytes content)
{
	struct replica_refusal refusal = { 0 };
	struct prac_digest sha256;
	enum prac_status status = replica_file_keep(call->replica, content, &sha256);

	attachment->values[PRAC_ATTACHMENT_SHA256] =
		prac_value_bytes(prac_arena_copy(&call->arena, prac_digest_bytes(&sha256)));
	if (status == PRAC_OK) {
		status = replica_save(call->replica, NULL, attachment, &refusal);
	}
	if (status != PRAC_OK) {
		(void)(refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status));
	}
	return status == PRAC_OK;
}

const struct prac_record *attach_save(
	struct cmd_call *call, const struct prac_record *target, const struct attach_file *file)
{
	struct prac_record *attachment = prac_record_new(&call->arena, &prac_type_attachment);
	struct prac_value *values = attachment->values;
	int64_t format = prac_file_format(file->content);
	gchar *name;

	if (format == 0) {
		(void)cmd_fail(call, CMD_REFUSED,
			"%s is no PDF, JPEG, PNG, TIFF or HEIC file; save or scan it as PDF",
			file->path);
		return NULL;
	}
	if (file->words != NULL && !find_values(call, attachment->type, file->words, values)) {
		return NULL;
	}
	name = g_path_get_basename(file->path);
	values[PRAC_ATTACHMENT_RECORD_TYPE] = prac_value_number(target->type->number);
	values[PRAC_ATTACHMENT_RECORD_ID] = prac_value_id(&target->id);
	values[PRAC_ATTACHMENT_FILE_NAME] =
		prac_value_bytes(prac_arena_copy(&call->arena, prac_bytes_text(name)));
	values[PRAC_ATTACHMENT_FORMAT] = prac_value_number(format);
	values[PRAC_ATTACHMENT_SIZE] = prac_value_number((int64_t)file->content.len);
	g_free(name);
	return save(call, attachment, file->content) ? attachment : NULL;
}

int attach_commit(struct cmd_call *call, bool is_done)
{
	enum prac_status status;

	if (!is_done) {
		replica_rollback(call->replica);
		return CMD_REFUSED;
	}
	status = replica_commit(call->replica);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	(void)link_poke(call->home); /* it looks by itself as well, only later */
	return CMD_DONE;
}

static void say_attached(struct cmd_call *call, const struct prac_record *attachment)
{
	const struct prac_type *type = attachment->type;
	char id[PRAC_ID_TEXT];

	if (call->json) {
		prac_id_format(&attachment->id, id);
		print_json(json_pack("{ss ss}", "type", type->name, "id", id));
		return;
	}
	printf("attachment %s (%s, %lld KiB): stored here, sent with the next sync\n",
		print_id(call->replica, type, &attachment->id, &call->arena),
		print_value(call->replica, &type->fields[PRAC_ATTACHMENT_FORMAT],
			&attachment->values[PRAC_ATTACHMENT_FORMAT], &call->arena),
		(long long)(attachment->values[PRAC_ATTACHMENT_SIZE].number + 1023) / 1024);
}

/* The record and, in the same transaction, the place of its bytes in the queue. */
static int attach_content(
	struct cmd_call *call, const struct prac_record *target, struct prac_bytes content)
{
	const struct attach_file file = { call->words[2], content, call->words + 3 };
	enum prac_status status = replica_begin(call->replica);
	const struct prac_record *attachment;
	int code;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	attachment = attach_save(call, target, &file);
	code = attach_commit(call, attachment != NULL);
	if (code == CMD_DONE) {
		say_attached(call, attachment);
	}
	return code;
}

static int attach(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	const struct prac_record *target;
	struct prac_buf content = { 0 };
	int code = CMD_REFUSED;

	if (type == NULL || (target = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	if (attach_read(call, call->words[2], &content)) {
		code = attach_content(call, target, prac_buf_bytes(&content));
	}
	prac_buf_deinit(&content);
	return code;
}

const struct cmd cmd_attach = {
	.name = "attach",
	.synopsis = "TYPE ID FILE [note=TEXT]",
	.help = "Attaches a scan or photo to a record: PDF, JPEG, PNG, TIFF or HEIC, up to 10 MiB. It is "
		"stored on this device at once and travels behind everything else that is to be "
		"sent, also in pieces over several connections. Whoever sees the record can fetch "
		"it. A wrong file is taken back with `practicum do attachment ID withdraw "
		"reason=TEXT`.",
	.example = "practicum attach document 0193a7 agreement.pdf note=\"signed by all three\"",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 3,
	.max_words = 4,
	.run = attach,
};

/* ---- fetch */

enum {
	FETCH_TRIES = 5
};

static gchar *output;

static const GOptionEntry fetch_options[] = {
	{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "where to write it", "FILE" },
	{ 0 },
};

/* A file on its way from the server. */
struct fetch {
	struct cmd_call *call;
	struct prac_buf content;
	uint64_t size;
	enum prac_status status;
	char text[LINK_TEXT];
};

static void on_piece(void *ctx, const ProtobufCMessage *message)
{
	const Practicum__FilePiece *piece = (const Practicum__FilePiece *)message;
	struct fetch *fetch = ctx;
	uint64_t len = prac_buf_len(&fetch->content);

	if (piece->at == len && piece->data.len <= fetch->size - len) {
		prac_buf_append(&fetch->content, piece->data.data, piece->data.len);
	}
}

static void on_end(
	void *ctx, enum prac_status status, const ProtobufCMessage *answer, const char *text)
{
	struct fetch *fetch = ctx;

	(void)answer;
	fetch->status = status;
	(void)snprintf(fetch->text, sizeof(fetch->text), "%s", text);
}

/* Goes on where a connection broke. */
static int ask_server(struct fetch *fetch, const struct prac_digest *sha256)
{
	Practicum__FileGetRequest request = PRACTICUM__FILE_GET_REQUEST__INIT;
	struct session_ask ask = { .method = PRACTICUM__METHOD_ID__FILE_GET,
		.request = &request.base,
		.answer = &practicum__file_piece__descriptor,
		.piece = on_piece,
		.done = on_end,
		.ctx = fetch };
	struct cmd_call *call = fetch->call;
	enum prac_status status;
	uint64_t before = 0;
	char text[LINK_TEXT];

	request.has_sha256 = request.has_at = true;
	request.sha256 = (ProtobufCBinaryData){ PRAC_SHA256_LEN, (uint8_t *)sha256->b };
	for (int i = 0; i < FETCH_TRIES && prac_buf_len(&fetch->content) < fetch->size; i++) {
		request.at = before = prac_buf_len(&fetch->content);
		status = link_ask(call->replica, &prac_env_system, call->home, &ask, text);
		if (status != PRAC_OK && fetch->status == PRAC_OK) {
			on_end(fetch, status, NULL, text);
		}
		if (fetch->status != PRAC_UNAVAILABLE || prac_buf_len(&fetch->content) == before) {
			break;
		}
	}
	if (fetch->status == PRAC_OK && prac_buf_len(&fetch->content) == fetch->size) {
		return CMD_DONE;
	}
	return cmd_fail(call, fetch->status == PRAC_UNAVAILABLE ? CMD_UNREACHABLE : CMD_REFUSED,
		"%s",
		fetch->text[0] != '\0' ? fetch->text : "the file did not come whole; try again");
}

/* The bytes, from here or from the server; what came from there is kept. */
static int get_content(struct fetch *fetch, const struct prac_digest *sha256)
{
	struct cmd_call *call = fetch->call;
	struct prac_digest found;
	enum prac_status status;
	int code;

	status = replica_file_read(
		call->replica, sha256, 0, PRAC_FILE_SIZE_MAX + 1, &fetch->content);
	found = prac_sha256(prac_buf_bytes(&fetch->content));
	if (status == PRAC_OK && prac_digest_equal(&found, sha256)) {
		return CMD_DONE;
	}
	prac_buf_clear(
		&fetch->content); /* cut short by a full disk, say: the server has it whole */
	code = ask_server(fetch, sha256);
	if (code != CMD_DONE) {
		return code;
	}
	status = replica_file_store(call->replica, sha256, prac_buf_bytes(&fetch->content));
	if (status == PRAC_DATA_LOSS) {
		return cmd_fail(
			call, CMD_REFUSED, "the file did not come as it was sent; try again");
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* Under a name that comes from another computer: no folders, nothing hidden, no control characters. */
static gchar *safe_name(const struct prac_value *name)
{
	gchar *text = g_strndup((const gchar *)name->bytes.data, name->bytes.len);

	for (gchar *c = text; *c != '\0'; c++) {
		if (*c == '/' || *c == '\\' || (guchar)*c < ' ' || *c == 0x7f ||
			(c == text && (*c == '.' || *c == '-'))) {
			*c = '_';
		}
	}
	return text;
}

static int write_out(struct cmd_call *call, const char *path, struct prac_bytes content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0 && errno == EEXIST) {
		return cmd_fail(call, CMD_REFUSED,
			"%s is there already; name another place with --output FILE", path);
	}
	ok = fd >= 0 && write(fd, content.data, content.len) == (ssize_t)content.len;
	if (fd >= 0) {
		ok = close(fd) == 0 && ok;
	}
	if (!ok) {
		int why = errno;

		if (fd >= 0) {
			(void)unlink(path); /* half a scan looks like a whole one */
		}
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, strerror(why));
	}
	if (call->json) {
		print_json(json_pack("{ss sI}", "file", path, "size", (json_int_t)content.len));
	} else {
		printf("%s: %zu bytes\n", path, content.len);
	}
	return CMD_DONE;
}

static int fetch_it(struct cmd_call *call, const struct prac_record *attachment)
{
	const struct prac_value *values = attachment->values;
	struct fetch fetch = { .call = call,
		.size = (uint64_t)values[PRAC_ATTACHMENT_SIZE].number,
		.status = PRAC_UNAVAILABLE };
	gchar *name = safe_name(&values[PRAC_ATTACHMENT_FILE_NAME]);
	const char *path = output != NULL ? output : name;
	struct prac_digest sha256;
	int code;

	memcpy(sha256.b, values[PRAC_ATTACHMENT_SHA256].bytes.data, sizeof(sha256.b));
	code = get_content(&fetch, &sha256);
	if (code == CMD_DONE) {
		code = write_out(call, path, prac_buf_bytes(&fetch.content));
	}
	prac_buf_deinit(&fetch.content);
	g_free(name);
	return code;
}

static int fetch(struct cmd_call *call)
{
	const struct prac_record *attachment =
		find_record(call, &prac_type_attachment, call->words[0]);
	int code;

	if (attachment == NULL) {
		return CMD_REFUSED;
	}
	if (attachment->values[PRAC_ATTACHMENT_STATE].number == PRAC_ATTACHMENT_STATE_WITHDRAWN) {
		return cmd_fail(call, CMD_REFUSED,
			"this file was withdrawn; practicum show attachment %s tells why",
			call->words[0]);
	}
	code = reading_one(call, attachment, PRAC_RECORD_ACCESS_KIND_FETCHED);
	return code == CMD_DONE ? fetch_it(call, attachment) : code;
}

const struct cmd cmd_fetch = {
	.name = "fetch",
	.synopsis = "ID [--output FILE]",
	.help = "Writes the file of an attachment to this folder under its own name, or to FILE. What "
		"is not on this device yet comes from the server and is kept here. `practicum list "
		"attachment` shows what there is.",
	.example = "practicum fetch 0193c4 --output /tmp/agreement.pdf",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = 1,
	.options = fetch_options,
	.run = fetch,
};
