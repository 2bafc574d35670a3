/* practicum enroll: makes this folder a device of the district. */
#include "client/link/enroll.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/key/disk.h"
#include "client/key/key.h"

static gchar *server;
static gchar *code;
static gboolean personal;
static gchar *disk_said;

static const GOptionEntry options[] = {
	{ "server", 0, 0, G_OPTION_ARG_STRING, &server,
		"where the district's server takes enrollments; port 7444 when not said",
		"HOST[:PORT]" },
	{ "code", 0, 0, G_OPTION_ARG_STRING, &code, "the one-time code of the district office",
		"CODE" },
	{ "personal", 0, 0, G_OPTION_ARG_NONE, &personal,
		"this is one person's device: what it holds opens with that person's password only",
		NULL },
	{ "disk-encrypted", 0, 0, G_OPTION_ARG_STRING, &disk_said,
		"is the disk of this folder encrypted? When not said: as far as Linux knows",
		"yes|no|unknown" },
	{ 0 },
};

/* What may be said, and the word for it afterwards. */
static const struct {
	const char *said, *word;
} disks[] = {
	[ENROLL_DISK_UNKNOWN] = { "unknown", "unknown" },
	[ENROLL_DISK_ENCRYPTED] = { "yes", "encrypted" },
	[ENROLL_DISK_OPEN] = { "no", "open" },
};

/* False: nobody could have meant that. */
static bool find_disk(const char *home, enum enroll_disk *disk_out)
{
	*disk_out = ENROLL_DISK_UNKNOWN;
	if (disk_said == NULL) {
		*disk_out = disk_of_folder_is_encrypted(home) ? ENROLL_DISK_ENCRYPTED
							      : ENROLL_DISK_UNKNOWN;
		return true;
	}
	for (size_t i = 0; i < PRAC_NELEM(disks); i++) {
		if (strcmp(disk_said, disks[i].said) == 0) {
			*disk_out = (enum enroll_disk)i;
			return true;
		}
	}
	return false;
}

static int exit_code(enum prac_status status)
{
	if (status == PRAC_UNAVAILABLE) {
		return CMD_UNREACHABLE;
	}
	return status == PRAC_INVALID_ARGUMENT ? CMD_USAGE : CMD_REFUSED;
}

/* A device keeps its replica: what waits in it belongs to the device that entered it. */
static int check_fresh(struct cmd_call *call)
{
	struct replica_identity identity;
	enum prac_status status = replica_identity(call->replica, &identity);

	if (status == PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED,
			"this folder is enrolled as \"%s\" already; set PRACTICUM_HOME to another "
			"folder for a new device",
			identity.label);
	}
	return status == PRAC_NOT_FOUND ? CMD_DONE : cmd_fail_replica(call, status);
}

/* Before the code is used up: to whom the data key of this folder will be wrapped. */
static int choose_key(struct cmd_call *call)
{
	char text[REPLICA_KEY_TEXT];

	if (!personal && data_key_is_personal(call->key)) {
		return cmd_fail(call, CMD_USAGE,
			"this folder was begun as a personal device; say --personal, or set "
			"PRACTICUM_HOME to another folder");
	}
	if (personal && data_key_make_personal(call->key, text) != PRAC_OK) {
		return cmd_fail(call, CMD_CONFIG, "%s", text);
	}
	return CMD_DONE;
}

static int store(struct cmd_call *call, const struct enroll_result *result, enum enroll_disk disk)
{
	struct replica_identity identity = { .device = result->device };
	enum prac_status status;
	char device[PRAC_ID_TEXT];

	if (prac_id_parse(result->person, &identity.person) != PRAC_OK) {
		identity.person = (struct prac_id){ { 0 } }; /* a name, or nobody */
	}
	(void)snprintf(identity.label, sizeof(identity.label), "%s", result->label);
	(void)snprintf(identity.server, sizeof(identity.server), "%s", result->server);
	status = replica_enroll(call->replica, &identity);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	prac_id_format(&result->device, device);
	if (call->json) {
		print_json(json_pack("{ss ss ss ss}", "device", device, "label", result->label,
			"server", result->server, "disk", disks[disk].word));
	} else {
		printf("enrolled as \"%s\"; %s\n", result->label,
			personal ? "practicum login NAME opens it, then practicum sync gets its "
				   "records"
				 : "practicum sync gets its records");
	}
	if (disk != ENROLL_DISK_ENCRYPTED) {
		(void)fprintf(stderr,
			"practicum enroll: the disk of %s is not known to be encrypted, and names and "
			"dates kept there can be read from it; encrypt the disk, or where it is "
			"encrypted tell the district office\n",
			call->home);
	}
	return CMD_DONE;
}

static int enroll(struct cmd_call *call)
{
	struct enroll_ask ask = { .folder = call->home, .server = server, .code = code };
	struct enroll_result result;
	char text[ENROLL_TEXT];
	enum prac_status status;
	int failed = check_fresh(call);

	if (failed == CMD_DONE && !find_disk(call->home, &ask.disk)) {
		failed = cmd_fail(
			call, CMD_USAGE, "--disk-encrypted %s: want yes, no or unknown", disk_said);
	}

	if (failed == CMD_DONE) {
		failed = choose_key(call);
	}
	if (failed != CMD_DONE) {
		return failed;
	}
	status = enroll_run(&ask, &result, text);
	if (status != PRAC_OK) {
		return cmd_fail(call, exit_code(status), "%s%s%s%s",
			text[0] != '\0' ? text : prac_status_text(status),
			status == PRAC_UNAVAILABLE ? ": " : "",
			status == PRAC_UNAVAILABLE ? server : "",
			status == PRAC_UNAVAILABLE
				? "; is that its name, and the port that of enrollments (7444)? "
				  "Try again from this folder with the same code"
				: "");
	}
	return store(call, &result, ask.disk);
}

static int run(struct cmd_call *call)
{
	enum prac_status status;
	int exit;

	if (server == NULL || code == NULL) {
		return cmd_fail(call, CMD_USAGE, "usage: practicum enroll %s", call->cmd->synopsis);
	}
	status = cmd_open(call);
	exit = status == PRAC_OK ? enroll(call) : cmd_fail_replica(call, status);
	cmd_close(call);
	return exit;
}

const struct cmd cmd_enroll = {
	.name = "enroll",
	.synopsis =
		"--server HOST[:PORT] --code CODE [--personal] [--disk-encrypted yes|no|unknown]",
	.help = "Makes this folder a device of the district. The code comes from the district office "
		"(practicumd enroll-code), works once and for a day. It proves the server to this "
		"device as well, so that no certificate has to be carried here. A station opens "
		"what it holds by itself, after a start as well; a personal device only while one "
		"of its people is signed in. Whether its disk is encrypted is told to the server.",
	.example = "practicum enroll --server wbl.example.org --code ABCD-EFGH-JKMN-PQRS-TVWX-YZ01",
	.needs = CMD_NEEDS_FOLDER,
	.max_words = 0,
	.options = options,
	.run = run,
};
