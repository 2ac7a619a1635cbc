/* SPDX-License-Identifier: MIT
 *
 * A tiny fleet on a virtual clock: boards with characters of their own, rollouts that the
 * real planner and the real task machine run on them, a person who pauses, resumes and
 * aborts, and a daemon that dies. A seed decides everything.
 */
#ifndef WIPY_TESTS_FLEET_MODEL_H
#define WIPY_TESTS_FLEET_MODEL_H

#include "daemon/core/rollout_places.h"
#include "tests/unit/rollout_monitor.h"
#include "tests/unit/task_driver.h"

#define FLEET_BOARDS 32 /* of each rollout; at most MONITOR_TASKS */
#define FLEET_SITES  MONITOR_SITES
#define FLEET_TICKS  1500
#define FLEET_UNREST 500 /* until then persons wish and daemons die */

/* How a board behaves. */
enum character {
	SOUND,
	FALLS_BACK,
	DIES_IN_RESET,
	DIES_IN_SOAK,
	AWAY, /* all the time */
	COMES_AND_GOES,
	BUSY_LINE,
	BREAKS_PUSHES,
	IGNORES_RESETS, /* every other one */
	HOLDS_REPL,
	HAS_IT_ALREADY,
	IS_ANOTHER,
	TALKS_GARBAGE,
};

struct model_board {
	enum character character;
	const struct wipy_fingerprint *runs;
	bool dead, dirty, pending, marked;
	int away_until, busy_until;
};

struct model_task {
	struct task task;
	struct model_board board;
	enum task_action action;
	int due;      /* tick; -1: nothing is under way */
	int deadline; /* 0: none */
	int reset_at;
	bool was_busy;
};

struct model_rollout {
	struct rollout rollout;
	struct model_task task[FLEET_BOARDS];
	const struct task *view[FLEET_BOARDS];
	int site[FLEET_BOARDS];
	struct task_domains domains[FLEET_BOARDS];
	int count;
	bool patient; /* the person resumes whatever halts */
};

struct fleet {
	uint64_t random;
	int now;
	int rollout_count;
	struct model_rollout rollout[MONITOR_ROLLOUTS];
	int pushes_max, share, site_max[FLEET_SITES], site_boards[FLEET_SITES];
	struct brake_limits brakes;
	int validity, catch_up_max;
	int lanes_halted;                 /* so far */
	bool wishes, deaths, lost_wishes; /* what this walk holds */
	struct monitor monitor;
};

static inline uint32_t fleet_random(struct fleet *f, uint32_t below)
{
	f->random += 0x9e3779b97f4a7c15u;
	uint64_t z = f->random;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

static inline bool fleet_chance(struct fleet *f, uint32_t percent)
{
	return fleet_random(f, 100) < percent;
}

static inline void fleet_tell(
	struct fleet *f, enum sight_kind kind, int rollout, int task, int value)
{
	struct sight sight = {kind, rollout, task, value};

	monitor_see(&f->monitor, &sight);
}

/* ---- what a board does ------------------------------------------------------------ */

static inline bool board_away(const struct fleet *f, const struct model_board *board)
{
	return board->dead || board->away_until > f->now || board->character == AWAY;
}

static inline void board_reboots(struct fleet *f, struct model_board *board)
{
	board->marked = false;
	board->away_until = f->now + 2 + (int)fleet_random(f, 5);
	if (board->dirty || board->character == DIES_IN_RESET)
		board->dead = true;
	if (board->pending && board->character != FALLS_BACK)
		board->runs = &driver_new;
	board->pending = false;
}

/* Time passes for a board: it goes, comes back, is used by others. */
static inline void board_lives(struct fleet *f, struct model_board *board)
{
	if (board->character == COMES_AND_GOES && fleet_chance(f, 5))
		board->away_until = f->now + 5 + (int)fleet_random(f, 40);
	if (board->character == BUSY_LINE && fleet_chance(f, 20))
		board->busy_until = f->now + 3 + (int)fleet_random(f, 20);
	if (board->character == DIES_IN_SOAK && board->runs == &driver_new &&
		fleet_chance(f, 20))
		board->dead = true;
}

static inline enum task_event board_looked_at(
	struct fleet *f, const struct model_board *board)
{
	if (board_away(f, board))
		return TASK_EV_UNSEEN;
	if (board->busy_until > f->now)
		return TASK_EV_BUSY;
	if (board->character == TALKS_GARBAGE && fleet_chance(f, 60))
		return TASK_EV_GARBAGE;
	return TASK_EV_LOOKED;
}

static inline enum task_event board_pushed_to(
	struct fleet *f, struct model_board *board)
{
	if (board_away(f, board))
		return TASK_EV_PUSH_REFUSED;
	if (board->character == BUSY_LINE && fleet_chance(f, 40))
		return TASK_EV_FTP_BUSY;
	if (fleet_chance(f, 1))
		return fleet_chance(f, 50) ? TASK_EV_LOGIN_REFUSED
					   : TASK_EV_PUSH_REFUSED;
	board->dirty = fleet_chance(f, board->character == BREAKS_PUSHES ? 60 : 2);
	board->pending = !board->dirty;
	return board->dirty ? TASK_EV_PUSH_BROKEN : TASK_EV_PUSHED;
}

/* What it runs goes into the slot that waits: its next reset changes nothing. */
static inline enum task_event board_pushed_back_to(
	struct fleet *f, struct model_board *board)
{
	enum task_event event = board_pushed_to(f, board);

	if (event == TASK_EV_PUSHED)
		board->pending = false;
	return event;
}

static inline enum task_event board_told_to_reset(
	struct fleet *f, struct model_board *board)
{
	if (board_away(f, board) || board->busy_until > f->now)
		return TASK_EV_RESET_FAILED;
	if (board->character == HOLDS_REPL)
		return TASK_EV_RESET_FAILED;
	board->marked = true;
	if (board->character != IGNORES_RESETS || fleet_chance(f, 50))
		board_reboots(f, board);
	return TASK_EV_RESET_SENT;
}

static inline enum task_event board_asked_for_mark(
	struct fleet *f, const struct model_board *board)
{
	enum task_event looked = board_looked_at(f, board);

	if (looked != TASK_EV_LOOKED)
		return looked;
	if (fleet_chance(f, 10))
		return TASK_EV_MARK_UNKNOWN;
	return board->marked ? TASK_EV_MARK_THERE : TASK_EV_MARK_GONE;
}

static inline enum task_event board_logged_in(
	struct fleet *f, const struct model_board *board)
{
	if (board_away(f, board))
		return TASK_EV_UNSEEN;
	return fleet_chance(f, 20) ? TASK_EV_UNNAMED : TASK_EV_NAMED;
}

/* ---- what the daemon does --------------------------------------------------------- */

static inline void task_acts(struct fleet *f, int r, int t, enum task_action action)
{
	static const int takes[TASK_ACTION_COUNT] = {
		[TASK_ACT_LOOK] = 1,
		[TASK_ACT_LOOK_LATER] = 2,
		[TASK_ACT_PUSH] = 3,
		[TASK_ACT_PUSH_BACK] = 3,
		[TASK_ACT_CONFIRM] = 1,
		[TASK_ACT_PROCEED] = 1,
		[TASK_ACT_RESET] = 1,
		[TASK_ACT_ASK_MARK] = 1,
		[TASK_ACT_LOGIN] = 1,
		[TASK_ACT_BACK_OFF] = 5,
		[TASK_ACT_SOAK] = 8,
	};
	struct model_task *mt = &f->rollout[r].task[t];

	mt->action = action;
	mt->due = action == TASK_ACT_NONE ? -1 : f->now + takes[action];
	if (action == TASK_ACT_PUSH)
		fleet_tell(f, SAW_PUSH, r, t, mt->board.dirty);
	if (action == TASK_ACT_RESET)
		fleet_tell(f, SAW_RESET, r, t, mt->board.dirty);
}

static inline int count_places(const struct fleet *f, struct domain *domain)
{
	int total = 0;

	for (int r = 0; r < f->rollout_count; r++)
		for (int t = 0; t < f->rollout[r].count; t++)
			if (task_takes_place(&f->rollout[r].task[t].task)) {
				domain[f->rollout[r].site[t]].in_flight++;
				total++;
			}
	return total;
}

/* What the planner says of the rollout now, and nobody carries out. */
static inline size_t fleet_asks_planner(
	const struct fleet *f, int r, struct intent *ret_intents, size_t max)
{
	const struct model_rollout *mr = &f->rollout[r];
	struct domain domain[FLEET_SITES];
	struct rollout_view view = {&mr->rollout, mr->view, mr->domains,
		(size_t)mr->count, domain, 0, f->pushes_max, f->share, f->brakes,
		f->validity, f->catch_up_max, .now_s = f->now};

	for (int s = 0; s < FLEET_SITES; s++)
		domain[s] = (struct domain){f->site_boards[s], f->site_max[s], 0};
	view.in_flight = count_places(f, domain);
	return rollout_plan(&view, ret_intents, max);
}

/* Of a move that is kept from the planner, it would say the same before and after. */
static inline void check_move(struct fleet *f, int r, int t, const struct task *was)
{
	struct task *task = &f->rollout[r].task[t].task, is = *task;
	struct sight sight = {SAW_TASK, r, t, (int)is.state};
	struct intent before[8], after[8];
	size_t count, same = 0;

	if (task_moves_plan(was, &is))
		return;
	count = fleet_asks_planner(f, r, after, 8);
	*task = *was;
	same = fleet_asks_planner(f, r, before, 8);
	*task = is;
	for (size_t i = 0; i < count && same == count; i++)
		if (before[i].kind != after[i].kind || before[i].a != after[i].a ||
			before[i].b != after[i].b || before[i].wave != after[i].wave)
			same = count + 1;
	if (same != count)
		monitor_complain(
			&f->monitor, &sight, "the planner is not told of a move");
}

static inline void task_hears(struct fleet *f, int r, int t, enum task_event event)
{
	struct model_task *mt = &f->rollout[r].task[t];
	const struct task before = mt->task;
	enum task_state was = mt->task.state;
	const struct rollout *rollout = &f->rollout[r].rollout;
	enum rollout_state drive = rollout_drive(rollout);
	struct surroundings around = {
		.cancelled = drive == ROLLOUT_ABORTING,
		.frozen = drive == ROLLOUT_ABORTING &&
			  rollout->abort_mode == ABORT_FREEZE,
		.standing = drive == ROLLOUT_PAUSED || drive == ROLLOUT_HALTED,
		.early = f->now - mt->reset_at < 2,
		.absent = board_away(f, &mt->board),
		.wrong_board = mt->board.character == IS_ANOTHER,
		.was_busy = mt->was_busy,
		.disarms = f->rollout[r].rollout.state == ROLLOUT_ABORTING ||
			   f->rollout[r].rollout.state == ROLLOUT_HALTED,
	};
	struct task_move move;

	if (driver_event(&mt->task, event,
		    event == TASK_EV_LOOKED ? mt->board.runs : NULL, &around, f->now,
		    &move) < 0)
		return;
	check_move(f, r, t, &before);
	mt->was_busy = event == TASK_EV_BUSY;
	if (event == TASK_EV_RESET_SENT)
		mt->reset_at = f->now;
	if ((move.to == TASK_RETURNING &&
		    (was != TASK_RETURNING || mt->deadline == 0)) ||
		(move.to == TASK_SOAKING && event == TASK_EV_TIMER))
		mt->deadline = f->now + 20;
	if (move.to != TASK_RETURNING && move.to != TASK_SOAKING)
		mt->deadline = 0;
	fleet_tell(f, SAW_TASK, r, t, move.to);
	task_acts(f, r, t, move.action);
}

/* What has been under way is done: the event that comes of it. */
static inline enum task_event task_done(struct fleet *f, struct model_task *mt)
{
	switch (mt->action) {
	case TASK_ACT_LOOK_LATER:
		if (mt->deadline != 0 && f->now >= mt->deadline)
			return TASK_EV_DEADLINE;
		return board_looked_at(f, &mt->board);
	case TASK_ACT_PUSH:
		return board_pushed_to(f, &mt->board);
	case TASK_ACT_PUSH_BACK:
		return board_pushed_back_to(f, &mt->board);
	case TASK_ACT_PROCEED:
		return TASK_EV_PROCEED;
	case TASK_ACT_RESET:
		return board_told_to_reset(f, &mt->board);
	case TASK_ACT_ASK_MARK:
		return board_asked_for_mark(f, &mt->board);
	case TASK_ACT_LOGIN:
		return board_logged_in(f, &mt->board);
	case TASK_ACT_BACK_OFF:
	case TASK_ACT_SOAK:
		return TASK_EV_TIMER;
	case TASK_ACT_NONE:
	case TASK_ACT_LOOK:
	case TASK_ACT_CONFIRM: /* no board of this fleet boots on trial */
	case TASK_ACT_PROBE:   /* nobody has written one */
	case TASK_ACTION_COUNT:
		break;
	}
	return board_looked_at(f, &mt->board);
}

/* A poll sees a deferred board again. */
static inline void fleet_polls(struct fleet *f, int r, int t)
{
	const struct model_rollout *mr = &f->rollout[r];
	const struct model_task *mt = &mr->task[t];

	if (mt->task.state == TASK_DEFERRED &&
		mr->rollout.wave_state[mt->task.wave] != WAVE_CLOSED &&
		(!mt->task.late || rollout_drive(&mr->rollout) == ROLLOUT_RUNNING) &&
		!rollout_is_over(&mr->rollout) && fleet_chance(f, 20) &&
		board_looked_at(f, &mt->board) == TASK_EV_LOOKED)
		task_hears(f, r, t, TASK_EV_SEEN);
}

/* ---- what the planner says -------------------------------------------------------- */

static inline void rollout_becomes(
	struct fleet *f, int r, enum rollout_state state, enum reason reason)
{
	struct rollout *rollout = &f->rollout[r].rollout;

	if (rollout_state_is_end(rollout->state)) {
		rollout->catch_up = state;
		rollout->catch_up_reason = reason;
		fleet_tell(f, SAW_LANE, r, 0, state);
		return;
	}
	rollout->state = state;
	rollout->reason = reason;
	fleet_tell(f, SAW_ROLLOUT, r, 0, state);
}

static inline void finish_rollout(struct fleet *f, int r, const struct intent *intent)
{
	struct model_rollout *mr = &f->rollout[r];

	rollout_becomes(f, r, intent->state, REASON_NONE);
	if (intent->valid_until_s == 0)
		return;
	for (int t = 0; t < mr->count; t++)
		if (mr->task[t].task.state == TASK_DEFERRED) {
			mr->task[t].task.late = true;
			fleet_tell(f, SAW_LATE, r, t, 0);
		}
	mr->rollout.catch_up = ROLLOUT_RUNNING;
	mr->rollout.valid_until_s = intent->valid_until_s;
	fleet_tell(f, SAW_LANE, r, 0, ROLLOUT_RUNNING);
}

static inline void tell_tasks(struct fleet *f, int r, enum task_event event)
{
	for (int t = 0; t < f->rollout[r].count; t++)
		if (!task_state_is_end(f->rollout[r].task[t].task.state))
			task_hears(f, r, t, event);
}

static inline void wave_becomes(struct fleet *f, int r, int wave, enum wave_state state)
{
	f->rollout[r].rollout.wave_state[wave] = state;
	fleet_tell(f, SAW_WAVE, r, wave, state);
}

static inline void open_wave(struct fleet *f, int r, int wave)
{
	struct model_rollout *mr = &f->rollout[r];

	wave_becomes(f, r, wave, WAVE_OPEN);
	for (int t = 0; t < mr->count; t++)
		if (mr->task[t].task.wave == wave &&
			(mr->task[t].task.state == TASK_PLANNED ||
				mr->task[t].task.state == TASK_DEFERRED))
			task_hears(f, r, t, TASK_EV_OPEN);
}

static inline void swap_tasks(struct fleet *f, int r, int a, int b)
{
	struct model_rollout *mr = &f->rollout[r];
	int wave = mr->task[a].task.wave;

	mr->task[a].task.wave = mr->task[b].task.wave;
	mr->task[b].task.wave = wave;
	fleet_tell(f, SAW_DEALT, r, a, mr->task[a].task.wave);
	fleet_tell(f, SAW_DEALT, r, b, wave);
	task_hears(f, r, b, TASK_EV_OPEN);
}

static inline void halt_rollout(struct fleet *f, int r, enum reason reason)
{
	struct rollout *rollout = &f->rollout[r].rollout;

	for (int w = 0; w < rollout->wave_count; w++)
		if (rollout->wave_state[w] == WAVE_OPEN)
			wave_becomes(f, r, w, WAVE_TRIPPED);
	f->lanes_halted += rollout_state_is_end(rollout->state);
	rollout_becomes(f, r, ROLLOUT_HALTED, reason);
	tell_tasks(f, r, TASK_EV_HALT);
}

static inline void carry_out(struct fleet *f, int r, const struct intent *intent)
{
	switch (intent->kind) {
	case INTENT_OPEN_WAVE:
		open_wave(f, r, intent->wave);
		break;
	case INTENT_PASS_WAVE:
		wave_becomes(f, r, intent->wave, WAVE_PASSED);
		break;
	case INTENT_SKIP_WAVE:
		wave_becomes(f, r, intent->wave, WAVE_SKIPPED);
		break;
	case INTENT_SWAP:
		swap_tasks(f, r, (int)intent->a, (int)intent->b);
		break;
	case INTENT_GRANT:
		fleet_tell(f, SAW_GRANT, r, (int)intent->a,
			f->rollout[r].task[intent->a].task.reason == REASON_DISARM);
		task_hears(f, r, (int)intent->a, TASK_EV_GRANT);
		break;
	case INTENT_HALT:
		halt_rollout(f, r, intent->reason);
		break;
	case INTENT_HOLD:
	case INTENT_UNHOLD:
		break; /* there are no windows */
	case INTENT_EXPIRE:
		task_hears(f, r, (int)intent->a, TASK_EV_EXPIRE);
		break;
	case INTENT_ABORT:
		rollout_becomes(f, r, intent->state, intent->reason);
		tell_tasks(f, r, TASK_EV_CANCEL);
		break;
	case INTENT_FINISH:
		finish_rollout(f, r, intent);
		break;
	}
}

static inline void fleet_plans(struct fleet *f)
{
	struct domain domain[FLEET_SITES] = {{0, 0, 0}};
	int in_flight;

	for (int s = 0; s < FLEET_SITES; s++)
		domain[s] = (struct domain){f->site_boards[s], f->site_max[s], 0};
	in_flight = count_places(f, domain);
	for (int r = 0; r < f->rollout_count; r++) {
		struct model_rollout *mr = &f->rollout[r];
		struct rollout_view view = {&mr->rollout, mr->view, mr->domains,
			(size_t)mr->count, domain, in_flight, f->pushes_max, f->share,
			f->brakes, f->validity, f->catch_up_max, .now_s = f->now};
		struct intent intents[8];
		size_t count;
		int rounds = 0;

		while ((count = rollout_plan(&view, intents, 8)) > 0) {
			for (size_t i = 0; i < count; i++)
				carry_out(f, r, &intents[i]);
			if (++rounds > 1000) {
				struct sight sight = {SAW_END, r, 0, 0};

				monitor_complain(&f->monitor, &sight,
					"the planner finds no end of intents");
				break;
			}
		}
		in_flight = view.in_flight;
	}
}

/* ---- persons and deaths ----------------------------------------------------------- */

static inline void fleet_dies(struct fleet *f)
{
	for (int r = 0; r < f->rollout_count; r++)
		for (int t = 0; t < f->rollout[r].count; t++) {
			struct model_task *mt = &f->rollout[r].task[t];

			/* What was under way may have reached the board or not. */
			if ((mt->action == TASK_ACT_PUSH ||
				    mt->action == TASK_ACT_PUSH_BACK) &&
				mt->due >= 0 && !board_away(f, &mt->board) &&
				fleet_chance(f, 70)) {
				mt->board.dirty = fleet_chance(f, 70);
				mt->board.pending = !mt->board.dirty;
			}
			if (mt->action == TASK_ACT_RESET && mt->due >= 0 &&
				fleet_chance(f, 50))
				(void)board_told_to_reset(f, &mt->board);
			mt->due = -1;
			mt->deadline = 0;
			mt->was_busy = false;
			mt->reset_at = -100;
		}
	for (int r = 0; r < f->rollout_count; r++)
		for (int t = 0; t < f->rollout[r].count; t++)
			if (!rollout_is_over(&f->rollout[r].rollout) &&
				!task_state_is_end(f->rollout[r].task[t].task.state))
				task_hears(f, r, t, TASK_EV_RESTARTED);
}

static inline void acknowledge(struct fleet *f, int r)
{
	struct model_rollout *mr = &f->rollout[r];
	struct brake_counts counts;

	if (rollout_state_is_end(mr->rollout.state)) {
		mr->rollout.acked_catch_up +=
			rollout_late_hurt(&mr->rollout, mr->view, (size_t)mr->count);
		fleet_tell(f, SAW_RESUME, r, 0, 0);
		return;
	}
	rollout_count(&mr->rollout, mr->view, (size_t)mr->count, &counts);
	mr->rollout.acked_lost += counts.lost;
	mr->rollout.acked_fell_back += counts.fell_back;
	mr->rollout.acked_failed += counts.failed;
	mr->rollout.acked_probe += counts.probe;
	fleet_tell(f, SAW_RESUME, r, 0, 0);
	for (int w = 0; w < mr->rollout.wave_count; w++)
		if (mr->rollout.wave_state[w] == WAVE_TRIPPED)
			wave_becomes(f, r, w,
				mr->rollout.reason == REASON_NO_CONFIRMED_BOARD
					? WAVE_SKIPPED
					: WAVE_OPEN);
}

static inline void person_wishes(struct fleet *f, int r, enum rollout_wish wish)
{
	struct model_rollout *mr = &f->rollout[r];
	enum rollout_state to;

	if (rollout_wish(rollout_drive(&mr->rollout), wish, &to) < 0)
		return;
	if (rollout_drive(&mr->rollout) == ROLLOUT_HALTED && wish == WISH_RESUME)
		acknowledge(f, r);
	if (wish == WISH_ABORT && fleet_chance(f, 50)) {
		mr->rollout.abort_mode = ABORT_FREEZE;
		fleet_tell(f, SAW_FREEZE, r, 0, 0);
	}
	rollout_becomes(f, r, to, REASON_BY_OPERATOR);
	if (f->lost_wishes && fleet_chance(f, 50)) {
		fleet_dies(f); /* durable, but the tasks have not heard of it */
		return;
	}
	for (int t = 0; t < mr->count; t++)
		if (wish != WISH_PAUSE && !task_state_is_end(mr->task[t].task.state))
			task_hears(f, r, t,
				wish == WISH_ABORT ? TASK_EV_CANCEL : TASK_EV_RELEASE);
}

static inline void fleet_unrest(struct fleet *f)
{
	bool unrest = f->now < FLEET_UNREST;

	for (int r = 0; r < f->rollout_count; r++) {
		enum rollout_state state = rollout_drive(&f->rollout[r].rollout);

		if (f->wishes && unrest && fleet_chance(f, 2))
			person_wishes(f, r, WISH_PAUSE);
		else if (f->wishes && unrest && fleet_random(f, 500) == 0)
			person_wishes(f, r, WISH_ABORT);
		else if (state == ROLLOUT_PAUSED && fleet_chance(f, 10))
			person_wishes(f, r, WISH_RESUME);
		else if (state == ROLLOUT_HALTED && f->rollout[r].patient &&
			 fleet_chance(f, 10))
			person_wishes(f, r, WISH_RESUME);
	}
	if (f->deaths && unrest && fleet_chance(f, 2))
		fleet_dies(f);
}

/* ---- the walk --------------------------------------------------------------------- */

/* What only the model can know: the truth about the boards. */
static inline void check_truth(struct fleet *f, int r, int t)
{
	const struct model_task *mt = &f->rollout[r].task[t];
	struct sight sight = {SAW_TASK, r, t, 0};

	if (mt->board.dirty && !mt->task.touched && mt->task.state != TASK_PUSHING &&
		mt->task.state != TASK_DISARMING)
		monitor_complain(
			&f->monitor, &sight, "a dirty board is not known as such");
	if (mt->task.state == TASK_CONFIRMED && mt->board.runs != &driver_new)
		monitor_complain(
			&f->monitor, &sight, "confirmed, but it runs another image");
	if (mt->board.pending && !mt->board.dead && !mt->task.pushed &&
		!mt->task.touched && mt->task.state != TASK_PUSHING &&
		mt->task.state != TASK_DISARMING && !task_state_is_end(mt->task.state))
		monitor_complain(
			&f->monitor, &sight, "an armed board is not known as such");
}

static inline bool fleet_rests(const struct fleet *f)
{
	for (int r = 0; r < f->rollout_count; r++) {
		const struct model_rollout *mr = &f->rollout[r];

		if (!rollout_is_over(&mr->rollout) &&
			(mr->rollout.state != ROLLOUT_HALTED || mr->patient ||
				mr->rollout.expires_s > 0))
			return false;
		for (int t = 0; t < mr->count; t++)
			if (mr->task[t].due >= 0)
				return false;
	}
	return true;
}

/* Returns what was seen that must not be, or "". */
static inline const char *fleet_walk(struct fleet *f)
{
	for (f->now = 0; f->now < FLEET_TICKS; f->now++) {
		fleet_unrest(f);
		for (int r = 0; r < f->rollout_count; r++)
			for (int t = 0; t < f->rollout[r].count; t++) {
				struct model_task *mt = &f->rollout[r].task[t];

				board_lives(f, &mt->board);
				if (mt->due >= 0 && mt->due <= f->now)
					task_hears(f, r, t, task_done(f, mt));
				fleet_polls(f, r, t);
				check_truth(f, r, t);
			}
		fleet_plans(f);
		if (f->monitor.complaint[0] != '\0' || fleet_rests(f))
			break;
	}
	for (int r = 0; r < f->rollout_count; r++)
		fleet_tell(f, SAW_END, r, 0, 0);
	return f->monitor.complaint;
}

#endif
