/* Exit codes of the programs, those of sysexits.h (DESIGN part 2). */
#pragma once

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 64,
	EXIT_UNREACHABLE = 69,
	EXIT_CONFIG = 78
};
