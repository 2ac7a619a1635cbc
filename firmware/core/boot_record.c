/* SPDX-License-Identifier: MIT
 *
 * Two copies of the boot record on flash, one a sector:
 *
 *     0 magic   4 sequence   8 the record's four bytes   12 CRC-32 of 0..11
 */
#include "firmware/core/boot_record.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/boot_info.h"
#include "firmware/core/crc32.h"

#define COPY_MAGIC 0x52544F42u /* "BOTR": erased flash must not look like a record */
#define COPIES     2

struct copy {
	uint32_t magic;
	uint32_t sequence;
	uint8_t bytes[BOOT_RECORD_LEN];
	uint32_t crc;
};

enum boot_slot boot_record_slot(uint8_t value)
{
	return value < BOOT_SLOT_COUNT ? (enum boot_slot)value : BOOT_FACTORY;
}

enum hal_area boot_record_area(enum boot_slot slot)
{
	static const enum hal_area areas[BOOT_SLOT_COUNT] = {
		[BOOT_FACTORY] = HAL_AREA_FACTORY,
		[BOOT_UPDATE1] = HAL_AREA_UPDATE1,
		[BOOT_UPDATE2] = HAL_AREA_UPDATE2,
	};

	return areas[slot];
}

bool boot_record_equal(const struct boot_record *a, const struct boot_record *b)
{
	return a->active == b->active && a->status == b->status &&
	       a->previous == b->previous && a->extra == b->extra;
}

void boot_record_decode(
	const uint8_t *bytes, size_t len, struct boot_record *ret_record)
{
	uint8_t all[BOOT_RECORD_LEN] = {0};

	memcpy(all, bytes, len < sizeof(all) ? len : sizeof(all));
	*ret_record = (struct boot_record){all[0], all[1], all[2], all[3]};
}

void boot_record_encode(
	const struct boot_record *record, uint8_t ret_bytes[BOOT_RECORD_LEN])
{
	ret_bytes[0] = record->active;
	ret_bytes[1] = record->status;
	ret_bytes[2] = record->previous;
	ret_bytes[3] = record->extra;
}

/* Reads copy k. -ENOENT: it is not whole. */
static int read_copy(struct hal *hal, int k, struct copy *ret_copy)
{
	struct copy copy;
	int err = hal_flash_read(hal, HAL_AREA_RECORD, (size_t)k * HAL_FLASH_SECTOR,
		&copy, sizeof(copy));

	if (err < 0)
		return err;
	if (copy.magic != COPY_MAGIC ||
		copy.crc != crc32_of(&copy, offsetof(struct copy, crc)))
		return -ENOENT;
	*ret_copy = copy;
	return 0;
}

/* The newest whole copy: its number, or -ENOENT. A copy that cannot be read may be the
 * newest: then nobody knows, and the flash's error is returned. */
static int newest_copy(struct hal *hal, struct copy *ret_copy)
{
	struct copy copies[COPIES];
	bool whole[COPIES];
	int newest = -ENOENT;

	for (int k = 0; k < COPIES; k++) {
		int err = read_copy(hal, k, &copies[k]);

		if (err < 0 && err != -ENOENT)
			return err;
		whole[k] = err == 0;
		/* the difference, not the numbers: the sequence may wrap */
		if (whole[k] && (newest < 0 || (int32_t)(copies[k].sequence -
							 copies[newest].sequence) > 0))
			newest = k;
	}
	if (newest >= 0)
		*ret_copy = copies[newest];
	return newest;
}

int boot_record_read(struct hal *hal, struct boot_record *ret_record)
{
	struct copy copy;
	int k = newest_copy(hal, &copy);

	if (k < 0)
		return k;
	boot_record_decode(copy.bytes, sizeof(copy.bytes), ret_record);
	return 0;
}

int boot_record_write(struct hal *hal, const struct boot_record *record)
{
	struct copy copy = {.magic = COPY_MAGIC};
	struct copy old = {0};
	int k = newest_copy(hal, &old);
	size_t offset = k == 0 ? HAL_FLASH_SECTOR : 0;
	int err;

	if (k < 0 && k != -ENOENT)
		return k;
	copy.sequence = old.sequence + 1;
	boot_record_encode(record, copy.bytes);
	copy.crc = crc32_of(&copy, offsetof(struct copy, crc));
	err = hal_flash_erase(hal, HAL_AREA_RECORD, offset, HAL_FLASH_SECTOR);
	if (err < 0)
		return err;
	return hal_flash_write(hal, HAL_AREA_RECORD, offset, &copy, sizeof(copy));
}

int boot_record_load(
	struct hal *hal, enum wipy_boot_kind kind, struct boot_record *ret_record)
{
	return kind == WIPY_BOOT_PYCOM ? boot_info_read(hal, ret_record)
				       : boot_record_read(hal, ret_record);
}

int boot_record_save(
	struct hal *hal, enum wipy_boot_kind kind, const struct boot_record *record)
{
	return kind == WIPY_BOOT_PYCOM ? boot_info_write(hal, record)
				       : boot_record_write(hal, record);
}
