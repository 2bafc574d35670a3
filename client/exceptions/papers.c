/* What was typed from paper: the sample that a second person checks, and what was disputed. */
#include "catalog/types.h"
#include "client/exceptions/search.h"
#include "client/replica/people.h"
#include "common/rules/typed.h"

static const struct exception_cause transcript_unchecked = { "transcript_unchecked",
	"What was typed from paper waits for a second person to compare it with the scan",
	"practicum do transcript %s confirm|dispute reason=TEXT", 37 };
static const struct exception_cause transcript_disputed = { "transcript_disputed",
	"What was typed from paper does not say what the paper says",
	"practicum show transcript %s", 33 };

struct papers {
	struct search *search;
	struct prac_judgement judgement;
	struct prac_policy policy;
	struct prac_id person; /* who looks; nil: nobody in particular */
};

/* Nobody is asked to check what they typed, and nobody else to mend it. */
static bool is_concerned(
	const struct papers *papers, const struct prac_record *last, enum prac_typed_wait wait)
{
	bool is_typist = prac_bytes_equal(
		last->values[PRAC_TRANSCRIPT_TYPED_BY_ID].bytes, prac_id_bytes(&papers->person));

	return prac_id_is_nil(&papers->person) || is_typist == (wait == PRAC_TYPED_WAITS_MEND);
}

static bool on_transcript(void *ctx, const struct prac_record *transcript, bool pending)
{
	struct papers *papers = ctx;
	struct search *search = papers->search;
	const struct prac_record *record = prac_facts_target(&papers->judgement, transcript);
	const struct prac_record *last;
	enum prac_typed_wait wait;

	(void)pending;
	if (record == NULL || record->deleted) {
		return true;
	}
	last = prac_typed_last(&papers->judgement, &record->id);
	if (last == NULL || !prac_id_equal(&last->id, &transcript->id)) {
		return true;
	}
	wait = prac_typed_waits(&papers->policy, record, last);
	if (wait != PRAC_TYPED_WAITS_NOT && is_concerned(papers, last, wait)) {
		search_add(search,
			wait == PRAC_TYPED_WAITS_CHECK ? &transcript_unchecked
						       : &transcript_disputed,
			transcript, (int32_t)last->values[PRAC_TRANSCRIPT_SIGNED_ON].number,
			search_title(search, record));
	}
	return true;
}

void search_papers(struct search *search)
{
	struct papers papers = { .search = search,
		.judgement = {
			.facts = &search->facts, .arena = search->arena, .today = search->today } };
	enum prac_status status = replica_author(search->replica, &papers.person);

	if (status != PRAC_OK) {
		search->status = search->status == PRAC_OK ? status : search->status;
		return;
	}
	papers.policy = prac_statute_policy(&papers.judgement, "documents");
	search_each(search, &prac_type_transcript, on_transcript, &papers);
}
