#include "common/base/status.h"

#include <stddef.h>

#include "common/base/macros.h"

static const struct {
	const char *name, *text;
} rows[] = {

#define XX(name, number, text) [number] = { #name, text },
	PRAC_STATUS_MAP(XX)
#undef XX
};

/* Numbers come from the wire too, so anything may be asked for. */
static size_t row_of(enum prac_status status)
{
	size_t row = (size_t)status;

	return row < PRAC_NELEM(rows) ? row : (size_t)PRAC_UNKNOWN;
}

const char *prac_status_text(enum prac_status status)
{
	return rows[row_of(status)].text;
}

const char *prac_status_name(enum prac_status status)
{
	return rows[row_of(status)].name;
}
