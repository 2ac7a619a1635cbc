/* SPDX-License-Identifier: MIT
 *
 * Uploads of a task: which image, its bytes out of the catalogue, the push, and what its
 * end means. Each ends as one event for the table; an answer of the catalogue for an older
 * generation starts nothing.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
	char why[128] = "", reply[PUSH_REPLY_MAX];

	if (et->action == TASK_ACT_PUSH_BACK && et->task.gives_up)
		snprintf(why, sizeof(why), "%.110s; pushed back: ", et->task.evidence);
	snprintf(reply, sizeof(reply), "FTP %s: %zu bytes taken, reply '%.40s', %s",
		ftp_phase_name(result->ftp.phase), result->ftp.taken_len,
		result->ftp.reply,
		result->status == 0 ? "complete" : wipy_strerror(result->status));
	snprintf(et->task.evidence, sizeof(et->task.evidence), "%.120s%s", why, reply);
	if (et->action == TASK_ACT_CONFIRM)
		return;
	memcpy(et->task.push_reply, reply, sizeof(reply));
	et->task.bytes_taken = (int64_t)result->ftp.taken_len;
}

/* Where a new image runs on trial a slot that waits torn is written again before any other
 * (docs/decisions/0010): who opens none has none, whatever a daemon that died there had to
 * assume. */
static void note_refusal(struct engine_task *et)
{
	if (!et->stor_refused ||
		!wipy_family_facts(et->board->spec->family)->confirm_path[0])
		return;
	et->task.touched = false;
	et->task.inherited &= ~CONDITION_DIRTY;
}

static void push_ended(void *arg, const struct ftp_push_result *result)
{
	struct engine_task *et = arg;
	struct engine *engine = et->rollout->engine;

	et->push = NULL;
	engine->actions_in_flight--;
	if (et->action != TASK_ACT_CONFIRM) {
		tally_add(&engine->tallies.pushes, result->status);
		engine->tallies.bytes += result->ftp.taken_len;
	}
	drop_bytes(et);
	et->stor_refused = stor_was_refused(et, result);
	note_refusal(et);
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
void engine_push_confirm(struct engine_task *et)
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

/* Boards of the waves to come get it too: it stays in memory until the rollout runs no more.
 * A catch-up may wait for weeks, and reads it again. */
static void keep_image(struct engine_rollout *er, const struct catalogue_bytes *bytes)
{
	if (er->rollout.state != ROLLOUT_RUNNING ||
		er->image_count == RELEASE_IMAGES_MAX)
		return;
	for (size_t i = 0; i < er->image_count; i++)
		if (er->image[i]->data == bytes->data)
			return;
	catalogue_hold_bytes(er->engine->config.catalogue, bytes);
	er->image[er->image_count++] = bytes;
}

void engine_push_drop_images(struct engine_rollout *er)
{
	while (er->image_count > 0)
		catalogue_release_bytes(
			er->engine->config.catalogue, er->image[--er->image_count]);
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
		keep_image(et->rollout, bytes);
		start_push(et, bytes);
	} else if (current) {
		log_error(TAG, "%s board=%s", error->text, et->task.board);
		refuse_push(et, error->text);
	}
	engine_stop_check(engine);
}

void engine_push_image(struct engine_task *et)
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

void engine_push_cancel(struct engine_task *et)
{
	et->wants_bytes = false;
	if (!et->push)
		return;
	ftp_push_cancel(et->push);
	et->push = NULL;
	et->rollout->engine->actions_in_flight--;
	drop_bytes(et);
}
