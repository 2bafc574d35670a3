#include "common/base/failpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef PRAC_FAILPOINTS

enum prac_plant prac_planted = PRAC_PLANT_NOTHING;
unsigned prac_narrow_window;
unsigned long prac_sometimes[PRAC_N_SOMETIMES];

const char *const prac_sometimes_words[PRAC_N_SOMETIMES] = {
#define XX(name, words) [PRAC_SOMETIMES_##name] = (words),
	PRAC_SOMETIMES_MAP(XX)
#undef XX
};

void prac_failpoint(const char *name)
{
	static unsigned long n_left; /* 0: not read from the environment yet */
	const char *wanted = getenv("FAILPOINT");
	size_t len = strlen(name);

	if (wanted == NULL || strncmp(wanted, name, len) != 0 || wanted[len] != ':') {
		return;
	}
	if (n_left == 0) {
		n_left = strtoul(wanted + len + 1, NULL, 10);
	}
	if (n_left <= 1) {
		(void)kill(getpid(), strstr(wanted, ":stop") != NULL ? SIGSTOP : SIGKILL);
		(void)unsetenv("FAILPOINT"); /* continued behind a stop: once is enough */
	}
	n_left--;
}

#endif
