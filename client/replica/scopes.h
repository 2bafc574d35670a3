/* What the device may hold, and how scopes are loaded and erased. Inside client/replica only. */
#pragma once

#include "client/replica/file.h"

enum scope_state {
	SCOPE_LOADING,
	SCOPE_LIVE,
	SCOPE_LEAVING /* taken away: hidden, erased once its input is judged */
};

bool scopes_are_loading(struct replica *replica);

/* Some scope is there and none is waited for. */
bool scopes_are_live(struct replica *replica);

/* All that the scope owns is here; also of any scope while nothing was granted yet. */
bool scopes_hold(struct replica *replica, const struct prac_id *scope);

/* Records may be made in the scope; also while nothing was granted yet. */
bool scopes_allow(struct replica *replica, const struct prac_id *scope);

/* Erases scopes that were taken away and have no unjudged input left. */
void scopes_purge(struct replica *replica);

/*
 * Removes the bytes of attachments that no attachment here names any more. Those not sent stay, unless
 * a scope was taken away: the draft of a refused attachment still wants them.
 */
void files_sweep(struct replica *replica, bool with_unsent);

/* file_end(); after a purge also takes the erased bytes out of the file. */
enum prac_status scopes_end(struct replica *replica) PRAC_MUST_USE;

/* One row from the server; mark is the load that brought it, 0 for a page. */
void page_apply_row(struct replica *replica, const struct replica_row *in, uint64_t mark);

/* The rows of a chunk, those of one type in their order, by several at once where they are new. */
void page_apply_load(struct replica *replica, const struct replica_chunk *chunk, uint64_t mark);
