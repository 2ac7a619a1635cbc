/* SPDX-License-Identifier: MIT
 *
 * Nodes: a file or folder is one record, what a file holds are records of its own.
 * Where flash says nothing the nodes are those of a fresh board.
 */
#ifndef WIPY_FIRMWARE_FILES_NODE_H
#define WIPY_FIRMWARE_FILES_NODE_H

#include "firmware/core/files.h"

#define FILES_ROOT                0      /* the id of /flash */
#define FILES_VOLUMES             0xFFFF /* the id of / */
#define FILES_FOLDER_CLUSTERS_MAX 32
#define FILES_FRESH_TIME_S        473385600u /* 2015-01-01 */

struct files_node {
	uint16_t id;
	uint16_t parent;
	uint16_t place; /* the first of its places in the folder */
	bool is_folder;
	uint8_t name_len;
	uint32_t size; /* of a folder: the bytes that its clusters have */
	uint32_t modified_s;
};

/* Nodes by number, from 0 to the count, sorted by id. A number holds until nodes come
 * or go. False: there is nothing of sense. */
int files_node_count(const struct files *files);
bool files_node_at(struct files *files, int number, struct files_node *ret_node);
void files_node_name_at(struct files *files, int number, const struct files_node *node,
	char ret_name[FILES_NAME_MAX + 1]);

/* By id: the number, -1. */
int files_node_number(struct files *files, uint16_t id);
/* -ENOENT. */
int files_node_find(
	struct files *files, uint16_t id, struct files_node *ret_node) HAL_WARN_UNUSED;
/* Also of /flash and /. Filled up with zeros. */
void files_node_name(struct files *files, const struct files_node *node,
	char ret_name[FILES_NAME_MAX + 1]);

/* Whether one more with a name of this length fits the store. */
bool files_node_has_room(const struct files *files, size_t name_len);
/* Writes it, in place of one with the same id. -ENOSPC, -EIO. */
int files_node_put(struct files *files, const struct files_node *node,
	const char *name) HAL_WARN_UNUSED;

/* Bytes of a cluster of a file, from its offset on; returns how many, -EIO. */
int files_node_read(struct files *files, uint16_t id, uint16_t part, size_t offset,
	void *buf, size_t len) HAL_WARN_UNUSED;

/* The clusters that a fresh board's files and folders take. */
int files_node_fresh_clusters(const struct files *files);
/* The contents of a fresh board, on flash. -EIO. */
int files_node_format(struct files *files) HAL_WARN_UNUSED;

#endif
