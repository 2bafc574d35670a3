/* practicum transcribe: a record was typed from a signed paper. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/attach.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"

/* The scan, unless the words go on with FIELD=VALUE at once: then it is that of the version before. */
static const char *scan_of(const struct cmd_call *call)
{
	return call->n_words > 2 && strchr(call->words[2], '=') == NULL ? call->words[2] : NULL;
}

/* As it was stored: the rules filled in the version. */
static int say_typed(struct cmd_call *call, const struct prac_id *id)
{
	const struct prac_type *type = &prac_type_transcript;
	const struct prac_record *transcript = NULL;
	enum prac_status status = replica_get(call->replica, type, id, &call->arena, &transcript);
	char text[PRAC_ID_TEXT];
	long long version;

	if (status != PRAC_OK || transcript == NULL) {
		return cmd_fail_replica(call, status);
	}
	version = transcript->values[PRAC_TRANSCRIPT_VERSION].number;
	if (call->json) {
		prac_id_format(id, text);
		print_json(json_pack("{ss ss sI}", "type", type->name, "id", text, "version",
			(json_int_t)version));
		return CMD_DONE;
	}
	printf("transcript %s, version %lld: stored here, sent with the next sync\n",
		print_id(call->replica, type, id, &call->arena), version);
	return CMD_DONE;
}

static bool save(struct cmd_call *call, const struct prac_record *target,
	struct prac_record *transcript, const struct prac_record *scan)
{
	struct prac_value *values = transcript->values;
	struct replica_refusal refusal = { 0 };
	enum prac_status status;

	values[PRAC_TRANSCRIPT_RECORD_TYPE] = prac_value_number(target->type->number);
	values[PRAC_TRANSCRIPT_RECORD_ID] = prac_value_id(&target->id);
	if (scan != NULL) {
		values[PRAC_TRANSCRIPT_ATTACHMENT_ID] = prac_value_id(&scan->id);
	}
	cmd_begin_state(transcript);
	status = replica_save(call->replica, NULL, transcript, &refusal);
	if (status != PRAC_OK) {
		(void)(refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status));
	}
	return status == PRAC_OK;
}

/* The scan and what was typed from it: both or none. */
static int store(struct cmd_call *call, const struct prac_record *target, struct prac_bytes content)
{
	struct prac_record *transcript = prac_record_new(&call->arena, &prac_type_transcript);
	const struct attach_file file = { scan_of(call), content, NULL };
	const struct prac_record *scan = NULL;
	enum prac_status status;
	bool is_done = true;
	int code;

	if (!find_values(call, transcript->type, call->words + (file.path != NULL ? 3 : 2),
		    transcript->values)) {
		return CMD_REFUSED;
	}
	status = replica_begin(call->replica);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (file.path != NULL) {
		scan = attach_save(call, target, &file);
		is_done = scan != NULL;
	}
	is_done = is_done && save(call, target, transcript, scan);
	code = attach_commit(call, is_done);
	return code == CMD_DONE ? say_typed(call, &transcript->id) : code;
}

static int transcribe(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	const struct prac_record *target;
	struct prac_buf content = { 0 };
	int code = CMD_REFUSED;

	if (type == NULL || (target = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	if (scan_of(call) == NULL || attach_read(call, scan_of(call), &content)) {
		code = store(call, target, prac_buf_bytes(&content));
	}
	prac_buf_deinit(&content);
	return code;
}

const struct cmd cmd_transcribe = {
	.name = "transcribe",
	.synopsis = "TYPE ID [SCAN] [signer_name=NAME signed_on=DATE] [because=TEXT]",
	.help = "Says that a time sheet, evaluation, document or consent was typed from a signed paper: "
		"who signed it and when, with the scan, which is attached. Type the record first; "
		"hours that are approved with capacity=transcribed are exactly those typed then. A "
		"typing error is mended by whoever typed it: take the sheet back, set it right, and "
		"transcribe it again with because=TEXT; signer, date and scan stay unless they are "
		"given. Some sheets go to a second person, who compares them with the scan "
		"(practicum exceptions) and answers with `practicum do transcript ID confirm` or "
		"`dispute reason=TEXT`.",
	.example = "practicum transcribe time_sheet 0193a7 sheet.pdf signer_name=\"Dana Reyes\" "
		   "signed_on=2026-09-18\n"
		   "  practicum transcribe time_sheet 0193a7 because=\"Friday is 6 hours, not 8\"",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 3,
	.max_words = 3 + PRAC_FIELDS_MAX,
	.run = transcribe,
};
