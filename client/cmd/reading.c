#include "client/cmd/reading.h"

#include <string.h>

#include "catalog/types.h"
#include "client/link/link.h"
#include "client/replica/people.h"
#include "client/replica/reads.h"
#include "common/rules/statute.h"
#include "common/wire/binary.h"

enum {
	WHAT_MAX = 2000 /* bytes; that of the fields `what` */
};

/* Values of both types of trace, by name. */
static struct prac_value *value_of(struct prac_record *record, const char *name)
{
	return &record->values[prac_field_find_name(record->type, name)->index];
}

static bool is_trace(const struct prac_type *type)
{
	return type->access == PRAC_ACCESS_DISCLOSURE || type->access == PRAC_ACCESS_READING;
}

/* Whom it is about; false: nobody, or it is itself a trace. */
static bool is_about(const struct prac_record *record, struct prac_id *student_out)
{
	return !is_trace(record->type) && prac_record_student(record, student_out);
}

/* The student looks at the own records, which is no reading by staff. */
static bool is_own(struct cmd_call *call, const struct prac_id *student)
{
	struct replica_who who;

	return replica_who(call->replica, &call->arena, &who) == PRAC_OK &&
	       who.presence == REPLICA_PRESENT && who.person.who.subject_type == PRAC_STUDENT &&
	       prac_id_equal(&who.person.who.subject, student);
}

static int save(struct cmd_call *call, struct prac_record *trace)
{
	struct replica_refusal refusal = { 0 };
	enum prac_status status = replica_save(call->replica, NULL, trace, &refusal);

	if (status == PRAC_OK) {
		return CMD_DONE;
	}
	return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
						  : cmd_fail_replica(call, status);
}

int reading_one(struct cmd_call *call, const struct prac_record *record, int64_t kind)
{
	struct prac_record *trace;
	struct prac_id student;
	bool is_noted = false;
	enum prac_status status;

	if (!is_about(record, &student) || is_own(call, &student)) {
		return CMD_DONE;
	}
	status = replica_read_is_noted(call->replica, record, kind, &is_noted);
	if (status != PRAC_OK || is_noted) {
		return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
	}
	trace = prac_record_new(&call->arena, &prac_type_record_access);
	trace->values[PRAC_RECORD_ACCESS_RECORD_TYPE] = prac_value_number(record->type->number);
	trace->values[PRAC_RECORD_ACCESS_RECORD_ID] = prac_value_id(&record->id);
	trace->values[PRAC_RECORD_ACCESS_KIND] = prac_value_number(kind);
	return save(call, trace);
}

struct prac_policy reading_law(struct cmd_call *call)
{
	struct prac_facts facts;
	const struct prac_judgement judgement = {
		.facts = &facts, .arena = &call->arena, .today = prac_env_today(&prac_env_system)
	};

	replica_facts(call->replica, &call->arena, &facts);
	return prac_statute_policy(&judgement, "privacy");
}

/* ---- many at once */

static void free_part(gpointer data)
{
	struct reading_part *part = data;

	g_hash_table_destroy(part->counts);
	g_free(part);
}

struct reading *reading_new(struct cmd_call *call)
{
	struct reading *reading = g_new0(struct reading, 1);

	reading->call = call;
	reading->parts = g_hash_table_new_full(prac_id_hash, prac_id_same, NULL, free_part);
	return reading;
}

void reading_free(struct reading *reading)
{
	if (reading != NULL) {
		g_hash_table_destroy(reading->parts);
		g_free(reading);
	}
}

void reading_add(struct reading *reading, const struct prac_record *record)
{
	struct reading_part *part;
	struct prac_id student;
	gpointer type = (gpointer)record->type;

	if (!is_about(record, &student)) {
		return;
	}
	part = g_hash_table_lookup(reading->parts, &student);
	if (part == NULL) {
		part = g_new0(struct reading_part, 1);
		part->student = student;
		part->counts = g_hash_table_new(NULL, NULL);
		g_hash_table_insert(reading->parts, &part->student, part);
	}
	g_hash_table_insert(part->counts, type,
		GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(part->counts, type)) + 1));
	part->n_records++;
	reading->n_records++;
}

bool reading_take(struct reading *reading, const struct prac_record *record)
{
	gpointer type = (gpointer)record->type;
	const struct reading_part *part;
	struct prac_id student;
	int n;

	if (!is_about(record, &student)) {
		return true;
	}
	part = g_hash_table_lookup(reading->parts, &student);
	n = part != NULL ? GPOINTER_TO_INT(g_hash_table_lookup(part->counts, type)) : 0;
	if (n > 0) {
		g_hash_table_insert(part->counts, type, GINT_TO_POINTER(n - 1));
	}
	return n > 0;
}

/* "2 placement, 31 time_entry", in the order of the catalog. */
static const char *what_of(const struct reading_part *part, struct prac_arena *arena)
{
	const char *what = "";

	for (size_t i = 0; i < prac_n_types && strlen(what) < WHAT_MAX - 100; i++) {
		int n = GPOINTER_TO_INT(g_hash_table_lookup(part->counts, (gpointer)prac_types[i]));

		if (n > 0) {
			what = prac_arena_printf(arena, "%s%s%d %s", what,
				what[0] == '\0' ? "" : ", ", n, prac_types[i]->name);
		}
	}
	return what;
}

/* ---- the ceiling */

struct leave {
	enum prac_status status;
	char text[LINK_TEXT];
};

static void on_leave(
	void *ctx, enum prac_status status, const ProtobufCMessage *answer, const char *text)
{
	struct leave *leave = ctx;

	(void)answer;
	leave->status = status;
	(void)g_strlcpy(leave->text, text, sizeof(leave->text));
}

static int ask_leave(
	struct cmd_call *call, const struct replica_who *who, int64_t n_records, int64_t most)
{
	Practicum__BulkReadRequest request = PRACTICUM__BULK_READ_REQUEST__INIT;
	struct leave leave = { .status = PRAC_UNAVAILABLE };
	const struct session_ask ask = { .method = PRACTICUM__METHOD_ID__PEOPLE_BULK_READ,
		.request = &request.base,
		.answer = &practicum__bulk_read_response__descriptor,
		.done = on_leave,
		.ctx = &leave };
	char text[LINK_TEXT];
	enum prac_status status;

	request.has_session = who->token.len > 0;
	request.session = prac_binary(who->token);
	request.has_n_records = true;
	request.n_records = (uint64_t)n_records;
	status = link_ask(call->replica, &prac_env_system, call->home, &ask, text);
	if (status == PRAC_OK) {
		status = leave.status;
	}
	if (status == PRAC_OK) {
		return CMD_DONE;
	}
	return cmd_fail(call,
		status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED ? CMD_UNREACHABLE
									       : CMD_REFUSED,
		"with these it would be %lld records of students today; more than %lld a day (rule "
		"set privacy) need the server's leave: %s",
		(long long)n_records, (long long)most,
		leave.text[0] != '\0' ? leave.text
				      : "it cannot be reached; try again when it is there");
}

/* Where nobody has to sign in there is nobody to ask for a second factor. */
int reading_leave(struct cmd_call *call, int64_t n_records)
{
	struct prac_policy law = reading_law(call);
	const struct prac_law_row *row =
		prac_policy_row(&law, "bulk", prac_env_today(&prac_env_system));
	int64_t most = row == NULL ? INT64_MAX : prac_policy_number(row, "most", INT32_MAX);
	struct replica_who who;
	int64_t n_today = 0;
	enum prac_status status = replica_who(call->replica, &call->arena, &who);

	if (status == PRAC_OK) {
		status = replica_read_today(call->replica, &n_today);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	return !who.is_required || n_today + n_records <= most
		       ? CMD_DONE
		       : ask_leave(call, &who, n_today + n_records, most);
}

/* ---- the traces */

/* False where the student is not here: then nothing of the record says whom it is about. */
static bool is_here(struct cmd_call *call, const struct prac_id *student)
{
	const struct prac_record *record = NULL;

	return replica_get(call->replica, &prac_type_student, student, &call->arena, &record) ==
		       PRAC_OK &&
	       record != NULL;
}

static int keep_part(
	struct cmd_call *call, const struct reading_part *part, const struct reading_to *to)
{
	struct prac_record *trace = prac_record_new(&call->arena, to->type);

	if (!is_here(call, &part->student) ||
		(to->type == &prac_type_record_access && is_own(call, &part->student))) {
		return CMD_DONE;
	}
	*value_of(trace, "record_type") = prac_value_number(PRAC_STUDENT);
	*value_of(trace, "record_id") = prac_value_id(&part->student);
	*value_of(trace, "student_id") = prac_value_id(&part->student);
	*value_of(trace, "kind") = prac_value_number(to->kind);
	*value_of(trace, "what") = prac_value_text(what_of(part, &call->arena));
	*value_of(trace, "n_records") = prac_value_number(part->n_records);
	if (to->fill != NULL) {
		to->fill(to->ctx, part, trace);
	}
	return save(call, trace);
}

static int keep_all(struct reading *reading, const struct reading_to *to)
{
	struct cmd_call *call = reading->call;
	GHashTableIter iter;
	gpointer part;
	enum prac_status status = replica_begin(call->replica);
	int code = CMD_DONE;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	g_hash_table_iter_init(&iter, reading->parts);
	while (code == CMD_DONE && g_hash_table_iter_next(&iter, NULL, &part)) {
		code = keep_part(call, part, to);
	}
	if (code != CMD_DONE) {
		replica_rollback(call->replica);
		return code;
	}
	status = replica_commit(call->replica);
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

int reading_end(struct reading *reading, const struct reading_to *to)
{
	int code;

	if (reading->n_records == 0) {
		return CMD_DONE;
	}
	code = reading_leave(reading->call, reading->n_records);
	return code == CMD_DONE ? keep_all(reading, to) : code;
}
