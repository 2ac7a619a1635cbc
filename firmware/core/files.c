/* SPDX-License-Identifier: MIT
 *
 * The entries of /flash.
 */
#include "firmware/core/files.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

/* In the order in which a board lists them; the last one is created by the serial
 * programmer's first boot, behind the others. */
static const struct files_entry fresh[] = {
	{"/flash", true, 0},
	{"/flash/main.py", false, 34},
	{"/flash/sys", true, 0},
	{"/flash/lib", true, 0},
	{"/flash/cert", true, 0},
	{"/flash/boot.py", false, 143},
};

#define FRESH ((int)(sizeof(fresh) / sizeof(fresh[0])))

void files_start(struct files *files)
{
	memset(files, 0, sizeof(*files));
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The volume's own name is compared exactly, what is below it is not. */
static bool same_path(const char *a, const char *b)
{
	int slashes = 0;

	while (*a || *b) {
		if (slashes < 2 ? *a != *b : fold(*a) != fold(*b))
			return false;
		slashes += *a == '/';
		if (*a == '/' && slashes > 1) {
			while (a[1] == '/')
				a++;
			while (b[1] == '/')
				b++;
		}
		a++;
		b++;
	}
	return true;
}

static struct files_entry stored_entry(const struct files *files, int i)
{
	return (struct files_entry){
		files->stored[i].path, false, files->stored[i].size};
}

int files_find(
	const struct files *files, const char *path, struct files_entry *ret_entry)
{
	/* a stored file hides the fresh one of the same name */
	for (int i = 0; i < files->stored_count; i++) {
		if (same_path(files->stored[i].path, path)) {
			*ret_entry = stored_entry(files, i);
			return 0;
		}
	}
	for (int i = 0; i < FRESH; i++) {
		if (same_path(fresh[i].path, path)) {
			*ret_entry = fresh[i];
			return 0;
		}
	}
	return -ENOENT;
}

const char *files_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The folder that the path lies in, "/" for a volume. */
static void parent_of(const char *path, char ret_parent[FILES_PATH_MAX])
{
	size_t len = (size_t)(files_name(path) - path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	wipy_text_copy(ret_parent, FILES_PATH_MAX, path, len);
}

static bool lies_in(const char *path, const char *folder)
{
	char parent[FILES_PATH_MAX];

	parent_of(path, parent);
	return same_path(parent, folder);
}

bool files_list(const struct files *files, const char *folder, int index,
	struct files_entry *ret_entry)
{
	for (int i = 0; i < FRESH + files->stored_count; i++) {
		struct files_entry entry =
			i < FRESH ? fresh[i] : stored_entry(files, i - FRESH);
		struct files_entry seen;

		if (!lies_in(entry.path, folder))
			continue;
		/* a fresh file that was stored anew is listed once */
		if (i < FRESH && files_find(files, entry.path, &seen) == 0 &&
			seen.path != entry.path)
			continue;
		if (index-- == 0) {
			*ret_entry = entry;
			return true;
		}
	}
	return false;
}

int files_create(struct files *files, const char *path)
{
	struct files_entry entry;
	char parent[FILES_PATH_MAX];
	int i;

	if (files_find(files, path, &entry) == 0 && entry.is_folder)
		return -EISDIR;
	parent_of(path, parent);
	if (*files_name(path) == '\0' || strlen(path) >= FILES_PATH_MAX ||
		files_find(files, parent, &entry) < 0 || !entry.is_folder)
		return -ENOENT;
	for (i = 0; i < files->stored_count; i++)
		if (same_path(files->stored[i].path, path))
			break;
	if (i == FILES_STORED)
		return -ENOSPC;
	/* a file that is there keeps its name, whatever the case of the new one */
	if (i == files->stored_count) {
		files->stored_count++;
		wipy_text_copy(
			files->stored[i].path, FILES_PATH_MAX, path, strlen(path));
	}
	files->stored[i].size = 0;
	return i;
}

int files_append(struct files *files, int file, size_t len)
{
	size_t used = 0;

	for (int i = 0; i < files->stored_count; i++)
		used += files->stored[i].size;
	if (len > FILES_FREE - used) {
		files->stored[file].size += (uint32_t)(FILES_FREE - used);
		return -ENOSPC;
	}
	files->stored[file].size += (uint32_t)len;
	return 0;
}
