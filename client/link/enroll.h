/* Makes this folder a device of the district with a one-time code (RELIABILITY 3.2). */
#pragma once

#include "common/base/env.h"
#include "common/base/id.h"
#include "common/base/status.h"

enum {
	ENROLL_TEXT = 256
};

/* Of the disk that the folder is on; the server keeps what the device says. DiskState of proto/sync.proto. */
enum enroll_disk {
	ENROLL_DISK_UNKNOWN,
	ENROLL_DISK_ENCRYPTED,
	ENROLL_DISK_OPEN
};

struct enroll_ask {
	const char *folder, *server, *code;
	enum enroll_disk disk;
};

struct enroll_result {
	struct prac_id device;
	char server[256]; /* host:port to sync with */
	char label[128];
	char person[128];
};

/*
 * Blocks for the network. The key is made here and never leaves; key, certificate and authority end
 * in the folder, 0600. After a lost answer the same code may be tried again for 15 minutes, since the
 * request is kept. PRAC_INVALID_ARGUMENT: the code is mistyped. PRAC_UNAUTHENTICATED: one of both
 * sides does not have the code. PRAC_UNAVAILABLE: not reached. text_out is for people.
 */
enum prac_status enroll_run(const struct enroll_ask *ask, struct enroll_result *result_out,
	char text_out[ENROLL_TEXT]) PRAC_MUST_USE;
