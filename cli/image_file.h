/* SPDX-License-Identifier: MIT
 *
 * A firmware image in a file: read, inspected, and spoken of in sentences. `image info`
 * and `release add` say the same about the same file.
 */
#ifndef WIPY_CLI_IMAGE_FILE_H
#define WIPY_CLI_IMAGE_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "common/image.h"

#define IMAGE_FILE_MAX     ((size_t)4 * 1024 * 1024)
#define IMAGE_FILE_SUM_MAX 65 /* hex digits of a SHA-256, and NUL */

struct image_file {
	const char *path; /* borrowed */
	uint8_t *data;    /* owned */
	size_t len;
	struct wipy_image_info info;
};

/* Returns 0, or an exit code after the failure was printed. */
int image_file_load(
	struct cli *cli, const char *path, struct image_file *ret_file) WARN_UNUSED;
void image_file_done(struct image_file *file);

/* The SHA-256 of the whole file. */
void image_file_sum(const struct image_file *file, char ret_hex[IMAGE_FILE_SUM_MAX]);

/* Why it is not fit: a sentence without the file's name. For a verdict other than 0. */
void image_file_explain(const struct image_file *file, struct errtext *ret_text);

/* The sentence for a warning word of the API ("md5-engine"); the word itself for one that
 * is not known. */
const char *image_file_warning(const char *word);

/* The shape IMAGE with "file" in front, and with "esp": what only images of the ESP
 * families have, or null. NULL without memory. */
json_t *image_file_json(const struct image_file *file);

/* The warnings as words. */
json_t *image_file_warnings(const struct image_file *file);

#endif
