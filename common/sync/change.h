/*
 * What makes a change lawful: the catalog's checks, states and the rules of the type, in one order,
 * at the school while a person types and at the server where the answer counts. Rights, references
 * and what others did meanwhile are the server's (server/sync/judge.h).
 */
#pragma once

#include "common/rules/rules.h"

/*
 * May the record become after? before is NULL on create. after->deleted says a delete. The rules may
 * add effects to the judgement.
 */
enum prac_reason prac_change_check(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after);

/*
 * Carries an action out on record, a copy of what is: the state it may start from, arguments into
 * the fields of the same name, the rules, the state it leads to. args may be NULL. Unless
 * PRAC_REASON_NONE comes back the copy is to be thrown away, and the effects with it.
 */
enum prac_reason prac_change_act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *record);

/* Of that only the arguments: one named as a field of the record is stored in that field. */
void prac_change_store_args(const struct prac_action *action, const struct prac_value *args,
	struct prac_record *record);
