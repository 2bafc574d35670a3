#include "client/cmd/find.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "client/cmd/print.h"
#include "common/base/near.h"

enum {
	PREFIX_MIN = 4, /* shorter digits are rather a number or a name */
	CANDIDATES = 5
};

/* A search by name or number over all records of a type. */
struct search {
	struct cmd_call *call;
	const char *word; /* case folded */
	const struct prac_record *found[CANDIDATES];
	size_t n;
	bool exact; /* found holds records with a field that is the word itself */
};

static bool looks_like_id(const char *word)
{
	size_t digits = 0;

	for (; *word != '\0'; word++) {
		if (isxdigit((unsigned char)*word)) {
			digits++;
		} else if (*word != '-') {
			return false;
		}
	}
	return digits >= PREFIX_MIN;
}

static bool field_is(const struct prac_record *record, uint16_t index, const char *folded)
{
	const struct prac_value *value = &record->values[index];
	char *text;
	bool same;

	if (!value->has || record->type->fields[index].kind != PRAC_TEXT) {
		return false;
	}
	text = g_utf8_casefold((const char *)value->bytes.data, (gssize)value->bytes.len);
	same = strcmp(text, folded) == 0;
	g_free(text);
	return same;
}

static bool is_exactly(const struct prac_record *record, const char *folded)
{
	const struct prac_type *type = record->type;

	for (size_t i = 0; i < type->n_natural_key; i++) {
		if (field_is(record, type->natural_key[i], folded)) {
			return true;
		}
	}
	for (size_t i = 0; i < type->n_title; i++) {
		if (field_is(record, type->title[i], folded)) {
			return true;
		}
	}
	return false;
}

/* The title, or its words turned round: "Lee, Ann" is found as "ann lee". */
static bool is_titled(
	const struct prac_record *record, const char *folded, struct prac_arena *arena)
{
	char *title = g_utf8_casefold(prac_record_title(record, arena), -1);
	char **words = g_strsplit_set(folded, " ,", -1);
	bool all = words[0] != NULL;

	for (char **word = words; *word != NULL; word++) {
		all = all && strstr(title, *word) != NULL;
	}
	g_strfreev(words);
	g_free(title);
	return all;
}

static void keep(struct search *search, const struct prac_record *record)
{
	const struct prac_record *copy = NULL;

	if (search->n < CANDIDATES &&
		replica_get(search->call->replica, record->type, &record->id, &search->call->arena,
			&copy) == PRAC_OK &&
		copy != NULL) {
		search->found[search->n] = copy;
	}
	search->n++;
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct search *search = ctx;
	bool exact = is_exactly(record, search->word);

	(void)pending;
	if (exact && !search->exact) {
		search->exact = true;
		search->n = 0;
	}
	if (exact || (!search->exact && is_titled(record, search->word, &search->call->arena))) {
		keep(search, record);
	}
	return true;
}

static void list_candidates(const struct search *search, const struct prac_type *type)
{
	struct cmd_call *call = search->call;

	for (size_t i = 0; i < search->n && i < CANDIDATES; i++) {
		(void)fprintf(stderr, "  %s  %s\n",
			print_id(call->replica, type, &search->found[i]->id, &call->arena),
			prac_record_title(search->found[i], &call->arena));
	}
	if (search->n > CANDIDATES) {
		(void)fprintf(stderr, "  and %zu more: practicum list %s\n", search->n - CANDIDATES,
			type->name);
	}
}

static const struct prac_record *by_name(
	struct cmd_call *call, const struct prac_type *type, const char *word)
{
	char *folded = g_utf8_casefold(word, -1);
	struct search search = { .call = call, .word = folded };
	struct replica_query query = { .type = type };
	enum prac_status status = replica_list(call->replica, &query, on_record, &search);

	g_free(folded);
	if (status != PRAC_OK) {
		cmd_fail_replica(call, status);
		return NULL;
	}
	if (search.n == 1) {
		return search.found[0];
	}
	if (search.n == 0) {
		cmd_fail(call, CMD_REFUSED,
			"no %s is called %s here; practicum list %s shows those that are",
			type->name, word, type->name);
	} else {
		cmd_fail(call, CMD_REFUSED,
			"%zu %s records match %s; name one by its id:", search.n, type->name, word);
		list_candidates(&search, type);
	}
	return NULL;
}

/* *n_out is 0 when no id starts so: the word may still be a name. */
static const struct prac_record *by_id(
	struct cmd_call *call, const struct prac_type *type, const char *word, size_t *n_out)
{
	const struct prac_record *record = NULL;
	struct prac_id ids[2];
	enum prac_status status = replica_find_id(call->replica, type, word, ids, n_out);

	if (status == PRAC_INVALID_ARGUMENT) {
		*n_out = 0;
		return NULL;
	}
	if (status == PRAC_OK && *n_out == 1) {
		status = replica_get(call->replica, type, &ids[0], &call->arena, &record);
	}
	if (status != PRAC_OK) {
		cmd_fail_replica(call, status);
		*n_out = 1;
		return NULL;
	}
	if (*n_out > 1) {
		cmd_fail(call, CMD_REFUSED,
			"more than one %s has an id that starts with %s; type more of it, as "
			"practicum list %s shows it",
			type->name, word, type->name);
	} else if (*n_out == 1 && record == NULL) {
		cmd_fail(call, CMD_REFUSED, "%s %s was deleted", type->name, word);
	}
	return record;
}

bool find_begins_id(struct cmd_call *call, const struct prac_type *type, const char *word)
{
	struct prac_id ids[2];
	size_t n = 0;

	return looks_like_id(word) &&
	       replica_find_id(call->replica, type, word, ids, &n) == PRAC_OK && n > 0;
}

const struct prac_record *find_record(
	struct cmd_call *call, const struct prac_type *type, const char *word)
{
	const struct prac_record *record;
	size_t n = 0;

	if (looks_like_id(word)) {
		record = by_id(call, type, word, &n);
		if (n > 0) {
			return record;
		}
	}
	return by_name(call, type, word);
}

/* A reference to any type takes a whole id; one to a type takes whatever finds a record. */
static bool find_reference(struct cmd_call *call, const struct prac_field *field, const char *text,
	struct prac_value *value_out)
{
	const struct prac_type *type = prac_type_find(field->ref_type);
	const struct prac_record *record;
	struct prac_problem problem = { 0 };

	if (type == NULL) {
		if (prac_value_parse(field, text, &call->arena, value_out, &problem) == PRAC_OK) {
			return true;
		}
		cmd_fail(call, CMD_REFUSED, "%s", cmd_problem(&call->arena, &problem));
		return false;
	}
	record = find_record(call, type, text);
	if (record == NULL) {
		return false;
	}
	*value_out = prac_value_bytes(prac_arena_copy(&call->arena, prac_id_bytes(&record->id)));
	return true;
}

static void say_fields(struct cmd_call *call, const struct prac_type *type, const char *name)
{
	struct prac_near near = { .word = name };
	GString *names = g_string_new(NULL);

	for (size_t i = 0; i < type->n_fields; i++) {
		g_string_append_printf(names, " %s", type->fields[i].name);
		prac_near_try(&near, type->fields[i].name);
	}
	if (near.best != NULL) {
		cmd_fail(call, CMD_REFUSED, "%s has no field %s; did you mean %s? It has%s",
			type->name, name, near.best, names->str);
	} else {
		cmd_fail(call, CMD_REFUSED, "%s has no field %s; it has%s", type->name, name,
			names->str);
	}
	g_string_free(names, TRUE);
}

bool find_value(struct cmd_call *call, const struct prac_type *type, const char *word,
	const struct prac_field **field_out, struct prac_value *value_out)
{
	const char *equals = strchr(word, '=');
	struct prac_problem problem = { 0 };
	char *name;

	if (equals == NULL) {
		cmd_fail(call, CMD_USAGE, "%s is not FIELD=VALUE", word);
		return false;
	}
	name = prac_arena_printf(&call->arena, "%.*s", (int)(equals - word), word);
	*field_out = prac_field_find_name(type, name);
	if (*field_out == NULL) {
		say_fields(call, type, name);
		return false;
	}
	*value_out = (struct prac_value){ 0 };
	if (equals[1] == '\0') {
		return true;
	}
	if ((*field_out)->kind == PRAC_REF) {
		return find_reference(call, *field_out, equals + 1, value_out);
	}
	if (prac_value_parse(*field_out, equals + 1, &call->arena, value_out, &problem) !=
		PRAC_OK) {
		cmd_fail(call, CMD_REFUSED, "%s", cmd_problem(&call->arena, &problem));
		return false;
	}
	return true;
}

bool find_changes(struct cmd_call *call, char **words, struct prac_record *record)
{
	for (; *words != NULL; words++) {
		const struct prac_field *field;
		struct prac_value value;

		if (!find_value(call, record->type, *words, &field, &value)) {
			return false;
		}
		record->values[field->index] = value;
		record->withheld &= ~(UINT64_C(1) << field->index); /* said, though not seen */
	}
	return true;
}

bool find_values(struct cmd_call *call, const struct prac_type *type, char **words,
	struct prac_value *values)
{
	for (; *words != NULL; words++) {
		const struct prac_field *field;
		struct prac_value value;

		if (!find_value(call, type, *words, &field, &value)) {
			return false;
		}
		values[field->index] = value;
	}
	return true;
}
