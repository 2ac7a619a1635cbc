/* SPDX-License-Identifier: MIT
 *
 * Reading the inventory anew: on the worker pool, compared, all or nothing. A board with
 * an active task that vanished from the file is kept until its task ends.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/axes.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "reload"

struct reload {
	uv_work_t work;
	struct engine *engine;
	bool dry_run;
	char *path;
	char actor[64];
	struct yaml_problems problems;
	struct inventory *inventory;
	int status;
	engine_reloaded_fn done;
	void *arg;
	struct inventory_change change;
};

static void read_inventory(uv_work_t *work)
{
	struct reload *reload = work->data;

	reload->status =
		inventory_read(reload->path, reload->engine->config.secrets_dir,
			reload->engine->config.settings->poll_every_ms,
			&reload->problems, &reload->inventory);
}

/* Another place on the network, or another kind of board. */
static bool spec_moved(const struct board_spec *a, const struct board_spec *b)
{
	return strcmp(a->address, b->address) != 0 || a->family != b->family ||
	       a->telnet_port != b->telnet_port || a->ftp_port != b->ftp_port ||
	       a->data_port != b->data_port;
}

static bool spec_differs(const struct board_spec *a, const char *site_a,
	const struct board_spec *b, const char *site_b)
{
	bool differs = spec_moved(a, b) || strcmp(a->type, b->type) != 0 ||
		       strcmp(site_a, site_b) != 0 || strcmp(a->user, b->user) != 0 ||
		       strcmp(a->access_point, b->access_point) != 0 ||
		       strcmp(a->password, b->password) != 0 ||
		       a->poll_method != b->poll_method ||
		       a->poll_every_ms != b->poll_every_ms ||
		       a->may_interrupt != b->may_interrupt ||
		       strcmp(a->release, b->release) != 0 ||
		       !inventory_same_accept(a, b) || !inventory_same_probes(a, b) ||
		       a->label_count != b->label_count;

	for (size_t i = 0; !differs && i < a->label_count; i++)
		differs = strcmp(a->label[i].key, b->label[i].key) != 0 ||
			  strcmp(a->label[i].value, b->label[i].value) != 0;
	return differs;
}

/* ---- sites and access points --------------------------------------------------------- */

/* What holds for all boards of one. */
struct place {
	const char *what, *name;
	const struct site_windows *windows;
	int max_pushes;
	int64_t bandwidth;
};

enum place_answer { NOT_COMPARED, SAME, DIFFERS };

struct comparison {
	const struct inventory *now, *next;
	struct inventory_change *change;
	enum place_answer *site, *access_point; /* by index in `next` */
	size_t untold; /* that found no room in change->places */
};

static void put_key(char *text, size_t cap, bool differs, const char *key)
{
	size_t len = strlen(text);

	if (differs)
		snprintf(text + len, cap - len, "%s%s", len > 0 ? ", " : "", key);
}

static void differing_keys(
	const struct place *a, const struct place *b, char *ret_keys, size_t cap)
{
	static const struct site_windows always;
	const struct site_windows *x = a->windows ? a->windows : &always;
	const struct site_windows *y = b->windows ? b->windows : &always;

	ret_keys[0] = '\0';
	put_key(ret_keys, cap, !inventory_same_zone(x, y), "timezone");
	put_key(ret_keys, cap, !inventory_same_hours(&x->windows, &y->windows),
		"windows");
	put_key(ret_keys, cap, !inventory_same_blackouts(&x->windows, &y->windows),
		"blackout");
	put_key(ret_keys, cap, a->max_pushes != b->max_pushes, "max-pushes");
	put_key(ret_keys, cap, a->bandwidth != b->bandwidth, "bandwidth");
}

static enum place_answer compare_places(struct comparison *comparison,
	const struct place *was, const struct place *place)
{
	char *places = comparison->change->places, keys[64], text[192];
	size_t cap = sizeof(comparison->change->places), len = strlen(places);

	differing_keys(was, place, keys, sizeof(keys));
	if (keys[0] == '\0')
		return SAME;
	snprintf(text, sizeof(text), "%s%s %s: %s changed", len > 0 ? "; " : "",
		place->what, place->name, keys);
	if (len + strlen(text) + sizeof("; and 1000000 more") > cap)
		comparison->untold++;
	else
		strcpy(places + len, text);
	return DIFFERS;
}

/* Its site is the same and says something else. */
static bool site_differs(struct comparison *comparison, const struct board_spec *was,
	const struct board_spec *spec)
{
	const struct site *a, *b;

	if (was->site < 0 || spec->site < 0)
		return false;
	a = &comparison->now->site[was->site];
	b = &comparison->next->site[spec->site];
	if (strcmp(a->name, b->name) != 0)
		return false;
	if (comparison->site[spec->site] == NOT_COMPARED)
		comparison->site[spec->site] = compare_places(comparison,
			&(struct place){"site", a->name, a->windows, a->max_pushes,
				a->bandwidth},
			&(struct place){"site", b->name, b->windows, b->max_pushes,
				b->bandwidth});
	return comparison->site[spec->site] == DIFFERS;
}

static bool access_point_differs(struct comparison *comparison,
	const struct board_spec *was, const struct board_spec *spec)
{
	const struct access_point *a, *b;
	int at = spec->access_point_at;

	if (was->access_point_at < 0 || at < 0)
		return false;
	a = &comparison->now->access_point[was->access_point_at];
	b = &comparison->next->access_point[at];
	if (strcmp(a->name, b->name) != 0)
		return false;
	if (comparison->access_point[at] == NOT_COMPARED)
		comparison->access_point[at] = compare_places(comparison,
			&(struct place){"access point", a->name, NULL, a->max_pushes,
				a->bandwidth},
			&(struct place){"access point", b->name, NULL, b->max_pushes,
				b->bandwidth});
	return comparison->access_point[at] == DIFFERS;
}

static bool board_differs(struct comparison *comparison, const struct board_spec *was,
	const struct board_spec *spec)
{
	bool differs = spec_differs(was, inventory_site_name(comparison->now, was),
		spec, inventory_site_name(comparison->next, spec));

	differs |= site_differs(comparison, was, spec);
	differs |= access_point_differs(comparison, was, spec);
	return differs;
}

static void compare_boards(struct engine *engine, const struct inventory *next,
	struct inventory_change *change)
{
	struct comparison comparison = {engine->inventory, next, change,
		engine_alloc(next->site_count + 1, sizeof(enum place_answer)),
		engine_alloc(next->access_point_count + 1, sizeof(enum place_answer)),
		0};
	size_t len;

	for (size_t i = 0; i < next->board_count; i++) {
		const struct board_spec *spec = &next->board[i];
		const struct board_spec *was =
			inventory_find(engine->inventory, spec->name);

		if (!was)
			change->added[change->added_count++] = spec->name;
		else if (board_differs(&comparison, was, spec))
			change->changed[change->changed_count++] = spec->name;
	}
	len = strlen(change->places);
	if (comparison.untold > 0)
		snprintf(change->places + len, sizeof(change->places) - len,
			"; and %zu more", comparison.untold);
	if (change->places[0] != '\0')
		change->notes[change->note_count++] = change->places;
	free(comparison.site);
	free(comparison.access_point);
}

static void compare_inventories(struct reload *reload)
{
	struct engine *engine = reload->engine;
	const struct inventory *next = reload->inventory;
	struct inventory_change *change = &reload->change;

	change->added = engine_alloc(next->board_count + 1, sizeof(char *));
	change->changed = engine_alloc(next->board_count + 1, sizeof(char *));
	change->removed = engine_alloc(engine->board_count + 1, sizeof(char *));
	change->kept = engine_alloc(engine->board_count + 1, sizeof(char *));
	compare_boards(engine, next, change);
	for (size_t i = 0; i < engine->board_count; i++) {
		const struct engine_board *board = engine->board[i];

		const struct board_spec *spec = inventory_find(next, board->board.name);

		if (spec && !(board->task && spec_moved(board->spec, spec)))
			continue;
		if (board->task)
			change->kept[change->kept_count++] = board->board.name;
		else
			change->removed[change->removed_count++] = board->board.name;
	}
	if (change->kept_count > 0)
		change->notes[change->note_count++] =
			"boards that moved, or vanished from the file, while a rollout "
			"works on them are kept as they are until their task ends; "
			"what has vanished and was not begun yet is skipped";
	for (size_t i = 0; i < change->removed_count; i++)
		if (engine_find_board(engine, change->removed[i])->board.conditions !=
			0) {
			change->notes[change->note_count++] =
				"a board that leaves the inventory is dirty, armed or "
				"needs hands: do not power-cycle it, and put it back "
				"to repair it; under another name at the same address "
				"it stays known";
			break;
		}
	engine_compare_sets(
		engine->inventory, next, change->sets, sizeof(change->sets));
	if (change->sets[0] != '\0')
		change->notes[change->note_count++] = change->sets;
	if (engine->config.secrets_dir)
		change->notes[change->note_count++] =
			"passwords from service credentials are those of the service's "
			"start: restart wipyd to use rotated ones";
}

static void take_spec(struct engine_board *board, const struct board_spec *spec)
{
	bool moved = spec_moved(board->spec, spec);
	enum reach was = board->board.reach;

	/* What is being asked right now is the old place; whoever waits for it is answered
	 * while the old description still holds. */
	if (moved)
		engine_poll_cancel(board);
	board->spec = spec;
	board->next_spec = NULL;
	board->kept = false;
	if (!moved)
		return;
	engine_note_place(board);
	board_note_moved(&board->board); /* what we did to that board stays known */
	engine_board_relisted(board->engine, &board->board, was);
	engine_poll_schedule(board, true);
}

static struct engine_board *adopt_board(
	struct engine *engine, const struct board_spec *spec, bool *ret_is_new)
{
	struct engine_board *board = engine_find_board(engine, spec->name);

	*ret_is_new = !board;
	if (!board) {
		board = engine_board_new(engine, spec);
		if (engine_take_over(board))
			engine_board_relisted(engine, &board->board, REACH_RETIRED);
		engine_note_place(board);
	} else if (board->task && spec_moved(board->spec, spec)) {
		/* A task never changes the device it works on. */
		board->kept = true;
		board->next_spec = spec;
	} else {
		take_spec(board, spec);
	}
	return board;
}

static void forget_board(struct engine_task *et)
{
	bool rests = engine_catch_up_rests(et);

	et->board = NULL;
	if (rests)
		engine_task_vanished(et->rollout->engine, et);
}

static void remove_board(struct engine_board *board)
{
	engine_poll_cancel(board);
	for (size_t i = 0; i < board->engine->rollout_count; i++) {
		struct engine_rollout *er = board->engine->rollout[i];

		for (size_t k = 0; k < er->task_count; k++)
			if (er->task[k].board == board)
				forget_board(&er->task[k]);
	}
	free(board);
}

/* Boards that are back: what has ended on them can be undone again. */
static void join_ended(struct engine *engine)
{
	for (size_t i = 0; i < engine->rollout_count; i++) {
		struct engine_rollout *er = engine->rollout[i];

		for (size_t k = 0; k < er->task_count; k++)
			if (!er->task[k].board)
				er->task[k].board = engine_find_board(
					engine, er->task[k].task.board);
		engine_latest_begin(er);
	}
}

static void apply_inventory(struct reload *reload)
{
	struct engine *engine = reload->engine;
	struct inventory *next = reload->inventory;
	size_t count = 0, room = next->board_count + engine->board_count + 1;
	struct engine_board **list = engine_alloc(room, sizeof(*list));
	bool *fresh = engine_alloc(room, sizeof(*fresh));

	/* First: another name may take over what is known of them. */
	for (size_t i = 0; i < engine->board_count; i++)
		if (!engine->board[i]->task &&
			!inventory_find(next, engine->board[i]->board.name))
			engine_keep_gone(engine, &engine->board[i]->board);
	for (size_t i = 0; i < next->board_count; i++, count++)
		list[count] = adopt_board(engine, &next->board[i], &fresh[count]);
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (inventory_find(next, board->board.name))
			continue;
		if (board->task) {
			board->kept = true;
			board->next_spec = NULL;
			list[count++] = board;
		} else {
			remove_board(board);
		}
	}
	free(engine->board);
	engine->board = list;
	engine->board_count = count;
	engine_reserve_due(engine, next->board_count, 0);
	engine->old =
		realloc(engine->old, (engine->old_count + 1) * sizeof(*engine->old));
	if (!engine->old)
		abort();
	engine->old[engine->old_count++] = engine->inventory;
	engine->inventory = next;
	engine_set_rates(engine);
	for (size_t i = 0; i < count; i++) {
		engine_compare_version(list[i]);
		if (fresh[i])
			engine_poll_schedule(list[i], true);
	}
	free(fresh);
	qsort(engine->board, engine->board_count, sizeof(*engine->board),
		engine_compare_boards);
	join_ended(engine);
	engine_fill_all_places(engine);
}

/* What has begun on a board goes on to its end; nothing more begins on one that has left
 * the inventory. */
static void skip_vanished(struct engine *engine)
{
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->kept && board->task && !board->next_spec)
			engine_task_event(board->task, TASK_EV_VANISHED, NULL);
	}
}

/* An old inventory is given back once no kept board and no task refers to it. */
static void drop_old_inventories(struct engine *engine)
{
	for (size_t i = 0; i < engine->board_count; i++)
		if (engine->board[i]->kept)
			return;
	while (engine->old_count > 0)
		inventory_free(engine->old[--engine->old_count]);
}

void engine_sweep_kept(struct engine *engine)
{
	size_t count = 0;

	engine->sweep = false;
	engine_forget_domains(engine);
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->kept && !board->task && !board->next_spec) {
			engine_keep_gone(engine, &board->board);
			remove_board(board);
			continue;
		}
		if (board->kept && !board->task)
			take_spec(board, board->next_spec);
		engine->board[count++] = board;
	}
	engine->board_count = count;
	engine_fill_all_places(engine);
	drop_old_inventories(engine);
}

static bool same_place(const struct board_spec *a, const struct board_spec *b)
{
	return strcmp(a->address, b->address) == 0 &&
	       (a->telnet_port == b->telnet_port || a->ftp_port == b->ftp_port);
}

/* Whether the description puts a board where the device of `known` is as far as anybody
 * knows: where that was last seen, or where it is listed now, by `was` (or NULL). */
static bool steps_in(const struct engine *engine, const struct board_spec *spec,
	const struct board *known, const struct board_spec *was)
{
	const struct engine_board *there = engine_find_board(engine, spec->name);

	return (!there || spec_moved(there->spec, spec)) &&
	       (engine_holds_trap(known, spec) || (was && same_place(spec, was)));
}

/* What waits on a device for its next reset hangs on the device, what is known of it on its
 * name: no other board may step into its place. A new name takes all of it along. */
static void refuse_mixups(
	struct reload *reload, const struct board *known, const struct board_spec *was)
{
	struct yaml_file file = {.name = reload->path, .problems = &reload->problems};
	const struct inventory *next = reload->inventory;
	const struct board_spec *own = inventory_find(next, known->name);

	if (!(known->conditions & (CONDITION_DIRTY | CONDITION_ARMED)))
		return;
	for (size_t k = 0; k < next->board_count; k++) {
		const struct board_spec *spec = &next->board[k];

		if (spec == own || !steps_in(reload->engine, spec, known, was) ||
			(!own && !engine_find_board(reload->engine, spec->name)))
			continue;
		yaml_problem(&file, NULL,
			"board '%s' would take over the address of '%s', which is "
			"dirty or armed: repair that one first, and change addresses "
			"then; or list the address under a new name, and '%s' not at "
			"all, which takes over what waits there",
			spec->name, known->name, known->name);
		reload->status = WIPY_E_CONFIG;
	}
}

/* A device that a task works on cannot become another board meanwhile: two tasks could then
 * work on it at once. */
static void refuse_takeovers(struct reload *reload)
{
	struct yaml_file file = {.name = reload->path, .problems = &reload->problems};
	const struct inventory *next = reload->inventory;

	for (size_t i = 0; i < reload->engine->board_count; i++) {
		const struct engine_board *board = reload->engine->board[i];

		const struct board_spec *own = inventory_find(next, board->board.name);
		bool stays = board->task && (!own || spec_moved(board->spec, own));

		for (size_t k = 0; stays && k < next->board_count; k++) {
			const struct board_spec *spec = &next->board[k];

			if (strcmp(spec->name, board->board.name) == 0 ||
				!same_place(spec, board->spec))
				continue;
			yaml_problem(&file, NULL,
				"board '%s' would take over the address of '%s', which "
				"a rollout works on: wait for its end, or abort it",
				spec->name, board->board.name);
			reload->status = WIPY_E_CONFIG;
		}
		if (!board->task)
			refuse_mixups(reload, &board->board, board->spec);
	}
	for (size_t i = 0; i < reload->engine->gone_count; i++)
		refuse_mixups(reload, &reload->engine->gone[i], NULL);
}

static void reloaded(uv_work_t *work, int status)
{
	struct reload *reload = work->data;
	struct engine *engine = reload->engine;
	struct inventory_change *change = &reload->change;

	(void)status; /* never cancelled: engine_stop() waits for it */
	engine->reloading = false;
	change->problems = &reload->problems;
	if (reload->status == 0)
		refuse_takeovers(reload);
	if (reload->status == 0)
		compare_inventories(reload);
	if (reload->done)
		reload->done(reload->arg, reload->status, change);
	if (reload->status == 0 && !reload->dry_run && !engine->stopping) {
		struct store_batch *batch = store_batch_new(engine->config.store);
		char detail[384];

		snprintf(detail, sizeof(detail),
			"%zu added, %zu removed, %zu changed%s%s", change->added_count,
			change->removed_count, change->changed_count,
			change->places[0] ? "; " : "", change->places);
		engine_event_caused(batch, reload->actor,
			strcmp(reload->actor, "signal") == 0 ? "signal" : "wish", "",
			NULL, "inventory-reloaded", detail);
		log_info(TAG, "inventory reloaded: %s", detail);
		engine_commit(engine, batch);
		apply_inventory(reload);
		skip_vanished(engine);
		drop_old_inventories(engine);
		engine_plan_soon(engine); /* limits and windows may have changed */
	} else {
		inventory_free(reload->inventory);
	}
	free(change->added);
	free(change->changed);
	free(change->removed);
	free(change->kept);
	yaml_problems_done(&reload->problems);
	free(reload->path);
	free(reload);
	engine_stop_check(engine);
}

int engine_reload(struct engine *engine, bool dry_run, const char *actor,
	engine_reloaded_fn done, void *arg)
{
	struct reload *reload;
	int rc;

	if (engine->reloading || engine->stopping)
		return -EBUSY;
	reload = engine_alloc(1, sizeof(*reload));
	reload->engine = engine;
	reload->dry_run = dry_run;
	reload->done = done;
	reload->arg = arg;
	reload->path = strdup(engine->inventory->path);
	if (!reload->path)
		abort();
	snprintf(reload->actor, sizeof(reload->actor), "%s", actor);
	yaml_problems_init(&reload->problems);
	reload->work.data = reload;
	rc = uv_queue_work(engine->loop, &reload->work, read_inventory, reloaded);
	if (rc < 0) {
		yaml_problems_done(&reload->problems);
		free(reload->path);
		free(reload);
		return rc;
	}
	engine->reloading = true;
	return 0;
}
