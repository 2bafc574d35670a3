#include "common/wire/credit.h"

#include <assert.h>

void prac_credit_init(struct prac_credit *credit, uint32_t window)
{
	if (window > PRAC_CREDIT_MAX) {
		window = PRAC_CREDIT_MAX;
	}
	*credit = (struct prac_credit){ .left = window, .window = window };
}

uint32_t prac_credit_available(
	const struct prac_credit *stream, const struct prac_credit *connection)
{
	return stream->left < connection->left ? stream->left : connection->left;
}

enum prac_status prac_credit_take(
	struct prac_credit *stream, struct prac_credit *connection, uint32_t len)
{
	if (len > prac_credit_available(stream, connection)) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	stream->left -= len;
	connection->left -= len;
	return PRAC_OK;
}

enum prac_status prac_credit_grant(struct prac_credit *credit, uint32_t len)
{
	if (len == 0) {
		return PRAC_INVALID_ARGUMENT; /* free for the sender, work for us */
	}
	if (len > PRAC_CREDIT_MAX - credit->left) {
		return PRAC_OUT_OF_RANGE;
	}
	credit->left += len;
	return PRAC_OK;
}

uint32_t prac_credit_settle(struct prac_credit *credit, uint32_t len)
{
	uint32_t due;

	/* Only what was taken can be settled, so the account cannot outgrow its window. */
	assert(len <= credit->window - credit->left - credit->settled);
	credit->settled += len;
	if (credit->settled < credit->window / 2 || credit->settled == 0) {
		return 0;
	}
	due = credit->settled;
	credit->settled = 0;
	credit->left += due;
	return due;
}
