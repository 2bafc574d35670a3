/*
 * What can be called, as data: handlers and the policy in front of them stand in const tables, the
 * dispatcher only walks them.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "proto/sync.pb-c.h"
#include "server/rpc/call.h"

enum {
	RPC_METHOD_MAX = 32 /* larger than every number in MethodId */
};

enum rpc_role {
	RPC_FOR_DEVICE,   /* an enrolled device */
	RPC_FOR_DISTRICT, /* the district office's device */
	RPC_FOR_NEWCOMER  /* a connection of the enrollment listener */
};

enum rpc_method_flag {
	RPC_STREAMS = 1 << 0,     /* answers with DATA frames */
	RPC_OLD_SCHEMA = 1 << 1,  /* open to programs below our oldest schema (SYNC 4.14) */
	RPC_PULLS = 1 << 2,       /* answers a POKE: the next change is worth another one */
	RPC_SYNCS = 1 << 3,       /* not for connections that stand aside */
	RPC_EXPIRED_TOO = 1 << 4, /* open to a device whose certificate is over */
	RPC_SECRET =
		1 << 5 /* request or answer has a password: nothing of the call stays in memory */
};

struct rpc_method {
	Practicum__MethodId id;
	const ProtobufCServiceDescriptor *service;
	const char *name; /* in the service */
	void (*start)(struct rpc_call *call);
	enum rpc_role role;
	uint32_t max_request;   /* bytes */
	uint32_t max_in_flight; /* of one connection */
	unsigned flags;         /* of enum rpc_method_flag */
};

/* Methods by number, with what to unpack and pack. Filled once at start. */
struct rpc_route {
	const struct rpc_method *method; /* NULL: no such number */
	const ProtobufCMessageDescriptor *input, *output;
};

struct rpc_routes {
	struct rpc_route by_id[RPC_METHOD_MAX];
};

/* Adds a table; asserts that each row names a method of its service and that no number is taken. */
void rpc_routes_add(struct rpc_routes *routes, const struct rpc_method *methods, size_t n_methods);
