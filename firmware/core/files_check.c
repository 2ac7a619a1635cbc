/* SPDX-License-Identifier: MIT
 *
 * After power has come: only what a path can lead to stays listed. What a damaged
 * record says may lead nowhere or in a circle; each node is looked at a few times,
 * whatever it says.
 */
#include "firmware/core/files_check.h"

#include "firmware/core/files_list.h"
#include "firmware/core/files_name.h"
#include "firmware/core/files_node.h"

#define IN_ROOT (-1)
#define NOWHERE (-2)

static bool is_marked(const uint8_t *marks, int number)
{
	return marks[number / 8] & 1u << number % 8;
}

static void mark(uint8_t *marks, int number)
{
	marks[number / 8] |= (uint8_t)(1u << number % 8);
}

static bool has_valid_name(
	struct files *files, int number, const struct files_node *node)
{
	char name[FILES_NAME_MAX + 1];

	files_node_name_at(files, number, node, name);
	return files_name_is_valid(name, node->name_len);
}

/* The number of the folder that a node lies in, IN_ROOT for /flash, NOWHERE. */
static int find_folder(struct files *files, int number)
{
	struct files_node node, folder;
	int at;

	if (!files_node_at(files, number, &node) ||
		!has_valid_name(files, number, &node))
		return NOWHERE;
	if (node.parent == FILES_ROOT)
		return IN_ROOT;
	at = files_node_number(files, node.parent);
	if (at < 0 || !files_node_at(files, at, &folder) || !folder.is_folder)
		return NOWHERE;
	return at;
}

/* From each node up to /flash, nowhere, or a node that was met before: one that was met
 * on the same way makes a circle, and is not marked. */
static void mark_reachable(struct files *files, uint8_t *marks)
{
	uint8_t met[FILES_NODES_MAX / 8] = {0};

	for (int i = 0; i < files->nodes; i++) {
		int at = i;

		while (at >= 0 && !is_marked(met, at)) {
			mark(met, at);
			at = find_folder(files, at);
		}
		if (at == NOWHERE || (at >= 0 && !is_marked(marks, at)))
			continue;
		for (at = i; at >= 0 && !is_marked(marks, at);
			at = find_folder(files, at))
			mark(marks, at);
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

/* Clusters behind the end of a file, and of files that are not there. They are sorted
 * by the file. */
static void forget_stray_parts(struct files *files)
{
	struct files_node node = {.id = FILES_ROOT};

	for (int i = files->nodes + files->parts - 1; i >= files->nodes; i--) {
		uint32_t key = files_list_key_at(files, i);
		uint32_t start = (files_list_key_part(key) - 1u) * FILES_CLUSTER;
		uint16_t id = files_list_key_id(key);

		if (id != node.id && files_node_find(files, id, &node) < 0)
			node = (struct files_node){.id = id};
		if (node.is_folder || start >= node.size)
			files_list_forget(files, i);
	}
}

static bool is_fresh(const struct files *files)
{
	for (int i = 0; i < files->sectors; i++)
		if (files->used[i] > 0)
			return false;
	return true;
}

void files_check(struct files *files)
{
	struct files_node node;

	files->folder_clusters = 0;
	files->fresh = is_fresh(files);
	if (files->fresh)
		return;
	forget_unreachable(files);
	forget_stray_parts(files);
	for (int i = 0; i < files->nodes; i++)
		if (files_node_at(files, i, &node) && node.is_folder)
			files->folder_clusters = (uint16_t)(files->folder_clusters +
							    node.size / FILES_CLUSTER);
}
