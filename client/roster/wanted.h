/* The records a roster asks for, kind by kind, and the keys by which they are found again. */
#pragma once

#include <glib.h>

#include "client/roster/plan.h"

enum {
	ROSTER_NO_GRADE = -1
};

struct roster_wanted {
	const char *key;
	struct prac_record *record; /* what the roster does not say is absent */
	uint32_t source;            /* the org or person it is made of */
};

struct roster_wanted_list {
	struct roster_wanted *rows; /* free with g_free() */
	uint32_t n;
};

struct roster_wanting {
	struct roster *roster;
	const struct roster_plan_input *input;
	struct prac_arena *arena;
	GHashTable *keys;     /* of the list being made */
	GHashTable *students; /* ids, as text, of the students in the roster */
	int32_t year_begin;   /* of the school year, for those who do not say since when */
	/* Records of orgs and persons, and the schools that own students' records: once settled. */
	struct prac_id *school_ids, *person_ids, *owner_ids;
};

void roster_wanting_init(struct roster_wanting *wanting, struct roster *roster,
	const struct roster_plan_input *input, struct prac_arena *arena);
void roster_wanting_deinit(struct roster_wanting *wanting);

/* References of a kind are to kinds that are settled. */
struct roster_wanted_list roster_wanted_make(struct roster_wanting *wanting, enum roster_kind kind);

/* Remembers under which id a wanted record is stored, and who owns it. */
void roster_wanted_settle(struct roster_wanting *wanting, enum roster_kind kind,
	const struct roster_wanted *wanted, const struct prac_record *stored);

/* The key of a record that is there; NULL: the roster says nothing about such a record. */
const char *roster_present_key(const struct roster_wanting *wanting, enum roster_kind kind,
	const struct prac_record *record);

/* What tells one stay of a student at a school from the next; of any state. */
const char *roster_stay_key(const struct roster_wanting *wanting, const struct prac_record *stay);

/* ---- for the makers of the kinds */

struct prac_record *roster_wanted_new(struct roster_wanting *wanting, enum roster_kind kind);

/* Puts the record into the list; false when another one has its key. */
bool roster_want(struct roster_wanting *wanting, struct roster_wanted_list *list,
	struct roster_wanted wanted);

void roster_want_schools(struct roster_wanting *wanting, struct roster_wanted_list *list);
void roster_want_staff(struct roster_wanting *wanting, struct roster_wanted_list *list);
void roster_want_students(struct roster_wanting *wanting, struct roster_wanted_list *list);
void roster_want_attendance(struct roster_wanting *wanting, struct roster_wanted_list *list);
void roster_want_guardians(struct roster_wanting *wanting, struct roster_wanted_list *list);

/* 9 for "09", 0 for KG; ROSTER_NO_GRADE for what has no number. */
int roster_grade_number(const char *grade);

/*
 * One race or ethnicity for each student, of bits of enum roster_race: Hispanic or Latino of whatever race, else two
 * or more races, else the one; 0: nobody says. A value of the field race.
 */
int64_t roster_race_of(uint32_t races);

/* An empty text leaves the field absent. Borrows text. */
void roster_set_text(struct prac_record *record, uint16_t field, const char *text);
void roster_set_number(struct prac_record *record, uint16_t field, int64_t number);
void roster_set_ref(
	struct prac_record *record, uint16_t field, const struct prac_id *id); /* borrows id */
