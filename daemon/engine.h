/* SPDX-License-Identifier: MIT
 *
 * The engine: the one place that knows both sides. An event comes in from the edge, core
 * decides, the store commits, the edge acts. Everything here runs on the loop's thread.
 *
 * What is readable here is for the API; nobody but the engine writes it.
 */
#ifndef WIPY_ENGINE_H
#define WIPY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"
#include "daemon/core/card.h"
#include "daemon/core/card_wire.h"
#include "daemon/core/doctor.h"
#include "daemon/core/due_heap.h"
#include "daemon/core/model.h"
#include "daemon/core/rollout_plan.h"
#include "daemon/core/selector.h"
#include "daemon/core/tally.h"
#include "daemon/core/task_fsm.h"
#include "daemon/core/undo_plan.h"
#include "daemon/core/waits.h"
#include "daemon/core/waves.h"
#include "daemon/core/why.h"
#include "daemon/edge/board_link.h"
#include "daemon/edge/catalogue.h"
#include "daemon/edge/clock.h"
#include "daemon/edge/ftp_push.h"
#include "daemon/edge/inventory.h"
#include "daemon/edge/settings.h"
#include "daemon/edge/store.h"

struct engine;
struct engine_poll_waiter;

/* One board in memory. */
struct engine_board {
	struct due
		due; /* its next poll; first, since the heap hands back its address */
	struct engine *engine;
	const struct board_spec
		*spec; /* of the present inventory; of an older one while
	                                * `kept` */
	bool kept; /* its task goes on under the old description: it has vanished from
		    * the file, or been moved to another address */
	const struct board_spec *next_spec; /* taken over at the task's end; or NULL */
	struct engine_task *task;           /* the active one, or NULL */
	struct board board;
	struct engine_task *catch_up; /* rests until the board is seen; or NULL */
	struct engine_task *latest;   /* of it in memory, ended or not; or NULL */
	struct board_link *poll;      /* in flight */
	enum telnet_goal poll_goal;
	int poll_status; /* of the latest poll: 0 or an error */
	struct engine_poll_waiter *waiters;
	bool enrolment_tried;   /* since the daemon's start: once, also if it fails */
	bool ask_who;           /* the next poll logs in: who answers is in doubt */
	int64_t closed_ms;      /* when our latest telnet connection was closed */
	int64_t seen_written_s; /* the last_seen that the store has */
};

struct engine_task {
	struct due due; /* its timer; first, as above */
	struct task task;
	struct engine_board
		*board; /* NULL: not in the inventory any more; ended then */
	struct engine_rollout *rollout;
	uint64_t generation; /* raised with each move: late completions are dropped */
	enum task_action action; /* to be carried out when durable, or when due */
	bool committing, retry_commit, waits_for_poll, wants_bytes;
	struct board_link *link;
	struct ftp_push *push;
	struct engine_round *round; /* of probes, under way; engine_probe.c */
	int probe_tries;            /* rounds since its soak is over */
	bool probed; /* none is left to be asked: one more look, and it is confirmed */
	bool answered; /* the latest look showed the board */
	int asks;      /* for the mark, since the latest reset */
	char old_mark
		[MARK_MAX]; /* of a reset that nobody could be asked about: the next
				  * one asks; "": none */
	bool stor_refused;  /* its latest push ended so: 550 */
	const struct catalogue_bytes *bytes;
	char confirmation
		[WIPY_FINGERPRINT_MAX]; /* what a trial boot is told; lives while it is
						  * sent */
	int64_t deadline_ms; /* of RETURNING, CONFIRMING and SOAKING; 0: none */
	int64_t reset_ms;    /* when the reset was sent */
	int64_t entered_ms;  /* its state, since the daemon's start; 0: before */
	int64_t pushed_ms; /* when the push was through that a reset is to follow; 0 */
	int64_t soak_end_ms; /* 0: not begun since the daemon's start */
	bool was_busy, was_blind;
	bool looked; /* since the deadline was set: nobody is lost without a look */
};

struct engine_rollout {
	struct engine *engine;
	struct rollout rollout;
	const struct release *release; /* NULL: gone from the catalogue */
	struct engine_task *task;
	const struct task **view; /* the planner's view of the same tasks */
	struct task_domains *domains;
	struct task_window *window;
	size_t task_count;
	/* The images that it pushes, while it runs: read once for all of its boards. */
	const struct catalogue_bytes *image[RELEASE_IMAGES_MAX];
	size_t image_count;
	bool dormant; /* restarted without its release: nothing is done before it is back */
	bool durable; /* in the store: before that nothing of it may begin */
	int answers;  /* commits of its own that have not come back */
	enum rollout_state was_catch_up; /* of what it takes back, before it began */
	/* Until it is durable: the tasks that it has superseded, as they were. */
	struct engine_superseded *superseded;
	size_t superseded_count;
	int64_t idle_until_s; /* its catch-up has nothing to plan before; 0: it may have */
	int64_t ended_ms; /* when it was over; 0: not yet, or before the daemon's start */
};

struct engine_config {
	const struct settings *settings; /* borrowed */
	struct inventory *inventory;     /* taken */
	const char *secrets_dir;         /* borrowed; NULL: none */
	struct store *store;             /* taken: closed by engine_stop() */
	bool read_only;                  /* the store was opened as STORE_FULL */
	struct catalogue *catalogue;     /* taken */
	struct web *web;                 /* taken; NULL: no HTTP probes */
	/* The engine cannot go on (another daemon owns the state); called once. */
	void (*fatal)(void *arg, const char *why);
	void *arg;
};

/* Reads the store's state and joins it with the inventory. Blocks; before the loop runs.
 * Nothing is sent to a board before engine_start(). On failure the caller keeps what
 * `config` holds. */
int engine_new(uv_loop_t *loop, const struct engine_config *config,
	struct engine **ret_engine, struct errtext *ret_error) WARN_UNUSED;
void engine_start(struct engine *engine);

/* Begins nothing new, lets what is under way on boards end (a push that is cut short
 * makes a board dirty), closes store and catalogue, frees itself, then done(arg). */
void engine_stop(struct engine *engine, void (*done)(void *arg), void *arg);

/* Something outside uses the engine's catalogue or store: engine_stop() waits for it. */
void engine_hold(struct engine *engine);
void engine_unhold(struct engine *engine);

/* ---- reading --------------------------------------------------------------------- */

size_t engine_board_count(const struct engine *engine);
/* By name. */
const struct engine_board *engine_board_at(const struct engine *engine, size_t index);
struct engine_board *engine_find_board(const struct engine *engine, const char *name);
const char *engine_board_site(const struct engine_board *board);
/* The release that the board should run, or NULL; the fingerprint of its image for the
 * board's family in *ret_image (may be NULL: none for the family). */
const struct release *engine_board_target(
	const struct engine_board *board, const struct release_image **ret_image);
/* The release that the running image belongs to, or NULL. */
const struct release *engine_running_release(const struct engine_board *board);
/* What its safe-boot card is made of; borrowed from the engine. */
void engine_fill_card(const struct engine_board *board, struct card_facts *ret_facts);
/* The same for its wire card: of that release; NULL: of the one that it should run, or has
 * run. */
void engine_fill_wire(const struct engine_board *board, const struct release *release,
	struct card_wire_facts *ret_facts);

/* Its active task, else the latest that is known; or NULL. */
const struct engine_task *engine_latest_task(const struct engine_board *board);
/* The same of every board, for whoever asks for many: to be freed. */
struct engine_latest {
	const struct engine_board *board;
	const struct engine_task *task; /* or NULL */
};
struct engine_latest *engine_latest_tasks(const struct engine *engine);
const struct engine_task *engine_latest_of(
	const struct engine_latest *latest, const struct engine_board *board);
/* What a rollout of that release would refuse the board for now, or REASON_NONE. */
enum reason engine_release_forbids(
	const struct engine_board *board, const struct release *release);
/* Where a wait of that task is; `ret_place` refers to `ret_name`. */
#define ENGINE_DOMAIN_MAX (NAME_MAX_LEN + 16)
void engine_wait_place(const struct engine_task *task, const struct wait *wait,
	char ret_name[ENGINE_DOMAIN_MAX], struct wait_place *ret_place);
/* What `why BOARD` is made of; the facts refer to the rest and to the engine. */
struct engine_why {
	struct why_facts facts;
	struct wait wait;
	char place[ENGINE_DOMAIN_MAX], brake[BRAKES_TEXT_MAX], to_do[CARD_TEXT_MAX];
};
void engine_fill_why(const struct engine_board *board, struct engine_why *ret_why);
/* The same as it was; its task and the task's rollout then, if they are known. */
void engine_fill_why_past(const struct engine_board *board, const struct task *task,
	const struct rollout *rollout, int64_t at_s, struct engine_why *ret_why);
/* The image that the task pushes, or NULL. */
const struct release_image *engine_task_image(const struct engine_task *task);
bool engine_board_matches(
	const struct engine_board *board, const struct selector *selector);
/* Value number `index` of a key (core/selector.h), or NULL. */
const char *engine_board_value(const struct engine_board *board, enum selector_key key,
	const char *label, size_t index);
/* With the saved ones and the labels of the inventory; `text` may be NULL. 0 or -EINVAL. */
int engine_parse_selector(const struct engine *engine, const char *text,
	struct selector *ret_selector, struct errtext *ret_error) WARN_UNUSED;
/* Is there a site of that name? 0, or -EINVAL with a sentence that names the nearest. */
int engine_check_site(const struct engine *engine, const char *site,
	struct errtext *ret_error) WARN_UNUSED;
/* How many boards each node of it means. */
void engine_count_selector(const struct engine *engine, const struct selector *selector,
	size_t ret_boards[SELECTOR_NODES]);

/* When an update of the board to that image (or NULL) may begin by the windows of its
 * site: now or later; WINDOW_NEVER. */
int64_t engine_board_begin_s(
	const struct engine_board *board, const struct release_image *image);

size_t engine_rollout_count(const struct engine *engine);
/* Oldest first. */
const struct engine_rollout *engine_rollout_at(
	const struct engine *engine, size_t index);
/* A complete id, a unique beginning of at least 4 digits, or "latest". 0, -ENOENT,
 * -ENOTUNIQ or -ESTALE (it is so old that only the store has it). */
int engine_find_rollout(const struct engine *engine, const char *text,
	struct engine_rollout **ret_rollout) WARN_UNUSED;
/* The latest undo of it, or NULL. */
const struct engine_rollout *engine_undo_of(const struct engine_rollout *rollout);
/* What each brake has counted, and in words what `brake` has ("" if it is none). */
void engine_count_brakes(const struct engine_rollout *rollout, enum reason brake,
	struct brake_limits *ret_limits, struct brake_counts *ret_counts,
	char ret_text[BRAKES_TEXT_MAX]);
/* The wave's state as shown: open becomes soaking when all that is left is soak. */
enum wave_state engine_wave_state(const struct engine_rollout *rollout, int wave);

/* What it waits for (core/waits.h); its domains are those of engine_domain_name(). */
size_t engine_rollout_waits(const struct engine_rollout *rollout,
	struct wait ret_waits[WAITS_MAX], unsigned char *ret_of);
/* "site berlin", "access point ap-3", "room b12", "no site"; and whether it is its bytes a
 * second that limit the pushes in flight there. -1: of all together. */
void engine_domain_name(
	const struct engine *engine, int index, char ret_name[ENGINE_DOMAIN_MAX]);
bool engine_domain_is_fed(const struct engine *engine, int index);

struct catalogue *engine_catalogue(const struct engine *engine);
struct store *engine_store(struct engine *engine);
const struct inventory *engine_inventory(const struct engine *engine);
const struct settings *engine_settings(const struct engine *engine);
/* The state cannot be written: the disk is full, or the file gone. */
bool engine_read_only(const struct engine *engine);
/* What has been counted since the start; borrowed. */
struct engine_tallies {
	struct tally polls, pushes;       /* by status */
	uint64_t bytes;                   /* that boards have taken */
	uint64_t ended[TASK_STATE_COUNT]; /* tasks, by the end that they came to */
};
const struct engine_tallies *engine_tallies(const struct engine *engine);
/* Polls on their way now, and boards that are pushed to. */
void engine_in_flight(
	const struct engine *engine, size_t *ret_polls, size_t *ret_pushes);
int engine_store_status(const struct engine *engine); /* why; else 0 */

/* What is well with the files, the machine and the sites, and what is not; `done` once, on
 * the loop, not from within this call. -EBUSY: one is under way already. */
typedef void (*engine_examined_fn)(
	void *arg, const struct doctor_finding *finding, size_t count);
int engine_examine(
	struct engine *engine, engine_examined_fn done, void *arg) WARN_UNUSED;

/* ---- wishes ---------------------------------------------------------------------- */

/* Polls a board now, or joins the poll in flight if that asks as much; `done` once, on the
 * loop. */
typedef void (*engine_polled_fn)(void *arg, struct engine_board *board);
void engine_poll_now(struct engine_board *board, enum telnet_goal goal,
	engine_polled_fn done, void *arg);

/* What a rollout would do: verdicts and waves, without doing it. */
struct plan_entry {
	struct engine_board *board;
	enum task_state state; /* TASK_PLANNED, TASK_ALREADY or TASK_REFUSED */
	enum reason reason;
	int wave;                           /* -1: settled by the plan, in no wave */
	const struct engine_rollout *other; /* that a refusal is about; NULL: none */
	/* Of an undo: what it is brought back to and how; task.statement. */
	const struct wipy_fingerprint *wanted;
	enum undo_method method;
	enum undo_risk risk;
	char statement[STATEMENT_MAX];
};
struct plan {
	const struct release *release;  /* of an undo of an undo it may be NULL: gone */
	struct engine_rollout *undo_of; /* that it takes back; NULL: no undo */
	const struct task **vanished;   /* ... whose boards are in no inventory now */
	size_t vanished_count;
	char select_text[SELECTOR_MAX]; /* saved selectors are written out in it */
	char waves_text[128];
	int64_t soak_s, expires_s;
	bool burn_last_good, allow_one_way;
	struct plan_entry *entry; /* ordered by wave, then as dealt */
	size_t entry_count;
	size_t planned, already, refused;
	int wave_count;
	size_t wave_size[WAVES_MAX];
};
struct rollout_request {
	const char *release, *select, *waves; /* NULL: defaults */
	int64_t soak_s;                       /* -1: default */
	int64_t expires_s;   /* from its start on; 0 or less: default */
	bool burn_last_good; /* boards may lose their last known-good image */
	bool allow_one_way;  /* boards may get an image without telnet and FTP */
};
/* Returns 0; -ENOENT (no such release), -ENOTUNIQ, -EPERM (nothing of it may begin),
 * -EINVAL (selector, waves, no board matches), -EBUSY (a board belongs to another active
 * rollout: named). */
int engine_plan(struct engine *engine, const struct rollout_request *request,
	struct plan *ret_plan, struct errtext *ret_error) WARN_UNUSED;
/* The same for taking a rollout back, whose boards and release it is about: `release` and
 * `select` of the request are not looked at. Boards of other active rollouts are refused.
 * -EALREADY, -EPERM (it has not ended, or is the undo of an undo), -EBUSY (a board still
 * catches up), or as above. */
int engine_plan_undo(struct engine_rollout *rollout,
	const struct rollout_request *request, struct plan *ret_plan,
	struct errtext *ret_error) WARN_UNUSED;
void plan_done(struct plan *plan);
/* Whether the images that a plan of a release pushes can be read, and are whole: looked at off
 * the loop. Status 0, or of the first one that is not, with a sentence. The plan is the
 * caller's again at once. */
typedef void (*engine_checked_fn)(void *arg, int status, const struct errtext *error);
void engine_check_images(struct engine *engine, const struct plan *plan,
	engine_checked_fn done, void *arg);
/* Why boards of this one's type would be refused an image of no release, whatever they
 * run; REASON_NONE: they would not. */
enum reason engine_type_forbids(
	const struct engine_board *board, const struct release_image *image);
/* Of the release that boards get, or leave. */
const char *plan_release_name(const struct plan *plan);

/* Answers once the rollout is durable (status 0, rollout), or was not written. */
typedef void (*engine_rollout_fn)(
	void *arg, int status, struct engine_rollout *rollout);
/* Takes nothing: the plan stays the caller's. */
void engine_start_rollout(struct engine *engine, const struct plan *plan,
	const char *actor, engine_rollout_fn done, void *arg);
/* 0, -EALREADY, -EPERM, -ESTALE (its release has been retired, or has expired, before it
 * or is not trusted any more, before it was approved), -EACCES (who started it may not approve it), -EINVAL (resuming what
 * a brake has halted needs a reason); the answer comes once it is durable. After a rollout
 * has completed its catch-up is meant. */
int engine_wish_rollout(struct engine_rollout *rollout, enum rollout_wish wish,
	const char *actor, const char *reason, engine_rollout_fn done,
	void *arg) WARN_UNUSED;
/* The wish to abort, in that mode; also from keep to freeze while it is aborting. */
int engine_abort_rollout(struct engine_rollout *rollout, enum abort_mode mode,
	const char *actor, const char *reason, engine_rollout_fn done,
	void *arg) WARN_UNUSED;

/* Answers a wish once it is durable, or could not be stored yet. */
typedef void (*engine_done_fn)(void *arg, int status);

/* A piece of the chain of events that somebody has as a file. */
struct engine_export {
	int64_t after_seq, last_seq;
	uint8_t chain[CHAIN_LEN]; /* the value at its end */
};
void engine_note_exported(struct engine *engine, const char *actor,
	const struct engine_export *export, engine_done_fn done, void *arg);
/* Prunes what the plan says; it must have something to prune, and no fault. */
void engine_prune(struct engine *engine, const char *actor,
	const struct store_prune_plan *plan, engine_done_fn done, void *arg);

/* What answers at the board's address belongs there from now on, or what others have
 * made it run is taken for known. 0 (the answer comes); -EALREADY: nothing is to be
 * accepted; -EBUSY: a rollout works on it; -EROFS: the state cannot be
 * written (engine_store_status()). It holds once it is stored. */
int engine_accept_board(struct engine_board *board, const char *actor,
	const char *reason, engine_done_fn done, void *arg) WARN_UNUSED;

/* A card that goes to a bench, away from the daemon (docs/decisions/0032). */
#define BENCH_CODE_MAX 33 /* 32 hex digits and NUL */
struct engine_bench {
	char code
		[BENCH_CODE_MAX]; /* of this card, to be given once; kept as its SHA-256 */
	const struct release *release;
	const struct release_image *image; /* that is to be pushed */
};
/* Makes the code; an earlier card of the board is void from now on. `release`: NULL for
 * the one that the board's card names. 0 (the answer comes), or with a sentence -ENOENT
 * (nothing is known to belong on the board) or -EINVAL with *ret_reason (that image must
 * not be pushed to it). */
int engine_save_card(struct engine_board *board, const struct release *release,
	const char *actor, engine_done_fn done, void *arg,
	struct engine_bench *ret_bench, enum reason *ret_reason,
	struct errtext *ret_error) WARN_UNUSED;

struct engine_receipt {
	const char *code, *sha256; /* of the card, of the image that was pushed */
	const char *unique_id;     /* "": it was not told */
	const char *said;          /* what the bench says that it saw, for the event */
	struct wipy_fingerprint shows;
};
/* What a bench has done: an event, and a look at the board at once. It closes nothing: that
 * does a look. 0 (the answer comes); -EKEYREJECTED, -EALREADY, -EBADMSG with a sentence:
 * the code is of no card, was spent, or the receipt does not fit its card. */
int engine_take_receipt(struct engine_board *board,
	const struct engine_receipt *receipt, const char *actor, engine_done_fn done,
	void *arg, struct errtext *ret_error) WARN_UNUSED;

/* Known-bad images, oldest first, cleared ones too. */
size_t engine_known_bad_count(const struct engine *engine);
const struct known_bad *engine_known_bad_at(const struct engine *engine, size_t index);
/* The board's type, or its family where it has none: what an image is known-bad for. */
const char *engine_board_type(const struct engine_board *board);
struct known_bad_request {
	const char *image; /* a release, or a SHA-256 or at least 6 digits of it */
	const char *type;  /* to be cleared: NULL for all of them */
	const char *actor, *reason;
};
/* Both hold from their answer on, and only if its status is 0. 0 (the answer comes);
 * -ENOENT: nothing such stands; -EINVAL: the reason is too long; -EROFS: the state cannot be
 * written (engine_store_status()). */
int engine_clear_known_bad(struct engine *engine,
	const struct known_bad_request *request, engine_done_fn done,
	void *arg) WARN_UNUSED;
/* A person has heard of it before a board was hurt: the release's image for boards of that
 * type (or family), or the image of that SHA-256, which may be in no release yet. 0 (the
 * answer comes), or with a sentence -ENOENT (no such image, type or family), -ENOTUNIQ,
 * -EALREADY (it stands); -EROFS as above. */
int engine_add_known_bad(struct engine *engine, const struct known_bad_request *request,
	engine_done_fn done, void *arg, struct errtext *ret_error) WARN_UNUSED;

/* Reads the inventory anew on the worker pool; applies it unless dry_run. */
struct inventory_change {
	const struct yaml_problems *problems; /* status WIPY_E_CONFIG */
	const char **added, **removed, **changed, **kept;
	size_t added_count, removed_count, changed_count, kept_count;
	const char *notes[5];
	size_t note_count;
	/* "site berlin: windows, max-pushes changed; and 2 more": what holds for all boards
	 * there, which are among those changed. "" without. */
	char places[320], sets[320];
};
typedef void (*engine_reloaded_fn)(
	void *arg, int status, const struct inventory_change *change);
/* -EBUSY: one is under way. */
int engine_reload(struct engine *engine, bool dry_run, const char *actor,
	engine_reloaded_fn done, void *arg) WARN_UNUSED;

/* What the release has for this board; NULL: nothing, or no release. */
const struct release_image *engine_image_for(
	const struct engine_board *board, const struct release *release);
/* Whether boards may get it, by the keys, the settings and the time of today; `begun`: those of
 * a rollout that runs (core/release_rule.h). */
enum release_verdict engine_release_verdict(
	const struct engine *engine, const struct release *release, bool begun);
/* As catalogue_add_release(); what is new is an event, by the actor. `reason`: why it may go
 * back; "" where it may not. */
void engine_add_release(struct engine *engine, const struct catalogue_offer *offer,
	const char *actor, const char *reason, catalogue_release_fn done, void *arg);
/* As catalogue_retire(); `back`: it may be rolled out again. */
void engine_retire_release(struct engine *engine, const struct release *release,
	bool back, const char *actor, const char *reason, catalogue_release_fn done,
	void *arg);
/* As catalogue_gc(): images of retired releases stay while a board runs one, a slot may hold
 * it, a rollout pushes it or an undo may go back to it. */
void engine_gc(struct engine *engine, bool dry_run, const char *actor,
	catalogue_gc_fn done, void *arg);

/* ---- releases from the web --------------------------------------------------------- */

enum fetch_state {
	FETCH_MANIFEST,
	FETCH_SIGNATURES,
	FETCH_IMAGES,
	FETCH_DONE,
	FETCH_FAILED,
};
struct fetch_request {
	const char *url; /* of the manifest; signatures and images lie beside it */
	const char *actor;
	const char *reason; /* why it may go back; "" where it may not */
};
struct fetch_view {
	enum fetch_state state;
	int status; /* of one that has failed */
	const char *error, *release, *warning, *file;
	size_t images, at, have, total; /* bytes of the file under way */
};

/* Begins; what comes of it is looked at by its number, of the latest few. -EINVAL: not a
 * URL that can be asked for; -EBUSY: too many are under way. */
int engine_fetch_start(struct engine *engine, const struct fetch_request *request,
	int64_t *ret_number, struct errtext *ret_error) WARN_UNUSED;
/* Nothing of it becomes a release, unless the catalogue has taken the last step already. 0:
 * it has ended, or does when the catalogue gives it back; -ENOENT: not known (any more);
 * -EALREADY: it had ended. */
int engine_fetch_cancel(
	struct engine *engine, int64_t number, const char *actor) WARN_UNUSED;
/* The texts live until the next turn of the loop. False: it is not known any more. */
bool engine_fetch_view(
	const struct engine *engine, int64_t number, struct fetch_view *ret_view);

struct channel_view {
	const char *name, *url;
	int64_t every_s, looked_s;   /* 0: not yet */
	int64_t fetch;               /* its number while a look is under way; 0 */
	int status;                  /* of the last look that has ended */
	const char *error, *release; /* what it found */
};
/* A channel of the settings, from 0 on; false: there are no more. */
bool engine_channel_view(
	const struct engine *engine, size_t index, struct channel_view *ret_view);

/* The catalogue has changed: versions are compared anew. */
void engine_releases_changed(struct engine *engine);
int64_t engine_now_s(void);

#endif
