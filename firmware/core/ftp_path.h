/* SPDX-License-Identifier: MIT
 *
 * How the FTP server of a board reads paths (WIRE.md 2.5, 0.4): text alone, nothing is
 * looked up. A path is absolute and at most FILES_PATH_MAX - 1 characters long.
 */
#ifndef WIPY_FIRMWARE_FTP_PATH_H
#define WIPY_FIRMWARE_FTP_PATH_H

#include <stdbool.h>

#include "firmware/core/files.h"

/* The path that `name` means in `folder`: "." and ".." are names like others, one slash
 * at the end is dropped, an empty name is the folder itself. False: too long. */
bool ftp_path_join(const char *folder, const char *name, char ret_path[FILES_PATH_MAX]);

/* Takes the last part away; of "/" nothing. */
void ftp_path_up(char *path);

/* The working folder behind a command that named a file: it is restored by cutting the
 * name off the joined path again, and of an absolute name nothing is left. */
void ftp_path_leave(char *folder, const char *name);

/* What the file system makes of a path: below /flash, "." and repeated slashes mean
 * nothing and ".." takes the part before it away, not beyond /flash. */
void ftp_path_resolve(const char *path, char ret_path[FILES_PATH_MAX]);

/* "/" and "/flash", which are folders without an entry of their own; of a resolved
 * path. */
bool ftp_path_is_root(const char *path);

#endif
