#include "server/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <uv.h>

#include "common/base/log.h"
#include "common/base/zone.h"

enum {
	OWN_DESCRIPTORS = 64, /* database, logs, spool */
	ROOM_MIB = 1024,      /* for the spool of first loads */
	WARN_DAYS = 30,       /* before the certificate is over */
	DAY_S = 86400,
	HOUR_S = 3600
};

/*
 * libuv does not say when descriptors run out: it accepts and closes, silently (RELIABILITY 3.11).
 * So the number of connections stays below what the system gives.
 */
enum prac_status machine_check_files(const struct config *config, char why_out[KEYS_WHY])
{
	unsigned long long wanted =
		(unsigned long long)config->listen_connections + OWN_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return PRAC_OK;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
		return PRAC_OK;
	}
	(void)snprintf(why_out, KEYS_WHY,
		"%u connections take %llu open files and the system gives %llu: set LimitNOFILE=%llu "
		"in the service's unit (ulimit -Hn in a shell), or lower listen.connections",
		config->listen_connections, wanted, (unsigned long long)limit.rlim_cur, wanted);
	return PRAC_FAILED_PRECONDITION;
}

static enum prac_status check_room(const struct config *config, char why_out[KEYS_WHY])
{
	struct statvfs disk;
	unsigned long long mib;

	if (statvfs(config->state_dir, &disk) != 0) {
		(void)snprintf(why_out, KEYS_WHY,
			"%s: %s: make the folder, or set server.state_dir", config->state_dir,
			strerror(errno));
		return PRAC_FAILED_PRECONDITION;
	}
	mib = (unsigned long long)disk.f_bavail * disk.f_frsize >> 20;
	if (mib >= ROOM_MIB) {
		return PRAC_OK;
	}
	(void)snprintf(why_out, KEYS_WHY,
		"%llu MiB are free on the disk of %s, and %d are wanted: make room there, or set "
		"server.state_dir to a folder on another disk",
		mib, config->state_dir, ROOM_MIB);
	return PRAC_FAILED_PRECONDITION;
}

static enum prac_status check_address(const struct config *config, char why_out[KEYS_WHY])
{
	struct sockaddr_in6 to;

	if (uv_ip4_addr(config->listen_address, 0, (struct sockaddr_in *)&to) == 0 ||
		uv_ip6_addr(config->listen_address, 0, &to) == 0) {
		return PRAC_OK;
	}
	(void)snprintf(why_out, KEYS_WHY,
		"listen.address: %s is no address: write one of this machine, as in 0.0.0.0 for all of "
		"them",
		config->listen_address);
	return PRAC_FAILED_PRECONDITION;
}

static enum prac_status check_zone(const struct config *config, char why_out[KEYS_WHY])
{
	const char *name = config->server_zone == NULL ? "(none)" : config->server_zone;

	if (prac_zone_shared(name) != NULL) {
		return PRAC_OK;
	}
	(void)snprintf(why_out, KEYS_WHY,
		"server.zone: this machine knows no time zone %s: write a name as in America/Chicago, "
		"or install the package tzdata",
		name);
	return PRAC_FAILED_PRECONDITION;
}

enum prac_status machine_check(const struct config *config, char why_out[KEYS_WHY])
{
	enum prac_status status = check_room(config, why_out);

	if (status == PRAC_OK) {
		status = check_address(config, why_out);
	}
	return status == PRAC_OK ? check_zone(config, why_out) : status;
}

bool machine_warns(
	const struct config *config, int64_t not_after_s, int64_t now_s, char why_out[KEYS_WHY])
{
	int64_t left_s = not_after_s - now_s;

	why_out[0] = '\0';
	if (left_s >= WARN_DAYS * (int64_t)DAY_S) {
		return false;
	}
	(void)snprintf(why_out, KEYS_WHY,
		"%s is over in %d days, and then no station connects: remove it and its key, run "
		"practicumd setup and send SIGHUP",
		config->tls_certificate, (int)(left_s / DAY_S));
	return true;
}

int64_t machine_backup_age_s(const struct config *config, int64_t now_s)
{
	struct prac_arena arena = { 0 };
	struct stat facts;
	bool is_there =
		stat(prac_arena_printf(&arena, "%s/last", config->backup_folder), &facts) == 0;

	prac_arena_deinit(&arena);
	if (!is_there) {
		return -1;
	}
	return facts.st_mtime < now_s ? now_s - facts.st_mtime : 0;
}

bool machine_warns_of_backup(const struct config *config, int64_t now_s, char why_out[KEYS_WHY])
{
	int64_t age_s = machine_backup_age_s(config, now_s);

	why_out[0] = '\0';
	if (age_s >= 0 && age_s <= config->backup_max_hours * (int64_t)HOUR_S) {
		return false;
	}
	if (age_s < 0) {
		(void)snprintf(why_out, KEYS_WHY,
			"there is no backup in %s: start practicum-backup.timer, or set backup.folder",
			config->backup_folder);
	} else {
		(void)snprintf(why_out, KEYS_WHY,
			"the last backup is %lld hours old: systemctl status practicum-backup says why",
			(long long)(age_s / HOUR_S));
	}
	return true;
}

static void log_warnings(const struct config *config, int64_t not_after_s, int64_t now_s)
{
	char why[KEYS_WHY];

	if (machine_warns(config, not_after_s, now_s, why)) {
		prac_log(PRAC_LOG_WARNING, "server.certificate", "why=\"%s\"", why);
	}
	if (machine_warns_of_backup(config, now_s, why)) {
		prac_log(PRAC_LOG_WARNING, "server.backup", "why=\"%s\"", why);
	}
}

enum prac_status machine_read_keys(
	const struct config *config, struct keys_tls *tls_out, char why_out[KEYS_WHY])
{
	int64_t now_s = prac_env_system.wall_ms(prac_env_system.ctx) / 1000;
	enum prac_status status = machine_check_files(config, why_out);

	if (status == PRAC_OK) {
		status = keys_tls(config, now_s, tls_out, why_out);
	}
	if (status == PRAC_OK) {
		log_warnings(config, tls_out->not_after_s, now_s);
	}
	return status;
}
