/* SPDX-License-Identifier: MIT
 *
 * What `why BOARD` is made of: the facts that core/why.h asks for, from what the engine
 * knows.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/engine_private.h"

void engine_wait_place(const struct engine_task *et, const struct wait *wait,
	char ret_name[ENGINE_DOMAIN_MAX], struct wait_place *ret_place)
{
	const struct engine *engine = et->rollout->engine;
	const struct site_windows *windows =
		et->board ? et->board->spec->windows : NULL;

	engine_domain_name(engine, wait->domain, ret_name);
	*ret_place = (struct wait_place){.name = ret_name,
		.fed = engine_domain_is_fed(engine, wait->domain),
		.zone = windows ? &windows->zone : NULL,
		.zone_name = windows ? windows->zone_name : ""};
}

const struct engine_task *engine_latest_task(const struct engine_board *board)
{
	const struct engine_task *latest =
		board->latest ? board->latest : board->catch_up;

	return board->task ? board->task : latest;
}

static int by_address(const void *va, const void *vb)
{
	const struct engine_latest *a = va, *b = vb;

	return (a->board > b->board) - (a->board < b->board);
}

static struct engine_latest *find_latest(
	const struct engine_latest *latest, const struct engine_board *board)
{
	const struct engine_latest key = {.board = board};

	return bsearch(&key, latest, engine_board_count(board->engine), sizeof(*latest),
		by_address);
}

/* Oldest first, so that the latest stands in the end. */
struct engine_latest *engine_latest_tasks(const struct engine *engine)
{
	size_t boards = engine_board_count(engine);
	struct engine_latest *latest = engine_alloc(boards + 1, sizeof(*latest));

	for (size_t i = 0; i < boards; i++)
		latest[i].board = engine_board_at(engine, i);
	qsort(latest, boards, sizeof(*latest), by_address);
	for (size_t r = 0; r < engine_rollout_count(engine); r++) {
		const struct engine_rollout *er = engine_rollout_at(engine, r);

		for (size_t i = 0; i < er->task_count; i++) {
			const struct engine_task *et = &er->task[i];
			const struct engine_board *board =
				et->board ? et->board
					  : engine_find_board(engine, et->task.board);
			struct engine_latest *found =
				board ? find_latest(latest, board) : NULL;

			if (found)
				found->task = et;
		}
	}
	return latest;
}

const struct engine_task *engine_latest_of(
	const struct engine_latest *latest, const struct engine_board *board)
{
	const struct engine_latest *found = find_latest(latest, board);

	return found ? found->task : NULL;
}

/* ---- what it should run ------------------------------------------------------------ */

static void fill_target(const struct engine_board *board, struct why_facts *facts)
{
	const struct board_spec *spec = board->spec;
	const struct release_image *image = NULL;
	const struct release *release = engine_board_target(board, &image);

	facts->from = spec->release_from;
	facts->target = spec->release;
	if (!spec->release[0] && board->board.confirmed_release[0]) {
		facts->from = TARGET_CONFIRMED;
		facts->target = board->board.confirmed_release;
	}
	facts->target_place = facts->from == TARGET_TYPE   ? spec->type
			      : facts->from == TARGET_SITE ? engine_board_site(board)
							   : "";
	facts->target_known = release != NULL;
	facts->target_shows = image ? &image->fingerprint : NULL;
	facts->forbidden =
		release ? engine_release_forbids(board, release) : REASON_NONE;
}

/* ---- its task ---------------------------------------------------------------------- */

/* What the task itself waits for: its group tells why and where, its own timer until when. */
static void fill_wait(const struct engine_task *et, struct engine_why *why)
{
	const struct engine_rollout *er = et->rollout;
	size_t at = (size_t)(et - er->task);
	struct wait waits[WAITS_MAX];
	unsigned char *of;

	if (rollout_is_over(&er->rollout) || !er->domains)
		return;
	of = engine_alloc(er->task_count + 1, 1);
	(void)engine_rollout_waits(er, waits, of);
	if (of[at] < WAITS_MAX) {
		why->wait = waits[of[at]];
		if (why->wait.why == WAIT_BACKOFF || why->wait.why == WAIT_SOAK)
			why->wait.until_s = et->task.due_s;
		engine_wait_place(et, &why->wait, why->place, &why->facts.place);
		why->facts.wait = &why->wait;
	}
	free(of);
}

static void fill_task(const struct engine_board *board, struct engine_why *why)
{
	const struct engine_task *et = engine_latest_task(board);
	const struct rollout *rollout;
	struct brake_limits limits;
	struct brake_counts counts;

	if (!et)
		return;
	rollout = &et->rollout->rollout;
	why->facts.task = &et->task;
	why->facts.rollout = rollout;
	if (rollout->state == ROLLOUT_HALTED)
		engine_count_brakes(
			et->rollout, rollout->reason, &limits, &counts, why->brake);
	fill_wait(et, why);
}

static int64_t next_poll_s(const struct engine_board *board)
{
	int64_t left_ms = board->due.due_ms - engine_now_ms(board->engine);

	/* Who has an active task is looked at by that. */
	if (board->task || board->due.due_ms == 0)
		return 0;
	/* To some seconds: the answer is to be the same when it is asked for again. */
	return engine_now_s() +
	       (left_ms > 0 && !board->poll ? left_ms / 10000 * 10 : 0);
}

static void fill_board(const struct engine_board *board, struct engine_why *why)
{
	const struct release *runs = engine_running_release(board);

	why->facts = (struct why_facts){.board = &board->board,
		.runs_release = runs ? runs->name : "",
		.brake = why->brake,
		.to_do = why->to_do,
		.place = {.name = why->place, .zone_name = ""}};
	why->brake[0] = why->to_do[0] = why->place[0] = '\0';
	fill_target(board, &why->facts);
}

void engine_fill_why(const struct engine_board *board, struct engine_why *ret_why)
{
	struct card_facts card;

	fill_board(board, ret_why);
	engine_fill_card(board, &card);
	card_brief(&card, ret_why->to_do);
	fill_task(board, ret_why);
	ret_why->facts.next_poll_s = next_poll_s(board);
}

void engine_fill_why_past(const struct engine_board *board, const struct task *task,
	const struct rollout *rollout, int64_t at_s, struct engine_why *ret_why)
{
	fill_board(board, ret_why);
	ret_why->facts.as_of_s = at_s;
	ret_why->facts.task = task;
	ret_why->facts.rollout = rollout;
}
