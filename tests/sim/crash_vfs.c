#include "tests/sim/crash_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/crash_image.h"

enum {
	SECTOR = 512,
	SHM_REGIONS = 64,
	NAME_MAX_LEN = 128
};

/* What was done to a file since its last sync, in order. */
struct change {
	struct change *next;
	size_t offset, len;
	bool truncates;
	uint8_t data[];
};

struct file {
	struct file *next;
	char name[NAME_MAX_LEN];
	struct crash_image now;     /* what the program reads */
	struct crash_image durable; /* what a power cut cannot take */
	struct change *changes, **tail;
	void *shm[SHM_REGIONS];
	int n_open;
	int shm_shared[SQLITE_SHM_NLOCK];
	bool shm_exclusive[SQLITE_SHM_NLOCK];
	bool was_synced; /* the directory entry is durable */
};

struct crash_disk {
	sqlite3_vfs vfs;
	struct file *files;
	uint64_t seed, ops, cut_at, limit;
	bool is_cut;
	char name[NAME_MAX_LEN];
};

struct handle {
	sqlite3_file base;
	struct crash_disk *disk;
	struct file *file;
	int lock;
	bool is_temporary;
};

static uint64_t next_random(struct crash_disk *disk)
{
	uint64_t z = (disk->seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static void drop_changes(struct file *file)
{
	while (file->changes != NULL) {
		struct change *next = file->changes->next;

		free(file->changes);
		file->changes = next;
	}
	file->tail = &file->changes;
}

static void file_free(struct file *file)
{
	drop_changes(file);
	for (size_t i = 0; i < SHM_REGIONS; i++)
		free(file->shm[i]);
	crash_image_free(&file->now);
	crash_image_free(&file->durable);
	free(file);
}

static struct file *file_find(const struct crash_disk *disk, const char *name)
{
	struct file *file = disk->files;

	while (file != NULL && strcmp(file->name, name) != 0)
		file = file->next;
	return file;
}

static struct file *file_new(struct crash_disk *disk, const char *name)
{
	struct file *file = crash_must(calloc(1, sizeof(*file)));

	assert(strlen(name) < sizeof(file->name));
	memcpy(file->name, name, strlen(name) + 1);
	file->tail = &file->changes;
	file->next = disk->files;
	disk->files = file;
	return file;
}

static void file_remove(struct crash_disk *disk, struct file *file)
{
	struct file **link = &disk->files;

	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	file_free(file);
}

static void note_change(
	struct file *file, size_t offset, const void *data, size_t len, bool truncates)
{
	struct change *change = crash_must(malloc(sizeof(*change) + len));

	change->next = NULL;
	change->offset = offset;
	change->len = len;
	change->truncates = truncates;
	if (len > 0)
		memcpy(change->data, data, len);
	*file->tail = change;
	file->tail = &change->next;
}

static void apply_change(struct crash_image *image, const struct change *change)
{
	if (change->truncates) {
		crash_image_resize(image, change->offset);
	} else {
		crash_image_write(image, change->offset, change->data, change->len);
	}
}

/* Counts an operation that changes the disk; true when the power is gone. */
static bool power_is_gone(struct crash_disk *disk)
{
	if (disk->is_cut)
		return true;
	disk->ops++;
	if (disk->cut_at != 0 && disk->ops >= disk->cut_at)
		disk->is_cut = true;
	return disk->is_cut;
}

static uint64_t bytes_used(const struct crash_disk *disk)
{
	uint64_t sum = 0;

	for (const struct file *file = disk->files; file != NULL; file = file->next)
		sum += file->now.len;
	return sum;
}

static int on_close(sqlite3_file *base)
{
	struct handle *handle = (struct handle *)base;

	handle->file->n_open--;
	if (handle->is_temporary)
		file_remove(handle->disk, handle->file);
	return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
	const struct handle *handle = (struct handle *)base;
	const struct crash_image *now = &handle->file->now;
	size_t want = (size_t)amount, from = (size_t)offset;
	size_t have = from >= now->len ? 0 : now->len - from;

	if (handle->disk->is_cut)
		return SQLITE_IOERR_READ;
	if (have > want)
		have = want;
	crash_image_read(now, from, out, have);
	memset((uint8_t *)out + have, 0, want - have);
	return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset)
{
	const struct handle *handle = (struct handle *)base;
	struct crash_disk *disk = handle->disk;
	struct file *file = handle->file;
	size_t end = (size_t)offset + (size_t)amount;

	if (power_is_gone(disk))
		return SQLITE_IOERR_WRITE;
	if (disk->limit != 0 && end > file->now.len &&
		bytes_used(disk) + end - file->now.len > disk->limit)
		return SQLITE_FULL;
	crash_image_write(&file->now, (size_t)offset, data, (size_t)amount);
	note_change(file, (size_t)offset, data, (size_t)amount, false);
	return SQLITE_OK;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	const struct handle *handle = (struct handle *)base;

	if (power_is_gone(handle->disk))
		return SQLITE_IOERR_TRUNCATE;
	crash_image_resize(&handle->file->now, (size_t)size);
	note_change(handle->file, (size_t)size, NULL, 0, true);
	return SQLITE_OK;
}

static int on_sync(sqlite3_file *base, int flags)
{
	const struct handle *handle = (struct handle *)base;
	struct file *file = handle->file;

	(void)flags;
	if (power_is_gone(handle->disk))
		return SQLITE_IOERR_FSYNC;
	for (const struct change *change = file->changes; change != NULL; change = change->next)
		apply_change(&file->durable, change);
	drop_changes(file);
	file->was_synced = true;
	return SQLITE_OK;
}

static int on_file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct handle *)base)->file->now.len;
	return SQLITE_OK;
}

/* One thread and one process: connections of one disk never wait for each other in the simulator,
 * so file locks always succeed; the WAL's own locks below are kept, since recovery asks for them. */
static int on_lock(sqlite3_file *base, int level)
{
	((struct handle *)base)->lock = level;
	return SQLITE_OK;
}

static int on_check_reserved(sqlite3_file *base, int *is_reserved)
{
	*is_reserved = ((struct handle *)base)->lock >= SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int op, void *arg)
{
	(void)base, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int on_sector_size(sqlite3_file *base)
{
	(void)base;
	return SECTOR;
}

static int on_characteristics(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static int on_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
	struct file *file = ((struct handle *)base)->file;

	assert(region < SHM_REGIONS);
	if (file->shm[region] == NULL && extend)
		file->shm[region] = crash_must(calloc(1, (size_t)size));
	*out = file->shm[region];
	return SQLITE_OK;
}

static int on_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	struct file *file = ((struct handle *)base)->file;
	bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	for (int i = offset; (flags & SQLITE_SHM_LOCK) != 0 && i < offset + n; i++) {
		if (file->shm_exclusive[i] || (exclusive && file->shm_shared[i] > 0))
			return SQLITE_BUSY;
	}
	for (int i = offset; i < offset + n; i++) {
		if (exclusive) {
			file->shm_exclusive[i] = (flags & SQLITE_SHM_LOCK) != 0;
		} else {
			file->shm_shared[i] += (flags & SQLITE_SHM_LOCK) != 0 ? 1 : -1;
		}
	}
	return SQLITE_OK;
}

static void on_shm_barrier(sqlite3_file *base)
{
	(void)base;
}

static int on_shm_unmap(sqlite3_file *base, int remove)
{
	struct file *file = ((struct handle *)base)->file;

	for (size_t i = 0; remove && i < SHM_REGIONS; i++) {
		free(file->shm[i]);
		file->shm[i] = NULL;
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods io_methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_file_size,
	.xLock = on_lock,
	.xUnlock = on_lock,
	.xCheckReservedLock = on_check_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

static int on_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
	struct crash_disk *disk = vfs->pAppData;
	struct handle *handle = (struct handle *)base;
	struct file *file = name == NULL ? NULL : file_find(disk, name);

	base->pMethods = NULL;
	if (disk->is_cut || (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0))
		return SQLITE_CANTOPEN;
	if (file == NULL)
		file = file_new(disk, name == NULL ? "(temporary)" : name);
	*handle = (struct handle){ .disk = disk, .file = file, .is_temporary = name == NULL };
	file->n_open++;
	base->pMethods = &io_methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

/* A deletion is durable at once: losing one brings an old journal back, which SQLite checks. */
static int on_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	struct crash_disk *disk = vfs->pAppData;
	struct file *file = file_find(disk, name);

	(void)sync_dir;
	if (power_is_gone(disk))
		return SQLITE_IOERR_DELETE;
	if (file == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	file_remove(disk, file);
	return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)flags;
	*out = file_find(vfs->pAppData, name) != NULL;
	return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	if (strlen(name) >= (size_t)size)
		return SQLITE_CANTOPEN;
	memcpy(out, name, strlen(name) + 1);
	return SQLITE_OK;
}

static int on_random(sqlite3_vfs *vfs, int size, char *out)
{
	for (int i = 0; i < size; i++)
		out[i] = (char)next_random(vfs->pAppData);
	return size;
}

static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	*out = 212600000000000; /* a fixed Julian day in ms: nothing may depend on it */
	return SQLITE_OK;
}

struct crash_disk *crash_disk_new(const char *name, uint64_t seed)
{
	struct crash_disk *disk = crash_must(calloc(1, sizeof(*disk)));

	assert(strlen(name) < sizeof(disk->name));
	memcpy(disk->name, name, strlen(name) + 1);
	disk->seed = seed;
	disk->vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = NAME_MAX_LEN - 1,
		.zName = disk->name,
		.pAppData = disk,
		.xOpen = on_open,
		.xDelete = on_delete,
		.xAccess = on_access,
		.xFullPathname = on_full_path,
		.xRandomness = on_random,
		.xSleep = on_sleep,
		.xCurrentTimeInt64 = on_time,
	};
	if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK)
		abort();
	return disk;
}

void crash_disk_free(struct crash_disk *disk)
{
	while (disk->files != NULL) {
		assert(disk->files->n_open == 0);
		file_remove(disk, disk->files);
	}
	sqlite3_vfs_unregister(&disk->vfs);
	free(disk);
}

void crash_disk_cut_at(struct crash_disk *disk, uint64_t n)
{
	disk->cut_at = n == 0 ? 0 : disk->ops + n;
}

void crash_disk_limit(struct crash_disk *disk, uint64_t bytes)
{
	disk->limit = bytes;
}

bool crash_disk_is_cut(const struct crash_disk *disk)
{
	return disk->is_cut;
}

/* One unsynced change meets the power cut: whole, not at all, or some of its sectors. */
static void lose_power(
	struct crash_disk *disk, struct crash_image *durable, const struct change *change)
{
	uint64_t fate = next_random(disk) % 3;

	if (fate == 0)
		return;
	if (change->truncates) {
		apply_change(durable, change);
		return;
	}
	for (size_t done = 0; done < change->len; done += SECTOR) {
		size_t left = change->len - done;

		if (fate == 1 || next_random(disk) % 2 == 0) {
			crash_image_write(durable, change->offset + done, change->data + done,
				left < SECTOR ? left : SECTOR);
		}
	}
}

void crash_disk_reboot(struct crash_disk *disk, bool with_power_loss)
{
	struct file *next;

	for (struct file *file = disk->files; file != NULL; file = next) {
		next = file->next;
		assert(file->n_open == 0);
		for (size_t i = 0; i < SHM_REGIONS; i++) {
			free(file->shm[i]);
			file->shm[i] = NULL;
		}
		memset(file->shm_shared, 0, sizeof(file->shm_shared));
		memset(file->shm_exclusive, 0, sizeof(file->shm_exclusive));
		if (with_power_loss) {
			for (const struct change *c = file->changes; c != NULL; c = c->next)
				lose_power(disk, &file->durable, c);
			crash_image_copy(&file->now, &file->durable);
		}
		crash_image_copy(&file->durable, &file->now);
		drop_changes(file);
		if (with_power_loss && !file->was_synced && next_random(disk) % 2 == 0)
			file_remove(disk, file);
	}
	disk->is_cut = false;
	disk->cut_at = 0;
}

void crash_disk_copy(struct crash_disk *to, const struct crash_disk *from)
{
	while (to->files != NULL) {
		assert(to->files->n_open == 0);
		file_remove(to, to->files);
	}
	for (const struct file *file = from->files; file != NULL; file = file->next) {
		struct file *copy = file_new(to, file->name);

		crash_image_copy(&copy->now, &file->now);
		crash_image_copy(&copy->durable, &file->now);
		copy->was_synced = true;
	}
}

bool crash_disk_contains(const struct crash_disk *disk, const void *needle, size_t len)
{
	for (const struct file *file = disk->files; file != NULL; file = file->next) {
		if (crash_image_contains(&file->now, needle, len))
			return true;
	}
	return false;
}
