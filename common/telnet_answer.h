/* SPDX-License-Identifier: MIT
 *
 * The answers of a board's prompt to what the telnet client asks (WIRE.md 4): text in,
 * values out. The text is what a peer says: any bytes, of any length.
 */
#ifndef WIPY_TELNET_ANSWER_H
#define WIPY_TELNET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/telnet_client.h"

/* "(sysname='WiPy', nodename='WiPy', ...)": keys in any order, unknown ones skipped.
 * Untouched if it returns false: no such text, or a value is missing or does not fit. */
bool telnet_read_uname(const char *text, size_t len, struct telnet_uname *ret_uname);

/* "[208, 57, 114, 0, 0, 1]" as hex. Untouched if it returns false: anything else. */
bool telnet_read_id(const char *text, size_t len, char ret_id[TELNET_ID_MAX]);

/* Of what an expression printed the last line, since a traceback ends in what went wrong;
 * cut to fit, dots for what cannot be printed. */
void telnet_read_value(const char *text, size_t len, char ret_value[TELNET_VALUE_MAX]);

#endif
