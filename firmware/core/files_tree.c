/* SPDX-License-Identifier: MIT
 *
 * The folders. A name takes places in its folder as on FAT: one where it is a plain
 * 8.3 name, else one more and one for each 13 characters; the first gap that is large
 * enough. /flash has 512 places and takes no cluster; another folder has 16 a cluster,
 * two of them taken from the start, grows to 512 and never shrinks.
 */
#include "firmware/core/files_tree.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/files_list.h"
#include "firmware/core/files_name.h"
#include "firmware/core/files_store.h"

#define PLACES_A_CLUSTER 16
#define FOLDER_PLACES    (PLACES_A_CLUSTER * FILES_FOLDER_CLUSTERS_MAX)
#define PLACES_TAKEN     2 /* "." and ".." */

/* ---- looking ------------------------------------------------------------------ */

static bool has_name(struct files *files, int number, const struct files_node *node,
	const char *name, size_t len)
{
	char own[FILES_NAME_MAX + 1];

	if (node->name_len != len)
		return false;
	files_node_name_at(files, number, node, own);
	return files_name_is_same(own, name, len);
}

static bool find_name(struct files *files, uint16_t folder, const char *name,
	size_t len, struct files_node *ret_node)
{
	struct files_node node;

	for (int i = 0; i < files_node_count(files); i++) {
		if (files_node_at(files, i, &node) && node.parent == folder &&
			has_name(files, i, &node, name, len)) {
			*ret_node = node;
			return true;
		}
	}
	return false;
}

bool files_tree_next(struct files *files, uint16_t folder, uint32_t from,
	struct files_node *ret_node)
{
	uint32_t best = 0;
	struct files_node node;
	bool found = false;

	for (int i = 0; i < files_node_count(files); i++) {
		uint32_t at;

		if (!files_node_at(files, i, &node) || node.parent != folder)
			continue;
		at = (uint32_t)node.place << 16 | node.id;
		if (at >= from && (!found || at < best)) {
			*ret_node = node;
			best = at;
			found = true;
		}
	}
	return found;
}

/* ---- paths -------------------------------------------------------------------- */

static const struct files_node root = {.id = FILES_ROOT,
	.parent = FILES_VOLUMES,
	.is_folder = true,
	.name_len = 5,
	.modified_s = FILES_FRESH_TIME_S};
static const struct files_node volumes = {
	.id = FILES_VOLUMES, .parent = FILES_VOLUMES, .is_folder = true, .name_len = 1};

int files_tree_look(struct files *files, const char *path, struct files_look *ret_look)
{
	static const char volume[] = "/flash";
	struct files_look look = {.found = true, .node = root, .folder = volumes};

	if (strcmp(path, "/") == 0) {
		look.node = volumes;
		*ret_look = look;
		return 0;
	}
	if (strncmp(path, volume, strlen(volume)) != 0)
		return -ENOENT;
	path += strlen(volume);
	if (*path && *path != '/')
		return -ENOENT;
	for (;;) {
		const char *name;
		size_t len;

		path = files_name_next(path, &name, &len);
		if (!*name)
			break;
		if (!look.found || !look.node.is_folder)
			return -ENOENT;
		look.folder = look.node;
		look.name = name;
		look.name_len = len;
		look.found = find_name(files, look.folder.id, name, len, &look.node);
	}
	*ret_look = look;
	return 0;
}

/* ---- places ------------------------------------------------------------------- */

/* The first `count` places side by side, -ENOSPC. */
static int find_places(struct files *files, uint16_t folder, int count)
{
	uint8_t taken[FOLDER_PLACES / 8] = {0};
	char name[FILES_NAME_MAX + 1];
	struct files_node node;
	int run = 0;

	if (folder != FILES_ROOT)
		taken[0] = (1u << PLACES_TAKEN) - 1;
	for (int i = 0; i < files_node_count(files); i++) {
		int end;

		if (!files_node_at(files, i, &node) || node.parent != folder)
			continue;
		files_node_name_at(files, i, &node, name);
		end = node.place + files_name_places(name, node.name_len);
		for (int at = node.place; at < end && at < FOLDER_PLACES; at++)
			taken[at / 8] |= (uint8_t)(1u << at % 8);
	}
	for (int at = 0; at < FOLDER_PLACES; at++) {
		run = taken[at / 8] & 1u << at % 8 ? 0 : run + 1;
		if (run == count)
			return at + 1 - count;
	}
	return -ENOSPC;
}

int files_tree_update(struct files *files, const struct files_node *node)
{
	char name[FILES_NAME_MAX + 1];

	files_node_name(files, node, name);
	return files_node_put(files, node, name);
}

/* A folder gets the clusters that this many places need. */
static int grow_folder(struct files *files, const struct files_node *folder, int places)
{
	struct files_node grown = *folder;
	int have = (int)(folder->size / FILES_CLUSTER);
	int want = (places + PLACES_A_CLUSTER - 1) / PLACES_A_CLUSTER;
	int err;

	if (folder->id == FILES_ROOT || want <= have)
		return 0;
	if (want - have > files_tree_clusters_free(files))
		return -ENOSPC;
	grown.size = (uint32_t)want * FILES_CLUSTER;
	err = files_tree_update(files, &grown);
	if (err == 0)
		files->folder_clusters =
			(uint16_t)(files->folder_clusters + want - have);
	return err;
}

/* Finds room for what `look` did not find. Returns its place, -EINVAL, -ENOSPC, -EIO. */
static int take_places(struct files *files, const struct files_look *look)
{
	int count, place, err;

	if (look->folder.id == FILES_VOLUMES ||
		!files_name_is_valid(look->name, look->name_len))
		return -EINVAL;
	count = files_name_places(look->name, look->name_len);
	place = find_places(files, look->folder.id, count);
	if (place < 0)
		return place;
	err = grow_folder(files, &look->folder, place + count);
	return err < 0 ? err : place;
}

uint16_t files_tree_clusters_free(const struct files *files)
{
	int taken = files->parts + files->folder_clusters + files->buffer.is_new;

	if (files->fresh)
		taken += files_node_fresh_clusters(files);
	return (uint16_t)(taken < files->clusters ? files->clusters - taken : 0);
}

/* ---- changes ------------------------------------------------------------------ */

static uint32_t now_s(const struct files *files)
{
	int64_t now = hal_rtc_s(files->hal);

	/* two seconds are the unit of FAT */
	return now > 0 && now < UINT32_MAX ? (uint32_t)now & ~1u : 0;
}

int files_tree_touch(struct files *files, struct files_node *node)
{
	node->modified_s = now_s(files);
	return files_tree_update(files, node);
}

/* The lowest that is free. */
static uint16_t find_id(struct files *files)
{
	uint16_t id = 1;

	for (int i = 0; i < files->nodes; i++, id++)
		if (files_list_key_id(files_list_key_at(files, i)) != id)
			break;
	return id;
}

int files_tree_create(struct files *files, const struct files_look *look,
	bool is_folder, struct files_node *ret_node)
{
	struct files_node node = {.id = find_id(files),
		.parent = look->folder.id,
		.is_folder = is_folder,
		.name_len = (uint8_t)look->name_len,
		.size = is_folder ? FILES_CLUSTER : 0,
		.modified_s = now_s(files)};
	int place, err;

	if (!files_node_has_room(files, look->name_len) ||
		(is_folder && files_tree_clusters_free(files) == 0))
		return -ENOSPC;
	place = take_places(files, look);
	if (place < 0)
		return place;
	if (is_folder && files_tree_clusters_free(files) == 0)
		return -ENOSPC;
	node.place = (uint16_t)place;
	err = files_node_put(files, &node, look->name);
	if (err < 0)
		return err;
	files->folder_clusters = (uint16_t)(files->folder_clusters + is_folder);
	*ret_node = node;
	return 0;
}

int files_tree_move(struct files *files, const struct files_node *node,
	const struct files_look *look)
{
	struct files_node moved = *node;
	int place;

	if (!files_node_has_room(files, look->name_len))
		return -ENOSPC;
	place = take_places(files, look);
	if (place < 0)
		return place;
	moved.parent = look->folder.id;
	moved.place = (uint16_t)place;
	moved.name_len = (uint8_t)look->name_len;
	return files_node_put(files, &moved, look->name);
}

int files_tree_trim(struct files *files, uint16_t id, uint32_t size)
{
	uint32_t clusters = (size + FILES_CLUSTER - 1) / FILES_CLUSTER;
	int result = 0;

	for (;;) {
		int index = files_list_seek(
			files, files_list_key(id, (uint16_t)(clusters + 1)));
		int err;

		if (index == files->nodes + files->parts ||
			files_list_key_id(files_list_key_at(files, index)) != id)
			return result;
		err = files_store_end(files, index);
		result = err < 0 ? err : result;
	}
}

int files_tree_remove(struct files *files, const struct files_node *node)
{
	int index = files_list_find(files, files_list_key(node->id, 0));
	int err, rest;

	if (index < 0)
		return -EIO;
	err = files_store_end(files, index);
	if (node->is_folder)
		files->folder_clusters =
			(uint16_t)(files->folder_clusters - node->size / FILES_CLUSTER);
	rest = files_tree_trim(files, node->id, 0);
	return err < 0 ? err : rest;
}
