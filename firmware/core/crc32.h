/* SPDX-License-Identifier: MIT
 *
 * CRC-32 (IEEE 802.3, reflected).
 */
#ifndef WIPY_FIRMWARE_CRC32_H
#define WIPY_FIRMWARE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *data, size_t len);
/* Goes on from the checksum of what came before; 0 at the start. */
uint32_t crc32_more(uint32_t crc, const void *data, size_t len);

#endif
