/* SPDX-License-Identifier: MIT
 *
 * What a task does to its board: looks, resets, asks, waits; uploads are in engine_push.c.
 * Each action starts only once the state behind it is durable, and ends as one event for
 * the table.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/core/task_record.h"
#include "daemon/engine_private.h"

const struct release_image *engine_task_image(const struct engine_task *task)
{
	if (task->board && task->task.has_wanted)
		return engine_image_showing(task->board, &task->task.wanted);
	if (!task->rollout->release || !task->board)
		return NULL;
	/* What was begun is judged by what it was, whatever the file calls the board now. */
	return task_is_begun(&task->task)
		       ? release_image_for(task->rollout->release,
				 task->board->spec->family, task->task.type)
		       : engine_image_for(task->board, task->rollout->release);
}

const struct wipy_fingerprint *engine_task_wanted(const struct engine_task *task)
{
	const struct release_image *image;

	if (task->task.has_wanted)
		return &task->task.wanted;
	image = engine_task_image(task);
	return image ? &image->fingerprint : NULL;
}

/* The fault is on our side: it says nothing of the board, and proves no outage. */
static bool is_blind(int status)
{
	return status == -EMFILE || status == -ENFILE || status == -ENOMEM ||
	       status == -ENOBUFS || status == -ENETDOWN || status == -ENETUNREACH ||
	       status == -EADDRNOTAVAIL || status == -EACCES || status == -EPERM;
}

static void look_event(struct engine_task *et, const struct board_link_result *result)
{
	et->looked = et->looked || !is_blind(result->status);
	if (is_blind(result->status))
		engine_task_event(et, TASK_EV_BLIND, NULL);
	else if (result->telnet.has_banner)
		engine_task_event(et, TASK_EV_LOOKED, &result->telnet.banner);
	else if (result->status == WIPY_E_TELNET_BUSY)
		engine_task_event(et, TASK_EV_BUSY, NULL);
	else if (result->status == WIPY_E_GARBAGE || result->status == WIPY_E_TOO_LONG)
		engine_task_event(et, TASK_EV_GARBAGE, NULL);
	else
		engine_task_event(et, TASK_EV_UNSEEN, NULL);
}

static void reset_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;

	if (telnet->reset_sent && telnet->mark_known && !telnet->mark_there)
		engine_task_event(et, TASK_EV_MARK_GONE, NULL); /* the earlier one's */
	else if (telnet->reset_sent)
		engine_task_event(et, TASK_EV_RESET_SENT, NULL);
	else if (result->status == WIPY_E_LOGIN_REFUSED)
		engine_task_event(et, TASK_EV_LOGIN_REFUSED, NULL);
	else
		engine_task_event(et, TASK_EV_RESET_FAILED, NULL);
}

static void mark_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;

	/* A banner that has changed meanwhile, another board, or one that is gone, says
	 * more than the mark. */
	if (!telnet->has_banner || !et->task.has_before ||
		et->board->board.access == ACCESS_WRONG_BOARD ||
		!wipy_fingerprint_equal(&telnet->banner, &et->task.before))
		look_event(et, result);
	else if (!telnet->mark_known)
		engine_task_event(et, TASK_EV_MARK_UNKNOWN, NULL);
	else if (telnet->mark_there)
		engine_task_event(et, TASK_EV_MARK_THERE, NULL);
	else
		engine_task_event(et, TASK_EV_MARK_GONE, NULL);
}

static void name_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	struct wipy_fingerprint fp;

	if (!telnet->has_banner)
		look_event(et, result);
	else if (et->board->board.access == ACCESS_WRONG_BOARD)
		engine_task_event(et, TASK_EV_MISNAMED, NULL);
	else if (!telnet->has_uname ||
		 wipy_fingerprint_parse_uname(
			 telnet->uname.version, telnet->uname.machine, &fp) < 0)
		engine_task_event(et, TASK_EV_UNNAMED, NULL);
	else if (wanted && wipy_fingerprint_equal(&fp, wanted))
		engine_task_event(et, TASK_EV_NAMED, NULL);
	else
		engine_task_event(et, TASK_EV_MISNAMED, NULL);
}

static void note_evidence(
	struct engine_task *et, const struct board_link_result *result)
{
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	bool same = wanted && task_same_image(&et->task, wanted) &&
		    wipy_fingerprint_equal(&result->telnet.banner, wanted);

	_Static_assert(BANNER_TEXT_MAX >= TELNET_BANNER_MAX, "a banner is kept whole");
	if (result->telnet.has_banner)
		snprintf(et->task.banner_after, sizeof(et->task.banner_after), "%s",
			result->telnet.banner_text);
	if (result->telnet.has_banner)
		snprintf(et->task.evidence, sizeof(et->task.evidence),
			"banner '%.160s'%s%s%s", result->telnet.banner_text,
			same ? ", indistinguishable from the image before" : "",
			result->status < 0 ? ", " : "",
			result->status < 0 ? wipy_strerror(result->status) : "");
	else
		snprintf(et->task.evidence, sizeof(et->task.evidence), "%s",
			wipy_strerror(result->status));
}

static void linked(void *arg, const struct board_link_result *result)
{
	struct engine_task *et = arg;
	struct engine *engine = et->rollout->engine;
	struct store_batch *batch = store_batch_new(engine->config.store);

	et->link = NULL;
	engine->actions_in_flight--;
	engine_line_closed(et->board);
	note_evidence(et, result);
	engine_note_look(et->board, result, batch);
	engine_commit(engine, batch);
	switch (et->action) {
	case TASK_ACT_RESET:
		reset_event(et, result);
		break;
	case TASK_ACT_ASK_MARK:
		mark_event(et, result);
		break;
	case TASK_ACT_LOGIN:
		name_event(et, result);
		break;
	case TASK_ACT_NONE:
	case TASK_ACT_LOOK:
	case TASK_ACT_LOOK_LATER:
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
	case TASK_ACT_PROBE:
	case TASK_ACT_CONFIRM:
	case TASK_ACT_PROCEED:
	case TASK_ACT_BACK_OFF:
	case TASK_ACT_SOAK:
	case TASK_ACTION_COUNT:
		look_event(et, result);
		break;
	}
	engine_stop_check(engine);
}

/* A twin shows the same banner: the look before a push asks who answers, where that can be
 * told (docs/decisions/0026). */
static enum telnet_goal goal_of(const struct engine_task *et)
{
	if (et->action == TASK_ACT_RESET)
		return TELNET_RESET;
	if (et->action == TASK_ACT_ASK_MARK)
		return TELNET_MARK;
	if (et->action == TASK_ACT_LOGIN ||
		(et->task.state == TASK_CHECKING && engine_asks_id(et->board)))
		return TELNET_UNAME;
	return TELNET_LOOK;
}

static void start_link(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	struct board_link_request request;

	if (et->board->poll) {
		et->waits_for_poll = true;
		return;
	}
	if (engine_line_waits(et->board, &engine->tasks, &et->due))
		return;
	engine_fill_link(et->board, goal_of(et), &request);
	request.mark = et->task.mark;
	request.old_mark = et->old_mark;
	request.expression = et->task.statement; /* of a reset */
	engine->actions_in_flight++;
	et->link = board_link_start(engine->loop, &request, linked, et);
}

static void start_timer(struct engine_task *et, int64_t due_ms)
{
	struct engine *engine = et->rollout->engine;

	if (et->deadline_ms != 0 && due_ms > et->deadline_ms)
		due_ms = et->deadline_ms;
	due_heap_set(&engine->tasks, &et->due, due_ms);
	engine_arm(engine);
}

/* At most `max_s` from now: a clock that was set back must not put it off for years. */
static int64_t wall_to_ms(struct engine *engine, int64_t wall_s, int64_t max_s)
{
	int64_t wait_s = wall_s - engine_now_s();

	if (wait_s > max_s)
		wait_s = max_s;

	return engine_now_ms(engine) + (wait_s > 0 ? wait_s * 1000 : 0);
}

/* The board is looked at, and probed, while it soaks: at the poll's interval, four times at
 * least, and at the end. */
static void start_soak(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	int64_t soak_ms = et->rollout->rollout.soak_s * 1000;
	int64_t step_ms = soak_ms / 4, due_ms;

	if (et->soak_end_ms == 0)
		et->soak_end_ms =
			wall_to_ms(engine, et->task.due_s, et->rollout->rollout.soak_s);
	if (step_ms > et->board->spec->poll_every_ms)
		step_ms = et->board->spec->poll_every_ms;
	if (step_ms < engine->config.settings->return_every_ms)
		step_ms = engine->config.settings->return_every_ms;
	due_ms = engine_now_ms(engine) + step_ms;
	/* Past the end it is only here for another round of probes. */
	if (due_ms > et->soak_end_ms && et->probe_tries == 0)
		due_ms = et->soak_end_ms;
	start_timer(et, due_ms);
}

/* The state is durable: act on the board. */
void engine_task_act(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;

	if (engine->stopping)
		return; /* the next start looks first and goes on */
	switch (et->action) {
	case TASK_ACT_LOOK:
	case TASK_ACT_RESET:
	case TASK_ACT_ASK_MARK:
	case TASK_ACT_LOGIN:
		start_link(et);
		break;
	case TASK_ACT_LOOK_LATER:
		start_timer(et, engine_now_ms(engine) +
					engine->config.settings->return_every_ms);
		break;
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
		engine_push_image(et);
		break;
	case TASK_ACT_PROBE:
		engine_probe_start(et);
		break;
	case TASK_ACT_CONFIRM:
		engine_push_confirm(et);
		break;
	case TASK_ACT_PROCEED:
		engine_task_event(et, TASK_EV_PROCEED, NULL);
		break;
	case TASK_ACT_BACK_OFF:
		start_timer(
			et, wall_to_ms(engine, et->task.due_s, ENGINE_BACKOFF_MAX_S));
		break;
	case TASK_ACT_SOAK:
		start_soak(et);
		break;
	case TASK_ACT_NONE:
	case TASK_ACTION_COUNT:
		break;
	}
}

/* The task's timer: a commit to be tried again, a connection that had to wait for the
 * board's listener, a look that was put off, the end of a back-off or of a soak. */
void engine_task_due(struct engine_task *et)
{
	int64_t now_ms = engine_now_ms(et->rollout->engine);

	if (et->retry_commit) {
		engine_task_commit(et);
		return;
	}
	switch (et->action) {
	case TASK_ACT_LOOK:
	case TASK_ACT_RESET:
	case TASK_ACT_ASK_MARK:
	case TASK_ACT_LOGIN:
		start_link(et);
		break;
	case TASK_ACT_LOOK_LATER:
		/* One that has just answered is looked at once more. */
		if (et->deadline_ms != 0 && now_ms >= et->deadline_ms &&
			(et->looked || et->was_blind) && !et->answered)
			engine_task_event(et, TASK_EV_DEADLINE, NULL);
		else
			start_link(et);
		break;
	case TASK_ACT_PROBE:
		engine_probe_start(et);
		break;
	case TASK_ACT_BACK_OFF:
	case TASK_ACT_SOAK:
		engine_task_event(et, TASK_EV_TIMER, NULL);
		break;
	case TASK_ACT_NONE:
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
	case TASK_ACT_CONFIRM:
	case TASK_ACT_PROCEED:
	case TASK_ACTION_COUNT:
		break;
	}
}

void engine_task_poll_ended(struct engine_task *et)
{
	if (!et->waits_for_poll)
		return;
	et->waits_for_poll = false;
	engine_task_act(et);
}

void engine_task_cancel_io(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;

	if (et->link) {
		engine_line_cancel(et->board, &et->link);
		engine->actions_in_flight--;
	}
	engine_push_cancel(et);
	engine_probe_cancel(et);
	et->waits_for_poll = false;
	due_heap_remove(&engine->tasks, &et->due);
}
