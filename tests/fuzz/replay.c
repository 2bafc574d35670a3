/* Runs a fuzz target once over every file of the folders named, in builds without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t len = 0;
	size_t cap = 0;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	do {
		cap += 1 << 16;
		data = realloc(data, cap);
		if (data == NULL) {
			abort();
		}
		len += fread(data + len, 1, cap - len, file);
	} while (len == cap);
	(void)fclose(file);

	/* An exact copy, so that a sanitizer sees the first byte read too far. */
	uint8_t *exact = malloc(len > 0 ? len : 1);
	if (exact == NULL) {
		abort();
	}
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	free(data);
}

static unsigned replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;
	char path[4096];

	if (dir == NULL) {
		perror(folder);
		exit(1);
	}
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		int written = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (written < 0 || (size_t)written >= sizeof(path)) {
			abort();
		}
		replay_file(path);
		n++;
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++) {
		n += replay_folder(argv[i]);
	}
	printf("%u inputs\n", n);
	return n > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
