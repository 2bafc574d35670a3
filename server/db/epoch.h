/* PostgreSQL counts days and microseconds from 2000-01-01, we count from 1970-01-01. */
#pragma once

#define DB_EPOCH_DAYS   10957
#define DB_EPOCH_MS     (DB_EPOCH_DAYS * INT64_C(86400000))
#define DB_TICKS_PER_MS 1000
