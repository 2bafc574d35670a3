#include "common/rules/concentrator.h"

#include "catalog/types.h"
#include "common/base/date.h"

enum {
	COURSES_MAX = 256 /* of one student; what is beyond is not looked at */
};

/* A course that was completed, the first time. */
struct passed {
	const struct prac_record *course;
	int32_t day;
};

struct transcript {
	struct passed items[COURSES_MAX];
	size_t n;
};

static void add(struct transcript *transcript, const struct prac_record *course, int32_t day)
{
	size_t i = 0;

	while (i < transcript->n && !prac_id_equal(&transcript->items[i].course->id, &course->id)) {
		i++;
	}
	if (i == COURSES_MAX) {
		return;
	}
	if (i == transcript->n) {
		transcript->items[transcript->n++] = (struct passed){ course, day };
	} else if (day < transcript->items[i].day) {
		transcript->items[i].day = day;
	}
}

static void read_transcript(const struct prac_judgement *judgement,
	const struct prac_record *student, int32_t day, struct transcript *transcript)
{
	const struct prac_record *const *records;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_COURSE_COMPLETION,
		PRAC_COURSE_COMPLETION_STUDENT_ID_NO, &student->id, &records);

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = records[i]->values;
		const struct prac_record *course =
			prac_facts_follow(judgement, records[i], PRAC_COURSE_COMPLETION_COURSE_ID);

		if (course != NULL && values[PRAC_COURSE_COMPLETION_PASSED].number != 0 &&
			values[PRAC_COURSE_COMPLETION_COMPLETED_ON].number <= day) {
			add(transcript, course,
				(int32_t)values[PRAC_COURSE_COMPLETION_COMPLETED_ON].number);
		}
	}
}

static bool is_of(const struct passed *passed, const struct prac_value *program)
{
	return prac_bytes_equal(
		passed->course->values[PRAC_COURSE_PROGRAM_ID].bytes, program->bytes);
}

/* How many courses of the program; *since_out: the day of the least-th in order of days. */
static int32_t count(const struct transcript *transcript, const struct prac_value *program,
	int32_t least, int32_t *since_out)
{
	int32_t n = 0;

	*since_out = 0;
	for (size_t i = 0; i < transcript->n; i++) {
		const struct passed *one = &transcript->items[i];
		int32_t n_until = 0;

		if (!is_of(one, program)) {
			continue;
		}
		n++;
		for (size_t k = 0; k < transcript->n; k++) {
			n_until += is_of(&transcript->items[k], program) &&
				   transcript->items[k].day <= one->day;
		}
		if (n_until >= least && (*since_out == 0 || one->day < *since_out)) {
			*since_out = one->day;
		}
	}
	return n;
}

bool prac_concentrator_of(const struct prac_judgement *judgement, const struct prac_record *student,
	int32_t day, struct prac_concentrator *concentrator_out)
{
	struct prac_policy policy = prac_statute_policy(judgement, "perkins");
	struct prac_concentrator best = { .row = prac_policy_row(&policy, "concentrator", day) };
	struct transcript *transcript = prac_arena_alloc(judgement->arena, sizeof(*transcript));

	*concentrator_out = best;
	if (best.row == NULL) {
		return false;
	}
	transcript->n = 0;
	read_transcript(judgement, student, day, transcript);
	for (size_t i = 0; i < transcript->n; i++) {
		const struct prac_record *course = transcript->items[i].course;
		const struct prac_value *program = &course->values[PRAC_COURSE_PROGRAM_ID];
		int32_t since, n;

		if (!program->has) {
			continue;
		}
		n = count(transcript, program, prac_policy_number(best.row, "least", 0), &since);
		if (n > best.n_courses) {
			best.n_courses = n;
			best.since = since;
			best.program = prac_facts_follow(judgement, course, PRAC_COURSE_PROGRAM_ID);
		}
	}
	best.is_one = prac_policy_is_concentrator(best.row, best.n_courses);
	*concentrator_out = best;
	return true;
}

const char *prac_concentrator_words(const struct prac_judgement *judgement,
	const struct prac_record *student, const struct prac_concentrator *concentrator)
{
	const struct prac_value *flag = &student->values[PRAC_STUDENT_CONCENTRATOR];
	const struct prac_law_row *row = concentrator->row;
	const char *other = "", *program = "a program of study";
	char date[PRAC_DATE_TEXT];

	if (flag->has && (flag->number != 0) != concentrator->is_one) {
		other = flag->number != 0 ? "; the student information system says yes"
					  : "; the student information system says no";
	}
	if (concentrator->program != NULL) {
		program = prac_record_title(concentrator->program, judgement->arena);
	}
	if (!concentrator->is_one) {
		return prac_arena_printf(judgement->arena,
			"no: %d of %d courses completed in %s%s (%s: %s %s)",
			(int)concentrator->n_courses, (int)prac_policy_number(row, "least", 0),
			program, other, row->id, row->words, row->source);
	}
	prac_date_format(concentrator->since, date);
	return prac_arena_printf(judgement->arena,
		"yes, since %s: %d courses completed in %s%s (%s: %s %s)", date,
		(int)concentrator->n_courses, program, other, row->id, row->words, row->source);
}
