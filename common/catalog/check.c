#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/date.h"
#include "common/catalog/record.h"

enum {
	DATE_MIN = -25567, /* 1900-01-01 */
	DATE_MAX = 84005,  /* 2199-12-31 */
	LIST_MAX = 500     /* items */
};

static const int64_t instant_max = (DATE_MAX + INT64_C(1)) * 86400000 - 1;

void prac_problem_set(
	struct prac_problem *problem, const struct prac_field *field, const char *fmt, ...)
{
	va_list args;

	problem->field = field;
	va_start(args, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line above */
	(void)vsnprintf(problem->text, sizeof(problem->text), fmt, args);
	va_end(args);

	/* The words travel as text: a character cut in two, or bytes that are none, end them. */
	size_t len = strlen(problem->text);

	while (!prac_utf8_ok((struct prac_bytes){ (const uint8_t *)problem->text, len })) {
		len--;
	}
	problem->text[len] = '\0';
}

static bool is_readable(struct prac_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];

		if (byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t')) {
			return false;
		}
	}
	return prac_utf8_ok(text);
}

static bool check_length(
	const struct prac_field *field, struct prac_bytes bytes, struct prac_problem *problem)
{
	if (field->min != INT64_MIN && bytes.len < (uint64_t)field->min) {
		prac_problem_set(problem, field, "%s: must have at least %" PRId64 " bytes",
			field->label, field->min);
		return false;
	}
	if (field->max != INT64_MAX && bytes.len > (uint64_t)field->max) {
		prac_problem_set(problem, field, "%s: must have at most %" PRId64 " bytes",
			field->label, field->max);
		return false;
	}
	return true;
}

static bool check_text(
	const struct prac_field *field, struct prac_bytes text, struct prac_problem *problem)
{
	if (text.len == 0) {
		prac_problem_set(problem, field, "%s: must not be empty", field->label);
		return false;
	}
	if (!is_readable(text)) {
		prac_problem_set(problem, field,
			"%s: must be text in UTF-8 without control characters", field->label);
		return false;
	}
	return check_length(field, text, problem);
}

static bool check_list(
	const struct prac_field *field, struct prac_bytes list, struct prac_problem *problem)
{
	struct prac_bytes item;
	size_t n_items = 0;

	while (prac_list_next(&list, &item)) {
		if (!check_text(field, item, problem)) {
			return false;
		}
		n_items++;
	}
	if (n_items > LIST_MAX) {
		prac_problem_set(
			problem, field, "%s: must have at most %d items", field->label, LIST_MAX);
		return false;
	}
	return true;
}

static bool check_range(const struct prac_field *field, int64_t number, int64_t min, int64_t max,
	struct prac_problem *problem)
{
	if (number < min) {
		prac_problem_set(
			problem, field, "%s: must be at least %" PRId64, field->label, min);
	} else if (number > max) {
		prac_problem_set(problem, field, "%s: must be at most %" PRId64, field->label, max);
	}
	return number >= min && number <= max;
}

static bool check_enum(const struct prac_field *field, int64_t number, struct prac_problem *problem)
{
	if (prac_enum_find(field, number) == NULL) {
		prac_problem_set(problem, field,
			"%s: the value %" PRId64 " is not known here; update the program",
			field->label, number);
		return false;
	}
	return true;
}

static bool check_reference(
	const struct prac_field *field, struct prac_bytes bytes, struct prac_problem *problem)
{
	if (bytes.len != PRAC_ID_LEN) {
		prac_problem_set(problem, field, "%s: must be an id of 16 bytes", field->label);
		return false;
	}
	return true;
}

static bool check_present(const struct prac_field *field, const struct prac_value *value,
	struct prac_problem *problem)
{
	switch (field->kind) {
	case PRAC_TEXT:
		return check_text(field, value->bytes, problem);
	case PRAC_TEXT_LIST:
		return check_list(field, value->bytes, problem);
	case PRAC_BLOB:
		return check_length(field, value->bytes, problem);
	case PRAC_REF:
		return check_reference(field, value->bytes, problem);
	case PRAC_ENUM:
		return check_enum(field, value->number, problem);
	case PRAC_DATE:
		if (value->number < DATE_MIN || value->number > DATE_MAX) {
			prac_problem_set(problem, field, "%s: must be in the years 1900 to 2199",
				field->label);
			return false;
		}
		return true;
	case PRAC_TIME:
		return check_range(field, value->number, 0, 24 * 60 - 1, problem);
	case PRAC_INSTANT:
		return check_range(field, value->number, 0, instant_max, problem);
	case PRAC_INT:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		return check_range(field, value->number, field->min, field->max, problem);
	case PRAC_BOOL:
		return true;
	}
	return true;
}

enum prac_status prac_value_check(const struct prac_field *field, const struct prac_value *value,
	struct prac_problem *problem_out)
{
	if (value->has) {
		return check_present(field, value, problem_out) ? PRAC_OK : PRAC_INVALID_ARGUMENT;
	}
	if ((field->flags & PRAC_REQUIRED) != 0) {
		prac_problem_set(problem_out, field, "%s: must not be left out", field->label);
		return PRAC_INVALID_ARGUMENT;
	}
	return PRAC_OK;
}

enum prac_status prac_values_check(const struct prac_type *type, const struct prac_value *values,
	struct prac_problem *problem_out)
{
	*problem_out = (struct prac_problem){ 0 };
	for (size_t i = 0; i < type->n_fields; i++) {
		if (prac_value_check(&type->fields[i], &values[i], problem_out) != PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
	}
	return PRAC_OK;
}

bool prac_record_owner(const struct prac_record *record, struct prac_id *owner_out)
{
	const struct prac_value *school;

	switch (record->type->owner) {
	case PRAC_OWNER_REFERENCE:
		*owner_out = prac_scope_reference;
		return true;
	case PRAC_OWNER_DISTRICT:
		*owner_out = prac_scope_district;
		return true;
	case PRAC_OWNER_BY_FIELD:
		school = &record->values[record->type->owner_field];
		return school->has && prac_id_from_bytes(school->bytes, owner_out) == PRAC_OK;
	case PRAC_OWNER_TARGET:
	case PRAC_OWNER_ASSIGNED:
		break;
	}
	return false;
}
