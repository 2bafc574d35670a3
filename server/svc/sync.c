/* The Sync service: what a station calls all day. */
#include "server/svc/load.h"
#include "server/svc/pull.h"
#include "server/svc/push.h"
#include "server/svc/svc.h"

const struct rpc_method svc_sync_methods[] = {
	{ PRACTICUM__METHOD_ID__SYNC_PUSH, &practicum__sync__descriptor, "Push", svc_push,
		RPC_FOR_DEVICE, 512 * 1024, 2, RPC_OLD_SCHEMA | RPC_SYNCS },
	{ PRACTICUM__METHOD_ID__SYNC_PULL, &practicum__sync__descriptor, "Pull", svc_pull,
		RPC_FOR_DEVICE, 4096, 1, RPC_PULLS | RPC_SYNCS },
	{ PRACTICUM__METHOD_ID__SYNC_SNAPSHOT, &practicum__sync__descriptor, "Snapshot", svc_load,
		RPC_FOR_DEVICE, 4096, 1, RPC_STREAMS | RPC_SYNCS },
};

const size_t svc_n_sync_methods = PRAC_NELEM(svc_sync_methods);
