#include "common/rules/seats.h"

#include "catalog/types.h"

/* Two types say by other fields who is where, and when. */
struct holder {
	uint32_t type, opportunity_no;
	size_t student, from, through;
	bool (*counts)(const struct prac_record *record);
};

bool prac_seat_is_taken_by(const struct prac_record *placement)
{
	int64_t state = placement->values[PRAC_PLACEMENT_STATE].number;

	return state != PRAC_PLACEMENT_STATE_COMPLETED && state != PRAC_PLACEMENT_STATE_CANCELED &&
	       state != PRAC_PLACEMENT_STATE_TERMINATED;
}

static bool is_accepted(const struct prac_record *application)
{
	return application->values[PRAC_APPLICATION_STATE].number ==
	       PRAC_APPLICATION_STATE_ACCEPTED;
}

static const struct holder holders[] = {
	{ PRAC_PLACEMENT, PRAC_PLACEMENT_OPPORTUNITY_ID_NO, PRAC_PLACEMENT_STUDENT_ID,
		PRAC_PLACEMENT_STARTS_ON, PRAC_PLACEMENT_ENDS_ON, prac_seat_is_taken_by },
	{ PRAC_APPLICATION, PRAC_APPLICATION_OPPORTUNITY_ID_NO, PRAC_APPLICATION_STUDENT_ID,
		PRAC_APPLICATION_STARTS_ON, PRAC_APPLICATION_ENDS_ON, is_accepted },
};

/* A day that is not said is open to its side. */
static bool is_there(const struct holder *holder, const struct prac_record *record,
	const struct prac_seats_asked *asked)
{
	const struct prac_value *from = &record->values[holder->from];
	const struct prac_value *through = &record->values[holder->through];

	return holder->counts(record) && !(from->has && from->number > asked->through) &&
	       !(through->has && through->number < asked->from) &&
	       !(asked->but != NULL && prac_bytes_equal(record->values[holder->student].bytes,
					       prac_id_bytes(asked->but)));
}

/* Students with a seat, each once: an accepted application becomes a placement. */
struct seated {
	const struct prac_record *opportunity;
	const struct prac_seats_asked *asked;
	struct prac_bytes *students;
	size_t n;
};

static void seat(struct seated *seated, struct prac_bytes student)
{
	for (size_t i = 0; i < seated->n; i++) {
		if (prac_bytes_equal(seated->students[i], student)) {
			return;
		}
	}
	seated->students[seated->n++] = student;
}

static void seat_all(
	struct prac_judgement *judgement, const struct holder *holder, struct seated *seated)
{
	const struct prac_record *const *records;
	size_t n = judgement->facts->children(judgement->facts->ctx, holder->type,
		holder->opportunity_no, &seated->opportunity->id, &records);
	struct prac_bytes *students =
		prac_arena_alloc(judgement->arena, (seated->n + n + 1) * sizeof(*seated->students));

	for (size_t i = 0; i < seated->n; i++) {
		students[i] = seated->students[i];
	}
	seated->students = students;
	for (size_t i = 0; i < n; i++) {
		if (is_there(holder, records[i], seated->asked)) {
			seat(seated, records[i]->values[holder->student].bytes);
		}
	}
}

bool prac_seats_of(struct prac_judgement *judgement, const struct prac_record *opportunity,
	const struct prac_seats_asked *asked, struct prac_seats *seats_out)
{
	struct seated seated = { .opportunity = opportunity, .asked = asked };

	if (!opportunity->values[PRAC_OPPORTUNITY_SEATS].has) {
		return false;
	}
	for (size_t i = 0; i < PRAC_NELEM(holders); i++) {
		seat_all(judgement, &holders[i], &seated);
	}
	seats_out->n = opportunity->values[PRAC_OPPORTUNITY_SEATS].number;
	seats_out->taken = (int64_t)seated.n;
	return true;
}
