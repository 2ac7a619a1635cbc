/* SPDX-License-Identifier: MIT
 *
 * Which board is to be stepped next: a heap by the time of the next step. It holds the
 * boards that wait for a time; who waits for the net alone is not in it.
 */
#ifndef WIPY_PORT_LINUX_SCHEDULE_H
#define WIPY_PORT_LINUX_SCHEDULE_H

#include "firmware/ports/linux/port.h"

#define SCHEDULE_NOT SIZE_MAX /* heap_at of a board that is not in the heap */

/* Plans the board's next step in place of the one before. WIPY_NEVER: none. On a virtual
 * clock "at once" is one millisecond later, or time would never go on. */
void schedule_plan(struct hal *hal, int64_t due_ms);

/* When the first board is due; WIPY_NEVER: no board is. */
int64_t schedule_first_ms(const struct fleet *fleet);

#endif
