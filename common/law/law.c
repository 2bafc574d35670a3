#include "common/law/law.h"

#include <string.h>

#include "common/base/date.h"

enum {
	SET_TEXT_MAX = 256 * 1024,
	VERSION_MAX = 10000
};

static const char idents[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/* Up to the byte; text_io continues behind it. Without the byte: all that is left. */
static struct prac_bytes take_until(struct prac_bytes *text_io, uint8_t byte)
{
	struct prac_bytes piece = { text_io->data, 0 };

	while (piece.len < text_io->len && text_io->data[piece.len] != byte) {
		piece.len++;
	}
	if (piece.len < text_io->len) {
		text_io->data += piece.len + 1;
		text_io->len -= piece.len + 1;
	} else {
		text_io->len = 0;
	}
	return piece;
}

static struct prac_bytes trim(struct prac_bytes text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && strchr(" \t\r", text.data[text.len - 1]) != NULL) {
		text.len--;
	}
	return text;
}

static bool is_ident(const char *text)
{
	return text[0] != '\0' && text[strspn(text, idents)] == '\0';
}

static enum prac_status read_key(
	struct prac_bytes word, struct prac_arena *arena, struct prac_law_key *key_out)
{
	struct prac_bytes rest = word;

	key_out->name = prac_arena_text(arena, take_until(&rest, ':'));
	key_out->value = prac_arena_text(arena, rest);
	return is_ident(key_out->name) && rest.len > 0 ? PRAC_OK : PRAC_INVALID_ARGUMENT;
}

static enum prac_status read_keys(struct prac_bytes text, struct prac_arena *arena,
	struct prac_law_row *row, const char **error_out)
{
	while (text.len > 0) {
		struct prac_bytes word = take_until(&text, ' ');

		if (word.len == 0) {
			continue;
		}
		if (row->n_keys == PRAC_LAW_KEYS_MAX) {
			*error_out = prac_arena_printf(
				arena, "%s: more than %d keys", row->id, PRAC_LAW_KEYS_MAX);
			return PRAC_INVALID_ARGUMENT;
		}
		if (read_key(word, arena, &row->keys[row->n_keys++]) != PRAC_OK) {
			*error_out = prac_arena_printf(arena,
				"%s: \"%s\" is no key:value, as in most:3h", row->id,
				prac_arena_text(arena, word));
			return PRAC_INVALID_ARGUMENT;
		}
	}
	return PRAC_OK;
}

enum prac_status prac_law_row_read(struct prac_bytes line, struct prac_arena *arena,
	struct prac_law_row *row_out, const char **error_out)
{
	struct prac_bytes id, rule, kind;

	*row_out = (struct prac_law_row){ 0 };
	if (line.len > PRAC_LAW_LINE_MAX || !prac_utf8_ok(line)) {
		*error_out = prac_arena_printf(arena,
			"a row is text of at most %d bytes; shorten its words", PRAC_LAW_LINE_MAX);
		return PRAC_INVALID_ARGUMENT;
	}
	id = trim(take_until(&line, '='));
	rule = trim(take_until(&line, '|'));
	row_out->words = prac_arena_text(arena, trim(take_until(&line, '|')));
	row_out->source = prac_arena_text(arena, trim(take_until(&line, '|')));
	row_out->id = prac_arena_text(arena, id);
	kind = take_until(&rule, ' ');
	row_out->kind = prac_arena_text(arena, kind);
	if (!is_ident(row_out->id) || !is_ident(row_out->kind) || line.len > 0) {
		*error_out = "a row is ID=kind key:value ... | words | source";
		return PRAC_INVALID_ARGUMENT;
	}
	return read_keys(rule, arena, row_out, error_out);
}

const char *prac_law_key(const struct prac_law_row *row, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < row->n_keys; i++) {
		if (strcmp(row->keys[i].name, name) == 0) {
			value = row->keys[i].value;
		}
	}
	return value;
}

static bool read_version(const char *text, int32_t *version_out)
{
	int32_t version = 0;

	for (; *text >= '0' && *text <= '9' && version <= VERSION_MAX; text++) {
		version = version * 10 + (*text - '0');
	}
	*version_out = version;
	return *text == '\0' && version >= 1 && version <= VERSION_MAX;
}

enum fact {
	FACT_NONE, /* the line is a row */
	FACT_GOOD,
	FACT_BAD
};

/* Facts of the set have lower-case names; rows do not begin with one. */
static enum fact read_fact(struct prac_law_set *set, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **text;
	} texts[] = {
		{ "domain", &set->domain },
		{ "jurisdiction", &set->jurisdiction },
		{ "source", &set->source },
	};

	for (size_t i = 0; i < PRAC_NELEM(texts); i++) {
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].text = value;
			return value[0] != '\0' ? FACT_GOOD : FACT_BAD;
		}
	}
	if (strcmp(name, "version") == 0) {
		return read_version(value, &set->version) ? FACT_GOOD : FACT_BAD;
	}
	if (strcmp(name, "starts_on") == 0) {
		return prac_date_parse(value, &set->starts_on) == PRAC_OK ? FACT_GOOD : FACT_BAD;
	}
	if (strcmp(name, "ends_on") == 0) {
		return prac_date_parse(value, &set->ends_on) == PRAC_OK ? FACT_GOOD : FACT_BAD;
	}
	return FACT_NONE;
}

static enum prac_status read_line(struct prac_bytes line, struct prac_arena *arena,
	struct prac_law_set *set, const char **error_out)
{
	struct prac_bytes rest = line;
	const char *name = prac_arena_text(arena, trim(take_until(&rest, '=')));
	enum fact fact = read_fact(set, name, prac_arena_text(arena, trim(rest)));

	if (fact == FACT_BAD) {
		*error_out = prac_arena_printf(arena, "%s: not understood", name);
	}
	if (fact != FACT_NONE) {
		return fact == FACT_GOOD ? PRAC_OK : PRAC_INVALID_ARGUMENT;
	}
	if (set->n_rows == PRAC_LAW_ROWS_MAX) {
		*error_out =
			prac_arena_printf(arena, "a set has at most %d rows", PRAC_LAW_ROWS_MAX);
		return PRAC_INVALID_ARGUMENT;
	}
	return prac_law_row_read(line, arena, &set->rows[set->n_rows++], error_out);
}

static enum prac_status check_facts(const struct prac_law_set *set, const char **error_out)
{
	if (set->domain[0] == '\0' || set->jurisdiction[0] == '\0' || set->version == 0 ||
		set->starts_on == PRAC_LAW_OPEN_END || set->ends_on < set->starts_on) {
		*error_out = "a set names domain, jurisdiction, version and starts_on, and does "
			     "not end before it starts";
		return PRAC_INVALID_ARGUMENT;
	}
	return PRAC_OK;
}

const char *prac_law_row_text(const struct prac_law_row *row, struct prac_arena *arena)
{
	const char *text = prac_arena_printf(arena, "%s=%s", row->id, row->kind);

	for (size_t i = 0; i < row->n_keys; i++) {
		text = prac_arena_printf(
			arena, "%s %s:%s", text, row->keys[i].name, row->keys[i].value);
	}
	return prac_arena_printf(arena, "%s | %s | %s", text, row->words, row->source);
}

enum prac_status prac_law_set_read(struct prac_bytes text, struct prac_arena *arena,
	struct prac_law_set *set_out, const char **error_out)
{
	size_t number = 0;
	const char *why = "";

	*set_out = (struct prac_law_set){
		.domain = "",
		.jurisdiction = "",
		.source = "",
		.starts_on = PRAC_LAW_OPEN_END,
		.ends_on = PRAC_LAW_OPEN_END,
	};
	if (text.len > SET_TEXT_MAX || !prac_utf8_ok(text)) {
		*error_out = "a set is UTF-8 text of at most 256 KiB";
		return PRAC_INVALID_ARGUMENT;
	}
	set_out->rows = prac_arena_alloc(arena, PRAC_LAW_ROWS_MAX * sizeof(*set_out->rows));
	while (text.len > 0) {
		struct prac_bytes line = trim(take_until(&text, '\n'));

		number++;
		if (line.len == 0 || line.data[0] == '#') {
			continue;
		}
		if (read_line(line, arena, set_out, &why) != PRAC_OK) {
			*error_out = prac_arena_printf(arena, "line %zu: %s", number, why);
			return PRAC_INVALID_ARGUMENT;
		}
	}
	return check_facts(set_out, error_out);
}
