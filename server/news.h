/*
 * What became visible, whether this server committed it or another one on the same database, and who is
 * told: the stations that hold a scope of it (SYNC 4.17). A server hears of the others' commits by
 * NOTIFY; what is said while its connection is away, it finds by looking at the head when it is back.
 */
#pragma once

#include "server/station.h"
#include "server/sync/notice.h"

struct news {
	const struct db_link *writer; /* what it says is known already */
	struct svc *svc;
	struct stations *stations;
};

/* The link has connected: what is read on it from now on is not older than what is heard. */
void news_listen(struct db_link *link);

/* This server committed something, or another one did. */
void news_tell(const struct news *news, const struct notice *notice);

/* Said by a backend. */
void news_hear(const struct news *news, int pid, const char *payload);

/* The head as it is after the desk was away: somebody else may have moved it meanwhile. */
void news_look(const struct news *news, uint64_t head);
