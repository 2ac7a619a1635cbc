/* SPDX-License-Identifier: MIT
 *
 * Names and folders: nodes by path, places in a folder as on FAT.
 */
#ifndef WIPY_FIRMWARE_FILES_TREE_H
#define WIPY_FIRMWARE_FILES_TREE_H

#include "firmware/core/files_node.h"

/* What a path leads to. */
struct files_look {
	bool found;
	struct files_node node;   /* if it was found */
	struct files_node folder; /* that its last part lies in, or would */
	const char *name;         /* the last part, in the path; not of / and /flash */
	size_t name_len;
};

/* -ENOENT unless all folders on the way are there. */
int files_tree_look(struct files *files, const char *path,
	struct files_look *ret_look) HAL_WARN_UNUSED;
/* The node in this folder with the lowest place and id from `from` on (the place in
 * the upper half, the id in the lower). */
bool files_tree_next(struct files *files, uint16_t folder, uint32_t from,
	struct files_node *ret_node);

/* Makes what `look` did not find. -EINVAL (the name), -ENOSPC, -EIO. */
int files_tree_create(struct files *files, const struct files_look *look,
	bool is_folder, struct files_node *ret_node) HAL_WARN_UNUSED;
/* Gives a node the place and name that `look` did not find. As above. */
int files_tree_move(struct files *files, const struct files_node *node,
	const struct files_look *look) HAL_WARN_UNUSED;
/* Writes a node whose size has changed; "touch" gives it the present time too. -EIO. */
int files_tree_update(
	struct files *files, const struct files_node *node) HAL_WARN_UNUSED;
int files_tree_touch(struct files *files, struct files_node *node) HAL_WARN_UNUSED;
/* Ends a node and its clusters. -EIO. */
int files_tree_remove(
	struct files *files, const struct files_node *node) HAL_WARN_UNUSED;
/* Ends the clusters of a file behind this size. Whatever is returned, they are not
 * listed any more. -EIO. */
int files_tree_trim(struct files *files, uint16_t id, uint32_t size) HAL_WARN_UNUSED;

uint16_t files_tree_clusters_free(const struct files *files);

#endif
