#include "client/exceptions/keys.h"

struct key {
	struct prac_id id;
	int32_t day;
};

static guint hash_key(gconstpointer data)
{
	const struct key *key = data;

	return prac_id_hash(&key->id) ^ ((guint)key->day * 2654435761U);
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
	const struct key *one = a, *other = b;

	return one->day == other->day && prac_id_equal(&one->id, &other->id);
}

static struct key *key_new(const struct prac_id *id, int32_t day)
{
	return g_memdup2(&(struct key){ *id, day }, sizeof(struct key));
}

GHashTable *keys_new(void)
{
	return g_hash_table_new_full(hash_key, equal_keys, g_free, NULL);
}

bool keys_has(GHashTable *set, const struct prac_id *id, int32_t day)
{
	return g_hash_table_contains(set, &(struct key){ *id, day });
}

void keys_add(GHashTable *set, const struct prac_id *id, int32_t day)
{
	g_hash_table_add(set, key_new(id, day));
}

int32_t keys_last(GHashTable *days, const struct prac_id *id)
{
	return GPOINTER_TO_INT(g_hash_table_lookup(days, &(struct key){ *id, 0 }));
}

void keys_keep_last(GHashTable *days, const struct prac_id *id, int32_t day)
{
	if (day > keys_last(days, id)) {
		g_hash_table_replace(days, key_new(id, 0), GINT_TO_POINTER(day));
	}
}

void keys_count(GHashTable *counts, const struct prac_id *id)
{
	g_hash_table_replace(counts, key_new(id, 0), GINT_TO_POINTER(keys_last(counts, id) + 1));
}
