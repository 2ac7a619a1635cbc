/* SPDX-License-Identifier: MIT
 *
 * Sectors are taken in turn, which spreads the wear, and erased when they are taken. One
 * is always kept free: a full one is cleaned by copying what is live in it there.
 */
#include "firmware/core/files_sectors.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/crc32.h"
#include "firmware/core/files_list.h"

#define SECTOR       HAL_FLASH_SECTOR
#define SECTOR_MAGIC 0x46595057u /* "WPYF" */
#define SEQ_MAX      0x7FFFFFFFu
#define CHUNK        64

struct header {
	uint32_t magic;
	uint32_t seq;
	uint32_t replaces; /* 0: none */
	uint32_t floor;
	uint32_t crc; /* of what stands before */
	uint32_t commit;
};

/* A sector with no more than this live has room for one more when it was cleaned. If
 * all sectors but one hold no more on average, cleaning always helps. */
#define SECTOR_LIVE (SECTOR - sizeof(struct header) - FILES_RECORD_SIZE_MAX)

_Static_assert(sizeof(struct header) == FILES_SECTOR_HEADER, "on flash");

static uint32_t header_crc(const struct header *header)
{
	return crc32_of(header, offsetof(struct header, crc));
}

static bool is_whole(const struct header *header)
{
	return header->magic == SECTOR_MAGIC && header->seq > 0 &&
	       header->seq < SEQ_MAX && header->floor <= header->seq &&
	       header->replaces < header->seq && header->crc == header_crc(header);
}

/* Whether a whole header is there. */
static bool read_header(struct files *files, int sector, struct header *ret_header)
{
	(void)files_list_read(
		files, (size_t)sector * SECTOR, ret_header, sizeof(*ret_header));
	return is_whole(ret_header);
}

/* Whether another sector says that this one counts no more, or has its number. */
static bool is_replaced(struct files *files, int sector, uint32_t seq)
{
	struct header header;

	for (int i = 0; i < files->sectors; i++) {
		if (files->used[i] == 0)
			continue;
		(void)files_list_read(
			files, (size_t)i * SECTOR, &header, sizeof(header));
		if ((header.replaces == seq || (header.seq == seq && i < sector)) &&
			is_whole(&header) && header.seq >= files->floor)
			return true;
	}
	return false;
}

/* Says in `used` which sectors count. */
void files_sectors_choose(struct files *files)
{
	struct header header;
	bool counts[FILES_SECTORS_MAX] = {false};

	for (int i = 0; i < files->sectors; i++) {
		if (!read_header(files, i, &header))
			continue;
		if (header.seq > files->seq) {
			files->seq = header.seq;
			files->last_sector = (uint16_t)i;
		}
		if (header.commit == FILES_BLANK)
			continue;
		files->used[i] = sizeof(header);
		if (header.floor > files->floor)
			files->floor = header.floor;
	}
	for (int i = 0; i < files->sectors; i++)
		counts[i] = files->used[i] > 0 && read_header(files, i, &header) &&
			    header.seq >= files->floor &&
			    !is_replaced(files, i, header.seq);
	for (int i = 0; i < files->sectors; i++)
		files->used[i] = counts[i] ? sizeof(header) : 0;
}

/* What may be live in all without cleaning coming to a stop; two records are written
 * before the ones that they replace are ended. */
size_t files_sectors_live_max(const struct files *files)
{
	return (size_t)(files->sectors - 1) * SECTOR_LIVE - 2 * FILES_RECORD_SIZE_MAX;
}

/* ---- room --------------------------------------------------------------------- */

static bool is_blank(struct files *files, size_t offset, size_t len)
{
	uint32_t chunk[CHUNK / 4];

	while (len > 0) {
		size_t n = len < CHUNK ? len : CHUNK;

		if (files_list_read(files, offset, chunk, n) < 0)
			return false;
		for (size_t i = 0; i < n / 4; i++)
			if (chunk[i] != FILES_BLANK)
				return false;
		offset += n;
		len -= n;
	}
	return true;
}

/* The next one that may be erased, -1 if there is none. One that counts but has nothing
 * live in it is the second choice: if all that count were erased a fresh board would be
 * seen, and if one were erased before the one that it replaced, that would count. */
int files_sectors_find_free(const struct files *files)
{
	for (int counting = 0; counting < 2; counting++) {
		for (int i = 1; i <= files->sectors; i++) {
			int sector = (files->last_sector + i) % files->sectors;

			if (counting ? files->live[sector] == 0
				     : files->used[sector] == 0)
				return sector;
		}
	}
	return -1;
}

static int count_free(const struct files *files)
{
	int count = 0;

	for (int i = 0; i < files->sectors; i++)
		count += files->used[i] == 0 || files->live[i] == 0;
	return count;
}

/* Makes an erased sector with a header of it. */
int files_sectors_begin(
	struct files *files, int sector, uint32_t replaces, bool is_format, bool commit)
{
	size_t offset = (size_t)sector * SECTOR;
	struct header header = {SECTOR_MAGIC, files->seq + 1, replaces, files->floor, 0,
		commit ? 0 : FILES_BLANK};
	int err;

	if (files->seq + 1 >= SEQ_MAX)
		return -ENOSPC;
	if (is_format)
		header.floor = header.seq;
	header.crc = header_crc(&header);
	files->used[sector] = 0;
	files->live[sector] = 0;
	files->seq++;
	files->last_sector = (uint16_t)sector;
	if (!is_blank(files, offset, SECTOR)) {
		if (files->unreadable)
			return -EIO;
		err = hal_flash_erase(files->hal, HAL_AREA_FILES, offset, SECTOR);
		if (err < 0)
			return err;
	}
	err = files_list_write(files, offset, &header, sizeof(header));
	if (err == 0)
		files->used[sector] = sizeof(header);
	return err;
}

/* What was half committed is committed. */
int files_sectors_commit(struct files *files, int sector)
{
	static const uint32_t committed;
	size_t offset = (size_t)sector * SECTOR + offsetof(struct header, commit);
	int err = files_list_write(files, offset, &committed, sizeof(committed));
	uint32_t found = FILES_BLANK;

	if (err < 0 && files_list_read(files, offset, &found, sizeof(found)) == 0 &&
		found != FILES_BLANK)
		return 0;
	return err;
}

static int find_victim(const struct files *files)
{
	int victim = -1;

	for (int i = 0; i < files->sectors; i++)
		if (files->used[i] > 0 && files->live[i] > 0 &&
			(victim < 0 || files->live[i] < files->live[victim]))
			victim = i;
	return victim;
}

static int copy_bytes(struct files *files, size_t from, size_t to, size_t len)
{
	uint8_t chunk[CHUNK * 2];

	while (len > 0) {
		size_t n = len < sizeof(chunk) ? len : sizeof(chunk);
		int err = files_list_read(files, from, chunk, n);

		if (err == 0)
			err = files_list_write(files, to, chunk, n);
		if (err < 0)
			return err;
		from += n;
		to += n;
		len -= n;
	}
	return 0;
}

/* Copies what is live in a sector to the end of another, or, when that has been done,
 * lists the copies. */
static int copy_live(struct files *files, int from, int to, bool list)
{
	size_t offset = (size_t)from * SECTOR + sizeof(struct header);
	size_t target = (size_t)to * SECTOR + sizeof(struct header);
	struct files_record record;
	size_t size;

	while ((size = files_list_next(files, offset, &record)) > 0) {
		int index = record.dead == FILES_BLANK
				    ? files_list_find(files, files_list_key_of(&record))
				    : -1;
		int err = 0;

		if (index >= 0 && files_list_place(files, index) == offset) {
			if (list)
				files_list_move(files, index, target);
			else
				err = copy_bytes(files, offset, target, size);
			target += size;
		}
		if (err < 0)
			return err;
		offset += size;
	}
	files->used[to] = (uint16_t)(target - (size_t)to * SECTOR);
	return 0;
}

/* Cleans the sector with the least in it, so that len bytes have room. */
static int clean_sector(struct files *files, size_t len)
{
	int to = files_sectors_find_free(files);
	int from = find_victim(files);
	struct header header;
	int err;

	if (to < 0 || from < 0 || !read_header(files, from, &header) ||
		sizeof(header) + files->live[from] + len > SECTOR)
		return -ENOSPC;
	err = files_sectors_begin(files, to, header.seq, false, false);
	if (err == 0)
		err = copy_live(files, from, to, false);
	if (err == 0)
		err = files_sectors_commit(files, to);
	if (err < 0) {
		files->used[to] = 0;
		files->tidied = false;
		return err;
	}
	err = copy_live(files, from, to, true);
	files->used[from] = 0;
	return err;
}

/* A sector with len blank bytes behind its last record; never the last free one. */
static int find_room(struct files *files, size_t len)
{
	bool spare = count_free(files) >= 2;

	for (int i = 0; i < files->sectors; i++) {
		if (files->used[i] == 0 || files->used[i] + len > SECTOR ||
			(files->live[i] == 0 && !spare))
			continue;
		if (is_blank(files, (size_t)i * SECTOR + files->used[i], len))
			return i;
		/* power failed in a write here */
		files->used[i] = SECTOR;
	}
	return -1;
}

int files_sectors_make_room(struct files *files, size_t len, int *ret_sector)
{
	int sector = find_room(files, len);
	int err;

	if (sector < 0 && count_free(files) >= 2) {
		sector = files_sectors_find_free(files);
		err = files_sectors_begin(files, sector, 0, false, true);
		if (err < 0)
			return err;
	} else if (sector < 0) {
		err = clean_sector(files, len);
		if (err < 0)
			return err;
		sector = find_room(files, len);
	}
	if (sector < 0)
		return -EIO;
	*ret_sector = sector;
	return 0;
}
