#include "server/db/seal.h"

#include <assert.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/log.h"

enum {
	PLACE_LEN = 1 + 4 + 4 + PRAC_ID_LEN + 8 + 8
};

static void put_number(uint8_t *out, uint64_t number, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = (uint8_t)(number >> (8 * i));
	}
}

static void write_place(const struct db_seal_place *place, uint8_t out[PLACE_LEN])
{
	out[0] = (uint8_t)place->table;
	put_number(out + 1, place->type, 4);
	put_number(out + 5, place->column, 4);
	memcpy(out + 9, place->id.b, PRAC_ID_LEN);
	put_number(out + 9 + PRAC_ID_LEN, place->incarnation, 8);
	put_number(out + 17 + PRAC_ID_LEN, place->counter, 8);
}

static const uint8_t *key_of(const struct db_seal *seal, size_t number)
{
	return seal->keys + (number - 1) * PRAC_SEAL_KEY;
}

struct prac_bytes db_seal_put(const struct db_seal *seal, const struct db_seal_place *place,
	struct prac_bytes plain, struct prac_arena *arena)
{
	uint8_t where[PLACE_LEN], *out;
	struct prac_sealing sealing = { NULL, { where, sizeof(where) } };
	struct prac_bytes sealed;

	assert(seal->n_keys > 0);
	sealing.key = key_of(seal, seal->n_keys);
	write_place(place, where);
	sealed = prac_seal_same(&sealing, plain, arena);
	out = prac_arena_alloc(arena, DB_SEAL_HEAD + sealed.len);
	out[0] = DB_SEAL_MARK;
	out[1] = (uint8_t)seal->n_keys;
	memcpy(out + DB_SEAL_HEAD, sealed.data, sealed.len);
	return (struct prac_bytes){ out, DB_SEAL_HEAD + sealed.len };
}

static enum prac_status fail(const struct db_seal_place *place)
{
	char id[PRAC_ID_TEXT];

	prac_id_format(&place->id, id);
	prac_log(PRAC_LOG_ERROR, "db.sealed",
		"table=%d type=%u column=%u id=%s counter=%llu why=\"a sealed value does not open "
		"here: it was changed, moved from elsewhere, or the key is another one\"",
		(int)place->table, place->type, place->column, id,
		(unsigned long long)place->counter);
	return PRAC_DATA_LOSS;
}

enum prac_status db_seal_get(const struct db_seal *seal, const struct db_seal_place *place,
	struct prac_bytes sealed, struct prac_arena *arena, struct prac_bytes *plain_out)
{
	uint8_t where[PLACE_LEN];
	struct prac_sealing sealing = { NULL, { where, sizeof(where) } };

	if (sealed.len < DB_SEAL_OVERHEAD || sealed.data[0] != DB_SEAL_MARK ||
		sealed.data[1] == 0 || sealed.data[1] > seal->n_keys) {
		return fail(place);
	}
	sealing.key = key_of(seal, sealed.data[1]);
	write_place(place, where);
	sealed.data += DB_SEAL_HEAD;
	sealed.len -= DB_SEAL_HEAD;
	if (prac_unseal_at(&sealing, sealed, arena, plain_out) != PRAC_OK) {
		return fail(place);
	}
	return PRAC_OK;
}

void db_seal_key_id(const struct db_seal *seal, size_t number, uint8_t id_out[DB_SEAL_KEY_ID])
{
	struct prac_digest digest =
		prac_hmac_sha256((struct prac_bytes){ key_of(seal, number), PRAC_SEAL_KEY },
			prac_bytes_text("practicum records key id 1"));

	memcpy(id_out, digest.b, DB_SEAL_KEY_ID);
}

bool db_seal_is_key(const struct db_seal *seal, size_t number, struct prac_bytes id)
{
	uint8_t known[DB_SEAL_KEY_ID];

	if (number == 0 || number > seal->n_keys) {
		return false;
	}
	db_seal_key_id(seal, number, known);
	return prac_bytes_equal(id, (struct prac_bytes){ known, sizeof(known) });
}
