/* SPDX-License-Identifier: MIT
 *
 * How long pushes, resets and returns take, kept for each family at each site while the
 * daemon lives: what forecasts are made of. Nothing rests on it, so it is not stored.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine_private.h"

#define PLACES_MAX                                                                     \
	4096 /* sites that come and go with reloads: no more are remembered */

struct engine_pace {
	enum wipy_family family;
	char site[NAME_MAX_LEN];
	struct pace pace;
};

static struct engine_pace *find(
	const struct engine *engine, enum wipy_family family, const char *site)
{
	for (size_t i = 0; i < engine->pace_count; i++)
		if (engine->pace[i].family == family &&
			strcmp(engine->pace[i].site, site) == 0)
			return &engine->pace[i];
	return NULL;
}

static struct pace *site_pace(struct engine_board *board)
{
	struct engine *engine = board->engine;
	const char *site = engine_board_site(board);
	struct engine_pace *found = find(engine, board->spec->family, site);

	if (found || engine->pace_count == PLACES_MAX)
		return found ? &found->pace : NULL;
	engine->pace =
		realloc(engine->pace, (engine->pace_count + 1) * sizeof(*engine->pace));
	if (!engine->pace)
		abort();
	found = &engine->pace[engine->pace_count++];
	*found = (struct engine_pace){.family = board->spec->family};
	memcpy(found->site, site, strlen(site) + 1);
	return &found->pace;
}

static void note(struct engine_task *et, enum task_state from, enum task_event event,
	struct pace *pace)
{
	const struct release_image *image = engine_task_image(et);
	int64_t now_ms = engine_now_ms(et->rollout->engine);
	enum task_state to = et->task.state;

	if (from == TASK_PUSHING && event == TASK_EV_PUSHED && image &&
		et->entered_ms != 0)
		pace_note_push(pace, image->size, now_ms - et->entered_ms);
	if (from == TASK_RESETTING && to == TASK_RETURNING && et->pushed_ms != 0)
		pace_note_reset(pace, now_ms - et->pushed_ms);
	if (from == TASK_VERIFYING && to == TASK_SOAKING && et->reset_ms != 0)
		pace_note_return(pace, now_ms - et->reset_ms);
}

void engine_pace_note(
	struct engine_task *et, enum task_state from, enum task_event event)
{
	int64_t now_ms = engine_now_ms(et->rollout->engine);
	struct pace *pace;

	if (!et->board || et->task.state == from)
		return;
	note(et, from, event,
		&et->rollout->engine->family_pace[et->board->spec->family]);
	pace = site_pace(et->board);
	if (pace)
		note(et, from, event, pace);
	et->entered_ms = now_ms;
	if (from == TASK_PUSHING)
		et->pushed_ms = event == TASK_EV_PUSHED ? now_ms : 0;
	if (et->task.state == TASK_HELD || et->task.state == TASK_BACKOFF)
		et->pushed_ms = 0; /* the time from here on is nobody's pace */
}

void engine_pace_times(const struct engine_board *board, struct pace_times *ret_times)
{
	static const struct pace none;
	const struct engine *engine = board->engine;
	enum wipy_family family = board->spec->family;
	const struct engine_pace *found =
		find(engine, family, engine_board_site(board));

	pace_times(
		found ? &found->pace : &none, &engine->family_pace[family], ret_times);
}

void engine_free_pace(struct engine *engine)
{
	free(engine->pace);
	engine->pace = NULL;
	engine->pace_count = 0;
}
