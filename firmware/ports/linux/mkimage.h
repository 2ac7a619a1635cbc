/* SPDX-License-Identifier: MIT
 *
 * `wipyboard image`: makes an image of any family for tests (WIRE.md 3.1, 5.3, 5.4). It
 * has all that a boot loader and a fingerprint want and no code.
 */
#ifndef WIPY_PORT_LINUX_MKIMAGE_H
#define WIPY_PORT_LINUX_MKIMAGE_H

/* argv[0] is "image". Returns the exit code. */
int mkimage_main(int argc, char **argv);

#endif
