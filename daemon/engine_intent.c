/* SPDX-License-Identifier: MIT
 *
 * Carries out what the rollout planner in core says. One batch for all that holds
 * together; the planner is asked again until it says nothing more.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "rollout"

#define INTENTS_MAX 64

/* ---- carrying out intents -------------------------------------------------------- */

void engine_set_rollout(struct engine_rollout *er, enum rollout_state state,
	enum reason reason, const char *actor, const char *words,
	struct store_batch *batch)
{
	struct rollout *rollout = &er->rollout;
	enum rollout_state was = rollout_drive(rollout);
	/* What is left of one that has ended is its catch-up; an undo ends that too. */
	bool late = rollout_state_is_end(rollout->state) &&
		    rollout->catch_up != ROLLOUT_DRAFT;
	const char *cause = strcmp(actor, "wipyd") != 0 ? "wish"
			    : reason != REASON_NONE     ? reason_code(reason)
							: "plan";
	char detail[384], id[ID_TEXT_MAX];

	id_format(&rollout->id, id);
	snprintf(detail, sizeof(detail), "%s -> %s%s%s%s%s", rollout_state_name(was),
		rollout_state_name(state), reason != REASON_NONE ? ", " : "",
		reason != REASON_NONE ? reason_code(reason) : "", words[0] ? ": " : "",
		words);
	engine_event_caused(batch, actor, cause, "", &rollout->id,
		late ? "catch-up-state" : "rollout-state", detail);
	log_info(TAG, "%s%s -> %s rollout=%.8s reason=%s actor=%s",
		late ? "catch-up " : "", rollout_state_name(was),
		rollout_state_name(state), id, reason_code(reason), actor);
	*(late ? &rollout->catch_up : &rollout->state) = state;
	*(late ? &rollout->catch_up_reason : &rollout->reason) = reason;
	*(late ? &rollout->catch_up_since_s : &rollout->since_s) = engine_now_s();
	er->idle_until_s = 0;
	if (rollout->state != ROLLOUT_RUNNING)
		engine_push_drop_images(er);
	if (rollout_is_over(rollout))
		er->ended_ms = engine_now_ms(er->engine);
}

static int open_wave_of(const struct rollout *rollout)
{
	for (int i = 0; i < rollout->wave_count; i++)
		if (rollout->wave_state[i] == WAVE_OPEN)
			return i;
	return -1;
}

void engine_wave_event(struct engine_rollout *er, int wave, enum wave_event event,
	const struct wave_facts *facts, struct store_batch *batch)
{
	enum wave_state was = er->rollout.wave_state[wave];
	enum wave_state state = wave_fsm_step(was, event, facts);
	/* Only a person's resume leaves a tripped wave behind. */
	const char *cause = state == WAVE_TRIPPED ? "brake"
			    : was == WAVE_TRIPPED ? "wish"
						  : "plan";
	char detail[384];

	if (state == was)
		return;
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

void engine_tell_tasks(struct engine_rollout *er, enum task_event event)
{
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].board && !task_state_is_end(er->task[i].task.state))
			engine_task_event(&er->task[i], event, NULL);
}

/* The latest board that was hurt while it caught up: there is one for each halt. */
static void say_hurt(const struct engine_rollout *er, char text[BRAKES_TEXT_MAX])
{
	const struct task *latest = NULL;

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;
		bool hurt = task->state == TASK_LOST || task->state == TASK_FELL_BACK ||
			    task->state == TASK_FAILED;

		if (task->late && hurt && (!latest || task->since_s >= latest->since_s))
			latest = task;
	}
	if (latest)
		snprintf(text, BRAKES_TEXT_MAX, "%.63s: %s, %s", latest->board,
			task_state_name(latest->state), reason_code(latest->reason));
}

static void halt(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	enum reason reason = intent->reason;
	int wave = open_wave_of(&er->rollout);
	char text[BRAKES_TEXT_MAX];
	struct brake_limits limits;
	struct brake_counts counts;
	struct wave_facts none = {0};

	engine_count_brakes(er, reason, &limits, &counts, text);
	if (reason == REASON_BRAKE_CATCH_UP)
		say_hurt(er, text);
	if (wave >= 0)
		engine_wave_event(er, wave, WAVE_EV_BRAKE, &none, batch);
	engine_set_rollout(er, intent->state, reason, "wipyd",
		text[0] ? text : reason_what(reason), batch);
	engine_tell_tasks(er, TASK_EV_HALT);
}

/* It stood until its time was over: as an abort, but for nobody's wish. */
static void expire(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	er->rollout.abort_mode = ABORT_KEEP;
	engine_set_rollout(er, intent->state, intent->reason, "wipyd",
		"nobody has resumed it in time", batch);
	engine_tell_tasks(er, TASK_EV_CANCEL);
}

static void finish(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	static const struct wave_facts none;

	engine_set_rollout(er, intent->state,
		intent->state == ROLLOUT_EXPIRED ? REASON_EXPIRED : REASON_NONE,
		"wipyd", "", batch);
	for (int i = 0; i < er->rollout.wave_count; i++)
		engine_wave_event(er, i, WAVE_EV_ENDED, &none, batch);
	if (intent->valid_until_s > 0)
		engine_catch_up_open(er, intent->valid_until_s, batch);
	for (size_t i = 0; i < er->task_count; i++)
		if (!engine_catch_up_rests(&er->task[i]))
			engine_board_let_go(er->task[i].board, &er->task[i]);
	engine_undo_ended(er, batch);
}

static void carry_out(struct engine_rollout *er, const struct intent *intent,
	struct store_batch *batch)
{
	bool skips = intent->kind == INTENT_SKIP_WAVE;
	struct wave_facts facts = {.shown = intent->kind == INTENT_PASS_WAVE,
		.last = skips,
		.left_over = skips};

	switch (intent->kind) {
	case INTENT_OPEN_WAVE:
		engine_wave_event(er, intent->wave, WAVE_EV_TURN, &facts, batch);
		open_tasks(er, intent->wave);
		break;
	case INTENT_PASS_WAVE:
	case INTENT_SKIP_WAVE:
		engine_wave_event(er, intent->wave,
			er->rollout.wave_state[intent->wave] == WAVE_CLOSED
				? WAVE_EV_TURN
				: WAVE_EV_SETTLED,
			&facts, batch);
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
		halt(er, intent, batch);
		break;
	case INTENT_ABORT:
		expire(er, intent, batch);
		break;
	case INTENT_FINISH:
		finish(er, intent, batch);
		break;
	}
}

/* ---- the planner's view ---------------------------------------------------------- */

static bool changes_tasks_only(const struct intent *intent)
{
	return intent->kind == INTENT_GRANT || intent->kind == INTENT_HOLD ||
	       intent->kind == INTENT_UNHOLD || intent->kind == INTENT_EXPIRE;
}

void engine_fill_places(const struct engine_rollout *er)
{
	for (size_t i = 0; i < er->task_count; i++) {
		er->domains[i] = engine_board_domains(er->task[i].board);
		er->window[i] = engine_task_window(&er->task[i]);
	}
}

void engine_fill_all_places(const struct engine *engine)
{
	for (size_t i = 0; i < engine->rollout_count; i++)
		engine_fill_places(engine->rollout[i]);
}

static struct rollout_view view_of(
	const struct engine_rollout *er, struct domain *domain, int in_flight)
{
	const struct engine *engine = er->engine;
	const struct settings *settings = engine->config.settings;

	return (struct rollout_view){
		.rollout = &er->rollout,
		.task = er->view,
		.task_domains = er->domains,
		.task_count = er->task_count,
		.domain = domain,
		.in_flight = in_flight,
		.pushes_max = engine_pushes_max(engine),
		.domain_share = (int)settings->domain_share,
		.brakes = engine_brake_limits(engine),
		.validity_s = settings->catch_up_ms / 1000,
		.catch_up_max = (int)settings->catch_up_max,
		.now_s = engine_now_s(),
		.task_window = er->window,
	};
}

size_t engine_rollout_waits(const struct engine_rollout *er,
	struct wait ret_waits[WAITS_MAX], unsigned char *ret_of)
{
	int in_flight;
	struct domain *domain = engine_make_domains(er->engine, &in_flight);
	struct rollout_view view = view_of(er, domain, in_flight);
	size_t count = rollout_waits(&view, ret_waits, ret_of);

	free(domain);
	return count;
}

/* Returns when the next window opens that a task waits for, or WINDOW_NEVER. */
static int64_t plan_rollout(struct engine *engine, struct engine_rollout *er,
	struct domain *domain, int *in_flight)
{
	struct intent intents[INTENTS_MAX];
	struct rollout_view view = view_of(er, domain, *in_flight);
	bool again = true;
	size_t count = 0;

	while (again && (count = rollout_plan(&view, intents, INTENTS_MAX)) > 0) {
		struct store_batch *batch = store_batch_new(engine->config.store);
		bool tasks_only = changes_tasks_only(&intents[0]);

		for (size_t i = 0; i < count; i++)
			carry_out(er, &intents[i], batch);
		if (!tasks_only)
			store_put_rollout(batch, &er->rollout);
		engine_commit(engine, batch);
		/* A task that has moved asks for the next plan by itself. */
		again = !tasks_only || count == INTENTS_MAX;
	}
	*in_flight = view.in_flight;
	if (count == 0 && engine_catch_up_idles(er))
		er->idle_until_s = view.wake_s;
	return view.wake_s;
}

/* A start that fails gives back the boards that it has taken from older rollouts: these
 * must not end before that is known. Its answer asks for another plan. */
static bool is_starting(const struct engine *engine)
{
	for (size_t i = engine->rollout_count; i-- > 0;)
		if (!engine->rollout[i]->durable)
			return true;
	return false;
}

void engine_plan_now(void *arg)
{
	struct engine *engine = arg;
	int64_t wake_s = WINDOW_NEVER;
	struct domain *domain;
	int in_flight;

	engine->plan_asked = false;
	if (engine->stopping || !engine->started || is_starting(engine))
		return;
	if (engine->sweep)
		engine_sweep_kept(engine);
	domain = engine_make_domains(engine, &in_flight);
	for (size_t i = 0; i < engine->rollout_count; i++) {
		struct engine_rollout *er = engine->rollout[i];

		if (er->durable && !er->dormant && !rollout_is_over(&er->rollout)) {
			int64_t next_s =
				er->idle_until_s > engine_now_s()
					? er->idle_until_s
					: plan_rollout(engine, er, domain, &in_flight);

			wake_s = next_s < wake_s ? next_s : wake_s;
		}
	}
	free(domain);
	engine_undo_due(engine);
	engine_plan_wake(engine, wake_s);
}

void engine_plan_soon(struct engine *engine)
{
	if (!engine->started || engine->stopping)
		return;
	engine->plan_asked = true;
	clock_timer_start(&engine->plan_timer, 0);
}
