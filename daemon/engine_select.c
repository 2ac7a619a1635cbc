/* SPDX-License-Identifier: MIT
 *
 * What selectors are held against: the values of a board's keys, the latest task of it, the
 * names that a person may type.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "daemon/engine_private.h"

/* ---- values ---------------------------------------------------------------------- */

static const char *state_value(const struct engine_board *board, size_t index)
{
	const struct engine_task *et = board->task ? board->task : board->latest;

	if (index == 0)
		return reach_name(board->board.reach);
	if (index == 1)
		return access_name(board->board.access);
	if (index == 2)
		return version_name(board->board.version);
	if (et && index == 3)
		return task_state_name(et->task.state);
	index -= et ? 4 : 3;
	for (size_t i = 0; condition_name(i); i++)
		if ((board->board.conditions & (1u << i)) && index-- == 0)
			return condition_name(i);
	return NULL;
}

static const char *release_value(const struct engine_board *board, size_t index)
{
	const struct release *release =
		board->board.has_fingerprint ? engine_release_showing_at(board,
						       &board->board.fingerprint, index)
					     : NULL;

	return release ? release->name : NULL;
}

static const char *target_name(const struct engine_board *board)
{
	const struct release_image *ignored;
	const struct release *target = engine_board_target(board, &ignored);

	return target ? target->name : "";
}

static const char *label_value(const struct board_spec *spec, const char *label)
{
	for (size_t i = 0; i < spec->label_count; i++)
		if (strcmp(spec->label[i].key, label) == 0)
			return spec->label[i].value;
	return NULL;
}

/* Of the keys that have one value at most; "" for what the board does not have. */
static const char *single_value(
	const struct engine_board *board, enum selector_key key, const char *label)
{
	const struct board_spec *spec = board->spec;
	const char *value = NULL;

	if (key == SELECTOR_NAME)
		value = board->board.name;
	else if (key == SELECTOR_SITE)
		value = engine_board_site(board);
	else if (key == SELECTOR_ACCESS_POINT)
		value = spec->access_point;
	else if (key == SELECTOR_FAMILY)
		value = wipy_family_facts(spec->family)->name;
	else if (key == SELECTOR_TYPE)
		value = spec->type;
	else if (key == SELECTOR_REACH)
		value = reach_name(board->board.reach);
	else if (key == SELECTOR_ACCESS)
		value = access_name(board->board.access);
	else if (key == SELECTOR_VERSION_STATE)
		value = version_name(board->board.version);
	else if (key == SELECTOR_TARGET)
		value = target_name(board);
	else if (key == SELECTOR_LABEL)
		value = label_value(spec, label);
	return value;
}

const char *engine_board_value(const struct engine_board *board, enum selector_key key,
	const char *label, size_t index)
{
	const char *release;

	if (key == SELECTOR_STATE)
		return state_value(board, index);
	if (key == SELECTOR_RELEASE) {
		release = release_value(board, index);
		return release || index > 0 ? release : "";
	}
	if (key == SELECTOR_VERSION && index > 0)
		return release_value(board, index - 1);
	if (key == SELECTOR_VERSION)
		return board->board.has_fingerprint ? board->board.fingerprint.tag : "";
	return index == 0 ? single_value(board, key, label) : NULL;
}

static const char *value_of(
	void *arg, enum selector_key key, const char *label, size_t index)
{
	return engine_board_value(arg, key, label, index);
}

bool engine_board_matches(
	const struct engine_board *board, const struct selector *selector)
{
	return selector_match(selector, value_of, (void *)(uintptr_t)board);
}

int engine_parse_selector(const struct engine *engine, const char *text,
	struct selector *ret_selector, struct errtext *ret_error)
{
	const struct selector_words words = inventory_selector_words(engine->inventory);

	return selector_parse(text ? text : "", &words, ret_selector, ret_error);
}

int engine_check_site(
	const struct engine *engine, const char *site, struct errtext *ret_error)
{
	const struct inventory *inventory = engine->inventory;
	struct nearest nearest;

	nearest_init(&nearest, site);
	for (size_t i = 0; i < inventory->site_count; i++) {
		if (strcmp(inventory->site[i].name, site) == 0)
			return 0;
		nearest_try(&nearest, inventory->site[i].name);
	}
	snprintf(ret_error->text, sizeof(ret_error->text),
		"the inventory has no site '%.64s'%s%s%s", site,
		nearest.best[0] ? " (did you mean '" : "", nearest.best,
		nearest.best[0] ? "'?)" : "");
	return -EINVAL;
}

void engine_count_selector(const struct engine *engine, const struct selector *selector,
	size_t ret_boards[SELECTOR_NODES])
{
	bool holds[SELECTOR_NODES];

	memset(ret_boards, 0, SELECTOR_NODES * sizeof(*ret_boards));
	for (size_t i = 0; i < engine->board_count; i++) {
		selector_match_each(selector, value_of, engine->board[i], holds);
		for (size_t k = 0; k < selector->count; k++)
			ret_boards[k] += holds[k];
	}
}

/* ---- the latest task ------------------------------------------------------------- */

void engine_latest_begin(struct engine_rollout *er)
{
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].board)
			er->task[i].board->latest = &er->task[i];
}

void engine_latest_end(struct engine *engine, struct engine_rollout *er)
{
	bool found = false;

	for (size_t i = 0; i < er->task_count; i++) {
		struct engine_board *board = er->task[i].board;

		if (!board || board->latest != &er->task[i])
			continue;
		board->latest = NULL;
		found = true;
	}
	/* Mostly the oldest one goes, and has the latest task of nobody. */
	for (size_t i = 0; found && i < engine->rollout_count; i++)
		engine_latest_begin(engine->rollout[i]);
}

/* ---- saved selectors ------------------------------------------------------------- */

static void put_name(char *text, size_t cap, const char *name)
{
	size_t len = strlen(text);

	snprintf(text + len, cap - len, "%s%s",
		len > 0 ? ", " : "saved selectors added, removed or changed: ", name);
}

void engine_compare_sets(const struct inventory *now, const struct inventory *next,
	char *ret_text, size_t cap)
{
	size_t i = 0, k = 0;

	ret_text[0] = '\0';
	while (i < now->set_count || k < next->set_count) {
		const struct selector_set *a = i < now->set_count ? &now->set[i] : NULL;
		const struct selector_set *b =
			k < next->set_count ? &next->set[k] : NULL;
		int order = !a ? 1 : !b ? -1 : strcmp(a->name, b->name);

		if (order != 0 || strcmp(a->text, b->text) != 0)
			put_name(ret_text, cap, order > 0 ? b->name : a->name);
		i += order <= 0;
		k += order >= 0;
	}
}
