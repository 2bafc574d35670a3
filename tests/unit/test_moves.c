/* Every move of every type from every state: what tests/data/moves.txt has is done, the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/buf.h"
#include "common/base/date.h"
#include "common/sync/change.h"
#include "tests/support/facts.h"
#include "tests/support/moves_table.h"

/* A value that the catalog's checks take. */
static struct prac_value some_value(struct facts *facts, const struct prac_field *field)
{
	static uint8_t bytes[65536];
	size_t len =
		field->kind == PRAC_REF ? PRAC_ID_LEN : (size_t)(field->min > 0 ? field->min : 1);
	struct prac_bytes one = { (const uint8_t *)"x", 1 };

	switch (field->kind) {
	case PRAC_TEXT:
		memset(bytes, 'x', len);
		return (struct prac_value){ .has = true, .bytes = { bytes, len } };
	case PRAC_REF:
	case PRAC_BLOB:
		return (struct prac_value){ .has = true,
			.bytes =
				prac_arena_copy(&facts->arena, (struct prac_bytes){ bytes, len }) };
	case PRAC_TEXT_LIST:
		return prac_list_value(&facts->arena, field, &one, 1);
	case PRAC_ENUM:
		return (struct prac_value){ .has = true, .number = field->values[0].number };
	case PRAC_BOOL:
		return (struct prac_value){ .has = true, .number = 1 };
	case PRAC_DATE:
		return (struct prac_value){ .has = true, .number = facts->judgement.today };
	case PRAC_INT:
	case PRAC_TIME:
	case PRAC_MINUTES:
	case PRAC_CENTS:
	case PRAC_INSTANT:
		break;
	}
	return (struct prac_value){ .has = true, .number = field->min > 1 ? field->min : 1 };
}

static struct prac_record *whole_record(struct facts *facts, const struct prac_type *type)
{
	struct prac_record *record = facts_make(facts, type, 0x77, NULL);

	for (size_t i = 0; i < type->n_fields; i++) {
		if ((int)i != type->state_field) {
			record->values[i] = some_value(facts, &type->fields[i]);
		}
	}
	return record;
}

static struct prac_value *whole_args(struct facts *facts, const struct prac_action *action)
{
	struct prac_value *args;

	if (action->args == NULL) {
		return NULL;
	}
	args = prac_arena_alloc(&facts->arena, action->args->n_fields * sizeof(*args));
	for (size_t i = 0; i < action->args->n_fields; i++) {
		args[i] = some_value(facts, &action->args->fields[i]);
	}
	return args;
}

static enum prac_reason move(struct facts *facts, const struct prac_type *type,
	const struct prac_action *action, int32_t from, struct prac_record **record_out)
{
	struct prac_record *record = whole_record(facts, type);

	record->values[type->state_field].number = from;
	facts->judgement.district = true;
	facts->judgement.n_effects = 0;
	*record_out = record;
	return prac_change_act(&facts->judgement, action, whole_args(facts, action), record);
}

/* Guards and rules may ask for more than one lonely record has: told apart from a wrong state. */
static void try_from(struct facts *facts, const struct prac_type *type,
	const struct prac_action *action, const struct prac_enum_value *state)
{
	struct prac_record *record;
	int32_t from = state->number;
	enum prac_reason reason = move(facts, type, action, from, &record);

	bool is_wrong_state = reason == PRAC_REASON_WRONG_STATE;
	bool has_words = facts->judgement.problem.text[0] != '\0';

	if (is_wrong_state == moves_table_is_legal(type, action, state->name)) {
		fail_msg("%s %s from %s: %s", type->name, action->name, state->name,
			prac_reason_name(reason));
	}
	if (is_wrong_state) {
		assert_non_null(strstr(facts->judgement.problem.text, action->label));
	} else if (reason == PRAC_REASON_NONE) {
		assert_int_equal(record->values[type->state_field].number,
			action->to >= 0 ? action->to : from);
	} else {
		assert_true(has_words);
		assert_true(action->n_guards > 0 || prac_rules_find(type) != NULL);
	}
}

/* From every state there is; how many. */
static size_t try_move(
	struct facts *facts, const struct prac_type *type, const struct prac_action *action)
{
	const struct prac_field *field = &type->fields[type->state_field];

	for (size_t v = 0; v < field->n_values; v++) {
		try_from(facts, type, action, &field->values[v]);
	}
	prac_arena_reset(&facts->arena);
	return field->n_values;
}

static void every_move_starts_from_its_states_only(void **state)
{
	struct facts *facts = *state;
	size_t n = 0;

	for (size_t t = 0; t < prac_n_types; t++) {
		for (size_t a = 0; a < prac_types[t]->n_actions; a++) {
			n += try_move(facts, prac_types[t], &prac_types[t]->actions[a]);
		}
	}
	assert_true(n > 1000);
}

/* "draft approved retired" */
static void assert_states(const struct prac_type *type)
{
	const struct prac_field *field = &type->fields[type->state_field];
	const char *states = moves_table_states(type);
	struct prac_buf words = { 0 };

	for (size_t v = 0; v < field->n_values; v++) {
		prac_buf_printf(&words, "%s%s", v > 0 ? " " : "", field->values[v].name);
	}
	prac_buf_append_byte(&words, '\0');
	if (states == NULL || strcmp(states, (const char *)prac_buf_bytes(&words).data) != 0) {
		fail_msg("%s has the states %s, in moves.txt %s", type->name,
			(const char *)prac_buf_bytes(&words).data,
			states == NULL ? "none" : states);
	}
	prac_buf_deinit(&words);
	assert_int_equal(prac_type_first_state(type), field->values[0].number);
}

static void assert_to(const struct prac_type *type, const struct prac_action *action)
{
	const struct prac_field *field = &type->fields[type->state_field];
	const char *written = moves_table_to(type, action);
	const char *to = action->to < 0 ? "=" : prac_enum_find(field, action->to)->name;

	if (written == NULL || strcmp(written, to) != 0) {
		fail_msg("%s %s leads to %s, in moves.txt to %s", type->name, action->name, to,
			written == NULL ? "nothing" : written);
	}
}

static void the_catalog_has_the_states_and_moves_of_the_table(void **state)
{
	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		if (prac_types[t]->state_field >= 0) {
			assert_states(prac_types[t]);
		}
		for (size_t a = 0; a < prac_types[t]->n_actions; a++) {
			assert_to(prac_types[t], &prac_types[t]->actions[a]);
		}
	}
	if (moves_table_unused() != NULL) {
		fail_msg("moves.txt: there is no %s", moves_table_unused());
	}
}

static void assert_only_the_district(
	struct facts *facts, const struct prac_type *type, const struct prac_action *action)
{
	struct prac_record *record = whole_record(facts, type);

	facts->judgement.district = false;
	if (action->district) {
		assert_int_equal(prac_change_act(&facts->judgement, action, NULL, record),
			PRAC_REASON_NOT_ALLOWED);
	}
	prac_arena_reset(&facts->arena);
}

static void moves_of_the_district_are_refused_to_a_school(void **state)
{
	for (size_t t = 0; t < prac_n_types; t++) {
		for (size_t a = 0; a < prac_types[t]->n_actions; a++) {
			assert_only_the_district(*state, prac_types[t], &prac_types[t]->actions[a]);
		}
	}
}

/* A state that nothing leads to or that never ends by an action would be a hole in the table. */
static uint64_t reached_states(const struct prac_type *type)
{
	uint64_t reached = UINT64_C(1) << prac_type_first_state(type);

	for (size_t a = 0; a < type->n_actions; a++) {
		reached |= type->actions[a].to < 0 ? 0 : UINT64_C(1) << type->actions[a].to;
	}
	if (type == &prac_type_time_sheet) {
		/* Submitting decides between two states (unit.rules_labor). */
		reached |= UINT64_C(1) << PRAC_TIME_SHEET_STATE_FLAGGED;
	}
	return reached;
}

/* How many states no move leads to. */
static size_t count_unreached(const struct prac_type *type)
{
	const struct prac_field *field = &type->fields[type->state_field];
	uint64_t reached = reached_states(type);
	size_t n = 0;

	for (size_t v = 0; v < field->n_values; v++) {
		if ((reached >> field->values[v].number & 1) == 0) {
			print_error("%s: nothing leads to %s\n", type->name, field->values[v].name);
			n++;
		}
	}
	return n;
}

static void every_state_but_the_first_is_reached_by_a_move(void **state)
{
	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		if (prac_types[t]->n_actions > 0) {
			assert_int_equal(count_unreached(prac_types[t]), 0);
		}
	}
}

static bool ends_a_sentence(const char *text)
{
	size_t len = strlen(text);

	return len > 1 && strchr(".?!", text[len - 1]) != NULL;
}

static void assert_words(const struct prac_type *type, const char *name, const char *help)
{
	if (!ends_a_sentence(help)) {
		fail_msg("%s %s: %s", type->name, name, help);
	}
}

static void assert_action_words(const struct prac_type *type, const struct prac_action *action)
{
	assert_words(type, action->name, action->help);
	for (size_t i = 0; action->args != NULL && i < action->args->n_fields; i++) {
		const struct prac_field *argument = &action->args->fields[i];

		assert_words(type, argument->name, prac_argument_words(type, argument));
	}
}

static void every_type_field_move_argument_guard_and_computed_state_has_words(void **state)
{
	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		const struct prac_type *type = prac_types[t];

		assert_words(type, "", type->help);
		for (size_t f = 0; f < type->n_fields; f++) {
			assert_words(type, type->fields[f].name,
				prac_field_words(type, &type->fields[f]));
		}
		for (size_t a = 0; a < type->n_actions; a++) {
			assert_action_words(type, &type->actions[a]);
		}
		for (size_t g = 0; g < type->n_guards; g++) {
			assert_words(type, type->guards[g].name, type->guards[g].help);
		}
		for (size_t c = 0; c < type->n_computed; c++) {
			assert_words(type, type->computed[c].name, type->computed[c].help);
		}
	}
}

/* A move gives its reason where it takes something away for good. */
static bool wants_reason(const struct prac_action *action)
{
	static const char *const names[] = { "reject", "revoke", "terminate", "suspend",
		"decline" };
	bool is_named = false;

	for (size_t i = 0; i < PRAC_NELEM(names); i++) {
		is_named = is_named || strcmp(action->name, names[i]) == 0;
	}
	return is_named;
}

static void assert_reason(const struct prac_type *type, const struct prac_action *action)
{
	if (wants_reason(action) &&
		(action->args == NULL || prac_field_find_name(action->args, "reason") == NULL)) {
		fail_msg("%s %s takes no reason", type->name, action->name);
	}
}

static void a_refusal_or_an_end_before_its_time_takes_a_reason(void **state)
{
	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		for (size_t a = 0; a < prac_types[t]->n_actions; a++) {
			assert_reason(prac_types[t], &prac_types[t]->actions[a]);
		}
	}
}

static int begin(void **state)
{
	(void)state;
	moves_table_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	moves_table_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalog_has_the_states_and_moves_of_the_table),
		cmocka_unit_test_setup_teardown(
			every_move_starts_from_its_states_only, facts_start, facts_stop),
		cmocka_unit_test_setup_teardown(
			moves_of_the_district_are_refused_to_a_school, facts_start, facts_stop),
		cmocka_unit_test(every_state_but_the_first_is_reached_by_a_move),
		cmocka_unit_test(every_type_field_move_argument_guard_and_computed_state_has_words),
		cmocka_unit_test(a_refusal_or_an_end_before_its_time_takes_a_reason),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
