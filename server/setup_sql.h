/* What a database administrator runs once, before practicumd setup. */
#pragma once

extern const char setup_sql[];
