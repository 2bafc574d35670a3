#include "server/svc/audit.h"

#include <string.h>

#include "sql/queries.h"

struct note {
	struct rpc_call *call;
	void (*go)(struct rpc_call *call);
};

static void noted(void *ctx, enum prac_status status)
{
	struct note *note = ctx;

	if (status == PRAC_OK) {
		note->go(note->call);
	} else {
		rpc_fail(note->call, PRAC_UNAVAILABLE);
	}
}

/* Somebody reads it in a terminal. */
static struct prac_bytes printable(const char *text, struct prac_arena *arena)
{
	struct prac_bytes given = prac_bytes_text(text);
	char *copy = prac_arena_alloc(arena, given.len + 1);

	for (size_t i = 0; i < given.len; i++) {
		copy[i] = text[i];
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			copy[i] = '?';
		}
	}
	return (struct prac_bytes){ (const uint8_t *)copy, given.len };
}

static void add_id(struct db_params *params, const struct prac_id *id)
{
	if (id != NULL) {
		db_param_id(params, id);
	} else {
		db_param_null(params);
	}
}

void svc_audit(
	struct rpc_call *call, const struct svc_event *event, void (*go)(struct rpc_call *call))
{
	struct svc *svc = rpc_services(call);
	struct prac_arena *arena = rpc_arena(call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);
	struct note *note = prac_arena_alloc(arena, sizeof(*note));

	*note = (struct note){ call, go };
	db_param_bytes(params, prac_bytes_text(event->kind));
	db_param_bytes(params, prac_bytes_text(event->outcome));
	add_id(params, event->actor);
	db_param_id(params, &rpc_call_peer(call)->device);
	if (event->object_type != NULL) {
		db_param_bytes(params, prac_bytes_text(event->object_type));
	} else {
		db_param_null(params);
	}
	add_id(params, event->object);
	db_param_bytes(params, printable(event->detail, arena));
	db_batch_add(batch, &q_audit_note, params, NULL, NULL);
	db_link_run(svc->desk, batch, noted, note);
}
