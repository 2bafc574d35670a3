#include "client/cmd/import_roster.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/types.h"
#include "client/cmd/import_batch.h"
#include "client/cmd/import_here.h"
#include "client/cmd/likeness.h"
#include "client/cmd/print.h"
#include "client/cmd/roster_print.h"
#include "client/replica/people.h"
#include "client/roster/plan.h"
#include "common/catalog/move.h"

enum {
	PROGRESS_STEPS = 200 /* between two looks at the terminal */
};

struct importing {
	struct cmd_call *call;
	const struct import_roster_options *options;
	struct roster *roster;
	struct roster_plan *plan;
	GPtrArray *present[ROSTER_KINDS];
	struct replica_import here; /* what went through the outbox */
	json_t *alike;              /* rows of students who may be there under another number */
	struct prac_arena step;     /* of one step that becomes a mutation */
};

/* A record of the list lives no longer than the call for it, so that its bytes are copied. */
static bool keep_present(void *ctx, const struct prac_record *record, bool pending)
{
	struct importing *importing = ctx;
	struct prac_arena *arena = &importing->call->arena;
	struct prac_record *copy = prac_record_copy(arena, record);

	(void)pending;
	for (size_t i = 0; i < record->type->n_fields; i++) {
		copy->values[i].bytes = prac_arena_copy(arena, record->values[i].bytes);
	}
	copy->extra = prac_arena_copy(arena, record->extra);
	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		if (roster_kind_type((enum roster_kind)kind) == record->type) {
			g_ptr_array_add(importing->present[kind], copy);
		}
	}
	return true;
}

static enum prac_status list_present(struct importing *importing)
{
	enum prac_status status = PRAC_OK;

	for (unsigned kind = 0; kind < ROSTER_KINDS && status == PRAC_OK; kind++) {
		struct replica_query query = { .type = roster_kind_type((enum roster_kind)kind) };

		status = replica_list(importing->call->replica, &query, keep_present, importing);
	}
	return status;
}

/* Bits of sex and race, if these are not for whoever acts: the rest is imported all the same. */
static uint64_t demographics_left_out(struct importing *importing)
{
	const struct prac_type *type = roster_kind_type(ROSTER_STUDENTS);
	const struct prac_group *group = &type->groups[type->fields[PRAC_STUDENT_SEX].group];
	int64_t now_ms = prac_env_system.wall_ms(prac_env_system.ctx);
	struct replica_who who;
	uint64_t fields = 0;

	if (replica_who(importing->call->replica, &importing->call->arena, &who) != PRAC_OK ||
		!who.is_required || who.presence != REPLICA_PRESENT ||
		(prac_person_all_roles(&who.person.who, now_ms) &
			prac_right_changers(type, group)) != 0) {
		return 0;
	}
	for (size_t i = 0; i < group->n_fields; i++) {
		fields |= UINT64_C(1) << group->fields[i];
	}
	return fields;
}

static void make_plan(struct importing *importing)
{
	struct roster_plan_input input = { .env = &prac_env_system,
		.today = prac_env_today(&prac_env_system),
		.zone = importing->options->zone };

	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		input.present[kind] = (struct roster_present){
			(const struct prac_record *const *)importing->present[kind]->pdata,
			importing->present[kind]->len
		};
	}
	input.left_out[ROSTER_STUDENTS] = demographics_left_out(importing);
	importing->plan = roster_plan_make(importing->roster, &input, &importing->call->arena);
}

static void look_alike(
	struct importing *importing, struct alike *alike, const struct roster_step *step)
{
	struct cmd_call *call = importing->call;
	struct alike_match matches[ALIKE_MAX];
	size_t n = alike_find(alike, step->after, matches);

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(importing->alike,
			likeness_row("users.csv", step->line,
				likeness_text(call, step->after->type, &matches[i])));
	}
	alike_add(alike, step->after);
}

/* A roster has one number a student; whoever came back or moved may have got a second one. */
static enum prac_status find_alike(struct importing *importing)
{
	const GPtrArray *present = importing->present[ROSTER_STUDENTS];
	struct alike *alike = alike_new(roster_kind_type(ROSTER_STUDENTS), &importing->call->arena);
	enum prac_status status = alike_load_said(alike, importing->call->replica);

	for (guint i = 0; i < present->len; i++) {
		alike_add(alike, present->pdata[i]);
	}
	for (size_t i = 0; i < importing->plan->n_steps; i++) {
		const struct roster_step *step = &importing->plan->steps[i];

		if (step->kind == ROSTER_STUDENTS && step->change == ROSTER_ADDED) {
			look_alike(importing, alike, step);
		}
	}
	alike_free(alike);
	return status;
}

static enum prac_status carry_out(struct importing *importing, const struct roster_step *step,
	struct replica_refusal *refusal)
{
	struct replica *replica = importing->call->replica;

	if (step->after != NULL) {
		return replica_save(replica, step->before, step->after, refusal);
	}
	if (step->action != NULL) {
		return replica_act(replica, step->before, step->action, step->args, refusal);
	}
	return PRAC_OK;
}

static void show_progress(const struct importing *importing, size_t done)
{
	if (isatty(STDERR_FILENO) == 1 && done % PROGRESS_STEPS == 0) {
		(void)fprintf(stderr, "\r%zu of %zu", done, importing->plan->n_steps);
	}
}

/* Says why a step could not be stored. */
static int fail_step(const struct importing *importing, const struct roster_step *step,
	enum prac_status status, const struct replica_refusal *refusal)
{
	struct cmd_call *call = importing->call;
	const struct prac_record *record = step->after != NULL ? step->after : step->before;

	call->where = prac_arena_printf(
		&call->arena, "%s %s", record->type->name, prac_record_title(record, &call->arena));
	if (status == PRAC_FAILED_PRECONDITION && refusal->reason != PRAC_REASON_NONE) {
		return cmd_fail_refusal(call, refusal);
	}
	return cmd_fail_replica(call, status);
}

static int store(struct importing *importing)
{
	struct cmd_call *call = importing->call;
	enum prac_status status = replica_begin(call->replica);

	if (status == PRAC_OK) {
		status = replica_import_start(call->replica, &importing->here);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	for (size_t i = 0; i < importing->plan->n_steps; i++) {
		const struct roster_step *step = &importing->plan->steps[i];
		struct replica_refusal refusal = { 0 };

		status = carry_out(importing, step, &refusal);
		if (status != PRAC_OK) {
			replica_rollback(call->replica);
			return fail_step(importing, step, status, &refusal);
		}
		show_progress(importing, i);
	}
	if (isatty(STDERR_FILENO) == 1) {
		(void)fputs("\r\033[K", stderr); /* takes the progress off the line */
	}
	status = import_here_keep(call, &importing->here,
		prac_arena_printf(&call->arena, "oneroster %.150s", call->words[1]));
	if (status == PRAC_OK) {
		status = replica_commit(call->replica);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* ---- more than an outbox should hold: as a plan for the server's staging */

/* False: the step changes nothing. */
static bool mutation_of(struct importing *importing, const struct roster_step *step,
	const struct prac_id *person, struct prac_mutation *mutation_out)
{
	const struct prac_record *record = step->after != NULL ? step->after : step->before;

	*mutation_out = (struct prac_mutation){ .type = record->type,
		.id = record->id,
		.base_seq = step->before != NULL ? step->before->seq : 0,
		.client_time_ms = prac_env_system.wall_ms(prac_env_system.ctx),
		.person = *person };
	if (step->after != NULL) {
		mutation_out->op =
			step->before == NULL ? PRACTICUM__OP__OP_CREATE : PRACTICUM__OP__OP_PATCH;
		mutation_out->n_patches = prac_patches_between(
			step->before, step->after, &importing->step, &mutation_out->patches);
		return prac_record_owner(step->after, &mutation_out->scope) &&
		       mutation_out->n_patches > 0;
	}
	mutation_out->op = PRACTICUM__OP__OP_ACTION;
	mutation_out->action = step->action;
	if (step->action != NULL) {
		mutation_out->args =
			prac_move_args(record, step->action, step->args, &importing->step);
	}
	return step->action != NULL;
}

static int stage(struct importing *importing)
{
	static const char *const files[] = { "users.csv", "orgs.csv" };
	struct cmd_call *call = importing->call;
	struct bulk_head head = { .label = prac_arena_printf(
					  &call->arena, "oneroster %.150s", call->words[1]),
		.files = files,
		.n_files = PRAC_NELEM(files) };
	struct prac_id person;
	enum prac_status status = replica_author(call->replica, &person);
	struct bulk_spool *spool;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	spool = bulk_new(call->home, &prac_env_system, &head);
	for (size_t i = 0; i < importing->plan->n_steps; i++) {
		const struct roster_step *step = &importing->plan->steps[i];
		struct bulk_source source = { step->kind == ROSTER_SCHOOLS ? 1 : 0, step->line };
		struct prac_mutation mutation;

		if (mutation_of(importing, step, &person, &mutation)) {
			bulk_add(spool, &mutation, &source);
		}
		prac_arena_reset(&importing->step);
	}
	prac_arena_deinit(&importing->step);
	return import_batch_send(call, spool);
}

static int refuse(struct importing *importing)
{
	struct cmd_call *call = importing->call;
	const struct roster_flaws *flaws = &importing->roster->flaws;

	roster_print_flaws(flaws, call->json);
	return cmd_fail(call, CMD_REFUSED, "%s: %llu %s; nothing was stored", call->words[1],
		(unsigned long long)flaws->n_errors, flaws->n_errors == 1 ? "fault" : "faults");
}

static int import_plan(struct importing *importing)
{
	struct cmd_call *call = importing->call;
	const struct import_roster_options *options = importing->options;
	enum prac_status status = list_present(importing);

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	make_plan(importing);
	if (importing->roster->flaws.n_errors > 0) {
		return refuse(importing);
	}
	status = find_alike(importing);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	bool is_staged = options->is_staged || importing->plan->n_steps > IMPORT_OUTBOX_ROWS;
	int code = CMD_DONE;
	if (!call->json) {
		roster_print_flaws(&importing->roster->flaws, false);
		if (importing->roster->unread[0] != '\0') {
			(void)fprintf(stderr, "not read: %s\n", importing->roster->unread);
		}
		if (importing->plan->n_left_out > 0) {
			(void)fprintf(stderr,
				"left out: sex and race of %zu students, which your role may not change\n",
				importing->plan->n_left_out);
		}
		likeness_print(importing->alike);
	}
	if (!options->is_preview) {
		code = is_staged ? stage(importing) : store(importing);
	}
	if (code != CMD_DONE || (is_staged && !options->is_preview)) {
		return code;
	}
	struct roster_print said = { importing->roster, importing->plan, importing->alike,
		&importing->here };
	roster_print_plan(call, &said, options->is_preview);
	return CMD_DONE;
}

static int import_read(struct importing *importing)
{
	struct cmd_call *call = importing->call;
	struct replica_identity identity;
	enum roster_mode mode = importing->options->is_strict ? ROSTER_STRICT : ROSTER_TOLERANT;

	if (replica_identity(call->replica, &identity) != PRAC_OK || !identity.district) {
		return cmd_fail(call, CMD_REFUSED,
			"a roster is imported at the district office; this is a school's device");
	}
	importing->roster = roster_read(call->words[1], mode);
	if (importing->roster->flaws.n_errors > 0) {
		return refuse(importing);
	}
	return import_plan(importing);
}

int import_roster(struct cmd_call *call, const struct import_roster_options *options)
{
	struct importing importing = { .call = call, .options = options, .alike = json_array() };

	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		importing.present[kind] = g_ptr_array_new();
	}
	int code = import_read(&importing);

	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		g_ptr_array_free(importing.present[kind], TRUE);
	}
	json_decref(importing.alike);
	roster_free(importing.roster);
	return code;
}
