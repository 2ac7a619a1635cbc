/* SPDX-License-Identifier: MIT
 *
 * Nodes: each is one record, whose payload is what is below and the name. Those of a
 * fresh board are rows of a table until the first change writes them.
 */
#include "firmware/core/files_node.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/files_list.h"
#include "firmware/core/files_store.h"
#include "firmware/core/personality.h"

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

/* What is read at once of a node. */
struct head {
	struct files_record record;
	struct image image;
};

_Static_assert(sizeof(struct image) == 16 && sizeof(struct head) == 32, "on flash");

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
		.modified_s = FILES_FRESH_TIME_S};
	return true;
}

/* Each takes one. */
int files_node_fresh_clusters(const struct files *files)
{
	struct files_node node;
	int count = 0;

	for (int i = 0; i < FRESH_ROWS; i++)
		count += fresh_node(files, i, &node);
	return count;
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

int files_node_count(const struct files *files)
{
	return files->fresh ? FRESH_ROWS : files->nodes;
}

static uint32_t at_most(uint32_t value, uint32_t max)
{
	return value < max ? value : max;
}

/* False: no record of a node. One that cannot hold an image may be the last bytes of
 * the area. */
static bool read_head(struct files *files, int number, struct head *ret_head)
{
	size_t offset = files_list_place(files, number);

	return HAL_FLASH_SECTOR - offset % HAL_FLASH_SECTOR >= sizeof(*ret_head) &&
	       files_list_read(files, offset, ret_head, sizeof(*ret_head)) == 0 &&
	       ret_head->image.name_len > 0 &&
	       ret_head->image.name_len <= FILES_NAME_MAX &&
	       ret_head->record.len >= sizeof(struct image) + ret_head->image.name_len;
}

bool files_node_at(struct files *files, int number, struct files_node *ret_node)
{
	struct head head;

	if (files->fresh)
		return fresh_node(files, number, ret_node);
	if (!read_head(files, number, &head))
		return false;
	*ret_node = (struct files_node){.id = head.record.id,
		.parent = head.image.parent,
		.place = head.image.place,
		.is_folder = head.image.is_folder != 0,
		.name_len = head.image.name_len,
		.size = at_most(head.image.size,
			FILES_CLUSTER * (head.image.is_folder
							? FILES_FOLDER_CLUSTERS_MAX
							: FILES_CLUSTERS_MAX)),
		.modified_s = head.image.modified_s};
	return true;
}

void files_node_name_at(struct files *files, int number, const struct files_node *node,
	char ret_name[FILES_NAME_MAX + 1])
{
	size_t offset;

	memset(ret_name, 0, FILES_NAME_MAX + 1);
	if (files->fresh) {
		memcpy(ret_name, fresh_rows[number].name, node->name_len);
		return;
	}
	offset = files_list_place(files, number) + sizeof(struct head);
	(void)files_list_read(files, offset, ret_name, node->name_len);
}

int files_node_number(struct files *files, uint16_t id)
{
	int number =
		files->fresh ? id - 1 : files_list_find(files, files_list_key(id, 0));

	return number < files_node_count(files) ? number : -1;
}

int files_node_find(struct files *files, uint16_t id, struct files_node *ret_node)
{
	int number = files_node_number(files, id);

	return number >= 0 && files_node_at(files, number, ret_node) ? 0 : -ENOENT;
}

void files_node_name(struct files *files, const struct files_node *node,
	char ret_name[FILES_NAME_MAX + 1])
{
	int number;

	memset(ret_name, 0, FILES_NAME_MAX + 1);
	if (node->id == FILES_VOLUMES || node->id == FILES_ROOT) {
		memcpy(ret_name, node->id == FILES_ROOT ? "flash" : "/",
			node->name_len);
		return;
	}
	number = files_node_number(files, node->id);
	if (number >= 0)
		files_node_name_at(files, number, node, ret_name);
}

static size_t make_payload(
	const struct files_node *node, const char *name, uint8_t *payload)
{
	struct image image = {.parent = node->parent,
		.place = node->place,
		.size = node->size,
		.modified_s = node->modified_s,
		.is_folder = node->is_folder,
		.name_len = node->name_len};

	memcpy(payload, &image, sizeof(image));
	memcpy(payload + sizeof(image), name, node->name_len);
	return sizeof(image) + node->name_len;
}

bool files_node_has_room(const struct files *files, size_t name_len)
{
	return files_store_has_room(
		files, files_list_size(sizeof(struct image) + name_len));
}

int files_node_put(struct files *files, const struct files_node *node, const char *name)
{
	uint8_t payload[sizeof(struct image) + FILES_NAME_MAX] = {0};
	size_t len = make_payload(node, name, payload);

	return files_store_put(files, files_list_key(node->id, 0), payload, len);
}

int files_node_read(struct files *files, uint16_t id, uint16_t part, size_t offset,
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

/* ---- format ------------------------------------------------------------------- */

static int format_node(struct files *files, uint16_t sector, int number)
{
	struct files_node node;
	uint8_t *payload = files->buffer.bytes;
	size_t len;
	int err;

	if (!fresh_node(files, number, &node))
		return 0;
	len = make_payload(&node, fresh_rows[number].name, payload);
	err = files_store_format_put(
		files, sector, files_list_key(node.id, 0), payload, len);
	if (err < 0 || node.is_folder)
		return err;
	memcpy(payload, fresh_text(files, &fresh_rows[number]), node.size);
	return files_store_format_put(
		files, sector, files_list_key(node.id, 1), payload, node.size);
}

int files_node_format(struct files *files)
{
	uint16_t sector;
	int err = files_store_format_begin(files, &sector);

	for (int i = 0; err == 0 && i < FRESH_ROWS; i++)
		err = format_node(files, sector, i);
	if (err == 0)
		err = files_store_format_commit(files, sector);
	return err;
}
