/* SPDX-License-Identifier: MIT
 *
 * Flash as a serial programmer sees it: contents put there and looked at by hand.
 */
#include "config.h"

#include "firmware/ports/linux/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR ((size_t)HAL_FLASH_SECTOR)

static int fail(struct errtext *error, int code, const char *what, const char *name)
{
	snprintf(error->text, sizeof(error->text), "%s %s: %s", what, name,
		wipy_strerror(code));
	return code;
}

int flash_erase_by_hand(struct hal *hal, enum hal_area area)
{
	int err;

	hal->by_hand = true;
	err = hal_flash_erase(hal, area, 0, hal->fleet->sizes[area]);
	hal->by_hand = false;
	flash_rest(hal);
	return err;
}

/* A header that says opened and nothing else. */
static int tear(struct hal *hal, enum hal_area area)
{
	uint8_t header[SLOT_HEADER_BYTES];
	int err = slot_delete(hal, area);

	slot_header(0, header);
	return err < 0 ? err : hal_flash_write(hal, area, 0, header, sizeof(uint32_t));
}

static int write_slot(
	struct hal *hal, enum hal_area area, const uint8_t *bytes, size_t len)
{
	struct slot_writer writer;
	int err = slot_open(
		&writer, hal, area, hal->fleet->sizes[area] - SLOT_HEADER_LEN);

	if (err == 0)
		err = slot_append(&writer, hal, bytes, len);
	return err < 0 ? err : slot_close(&writer, hal);
}

int flash_put_slot(struct hal *hal, enum hal_area area, const char *what,
	struct errtext *ret_error)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	int err = 0;

	if (hal->fleet->sizes[area] == 0)
		return fail(ret_error, -EINVAL, "this family has no such slot:", what);
	if (strcmp(what, "absent") != 0 && strcmp(what, "torn") != 0)
		err = flash_read_file(hal->fleet, AT_FDCWD, what, &bytes, &len);
	if (err < 0)
		return fail(ret_error, err, "cannot read", what);
	hal->by_hand = true;
	err = bytes                       ? write_slot(hal, area, bytes, len)
	      : strcmp(what, "torn") == 0 ? tear(hal, area)
					  : slot_delete(hal, area);
	hal->by_hand = false;
	free(bytes);
	flash_rest(hal);
	return err < 0 ? fail(ret_error, err, "cannot write the slot with", what) : 0;
}

size_t flash_used(struct hal *hal, enum hal_area area, size_t from)
{
	uint8_t sector[HAL_FLASH_SECTOR];

	for (size_t end = hal->fleet->sizes[area]; end > from; end -= SECTOR) {
		if (hal_flash_read(hal, area, end - SECTOR, sector, SECTOR) < 0)
			return 0;
		for (size_t i = SECTOR; i > 0; i--)
			if (sector[i - 1] != 0xFF)
				return end - SECTOR + i - from;
	}
	return 0;
}
