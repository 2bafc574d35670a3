#include "common/base/wrap.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	WIDTH_PLAIN = 80,
	WIDTH_MIN = 40, /* narrower, words would stand alone */
	WIDTH_MAX = 100 /* wider, the eye loses the line */
};

unsigned prac_wrap_width(void)
{
	struct winsize size = { 0 };

	if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
		size.ws_col == 0) {
		return WIDTH_PLAIN;
	}
	return CLAMP(size.ws_col, WIDTH_MIN, WIDTH_MAX);
}

static void begin_line(GString *out, unsigned hang)
{
	g_string_append_printf(out, "\n%*s", (int)hang, "");
}

/* One line of the text: what stands before its first word is its own indent. */
static void wrap_line(GString *out, const char *line, unsigned width, unsigned hang)
{
	char **words = g_strsplit(line, " ", -1);
	size_t column = 0;

	for (char **word = words; *word != NULL; word++) {
		size_t len = (size_t)g_utf8_strlen(*word, -1);

		if (word != words && column > hang && len > 0 && column + 1 + len > width) {
			begin_line(out, hang);
			column = hang;
		} else if (word != words) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, *word);
		column += len;
	}
	g_strfreev(words);
}

void prac_wrap(GString *out, const char *text, unsigned width, unsigned hang)
{
	char **lines = g_strsplit(text, "\n", -1);

	if (lines[0] == NULL) {
		g_string_append_c(out, '\n'); /* of nothing GLib makes no line */
	}
	for (char **line = lines; *line != NULL; line++) {
		wrap_line(out, *line, width, hang);
		g_string_append_c(out, '\n');
	}
	g_strfreev(lines);
}
