/* SPDX-License-Identifier: MIT
 *
 * Service pack and certificates on flash.
 */
#include "firmware/core/aux_store.h"

#include <errno.h>
#include <string.h>

#define HEADER_MAGIC 0x31585541u /* "AUX1" */

struct header {
	uint32_t magic;
	uint32_t len;
	uint32_t len_inverted;
	uint32_t unused; /* erased */
};

_Static_assert(sizeof(struct header) == 16, "header layout");

static size_t place_size(const struct wipy_special *row)
{
	size_t len = sizeof(struct header) + row->max + HAL_FLASH_SECTOR - 1;

	return len - len % HAL_FLASH_SECTOR;
}

/* Places follow one another in the order of the rows. */
static int find_place(struct hal *hal, const struct wipy_personality *personality,
	const struct wipy_special *special, size_t *ret_offset)
{
	size_t offset = 0;

	for (const struct wipy_special *row = personality->specials; row != special;
		row++)
		if (row->kind == WIPY_SPECIAL_AUX)
			offset += place_size(row);
	if (offset + place_size(special) > hal_flash_size(hal, HAL_AREA_AUX))
		return -ENOSPC;
	*ret_offset = offset;
	return 0;
}

int aux_open(struct aux_writer *writer, struct hal *hal,
	const struct wipy_personality *personality, const struct wipy_special *special)
{
	size_t place = 0;
	int err = find_place(hal, personality, special, &place);

	if (err < 0)
		return err;
	err = hal_flash_erase(hal, HAL_AREA_AUX, place, HAL_FLASH_SECTOR);
	if (err < 0)
		return err;
	*writer =
		(struct aux_writer){.open = true, .place = place, .max = special->max};
	return 0;
}

/* What lies in one sector, which is erased before its first byte. */
static int program_piece(
	struct aux_writer *writer, struct hal *hal, const uint8_t *bytes, size_t len)
{
	size_t offset = writer->place + sizeof(struct header) + writer->written_len;
	int err = 0;

	if (offset % HAL_FLASH_SECTOR == 0)
		err = hal_flash_erase(hal, HAL_AREA_AUX, offset, HAL_FLASH_SECTOR);
	return err < 0 ? err : hal_flash_write(hal, HAL_AREA_AUX, offset, bytes, len);
}

static int program(
	struct aux_writer *writer, struct hal *hal, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t at = sizeof(struct header) + writer->written_len;
		size_t n = HAL_FLASH_SECTOR - at % HAL_FLASH_SECTOR;
		int err;

		if (n > len)
			n = len;
		err = program_piece(writer, hal, bytes, n);
		if (err < 0) {
			writer->broken = true;
			return err;
		}
		writer->written_len += n;
		bytes += n;
		len -= n;
	}
	return 0;
}

int aux_append(
	struct aux_writer *writer, struct hal *hal, const uint8_t *bytes, size_t len)
{
	if (writer->broken)
		return -EIO;
	if (len > writer->max - writer->written_len - writer->tail_len) {
		writer->broken = true;
		return -EFBIG;
	}
	while (len > 0) {
		size_t n = len & ~(size_t)3;
		int err = 0;

		if (writer->tail_len == 0 && n > 0) {
			err = program(writer, hal, bytes, n);
		} else {
			n = 1;
			writer->tail[writer->tail_len++] = *bytes;
		}
		if (writer->tail_len == sizeof(writer->tail)) {
			writer->tail_len = 0;
			err = program(writer, hal, writer->tail, sizeof(writer->tail));
		}
		if (err < 0)
			return err;
		bytes += n;
		len -= n;
	}
	return 0;
}

int aux_close(struct aux_writer *writer, struct hal *hal)
{
	struct header header = {.magic = HEADER_MAGIC, .unused = 0xFFFFFFFFu};
	size_t tail_len = writer->tail_len;

	if (!writer->open)
		return 0;
	writer->open = false;
	header.len = (uint32_t)(writer->written_len + tail_len);
	header.len_inverted = ~header.len;
	if (tail_len > 0 && !writer->broken) {
		memset(writer->tail + tail_len, 0xFF, sizeof(writer->tail) - tail_len);
		(void)!program(writer, hal, writer->tail, sizeof(writer->tail));
	}
	if (writer->broken)
		return -EIO;
	return hal_flash_write(
		hal, HAL_AREA_AUX, writer->place, &header, sizeof(header));
}
