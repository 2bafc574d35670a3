/*
 * The data key between two commands: in the kernel's keyring of the user, never on a disk. It ends after a
 * time without a command, at sign-out and when the machine goes down.
 */
#pragma once

#include "client/replica/replica.h"

/* False: this system lets no program use the keyring. */
bool held_works(void);

/* Holds the key for so many seconds; 0: until the machine goes down. */
bool held_put(const uint8_t key[PRAC_SEAL_KEY], uint32_t seconds);
bool held_get(const struct replica_key_id *id, uint8_t key_out[PRAC_SEAL_KEY]);

/* So many seconds from now on. */
void held_extend(const struct replica_key_id *id, uint32_t seconds);
void held_drop(const struct replica_key_id *id);
