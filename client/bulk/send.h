/*
 * Talks to the server about bulk imports: sends a plan from where it stopped, asks how far one is,
 * takes one back. Calls block; each is one connection.
 */
#pragma once

#include "client/link/link.h"

/* Who asks, and what people are told when it fails. */
struct bulk_desk {
	struct replica *replica;
	const struct prac_env *env;
	const char *home;
	struct prac_arena *arena;  /* holds the answers */
	struct prac_bytes session; /* of who is signed in; empty: the device asks */
	/* After each part; may be NULL. */
	void (*progress)(void *ctx, const Practicum__ImportState *state);
	void *ctx;
	char text[LINK_TEXT];
};

/*
 * Sends what the server does not have yet. PRAC_OK: it has all of it, *state_out says what became of
 * it so far. PRAC_NOT_FOUND: neither it nor this device knows the import.
 */
enum prac_status bulk_send(struct bulk_desk *desk, const struct prac_id *import,
	const Practicum__ImportState **state_out) PRAC_MUST_USE;

/* The state with the flaws behind after_row. */
enum prac_status bulk_look(struct bulk_desk *desk, const struct prac_id *import, uint64_t after_row,
	const Practicum__ImportState **state_out) PRAC_MUST_USE;

enum prac_status bulk_list(
	struct bulk_desk *desk, const Practicum__ImportList **list_out) PRAC_MUST_USE;

/* *reversal_out, when nil, gets the id of the reversal; asked again with it nothing happens twice. */
enum prac_status bulk_reverse(struct bulk_desk *desk, const struct prac_id *import,
	struct prac_id *reversal_out, const Practicum__ImportState **state_out) PRAC_MUST_USE;
