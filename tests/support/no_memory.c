/*
 * Memory that runs out, for LD_PRELOAD: of the pieces that OpenSSL, libpq, libsodium, SQLite and libuv ask for one
 * is refused, or of those that one function of the program asks for, whose code NO_MEMORY_CODE names (from-until, in
 * the program's file, hexadecimal). Which one stands as two int32 in the file NO_MEMORY, the libraries' and the
 * function's. Whoever tests keeps it mapped, too, and sets them while the program runs: each counts down, the piece
 * at which it comes to 0 is refused; 0: none is.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	RANGES_MAX = 32
};

/* glibc's own, whoever else is called malloc(). */
void *own_malloc(size_t size) __asm__("__libc_malloc");
void *own_calloc(size_t n, size_t size) __asm__("__libc_calloc");
void *own_realloc(void *piece, size_t size) __asm__("__libc_realloc");

static const char *const libraries[] = { "libcrypto.so", "libssl.so", "libpq.so", "libsodium.so",
	"libsqlite3.so", "libuv.so" };

enum kind {
	OF_LIBRARIES,
	OF_PROGRAM,
	N_KINDS
};

static struct {
	uintptr_t from, until;
	enum kind kind;
} code[RANGES_MAX];

static size_t n_code;
static int32_t *left;

static bool is_meant(const char *path)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		if (strstr(path, libraries[i]) != NULL) {
			return true;
		}
	}
	return false;
}

static void note(uintptr_t from, uintptr_t until, enum kind kind)
{
	if (n_code < RANGES_MAX) {
		code[n_code].from = from;
		code[n_code].until = until;
		code[n_code++].kind = kind;
	}
}

/* The program's own part is the first that the loader names. */
static void note_function(const struct dl_phdr_info *info)
{
	const char *range = getenv("NO_MEMORY_CODE");
	char *end;
	uintptr_t from;

	if (range == NULL) {
		return;
	}
	from = strtoul(range, &end, 16);
	if (*end == '-') {
		note(info->dlpi_addr + from, info->dlpi_addr + strtoul(end + 1, NULL, 16),
			OF_PROGRAM);
	}
}

static int note_code(struct dl_phdr_info *info, size_t size, void *ctx)
{
	bool *is_first = ctx;

	(void)size;
	if (*is_first) {
		note_function(info);
	}
	*is_first = false;
	for (size_t i = 0; i < info->dlpi_phnum && is_meant(info->dlpi_name); i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
			note(info->dlpi_addr + part->p_vaddr,
				info->dlpi_addr + part->p_vaddr + part->p_memsz, OF_LIBRARIES);
		}
	}
	return 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("NO_MEMORY");
	int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	bool is_first = true;
	void *map;

	if (file < 0) {
		return;
	}
	map = mmap(NULL, N_KINDS * sizeof(*left), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	(void)close(file); /* the mapping stays */
	if (map != MAP_FAILED) {
		(void)dl_iterate_phdr(note_code, &is_first); /* always 0 */
		left = map;
	}
}

static bool is_refused(const void *caller)
{
	const uintptr_t at = (uintptr_t)caller;

	for (size_t i = 0; left != NULL && i < n_code; i++) {
		if (at >= code[i].from && at < code[i].until) {
			int32_t *count = &left[code[i].kind];

			return *count > 0 && __atomic_sub_fetch(count, 1, __ATOMIC_RELAXED) == 0;
		}
	}
	return false;
}

static void *refuse(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return is_refused(__builtin_return_address(0)) ? refuse() : own_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
	return is_refused(__builtin_return_address(0)) ? refuse() : own_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	return is_refused(__builtin_return_address(0)) ? refuse() : own_realloc(ptr, size);
}
