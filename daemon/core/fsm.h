/* SPDX-License-Identifier: MIT
 *
 * A row of a machine's table as words: for docs/fsm.md, `wipyctl explain` and the tests.
 * Every machine of core has a function that gives its rows in this form.
 */
#ifndef WIPY_CORE_FSM_H
#define WIPY_CORE_FSM_H

/* "-" where there is nothing to say; "any" for a state that stands for all of them. */
struct fsm_row {
	const char *from, *event, *guard, *to, *action, *reason;
};

#endif
