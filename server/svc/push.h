/* Sync.Push: hands what a device did to the sequencer and answers with its verdicts. */
#pragma once

#include "server/rpc/call.h"

void svc_push(struct rpc_call *call);
