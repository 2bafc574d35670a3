#include "tests/sim/model_sum.h"

#include <string.h>

/* A scope's sum from a number on. */
struct moment {
	uint64_t seq;
	struct model_sum sum;
};

struct past {
	struct prac_id scope;
	GArray *moments; /* of struct moment, in order of seq */
};

static uint64_t hash_more(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	}
	return hash;
}

static unsigned hash_past(const void *item)
{
	return (unsigned)hash_more(0, ((const struct past *)item)->scope.b, PRAC_ID_LEN);
}

static gboolean same_past(const void *a, const void *b)
{
	return prac_id_equal(&((const struct past *)a)->scope, &((const struct past *)b)->scope);
}

static void free_past(void *item)
{
	struct past *past = item;

	g_array_free(past->moments, TRUE);
	g_free(past);
}

GHashTable *model_sums_new(void)
{
	return g_hash_table_new_full(hash_past, same_past, NULL, free_past);
}

static struct past *past_of(GHashTable *sums, const struct prac_id *scope)
{
	const struct past like = { .scope = *scope };

	return g_hash_table_lookup(sums, &like);
}

void model_sum_add(
	GHashTable *sums, const struct prac_id *scope, uint64_t seq, uint64_t hash, int by)
{
	struct past *past = past_of(sums, scope);
	struct moment now = { 0 };
	struct moment *last;

	if (past == NULL) {
		past = g_new0(struct past, 1);
		past->scope = *scope;
		past->moments = g_array_new(FALSE, FALSE, sizeof(struct moment));
		g_array_append_val(past->moments, now);
		g_hash_table_add(sums, past);
	}
	last = &g_array_index(past->moments, struct moment, past->moments->len - 1);
	if (last->seq != seq) {
		now = *last;
		now.seq = seq;
		g_array_append_val(past->moments, now);
		last = &g_array_index(past->moments, struct moment, past->moments->len - 1);
	}
	last->sum.hash ^= hash;
	last->sum.n_rows += (size_t)by; /* wraps as it should */
}

struct model_sum model_sum_at(GHashTable *sums, const struct prac_id *scope, uint64_t seq)
{
	const struct past *past = past_of(sums, scope);
	unsigned at = past != NULL ? past->moments->len : 0;

	while (at > 0) {
		const struct moment *moment = &g_array_index(past->moments, struct moment, --at);

		if (moment->seq <= seq) {
			return moment->sum;
		}
	}
	return (struct model_sum){ 0 };
}

uint64_t model_hash_begin(uint32_t type, const struct prac_id *id, const struct prac_id *owner)
{
	uint64_t hash = hash_more(UINT64_C(14695981039346656037), &type, sizeof(type));

	hash = hash_more(hash, id->b, PRAC_ID_LEN);
	return hash_more(hash, owner->b, PRAC_ID_LEN);
}

uint64_t model_hash_group(uint64_t hash, size_t group, uint64_t seq, struct prac_bytes bytes)
{
	if (seq == 0 && bytes.len == 0) {
		return hash;
	}
	hash = hash_more(hash, &group, sizeof(group));
	hash = hash_more(hash, &seq, sizeof(seq));
	return hash_more(hash, bytes.data, bytes.len);
}

/* So that sums of many rows keep all bits alive (the last step of splitmix64). */
uint64_t model_hash_end(uint64_t hash)
{
	hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	hash = (hash ^ hash >> 27) * UINT64_C(0x94D049BB133111EB);
	return hash ^ hash >> 31;
}
