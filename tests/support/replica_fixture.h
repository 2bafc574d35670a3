/* A replica in a folder of its own, a clock and chance that stand still, and a server made of rows. */
#pragma once

#include "client/replica/replica.h"

struct fixture {
	char folder[64];
	char path[96];
	struct replica *replica;
	struct prac_env env;
	struct prac_arena arena;
	uint64_t chance;
	int64_t wall_ms;
	uint64_t monotonic_ms;
	int64_t server_ms; /* the server's clock, as WELCOME says it */
};

/* Ids are small numbers; school 1 is the scope of its records. */
enum {
	SCHOOL_1 = 1,
	SCHOOL_2 = 2,
	STUDENT = 100,
	PERSON = 9001 /* named at enrollment */
};

/* Opens it, or a copy of it, with a data key that is always the same. */
enum prac_status fixture_open(
	struct fixture *f, const char *path, const char *vfs, struct replica **replica_out);

int fixture_new(void **state);
/* Enrolls, with school 1 and the reference data loaded at 10. */
void load_school(struct fixture *f);
int fixture_new_loaded(void **state);
int fixture_free(void **state);

void fixture_reopen(struct fixture *f);

struct prac_id id_of(unsigned number);
const struct prac_type *type_of(const char *name);

/* field, text, field, text, ..., NULL */
struct prac_record *record_of(struct fixture *f, const char *type, unsigned id, ...);
void set(struct fixture *f, struct prac_record *record, const char *field, const char *text);

/* A student of school 1 as a server would have it. */
struct prac_record *student_of(struct fixture *f, unsigned id, const char *family_name);

struct replica_row row_of(
	struct fixture *f, const struct prac_record *record, unsigned scope, uint64_t seq);
struct replica_row gone_row(
	const char *type, unsigned id, unsigned scope, uint64_t seq, Practicum__Gone gone);

/* Pages and chunks that must be taken. */
void page(struct fixture *f, const struct replica_row *rows, size_t n, uint64_t seq);
void grant(struct fixture *f, const unsigned *scopes, size_t n, bool *purge_waits_out);
void load(
	struct fixture *f, unsigned scope, const struct replica_row *rows, size_t n, uint64_t seq);

/* The view: NULL when nothing is shown. */
const struct prac_record *shown(struct fixture *f, const char *type, unsigned id_number);
const char *text_of(struct fixture *f, const struct prac_record *record, const char *field);

/* Changes one field of what is shown and saves it. */
void edit(struct fixture *f, unsigned student, const char *field, const char *text);
/* A new student of school 1. */
void add_student(struct fixture *f, unsigned id, const char *family_name);

void judged(struct fixture *f, uint64_t counter, Practicum__VerdictKind kind, uint64_t seq);
struct replica_counters counters_of(struct fixture *f);
/* WELCOME of the server. */
enum prac_status greeted(
	struct fixture *f, uint64_t epoch, uint64_t last_counter, uint64_t lost_after);
/* What would be sent now. */
struct replica_entry *queue(struct fixture *f, size_t *n_out);
