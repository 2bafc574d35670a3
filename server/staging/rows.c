/* Parts as they are stored, and the flaws found in them. */
#include "common/wire/scan.h"
#include "common/wire/zip.h"
#include "server/staging/parts.h"
#include "server/sync/view.h"
#include "sql/queries.h"

enum {
	FLAWS_MAX = 10 * 1000 /* listed of one step; the rest is counted */
};

uint64_t staging_incarnation(const struct prac_id *import)
{
	struct prac_digest digest = prac_sha256(prac_id_bytes(import));
	uint64_t incarnation = 0;

	for (size_t i = sizeof(incarnation); i-- > 0;) {
		incarnation = incarnation << 8 | digest.b[i];
	}
	return incarnation;
}

static struct db_seal_place place_of(const struct prac_id *import)
{
	return (struct db_seal_place){ .table = DB_SEAL_PART, .id = *import };
}

struct prac_bytes staging_part_put(const struct staging *staging, const struct prac_id *import,
	struct prac_bytes rows, struct prac_arena *arena)
{
	const struct db_seal_place place = place_of(import);

	return db_seal_put(store_pg_seal(staging->config.store), &place, rows, arena);
}

enum prac_status staging_part_get(const struct staging *staging, const struct prac_id *import,
	struct prac_bytes kept, struct prac_arena *arena, struct prac_bytes *rows_out)
{
	const struct db_seal_place place = place_of(import);

	return db_seal_get(store_pg_seal(staging->config.store), &place, kept, arena, rows_out);
}

enum prac_status staging_unpack(
	struct prac_bytes zipped, struct prac_arena *arena, const Practicum__ImportRows **rows_out)
{
	struct prac_bytes content;
	ProtobufCMessage *message;
	enum prac_status status = prac_unzip(zipped, arena, &content);

	if (status == PRAC_OK) {
		status = prac_unpack(&practicum__import_rows__descriptor, content, arena, &message);
	}
	if (status == PRAC_OK) {
		*rows_out = (const Practicum__ImportRows *)message;
	}
	return status;
}

bool staging_read_row(const Practicum__ImportRow *from, uint64_t number, struct prac_arena *arena,
	struct staging_row *row_out)
{
	struct prac_bytes bytes = { from->mutation.data, from->mutation.len };

	row_out->file = from->file;
	row_out->line = from->line;
	return prac_mutation_read(bytes, arena, &row_out->mutation, &row_out->reason,
		       &row_out->problem) == PRAC_OK &&
	       row_out->mutation.counter == number;
}

void staging_add_flaw(
	struct staging_flaws *flaws, struct prac_arena *arena, const struct staging_flaw *flaw)
{
	flaws->items = view_room(arena, flaws->items, flaws->n, sizeof(*flaws->items));
	flaws->items[flaws->n] = *flaw;
	flaws->items[flaws->n++].text = prac_arena_copy(arena, flaw->text);
}

void staging_write_flaws(struct db_batch *batch, const struct prac_id *import,
	const struct staging_flaws *flaws, struct prac_arena *arena)
{
	static const enum db_elem elems[] = { DB_INT8, DB_INT4, DB_INT4, DB_INT4, DB_UUID, DB_INT4,
		DB_INT4, DB_INT4, DB_TEXT, DB_INT4 };
	struct db_params *params = db_params_new(arena);
	struct db_array arrays[PRAC_NELEM(elems)];
	int64_t nr = 0; /* among those of a row, which stand together */

	if (flaws->n == 0) {
		return;
	}
	for (size_t i = 0; i < PRAC_NELEM(elems); i++) {
		db_array_init(&arrays[i], arena, elems[i]);
	}
	for (size_t i = 0; i < flaws->n && i < FLAWS_MAX; i++) {
		const struct staging_flaw *flaw = &flaws->items[i];

		nr = i > 0 && flaw->row == flaw[-1].row ? nr + 1 : 0;
		db_array_int(&arrays[0], (int64_t)flaw->row);
		db_array_int(&arrays[1], flaw->file);
		db_array_int(&arrays[2], flaw->line);
		db_array_int(&arrays[3], flaw->type);
		db_array_id(&arrays[4], &flaw->id);
		db_array_int(&arrays[5], flaw->field);
		db_array_int(&arrays[6], flaw->reason);
		db_array_int(&arrays[7], flaw->kind);
		db_array_bytes(&arrays[8], flaw->text);
		db_array_int(&arrays[9], nr);
	}
	db_param_id(params, import);
	for (size_t i = 0; i < PRAC_NELEM(elems); i++) {
		db_param_array(params, &arrays[i]);
	}
	db_batch_add(batch, &q_import_write_flaws, params, NULL, NULL);
}
