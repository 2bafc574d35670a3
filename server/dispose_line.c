#include "server/dispose_line.h"

#include <glib.h>

bool dispose_line_read(const char *line, uint32_t *type_out, struct prac_id *id_out)
{
	char *end;
	guint64 type = g_ascii_isdigit(line[0]) ? g_ascii_strtoull(line, &end, 10) : 0;

	if (type == 0 || type > UINT16_MAX || *end != ' ') {
		return false;
	}
	*type_out = (uint32_t)type;
	return prac_id_parse(end + 1, id_out) == PRAC_OK;
}
