/* practicum whoami: who acts at this station, and what that person may do. */
#include <stdio.h>

#include "client/cmd/people_print.h"
#include "client/cmd/print.h"

static json_t *grants_json(struct cmd_call *call, const struct prac_person *who)
{
	int64_t now_ms = prac_env_system.wall_ms(NULL);
	json_t *roles = json_array();

	for (size_t i = 0; i < who->n_grants; i++) {
		const struct prac_grant *grant = &who->grants[i];

		if (people_is_held(grant, now_ms)) {
			json_array_append_new(
				roles, json_pack("{ss ss}", "role", prac_role_name(grant->role),
					       "at", people_place(call, grant)));
		}
	}
	return roles;
}

static void print_as_json(struct cmd_call *call, const struct replica_who *who)
{
	char id[PRAC_ID_TEXT];

	if (who->presence != REPLICA_PRESENT) {
		print_json(
			json_pack("{sb sb}", "signed_in", 0, "required", who->is_required ? 1 : 0));
		return;
	}
	prac_id_format(&who->person.who.id, id);
	print_json(json_pack("{sb sb ss ss ss ss sb sb so}", "signed_in", 1, "required",
		who->is_required ? 1 : 0, "id", id, "login", who->person.login, "name",
		who->person.name, "until", people_time(call, who->ends_ms), "with_server",
		who->token.len > 0, "factor", who->has_factor ? 1 : 0, "roles",
		grants_json(call, &who->person.who)));
}

static void print_for_people(struct cmd_call *call, const struct replica_who *who)
{
	const char *text = replica_presence_text(who->presence);

	if (text != NULL) {
		(void)puts(text);
	} else if (who->presence == REPLICA_DEVICE_ACTS) {
		(void)puts("nobody is signed in, and nobody has to be: what is entered is this "
			   "station's");
	} else {
		printf("%s (%s)\n%s\nsigned in %s until %s, or " PRAC_TEXT_OF(
			       PRAC_IDLE_MINUTES) " minutes without a command\n",
			who->person.name, who->person.login,
			people_roles_text(call, &who->person.who),
			who->token.len > 0 ? "with the server" : "without the server",
			people_time(call, who->ends_ms));
	}
}

static int run(struct cmd_call *call)
{
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &call->arena, &who);

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (call->json) {
		print_as_json(call, &who);
	} else {
		print_for_people(call, &who);
	}
	return CMD_DONE;
}

const struct cmd cmd_whoami = {
	.name = "whoami",
	.synopsis = "[--json]",
	.help = "Tells who is signed in at this station, with which roles and until when. Works "
		"without the server.",
	.example = "practicum whoami",
	.needs = CMD_NEEDS_REPLICA,
	.run = run,
};
