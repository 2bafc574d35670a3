/*
 * A password that has just proved right is stored anew when it stands under an older pepper than the newest: so a
 * new pepper takes the place of one that somebody may have seen (practicumd pepper). Whatever keeps it from
 * that, the next sign-in does it.
 */
#pragma once

#include "server/svc/svc.h"

struct svc_rehash {
	struct svc *svc;
	struct prac_arena *arena; /* of the call; outlives done, as what follows does */
	struct prac_id user;
	struct prac_bytes password;
	const char *hash; /* as it is stored, and under which pepper */
	uint32_t pepper;
	/* Runs later, exactly once. newest: version of the newest pepper; 0: the signer was away. */
	void (*done)(void *ctx, uint32_t newest);
	void *ctx;
	uint32_t newest; /* its own */
};

/* *rehash is in the arena. */
void svc_rehash(struct svc_rehash *rehash);
