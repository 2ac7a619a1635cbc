/* SPDX-License-Identifier: MIT
 *
 * Rollouts in memory: made, read from the store, found, and forgotten once they ended.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "rollout"

#define REST_MS 60000 /* long past every deadline of a read or a commit */

/* ---- memory ---------------------------------------------------------------------- */

struct engine_rollout *engine_rollout_new(
	struct engine *engine, const struct rollout *record, size_t task_count)
{
	struct engine_rollout *er = engine_alloc(1, sizeof(*er));
	struct errtext ignored;

	er->engine = engine;
	er->rollout = *record;
	er->task = engine_alloc(task_count + 1, sizeof(*er->task));
	er->view = engine_alloc(task_count + 1, sizeof(*er->view));
	er->domains = engine_alloc(task_count + 1, sizeof(*er->domains));
	er->window = engine_alloc(task_count + 1, sizeof(*er->window));
	er->task_count = task_count;
	if (catalogue_find(engine->config.catalogue, record->release, &er->release,
		    &ignored) < 0)
		er->release = NULL;
	for (size_t i = 0; i < task_count; i++) {
		er->task[i].due.at = DUE_NOWHERE;
		er->task[i].rollout = er;
		er->view[i] = &er->task[i].task;
	}
	return er;
}

void engine_rollout_free(struct engine_rollout *rollout)
{
	engine_push_drop_images(rollout);
	free(rollout->task);
	free(rollout->view);
	free(rollout->domains);
	free(rollout->window);
	free(rollout->superseded);
	free(rollout);
}

void engine_rollout_remove(struct engine *engine, struct engine_rollout *er)
{
	size_t kept = 0;

	for (size_t i = 0; i < er->task_count; i++)
		engine_board_let_go(er->task[i].board, &er->task[i]);
	for (size_t i = 0; i < engine->rollout_count; i++)
		if (engine->rollout[i] != er)
			engine->rollout[kept++] = engine->rollout[i];
	engine->rollout_count = kept;
	engine_latest_end(engine, er);
	engine_rollout_free(er);
}

/* Whether nothing refers to it any more: it ended a while ago, and every commit and answer
 * about it has come back. */
static bool is_at_rest(const struct engine_rollout *er)
{
	int64_t ago_ms = engine_now_ms(er->engine) - er->ended_ms;

	if (!rollout_is_over(&er->rollout) || er->answers > 0 ||
		(er->ended_ms != 0 && ago_ms < REST_MS))
		return false;
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].committing)
			return false;
	return true;
}

/* That there is one is all that is kept of it. */
static void keep_id(struct engine *engine, const struct id *id)
{
	engine->old_rollout = realloc(engine->old_rollout,
		(engine->old_rollout_count + 1) * sizeof(*engine->old_rollout));
	if (!engine->old_rollout)
		abort();
	engine->old_rollout[engine->old_rollout_count++] = *id;
}

static void forget_kind(struct engine *engine, bool repairs)
{
	size_t ended = 0;

	for (size_t i = 0; i < engine->rollout_count; i++)
		ended += rollout_is_over(&engine->rollout[i]->rollout) &&
			 rollout_is_repair(&engine->rollout[i]->rollout) == repairs;
	for (size_t i = 0; i < engine->rollout_count && ended > ENGINE_RECENT;) {
		struct engine_rollout *er = engine->rollout[i];

		if (rollout_is_repair(&er->rollout) == repairs && is_at_rest(er)) {
			keep_id(engine, &er->rollout.id);
			engine_rollout_remove(engine, er);
			ended--;
		} else {
			i++;
		}
	}
}

/* The store keeps every rollout; memory keeps the latest ones, and of the daemon's own
 * repairs as many, so that these push nobody's out. */
void engine_forget_rollouts(struct engine *engine)
{
	forget_kind(engine, false);
	forget_kind(engine, true);
}

void engine_rollout_append(struct engine *engine, struct engine_rollout *er)
{
	struct engine_rollout **list =
		realloc(engine->rollout, (engine->rollout_count + 1) * sizeof(*list));

	if (!list)
		abort();
	engine->rollout = list;
	list[engine->rollout_count++] = er;
	engine_latest_begin(er);
	engine_fill_places(er);
	engine_reserve_due(engine, 0, er->task_count);
}

/* Nobody is left to act on. What the task may have left on the board is kept with what is
 * known of that board. */
void engine_task_vanished(struct engine *engine, struct engine_task *et)
{
	struct task *task = &et->task;
	struct board *gone = engine_gone_board(engine, task->board);
	struct store_batch *batch = store_batch_new(engine->config.store);

	if (task->state == TASK_PUSHING)
		task->touched = true;
	if (gone && task->touched)
		gone->conditions |= CONDITION_DIRTY;
	if (gone && task->pushed && task->proof <= PROOF_OUTAGE)
		gone->conditions |= CONDITION_ARMED;
	et->rollout->idle_until_s = 0;
	task->state = TASK_SKIPPED;
	task->reason = REASON_VANISHED;
	task->since_s = engine_now_s();
	log_warn(TAG,
		"the board of an active task is not in the inventory: skipped board=%s",
		task->board);
	store_put_task(batch, task);
	if (gone)
		store_put_board(batch, gone);
	engine_event_caused(batch, "wipyd", "inventory", task->board, &task->rollout,
		"task-state", "-> skipped, vanished");
	engine_commit(engine, batch);
	engine_plan_soon(engine);
}

static void join_board(struct engine *engine, struct engine_task *et)
{
	et->board = engine_find_board(engine, et->task.board);
	if (task_state_is_end(et->task.state) || rollout_is_over(&et->rollout->rollout))
		return;
	if (!et->board)
		engine_task_vanished(engine, et);
	else if (et->task.late && et->task.state == TASK_DEFERRED)
		engine_catch_up_rest(et);
	else
		et->board->task = et;
}

int engine_load_rollouts(struct engine *engine, struct store_snapshot *snapshot)
{
	size_t at = 0;

	for (size_t r = 0; r < snapshot->rollout_count; r++) {
		const struct rollout *record = &snapshot->rollout[r];
		struct engine_rollout *er;
		size_t first = at;

		while (at < snapshot->task_count &&
			id_equal(&snapshot->task[at].rollout, &record->id))
			at++;
		if (at == first) {
			keep_id(engine, &record->id); /* its tasks are left there */
			continue;
		}
		er = engine_rollout_new(engine, record, at - first);
		er->durable = true;
		er->dormant = !er->release && id_is_zero(&record->undo_of) &&
			      !rollout_is_over(record);
		for (size_t i = 0; i < er->task_count; i++) {
			er->task[i].task = snapshot->task[first + i];
			join_board(engine, &er->task[i]);
		}
		engine_rollout_append(engine, er);
	}
	return at == snapshot->task_count ? 0 : WIPY_E_CORRUPT;
}

void engine_restart_rollout(struct engine_rollout *er)
{
	static const struct rollout_facts none;
	struct store_batch *batch;
	enum rollout_state to;

	if (er->dormant && rollout_fsm_step(rollout_drive(&er->rollout),
				   ROLLOUT_EV_NO_RELEASE, &none, &to) == 0) {
		batch = store_batch_new(er->engine->config.store);
		engine_set_rollout(er, to, REASON_NO_RELEASE, "wipyd",
			reason_what(REASON_NO_RELEASE), batch);
		store_put_rollout(batch, &er->rollout);
		engine_commit(er->engine, batch);
	}
	for (size_t i = 0; !er->dormant && i < er->task_count; i++) {
		struct engine_task *et = &er->task[i];

		if (et->board && (et->board->task == et || engine_catch_up_rests(et)))
			engine_task_event(et, TASK_EV_RESTARTED, NULL);
	}
}

/* ---- reading --------------------------------------------------------------------- */

size_t engine_rollout_count(const struct engine *engine)
{
	return engine->rollout_count;
}

const struct engine_rollout *engine_rollout_at(
	const struct engine *engine, size_t index)
{
	return engine->rollout[index];
}

static bool begins(const struct id *id, const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		if (i == 2 * ID_LEN)
			return false;
		if (text[i] != digits[id->byte[i / 2] >> (i % 2 ? 0 : 4) & 0xf])
			return false;
	}
	return true;
}

static bool is_old(const struct engine *engine, const char *text, size_t len)
{
	for (size_t i = 0; i < engine->old_rollout_count; i++)
		if (begins(&engine->old_rollout[i], text, len))
			return true;
	return false;
}

int engine_find_rollout(const struct engine *engine, const char *text,
	struct engine_rollout **ret_rollout)
{
	struct engine_rollout *found = NULL;
	size_t len = strlen(text);
	bool old;

	for (size_t i = engine->rollout_count; i > 0 && strcmp(text, "latest") == 0;
		i--)
		if (engine->rollout[i - 1]->durable &&
			!rollout_is_repair(&engine->rollout[i - 1]->rollout)) {
			*ret_rollout = engine->rollout[i - 1];
			return 0;
		}
	if (len < 4)
		return -ENOENT;
	old = is_old(engine, text, len);
	for (size_t i = 0; i < engine->rollout_count; i++) {
		if (!engine->rollout[i]->durable ||
			!begins(&engine->rollout[i]->rollout.id, text, len))
			continue;
		if (found || old)
			return -ENOTUNIQ;
		found = engine->rollout[i];
	}
	if (!found)
		return old ? -ESTALE : -ENOENT;
	*ret_rollout = found;
	return 0;
}

enum wave_state engine_wave_state(const struct engine_rollout *rollout, int wave)
{
	size_t soaking = 0;

	if (rollout->rollout.wave_state[wave] != WAVE_OPEN)
		return rollout->rollout.wave_state[wave];
	for (size_t i = 0; i < rollout->task_count; i++) {
		const struct task *task = &rollout->task[i].task;

		if (task->wave != wave || task_state_is_end(task->state) ||
			task->state == TASK_DEFERRED)
			continue;
		if (task->state != TASK_SOAKING)
			return WAVE_OPEN;
		soaking++;
	}
	return soaking > 0 ? WAVE_SOAKING : WAVE_OPEN;
}
