/* SPDX-License-Identifier: MIT
 *
 * The list of live records: their places on flash, sorted by key. The keys themselves
 * stay on flash and are read where they are compared.
 */
#include "firmware/core/files_list.h"

#include <errno.h>
#include <string.h>

#define KEY_PART 0x80000000u

_Static_assert(sizeof(struct files_record) == 16, "on flash");
_Static_assert(HAL_FLASH_SECTOR / 4 * FILES_SECTORS_MAX <= 65536, "places are 16 bits");

/* Fills with zeros what cannot be read, and remembers it: nothing is written any more
 * before the next mount, so nothing is ended or erased because it was not seen. */
int files_list_read(struct files *files, size_t offset, void *buf, size_t len)
{
	int err = hal_flash_read(files->hal, HAL_AREA_FILES, offset, buf, len);

	if (err < 0) {
		memset(buf, 0, len);
		files->unreadable = true;
	}
	return err;
}

/* What fails may have happened by half, so the next change begins with tidying. */
int files_list_write(struct files *files, size_t offset, const void *buf, size_t len)
{
	int err = files->unreadable ? -EIO
				    : hal_flash_write(files->hal, HAL_AREA_FILES,
					      offset, buf, len);

	if (err < 0)
		files->tidied = false;
	return err;
}

size_t files_list_size(size_t len)
{
	return sizeof(struct files_record) + (len + 3) / 4 * 4;
}

uint32_t files_list_key(uint16_t id, uint16_t part)
{
	return part == 0 ? id : KEY_PART | (uint32_t)id << 12 | part;
}

uint16_t files_list_key_id(uint32_t key)
{
	return (uint16_t)(key & KEY_PART ? key >> 12 : key);
}

uint16_t files_list_key_part(uint32_t key)
{
	return key & KEY_PART ? key & 0xFFF : 0;
}

size_t files_list_place(const struct files *files, int index)
{
	return (size_t)files->record[index] * 4;
}

struct files_record files_list_record(struct files *files, size_t offset)
{
	struct files_record record;

	(void)files_list_read(files, offset, &record, sizeof(record));
	return record;
}

uint32_t files_list_key_of(const struct files_record *record)
{
	return files_list_key(record->id, record->part);
}

uint32_t files_list_key_at(struct files *files, int index)
{
	struct files_record record =
		files_list_record(files, files_list_place(files, index));

	return files_list_key_of(&record);
}

int files_list_seek(struct files *files, uint32_t key)
{
	int low = key & KEY_PART ? files->nodes : 0;
	int high = key & KEY_PART ? files->nodes + files->parts : files->nodes;

	while (low < high) {
		int middle = (low + high) / 2;

		if (files_list_key_at(files, middle) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool files_list_is_at(struct files *files, int index, uint32_t key)
{
	return index < files->nodes + files->parts &&
	       files_list_key_at(files, index) == key;
}

int files_list_find(struct files *files, uint32_t key)
{
	int index = files_list_seek(files, key);

	return files_list_is_at(files, index, key) ? index : -1;
}

static void count_record(struct files *files, size_t offset, bool more)
{
	struct files_record record = files_list_record(files, offset);
	size_t size = files_list_size(record.len);
	uint16_t *live = &files->live[offset / HAL_FLASH_SECTOR];

	*live = (uint16_t)(more ? *live + size : *live - size);
	if (record.part == 0)
		files->node_bytes = (uint32_t)(more ? files->node_bytes + size
						    : files->node_bytes - size);
}

void files_list_add(struct files *files, int index, size_t offset)
{
	int count = files->nodes + files->parts;

	memmove(files->record + index + 1, files->record + index,
		(size_t)(count - index) * sizeof(files->record[0]));
	files->record[index] = (uint16_t)(offset / 4);
	/* a node is put before or at the first cluster */
	if (files_list_key_at(files, index) & KEY_PART)
		files->parts++;
	else
		files->nodes++;
	count_record(files, offset, true);
}

void files_list_forget(struct files *files, int index)
{
	int count = files->nodes + files->parts;

	count_record(files, files_list_place(files, index), false);
	if (index < files->nodes)
		files->nodes--;
	else
		files->parts--;
	memmove(files->record + index, files->record + index + 1,
		(size_t)(count - index - 1) * sizeof(files->record[0]));
}

void files_list_move(struct files *files, int index, size_t offset)
{
	count_record(files, files_list_place(files, index), false);
	files->record[index] = (uint16_t)(offset / 4);
	count_record(files, offset, true);
}

bool files_list_has(
	struct files *files, const struct files_record *record, size_t offset)
{
	int index = files_list_find(files, files_list_key_of(record));

	return index >= 0 && files_list_place(files, index) == offset;
}

/* The record at an offset. Returns its size, 0 behind the last one of the sector; a torn
 * one ends the sector, since nobody knows where it ends. */
size_t files_list_next(
	struct files *files, size_t offset, struct files_record *ret_record)
{
	static const struct files_record blank = {
		FILES_BLANK, FILES_BLANK, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF};
	size_t left = HAL_FLASH_SECTOR - offset % HAL_FLASH_SECTOR;
	size_t size;

	if (offset % HAL_FLASH_SECTOR == 0 || left < sizeof(*ret_record))
		return 0;
	*ret_record = files_list_record(files, offset);
	if (memcmp(ret_record, &blank, sizeof(blank)) == 0)
		return 0;
	size = files_list_size(ret_record->len);
	if (ret_record->len <= FILES_RECORD_MAX && size <= left)
		return size;
	ret_record->dead = 0;
	return left;
}
