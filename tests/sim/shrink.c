#include "tests/sim/shrink.h"

#include <string.h>

enum {
	RUNS_MAX = 400 /* a minute or two */
};

struct search {
	struct full_setting setting;
	bool *skips;
	unsigned n_runs;
};

/* n_done_out: actions until it failed. */
static bool fails(struct search *search, size_t *n_done_out)
{
	static struct full full;
	bool holds = full_run(&full, &search->setting);

	search->n_runs++;
	*n_done_out = full.n_done;
	full_deinit(&full);
	return !holds;
}

static size_t n_left(const struct search *search)
{
	size_t n = 0;

	for (size_t i = 0; i < search->setting.n_actions; i++) {
		n += search->skips[i] ? 0 : 1;
	}
	return n;
}

/* Leaves out [first, first + n) for good if it fails without. */
static bool try_without(struct search *search, size_t first, size_t n)
{
	bool was[FULL_ACTIONS_MAX];
	size_t n_before = n_left(search), n_done;

	memcpy(was, search->skips, search->setting.n_actions);
	for (size_t i = first; i < first + n && i < search->setting.n_actions; i++) {
		search->skips[i] = true;
	}
	if (n_left(search) < n_before && search->n_runs < RUNS_MAX && fails(search, &n_done)) {
		return true;
	}
	memcpy(search->skips, was, search->setting.n_actions);
	return false;
}

size_t shrink(const struct full_setting *setting, bool *skips, struct full_setting *setting_out)
{
	struct search search = { .setting = *setting, .skips = skips };
	size_t n_done = setting->n_actions;
	bool has_shrunk = true;

	memset(skips, 0, setting->n_actions);
	search.setting.is_traced = false;
	search.setting.skips = skips;
	if (fails(&search, &n_done)) {
		search.setting.n_actions = n_done; /* what would come later cannot be the cause */
	}
	for (size_t n = search.setting.n_actions; n > 0; n = has_shrunk ? n : n / 2) {
		has_shrunk = false;
		for (size_t first = 0; first < search.setting.n_actions; first += n) {
			has_shrunk = try_without(&search, first, n) || has_shrunk;
		}
	}
	*setting_out = search.setting;
	return n_left(&search);
}
