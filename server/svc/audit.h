/*
 * What a call does that is no mutation and no row of its own, into the audit (sql/migrations/0034_audit.sql):
 * first the event, then the deed, so that nothing happens without a record.
 */
#pragma once

#include "server/svc/svc.h"

struct svc_event {
	const char *kind, *outcome;  /* "report", "done" */
	const struct prac_id *actor; /* NULL: the device itself */
	const char *object_type;     /* may be NULL, as object */
	const struct prac_id *object;
	const char *detail; /* for people; control characters become question marks */
};

/* Goes on with the call once the event is written; fails it when that is not possible. */
void svc_audit(
	struct rpc_call *call, const struct svc_event *event, void (*go)(struct rpc_call *call));
