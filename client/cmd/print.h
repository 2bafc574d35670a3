/*
 * Output of the commands: one set of rows printed as a table for people or as JSON for programs, as
 * the rows come: memory does not grow with their number. Texts in tables lose their control
 * characters, so that a record cannot steer a terminal.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/catalog/record.h"

struct replica;
struct print_table;

/* What stands for a value that is not for whoever reads it. */
#define PRINT_WITHHELD "withheld"

/* json: an array of objects comes out instead of a table, and print_table_object() fills it. */
struct print_table *print_table_new(const char *const *heads, size_t n_heads, bool json);
bool print_table_is_json(const struct print_table *table);

/* Texts are copied; NULL prints empty. Not for JSON. */
void print_table_row(struct print_table *table, const char *const *cells);

/* Takes the object. Only for JSON. */
void print_table_object(struct print_table *table, json_t *object);

/* Prints what is left to stdout, for people `empty` when there was no row; frees the table. */
void print_table_end(struct print_table *table, const char *empty);

/* A JSON array that is written object by object, each at once. */
struct print_array {
	FILE *out;       /* whose failure shows when it is closed */
	unsigned margin; /* spaces before the line of its closing bracket */
	bool has_items;
};

/* Takes the object. */
void print_array_add(struct print_array *array, json_t *object);
/* Once, after the last; without a line feed. */
void print_array_end(struct print_array *array);

/* Running text for people, broken between words where the terminal ends. */
void print_paragraph(const char *text);

/* Prints to stdout with a line feed and gives the value back. */
void print_json(json_t *value);

/*
 * A record with id, scope, seq, pending and every field that has a value, by name; computed_state is
 * the one that the calendar has moved it to. Fields that are withheld are null and named in the list `withheld`.
 */
json_t *print_record_json(const struct prac_record *record, bool pending);

/*
 * The state as a person reads it: "verified", or "verified, expired" when the calendar has moved it.
 * Empty for a record without either.
 */
const char *print_state(const struct prac_record *record, struct prac_arena *arena);

/* One value: numbers and booleans as such, everything else as people type it, lists as arrays. */
json_t *print_value_json(const struct prac_field *field, const struct prac_value *value);

/* One value as a person reads it; a reference becomes the title of what it refers to. */
const char *print_value(struct replica *replica, const struct prac_field *field,
	const struct prac_value *value, struct prac_arena *arena);

/* The field of a record as a person reads it; PRINT_WITHHELD when it is not for them. */
const char *print_field(struct replica *replica, const struct prac_record *record, uint16_t index,
	struct prac_arena *arena);

/* Its text as people type it, without titles: as an export has it. Borrows the word, or is in the arena. */
const char *print_plain(const struct prac_record *record, uint16_t index, struct prac_arena *arena);

/* The first digits of an id, as many as tell it from the others of its type. */
const char *print_id(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena);
