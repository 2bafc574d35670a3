#include "tests/support/replica_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/fixed_key.h"

static uint64_t monotonic_ms(void *ctx)
{
	return ((struct fixture *)ctx)->monotonic_ms;
}

static int64_t wall_ms(void *ctx)
{
	return ((struct fixture *)ctx)->wall_ms;
}

static void chance(void *ctx, void *out, size_t len)
{
	struct fixture *f = ctx;
	uint8_t *bytes = out;

	for (size_t i = 0; i < len; i++) {
		f->chance = f->chance * UINT64_C(6364136223846793005) + 1442695040888963407U;
		bytes[i] = (uint8_t)(f->chance >> 56);
	}
}

enum prac_status fixture_open(
	struct fixture *f, const char *path, const char *vfs, struct replica **replica_out)
{
	const struct replica_place place = { path, vfs, &f->env, &fixed_key };

	return replica_open(&place, replica_out);
}

int fixture_new(void **state)
{
	static const char folder[] = "/tmp/practicum-test-";
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	memcpy(f->folder, folder, sizeof(folder));
	memset(f->folder + strlen(folder), 'X', 6); /* mkdtemp's */
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/replica.db", f->folder);
	f->env = (struct prac_env){ monotonic_ms, wall_ms, chance, f };
	f->wall_ms = INT64_C(1786435200000); /* 2026-08-11 08:00 UTC */
	f->server_ms = f->wall_ms;
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_OK);
	*state = f;
	return 0;
}

enum prac_status greeted(
	struct fixture *f, uint64_t epoch, uint64_t last_counter, uint64_t lost_after)
{
	return replica_welcome(f->replica,
		&(struct replica_greeting){ epoch, last_counter, lost_after, f->server_ms });
}

void load_school(struct fixture *f)
{
	const unsigned scopes[] = { 0, SCHOOL_1 };
	struct replica_identity identity = { .label = "Oak Ridge", .server = "localhost:7443" };
	struct prac_record *school;
	struct replica_row row;

	identity.device = id_of(9000);
	identity.person = id_of(PERSON);
	assert_int_equal(replica_enroll(f->replica, &identity), PRAC_OK);
	assert_int_equal(greeted(f, 77, 0, 0), PRAC_OK);
	grant(f, scopes, 2, NULL);
	school = record_of(f, "school", SCHOOL_1, "name", "Oak Ridge High School", "code", "ORHS",
		"kind", "high", NULL);
	row = row_of(f, school, 0, 5);
	load(f, 0, &row, 1, 10);
	load(f, SCHOOL_1, NULL, 0, 10);
	page(f, NULL, 0, 10);
}

int fixture_new_loaded(void **state)
{
	fixture_new(state);
	load_school(*state);
	return 0;
}

int fixture_free(void **state)
{
	struct fixture *f = *state;
	const struct dirent *entry;
	char path[sizeof(f->folder) + sizeof(entry->d_name) + 1];
	DIR *dir;

	replica_close(f->replica);
	dir = opendir(f->folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->folder, entry->d_name);
		(void)unlink(path); /* not the dots */
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
	rmdir(f->folder);
	prac_arena_deinit(&f->arena);
	free(f);
	return 0;
}

void fixture_reopen(struct fixture *f)
{
	replica_close(f->replica);
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_OK);
}

struct prac_id id_of(unsigned number)
{
	struct prac_id id = { { 0x01, 0x99, 0, 0, 0, 0, 0x70, 0, 0x80 } };

	if (number == 0) {
		return prac_scope_reference;
	}
	for (size_t i = 0; i < 4; i++) {
		id.b[12 + i] = (uint8_t)(number >> (24 - 8 * i));
	}
	return id;
}

const struct prac_type *type_of(const char *name)
{
	const struct prac_type *type = prac_type_find_name(name);

	assert_non_null(type);
	return type;
}

void set(struct fixture *f, struct prac_record *record, const char *field_name, const char *text)
{
	const struct prac_field *field = prac_field_find_name(record->type, field_name);
	struct prac_problem problem;

	assert_non_null(field);
	assert_int_equal(
		prac_value_parse(field, text, &f->arena, &record->values[field->index], &problem),
		PRAC_OK);
}

struct prac_record *record_of(struct fixture *f, const char *type, unsigned id, ...)
{
	struct prac_record *record = prac_record_new(&f->arena, type_of(type));
	va_list args;
	const char *field;

	record->id = id_of(id);
	va_start(args, id);
	while ((field = va_arg(args, const char *)) != NULL) {
		set(f, record, field, va_arg(args, const char *));
	}
	va_end(args);
	return record;
}

struct prac_record *student_of(struct fixture *f, unsigned id, const char *family_name)
{
	char school[PRAC_ID_TEXT], identifier[16];
	struct prac_id scope = id_of(SCHOOL_1);

	prac_id_format(&scope, school);
	(void)snprintf(identifier, sizeof(identifier), "S%u", id);
	return record_of(f, "student", id, "school_id", school, "identifier", identifier,
		"given_name", "Mia", "family_name", family_name, NULL);
}

struct replica_row row_of(
	struct fixture *f, const struct prac_record *record, unsigned scope, uint64_t seq)
{
	struct replica_row row = {
		.type = record->type->number,
		.id = record->id,
		.scope = id_of(scope),
		.owner = id_of(scope),
		.seq = seq,
	};
	uint64_t *group_seq = prac_arena_alloc(&f->arena, sizeof(*group_seq) * PRAC_GROUPS_MAX);
	struct prac_buf buf = { 0 };

	for (size_t i = 0; i < record->type->n_groups; i++) {
		group_seq[i] = seq;
	}
	row.group_seq = group_seq;
	row.n_group_seq = record->type->n_groups;
	prac_values_encode(record->type, record->values, record->extra, &buf);
	row.body = prac_arena_copy(&f->arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return row;
}

struct replica_row gone_row(
	const char *type, unsigned id, unsigned scope, uint64_t seq, Practicum__Gone gone)
{
	return (struct replica_row){
		.type = type_of(type)->number,
		.id = id_of(id),
		.scope = id_of(scope),
		.owner = id_of(scope),
		.seq = seq,
		.gone = gone,
	};
}

static struct replica_position position_of(struct fixture *f)
{
	struct replica_position position;

	assert_int_equal(replica_position(f->replica, &f->arena, &position), PRAC_OK);
	return position;
}

void page(struct fixture *f, const struct replica_row *rows, size_t n, uint64_t seq)
{
	struct prac_cursor cursor = position_of(f).cursor;

	cursor.seq = seq;
	assert_int_equal(
		replica_apply_page(f->replica, &(struct replica_page){ rows, n, cursor, 0, seq }),
		PRAC_OK);
}

void grant(struct fixture *f, const unsigned *scopes, size_t n, bool *purge_waits_out)
{
	struct prac_scope_grant grants[8];
	const struct replica_rights rights = { .grants = grants, .n_grants = n };
	bool waits;

	for (size_t i = 0; i < n; i++) {
		grants[i] = (struct prac_scope_grant){ id_of(scopes[i]), 1 };
	}
	assert_int_equal(replica_grants(f->replica, &rights, &waits), PRAC_OK);
	if (purge_waits_out != NULL) {
		*purge_waits_out = waits;
	}
}

void load(struct fixture *f, unsigned scope, const struct replica_row *rows, size_t n, uint64_t seq)
{
	const struct replica_chunk chunk = { { id_of(scope), 1000 + seq, 0 }, 1, seq, rows, n };

	assert_int_equal(replica_apply_chunk(f->replica, &chunk), PRAC_OK);
}

const struct prac_record *shown(struct fixture *f, const char *type, unsigned id_number)
{
	const struct prac_record *record;
	struct prac_id id = id_of(id_number);

	assert_int_equal(replica_get(f->replica, type_of(type), &id, &f->arena, &record), PRAC_OK);
	return record;
}

const char *text_of(struct fixture *f, const struct prac_record *record, const char *field_name)
{
	const struct prac_field *field = prac_field_find_name(record->type, field_name);
	struct prac_buf buf = { 0 };
	const char *text;

	assert_non_null(field);
	prac_value_format(field, &record->values[field->index], &buf);
	text = prac_arena_text(&f->arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return text;
}

void edit(struct fixture *f, unsigned student, const char *field, const char *text)
{
	const struct prac_record *before = shown(f, "student", student);
	struct prac_record *after;
	struct replica_refusal refusal;

	assert_non_null(before);
	after = prac_record_copy(&f->arena, before);
	set(f, after, field, text);
	assert_int_equal(replica_save(f->replica, before, after, &refusal), PRAC_OK);
}

void add_student(struct fixture *f, unsigned id, const char *family_name)
{
	struct prac_record *student = student_of(f, id, family_name);
	struct replica_refusal refusal;

	assert_int_equal(replica_save(f->replica, NULL, student, &refusal), PRAC_OK);
}

void judged(struct fixture *f, uint64_t counter, Practicum__VerdictKind kind, uint64_t seq)
{
	struct prac_verdict verdict = { .counter = counter, .kind = kind, .seq = seq };

	if (kind == PRACTICUM__VERDICT_KIND__VERDICT_REFUSED) {
		verdict.reason = PRAC_REASON_GUARD;
		verdict.text = prac_bytes_text("the agreement is not signed");
	}
	assert_int_equal(
		replica_judged(f->replica, counters_of(f).incarnation, &verdict, 1), PRAC_OK);
}

struct replica_counters counters_of(struct fixture *f)
{
	struct replica_counters counters;

	assert_int_equal(replica_counters(f->replica, &counters), PRAC_OK);
	return counters;
}

struct replica_entry *queue(struct fixture *f, size_t *n_out)
{
	struct replica_entry *entries;

	assert_int_equal(replica_take(f->replica, &(struct replica_want){ 0, 0, 256, 524288 },
				 &f->arena, &entries, n_out),
		PRAC_OK);
	return entries;
}
