/* SPDX-License-Identifier: MIT
 *
 * `wipyboard image`: makes a CC3200 image of its own for tests (WIRE.md 3.1).
 */
#ifndef WIPY_PORT_LINUX_MKIMAGE_H
#define WIPY_PORT_LINUX_MKIMAGE_H

/* argv[0] is "image". Returns the exit code. */
int mkimage_main(int argc, char **argv);

#endif
