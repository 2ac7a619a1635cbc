/* SPDX-License-Identifier: MIT
 *
 * Boards in memory: found by name, joined with what the store knows, held against their
 * target and against selectors.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/axes.h"
#include "daemon/engine_private.h"

int engine_compare_boards(const void *va, const void *vb)
{
	const struct engine_board *const *a = va, *const *b = vb;

	return strcmp((*a)->board.name, (*b)->board.name);
}

struct engine_board *engine_find_board(const struct engine *engine, const char *name)
{
	size_t low = 0, high = engine->board_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(engine->board[middle]->board.name, name);

		if (order == 0)
			return engine->board[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct engine_board *engine_board_new(
	struct engine *engine, const struct board_spec *spec)
{
	struct engine_board *board = engine_alloc(1, sizeof(*board));

	board->due.at = DUE_NOWHERE;
	board->engine = engine;
	board->spec = spec;
	board->poll_status = -ENODATA;
	snprintf(board->board.name, sizeof(board->board.name), "%s", spec->name);
	/* Its line may have been ours until now: by another name, or before a restart. */
	engine_line_closed(board);
	return board;
}

void engine_compare_version(struct engine_board *board)
{
	const struct release_image *target = NULL;

	engine_board_target(board, &target);
	board->board.version = board_version_state(
		&board->board, target ? &target->fingerprint : NULL);
}

void engine_load_boards(struct engine *engine, const struct store_snapshot *snapshot)
{
	const struct inventory *inventory = engine->inventory;

	engine->board =
		engine_alloc(inventory->board_count + 1, sizeof(*engine->board));
	for (size_t i = 0; i < inventory->board_count; i++)
		engine->board[i] = engine_board_new(engine, &inventory->board[i]);
	engine->board_count = inventory->board_count;
	engine_reserve_due(engine, inventory->board_count, 0);
	for (size_t i = 0; i < snapshot->board_count; i++) {
		struct engine_board *board =
			engine_find_board(engine, snapshot->board[i].name);

		if (!board) {
			engine_keep_gone(engine, &snapshot->board[i]);
			continue;
		}
		board->board = snapshot->board[i];
		board->board.misses = 0;
		if (board->board.reach == REACH_RETIRED)
			board_note_moved(&board->board); /* it is back */
		engine_ledger_load(&board->board);
		board->seen_written_s = board->board.seen_s;
	}
	for (size_t i = 0; i < engine->gone_count; i++)
		engine_ledger_load(&engine->gone[i]);
	for (size_t i = 0; i < engine->board_count; i++)
		engine_compare_version(engine->board[i]);
}

void engine_place_boards(struct engine *engine)
{
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->board.place[0] == '\0' && !board->board.has_fingerprint &&
			!board->task && engine_take_over(board))
			engine_compare_version(board);
		engine_note_place(board);
	}
}

/* ---- boards that are in no inventory now ------------------------------------------ */

static void place_of(const struct board_spec *spec, char ret_place[PLACE_MAX])
{
	snprintf(ret_place, PLACE_MAX, "%.256s %d", spec->address, spec->telnet_port);
}

/* Who moves in the file need not have moved: where it can be told, the next poll asks. */
void engine_note_place(struct engine_board *board)
{
	struct engine *engine = board->engine;
	char was[PLACE_MAX];

	memcpy(was, board->board.place, sizeof(was));
	place_of(board->spec, board->board.place);
	if (strcmp(board->board.place, was) != 0 && engine_asks_id(board))
		board->ask_who = true;
	/* Who was there before it is not there any more. */
	for (size_t i = 0; i < engine->gone_count; i++)
		if (strcmp(engine->gone[i].place, board->board.place) == 0)
			engine->gone[i].place[0] = '\0';
}

bool engine_note_seen_place(struct engine_board *board)
{
	char place[PLACE_MAX];

	/* Somebody answers, and is still to be asked who that is. */
	if (board->ask_who && engine_asks_id(board))
		return false;
	place_of(board->spec, place);
	if (strcmp(board->board.seen_place, place) == 0)
		return false;
	memcpy(board->board.seen_place, place, sizeof(place));
	return true;
}

/* Seen before this was kept: where it is listed. */
static const char *whereabouts(const struct board *known)
{
	return known->seen_place[0] ? known->seen_place : known->place;
}

bool engine_holds_trap(const struct board *known, const struct board_spec *spec)
{
	char place[PLACE_MAX];

	place_of(spec, place);
	return (known->conditions & (CONDITION_DIRTY | CONDITION_ARMED)) &&
	       strcmp(whereabouts(known), place) == 0;
}

static void store_change(struct engine *engine, const struct board *gone,
	const struct board *now, const char *how)
{
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[384];

	snprintf(detail, sizeof(detail),
		"%s is %s now, by its %s: what was known of it stays known", gone->name,
		now->name, how);
	engine_event_caused(
		batch, "wipyd", "inventory", now->name, NULL, "board-renamed", detail);
	store_put_board(batch, gone);
	store_put_board(batch, now);
	engine_commit(engine, batch);
}

/* The record goes over to another name: under the old one nothing is known any more. */
static void rename_gone(struct engine_board *board, struct board *gone, const char *how)
{
	struct board *now = &board->board;
	char name[NAME_MAX_LEN];

	memcpy(name, now->name, sizeof(name));
	*now = *gone;
	memcpy(now->name, name, sizeof(now->name));
	memcpy(name, gone->name, sizeof(name));
	memset(gone, 0, sizeof(*gone));
	memcpy(gone->name, name, sizeof(gone->name));
	gone->reach = REACH_RETIRED;
	store_change(board->engine, gone, now, how);
}

bool engine_take_over(struct engine_board *board)
{
	struct engine *engine = board->engine;
	struct board *gone = NULL;
	char place[PLACE_MAX];

	place_of(board->spec, place);
	for (size_t i = 0; !gone && i < engine->gone_count; i++)
		if (strcmp(engine->gone[i].place, place) == 0 ||
			engine_holds_trap(&engine->gone[i], board->spec))
			gone = &engine->gone[i];
	if (!gone)
		gone = engine_gone_board(engine, board->board.name);
	if (!gone)
		return false;
	if (strcmp(gone->name, board->board.name) != 0)
		rename_gone(board, gone, "address");
	else
		board->board = *gone;
	board_note_moved(&board->board);
	return true;
}

void engine_take_over_by_id(struct engine_board *board)
{
	struct engine *engine = board->engine;
	struct board seen = board->board;

	for (size_t i = 0; i < engine->gone_count; i++) {
		struct board *gone = &engine->gone[i];

		if (strcmp(gone->unique_id, seen.unique_id) != 0)
			continue;
		seen.conditions |= gone->conditions;
		seen.ledger = gone->ledger;
		seen.hands_reason = gone->hands_reason;
		seen.hands_since_s = gone->hands_since_s;
		seen.hands_away = gone->hands_away;
		seen.has_hands_wanted = gone->has_hands_wanted;
		seen.hands_wanted = gone->hands_wanted;
		memcpy(seen.hands_outcome, gone->hands_outcome,
			sizeof(seen.hands_outcome));
		seen.hands_ended_s = gone->hands_ended_s;
		seen.failed_repairs = gone->failed_repairs;
		seen.next_repair_s = gone->next_repair_s;
		memset(&board->board, 0, sizeof(board->board));
		rename_gone(board, gone, "unique id");
		board->board = seen;
		return;
	}
}

struct board *engine_gone_board(struct engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->gone_count; i++)
		if (strcmp(engine->gone[i].name, name) == 0)
			return &engine->gone[i];
	return NULL;
}

void engine_board_relisted(
	struct engine *engine, const struct board *board, enum reach was)
{
	struct store_batch *batch;
	char detail[64];

	if (board->reach == was)
		return;
	snprintf(detail, sizeof(detail), "%s -> %s", reach_name(was),
		reach_name(board->reach));
	batch = store_batch_new(engine->config.store);
	engine_event_caused(
		batch, "wipyd", "inventory", board->name, NULL, "board-reach", detail);
	store_put_board(batch, board);
	engine_commit(engine, batch);
}

void engine_keep_gone(struct engine *engine, const struct board *board)
{
	struct board *there = engine_gone_board(engine, board->name);

	if (!there) {
		engine->gone = realloc(
			engine->gone, (engine->gone_count + 1) * sizeof(*engine->gone));
		if (!engine->gone)
			abort();
		there = &engine->gone[engine->gone_count++];
	}
	*there = *board;
	board_note_removed(there, engine_now_s());
	engine_board_relisted(engine, there, board->reach);
}

void engine_board_let_go(struct engine_board *board, const struct engine_task *task)
{
	if (board && board->catch_up == task)
		board->catch_up = NULL;
	if (!board || board->task != task)
		return;
	board->task = NULL;
	if (board->kept) {
		board->engine->sweep = true;
		engine_plan_soon(board->engine);
	}
}

const char *engine_board_site(const struct engine_board *board)
{
	return board->kept ? ""
			   : inventory_site_name(board->engine->inventory, board->spec);
}

const struct release_image *engine_image_for(
	const struct engine_board *board, const struct release *release)
{
	return release ? release_image_for(
				 release, board->spec->family, board->spec->type)
		       : NULL;
}

const struct release *engine_board_target(
	const struct engine_board *board, const struct release_image **ret_image)
{
	const char *name = board->spec->release[0] ? board->spec->release
						   : board->board.confirmed_release;
	const struct release *release;
	struct errtext ignored;

	if (!name[0] || catalogue_find(board->engine->config.catalogue, name, &release,
				&ignored) < 0)
		return NULL;
	*ret_image = engine_image_for(board, release);
	return release;
}

/* A board may run what is meant for another type of its family; its own type's comes
 * first. */
static const struct release_image *image_that_shows(const struct engine_board *board,
	const struct release *release, const struct wipy_fingerprint *fp)
{
	const struct release_image *own = engine_image_for(board, release);

	if (own && wipy_fingerprint_equal(&own->fingerprint, fp))
		return own;
	for (size_t i = 0; i < release->image_count; i++)
		if (release->image[i].family == board->spec->family &&
			wipy_fingerprint_equal(&release->image[i].fingerprint, fp))
			return &release->image[i];
	return NULL;
}

const struct release *engine_release_showing_at(const struct engine_board *board,
	const struct wipy_fingerprint *fp, size_t index)
{
	const struct catalogue *catalogue = board->engine->config.catalogue;

	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct release *release = catalogue_at(catalogue, i);

		if (image_that_shows(board, release, fp) && index-- == 0)
			return release;
	}
	return NULL;
}

const struct release *engine_release_showing(
	const struct engine_board *board, const struct wipy_fingerprint *fp)
{
	return engine_release_showing_at(board, fp, 0);
}

const struct release *engine_running_release(const struct engine_board *board)
{
	return board->board.has_fingerprint
		       ? engine_release_showing(board, &board->board.fingerprint)
		       : NULL;
}

const struct release_image *engine_image_showing(
	const struct engine_board *board, const struct wipy_fingerprint *fp)
{
	const struct catalogue *catalogue = board->engine->config.catalogue;
	const struct release_image *found = NULL;

	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct release_image *image =
			image_that_shows(board, catalogue_at(catalogue, i), fp);

		if (!image)
			continue;
		if (found && strcmp(found->sha256, image->sha256) != 0)
			return NULL;
		found = image;
	}
	return found;
}

void engine_releases_changed(struct engine *engine)
{
	for (size_t i = 0; i < engine->board_count; i++)
		engine_compare_version(engine->board[i]);
	for (size_t i = 0; i < engine->rollout_count; i++) {
		struct engine_rollout *er = engine->rollout[i];
		struct errtext ignored;

		if (!er->release &&
			catalogue_find(engine->config.catalogue, er->rollout.release,
				&er->release, &ignored) < 0)
			er->release = NULL;
		if (er->dormant && er->release &&
			rollout_drive(&er->rollout) == ROLLOUT_ABORTING) {
			er->dormant = false; /* nobody is asked: it only has to end */
			engine_restart_rollout(er);
			engine_plan_soon(engine);
		}
	}
	engine_fill_all_places(engine);
}

size_t engine_board_count(const struct engine *engine)
{
	return engine->board_count;
}

const struct engine_board *engine_board_at(const struct engine *engine, size_t index)
{
	return engine->board[index];
}
