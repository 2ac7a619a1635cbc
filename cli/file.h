/* SPDX-License-Identifier: MIT
 *
 * Reading a whole file that the user named, with a limit.
 */
#ifndef WIPY_CLI_FILE_H
#define WIPY_CLI_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* Reads a regular file (or a pipe) of at most `max` bytes. Returns 0 and malloc'ed bytes
 * (never NULL), -EFBIG if it is longer, or another negated errno. */
int file_read(
	const char *path, size_t max, uint8_t **ret_data, size_t *ret_len) WARN_UNUSED;
/* The name as it is shown in JSON, where it may hold bytes that are no text. */
json_t *file_name_json(const char *path);

#endif
