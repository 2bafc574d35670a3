#include <assert.h>
#include <string.h>

#include "catalog/types.h"
#include "server/sync/judge_loads.h"

/* As in prac_load: bit n for the action with the number n; mutation NULL: an edit. */
static uint64_t action_of(const struct prac_mutation *mutation)
{
	return mutation != NULL && mutation->action != NULL && mutation->action->number < 64
		       ? (uint64_t)1 << mutation->action->number
		       : 0;
}

/* An action's load is not needed by other mutations. */
static bool is_wanted(const struct prac_load *load, uint64_t actions)
{
	return load->actions == 0 || (load->actions & actions) != 0;
}

/* The children of the judged record, or of the parent that it refers to. */
static void add_load(struct loads *loads, const struct prac_type *type,
	const struct prac_load *load, const struct prac_id *id)
{
	const struct prac_type *child = prac_type_find(load->type);

	if (load->kind == PRAC_LOAD_PARENT && load->via == 0) {
		loads_add_parents(loads, type, prac_field_find(type, load->field), id);
	} else if (load->kind == PRAC_LOAD_ALL && child != NULL) {
		loads_add(loads, &(struct store_load){ .kind = STORE_SCOPE, .type = child },
			&prac_scope_reference);
	} else if (load->kind == PRAC_LOAD_CHILDREN && load->via == 0 && child != NULL) {
		loads_add_children(loads, child, prac_field_find(child, load->field), id);
	}
}

/* What the type's rules and the guards of its actions ask for. */
struct asked {
	const struct prac_load *loads[2];
	size_t n_loads[2];
};

static struct asked asked_by(const struct prac_type *type)
{
	const struct prac_rules *rules = prac_rules_find(type);
	struct asked asked = { 0 };

	if (rules != NULL) {
		asked.loads[0] = rules->loads;
		asked.n_loads[0] = rules->n_loads;
	}
	asked.n_loads[1] = prac_guard_loads(type, &asked.loads[1]);
	return asked;
}

/* Walks both lists: NULL at the end. */
static const struct prac_load *asked_at(const struct asked *asked, size_t i)
{
	if (i < asked->n_loads[0]) {
		return &asked->loads[0][i];
	}
	i -= asked->n_loads[0];
	return i < asked->n_loads[1] ? &asked->loads[1][i] : NULL;
}

/*
 * A record that exists: the student it follows, and what its rules ask for to judge the mutation;
 * NULL: an edit.
 */
static void add_relatives(struct loads *loads, const struct prac_type *type,
	const struct prac_id *id, const struct prac_mutation *mutation)
{
	struct asked asked = asked_by(type);
	const struct prac_load *load;

	if (type->follow_field >= 0) {
		loads_add_parents(loads, type, &type->fields[type->follow_field], id);
	}
	for (size_t i = 0; (load = asked_at(&asked, i)) != NULL; i++) {
		if (is_wanted(load, action_of(mutation))) {
			add_load(loads, type, load, id);
		}
	}
}

/* What the rules of a new record's type ask for that is no relative of it. */
static void add_common(struct loads *loads, const struct prac_mutation *mutation)
{
	struct asked asked = asked_by(mutation->type);
	const struct prac_load *load;

	for (size_t i = 0; (load = asked_at(&asked, i)) != NULL; i++) {
		if (load->kind == PRAC_LOAD_ALL && is_wanted(load, action_of(mutation))) {
			add_load(loads, mutation->type, load, &mutation->id);
		}
	}
}

/* Does a mutation of the batch, not necessarily the one of this type at hand, need the load? */
static bool is_wanted_here(
	const struct judge *judge, const struct prac_type *type, const struct prac_load *load)
{
	return is_wanted(load, judge->actions[prac_type_index(type->number)]);
}

/* Does it hang on a record that the judged one itself names? */
static bool is_family(const struct prac_load *load)
{
	return load->via != 0 && load->then == 0 &&
	       (load->kind == PRAC_LOAD_CHILDREN || load->kind == PRAC_LOAD_THROUGH);
}

/* The batch itself names the parent whose children are asked for: no record has it stored yet. */
static void add_siblings(struct judge *judge, struct loads *loads, const struct prac_record *record,
	const char *field_name, const struct prac_id *parent)
{
	const struct prac_type *type = record->type;
	const struct prac_field *via = prac_field_find_name(type, field_name);
	struct asked asked = asked_by(type);
	const struct prac_load *load;

	for (size_t i = 0; via != NULL && (load = asked_at(&asked, i)) != NULL; i++) {
		if (is_family(load) && load->via == via->number &&
			prac_type_find(load->type) != NULL && is_wanted_here(judge, type, load)) {
			loads_add_family(loads, record, load, parent);
		}
	}
}

static void add_reference(struct judge *judge, struct loads *loads, const struct prac_record *owner,
	const struct prac_field *field, const struct prac_value *value)
{
	const struct prac_type *type;
	struct prac_id id;

	if (field->kind != PRAC_REF || !value->has ||
		prac_id_from_bytes(value->bytes, &id) != PRAC_OK) {
		return;
	}
	type = prac_type_find(field->ref_type);
	if (type == NULL) { /* of any type: what else belongs to it */
		add_siblings(judge, loads, owner, field->name, &id);
		return;
	}
	loads_add_by_id(loads, type, &id);
	judge->references = view_room(
		judge->arena, judge->references, judge->n_references, sizeof(*judge->references));
	judge->references[judge->n_references++] = (struct store_key){ type->number, id };
	add_siblings(judge, loads, owner, field->name, &id);
	/* Whether a new or ended enrollment changes what a school sees depends on the others. */
	if (field == &prac_type_enrollment.fields[PRAC_ENROLLMENT_STUDENT_ID]) {
		loads_add_children(loads, &prac_type_enrollment, field, &id);
	}
}

/* What a new record of an owner TARGET is about: its scope becomes the record's. */
static void add_owner(struct judge *judge, struct loads *loads, const struct prac_record *record)
{
	struct prac_id id;
	const struct prac_type *type = prac_record_target(record, &id);

	if (type == NULL) {
		return;
	}
	loads_add_by_id(loads, type, &id);
	if (type->follow_field >= 0) {
		loads_add_parents(loads, type, &type->fields[type->follow_field], &id);
	}
	judge->references = view_room(
		judge->arena, judge->references, judge->n_references, sizeof(*judge->references));
	judge->references[judge->n_references++] = (struct store_key){ type->number, id };
}

static void add_references(
	struct judge *judge, struct loads *loads, const struct prac_mutation *mutation)
{
	const struct prac_type *type = mutation->type;
	struct prac_value
		values[PRAC_FIELDS_MAX]; /* the type's, of which the groups' are present */
	struct prac_record record = { .type = type, .id = mutation->id, .values = values };

	memset(values, 0, type->n_fields * sizeof(*values));
	for (size_t i = 0; i < mutation->n_patches; i++) {
		prac_group_copy(
			mutation->patches[i].group, mutation->patches[i].new_fields, values);
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		add_reference(judge, loads, &record, &type->fields[i], &values[i]);
	}
	if (type->owner == PRAC_OWNER_TARGET && mutation->op == PRACTICUM__OP__OP_CREATE) {
		add_owner(judge, loads, &record);
	}
	for (size_t i = 0; mutation->args != NULL && i < mutation->action->args->n_fields; i++) {
		add_reference(judge, loads, &record, &mutation->action->args->fields[i],
			&mutation->args[i]);
	}
}

/* Does the mutation set a part of the natural key? */
static bool sets_key(const struct prac_mutation *mutation)
{
	const struct prac_type *type = mutation->type;

	bool does = false;

	for (size_t k = 0; type->unique && k < type->n_natural_key; k++) {
		uint16_t group = type->fields[type->natural_key[k]].group;

		for (size_t i = 0; i < mutation->n_patches; i++) {
			does = does || &type->groups[group] == mutation->patches[i].group;
		}
	}
	return does;
}

/* A create says all of its key; that of a patch is known when the record is. */
static void add_sent_key(struct judge *judge, struct loads *loads,
	const struct prac_mutation *mutation, Practicum__Op op)
{
	if (mutation->op == op && sets_key(mutation)) {
		loads_add_key(loads, view_as_sent(judge->view, mutation));
	}
}

static void add_coming(struct view *view, const struct prac_mutation *mutation)
{
	struct view_entry *entry = view_entry(view, mutation->type->number, &mutation->id);

	entry->is_coming = true;
	entry->create = mutation;
}

static void add_mutation(struct judge *judge, struct loads *loads, const struct judge_input *input)
{
	const struct prac_mutation *mutation = &input->mutation;

	if (mutation->type == NULL) {
		return;
	}
	if (mutation->op == PRACTICUM__OP__OP_CREATE) {
		/* Only whether the id is taken counts, not where that record is seen. */
		loads_add(loads,
			&(struct store_load){ .kind = STORE_BY_ID, .type = mutation->type },
			&mutation->id);
		add_coming(judge->view, mutation);
		add_common(loads, mutation);
	} else {
		loads_add_by_id(loads, mutation->type, &mutation->id);
		add_relatives(loads, mutation->type, &mutation->id, mutation);
	}
	if (input->reason == PRAC_REASON_NONE) {
		add_sent_key(judge, loads, mutation, PRACTICUM__OP__OP_CREATE);
		add_references(judge, loads, mutation);
	}
}

static size_t find_sender(const struct judge *judge, const struct judge_device *device)
{
	size_t i = 0;

	while (i < judge->n_senders && (judge->asked[i].incarnation != device->incarnation ||
					       !prac_id_equal(&judge->asked[i].id, &device->id))) {
		i++;
	}
	return i;
}

static void add_sender(struct judge *judge, size_t input)
{
	const struct judge_device *device = judge->batch->inputs[input].device;
	size_t sender = find_sender(judge, device);
	struct store_device *asked = &judge->asked[sender];

	if (sender == judge->n_senders) {
		*asked = (struct store_device){ .id = device->id,
			.incarnation = device->incarnation };
		judge->n_senders++;
	}
	if (asked->acked_through < device->acked_through) {
		asked->acked_through = device->acked_through;
	}
	judge->sender_of[input] = sender;
}

struct judge *judge_new(const struct judge_batch *batch, struct prac_arena *arena)
{
	struct judge *judge = prac_arena_alloc(arena, sizeof(*judge));

	judge->batch = batch;
	judge->arena = arena;
	judge->view = view_new(arena);
	judge->asked = prac_arena_alloc(arena, (batch->n_inputs + 1) * sizeof(*judge->asked));
	judge->actions = prac_arena_alloc(arena, prac_n_types * sizeof(*judge->actions));
	judge->sender_of =
		prac_arena_alloc(arena, (batch->n_inputs + 1) * sizeof(*judge->sender_of));
	return judge;
}

/* The record that this one is about, and all that changing it would need. */
static void add_target(struct loads *loads, const struct prac_record *record)
{
	struct prac_id id;
	const struct prac_type *type = prac_record_target(record, &id);

	if (type != NULL) {
		loads_add_by_id(loads, type, &id);
		add_relatives(loads, type, &id, NULL);
	}
}

/* The record that the reference of that number names, if it is in the view. */
static const struct prac_record *follow(
	const struct judge *judge, const struct prac_record *record, uint32_t number)
{
	const struct prac_field *field = prac_field_find(record->type, number);
	struct prac_id id;

	return field != NULL && view_reference(record, field->index, &id)
		       ? view_find(judge->view, field->ref_type, &id)
		       : NULL;
}

/* What is known only once the record is: its target, what its parents refer to, their children. */
static void add_farther(const struct judge *judge, struct loads *loads,
	const struct prac_record *record, const struct prac_load *load)
{
	const struct prac_type *child = prac_type_find(load->type);
	const struct prac_record *from = record;
	uint32_t last = load->via;
	const struct prac_field *field;
	struct prac_id id;

	if (load->kind == PRAC_LOAD_TARGET) {
		add_target(loads, record);
		return;
	}
	if (load->via == 0 || load->kind == PRAC_LOAD_ALL) {
		return;
	}
	if (load->kind == PRAC_LOAD_PARENT || load->then != 0) {
		from = follow(judge, record, load->via);
		last = load->kind == PRAC_LOAD_PARENT ? load->field : load->then;
	}
	field = from != NULL ? prac_field_find(from->type, last) : NULL;
	if (field == NULL || !view_reference(from, field->index, &id)) {
		return;
	}
	if (load->kind == PRAC_LOAD_PARENT) {
		loads_add_by_id(loads, prac_type_find(field->ref_type), &id);
	} else if (child != NULL) {
		loads_add_family(loads, record, load, &id);
	}
}

/* A record that the batch makes or changes, and acts on behind that. */
static void add_sent(struct judge *judge, struct loads *loads, const struct prac_mutation *mutation)
{
	const struct prac_record *sent = NULL;
	struct asked asked = asked_by(mutation->type);
	const struct prac_load *load;

	for (size_t i = 0; mutation->n_patches > 0 && (load = asked_at(&asked, i)) != NULL; i++) {
		/* What the batch itself names was asked for in the first trip, but around a date
		 * only when it names both. */
		if (load->via == 0 ||
			(is_family(load) &&
				(load->date == 0 || mutation->op == PRACTICUM__OP__OP_CREATE)) ||
			!is_wanted_here(judge, mutation->type, load)) {
			continue;
		}
		sent = sent != NULL ? sent : view_as_sent(judge->view, mutation);
		add_farther(judge, loads, sent, load);
	}
}

static const struct prac_record *find(
	const struct judge *judge, const struct prac_mutation *mutation)
{
	return view_find(judge->view, mutation->type->number, &mutation->id);
}

/* What the action is judged with: its arguments may be dates around which the rules ask for children. */
static const struct prac_record *as_acted(
	struct judge *judge, const struct prac_record *record, const struct prac_mutation *mutation)
{
	const struct prac_mutation *create;
	struct prac_record *acted;

	if (mutation->action == NULL || mutation->args == NULL) {
		return record;
	}
	create = view_entry(judge->view, mutation->type->number, &mutation->id)->create;
	if (record == NULL && create != NULL) {
		record = view_as_sent(judge->view, create);
	}
	if (record == NULL) {
		return NULL;
	}
	acted = prac_record_copy(judge->arena, record);
	prac_change_store_args(mutation->action, mutation->args, acted);
	return acted;
}

static void add_more(const struct judge *judge, struct loads *loads,
	const struct prac_record *record, const struct prac_mutation *mutation)
{
	const struct prac_type *type = mutation->type;
	struct asked asked = asked_by(type);
	const struct prac_load *load;
	struct prac_id student;

	if (record == NULL) {
		return;
	}
	for (size_t i = 0; (load = asked_at(&asked, i)) != NULL; i++) {
		if (is_wanted(load, action_of(mutation))) {
			add_farther(judge, loads, record, load);
		}
	}
	if (type == &prac_type_enrollment &&
		view_reference(record, PRAC_ENROLLMENT_STUDENT_ID, &student)) {
		loads_add_children(
			loads, type, &type->fields[PRAC_ENROLLMENT_STUDENT_ID], &student);
	}
}

void judge_plan(struct judge *judge, const struct judge *before, struct store_ask *ask_out)
{
	const struct judge_batch *batch = judge->batch;
	struct loads loads = { .arena = judge->arena };

	for (size_t i = 0; i < batch->n_inputs; i++) {
		const struct prac_mutation *mutation = &batch->inputs[i].mutation;

		if (mutation->type != NULL) {
			judge->actions[prac_type_index(mutation->type->number)] |=
				action_of(mutation);
		}
	}
	for (size_t i = 0; i < batch->n_inputs; i++) {
		const struct prac_mutation *mutation = &batch->inputs[i].mutation;

		add_sender(judge, i);
		add_mutation(judge, &loads, &batch->inputs[i]);
		if (before != NULL && mutation->type != NULL) {
			add_more(before, &loads, find(before, mutation), mutation);
		}
	}
	memset(ask_out, 0, sizeof(*ask_out));
	ask_out->n_numbers = batch->n_inputs;
	ask_out->devices = judge->asked;
	ask_out->n_devices = judge->n_senders;
	ask_out->n_loads = loads_finish(&loads, NULL, &ask_out->loads);
	judge->ask = ask_out;
}

/* A record that is nowhere: was its create refused, perhaps long ago? */
static void add_missing(struct judge *judge, struct loads *loads, const struct store_key *key)
{
	const struct view_entry *entry = view_entry(judge->view, key->type, &key->id);

	if (entry->now == NULL && !entry->is_coming) {
		loads_add_children(loads, &prac_type_rejected,
			&prac_type_rejected.fields[PRAC_REJECTED_RECORD_ID], &key->id);
	}
}

static void take_senders(struct judge *judge, const struct store_facts *facts)
{
	judge->senders =
		prac_arena_alloc(judge->arena, (judge->n_senders + 1) * sizeof(*judge->senders));
	assert(facts->n_devices == judge->n_senders);
	for (size_t i = 0; i < judge->n_senders; i++) {
		judge->senders[i].now = facts->devices[i];
	}
}

static size_t replayed_keys(struct judge *judge, const struct prac_mutation_key **keys_out)
{
	const struct judge_batch *batch = judge->batch;
	struct prac_mutation_key *keys = NULL;
	size_t n = 0;

	for (size_t i = 0; i < batch->n_inputs; i++) {
		const struct judge_input *input = &batch->inputs[i];
		const struct judge_sender *sender = &judge->senders[judge->sender_of[i]];

		if (input->mutation.counter <= sender->now.last_counter) {
			keys = view_room(judge->arena, keys, n, sizeof(*keys));
			keys[n++] = (struct prac_mutation_key){ input->device->id,
				input->device->incarnation, input->mutation.counter };
		}
	}
	*keys_out = keys;
	return n;
}

bool judge_loaded(struct judge *judge, const struct store_facts *facts, struct store_more *more_out)
{
	struct loads loads = { .arena = judge->arena };

	judge->facts = facts;
	judge->seq = facts->head;
	take_senders(judge, facts);
	view_add(judge->view, facts);
	for (size_t i = 0; i < judge->batch->n_inputs; i++) {
		const struct prac_mutation *mutation = &judge->batch->inputs[i].mutation;

		if (mutation->type != NULL) {
			struct store_key key = { mutation->type->number, mutation->id };

			add_more(judge, &loads, as_acted(judge, find(judge, mutation), mutation),
				mutation);
			add_sent(judge, &loads, mutation);
			add_sent_key(judge, &loads, mutation, PRACTICUM__OP__OP_PATCH);
			add_missing(judge, &loads, &key);
		}
	}
	for (size_t i = 0; i < judge->n_references; i++) {
		add_missing(judge, &loads, &judge->references[i]);
	}
	memset(more_out, 0, sizeof(*more_out));
	more_out->n_loads = loads_finish(&loads, judge->ask, &more_out->loads);
	more_out->n_keys = replayed_keys(judge, &more_out->keys);
	more_out->n_seqs = judge_ask_theirs(judge, &more_out->seqs);
	return more_out->n_loads > 0 || more_out->n_keys > 0 || more_out->n_seqs > 0;
}

void judge_loaded_more(struct judge *judge, const struct store_facts *facts)
{
	view_add(judge->view, facts);
	judge->stored = facts->judged;
	judge->n_stored = facts->n_judged;
}
