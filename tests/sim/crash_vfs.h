/*
 * A SQLite file system in memory that knows what was synced and what was only written. A power cut
 * keeps, drops or tears every write that no sync covered, as the seed says; a plain kill keeps
 * all. Single thread; one name space of files for each struct crash_disk.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crash_disk;

/* name is the VFS name to hand to sqlite3_open_v2(). The disk is empty. */
struct crash_disk *crash_disk_new(const char *name, uint64_t seed);
void crash_disk_free(struct crash_disk *disk); /* no file may be open */

/* From the n-th write, sync, truncate or delete on (1 is the next) every call fails as if the
 * power were gone, until crash_disk_reboot(). 0: never. */
void crash_disk_cut_at(struct crash_disk *disk, uint64_t n);

/* Writes beyond this many bytes in all files answer SQLITE_FULL; 0: no limit. */
void crash_disk_limit(struct crash_disk *disk, uint64_t bytes);

bool crash_disk_is_cut(const struct crash_disk *disk);

/* Every handle must be closed. with_power_loss: unsynced writes meet the seed; else all are kept. */
void crash_disk_reboot(struct crash_disk *disk, bool with_power_loss);

/* Copies all files of one disk over another's: a cloned or restored machine. */
void crash_disk_copy(struct crash_disk *to, const struct crash_disk *from);

/* True when the bytes occur in any file, live or not yet overwritten: for canaries. */
bool crash_disk_contains(const struct crash_disk *disk, const void *needle, size_t len);
