#include "common/base/log.h"

#include <ctype.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	FIELDS_MAX = 24,
	KEY_MAX = 48
};

static const struct {
	GLogLevelFlags glib;
	const char *priority; /* syslog's, for the journal */
	const char *name;
} levels[] = {
	/* G_LOG_LEVEL_ERROR would end the program. */
	[PRAC_LOG_ERROR] = { G_LOG_LEVEL_CRITICAL, "3", "error" },
	[PRAC_LOG_WARNING] = { G_LOG_LEVEL_WARNING, "4", "warning" },
	[PRAC_LOG_INFO] = { G_LOG_LEVEL_INFO, "6", "info" },
	[PRAC_LOG_DEBUG] = { G_LOG_LEVEL_DEBUG, "7", "debug" },
};

static const char *program_name = "practicum";
static enum prac_log_level threshold = PRAC_LOG_INFO;
static bool to_journal;

static enum prac_log_level level_from_glib(GLogLevelFlags flags)
{
	if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) {
		return PRAC_LOG_ERROR;
	}
	if (flags & G_LOG_LEVEL_WARNING) {
		return PRAC_LOG_WARNING;
	}
	return flags & G_LOG_LEVEL_DEBUG ? PRAC_LOG_DEBUG : PRAC_LOG_INFO;
}

static const char *message_of(const GLogField *fields, gsize n_fields)
{
	for (gsize i = 0; i < n_fields; i++) {
		if (strcmp(fields[i].key, "MESSAGE") == 0) {
			return fields[i].value;
		}
	}
	return "";
}

/* One write a line, so that lines of several processes on one stderr do not mix. */
static void write_line(enum prac_log_level level, const char *message)
{
	GDateTime *now = g_date_time_new_now_utc();
	char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
	GString *line = g_string_new(NULL);

	g_string_printf(line, "%s time=%s.%03dZ level=%s %s", program_name, time,
		g_date_time_get_microsecond(now) / 1000, levels[level].name, message);
	for (gsize i = 0; i < line->len; i++) {
		if (iscntrl((unsigned char)line->str[i])) {
			line->str[i] =
				'?'; /* a value must not be able to start a line of its own */
		}
	}
	g_string_append_c(line, '\n');
	/* Nowhere to report that the log itself cannot be written. */
	if (write(STDERR_FILENO, line->str, line->len) < 0) {
		line->len = 0;
	}
	(void)g_string_free(line, TRUE);
	g_free(time);
	g_date_time_unref(now);
}

/* Receives our own events and what GLib itself has to say. */
static GLogWriterOutput on_log(
	GLogLevelFlags flags, const GLogField *fields, gsize n_fields, gpointer ctx)
{
	enum prac_log_level level = level_from_glib(flags);

	(void)ctx;
	if (level > threshold) {
		return G_LOG_WRITER_HANDLED;
	}
	if (to_journal &&
		g_log_writer_journald(flags, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED) {
		return G_LOG_WRITER_HANDLED;
	}
	write_line(level, message_of(fields, n_fields));
	return G_LOG_WRITER_HANDLED;
}

void prac_log_start(const char *program, enum prac_log_level level)
{
	program_name = program;
	threshold = level;
	to_journal = g_log_writer_is_journald(STDERR_FILENO);
	g_log_set_writer_func(on_log, NULL, NULL);
}

void prac_log_level_set(enum prac_log_level level)
{
	threshold = level;
}

/* PRAC_KEY, the form journal field names must have; false if it does not fit one. */
static bool field_name(const char *key, size_t len, char name_out[KEY_MAX])
{
	static const char prefix[] = "PRAC_";

	if (len == 0 || len > KEY_MAX - sizeof(prefix)) {
		return false;
	}
	memcpy(name_out, prefix, sizeof(prefix) - 1);
	for (size_t i = 0; i < len; i++) {
		name_out[sizeof(prefix) - 1 + i] =
			isalnum((unsigned char)key[i]) ? (char)toupper((unsigned char)key[i]) : '_';
	}
	name_out[sizeof(prefix) - 1 + len] = '\0';
	return true;
}

/* Where the token that starts at text ends: at a blank outside of double quotes. */
static const char *token_end(const char *text)
{
	bool quoted = false;

	while (*text != '\0' && (quoted || *text != ' ')) {
		quoted ^= *text == '"';
		text++;
	}
	return text;
}

/* Splits `key=value key="two words"` into fields; what is no pair stays in the message only. */
static gsize split_pairs(
	const char *pairs, GLogField *fields, char names[][KEY_MAX], gsize n_fields)
{
	while (*pairs != '\0' && n_fields < FIELDS_MAX) {
		const char *end = token_end(pairs);
		const char *equals = memchr(pairs, '=', (size_t)(end - pairs));

		if (equals != NULL &&
			field_name(pairs, (size_t)(equals - pairs), names[n_fields])) {
			fields[n_fields].key = names[n_fields];
			fields[n_fields].value = equals + 1;
			fields[n_fields].length = (gssize)(end - equals - 1);
			n_fields++;
		}
		pairs = *end == '\0' ? end : end + 1;
	}
	return n_fields;
}

void prac_log(enum prac_log_level level, const char *event, const char *fmt, ...)
{
	char names[FIELDS_MAX][KEY_MAX];
	GLogField fields[FIELDS_MAX] = {
		{ "MESSAGE", NULL, -1 },
		{ "PRIORITY", levels[level].priority, -1 },
		{ "SYSLOG_IDENTIFIER", program_name, -1 },
		{ "PRAC_EVENT", event, -1 },
	};
	gsize n_fields = 4;
	char *message;
	char *pairs;
	va_list args;

	if (level > threshold) {
		return;
	}
	va_start(args, fmt);
	pairs = g_strdup_vprintf(fmt, args);
	va_end(args);
	message = g_strdup_printf("event=%s%s%s", event, *pairs == '\0' ? "" : " ", pairs);
	fields[0].value = message;
	n_fields = split_pairs(pairs, fields, names, n_fields);
	g_log_structured_array(levels[level].glib, fields, n_fields);
	g_free(message);
	g_free(pairs);
}
