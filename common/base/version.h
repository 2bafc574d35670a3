/* What `--version` prints (RELIABILITY T17): which program this is, and which libraries it was built with. */
#pragma once

#include <stdio.h>

/* The libraries that a program is linked with are those that the machine has: deploy/sbom lists them. */
void prac_version_print(const char *program, FILE *out);
