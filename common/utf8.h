/* SPDX-License-Identifier: MIT
 *
 * UTF-8 that comes from outside, and may be none.
 */
#ifndef WIPY_COMMON_UTF8_H
#define WIPY_COMMON_UTF8_H

/* Each byte of the text that is no part of a character becomes a '?'. */
void wipy_utf8_mend(char *text);

#endif
