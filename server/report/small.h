/*
 * Cells that would reveal a person. A count of people (`counts` of the report's head) below ask->hide is
 * replaced by REPORT_HIDDEN, and so are figures reckoned from it in its row (`shares`). Where a
 * total stands below, more cells of the column are hidden, smallest first, until what is missing from the
 * total is no single cell and no fewer people than that.
 */
#pragma once

#include "server/report/report.h"

#define REPORT_HIDDEN "*"

void report_hide_small(struct report_result *result);
