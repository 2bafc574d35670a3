#include "server/config_note.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/log.h"
#include "sql/queries.h"

enum {
	DIGEST_SHOWN = 8 /* bytes, as hex digits: enough to tell configurations apart */
};

struct note {
	struct prac_arena arena;
};

static bool is_said(const char *line)
{
	return line[0] != '\0' && !g_str_has_suffix(line, "; default") &&
	       !g_str_has_prefix(line, "conninfo ");
}

/* The options that somebody set, without what may name a password; in the arena. */
static const char *words_of(const struct config *config, struct prac_arena *arena)
{
	g_autoptr(GString) words = g_string_new("");
	char *text = NULL, *section = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	g_auto(GStrv) lines = NULL;

	if (out == NULL) {
		abort();
	}
	prac_opts_print(&config->opts, out);
	(void)fclose(out);
	lines = g_strsplit(text, "\n", 0);
	free(text);
	for (char **line = lines; *line != NULL; line++) {
		if (**line == '[') {
			section = *line + 1;
			section[strcspn(section, "]")] = '\0';
		} else if (is_said(*line)) {
			g_string_append_printf(words, "%s%s.%.*s", words->len > 0 ? ", " : "",
				section, (int)(strstr(*line, " ; ") - *line), *line);
		}
	}
	return prac_arena_text(arena, prac_bytes_text(words->str));
}

static const char *digest_of(const char *words, struct prac_arena *arena)
{
	struct prac_digest digest = prac_sha256(prac_bytes_text(words));
	char *hex = prac_arena_alloc(arena, 2 * DIGEST_SHOWN + 1);

	for (size_t i = 0; i < DIGEST_SHOWN; i++) {
		(void)g_snprintf(hex + 2 * i, 3, "%02x", digest.b[i]);
	}
	return hex;
}

static void noted(void *ctx, enum prac_status status)
{
	struct note *note = ctx;

	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "audit.configuration", "status=%s",
			prac_status_name(status));
	}
	prac_arena_deinit(&note->arena);
	g_free(note);
}

void config_note(struct db_link *desk, const struct config *config)
{
	struct note *note = g_new0(struct note, 1);
	struct db_params *params = db_params_new(&note->arena);
	struct db_batch *batch = db_batch_new(&note->arena);
	const char *words = words_of(config, &note->arena);

	db_param_bytes(params, prac_bytes_text(digest_of(words, &note->arena)));
	db_param_bytes(params, prac_bytes_text(words));
	db_batch_add(batch, &q_audit_configuration, params, NULL, NULL);
	db_link_run(desk, batch, noted, note);
}
