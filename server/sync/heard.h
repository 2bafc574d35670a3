/*
 * Up to which number stations were told of everything: of this server's own commits and of those of
 * others, which come in any order (server/news.h). What nobody said, a look at the head finds, also when
 * this server's own commit has moved the head beyond it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HEARD_AHEAD_MAX = 16 /* commits that wait for an earlier one; of more a look takes care */
};

/* One commit: its numbers are above `after` up to `head`. */
struct heard_commit {
	uint64_t after, head;
};

struct heard {
	uint64_t through; /* all that was committed with a number up to it has been told */
	uint64_t looked;  /* the head as of the last look */
	struct heard_commit ahead[HEARD_AHEAD_MAX];
	size_t n_ahead;
};

/* Everything up to this head is told. */
void heard_start(struct heard *heard, uint64_t head);

void heard_add(struct heard *heard, const struct heard_commit *commit);

/*
 * The head as it is now. True: what was there at the look before is still not told, so that everybody is
 * to be told of this head.
 */
bool heard_look(struct heard *heard, uint64_t head);

/* The same after nothing could be heard for a while: what is there and not told was missed. */
bool heard_look_again(struct heard *heard, uint64_t head);
