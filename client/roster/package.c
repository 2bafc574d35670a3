#include "client/roster/package.h"

#include <dirent.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "client/roster/rows.h"

enum {
	MEMBERS_MAX = 1000 /* a package has some twenty files */
};

/* One file: of a zip by its number, of memory by its bytes, of a folder by its name. */
struct member {
	const char *name;
	uint64_t zip_index;
	struct prac_bytes bytes;
};

struct roster_package {
	struct roster_flaws *flaws;
	const char *folder; /* NULL unless it is one */
	zip_t *zip;         /* NULL unless it is one */
	struct member *members;
	uint32_t n_members;
};

struct roster_stream {
	FILE *file;             /* in a folder */
	zip_file_t *zipped;     /* in a zip */
	struct prac_bytes rest; /* in memory */
	uint64_t n_read;
};

static const struct roster_place whole_package = { "", 0, "" };

static bool member_add(struct roster_package *package, struct member member)
{
	if (package->n_members == MEMBERS_MAX) {
		roster_flaw_add(package->flaws, &whole_package, ROSTER_FLAW_TOO_MANY,
			"more than %d files in the package", MEMBERS_MAX);
		return false;
	}
	package->members =
		roster_grow(package->members, package->n_members, sizeof(*package->members));
	package->members[package->n_members++] = member;
	return true;
}

static const char *keep(const struct roster_package *package, const char *text)
{
	return prac_arena_text(package->flaws->arena, prac_bytes_text(text));
}

/*
 * A member's name, for people to read: what is no text and what steers a terminal is replaced. A name that a file of
 * the format may have is not changed by it, so members are opened by this one, too.
 */
static const char *keep_name(const struct roster_package *package, struct prac_bytes name)
{
	char *valid = g_utf8_make_valid((const char *)name.data, (gssize)name.len);
	GString *text = g_string_sized_new(name.len);
	const char *kept;

	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		g_string_append_unichar(text, g_unichar_iscntrl(c) ? 0xFFFD : c);
	}
	kept = keep(package, text->str);
	g_string_free(text, TRUE);
	g_free(valid);
	return kept;
}

static void list_folder(struct roster_package *package, DIR *dir)
{
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		struct member member = { .name = keep_name(
						 package, prac_bytes_text(entry->d_name)) };

		if (entry->d_name[0] != '.' && !member_add(package, member)) {
			return;
		}
	}
}

/* Archives made on a Mac carry shadows of every file in a folder of that name. */
static bool is_litter(const char *name)
{
	return g_str_has_prefix(name, "__MACOSX/") || g_str_has_suffix(name, "/") ||
	       g_str_has_suffix(name, ".DS_Store");
}

static void list_zip(struct roster_package *package)
{
	zip_int64_t n = zip_get_num_entries(package->zip, 0);

	for (zip_int64_t i = 0; i < n; i++) {
		zip_stat_t stat;

		if (zip_stat_index(package->zip, (zip_uint64_t)i, 0, &stat) != 0 ||
			(stat.valid & ZIP_STAT_NAME) == 0 || is_litter(stat.name)) {
			continue;
		}
		struct member member = { keep_name(package, prac_bytes_text(stat.name)),
			(uint64_t)i, { NULL, 0 } };
		if (strchr(member.name, '/') != NULL) {
			roster_flaw_add(package->flaws, &whole_package, ROSTER_FLAW_PACKAGE,
				"%s stands in a folder of the zip: every file must stand at its root",
				member.name);
		}
		if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
			stat.encryption_method != ZIP_EM_NONE) {
			roster_flaw_add(package->flaws, &whole_package, ROSTER_FLAW_PACKAGE,
				"%s is encrypted: export the zip without a password", member.name);
		}
		if (!member_add(package, member)) {
			return;
		}
	}
}

static bool open_zip(struct roster_package *package, const char *path)
{
	int code = 0;

	package->zip = zip_open(path, ZIP_RDONLY, &code);
	if (package->zip == NULL) {
		roster_flaw_add(package->flaws, &whole_package, ROSTER_FLAW_PACKAGE,
			code == ZIP_ER_NOZIP ? "not a zip file and not a folder"
					     : "the zip is damaged or cannot be read");
		return false;
	}
	list_zip(package);
	return true;
}

static bool open_folder(struct roster_package *package, const char *path)
{
	DIR *dir = opendir(path);

	if (dir == NULL) {
		roster_flaw_add(package->flaws, &whole_package, ROSTER_FLAW_PACKAGE,
			"the folder cannot be read: %s", g_strerror(errno));
		return false;
	}
	package->folder = keep(package, path);
	list_folder(package, dir);
	closedir(dir);
	return true;
}

struct roster_package *roster_package_open(const char *path, struct roster_flaws *flaws)
{
	struct roster_package *package = g_new0(struct roster_package, 1);
	struct stat about;
	bool is_open = false;

	package->flaws = flaws;
	if (stat(path, &about) != 0) {
		roster_flaw_add(flaws, &whole_package, ROSTER_FLAW_PACKAGE, "cannot be opened: %s",
			g_strerror(errno));
	} else if (S_ISDIR(about.st_mode)) {
		is_open = open_folder(package, path);
	} else {
		is_open = open_zip(package, path);
	}
	if (!is_open) {
		roster_package_free(package);
		return NULL;
	}
	return package;
}

/* The length of the first line, with its line feed. */
static size_t line_length(struct prac_bytes text)
{
	const uint8_t *end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;

	return end == NULL ? text.len : (size_t)(end - text.data) + 1;
}

static bool begins_member(struct prac_bytes text)
{
	return text.len >= 3 && memcmp(text.data, "== ", 3) == 0;
}

/* Begins a member with a head line, or adds a line to the last one. False: too many members. */
static bool take_part(struct roster_package *package, struct prac_bytes line)
{
	if (begins_member(line)) {
		struct prac_bytes name = { line.data + 3, line.len - 3 };
		name.len -= name.len > 0 && name.data[name.len - 1] == '\n';
		struct member member = { keep_name(package, name), 0, { line.data + line.len, 0 } };
		return member_add(package, member);
	}
	if (package->n_members > 0) {
		package->members[package->n_members - 1].bytes.len += line.len;
	}
	return true;
}

struct roster_package *roster_package_parts(struct prac_bytes parts, struct roster_flaws *flaws)
{
	struct roster_package *package = g_new0(struct roster_package, 1);

	package->flaws = flaws;
	while (parts.len > 0) {
		struct prac_bytes line = { parts.data, line_length(parts) };

		if (!take_part(package, line)) {
			break;
		}
		parts.data += line.len;
		parts.len -= line.len;
	}
	return package;
}

uint32_t roster_package_n(const struct roster_package *package)
{
	return package->n_members;
}

const char *roster_package_name(const struct roster_package *package, uint32_t i)
{
	return package->members[i].name;
}

void roster_package_free(struct roster_package *package)
{
	if (package == NULL) {
		return;
	}
	if (package->zip != NULL) {
		zip_discard(package->zip);
	}
	g_free(package->members);
	g_free(package);
}

static const struct member *member_find(const struct roster_package *package, const char *name)
{
	const struct member *similar = NULL;
	struct roster_place place = { name, 0, "" };

	for (uint32_t i = 0; i < package->n_members; i++) {
		const struct member *member = &package->members[i];

		if (strcmp(member->name, name) == 0) {
			return member;
		}
		if (g_ascii_strcasecmp(member->name, name) == 0) {
			similar = member;
		}
	}
	if (similar != NULL) {
		roster_flaw_add(package->flaws, &place, ROSTER_FLAW_FILE_NAME,
			"is called %s: upper and lower case letters matter", similar->name);
	}
	return similar;
}

static bool open_member(const struct roster_package *package, const struct member *member,
	struct roster_stream *stream)
{
	if (package->zip != NULL) {
		stream->zipped = zip_fopen_index(package->zip, member->zip_index, 0);
		return stream->zipped != NULL;
	}
	if (package->folder != NULL) {
		char *path = g_build_filename(package->folder, member->name, NULL);
		stream->file = fopen(path, "rbe");
		g_free(path);
		return stream->file != NULL;
	}
	stream->rest = member->bytes;
	return true;
}

struct roster_stream *roster_stream_open(struct roster_package *package, const char *name)
{
	const struct member *member = member_find(package, name);
	struct roster_place place = { name, 0, "" };

	if (member == NULL) {
		return NULL;
	}
	struct roster_stream *stream = g_new0(struct roster_stream, 1);
	if (!open_member(package, member, stream)) {
		roster_flaw_add(package->flaws, &place, ROSTER_FLAW_PACKAGE, "cannot be opened");
		g_free(stream);
		return NULL;
	}
	return stream;
}

static enum prac_status read_some(
	struct roster_stream *stream, void *out, size_t cap, size_t *len_out)
{
	if (stream->zipped != NULL) {
		zip_int64_t len = zip_fread(stream->zipped, out, cap);
		*len_out = len > 0 ? (size_t)len : 0;
		return len < 0 ? PRAC_DATA_LOSS : PRAC_OK;
	}
	if (stream->file != NULL) {
		*len_out = fread(out, 1, cap, stream->file);
		return ferror(stream->file) ? PRAC_DATA_LOSS : PRAC_OK;
	}
	*len_out = stream->rest.len < cap ? stream->rest.len : cap;
	if (*len_out > 0) {
		memcpy(out, stream->rest.data, *len_out);
		stream->rest.data += *len_out;
		stream->rest.len -= *len_out;
	}
	return PRAC_OK;
}

enum prac_status roster_stream_read(
	struct roster_stream *stream, void *out, size_t cap, size_t *len_out)
{
	enum prac_status status = read_some(stream, out, cap, len_out);

	stream->n_read += *len_out;
	return status == PRAC_OK && stream->n_read > ROSTER_FILE_MAX ? PRAC_RESOURCE_EXHAUSTED
								     : status;
}

void roster_stream_close(struct roster_stream *stream)
{
	if (stream == NULL) {
		return;
	}
	if (stream->zipped != NULL) {
		zip_fclose(stream->zipped);
	}
	if (stream->file != NULL) {
		(void)fclose(stream->file); /* only read */
	}
	g_free(stream);
}
