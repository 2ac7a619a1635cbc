/* SPDX-License-Identifier: MIT
 *
 * CRC-32, bit by bit.
 */
#include "firmware/core/crc32.h"

uint32_t crc32_more(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0);
	}
	return ~crc;
}

uint32_t crc32_of(const void *data, size_t len)
{
	return crc32_more(0, data, len);
}
