#include "client/cmd/people_print.h"

#include <time.h>

#include "catalog/types.h"

bool people_is_held(const struct prac_grant *grant, int64_t now_ms)
{
	return grant->from_ms <= now_ms && now_ms < grant->until_ms;
}

const char *people_place(struct cmd_call *call, const struct prac_grant *grant)
{
	const struct prac_type *type = prac_type_find(PRAC_SCHOOL);
	const struct prac_record *school = NULL;

	if (prac_role_is_district(grant->role)) {
		return "the district";
	}
	if (type == NULL ||
		replica_get(call->replica, type, &grant->scope, &call->arena, &school) != PRAC_OK ||
		school == NULL) {
		return "another school";
	}
	return prac_arena_text(&call->arena, school->values[PRAC_SCHOOL_NAME].bytes);
}

const char *people_roles_text(struct cmd_call *call, const struct prac_person *who)
{
	int64_t now_ms = prac_env_system.wall_ms(NULL);
	const char *text = "";

	for (size_t i = 0; i < who->n_grants; i++) {
		const struct prac_grant *grant = &who->grants[i];

		if (people_is_held(grant, now_ms)) {
			text = prac_arena_printf(&call->arena, "%s%s%s at %s", text,
				text[0] == '\0' ? "" : ", ", prac_role_name(grant->role),
				people_place(call, grant));
		}
	}
	return text[0] == '\0' ? "no role" : text;
}

const char *people_time(struct cmd_call *call, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm local;
	char text[32] = "";

	if (localtime_r(&seconds, &local) != NULL) {
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local);
	}
	return prac_arena_printf(&call->arena, "%s", text);
}
