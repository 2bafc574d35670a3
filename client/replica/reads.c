#include "client/replica/reads.h"

#include "catalog/types.h"
#include "client/replica/acting.h"
#include "client/replica/scopes.h"
#include "sql/replica.h"

/* Who acts: as judge_as_station() puts it into what is entered. */
static struct prac_id reader(struct replica *replica)
{
	const struct replica_who *who = acting(replica);
	struct replica_identity identity;

	if (who->presence == REPLICA_PRESENT) {
		return who->person.who.id;
	}
	return replica_identity(replica, &identity) == PRAC_OK ? identity.person
							       : (struct prac_id){ 0 };
}

bool replica_listing_school(struct replica *replica, struct prac_id *school)
{
	struct replica_identity identity;
	bool is_held = replica_identity(replica, &identity) == PRAC_OK && identity.district;
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	is_held = is_held || scopes_allow(replica, school);
	if (!is_held) {
		stmt = file_use(replica, &q_replica_scope_school);
		is_held = file_row(replica, stmt);
		if (is_held) {
			*school = column_id(stmt, 0);
		}
		(void)sqlite3_reset(stmt);
	}
	return file_end(replica) == PRAC_OK && is_held;
}

struct look {
	struct prac_id person;
	int32_t today;
	const struct prac_field *day, *who, *kind, *size;
	int64_t wanted;                 /* kind */
	const struct prac_record *like; /* a listing; NULL: all of them */
	bool is_found;
	int64_t n_records;
};

static bool is_mine(const struct look *look, const struct prac_record *record)
{
	const struct prac_value *who = &record->values[look->who->index];

	return record->values[look->day->index].number == look->today &&
	       (who->has ? prac_bytes_equal(who->bytes, prac_id_bytes(&look->person))
			 : prac_id_is_nil(&look->person));
}

static bool is_like(const struct look *look, const struct prac_record *record)
{
	static const uint16_t same[] = { PRAC_LISTING_SCHOOL_ID, PRAC_LISTING_KIND,
		PRAC_LISTING_RECORD_TYPE };

	for (size_t i = 0; look->like != NULL && i < PRAC_NELEM(same); i++) {
		if (!prac_value_equal(&record->type->fields[same[i]], &look->like->values[same[i]],
			    &record->values[same[i]])) {
			return false;
		}
	}
	return true;
}

static bool on_trace(void *ctx, const struct prac_record *record, bool pending)
{
	struct look *look = ctx;

	(void)pending;
	if (is_mine(look, record) && is_like(look, record)) {
		look->n_records += record->values[look->size->index].number;
		look->is_found =
			look->is_found || record->values[look->kind->index].number == look->wanted;
	}
	return true;
}

/* What is looked at is no business of whoever acts, only what comes out. */
static enum prac_status look_at(
	struct replica *replica, const struct replica_query *query, struct look *look)
{
	bool was_judging = replica->is_judging;
	enum prac_status status;

	look->today = prac_env_today(replica->env);
	look->day = prac_field_find_name(query->type, "made_on");
	look->who = prac_field_find_name(query->type, "person_id");
	look->kind = prac_field_find_name(query->type, "kind");
	look->size = prac_field_find_name(query->type, "n_records");
	replica->is_judging = true;
	status = replica_list(replica, query, on_trace, look);
	replica->is_judging = was_judging;
	return status;
}

enum prac_status replica_read_is_noted(
	struct replica *replica, const struct prac_record *record, int64_t kind, bool *is_noted_out)
{
	const struct replica_filter filter = {
		&prac_type_record_access.fields[PRAC_RECORD_ACCESS_RECORD_ID],
		{ .has = true, .bytes = prac_id_bytes(&record->id) }
	};
	const struct replica_query query = { &prac_type_record_access, &filter, 1 };
	struct look look = { .wanted = kind };
	enum prac_status status, ended;

	file_begin_read(replica);
	look.person = reader(replica);
	status = look_at(replica, &query, &look);
	ended = file_end(replica);
	*is_noted_out = look.is_found;
	return status != PRAC_OK ? status : ended;
}

enum prac_status replica_listed_today(
	struct replica *replica, const struct prac_record *listing, int64_t *n_out)
{
	struct look look = { .like = listing };
	struct replica_filter filter = { &prac_type_listing.fields[PRAC_LISTING_PERSON_ID], { 0 } };
	const struct replica_query query = { &prac_type_listing, &filter, 1 };
	enum prac_status status, ended;

	file_begin_read(replica);
	look.person = reader(replica);
	filter.value = (struct prac_value){ .has = !prac_id_is_nil(&look.person),
		.bytes = prac_id_bytes(&look.person) };
	status = look_at(replica, &query, &look);
	ended = file_end(replica);
	*n_out = look.n_records;
	return status != PRAC_OK ? status : ended;
}

enum prac_status replica_read_today(struct replica *replica, int64_t *n_out)
{
	static const struct {
		const struct prac_type *type;
		uint16_t person;
	} traces[] = { { &prac_type_disclosure, PRAC_DISCLOSURE_PERSON_ID },
		{ &prac_type_record_access, PRAC_RECORD_ACCESS_PERSON_ID },
		{ &prac_type_listing, PRAC_LISTING_PERSON_ID } };
	struct look look = { 0 };
	enum prac_status status = PRAC_OK, ended;

	file_begin_read(replica);
	look.person = reader(replica);
	for (size_t i = 0; i < PRAC_NELEM(traces) && status == PRAC_OK; i++) {
		const struct replica_filter filter = { &traces[i].type->fields[traces[i].person],
			{ .has = !prac_id_is_nil(&look.person),
				.bytes = prac_id_bytes(&look.person) } };

		status = look_at(
			replica, &(struct replica_query){ traces[i].type, &filter, 1 }, &look);
	}
	ended = file_end(replica);
	*n_out = look.n_records;
	return status != PRAC_OK ? status : ended;
}
