#include "catalog/types.h"
#include "server/sync/judge_parts.h"

enum {
	/* Clocks of stations differ from the server's: a right counts so long before it began. */
	SLACK_MS = 60 * 60 * 1000
};

static enum prac_reason refuse(struct trial *trial, enum prac_reason reason)
{
	return prac_refuse(&trial->judgement, reason, NULL, "%s", prac_reason_text(reason));
}

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
			"whoever entered this was not signed in at this device then");
	}
	return PRAC_REASON_NONE;
}

/*
 * What the person was when it was entered counts, and what the person is now. Who may do it no more is
 * not wrong: the input waits for somebody who may. Who may not even read it learns nothing of it.
 */
static enum prac_reason decide(
	struct trial *trial, const struct prac_record *record, uint32_t needed)
{
	const struct prac_person *who = &trial->person->who;
	int64_t now_ms = trial->judge->batch->now_ms;
	int64_t then_ms = trial->mutation->client_time_ms;
	bool is_new = trial->mutation->op == PRACTICUM__OP__OP_CREATE;
	struct prac_id student;
	struct prac_place place = { .is_common = record->type->owner == PRAC_OWNER_REFERENCE };
	uint32_t then, readers;

	place.n_scopes = view_scopes(trial->judge->view, record, &place.scopes);
	place.student = prac_record_student(record, &student) ? &student : NULL;
	then_ms = then_ms > now_ms ? now_ms : then_ms;
	then = prac_person_roles(
		who, &place, then_ms, then_ms + SLACK_MS > now_ms ? now_ms : then_ms + SLACK_MS);
	readers = prac_right_roles(record->type, PRAC_RIGHT_READ, NULL);
	if ((then & readers) == 0 && !is_new) {
		return refuse(trial, PRAC_REASON_UNKNOWN_RECORD);
	}
	if ((then & needed) == 0) {
		return prac_refuse(&trial->judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"your role may not do that");
	}
	if ((prac_person_roles(who, &place, now_ms, now_ms) & needed) == 0) {
		return prac_refuse(&trial->judgement, PRAC_REASON_RIGHTS_LOST, NULL,
			"the right to do that has ended since; it is kept for somebody who may");
	}
	return PRAC_REASON_NONE;
}

static enum prac_right_op right_of(Practicum__Op op)
{
	switch (op) {
	case PRACTICUM__OP__OP_CREATE:
		return PRAC_RIGHT_CREATE;
	case PRACTICUM__OP__OP_DELETE:
		return PRAC_RIGHT_DELETE;
	case PRACTICUM__OP__OP_ACTION:
		return PRAC_RIGHT_ACT;
	case PRACTICUM__OP__OP_PATCH:
	case PRACTICUM__OP__OP_UNSPECIFIED:
	case _PRACTICUM__OP_IS_INT_SIZE:
		break;
	}
	return PRAC_RIGHT_CHANGE;
}

enum prac_reason trial_may_write(
	struct trial *trial, const struct prac_record *record, const struct prac_group *group)
{
	uint32_t writers = prac_right_writers(record->type, group);

	return trial->person == NULL || writers == UINT32_MAX ? PRAC_REASON_NONE
							      : decide(trial, record, writers);
}

bool trial_person_sees(struct trial *trial, const struct prac_record *record)
{
	int64_t now_ms = trial->judge->batch->now_ms;
	struct prac_id student;
	struct prac_place place = { .is_common = record->type->owner == PRAC_OWNER_REFERENCE };

	if (trial->person == NULL) {
		return true;
	}
	place.n_scopes = view_scopes(trial->judge->view, record, &place.scopes);
	place.student = prac_record_student(record, &student) ? &student : NULL;
	return (prac_person_roles(&trial->person->who, &place, now_ms, now_ms) &
		       prac_right_roles(record->type, PRAC_RIGHT_READ, NULL)) != 0;
}

enum prac_reason trial_may_act(struct trial *trial, const struct prac_record *record)
{
	const struct prac_mutation *mutation = trial->mutation;
	uint32_t roles = prac_right_roles(record->type, right_of(mutation->op), mutation->action);
	enum prac_reason reason;

	if (trial->person == NULL) {
		return PRAC_REASON_NONE;
	}
	reason = decide(trial, record, roles);
	for (size_t i = 0; i < mutation->n_patches && reason == PRAC_REASON_NONE; i++) {
		if (mutation->op != PRACTICUM__OP__OP_DELETE) {
			reason = trial_may_write(trial, record, mutation->patches[i].group);
		}
	}
	return reason;
}

enum prac_reason trial_may_edit(
	struct trial *trial, const struct prac_record *record, Practicum__Op op)
{
	return trial->person == NULL
		       ? PRAC_REASON_NONE
		       : decide(trial, record, prac_right_roles(record->type, right_of(op), NULL));
}
