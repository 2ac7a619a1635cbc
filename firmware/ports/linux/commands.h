/* SPDX-License-Identifier: MIT
 *
 * What a fleet can be told over its control socket: a table of commands.
 */
#ifndef WIPY_PORT_LINUX_COMMANDS_H
#define WIPY_PORT_LINUX_COMMANDS_H

#include <jansson.h>

#include "firmware/ports/linux/port.h"

/* Carries out one request line. Returns the reply, a new reference; NULL: the clock is
 * on its way and commands_clock_reply() has the reply once it has arrived. */
json_t *commands_run(struct fleet *fleet, const char *line, size_t len);

/* The reply to a line that cannot be read; `why` ends the sentence. */
json_t *commands_refuse_line(const char *why);

json_t *commands_clock_reply(const struct fleet *fleet);

#endif
