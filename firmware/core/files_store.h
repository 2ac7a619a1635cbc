/* SPDX-License-Identifier: MIT
 *
 * Records on flash for the file system: put, found, read and ended by key. Whatever
 * moment power fails at, a record is there in its old version, in its new one, or, when
 * it was being ended, there or not. How flash is laid out is told in files_store.c.
 */
#ifndef WIPY_FIRMWARE_FILES_STORE_H
#define WIPY_FIRMWARE_FILES_STORE_H

#include "firmware/core/files.h"

/* Reads what is there. Memory only is changed. -EIO, -ENODEV (too small an area). */
int files_store_mount(struct files *files) HAL_WARN_UNUSED;
/* Must come before the first change after a mount or an error: ends the records that a
 * power cut has left and nobody lists. -EIO. */
int files_store_tidy(struct files *files) HAL_WARN_UNUSED;

/* Returns the bytes read, fewer than len where the record ends. -EIO. */
int files_store_read(struct files *files, int index, size_t offset, void *buf,
	size_t len) HAL_WARN_UNUSED;

/* Writes a record, in place of one with the same key. `payload` is readable up to the
 * next multiple of 4. 0 < len <= FILES_RECORD_MAX. -ENOSPC, -EIO. */
int files_store_put(struct files *files, uint32_t key, const void *payload,
	size_t len) HAL_WARN_UNUSED;
/* Ends a record. It is not listed any more, whatever is returned. -EIO. */
int files_store_end(struct files *files, int index) HAL_WARN_UNUSED;
/* A format: begin, then records with keys in any order, then commit, which makes them
 * the whole contents. Before that the old contents are untouched. The list knows the
 * new records after the next mount. */
int files_store_format_begin(struct files *files, uint16_t *ret_sector) HAL_WARN_UNUSED;
int files_store_format_put(struct files *files, uint16_t sector, uint32_t key,
	const void *payload, size_t len) HAL_WARN_UNUSED;
int files_store_format_commit(struct files *files, uint16_t sector) HAL_WARN_UNUSED;

/* Whether nodes may take len bytes (files_list_size()) more. */
bool files_store_has_room(const struct files *files, size_t len);

#endif
