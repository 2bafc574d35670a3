#include "client/cmd/export_state.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/csv.h"
#include "client/cmd/extract_map.h"
#include "client/cmd/reading.h"

enum {
	GAPS_MAX = 20 /* values without a code that are named */
};

struct extract {
	struct cmd_call *call;
	const char *file;
	struct extract_map map; /* without a party it stays with the staff */
	int64_t basis;
	struct reading *reading;
	size_t n_gaps, n_rows;
	bool is_raw;
	bool is_writing;         /* the second time, when all of it is good and written down */
	bool is_other;           /* a record came between the two times */
	struct prac_arena arena; /* of one record */
};

/* ---- the mapping file */

static bool fault(const struct extract *extract, const char *where, const char *what)
{
	cmd_fail(extract->call, CMD_REFUSED, "%s: %s: %s", extract->file, where, what);
	return false;
}

/* An extract that leaves says to whom, why and by what right: one that asks nobody's consent. */
static bool check_party(struct extract *extract)
{
	const struct prac_field *field = &prac_type_disclosure.fields[PRAC_DISCLOSURE_BASIS];
	const struct extract_map *map = &extract->map;
	const struct prac_enum_value *value =
		map->basis == NULL ? NULL : prac_enum_find_name(field, map->basis);
	struct prac_policy law;

	if (map->party == NULL) {
		return (map->basis == NULL && map->purpose == NULL) ||
		       fault(extract, map->basis != NULL ? "basis" : "purpose",
			       "want party, purpose and basis together");
	}
	law = reading_law(extract->call);
	if (map->purpose == NULL || value == NULL ||
		value->number <= PRAC_DISCLOSURE_BASIS_DIRECTORY ||
		prac_policy_named(&law, "basis", map->basis, prac_env_today(&prac_env_system)) ==
			NULL) {
		return fault(extract, "party",
			"want purpose, and basis with other_school, audit, studies, subpoena or "
			"emergency; what goes by consent is the business of practicum disclose");
	}
	extract->basis = value->number;
	return true;
}

static bool read_mapping(struct extract *extract, const json_t *mapping)
{
	struct extract_map *map = &extract->map;

	return extract_map_read(map, mapping, &extract->call->arena)
		       ? check_party(extract)
		       : fault(extract, map->where, map->what);
}

/* ---- records */

/* The text at the end of the path; empty when a value or a record on the way is absent. */
static const char *follow(
	struct extract *extract, const struct extract_path *path, const struct prac_record *record)
{
	struct prac_buf text = { 0 };
	const char *found = "";

	for (size_t i = 0; i < path->n_steps && record != NULL; i++) {
		const struct prac_field *field = path->steps[i];
		const struct prac_value *value = &record->values[field->index];
		struct prac_id id;

		if ((record->withheld >> field->index & 1) != 0 && extract->n_gaps++ < GAPS_MAX) {
			(void)fault(extract, field->name,
				"your role does not see it; somebody whose role does writes this "
				"extract");
		}
		if (!value->has) {
			break;
		}
		if (i + 1 == path->n_steps) {
			prac_value_format(field, value, &text);
			found = prac_arena_text(&extract->arena, prac_buf_bytes(&text));
		} else if (prac_id_from_bytes(value->bytes, &id) != PRAC_OK ||
			   replica_get(extract->call->replica, prac_type_find(field->ref_type), &id,
				   &extract->arena, &record) != PRAC_OK) {
			break;
		}
	}
	prac_buf_deinit(&text);
	return found;
}

static bool is_in(const json_t *list, const char *text)
{
	bool found = false;

	for (size_t i = 0; i < json_array_size(list) && !found; i++) {
		const char *one = json_string_value(json_array_get(list, i));

		found = one != NULL && strcmp(one, text) == 0;
	}
	return found;
}

static const char *cell_of(struct extract *extract, const struct extract_column *column,
	const struct prac_record *record)
{
	const char *text =
		column->value != NULL ? column->value : follow(extract, &column->path, record);
	const char *code = NULL;

	if (column->codes == NULL || text[0] == '\0') {
		return text;
	}
	if (column->with.n_steps > 0) {
		code = json_string_value(json_object_get(
			column->codes, prac_arena_printf(&extract->arena, "%s+%s", text,
					       follow(extract, &column->with, record))));
	}
	if (code == NULL) {
		code = json_string_value(json_object_get(column->codes, text));
	}
	if (code == NULL) {
		code = column->otherwise;
	}
	if (code == NULL && extract->n_gaps++ < GAPS_MAX) {
		(void)fault(extract, column->name,
			prac_arena_printf(&extract->arena,
				"%s has no code (%s); add it to codes, or say otherwise", text,
				prac_record_title(record, &extract->arena)));
	}
	return code != NULL ? code : "";
}

static bool look_at_row(struct extract *extract, const struct prac_record *record)
{
	for (size_t i = 0; i < extract->map.n_columns; i++) {
		(void)cell_of(extract, &extract->map.columns[i], record); /* a gap is counted */
	}
	reading_add(extract->reading, record);
	return true;
}

static bool write_row(struct extract *extract, const struct prac_record *record)
{
	const char *cells[EXTRACT_COLUMNS_MAX];

	for (size_t i = 0; i < extract->map.n_columns; i++) {
		cells[i] = cell_of(extract, &extract->map.columns[i], record);
	}
	extract->is_other = extract->n_gaps > 0 || !reading_take(extract->reading, record);
	for (size_t i = 0; i < extract->map.n_columns && !extract->is_other; i++) {
		if (i > 0) {
			(void)putchar(',');
		}
		csv_put(stdout, prac_bytes_text(cells[i]), !extract->is_raw);
	}
	if (!extract->is_other) {
		(void)fputs("\r\n", stdout); /* its failure shows at exit */
		extract->n_rows++;
	}
	return !extract->is_other;
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct extract *extract = ctx;

	(void)pending;
	prac_arena_reset(&extract->arena);
	for (size_t i = 0; i < extract->map.n_filters; i++) {
		const struct extract_filter *filter = &extract->map.filters[i];

		if (!is_in(filter->in, follow(extract, &filter->path, record))) {
			return true;
		}
	}
	return extract->is_writing ? write_row(extract, record) : look_at_row(extract, record);
}

static void put_head(const struct extract *extract)
{
	for (size_t i = 0; i < extract->map.n_columns; i++) {
		if (i > 0) {
			(void)putchar(',');
		}
		csv_put(stdout, prac_bytes_text(extract->map.columns[i].name), false);
	}
	(void)fputs("\r\n", stdout); /* its failure shows at exit */
}

static void fill(void *ctx, const struct reading_part *part, struct prac_record *disclosure)
{
	const struct extract *extract = ctx;

	(void)part;
	disclosure->values[PRAC_DISCLOSURE_PARTY] = prac_value_text(extract->map.party);
	disclosure->values[PRAC_DISCLOSURE_PURPOSE] = prac_value_text(extract->map.purpose);
	disclosure->values[PRAC_DISCLOSURE_BASIS] = prac_value_number(extract->basis);
}

/* Whose records go, and to whom, before the first row does. */
static int account(struct extract *extract)
{
	const struct reading_to staff = { .type = &prac_type_record_access,
		.kind = PRAC_RECORD_ACCESS_KIND_EXPORTED };
	const struct reading_to party = { &prac_type_disclosure, PRAC_DISCLOSURE_KIND_EXTRACT, fill,
		extract };

	return reading_end(extract->reading, extract->map.party == NULL ? &staff : &party);
}

/* Goes through the records twice, the second time to write: nothing of them is held in between. */
static int write_extract(struct extract *extract)
{
	struct replica_query query = { .type = extract->map.type };
	enum prac_status status = replica_list(extract->call->replica, &query, on_record, extract);
	int code;

	if (status != PRAC_OK) {
		return cmd_fail_replica(extract->call, status);
	}
	if (extract->n_gaps > 0) {
		return cmd_fail(extract->call, CMD_REFUSED,
			"%zu values are missing; nothing was written", extract->n_gaps);
	}
	code = account(extract);
	if (code != CMD_DONE) {
		return code;
	}
	put_head(extract);
	extract->is_writing = true;
	status = replica_list(extract->call->replica, &query, on_record, extract);
	if (status != PRAC_OK) {
		return cmd_fail_replica(extract->call, status);
	}
	if (extract->is_other) {
		return cmd_fail(extract->call, CMD_REFUSED,
			"records were changed while it was written, and it is not whole; throw it "
			"away and write it again");
	}
	(void)fprintf(stderr, "%zu rows\n", extract->n_rows);
	return CMD_DONE;
}

int export_state(struct cmd_call *call, const char *path, bool is_raw)
{
	struct extract *extract = g_new0(struct extract, 1);
	json_error_t error;
	json_t *mapping = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	int code = CMD_REFUSED;

	extract->call = call;
	extract->file = path;
	extract->is_raw = is_raw;
	extract->reading = reading_new(call);
	if (mapping == NULL) {
		if (error.line > 0) {
			cmd_fail(call, CMD_REFUSED, "%s: line %d, column %d: %s", path, error.line,
				error.column, error.text);
		} else {
			cmd_fail(call, CMD_REFUSED, "%s", error.text);
		}
	} else if (read_mapping(extract, mapping)) {
		code = write_extract(extract);
	}
	reading_free(extract->reading);
	prac_arena_deinit(&extract->arena);
	json_decref(mapping);
	g_free(extract);
	return code;
}
