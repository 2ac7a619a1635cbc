/* SPDX-License-Identifier: MIT
 *
 * Open files, and what the outside calls: files_tree.c knows paths and folders,
 * files_node.c what is in them, files_store.c keeps their records on flash.
 */
#include "firmware/core/files.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/files_check.h"
#include "firmware/core/files_list.h"
#include "firmware/core/files_store.h"
#include "firmware/core/files_tree.h"

/* ---- mount -------------------------------------------------------------------- */

/* Makes the list anew. Where that fails /flash is empty until it succeeds. */
static int load(struct files *files)
{
	int err = files_store_mount(files);

	if (err == 0)
		files_check(files);
	if (err == 0 && files->unreadable)
		err = -EIO;
	if (err < 0) {
		files->fresh = false;
		files->sectors = 0;
		files->nodes = 0;
		files->parts = 0;
	}
	return err;
}

int files_mount(struct files *files, struct hal *hal,
	const struct wipy_personality *personality)
{
	memset(files, 0, sizeof(*files));
	files->hal = hal;
	files->personality = personality;
	return load(files);
}

/* Something that a file was given is lost: when it is closed it is as it was before.
 * Id 0: all that are written. */
static void fail_writers(struct files *files, uint16_t id)
{
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (files->open[i].mode != FILES_READ &&
			(id == 0 || files->open[i].id == id))
			files->open[i].failed = true;
}

static void empty_buffer(struct files *files)
{
	files->buffer.id = 0;
	files->buffer.dirty = false;
	files->buffer.is_new = false;
}

/* After a read has failed. */
static int load_again(struct files *files)
{
	fail_writers(files, 0);
	empty_buffer(files);
	return load(files);
}

static int format_now(struct files *files)
{
	int err = files->unreadable ? load_again(files) : 0;

	if (err == 0 && files->sectors == 0)
		err = -ENODEV;
	if (err == 0)
		err = files_store_tidy(files);
	if (err == 0)
		err = files_node_format(files);
	if (err < 0) {
		files->tidied = false;
		return err;
	}
	return files_mount(files, files->hal, files->personality);
}

int files_format(struct files *files)
{
	/* who has a file open must not find another one under its number */
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (files->open[i].id != 0)
			return -EACCES;
	return format_now(files);
}

/* Before anything is looked up in order to change it. */
static int begin_change(struct files *files)
{
	struct files_open open[FILES_OPEN_MAX];
	int err = files->unreadable ? load_again(files) : 0;

	if (err == 0 && files->sectors == 0)
		err = -ENODEV;
	if (err == 0)
		err = files_store_tidy(files);
	if (err < 0 || !files->fresh)
		return err;
	/* files that are being read stay open: their nodes keep their numbers */
	memcpy(open, files->open, sizeof(open));
	err = format_now(files);
	memcpy(files->open, open, sizeof(open));
	return err < 0 ? err : files_store_tidy(files);
}

/* ---- looking ------------------------------------------------------------------ */

static void fill_entry(struct files *files, const struct files_node *node,
	struct files_entry *ret_entry)
{
	files_node_name(files, node, ret_entry->name);
	ret_entry->is_folder = node->is_folder;
	ret_entry->size = node->is_folder ? 0 : node->size;
	ret_entry->modified_s = node->modified_s;
}

int files_stat(struct files *files, const char *path, struct files_entry *ret_entry)
{
	struct files_look look;
	int err = files_tree_look(files, path, &look);

	if (err == 0 && !look.found)
		err = -ENOENT;
	if (err == 0)
		fill_entry(files, &look.node, ret_entry);
	return err;
}

int files_walk_start(struct files *files, const char *path, struct files_walk *ret_walk)
{
	struct files_look look;
	int err = files_tree_look(files, path, &look);

	if (err == 0 && !look.found)
		err = -ENOENT;
	if (err == 0 && !look.node.is_folder)
		err = -ENOTDIR;
	if (err == 0)
		*ret_walk = (struct files_walk){.folder = look.node.id};
	return err;
}

bool files_walk_next(
	struct files *files, struct files_walk *walk, struct files_entry *ret_entry)
{
	struct files_node node;

	if (walk->folder == FILES_VOLUMES)
		return walk->at++ == 0 && files_stat(files, "/flash", ret_entry) == 0;
	if (!files_tree_next(files, (uint16_t)walk->folder, walk->at, &node))
		return false;
	walk->at = ((uint32_t)node.place << 16 | node.id) + 1;
	fill_entry(files, &node, ret_entry);
	return true;
}

void files_space(const struct files *files, uint32_t *ret_free, uint32_t *ret_total)
{
	*ret_free = files_tree_clusters_free(files) * (uint32_t)FILES_CLUSTER;
	*ret_total = files->clusters * (uint32_t)FILES_CLUSTER;
}

/* ---- names -------------------------------------------------------------------- */

static bool is_open(const struct files *files, uint16_t id, bool for_writing)
{
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (files->open[i].id == id &&
			(!for_writing || files->open[i].mode != FILES_READ))
			return true;
	return false;
}

int files_mkdir(struct files *files, const char *path)
{
	struct files_look look;
	struct files_node node;
	int err = begin_change(files);

	if (err == 0)
		err = files_tree_look(files, path, &look);
	if (err < 0)
		return err;
	return look.found ? -EEXIST : files_tree_create(files, &look, true, &node);
}

int files_remove(struct files *files, const char *path)
{
	struct files_look look;
	struct files_node child;
	int err = begin_change(files);

	if (err == 0)
		err = files_tree_look(files, path, &look);
	if (err < 0)
		return err;
	if (!look.found)
		return -ENOENT;
	if (!look.name || is_open(files, look.node.id, false))
		return -EACCES;
	if (look.node.is_folder && files_tree_next(files, look.node.id, 0, &child))
		return -ENOTEMPTY;
	return files_tree_remove(files, &look.node);
}

/* Whether a folder is this node or lies somewhere below it. */
static bool lies_below(
	struct files *files, struct files_node folder, const struct files_node *node)
{
	while (folder.id != FILES_ROOT && folder.id != FILES_VOLUMES) {
		if (folder.id == node->id)
			return true;
		if (files_node_find(files, folder.parent, &folder) < 0)
			return false;
	}
	return false;
}

int files_rename(struct files *files, const char *from, const char *to)
{
	struct files_look old, new;
	int err = begin_change(files);

	if (err == 0)
		err = files_tree_look(files, from, &old);
	if (err == 0)
		err = files_tree_look(files, to, &new);
	if (err < 0)
		return err;
	if (!old.found)
		return -ENOENT;
	if (new.found)
		return -EEXIST;
	if (!old.name || is_open(files, old.node.id, false))
		return -EACCES;
	if (lies_below(files, new.folder, &old.node))
		return -EINVAL;
	return files_tree_move(files, &old.node, &new);
}

/* ---- the buffer --------------------------------------------------------------- */

static int flush_buffer(struct files *files)
{
	struct files_buffer *buffer = &files->buffer;
	int err;

	if (!buffer->dirty)
		return 0;
	/* from here on the list counts it */
	buffer->is_new = false;
	buffer->dirty = false;
	err = files_store_put(files, files_list_key(buffer->id, buffer->part),
		buffer->bytes, buffer->len);
	if (err < 0) {
		fail_writers(files, buffer->id);
		empty_buffer(files);
	}
	return err;
}

/* Makes the buffer hold the cluster that the file stands in. */
static int load_buffer(struct files *files, const struct files_open *open)
{
	struct files_buffer *buffer = &files->buffer;
	uint32_t start = open->at / FILES_CLUSTER * FILES_CLUSTER;
	uint16_t part = (uint16_t)(open->at / FILES_CLUSTER + 1);
	uint32_t have = open->size - start;
	int n = 0, err;

	if (buffer->id == open->id && buffer->part == part)
		return 0;
	err = flush_buffer(files);
	if (err < 0)
		return err;
	buffer->id = 0;
	if (have > FILES_CLUSTER)
		have = FILES_CLUSTER;
	if (have == 0 &&
		(part > FILES_CLUSTERS_MAX || files_tree_clusters_free(files) == 0))
		return -ENOSPC;
	if (have > 0)
		n = files_node_read(files, open->id, part, 0, buffer->bytes, have);
	if (n >= 0 && n < (int)have)
		n = -EIO;
	if (n < 0)
		return n;
	buffer->id = open->id;
	buffer->part = part;
	buffer->len = (uint16_t)n;
	buffer->is_new = have == 0;
	return 0;
}

/* ---- open files --------------------------------------------------------------- */

static struct files_open *find_open(struct files *files, int file)
{
	if (file < 0 || file >= FILES_OPEN_MAX || files->open[file].id == 0)
		return NULL;
	return &files->open[file];
}

static int find_free_number(const struct files *files)
{
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (files->open[i].id == 0)
			return i;
	return -ENFILE;
}

/* Makes the file, or empties what is there. */
static int prepare_writing(struct files *files, struct files_look *look, bool append)
{
	int err;

	if (!look->found)
		return files_tree_create(files, look, false, &look->node);
	if (append || look->node.size == 0)
		return 0;
	look->node.size = 0;
	err = files_tree_update(files, &look->node);
	return err < 0 ? err : files_tree_trim(files, look->node.id, 0);
}

int files_open(struct files *files, const char *path, enum files_mode mode)
{
	int number = find_free_number(files);
	struct files_look look;
	int err;

	if (number < 0)
		return number;
	err = mode == FILES_READ ? 0 : begin_change(files);
	if (err == 0)
		err = files_tree_look(files, path, &look);
	if (err < 0)
		return err;
	if (look.found && look.node.is_folder)
		return -EISDIR;
	if (!look.found && mode == FILES_READ)
		return -ENOENT;
	if (look.found && is_open(files, look.node.id, mode == FILES_READ))
		return -EACCES;
	if (mode != FILES_READ)
		err = prepare_writing(files, &look, mode == FILES_APPEND);
	if (err < 0)
		return err;
	files->open[number] = (struct files_open){.id = look.node.id,
		.mode = (uint8_t)mode,
		.changed = mode == FILES_WRITE && look.found,
		.size = look.node.size,
		.at = mode == FILES_APPEND ? look.node.size : 0};
	return number;
}

int files_read(struct files *files, int file, void *buf, size_t len)
{
	struct files_open *open = find_open(files, file);
	uint8_t *bytes = buf;
	size_t done = 0;

	if (!open || open->mode != FILES_READ)
		return -EBADF;
	while (done < len && open->at < open->size) {
		size_t offset = open->at % FILES_CLUSTER;
		size_t n = FILES_CLUSTER - offset;
		int got;

		if (n > len - done)
			n = len - done;
		if (n > open->size - open->at)
			n = open->size - open->at;
		got = files_node_read(files, open->id,
			(uint16_t)(open->at / FILES_CLUSTER + 1), offset, bytes + done,
			n);
		if (got != (int)n)
			return done > 0 ? (int)done : -EIO;
		done += n;
		open->at += (uint32_t)n;
	}
	return (int)done;
}

int files_write(struct files *files, int file, const void *buf, size_t len)
{
	struct files_open *open = find_open(files, file);
	struct files_buffer *buffer = &files->buffer;
	const uint8_t *bytes = buf;
	size_t done = 0;

	if (!open || open->mode == FILES_READ)
		return -EBADF;
	if (open->failed)
		return -EIO;
	while (done < len) {
		size_t offset = open->at % FILES_CLUSTER;
		size_t n = FILES_CLUSTER - offset;
		int err = files_store_tidy(files);

		if (err == 0)
			err = load_buffer(files, open);
		if (err < 0)
			return done > 0 && err == -ENOSPC ? (int)done : err;
		if (n > len - done)
			n = len - done;
		memcpy(buffer->bytes + offset, bytes + done, n);
		if (offset + n > buffer->len)
			buffer->len = (uint16_t)(offset + n);
		buffer->dirty = true;
		done += n;
		open->at += (uint32_t)n;
		if (open->at > open->size)
			open->size = open->at;
		open->changed = true;
	}
	return (int)done;
}

int files_seek(struct files *files, int file, uint32_t offset)
{
	struct files_open *open = find_open(files, file);

	if (!open)
		return -EBADF;
	if (offset > open->size)
		return -EINVAL;
	open->at = offset;
	return 0;
}

uint32_t files_size(const struct files *files, int file)
{
	bool valid = file >= 0 && file < FILES_OPEN_MAX && files->open[file].id != 0;

	return valid ? files->open[file].size : 0;
}

/* The node says what the file has become; if that cannot be written, the file is as it
 * was. */
static int finish_writing(struct files *files, struct files_open *open)
{
	struct files_node node;
	int err = files_store_tidy(files);
	int trim_err;

	if (err == 0 && files->buffer.id == open->id)
		err = flush_buffer(files);
	if (err == 0 && open->failed)
		err = -EIO;
	if (err == 0)
		err = files_node_find(files, open->id, &node);
	if (err == 0) {
		node.size = open->size;
		err = files_tree_touch(files, &node);
	}
	if (files_node_find(files, open->id, &node) == 0) {
		trim_err = files_tree_trim(files, open->id, node.size);
		err = err < 0 ? err : trim_err;
	}
	return err;
}

int files_close(struct files *files, int file)
{
	struct files_open *open = find_open(files, file);
	int err;

	if (!open)
		return -EBADF;
	err = open->changed ? finish_writing(files, open) : 0;
	if (files->buffer.id == open->id && open->mode != FILES_READ)
		empty_buffer(files);
	open->id = 0;
	return err;
}
