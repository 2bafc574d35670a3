/* Sync.Snapshot: the first load of a scope, chunk by chunk as the device takes them. */
#pragma once

#include "server/rpc/call.h"

void svc_load(struct rpc_call *call);
