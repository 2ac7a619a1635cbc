/* SPDX-License-Identifier: MIT
 *
 * A plan in a file: what the daemon gave, a board a line.
 */
#ifndef WIPY_CLI_PLAN_FILE_H
#define WIPY_CLI_PLAN_FILE_H

#include "cli/cli.h"

/* Both return 0, or an exit code after the failure was printed. A file that is there is
 * never written over. */
int plan_file_write(struct cli *cli, const char *path, const json_t *saved) WARN_UNUSED;
int plan_file_read(struct cli *cli, const char *path, json_t **ret_saved) WARN_UNUSED;

#endif
