/* practicum status: what this device is and what waits on it. */
#include <stdio.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/key/key.h"
#include "client/link/witness.h"
#include "client/replica/files.h"

enum {
	OUTBOX_WARN = 5000 /* PROTOCOL 12 */
};

static void print_people(const struct replica_identity *identity,
	const struct replica_counters *counters, size_t n_files, bool consistent)
{
	printf("%s%s; server %s\n", identity->label, identity->district ? " (district)" : "",
		identity->server);
	printf("waiting to be sent: %zu, sent and not judged: %zu\n", counters->n_unsent,
		counters->n_sent);
	if (counters->n_unsent + counters->n_sent >= OUTBOX_WARN) {
		(void)puts("  much waits: connect soon; at 200,000 nothing more can be entered");
	}
	if (n_files > 0) {
		printf("files to be sent: %zu\n", n_files);
	}
	printf("refused, kept as drafts: %zu (practicum drafts)\n", counters->n_drafts);
	printf("conflicts to decide: %zu (practicum conflicts)\n", counters->n_conflicts);
	(void)puts(consistent ? "complete at the server's last known state"
			      : "not complete yet: run practicum sync");
}

static int run(struct cmd_call *call)
{
	struct replica_identity identity;
	struct replica_counters counters;
	enum prac_status status = replica_identity(call->replica, &identity);
	bool consistent = replica_is_consistent(call->replica);
	char device[PRAC_ID_TEXT];
	char alarm[WITNESS_TEXT];
	size_t n_files = 0;

	if (status == PRAC_OK) {
		status = replica_counters(call->replica, &counters);
	}
	if (status == PRAC_OK) {
		status = replica_file_count_unsent(call->replica, &n_files);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	witness_alarm(call->home, alarm);
	if (!call->json) {
		if (alarm[0] != '\0') {
			printf("ATTENTION: %s\n", alarm);
		}
		print_people(&identity, &counters, n_files, consistent);
		printf("what is sealed here is opened by: %s\n", data_key_way(call->key));
		return CMD_DONE;
	}
	prac_id_format(&identity.device, device);
	print_json(json_pack("{ss ss ss sb sI sI sI sI sI sI sb ss ss}", "device", device, "label",
		identity.label, "server", identity.server, "district", identity.district,
		"next_counter", (json_int_t)counters.next_counter, "unsent",
		(json_int_t)counters.n_unsent, "sent", (json_int_t)counters.n_sent, "drafts",
		(json_int_t)counters.n_drafts, "conflicts", (json_int_t)counters.n_conflicts,
		"files_unsent", (json_int_t)n_files, "complete", consistent, "audit_alarm", alarm,
		"opened_by", data_key_way(call->key)));
	return CMD_DONE;
}

const struct cmd cmd_status = {
	.name = "status",
	.synopsis = "[--json]",
	.help = "Tells what this device is enrolled as, what waits to be sent and what waits for a "
		"person. Works without the server.",
	.example = "practicum status",
	.needs = CMD_NEEDS_REPLICA,
	.run = run,
};
