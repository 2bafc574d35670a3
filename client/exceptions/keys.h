/* Sets of ids with a day, and a day or a number by id. Inside client/exceptions only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/id.h"

/* For g_hash_table_destroy(). */
GHashTable *keys_new(void);

bool keys_has(GHashTable *set, const struct prac_id *id, int32_t day);
void keys_add(GHashTable *set, const struct prac_id *id, int32_t day);

/* By id alone: the day or the number kept for it; 0 when there is none. */
int32_t keys_last(GHashTable *days, const struct prac_id *id);
void keys_keep_last(GHashTable *days, const struct prac_id *id, int32_t day);
/* One more of the id. */
void keys_count(GHashTable *counts, const struct prac_id *id);
