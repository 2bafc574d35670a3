#include "client/key/key_file.h"

#include <string.h>

static const char head[] = "practicum data key 1 ";

static const char *const words[] = {
	[KEY_BY_FILE] = "file",
	[KEY_BY_CREDENTIAL] = "credential",
	[KEY_BY_PERSON] = "person",
};

/* ---- text */

void key_hex(const uint8_t *bytes, size_t n, struct prac_buf *buf)
{
	for (size_t i = 0; i < n; i++) {
		prac_buf_printf(buf, "%02x", bytes[i]);
	}
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool key_unhex(struct prac_bytes text, uint8_t *bytes_out, size_t n)
{
	if (text.len != 2 * n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		int high = digit_of(text.data[2 * i]), low = digit_of(text.data[2 * i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		bytes_out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* What stands before the sign, which is taken as well; false: there is no such sign. */
static bool take(struct prac_bytes *rest, char sign, struct prac_bytes *out)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->data, sign, rest->len) : NULL;

	if (end == NULL) {
		return false;
	}
	*out = (struct prac_bytes){ rest->data, (size_t)(end - rest->data) };
	rest->len -= out->len + 1;
	rest->data = end + 1;
	return true;
}

static bool is_text(struct prac_bytes bytes, const char *text)
{
	return prac_bytes_equal(bytes, prac_bytes_text(text));
}

static enum key_wrap wrap_of(struct prac_bytes word)
{
	for (size_t i = KEY_BY_FILE; i < PRAC_NELEM(words); i++) {
		if (is_text(word, words[i])) {
			return (enum key_wrap)i;
		}
	}
	return 0;
}

static bool parse_person(struct prac_bytes *line, struct key_entry *entry)
{
	struct prac_bytes person, salt;

	return take(line, ' ', &person) && take(line, ' ', &salt) &&
	       key_unhex(person, entry->person.b, PRAC_ID_LEN) &&
	       key_unhex(salt, entry->salt, sizeof(entry->salt));
}

static bool parse_entry(struct prac_bytes line, struct key_file *file)
{
	struct key_entry entry = { 0 };
	struct prac_bytes word;

	if (!file->has_id || file->n_entries == KEY_ENTRIES_MAX || !take(&line, ' ', &word)) {
		return false;
	}
	entry.by = wrap_of(word);
	if (entry.by == 0 || (entry.by == KEY_BY_PERSON) != file->is_personal ||
		(!file->is_personal && file->n_entries > 0) ||
		(entry.by == KEY_BY_PERSON && !parse_person(&line, &entry)) ||
		key_file_find(file, entry.by, &entry.person) != NULL ||
		!key_unhex(line, entry.wrapped, sizeof(entry.wrapped))) {
		return false;
	}
	file->entries[file->n_entries++] = entry;
	return true;
}

static bool parse_head(struct prac_bytes line, struct key_file *file)
{
	const struct prac_bytes want = prac_bytes_text(head);

	if (line.len < want.len || memcmp(line.data, want.data, want.len) != 0) {
		return false;
	}
	line.data += want.len;
	line.len -= want.len;
	file->is_personal = is_text(line, "personal");
	return file->is_personal || is_text(line, "machine");
}

static bool parse_id(struct prac_bytes *rest, struct key_file *file)
{
	struct prac_bytes line, word;

	file->has_id = true;
	return take(rest, '\n', &line) && take(&line, ' ', &word) && is_text(word, "id") &&
	       key_unhex(line, file->id.b, sizeof(file->id.b));
}

enum prac_status key_file_parse(struct prac_bytes text, struct key_file *file_out)
{
	struct prac_bytes line;
	bool ok;

	memset(file_out, 0, sizeof(*file_out));
	ok = text.len <= KEY_FILE_MAX && take(&text, '\n', &line) && parse_head(line, file_out) &&
	     (text.len == 0 || parse_id(&text, file_out));
	while (ok && text.len > 0) {
		ok = take(&text, '\n', &line) && parse_entry(line, file_out);
	}
	/* Who has a key has it wrapped; a machine always has one. */
	ok = ok && file_out->has_id == (file_out->n_entries > 0) &&
	     (file_out->has_id || file_out->is_personal);
	return ok ? PRAC_OK : PRAC_DATA_LOSS;
}

void key_file_format(const struct key_file *file, struct prac_buf *buf)
{
	prac_buf_printf(buf, "%s%s\n", head, file->is_personal ? "personal" : "machine");
	if (file->has_id) {
		prac_buf_append_text(buf, "id ");
		key_hex(file->id.b, sizeof(file->id.b), buf);
		prac_buf_append_byte(buf, '\n');
	}
	for (size_t i = 0; i < file->n_entries; i++) {
		const struct key_entry *entry = &file->entries[i];

		prac_buf_printf(buf, "%s ", words[entry->by]);
		if (entry->by == KEY_BY_PERSON) {
			key_hex(entry->person.b, PRAC_ID_LEN, buf);
			prac_buf_append_byte(buf, ' ');
			key_hex(entry->salt, sizeof(entry->salt), buf);
			prac_buf_append_byte(buf, ' ');
		}
		key_hex(entry->wrapped, sizeof(entry->wrapped), buf);
		prac_buf_append_byte(buf, '\n');
	}
}

/* ---- wrapping */

const struct key_entry *key_file_find(
	const struct key_file *file, enum key_wrap by, const struct prac_id *person)
{
	for (size_t i = 0; i < file->n_entries; i++) {
		const struct key_entry *entry = &file->entries[i];

		if (entry->by == by && prac_id_equal(&entry->person, person)) {
			return entry;
		}
	}
	return NULL;
}

enum {
	PLACE_LEN = 1 + sizeof(struct replica_key_id) + PRAC_ID_LEN
};

/* An entry of one key, way and person opens as no other. */
static void write_place(
	const struct key_file *file, const struct key_entry *entry, uint8_t out[PLACE_LEN])
{
	out[0] = (uint8_t)entry->by;
	memcpy(out + 1, file->id.b, sizeof(file->id.b));
	memcpy(out + 1 + sizeof(file->id.b), entry->person.b, PRAC_ID_LEN);
}

enum prac_status key_file_wrap(struct key_file *file, const struct key_entry *entry,
	const uint8_t secret[PRAC_SEAL_KEY], const uint8_t key[PRAC_SEAL_KEY],
	const struct prac_env *env)
{
	struct key_entry *slot = (struct key_entry *)key_file_find(file, entry->by, &entry->person);
	struct prac_arena arena = { 0 };
	uint8_t place[PLACE_LEN];
	const struct prac_sealing sealing = { secret, { place, sizeof(place) } };

	if (slot == NULL && file->n_entries == KEY_ENTRIES_MAX) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	slot = slot == NULL ? &file->entries[file->n_entries++] : slot;
	*slot = *entry;
	file->has_id = true;
	file->id = replica_key_id(key);
	write_place(file, slot, place);
	memcpy(slot->wrapped,
		prac_seal_at(&sealing, (struct prac_bytes){ key, PRAC_SEAL_KEY }, env, &arena).data,
		sizeof(slot->wrapped));
	prac_arena_deinit(&arena);
	return PRAC_OK;
}

enum prac_status key_file_unwrap(const struct key_file *file, const struct key_entry *entry,
	const uint8_t secret[PRAC_SEAL_KEY], uint8_t key_out[PRAC_SEAL_KEY])
{
	uint8_t place[PLACE_LEN];
	const struct prac_sealing sealing = { secret, { place, sizeof(place) } };
	struct prac_arena arena = { 0 };
	struct prac_bytes key;
	enum prac_status status;

	write_place(file, entry, place);
	status = prac_unseal_at(&sealing,
		(struct prac_bytes){ entry->wrapped, sizeof(entry->wrapped) }, &arena, &key);
	if (status == PRAC_OK) {
		memcpy(key_out, key.data, PRAC_SEAL_KEY);
		explicit_bzero((void *)key.data, key.len);
	}
	prac_arena_deinit(&arena);
	return status;
}
