#include "client/roster/cell.h"

#include <string.h>

#include "common/base/date.h"

enum {
	GUID_MAX = 255,
	QUOTED_MAX = 60,
	DATE_TIME_LEN = 24
};

const char *roster_quoted(struct prac_arena *scratch, struct prac_bytes text)
{
	size_t len = text.len;

	if (len > QUOTED_MAX) {
		len = QUOTED_MAX;
		while (len > 0 && (text.data[len] & 0xc0) == 0x80) {
			len--;
		}
	}
	return prac_arena_printf(scratch, "\"%.*s%s\"", (int)len,
		len > 0 ? (const char *)text.data : "", len < text.len ? "..." : "");
}

const char *roster_list_next(struct prac_arena *scratch, const char **rest, bool *is_spaced_out)
{
	const char *from = *rest;

	if (from == NULL) {
		return NULL;
	}
	const char *comma = strchr(from, ',');
	const char *to = comma != NULL ? comma : from + strlen(from);
	*rest = comma != NULL ? comma + 1 : NULL;
	while (from < to && *from == ' ') {
		from++;
		*is_spaced_out = true;
	}
	while (to > from && to[-1] == ' ') {
		to--;
		*is_spaced_out = true;
	}
	return prac_arena_text(
		scratch, (struct prac_bytes){ (const uint8_t *)from, (size_t)(to - from) });
}

static bool is_guid(struct prac_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];

		if (!g_ascii_isalnum(byte) && strchr("./@_-", byte) == NULL) {
			return false;
		}
	}
	return text.len >= 1 && text.len <= GUID_MAX;
}

static bool is_date_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";

	for (size_t i = 0; i < DATE_TIME_LEN; i++) {
		if (shape[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i]) {
			return false;
		}
	}
	return text[DATE_TIME_LEN] == '\0';
}

static const char *text_of(const struct roster_cell *cell)
{
	return (const char *)cell->text.data;
}

/* False after a flaw. */
static bool read_guid(
	struct roster_load *load, const struct roster_place *place, struct prac_bytes text)
{
	if (is_guid(text)) {
		return true;
	}
	roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_GUID,
		"%s: want 1 to 255 of letters, digits and . / @ _ -",
		roster_quoted(&load->scratch, text));
	return false;
}

static void read_status(
	struct roster_load *load, const struct roster_place *place, struct roster_cell *cell)
{
	const char *word = text_of(cell);

	if (g_ascii_strcasecmp(word, "tobedeleted") == 0 ||
		g_ascii_strcasecmp(word, "inactive") == 0) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_ROW_GONE,
			"%s has no place in a bulk file: the row is left out",
			roster_quoted(&load->scratch, cell->text));
		cell->number = 1;
	} else if (g_ascii_strcasecmp(word, "active") == 0) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_STATUS_IN_BULK,
			"must be empty in a bulk file");
	} else {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_WORD,
			"%s is not a status; in a bulk file it must be empty",
			roster_quoted(&load->scratch, cell->text));
	}
}

static void read_date_time(
	struct roster_load *load, const struct roster_place *place, const struct roster_cell *cell)
{
	if (is_date_time(text_of(cell))) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_STATUS_IN_BULK,
			"must be empty in a bulk file");
	} else {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_DATE_TIME,
			"%s: must be empty in a bulk file, and elsewhere YYYY-MM-DDTHH:MM:SS.sssZ",
			roster_quoted(&load->scratch, cell->text));
	}
}

static void read_date(
	struct roster_load *load, const struct roster_place *place, struct roster_cell *cell)
{
	if (prac_date_parse(text_of(cell), &cell->number) != PRAC_OK) {
		cell->number = ROSTER_NO_DATE;
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_DATE,
			"%s: want a day that exists, as YYYY-MM-DD",
			roster_quoted(&load->scratch, cell->text));
	}
}

static void read_year(
	struct roster_load *load, const struct roster_place *place, struct roster_cell *cell)
{
	const char *text = text_of(cell);
	int32_t year = 0;

	for (size_t i = 0; i < cell->text.len && i < 5; i++) {
		year = g_ascii_isdigit(text[i]) ? year * 10 + (text[i] - '0') : INT16_MAX;
	}
	if (cell->text.len != 4 || year > 9999) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_NUMBER,
			"%s: want the year in which the school year ends, as YYYY",
			roster_quoted(&load->scratch, cell->text));
		return;
	}
	cell->number = year;
}

static int32_t find_word(
	const struct roster_words *words, const char *text, uint32_t mask, bool ignores_case)
{
	for (uint32_t i = 1; i < words->n; i++) {
		bool is_known = (mask >> i & 1U) != 0;
		int order = ignores_case ? g_ascii_strcasecmp(words->words[i], text)
					 : strcmp(words->words[i], text);
		if (is_known && order == 0) {
			return (int32_t)i;
		}
	}
	return -1;
}

static int32_t read_word(struct roster_load *load, const struct roster_place *place,
	const struct roster_words *words, const char *text)
{
	bool is_1_2 = load->roster->version == ROSTER_1_2;
	uint32_t mask = is_1_2 ? words->in_1_2 : words->in_1_1;
	int32_t word = find_word(words, text, mask, false);

	if (word >= 0) {
		return word;
	}
	if (words->is_open && is_1_2 && g_str_has_prefix(text, "ext:")) {
		return 0;
	}
	const char *quoted = roster_quoted(&load->scratch, prac_bytes_text(text));
	word = find_word(words, text, mask, true);
	if (word >= 0) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_LETTER_CASE,
			"%s must be written %s", quoted, words->words[word]);
		return word;
	}
	roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_WORD,
		"%s is not one of the words allowed here", quoted);
	return -1;
}

/* One digit where the standard wants two, "9" for "09". */
static bool is_bare_digit(const char *text)
{
	return g_ascii_isdigit(text[0]) && text[1] == '\0' && text[0] != '0';
}

static void read_grades(
	struct roster_load *load, const struct roster_place *place, struct roster_cell *cell)
{
	const char *rest = text_of(cell);
	bool is_spaced = false;

	for (const char *item = roster_list_next(&load->scratch, &rest, &is_spaced); item != NULL;
		item = roster_list_next(&load->scratch, &rest, &is_spaced)) {
		const char *grade = item;

		if (is_bare_digit(item)) {
			grade = prac_arena_printf(&load->scratch, "0%s", item);
			roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_GRADE,
				"\"%s\" must be written %s", item, grade);
		}
		int32_t word = read_word(load, place, &roster_grades, grade);
		cell->number = cell->number < 0 ? word : cell->number;
	}
	if (is_spaced) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_LIST_SPACE,
			"a list has commas without spaces");
	}
}

/* {type:id} items with commas between; ids may hold anything but braces. */
static bool is_user_ids(const char *text)
{
	while (*text == '{') {
		const char *colon = strchr(text, ':');
		const char *end = strpbrk(text + 1, "{}");

		if (colon == NULL || end == NULL || *end != '}' || colon == text + 1 ||
			colon + 1 >= end) {
			return false;
		}
		if (end[1] == '\0') {
			return true;
		}
		if (end[1] != ',') {
			return false;
		}
		text = end + 2;
	}
	return false;
}

static void read_user_ids(
	struct roster_load *load, const struct roster_place *place, const struct roster_cell *cell)
{
	if (!is_user_ids(text_of(cell))) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_USER_IDS,
			"%s: want {type:id}, several with commas between",
			roster_quoted(&load->scratch, cell->text));
	}
}

static void check_school(struct roster_load *load, const struct roster_place *place, uint32_t row)
{
	const struct roster_org *org = &load->roster->orgs[row];

	if (org->type == ROSTER_ORG_DEPARTMENT) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_SCHOOL_TYPE,
			"\"%s\" is an org of type department: want one of type school",
			org->sourced_id);
	} else if (org->type != ROSTER_ORG_SCHOOL) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_REFERENCE_TYPE,
			"\"%s\" is not an org of type school", org->sourced_id);
	}
}

static void check_year(struct roster_load *load, const struct roster_place *place, uint32_t row)
{
	const struct roster_session *session = &load->roster->sessions[row];

	if (session->type != ROSTER_SESSION_SCHOOL_YEAR) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_REFERENCE_TYPE,
			"\"%s\" is not a session of type schoolYear", session->sourced_id);
	}
}

static uint32_t read_ref(struct roster_load *load, const struct roster_place *place,
	const struct roster_column *column, const char *text)
{
	uint32_t row = ROSTER_NONE;
	enum roster_found found = roster_lookup(load, column->target, text, &row);

	if (found == ROSTER_UNKNOWN) {
		if (read_guid(load, place, prac_bytes_text(text))) {
			roster_flaw_add(&load->roster->flaws, place,
				(column->flags & ROSTER_MAY_DANGLE) != 0
					? ROSTER_FLAW_REFERENCE_DANGLING
					: ROSTER_FLAW_REFERENCE,
				"%s: %s has no row with this sourcedId",
				roster_quoted(&load->scratch, prac_bytes_text(text)),
				roster_layout_find(column->target, ROSTER_1_2)->file_name);
		}
	} else if (found == ROSTER_FOUND && (column->flags & ROSTER_IS_SCHOOL) != 0) {
		check_school(load, place, row);
	} else if (found == ROSTER_FOUND && (column->flags & ROSTER_IS_YEAR) != 0) {
		check_year(load, place, row);
	}
	return row;
}

static void read_refs(struct roster_load *load, const struct roster_place *place,
	const struct roster_column *column, struct roster_cell *cell)
{
	const char *rest = text_of(cell);
	bool is_spaced = false;
	size_t n_max = 1;

	for (const char *comma = strchr(rest, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
		n_max++;
	}
	uint32_t *refs = prac_arena_alloc(&load->scratch, n_max * sizeof(*refs));
	for (const char *item = roster_list_next(&load->scratch, &rest, &is_spaced); item != NULL;
		item = roster_list_next(&load->scratch, &rest, &is_spaced)) {
		uint32_t row = read_ref(load, place, column, item);

		if (row != ROSTER_NONE) {
			refs[cell->n_refs++] = row;
		}
	}
	cell->refs = refs;
	if (is_spaced) {
		roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_LIST_SPACE,
			"a list has commas without spaces");
	}
}

static void read_single_ref(struct roster_load *load, const struct roster_place *place,
	const struct roster_column *column, struct roster_cell *cell)
{
	uint32_t row = read_ref(load, place, column, text_of(cell));
	uint32_t *ref = prac_arena_alloc(&load->scratch, sizeof(*ref));

	*ref = row;
	cell->refs = ref;
	cell->n_refs = row != ROSTER_NONE ? 1 : 0;
}

void roster_cell_read(struct roster_load *load, const struct roster_place *place,
	const struct roster_column *column, struct roster_cell *cell)
{
	if (cell->text.len == 0) {
		if ((column->flags & ROSTER_REQUIRED) != 0) {
			roster_flaw_add(&load->roster->flaws, place, ROSTER_FLAW_REQUIRED,
				"must not be empty");
		}
		return;
	}
	switch (column->kind) {
	case ROSTER_TEXT:
	case ROSTER_LATER_REFS:
		break;
	case ROSTER_KEY:
		(void)read_guid(load, place, cell->text); /* the flaw is enough */
		break;
	case ROSTER_STATUS:
		read_status(load, place, cell);
		break;
	case ROSTER_DATE_TIME:
		read_date_time(load, place, cell);
		break;
	case ROSTER_DATE:
		read_date(load, place, cell);
		break;
	case ROSTER_YEAR:
		read_year(load, place, cell);
		break;
	case ROSTER_WORD:
		cell->number = read_word(load, place, column->words, text_of(cell));
		break;
	case ROSTER_GRADES:
		read_grades(load, place, cell);
		break;
	case ROSTER_USER_IDS:
		read_user_ids(load, place, cell);
		break;
	case ROSTER_REF:
		read_single_ref(load, place, column, cell);
		break;
	case ROSTER_REFS:
		read_refs(load, place, column, cell);
		break;
	}
}
