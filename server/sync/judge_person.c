#include "common/sync/turn.h"
#include "server/sync/judge_parts.h"

static const struct judge_person *find(const struct judge_people *people, const struct prac_id *id)
{
	for (size_t i = 0; i < people->n; i++) {
		if (prac_id_equal(&people->people[i].who.id, id)) {
			return &people->people[i];
		}
	}
	return NULL;
}

static bool was_there(const struct judge_person *person, int64_t at_ms)
{
	for (size_t i = 0; i < person->n_attested; i++) {
		if (person->attested[i].starts_ms <= at_ms && at_ms < person->attested[i].ends_ms) {
			return true;
		}
	}
	return false;
}

enum prac_reason trial_know_person(struct trial *trial)
{
	const struct judge_people *people = trial->input->device->people;
	const struct prac_mutation *mutation = trial->mutation;

	if (people == NULL) {
		return PRAC_REASON_NONE;
	}
	trial->person = find(people, &mutation->person);
	if (trial->person == NULL || !was_there(trial->person, mutation->client_time_ms)) {
		return prac_refuse(&trial->judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"whoever entered this was not signed in at this device then; sign in and send it again (practicum drafts retry)");
	}
	return PRAC_REASON_NONE;
}

static struct prac_turn turn_of(const struct trial *trial)
{
	return (struct prac_turn){ .who = &trial->person->who,
		.then_ms = trial->mutation->client_time_ms,
		.now_ms = trial->judge->batch->now_ms,
		.scopes = view_seen,
		.ctx = trial->judge->view };
}

static enum prac_reason may(
	struct trial *trial, const struct prac_record *record, const struct prac_deed *deed)
{
	struct prac_turn turn;

	if (trial->person == NULL) {
		return PRAC_REASON_NONE;
	}
	turn = turn_of(trial);
	return prac_turn_may(&turn, &trial->judgement, record, deed);
}

enum prac_reason trial_may_act(struct trial *trial, const struct prac_record *record)
{
	struct prac_deed deed = prac_deed_of(trial->mutation);

	return may(trial, record, &deed);
}

enum prac_reason trial_may_edit(
	struct trial *trial, const struct prac_record *record, Practicum__Op op)
{
	bool is_gone = op == PRACTICUM__OP__OP_DELETE;

	return may(trial, record,
		&(struct prac_deed){ .op = is_gone ? PRAC_RIGHT_DELETE : PRAC_RIGHT_CHANGE });
}

enum prac_reason trial_may_write(
	struct trial *trial, const struct prac_record *record, const struct prac_group *group)
{
	struct prac_turn turn;

	if (trial->person == NULL) {
		return PRAC_REASON_NONE;
	}
	turn = turn_of(trial);
	return prac_turn_may_write(&turn, &trial->judgement, record, group);
}

bool trial_person_sees(struct trial *trial, const struct prac_record *record)
{
	struct prac_turn turn;

	if (trial->person == NULL) {
		return true;
	}
	turn = turn_of(trial);
	return prac_turn_sees(&turn, &trial->judgement, record);
}
