/* Whatever stands in a configuration file: values stay in range, an error names its line. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct config {
	uint32_t port;
	bool drain;
	const char *name;
	const char *key;
	int level;
};

static const char *const levels[] = { "error", "info", NULL };

static const struct prac_opt_row rows[] = {
	PRAC_OPT_UINT(
		"listen", "port", struct config, port, "7443", 1, 65535, PRAC_OPT_RESTART, "Port"),
	PRAC_OPT_BOOL("listen", "drain", struct config, drain, "yes", PRAC_OPT_RELOAD, "Drain"),
	PRAC_OPT_TEXT("db", "user_name", struct config, name, NULL, 8, PRAC_OPT_RELOAD, "Role"),
	PRAC_OPT_PATH("tls", "key", struct config, key, NULL, PRAC_OPT_RELOAD, "Key"),
	PRAC_OPT_CHOICE(
		"log", "level", struct config, level, "info", levels, PRAC_OPT_RELOAD, "Level"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct config config = { 0 };
	struct prac_opts opts;
	enum prac_status status;

	prac_opts_init(&opts, rows, PRAC_NELEM(rows), &config, &arena);
	status = prac_opts_read_text(&opts, "f", (struct prac_bytes){ data, len });
	assert(config.port >= 1 && config.port <= 65535);
	assert(config.name == NULL || strlen(config.name) <= 8);
	assert(config.key == NULL || config.key[0] == '/');
	assert(config.level >= 0 && config.level <= 1);
	assert((status == PRAC_OK) == (opts.error == NULL));
	assert(opts.error == NULL || strncmp(opts.error, "f:", 2) == 0);
	prac_arena_deinit(&arena);
	return 0;
}
