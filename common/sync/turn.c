#include "common/sync/turn.h"

enum {
	/* Clocks of stations differ from the server's: a right counts so long before it began. */
	SLACK_MS = 60 * 60 * 1000
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct prac_place place_of(
	const struct prac_turn *turn, const struct prac_record *record, struct prac_id *student)
{
	struct prac_place place = { .is_common = record->type->owner == PRAC_OWNER_REFERENCE };

	place.n_scopes = turn->scopes(turn->ctx, record, &place.scopes);
	place.student = prac_record_student(record, student) ? student : NULL;
	return place;
}

uint32_t prac_turn_roles(const struct prac_turn *turn, const struct prac_record *record)
{
	struct prac_id student;
	struct prac_place place = place_of(turn, record, &student);

	return prac_person_roles(turn->who, &place, turn->now_ms, turn->now_ms);
}

bool prac_turn_sees(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record)
{
	uint32_t roles = prac_turn_roles(turn, record);

	return (roles & prac_right_roles(record->type, PRAC_RIGHT_READ, NULL)) != 0 &&
	       !prac_rules_hide(judgement, record, roles);
}

uint64_t prac_turn_withheld(const struct prac_turn *turn, const struct prac_record *record)
{
	struct prac_id student;
	struct prac_place place = place_of(turn, record, &student);

	return prac_record_withheld(
		record, prac_person_roles(turn->who, &place, turn->now_ms, turn->now_ms));
}

/* "coordinator, data_clerk" */
static const char *names_of(uint32_t roles, struct prac_arena *arena)
{
	const char *names = NULL;

	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		const char *name = prac_role_name((enum prac_role)role);

		if ((roles & PRAC_ROLE_BIT(role)) != 0) {
			names = names == NULL ? name
					      : prac_arena_printf(arena, "%s, %s", names, name);
		}
	}
	return names == NULL ? "nobody" : names;
}

static enum prac_reason decide(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, uint32_t needed, bool is_new)
{
	struct prac_id student;
	struct prac_place place = place_of(turn, record, &student);
	int64_t from_ms = least(turn->then_ms, turn->now_ms);
	uint32_t then = prac_person_roles(
		turn->who, &place, from_ms, least(from_ms + SLACK_MS, turn->now_ms));

	if (!is_new && ((then & prac_right_roles(record->type, PRAC_RIGHT_READ, NULL)) == 0 ||
			       prac_rules_hide(judgement, record, then))) {
		return prac_refuse(judgement, PRAC_REASON_UNKNOWN_RECORD, NULL, "%s",
			prac_reason_text(PRAC_REASON_UNKNOWN_RECORD));
	}
	if ((then & needed) == 0) {
		return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"your role may not do that here; it is for: %s",
			names_of(needed, judgement->arena));
	}
	if ((prac_person_roles(turn->who, &place, turn->now_ms, turn->now_ms) & needed) == 0) {
		return prac_refuse(judgement, PRAC_REASON_RIGHTS_LOST, NULL,
			"the right to do that has ended since; it is kept for somebody who may");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason may_write(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_group *group, bool is_new)
{
	uint32_t writers = is_new ? prac_right_writers(record->type, group)
				  : prac_right_changers(record->type, group);

	return writers == UINT32_MAX ? PRAC_REASON_NONE
				     : decide(turn, judgement, record, writers, is_new);
}

enum prac_reason prac_turn_may_write(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_group *group)
{
	return may_write(turn, judgement, record, group, false);
}

enum prac_reason prac_turn_may(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_deed *deed)
{
	bool is_new = deed->op == PRAC_RIGHT_CREATE;
	enum prac_reason reason = decide(turn, judgement, record,
		prac_right_roles(record->type, deed->op, deed->action), is_new);

	for (size_t i = 0; i < deed->n_patches && reason == PRAC_REASON_NONE; i++) {
		reason = may_write(turn, judgement, record, deed->patches[i].group, is_new);
	}
	return reason;
}

struct prac_deed prac_deed_of(const struct prac_mutation *mutation)
{
	struct prac_deed deed = { .op = PRAC_RIGHT_CHANGE };

	switch (mutation->op) {
	case PRACTICUM__OP__OP_CREATE:
		deed.op = PRAC_RIGHT_CREATE;
		break;
	case PRACTICUM__OP__OP_DELETE:
		deed.op = PRAC_RIGHT_DELETE;
		return deed;
	case PRACTICUM__OP__OP_ACTION:
		deed.op = PRAC_RIGHT_ACT;
		deed.action = mutation->action;
		break;
	case PRACTICUM__OP__OP_PATCH:
	case PRACTICUM__OP__OP_UNSPECIFIED:
	case _PRACTICUM__OP_IS_INT_SIZE:
		break;
	}
	deed.patches = mutation->patches;
	deed.n_patches = mutation->n_patches;
	return deed;
}
