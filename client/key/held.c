#include "client/key/held.h"

#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	NAME = 64,
	/* Whoever has the user's rights: as with a file 0600. The possessor alone would be one login session. */
	RIGHTS = 0x3f3f0000
};

static void name_of(const struct replica_key_id *id, char name_out[NAME])
{
	int n = snprintf(name_out, NAME, "practicum:");

	for (size_t i = 0; i < sizeof(id->b); i++) {
		n += snprintf(name_out + n, NAME - (size_t)n, "%02x", id->b[i]);
	}
}

static long find(const struct replica_key_id *id)
{
	char name[NAME];

	name_of(id, name);
	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name, 0);
}

bool held_works(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1) >= 0;
}

bool held_put(const uint8_t key[PRAC_SEAL_KEY], uint32_t seconds)
{
	const struct replica_key_id id = replica_key_id(key);
	char name[NAME];
	long serial;

	name_of(&id, name);
	serial = syscall(
		SYS_add_key, "user", name, key, (size_t)PRAC_SEAL_KEY, KEY_SPEC_USER_KEYRING);
	if (serial < 0) {
		return false;
	}
	if (syscall(SYS_keyctl, KEYCTL_SETPERM, serial, RIGHTS) < 0 ||
		syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, serial, seconds) < 0) {
		held_drop(&id);
		return false;
	}
	return true;
}

bool held_get(const struct replica_key_id *id, uint8_t key_out[PRAC_SEAL_KEY])
{
	long serial = find(id);

	return serial >= 0 && syscall(SYS_keyctl, KEYCTL_READ, serial, key_out,
				      (size_t)PRAC_SEAL_KEY) == PRAC_SEAL_KEY;
}

void held_extend(const struct replica_key_id *id, uint32_t seconds)
{
	long serial = find(id);

	if (serial >= 0) {
		(void)syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, serial, seconds); /* else it ends */
	}
}

void held_drop(const struct replica_key_id *id)
{
	long serial = find(id);

	if (serial >= 0) {
		(void)syscall(SYS_keyctl, KEYCTL_REVOKE, serial); /* gone meanwhile */
		(void)syscall(SYS_keyctl, KEYCTL_UNLINK, serial, KEY_SPEC_USER_KEYRING);
	}
}
