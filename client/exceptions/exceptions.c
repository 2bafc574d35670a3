#include "client/exceptions/exceptions.h"

#include <string.h>

#include "catalog/types.h"
#include "client/exceptions/search.h"

/* ---- for the searches */

void search_each(
	struct search *search, const struct prac_type *type, replica_each_fn each, void *ctx)
{
	if (search->status == PRAC_OK) {
		search->status = replica_list(
			search->replica, &(struct replica_query){ .type = type }, each, ctx);
	}
}

bool search_id(const struct prac_record *record, size_t index, struct prac_id *id_out)
{
	return prac_id_from_bytes(record->values[index].bytes, id_out) == PRAC_OK;
}

const char *search_title(struct search *search, const struct prac_record *record)
{
	const char *title = prac_record_title(record, search->arena);
	const struct prac_record *student = NULL;
	struct prac_id id;

	if (record->type->follow_field >= 0 &&
		search_id(record, (size_t)record->type->follow_field, &id)) {
		student = search->facts.get(search->facts.ctx, PRAC_STUDENT, &id);
	}
	return student == NULL ? title
			       : prac_arena_printf(search->arena, "%s: %s",
					 prac_record_title(student, search->arena), title);
}

/* The coordinator of the record, or of the placement it belongs to. */
static bool find_staff(
	struct search *search, const struct prac_record *record, struct prac_id *staff_out)
{
	static const char *const names[] = { "coordinator_id", "staff_id", "owner_id" };
	const struct prac_field *field;
	const struct prac_record *placement = NULL;
	struct prac_id id;

	for (size_t i = 0; i < PRAC_NELEM(names); i++) {
		field = prac_field_find_name(record->type, names[i]);
		if (field != NULL && search_id(record, field->index, staff_out)) {
			return true;
		}
	}
	field = prac_field_find_name(record->type, "placement_id");
	if (field != NULL && search_id(record, field->index, &id)) {
		placement = search->facts.get(search->facts.ctx, PRAC_PLACEMENT, &id);
	}
	return placement != NULL && search_id(placement, PRAC_PLACEMENT_COORDINATOR_ID, staff_out);
}

struct exception *search_add(struct search *search, const struct exception_cause *cause,
	const struct prac_record *record, int32_t day, const char *text)
{
	struct exception found = {
		.cause = cause, .type = record->type, .id = record->id, .text = text, .day = day
	};

	found.has_staff = find_staff(search, record, &found.staff);
	g_array_append_val(search->found, found);
	return &g_array_index(search->found, struct exception, search->found->len - 1);
}

/* ---- put off */

static bool is_about(const struct exception *exception, const struct prac_record *snooze)
{
	const struct prac_value *cause = &snooze->values[PRAC_SNOOZE_CAUSE];
	struct prac_id id;

	return prac_record_target(snooze, &id) == exception->type &&
	       prac_id_equal(&id, &exception->id) &&
	       prac_bytes_equal(cause->bytes, prac_bytes_text(exception->cause->name));
}

static bool put_off(void *ctx, const struct prac_record *snooze, bool pending)
{
	struct search *search = ctx;
	int32_t until = (int32_t)snooze->values[PRAC_SNOOZE_UNTIL].number;

	(void)pending;
	if (snooze->values[PRAC_SNOOZE_STATE].number != PRAC_SNOOZE_STATE_ASLEEP ||
		until <= search->today) {
		return true;
	}
	for (guint i = 0; i < search->found->len; i++) {
		struct exception *exception = &g_array_index(search->found, struct exception, i);

		if (until > exception->asleep_until && is_about(exception, snooze)) {
			exception->asleep_until = until;
			exception->asleep_for = prac_arena_text(
				search->arena, snooze->values[PRAC_SNOOZE_REASON].bytes);
		}
	}
	return true;
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const struct exception *one = a, *other = b;

	if (one->cause->rank != other->cause->rank) {
		return one->cause->rank < other->cause->rank ? -1 : 1;
	}
	if (one->cause != other->cause) {
		return strcmp(one->cause->name, other->cause->name);
	}
	if (one->day != other->day) {
		return one->day < other->day ? -1 : 1;
	}
	return prac_id_compare(&one->id, &other->id);
}

enum prac_status exceptions_find(struct replica *replica, int32_t today, struct prac_arena *arena,
	struct exceptions *exceptions_out)
{
	struct search search = { .replica = replica,
		.arena = arena,
		.today = today,
		.found = g_array_new(FALSE, FALSE, sizeof(struct exception)) };

	replica_facts(replica, arena, &search.facts);
	search_causes(&search);
	search_unpublished(&search);
	search_leavers(&search);
	search_exports(&search);
	search_papers(&search);
	search_calendar(&search);
	search_doubles(&search);
	search_each(&search, &prac_type_snooze, put_off, &search);
	g_array_sort(search.found, compare);
	exceptions_out->n = search.found->len;
	exceptions_out->items =
		prac_arena_alloc(arena, (search.found->len + 1) * sizeof(struct exception));
	if (search.found->len > 0) {
		memcpy(exceptions_out->items, search.found->data,
			search.found->len * sizeof(struct exception));
	}
	g_array_free(search.found, TRUE);
	return search.status;
}
