/*
 * A record of every type in two schools, straight in the tables, since most could not be made by the rules of
 * their types, and mutations of every kind that fit them. Texts begin with PLANT_CANARY. Whoever begins the
 * scene makes the schools and then plants.
 */
#pragma once

#include "common/sync/mutation.h"

enum scene_side {
	SCENE_OWN,
	SCENE_OTHER
};

extern struct prac_id scene_school[2]; /* by side */

/* Of the record of this type on this side; of a school that of scene_school. */
struct prac_id scene_id(const struct prac_type *type, size_t at);

/* The scope that owns it. */
struct prac_id scene_owner(const struct prac_type *type, size_t at);

/* Do others than its owner see it, because they see the student? */
bool scene_follows_student(const struct prac_type *type);

/* With what says where it is and, with is_whole, all that must have a value; in the arena. */
struct prac_record *scene_record(const struct prac_type *type, size_t at, bool is_whole);
void scene_plant(const struct prac_type *type, size_t at);

/* Makes the mutation a change of these fields of the own record, or this action on it. */
void scene_change(struct prac_mutation *mutation, const struct prac_group *group);
void scene_action(struct prac_mutation *mutation, const struct prac_action *action);
