/* SPDX-License-Identifier: MIT
 *
 * Which rows of the task machine the simulation has taken: the linker hands every call of
 * task_fsm_step() to the wrapper in here.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/core/task_fsm.h"
#include "tests/sim/sim_cover.h"

#define ROWS_MAX 512

static uint64_t taken[TASK_STATE_COUNT][TASK_EVENT_COUNT][TASK_STATE_COUNT]
		     [TASK_ACTION_COUNT][REASON_COUNT];

int __real_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move);
int __wrap_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move);

int __wrap_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move)
{
	int rc = __real_task_fsm_step(from, event, facts, ret_move);

	if (rc == 0)
		taken[from][event][ret_move->to][ret_move->action][ret_move->reason]++;
	return rc;
}

static enum task_event event_named(const char *name)
{
	int event = 0;

	while (event < TASK_EVENT_COUNT &&
		strcmp(task_event_name((enum task_event)event), name) != 0)
		event++;
	return (enum task_event)event;
}

static enum task_action action_named(const char *name)
{
	int action = 0;

	while (action < TASK_ACTION_COUNT &&
		strcmp(task_action_name((enum task_action)action), name) != 0)
		action++;
	return (enum task_action)action;
}

int sim_cover_untaken(void (*untaken)(const struct task_row_text *row))
{
	struct task_row_text row;
	int count = 0;

	for (size_t i = 0; task_fsm_row(i, &row); i++) {
		uint64_t times =
			taken[task_state_by_name(row.from)][event_named(row.event)]
			     [task_state_by_name(row.to)][action_named(row.action)]
			     [reason_by_code(row.reason)];

		if (times > 0)
			continue;
		count++;
		untaken(&row);
	}
	return count;
}
