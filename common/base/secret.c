#include "common/base/secret.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void prac_secret_process(void)
{
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* a limit may always be lowered */
	(void)prctl(PR_SET_DUMPABLE, 0);
}

void prac_secret_lock(void *secret, size_t size)
{
	(void)sodium_mlock(secret, size); /* the header says what a failure is */
}

void prac_secret_unlock(void *secret, size_t size)
{
	(void)sodium_munlock(secret, size); /* it has wiped in any case */
}
