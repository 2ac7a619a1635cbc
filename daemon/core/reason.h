/* SPDX-License-Identifier: MIT
 *
 * Reason codes as texts: the stable word, what happened, what comes next by itself, what
 * a person can do.
 */
#ifndef WIPY_CORE_REASON_H
#define WIPY_CORE_REASON_H

#include "daemon/core/model.h"

/* "push-broken"; "-" for REASON_NONE. Static storage. */
const char *reason_code(enum reason reason);
/* The reason of that code, or REASON_COUNT. */
enum reason reason_by_code(const char *code);
#define REASON_NOTHING_AUTO "Nothing happens by itself."

/* Sentences, all three for every reason; "" for REASON_NONE. Static storage. */
const char *reason_what(enum reason reason);
const char *reason_next_auto(enum reason reason);
/* The same once the task has ended: no attempt is left. */
const char *reason_next_at_end(enum reason reason);
const char *reason_next_human(enum reason reason);

#endif
