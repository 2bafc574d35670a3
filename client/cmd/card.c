/* practicum card: a coordinator makes, frees or revokes the cards that students sign in with. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/card_print.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"
#include "client/link/link.h"
#include "common/wire/binary.h"

static gboolean frees, revokes;
static gchar *folder;

static const GOptionEntry options[] = {
	{ "free", 0, 0, G_OPTION_ARG_NONE, &frees, "free cards that wrong PINs blocked", NULL },
	{ "revoke", 0, 0, G_OPTION_ARG_NONE, &revokes, "end cards that are lost", NULL },
	{ "svg", 0, 0, G_OPTION_ARG_FILENAME, &folder,
		"write a file to print for each card into the folder", "FOLDER" },
	{ 0 },
};

struct answer {
	struct cmd_call *call;
	const struct prac_record *student;
	json_t *cards; /* with --json */
	int code;
};

static const char *text_of(struct answer *answer, ProtobufCBinaryData data)
{
	return prac_arena_text(&answer->call->arena, prac_binary_bytes(data));
}

/* STUDENT-ID.svg, so that no file name is a person's. */
static int write_svg(struct answer *answer, const char *name, const char *code)
{
	struct cmd_call *call = answer->call;
	char id[PRAC_ID_TEXT];
	const char *path;
	enum prac_status status;
	char written[BUFSIZ];
	bool is_written;
	FILE *out;

	prac_id_format(&answer->student->id, id);
	path = prac_arena_printf(&call->arena, "%s/%s.svg", folder, id);
	out = fopen(path, "wex");
	if (out == NULL) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, g_strerror(errno));
	}
	(void)setvbuf(out, written, _IOFBF, sizeof(written)); /* cannot fail with a buffer */
	status = card_print_svg(out, name, code);
	is_written = fclose(out) == 0 && status == PRAC_OK;
	explicit_bzero(written, sizeof(written));
	if (!is_written) {
		return cmd_fail(call, CMD_REFUSED, "%s: cannot be written", path);
	}
	return CMD_DONE;
}

/* For Jansson, which copies texts as it likes. */
static void free_wiped(void *piece)
{
	if (piece != NULL) {
		explicit_bzero(piece, malloc_usable_size(piece));
	}
	free(piece);
}

/* Card and PIN are two papers. */
static void say_made(struct answer *answer, const char *name, const char *code, const char *pin)
{
	if (answer->cards != NULL) {
		json_array_append_new(answer->cards,
			json_pack("{ss ss ss}", "name", name, "code", code, "pin", pin));
	} else if (folder != NULL) {
		printf("%s: PIN %s\n", name, pin);
	} else {
		printf("%s\n%s\n", name, code);
		if (card_print_text(stdout, code) != PRAC_OK) {
			answer->code = cmd_fail(answer->call, CMD_REFUSED, "not enough memory");
		}
		printf("PIN, on a paper of its own: %s\n\n", pin);
	}
}

static void on_answer(
	void *ctx, enum prac_status status, const ProtobufCMessage *message, const char *text)
{
	const Practicum__CardResponse *card = (const Practicum__CardResponse *)message;
	struct answer *answer = ctx;
	const char *name;

	if (status != PRAC_OK) {
		answer->code = cmd_fail(answer->call,
			status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED
				? CMD_UNREACHABLE
				: CMD_REFUSED,
			"%s: %s", prac_record_title(answer->student, &answer->call->arena),
			text[0] != '\0' ? text : prac_status_text(status));
		return;
	}
	name = text_of(answer, card->name);
	if (frees || revokes) {
		(void)fprintf(answer->cards != NULL ? stderr : stdout, "%s: the card is %s\n", name,
			frees ? "free again" : "revoked");
		return;
	}
	if (folder != NULL) {
		answer->code = write_svg(answer, name, text_of(answer, card->code));
	}
	if (answer->code == CMD_DONE) {
		say_made(answer, name, text_of(answer, card->code), text_of(answer, card->pin));
	}
}

static void ask(struct answer *answer, struct prac_bytes token)
{
	struct cmd_call *call = answer->call;
	struct prac_bytes id = prac_id_bytes(&answer->student->id);
	Practicum__CardRequest request = PRACTICUM__CARD_REQUEST__INIT;
	const struct session_ask wanted = { .method = PRACTICUM__METHOD_ID__PEOPLE_CARD,
		.request = &request.base,
		.answer = &practicum__card_response__descriptor,
		.done = on_answer,
		.ctx = answer };
	char text[LINK_TEXT];
	enum prac_status status;

	request.has_session = request.has_student = request.has_work = true;
	request.session = prac_binary(token);
	request.student = prac_binary(id);
	request.work = frees     ? PRACTICUM__CARD_WORK__CARD_FREE
		       : revokes ? PRACTICUM__CARD_WORK__CARD_REVOKE
				 : PRACTICUM__CARD_WORK__CARD_MAKE;
	status = link_ask(call->replica, &prac_env_system, call->home, &wanted, text);
	if (answer->code == CMD_DONE && status != PRAC_OK) {
		answer->code = cmd_fail(call, CMD_UNREACHABLE, "%s", text);
	}
}

static int ask_all(struct cmd_call *call, struct prac_bytes token)
{
	struct answer answer = { .call = call, .cards = call->json ? json_array() : NULL };

	for (int i = 0; i < call->n_words && answer.code == CMD_DONE; i++) {
		answer.student = find_record(call, prac_type_find(PRAC_STUDENT), call->words[i]);
		if (answer.student == NULL) {
			answer.code = CMD_REFUSED;
		} else {
			ask(&answer, token);
		}
	}
	if (answer.cards != NULL) {
		print_json(answer.cards); /* also those before one that was refused */
	}
	return answer.code;
}

static int run(struct cmd_call *call)
{
	static char printed[BUFSIZ]; /* of stdout */
	struct prac_bytes token;
	const char *why;
	int code;

	if ((frees && revokes) || ((frees || revokes) && folder != NULL)) {
		return cmd_fail(call, CMD_USAGE, "one of --free, --revoke and --svg at a time");
	}
	call->arena.is_secret = true;
	json_set_alloc_funcs(malloc, free_wiped);
	(void)setvbuf(stdout, printed, _IOFBF, sizeof(printed)); /* cannot fail with a buffer */
	why = cmd_session(call, &token);
	code = why == NULL ? ask_all(call, token) : cmd_fail(call, CMD_REFUSED, "%s", why);
	(void)fflush(stdout); /* where stdout is broken, main() says so */
	explicit_bzero(printed, sizeof(printed));
	return code;
}

const struct cmd cmd_card = {
	.name = "card",
	.synopsis = "STUDENT... [--svg FOLDER] | --free STUDENT... | --revoke STUDENT...",
	.help = "Makes the card that a student of your school signs in with: a code as a QR, and a "
		"PIN, which is shown only now and belongs on a paper of its own. A new card ends the "
		"one before. Five wrong PINs block a card until it is freed; one that is lost is to be "
		"revoked. Needs the server.",
	.example = "practicum card \"Ann Lee\" 1002\n  practicum card --svg /tmp/cards 1001\n"
		   "  practicum card --revoke 1001",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = -1,
	.options = options,
	.run = run,
};
