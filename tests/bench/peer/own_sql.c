#include "tests/bench/peer/own_sql.h"

#include "catalog/types.h"
#include "server/sync/record_sql.h"
#include "sql/queries.h"

struct own_sql own_sql(void)
{
	const struct record_sqls *sqls = record_sqls_new();

	return (struct own_sql){
		.lock = q_sync_lock.text,
		.entries = record_sqls_get(sqls, &prac_type_time_entry)->insert.text,
		.feed = q_sync_add_feed.text,
		.link = q_sync_chain.text,
		.mutations = q_sync_write_mutations.text,
		.counters = q_sync_write_counters.text,
		.time = q_sync_write_time.text,
	};
}
