#include "client/bulk/send.h"

#include <stdio.h>

#include "client/bulk/spool.h"
#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"

static ProtobufCBinaryData session_of(const struct bulk_desk *desk)
{
	return prac_binary(desk->session);
}

/* ---- one question */

struct question {
	struct bulk_desk *desk;
	const ProtobufCMessage *answer; /* in the desk's arena */
	enum prac_status status;
};

/* The answer lives no longer than the call it came in. */
static const ProtobufCMessage *keep(struct prac_arena *arena, const ProtobufCMessage *answer)
{
	uint8_t *packed = prac_arena_alloc(arena, protobuf_c_message_get_packed_size(answer) + 1);
	struct prac_bytes bytes = { packed, protobuf_c_message_pack(answer, packed) };
	ProtobufCMessage *copy;

	return prac_unpack(answer->descriptor, bytes, arena, &copy) == PRAC_OK ? copy : NULL;
}

static void take_answer(struct question *question, enum prac_status status,
	const ProtobufCMessage *answer, const char *text)
{
	struct bulk_desk *desk = question->desk;

	question->status = status;
	if (status == PRAC_OK) {
		question->answer = keep(desk->arena, answer);
	}
	if (status != PRAC_OK || question->answer == NULL) {
		(void)snprintf(desk->text, sizeof(desk->text), "%s", text);
	}
}

static void answered(
	void *ctx, enum prac_status status, const ProtobufCMessage *answer, const char *text)
{
	take_answer(ctx, status, answer, text);
}

static enum prac_status ask(struct bulk_desk *desk, Practicum__MethodId method,
	const Practicum__ImportAsk *request, const ProtobufCMessageDescriptor *descriptor,
	const ProtobufCMessage **answer_out)
{
	struct question question = { .desk = desk, .status = PRAC_UNAVAILABLE };
	struct session_ask wanted = { .method = method,
		.request = &request->base,
		.answer = descriptor,
		.done = answered,
		.ctx = &question };
	char text[LINK_TEXT];
	enum prac_status status = link_ask(desk->replica, desk->env, desk->home, &wanted, text);

	if (status != PRAC_OK && question.status == PRAC_OK) {
		question.status = status;
	}
	if (question.status == PRAC_OK && question.answer == NULL) {
		question.status = PRAC_INTERNAL;
	}
	if (question.status != PRAC_OK && desk->text[0] == '\0') {
		(void)snprintf(desk->text, sizeof(desk->text), "%s", text);
	}
	*answer_out = question.answer;
	return question.status;
}

enum prac_status bulk_look(struct bulk_desk *desk, const struct prac_id *import, uint64_t after_row,
	const Practicum__ImportState **state_out)
{
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	const ProtobufCMessage *answer;
	enum prac_status status;

	request.has_import_id = request.has_after_row = true;
	request.import_id = prac_binary_id(import);
	request.after_row = after_row;
	status = ask(desk, PRACTICUM__METHOD_ID__IMPORT_LOOK, &request,
		&practicum__import_state__descriptor, &answer);
	*state_out = (const Practicum__ImportState *)answer;
	return status;
}

enum prac_status bulk_list(struct bulk_desk *desk, const Practicum__ImportList **list_out)
{
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	const ProtobufCMessage *answer;
	enum prac_status status = ask(desk, PRACTICUM__METHOD_ID__IMPORT_LIST, &request,
		&practicum__import_list__descriptor, &answer);

	*list_out = (const Practicum__ImportList *)answer;
	return status;
}

enum prac_status bulk_reverse(struct bulk_desk *desk, const struct prac_id *import,
	struct prac_id *reversal_out, const Practicum__ImportState **state_out)
{
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	const ProtobufCMessage *answer;
	enum prac_status status;

	if (prac_id_is_nil(reversal_out)) {
		*reversal_out = prac_id_new(desk->env);
	}
	request.has_import_id = request.has_reversal = true;
	request.import_id = prac_binary_id(import);
	request.reversal = prac_binary_id(reversal_out);
	request.has_session = desk->session.len > 0;
	request.session = session_of(desk);
	status = ask(desk, PRACTICUM__METHOD_ID__IMPORT_REVERSE, &request,
		&practicum__import_state__descriptor, &answer);
	*state_out = (const Practicum__ImportState *)answer;
	return status;
}

/* ---- a plan, part after part on one connection */

struct sending {
	struct question question;
	const struct prac_id *import;
	bool is_known; /* the server has said what it has */
	struct prac_buf file;
	struct prac_arena arena; /* of one part */
};

static const Practicum__ImportState *state_of(const struct sending *sending)
{
	return (const Practicum__ImportState *)sending->question.answer;
}

static void part_answered(
	void *ctx, enum prac_status status, const ProtobufCMessage *answer, const char *text)
{
	struct sending *sending = ctx;
	struct bulk_desk *desk = sending->question.desk;

	PRAC_FAILPOINT("import_sent");
	take_answer(&sending->question, status, answer, text);
	if (status == PRAC_OK && desk->progress != NULL && state_of(sending) != NULL) {
		desk->progress(desk->ctx, state_of(sending));
	}
}

/* The first question is what the server has; unknown to it, the plan begins at its beginning. */
static bool next_part(void *ctx, struct session_ask *ask)
{
	struct sending *sending = ctx;
	struct question *question = &sending->question;
	const Practicum__ImportState *state = state_of(sending);
	ProtobufCMessage *part;
	uint32_t wanted = state != NULL ? state->n_parts : 0;

	if (question->status != PRAC_OK &&
		(question->status != PRAC_NOT_FOUND || sending->is_known)) {
		return false;
	}
	sending->is_known = true;
	if (state != NULL && state->stage != PRACTICUM__IMPORT_STAGE__IMPORT_RECEIVING) {
		return false;
	}
	prac_arena_reset(&sending->arena);
	question->status = bulk_part(question->desk->home, sending->import, wanted, &sending->file);
	if (question->status == PRAC_OK) {
		question->status = prac_unpack(&practicum__import_part__descriptor,
			prac_buf_bytes(&sending->file), &sending->arena, &part);
	}
	if (question->status != PRAC_OK) {
		(void)snprintf(question->desk->text, sizeof(question->desk->text),
			"this device keeps no plan of that import");
		return false;
	}
	ask->method = PRACTICUM__METHOD_ID__IMPORT_PUT;
	/* Not in the file: it is of who sends, and of now. */
	((Practicum__ImportPart *)part)->has_session = question->desk->session.len > 0;
	((Practicum__ImportPart *)part)->session = session_of(question->desk);
	ask->request = part;
	return true;
}

enum prac_status bulk_send(struct bulk_desk *desk, const struct prac_id *import,
	const Practicum__ImportState **state_out)
{
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	struct sending sending = { .question = { .desk = desk, .status = PRAC_UNAVAILABLE },
		.import = import };
	struct session_ask wanted = { .method = PRACTICUM__METHOD_ID__IMPORT_LOOK,
		.request = &request.base,
		.answer = &practicum__import_state__descriptor,
		.done = part_answered,
		.next = next_part,
		.ctx = &sending };
	char text[LINK_TEXT];
	enum prac_status status;

	desk->text[0] = '\0';
	request.has_import_id = true;
	request.import_id = prac_binary_id(import);
	status = link_ask(desk->replica, desk->env, desk->home, &wanted, text);
	if (status != PRAC_OK && sending.question.status == PRAC_OK) {
		sending.question.status = status;
	}
	if (sending.question.status != PRAC_OK && desk->text[0] == '\0') {
		(void)snprintf(desk->text, sizeof(desk->text), "%s", text);
	}
	*state_out = state_of(&sending);
	prac_buf_deinit(&sending.file);
	prac_arena_deinit(&sending.arena);
	return sending.question.status;
}
