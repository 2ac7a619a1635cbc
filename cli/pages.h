/* SPDX-License-Identifier: MIT
 *
 * Lists that the daemon answers in pages, read to their end.
 */
#ifndef WIPY_CLI_PAGES_H
#define WIPY_CLI_PAGES_H

#include "cli/client.h"

/* Asks by GET as client_call() does: the first page with all of the list under `key` in
 * it. One page alone where the path has a limit of its own, or the answer no pages. */
int pages_call(struct client *client, const char *path, const char *key,
	json_t **ret_answer, struct failure *ret_failure) WARN_UNUSED;

#endif
