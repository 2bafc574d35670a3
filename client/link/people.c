/* People.Known: who may still sign in on this device, and what they may do. */
#include "client/link/parts.h"
#include "client/link/person.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"

static bool read_id(ProtobufCBinaryData from, struct prac_id *id_out)
{
	return prac_id_from_bytes(prac_binary_bytes(from), id_out) == PRAC_OK;
}

static const char *read_text(ProtobufCBinaryData from, struct prac_arena *arena)
{
	return prac_arena_text(arena, prac_binary_bytes(from));
}

static bool read_grant(const Practicum__Grant *from, struct prac_grant *to)
{
	to->role = from->role < PRAC_ROLES ? (enum prac_role)from->role : PRAC_ROLE_NONE;
	to->from_ms = from->from_ms;
	to->until_ms = from->has_until_ms ? from->until_ms : INT64_MAX;
	return read_id(from->scope, &to->scope);
}

bool person_read(const Practicum__Person *message, struct prac_arena *arena,
	struct replica_person *person_out)
{
	struct prac_grant *grants =
		prac_arena_alloc(arena, (message->n_grants + 1) * sizeof(*grants));
	bool ok = read_id(message->id, &person_out->who.id) && message->login.len > 0;

	person_out->login = read_text(message->login, arena);
	person_out->name = read_text(message->name, arena);
	person_out->password_ms = message->password_ms;
	person_out->who.subject_type = message->record_type;
	if (message->has_record_id) {
		ok = ok && read_id(message->record_id, &person_out->who.subject);
	}
	for (size_t i = 0; i < message->n_grants; i++) {
		ok = ok && read_grant(message->grants[i], &grants[i]);
	}
	person_out->who.grants = grants;
	person_out->who.n_grants = message->n_grants;
	return ok;
}

static bool ask(struct session *session)
{
	Practicum__KnownRequest request = PRACTICUM__KNOWN_REQUEST__INIT;
	ProtobufCBinaryData persons[PEOPLE_ASKED_MAX];
	enum prac_status status =
		replica_people_asked(session->replica, session->asked, &session->n_asked);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return false;
	}
	if (session->n_asked == 0) {
		return true;
	}
	for (size_t i = 0; i < session->n_asked; i++) {
		persons[i] = prac_binary_id(&session->asked[i]);
	}
	request.n_persons = session->n_asked;
	request.persons = persons;
	return session_call(session, CALL_KNOWN, PRACTICUM__METHOD_ID__PEOPLE_KNOWN,
		       &request.base) != NULL;
}

void known_start(struct session *session)
{
	if (session->known_at_ms != 0 && session->now_ms >= session->known_at_ms) {
		session->wants_known = true;
	}
	if (!session->wants_known || session_count(session, CALL_KNOWN) > 0 || !ask(session)) {
		return;
	}
	session->wants_known = false;
	session->known_at_ms = session->now_ms + SESSION_KNOWN_MS;
}

void known_answered(struct session *session, struct prac_bytes body)
{
	struct replica_known answer = { .asked = session->asked, .n_asked = session->n_asked };
	const Practicum__KnownResponse *response;
	struct replica_person *known;
	ProtobufCMessage *message;
	enum prac_status status;

	if (prac_unpack(&practicum__known_response__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	response = (const Practicum__KnownResponse *)message;
	known = prac_arena_alloc(&session->arena, (response->n_persons + 1) * sizeof(*known));
	for (size_t i = 0; i < response->n_persons; i++) {
		if (!person_read(response->persons[i], &session->arena, &known[i])) {
			session_fail(session, PRAC_INVALID_ARGUMENT,
				"the server's answer is not readable");
			return;
		}
	}
	answer.known = known;
	answer.n_known = response->n_persons;
	status = replica_people_known(session->replica, &answer);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	}
}
