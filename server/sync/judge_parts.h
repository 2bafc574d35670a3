/* What the files of the judge share. Its callers see judge.h only. */
#pragma once

#include "common/sync/change.h"
#include "common/sync/merge.h"
#include "server/sync/judge.h"
#include "server/sync/view.h"

/* A device and incarnation of the batch. */
struct judge_sender {
	struct store_device now; /* counters as the mutations judged so far moved them */
	bool is_stopped;         /* REWOUND: nothing more of it is judged in this batch */
	bool has_moved;
};

struct judge {
	const struct judge_batch *batch;
	struct prac_arena *arena;
	struct view *view;
	const struct store_facts *facts;
	const struct store_judged *stored; /* replays, and what the batch is in conflict with */
	size_t n_stored;
	struct store_device *asked; /* what judge_plan() asked for; index as senders */
	struct judge_sender *senders;
	size_t n_senders;
	const struct store_ask *ask;  /* of judge_plan() */
	size_t *sender_of;            /* by input */
	uint64_t *actions;            /* of the batch, as in prac_load; by index in prac_types */
	struct store_key *references; /* by the mutations of the batch */
	size_t n_references;
	uint64_t seq; /* last number used */
	struct store_judged *judged;
	size_t n_judged;
	const struct prac_record **versions;
	bool *is_first; /* version of a new record */
	size_t n_versions;
	struct store_fan_out *fan_outs;
	size_t n_fan_outs;
};

enum {
	/* The record, the effects of its rules, and a conflict for each group or a rejected one. */
	TRIAL_STAGED_MAX = 1 + PRAC_EFFECTS_MAX + PRAC_GROUPS_MAX
};

/* One mutation being judged. What is staged counts only once it was accepted. */
struct trial {
	struct judge *judge;
	const struct judge_input *input;
	const struct prac_mutation *mutation;
	uint64_t seq;
	struct prac_judgement judgement;
	struct prac_facts facts;
	const struct prac_record *staged[TRIAL_STAGED_MAX];
	size_t n_staged;
	size_t n_conflicts;
	const struct judge_person *person; /* who acts; NULL: the device does */
};

/* judge_change.c: what the mutation asks for, staged; or why not. */
enum prac_reason trial_run(struct trial *trial);
void trial_stage(struct trial *trial, struct prac_record *record);

/* Did others change what the person who deletes it saw? */
bool judge_has_newer_edits(const struct prac_mutation *mutation, const struct prac_record *current);

/* judge_theirs.c: the number of the change that a patch, or NULL the whole, is in conflict with. */
uint64_t theirs_seq(const struct prac_record *current, const struct prac_patch *patch);
/*
 * The numbers of stored mutations that the batch will be in conflict with; those of its own it has. In
 * the arena; returns how many.
 */
size_t judge_ask_theirs(const struct judge *judge, const uint64_t **seqs_out);
/* Who made the mutation with that number; NULL when it is not known, as of rows that were planted. */
const struct store_judged *judge_find_theirs(const struct judge *judge, uint64_t seq);

/* judge_rights.c */
enum prac_reason trial_may_add(struct trial *trial, const struct prac_record *record);
enum prac_reason trial_may_change(
	struct trial *trial, const struct prac_record *record, Practicum__Op op);
/* Every checked reference that differs from before's (may be NULL) leads to what the device sees. */
enum prac_reason trial_check_references(
	struct trial *trial, const struct prac_record *before, const struct prac_record *after);
/* Nothing live has the natural key of a record that is new, or whose key differs from before's. */
enum prac_reason trial_check_key(
	struct trial *trial, const struct prac_record *before, const struct prac_record *after);
bool trial_is_granted(const struct trial *trial, const struct prac_id *scope);
/* Was the record's create refused, in this batch or before? */
bool trial_was_refused(const struct trial *trial, uint32_t type, const struct prac_id *id);
/* Is the record, or one that it refers to, disposed of? */
bool trial_is_about_disposed(const struct trial *trial);

/* judge_person.c: who acts, and may the person do this? */
enum prac_reason trial_know_person(struct trial *trial);
enum prac_reason trial_may_act(struct trial *trial, const struct prac_record *record);
/* What its group asks for besides. */
enum prac_reason trial_may_write(
	struct trial *trial, const struct prac_record *record, const struct prac_group *group);
/* May the person read it? */
bool trial_person_sees(struct trial *trial, const struct prac_record *record);
/* An edit that follows from what the person did to another record. */
enum prac_reason trial_may_edit(
	struct trial *trial, const struct prac_record *record, Practicum__Op op);

/* judge_keep.c: records in which input is kept that does not hold now. */
void trial_keep_conflict(struct trial *trial, const struct prac_record *current,
	const struct prac_patch *patch, int64_t kind);
struct prac_record *trial_keep_rejected(struct trial *trial, enum prac_reason reason);

/* judge_feed.c: the record's next version counts, is seen in its scopes and moves what follows. */
void judge_accept(struct judge *judge, const struct prac_record *record);
