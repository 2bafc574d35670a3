#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "tests/sim/sim.h"
#include "tests/support/sample.h"

/* What people do: few records, so that they meet. Every value entered is the only one of its kind. */

static const char *id_text(const struct prac_id *id, struct prac_arena *arena)
{
	char *text = prac_arena_alloc(arena, PRAC_ID_TEXT);

	prac_id_format(id, text);
	return text;
}

static void set(
	struct prac_record *record, struct prac_arena *arena, const char *field, const char *value)
{
	sample_set(record, arena, prac_arena_printf(arena, "%s=%s", field, value));
}

/* A live record of the type that the device sees; NULL: none. */
static const struct prac_record *any(struct sim_device *device, const struct prac_type *type)
{
	const struct prac_record *found = NULL;
	GHashTableIter iter;
	void *item;
	uint64_t n = 0;

	/* The order of a hash table is that of its keys, and these come from the seed. */
	g_hash_table_iter_init(&iter, device->base);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct sim_row *row = item;

		if (row->record != NULL && row->record->type == type &&
			world_below(device->sim->world, ++n) == 0) {
			found = row->record;
		}
	}
	return found;
}

static const char *unique(struct sim_device *device, struct prac_arena *arena)
{
	return prac_arena_printf(
		arena, "d%u-%u", (unsigned)(device - device->sim->devices), ++device->n_made);
}

static void enter(struct sim_device *device, Practicum__Op op, const struct prac_record *before,
	const struct prac_record *after, struct prac_arena *arena)
{
	const struct prac_record *record = after != NULL ? after : before;
	struct prac_mutation mutation = { .type = record->type,
		.id = record->id,
		.op = op,
		.scope = record->scope,
		.base_seq = before != NULL ? before->seq : 0 };

	mutation.n_patches = prac_patches_between(before, after, arena, &mutation.patches);
	if (mutation.n_patches > 0) {
		sim_device_enter(device, &mutation, arena);
	}
}

static struct prac_record *begin(
	struct sim_device *device, const struct prac_type *type, struct prac_arena *arena)
{
	struct prac_record *record = prac_record_new(arena, type);

	record->id = prac_id_new(&device->env);
	return record;
}

static const struct prac_id *any_school(struct sim_device *device)
{
	return &device->grants[world_below(device->sim->world, device->device.n_grants)].scope;
}

static void add_student(struct sim_device *device, struct prac_arena *arena)
{
	struct prac_record *student = begin(device, &prac_type_student, arena);
	const struct prac_id *school = any_school(device);

	student->scope = *school;
	set(student, arena, "school_id", id_text(school, arena));
	set(student, arena, "identifier", unique(device, arena));
	set(student, arena, "given_name", unique(device, arena));
	/* Now and then a rule is broken. */
	set(student, arena, "family_name",
		world_chance(device->sim->world, 100) ? "" : unique(device, arena));
	enter(device, PRACTICUM__OP__OP_CREATE, NULL, student, arena);
	if (world_chance(device->sim->world, 500)) {
		struct prac_record *guardian = begin(device, &prac_type_guardian, arena);

		guardian->scope = *school;
		set(guardian, arena, "school_id", id_text(school, arena));
		set(guardian, arena, "student_id", id_text(&student->id, arena));
		set(guardian, arena, "name", unique(device, arena));
		enter(device, PRACTICUM__OP__OP_CREATE, NULL, guardian, arena);
	}
}

static void add_guardian(struct sim_device *device, struct prac_arena *arena)
{
	const struct prac_record *student = any(device, &prac_type_student);
	struct prac_record *guardian = begin(device, &prac_type_guardian, arena);
	const struct prac_id *school = any_school(device);

	if (student != NULL) {
		guardian->scope = *school;
		set(guardian, arena, "school_id", id_text(school, arena));
		set(guardian, arena, "student_id", id_text(&student->id, arena));
		set(guardian, arena, "name", unique(device, arena));
		enter(device, PRACTICUM__OP__OP_CREATE, NULL, guardian, arena);
	}
}

static void add_enrollment(struct sim_device *device, struct prac_arena *arena)
{
	const struct prac_record *student = any(device, &prac_type_student);
	struct prac_record *enrollment = begin(device, &prac_type_enrollment, arena);
	const struct prac_id *school = any_school(device);

	if (student != NULL) {
		enrollment->scope = *school;
		set(enrollment, arena, "school_id", id_text(school, arena));
		set(enrollment, arena, "student_id", id_text(&student->id, arena));
		set(enrollment, arena, "kind", "center");
		set(enrollment, arena, "starts_on", "2026-08-11");
		enter(device, PRACTICUM__OP__OP_CREATE, NULL, enrollment, arena);
	}
}

static void add_organization(struct sim_device *device, struct prac_arena *arena)
{
	struct prac_record *organization = begin(device, &prac_type_organization, arena);

	organization->scope = prac_scope_reference;
	set(organization, arena, "name", unique(device, arena));
	set(organization, arena, "kind", "employer");
	enter(device, PRACTICUM__OP__OP_CREATE, NULL, organization, arena);
}

/* A set with one item more and, perhaps, one less. */
static void edit_set(struct sim_device *device, struct prac_record *record, const char *field,
	struct prac_arena *arena)
{
	const char *text = sample_text(record, field, arena);
	const char *rest = strchr(text, ';');

	if (rest != NULL && world_chance(device->sim->world, 400)) {
		text = rest + 1;
	}
	set(record, arena, field,
		prac_arena_printf(
			arena, "%s%s%s", text, text[0] != '\0' ? ";" : "", unique(device, arena)));
}

static void edit(struct sim_device *device, struct prac_arena *arena)
{
	static const struct prac_type *const types[] = { &prac_type_student, &prac_type_guardian,
		&prac_type_organization };
	static const char *const texts[][2] = { { "given_name", "career_goal" },
		{ "name", "phone" }, { "city", "note" } };
	static const char *const sets[] = { "interests", NULL, "aliases" };
	uint64_t which = world_below(device->sim->world, 3);
	const struct prac_record *before = any(device, types[which]);
	struct prac_record *after;

	if (before == NULL) {
		return;
	}
	after = prac_record_copy(arena, before);
	if (sets[which] != NULL && world_chance(device->sim->world, 400)) {
		edit_set(device, after, sets[which], arena);
	} else {
		set(after, arena, texts[which][world_below(device->sim->world, 2)],
			unique(device, arena));
	}
	enter(device, PRACTICUM__OP__OP_PATCH, before, after, arena);
}

static void delete_guardian(struct sim_device *device, struct prac_arena *arena)
{
	const struct prac_record *guardian = any(device, &prac_type_guardian);

	if (guardian != NULL) {
		enter(device, PRACTICUM__OP__OP_DELETE, guardian, NULL, arena);
	}
}

static void act(struct sim_device *device, struct prac_arena *arena)
{
	static const struct prac_type *const types[] = { &prac_type_guardian, &prac_type_enrollment,
		&prac_type_conflict };
	struct world *world = device->sim->world;
	const struct prac_type *type = types[world_below(world, G_N_ELEMENTS(types))];
	const struct prac_record *record = any(device, type);
	/* The first one is a date or a choice; the others are left out. */
	struct prac_value args[4] = { { .has = true, .number = 20700 } };
	struct prac_mutation mutation = { .type = type, .op = PRACTICUM__OP__OP_ACTION };

	if (record == NULL) {
		return;
	}
	if (type == &prac_type_conflict) {
		args[0].number = world_chance(world, 300) ? PRAC_CONFLICT_RESOLVE_CHOICE_THEIRS
							  : PRAC_CONFLICT_RESOLVE_CHOICE_MINE;
	}
	mutation.id = record->id;
	mutation.base_seq = record->seq;
	mutation.action = &type->actions[world_below(world, type->n_actions)];
	mutation.args = mutation.action->args != NULL ? args : NULL;
	g_assert(mutation.args == NULL || mutation.action->args->n_fields <= G_N_ELEMENTS(args));
	sim_device_enter(device, &mutation, arena);
}

void sim_people_begin(struct sim *sim)
{
	struct sim_device *district = &sim->devices[0];
	struct prac_arena arena = { 0 };

	for (size_t i = 0; i < sim->n_schools; i++) {
		struct prac_record *school = prac_record_new(&arena, &prac_type_school);

		school->id = sim->schools[i];
		school->scope = prac_scope_reference;
		set(school, &arena, "name", unique(district, &arena));
		set(school, &arena, "code", unique(district, &arena));
		set(school, &arena, "zone", "America/New_York");
		enter(district, PRACTICUM__OP__OP_CREATE, NULL, school, &arena);
	}
	for (size_t i = 0; i < 4; i++) {
		add_student(district, &arena);
	}
	add_organization(district, &arena);
	sim_device_push(district);
	world_run(sim->world, 100);
	for (size_t i = 0; i < sim->n_devices; i++) {
		sim_device_pull(&sim->devices[i]);
	}
	world_run(sim->world, 100);
	prac_arena_deinit(&arena);
}

void sim_people_act(struct sim *sim)
{
	struct sim_device *device = &sim->devices[world_below(sim->world, sim->n_devices)];
	struct prac_arena arena = { 0 };
	uint64_t what = world_below(sim->world, 100);

	if (what < 60) {
		edit(device, &arena);
	} else if (what < 68) {
		add_student(device, &arena);
	} else if (what < 76) {
		add_guardian(device, &arena);
	} else if (what < 82) {
		add_enrollment(device, &arena);
	} else if (what < 85) {
		add_organization(device, &arena);
	} else if (what < 90) {
		delete_guardian(device, &arena);
	} else {
		act(device, &arena);
	}
	prac_arena_deinit(&arena);
}
