#include "client/roster/manifest.h"

#include <glib.h>
#include <string.h>

#include "client/roster/csv.h"

/* Of both versions, then of 1.2 only. */
static const char *const properties[] = { "manifest.version", "oneroster.version",
	"file.academicSessions", "file.categories", "file.classes", "file.classResources",
	"file.courses", "file.courseResources", "file.demographics", "file.enrollments",
	"file.lineItems", "file.orgs", "file.resources", "file.results", "file.users",
	"source.systemName", "source.systemCode", "file.lineItemLearningObjectiveIds",
	"file.lineItemScoreScales", "file.resultLearningObjectiveIds", "file.resultScoreScales",
	"file.roles", "file.scoreScales", "file.userProfiles", "file.userResources" };

enum {
	PROPERTIES_1_1 = 17,
	VERSION = 1
};

static const char file_name[] = "manifest.csv";

struct values {
	const char *text[PRAC_NELEM(properties)]; /* NULL: not there */
	uint32_t line[PRAC_NELEM(properties)];
};

static void flaw(struct roster_flaws *flaws, uint32_t line, const char *property,
	enum roster_flaw_kind kind, const char *reason)
{
	struct roster_place place = { file_name, line, property };

	roster_flaw_add(flaws, &place, kind, "%s", reason);
}

static void take(struct roster_flaws *flaws, const struct roster_line *line, struct values *values)
{
	const char *name = prac_arena_text(flaws->arena, line->cells[0]);

	for (size_t i = 0; i < PRAC_NELEM(properties); i++) {
		if (strcmp(properties[i], name) != 0) {
			continue;
		}
		if (values->text[i] != NULL) {
			flaw(flaws, line->number, properties[i], ROSTER_FLAW_MANIFEST_PROPERTY,
				"stands there twice; the first one counts");
			return;
		}
		values->text[i] = prac_arena_text(flaws->arena, line->cells[1]);
		values->line[i] = line->number;
		return;
	}
	flaw(flaws, line->number, name, ROSTER_FLAW_MANIFEST_PROPERTY, "is no property known here");
}

static bool is_header(const struct roster_line *line)
{
	return line->fault == ROSTER_LINE_OK && line->n_cells == 2 &&
	       strcmp((const char *)line->cells[0].data, "propertyName") == 0 &&
	       strcmp((const char *)line->cells[1].data, "value") == 0;
}

static bool read_values(
	struct roster_stream *stream, struct roster_flaws *flaws, struct values *values)
{
	struct roster_csv *csv = roster_csv_new(stream);
	struct roster_line line;
	bool is_manifest = roster_csv_next(csv, &line) && is_header(&line);

	if (!is_manifest) {
		flaw(flaws, 1, "", ROSTER_FLAW_MANIFEST,
			"the first line must be propertyName,value in UTF-8");
	}
	while (is_manifest && roster_csv_next(csv, &line)) {
		if (line.fault == ROSTER_LINE_BLANK) {
			flaw(flaws, line.number, "", ROSTER_FLAW_BLANK_LINE, "an empty line");
		} else if (line.fault != ROSTER_LINE_OK || line.n_cells != 2) {
			flaw(flaws, line.number, "", ROSTER_FLAW_MANIFEST,
				"want a property and its value");
		} else {
			take(flaws, &line, values);
		}
	}
	roster_csv_free(csv);
	return is_manifest;
}

static bool read_version(
	struct roster_flaws *flaws, const struct values *values, enum roster_version *version_out)
{
	const char *text = values->text[VERSION] != NULL ? values->text[VERSION] : "";

	if (strcmp(text, "1.1") == 0) {
		*version_out = ROSTER_1_1;
		return true;
	}
	if (strcmp(text, "1.2") == 0) {
		*version_out = ROSTER_1_2;
		return true;
	}
	flaw(flaws, values->line[VERSION], properties[VERSION], ROSTER_FLAW_VERSION,
		"want 1.1 or 1.2: no other version can be read");
	return false;
}

/* Of the files that are not read nothing is kept. */
static void mark(bool *files, size_t file)
{
	if (file < ROSTER_N_FILES) {
		files[file] = true;
	}
}

static void read_mode(struct roster_flaws *flaws, const struct values *values, size_t property,
	struct roster_manifest *manifest)
{
	const char *mode = values->text[property];
	const char *name = properties[property];
	uint32_t line = values->line[property];
	size_t file = 0;

	while (file < ROSTER_N_FILES &&
		strcmp(roster_layout_find((enum roster_file)file, ROSTER_1_2)->property, name) !=
			0) {
		file++;
	}
	if (mode == NULL || mode[0] == '\0') {
		flaw(flaws, line, name, ROSTER_FLAW_MODE_EMPTY, "want absent or bulk");
		mark(manifest->is_unsaid, file);
	} else if (strcmp(mode, "bulk") == 0) {
		mark(manifest->is_bulk, file);
	} else if (strcmp(mode, "delta") == 0) {
		flaw(flaws, line, name, ROSTER_FLAW_DELTA,
			"delta files are not supported yet: export the package as bulk");
		mark(manifest->is_refused, file);
	} else if (strcmp(mode, "absent") != 0) {
		flaw(flaws, line, name, ROSTER_FLAW_MANIFEST, "want absent or bulk");
		mark(manifest->is_refused, file);
	}
}

static void check_properties(
	struct roster_flaws *flaws, const struct values *values, struct roster_manifest *manifest)
{
	size_t n = manifest->version == ROSTER_1_1 ? PROPERTIES_1_1 : PRAC_NELEM(properties);

	for (size_t i = 0; i < PRAC_NELEM(properties); i++) {
		if (i >= n && values->text[i] != NULL) {
			flaw(flaws, values->line[i], properties[i], ROSTER_FLAW_MANIFEST_PROPERTY,
				"is a property of version 1.2");
		} else if (i < n && g_str_has_prefix(properties[i], "file.")) {
			read_mode(flaws, values, i, manifest);
		}
	}
	if (values->text[0] == NULL) {
		flaw(flaws, 0, properties[0], ROSTER_FLAW_MANIFEST_PROPERTY, "is missing");
	}
}

bool roster_manifest_read(struct roster_package *package, struct roster_flaws *flaws,
	struct roster_manifest *manifest_out)
{
	struct roster_stream *stream = roster_stream_open(package, file_name);
	struct values values = { { NULL }, { 0 } };

	*manifest_out = (struct roster_manifest){ .version = ROSTER_1_2 };
	if (stream == NULL) {
		flaw(flaws, 0, "", ROSTER_FLAW_FILE_MISSING, "is not in the package");
		return false;
	}
	bool is_known = read_values(stream, flaws, &values) &&
			read_version(flaws, &values, &manifest_out->version);
	roster_stream_close(stream);
	if (is_known) {
		check_properties(flaws, &values, manifest_out);
	}
	return is_known;
}
