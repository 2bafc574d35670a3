#include "server/svc/push.h"

#include "common/base/failpoint.h"
#include "common/sync/attest.h"
#include "common/wire/binary.h"
#include "server/svc/people.h"
#include "server/sync/sequencer.h"
#include "sql/queries.h"

enum {
	ATTESTATIONS_MAX = 64 /* in one push */
};

static void fill_verdict(Practicum__Verdict *to, const struct prac_verdict *from)
{
	practicum__verdict__init(to);
	to->has_counter = true;
	to->counter = from->counter;
	to->has_kind = true;
	to->kind = from->kind;
	to->has_reason = from->reason != PRAC_REASON_NONE;
	to->reason = from->reason;
	to->has_seq = true;
	to->seq = from->seq;
	to->has_replayed = from->replayed;
	to->replayed = from->replayed;
	to->has_field = from->field != 0;
	to->field = from->field;
	to->has_text = from->text.len > 0;
	to->text = prac_binary(from->text);
	to->has_existing = !prac_id_is_nil(&from->existing);
	to->existing = prac_binary_id(&from->existing);
}

static void reply(struct rpc_call *call, const struct sequencer_answer *answer)
{
	struct prac_arena *arena = rpc_arena(call);
	Practicum__PushResponse response = PRACTICUM__PUSH_RESPONSE__INIT;
	Practicum__Verdict *verdicts =
		prac_arena_alloc(arena, answer->n_verdicts * sizeof(*verdicts));

	response.n_verdicts = answer->n_verdicts;
	response.verdicts =
		prac_arena_alloc(arena, answer->n_verdicts * sizeof(Practicum__Verdict *));
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		fill_verdict(&verdicts[i], &answer->verdicts[i]);
		response.verdicts[i] = &verdicts[i];
	}
	response.has_last_counter = true;
	response.last_counter = answer->last_counter;
	response.has_head = true;
	response.head = answer->head;
	rpc_reply(call, &response.base);
}

static void judged(void *ctx, const struct sequencer_answer *answer)
{
	struct rpc_call *call = ctx;
	struct svc *svc = rpc_services(call);

	PRAC_FAILPOINT("after_commit_before_answer");
	if (answer->head > svc->rpc->head) {
		svc->rpc->head = answer->head;
	}
	if (answer->status == PRAC_OK) {
		reply(call, answer);
	} else if (answer->status == PRAC_ABORTED) {
		rpc_fail_at(call, answer->reason, answer->last_counter);
	} else {
		rpc_fail(call, answer->status);
	}
	svc_check_full(svc);
}

/* Half of what the sequencer takes is full: pushes that are being read still find room. */
void svc_check_full(struct svc *svc)
{
	size_t n = sequencer_waiting(svc->sequencer) + svc->n_coming;

	svc->rpc->is_full = n > SEQUENCER_WAITING_MAX / 2;
	svc->rpc->is_behind |= svc->rpc->is_full;
}

static const struct prac_bytes *mutations_of(
	const Practicum__PushRequest *request, struct prac_arena *arena)
{
	struct prac_bytes *mutations =
		prac_arena_alloc(arena, request->n_mutations * sizeof(*mutations));

	for (size_t i = 0; i < request->n_mutations; i++) {
		mutations[i] = prac_binary_bytes(request->mutations[i]);
	}
	return mutations;
}

static void submit(struct rpc_call *call, const struct judge_people *people)
{
	const Practicum__PushRequest *request = rpc_request(call);
	const struct rpc_peer *peer = rpc_call_peer(call);
	struct svc *svc = rpc_services(call);
	struct judge_device device = { .id = peer->device,
		.incarnation = request->has_incarnation ? request->incarnation
							: rpc_call_incarnation(call),
		.district = peer->district,
		.grants = peer->grants,
		.n_grants = peer->n_grants,
		.people = people,
		.acked_through = request->acked_through };
	struct sequencer_push push = { .device = &device,
		.mutations = mutations_of(request, rpc_arena(call)),
		.n_mutations = request->n_mutations,
		.done = judged,
		.ctx = call };
	enum prac_status status;

	status = sequencer_submit(svc->sequencer, &push);
	if (status == PRAC_INVALID_ARGUMENT) {
		rpc_failf(call, status, "MUTATION", "mutations: one of them cannot be read");
	} else if (status != PRAC_OK) {
		rpc_fail(call, status);
	}
	svc_check_full(svc);
}

/* ---- who did it */

static void come(struct rpc_call *call, const Practicum__PushRequest *request)
{
	struct svc *svc = rpc_services(call);

	svc->n_coming += request->n_mutations;
	svc_check_full(svc);
}

static void arrive(struct rpc_call *call)
{
	const Practicum__PushRequest *request = rpc_request(call);
	struct svc *svc = rpc_services(call);

	svc->n_coming -= request->n_mutations;
}

static void people_known(void *ctx, enum prac_status status, const struct judge_people *people)
{
	arrive(ctx);
	if (status != PRAC_OK) {
		rpc_fail(ctx, PRAC_UNAVAILABLE);
	} else {
		submit(ctx, people);
	}
}

static void attested(void *ctx, enum prac_status status)
{
	struct rpc_call *call = ctx;
	struct svc *svc = rpc_services(call);

	if (status != PRAC_OK) {
		arrive(call);
		rpc_fail(call, PRAC_UNAVAILABLE);
		return;
	}
	if (!svc->rpc->must_sign_in) {
		arrive(call);
		submit(call, NULL);
		return;
	}
	svc_people_at_device(
		svc, &rpc_call_peer(call)->device, rpc_arena(call), people_known, call);
}

/* False: not one of ours to believe. */
static bool read_attestation(
	struct rpc_call *call, const Practicum__Attestation *from, struct prac_attestation *to)
{
	struct prac_bytes person = { from->person.data, from->person.len };

	to->device = rpc_call_peer(call)->device;
	to->starts_ms = from->starts_ms;
	to->ends_ms = from->ends_ms;
	return prac_id_from_bytes(person, &to->person) == PRAC_OK &&
	       prac_attest_verify(
		       to, prac_binary_bytes(from->public_key), prac_binary_bytes(from->signature));
}

static void add_attestation(
	struct rpc_call *call, struct db_batch *batch, const Practicum__Attestation *from)
{
	struct db_params *params;
	struct prac_attestation attestation;

	if (!read_attestation(call, from, &attestation)) {
		return; /* what it was to carry is refused for want of one, and kept */
	}
	params = db_params_new(rpc_arena(call));
	db_param_id(params, &attestation.device);
	db_param_id(params, &attestation.person);
	db_param_bytes(params, prac_binary_bytes(from->public_key));
	db_param_instant(params, attestation.starts_ms);
	db_param_instant(params, attestation.ends_ms);
	db_param_bytes(params, prac_binary_bytes(from->signature));
	db_batch_add(batch, &q_people_attest, params, NULL, NULL);
}

void svc_push(struct rpc_call *call)
{
	const Practicum__PushRequest *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct db_batch *batch;

	PRAC_FAILPOINT("after_receive");
	/* Before it counts as coming: nobody is read to while too much is. */
	if (request->n_mutations > SEQUENCER_BATCH_MAX) {
		rpc_failf(call, PRAC_RESOURCE_EXHAUSTED, "TOO_MANY_MUTATIONS",
			"a push has at most %d mutations", SEQUENCER_BATCH_MAX);
		return;
	}
	if (svc->pool == NULL || svc_device_acts(svc)) {
		submit(call, NULL);
		return;
	}
	if (request->n_attestations > ATTESTATIONS_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "ATTESTATIONS", "at most 64 of them");
		return;
	}
	batch = db_batch_new(rpc_arena(call));
	svc_people_exist(batch, svc);
	for (size_t i = 0; i < request->n_attestations; i++) {
		add_attestation(call, batch, request->attestations[i]);
	}
	come(call, request);
	db_link_run(svc->desk, batch, attested, call);
}
