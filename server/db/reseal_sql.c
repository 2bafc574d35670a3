#include "server/db/reseal_sql.h"

#include <glib.h>

#include "common/catalog/catalog.h"

const char reseal_sql_keys[] =
	"SELECT number::bigint, key_id, is_whole FROM record_key ORDER BY number";
const char reseal_sql_begun[] =
	"INSERT INTO record_key (number, key_id, is_whole) VALUES ($1::bigint, $2::bytea, false) "
	"ON CONFLICT (number) DO NOTHING";
const char reseal_sql_whole[] = "UPDATE record_key SET is_whole = true WHERE number = $1::bigint";

/* The texts are taken over. */
static void add(GArray *sources, struct reseal_source source)
{
	source.unguard = g_strdup_printf("ALTER TABLE %s DISABLE TRIGGER USER", source.table);
	source.guard = g_strdup_printf("ALTER TABLE %s ENABLE TRIGGER USER", source.table);
	source.rewrite = g_strdup_printf("VACUUM FULL %s", source.table);
	g_array_append_val(sources, source);
}

static void add_column(
	GArray *sources, const struct prac_type *type, const char *suffix, uint32_t number)
{
	const struct db_seal_place place = {
		.table = DB_SEAL_RECORD, .type = type->number, .column = number
	};
	const char *name = number == 0 ? "extra" : prac_field_find(type, number)->name;
	char *table = g_strconcat(type->name, suffix, NULL);

	/* A version of the past may have the value that another one has: one row here, all of them below. */
	add(sources, (struct reseal_source){ .place = place,
			     .table = g_intern_string(table),
			     .select = g_strdup_printf(
				     "SELECT DISTINCT id, 0::bigint, 0::bigint, %s FROM %s "
				     "WHERE %s IS NOT NULL AND id >= $1::uuid "
				     "AND substr(%s, 1, 2) <> $2::bytea ORDER BY id LIMIT 500",
				     name, table, name, name),
			     .update = g_strdup_printf(
				     "UPDATE %s SET %s = $5::bytea WHERE id = $1::uuid "
				     "AND $2::bigint = $3::bigint AND %s = $4::bytea",
				     table, name, name) });
	g_free(table);
}

static void add_type(GArray *sources, const struct prac_type *type)
{
	add_column(sources, type, "", 0);
	for (size_t i = 0; i < type->n_fields; i++) {
		if (!prac_field_is_closed(&type->fields[i])) {
			continue;
		}
		add_column(sources, type, "", type->fields[i].number);
		if (type->reported) {
			add_column(sources, type, "_past", type->fields[i].number);
		}
	}
}

/* Open are the payloads of the types that this program knows and that have nothing closed. */
static void add_mutations(GArray *sources)
{
	const struct db_seal_place place = { .table = DB_SEAL_MUTATION };
	GString *open = g_string_new("-1");

	for (size_t i = 0; i < prac_n_types; i++) {
		if (!prac_type_is_closed(prac_types[i])) {
			g_string_append_printf(open, ", %u", prac_types[i]->number);
		}
	}
	add(sources,
		(struct reseal_source){ .place = place,
			.table = "mutation",
			.select = g_strdup_printf(
				"SELECT device_id, incarnation, counter, payload FROM mutation "
				"WHERE record_type NOT IN (%s) AND payload <> '' "
				"AND device_id >= $1::uuid AND substr(payload, 1, 2) <> $2::bytea "
				"ORDER BY device_id, incarnation, counter LIMIT 500",
				open->str),
			.update = g_strdup(
				"UPDATE mutation SET payload = $5::bytea WHERE device_id = $1::uuid "
				"AND incarnation = $2::bigint AND counter = $3::bigint "
				"AND payload = $4::bytea") });
	g_string_free(open, TRUE);
}

static void add_parts(GArray *sources)
{
	const struct db_seal_place place = { .table = DB_SEAL_PART };

	add(sources,
		(struct reseal_source){ .place = place,
			.table = "import_part",
			.select = g_strdup(
				"SELECT import_id, 0::bigint, part::bigint, rows FROM import_part "
				"WHERE import_id >= $1::uuid AND substr(rows, 1, 2) <> $2::bytea "
				"ORDER BY import_id, part LIMIT 500"),
			.update = g_strdup(
				"UPDATE import_part SET rows = $5::bytea WHERE import_id = $1::uuid "
				"AND $2::bigint = 0 AND part = $3::bigint AND rows = $4::bytea") });
}

struct reseal_source *reseal_sources_new(size_t *n_out)
{
	GArray *sources = g_array_new(FALSE, FALSE, sizeof(struct reseal_source));

	for (size_t i = 0; i < prac_n_types; i++) {
		if (prac_type_is_closed(prac_types[i])) {
			add_type(sources, prac_types[i]);
		}
	}
	add_mutations(sources);
	add_parts(sources);
	*n_out = sources->len;
	return (struct reseal_source *)g_array_free(sources, FALSE);
}

void reseal_sources_free(struct reseal_source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		g_free(sources[i].select);
		g_free(sources[i].update);
		g_free(sources[i].unguard);
		g_free(sources[i].guard);
		g_free(sources[i].rewrite);
	}
	g_free(sources);
}
