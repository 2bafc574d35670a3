/* The product's own statements for a push of time entries, as text for the peer. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* Parameters of each as server/sync/store_commit.c and record_row.h write them. */
struct own_sql {
	const char *lock, *entries, *feed, *link, *mutations, *counters, *time;
};

/* Texts live as long as the program. */
struct own_sql own_sql(void);

#ifdef __cplusplus
}
#endif
