#include "client/exceptions/alike.h"

#include <glib.h>
#include <string.h>

#include "catalog/types.h"
#include "common/base/macros.h"

enum {
	ZIP = 5,
	ZIP_PLUS = 9, /* ZIP+4 */
	PHONE = 10,
	PAIR_TEXT = 2 * PRAC_ID_TEXT
};

/* A record under one of its keys. */
struct slot {
	struct alike_match match;
	struct slot *next; /* of the same key */
};

struct alike {
	const struct prac_type *type;
	struct prac_arena *arena;
	GHashTable *slots; /* key -> struct slot, both in the arena */
	GHashTable *said;  /* pairs that somebody has decided about */
};

/* ---- how values are compared */

/* Words that tell no two names or addresses apart, and what stands for others. */
static const struct {
	const char *word, *stands;
} words[] = {
	{ "and", "" },
	{ "the", "" },
	{ "inc", "" },
	{ "incorporated", "" },
	{ "llc", "" },
	{ "ltd", "" },
	{ "limited", "" },
	{ "co", "" },
	{ "company", "" },
	{ "corp", "" },
	{ "corporation", "" },
	{ "street", "st" },
	{ "avenue", "ave" },
	{ "road", "rd" },
	{ "drive", "dr" },
	{ "lane", "ln" },
	{ "boulevard", "blvd" },
	{ "highway", "hwy" },
	{ "suite", "ste" },
};

static void take_word(GString *out, GString *word)
{
	const char *stands = word->str;

	for (size_t i = 0; i < PRAC_NELEM(words); i++) {
		if (strcmp(word->str, words[i].word) == 0) {
			stands = words[i].stands;
		}
	}
	g_string_append(out, stands);
	g_string_truncate(word, 0);
}

/* A number as people write it with more or fewer digits. */
static void shorten_number(GString *out)
{
	if (strspn(out->str, "0123456789") != out->len) {
		return;
	}
	if (out->len == ZIP_PLUS) {
		g_string_truncate(out, ZIP);
	} else if (out->len == PHONE + 1 && out->str[0] == '1') {
		g_string_erase(out, 0, 1);
	}
}

char *alike_text(struct prac_bytes text)
{
	char *plain = g_utf8_normalize((const char *)text.data, (gssize)text.len, G_NORMALIZE_ALL);
	GString *out = g_string_new(NULL), *word = g_string_new(NULL), *all = g_string_new(NULL);

	for (const char *c = plain; c != NULL && *c != '\0'; c = g_utf8_next_char(c)) {
		gunichar one = g_utf8_get_char(c);

		if (g_unichar_isalnum(one)) {
			g_string_append_unichar(word, g_unichar_tolower(one));
			g_string_append_unichar(all, g_unichar_tolower(one));
		} else if (one != '.' && one != '\'' && one != 0x2019 && !g_unichar_ismark(one)) {
			take_word(out, word); /* "L.L.C." and "O'Brien" are one word each */
		}
	}
	take_word(out, word);
	if (out->len == 0) {
		g_string_assign(out, all->str); /* Ms. Co has a name, too */
	}
	shorten_number(out);
	g_free(plain);
	g_string_free(word, TRUE);
	g_string_free(all, TRUE);
	return g_string_free(out, FALSE);
}

/* Empty: the field has nothing that could be compared. */
static char *value_text(const struct prac_field *field, const struct prac_value *value)
{
	if (!value->has) {
		return g_strdup("");
	}
	if (field->kind == PRAC_TEXT) {
		return alike_text(value->bytes);
	}
	return field->kind == PRAC_REF || field->kind == PRAC_BLOB
		       ? g_base64_encode(value->bytes.data, value->bytes.len)
		       : g_strdup_printf("%lld", (long long)value->number);
}

/* NULL: the record has no such key. */
static const char *key_of(const struct alike *alike, const struct prac_record *record, size_t which)
{
	const struct prac_alike *list = &alike->type->alike[which];
	GString *key = g_string_new(NULL);
	const char *kept = NULL;
	bool is_whole = true;

	g_string_printf(key, "%zu", which);
	for (size_t i = 0; i < list->n_fields && is_whole; i++) {
		const struct prac_field *field = &alike->type->fields[list->fields[i]];
		char *text = value_text(field, &record->values[field->index]);

		is_whole = text[0] != '\0';
		g_string_append_printf(key, "|%s", text);
		g_free(text);
	}
	if (is_whole) {
		kept = prac_arena_text(alike->arena, prac_bytes_text(key->str));
	}
	g_string_free(key, TRUE);
	return kept;
}

/* "legal name and ZIP code" */
static const char *fields_text(const struct alike *alike, size_t which)
{
	const struct prac_alike *list = &alike->type->alike[which];
	const char *text = "";

	for (size_t i = 0; i < list->n_fields; i++) {
		const char *label = alike->type->fields[list->fields[i]].label;
		bool is_word = g_ascii_islower(label[0]) || g_ascii_islower(label[1]);

		text = prac_arena_printf(alike->arena, "%s%s%c%s", text,
			i == 0                    ? ""
			: i + 1 == list->n_fields ? " and "
						  : ", ",
			is_word ? g_ascii_tolower(label[0]) : label[0], label + 1);
	}
	return text;
}

/* ---- what was said */

static void name_pair(
	const struct prac_id *one, const struct prac_id *other, char text_out[PAIR_TEXT])
{
	bool is_ordered = prac_id_compare(one, other) < 0;

	prac_id_format(is_ordered ? one : other, text_out);
	text_out[PRAC_ID_TEXT - 1] = ' ';
	prac_id_format(is_ordered ? other : one, text_out + PRAC_ID_TEXT);
}

static bool on_likeness(void *ctx, const struct prac_record *likeness, bool pending)
{
	struct alike *alike = ctx;
	const struct prac_value *other = &likeness->values[PRAC_LIKENESS_OTHER_ID];
	struct prac_id ids[2];
	char text[PAIR_TEXT];

	(void)pending;
	if (likeness->values[PRAC_LIKENESS_STATE].number == PRAC_LIKENESS_STATE_DECIDED &&
		prac_record_target(likeness, &ids[0]) == alike->type &&
		prac_id_from_bytes(other->bytes, &ids[1]) == PRAC_OK) {
		name_pair(&ids[0], &ids[1], text);
		g_hash_table_add(alike->said, g_strdup(text));
	}
	return true;
}

enum prac_status alike_load_said(struct alike *alike, struct replica *replica)
{
	struct replica_query query = { .type = &prac_type_likeness };

	return replica_list(replica, &query, on_likeness, alike);
}

/* ---- the records */

const struct prac_field *alike_merge_field(
	const struct prac_type *type, const struct prac_action *action)
{
	size_t n = action->args != NULL ? action->args->n_fields : 0;

	for (size_t i = 0; i < n; i++) {
		if (action->args->fields[i].ref_type == type->number) {
			return &action->args->fields[i];
		}
	}
	return NULL;
}

const struct prac_action *alike_merge(const struct prac_type *type)
{
	for (size_t i = 0; i < type->n_actions; i++) {
		if (alike_merge_field(type, &type->actions[i]) != NULL) {
			return &type->actions[i];
		}
	}
	return NULL;
}

static bool is_merged(const struct alike *alike, const struct prac_record *record)
{
	const struct prac_action *merge = alike_merge(alike->type);

	return merge != NULL && merge->to >= 0 &&
	       record->values[alike->type->state_field].number == merge->to;
}

void alike_add(struct alike *alike, const struct prac_record *record)
{
	const char *title = NULL;

	for (size_t i = 0; i < alike->type->n_alike && !is_merged(alike, record); i++) {
		const char *key = key_of(alike, record, i);
		struct slot *slot;

		if (key == NULL) {
			continue;
		}
		if (title == NULL) {
			title = prac_arena_text(alike->arena,
				prac_bytes_text(prac_record_title(record, alike->arena)));
		}
		slot = prac_arena_alloc(alike->arena, sizeof(*slot));
		*slot = (struct slot){ .match = { .id = record->id, .title = title },
			.next = g_hash_table_lookup(alike->slots, key) };
		g_hash_table_insert(alike->slots, (gpointer)key, slot);
	}
}

static bool is_news(const struct alike *alike, const struct prac_record *record,
	const struct slot *slot, const struct alike_match *matches, size_t n)
{
	char text[PAIR_TEXT];

	for (size_t i = 0; i < n; i++) {
		if (prac_id_equal(&matches[i].id, &slot->match.id)) {
			return false;
		}
	}
	name_pair(&record->id, &slot->match.id, text);
	return !prac_id_equal(&record->id, &slot->match.id) &&
	       !g_hash_table_contains(alike->said, text);
}

/* Those of one key; n are found already. */
static size_t find_by_key(const struct alike *alike, const struct prac_record *record, size_t which,
	struct alike_match matches[ALIKE_MAX], size_t n)
{
	const char *key = key_of(alike, record, which);
	const struct slot *slot = key == NULL ? NULL : g_hash_table_lookup(alike->slots, key);

	for (; slot != NULL && n < ALIKE_MAX; slot = slot->next) {
		if (is_news(alike, record, slot, matches, n)) {
			matches[n] = slot->match;
			matches[n++].by = fields_text(alike, which);
		}
	}
	return n;
}

size_t alike_find(struct alike *alike, const struct prac_record *record,
	struct alike_match matches_out[ALIKE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < alike->type->n_alike && !is_merged(alike, record); i++) {
		n = find_by_key(alike, record, i, matches_out, n);
	}
	return n;
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	(void)pending;
	alike_add(ctx, record);
	return true;
}

enum prac_status alike_load(struct alike *alike, struct replica *replica)
{
	struct replica_query query = { .type = alike->type };
	enum prac_status status = alike_load_said(alike, replica);

	return status == PRAC_OK ? replica_list(replica, &query, on_record, alike) : status;
}

struct alike *alike_new(const struct prac_type *type, struct prac_arena *arena)
{
	struct alike *alike = g_new0(struct alike, 1);

	alike->type = type;
	alike->arena = arena;
	alike->slots = g_hash_table_new(g_str_hash, g_str_equal);
	alike->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return alike;
}

void alike_free(struct alike *alike)
{
	g_hash_table_destroy(alike->slots);
	g_hash_table_destroy(alike->said);
	g_free(alike);
}
