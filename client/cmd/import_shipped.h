/* practicum import shipped: the examples that the program brings with it become the district's records. */
#pragma once

#include "client/cmd/import_csv.h"

/* words[1], if there, is the one type wanted. is_adopted: puts them into use as well. Returns an exit code. */
int import_shipped(
	struct cmd_call *call, bool is_adopted, const struct import_csv_options *options);
