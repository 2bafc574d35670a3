#include "server/net/penalty.h"

#include <glib.h>

struct net_penalties {
	GHashTable *until_ms; /* key -> uint64_t */
};

static const uint32_t seconds[] = {
	[NET_OFFENSE_REFUSED] = 5,
	[NET_OFFENSE_SLOW] = 10,
	[NET_OFFENSE_BROKEN] = 90,
};

struct net_penalties *net_penalties_new(void)
{
	struct net_penalties *penalties = g_new0(struct net_penalties, 1);

	penalties->until_ms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return penalties;
}

void net_penalties_free(struct net_penalties *penalties)
{
	g_hash_table_destroy(penalties->until_ms);
	g_free(penalties);
}

static gboolean has_run_off(gpointer key, gpointer until_ms, gpointer now_ms)
{
	(void)key;
	return *(uint64_t *)until_ms <= *(uint64_t *)now_ms;
}

void net_penalties_add(struct net_penalties *penalties, const char *key, enum net_offense offense,
	uint32_t max_s, uint64_t now_ms)
{
	uint64_t *until_ms = g_hash_table_lookup(penalties->until_ms, key);
	uint64_t end_ms = now_ms + max_s * UINT64_C(1000);

	if (max_s == 0) {
		return;
	}
	if (until_ms == NULL) {
		if (g_hash_table_size(penalties->until_ms) >= NET_PENALTY_KEYS_MAX) {
			g_hash_table_foreach_remove(penalties->until_ms, has_run_off, &now_ms);
		}
		if (g_hash_table_size(penalties->until_ms) >= NET_PENALTY_KEYS_MAX) {
			return;
		}
		until_ms = g_new0(uint64_t, 1);
		g_hash_table_insert(penalties->until_ms, g_strdup(key), until_ms);
	}
	*until_ms = MAX(*until_ms, now_ms) + seconds[offense] * UINT64_C(1000);
	*until_ms = MIN(*until_ms, end_ms);
}

uint64_t net_penalties_left_ms(
	const struct net_penalties *penalties, const char *key, uint64_t now_ms)
{
	const uint64_t *until_ms = g_hash_table_lookup(penalties->until_ms, key);

	if (until_ms == NULL || *until_ms <= now_ms + NET_PENALTY_FREE_MS) {
		return 0;
	}
	return *until_ms - now_ms - NET_PENALTY_FREE_MS;
}
