/*
 * Ties three together that do not know each other: a TLS connection (net), its session (rpc) and
 * the device behind its certificate (svc). One `stations` for all of them.
 */
#pragma once

#include "server/net/listener.h"
#include "server/svc/svc.h"
#include "server/sync/heard.h"

struct stations;

/* All outlive the stations. */
struct stations *stations_new(struct rpc_server *rpc, struct svc *svc) PRAC_RETURNS_NONNULL;
void stations_free(struct stations *stations); /* when none is left */

/* Handlers for the two listeners; ctx is the stations. */
extern const struct net_handler station_device_handler;
extern const struct net_handler station_newcomer_handler;

struct stations_limits {
	uint32_t penalty_max_s; /* that a device has to stay away at most; 0: never */
	uint64_t memory;        /* bytes of all connections */
};

/* What WELCOME tells them: the authorities, and the days that they may work without contact. Borrowed. */
struct keys_tls;
void stations_tell(struct stations *stations, const struct keys_tls *tls, uint32_t lease_days);

void stations_set_limits(struct stations *stations, const struct stations_limits *limits);

/*
 * Counts what the connections hold. From 90 % of the limit on nobody new is let in, from 95 % on the
 * one with most to send is closed, from 98 % on requests are refused. Call several times a second.
 */
void stations_weigh(struct stations *stations);

/* Looks whether rights have changed and acts on it; call every 2 s. */
void stations_refresh(struct stations *stations);

/* The last look found that the database is no cluster's: db_check_start() is to claim it for ours. */
bool stations_want_claim(const struct stations *stations);

/*
 * Something became visible, in scopes that are not known: another server on the same database
 * committed it.
 */
void stations_poke(struct stations *stations, uint64_t head);

/* What they were told of; begins at the head that the server started with. */
struct heard *stations_heard(struct stations *stations);

/* GOAWAY to all; those that come meanwhile are sent away too. */
void stations_drain(struct stations *stations, uint32_t retry_after_ms);
size_t stations_count(const struct stations *stations);

/* The sequencer has room again: as long as it has, those that were not read to are, in turn. */
void stations_resume(struct stations *stations);
