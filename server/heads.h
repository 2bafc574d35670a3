/*
 * The heads of the audit's chains, signed by the authority about once an hour, kept in the database and
 * shown to every station that comes (PROTOCOL, Audit): what somebody rewrites in the database then
 * no longer fits to what stations have.
 */
#pragma once

#include "server/svc/svc.h"

struct heads;

/* svc, with its desk and signer, and rpc outlive it. */
struct heads *heads_new(struct svc *svc, struct rpc_server *rpc);

/* When the next signing is due and none is under way, begins it. */
void heads_tick(struct heads *heads);

/* No question of it is under way any more: desk and signer are closed. */
void heads_free(struct heads *heads); /* may be NULL */
