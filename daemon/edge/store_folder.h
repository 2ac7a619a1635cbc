/* SPDX-License-Identifier: MIT
 *
 * The state folder: made if absent, held by one daemon at a time, and the place of the
 * database file. Knows nothing of what is in the file.
 */
#ifndef WIPY_EDGE_STORE_FOLDER_H
#define WIPY_EDGE_STORE_FOLDER_H

#include "common/err.h"

#define STORE_PATH_MAX 4096 /* with NUL */

/* Creates DIR (0700) if its parent exists, and takes DIR/wipyd.lock for as long as the
 * descriptor is open; the system lets go of it however the process ends. Returns 0,
 * WIPY_E_LOCKED, WIPY_E_FULL or -errno with a sentence. */
int store_folder_claim(
	const char *dir, int *ret_lock_fd, struct errtext *ret_error) WARN_UNUSED;

/* DIR/wipyd.db, created empty (0600) if absent; a file that cannot be both read and
 * written is refused here, since SQLite would quietly open it for reading. */
int store_folder_file(const char *dir, char ret_path[STORE_PATH_MAX],
	struct errtext *ret_error) WARN_UNUSED;

#endif
