/* SPDX-License-Identifier: MIT
 *
 * Plans in files. What they say is the daemon's matter; here they are only carried.
 */
#include "config.h"

#include "cli/plan_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/shape.h"

#define FILE_MAX ((size_t)4 * 1024 * 1024) /* the daemon takes no more at once */

static int write_boards(FILE *stream, const json_t *boards)
{
	int failed = fputs("[", stream) < 0;
	const json_t *board;
	size_t i;

	json_array_foreach(boards, i, board)
	{
		failed |= fputs(i == 0 ? "\n" : ",\n", stream) < 0;
		failed |= json_dumpf(board, stream, JSON_COMPACT);
	}
	failed |= fputs("\n]", stream) < 0;
	return failed;
}

/* The document with its boards one a line, which a person can compare. */
static int write_plan(FILE *stream, const json_t *saved)
{
	const json_t *boards = shape_list(saved, "boards"), *value;
	const char *key, *between = "{\n";
	int failed = 0;

	json_object_foreach((json_t *)(uintptr_t)saved, key, value)
	{
		failed |= fprintf(stream, "%s\"%s\": ", between, key) < 0;
		between = ",\n";
		failed |= value == boards ? write_boards(stream, value)
					  : json_dumpf(value, stream,
						    JSON_COMPACT | JSON_ENCODE_ANY);
	}
	failed |= fputs("\n}\n", stream) < 0;
	if (!failed && ftell(stream) > (long)FILE_MAX)
		return -EFBIG;
	return failed ? -EIO : 0;
}

int plan_file_write(struct cli *cli, const char *path, const json_t *saved)
{
	FILE *stream = fopen(path, "wxe");
	int err;

	if (stream == NULL)
		return cli_fail(cli, EXIT_CODE_USAGE,
			errno == EEXIST ? "give another name; nothing is written over"
					: NULL,
			"%s: %s", path, wipy_strerror(-errno));
	err = write_plan(stream, saved);
	if (fclose(stream) != 0 && err == 0)
		err = -errno;
	if (err == 0)
		return 0;
	(void)unlink(path);
	if (err == -EFBIG)
		return cli_fail(cli, EXIT_CODE_REFUSED,
			"plan a part of the fleet with --select",
			"%s was not written: a plan of so many boards is larger than "
			"the 4 MiB that a start may have",
			path);
	return cli_fail(cli, EXIT_CODE_INTERNAL, NULL, "%s could not be written: %s",
		path, wipy_strerror(err));
}

int plan_file_read(struct cli *cli, const char *path, json_t **ret_saved)
{
	json_error_t error;
	uint8_t *data;
	size_t len;
	int err = file_read(path, FILE_MAX, &data, &len);

	if (err < 0)
		return cli_fail(
			cli, EXIT_CODE_USAGE, NULL, "%s: %s", path, wipy_strerror(err));
	*ret_saved =
		json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, &error);
	free(data);
	if (json_is_object(*ret_saved))
		return 0;
	err = *ret_saved == NULL;
	json_decref(*ret_saved);
	return cli_fail(cli, EXIT_CODE_USAGE,
		"plans are written by: wipyctl plan --release R --save FILE",
		"%s:%d: this is no plan: %s", path, err ? error.line : 1,
		err ? error.text : "it is not a JSON object");
}
