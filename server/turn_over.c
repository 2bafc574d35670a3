#include "server/turn_over.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/failpoint.h"
#include "common/wire/cert.h"
#include "server/keys.h"

/* What stands in the folder. Freed by release(). */
struct district {
	const struct config *config;
	struct prac_arena arena;
	struct prac_bytes trusted;      /* ca.pem: one or two */
	struct prac_bytes signs, other; /* certificates; other is empty while there is none */
	bool is_other_trusted;
	char *why;
};

static const char *path_in(struct district *district, const char *name)
{
	return prac_arena_printf(
		&district->arena, "%s/%s", district->config->signer_state_dir, name);
}

static void release(struct district *district)
{
	prac_arena_deinit(&district->arena);
}

/* Empty when the file is not there. */
static enum prac_status read_pem(
	struct district *district, const char *name, struct prac_bytes *pem_out)
{
	const char *path = path_in(district, name);
	struct prac_buf buf = { 0 };
	enum prac_status status = PRAC_OK;

	*pem_out = (struct prac_bytes){ NULL, 0 };
	if (key_file_is_there(path)) {
		status = key_file_read(path, false, &buf, district->why);
		*pem_out = prac_arena_copy(&district->arena, prac_buf_bytes(&buf));
	}
	prac_buf_deinit(&buf);
	return status;
}

static enum prac_status read_district(
	struct district *district, const struct config *config, char why[KEYS_WHY])
{
	struct prac_bytes first, second;
	enum prac_status status;

	*district = (struct district){ .config = config, .why = why };
	status = read_pem(district, "ca.pem", &district->trusted);
	if (status == PRAC_OK) {
		status = read_pem(district, "first.pem", &first);
	}
	if (status == PRAC_OK) {
		status = read_pem(district, "other.pem", &second);
	}
	if (status != PRAC_OK) {
		return status;
	}
	district->signs = prac_cert_nth(district->trusted, 0, &district->arena);
	if (district->signs.len == 0) {
		return key_file_fail(why, PRAC_FAILED_PRECONDITION,
			"there is no authority in %s yet: practicumd setup makes one",
			config->signer_state_dir);
	}
	if (second.len > 0) {
		district->other = prac_bytes_equal(district->signs, second) ? first : second;
	}
	district->is_other_trusted = prac_cert_nth(district->trusted, 1, &district->arena).len > 0;
	return PRAC_OK;
}

/* The key of this certificate: one of the two. */
static enum prac_status load_authority(
	struct district *district, struct prac_bytes cert, struct prac_ca **ca_out)
{
	static const char *const names[] = { "ca.key", "other.key" };
	enum prac_status status = PRAC_NOT_FOUND;
	struct prac_buf key = { 0 };

	for (size_t i = 0; i < PRAC_NELEM(names) && status != PRAC_OK; i++) {
		if (!key_file_is_there(path_in(district, names[i]))) {
			continue;
		}
		status = key_file_read(path_in(district, names[i]), true, &key, district->why);
		if (status == PRAC_OK) {
			status = prac_ca_from_pem(cert, prac_buf_bytes(&key), ca_out);
		}
		prac_wipe(&key);
		prac_buf_deinit(&key);
	}
	return status == PRAC_OK ? PRAC_OK
				 : key_file_fail(district->why, status,
					   "the key of an authority is missing in %s",
					   district->config->signer_state_dir);
}

static struct prac_bytes join(struct district *district, struct prac_bytes a, struct prac_bytes b)
{
	return prac_bytes_text(prac_arena_printf(&district->arena, "%.*s%.*s", (int)a.len,
		(const char *)a.data, (int)b.len, (const char *)b.data));
}

static int64_t now_s(void)
{
	return prac_env_system.wall_ms(prac_env_system.ctx) / 1000;
}

/* ---- the steps; each ends with ca.pem, or begins with it where something is taken away */

static enum prac_status write_in(
	struct district *district, const char *name, struct prac_bytes bytes)
{
	return key_file_write(path_in(district, name), 0444, bytes, district->why);
}

static enum prac_status write_authority(struct district *district, const struct prac_ca *old,
	const struct prac_ca *next, struct prac_bytes cert)
{
	struct prac_bytes next_by_old, old_by_next;
	enum prac_status status = prac_ca_cross(old, cert, now_s(), &district->arena, &next_by_old);

	if (status == PRAC_OK) {
		status = prac_ca_cross(
			next, district->signs, now_s(), &district->arena, &old_by_next);
	}
	if (status != PRAC_OK) {
		return key_file_fail(district->why, status,
			"the authorities cannot vouch for each "
			"other: %s",
			prac_status_text(status));
	}
	status = key_file_write_key(
		path_in(district, "other.key"), prac_ca_key(next), district->why);
	if (status == PRAC_OK) {
		status = write_in(district, KEYS_CROSSES, join(district, next_by_old, old_by_next));
	}
	if (status == PRAC_OK) {
		status = write_in(district, "first.pem", district->signs);
	}
	return status == PRAC_OK ? write_in(district, "other.pem", cert) : status;
}

static enum prac_status add(struct district *district)
{
	struct prac_ca *old = NULL, *next = NULL;
	struct prac_bytes cert;
	enum prac_status status = load_authority(district, district->signs, &old);

	if (status == PRAC_OK) {
		status = prac_ca_new(KEYS_AUTHORITY_NAME, now_s(), &next);
	}
	if (status == PRAC_OK) {
		status = prac_ca_cert(next, &district->arena, &cert);
	}
	if (status == PRAC_OK) {
		status = write_authority(district, old, next, cert);
	}
	prac_ca_free(next);
	prac_ca_free(old);
	return status;
}

static enum prac_status trust(struct district *district)
{
	return write_in(district, "ca.pem", join(district, district->signs, district->other));
}

static enum prac_status change_over(struct district *district)
{
	return write_in(district, "ca.pem", join(district, district->other, district->signs));
}

static enum prac_status retire(struct district *district)
{
	return write_in(district, "ca.pem", district->signs);
}

/* The key that is left stands in ca.key afterwards, as setup makes it. */
static enum prac_status drop(struct district *district)
{
	struct prac_bytes second;
	enum prac_status status = read_pem(district, "other.pem", &second);
	bool is_second = prac_bytes_equal(second, district->signs);

	if (status == PRAC_OK && is_second &&
		rename(path_in(district, "other.key"), path_in(district, "ca.key")) != 0 &&
		key_file_is_there(path_in(district, "other.key"))) {
		return key_file_fail(district->why, PRAC_UNAVAILABLE,
			"the key of the authority "
			"cannot be moved");
	}
	if (status == PRAC_OK) {
		(void)unlink(path_in(district, "other.key")); /* it may be moved */
		(void)unlink(path_in(district, KEYS_CROSSES));
		(void)unlink(path_in(district, "first.pem"));
		(void)unlink(path_in(district, "other.pem")); /* last: it says that there are two */
	}
	return status;
}

static enum prac_status (*const run[TURN_OVER_N_STEPS])(struct district *district) = {
	[TURN_OVER_ADD] = add,
	[TURN_OVER_TRUST] = trust,
	[TURN_OVER_SWITCH] = change_over,
	[TURN_OVER_RETIRE] = retire,
	[TURN_OVER_DROP] = drop,
};

/* ---- the server's folder */

static enum prac_status follow(struct district *district)
{
	struct prac_ca *ca = NULL;
	struct prac_bytes crosses;
	enum prac_status status = load_authority(district, district->signs, &ca);

	if (status == PRAC_OK) {
		status = read_pem(district, KEYS_CROSSES, &crosses);
	}
	if (status == PRAC_OK) {
		status = keys_follow(district->config,
			&(struct keys_authority){ ca, district->trusted, crosses }, district->why);
	}
	prac_ca_free(ca);
	return status;
}

static enum prac_status check(struct district *district, enum turn_over_step step)
{
	static const char *const words[TURN_OVER_N_STEPS] = {
		[TURN_OVER_ADD] = "there is another authority already: practicumd ca status",
		[TURN_OVER_TRUST] = "there is no other authority: practicumd ca add makes one",
		[TURN_OVER_SWITCH] = "the other authority is not trusted yet: practicumd ca trust",
		[TURN_OVER_RETIRE] = "only one authority is trusted",
		[TURN_OVER_DROP] =
			"the other authority is trusted: practicumd ca retire comes first",
	};
	bool has_other = district->other.len > 0;
	const bool may[TURN_OVER_N_STEPS] = {
		[TURN_OVER_ADD] = !has_other,
		[TURN_OVER_TRUST] =
			has_other, /* again: the server's folder may have been left behind */
		[TURN_OVER_SWITCH] = district->is_other_trusted,
		[TURN_OVER_RETIRE] = district->is_other_trusted,
		[TURN_OVER_DROP] = has_other && !district->is_other_trusted,
	};

	return may[step]
		       ? PRAC_OK
		       : key_file_fail(district->why, PRAC_FAILED_PRECONDITION, "%s", words[step]);
}

enum prac_status turn_over_check(
	const struct config *config, enum turn_over_step step, char why_out[KEYS_WHY])
{
	struct district district;
	enum prac_status status = read_district(&district, config, why_out);

	if (status == PRAC_OK) {
		status = check(&district, step);
	}
	release(&district);
	return status;
}

enum prac_status turn_over_take(
	const struct config *config, enum turn_over_step step, char why_out[KEYS_WHY])
{
	struct district district;
	enum prac_status status = read_district(&district, config, why_out);

	if (status == PRAC_OK) {
		status = check(&district, step);
	}
	if (status == PRAC_OK) {
		status = run[step](&district);
	}
	release(&district);
	PRAC_FAILPOINT("turn_over_decided");
	if (status == PRAC_OK) {
		status = read_district(&district, config, why_out);
		if (status == PRAC_OK) {
			status = follow(&district);
		}
		release(&district);
	}
	return status;
}

enum prac_status turn_over_state(
	const struct config *config, struct turn_over_state *state_out, char why_out[KEYS_WHY])
{
	struct district district;
	struct prac_cert_facts facts;
	enum prac_status status = read_district(&district, config, why_out);

	*state_out = (struct turn_over_state){ 0 };
	if (status == PRAC_OK && prac_cert_read(district.signs, &facts) == PRAC_OK) {
		state_out->signs = facts.spki;
		state_out->signs_until_s = facts.not_after_s;
	}
	if (status == PRAC_OK && district.other.len > 0 &&
		prac_cert_read(district.other, &facts) == PRAC_OK) {
		state_out->has_other = true;
		state_out->is_other_trusted = district.is_other_trusted;
		state_out->other = facts.spki;
		state_out->other_until_s = facts.not_after_s;
	}
	release(&district);
	return status;
}
