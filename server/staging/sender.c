/*
 * Who sent an import: whoever was signed in when its parts came, whose rights every row is judged by, as
 * if that person had entered it. They are read anew for each part, since a right may end meanwhile. An
 * import without a person is the device's own.
 */
#include "common/sync/turn.h"
#include "server/staging/parts.h"
#include "sql/queries.h"

/* The session that came with the parts is the proof: it covers what was planned before. */
static const struct judge_attested whenever = { .starts_ms = INT64_MIN, .ends_ms = INT64_MAX };

static void on_person(void *ctx, struct db_rows *rows)
{
	struct work *work = ctx;
	struct judge_person *sender = &work->sender;

	if (db_rows_count(rows) == 0) {
		return;
	}
	sender->who.id = db_rows_id(rows, 0, 0);
	sender->who.subject_type = (uint32_t)db_rows_int(rows, 0, 1);
	if (!db_rows_is_null(rows, 0, 2)) {
		sender->who.subject = db_rows_id(rows, 0, 2);
	}
	sender->attested = &whenever;
	sender->n_attested = 1;
	work->people = (struct judge_people){ .people = sender, .n = 1 };
}

static void on_rights(void *ctx, struct db_rows *rows)
{
	struct work *work = ctx;
	size_t n = db_rows_count(rows);
	struct prac_grant *grants = prac_arena_alloc(&work->arena, (n + 1) * sizeof(*grants));

	for (size_t i = 0; i < n; i++) {
		grants[i] = (struct prac_grant){ .role = (enum prac_role)db_rows_int(rows, i, 0),
			.scope = db_rows_id(rows, i, 1),
			.from_ms = db_rows_instant(rows, i, 2),
			.until_ms = db_rows_is_null(rows, i, 3) ? INT64_MAX
								: db_rows_instant(rows, i, 3) };
	}
	work->sender.who.grants = grants;
	work->sender.who.n_grants = n;
}

void sender_ask(struct staging *staging, struct db_batch *batch)
{
	struct work *work = &staging->work;
	struct db_params *params = db_params_new(&work->arena);

	work->people = (struct judge_people){ 0 };
	work->sender = (struct judge_person){ 0 };
	db_param_id(params, &work->person);
	db_batch_add(batch, &q_import_person, params, on_person, work);
	db_batch_add(batch, &q_import_person_rights, params, on_rights, work);
}

const struct judge_people *sender_people(const struct work *work)
{
	return prac_id_is_nil(&work->person) ? NULL : &work->people;
}

enum prac_reason sender_may(const struct staging *staging, struct view *view,
	const struct prac_mutation *mutation, const struct prac_record *record,
	struct prac_problem *problem)
{
	const struct work *work = &staging->work;
	const struct prac_env *env = staging->config.env;
	struct prac_facts facts = view_facts(view);
	struct prac_judgement judgement = {
		.facts = &facts, .arena = view->arena, .today = prac_env_today(env)
	};
	struct prac_turn turn = { .who = &work->sender.who,
		.then_ms = mutation->client_time_ms,
		.now_ms = env->wall_ms(env->ctx),
		.scopes = view_seen,
		.ctx = view };
	struct prac_deed deed = prac_deed_of(mutation);
	enum prac_reason reason;

	if (prac_id_is_nil(&work->person)) {
		return PRAC_REASON_NONE;
	}
	if (!prac_id_equal(&mutation->person, &work->person)) {
		prac_problem_set(problem, NULL,
			"somebody else made this plan; whoever sends it imports the files again");
		return PRAC_REASON_NOT_ALLOWED;
	}
	reason = prac_turn_may(&turn, &judgement, record, &deed);
	*problem = judgement.problem;
	return reason;
}
