/* SPDX-License-Identifier: MIT
 *
 * Flash as a heap of records. A sector begins with a header, records follow:
 *
 *     header   magic  number  replaces  floor  crc  commit
 *     record   dead  crc  len  id  part  payload, padded to 4
 *
 * A record counts when its checksum is right and `dead` is as erased. A new version is
 * written first, then the old one is ended; power that fails in between leaves two whole
 * ones, and either may count, since the change has not returned. A full sector is
 * cleaned by copying what is live in it into an erased one whose header names it in
 * `replaces`: the write of `commit` makes the copy count and the old sector not. A
 * format is one sector whose `floor` is its own number: its commit makes every sector
 * with a lower number count no more. So each change is one write of a few bytes.
 *
 * files_sectors.c has the sectors, files_list.c the list of the records that count.
 */
#include "firmware/core/files_store.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/crc32.h"
#include "firmware/core/files_list.h"
#include "firmware/core/files_sectors.h"
#include "firmware/core/personality.h"

#define SECTOR      HAL_FLASH_SECTOR
#define CHUNK       64
#define SECTORS_MIN 4

static uint32_t header_crc(const struct files_record *record)
{
	const size_t start = offsetof(struct files_record, len);

	return crc32_of((const uint8_t *)record + start, sizeof(*record) - start);
}

static bool is_intact(
	struct files *files, size_t offset, const struct files_record *record)
{
	uint8_t chunk[CHUNK];
	uint32_t crc = header_crc(record);

	if (record->dead != FILES_BLANK || record->len == 0 || record->id == 0 ||
		record->id >= FILES_LIST_ID_END || record->part > FILES_CLUSTERS_MAX)
		return false;
	offset += sizeof(*record);
	for (size_t at = 0; at < record->len;) {
		size_t n = record->len - at < CHUNK ? record->len - at : CHUNK;

		(void)files_list_read(files, offset + at, chunk, n);
		crc = crc32_more(crc, chunk, n);
		at += n;
	}
	return crc == record->crc;
}

/* An intact record. Where power failed before the old version was ended there are two:
 * the first one found counts until the other is ended. */
static void take_record(
	struct files *files, size_t offset, const struct files_record *record)
{
	uint32_t key = files_list_key_of(record);
	int index = files_list_seek(files, key);
	bool full = record->part == 0 ? files->nodes == FILES_NODES_MAX
				      : files->parts == FILES_CLUSTERS_MAX;

	if (!full && !files_list_is_at(files, index, key))
		files_list_add(files, index, offset);
}

static void mount_sector(struct files *files, int sector)
{
	size_t start = (size_t)sector * SECTOR;
	size_t offset = start + FILES_SECTOR_HEADER;
	struct files_record record;
	size_t size;

	while ((size = files_list_next(files, offset, &record)) > 0) {
		if (is_intact(files, offset, &record))
			take_record(files, offset, &record);
		offset += size;
	}
	files->used[sector] = (uint16_t)(offset - start);
}

/* Nodes get what clusters leave, an eighth at least. */
static uint16_t choose_clusters(const struct files *files)
{
	size_t fit = files_sectors_live_max(files) / 8 * 7 / FILES_RECORD_SIZE_MAX;

	if (fit > FILES_CLUSTERS_MAX)
		fit = FILES_CLUSTERS_MAX;
	if (files->personality->files_clusters > 0 &&
		fit > files->personality->files_clusters)
		fit = files->personality->files_clusters;
	return (uint16_t)fit;
}

bool files_store_has_room(const struct files *files, size_t len)
{
	return files->node_bytes + len <=
	       files_sectors_live_max(files) - files->clusters * FILES_RECORD_SIZE_MAX;
}

int files_store_mount(struct files *files)
{
	size_t sectors = hal_flash_size(files->hal, HAL_AREA_FILES) / SECTOR;

	files->unreadable = false;
	files->tidied = false;
	files->sectors = 0;
	files->nodes = 0;
	files->parts = 0;
	files->last_sector = 0;
	files->node_bytes = 0;
	files->seq = 0;
	files->floor = 0;
	memset(files->used, 0, sizeof(files->used));
	memset(files->live, 0, sizeof(files->live));
	if (sectors < SECTORS_MIN)
		return -ENODEV;
	files->sectors =
		sectors < FILES_SECTORS_MAX ? (uint16_t)sectors : FILES_SECTORS_MAX;
	files->clusters = choose_clusters(files);
	files_sectors_choose(files);
	for (int i = 0; i < files->sectors; i++)
		if (files->used[i] > 0)
			mount_sector(files, i);
	return 0;
}

/* ---- tidying ------------------------------------------------------------------ */

static int end_record(struct files *files, size_t offset)
{
	static const uint32_t dead;

	return files_list_write(files, offset, &dead, sizeof(dead));
}

static int tidy_sector(struct files *files, int sector)
{
	size_t offset = (size_t)sector * SECTOR + FILES_SECTOR_HEADER;
	struct files_record record;
	size_t size;

	while ((size = files_list_next(files, offset, &record)) > 0) {
		bool stray = record.dead == FILES_BLANK &&
			     !files_list_has(files, &record, offset);
		int err = stray ? end_record(files, offset) : 0;

		if (err < 0)
			return err;
		offset += size;
	}
	return 0;
}

int files_store_tidy(struct files *files)
{
	for (int i = 0; i < files->sectors && !files->tidied; i++) {
		int err = files->used[i] > 0 ? tidy_sector(files, i) : 0;

		if (err < 0)
			return err;
	}
	files->tidied = true;
	return 0;
}

/* ---- records ------------------------------------------------------------------ */

static int append_record(struct files *files, int sector, struct files_record *record,
	const void *payload, size_t *ret_offset)
{
	size_t offset = (size_t)sector * SECTOR + files->used[sector];
	size_t size = files_list_size(record->len);
	int err;

	record->dead = FILES_BLANK;
	record->crc = crc32_more(header_crc(record), payload, record->len);
	/* whatever comes of it, nothing else is written there */
	files->used[sector] = (uint16_t)(files->used[sector] + size);
	err = files_list_write(files, offset, record, sizeof(*record));
	if (err == 0)
		err = files_list_write(files, offset + sizeof(*record), payload,
			size - sizeof(*record));
	if (err == 0)
		*ret_offset = offset;
	return err;
}

static bool is_full(const struct files *files, bool is_node)
{
	size_t live = 0;

	for (int i = 0; i < files->sectors; i++)
		live += files->live[i];
	return live > files_sectors_live_max(files) + FILES_RECORD_SIZE_MAX ||
	       (is_node ? files->nodes == FILES_NODES_MAX
			: files->parts == FILES_CLUSTERS_MAX);
}

int files_store_put(struct files *files, uint32_t key, const void *payload, size_t len)
{
	struct files_record record = {.len = (uint16_t)len,
		.id = files_list_key_id(key),
		.part = files_list_key_part(key)};
	int index = files_list_find(files, key);
	int sector, err;
	size_t offset, old;

	if (index < 0 && is_full(files, record.part == 0))
		return -ENOSPC;
	err = files_sectors_make_room(files, files_list_size(len), &sector);
	if (err == 0)
		err = append_record(files, sector, &record, payload, &offset);
	if (err < 0)
		return err;
	if (index < 0) {
		files_list_add(files, files_list_seek(files, key), offset);
		return 0;
	}
	old = files_list_place(files, index);
	files_list_move(files, index, offset);
	return end_record(files, old);
}

int files_store_end(struct files *files, int index)
{
	size_t offset = files_list_place(files, index);

	files_list_forget(files, index);
	return end_record(files, offset);
}

int files_store_read(
	struct files *files, int index, size_t offset, void *buf, size_t len)
{
	size_t place = files_list_place(files, index);
	struct files_record record = files_list_record(files, place);
	int err;

	if (offset >= record.len)
		return 0;
	if (len > record.len - offset)
		len = record.len - offset;
	err = files_list_read(files, place + sizeof(record) + offset, buf, len);
	return err < 0 ? err : (int)len;
}

/* ---- format ------------------------------------------------------------------- */

int files_store_format_begin(struct files *files, uint16_t *ret_sector)
{
	int sector = files_sectors_find_free(files);

	/* Only contents that nobody wrote here leave no sector free. */
	if (sector < 0)
		sector = 0;
	*ret_sector = (uint16_t)sector;
	return files_sectors_begin(files, sector, 0, true, false);
}

int files_store_format_put(struct files *files, uint16_t sector, uint32_t key,
	const void *payload, size_t len)
{
	struct files_record record = {.len = (uint16_t)len,
		.id = files_list_key_id(key),
		.part = files_list_key_part(key)};
	size_t offset;

	return append_record(files, sector, &record, payload, &offset);
}

int files_store_format_commit(struct files *files, uint16_t sector)
{
	return files_sectors_commit(files, sector);
}
