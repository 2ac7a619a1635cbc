/* SPDX-License-Identifier: MIT
 *
 * Polls: each board is looked at on a jittered schedule and on request. A poll reads the
 * banner and leaves (DESIGN.md 1.2); login happens at enrolment and where the owner asks
 * for it. A board with a task under way is not polled: it has one telnet line.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/axes.h"
#include "daemon/core/poll_plan.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "poll"

struct engine_poll_waiter {
	struct engine_poll_waiter *next;
	enum telnet_goal goal;
	engine_polled_fn done;
	void *arg;
};

/* Whom a look with that goal tells what they asked. Returns whether some stay: they asked
 * for a login and came while the banner alone was read. */
static bool answer_waiters(struct engine_board *board, enum telnet_goal told)
{
	struct engine_poll_waiter *waiter = board->waiters;

	board->waiters = NULL;
	while (waiter) {
		struct engine_poll_waiter *next = waiter->next;

		if (waiter->goal == TELNET_UNAME && told == TELNET_LOOK) {
			waiter->next = board->waiters;
			board->waiters = waiter;
		} else {
			waiter->done(waiter->arg, board);
			free(waiter);
		}
		waiter = next;
	}
	return board->waiters != NULL;
}

void engine_poll_schedule(struct engine_board *board, bool first)
{
	struct engine *engine = board->engine;
	const struct settings *settings = engine->config.settings;
	int64_t every_ms = board->spec->poll_every_ms;
	int64_t in_ms = first ? poll_first_ms(every_ms, engine_random())
			      : poll_next_ms(every_ms, settings->poll_miss_retry_ms,
					board->board.misses, (int)settings->poll_misses,
					engine_random());

	due_heap_set(&engine->polls, &board->due, engine_now_ms(engine) + in_ms);
	engine_arm(engine);
}

/* A task that has pushed, or resets what an earlier one left, tells itself what its looks
 * mean. */
static bool task_decides(const struct engine_board *board)
{
	return board->task &&
	       (board->task->task.attempted || board->task->task.inherited != 0) &&
	       task_state_in_flight(board->task->task.state);
}

/* The board's own banner was read: what does it say of its slots, and of its conditions?
 * Dirty and armed end with the fingerprint's change, since that proves a reset. */
static bool note_banner(struct engine_board *board, const struct wipy_fingerprint *fp,
	bool changed, struct store_batch *batch)
{
	struct board *now = &board->board;
	bool decides = task_decides(board), learnt;

	if (!decides && changed)
		now->conditions &= ~(CONDITION_ARMED | CONDITION_DIRTY);
	if (decides) /* it knows better than a receipt */
		now->bench_said = false;
	learnt = engine_receipt_seen(board, fp);
	learnt |= engine_ledger_seen(board, fp);
	if (!decides) {
		/* Started by the pin, or on a trial that nobody ends. */
		if (ledger_leaves(&now->ledger))
			engine_rescue_arm(board);
		engine_rescue_seen(board, batch);
	}
	/* Stored: the next start would list it again otherwise. */
	if (board->task && (board->task->task.inherited & ~now->conditions)) {
		board->task->task.inherited &= now->conditions;
		store_put_task(batch, &board->task->task);
	}
	return learnt;
}

static bool note_uname(struct board *board, const struct telnet_uname *uname)
{
	if (strcmp(board->uname_release, uname->release) == 0 &&
		strcmp(board->uname_version, uname->version) == 0 &&
		strcmp(board->uname_machine, uname->machine) == 0)
		return false;
	snprintf(board->uname_release, sizeof(board->uname_release), "%s",
		uname->release);
	snprintf(board->uname_version, sizeof(board->uname_version), "%s",
		uname->version);
	snprintf(board->uname_machine, sizeof(board->uname_machine), "%s",
		uname->machine);
	return true;
}

/* What the look says of the access axis. */
static enum access_event access_event_of(
	bool wrong, const struct board_link_result *result)
{
	if (wrong)
		return ACCESS_EV_WRONG_BOARD;
	if (result->status == WIPY_E_LOGIN_REFUSED)
		return ACCESS_EV_LOGIN_REFUSED;
	if (result->telnet.logged_in)
		return ACCESS_EV_LOGGED_IN;
	if (result->status == WIPY_E_TELNET_BUSY)
		return ACCESS_EV_BUSY;
	return result->telnet.has_banner ? ACCESS_EV_BANNER : ACCESS_EV_NOTHING;
}

/* What led to the look: a rollout's task, a person or the calendar. */
static const char *look_cause(const struct engine_board *board)
{
	if (board->task && task_state_in_flight(board->task->task.state))
		return "rollout";
	return board->waiters ? "wish" : "poll";
}

static void version_event(struct engine_board *board, const struct board *was,
	bool ours, struct store_batch *batch)
{
	const struct board *now = &board->board;
	bool other =
		now->has_fingerprint &&
		(!was->has_fingerprint ||
			!wipy_fingerprint_equal(&was->fingerprint, &now->fingerprint));
	char detail[384], actor[80], text[WIPY_FINGERPRINT_MAX] = "";

	if (was->version == now->version && !other)
		return;
	if (now->has_fingerprint)
		wipy_fingerprint_format(&now->fingerprint, text);
	snprintf(detail, sizeof(detail), "%s -> %s: %s", version_name(was->version),
		version_name(now->version), text);
	snprintf(actor, sizeof(actor), "board %s", now->name);
	if (!other)
		engine_event_caused(batch, "wipyd", "target", now->name, NULL,
			"board-version", detail);
	else
		engine_event_caused(batch, ours ? "wipyd" : actor,
			ours ? "rollout" : look_cause(board), now->name, NULL,
			"board-version", detail);
}

static void log_change(struct engine_board *board, const struct board *was, bool ours,
	struct store_batch *batch)
{
	const struct board *now = &board->board;
	char detail[384], actor[80];

	snprintf(actor, sizeof(actor), "board %s", now->name);
	if (was->reach != now->reach) {
		snprintf(detail, sizeof(detail), "%s -> %s", reach_name(was->reach),
			reach_name(now->reach));
		engine_event_caused(batch, actor, look_cause(board), now->name, NULL,
			"board-reach", detail);
		log_info(TAG, "board is %s now board=%s", reach_name(now->reach),
			now->name);
	}
	if (was->access != now->access) {
		snprintf(detail, sizeof(detail), "%s -> %s", access_name(was->access),
			access_name(now->access));
		engine_event_caused(batch, actor, look_cause(board), now->name, NULL,
			"board-access", detail);
	}
	version_event(board, was, ours, batch);
}

void engine_note_look(struct engine_board *board,
	const struct board_link_result *result, struct store_batch *batch)
{
	const struct settings *settings = board->engine->config.settings;
	const struct telnet_result *telnet = &result->telnet;
	const struct release_image *target = NULL;
	struct board *now = &board->board;
	struct board was = *now;
	struct engine_sight sight = engine_sight_of(board, telnet);
	bool changed;

	if (sight.keeps) {
		changed = board_note_seen(now, &now->fingerprint, true, engine_now_s());
	} else if (telnet->has_banner) {
		changed = board_note_seen(
			now, &telnet->banner, !sight.drift, engine_now_s());
		changed |= note_banner(board, &telnet->banner, sight.other, batch);
		changed |= !sight.wrong && engine_note_seen_place(board);
		if (sight.other && !telnet->has_uname) /* it was another image's */
			now->uname_release[0] = now->uname_version[0] =
				now->uname_machine[0] = '\0';
	} else if (result->status == WIPY_E_TELNET_BUSY) {
		changed = now->misses != 0;
		now->misses = 0;
	} else if (board->task && board->task->task.state == TASK_RETURNING) {
		changed =
			false; /* gone because we reset it: the task watches over that */
	} else {
		changed = board_note_miss(
			now, (int)settings->poll_misses, engine_now_s());
	}
	board_note_access(now, access_event_of(sight.wrong, result));
	now->intrusions += telnet->intrusions;
	if (telnet->has_uname && !sight.keeps)
		changed |= note_uname(now, &telnet->uname);
	changed |= sight.changed;
	engine_board_target(board, &target);
	now->version = board_version_state(now, target ? &target->fingerprint : NULL);
	changed |= was.access != now->access || was.version != now->version ||
		   was.conditions != now->conditions ||
		   was.hands_reason != now->hands_reason ||
		   was.intrusions != now->intrusions;
	if (was.reach != now->reach && now->reach == REACH_OFFLINE)
		engine_rescue_gone(now);
	if (!changed)
		return;
	log_change(board, &was, sight.ours, batch);
	engine_identity_events(board, &was, &sight, telnet, look_cause(board), batch);
	board->seen_written_s = now->seen_s;
	store_put_board(batch, now);
}

/* In a wave that is still closed it stays deferred until the wave opens. */
static bool deferred_in_open_wave(const struct engine_board *board)
{
	const struct engine_task *et = board->task;

	return et && et->task.state == TASK_DEFERRED &&
	       et->rollout->rollout.wave_state[et->task.wave] != WAVE_CLOSED;
}

/* A twin has the same banner, and a repair is tried once: where it can be told, the board
 * is asked who it is before one begins. It has answered; returns whether it has to be
 * asked once more, for that. A task asks by itself. */
static bool asks_first(const struct engine_board *board)
{
	return engine_rescue_begins(board) && engine_asks_id(board) &&
	       board->poll_goal != TELNET_UNAME;
}

/* It has answered, and said who it is as far as it can. */
static void begin(struct engine_board *board)
{
	engine_rescue_start(board);
	if (deferred_in_open_wave(board))
		engine_task_event(board->task, TASK_EV_SEEN, NULL);
	else
		engine_catch_up_seen(board);
}

static void polled(void *arg, const struct board_link_result *result)
{
	struct engine_board *board = arg;
	struct engine *engine = board->engine;
	struct store_batch *batch = store_batch_new(engine->config.store);
	/* Where there was no banner, and at the end, nobody waits for more. */
	enum telnet_goal told = result->telnet.has_banner && !engine->stopping
					? board->poll_goal
					: TELNET_UNAME;
	bool asks = false;
	enum reach was = board->board.reach;

	board->poll = NULL;
	board->poll_status = result->status;
	tally_add(&engine->tallies.polls, result->status);
	engine_line_closed(board);
	engine->polls_in_flight--;
	if (board->poll_goal == TELNET_UNAME && result->telnet.has_banner) {
		board->enrolment_tried = true;
		board->ask_who = false;
	}
	engine_note_look(board, result, batch);
	engine_commit(engine, batch);
	if (result->telnet.has_banner && asks_first(board))
		asks = board->ask_who = true;
	else if (result->telnet.has_banner)
		begin(board);
	if (was != board->board.reach && result->status < 0)
		log_debug(TAG, "no banner board=%s err=%s", board->board.name,
			wipy_errcode(result->status));
	engine_poll_schedule(board, false);
	if (answer_waiters(board, told)) {
		board->poll_goal = TELNET_UNAME;
		asks = true;
	}
	if (asks) {
		due_heap_set(&engine->polls, &board->due, engine_now_ms(engine));
		engine_arm(engine);
	}
	if (board->task)
		engine_task_poll_ended(board->task);
	engine_stop_check(engine);
}

static bool wants_enrolment(const struct engine_board *board)
{
	const struct board *known = &board->board;

	/* Seen, never logged in: once, not at each poll of a board that refuses. */
	return engine_may_log_in(board) &&
	       (board->ask_who ||
		       (!board->enrolment_tried && known->has_fingerprint &&
			       known->uname_version[0] == '\0' &&
			       known->intrusions == 0 && known->access == ACCESS_OPEN));
}

static void start_poll(struct engine_board *board, enum telnet_goal goal)
{
	struct engine *engine = board->engine;
	struct board_link_request request;

	board->poll_goal = goal;
	if (engine_line_waits(board, &engine->polls, &board->due))
		return;
	engine_fill_link(board, goal, &request);
	due_heap_remove(&engine->polls, &board->due);
	engine->polls_in_flight++;
	board->poll = board_link_start(engine->loop, &request, polled, board);
}

static bool task_holds_line(const struct engine_board *board)
{
	return board->task && task_state_in_flight(board->task->task.state);
}

/* What the task sees is the freshest that can be had without taking its line away. */
static void refuse_waiters(struct engine_board *board)
{
	if (!board->waiters)
		return;
	board->poll_status = -EBUSY;
	(void)answer_waiters(board, TELNET_UNAME);
}

void engine_poll_due(struct engine_board *board)
{
	enum telnet_goal goal = TELNET_LOOK;

	if (board->poll || task_holds_line(board)) {
		engine_poll_schedule(board, false);
		if (!board->poll)
			refuse_waiters(board);
		return;
	}
	if (board->waiters)
		goal = board->poll_goal;
	else if (board->spec->poll_method == POLL_UNAME)
		goal = TELNET_UNAME;
	else if (wants_enrolment(board))
		goal = TELNET_UNAME;
	start_poll(board, goal);
}

void engine_poll_now(struct engine_board *board, enum telnet_goal goal,
	engine_polled_fn done, void *arg)
{
	struct engine *engine = board->engine;
	struct engine_poll_waiter *waiter = engine_alloc(1, sizeof(*waiter));

	waiter->goal = goal;
	waiter->done = done;
	waiter->arg = arg;
	waiter->next = board->waiters;
	board->waiters = waiter;
	if (board->poll)
		return;
	if (task_holds_line(board) || engine->stopping) {
		refuse_waiters(board);
		return;
	}
	/* Through the limit, as every poll. */
	if (!waiter->next || goal == TELNET_UNAME)
		board->poll_goal = goal;
	due_heap_set(&engine->polls, &board->due, engine_now_ms(engine));
	engine_arm(engine);
}

void engine_poll_cancel(struct engine_board *board)
{
	if (board->poll) {
		engine_line_cancel(board, &board->poll);
		board->engine->polls_in_flight--;
	}
	due_heap_remove(&board->engine->polls, &board->due);
	board->poll_status = -ECANCELED;
	(void)answer_waiters(board, TELNET_UNAME);
	engine_arm(board->engine); /* a place has become free */
}
