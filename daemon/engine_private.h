/* SPDX-License-Identifier: MIT
 *
 * What the engine's files share among themselves.
 */
#ifndef WIPY_ENGINE_PRIVATE_H
#define WIPY_ENGINE_PRIVATE_H

#include "daemon/core/forecast.h"
#include "daemon/core/pace.h"
#include "daemon/engine.h"

#define ENGINE_RECENT        20 /* ended rollouts kept in memory; of repairs as many */
#define ENGINE_BACKOFF_MAX_S 3600

#define ENGINE_FETCHES 8

struct engine {
	uv_loop_t *loop;
	struct engine_config config;
	struct inventory *inventory;
	struct inventory **old; /* still referred to by kept boards */
	size_t old_count;
	struct engine_board **board; /* by name */
	size_t board_count;
	struct board *gone; /* in no inventory now: what is known of them stays known */
	size_t gone_count;
	bool plan_asked; /* engine_plan_now() is about to come */
	bool examining;  /* for the doctor, on the worker pool */
	bool sweep;      /* a kept board's task has ended: it can go */
	struct engine_rollout **rollout;
	size_t rollout_count;
	struct id *old_rollout; /* that only the store has */
	size_t old_rollout_count;
	struct known_bad *known_bad; /* by number */
	size_t known_bad_count;
	int64_t known_bad_last; /* the highest number given, also to what is not stored */
	struct engine_fetch
		*fetch[ENGINE_FETCHES]; /* those under way, and the latest */
	int64_t fetches;                /* so far */
	struct engine_channel *channel; /* as many as the settings name */
	struct engine_bucket *buckets;
	struct engine_pace *pace; /* what was measured, by family and site */
	size_t pace_count;
	struct pace family_pace[WIPY_FAMILY_COUNT];
	struct domain *idle_domains; /* of this inventory, nothing in flight; or NULL */

	struct clock_timer timer; /* the earliest of both heaps; while stopping the end
					* of patience */
	struct clock_timer plan_timer; /* planning is put off to the end of a burst */
	struct clock_timer minute;     /* the bulk write of last_seen */
	struct due_heap polls, tasks;
	int polls_in_flight, actions_in_flight, commits_in_flight;
	int rounds_in_flight; /* of probes; counted in actions_in_flight too */
	bool started, stopping, finishing, reloading;
	bool read_only; /* a commit failed: what is in memory may not be in the store */
	int store_status; /* ... and why */
	struct engine_tallies tallies;
	int timers_open;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

void *engine_alloc(size_t count, size_t size); /* zeroed; aborts when memory is out */
int64_t engine_now_ms(struct engine *engine);
uint32_t engine_random(void);

/* engine.c */
void engine_arm(struct engine *engine); /* the timer, after a heap has changed */
/* An event, with what led to it: one stable word (docs/openapi.yaml, Event). */
void engine_event_caused(struct store_batch *batch, const char *actor,
	const char *cause, const char *board, const struct id *rollout,
	const char *name, const char *detail);
/* Commits a batch that no action waits for; a failure is logged and shows in read_only. */
void engine_commit(struct engine *engine, struct store_batch *batch);
/* Commits what a person asked for, then done(arg, status). */
void engine_commit_wish(struct engine *engine, struct store_batch *batch,
	engine_done_fn done, void *arg);
/* Says whether the status of a commit lets the engine go on. */
bool engine_commit_ok(struct engine *engine, int status);
void engine_stop_check(struct engine *engine);
void engine_reserve_due(struct engine *engine, size_t polls, size_t tasks);

/* engine_channel.c */
void engine_channels_tick(struct engine *engine); /* at the start, and each minute */

/* engine_fetch.c */
void engine_fetch_cancel_all(struct engine *engine); /* the engine is being stopped */
void engine_fetch_free_all(struct engine *engine);

/* engine_board.c */
struct engine_board *engine_board_new(
	struct engine *engine, const struct board_spec *spec);
int engine_compare_boards(const void *va, const void *vb); /* for qsort: by name */
void engine_compare_version(struct engine_board *board);
/* The task works on the board no more: a description that had to wait is taken over. */
void engine_board_let_go(struct engine_board *board, const struct engine_task *task);
/* What is known of a board that is in no inventory now, or NULL. */
struct board *engine_gone_board(struct engine *engine, const char *name);
void engine_keep_gone(struct engine *engine, const struct board *board);
/* A name that is new in the inventory: what is known of it comes from the board that has
 * left the inventory and was at the same place, under whatever name (docs/decisions/0009),
 * or else from its own past. Whether there was any. */
bool engine_take_over(struct engine_board *board);
/* The same once its unique id tells that it is a board that has left the inventory. */
void engine_take_over_by_id(struct engine_board *board);
void engine_note_place(struct engine_board *board); /* a description is in force */
/* It was seen where it is listed. Whether that is somewhere else than before. */
bool engine_note_seen_place(struct engine_board *board);
/* It is dirty or armed, and as far as anybody knows its device is at the place of this
 * description, whatever name that has. */
bool engine_holds_trap(const struct board *known, const struct board_spec *spec);
/* Of all of them, at the start, once the rollouts have said what they have left. */
void engine_place_boards(struct engine *engine);
/* The inventory has changed its reach, which was another before: stored, with an event. */
void engine_board_relisted(
	struct engine *engine, const struct board *board, enum reach was);
void engine_load_boards(struct engine *engine, const struct store_snapshot *snapshot);

/* engine_reload.c */
void engine_sweep_kept(struct engine *engine);

/* engine_poll.c */
void engine_poll_due(struct engine_board *board);
void engine_poll_schedule(struct engine_board *board, bool first);
/* A banner was read, or not, by a poll or by a task: axes, version, conditions. The board
 * is put into the batch if it changed. */
void engine_note_look(struct engine_board *board,
	const struct board_link_result *result, struct store_batch *batch);
void engine_poll_cancel(struct engine_board *board);

/* engine_line.c */
void engine_fill_link(const struct engine_board *board, enum telnet_goal goal,
	struct board_link_request *ret_request);
/* Asked right before each use of the board's telnet line. True: the board may not listen
 * again yet; `due` comes up in `heap` when it does, and asks anew. */
bool engine_line_waits(
	const struct engine_board *board, struct due_heap *heap, struct due *due);
/* We have just left it, or whoever used it for us has. */
void engine_line_closed(struct engine_board *board);
/* Gives a conversation up, if there is one: *link is NULL then. */
void engine_line_cancel(struct engine_board *board, struct board_link **link);

/* engine_ledger.c */
/* A banner of the board was read. Returns whether its ledger has changed. */
bool engine_ledger_seen(struct engine_board *board, const struct wipy_fingerprint *fp);
/* The task has left a state on that event; its record and action are the new ones. */
void engine_ledger_task(
	struct engine_task *et, enum task_state from, enum task_event event);
void engine_ledger_load(struct board *board); /* read from the store, at the start */
/* The next upload may overwrite the last image that is known to be good. */
bool engine_ledger_burns(const struct engine_board *board);

/* engine_rescue.c */
/* The task has just moved: it may need a hand now, or need none any more. */
void engine_rescue_note(struct engine_task *task, struct store_batch *batch);
/* Its banner was read, and no task knows better what that means. */
void engine_rescue_seen(struct engine_board *board, struct store_batch *batch);
/* Its next reset boots another image than the one that it runs. */
void engine_rescue_arm(struct engine_board *board);
/* A hand has started what it runs, a push can kill boards of its family (WIRE.md 3.4), and
 * it is not certain that a plain reset boots an image that is known to be good. */
bool engine_rescue_strays(const struct engine_board *board);
/* A person can say, and says, that a plain reset boots what it runs: a hand at its prompt
 * has seen to that, which no look can tell from a safe boot. */
bool engine_rescue_accepts(const struct engine_board *board);
void engine_rescue_accept(struct engine_board *board, struct store_batch *batch);
/* It has gone offline. */
void engine_rescue_gone(struct board *board);
/* What a repair was started for is still so: another image may run meanwhile. True of
 * every other task. */
bool engine_rescue_holds(const struct engine_task *task);
/* It needed a hand and was away: once it is seen a repair may begin. */
bool engine_rescue_begins(const struct engine_board *board);
/* It has come back: pushes what makes it lasting, where that is safe. */
void engine_rescue_start(struct engine_board *board);

/* engine_receipt.c */
/* The image that the board's latest receipt says a bench has pushed; NULL: no receipt came
 * since it was last seen, or no release has that image any more. */
const struct release_image *engine_receipt_image(const struct engine_board *board);
/* Its banner was read: with the image of a receipt it is as a plain reset has started it.
 * Whether there was a receipt. */
bool engine_receipt_seen(struct engine_board *board, const struct wipy_fingerprint *fp);
/* The daemon is about to change what the board's card and receipt tell of: neither counts
 * any more. The caller stores the board before it acts. */
void engine_receipt_void(struct engine_board *board);

/* engine_identity.c */
/* What a look says of who answers. */
struct engine_sight {
	bool wrong; /* another board than the one that belongs there */
	bool keeps; /* ... and the right one is known: nothing is learnt of the other */
	bool other; /* another fingerprint than the one that is known */
	bool ours;  /* our doing, if it is another one */
	bool drift; /* somebody else's */
	bool changed; /* the board's ids did */
};
/* No look logs in uninvited: the owner lets us, or has each poll do it. */
bool engine_may_log_in(const struct engine_board *board);
/* Its unique id is known, and a login may ask for it. */
bool engine_asks_id(const struct engine_board *board);
/* Learns or compares the unique id, if one was read. */
struct engine_sight engine_sight_of(
	struct engine_board *board, const struct telnet_result *telnet);
bool engine_change_is_ours(
	const struct engine_board *board, const struct wipy_fingerprint *seen);
/* The events of a look, once the board's record is the new one. */
void engine_identity_events(struct engine_board *board, const struct board *was,
	const struct engine_sight *sight, const struct telnet_result *telnet,
	const char *cause, struct store_batch *batch);

/* engine_known_bad.c */
void engine_load_known_bad(struct engine *engine, struct store_snapshot *snapshot);
void engine_put_known_bad(const struct engine *engine, struct store_batch *batch);
/* What stands against the image for the board's type, or NULL. */
/* Of another rollout than that one, or by a person. */
const struct known_bad *engine_image_known_bad_but(const struct engine_board *board,
	const struct release_image *image, const struct id *rollout);
const struct known_bad *engine_image_known_bad(
	const struct engine_board *board, const struct release_image *image);
/* The task has just moved: notes its image if that speaks against it. */
void engine_known_bad_note(
	struct engine_task *et, const struct task *was, struct store_batch *batch);

/* engine_plan.c */
/* What a person has retired, what its maker has called old, and what too few of today's keys
 * have signed begins no rollout; an undo still goes back to it. Returns 0, or -EPERM with a
 * sentence. */
int engine_release_begins(const struct engine *engine, const struct release *release,
	struct errtext *ret_error) WARN_UNUSED;
/* Why the task's image must not be pushed to its board now, or REASON_NONE. */
enum reason engine_task_forbidden(const struct engine_task *et);

/* engine_task.c */
void engine_task_event(struct engine_task *task, enum task_event event,
	const struct wipy_fingerprint *seen_fp);
void engine_task_commit(struct engine_task *task); /* again, after a failure */

/* engine_action.c */
void engine_task_act(struct engine_task *task);
void engine_task_due(struct engine_task *task);
void engine_task_poll_ended(struct engine_task *task);
void engine_task_cancel_io(struct engine_task *task);
/* What the task's state means for the board's own record. */
void engine_task_settle(struct engine_task *task);
/* What the board is to show in the end, or NULL. */
const struct wipy_fingerprint *engine_task_wanted(const struct engine_task *task);
/* The image in the catalogue that shows this fingerprint on the board's family, or NULL:
 * there is none, or images that differ show it, and nobody knows which one runs. */
const struct release_image *engine_image_showing(
	const struct engine_board *board, const struct wipy_fingerprint *fp);
const struct release *engine_release_showing(
	const struct engine_board *board, const struct wipy_fingerprint *fp);
/* The same of several: number `index`, from 0. */
const struct release *engine_release_showing_at(const struct engine_board *board,
	const struct wipy_fingerprint *fp, size_t index);

/* engine_push.c */
/* The image that the task's action is about, or the word that a trial may stay; ends in one
 * of the events of an upload. */
void engine_push_image(struct engine_task *task);
void engine_push_confirm(struct engine_task *task);
void engine_push_cancel(struct engine_task *task);
/* Its images are not needed in memory any more, or not for a while. */
void engine_push_drop_images(struct engine_rollout *rollout);

/* engine_probe.c */
bool engine_has_probes(const struct engine_task *et);
/* Of all that the soak was answered so far. */
enum probe_outcome engine_probe_verdict(const struct engine_task *et);
/* One round; ends in one of the TASK_EV_PROBES_ events. */
void engine_probe_start(struct engine_task *et);
void engine_probe_cancel(struct engine_task *et);

/* engine_pace.c */
/* The task has just left a state on that event. */
void engine_pace_note(
	struct engine_task *et, enum task_state from, enum task_event event);
void engine_pace_times(const struct engine_board *board, struct pace_times *ret_times);
void engine_free_pace(struct engine *engine);

/* engine_window.c */
/* What an update of the board to that image (or NULL) takes of the window of its site. */
struct task_window engine_board_window(
	const struct engine_board *board, const struct release_image *image);
struct task_window engine_task_window(const struct engine_task *et);
/* What the task would begin cannot finish before its site's window closes. */
bool engine_task_closed(const struct engine_task *et);
/* The planner says so: it waits for the window that opens then. */
void engine_hold_task(struct engine_task *et, int64_t until_s);
/* Plans again at that time at the latest, unless that is about to come anyway. */
void engine_plan_wake(struct engine *engine, int64_t wake_s);

/* engine_limits.c */
/* The fault domains of the present inventory, malloc'ed, with what is in flight in each
 * and in all; and those that a board (or NULL) is in. */
struct domain *engine_make_domains(struct engine *engine, int *ret_in_flight);
void engine_forget_domains(struct engine *engine); /* a board has moved */
struct task_domains engine_board_domains(const struct engine_board *board);
int engine_pushes_max(const struct engine *engine);
struct brake_limits engine_brake_limits(const struct engine *engine);
/* What limits a push to the board in bytes a second; the others stay as they are. */
void engine_fill_buckets(
	const struct engine_board *board, struct bucket *ret_bucket[FTP_PUSH_BUCKETS]);
void engine_set_rates(struct engine *engine); /* another inventory is in force */
void engine_free_buckets(struct engine *engine);
/* The bytes a second of all, and of each of the domains of engine_make_domains(): so many
 * of them, malloc'ed. */
struct forecast_line *engine_make_lines(
	const struct engine *engine, struct forecast_line *ret_all);

/* engine_rollout.c */
struct engine_rollout *engine_rollout_new(
	struct engine *engine, const struct rollout *record, size_t task_count);
void engine_rollout_append(struct engine *engine, struct engine_rollout *rollout);
/* Gone from memory, its boards are free again. */
void engine_rollout_remove(struct engine *engine, struct engine_rollout *rollout);
/* The store keeps every rollout; memory keeps the latest ones. */
void engine_forget_rollouts(struct engine *engine);
int engine_load_rollouts(struct engine *engine, struct store_snapshot *snapshot);
/* After a start of the daemon: its tasks look first and go on. */
void engine_restart_rollout(struct engine_rollout *rollout);
void engine_rollout_free(struct engine_rollout *rollout);

/* Its board has left the inventory: it ends. */
void engine_task_vanished(struct engine *engine, struct engine_task *task);

/* engine_catch_up.c */
/* The rollout has just completed with boards deferred: they catch up until then. */
void engine_catch_up_open(
	struct engine_rollout *rollout, int64_t until_s, struct store_batch *batch);
/* The task waits until its board is seen; the board is free for others meanwhile. */
void engine_catch_up_rest(struct engine_task *task);
bool engine_catch_up_rests(const struct engine_task *task);
/* It goes on as soon as its board is seen. */
bool engine_catch_up_begins(const struct engine_board *board);
void engine_catch_up_seen(struct engine_board *board); /* by a poll */
/* Everybody who is left to catch up has yet to be seen: for weeks, maybe. */
bool engine_catch_up_idles(const struct engine_rollout *rollout);
/* It would catch up, and has left nothing on its board: a newer rollout may have it. */
bool engine_task_yields(const struct engine_task *task);
/* The new rollout takes the board: whatever would catch up on it ends. */
void engine_catch_up_yield(struct engine_rollout *rollout, struct engine_board *board);
/* The same of one task, which may have no board now. */
void engine_catch_up_supersede(
	struct engine_rollout *rollout, struct engine_task *task);
/* The new rollout is durable, or was not stored: then they catch up again. */
void engine_catch_up_keep(struct engine_rollout *rollout);
void engine_catch_up_restore(struct engine_rollout *rollout);

/* engine_select.c */
/* The rollout is in memory now: its tasks are the latest ones of their boards; or it is
 * not any more. */
void engine_latest_begin(struct engine_rollout *rollout);
void engine_latest_end(struct engine *engine, struct engine_rollout *rollout);
/* "saved selectors added, removed or changed: canaries", or "". */
void engine_compare_sets(const struct inventory *now, const struct inventory *next,
	char *ret_text, size_t cap);

/* engine_plan.c */
/* What a plan has from the request and the settings. 0 or -EINVAL. */
int engine_plan_begin(struct engine *engine, const struct rollout_request *request,
	struct plan *ret_plan, struct waves *ret_waves,
	struct errtext *ret_error) WARN_UNUSED;
/* Puts the entries of the plan in the order of their waves. */
void engine_plan_sort(struct plan *plan);
/* Its planned entries, waves given and in their order. */
void engine_plan_deal(
	struct engine *engine, struct plan *plan, const struct waves *waves);
/* -EBUSY with a sentence: another active rollout has the board. */
int engine_plan_free(
	const struct engine_board *board, struct errtext *ret_error) WARN_UNUSED;

/* engine_undo.c */
/* The release that a board which the task has brought where it should be runs; "". */
void engine_undo_name(const struct engine_task *et, char ret_name[NAME_MAX_LEN]);
/* The image that a task of an undo takes back from its board; NULL: it is none of an undo,
 * or what it undoes is not in memory any more. */
const struct wipy_fingerprint *engine_undo_brought(const struct engine_task *et);
/* A task of an undo has left a state: the task that it takes back is told. */
void engine_undo_note(
	struct engine_task *et, enum task_state from, struct store_batch *batch);
/* An undo begins or has ended: so does what it means for the rollout that it takes back;
 * or it could not be stored. */
void engine_undo_begin(
	struct engine_rollout *undo, const char *actor, struct store_batch *batch);
void engine_undo_ended(struct engine_rollout *undo, struct store_batch *batch);
void engine_undo_dropped(const struct engine_rollout *undo);
/* Aborted rollouts that are to be undone begin with it. */
void engine_undo_due(struct engine *engine);

/* engine_intent.c */
void engine_plan_soon(struct engine *engine);
/* Where the boards of a rollout are, and when these may be touched: kept with it, since it
 * is planned far more often than the inventory or the catalogue becomes another one. */
void engine_fill_places(const struct engine_rollout *rollout);
void engine_fill_all_places(const struct engine *engine);
void engine_plan_now(void *arg); /* the engine */
/* The record and its event; the rollout itself is put into the batch by the caller. */
void engine_set_rollout(struct engine_rollout *rollout, enum rollout_state state,
	enum reason reason, const char *actor, const char *words,
	struct store_batch *batch);
void engine_wave_event(struct engine_rollout *rollout, int wave, enum wave_event event,
	const struct wave_facts *facts, struct store_batch *batch);
/* To every task of it that has not ended. */
void engine_tell_tasks(struct engine_rollout *rollout, enum task_event event);

#endif
