/* SPDX-License-Identifier: MIT
 *
 * Records on flash and the list of those that are live. For files_store.c and
 * files_sectors.c; files_node.c, files_tree.c and files_check.c look records up here.
 */
#ifndef WIPY_FIRMWARE_FILES_LIST_H
#define WIPY_FIRMWARE_FILES_LIST_H

#include "firmware/core/files.h"

#define FILES_BLANK       0xFFFFFFFFu
#define FILES_RECORD_MAX  FILES_CLUSTER /* payload */
#define FILES_LIST_ID_END 0xFFFF

/* On flash; the payload follows, up to a multiple of 4. */
struct files_record {
	uint32_t dead; /* as erased: it counts */
	uint32_t crc;  /* of what stands behind, and the payload */
	uint16_t len;
	uint16_t id;
	uint16_t part;
	uint16_t reserved;
};

#define FILES_RECORD_SIZE_MAX (sizeof(struct files_record) + FILES_RECORD_MAX)

/* Bytes on flash that a payload of len takes. */
size_t files_list_size(size_t len);

/* Flash, by offset in the area. What cannot be read is filled with zeros, and nothing is
 * written any more before the next mount. -EIO. */
int files_list_read(struct files *files, size_t offset, void *buf, size_t len);
int files_list_write(struct files *files, size_t offset, const void *buf,
	size_t len) HAL_WARN_UNUSED;
struct files_record files_list_record(struct files *files, size_t offset);
/* The record at an offset. Returns its size, 0 behind the last one of the sector; a torn
 * one ends the sector, since nobody knows where it ends. */
size_t files_list_next(
	struct files *files, size_t offset, struct files_record *ret_record);

/* The key of a node (part 0) or a cluster of a file (part 1 is the first). Keys sort
 * nodes first, by id, then clusters by id and part. 0 < id < FILES_LIST_ID_END. */
uint32_t files_list_key(uint16_t id, uint16_t part);
uint16_t files_list_key_id(uint32_t key);
uint16_t files_list_key_part(uint32_t key);
uint32_t files_list_key_of(const struct files_record *record);

/* Where a key is listed, or where it would be: an index from 0 to nodes + parts. */
int files_list_seek(struct files *files, uint32_t key);
/* Whether it is listed at the index that files_list_seek() has given. */
bool files_list_is_at(struct files *files, int index, uint32_t key);
/* The index, -1 where it is not listed. */
int files_list_find(struct files *files, uint32_t key);
/* Whether this record, at this offset, is listed. */
bool files_list_has(
	struct files *files, const struct files_record *record, size_t offset);
uint32_t files_list_key_at(struct files *files, int index);
/* Its offset. */
size_t files_list_place(const struct files *files, int index);

/* Lists a record at the index that files_list_seek() has given. */
void files_list_add(struct files *files, int index, size_t offset);
void files_list_move(struct files *files, int index, size_t offset);
/* Takes it off the list only; the next tidying ends it. */
void files_list_forget(struct files *files, int index);

#endif
