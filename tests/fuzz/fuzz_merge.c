/*
 * Merging against a model that knows nothing of encodings: a group is a text, a set a bit mask. Four
 * bytes of input are one step of a person on one record.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "catalog/types.h"
#include "common/sync/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A site as the model sees it: a phone of one digit and a set of three hazards. */
struct model {
	uint8_t phone, hazards;
	unsigned phone_seq, hazards_seq;
};

static const char *const hazards[] = { "dust", "heat", "noise" };

static void set_phone(struct prac_record *record, struct prac_arena *arena, uint8_t phone)
{
	uint8_t digit = (uint8_t)('0' + phone);
	struct prac_value *value = &record->values[PRAC_SITE_PHONE];

	memset(value, 0, sizeof(*value));
	if (phone > 0) {
		value->has = true;
		value->bytes = prac_arena_copy(arena, (struct prac_bytes){ &digit, 1 });
	}
}

static void set_hazards(struct prac_record *record, struct prac_arena *arena, uint8_t set)
{
	struct prac_bytes items[3];
	size_t n = 0;

	for (unsigned i = 0; i < 3; i++) {
		if ((set >> i & 1) != 0) {
			items[n++] = prac_bytes_text(hazards[i]);
		}
	}
	record->values[PRAC_SITE_HAZARDS] =
		prac_list_value(arena, &prac_type_site.fields[PRAC_SITE_HAZARDS], items, n);
}

static uint8_t bit_of(struct prac_bytes item)
{
	unsigned i = 0;

	while (!prac_bytes_equal(item, prac_bytes_text(hazards[i]))) {
		i++;
		assert(i < 3);
	}
	return (uint8_t)(1U << i);
}

static uint8_t get_hazards(const struct prac_record *record)
{
	struct prac_bytes rest = record->values[PRAC_SITE_HAZARDS].bytes;
	struct prac_bytes item;
	uint8_t set = 0;

	while (record->values[PRAC_SITE_HAZARDS].has && prac_list_next(&rest, &item)) {
		assert((set & bit_of(item)) == 0); /* once only */
		set = (uint8_t)(set | bit_of(item));
	}
	return set;
}

static struct prac_record *make(struct prac_arena *arena, uint8_t phone, uint8_t set)
{
	struct prac_record *record = prac_record_new(arena, &prac_type_site);

	set_phone(record, arena, phone);
	set_hazards(record, arena, set);
	return record;
}

static enum prac_merge_result expect_phone(
	struct model *model, uint8_t saw, uint8_t wants, unsigned base_seq, unsigned seq)
{
	if (model->phone == wants) {
		return PRAC_MERGED_SAME;
	}
	if (model->phone_seq > base_seq && model->phone != saw) {
		return PRAC_MERGED_CONFLICT;
	}
	model->phone = wants;
	model->phone_seq = seq;
	return PRAC_MERGED_APPLIED;
}

/* The order of a set's items is no difference to the model: only what is in it. */
static void expect_hazards(
	struct model *model, uint8_t saw, uint8_t wants, unsigned base_seq, unsigned seq)
{
	uint8_t result = wants;

	if (model->hazards_seq > base_seq && model->hazards != saw) {
		result = (uint8_t)((model->hazards & ~(saw & ~wants)) | (wants & ~saw));
	}
	if (result != model->hazards) {
		model->hazards_seq = seq;
	}
	model->hazards = result;
}

/* The record's list may stand in another order than a person's: then merging unites. */
static void step(struct prac_record *record, struct model *model, struct prac_arena *arena,
	const uint8_t *input, unsigned seq)
{
	unsigned base_seq = input[0] % (seq + 1);
	uint8_t saw = input[1] % 4;
	uint8_t wants = input[2] % 4;
	uint8_t saw_set = input[3] & 7;
	uint8_t wants_set = input[3] >> 3 & 7;
	struct prac_patch *patches;
	size_t n = prac_patches_between(
		make(arena, saw, saw_set), make(arena, wants, wants_set), arena, &patches);

	for (size_t i = 0; i < n; i++) {
		enum prac_merge_result result =
			prac_merge(record, &patches[i], base_seq, seq, arena);

		if (patches[i].group->merge == PRAC_MERGE_SET) {
			assert(result != PRAC_MERGED_CONFLICT);
			expect_hazards(model, saw_set, wants_set, base_seq, seq);
			/* A new order alone is a change to the record, not to the model. */
			model->hazards_seq =
				(unsigned)
					record->group_seq[patches[i].group - prac_type_site.groups];
		} else {
			assert(result == expect_phone(model, saw, wants, base_seq, seq));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct prac_record *record = make(&arena, 0, 0);
	struct model model = { 0 };

	for (unsigned seq = 1; len >= 4 && seq < 100; seq++, data += 4, len -= 4) {
		const struct prac_value *phone = &record->values[PRAC_SITE_PHONE];

		step(record, &model, &arena, data, seq);
		assert(get_hazards(record) == model.hazards);
		assert(phone->has == (model.phone > 0));
		assert(!phone->has || phone->bytes.data[0] == '0' + model.phone);
	}
	prac_arena_deinit(&arena);
	return 0;
}
