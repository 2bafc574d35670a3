#include "client/roster/load.h"

#include "client/roster/cell.h"
#include "client/roster/manifest.h"
#include "client/roster/store.h"
#include "client/roster/unread.h"

/* The parents of orgs or sessions, once all of them are known. */
static void resolve_parents(struct roster_load *load, const struct roster_layout *layout)
{
	for (uint32_t i = 0; i < load->n_later; i++) {
		const struct roster_later *later = &load->later[i];
		struct roster_place place = { layout->file_name, later->line, "parentSourcedId" };
		uint32_t parent = ROSTER_NONE;

		prac_arena_reset(&load->scratch);
		if (roster_lookup(load, layout->file, later->text, &parent) == ROSTER_UNKNOWN) {
			roster_flaw_add(&load->roster->flaws, &place,
				ROSTER_FLAW_REFERENCE_DANGLING,
				"%s: no row has this sourcedId; it counts as without parent",
				roster_quoted(&load->scratch, prac_bytes_text(later->text)));
		}
		if (layout->file == ROSTER_ORGS) {
			load->roster->orgs[later->row].parent = parent;
		} else {
			load->roster->sessions[later->row].parent = parent;
		}
	}
	load->n_later = 0;
	g_free(load->later);
	load->later = NULL;
}

static void check_agents_of(struct roster_load *load, const struct roster_user *user)
{
	struct roster_place place = { "users.csv", user->line, "agentSourcedIds" };
	const char *rest = user->agents;
	bool is_spaced = false;

	prac_arena_reset(&load->scratch);
	for (const char *agent = roster_list_next(&load->scratch, &rest, &is_spaced); agent != NULL;
		agent = roster_list_next(&load->scratch, &rest, &is_spaced)) {
		uint32_t row = ROSTER_NONE;

		if (roster_lookup(load, ROSTER_USERS, agent, &row) == ROSTER_UNKNOWN) {
			roster_flaw_add(&load->roster->flaws, &place, ROSTER_FLAW_REFERENCE,
				"%s: users.csv has no row with this sourcedId",
				roster_quoted(&load->scratch, prac_bytes_text(agent)));
		}
	}
	if (is_spaced) {
		roster_flaw_add(&load->roster->flaws, &place, ROSTER_FLAW_LIST_SPACE,
			"a list has commas without spaces");
	}
}

static void check_agents(struct roster_load *load)
{
	for (uint32_t i = 0; i < load->roster->n_users; i++) {
		const struct roster_user *user = &load->roster->users[i];

		if (user->agents[0] != '\0') {
			check_agents_of(load, user);
		}
	}
}

static void read_file(struct roster_load *load, struct roster_package *package,
	const struct roster_manifest *manifest, enum roster_file file)
{
	const struct roster_layout *layout = roster_layout_find(file, manifest->version);
	bool is_needed = file == ROSTER_ORGS || file == ROSTER_USERS || file == ROSTER_ROLES;
	struct roster_flaws *flaws = &load->roster->flaws;

	if (layout == NULL || manifest->is_refused[file]) {
		load->is_partial[file] = true;
		return;
	}
	struct roster_place place = { layout->file_name, 0, "" };
	struct roster_stream *stream = roster_stream_open(package, layout->file_name);
	bool is_announced = manifest->is_bulk[file] || manifest->is_unsaid[file];

	if (stream != NULL && is_announced) {
		roster_table_read(load, layout, stream, roster_stores[file]);
	} else if (stream != NULL) {
		load->is_partial[file] = true;
		roster_flaw_add(flaws, &place, ROSTER_FLAW_MANIFEST,
			"is in the package although manifest.csv does not call it bulk");
	} else if (manifest->is_bulk[file] || is_needed) {
		load->is_partial[file] = true;
		roster_flaw_add(flaws, &place, ROSTER_FLAW_FILE_MISSING,
			is_needed ? "is needed and not in the package"
				  : "is not in the package although manifest.csv calls it bulk");
	}
	roster_stream_close(stream);
}

void roster_load_files(struct roster *roster, struct roster_package *package)
{
	struct roster_load load = { .roster = roster };
	struct roster_manifest manifest;

	if (!roster_manifest_read(package, &roster->flaws, &manifest)) {
		return;
	}
	roster->version = manifest.version;
	roster->unread = roster_unread(package, manifest.version, &roster->arena);
	prac_arena_init(&load.scratch, 0);
	for (unsigned i = 0; i < ROSTER_N_FILES; i++) {
		enum roster_file file = (enum roster_file)i;

		read_file(&load, package, &manifest, file);
		if (file == ROSTER_ORGS || file == ROSTER_SESSIONS) {
			resolve_parents(&load, roster_layout_find(file, manifest.version));
		} else if (file == ROSTER_USERS) {
			check_agents(&load);
		}
	}
	for (unsigned i = 0; i < ROSTER_N_FILES; i++) {
		if (load.index[i] != NULL) {
			g_hash_table_destroy(load.index[i]);
		}
	}
	g_free(load.profile_users);
	prac_arena_deinit(&load.scratch);
}
