/* Files of the state folder; all of them are for their owner only. */
#pragma once

#include "common/base/buf.h"
#include "common/base/status.h"

#define FOLDER_KEY         "device.key"
#define FOLDER_CERTIFICATE "device.pem"
#define FOLDER_CA          "ca.pem"
#define FOLDER_REPLICA     "replica.db"

enum {
	FOLDER_PATH = 4096
};

/* PRAC_NOT_FOUND: no such file. PRAC_RESOURCE_EXHAUSTED: larger than max. */
enum prac_status folder_read(
	const char *folder, const char *name, size_t max, struct prac_buf *buf) PRAC_MUST_USE;

/* All of it or the old content: written beside, synced, renamed. */
enum prac_status folder_write(
	const char *folder, const char *name, struct prac_bytes bytes) PRAC_MUST_USE;
void folder_remove(const char *folder, const char *name);

/* Overwritten before it is removed, as far as the disk does that; it may not be there. */
void folder_erase(const char *folder, const char *name);

/* A plain file of this user's that nobody else may read. */
bool folder_is_private(const char *folder, const char *name);

/* Waits until no other process holds the folder; closing the descriptor lets go. -1: it cannot be held. */
int folder_hold(const char *folder);

/* Makes the folder and what is above it, 0700. */
enum prac_status folder_make(const char *folder) PRAC_MUST_USE;

/* A descriptor that holds the link lock until it is closed; -1: another process has it. */
int folder_lock(const char *folder);

/* A datagram socket that hears pokes; -1 when it cannot be made. */
int folder_listen(const char *folder);
/* Takes what came in. */
void folder_hear(int fd);
bool folder_poke(const char *folder);
