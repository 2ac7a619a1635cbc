/* SPDX-License-Identifier: MIT
 *
 * What a task does to its board: looks, pushes, resets, asks, waits. Each action starts
 * only once the state behind it is durable, and ends as one event for the table. A
 * completion that comes for an older generation is dropped.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "task"

/* What the catalogue's answer must still match. */
struct pending {
	struct engine_task *task;
	uint64_t generation;
	char sha256[SHA256_HEX_MAX];
};

const struct release_image *engine_task_image(const struct engine_task *task)
{
	if (task->board && task->task.has_wanted)
		return engine_image_showing(task->board, &task->task.wanted);
	if (!task->rollout->release || !task->board)
		return NULL;
	return engine_image_for(task->board, task->rollout->release);
}

const struct wipy_fingerprint *engine_task_wanted(const struct engine_task *task)
{
	const struct release_image *image;

	if (task->task.has_wanted)
		return &task->task.wanted;
	image = engine_task_image(task);
	return image ? &image->fingerprint : NULL;
}

/* The fault is on our side: it says nothing of the board, and proves no outage. */
static bool is_blind(int status)
{
	return status == -EMFILE || status == -ENFILE || status == -ENOMEM ||
	       status == -ENOBUFS || status == -ENETDOWN || status == -ENETUNREACH ||
	       status == -EADDRNOTAVAIL || status == -EACCES || status == -EPERM;
}

static void look_event(struct engine_task *et, const struct board_link_result *result)
{
	et->looked = et->looked || !is_blind(result->status);
	if (is_blind(result->status))
		engine_task_event(et, TASK_EV_BLIND, NULL);
	else if (result->telnet.has_banner)
		engine_task_event(et, TASK_EV_LOOKED, &result->telnet.banner);
	else if (result->status == WIPY_E_TELNET_BUSY)
		engine_task_event(et, TASK_EV_BUSY, NULL);
	else if (result->status == WIPY_E_GARBAGE || result->status == WIPY_E_TOO_LONG)
		engine_task_event(et, TASK_EV_GARBAGE, NULL);
	else
		engine_task_event(et, TASK_EV_UNSEEN, NULL);
}

static void reset_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;

	if (telnet->reset_sent && telnet->mark_known && !telnet->mark_there)
		engine_task_event(et, TASK_EV_MARK_GONE, NULL); /* the earlier one's */
	else if (telnet->reset_sent)
		engine_task_event(et, TASK_EV_RESET_SENT, NULL);
	else if (result->status == WIPY_E_LOGIN_REFUSED)
		engine_task_event(et, TASK_EV_LOGIN_REFUSED, NULL);
	else
		engine_task_event(et, TASK_EV_RESET_FAILED, NULL);
}

static void mark_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;

	/* A banner that has changed meanwhile, or a board that is gone, says more than
	 * the mark. */
	if (!telnet->has_banner || !et->task.has_before ||
		!wipy_fingerprint_equal(&telnet->banner, &et->task.before))
		look_event(et, result);
	else if (!telnet->mark_known)
		engine_task_event(et, TASK_EV_MARK_UNKNOWN, NULL);
	else if (telnet->mark_there)
		engine_task_event(et, TASK_EV_MARK_THERE, NULL);
	else
		engine_task_event(et, TASK_EV_MARK_GONE, NULL);
}

static void name_event(struct engine_task *et, const struct board_link_result *result)
{
	const struct telnet_result *telnet = &result->telnet;
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	struct wipy_fingerprint fp;

	if (!telnet->has_banner)
		look_event(et, result);
	else if (et->board->board.access == ACCESS_WRONG_BOARD)
		engine_task_event(et, TASK_EV_MISNAMED, NULL);
	else if (!telnet->has_uname ||
		 wipy_fingerprint_parse_uname(
			 telnet->uname.version, telnet->uname.machine, &fp) < 0)
		engine_task_event(et, TASK_EV_UNNAMED, NULL);
	else if (wanted && wipy_fingerprint_equal(&fp, wanted))
		engine_task_event(et, TASK_EV_NAMED, NULL);
	else
		engine_task_event(et, TASK_EV_MISNAMED, NULL);
}

static void note_evidence(
	struct engine_task *et, const struct board_link_result *result)
{
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	bool same = wanted && task_same_image(&et->task, wanted) &&
		    wipy_fingerprint_equal(&result->telnet.banner, wanted);

	if (result->telnet.has_banner)
		snprintf(et->task.evidence, sizeof(et->task.evidence),
			"banner '%.160s'%s%s%s", result->telnet.banner_text,
			same ? ", indistinguishable from the image before" : "",
			result->status < 0 ? ", " : "",
			result->status < 0 ? wipy_strerror(result->status) : "");
	else
		snprintf(et->task.evidence, sizeof(et->task.evidence), "%s",
			wipy_strerror(result->status));
}

static void linked(void *arg, const struct board_link_result *result)
{
	struct engine_task *et = arg;
	struct engine *engine = et->rollout->engine;
	struct store_batch *batch = store_batch_new(engine->config.store);

	et->link = NULL;
	engine->actions_in_flight--;
	et->board->closed_ms = engine_now_ms(engine);
	note_evidence(et, result);
	engine_note_look(et->board, result, batch);
	engine_commit(engine, batch);
	switch (et->action) {
	case TASK_ACT_RESET:
		reset_event(et, result);
		break;
	case TASK_ACT_ASK_MARK:
		mark_event(et, result);
		break;
	case TASK_ACT_LOGIN:
		name_event(et, result);
		break;
	case TASK_ACT_NONE:
	case TASK_ACT_LOOK:
	case TASK_ACT_LOOK_LATER:
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
	case TASK_ACT_PROBE:
	case TASK_ACT_CONFIRM:
	case TASK_ACT_PROCEED:
	case TASK_ACT_BACK_OFF:
	case TASK_ACT_SOAK:
	case TASK_ACTION_COUNT:
		look_event(et, result);
		break;
	}
	engine_stop_check(engine);
}

static enum telnet_goal goal_of(enum task_action action)
{
	if (action == TASK_ACT_RESET)
		return TELNET_RESET;
	if (action == TASK_ACT_ASK_MARK)
		return TELNET_MARK;
	return action == TASK_ACT_LOGIN ? TELNET_UNAME : TELNET_LOOK;
}

static void start_link(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	struct board_link_request request;
	int64_t ready_ms = et->board->closed_ms + ENGINE_RELISTEN_MS;

	if (et->board->poll) {
		et->waits_for_poll = true;
		return;
	}
	if (ready_ms > engine_now_ms(engine)) {
		due_heap_set(&engine->tasks, &et->due, ready_ms);
		engine_arm(engine);
		return;
	}
	engine_fill_link(et->board, goal_of(et->action), &request);
	request.mark = et->task.mark;
	request.old_mark = et->old_mark;
	request.expression = et->task.statement; /* of a reset */
	engine->actions_in_flight++;
	et->link = board_link_start(engine->loop, &request, linked, et);
}

/* Another client has the FTP line, or nobody listens there (WIRE.md 2.2, 7 rows 5 and 38):
 * the board took no part in it. */
static bool is_ftp_busy(const struct ftp_push_result *result)
{
	const char *reply = result->ftp.reply;

	return result->status == WIPY_E_FTP_BUSY || result->status == -ECONNREFUSED ||
	       (result->ftp.phase == FTP_GREETING && result->status == WIPY_E_CLOSED) ||
	       (result->status == WIPY_E_FTP_REPLY &&
		       (strncmp(reply, "400", 3) == 0 ||
			       strncmp(reply, "421", 3) == 0));
}

/* The board would not open the slot: nothing on it has changed, but on Pycom, which flips
 * its record all the same (WIRE.md 2.11). */
static bool stor_was_refused(
	const struct engine_task *et, const struct ftp_push_result *result)
{
	return result->ftp.phase == FTP_STOR && result->status == WIPY_E_FTP_REPLY &&
	       strncmp(result->ftp.reply, "550", 3) == 0 &&
	       wipy_family_facts(et->board->spec->family)->push_again_cures;
}

static enum task_event push_event(
	const struct engine_task *et, const struct ftp_push_result *result)
{
	if (result->ftp.complete)
		return TASK_EV_PUSHED;
	if (result->ftp.touched && !stor_was_refused(et, result))
		return TASK_EV_PUSH_BROKEN;
	if (result->status == WIPY_E_LOGIN_REFUSED)
		return TASK_EV_LOGIN_REFUSED;
	if (et->task.state == TASK_PUSHING && !result->ftp.touched &&
		is_ftp_busy(result))
		return TASK_EV_FTP_BUSY;
	return TASK_EV_PUSH_REFUSED;
}

static void drop_bytes(struct engine_task *et)
{
	if (et->bytes)
		catalogue_release_bytes(
			et->rollout->engine->config.catalogue, et->bytes);
	et->bytes = NULL;
}

/* Of a board that is given up it is what it was given up for that counts. */
static void note_push(struct engine_task *et, const struct ftp_push_result *result)
{
	char why[128] = "";

	if (et->action == TASK_ACT_PUSH_BACK && et->task.gives_up)
		snprintf(why, sizeof(why), "%.110s; pushed back: ", et->task.evidence);
	snprintf(et->task.evidence, sizeof(et->task.evidence),
		"%sFTP %s: %zu bytes taken, reply '%.40s', %s", why,
		ftp_phase_name(result->ftp.phase), result->ftp.taken_len,
		result->ftp.reply,
		result->status == 0 ? "complete" : wipy_strerror(result->status));
}

static void push_ended(void *arg, const struct ftp_push_result *result)
{
	struct engine_task *et = arg;
	struct engine *engine = et->rollout->engine;

	et->push = NULL;
	engine->actions_in_flight--;
	drop_bytes(et);
	et->stor_refused = stor_was_refused(et, result);
	if (et->action != TASK_ACT_CONFIRM)
		et->task.bytes_taken = (int64_t)result->ftp.taken_len;
	note_push(et, result);
	engine_task_event(et, push_event(et, result), NULL);
	engine_stop_check(engine);
}

static void push_bytes(
	struct engine_task *et, const char *path, const void *data, size_t len)
{
	const struct board_spec *spec = et->board->spec;
	struct ftp_push_request request = {
		.address = spec->address,
		.port = spec->ftp_port,
		.data_port = spec->data_port,
		.user = spec->user,
		.password = spec->password,
		.path = path,
		.data = data,
		.len = len,
	};

	engine_fill_buckets(et->board, request.bucket);
	et->rollout->engine->actions_in_flight++;
	et->push = ftp_push_start(et->rollout->engine->loop, &request, push_ended, et);
}

static void start_push(struct engine_task *et, const struct catalogue_bytes *bytes)
{
	et->bytes = bytes;
	push_bytes(et, wipy_family_facts(et->board->spec->family)->image_path,
		bytes->data, bytes->len);
}

/* It has run the new image for its whole soak: it may stay (docs/decisions/0010). */
static void start_confirm(struct engine_task *et)
{
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);

	if (!wanted) {
		engine_task_event(et, TASK_EV_PUSH_REFUSED, NULL);
		return;
	}
	wipy_fingerprint_format(wanted, et->confirmation);
	push_bytes(et, wipy_family_facts(et->board->spec->family)->confirm_path,
		et->confirmation, strlen(et->confirmation));
}

/* What is to be pushed now, or NULL: none, or not to this board as it is. An image goes
 * back only over one that has not been started yet. */
static const struct release_image *image_to_push(const struct engine_task *et)
{
	const struct board *board = &et->board->board;

	if (et->action != TASK_ACT_PUSH_BACK)
		return engine_task_image(et);
	if (!board->has_fingerprint || board->access == ACCESS_WRONG_BOARD ||
		!wipy_fingerprint_equal(&board->fingerprint, &et->task.before))
		return NULL;
	return engine_image_showing(et->board, &et->task.before);
}

static void refuse_push(struct engine_task *et, const char *why)
{
	wipy_text_copy(et->task.evidence, sizeof(et->task.evidence), why, strlen(why));
	engine_task_event(et, TASK_EV_PUSH_REFUSED, NULL);
}

static void got_bytes(void *arg, int status, const struct catalogue_bytes *bytes,
	const struct errtext *error)
{
	struct pending *pending = arg;
	struct engine_task *et = pending->task;
	struct engine *engine = et->rollout->engine;
	bool current = pending->generation == et->generation;
	const struct release_image *image = current ? image_to_push(et) : NULL;
	bool same = image && strcmp(image->sha256, pending->sha256) == 0;

	free(pending);
	engine->actions_in_flight--;
	if (current)
		et->wants_bytes = false;
	if (status == 0 && (!current || engine->stopping || !same)) {
		catalogue_release_bytes(engine->config.catalogue, bytes);
		if (current && !engine->stopping)
			refuse_push(et, "what to push has changed meanwhile");
	} else if (status == 0) {
		start_push(et, bytes);
	} else if (current) {
		log_error(TAG, "%s board=%s", error->text, et->task.board);
		refuse_push(et, error->text);
	}
	engine_stop_check(engine);
}

static void want_bytes(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	const struct release_image *image = image_to_push(et);
	struct pending *pending;
	char why[160];

	if (!image) {
		snprintf(why, sizeof(why),
			et->action == TASK_ACT_PUSH_BACK
				? "the board does not run the image any more that was "
				  "to be pushed back over release %s, or it is in no "
				  "release"
				: "the catalogue has no image of release %s for this "
				  "family",
			et->rollout->rollout.release);
		refuse_push(et, why);
		return;
	}
	pending = engine_alloc(1, sizeof(*pending));
	pending->task = et;
	pending->generation = et->generation;
	memcpy(pending->sha256, image->sha256, sizeof(pending->sha256));
	et->wants_bytes = true;
	engine->actions_in_flight++;
	catalogue_get_bytes(
		engine->config.catalogue, image->sha256, got_bytes, pending);
}

static void start_timer(struct engine_task *et, int64_t due_ms)
{
	struct engine *engine = et->rollout->engine;

	if (et->deadline_ms != 0 && due_ms > et->deadline_ms)
		due_ms = et->deadline_ms;
	due_heap_set(&engine->tasks, &et->due, due_ms);
	engine_arm(engine);
}

/* At most `max_s` from now: a clock that was set back must not put it off for years. */
static int64_t wall_to_ms(struct engine *engine, int64_t wall_s, int64_t max_s)
{
	int64_t wait_s = wall_s - engine_now_s();

	if (wait_s > max_s)
		wait_s = max_s;

	return engine_now_ms(engine) + (wait_s > 0 ? wait_s * 1000 : 0);
}

/* The board is looked at, and probed, while it soaks: at the poll's interval, four times at
 * least, and at the end. */
static void start_soak(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	int64_t soak_ms = et->rollout->rollout.soak_s * 1000;
	int64_t step_ms = soak_ms / 4, due_ms;

	if (et->soak_end_ms == 0)
		et->soak_end_ms =
			wall_to_ms(engine, et->task.due_s, et->rollout->rollout.soak_s);
	if (step_ms > et->board->spec->poll_every_ms)
		step_ms = et->board->spec->poll_every_ms;
	if (step_ms < engine->config.settings->return_every_ms)
		step_ms = engine->config.settings->return_every_ms;
	due_ms = engine_now_ms(engine) + step_ms;
	/* Past the end it is only here for another round of probes. */
	if (due_ms > et->soak_end_ms && et->probe_tries == 0)
		due_ms = et->soak_end_ms;
	start_timer(et, due_ms);
}

/* The state is durable: act on the board. */
void engine_task_act(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;

	if (engine->stopping)
		return; /* the next start looks first and goes on */
	switch (et->action) {
	case TASK_ACT_LOOK:
	case TASK_ACT_RESET:
	case TASK_ACT_ASK_MARK:
	case TASK_ACT_LOGIN:
		start_link(et);
		break;
	case TASK_ACT_LOOK_LATER:
		start_timer(et, engine_now_ms(engine) +
					engine->config.settings->return_every_ms);
		break;
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
		want_bytes(et);
		break;
	case TASK_ACT_PROBE:
		engine_probe_start(et);
		break;
	case TASK_ACT_CONFIRM:
		start_confirm(et);
		break;
	case TASK_ACT_PROCEED:
		engine_task_event(et, TASK_EV_PROCEED, NULL);
		break;
	case TASK_ACT_BACK_OFF:
		start_timer(
			et, wall_to_ms(engine, et->task.due_s, ENGINE_BACKOFF_MAX_S));
		break;
	case TASK_ACT_SOAK:
		start_soak(et);
		break;
	case TASK_ACT_NONE:
	case TASK_ACTION_COUNT:
		break;
	}
}

/* The task's timer: a commit to be tried again, a connection that had to wait for the
 * board's listener, a look that was put off, the end of a back-off or of a soak. */
void engine_task_due(struct engine_task *et)
{
	int64_t now_ms = engine_now_ms(et->rollout->engine);

	if (et->retry_commit) {
		engine_task_commit(et);
		return;
	}
	switch (et->action) {
	case TASK_ACT_LOOK:
	case TASK_ACT_RESET:
	case TASK_ACT_ASK_MARK:
	case TASK_ACT_LOGIN:
		start_link(et);
		break;
	case TASK_ACT_LOOK_LATER:
		/* One that has just answered is looked at once more. */
		if (et->deadline_ms != 0 && now_ms >= et->deadline_ms &&
			(et->looked || et->was_blind) && !et->answered)
			engine_task_event(et, TASK_EV_DEADLINE, NULL);
		else
			start_link(et);
		break;
	case TASK_ACT_PROBE:
		engine_probe_start(et);
		break;
	case TASK_ACT_BACK_OFF:
	case TASK_ACT_SOAK:
		engine_task_event(et, TASK_EV_TIMER, NULL);
		break;
	case TASK_ACT_NONE:
	case TASK_ACT_PUSH:
	case TASK_ACT_PUSH_BACK:
	case TASK_ACT_CONFIRM:
	case TASK_ACT_PROCEED:
	case TASK_ACTION_COUNT:
		break;
	}
}

void engine_task_poll_ended(struct engine_task *et)
{
	if (!et->waits_for_poll)
		return;
	et->waits_for_poll = false;
	engine_task_act(et);
}

void engine_task_cancel_io(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;

	if (et->link) {
		board_link_cancel(et->link);
		et->link = NULL;
		et->board->closed_ms = engine_now_ms(engine);
		engine->actions_in_flight--;
	}
	if (et->push) {
		ftp_push_cancel(et->push);
		et->push = NULL;
		engine->actions_in_flight--;
		drop_bytes(et);
	}
	engine_probe_cancel(et);
	et->waits_for_poll = false;
	et->wants_bytes = false;
	due_heap_remove(&engine->tasks, &et->due);
}
