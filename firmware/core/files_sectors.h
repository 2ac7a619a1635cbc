/* SPDX-License-Identifier: MIT
 *
 * Sectors for the file system: which ones count, where the next record goes, cleaning.
 * For files_store.c, which tells how flash is laid out.
 */
#ifndef WIPY_FIRMWARE_FILES_SECTORS_H
#define WIPY_FIRMWARE_FILES_SECTORS_H

#include "firmware/core/files.h"

/* Bytes of a sector that are not for records. */
#define FILES_SECTOR_HEADER 24

/* After power has come: says in `used` which sectors count, as if no record was there. */
void files_sectors_choose(struct files *files);

/* What may be live in all without cleaning coming to a stop; two records are written
 * before the ones that they replace are ended. */
size_t files_sectors_live_max(const struct files *files);

/* A sector with len blank bytes at `used`. -ENOSPC, -EIO. */
int files_sectors_make_room(
	struct files *files, size_t len, int *ret_sector) HAL_WARN_UNUSED;

/* The next one that may be erased, -1 if there is none. */
int files_sectors_find_free(const struct files *files);
/* Makes an erased sector with a header of it, which counts when it is committed. -EIO. */
int files_sectors_begin(struct files *files, int sector, uint32_t replaces,
	bool is_format, bool commit) HAL_WARN_UNUSED;
int files_sectors_commit(struct files *files, int sector) HAL_WARN_UNUSED;

#endif
