#include "server/svc/device.h"

#include <glib.h>

#include "catalog/types.h"
#include "common/catalog/catalog.h"
#include "common/sync/attest.h"
#include "server/svc/people.h"
#include "sql/queries.h"

/* One question to the database, with its own memory. */
struct query {
	struct svc *svc;
	struct prac_arena arena;
	struct db_batch *batch;
	void (*finish)(struct query *query, enum prac_status status);
	void *done_ctx;

	union {
		struct {
			svc_device_fn done;
			struct svc_device device;
			GArray *grants;
			bool is_found;
		} find;

		struct {
			svc_rights_fn done;
			struct svc_rights_version version;
		} rights;

		struct {
			rpc_counted_fn done;
			struct rpc_counted counted;
		} counter;

		rpc_receipt_fn receipt;
	} u;
};

static struct query *query_new(struct svc *svc, void *done_ctx)
{
	struct query *query = g_new0(struct query, 1);

	query->svc = svc;
	query->done_ctx = done_ctx;
	query->batch = db_batch_new(&query->arena);
	return query;
}

static void ran(void *ctx, enum prac_status status)
{
	struct query *query = ctx;

	query->finish(query, status);
	prac_arena_deinit(&query->arena);
	g_free(query);
}

static void ask(struct query *query)
{
	db_link_run(query->svc->desk, query->batch, ran, query);
}

static void grant(GArray *grants, const struct prac_id *scope, uint32_t generation)
{
	struct prac_scope_grant one = { .scope = *scope, .generation = generation };

	g_array_append_val(grants, one);
}

static void on_device(void *ctx, struct db_rows *rows)
{
	struct query *query = ctx;
	struct svc_device *device = &query->u.find.device;

	if (db_rows_count(rows) == 0) {
		return;
	}
	query->u.find.is_found = true;
	device->id = db_rows_id(rows, 0, 0);
	device->district = db_rows_bool(rows, 0, 1);
	device->is_revoked = db_rows_bool(rows, 0, 2);
	grant(query->u.find.grants, &prac_scope_reference, 1);
	if (device->district) {
		grant(query->u.find.grants, &prac_scope_district, 1);
	}
}

static void on_scopes(void *ctx, struct db_rows *rows)
{
	struct query *query = ctx;

	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct prac_id scope = db_rows_id(rows, i, 0);

		grant(query->u.find.grants, &scope, (uint32_t)db_rows_int(rows, i, 1));
	}
}

static void on_pass(void *ctx, struct db_rows *rows)
{
	struct query *query = ctx;
	struct prac_bytes pass = db_rows_bytes(rows, 0, 0);

	query->u.find.device.pass = g_strndup((const char *)pass.data, pass.len);
}

static void finish_find(struct query *query, enum prac_status status)
{
	struct svc_device *device = &query->u.find.device;
	svc_device_fn done = query->u.find.done;

	if (status == PRAC_OK && !query->u.find.is_found) {
		status = PRAC_NOT_FOUND;
	}
	if (status != PRAC_OK) {
		g_array_free(query->u.find.grants, TRUE);
		g_free(device->pass);
		done(query->done_ctx, status, NULL);
		return;
	}
	device->n_grants = query->u.find.grants->len;
	/* GLib allocates as the C library does since 2.46, so the receiver can give it back. */
	device->grants =
		(struct prac_scope_grant *)(void *)g_array_free(query->u.find.grants, FALSE);
	device->scope_set = prac_scope_set(device->grants, device->n_grants);
	done(query->done_ctx, PRAC_OK, device);
}

void svc_device_find(struct svc *svc, const struct prac_digest *spki, svc_device_fn done, void *ctx)
{
	struct query *query = query_new(svc, ctx);
	struct prac_bytes key = prac_arena_copy(&query->arena, prac_digest_bytes(spki));
	struct db_params *params = db_params_new(&query->arena);
	struct db_params *school_params = db_params_new(&query->arena);

	query->finish = finish_find;
	query->u.find.done = done;
	query->u.find.grants = g_array_new(FALSE, FALSE, sizeof(struct prac_scope_grant));
	db_param_bytes(params, key);
	db_param_bytes(school_params, key);
	db_param_id(school_params, &prac_scope_reference);
	db_param_int(school_params, prac_type_school.number);
	db_batch_add(query->batch, &q_device_by_key, params, on_device, query);
	db_batch_add(query->batch, &q_device_scopes, params, on_scopes, query);
	db_batch_add(query->batch, &q_device_school_scopes, school_params, on_scopes, query);
	svc_people_exist(query->batch, svc); /* WELCOME says it */
	/* Last, so that it opens no less than what was found above. */
	db_batch_add(query->batch, &q_device_pass, params, on_pass, query);
	ask(query);
}

static void finish_seen(struct query *query, enum prac_status status)
{
	(void)query;
	(void)status;
}

void svc_devices_seen(struct svc *svc, const struct prac_id *devices, size_t n_devices)
{
	struct query *query = query_new(svc, NULL);
	struct db_params *params = db_params_new(&query->arena);
	struct db_array ids;

	query->finish = finish_seen;
	db_array_init(&ids, &query->arena, DB_UUID);
	for (size_t i = 0; i < n_devices; i++) {
		db_array_id(&ids, &devices[i]);
	}
	db_param_array(params, &ids);
	db_batch_add(query->batch, &q_device_seen, params, NULL, NULL);
	ask(query);
}

static void on_version(void *ctx, struct db_rows *rows)
{
	struct query *query = ctx;

	query->u.rights.version.device = db_rows_int(rows, 0, 0);
	query->u.rights.version.reference = db_rows_int(rows, 0, 1);
	query->u.rights.version.epoch = (uint64_t)db_rows_int(rows, 0, 2);
	query->u.rights.version.head = (uint64_t)db_rows_int(rows, 0, 3);
	query->u.rights.version.has_people = db_rows_bool(rows, 0, 4);
	query->u.rights.version.people = db_rows_int(rows, 0, 5);
	query->u.rights.version.is_claimed = db_rows_bool(rows, 0, 6);
}

static void finish_rights(struct query *query, enum prac_status status)
{
	query->u.rights.done(query->done_ctx, status, &query->u.rights.version);
}

void svc_rights_read(struct svc *svc, svc_rights_fn done, void *ctx)
{
	struct query *query = query_new(svc, ctx);
	struct db_params *params = db_params_new(&query->arena);
	struct db_params *idle = db_params_new(&query->arena);

	query->finish = finish_rights;
	query->u.rights.done = done;
	db_param_id(params, &prac_scope_reference);
	db_param_int(idle, PRAC_IDLE_MINUTES);
	db_batch_add(query->batch, &q_people_sign_out_lost, idle, NULL, NULL);
	db_batch_add(query->batch, &q_device_version, params, on_version, query);
	ask(query);
}

static void on_counter(void *ctx, struct db_rows *rows)
{
	struct query *query = ctx;

	query->u.counter.counted.last_counter = (uint64_t)db_rows_int(rows, 0, 0);
	query->u.counter.counted.lost_after = (uint64_t)db_rows_int(rows, 0, 1);
}

static void finish_counter(struct query *query, enum prac_status status)
{
	query->u.counter.done(query->done_ctx, status, &query->u.counter.counted);
}

void svc_counters(void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx)
{
	struct query *query = query_new(services, ctx);
	struct db_params *params = db_params_new(&query->arena);

	query->finish = finish_counter;
	query->u.counter.done = done;
	db_param_id(params, &arrival->device);
	db_param_int(params, (int64_t)arrival->incarnation);
	db_param_int(params, (int64_t)arrival->epoch);
	db_batch_add(query->batch, &q_device_counter, params, on_counter, query);
	ask(query);
}

static void finish_receipt(struct query *query, enum prac_status status)
{
	query->u.receipt(query->done_ctx, status);
}

void svc_receive(void *services, const struct rpc_receipt *receipt, rpc_receipt_fn done, void *ctx)
{
	struct query *query = query_new(services, ctx);
	struct db_params *params = db_params_new(&query->arena);

	query->finish = finish_receipt;
	query->u.receipt = done;
	db_param_id(params, &receipt->device);
	db_param_int(params, (int64_t)receipt->lost);
	db_batch_add(query->batch, &q_device_purged, params, NULL, NULL);
	ask(query);
}
