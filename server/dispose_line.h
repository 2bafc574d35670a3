/* A line of the list that `practicumd dispose list` prints and `replay` takes: "13 0193...". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/id.h"

/* Without its line feed. False: it is none. */
bool dispose_line_read(const char *line, uint32_t *type_out, struct prac_id *id_out);
