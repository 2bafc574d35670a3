/*
 * Certificates: the district's small authority and what devices and the server need from it
 * (RELIABILITY 3.2, 3.3). EC P-256 with SHA-256 throughout.
 *
 * Times are seconds since 1970-01-01 UTC, given by the caller. Statuses as in key.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/macros.h"
#include "common/base/status.h"
#include "common/wire/key.h"

enum {
	PRAC_CERT_DEVICE_DAYS = 90,
	PRAC_CERT_CA_DAYS = 10 * 365 + 3
};

/* An authority: its certificate and its key. */
struct prac_ca;

/* Makes one that signs devices and servers, valid PRAC_CERT_CA_DAYS from now. */
enum prac_status prac_ca_new(
	const char *name, int64_t now_s, struct prac_ca **ca_out) PRAC_MUST_USE;

/* INVALID_ARGUMENT: not PEM, no authority, or the key belongs to another certificate. */
enum prac_status prac_ca_from_pem(struct prac_bytes cert_pem, struct prac_bytes key_pem,
	struct prac_ca **ca_out) PRAC_MUST_USE;
void prac_ca_free(struct prac_ca *ca); /* may be NULL */

/* The certificate as PEM, in the arena. */
enum prac_status prac_ca_cert(const struct prac_ca *ca, struct prac_arena *arena,
	struct prac_bytes *pem_out) PRAC_MUST_USE;
const struct prac_key *prac_ca_key(const struct prac_ca *ca); /* borrowed */

/* What every certificate is made from. It begins five minutes before now: schools' clocks differ. */
struct prac_cert_order {
	struct prac_bytes spki; /* public key: from prac_csr_check() or prac_key_spki() */
	int64_t now_s;
	unsigned days;
};

/*
 * The certificate of a device, PEM in the arena: SAN urn:practicum:device:UUID, EKU clientAuth.
 * INVALID_ARGUMENT for a public key that is not P-256.
 */
enum prac_status prac_ca_issue_device(const struct prac_ca *ca, const struct prac_cert_order *order,
	const struct prac_id *device, struct prac_arena *arena,
	struct prac_bytes *pem_out) PRAC_MUST_USE;

/*
 * The certificate of a server for its names: host names and IP addresses, separated by commas.
 * INVALID_ARGUMENT also for a name that is neither.
 */
enum prac_status prac_ca_issue_server(const struct prac_ca *ca, const struct prac_cert_order *order,
	const char *names, struct prac_arena *arena, struct prac_bytes *pem_out) PRAC_MUST_USE;

/* What can be read from a certificate. */
struct prac_cert_facts {
	bool is_ca;
	bool has_device;
	struct prac_id device;
	struct prac_digest spki;
	int64_t not_before_s, not_after_s;
};

/* Reads the first certificate of the PEM text; INVALID_ARGUMENT if there is none. */
enum prac_status prac_cert_read(
	struct prac_bytes pem, struct prac_cert_facts *facts_out) PRAC_MUST_USE;

/*
 * When its device asks for the next one: at two thirds of the time from not_before to not_after, and up to
 * a twelfth later. How much later follows from the key, so that devices enrolled together do not all
 * come on one day.
 */
int64_t prac_cert_renew_at_s(const struct prac_cert_facts *facts);

/* The n-th certificate of the PEM text, from 0, by itself; empty: there are fewer. In the arena. */
struct prac_bytes prac_cert_nth(struct prac_bytes pem, int n, struct prac_arena *arena);

/* Whether the first certificate was issued by the first of the authorities: the one that signs now. */
bool prac_cert_is_of_first(struct prac_bytes pem, struct prac_bytes authorities);

/* The other authority's certificate as ca signs it, PEM: proves the other to whoever knows only ca. */
enum prac_status prac_ca_cross(const struct prac_ca *ca, struct prac_bytes other, int64_t now_s,
	struct prac_arena *arena, struct prac_bytes *pem_out) PRAC_MUST_USE;

/*
 * Whether each of the offered authorities (PEM) is one of those we have, or is proven by a cross
 * certificate that one of ours has signed. crosses may be empty.
 */
bool prac_authorities_are_proven(
	struct prac_bytes have, struct prac_bytes offered, struct prac_bytes crosses);

struct prac_cert_renewal {
	struct prac_bytes certificate; /* of the device, PEM */
	struct prac_bytes authorities; /* PEM: one of them issued it */
	int64_t now_s;
	unsigned days, grace_days; /* of the new one; since the end of the old one */
};

/*
 * Another certificate for the same device and key, so whoever asks for it gains nothing that the key
 * did not give already. PERMISSION_DENIED: not issued by one of the authorities, no device's, or over
 * for longer than the grace.
 */
enum prac_status prac_ca_renew_device(const struct prac_ca *ca,
	const struct prac_cert_renewal *renewal, struct prac_arena *arena,
	struct prac_bytes *pem_out) PRAC_MUST_USE;

/* Whether one of the authorities (PEM) made the signature of prac_key_sign(). */
bool prac_cert_has_signed(struct prac_bytes authorities, const char *purpose,
	struct prac_bytes message, struct prac_bytes signature);
