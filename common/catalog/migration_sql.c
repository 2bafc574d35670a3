/* The tables of a record type as a script that a person reads before it is committed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/catalog/sql.h"

/* A text literal: only quotes need care, labels and help have no control characters. */
static void put_literal(struct prac_buf *buf, const char *text)
{
	prac_buf_append_byte(buf, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			prac_buf_append_byte(buf, '\'');
		}
		prac_buf_append_byte(buf, (uint8_t)*text);
	}
	prac_buf_append_byte(buf, '\'');
}

/* Required fields are NOT NULL where new rows go; the past may be older than the requirement. */
static void put_fields(const struct prac_type *type, bool is_past, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];
		bool is_required = !is_past && (field->flags & PRAC_REQUIRED) != 0;

		prac_buf_printf(buf, ",\n\t%s %s%s", field->name, prac_sql_column_type(field),
			is_required ? " NOT NULL" : "");
	}
}

static void put_guard(const struct prac_type *type, const char *suffix, struct prac_buf *buf)
{
	prac_buf_printf(buf,
		"CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s%s\n"
		"\tEXECUTE FUNCTION sync_guard();\n",
		type->name, suffix);
}

static void put_table(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "CREATE TABLE %s (\n", type->name);
	prac_buf_printf(
		buf, "\tid uuid PRIMARY KEY,\n\tscope uuid NOT NULL,\n\tseq bigint NOT NULL,\n");
	prac_buf_printf(
		buf, "\tgroup_seq bigint[] NOT NULL,\n\tdeleted boolean NOT NULL,\n\textra bytea");
	put_fields(type, false, buf);
	/* Rows are updated in place as long as no indexed column changes and the page has room. */
	prac_buf_printf(buf, "\n) WITH (fillfactor = %d);\n", type->append_only ? 100 : 85);
	put_guard(type, "", buf);
}

/* Behind the judge, who says it first and in words: no writer whatever makes a second one. */
static void put_key(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "CREATE UNIQUE INDEX %s_natural_key ON %s (", type->name, type->name);
	for (size_t i = 0; i < type->n_natural_key; i++) {
		prac_buf_printf(
			buf, "%s%s", i == 0 ? "" : ", ", type->fields[type->natural_key[i]].name);
	}
	prac_buf_printf(buf, ") NULLS NOT DISTINCT WHERE NOT deleted;\n");
}

static void put_indexes(const struct prac_type *type, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if ((field->flags & PRAC_INDEXED) != 0 || type->follow_field == (int)i) {
			prac_buf_printf(buf, "CREATE INDEX %s_%s ON %s (%s);\n", type->name,
				field->name, type->name, field->name);
		}
	}
	if (type->unique) {
		put_key(type, buf);
	}
}

/* Appends text behind a blank when it is not the first. */
static void put_sentence(struct prac_buf *words, const char *before, const char *text)
{
	if (*text != '\0') {
		prac_buf_printf(words, "%s%s%s%s", prac_buf_len(words) > 0 ? " " : "", before, text,
			*before != '\0' ? "." : "");
	}
}

/* What a DBA cannot guess from the name: the words of help, the unit, the values of an enum. */
static void put_comment(
	const struct prac_type *type, const struct prac_field *field, struct prac_buf *buf)
{
	struct prac_buf words = { 0 };

	put_sentence(&words, "", field->help);
	put_sentence(&words, "In ", field->unit);
	put_sentence(&words, "", field->kind == PRAC_TIME ? "Minutes since midnight." : "");
	if (field->ref_type != 0) {
		put_sentence(&words, "Refers to ", prac_type_find(field->ref_type)->name);
	}
	for (size_t i = 0; i < field->n_values; i++) {
		const char *before = i > 0 ? " | " : prac_buf_len(&words) > 0 ? " " : "";

		prac_buf_printf(&words, "%s%s", before, field->values[i].name);
	}
	if (prac_buf_len(&words) > 0) {
		prac_buf_append_byte(&words, '\0');
		prac_buf_printf(buf, "COMMENT ON COLUMN %s.%s IS\n\t", type->name, field->name);
		put_literal(buf, (const char *)prac_buf_bytes(&words).data);
		prac_buf_append_text(buf, ";\n");
	}
	prac_buf_deinit(&words);
}

static void put_comments(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "COMMENT ON TABLE %s IS\n\t", type->name);
	put_literal(buf, type->help);
	prac_buf_printf(buf, ";\n");
	for (size_t i = 0; i < type->n_fields; i++) {
		put_comment(type, &type->fields[i], buf);
	}
}

/* 'a', 'b' of the states whose bits are set. */
static void put_states(const struct prac_type *type, uint64_t states, struct prac_buf *buf)
{
	const struct prac_field *state = &type->fields[type->state_field];
	const char *before = "";

	for (size_t i = 0; i < state->n_values; i++) {
		if ((states >> state->values[i].number & 1) != 0) {
			prac_buf_printf(buf, "%s'%s'", before, state->values[i].name);
			before = ", ";
		}
	}
}

/* Frozen states that an action still leaves. */
static uint64_t states_with_exit(const struct prac_type *type)
{
	uint64_t states = 0;

	for (size_t i = 0; i < type->n_actions; i++) {
		states |= type->actions[i].from == 0 ? UINT64_MAX : type->actions[i].from;
	}
	return states & type->frozen;
}

static void put_freeze(const struct prac_type *type, const char *name, uint64_t states,
	bool has_exit, struct prac_buf *buf)
{
	const struct prac_group *group = &type->groups[type->fields[type->state_field].group];

	if (states == 0) {
		return;
	}
	prac_buf_printf(buf,
		"CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %s FOR EACH ROW\n\tWHEN (OLD.state IN (",
		name, type->name);
	put_states(type, states, buf);
	prac_buf_printf(buf, "))\n\tEXECUTE FUNCTION record_frozen(");
	for (size_t i = 0; has_exit && i < group->n_fields; i++) {
		prac_buf_printf(
			buf, "%s'%s'", i == 0 ? "" : ", ", type->fields[group->fields[i]].name);
	}
	prac_buf_printf(buf, ");\n");
}

/*
 * A row's record may be frozen by another that is written later in the same transaction, so the
 * check looks at what stands in that table when the statement ends. Its plan is made once in a
 * session, perhaps while the table is nearly empty; read from end to end it would cost a batch ten
 * times the rest once the table has grown.
 */
static void put_freeze_with(const struct prac_type *type, struct prac_buf *buf)
{
	static const char *const events[][2] = { { "INSERT", "NEW" }, { "UPDATE", "OLD" },
		{ "DELETE", "OLD" } };
	const struct prac_field *field = &type->fields[type->frozen_with];
	const struct prac_type *parent = prac_type_find(field->ref_type);

	prac_buf_printf(buf,
		"CREATE FUNCTION %s_frozen() RETURNS trigger LANGUAGE plpgsql\n"
		"\tSET enable_seqscan = off AS $$\nBEGIN\n",
		type->name);
	prac_buf_printf(buf,
		"\tIF EXISTS (SELECT FROM %s\n"
		"\t            WHERE id = ANY (ARRAY(SELECT %s FROM touched)) AND %s IN (",
		parent->name, field->name, parent->fields[parent->state_field].name);
	put_states(parent, parent->frozen, buf);
	prac_buf_printf(buf,
		"))\n\t   AND NOT (TG_OP = 'DELETE' AND (SELECT bool_and(disposal_names(id)) FROM "
		"touched)) THEN\n\t\tRAISE EXCEPTION '%s is frozen with its %s';\n",
		type->name, parent->name);
	prac_buf_printf(buf, "\tEND IF;\n\tRETURN NULL;\nEND $$;\n");
	for (size_t i = 0; i < PRAC_NELEM(events); i++) {
		prac_buf_printf(buf,
			"CREATE TRIGGER frozen_%c AFTER %s ON %s REFERENCING %s TABLE AS touched\n",
			"iud"[i], events[i][0], type -> name, events[i][1]);
		prac_buf_printf(buf, "\tEXECUTE FUNCTION %s_frozen();\n", type->name);
	}
}

static void put_columns(const struct prac_type *type, struct prac_buf *buf)
{
	enum {
		A_LINE = 6
	};

	for (size_t i = 0; i < type->n_fields; i++) {
		prac_buf_printf(
			buf, ",%s%s", i % A_LINE == 0 ? "\n       " : " ", type->fields[i].name);
	}
}

static void put_history(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf,
		"\n-- Versions that were replaced, and all versions together.\nCREATE TABLE %s_past (\n",
		type->name);
	prac_buf_printf(buf, "\tid uuid NOT NULL,\n\tfrom_seq bigint NOT NULL,\n");
	prac_buf_printf(buf, "\tto_seq bigint NOT NULL,\n\tscope uuid NOT NULL");
	put_fields(type, true, buf);
	prac_buf_printf(buf, ",\n\tPRIMARY KEY (id, from_seq)\n);\n");
	put_guard(type, "_past", buf);
	prac_buf_printf(buf,
		"CREATE VIEW %s_history AS\nSELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope",
		type->name);
	put_columns(type, buf);
	prac_buf_printf(buf,
		"\n  FROM %s\n WHERE NOT deleted\nUNION ALL\nSELECT id, from_seq, to_seq, scope",
		type->name);
	put_columns(type, buf);
	prac_buf_printf(buf, "\n  FROM %s_past;\n", type->name);
}

static void put_computed_when(
	const struct prac_type *type, const struct prac_computed *computed, struct prac_buf *buf)
{
	prac_buf_append_text(buf, "\tWHEN ");
	if (computed->from != 0) {
		prac_buf_printf(buf, "r.%s IN (", type->fields[type->state_field].name);
		put_states(type, computed->from, buf);
		prac_buf_append_text(buf, ") AND ");
	}
	prac_buf_printf(buf, "today >= r.%s", type->fields[computed->since].name);
	if (computed->days != 0) {
		prac_buf_printf(
			buf, " %c %" PRId32, computed->days < 0 ? '-' : '+', abs(computed->days));
	}
	if (computed->until >= 0) {
		const char *until = type->fields[computed->until].name;

		prac_buf_printf(buf, " AND (r.%s IS NULL OR today <= r.%s)", until, until);
	}
	prac_buf_printf(buf, " THEN '%s'\n", computed->name);
}

/*
 * The function <table>_computed(row, date): the name of the state that the calendar has moved the row
 * to on that day, or NULL; as prac_record_computed() says it. Nothing for a type without such states.
 */
static void put_computed(const struct prac_type *type, struct prac_buf *buf)
{
	if (type->n_computed == 0) {
		return;
	}
	prac_buf_printf(buf,
		"CREATE OR REPLACE FUNCTION %s_computed(r %s, today date) RETURNS text\n"
		"\tLANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$\nSELECT CASE\n",
		type->name, type->name);
	for (size_t i = 0; i < type->n_computed; i++) {
		put_computed_when(type, &type->computed[i], buf);
	}
	prac_buf_append_text(buf, "END $$;\n");
}

void prac_sql_migration(const struct prac_type *type, struct prac_buf *buf)
{
	uint64_t with_exit = states_with_exit(type);

	prac_buf_printf(buf, "-- %s (%" PRIu32 ")\n", type->label, type->number);
	put_table(type, buf);
	put_indexes(type, buf);
	if (type->frozen != 0) {
		put_freeze(type, "frozen", with_exit, true, buf);
		put_freeze(type, "final", type->frozen & ~with_exit, false, buf);
	}
	if (type->append_only) {
		prac_buf_printf(buf,
			"CREATE TRIGGER final BEFORE UPDATE OR DELETE ON %s FOR EACH ROW\n"
			"\tEXECUTE FUNCTION record_frozen();\n",
			type->name);
	}
	if (type->frozen_with >= 0) {
		put_freeze_with(type, buf);
	}
	put_comments(type, buf);
	put_computed(type, buf);
	if (type->reported) {
		put_history(type, buf);
	}
	prac_buf_printf(buf,
		"\n-- Who may read and write it.\n"
		"SELECT secure_record_table('%s', %" PRIu32 ");\n",
		type->name, type->number);
}
