/* Sync.Pull: where the device is, checked against where the server is, then one page. */
#pragma once

#include "server/rpc/call.h"

void svc_pull(struct rpc_call *call);
