/* Keys and certificates of the benchmarks' devices: number 0 is the district's, n + 1 station n. */
#pragma once

#include "common/wire/tls.h"

/* Makes the keys of the district's device and of n stations; prints what the server must know. */
void identity_make(const char *folder, unsigned n);

/* The folder holds ca.pem, ca.key and the keys made before; borrowed. */
void identity_open(const char *folder);

/* A TLS context for a device with a certificate made here; the caller's to free. */
struct prac_tls_ctx *identity_of(unsigned device);
