/*
 * What lets records of a student leave the staff of the district: a signed consent (34 CFR 99.30), who may
 * sign it (99.5), and the family's objection to directory information (99.37). Asked before records go out.
 * What has gone out is a fact that no later answer changes, so that the server does not ask again.
 */
#pragma once

#include "common/rules/rules.h"

enum {
	PRAC_AGE_OF_RIGHTS = 18 /* from the birthday on the rights are the student's (99.3, 99.5) */
};

struct prac_consent_use {
	const char *party;            /* to whom */
	const struct prac_type *type; /* which records; NULL: any that the consent names */
	int32_t day;
};

/* NULL: the consent covers it; else why not, as half a sentence, in the arena. */
const char *prac_consent_flaw(const struct prac_record *consent, const struct prac_record *student,
	const struct prac_consent_use *use, struct prac_arena *arena);

/* Sensitive fields go only where the form says so in so many words. */
bool prac_consent_is_sensitive(const struct prac_record *consent);

/*
 * Has the family objected to directory information by that day? By the student's own flag, or by a consent
 * to it that was refused or taken back and not given since. consents: of the student, of any purpose.
 */
bool prac_directory_is_barred(const struct prac_record *student,
	const struct prac_record *const *consents, size_t n, int32_t day);
