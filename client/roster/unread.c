#include "client/roster/unread.h"

#include <glib.h>
#include <string.h>

#include "client/roster/layout.h"

enum {
	NAMED = 8 /* files with one reason; the others are counted */
};

/* Why, and which; the last one holds whatever no other names. */
static const struct reason {
	const char *words;
	const char *const names[10];
} reasons[] = {
	{ "grades, of which the completed courses come with `practicum import course_completion`",
		{ "categories.csv", "lineItems.csv", "results.csv", "scoreScales.csv",
			"lineItemScoreScales.csv", "resultScoreScales.csv",
			"lineItemLearningObjectiveIds.csv", "resultLearningObjectiveIds.csv",
			NULL } },
	{ "teaching material", { "resources.csv", "classResources.csv", "courseResources.csv",
				       "userResources.csv", NULL } },
	{ "files of version 1.2 in a package of 1.1", { "roles.csv", "userProfiles.csv", NULL } },
	{ "no files of OneRoster", { NULL } },
};

static bool is_read(const char *name, enum roster_version version)
{
	bool is_read = g_ascii_strcasecmp(name, "manifest.csv") == 0;

	for (unsigned i = 0; i < ROSTER_N_FILES && !is_read; i++) {
		const struct roster_layout *layout =
			roster_layout_find((enum roster_file)i, version);

		is_read = layout != NULL && g_ascii_strcasecmp(name, layout->file_name) == 0;
	}
	return is_read;
}

static bool names(const struct reason *reason, const char *name)
{
	size_t i = 0;

	while (reason->names[i] != NULL && g_ascii_strcasecmp(reason->names[i], name) != 0) {
		i++;
	}
	return reason->names[i] != NULL;
}

static const struct reason *reason_of(const char *name)
{
	const struct reason *reason = reasons, *rest = &reasons[PRAC_NELEM(reasons) - 1];

	while (reason < rest && !names(reason, name)) {
		reason++;
	}
	return reason;
}

static void put_reason(const struct roster_package *package, enum roster_version version,
	const struct reason *reason, GString *words)
{
	size_t n = 0;

	for (uint32_t i = 0; i < roster_package_n(package); i++) {
		const char *name = roster_package_name(package, i);

		if (is_read(name, version) || reason_of(name) != reason) {
			continue;
		}
		if (n == 0) {
			g_string_append_printf(
				words, "%s%s: %s", words->len > 0 ? "; " : "", reason->words, name);
		} else if (n < NAMED) {
			g_string_append_printf(words, ", %s", name);
		}
		n++;
	}
	if (n > NAMED) {
		g_string_append_printf(words, " and %zu more", n - NAMED);
	}
}

const char *roster_unread(
	const struct roster_package *package, enum roster_version version, struct prac_arena *arena)
{
	GString *words = g_string_new(NULL);
	const char *text;

	for (size_t i = 0; i < PRAC_NELEM(reasons); i++) {
		put_reason(package, version, &reasons[i], words);
	}
	text = prac_arena_text(arena, prac_bytes_text(words->str));
	g_string_free(words, TRUE);
	return text;
}
