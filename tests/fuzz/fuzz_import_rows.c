/* A part of a bulk import as the server reads it: zstd frame, rows, mutations. */
#include "common/wire/zip.h"
#include "server/staging/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says whether the rest is a frame or the rows in one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prac_bytes bytes = { data + 1, size - 1 };
	struct prac_arena arena = { 0 };
	struct prac_buf frame = { 0 };
	const Practicum__ImportRows *rows;
	struct staging_row row;

	if (size < 2 || size > PRAC_ZIP_MAX) {
		return 0;
	}
	if (data[0] != 'z') {
		prac_zip_frame(&frame, bytes);
		bytes = prac_buf_bytes(&frame);
	}
	if (staging_unpack(bytes, &arena, &rows) == PRAC_OK) {
		for (size_t i = 0; i < rows->n_rows; i++) {
			row = (struct staging_row){ 0 };
			(void)staging_read_row(rows->rows[i], i + 1, &arena, &row);
		}
	}
	prac_buf_deinit(&frame);
	prac_arena_deinit(&arena);
	return 0;
}
