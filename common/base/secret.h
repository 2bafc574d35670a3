/* Keys that a process keeps as long as it runs: their pages go to no swap and into no core. */
#pragma once

#include <stddef.h>

/* Before the key is put there. Where the machine locks no more (RLIMIT_MEMLOCK), it is memory like other. */
void prac_secret_lock(void *secret, size_t size);

/* Overwrites it, and lets go of the pages. Of one that was never locked as well. */
void prac_secret_unlock(void *secret, size_t size);
