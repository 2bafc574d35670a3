#include "client/cmd/listing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/types.h"
#include "client/cmd/reading.h"
#include "client/replica/people.h"
#include "client/replica/reads.h"

/* The school for which somebody may write it down who holds no role in the district now; nil: the district. */
static struct prac_id school_of(const struct prac_person *person)
{
	uint32_t roles = prac_right_roles(&prac_type_listing, PRAC_RIGHT_CREATE, NULL);
	int64_t now_ms = prac_env_system.wall_ms(prac_env_system.ctx);
	struct prac_id school = { 0 };

	for (size_t i = 0; i < person->n_grants; i++) {
		const struct prac_grant *grant = &person->grants[i];

		if (grant->from_ms > now_ms || grant->until_ms <= now_ms) {
			continue;
		}
		if (prac_role_is_district(grant->role)) {
			return (struct prac_id){ 0 };
		}
		if ((roles & PRAC_ROLE_BIT(grant->role)) != 0) {
			school = grant->scope;
		}
	}
	return school;
}

int listing_begin(struct listing_trace *trace, struct cmd_call *call, int64_t kind,
	const struct prac_type *type)
{
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &call->arena, &who);

	*trace = (struct listing_trace){ .call = call, .kind = kind, .type = type };
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (!who.is_required || who.presence != REPLICA_PRESENT ||
		who.person.who.subject_type == PRAC_STUDENT) {
		return CMD_DONE;
	}
	trace->school = school_of(&who.person.who);
	trace->parts = g_array_new(FALSE, FALSE, sizeof(struct listing_part));
	trace->real = stdout;
	stdout = open_memstream(&trace->text, &trace->text_len);
	if (stdout == NULL) {
		abort(); /* as where memory is short anywhere */
	}
	trace->is_on = true;
	return CMD_DONE;
}

/* Whose it is: of who is of a school that school, else the record's or its student's. */
static bool place_of(const struct listing_trace *trace, const struct prac_record *record,
	const struct prac_id *student_id, struct prac_id *school_out)
{
	const struct prac_record *student = NULL;

	*school_out = !prac_id_is_nil(&trace->school) ? trace->school : record->scope;
	if (!prac_id_equal(school_out, &prac_scope_district) &&
		!prac_id_equal(school_out, &prac_scope_reference)) {
		return replica_listing_school(trace->call->replica, school_out);
	}
	if (replica_get(trace->call->replica, &prac_type_student, student_id, &trace->call->arena,
		    &student) != PRAC_OK ||
		student == NULL) {
		return false;
	}
	*school_out = student->scope;
	return replica_listing_school(trace->call->replica, school_out);
}

static void count(struct listing_trace *trace, const struct prac_id *school)
{
	const struct listing_part first = { *school, 1 };

	for (guint i = 0; i < trace->parts->len; i++) {
		struct listing_part *part = &g_array_index(trace->parts, struct listing_part, i);

		if (prac_id_equal(&part->school, school)) {
			part->n_records++;
			return;
		}
	}
	g_array_append_val(trace->parts, first);
}

void listing_add(struct listing_trace *trace, const struct prac_record *record)
{
	struct prac_id student, school;

	if (trace->is_on && record->type->access != PRAC_ACCESS_READING &&
		record->type->access != PRAC_ACCESS_DISCLOSURE &&
		prac_record_student(record, &student) &&
		place_of(trace, record, &student, &school)) {
		count(trace, &school);
	}
}

/* The record that is to be written for the school; NULL when as many were shown today. */
static struct prac_record *record_of(const struct listing_trace *trace,
	const struct listing_part *part, enum prac_status *status_out)
{
	struct cmd_call *call = trace->call;
	struct prac_record *record = prac_record_new(&call->arena, &prac_type_listing);
	int64_t n_before = 0;

	record->values[PRAC_LISTING_SCHOOL_ID] = prac_value_id(&part->school);
	record->values[PRAC_LISTING_KIND] = prac_value_number(trace->kind);
	if (trace->type != NULL) {
		record->values[PRAC_LISTING_RECORD_TYPE] = prac_value_number(trace->type->number);
	}
	*status_out = replica_listed_today(call->replica, record, &n_before);
	record->values[PRAC_LISTING_N_RECORDS] = prac_value_number(part->n_records - n_before);
	return part->n_records > n_before ? record : NULL;
}

/* Only a list leaves like an export; what waits for a decision is work. */
static int check_leave(const struct listing_trace *trace, int64_t n_new)
{
	return trace->kind == PRAC_LISTING_KIND_LIST && isatty(STDOUT_FILENO) != 1
		       ? reading_leave(trace->call, n_new)
		       : CMD_DONE;
}

static int save_all(const struct listing_trace *trace, GPtrArray *records)
{
	struct cmd_call *call = trace->call;
	struct replica_refusal refusal = { 0 };
	enum prac_status status = replica_begin(call->replica);

	for (guint i = 0; i < records->len && status == PRAC_OK; i++) {
		status = replica_save(call->replica, NULL, g_ptr_array_index(records, i), &refusal);
	}
	if (status == PRAC_OK) {
		status = replica_commit(call->replica);
	} else {
		replica_rollback(call->replica);
	}
	if (status == PRAC_OK) {
		return CMD_DONE;
	}
	return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
						  : cmd_fail_replica(call, status);
}

static int note(const struct listing_trace *trace)
{
	GPtrArray *records = g_ptr_array_new();
	int64_t n_new = 0;
	enum prac_status status = PRAC_OK;
	int code;

	for (guint i = 0; i < trace->parts->len && status == PRAC_OK; i++) {
		struct prac_record *record = record_of(
			trace, &g_array_index(trace->parts, struct listing_part, i), &status);

		if (record != NULL) {
			n_new += record->values[PRAC_LISTING_N_RECORDS].number;
			g_ptr_array_add(records, record);
		}
	}
	code = status == PRAC_OK ? check_leave(trace, n_new)
				 : cmd_fail_replica(trace->call, status);
	if (code == CMD_DONE && records->len > 0) {
		code = save_all(trace, records);
	}
	g_ptr_array_unref(records);
	return code;
}

int listing_end(struct listing_trace *trace, int code)
{
	if (!trace->is_on) {
		return code;
	}
	(void)fclose(stdout); /* into memory */
	stdout = trace->real;
	if (code == CMD_DONE) {
		code = note(trace);
	}
	if (code == CMD_DONE) {
		(void)fwrite(trace->text, 1, trace->text_len, stdout); /* a failure shows at exit */
	}
	free(trace->text);
	g_array_unref(trace->parts);
	trace->is_on = false;
	return code;
}
