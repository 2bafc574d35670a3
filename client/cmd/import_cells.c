#include "client/cmd/import_cells.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/find.h"
#include "client/cmd/find_index.h"
#include "client/cmd/print.h"

enum {
	KEYS_MAX = 8
};

/* A reference of the type that the file names by the natural key of what it refers to. */
struct joint {
	const struct prac_field *field;
	const struct prac_type *target;
	int columns[KEYS_MAX]; /* of the target's natural key; -1: not in the file */
};

struct import_cells {
	struct cmd_call *call;
	const struct prac_type *type;
	const char *file;
	const struct csv_row *head;
	const struct prac_field
		*fields[PRAC_FIELDS_MAX]; /* by column; NULL: none of the record's */
	struct joint joints[KEYS_MAX];
	size_t n_joints;
	const char *column;
	int id_column, do_column; /* -1: the file has none */
	bool is_raw;
	GHashTable *found;   /* "type word" -> 16 bytes of id, so that a name is looked up once */
	GHashTable *indexes; /* type -> struct find_index of what cells refer to */
};

static const char args_prefix[] = "do.";

static int column_of(const struct csv_row *head, const char *name)
{
	for (size_t i = 0; i < head->n_cells; i++) {
		if (strcmp(head->cells[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

/* False when the file does not name the whole key. */
static bool find_joint(struct import_cells *cells, const struct prac_field *field)
{
	struct joint *joint = &cells->joints[cells->n_joints];
	const struct prac_type *target = prac_type_find(field->ref_type);

	if (target == NULL || target->n_natural_key == 0 || target->n_natural_key > KEYS_MAX ||
		cells->n_joints == KEYS_MAX) {
		return false;
	}
	*joint = (struct joint){ .field = field, .target = target };
	for (size_t i = 0; i < target->n_natural_key; i++) {
		const struct prac_field *key = &target->fields[target->natural_key[i]];

		joint->columns[i] = column_of(cells->head, key->name);
		if (joint->columns[i] < 0 && (key->flags & PRAC_REQUIRED) != 0) {
			return false;
		}
	}
	cells->n_joints++;
	return true;
}

static bool has_column(const struct joint *joint, size_t column)
{
	for (size_t i = 0; i < joint->target->n_natural_key; i++) {
		if (joint->columns[i] == (int)column) {
			return true;
		}
	}
	return false;
}

static bool is_joint_column(const struct import_cells *cells, size_t column)
{
	for (size_t i = 0; i < cells->n_joints; i++) {
		if (has_column(&cells->joints[i], column)) {
			return true;
		}
	}
	return false;
}

/* Some action of the type takes it. */
static bool is_argument(const struct import_cells *cells, const char *name)
{
	const struct prac_type *type = cells->type;

	if (!g_str_has_prefix(name, args_prefix)) {
		return false;
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		const struct prac_type *args = type->actions[i].args;

		if (args != NULL &&
			prac_field_find_name(args, name + strlen(args_prefix)) != NULL) {
			return true;
		}
	}
	return false;
}

/* The field that a header may have meant: the name in other letters, without _id, or the label. NULL: none. */
static const char *meant(const struct prac_type *type, const char *name)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];
		const char *stem = g_str_has_suffix(field->name, "_id") ? field->name : "";

		if (g_ascii_strcasecmp(name, field->name) == 0 ||
			g_ascii_strcasecmp(name, field->label) == 0 ||
			(stem[0] != '\0' && strlen(name) + 3 == strlen(stem) &&
				g_ascii_strncasecmp(name, stem, strlen(name)) == 0)) {
			return field->name;
		}
	}
	return NULL;
}

static void say_unknown(const struct import_cells *cells, const char *name)
{
	const char *field = meant(cells->type, name);

	(void)fprintf(stderr,
		"%s line 1 column %s: no field of %s%s%s%s, left out; `practicum describe %s` "
		"lists them\n",
		cells->file, name, cells->type->name, field != NULL ? " (is it " : "",
		field != NULL ? field : "", field != NULL ? "?)" : "", cells->type->name);
}

static bool is_known(const struct import_cells *cells, size_t column)
{
	const char *name = cells->head->cells[column];

	return cells->fields[column] != NULL || (int)column == cells->id_column ||
	       (int)column == cells->do_column || strcmp(name, IMPORT_IGNORED) == 0 ||
	       is_joint_column(cells, column) || is_argument(cells, name);
}

/* Says once which columns are left out. False after cmd_fail(): it is no file of the type at all. */
static bool check_head(const struct import_cells *cells)
{
	const struct csv_row *head = cells->head;
	size_t n = 0;

	for (size_t i = 0; i < head->n_cells; i++) {
		n += is_known(cells, i);
	}
	for (size_t i = 0; i < head->n_cells && n > 0; i++) {
		if (!is_known(cells, i)) {
			say_unknown(cells, head->cells[i]);
		}
	}
	if (n > 0) {
		return true;
	}
	if (csv_separator(head) != NULL) {
		cmd_fail(cells->call, CMD_REFUSED,
			"%s: the columns are separated by %s; save the file with commas between "
			"them",
			cells->file, csv_separator(head));
	} else {
		cmd_fail(cells->call, CMD_REFUSED,
			"%s: no column of line 1 is a field of %s; `practicum describe %s` lists "
			"them",
			cells->file, cells->type->name, cells->type->name);
	}
	return false;
}

static void read_head(struct import_cells *cells)
{
	const struct csv_row *head = cells->head;
	const struct prac_type *type = cells->type;

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (field->kind == PRAC_REF && (field->flags & PRAC_REQUIRED) != 0 &&
			column_of(head, field->name) < 0) {
			(void)find_joint(cells, field); /* what is missing shows at the check */
		}
	}
	cells->id_column = column_of(head, "id");
	cells->do_column = column_of(head, "do");
	for (size_t i = 0; i < head->n_cells; i++) {
		cells->fields[i] = prac_field_find_name(type, head->cells[i]);
	}
}

static void free_index(gpointer index)
{
	find_index_free(index);
}

struct import_cells *import_cells_new(struct cmd_call *call, const struct prac_type *type,
	const char *file, const struct csv_row *head, bool is_raw)
{
	struct import_cells *cells;

	if (head->n_cells > PRAC_FIELDS_MAX) {
		cmd_fail(call, CMD_REFUSED,
			"the header has more columns than a type has fields; take out those that are none");
		return NULL;
	}
	cells = g_new0(struct import_cells, 1);
	cells->call = call;
	cells->type = type;
	cells->file = file;
	cells->head = head;
	cells->column = "";
	cells->is_raw = is_raw;
	cells->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	cells->indexes = g_hash_table_new_full(NULL, NULL, NULL, free_index);
	read_head(cells);
	if (!check_head(cells)) {
		import_cells_free(cells);
		return NULL;
	}
	return cells;
}

void import_cells_free(struct import_cells *cells)
{
	if (cells != NULL) {
		g_hash_table_destroy(cells->found);
		g_hash_table_destroy(cells->indexes);
		g_free(cells);
	}
}

/* What cmd_fail() said last becomes a fault of the column that was being read. */
static void note(const struct import_cells *cells, struct import_row *row)
{
	const GPtrArray *said = cells->call->said;

	import_fault_add(&row->faults, &cells->call->arena, cells->column,
		said->len > 0 ? g_ptr_array_index(said, said->len - 1) : "cannot be read");
}

/* Of a type that the file itself adds to, other rows may be meant as well. */
static const struct prac_id *find_indexed(
	struct import_cells *cells, const struct prac_field *field, const char *text)
{
	const struct prac_type *type = prac_type_find(field->ref_type);
	struct find_index *index;

	if (type == NULL || type == cells->type) {
		return NULL;
	}
	index = g_hash_table_lookup(cells->indexes, type);
	if (index == NULL) {
		index = find_index_new(cells->call, type);
		g_hash_table_insert(cells->indexes, (gpointer)type, index);
	}
	return find_index_get(index, text);
}

/* As find_value(), remembering what a word led to. */
static bool read_cell(struct import_cells *cells, const struct prac_type *type,
	const struct prac_field *field, const char *text, struct prac_value *value_out)
{
	struct cmd_call *call = cells->call;
	const char *word = prac_arena_printf(
		&call->arena, "%s=%s", field->name, cells->is_raw ? text : csv_unguard(text));
	const char *key = prac_arena_printf(&call->arena, "%u %s", field->ref_type, text);
	const uint8_t *id = field->kind == PRAC_REF ? g_hash_table_lookup(cells->found, key) : NULL;
	const struct prac_id *indexed;
	const struct prac_field *same;
	struct prac_id whole;

	if (field->kind == PRAC_REF && prac_id_parse(text, &whole) == PRAC_OK) {
		/* Whether there is such a record is checked with the row. */
		*value_out = prac_value_bytes(prac_arena_copy(&call->arena, prac_id_bytes(&whole)));
		return true;
	}
	if (id != NULL) {
		*value_out = (struct prac_value){ .has = true, .bytes = { id, PRAC_ID_LEN } };
		return true;
	}
	indexed = text[0] == '\0'
			  ? NULL
			  : find_indexed(cells, field, cells->is_raw ? text : csv_unguard(text));
	if (indexed != NULL) {
		*value_out =
			prac_value_bytes(prac_arena_copy(&call->arena, prac_id_bytes(indexed)));
		return true;
	}
	if (!find_value(call, type, word, &same, value_out)) {
		return false;
	}
	if (field->kind == PRAC_REF && value_out->has) {
		g_hash_table_insert(
			cells->found, g_strdup(key), g_memdup2(value_out->bytes.data, PRAC_ID_LEN));
	}
	return true;
}

const struct prac_record *import_match_key(
	struct cmd_call *call, const struct prac_type *type, const struct prac_value *values)
{
	const struct prac_record like = { .type = type, .values = (struct prac_value *)values };
	const struct prac_record *record = NULL;

	return replica_same_key(call->replica, &like, &call->arena, &record) == PRAC_OK ? record
											: NULL;
}

static bool follow_joint(struct import_cells *cells, const struct joint *joint,
	const struct csv_row *row, struct prac_value *value_out)
{
	struct cmd_call *call = cells->call;
	struct prac_value *key =
		prac_arena_alloc(&call->arena, joint->target->n_fields * sizeof(*key));
	const struct prac_record *record;

	for (size_t i = 0; i < joint->target->n_natural_key; i++) {
		const struct prac_field *field =
			&joint->target->fields[joint->target->natural_key[i]];

		cells->column = joint->columns[i] < 0 ? "" : cells->head->cells[joint->columns[i]];
		if (joint->columns[i] >= 0 &&
			!read_cell(cells, joint->target, field, row->cells[joint->columns[i]],
				&key[field->index])) {
			return false;
		}
	}
	cells->column = "";
	record = import_match_key(call, joint->target, key);
	if (record == NULL) {
		cmd_fail(call, CMD_REFUSED, "there is no %s for it; import those first",
			joint->target->name);
		return false;
	}
	*value_out = prac_value_bytes(prac_arena_copy(&call->arena, prac_id_bytes(&record->id)));
	return true;
}

static bool read_field(
	struct import_cells *cells, size_t column, const char *text, struct import_row *row_out)
{
	const struct prac_field *field = cells->fields[column];

	cells->column = cells->head->cells[column];
	if (field == NULL || text[0] == '\0' ||
		(field->mask != PRAC_MASK_NONE && strcmp(text, PRINT_WITHHELD) == 0)) {
		return true; /* and what an export withheld is not known */
	}
	if (strcmp(text, IMPORT_CLEAR) == 0) {
		row_out->is_cleared[field->index] = true;
		return true;
	}
	return read_cell(cells, cells->type, field, text, &row_out->record->values[field->index]);
}

static void read_fields(
	struct import_cells *cells, const struct csv_row *row, struct import_row *row_out)
{
	for (size_t i = 0; i < row->n_cells; i++) {
		if (!read_field(cells, i, row->cells[i], row_out)) {
			row_out->is_bad[cells->fields[i]->index] = true;
			note(cells, row_out);
		}
	}
	for (size_t i = 0; i < cells->n_joints; i++) {
		uint16_t field = cells->joints[i].field->index;

		if (!follow_joint(cells, &cells->joints[i], row, &row_out->record->values[field])) {
			row_out->is_bad[field] = true;
			note(cells, row_out);
		}
	}
}

/* What `do.FIELD` columns say for the action. */
static const struct prac_value *read_arguments(struct import_cells *cells,
	const struct csv_row *row, const struct prac_action *action, struct import_row *row_out)
{
	struct cmd_call *call = cells->call;
	struct prac_value *args;

	if (action->args == NULL) {
		return NULL;
	}
	args = prac_arena_alloc(&call->arena, action->args->n_fields * sizeof(*args));
	for (size_t i = 0; i < row->n_cells; i++) {
		const char *name = cells->head->cells[i];
		const struct prac_field *field =
			g_str_has_prefix(name, args_prefix)
				? prac_field_find_name(action->args, name + strlen(args_prefix))
				: NULL;

		cells->column = name;
		if (field != NULL && row->cells[i][0] != '\0' &&
			!read_cell(
				cells, action->args, field, row->cells[i], &args[field->index])) {
			note(cells, row_out);
		}
	}
	return args;
}

static void read_moves(
	struct import_cells *cells, const struct csv_row *row, struct import_row *row_out)
{
	char **names =
		g_strsplit(cells->do_column < 0 ? "" : row->cells[cells->do_column], " ", -1);

	for (size_t i = 0; names[i] != NULL; i++) {
		struct import_move *move = &row_out->moves[row_out->n_moves];

		if (names[i][0] == '\0') {
			continue;
		}
		if (row_out->n_moves < IMPORT_MOVES_MAX &&
			(move->action = prac_action_find_name(cells->type, names[i])) != NULL) {
			move->args = read_arguments(cells, row, move->action, row_out);
			row_out->n_moves++;
			continue;
		}
		cells->column = "do";
		cmd_fail(cells->call, CMD_REFUSED,
			"%s is no action of %s, or the %dth of the row; `practicum describe "
			"%s` lists them",
			names[i], cells->type->name, IMPORT_MOVES_MAX + 1, cells->type->name);
		note(cells, row_out);
		break;
	}
	g_strfreev(names);
}

/* The id that an id column names. */
static void read_own_id(
	struct import_cells *cells, const struct csv_row *row, struct import_row *row_out)
{
	const char *text = cells->id_column >= 0 ? row->cells[cells->id_column] : "";

	cells->column = "id";
	if (text[0] != '\0' && prac_id_parse(text, &row_out->record->id) != PRAC_OK) {
		cmd_fail(cells->call, CMD_REFUSED, "%s is no id; leave the cell empty", text);
		row_out->has_bad_id = true;
		note(cells, row_out);
	}
}

bool import_cells_read(
	struct import_cells *cells, const struct csv_row *row, struct import_row *row_out)
{
	struct cmd_call *call = cells->call;

	*row_out = (struct import_row){ NULL };
	cells->column = "";
	if (row->n_cells != cells->head->n_cells) {
		cmd_fail(call, CMD_REFUSED,
			"%zu cells, the header has %zu; mend the commas and quotes of the line",
			row->n_cells, cells->head->n_cells);
		note(cells, row_out);
		return false;
	}
	row_out->record = prac_record_new(&call->arena, cells->type);
	if (cells->type->state_field >= 0) {
		row_out->record->values[cells->type->state_field].has =
			false; /* unless the file says it */
	}
	read_fields(cells, row, row_out);
	read_moves(cells, row, row_out);
	read_own_id(cells, row, row_out);
	return row_out->faults.first == NULL;
}
