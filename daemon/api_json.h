/* SPDX-License-Identifier: MIT
 *
 * The JSON shapes of docs/openapi.yaml, made from what the engine knows. Every function gives a
 * new reference (jansson). Text from outside (a person, a board, a file) goes through
 * json_text(): where it was cut for a buffer it may end within a character.
 */
#ifndef WIPY_API_JSON_H
#define WIPY_API_JSON_H

#include <jansson.h>

#include "common/image.h"
#include "daemon/engine.h"

/* Never NULL: bytes that are no UTF-8 become '?'. */
json_t *json_text(const char *text);
json_t *json_time(int64_t time_s); /* "2026-11-20T11:00:00Z", or null for 0 */
json_t *json_board(const struct engine_board *board);
struct card;
json_t *json_card(const struct engine_board *board, const struct card *card);
json_t *json_board_detail(const struct engine_board *board);
/* The first thing that a person does about it, or null. */
json_t *json_to_do(const struct engine_board *board);
/* api_card.c: null while nothing is known. */
json_t *json_ledger(const struct ledger *ledger);
json_t *json_card_lines(const struct card_lines *lines);
json_t *json_release(const struct engine *engine, const struct release *release);
/* The files of releases that could not be read: their names. */
json_t *json_damaged(const struct engine *engine);
json_t *json_image(const struct wipy_image_info *info);
json_t *json_rollout(const struct engine_rollout *rollout);
json_t *json_rollout_line(const struct engine_rollout *rollout);
json_t *json_tasks(const struct engine_rollout *rollout);
/* A page of some of them, and how many it is about: 1u << state of each that is meant, so
 * many of them at most, behind the one of that board ("": from the first on). */
struct task_choice {
	unsigned states;
	uint64_t limit;
	char after[NAME_MAX_LEN];
};
json_t *json_tasks_of(
	const struct engine_rollout *rollout, const struct task_choice *choice);
/* Puts what the task saw into an object: its "board", "state", "proof", "evidence", ... */
void json_add_seen(json_t *json, const struct task *task);
/* api_window.c: the sites whose windows boards wait for, with when they open. */
json_t *json_windows(const struct engine_rollout *rollout);
json_t *json_plan_windows(const struct plan *plan);
/* Of undos; null or empty for everything else. */
json_t *json_undo_of(const struct id *id);
json_t *json_goes_back(const struct task *task);
json_t *json_undo_steps(const struct plan *plan);
json_t *json_local_time(const struct zone *zone, int64_t time_s);
/* api_wait.c: what holds the rollout, as one sentence and in groups; null: nothing. */
json_t *json_waits_for(const struct engine_rollout *rollout);
/* The catch-up of boards that were deferred; null: there is none. */
json_t *json_catch_up(const struct engine_rollout *rollout);
json_t *json_task_opens(const struct task *task); /* null unless it waits for one */
/* api_probe.c: the answers of a soak; NULL: none. */
json_t *json_probes(const struct task *task);
/* All of them that are no pass. */
json_t *json_rollout_probes(const struct engine_rollout *rollout);
/* Those of the board's latest soak. */
json_t *json_board_probes(const struct engine_board *board);
json_t *json_event(const struct event *event);
/* api_status.c */
json_t *json_status(const struct engine *engine);
/* What a report is about. */
struct report_scope {
	char select[SELECTOR_MAX]; /* as given */
	struct selector selector;
	char site[NAME_MAX_LEN]; /* "" for all */
	int64_t since_s; /* what is older is left out, but for boards in danger; 0: all */
	bool tasks;      /* every task of the rollout by name */
	bool terse;      /* without evidence */
};
/* Without what has to be read: approvals and changes. `rollout` may be NULL. */
json_t *json_report(const struct engine *engine, const struct engine_rollout *rollout,
	const struct report_scope *scope);
/* Is the board one that the report is about? `scope` NULL: it is about all. */
bool report_is_about(
	const struct report_scope *scope, const struct engine_board *board);
/* api_status.c: what runs where, counted. */
json_t *json_firmware(const struct engine *engine, const struct report_scope *scope);

#endif
