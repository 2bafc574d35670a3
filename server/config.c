#include "server/config.h"

#include <stddef.h>

#include "common/base/log.h"

static const char *const log_levels[] = {
	[PRAC_LOG_ERROR] = "error",
	[PRAC_LOG_WARNING] = "warning",
	[PRAC_LOG_INFO] = "info",
	[PRAC_LOG_DEBUG] = "debug",
	NULL,
};

static const char *const sign_in_words[] = {
	[CONFIG_SIGN_IN_OFF] = "off",
	[CONFIG_SIGN_IN_REQUIRED] = "required",
	NULL,
};

static const char *const disks_words[] = {
	[CONFIG_DISKS_ANY] = "any",
	[CONFIG_DISKS_ENCRYPTED] = "encrypted",
	NULL,
};

static const struct prac_opt_row rows[] = {
	PRAC_OPT_TEXT("listen", "address", struct config, listen_address, "0.0.0.0", 45,
		PRAC_OPT_RESTART, "Numeric address that stations connect to"),
	PRAC_OPT_UINT("listen", "port", struct config, listen_port, "7443", 0, 65535,
		PRAC_OPT_RESTART, "TCP port of enrolled devices; 0 takes any that is free"),
	PRAC_OPT_UINT("listen", "enroll_port", struct config, listen_enroll_port, "7444", 0, 65535,
		PRAC_OPT_RESTART, "TCP port where devices enroll; 0 takes any that is free"),
	PRAC_OPT_TEXT("listen", "names", struct config, listen_names, "localhost,127.0.0.1", 1000,
		PRAC_OPT_RESTART,
		"Names and addresses of this server, by commas; devices are told the first"),
	PRAC_OPT_UINT("listen", "connections", struct config, listen_connections, "4000", 1, 100000,
		PRAC_OPT_RELOAD, "Connections at once"),
	PRAC_OPT_UINT("listen", "per_address", struct config, listen_per_address, "64", 1, 100000,
		PRAC_OPT_RELOAD, "Connections of one address that have not finished the handshake"),
	PRAC_OPT_UINT("listen", "per_device", struct config, listen_per_device, "1", 1, 100,
		PRAC_OPT_RELOAD,
		"Connections of one device that sync; a newer one ends the oldest"),
	PRAC_OPT_UINT("listen", "memory_mib", struct config, listen_memory_mib, "256", 1, 65536,
		PRAC_OPT_RELOAD,
		"MiB that all connections may hold; near it newcomers, then requests are refused"),
	PRAC_OPT_UINT("listen", "handshakes_per_s", struct config, listen_handshakes_per_s, "200",
		1, 100000, PRAC_OPT_RELOAD, "TLS handshakes that begin in a second; others wait"),
	PRAC_OPT_UINT("listen", "handshake_burst", struct config, listen_handshake_burst, "400", 1,
		100000, PRAC_OPT_RELOAD,
		"TLS handshakes that may begin at once after a quiet time"),
	PRAC_OPT_UINT("listen", "penalty_max_s", struct config, listen_penalty_max_s, "600", 0,
		86400, PRAC_OPT_RELOAD,
		"Seconds that a device or address that breaks the protocol is kept out at most; 0: never"),
	PRAC_OPT_TEXT("listen", "shared_addresses", struct config, listen_shared, NULL, 1000,
		PRAC_OPT_RESTART,
		"Addresses that many stations share, by commas: they are never kept out"),
	PRAC_OPT_TEXT("listen", "proxies", struct config, listen_proxies, NULL, 1000,
		PRAC_OPT_RESTART,
		"Addresses of load balancers, by commas, that send a PROXY v2 header; it is believed"),
	PRAC_OPT_UINT("listen", "handshake_s", struct config, listen_handshake_s, "10", 1, 600,
		PRAC_OPT_RELOAD, "Seconds that a TLS handshake may take"),
	PRAC_OPT_PATH("server", "state_dir", struct config, state_dir, "/var/lib/practicum",
		PRAC_OPT_RESTART,
		"Folder of the server's key and of the authorities that devices and server trust"),
	PRAC_OPT_UINT("server", "drain_s", struct config, server_drain_s, "20", 0, 600,
		PRAC_OPT_RELOAD, "Seconds that requests in flight have at the end"),
	PRAC_OPT_UINT("server", "lease_days", struct config, server_lease_days, "30", 0, 3650,
		PRAC_OPT_RELOAD,
		"Days without contact after which a station shows no records until it has it; 0: never"),
	PRAC_OPT_CHOICE("server", "disks", struct config, server_disks, "any", disks_words,
		PRAC_OPT_RELOAD,
		"Disks that a device may enroll with: any, or encrypted ones as far as it is told"),
	/* As the clients' default: a server's own clock mostly runs in UTC, where today ends at 8 p.m. */
	PRAC_OPT_TEXT("server", "zone", struct config, server_zone, "America/New_York", 60,
		PRAC_OPT_RESTART,
		"IANA name of the district's time zone; its date is today for rules and reports"),
	PRAC_OPT_TEXT("server", "upgrade_by", struct config, server_upgrade_by, NULL, 10,
		PRAC_OPT_RESTART, "Date that stations are told to upgrade by, YYYY-MM-DD"),
	PRAC_OPT_PATH("signer", "socket", struct config, signer_socket,
		"/run/practicum-signer.socket", PRAC_OPT_RESTART,
		"Unix socket of `practicumd signer`; whoever owns it is answered"),
	PRAC_OPT_PATH("signer", "state_dir", struct config, signer_state_dir,
		"/var/lib/practicum-signer", PRAC_OPT_RESTART,
		"Folder of the authority's key, the seal key and the pepper; only the signer reads it"),
	PRAC_OPT_PATH("tls", "certificate", struct config, tls_certificate, NULL, PRAC_OPT_RELOAD,
		"PEM file of the server's certificate; unset: server.pem in state_dir"),
	PRAC_OPT_PATH("tls", "key", struct config, tls_key, NULL, PRAC_OPT_RELOAD,
		"PEM file of its private key; unset: server.key in state_dir"),
	PRAC_OPT_TEXT("db", "conninfo", struct config, db_conninfo,
		"host=/run/postgresql dbname=practicum", 1000, PRAC_OPT_RESTART,
		"PostgreSQL connection; host is a socket folder, or use hostaddr"),
	PRAC_OPT_TEXT("db", "migrate_user", struct config, db_migrate_user, "practicum_migrate", 63,
		PRAC_OPT_RESTART,
		"Role that `practicumd migrate` signs in as; it becomes the owner of the tables, which who "
		"serves must not"),
	PRAC_OPT_UINT("db", "readers", struct config, db_readers, "4", 1, 100, PRAC_OPT_RESTART,
		"Connections for reading, beside the one that writes"),
	PRAC_OPT_BOOL("db", "allow_unsafe", struct config, db_allow_unsafe, "no", PRAC_OPT_RESTART,
		"Serve although a power cut would lose acknowledged work; for tests only"),
	PRAC_OPT_PATH("backup", "folder", struct config, backup_folder, "/var/lib/practicum-backup",
		PRAC_OPT_RELOAD,
		"Folder where practicum-backup leaves its files; the time of the file `last` in it is that of "
		"the last backup"),
	PRAC_OPT_UINT("backup", "max_hours", struct config, backup_max_hours, "26", 1, 8784,
		PRAC_OPT_RELOAD, "Hours after which the last backup is too old, and is said to be"),
	PRAC_OPT_CHOICE("people", "sign_in", struct config, people_sign_in, "required",
		sign_in_words, PRAC_OPT_RESTART,
		"Whether work and reports are a signed-in person's, once there is anybody"),
	PRAC_OPT_CHOICE("log", "level", struct config, log_level, "info", log_levels,
		PRAC_OPT_RELOAD, "Least important lines that are logged"),
};

static const char *in_state_dir(struct config *config, const char *name)
{
	return prac_arena_printf(&config->arena, "%s/%s", config->state_dir, name);
}

enum prac_status config_load(struct config *config, const char *path, int *argc, char **argv)
{
	enum prac_status status;

	*config = (struct config){ 0 };
	prac_opts_init(&config->opts, rows, PRAC_NELEM(rows), config, &config->arena);
	status = prac_opts_read_file(&config->opts, path == NULL ? CONFIG_FILE : path);
	if (status == PRAC_NOT_FOUND && path == NULL) {
		status = PRAC_OK;
	}
	if (status == PRAC_OK) {
		status = prac_opts_read_environment(&config->opts);
	}
	if (status == PRAC_OK) {
		status = prac_opts_read_flags(&config->opts, argc, argv);
	}
	if (config->tls_certificate == NULL) {
		config->tls_certificate = in_state_dir(config, "server.pem");
	}
	if (config->tls_key == NULL) {
		config->tls_key = in_state_dir(config, "server.key");
	}
	return status;
}

void config_deinit(struct config *config)
{
	prac_arena_deinit(&config->arena);
}

const char *config_sign_in_text(const struct config *config)
{
	return config->people_sign_in == CONFIG_SIGN_IN_REQUIRED
		       ? "people.sign_in is required: once there is anybody, what is entered is the "
			 "work of who is signed in"
		       : "people.sign_in is off: nobody has to sign in, and what is entered counts "
			 "as the station's";
}

void config_print_sample(FILE *out)
{
	(void)fputs("# practicumd: every option with its default. Written by `practicumd "
		    "print-config`.\n\n",
		out);
	prac_opts_print_sample(rows, PRAC_NELEM(rows), out);
}

void config_print_flags(FILE *out)
{
	prac_opts_print_flags(rows, PRAC_NELEM(rows), out);
}

void config_log_ignored(const struct config *present, const struct config *wanted)
{
	for (size_t i = 0; i < PRAC_NELEM(rows); i++) {
		if (rows[i].when == PRAC_OPT_RESTART &&
			prac_opt_differs(&rows[i], present, wanted)) {
			prac_log(PRAC_LOG_WARNING, "config.ignored",
				"section=%s key=%s why=\"takes effect at the next start\"",
				rows[i].section, rows[i].key);
		}
	}
}
