/* The configuration of practicumd: one table of options, one struct. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/opt.h"
#include "common/base/status.h"

enum config_sign_in {
	CONFIG_SIGN_IN_OFF,     /* devices act */
	CONFIG_SIGN_IN_REQUIRED /* once there are people, they act */
};

enum config_disks {
	CONFIG_DISKS_ANY,
	CONFIG_DISKS_ENCRYPTED /* what a device says of its own */
};

struct config {
	struct prac_arena arena; /* owns the texts */
	const char *listen_address;
	uint32_t listen_port, listen_enroll_port;
	const char *
		listen_names; /* host names and addresses, by commas; the first is told to devices */
	uint32_t listen_connections, listen_per_address, listen_per_device, listen_handshake_s;
	uint32_t listen_handshakes_per_s, listen_handshake_burst, listen_penalty_max_s;
	uint32_t listen_memory_mib;
	const char *listen_shared, *listen_proxies; /* addresses, by commas; may be NULL */
	const char *state_dir;
	const char *signer_socket, *signer_state_dir;
	const char *tls_certificate, *tls_key; /* never NULL after config_load() */
	const char *db_conninfo, *db_migrate_user;
	uint32_t db_readers;
	bool db_allow_unsafe;
	uint32_t server_drain_s, server_lease_days;
	int server_disks;        /* enum config_disks */
	const char *server_zone; /* IANA name */
	const char *server_upgrade_by;
	const char *backup_folder;
	uint32_t backup_max_hours;
	int people_sign_in;    /* enum config_sign_in */
	int log_level;         /* enum prac_log_level */
	struct prac_opts opts; /* where each value came from; error after a failure */
};

#define CONFIG_FILE "/etc/practicum/practicumd.conf"

/*
 * Reads path (NULL: CONFIG_FILE, which need not exist), environment and flags; takes its own flags
 * out of argv. INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED with opts.error set.
 */
enum prac_status config_load(
	struct config *config, const char *path, int *argc, char **argv) PRAC_MUST_USE;
void config_deinit(struct config *config);

/* One sentence for the operator: what people.sign_in as it is means. */
const char *config_sign_in_text(const struct config *config);

void config_print_sample(FILE *out);
void config_print_flags(FILE *out);

/* Logs each option that differs and takes effect only at a restart. */
void config_log_ignored(const struct config *present, const struct config *wanted);
