#include "common/base/id.h"

#include <string.h>

enum {
	COUNTER_MAX = 0xfff,
	/* A new millisecond starts in the lower half, so that at least 2,048 more ids fit it. */
	COUNTER_START_MASK = 0x7ff
};

/* Time and counter of the last id: what makes the ids of one process ascend (RFC 9562 6.2). */
static struct {
	uint64_t ms;
	unsigned counter;
} last;

static void advance(uint64_t now_ms, unsigned chance)
{
	if (now_ms > last.ms) {
		last.ms = now_ms;
		last.counter = chance & COUNTER_START_MASK;
	} else if (last.counter < COUNTER_MAX) {
		last.counter++;
	} else {
		/* The millisecond is full: borrow the next one rather than wait. */
		last.ms++;
		last.counter = chance & COUNTER_START_MASK;
	}
}

struct prac_id prac_id_new(const struct prac_env *env)
{
	int64_t now_ms = env->wall_ms(env->ctx);
	struct prac_id id;

	env->random(env->ctx, id.b, sizeof(id.b));
	advance(now_ms > 0 ? (uint64_t)now_ms : 0, (unsigned)id.b[6] << 8 | id.b[7]);
	for (int i = 0; i < 6; i++) {
		id.b[i] = (uint8_t)(last.ms >> (40 - 8 * i));
	}
	id.b[6] = (uint8_t)(0x70 | last.counter >> 8);
	id.b[7] = (uint8_t)last.counter;
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return id;
}

void prac_id_restart(void)
{
	last.ms = 0;
	last.counter = 0;
}

bool prac_id_equal(const struct prac_id *a, const struct prac_id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int prac_id_same(const void *a, const void *b)
{
	return prac_id_equal(a, b);
}

unsigned int prac_id_hash(const void *id)
{
	const struct prac_id *of = id;
	unsigned int word;

	memcpy(&word, of->b + PRAC_ID_LEN - sizeof(word), sizeof(word));
	return word;
}

int prac_id_compare(const struct prac_id *a, const struct prac_id *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

int prac_id_order(const void *a, const void *b)
{
	return prac_id_compare(a, b);
}

bool prac_id_is_nil(const struct prac_id *id)
{
	static const struct prac_id nil;

	return prac_id_equal(id, &nil);
}

/* After which bytes a dash stands: 8-4-4-4-12 digits. */
static bool dash_after(int byte)
{
	return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

void prac_id_format(const struct prac_id *id, char text_out[PRAC_ID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *end = text_out;

	for (int i = 0; i < PRAC_ID_LEN; i++) {
		*end++ = digits[id->b[i] >> 4];
		*end++ = digits[id->b[i] & 15];
		if (dash_after(i)) {
			*end++ = '-';
		}
	}
	*end = '\0';
}

/* -1 if it is none. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum prac_status prac_id_parse(const char *text, struct prac_id *id_out)
{
	bool dashed = strlen(text) == PRAC_ID_TEXT - 1;
	struct prac_id id;

	if (!dashed && strlen(text) != (size_t)2 * PRAC_ID_LEN) {
		return PRAC_INVALID_ARGUMENT;
	}
	for (int i = 0; i < PRAC_ID_LEN; i++) {
		int high = hex_digit(text[0]);
		int low = hex_digit(text[1]);

		if (high < 0 || low < 0) {
			return PRAC_INVALID_ARGUMENT;
		}
		id.b[i] = (uint8_t)(high << 4 | low);
		text += 2;
		if (dashed && dash_after(i) && *text++ != '-') {
			return PRAC_INVALID_ARGUMENT;
		}
	}
	*id_out = id;
	return PRAC_OK;
}

enum prac_status prac_id_from_bytes(struct prac_bytes bytes, struct prac_id *id_out)
{
	if (bytes.len != PRAC_ID_LEN) {
		return PRAC_INVALID_ARGUMENT;
	}
	memcpy(id_out->b, bytes.data, PRAC_ID_LEN);
	return PRAC_OK;
}

struct prac_bytes prac_id_bytes(const struct prac_id *id)
{
	return (struct prac_bytes){ id->b, sizeof(id->b) };
}
