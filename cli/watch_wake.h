/* SPDX-License-Identifier: MIT
 *
 * What wakes the one who watches a rollout: the daemon's events of it, Ctrl-C, another size
 * of the terminal, or the end of his patience.
 */
#ifndef WIPY_CLI_WATCH_WAKE_H
#define WIPY_CLI_WATCH_WAKE_H

#include "cli/cli.h"

struct wake;

/* Takes SIGINT and SIGWINCH until wake_free(): a request of the cli's client that is under
 * way when Ctrl-C comes is given up. NULL: all said in *ret_failure. One at a time. */
struct wake *wake_new(struct cli *cli, struct failure *ret_failure);
struct wake *wake_free(struct wake *wake); /* NULL is fine; returns NULL */

/* From now on it is about the events of that rollout, by its complete id. */
void wake_follow(struct wake *wake, const char *id);
/* Events come in by themselves: nobody has to ask again just to see. */
bool wake_hears(const struct wake *wake);

/* They did, and then their connection has ended: the daemon has, most likely. Says so
 * once. */
bool wake_lost(struct wake *wake);

/* Until something has happened, but not before least_ms; most_ms at the most, or until a
 * signal. "Something" is an event, or that there were none to be had for a while. */
void wake_wait(struct wake *wake, int64_t least_ms, int64_t most_ms);

bool wake_interrupted(void); /* by Ctrl-C */
bool wake_resized(void);     /* the terminal was; says so once */
int64_t wake_now_ms(void);   /* monotonic */

#endif
