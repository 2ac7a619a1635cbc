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
#include "firmware/core/personality.h"

#define FOLDER_PLACES       512
#define PLACES_A_CLUSTER    16
#define PLACES_TAKEN        2          /* "." and ".." */
#define FRESH_TIME_S        473385600u /* 2015-01-01 */
#define FOLDER_CLUSTERS_MAX (FOLDER_PLACES / PLACES_A_CLUSTER)

/* On flash; the name follows. */
struct image {
	uint16_t parent;
	uint16_t place;
	uint32_t size;
	uint32_t modified_s;
	uint8_t is_folder;
	uint8_t name_len;
	uint16_t reserved;
};

_Static_assert(sizeof(struct image) == 16, "on flash");

/* ---- a fresh board ------------------------------------------------------------ */

enum fresh_text { FRESH_FOLDER, FRESH_MAIN, FRESH_BOOT };

/* In the order in which boards list them (ftp_list of the recordings). */
static const struct fresh {
	const char *name;
	enum fresh_text text;
} fresh_rows[] = {
	{"main.py", FRESH_MAIN},
	{"sys", FRESH_FOLDER},
	{"lib", FRESH_FOLDER},
	{"cert", FRESH_FOLDER},
	{"boot.py", FRESH_BOOT},
};

#define FRESH_ROWS ((int)(sizeof(fresh_rows) / sizeof(fresh_rows[0])))

static const char *fresh_text(const struct files *files, const struct fresh *row)
{
	return row->text == FRESH_MAIN   ? files->personality->fresh_main_py
	       : row->text == FRESH_BOOT ? files->personality->fresh_boot_py
					 : NULL;
}

/* The number of a row is the id of its node less 1; a file without a text is not
 * there. */
static bool fresh_node(
	const struct files *files, int number, struct files_node *ret_node)
{
	const struct fresh *row = &fresh_rows[number];
	const char *text = fresh_text(files, row);
	bool is_folder = row->text == FRESH_FOLDER;

	if (!is_folder && !text)
		return false;
	*ret_node = (struct files_node){.id = (uint16_t)(number + 1),
		.parent = FILES_ROOT,
		.place = (uint16_t)number,
		.is_folder = is_folder,
		.name_len = (uint8_t)strlen(row->name),
		.size = is_folder ? FILES_CLUSTER : (uint32_t)strlen(text),
		.modified_s = FRESH_TIME_S};
	return true;
}

static int fresh_read(
	const struct files *files, uint16_t id, size_t offset, void *buf, size_t len)
{
	const char *text = fresh_text(files, &fresh_rows[id - 1]);
	size_t text_len = text ? strlen(text) : 0;

	if (offset >= text_len)
		return 0;
	if (len > text_len - offset)
		len = text_len - offset;
	memcpy(buf, text + offset, len);
	return (int)len;
}

/* ---- nodes -------------------------------------------------------------------- */

/* How many numbers node_at() takes. */
static int count_nodes(const struct files *files)
{
	return files->fresh ? FRESH_ROWS : files->nodes;
}

static uint32_t at_most(uint32_t value, uint32_t max)
{
	return value < max ? value : max;
}

static bool node_at(struct files *files, int number, struct files_node *ret_node)
{
	struct image image;

	if (files->fresh)
		return fresh_node(files, number, ret_node);
	if (files_store_read(files, number, 0, &image, sizeof(image)) !=
		(int)sizeof(image))
		return false;
	*ret_node = (struct files_node){
		.id = files_list_key_id(files_list_key_at(files, number)),
		.parent = image.parent,
		.place = image.place,
		.is_folder = image.is_folder != 0,
		.name_len = image.name_len,
		.size = at_most(image.size,
			FILES_CLUSTER * (image.is_folder ? FOLDER_CLUSTERS_MAX
							 : FILES_CLUSTERS_MAX)),
		.modified_s = image.modified_s};
	/* id 0: flash cannot be read */
	return ret_node->id > 0 && image.name_len > 0 &&
	       image.name_len <= FILES_NAME_MAX;
}

int files_tree_node(struct files *files, uint16_t id, struct files_node *ret_node)
{
	int number =
		files->fresh ? id - 1 : files_list_find(files, files_list_key(id, 0));

	if (number < 0 || number >= count_nodes(files) ||
		!node_at(files, number, ret_node))
		return -ENOENT;
	return 0;
}

void files_tree_name(struct files *files, const struct files_node *node,
	char ret_name[FILES_NAME_MAX + 1])
{
	int index, n = 0;

	memset(ret_name, 0, FILES_NAME_MAX + 1);
	if (node->id == FILES_VOLUMES || node->id == FILES_ROOT) {
		memcpy(ret_name, node->id == FILES_ROOT ? "flash" : "/",
			node->name_len);
	} else if (files->fresh) {
		memcpy(ret_name, fresh_rows[node->id - 1].name, node->name_len);
	} else {
		index = files_list_find(files, files_list_key(node->id, 0));
		if (index >= 0)
			n = files_store_read(files, index, sizeof(struct image),
				ret_name, node->name_len);
		if (n < 0)
			ret_name[0] = '\0';
	}
}

static int put_node(
	struct files *files, const struct files_node *node, const char *name)
{
	struct image image = {.parent = node->parent,
		.place = node->place,
		.size = node->size,
		.modified_s = node->modified_s,
		.is_folder = node->is_folder,
		.name_len = node->name_len};
	uint8_t payload[sizeof(image) + FILES_NAME_MAX] = {0};

	memcpy(payload, &image, sizeof(image));
	memcpy(payload + sizeof(image), name, node->name_len);
	return files_store_put(files, files_list_key(node->id, 0), payload,
		sizeof(image) + node->name_len);
}

int files_tree_update(struct files *files, const struct files_node *node)
{
	char name[FILES_NAME_MAX + 1];

	files_tree_name(files, node, name);
	return put_node(files, node, name);
}

static bool has_name(struct files *files, const struct files_node *node,
	const char *name, size_t len)
{
	char own[FILES_NAME_MAX + 1];

	if (node->name_len != len)
		return false;
	files_tree_name(files, node, own);
	return files_name_is_same(own, name, len);
}

static bool find_name(struct files *files, uint16_t folder, const char *name,
	size_t len, struct files_node *ret_node)
{
	struct files_node node;

	for (int i = 0; i < count_nodes(files); i++) {
		if (node_at(files, i, &node) && node.parent == folder &&
			has_name(files, &node, name, len)) {
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

	for (int i = 0; i < count_nodes(files); i++) {
		uint32_t at;

		if (!node_at(files, i, &node) || node.parent != folder)
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
	.modified_s = FRESH_TIME_S};
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
	for (int i = 0; i < count_nodes(files); i++) {
		int end;

		if (!node_at(files, i, &node) || node.parent != folder)
			continue;
		files_tree_name(files, &node, name);
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
		for (int i = 0; i < FRESH_ROWS; i++)
			taken += fresh_rows[i].text == FRESH_FOLDER ||
				 fresh_text(files, &fresh_rows[i]) != NULL;
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

	if (!files_store_has_room(
		    files, files_list_size(sizeof(struct image) + look->name_len)) ||
		(is_folder && files_tree_clusters_free(files) == 0))
		return -ENOSPC;
	place = take_places(files, look);
	if (place < 0)
		return place;
	if (is_folder && files_tree_clusters_free(files) == 0)
		return -ENOSPC;
	node.place = (uint16_t)place;
	err = put_node(files, &node, look->name);
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

	if (!files_store_has_room(
		    files, files_list_size(sizeof(struct image) + look->name_len)))
		return -ENOSPC;
	place = take_places(files, look);
	if (place < 0)
		return place;
	moved.parent = look->folder.id;
	moved.place = (uint16_t)place;
	moved.name_len = (uint8_t)look->name_len;
	return put_node(files, &moved, look->name);
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

int files_tree_read(struct files *files, uint16_t id, uint16_t part, size_t offset,
	void *buf, size_t len)
{
	int index;

	if (files->fresh)
		return fresh_read(files, id, offset, buf, len);
	index = files_list_find(files, files_list_key(id, part));
	if (index < 0)
		return -EIO;
	return files_store_read(files, index, offset, buf, len);
}

/* ---- mount and format --------------------------------------------------------- */

static bool is_marked(const uint8_t *marks, int number)
{
	return marks[number / 8] & 1u << number % 8;
}

/* Whether a path can lead to it. */
static bool has_valid_name(struct files *files, const struct files_node *node)
{
	char name[FILES_NAME_MAX + 1];

	files_tree_name(files, node, name);
	return strlen(name) == node->name_len &&
	       files_name_is_valid(name, node->name_len);
}

/* Marks the nodes that are reachable from /flash: what a damaged record says may lead
 * nowhere or in a circle. */
static void mark_reachable(struct files *files, uint8_t *marks)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (int i = 0; i < files->nodes; i++) {
			struct files_node node, parent;
			int at;

			if (is_marked(marks, i) || !node_at(files, i, &node) ||
				!has_valid_name(files, &node))
				continue;
			at = node.parent == FILES_ROOT
				     ? -1
				     : files_list_find(
					       files, files_list_key(node.parent, 0));
			if (node.parent != FILES_ROOT &&
				(at < 0 || at >= files->nodes ||
					!is_marked(marks, at) ||
					!node_at(files, at, &parent) ||
					!parent.is_folder))
				continue;
			marks[i / 8] |= (uint8_t)(1u << i % 8);
			changed = true;
		}
	}
}

static void forget_unreachable(struct files *files)
{
	uint8_t marks[FILES_NODES_MAX / 8] = {0};

	mark_reachable(files, marks);
	for (int i = files->nodes - 1; i >= 0; i--)
		if (!is_marked(marks, i))
			files_list_forget(files, i);
}

/* Clusters behind the end of a file, and of files that are not there. */
static void forget_stray_parts(struct files *files)
{
	for (int i = files->nodes + files->parts - 1; i >= files->nodes; i--) {
		uint32_t key = files_list_key_at(files, i);
		uint32_t start = (files_list_key_part(key) - 1u) * FILES_CLUSTER;
		struct files_node node;

		if (files_tree_node(files, files_list_key_id(key), &node) < 0 ||
			node.is_folder || start >= node.size)
			files_list_forget(files, i);
	}
}

void files_tree_mount(struct files *files)
{
	files->folder_clusters = 0;
	files->fresh = true;
	for (int i = 0; i < files->sectors; i++)
		files->fresh = files->fresh && files->used[i] == 0;
	forget_unreachable(files);
	forget_stray_parts(files);
	for (int i = 0; i < files->nodes; i++) {
		struct files_node node;

		if (node_at(files, i, &node) && node.is_folder)
			files->folder_clusters = (uint16_t)(files->folder_clusters +
							    node.size / FILES_CLUSTER);
	}
}

static int format_node(struct files *files, uint16_t sector, int number)
{
	struct files_node node;
	struct image image;
	uint8_t *payload = files->buffer.bytes;
	int err;

	if (!fresh_node(files, number, &node))
		return 0;
	image = (struct image){.parent = node.parent,
		.place = node.place,
		.size = node.size,
		.modified_s = node.modified_s,
		.is_folder = node.is_folder,
		.name_len = node.name_len};
	memcpy(payload, &image, sizeof(image));
	memcpy(payload + sizeof(image), fresh_rows[number].name, node.name_len);
	err = files_store_format_put(files, sector, files_list_key(node.id, 0), payload,
		sizeof(image) + node.name_len);
	if (err < 0 || node.is_folder)
		return err;
	memcpy(payload, fresh_text(files, &fresh_rows[number]), node.size);
	return files_store_format_put(
		files, sector, files_list_key(node.id, 1), payload, node.size);
}

int files_tree_format(struct files *files)
{
	uint16_t sector;
	int err = files_store_format_begin(files, &sector);

	for (int i = 0; err == 0 && i < FRESH_ROWS; i++)
		err = format_node(files, sector, i);
	if (err == 0)
		err = files_store_format_commit(files, sector);
	return err;
}
