/* SPDX-License-Identifier: MIT
 *
 * Who answers at a board's address, and who changed what it runs: core decides
 * (identity.h), here are the facts for it, the events with their evidence, and a
 * person's word that what answers there belongs there now.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/identity.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "identity"

bool engine_may_log_in(const struct engine_board *board)
{
	return board->engine->config.settings->login_at_enrolment ||
	       board->spec->poll_method == POLL_UNAME;
}

bool engine_asks_id(const struct engine_board *board)
{
	return engine_may_log_in(board) && board->board.unique_id[0];
}

/* The latest task that pushed to the board, of those in memory. */
static const struct engine_task *latest_push(const struct engine_board *board)
{
	const struct engine *engine = board->engine;

	for (size_t r = engine->rollout_count; r-- > 0;) {
		const struct engine_rollout *er = engine->rollout[r];

		for (size_t i = 0; i < er->task_count; i++)
			if (er->task[i].board == board && er->task[i].task.attempted)
				return &er->task[i];
	}
	return NULL;
}

bool engine_change_is_ours(
	const struct engine_board *board, const struct wipy_fingerprint *seen)
{
	const struct wipy_family_facts *family = wipy_family_facts(board->spec->family);
	const struct release_image *brought = engine_receipt_image(board);
	const struct engine_task *et = board->task;
	struct change_facts facts = {
		.active = et != NULL, .trial = family->confirm_path[0] != '\0'};

	/* What had been seen there until now was another board's. */
	if (!board_has_baseline(&board->board, board->spec->family))
		return true;
	if (brought && wipy_fingerprint_equal(&brought->fingerprint, seen))
		return true;
	if (!et)
		et = latest_push(board);
	facts.task = et ? &et->task : NULL;
	facts.wanted = et ? engine_task_wanted(et) : NULL;
	return board_change_is_ours(&board->board, &facts, seen);
}

static void drift_event(const struct engine_board *board, const struct board *was,
	const struct telnet_result *telnet, const char *cause,
	struct store_batch *batch)
{
	char actor[80], detail[384], text[WIPY_FINGERPRINT_MAX];

	snprintf(actor, sizeof(actor), "board %s", was->name);
	wipy_fingerprint_format(&was->fingerprint, text);
	snprintf(detail, sizeof(detail), "'MicroPython %.150s' became '%.190s'", text,
		telnet->banner_text);
	engine_event_caused(batch, actor, cause, was->name, NULL, "drift", detail);
	log_warn(TAG, "somebody else has changed what the board runs board=%s",
		board->board.name);
}

static void wrong_event(const struct engine_board *board, const struct board *was,
	const struct telnet_result *telnet, const char *cause,
	struct store_batch *batch)
{
	const struct board *now = &board->board;
	char actor[80], detail[384];

	snprintf(actor, sizeof(actor), "board %s", now->name);
	if (now->other_id[0])
		snprintf(detail, sizeof(detail), "unique id %s instead of %s: '%.190s'",
			now->other_id,
			now->unique_id[0] ? now->unique_id : "an unknown one",
			telnet->banner_text);
	else if (board_has_baseline(was, board->spec->family))
		snprintf(detail, sizeof(detail), "'%.190s' instead of %s with %s",
			telnet->banner_text, was->fingerprint.board,
			was->fingerprint.mcu);
	else
		snprintf(detail, sizeof(detail), "'%.190s' instead of a board with %s",
			telnet->banner_text,
			wipy_family_facts(board->spec->family)->mcu);
	engine_event_caused(
		batch, actor, cause, now->name, NULL, "wrong-board", detail);
	log_warn(TAG, "another board answers at this address board=%s", now->name);
}

void engine_identity_events(struct engine_board *board, const struct board *was,
	const struct engine_sight *sight, const struct telnet_result *telnet,
	const char *cause, struct store_batch *batch)
{
	const struct board *now = &board->board;
	bool wrong = now->access == ACCESS_WRONG_BOARD;
	bool back = was->reach == REACH_OFFLINE && now->reach != REACH_OFFLINE;

	if (sight->drift)
		drift_event(board, was, telnet, cause, batch);
	if (wrong && was->access != ACCESS_WRONG_BOARD)
		wrong_event(board, was, telnet, cause, batch);
	/* A banner cannot tell who it is: the next poll asks, where logins are allowed. */
	if (sight->drift || (back && now->other_id[0]))
		board->ask_who = true;
}

struct engine_sight engine_sight_of(
	struct engine_board *board, const struct telnet_result *telnet)
{
	struct board *now = &board->board;
	bool had_other = now->other_id[0] != '\0', again;
	bool nameless = now->unique_id[0] == '\0';
	struct engine_sight sight = {.wrong = false};

	if (!telnet->has_banner)
		return sight;
	sight.wrong = board_is_other(now, board->spec->family, &telnet->banner);
	sight.changed = board_note_id(now, telnet->unique_id, sight.wrong);
	if (nameless && now->unique_id[0])
		engine_take_over_by_id(board);
	/* What the right board ran while another one answered is not known. */
	again = had_other && now->other_id[0] == '\0';
	sight.other = board_has_baseline(now, board->spec->family) &&
		      !wipy_fingerprint_equal(&now->fingerprint, &telnet->banner);
	sight.wrong = sight.wrong || now->other_id[0];
	/* Of a wrong board nothing is learnt: what is known of the right one stays. */
	sight.keeps = sight.wrong && board_has_baseline(now, board->spec->family);
	sight.ours =
		sight.other && (again || engine_change_is_ours(board, &telnet->banner));
	sight.drift = sight.other && !sight.wrong && !sight.ours;
	return sight;
}

/* ---- a person's word --------------------------------------------------------------- */

/* It holds once it is stored. */
struct acceptance {
	struct engine *engine;
	engine_done_fn done;
	void *arg;
	char actor[64], board[NAME_MAX_LEN];
};

static void take_as_it_is(struct engine_board *board, struct store_batch *batch)
{
	(void)!board_accept(&board->board); /* whoever asked has looked */
	engine_compare_version(board);
	if (engine_rescue_accepts(board))
		engine_rescue_accept(board, batch);
	store_put_board(batch, &board->board);
}

/* The board may have been polled meanwhile, and so its record is stored once more. */
static void accepted(void *arg, int status)
{
	struct acceptance *wish = arg;
	struct engine_board *board = engine_find_board(wish->engine, wish->board);
	struct store_batch *told_before, *batch;

	if (status == 0 && board) {
		told_before = store_batch_new(wish->engine->config.store);
		take_as_it_is(board, told_before);
		store_batch_drop(told_before);
		batch = store_batch_new(wish->engine->config.store);
		store_put_board(batch, &board->board);
		engine_commit(wish->engine, batch);
		board->ask_who = board->board.unique_id[0] == '\0';
		log_info(TAG, "accepted board=%s actor=%s", wish->board, wish->actor);
	}
	wish->done(wish->arg, status);
	free(wish);
}

static int may_accept(const struct engine_board *board)
{
	struct board copy = board->board;
	int rc = board->task ? -EBUSY : board_accept(&copy);

	if (rc == -EALREADY && engine_rescue_accepts(board))
		rc = 0;
	return rc == 0 && board->engine->read_only ? -EROFS : rc;
}

int engine_accept_board(struct engine_board *board, const char *actor,
	const char *reason, engine_done_fn done, void *arg)
{
	struct engine *engine = board->engine;
	struct board was = board->board;
	struct acceptance *wish;
	struct store_batch *batch;
	char detail[384];
	int rc = may_accept(board);

	if (rc < 0)
		return rc;
	wish = engine_alloc(1, sizeof(*wish));
	*wish = (struct acceptance){.engine = engine, .done = done, .arg = arg};
	snprintf(wish->actor, sizeof(wish->actor), "%s", actor);
	snprintf(wish->board, sizeof(wish->board), "%s", was.name);
	snprintf(detail, sizeof(detail), "%s, %s: %.200s", access_name(was.access),
		version_name(was.version), reason);
	batch = store_batch_new(engine->config.store);
	engine_event_caused(
		batch, actor, "wish", was.name, NULL, "board-accepted", detail);
	take_as_it_is(board, batch);
	board->board = was; /* until that is stored */
	engine_commit_wish(engine, batch, accepted, wish);
	return 0;
}
