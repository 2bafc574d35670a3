#include "common/catalog/report.h"

#include <string.h>

enum {
	NAMES_MAX = 16
};

/* Takes the next comment line, without "-- ", off *text. False: the head has ended. */
static bool next_line(const char **text, struct prac_bytes *line_out)
{
	const char *line = *text;
	size_t len = strcspn(line, "\n");

	if (strncmp(line, "--", 2) != 0) {
		return false;
	}
	*text = line + len + (line[len] == '\n' ? 1 : 0);
	line += 2;
	len -= 2;
	if (len > 0 && *line == ' ') {
		line++;
		len--;
	}
	*line_out = (struct prac_bytes){ (const uint8_t *)line, len };
	return true;
}

/* True when line begins with key; *line is what stands behind it then. */
static bool take_key(struct prac_bytes *line, const char *key)
{
	size_t len = strlen(key);

	if (line->len < len || memcmp(line->data, key, len) != 0) {
		return false;
	}
	line->data += len;
	line->len -= len;
	return true;
}

static void read_names(
	struct prac_bytes line, struct prac_arena *arena, struct prac_report_names *names)
{
	char *rest = prac_arena_text(arena, line);
	char *word;

	names->items = prac_arena_alloc(arena, NAMES_MAX * sizeof(char *));
	while ((word = strtok_r(rest, " ", &rest)) != NULL && names->n < NAMES_MAX) {
		names->items[names->n++] = word;
	}
}

/* Lines of the definition are joined by one space. */
static size_t add_words(char *text, size_t len, struct prac_bytes line)
{
	if (len > 0) {
		text[len++] = ' ';
	}
	memcpy(text + len, line.data, line.len);
	return len + line.len;
}

void prac_report_read(
	const char *name, const char *sql, struct prac_arena *arena, struct prac_report *report_out)
{
	struct prac_bytes line;
	char *definition = prac_arena_alloc(arena, strlen(sql) + 1);
	size_t len = 0;

	*report_out = (struct prac_report){ .name = name, .title = name, .definition = definition };
	while (next_line(&sql, &line)) {
		if (take_key(&line, "title: ")) {
			report_out->title = prac_arena_text(arena, line);
		} else if (take_key(&line, "by: ")) {
			read_names(line, arena, &report_out->dimensions);
		} else if (take_key(&line, "counts: ")) {
			read_names(line, arena, &report_out->counts);
		} else if (take_key(&line, "labels: ")) {
			read_names(line, arena, &report_out->labels);
		} else if (line.len > 0) {
			len = add_words(definition, len, line);
		}
	}
}

bool prac_report_names_have(const struct prac_report_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->items[i], name) == 0) {
			return true;
		}
	}
	return false;
}

bool prac_report_has_dimension(const struct prac_report *report, const char *name)
{
	return prac_report_names_have(&report->dimensions, name);
}
