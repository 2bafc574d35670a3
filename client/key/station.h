/*
 * What a station's data key is wrapped under, so that it synchronizes after a start with nobody signed in:
 * the credential `practicum-station` that systemd hands the service (encrypted to the machine, or to its
 * TPM), else a key file of the user's outside the state folder.
 */
#pragma once

#include "client/key/key_file.h"
#include "client/replica/folder.h"

/* The secret of a way of wrapping a key. PRAC_NOT_FOUND: it is not on this machine. Else with a sentence. */
enum prac_status station_secret(enum key_wrap by, const struct replica_key_id *id,
	uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;

/* Makes one for a new key: the credential where there is one, else a key file. */
enum prac_status station_secret_new(const struct prac_env *env, const struct replica_key_id *id,
	enum key_wrap *by_out, uint8_t secret_out[PRAC_SEAL_KEY],
	char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;

/* Overwrites and removes the key file, if there is one. */
void station_secret_erase(const struct replica_key_id *id);

/* Where key files are. */
void station_folder(char path_out[FOLDER_PATH]);
