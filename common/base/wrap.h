/* Running text for people, broken between words. */
#pragma once

#include <glib.h>

/*
 * Appends the text, no line longer than width characters where a space allows; lines after the first begin
 * with hang spaces. A line feed in the text stays. Ends in a line feed.
 */
void prac_wrap(GString *out, const char *text, unsigned width, unsigned hang);

/* How wide lines on standard output may be: the terminal, 100 at most; else 80. */
unsigned prac_wrap_width(void);
