/*
 * What a person may do to a record where it stands. The server asks it for each mutation and each row of
 * an import, the station before it stores anything; only where records are seen each finds out its
 * own way.
 */
#pragma once

#include "common/rules/rights.h"
#include "common/rules/rules.h"
#include "common/sync/mutation.h"

struct prac_turn {
	const struct prac_person *who;
	int64_t then_ms; /* when it was entered, by the station's clock; of what is entered now: now_ms */
	int64_t now_ms; /* by the judge's clock */
	/*
	 * The scopes in which a record is seen, as far as they are known: its owner, and those of the
	 * student that it is or follows. Returns how many; they are needed until the next call.
	 */
	size_t (*scopes)(
		void *ctx, const struct prac_record *record, const struct prac_id **scopes_out);
	void *ctx;
};

/* The roles that the person holds now where the record stands. */
uint32_t prac_turn_roles(const struct prac_turn *turn, const struct prac_record *record);

/* May the person read it now, and is it not kept from them for a while? */
bool prac_turn_sees(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record);

/* Bit n: the person does not see field n of it now. */
uint64_t prac_turn_withheld(const struct prac_turn *turn, const struct prac_record *record);

/* What is done to a record: the operation, and the changes to groups that may have writers of their own. */
struct prac_deed {
	enum prac_right_op op;
	const struct prac_action *action; /* of PRAC_RIGHT_ACT */
	const struct prac_patch *patches; /* NULL: none */
	size_t n_patches;
};

/* That of a mutation. */
struct prac_deed prac_deed_of(const struct prac_mutation *mutation);

/*
 * What the person was when it was entered counts, and what the person is now: RIGHTS_LOST is not wrong,
 * the input waits for somebody who may. Who may not even read the record learns nothing of it:
 * UNKNOWN_RECORD. Else NOT_ALLOWED, with the roles that may.
 */
enum prac_reason prac_turn_may(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_deed *deed);

/* The same for one group of a record that is there, whatever was done to change it. */
enum prac_reason prac_turn_may_write(const struct prac_turn *turn, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_group *group);
