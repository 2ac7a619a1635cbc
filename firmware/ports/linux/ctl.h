/* SPDX-License-Identifier: MIT
 *
 * `wipyboard ctl`: sends a command to a running fleet and prints its answer.
 */
#ifndef WIPY_PORT_LINUX_CTL_H
#define WIPY_PORT_LINUX_CTL_H

/* argv[0] is "ctl". Returns the exit code. */
int ctl_main(int argc, char **argv);

#endif
