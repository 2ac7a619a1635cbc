/* SPDX-License-Identifier: MIT
 *
 * What FTP sees of /flash: the folders and files of a fresh board, and a short list of
 * files that were stored since the board started. The list keeps names and sizes; it is
 * forgotten at a reset.
 */
#ifndef WIPY_FIRMWARE_FILES_H
#define WIPY_FIRMWARE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_PATH_MAX 129 /* with NUL (WIRE.md 2.2) */
#define FILES_STORED   6
#define FILES_FREE     176128 /* bytes on a fresh board (WIRE.md 0.4) */

struct files_entry {
	const char *path; /* borrowed */
	bool is_folder;
	uint32_t size;
};

struct files {
	int stored_count;
	struct {
		char path[FILES_PATH_MAX];
		uint32_t size;
	} stored[FILES_STORED];
};

void files_start(struct files *files);

/* Names below /flash ignore case, repeated slashes count once. -ENOENT. */
int files_find(
	const struct files *files, const char *path, struct files_entry *ret_entry);

/* The entry number `index` of a folder; false behind the last one. */
bool files_list(const struct files *files, const char *folder, int index,
	struct files_entry *ret_entry);

/* Makes an empty file or empties one. Returns its number, or -ENOENT (no such folder),
 * -EISDIR, -ENOSPC (the list is full). */
int files_create(struct files *files, const char *path);

/* Adds bytes to file number `file`; -ENOSPC: the flash is full. */
int files_append(struct files *files, int file, size_t len);

/* The name behind the last slash. */
const char *files_name(const char *path);

#endif
