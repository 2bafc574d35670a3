/* Keys that a process keeps as long as it runs: no other process sees them, no swap and no core has them. */
#pragma once

#include <stddef.h>

/*
 * Before the first key: this process leaves no core, and of its user nobody reads its memory or attaches to it,
 * which root and a debugger of root's still may. What it starts begins anew.
 */
void prac_secret_process(void);

/* Before the key is put there. Where the machine locks no more (RLIMIT_MEMLOCK), it is memory like other. */
void prac_secret_lock(void *secret, size_t size);

/* Overwrites it, and lets go of the pages. Of one that was never locked as well. */
void prac_secret_unlock(void *secret, size_t size);
