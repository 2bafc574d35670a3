/* What the files of client/key share. */
#pragma once

#include "client/key/key.h"
#include "client/key/key_file.h"
#include "client/replica/folder.h"

struct data_key {
	char home[FOLDER_PATH];
	const struct prac_env *env;
	struct replica_keys source;
	struct key_file file;
	bool has_key; /* opened in this process; a machine's only */
	uint8_t key[PRAC_SEAL_KEY];
};

/* data.key as it is now. PRAC_NOT_FOUND: there is none. */
enum prac_status data_key_read(struct data_key *key, char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;
enum prac_status data_key_write(
	struct data_key *key, char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;
