/* A student's card on paper: what it says and its QR. */
#pragma once

#include <stdio.h>

#include "common/base/status.h"

/*
 * The QR of a text for a terminal or a page of text, two rows of modules a line, dark on light.
 * PRAC_RESOURCE_EXHAUSTED: no memory.
 */
enum prac_status card_print_text(FILE *out, const char *text) PRAC_MUST_USE;

/*
 * The card as an SVG of 85.6 mm x 54 mm: QR, name and code. name is text of a record and is escaped; the PIN
 * is for another paper.
 */
enum prac_status card_print_svg(FILE *out, const char *name, const char *code) PRAC_MUST_USE;
