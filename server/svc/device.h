/* The device behind a certificate and what it may hold, from the tables as they are now. */
#pragma once

#include "common/base/hash.h"
#include "server/svc/svc.h"

struct svc_device {
	struct prac_id id;
	bool district;
	bool is_revoked;
	struct prac_scope_grant *grants; /* from malloc, the receiver's to give back */
	size_t n_grants;
	uint32_t scope_set;
	char *pass; /* that opens these scopes to readers; as grants */
};

/* PRAC_NOT_FOUND: no device has this key. device is NULL unless PRAC_OK. */
typedef void (*svc_device_fn)(void *ctx, enum prac_status status, struct svc_device *device);

/* done runs later, exactly once. */
void svc_device_find(
	struct svc *svc, const struct prac_digest *spki, svc_device_fn done, void *ctx);

/* Writes down that the devices were here; what becomes of that does not matter. */
void svc_devices_seen(struct svc *svc, const struct prac_id *devices, size_t n_devices);

/* What others change under a server. */
struct svc_rights_version {
	int64_t device, reference; /* one of them differs when somebody's rights may */
	uint64_t epoch, head;
	bool has_people;
	int64_t people; /* differs when a person's rights do */
	bool is_claimed; /* false: practicumd epoch was run under us; whose database it is must be checked */
};

typedef void (*svc_rights_fn)(
	void *ctx, enum prac_status status, const struct svc_rights_version *version);

void svc_rights_read(struct svc *svc, svc_rights_fn done, void *ctx);
