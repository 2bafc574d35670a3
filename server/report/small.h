/*
 * Figures that would reveal a person. A row is small when one of its counts of people (`counts` of the
 * report's head), or the difference of two that are not equal, is below ask->hide; an empty cell is no count. A small row keeps
 * its dimensions and labels (`labels`), and each of its figures is replaced by REPORT_HIDDEN.
 *
 * Then the rows that add up are looked at: those of equal labels, which add up to the last one with a
 * breakdown, and those of equal dimensions, each of which shows what they add up to. Where one is
 * hidden, more are, smallest first, until at least two are and those together are not small. Together
 * they are the sum of the hidden, or the total less the shown when that is less: a person who is in two
 * rows, or a count repeated in several, makes it too small and never too large. With a breakdown the rows of equal dimensions,
 * the totals apart, are shown all or none: sums that cross could be solved together.
 */
#pragma once

#include "server/report/report.h"

#define REPORT_HIDDEN "*"

void report_hide_small(struct report_result *result, struct prac_arena *arena);
