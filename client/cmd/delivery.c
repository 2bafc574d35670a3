#include "client/cmd/delivery.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"

/* Empty when the file has no such column. */
static const char *cell_of(
	const struct delivery *delivery, const struct csv_row *row, const char *name)
{
	const struct csv_row *head = &delivery->source->rows[0];

	for (size_t i = 0; i < head->n_cells && i < row->n_cells; i++) {
		if (strcmp(head->cells[i], name) == 0) {
			return row->cells[i];
		}
	}
	return "";
}

static void fault(struct delivery *delivery, size_t index, const char *column, const char *reason)
{
	import_fault_add(&delivery->faults[index], delivery->arena, column, reason);
}

static const char not_a_flag[] = "neither true nor false";
static const char *const flag_words[] = { "no", "yes" };

/* What a person may write for no and yes; -1: empty, -2: neither. */
static int flag_of(const char *text)
{
	static const char *const words[] = { "false", "true", "no", "yes", "0", "1", "n", "y" };

	for (int i = 0; i < (int)PRAC_NELEM(words); i++) {
		if (g_ascii_strcasecmp(text, words[i]) == 0) {
			return i % 2;
		}
	}
	return text[0] == '\0' ? -1 : -2;
}

/* ---- students: CTE flags and special populations */

/* What the flag's column is called, and the population as it stands in a student's record. */
static const char *const populations[][2] = {
	{ "disability", "disability" },
	{ "economicallyDisadvantaged", "economically disadvantaged" },
	{ "nontraditional", "nontraditional" },
	{ "singleParent", "single parent" },
	{ "outOfWorkforce", "out of workforce" },
	{ "englishLearner", "English learner" },
	{ "homeless", "homeless" },
	{ "fosterCare", "foster care" },
	{ "militaryParent", "military parent" },
	{ "migrant", "migrant" },
};

enum student_out {
	OUT_IDENTIFIER,
	OUT_LEAID,
	OUT_PROGRAM,
	OUT_CONCENTRATOR,
	OUT_CONCENTRATOR_ON,
	OUT_POPULATIONS,
	OUT_OPT_OUT,
	OUT_DO,
	OUT_LEFT_ON
};

static const char *const student_head[] = { "identifier", "resident_leaid", "program_id",
	"concentrator", "concentrator_on", "special_populations", "directory_opt_out", "do",
	"do.left_on" };

static const char *const student_written[] = { "studentIdentifier", "residentDistrictLeaid",
	"cteProgramCip", "cteConcentrator", "concentratorDate", "", "directoryOptOut", "graduated",
	"graduationDate" };

enum taken_kind {
	TAKEN_TEXT,
	TAKEN_FLAG,
	TAKEN_DATE
};

/* Columns whose cells become those of one field. */
static const struct taken {
	const char *written;
	size_t out;
	enum taken_kind kind;
} taken[] = {
	{ "studentIdentifier", OUT_IDENTIFIER, TAKEN_TEXT },
	{ "residentDistrictLeaid", OUT_LEAID, TAKEN_TEXT },
	{ "cteConcentrator", OUT_CONCENTRATOR, TAKEN_FLAG },
	{ "concentratorDate", OUT_CONCENTRATOR_ON, TAKEN_DATE },
	{ "directoryOptOut", OUT_OPT_OUT, TAKEN_FLAG },
	{ "graduationDate", OUT_LEFT_ON, TAKEN_DATE },
};

static void put_program(struct delivery *delivery, size_t index, const char **cells)
{
	const char *cip = cell_of(delivery, &delivery->source->rows[index], "cteProgramCip");
	gpointer id;

	if (cip[0] == '\0') {
		return;
	}
	if (!g_hash_table_lookup_extended(delivery->programs, cip, NULL, &id)) {
		fault(delivery, index, "cteProgramCip",
			prac_arena_printf(delivery->arena,
				"no program of study has the CIP code %s; `practicum list "
				"program_of_study` shows them",
				cip));
	} else if (id == NULL) {
		fault(delivery, index, "cteProgramCip",
			prac_arena_printf(delivery->arena,
				"several programs of study have the CIP code %s; set the student's "
				"program by hand and leave the cell empty",
				cip));
	} else {
		cells[OUT_PROGRAM] = id;
	}
}

/* A population that the file has no column for, which a person entered. */
static bool is_foreign(struct prac_bytes item)
{
	for (size_t i = 0; i < PRAC_NELEM(populations); i++) {
		if (prac_bytes_equal(item, prac_bytes_text(populations[i][1]))) {
			return false;
		}
	}
	return true;
}

static void add_item(GString *list, struct prac_bytes item)
{
	if (list->len > 0) {
		g_string_append(list, "; ");
	}
	for (size_t i = 0; i < item.len; i++) {
		if (item.data[i] == ';' || item.data[i] == '\\') {
			g_string_append_c(list, '\\');
		}
		g_string_append_c(list, (char)item.data[i]);
	}
}

static void add_foreign(struct delivery *delivery, const char *identifier, GString *list)
{
	struct prac_bytes rest = delivery->populations(delivery->ctx, identifier), item;

	while (prac_list_next(&rest, &item)) {
		if (is_foreign(item)) {
			add_item(list, item);
		}
	}
}

static void put_populations(struct delivery *delivery, size_t index, const char **cells)
{
	const struct csv_row *row = &delivery->source->rows[index];
	GString *list = g_string_new(NULL);
	bool says_something = false, is_good = true;

	for (size_t i = 0; i < PRAC_NELEM(populations); i++) {
		int flag = flag_of(cell_of(delivery, row, populations[i][0]));

		says_something |= flag >= 0;
		if (flag == -2) {
			is_good = false;
			fault(delivery, index, populations[i][0], not_a_flag);
		} else if (flag == 1) {
			add_item(list, prac_bytes_text(populations[i][1]));
		}
	}
	if (is_good && says_something) {
		add_foreign(delivery, cells[OUT_IDENTIFIER], list);
		cells[OUT_POPULATIONS] =
			list->len > 0 ? prac_arena_printf(delivery->arena, "%s", list->str)
				      : IMPORT_CLEAR;
	}
	g_string_free(list, TRUE);
}

static void put_graduation(struct delivery *delivery, size_t index, const char **cells)
{
	int flag = flag_of(cell_of(delivery, &delivery->source->rows[index], "graduated"));

	if (flag == -2) {
		fault(delivery, index, "graduated", not_a_flag);
	}
	if (flag == 1) {
		cells[OUT_DO] = "graduate";
	}
}

static void take_cells(struct delivery *delivery, size_t index, const char **cells)
{
	for (size_t i = 0; i < PRAC_NELEM(taken); i++) {
		const struct taken *take = &taken[i];
		const char *text = cell_of(delivery, &delivery->source->rows[index], take->written);
		int flag = flag_of(text);
		int32_t day;

		if (take->kind == TAKEN_FLAG && flag == -2) {
			fault(delivery, index, take->written, not_a_flag);
		} else if (take->kind == TAKEN_DATE && text[0] != '\0' &&
			   prac_date_parse(text, &day) != PRAC_OK) {
			fault(delivery, index, take->written, "not a date such as 2026-08-11");
		} else {
			cells[take->out] =
				take->kind == TAKEN_FLAG && flag >= 0 ? flag_words[flag] : text;
		}
	}
}

static bool make_student(struct delivery *delivery, size_t index, const char **cells)
{
	take_cells(delivery, index, cells);
	if (cells[OUT_IDENTIFIER][0] == '\0') {
		fault(delivery, index, "studentIdentifier", "a row names its student");
	}
	put_program(delivery, index, cells);
	put_populations(delivery, index, cells);
	put_graduation(delivery, index, cells);
	return true;
}

/* ---- days */

enum day_out {
	OUT_DAY,
	OUT_KIND,
	OUT_STARTS,
	OUT_ENDS,
	OUT_PUBLISH
};

static const char *const day_head[] = { "day", "kind", "class_starts_at", "class_ends_at", "do" };
static const char *const day_written[] = { "date", "isSchoolDay", "schoolStart", "schoolEnd", "" };

static bool is_weekend(const char *text)
{
	int32_t day;

	return prac_date_parse(text, &day) == PRAC_OK &&
	       (prac_date_weekday(day) == PRAC_SATURDAY || prac_date_weekday(day) == PRAC_SUNDAY);
}

/* Weekends without school are no exception to a rule and become no record. */
static bool make_day(struct delivery *delivery, size_t index, const char **cells)
{
	const struct csv_row *row = &delivery->source->rows[index];
	const char *leaid = cell_of(delivery, row, "leaid");
	int flag = flag_of(cell_of(delivery, row, "isSchoolDay"));

	if (delivery->leaid == NULL) {
		delivery->leaid = leaid;
	}
	cells[OUT_DAY] = cell_of(delivery, row, "date");
	cells[OUT_PUBLISH] = "publish";
	if (strcmp(leaid, delivery->leaid) != 0) {
		fault(delivery, index, "leaid",
			"another district than the first row's; import the rows of one district");
	}
	if (flag < 0) {
		fault(delivery, index, "isSchoolDay", not_a_flag);
	} else {
		cells[OUT_KIND] = flag == 1 ? "school" : "holiday";
	}
	if (flag != 0) {
		cells[OUT_STARTS] = cell_of(delivery, row, "schoolStart");
		cells[OUT_ENDS] = cell_of(delivery, row, "schoolEnd");
	}
	return flag != 0 || !is_weekend(cells[OUT_DAY]);
}

/* ---- both */

static const char *const student_columns[] = { "studentIdentifier", "residentDistrictLeaid",
	"cteProgramCip", "cteConcentrator", "concentratorDate", "graduated", "graduationDate",
	"disability", "economicallyDisadvantaged", "nontraditional", "singleParent",
	"outOfWorkforce", "englishLearner", "homeless", "fosterCare", "militaryParent", "migrant",
	"directoryOptOut", NULL };
/* A participant follows from placements, a cluster from the program. */
static const char *const student_derived[] = { "cteParticipant", "careerCluster", NULL };
static const char *const day_columns[] = { "leaid", "date", "isSchoolDay", "schoolStart",
	"schoolEnd", NULL };
static const char *const none[] = { NULL };

const struct delivery_kind delivery_students = { &prac_type_student, student_head, student_written,
	PRAC_NELEM(student_head), student_columns, student_derived, make_student };
const struct delivery_kind delivery_days = { &prac_type_school_day, day_head, day_written,
	PRAC_NELEM(day_head), day_columns, none, make_day };

void delivery_make(struct delivery *delivery, const struct delivery_kind *kind)
{
	struct prac_arena *arena = delivery->arena;
	const struct csv_table *from = delivery->source;
	struct csv_table *to = &delivery->made;

	delivery->faults = prac_arena_alloc(arena, from->n_rows * sizeof(*delivery->faults));
	to->rows = prac_arena_alloc(arena, from->n_rows * sizeof(*to->rows));
	to->rows[to->n_rows++] = (struct csv_row){ (const char **)kind->head, kind->n_head, 1 };
	for (size_t i = 1; i < from->n_rows; i++) {
		const char **cells = prac_arena_alloc(arena, kind->n_head * sizeof(*cells));

		for (size_t k = 0; k < kind->n_head; k++) {
			cells[k] = "";
		}
		if (from->rows[i].n_cells != from->rows[0].n_cells) {
			fault(delivery, i, "", "not as many cells as the header has");
		} else if (!kind->make(delivery, i, cells)) {
			continue;
		}
		delivery->faults[to->n_rows] =
			delivery->faults[i]; /* never behind the one it comes from */
		to->rows[to->n_rows++] =
			(struct csv_row){ cells, kind->n_head, from->rows[i].line };
	}
}
