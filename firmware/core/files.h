/* SPDX-License-Identifier: MIT
 *
 * The file system of /flash: a small power-safe store over hal flash. Every operation
 * that changes names (create, remove, rename, make a folder) happens wholly or not at
 * all, wherever power fails; a file that is being written is found empty, as it was, or
 * as it was closed, never with foreign bytes (WIRE.md 6.5).
 *
 * Names: absolute paths below /flash, which is compared exactly. Below it case is
 * ignored (and kept), slashes repeated or at the end do not count. "." and ".." are not
 * resolved and cannot be created; blanks and dots at the end of a name do not count, as
 * on FAT. Folders list their entries in the order of their places, and a new entry takes
 * the first gap that its name fits in, as on FAT.
 *
 * Space is counted in clusters of 512 bytes as on the boards: a file takes what its
 * bytes need, an empty one none, a folder one for each 16 places, /flash itself none
 * (WIRE.md 0.4 on 6.5). Limits: 512 places in a folder (a long name takes several), 512
 * files and folders in all. Where the area is smaller than 256 KiB there are fewer
 * clusters, below 16 KiB there is no file system.
 *
 * An erased area is a fresh board: boot.py, main.py, sys, lib, cert are there without a
 * byte being written; the first change writes them.
 */
#ifndef WIPY_FIRMWARE_FILES_H
#define WIPY_FIRMWARE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/include/hal.h"

#define FILES_PATH_MAX 129 /* with NUL (WIRE.md 2.2) */
#define FILES_NAME_MAX 128 /* without NUL; one part of a path */
#define FILES_CLUSTER  512
#define FILES_OPEN_MAX 4

struct wipy_personality;

enum files_mode { FILES_READ, FILES_WRITE /* empties or makes */, FILES_APPEND };

struct files_entry {
	char name[FILES_NAME_MAX + 1];
	bool is_folder;
	uint32_t size;
	int64_t modified_s; /* seconds since 2000-01-01, by the board's clock */
};

/* A walk through a folder. */
struct files_walk {
	uint32_t folder;
	uint32_t at;
};

/* Everything that is kept in memory; the layout is files.c's affair. At most 3 KiB. */
struct files;

/* Reads what is there. Memory only is changed. Contents that make no sense are taken for
 * what they still say, never trusted. -EIO where flash fails, -ENODEV where the area is
 * too small: then /flash is empty, nothing in it can be changed, and a board may go on.
 * `hal` and `personality` are borrowed. */
int files_mount(struct files *files, struct hal *hal,
	const struct wipy_personality *personality);
/* A fresh board again (os.mkfs), wholly or not at all. -EACCES: something is open. */
int files_format(struct files *files) HAL_WARN_UNUSED;

/* -ENOENT. "/flash" itself is a folder, and so is "/", which lists it. The size is that
 * at the last close; a folder has none. */
int files_stat(struct files *files, const char *path,
	struct files_entry *ret_entry) HAL_WARN_UNUSED;

/* Begins to list a folder. -ENOENT, -ENOTDIR. Entries that are made or removed during
 * the walk are seen or not, the others are seen once. */
int files_walk_start(struct files *files, const char *path,
	struct files_walk *ret_walk) HAL_WARN_UNUSED;
/* The next entry; false behind the last one. */
bool files_walk_next(
	struct files *files, struct files_walk *walk, struct files_entry *ret_entry);

/* Returns a file number. -ENOENT, -EISDIR, -EACCES (somebody writes it, or reads what is
 * to be written), -ENFILE, -EINVAL (the name), -ENOSPC, -EIO. */
int files_open(
	struct files *files, const char *path, enum files_mode mode) HAL_WARN_UNUSED;
/* Returns the bytes read, 0 at the end. -EBADF (not open for reading), -EIO. */
int files_read(struct files *files, int file, void *buf, size_t len) HAL_WARN_UNUSED;
/* Returns the bytes kept: fewer than len where the flash is full (then -ENOSPC next).
 * -EBADF (not open for writing), -EIO. */
int files_write(
	struct files *files, int file, const void *buf, size_t len) HAL_WARN_UNUSED;
/* -EINVAL behind the end, -EBADF. */
int files_seek(struct files *files, int file, uint32_t offset) HAL_WARN_UNUSED;
/* As far as it was written or can be read; 0 for a number that is not open. */
uint32_t files_size(const struct files *files, int file);
/* What was written is on flash when this returns 0. The number is free in any case. */
int files_close(struct files *files, int file);

/* -EEXIST, -ENOENT (the folder above), -ENOSPC, -EINVAL (the name), -EIO. */
int files_mkdir(struct files *files, const char *path) HAL_WARN_UNUSED;
/* A file or an empty folder: one primitive, as on the boards. -ENOENT, -ENOTEMPTY,
 * -EACCES (it is open, or /flash itself), -EIO. */
int files_remove(struct files *files, const char *path) HAL_WARN_UNUSED;
/* -EEXIST also where only the case differs (WIRE.md 0.4); folders may be renamed, but
 * not into themselves: -EINVAL. -ENOENT, -EACCES as above, -ENOSPC, -EIO. */
int files_rename(struct files *files, const char *from, const char *to) HAL_WARN_UNUSED;

/* Bytes free and bytes in all, whole clusters. */
void files_space(const struct files *files, uint32_t *ret_free, uint32_t *ret_total);

#include "firmware/core/files_layout.h"

#endif
