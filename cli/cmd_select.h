/* SPDX-License-Identifier: MIT
 *
 * What --explain does, instead of the command that it stands behind.
 */
#ifndef WIPY_CLI_CMD_SELECT_H
#define WIPY_CLI_CMD_SELECT_H

struct cli;

/* How the daemon reads --select, and how many boards each part means. */
int select_explain(struct cli *cli);

#endif
