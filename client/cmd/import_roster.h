/* practicum import oneroster DIR|ZIP: a roster into records, in one go or not at all. */
#pragma once

#include "client/cmd/cmd.h"

struct import_roster_options {
	bool is_preview;  /* say what would change, store nothing */
	bool is_strict;   /* refuse what the standard does not allow, also where it can be read */
	bool is_staged;   /* through the server's staging also when it is small */
	const char *zone; /* IANA name, for new schools */
};

/* words[1] is the folder or zip. Returns an exit code. */
int import_roster(struct cmd_call *call, const struct import_roster_options *options);
