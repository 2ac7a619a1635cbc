/* SPDX-License-Identifier: MIT
 *
 * What the handlers of `wipyctl events` share.
 */
#ifndef WIPY_CLI_CMD_EVENTS_H
#define WIPY_CLI_CMD_EVENTS_H

struct cli;

/* Checks a file of exported events, says what was found, returns the exit code. */
int events_verify_file(struct cli *cli, const char *name);

/* Shows events as they happen until Ctrl-C; returns the exit code. */
int events_follow(struct cli *cli);

#endif
