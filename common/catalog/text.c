#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"
#include "common/catalog/record.h"

enum {
	DAY_MS = 86400000,
	MINUTE_MS = 60000,
	CHOICES_SAID = 16, /* values that a refusal names */
	NUMBER_TEXT = 24   /* the longest int64 and its NUL */
};

static bool parse_int(const char *text, int64_t *number_out)
{
	char *end = NULL;

	if (!isdigit((unsigned char)text[0]) && text[0] != '-') {
		return false;
	}
	errno = 0;
	*number_out = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

/* 12, 12.5 and 12.50 are 1200, 1250 and 1250 cents. */
static bool parse_cents(const char *text, int64_t *number_out)
{
	const char *dot = strchr(text, '.');
	char digits[NUMBER_TEXT];
	size_t n_places = dot == NULL ? 0 : strlen(dot + 1);
	int64_t sign = text[0] == '-' ? -1 : 1;
	int64_t whole;
	int64_t part = 0;
	size_t len = dot == NULL ? strlen(text) : (size_t)(dot - text);

	if (len >= sizeof(digits) || n_places > 2 || (dot != NULL && n_places == 0)) {
		return false;
	}
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!parse_int(digits, &whole) || whole > INT64_MAX / 1000 || whole < INT64_MIN / 1000) {
		return false;
	}
	if (dot != NULL && (!isdigit((unsigned char)dot[1]) || !parse_int(dot + 1, &part))) {
		return false;
	}
	*number_out = whole * 100 + sign * (n_places == 1 ? part * 10 : part);
	return true;
}

/* The n digits at text as a number; -1 when one of them is none. */
static int take_digits(const char *text, size_t n)
{
	int number = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return -1;
		}
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* YYYY-MM-DDTHH:MMZ, with :SS or :SS.mmm before the Z if wanted. Instants are in UTC. */
static bool parse_instant(const char *text, int64_t *number_out)
{
	size_t len = strlen(text);
	char date[PRAC_DATE_TEXT];
	char time[PRAC_TIME_TEXT];
	int32_t day;
	int32_t minutes;

	if ((len != 17 && len != 20 && len != 24) || text[10] != 'T' || text[len - 1] != 'Z' ||
		(len > 17 && text[16] != ':') || (len > 20 && text[19] != '.')) {
		return false;
	}
	memcpy(date, text, 10);
	date[10] = '\0';
	memcpy(time, text + 11, 5);
	time[5] = '\0';
	int seconds = len > 17 ? take_digits(text + 17, 2) : 0;
	int ms = len > 20 ? take_digits(text + 20, 3) : 0;
	if (seconds < 0 || seconds > 59 || ms < 0 || prac_date_parse(date, &day) != PRAC_OK ||
		prac_time_parse(time, &minutes) != PRAC_OK) {
		return false;
	}
	*number_out =
		(int64_t)day * DAY_MS + (int64_t)minutes * MINUTE_MS + seconds * INT64_C(1000) + ms;
	return true;
}

static bool parse_bool(const char *text, int64_t *number_out)
{
	bool is_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

	*number_out = is_yes;
	return is_yes || strcmp(text, "no") == 0 || strcmp(text, "false") == 0;
}

/* With a minus only where the field goes below zero. */
static bool parse_duration(const struct prac_field *field, const char *text, int32_t *minutes_out)
{
	bool is_less = *text == '-' && field->min < 0 && field->min != INT64_MIN;
	bool is_good = prac_duration_parse(text + (is_less ? 1 : 0), minutes_out) == PRAC_OK;

	if (is_good && is_less) {
		*minutes_out = -*minutes_out;
	}
	return is_good;
}

static bool parse_number(const struct prac_field *field, const char *text, int64_t *number_out)
{
	int32_t small = 0;
	bool is_good = false;
	const struct prac_enum_value *value;

	switch (field->kind) {
	case PRAC_BOOL:
		return parse_bool(text, number_out);
	case PRAC_CENTS:
		return parse_cents(text, number_out);
	case PRAC_INSTANT:
		return parse_instant(text, number_out);
	case PRAC_DATE:
		is_good = prac_date_parse(text, &small) == PRAC_OK;
		break;
	case PRAC_TIME:
		is_good = prac_time_parse(text, &small) == PRAC_OK;
		break;
	case PRAC_MINUTES:
		is_good = parse_duration(field, text, &small);
		break;
	case PRAC_ENUM:
		value = prac_enum_find_name(field, text);
		is_good = value != NULL;
		small = is_good ? value->number : 0;
		break;
	case PRAC_INT:
	case PRAC_TEXT:
	case PRAC_TEXT_LIST:
	case PRAC_REF:
	case PRAC_BLOB:
		return parse_int(text, number_out);
	}
	*number_out = small;
	return is_good;
}

/* Items end at a semicolon; a backslash takes the next character as it is. */
static struct prac_value parse_list(
	const struct prac_field *field, const char *text, struct prac_arena *arena)
{
	size_t len = strlen(text);
	struct prac_bytes *items = prac_arena_alloc(arena, (len + 1) * sizeof(*items));
	uint8_t *room = prac_arena_alloc(arena, len + 1);
	size_t n_items = 0;

	for (const char *p = text; *p != '\0';) {
		uint8_t *start = room;

		p += strspn(p, " ");
		while (*p != '\0' && *p != ';') {
			p += *p == '\\' && p[1] != '\0';
			*room++ = (uint8_t)*p++;
		}
		while (room > start && room[-1] == ' ') {
			room--;
		}
		if (room > start) {
			items[n_items++] = (struct prac_bytes){ start, (size_t)(room - start) };
		}
		p += *p == ';';
	}
	return prac_list_value(arena, field, items, n_items);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));

	return found == NULL ? -1 : (int)(found - digits);
}

static bool parse_blob(const char *text, struct prac_arena *arena, struct prac_bytes *bytes_out)
{
	size_t len = strlen(text);
	uint8_t *bytes = prac_arena_alloc(arena, len / 2 + 1);

	for (size_t i = 0; i + 1 < len; i += 2) {
		int high = hex_digit(text[i]);
		int low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	*bytes_out = (struct prac_bytes){ bytes, len / 2 };
	return len % 2 == 0;
}

static bool parse_reference(
	const char *text, struct prac_arena *arena, struct prac_bytes *bytes_out)
{
	struct prac_id id;

	if (prac_id_parse(text, &id) != PRAC_OK) {
		return false;
	}
	*bytes_out = prac_arena_copy(arena, prac_id_bytes(&id));
	return true;
}

static const char *wanted(enum prac_kind kind)
{
	switch (kind) {
	case PRAC_INT:
		return "a whole number";
	case PRAC_BOOL:
		return "yes or no";
	case PRAC_DATE:
		return "a date such as 2026-08-11";
	case PRAC_TIME:
		return "a time of day such as 16:00";
	case PRAC_MINUTES:
		return "a duration such as 2h30m";
	case PRAC_CENTS:
		return "an amount such as 12.50";
	case PRAC_INSTANT:
		return "a time such as 2026-08-11T16:00:00Z";
	case PRAC_ENUM:
		return "one of the values that `practicum describe` lists";
	case PRAC_REF:
		return "an id";
	case PRAC_BLOB:
		return "pairs of hexadecimal digits";
	case PRAC_TEXT:
	case PRAC_TEXT_LIST:
		break;
	}
	return "a text";
}

/* "unexcused, excused, late or activity"; of more values than a sentence holds: where they stand. */
static void refuse_choice(
	const struct prac_field *field, const char *text, struct prac_problem *problem_out)
{
	struct prac_buf buf = { 0 };

	for (size_t i = 0; i < field->n_values; i++) {
		prac_buf_printf(&buf, "%s%s",
			i == 0                     ? ""
			: i + 1 == field->n_values ? " or "
						   : ", ",
			field->values[i].name);
	}
	if (field->n_values <= CHOICES_SAID) {
		prac_problem_set(problem_out, field, "%s: \"%s\" is not %.*s", field->label, text,
			(int)prac_buf_len(&buf), (const char *)prac_buf_bytes(&buf).data);
	} else {
		prac_problem_set(problem_out, field, "%s: \"%s\" is not %s", field->label, text,
			wanted(PRAC_ENUM));
	}
	prac_buf_deinit(&buf);
}

enum prac_status prac_value_parse(const struct prac_field *field, const char *text,
	struct prac_arena *arena, struct prac_value *value_out, struct prac_problem *problem_out)
{
	bool is_good = true;

	*problem_out = (struct prac_problem){ 0 };
	*value_out = (struct prac_value){ .has = true };
	if (*text == '\0') {
		*value_out = (struct prac_value){ 0 };
	} else if (field->kind == PRAC_TEXT) {
		value_out->bytes = prac_arena_copy(arena, prac_bytes_text(text));
	} else if (field->kind == PRAC_TEXT_LIST) {
		*value_out = parse_list(field, text, arena);
	} else if (field->kind == PRAC_REF) {
		is_good = parse_reference(text, arena, &value_out->bytes);
	} else if (field->kind == PRAC_BLOB) {
		is_good = parse_blob(text, arena, &value_out->bytes);
	} else {
		is_good = parse_number(field, text, &value_out->number);
	}
	if (!is_good && field->kind == PRAC_ENUM) {
		refuse_choice(field, text, problem_out);
	} else if (!is_good) {
		prac_problem_set(problem_out, field, "%s: \"%s\" is not %s", field->label, text,
			wanted(field->kind));
	}
	return is_good ? PRAC_OK : PRAC_INVALID_ARGUMENT;
}

static void format_cents(int64_t cents, struct prac_buf *buf)
{
	uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;

	prac_buf_printf(buf, "%s%" PRIu64 ".%02u", cents < 0 ? "-" : "", size / 100,
		(unsigned)(size % 100));
}

static void format_duration(int64_t minutes, struct prac_buf *buf)
{
	int64_t hours = minutes / 60;
	int64_t rest = minutes % 60;

	if (hours != 0) {
		prac_buf_printf(buf, "%" PRId64 "h", hours);
	}
	if (hours == 0 || rest != 0) {
		prac_buf_printf(buf, "%" PRId64 "m", hours != 0 && rest < 0 ? -rest : rest);
	}
}

static void format_instant(int64_t instant, struct prac_buf *buf)
{
	int64_t day = instant / DAY_MS - (instant % DAY_MS < 0);
	int64_t ms = instant - day * DAY_MS;
	char date[PRAC_DATE_TEXT];
	char time[PRAC_TIME_TEXT];

	prac_date_format((int32_t)day, date);
	prac_time_format((int32_t)(ms / MINUTE_MS), time);
	ms %= MINUTE_MS;
	prac_buf_printf(buf, "%sT%s:%02d", date, time, (int)(ms / 1000));
	if (ms % 1000 != 0) {
		prac_buf_printf(buf, ".%03d", (int)(ms % 1000));
	}
	prac_buf_append_byte(buf, 'Z');
}

static void format_number(const struct prac_field *field, int64_t number, struct prac_buf *buf)
{
	const struct prac_enum_value *value = prac_enum_find(field, number);

	if (field->kind == PRAC_BOOL) {
		prac_buf_append_text(buf, number != 0 ? "yes" : "no");
	} else if (field->kind == PRAC_DATE) {
		char date[PRAC_DATE_TEXT];

		prac_date_format((int32_t)number, date);
		prac_buf_append_text(buf, date);
	} else if (field->kind == PRAC_TIME) {
		char time[PRAC_TIME_TEXT];

		prac_time_format((int32_t)number, time);
		prac_buf_append_text(buf, time);
	} else if (field->kind == PRAC_MINUTES) {
		format_duration(number, buf);
	} else if (field->kind == PRAC_CENTS) {
		format_cents(number, buf);
	} else if (field->kind == PRAC_INSTANT) {
		format_instant(number, buf);
	} else if (value != NULL) {
		prac_buf_append_text(buf, value->name);
	} else {
		prac_buf_printf(buf, "%" PRId64, number);
	}
}

static void format_item(struct prac_bytes item, struct prac_buf *buf)
{
	for (size_t i = 0; i < item.len; i++) {
		if (item.data[i] == ';' || item.data[i] == '\\') {
			prac_buf_append_byte(buf, '\\');
		}
		prac_buf_append_byte(buf, item.data[i]);
	}
}

static void format_list(struct prac_bytes list, struct prac_buf *buf)
{
	struct prac_bytes item;

	for (bool is_first = true; prac_list_next(&list, &item); is_first = false) {
		if (!is_first) {
			prac_buf_append_byte(buf, ';');
		}
		format_item(item, buf);
	}
}

static void format_blob(struct prac_bytes bytes, struct prac_buf *buf)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		prac_buf_append_byte(buf, (uint8_t)digits[bytes.data[i] >> 4]);
		prac_buf_append_byte(buf, (uint8_t)digits[bytes.data[i] & 15]);
	}
}

void prac_value_format(
	const struct prac_field *field, const struct prac_value *value, struct prac_buf *buf)
{
	struct prac_id id;

	if (!value->has) {
		return;
	}
	if (field->kind == PRAC_TEXT) {
		prac_buf_append(buf, value->bytes.data, value->bytes.len);
	} else if (field->kind == PRAC_TEXT_LIST) {
		format_list(value->bytes, buf);
	} else if (field->kind == PRAC_REF && prac_id_from_bytes(value->bytes, &id) == PRAC_OK) {
		char text[PRAC_ID_TEXT];

		prac_id_format(&id, text);
		prac_buf_append_text(buf, text);
	} else if (field->kind == PRAC_REF || field->kind == PRAC_BLOB) {
		format_blob(value->bytes, buf);
	} else {
		format_number(field, value->number, buf);
	}
}

const char *prac_record_title(const struct prac_record *record, struct prac_arena *arena)
{
	const struct prac_type *type = record->type;
	struct prac_buf buf = { 0 };

	for (size_t i = 0; i < type->n_title; i++) {
		const struct prac_field *field = &type->fields[type->title[i]];
		const struct prac_value *value = &record->values[field->index];

		if (!value->has) {
			continue;
		}
		if (prac_buf_len(&buf) > 0) {
			prac_buf_append_byte(&buf, ' ');
		}
		if (field->kind == PRAC_REF) {
			size_t len = value->bytes.len < 4 ? value->bytes.len : 4;

			format_blob((struct prac_bytes){ value->bytes.data, len }, &buf);
		} else {
			prac_value_format(field, value, &buf);
		}
	}
	const char *title = prac_arena_text(arena, prac_buf_bytes(&buf));

	prac_buf_deinit(&buf);
	return title;
}
