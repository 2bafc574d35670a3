/*
 * One line per event, key=value, through GLib's structured log: to the journal with fields, else
 * logfmt on stderr. Only ids, numbers and names of this program's own things; never what a person
 * entered, never a secret.
 */
#pragma once

#include <stdbool.h>

#include "common/base/macros.h"

enum prac_log_level {
	PRAC_LOG_ERROR,
	PRAC_LOG_WARNING,
	PRAC_LOG_INFO,
	PRAC_LOG_DEBUG
};

/* Once, before the first line. program stands in front of each line. */
void prac_log_start(const char *program, enum prac_log_level level);
void prac_log_level_set(enum prac_log_level level);

/* event is a fixed word such as "conn.open"; fmt yields `key=value key=value`. */
void prac_log(enum prac_log_level level, const char *event, const char *fmt, ...) PRAC_PRINTF(3, 4);
