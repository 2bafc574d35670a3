#include "client/cmd/find_index.h"

#include "client/cmd/find.h"

struct find_index {
	struct cmd_call *call;
	const struct prac_type *type;
	GHashTable *words; /* case folded -> struct prac_id; nil: of several records */
};

static void add_word(struct find_index *index, const struct prac_record *record, uint16_t field)
{
	const struct prac_value *value = &record->values[field];
	struct prac_id *known;
	char *word;

	if (!value->has || record->type->fields[field].kind != PRAC_TEXT) {
		return;
	}
	word = g_utf8_casefold((const char *)value->bytes.data, (gssize)value->bytes.len);
	known = g_hash_table_lookup(index->words, word);
	if (known == NULL) {
		g_hash_table_insert(index->words, word, g_memdup2(&record->id, sizeof(*known)));
		return;
	}
	if (!prac_id_equal(known, &record->id)) {
		*known = (struct prac_id){ 0 };
	}
	g_free(word);
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	const struct prac_type *type = record->type;

	(void)pending;
	for (size_t i = 0; i < type->n_natural_key; i++) {
		add_word(ctx, record, type->natural_key[i]);
	}
	for (size_t i = 0; i < type->n_title; i++) {
		add_word(ctx, record, type->title[i]);
	}
	return true;
}

struct find_index *find_index_new(struct cmd_call *call, const struct prac_type *type)
{
	struct find_index *index = g_new0(struct find_index, 1);
	struct replica_query query = { .type = type };

	index->call = call;
	index->type = type;
	index->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (replica_list(call->replica, &query, on_record, index) != PRAC_OK) {
		g_hash_table_remove_all(index->words); /* find_record() says why */
	}
	return index;
}

void find_index_free(struct find_index *index)
{
	if (index != NULL) {
		g_hash_table_destroy(index->words);
		g_free(index);
	}
}

const struct prac_id *find_index_get(const struct find_index *index, const char *word)
{
	char *folded = g_utf8_casefold(word, -1);
	const struct prac_id *id = g_hash_table_lookup(index->words, folded);

	g_free(folded);
	return id == NULL || prac_id_is_nil(id) || find_begins_id(index->call, index->type, word)
		       ? NULL
		       : id;
}
