/* SPDX-License-Identifier: MIT
 *
 * Names as FAT sees them: parts of a path, case, what may stand in a name, and how many
 * places of a folder it takes.
 */
#ifndef WIPY_FIRMWARE_FILES_NAME_H
#define WIPY_FIRMWARE_FILES_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts the next part off a path and returns what is behind it. The path has ended where
 * `*ret_part` is its end. Blanks and dots at the end of a name do not count, so "." and
 * ".." are names of length 0. */
const char *files_name_next(const char *path, const char **ret_part, size_t *ret_len);

/* Without regard to case. */
bool files_name_is_same(const char *a, const char *b, size_t len);

/* Whether something may be called so. */
bool files_name_is_valid(const char *name, size_t len);

/* One where it is a plain 8.3 name in one case, else one more and one for each 13
 * characters. */
int files_name_places(const char *name, size_t len);

#endif
