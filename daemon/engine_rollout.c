/* SPDX-License-Identifier: MIT
 *
 * Rollouts: starting one, carrying out what the planner in core says, and the wishes
 * pause, resume and abort.
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

#define INTENTS_MAX 64
#define REST_S      60 /* long past every deadline of a read or a commit */

struct answer {
	struct engine *engine;
	struct engine_rollout *rollout;
	bool created;
	engine_rollout_fn done;
	void *arg;
};

/* ---- memory ---------------------------------------------------------------------- */

static struct engine_rollout *new_rollout(
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
	free(rollout->task);
	free(rollout->view);
	free(rollout->domains);
	free(rollout->window);
	free(rollout);
}

static void remove_rollout(struct engine *engine, struct engine_rollout *er)
{
	size_t kept = 0;

	for (size_t i = 0; i < er->task_count; i++)
		engine_board_let_go(er->task[i].board, &er->task[i]);
	for (size_t i = 0; i < engine->rollout_count; i++)
		if (engine->rollout[i] != er)
			engine->rollout[kept++] = engine->rollout[i];
	engine->rollout_count = kept;
	engine_rollout_free(er);
}

/* Whether nothing refers to it any more: it ended a while ago, and every commit and answer
 * about it has come back. */
static bool is_at_rest(const struct engine_rollout *er)
{
	if (!rollout_state_is_end(er->rollout.state) || er->answers > 0 ||
		engine_now_s() - er->rollout.since_s < REST_S)
		return false;
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].committing)
			return false;
	return true;
}

/* The store keeps every rollout; memory keeps the latest ones. */
static void forget_old_rollouts(struct engine *engine)
{
	size_t ended = 0;

	for (size_t i = 0; i < engine->rollout_count; i++)
		ended += rollout_state_is_end(engine->rollout[i]->rollout.state);
	for (size_t i = 0; i < engine->rollout_count && ended > ENGINE_RECENT;) {
		if (is_at_rest(engine->rollout[i])) {
			remove_rollout(engine, engine->rollout[i]);
			ended--;
		} else {
			i++;
		}
	}
}

static void append_rollout(struct engine *engine, struct engine_rollout *er)
{
	struct engine_rollout **list =
		realloc(engine->rollout, (engine->rollout_count + 1) * sizeof(*list));

	if (!list)
		abort();
	engine->rollout = list;
	list[engine->rollout_count++] = er;
	engine_reserve_due(engine, 0, er->task_count);
}

/* A task of a board that is in no inventory any more has nobody to act on. What it may
 * have left on the board is kept with what is known of that board. */
static void skip_vanished(struct engine *engine, struct engine_task *et)
{
	struct task *task = &et->task;
	struct board *gone = engine_gone_board(engine, task->board);
	struct store_batch *batch = store_batch_new(engine->config.store);

	if (task->state == TASK_PUSHING)
		task->touched = true;
	if (gone && task->touched)
		gone->conditions |= CONDITION_DIRTY;
	if (gone && task->pushed && task->proof == PROOF_NONE)
		gone->conditions |= CONDITION_ARMED;
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
}

static void join_board(struct engine *engine, struct engine_task *et)
{
	et->board = engine_find_board(engine, et->task.board);
	if (task_state_is_end(et->task.state) ||
		rollout_state_is_end(et->rollout->rollout.state))
		return;
	if (et->board)
		et->board->task = et;
	else
		skip_vanished(engine, et);
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
		if (at == first)
			continue; /* an old one: its tasks were left in the store */
		er = new_rollout(engine, record, at - first);
		er->durable = true;
		er->dormant = !er->release && !rollout_state_is_end(record->state);
		for (size_t i = 0; i < er->task_count; i++) {
			er->task[i].task = snapshot->task[first + i];
			join_board(engine, &er->task[i]);
		}
		append_rollout(engine, er);
	}
	return at == snapshot->task_count ? 0 : WIPY_E_CORRUPT;
}

/* ---- starting -------------------------------------------------------------------- */

static void answered(void *arg, int status)
{
	struct answer *answer = arg;
	struct engine *engine = answer->engine;
	struct engine_rollout *er = answer->rollout;

	engine->commits_in_flight--;
	er->answers--;
	if (engine_commit_ok(engine, status)) {
		er->durable = true;
	} else if (answer->created) {
		remove_rollout(engine, er);
		er = NULL;
	}
	if (answer->done)
		answer->done(answer->arg, status, er);
	free(answer);
	engine_plan_soon(engine);
	engine_stop_check(engine);
}

static void commit_answer(struct engine *engine, struct engine_rollout *er,
	bool created, struct store_batch *batch, engine_rollout_fn done, void *arg)
{
	struct answer *answer = engine_alloc(1, sizeof(*answer));

	*answer = (struct answer){engine, er, created, done, arg};
	store_put_rollout(batch, &er->rollout);
	er->answers++;
	engine->commits_in_flight++;
	store_commit(batch, answered, answer);
}

static void fill_task(struct engine_task *et, const struct plan_entry *entry)
{
	struct task *task = &et->task;

	task->rollout = et->rollout->rollout.id;
	snprintf(task->board, sizeof(task->board), "%s", entry->board->board.name);
	task->wave = entry->wave;
	task->state = entry->state;
	task->reason = entry->reason;
	task->since_s = et->rollout->rollout.created_s;
	task->attempt = 1;
	task->inherited =
		entry->board->board.conditions & (CONDITION_DIRTY | CONDITION_ARMED);
	et->board = entry->board;
	if (!task_state_is_end(task->state))
		entry->board->task = et;
	else
		engine_task_settle(et);
}

static struct rollout rollout_of(
	struct engine *engine, const struct plan *plan, const char *actor)
{
	struct rollout rollout = {
		.state = engine->config.settings->approval ? ROLLOUT_AWAITING_APPROVAL
							   : ROLLOUT_RUNNING,
		.created_s = engine_now_s(),
		.expires_s = plan->expires_s > 0 ? engine_now_s() + plan->expires_s : 0,
		.since_s = engine_now_s(),
		.soak_s = plan->soak_s,
		.wave_count = plan->wave_count,
		.attempts_max = (int)engine->config.settings->attempts,
	};

	clock_random(rollout.id.byte, sizeof(rollout.id.byte));
	snprintf(rollout.release, sizeof(rollout.release), "%s", plan->release->name);
	snprintf(rollout.selector, sizeof(rollout.selector), "%s", plan->select_text);
	snprintf(rollout.waves, sizeof(rollout.waves), "%s", plan->waves_text);
	snprintf(rollout.actor, sizeof(rollout.actor), "%s", actor);
	return rollout;
}

void engine_start_rollout(struct engine *engine, const struct plan *plan,
	const char *actor, engine_rollout_fn done, void *arg)
{
	struct rollout record = rollout_of(engine, plan, actor);
	struct engine_rollout *er = new_rollout(engine, &record, plan->entry_count);
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[384], id[ID_TEXT_MAX];

	id_format(&record.id, id);
	for (size_t i = 0; i < plan->entry_count; i++) {
		fill_task(&er->task[i], &plan->entry[i]);
		store_put_task(batch, &er->task[i].task);
		store_put_board(batch, &plan->entry[i].board->board);
	}
	forget_old_rollouts(engine);
	append_rollout(engine, er);
	snprintf(detail, sizeof(detail), "release %s, waves %s, %zu boards planned",
		record.release, record.waves, plan->planned);
	engine_event_caused(
		batch, actor, "wish", "", &record.id, "rollout-started", detail);
	log_info(TAG, "started rollout=%.8s release=%s boards=%zu actor=%s", id,
		record.release, plan->planned, actor);
	commit_answer(engine, er, true, batch, done, arg);
}

/* ---- carrying out intents -------------------------------------------------------- */

static void set_state(struct engine_rollout *er, enum rollout_state state,
	enum reason reason, const char *actor, const char *words,
	struct store_batch *batch)
{
	struct rollout *rollout = &er->rollout;
	const char *cause = strcmp(actor, "wipyd") != 0 ? "wish"
			    : reason != REASON_NONE     ? reason_code(reason)
							: "plan";
	char detail[384], id[ID_TEXT_MAX];

	id_format(&rollout->id, id);
	snprintf(detail, sizeof(detail), "%s -> %s%s%s%s%s",
		rollout_state_name(rollout->state), rollout_state_name(state),
		reason != REASON_NONE ? ", " : "",
		reason != REASON_NONE ? reason_code(reason) : "", words[0] ? ": " : "",
		words);
	engine_event_caused(
		batch, actor, cause, "", &rollout->id, "rollout-state", detail);
	log_info(TAG, "%s -> %s rollout=%.8s reason=%s actor=%s",
		rollout_state_name(rollout->state), rollout_state_name(state), id,
		reason_code(reason), actor);
	rollout->state = state;
	rollout->reason = reason;
	rollout->since_s = engine_now_s();
}

static int open_wave_of(const struct rollout *rollout)
{
	for (int i = 0; i < rollout->wave_count; i++)
		if (rollout->wave_state[i] == WAVE_OPEN)
			return i;
	return -1;
}

static void set_wave(struct engine_rollout *er, int wave, enum wave_state state,
	struct store_batch *batch)
{
	enum wave_state was = er->rollout.wave_state[wave];
	/* Only a person's resume leaves a tripped wave behind. */
	const char *cause = state == WAVE_TRIPPED ? "brake"
			    : was == WAVE_TRIPPED ? "wish"
						  : "plan";
	char detail[384];

	snprintf(detail, sizeof(detail), "wave %d: %s -> %s", wave + 1,
		wave_state_name(was), wave_state_name(state));
	engine_event_caused(
		batch, "wipyd", cause, "", &er->rollout.id, "wave-state", detail);
	er->rollout.wave_state[wave] = state;
}

static void open_tasks(struct engine_rollout *er, int wave)
{
	for (size_t i = 0; i < er->task_count; i++) {
		struct engine_task *et = &er->task[i];

		if (et->task.wave == wave && et->board &&
			(et->task.state == TASK_PLANNED ||
				et->task.state == TASK_DEFERRED))
			engine_task_event(et, TASK_EV_OPEN, NULL);
	}
}

static void swap_tasks(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	struct task *a = &er->task[intent->a].task, *b = &er->task[intent->b].task;
	int wave = a->wave;

	a->wave = b->wave;
	b->wave = wave;
	store_put_task(batch, a);
	engine_task_event(&er->task[intent->b], TASK_EV_OPEN, NULL);
}

static void tell_tasks(struct engine_rollout *er, enum task_event event)
{
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].board && !task_state_is_end(er->task[i].task.state))
			engine_task_event(&er->task[i], event, NULL);
}

static void halt(
	struct engine_rollout *er, enum reason reason, struct store_batch *batch)
{
	int wave = open_wave_of(&er->rollout);
	char text[BRAKES_TEXT_MAX];
	struct brake_limits limits;
	struct brake_counts counts;

	engine_count_brakes(er, reason, &limits, &counts, text);
	if (wave >= 0)
		set_wave(er, wave, WAVE_TRIPPED, batch);
	set_state(er, ROLLOUT_HALTED, reason, "wipyd",
		text[0] ? text : reason_what(reason), batch);
	tell_tasks(er, TASK_EV_HALT);
}

static void carry_out(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	switch (intent->kind) {
	case INTENT_OPEN_WAVE:
		set_wave(er, intent->wave, WAVE_OPEN, batch);
		open_tasks(er, intent->wave);
		break;
	case INTENT_PASS_WAVE:
		set_wave(er, intent->wave, WAVE_PASSED, batch);
		break;
	case INTENT_SKIP_WAVE:
		set_wave(er, intent->wave, WAVE_SKIPPED, batch);
		break;
	case INTENT_SWAP:
		swap_tasks(er, intent, batch);
		break;
	case INTENT_GRANT:
		engine_task_event(&er->task[intent->a], TASK_EV_GRANT, NULL);
		break;
	case INTENT_HOLD:
		engine_hold_task(&er->task[intent->a], intent->due_s);
		break;
	case INTENT_EXPIRE:
		engine_task_event(&er->task[intent->a], TASK_EV_EXPIRE, NULL);
		break;
	case INTENT_UNHOLD:
		engine_task_event(&er->task[intent->a], TASK_EV_WINDOW_OPEN, NULL);
		break;
	case INTENT_HALT:
		halt(er, intent->reason, batch);
		break;
	case INTENT_FINISH:
		set_state(er, intent->state, REASON_NONE, "wipyd", "", batch);
		for (int i = 0; i < er->rollout.wave_count; i++)
			if (er->rollout.wave_state[i] == WAVE_OPEN ||
				er->rollout.wave_state[i] == WAVE_CLOSED)
				set_wave(er, i, WAVE_SKIPPED, batch);
		for (size_t i = 0; i < er->task_count; i++)
			engine_board_let_go(er->task[i].board, &er->task[i]);
		break;
	}
}

/* ---- the planner's view ---------------------------------------------------------- */

static bool changes_tasks_only(const struct intent *intent)
{
	return intent->kind == INTENT_GRANT || intent->kind == INTENT_HOLD ||
	       intent->kind == INTENT_UNHOLD || intent->kind == INTENT_EXPIRE;
}

/* Returns when the next window opens that a task waits for, or WINDOW_NEVER. */
static int64_t plan_rollout(struct engine *engine, struct engine_rollout *er,
	struct domain *domain, int *in_flight)
{
	const struct settings *settings = engine->config.settings;
	struct intent intents[INTENTS_MAX];
	struct rollout_view view = {
		.rollout = &er->rollout,
		.task = er->view,
		.task_domains = er->domains,
		.task_count = er->task_count,
		.domain = domain,
		.in_flight = *in_flight,
		.pushes_max = engine_pushes_max(engine),
		.domain_share = (int)settings->domain_share,
		.brakes = engine_brake_limits(engine),
		.now_s = engine_now_s(),
		.task_window = er->window,
	};
	size_t count;

	for (size_t i = 0; i < er->task_count; i++) {
		er->domains[i] = engine_board_domains(er->task[i].board);
		er->window[i] = engine_task_window(&er->task[i]);
	}
	while ((count = rollout_plan(&view, intents, INTENTS_MAX)) > 0) {
		struct store_batch *batch = store_batch_new(engine->config.store);
		bool tasks_only = changes_tasks_only(&intents[0]);

		for (size_t i = 0; i < count; i++)
			carry_out(er, &intents[i], batch);
		if (!tasks_only)
			store_put_rollout(batch, &er->rollout);
		engine_commit(engine, batch);
	}
	*in_flight = view.in_flight;
	return view.wake_s;
}

void engine_plan_now(void *arg)
{
	struct engine *engine = arg;
	int64_t wake_s = WINDOW_NEVER;
	struct domain *domain;
	int in_flight;

	engine->plan_asked = false;
	if (engine->stopping || !engine->started)
		return;
	if (engine->sweep)
		engine_sweep_kept(engine);
	domain = engine_make_domains(engine, &in_flight);
	for (size_t i = 0; i < engine->rollout_count; i++) {
		struct engine_rollout *er = engine->rollout[i];

		if (er->durable && !er->dormant &&
			!rollout_state_is_end(er->rollout.state)) {
			int64_t next_s = plan_rollout(engine, er, domain, &in_flight);

			wake_s = next_s < wake_s ? next_s : wake_s;
		}
	}
	free(domain);
	engine_plan_wake(engine, wake_s);
}

void engine_plan_soon(struct engine *engine)
{
	if (!engine->started || engine->stopping)
		return;
	engine->plan_asked = true;
	clock_timer_start(&engine->plan_timer, 0);
}

void engine_restart_rollout(struct engine_rollout *er)
{
	struct store_batch *batch;

	if (er->dormant && er->rollout.state == ROLLOUT_RUNNING) {
		batch = store_batch_new(er->engine->config.store);
		set_state(er, ROLLOUT_HALTED, REASON_NO_RELEASE, "wipyd",
			reason_what(REASON_NO_RELEASE), batch);
		store_put_rollout(batch, &er->rollout);
		engine_commit(er->engine, batch);
	}
	for (size_t i = 0; !er->dormant && i < er->task_count; i++) {
		struct engine_task *et = &er->task[i];

		if (et->board && et->board->task == et)
			engine_task_event(et, TASK_EV_RESTARTED, NULL);
	}
}

/* ---- wishes ---------------------------------------------------------------------- */

/* The person has seen the failures so far: only new ones can trip a brake again. A wave
 * that can show nothing any more is left behind, since that is what resuming means. */
static void acknowledge(struct engine_rollout *er, struct store_batch *batch)
{
	struct rollout *rollout = &er->rollout;
	struct brake_counts counts;

	rollout_count(rollout, er->view, er->task_count, &counts);
	rollout->acked_lost += counts.lost;
	rollout->acked_fell_back += counts.fell_back;
	rollout->acked_failed += counts.failed;
	rollout->acked_probe += counts.probe;
	for (int i = 0; i < rollout->wave_count; i++)
		if (rollout->wave_state[i] == WAVE_TRIPPED)
			set_wave(er, i,
				rollout_wave_failed(er->view, er->task_count, i)
					? WAVE_SKIPPED
					: WAVE_OPEN,
				batch);
}

int engine_wish_rollout(struct engine_rollout *rollout, enum rollout_wish wish,
	const char *actor, const char *reason, engine_rollout_fn done, void *arg)
{
	struct engine *engine = rollout->engine;
	struct store_batch *batch;
	enum rollout_state to;
	int rc = rollout_wish(rollout->rollout.state, wish, &to);

	if (rc < 0)
		return rc;
	if (!rollout->release)
		return -ENOENT;
	if (wish == WISH_APPROVE && engine->config.settings->approval &&
		strcmp(actor, rollout->rollout.actor) == 0)
		return -EACCES;
	batch = store_batch_new(engine->config.store);
	if (rollout->rollout.state == ROLLOUT_HALTED && wish == WISH_RESUME)
		acknowledge(rollout, batch);
	set_state(rollout, to, to == ROLLOUT_RUNNING ? REASON_NONE : REASON_BY_OPERATOR,
		actor, reason, batch);
	commit_answer(engine, rollout, false, batch, done, arg);
	if (rollout->dormant) {
		rollout->dormant = false;
		engine_restart_rollout(rollout);
	}
	if (wish == WISH_ABORT)
		tell_tasks(rollout, TASK_EV_CANCEL);
	if (wish == WISH_RESUME)
		tell_tasks(rollout, TASK_EV_RELEASE);
	return 0;
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

int engine_find_rollout(const struct engine *engine, const char *text,
	struct engine_rollout **ret_rollout)
{
	struct engine_rollout *found = NULL;
	size_t len = strlen(text);

	for (size_t i = engine->rollout_count; i > 0 && strcmp(text, "latest") == 0;
		i--)
		if (engine->rollout[i - 1]->durable) {
			*ret_rollout = engine->rollout[i - 1];
			return 0;
		}
	if (len < 4)
		return -ENOENT;
	for (size_t i = 0; i < engine->rollout_count; i++) {
		char id[ID_TEXT_MAX];

		id_format(&engine->rollout[i]->rollout.id, id);
		if (!engine->rollout[i]->durable || strncmp(id, text, len) != 0)
			continue;
		if (found)
			return -ENOTUNIQ;
		found = engine->rollout[i];
	}
	if (!found)
		return -ENOENT;
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
