#include "server/report/rules.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/date.h"
#include "common/law/book.h"

/* False: a row that this program does not know, left out as every judge leaves it out. */
static bool read_set(struct report_rules *rules, struct db_rows *rows, size_t row)
{
	struct prac_law_set *set = &rules->own[rules->n_own];
	struct prac_bytes *texts;
	const char *error;
	size_t n = db_rows_texts(rows, row, 5, rules->arena, &texts);

	*set = (struct prac_law_set){
		.domain = prac_arena_text(rules->arena, db_rows_bytes(rows, row, 0)),
		.jurisdiction = prac_arena_text(rules->arena, db_rows_bytes(rows, row, 1)),
		.source = "",
		.version = (int32_t)db_rows_int(rows, row, 2),
		.starts_on = db_rows_date(rows, row, 3),
		.ends_on = db_rows_is_null(rows, row, 4) ? PRAC_LAW_OPEN_END
							 : db_rows_date(rows, row, 4),
		.rows = prac_arena_alloc(rules->arena, (n + 1) * sizeof(*set->rows)),
	};
	for (size_t i = 0; i < n; i++) {
		if (prac_law_row_read(texts[i], rules->arena, &set->rows[set->n_rows++], &error) !=
			PRAC_OK) {
			return false;
		}
	}
	return prac_law_set_flaw(set, rules->arena) == NULL;
}

void report_rules_read(void *ctx, struct db_rows *rows)
{
	struct report_rules *rules = ctx;
	size_t n = db_rows_count(rows);

	rules->own = prac_arena_alloc(rules->arena, (n + 1) * sizeof(*rules->own));
	for (size_t i = 0; i < n; i++) {
		rules->n_own += read_set(rules, rows, i) ? 1 : 0;
	}
}

static void put_day(struct prac_buf *line, int32_t day)
{
	char text[PRAC_DATE_TEXT];

	prac_date_format(day == PRAC_LAW_OPEN_END ? 0 : day, text);
	prac_buf_printf(line, "|%s", day == PRAC_LAW_OPEN_END ? "infinity" : text);
}

static void put_row(struct db_array *lines, const struct prac_law_set *set,
	const struct prac_law_row *row, struct prac_arena *arena)
{
	struct prac_buf line = { 0 };
	int32_t number;

	prac_buf_printf(&line, "%s|%s|%s|%s %s %d", set->domain, row->kind, row->id, set->domain,
		set->jurisdiction, (int)set->version);
	put_day(&line, set->starts_on);
	put_day(&line, set->ends_on);
	for (size_t i = 0; i < row->n_keys; i++) {
		const struct prac_law_key *key = &row->keys[i];

		if (prac_duration_parse(key->value, &number) == PRAC_OK) {
			prac_buf_printf(&line, "|%s=%d", key->name, (int)number);
		} else {
			prac_buf_printf(&line, "|%s=%s", key->name, key->value);
		}
	}
	db_array_bytes(lines, prac_arena_copy(arena, prac_buf_bytes(&line)));
	prac_buf_deinit(&line);
}

void report_rules_param(const struct report_rules *rules, struct db_params *params)
{
	struct prac_law_book book = prac_law_book_make(rules->own, rules->n_own, rules->arena);
	struct db_array lines;

	db_array_init(&lines, rules->arena, DB_TEXT);
	for (size_t i = 0; i < book.n; i++) {
		const struct prac_law_set *set = &book.sets[i];

		for (size_t k = 0; k < set->n_rows && strcmp(set->domain, "labor") != 0; k++) {
			put_row(&lines, set, &set->rows[k], rules->arena);
		}
	}
	db_param_array(params, &lines);
}
