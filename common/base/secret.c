#include "common/base/secret.h"

#include <sodium.h>

void prac_secret_lock(void *secret, size_t size)
{
	(void)sodium_mlock(secret, size); /* the header says what a failure is */
}

void prac_secret_unlock(void *secret, size_t size)
{
	(void)sodium_munlock(secret, size); /* it has wiped in any case */
}
