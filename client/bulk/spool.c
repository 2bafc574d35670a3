#include "client/bulk/spool.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "client/replica/folder.h"
#include "common/wire/binary.h"
#include "common/wire/zip.h"

enum {
	PART_FILE_MAX = 512 * 1024,
	PART_NAME = 32
};

struct bulk_spool {
	struct prac_id import;
	char *folder;
	char *label;
	char **files;
	uint64_t n_rows;
	uint32_t part, n_part_rows;
	struct prac_buf rows; /* ImportRows of the part being filled */
	struct prac_arena arena;
	enum prac_status status; /* the first failure */
};

static char *folder_of(const char *home, const struct prac_id *import)
{
	char id[PRAC_ID_TEXT];

	prac_id_format(import, id);
	return g_build_filename(home, "imports", id, NULL);
}

static void name_part(uint32_t part, char name_out[PART_NAME])
{
	(void)snprintf(name_out, PART_NAME, "part.%06u", part);
}

struct bulk_spool *bulk_new(
	const char *home, const struct prac_env *env, const struct bulk_head *head)
{
	struct bulk_spool *spool = g_new0(struct bulk_spool, 1);

	spool->import = prac_id_new(env);
	spool->folder = folder_of(home, &spool->import);
	spool->label = g_strdup(head->label);
	spool->files = g_new0(char *, head->n_files + 1);
	for (size_t i = 0; i < head->n_files; i++) {
		spool->files[i] = g_strdup(head->files[i]);
	}
	spool->status = folder_make(spool->folder);
	return spool;
}

static void fill_head(
	const struct bulk_spool *spool, Practicum__ImportHead *head, struct prac_arena *arena)
{
	head->has_label = true;
	head->label = prac_binary_text(spool->label);
	head->n_files = g_strv_length(spool->files);
	head->files = prac_arena_alloc(arena, (head->n_files + 1) * sizeof(*head->files));
	for (size_t i = 0; i < head->n_files; i++) {
		head->files[i] = prac_binary_text(spool->files[i]);
	}
}

/* Writes the part that was filled and begins the next. */
static void write_part(struct bulk_spool *spool, bool is_last)
{
	Practicum__ImportPart part = PRACTICUM__IMPORT_PART__INIT;
	Practicum__ImportHead head = PRACTICUM__IMPORT_HEAD__INIT;
	struct prac_buf zipped = { 0 }, packed = { 0 };
	struct prac_digest digest;
	char name[PART_NAME];

	prac_zip_frame(&zipped, prac_buf_bytes(&spool->rows));
	digest = prac_sha256(prac_buf_bytes(&zipped));
	part.has_import_id = part.has_part = part.has_last = part.has_rows = true;
	part.has_n_rows = part.has_sha256 = true;
	part.import_id = prac_binary_id(&spool->import);
	part.part = spool->part;
	part.last = is_last;
	part.rows = prac_binary(prac_buf_bytes(&zipped));
	part.n_rows = spool->n_part_rows;
	part.sha256 = prac_binary(prac_digest_bytes(&digest));
	prac_arena_reset(&spool->arena);
	if (spool->part == 0) {
		fill_head(spool, &head, &spool->arena);
		part.head = &head;
	}
	prac_buf_commit(&packed,
		practicum__import_part__pack(&part,
			prac_buf_reserve(&packed, practicum__import_part__get_packed_size(&part))));
	name_part(spool->part, name);
	if (spool->status == PRAC_OK) {
		spool->status = folder_write(spool->folder, name, prac_buf_bytes(&packed));
	}
	spool->part++;
	spool->n_part_rows = 0;
	prac_buf_clear(&spool->rows);
	prac_buf_deinit(&zipped);
	prac_buf_deinit(&packed);
}

void bulk_add(
	struct bulk_spool *spool, struct prac_mutation *mutation, const struct bulk_source *source)
{
	Practicum__ImportRow row = PRACTICUM__IMPORT_ROW__INIT;
	Practicum__ImportRow *one[] = { &row };
	Practicum__ImportRows rows = PRACTICUM__IMPORT_ROWS__INIT;
	size_t len;

	mutation->counter = ++spool->n_rows;
	prac_arena_reset(&spool->arena);
	prac_mutation_write(mutation, &spool->arena);
	row.has_mutation = row.has_file = row.has_line = true;
	row.mutation = prac_binary(mutation->bytes);
	row.file = source->file;
	row.line = source->line;
	rows.n_rows = 1;
	rows.rows = one;
	len = practicum__import_rows__get_packed_size(&rows);
	if (spool->n_part_rows > 0 && (spool->n_part_rows == BULK_PART_ROWS ||
					      prac_buf_len(&spool->rows) + len > BULK_PART_BYTES)) {
		write_part(spool, false);
		prac_arena_reset(&spool->arena);
		prac_mutation_write(mutation, &spool->arena);
		row.mutation = prac_binary(mutation->bytes);
	}
	/* A message with one row behind another is a message with both. */
	prac_buf_commit(&spool->rows,
		practicum__import_rows__pack(&rows, prac_buf_reserve(&spool->rows, len)));
	spool->n_part_rows++;
}

enum prac_status bulk_end(struct bulk_spool *spool, struct bulk_plan *plan_out)
{
	enum prac_status status;

	if (spool->n_part_rows > 0) {
		write_part(spool, true);
	}
	status = spool->status;
	*plan_out = (struct bulk_plan){ spool->import, spool->n_rows };
	if (status != PRAC_OK || spool->n_rows == 0) {
		char *home = g_path_get_dirname(spool->folder);
		char *above = g_path_get_dirname(home);

		bulk_drop(above, &spool->import);
		g_free(home);
		g_free(above);
	}
	g_free(spool->folder);
	g_free(spool->label);
	g_strfreev(spool->files);
	prac_buf_deinit(&spool->rows);
	prac_arena_deinit(&spool->arena);
	g_free(spool);
	return status;
}

void bulk_drop(const char *home, const struct prac_id *import)
{
	char *folder = folder_of(home, import);
	GDir *files = g_dir_open(folder, 0, NULL);
	const char *name;

	while (files != NULL && (name = g_dir_read_name(files)) != NULL) {
		folder_remove(folder, name);
	}
	if (files != NULL) {
		g_dir_close(files);
	}
	(void)g_rmdir(folder); /* what is left is swept with the folder */
	g_free(folder);
}

enum prac_status bulk_part(
	const char *home, const struct prac_id *import, uint32_t part, struct prac_buf *buf)
{
	char *folder = folder_of(home, import);
	char name[PART_NAME];
	enum prac_status status;

	name_part(part, name);
	prac_buf_clear(buf);
	status = folder_read(folder, name, PART_FILE_MAX, buf);
	g_free(folder);
	return status;
}
