/* Reports that are published, and made again to be compared. */
#pragma once

#include "client/cmd/cmd.h"
#include "proto/sync.pb-c.h"

/* Stores what came out as a report_run and says its id on stderr. Exit code. */
int report_publish(
	struct cmd_call *call, const char *name, const Practicum__ReportResponse *report);

/* What the run was asked for, as parameters of a request; ended by NULL. */
const char **report_run_parameters(struct cmd_call *call, const struct prac_record *run);

/* Says "equal", or what differs between the run and the report as it comes out now. Exit code. */
int report_compare(struct cmd_call *call, const struct prac_record *run,
	const Practicum__ReportResponse *report);
