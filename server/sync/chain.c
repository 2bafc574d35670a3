#include "server/sync/chain.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *put(uint8_t *to, const void *from, size_t len)
{
	return (uint8_t *)memcpy(to, from, len) + len;
}

static uint8_t *put64(uint8_t *to, uint64_t value)
{
	uint64_t wire = htobe64(value);

	return put(to, &wire, sizeof(wire));
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
	uint32_t wire = htobe32(value);

	return put(to, &wire, sizeof(wire));
}

static uint8_t *put16(uint8_t *to, unsigned value)
{
	uint16_t wire = htobe16((uint16_t)value);

	return put(to, &wire, sizeof(wire));
}

/* PostgreSQL's bigint has a sign; an incarnation above 2^63 is negative there. */
static int compare_bigint(uint64_t a, uint64_t b)
{
	int64_t first = (int64_t)a, second = (int64_t)b;

	return (first > second) - (first < second);
}

static int compare(const struct prac_mutation_key *a, const struct prac_mutation_key *b)
{
	int order = memcmp(a->device.b, b->device.b, PRAC_ID_LEN);

	if (order == 0) {
		order = compare_bigint(a->incarnation, b->incarnation);
	}
	return order != 0 ? order : compare_bigint(a->counter, b->counter);
}

static int compare_judged(const void *a, const void *b)
{
	const struct store_judged *const *first = a, *const *second = b;

	return compare(&(*first)->key, &(*second)->key);
}

static uint8_t *put_mutation(uint8_t *to, const struct store_judged *judged, int64_t received_ms)
{
	to = put(to, judged->key.device.b, PRAC_ID_LEN);
	to = put64(to, judged->key.incarnation);
	to = put64(to, judged->key.counter);
	to = put64(to, judged->verdict.seq);
	to = put32(to, judged->type);
	to = put(to, judged->id.b, PRAC_ID_LEN);
	to = put(to, judged->person.b, PRAC_ID_LEN);
	to = put32(to, judged->verdict.field);
	to = put16(to, (unsigned)judged->verdict.kind);
	to = put16(to, (unsigned)judged->verdict.reason);
	to = put64(to, (uint64_t)judged->client_time_ms);
	to = put64(to, (uint64_t)received_ms);
	return put(to, judged->hash.b, sizeof(judged->hash.b));
}

struct prac_bytes chain_body(
	const struct store_judged *judged, size_t n, int64_t received_ms, struct prac_arena *arena)
{
	const struct store_judged **ordered =
		prac_arena_alloc(arena, (n + 1) * sizeof(struct store_judged *));
	uint8_t *body = prac_arena_alloc(arena, n * CHAIN_MUTATION_LEN + 1), *to = body;
	bool is_sorted = true;

	for (size_t i = 0; i < n; i++) {
		ordered[i] = &judged[i];
		is_sorted =
			is_sorted && (i == 0 || compare(&judged[i - 1].key, &judged[i].key) < 0);
	}
	if (!is_sorted) {
		qsort(ordered, n, sizeof(struct store_judged *), compare_judged);
	}
	for (size_t i = 0; i < n; i++) {
		to = put_mutation(to, ordered[i], received_ms);
	}
	assert(to == body + n * CHAIN_MUTATION_LEN);
	return (struct prac_bytes){ body, n * CHAIN_MUTATION_LEN };
}
