/* What a station holds of the server's, looked at whenever it says that it got further. */
#pragma once

struct full_base;
struct full_station;

struct full_base *full_base_new(void);
void full_base_free(struct full_base *base);

/* Before the replica is closed. */
void full_base_close(struct full_base *base);

/* The disk is another: what was seen on the old one binds nobody. */
void full_base_forget(struct full_base *base);

void full_base_check(struct full_station *station);
