/* SPDX-License-Identifier: MIT
 *
 * The engine's life: joining store and inventory, timers, commits, stop. Boards,
 * polls, tasks, rollouts and the reload are in files of their own.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/log.h"
#include "daemon/edge/probe_run.h"
#include "daemon/edge/web.h"
#include "daemon/engine_private.h"

#define TAG "engine"

#define MINUTE_MS   60000
#define RESAVE_MS   5000
#define STOP_MAX_MS 75000 /* what takes longer than that is cut */

void *engine_alloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

int64_t engine_now_ms(struct engine *engine)
{
	return clock_now_ms(engine->loop);
}

int64_t engine_now_s(void)
{
	return clock_now_s();
}

uint32_t engine_random(void)
{
	uint32_t random;

	clock_random(&random, sizeof(random));
	return random;
}

/* ---- timers ---------------------------------------------------------------------- */

static void everything_saved(void *arg, int status);

void engine_arm(struct engine *engine)
{
	struct due *poll = due_heap_first(&engine->polls);
	struct due *task = due_heap_first(&engine->tasks);
	int64_t now_ms = engine_now_ms(engine), due_ms = INT64_MAX;

	if (!engine->started || engine->stopping)
		return;
	if (poll && engine->polls_in_flight < engine->config.settings->polls_max)
		due_ms = poll->due_ms;
	if (task && task->due_ms < due_ms)
		due_ms = task->due_ms;
	if (due_ms == INT64_MAX)
		clock_timer_stop(&engine->timer);
	else
		clock_timer_start(&engine->timer, due_ms - now_ms);
}

/* Past every deadline of its own: cut what is still under way. */
static void stop_timed_out(struct engine *engine)
{
	log_warn(TAG, "some boards do not end their conversations: cutting them");
	for (size_t i = 0; i < engine->board_count; i++) {
		engine_poll_cancel(engine->board[i]);
		if (engine->board[i]->task)
			engine_task_cancel_io(engine->board[i]->task);
	}
	engine_stop_check(engine);
}

static void on_timer(void *arg)
{
	struct engine *engine = arg;
	int64_t now_ms = engine_now_ms(engine);
	struct due *due;

	if (engine->stopping) {
		stop_timed_out(engine);
		return;
	}
	while ((due = due_heap_first(&engine->tasks)) && due->due_ms <= now_ms) {
		due_heap_remove(&engine->tasks, due);
		engine_task_due((struct engine_task *)due);
	}
	while (engine->polls_in_flight < engine->config.settings->polls_max &&
		(due = due_heap_first(&engine->polls)) && due->due_ms <= now_ms) {
		due_heap_remove(&engine->polls, due);
		engine_poll_due((struct engine_board *)due);
	}
	engine_arm(engine);
}

/* At least one row: a state folder that is gone is noticed by writing. */
static void put_all_seen(struct engine *engine)
{
	struct store_batch *batch = store_batch_new(engine->config.store);

	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->seen_written_s == board->board.seen_s)
			continue;
		store_put_seen(batch, board->board.name, board->board.seen_s);
		board->seen_written_s = board->board.seen_s;
	}
	if (store_batch_len(batch) == 0 && engine->board_count > 0)
		store_put_seen(batch, engine->board[0]->board.name,
			engine->board[0]->board.seen_s);
	engine_commit(engine, batch);
}

/* Everything in memory once more, as one transaction: after a failed commit the store may
 * know less. */
static void put_everything(struct engine *engine)
{
	struct store_batch *batch = store_batch_new(engine->config.store);

	for (size_t i = 0; i < engine->board_count; i++)
		store_put_board(batch, &engine->board[i]->board);
	for (size_t i = 0; i < engine->gone_count; i++)
		store_put_board(batch, &engine->gone[i]);
	for (size_t i = 0; i < engine->rollout_count; i++) {
		const struct engine_rollout *er = engine->rollout[i];

		if (!er->durable)
			continue;
		store_put_rollout(batch, &er->rollout);
		for (size_t k = 0; k < er->task_count; k++)
			store_put_task(batch, &er->task[k].task);
	}
	engine_put_known_bad(engine, batch);
	engine_event_caused(batch, "wipyd", "disk", "", NULL, "state-saved-again", "");
	engine->commits_in_flight++;
	store_commit(batch, everything_saved, engine);
}

static void on_minute(void *arg)
{
	struct engine *engine = arg;

	clock_timer_start(&engine->minute, engine->read_only ? RESAVE_MS : MINUTE_MS);
	if (engine->read_only)
		put_everything(engine);
	else
		put_all_seen(engine);
	engine_channels_tick(engine);
}

static void grow(struct due_heap *heap, size_t cap)
{
	struct due **slot;

	if (cap <= heap->cap)
		return;
	slot = realloc(heap->slot, cap * sizeof(*slot));
	if (!slot)
		abort();
	due_heap_grow(heap, slot, cap);
}

void engine_reserve_due(struct engine *engine, size_t polls, size_t tasks)
{
	grow(&engine->polls, engine->polls.cap + polls);
	grow(&engine->tasks, engine->tasks.cap + tasks);
}

/* ---- commits --------------------------------------------------------------------- */

void engine_event_caused(struct store_batch *batch, const char *actor,
	const char *cause, const char *board, const struct id *rollout,
	const char *name, const char *detail)
{
	struct event event = {.time_s = engine_now_s(), .has_rollout = rollout != NULL};

	snprintf(event.actor, sizeof(event.actor), "%s", actor);
	snprintf(event.board, sizeof(event.board), "%s", board);
	snprintf(event.name, sizeof(event.name), "%s", name);
	snprintf(event.cause, sizeof(event.cause), "%s", cause);
	snprintf(event.detail, sizeof(event.detail), "%s", detail);
	if (rollout)
		event.rollout = *rollout;
	store_add_event(batch, &event);
}

bool engine_commit_ok(struct engine *engine, int status)
{
	if (status < 0 && !engine->read_only) {
		log_error(TAG,
			"state could not be written: nothing new begins until it can. "
			"Make "
			"room in %s or repair it err=%s",
			engine->config.settings->state_dir, wipy_strerror(status));
		engine->read_only = true;
		engine->store_status = status;
		if (!engine->stopping)
			clock_timer_start(&engine->minute, RESAVE_MS);
	}
	if (status == WIPY_E_STALE && engine->config.fatal) {
		engine->config.fatal(engine->config.arg,
			"another wipyd has taken over this state folder: stopping");
		engine->config.fatal = NULL;
	}
	return status == 0;
}

static void committed(void *arg, int status)
{
	struct engine *engine = arg;

	engine->commits_in_flight--;
	engine_commit_ok(engine, status);
	engine_stop_check(engine);
}

static void everything_saved(void *arg, int status)
{
	struct engine *engine = arg;

	if (status == 0) {
		log_info(TAG, "the state folder can be written again");
		engine->read_only = false;
		engine->store_status = 0;
		if (!engine->stopping)
			clock_timer_start(&engine->minute, MINUTE_MS);
	}
	committed(arg, status);
}

void engine_commit(struct engine *engine, struct store_batch *batch)
{
	if (store_batch_len(batch) == 0) {
		store_batch_drop(batch);
		return;
	}
	engine->commits_in_flight++;
	store_commit(batch, committed, engine);
}

struct wish {
	struct engine *engine;
	engine_done_fn done;
	void *arg;
};

static void wish_committed(void *arg, int status)
{
	struct wish *wish = arg;
	struct engine *engine = wish->engine;

	wish->done(wish->arg, status);
	free(wish);
	committed(engine, status);
}

void engine_commit_wish(struct engine *engine, struct store_batch *batch,
	engine_done_fn done, void *arg)
{
	struct wish *wish = engine_alloc(1, sizeof(*wish));

	*wish = (struct wish){engine, done, arg};
	engine->commits_in_flight++;
	store_commit(batch, wish_committed, wish);
}

/* ---- life ------------------------------------------------------------------------ */

static void init_timers(struct engine *engine)
{
	clock_timer_init(engine->loop, &engine->timer, on_timer, engine);
	clock_timer_init(engine->loop, &engine->plan_timer, engine_plan_now, engine);
	clock_timer_init(engine->loop, &engine->minute, on_minute, engine);
	engine->timers_open = 3;
}

int engine_new(uv_loop_t *loop, const struct engine_config *config,
	struct engine **ret_engine, struct errtext *ret_error)
{
	struct engine *engine = engine_alloc(1, sizeof(*engine));
	struct store_snapshot snapshot = {0};
	int rc;

	engine->loop = loop;
	engine->config = *config;
	engine->inventory = config->inventory;
	engine->read_only = config->read_only;
	engine->store_status = config->read_only ? WIPY_E_FULL : 0;
	rc = store_load(config->store, ENGINE_RECENT, &snapshot, ret_error);
	if (rc < 0) {
		free(engine);
		return rc;
	}
	engine_load_known_bad(engine, &snapshot);
	engine_load_boards(engine, &snapshot);
	rc = engine_load_rollouts(engine, &snapshot);
	engine_place_boards(engine);
	store_snapshot_done(&snapshot);
	if (rc < 0)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"the state in %s holds tasks of a rollout that it does not "
			"hold: put "
			"back a backup of wipyd.db, or move it aside to begin anew",
			config->settings->state_dir);
	if (rc < 0)
		return rc;
	init_timers(engine);
	*ret_engine = engine;
	return 0;
}

void engine_start(struct engine *engine)
{
	engine->started = true;
	for (size_t i = 0; i < engine->board_count; i++)
		engine_poll_schedule(engine->board[i], true);
	for (size_t i = 0; i < engine->rollout_count; i++)
		if (!rollout_is_over(&engine->rollout[i]->rollout))
			engine_restart_rollout(engine->rollout[i]);
	clock_timer_start(&engine->minute, engine->read_only ? RESAVE_MS : MINUTE_MS);
	engine_channels_tick(engine);
	engine_plan_soon(engine);
}

static void free_engine(struct engine *engine)
{
	for (size_t i = 0; i < engine->rollout_count; i++)
		engine_rollout_free(engine->rollout[i]);
	for (size_t i = 0; i < engine->board_count; i++)
		free(engine->board[i]);
	while (engine->old_count > 0)
		inventory_free(engine->old[--engine->old_count]);
	inventory_free(engine->inventory);
	catalogue_free(engine->config.catalogue);
	web_free(engine->config.web);
	engine_fetch_free_all(engine);
	free(engine->channel);
	free(engine->old);
	free(engine->gone);
	free(engine->board);
	free(engine->rollout);
	free(engine->old_rollout);
	free(engine->known_bad);
	engine_free_buckets(engine);
	engine_free_pace(engine);
	engine_forget_domains(engine);
	free(engine->polls.slot);
	free(engine->tasks.slot);
	free(engine);
}

static void store_closed(void *arg)
{
	struct engine *engine = arg;
	void (*done)(void *) = engine->stopped;
	void *done_arg = engine->stopped_arg;

	free_engine(engine);
	done(done_arg);
}

static void timer_closed(void *arg)
{
	struct engine *engine = arg;

	if (--engine->timers_open == 0)
		store_close(engine->config.store, store_closed, engine);
}

static void finish_stop(struct engine *engine)
{
	engine->finishing = true;
	clock_timer_close(&engine->timer, timer_closed);
	clock_timer_close(&engine->plan_timer, timer_closed);
	clock_timer_close(&engine->minute, timer_closed);
}

void engine_stop_check(struct engine *engine)
{
	bool quiet = engine->polls_in_flight == 0 && engine->actions_in_flight == 0 &&
		     engine->commits_in_flight == 0 && !engine->reloading;

	if (engine->stopping && quiet && !engine->finishing)
		finish_stop(engine);
}

void engine_stop(struct engine *engine, void (*done)(void *arg), void *arg)
{
	engine->stopped = done;
	engine->stopped_arg = arg;
	put_all_seen(engine);
	engine->stopping = true;
	clock_timer_stop(&engine->minute);
	clock_timer_stop(&engine->plan_timer);
	for (size_t i = 0; i < engine->board_count; i++) {
		if (!engine->board[i]->poll)
			engine_poll_cancel(engine->board[i]);
		if (engine->board[i]->task) /* asking harms nobody, and may take long */
			engine_probe_cancel(engine->board[i]->task);
	}
	engine_fetch_cancel_all(engine);
	clock_timer_start(&engine->timer, STOP_MAX_MS);
	engine_stop_check(engine);
}

void engine_hold(struct engine *engine)
{
	engine->actions_in_flight++;
}

void engine_unhold(struct engine *engine)
{
	engine->actions_in_flight--;
	engine_stop_check(engine);
}

struct catalogue *engine_catalogue(const struct engine *engine)
{
	return engine->config.catalogue;
}

struct store *engine_store(struct engine *engine)
{
	return engine->config.store;
}

const struct inventory *engine_inventory(const struct engine *engine)
{
	return engine->inventory;
}

const struct settings *engine_settings(const struct engine *engine)
{
	return engine->config.settings;
}

bool engine_read_only(const struct engine *engine)
{
	return engine->read_only;
}

const struct engine_tallies *engine_tallies(const struct engine *engine)
{
	return &engine->tallies;
}

void engine_in_flight(
	const struct engine *engine, size_t *ret_polls, size_t *ret_pushes)
{
	*ret_polls = (size_t)engine->polls_in_flight;
	*ret_pushes = 0;
	for (size_t i = 0; i < engine->rollout_count; i++) {
		const struct engine_rollout *er = engine->rollout[i];

		for (size_t j = 0; j < er->task_count; j++)
			*ret_pushes += er->task[j].push != NULL;
	}
}

int engine_store_status(const struct engine *engine)
{
	return engine->store_status;
}
