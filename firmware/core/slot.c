/* SPDX-License-Identifier: MIT
 *
 * Image slots. A header sector holds, from its start:
 *
 *     0 magic: opened   4 length: closed   8 the length again, inverted
 *
 * Each word is programmed once, in this order, so every power cut reads as absent,
 * torn or whole and never as something else.
 */
#include "firmware/core/slot.h"

#include <errno.h>
#include <string.h>

#include "common/image.h"

#define HEADER_MAGIC   0x544F4C53u /* "SLOT" */
#define WINDOW_LEN     1024
#define SEARCH_WINDOWS 16 /* a step: 8 KiB, each byte read twice */
#define READ_TRIES     3

_Static_assert(WINDOW_LEN / 2 > WIPY_FINGERPRINT_MAX + sizeof("MicroPython "),
	"half a window must hold a whole text");

struct header {
	uint32_t magic;
	uint32_t len;
	uint32_t len_inverted;
};

_Static_assert(sizeof(struct header) == SLOT_HEADER_BYTES, "header layout");

/* A bus that failed once may work the next time. */
static int read_again(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	int err = -EIO;

	for (int i = 0; i < READ_TRIES && err < 0; i++)
		err = hal_flash_read(hal, area, offset, buf, len);
	return err;
}

enum slot_state slot_state(struct hal *hal, enum hal_area area, size_t *ret_len)
{
	struct header header;
	size_t size = hal_flash_size(hal, area);

	if (size <= SLOT_HEADER_LEN)
		return SLOT_ABSENT;
	if (read_again(hal, area, 0, &header, sizeof(header)) < 0)
		return SLOT_UNREADABLE;
	if (header.magic == 0xFFFFFFFFu)
		return SLOT_ABSENT;
	if (header.magic != HEADER_MAGIC || header.len != ~header.len_inverted ||
		header.len > size - SLOT_HEADER_LEN)
		return SLOT_TORN;
	if (ret_len)
		*ret_len = header.len;
	return SLOT_WHOLE;
}

int slot_read(struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	return read_again(hal, area, SLOT_HEADER_LEN + offset, buf, len);
}

int slot_delete(struct hal *hal, enum hal_area area)
{
	return hal_flash_erase(hal, area, 0, SLOT_HEADER_LEN);
}

void slot_header(size_t len, uint8_t ret_bytes[SLOT_HEADER_BYTES])
{
	struct header header = {HEADER_MAGIC, (uint32_t)len, ~(uint32_t)len};

	memcpy(ret_bytes, &header, sizeof(header));
}

int slot_open(
	struct slot_writer *writer, struct hal *hal, enum hal_area area, size_t max)
{
	uint32_t magic = HEADER_MAGIC;
	size_t size = hal_flash_size(hal, area);
	int err;

	if (size < SLOT_HEADER_LEN + max)
		return -ENOSPC;
	writer->area = area;
	writer->max = max;
	writer->broken = false;
	writer->written_len = 0;
	writer->block_len = 0;
	err = slot_delete(hal, area);
	if (err < 0)
		return err;
	return hal_flash_write(hal, area, 0, &magic, sizeof(magic));
}

/* Programs the block, filled up to a multiple of four with erased bytes. */
static int flush_block(struct slot_writer *writer, struct hal *hal)
{
	size_t offset = SLOT_HEADER_LEN + writer->written_len;
	size_t len = (writer->block_len + 3) & ~(size_t)3;
	int err;

	if (writer->broken)
		return -EIO;
	if (len == 0)
		return 0;
	writer->broken = true; /* until it is done */
	memset(writer->block + writer->block_len, 0xFF, len - writer->block_len);
	if (offset % HAL_FLASH_SECTOR == 0) {
		err = hal_flash_erase(hal, writer->area, offset, HAL_FLASH_SECTOR);
		if (err < 0)
			return err;
	}
	err = hal_flash_write(hal, writer->area, offset, writer->block, len);
	if (err < 0)
		return err;
	writer->broken = false;
	writer->written_len += writer->block_len;
	writer->block_len = 0;
	return 0;
}

int slot_append(
	struct slot_writer *writer, struct hal *hal, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t taken_len = writer->written_len + writer->block_len;
		size_t room = SLOT_BLOCK - writer->block_len;
		size_t n = len < room ? len : room;
		int err;

		if (taken_len == writer->max)
			return -EFBIG;
		if (n > writer->max - taken_len)
			n = writer->max - taken_len;
		memcpy(writer->block + writer->block_len, bytes, n);
		writer->block_len += n;
		bytes += n;
		len -= n;
		if (writer->block_len < SLOT_BLOCK)
			continue;
		err = flush_block(writer, hal);
		if (err < 0)
			return err;
	}
	return 0;
}

int slot_close(struct slot_writer *writer, struct hal *hal)
{
	uint8_t header[SLOT_HEADER_BYTES];
	int err = flush_block(writer, hal);

	if (err < 0)
		return err;
	slot_header(writer->written_len, header);
	return hal_flash_write(hal, writer->area, sizeof(uint32_t),
		header + sizeof(uint32_t), sizeof(header) - sizeof(uint32_t));
}

int slot_search(struct hal *hal, enum hal_area area, size_t *at,
	struct wipy_fingerprint *ret_fp)
{
	uint8_t window[WINDOW_LEN];
	size_t len;

	if (slot_state(hal, area, &len) != SLOT_WHOLE)
		return WIPY_E_IMAGE_NO_VERSION;
	/* The search takes no text that the window's end cuts off, and half a window is
	 * longer than any text, so each one is whole in some window. */
	for (int i = 0; i < SEARCH_WINDOWS && *at < len; i++, *at += WINDOW_LEN / 2) {
		size_t n = len - *at < sizeof(window) ? len - *at : sizeof(window);
		int err = slot_read(hal, area, *at, window, n);

		if (err < 0)
			return err;
		if (wipy_image_find_fingerprint(window, n, ret_fp) == 0)
			return 0;
	}
	return *at < len ? -EAGAIN : WIPY_E_IMAGE_NO_VERSION;
}

int slot_find_fingerprint(
	struct hal *hal, enum hal_area area, struct wipy_fingerprint *ret_fp)
{
	size_t at = 0;
	int err;

	do
		err = slot_search(hal, area, &at, ret_fp);
	while (err == -EAGAIN);
	return err;
}
