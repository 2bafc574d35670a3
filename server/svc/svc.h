/*
 * What the handlers work on, and their tables. Filled by server.c; everything outlives the sessions.
 * Handlers know no sockets and no SQL connection but the pool's.
 */
#pragma once

#include "common/base/env.h"
#include "common/base/zone.h"
#include "server/db/pool.h"
#include "server/rpc/method.h"
#include "server/svc/subscribe.h"
#include "server/sync/store.h"

struct sequencer;
struct snapshot_source;
struct signer;
struct staging;
struct hasher;

struct svc {
	const struct prac_env *env;
	struct prac_zone *zone; /* of the district, whose date is today; NULL: UTC */
	struct rpc_server *rpc; /* epoch and head */
	struct sequencer *sequencer;
	struct store *store;
	struct snapshot_source *snapshots;
	struct svc_subscriptions *subscriptions;
	struct db_pool *pool;    /* NULL in the simulator: no devices, enrollment and reports */
	struct db_link *desk;    /* for the few writes that are no mutations */
	struct staging *staging; /* NULL without a pool */
	struct signer *signer;
	struct hasher *hasher;   /* NULL in the simulator */
	const char *server_name; /* what a device is told at enrollment */
	uint16_t server_port;
	bool asks_encryption; /* who enrolls keeps records on an encrypted disk */
	bool asks_sign_in;    /* the district wants what is done to be somebody's */
	bool is_people_read;  /* rpc->must_sign_in is known, not only its first value */
	size_t n_coming;      /* mutations of pushes of which is being asked whose they are */
};

extern const struct rpc_method svc_sync_methods[];
extern const size_t svc_n_sync_methods;
extern const struct rpc_method svc_report_methods[];
extern const size_t svc_n_report_methods;
extern const struct rpc_method svc_file_methods[];
extern const size_t svc_n_file_methods;
extern const struct rpc_method svc_import_methods[];
extern const size_t svc_n_import_methods;
extern const struct rpc_method svc_enroll_methods[];
extern const size_t svc_n_enroll_methods;
extern const struct rpc_method svc_device_methods[];
extern const size_t svc_n_device_methods;

/* Stops the reading from stations while the sequencer has enough; call when it got or lost work. */
void svc_check_full(struct svc *svc);

/* For rpc_server.receive. */
void svc_receive(void *services, const struct rpc_receipt *receipt, rpc_receipt_fn done, void *ctx);

/* For rpc_server.counters, on PostgreSQL. services is a struct svc. */
void svc_counters(
	void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx);
