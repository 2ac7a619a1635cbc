/* SPDX-License-Identifier: MIT
 *
 * Words, little endian:
 *
 *     0 active   4 status   8 previous   12 size   16 safe boot
 *     20 signature, 16 bytes, not used   36 CRC of 0..35
 */
#include "firmware/core/boot_info.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/crc32.h"

#define CRC_AT    36
#define SAFE_AT   16
#define CRC_START 0xFFFFFFFFu /* to go on from, as the chip's ROM routine is called */

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* A word in a byte: what does not fit is unknown, and no known value is 255. */
static uint8_t narrow(uint32_t value)
{
	return value < UINT8_MAX ? (uint8_t)value : UINT8_MAX;
}

int boot_info_decode(const uint8_t bytes[BOOT_INFO_LEN], struct boot_record *ret_record)
{
	if (get_u32(bytes + CRC_AT) != crc32_more(CRC_START, bytes, CRC_AT) ||
		get_u32(bytes + 4) == UINT32_MAX)
		return -ENOENT;
	*ret_record = (struct boot_record){
		.active = narrow(get_u32(bytes)),
		.status = narrow(get_u32(bytes + 4)),
		.previous = narrow(get_u32(bytes + 8)),
		.extra = narrow(get_u32(bytes + SAFE_AT)),
	};
	return 0;
}

void boot_info_encode(
	const struct boot_record *record, uint8_t ret_bytes[BOOT_INFO_LEN])
{
	memset(ret_bytes, 0, BOOT_INFO_LEN);
	put_u32(ret_bytes, record->active);
	put_u32(ret_bytes + 4, record->status);
	put_u32(ret_bytes + 8, record->previous);
	put_u32(ret_bytes + SAFE_AT, record->extra);
	put_u32(ret_bytes + CRC_AT, crc32_more(CRC_START, ret_bytes, CRC_AT));
}

int boot_info_read(struct hal *hal, struct boot_record *ret_record)
{
	uint8_t bytes[BOOT_INFO_LEN];
	int err = hal_flash_read(hal, HAL_AREA_RECORD, 0, bytes, sizeof(bytes));

	return err < 0 ? err : boot_info_decode(bytes, ret_record);
}

int boot_info_write(struct hal *hal, const struct boot_record *record)
{
	uint8_t bytes[BOOT_INFO_LEN];
	int err = hal_flash_erase(hal, HAL_AREA_RECORD, 0, HAL_FLASH_SECTOR);

	boot_info_encode(record, bytes);
	return err < 0 ? err
		       : hal_flash_write(hal, HAL_AREA_RECORD, 0, bytes, sizeof(bytes));
}

int boot_info_request_safe(struct hal *hal)
{
	struct boot_record record;
	int err = boot_info_read(hal, &record);

	if (err < 0)
		return err;
	record.extra = BOOT_INFO_SAFE_REQUESTED;
	return boot_info_write(hal, &record);
}
