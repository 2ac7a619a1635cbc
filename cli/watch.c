/* SPDX-License-Identifier: MIT
 *
 * The loop of looking, drawing and waiting. A daemon that is away for a moment, for
 * example while it is being updated, does not end the watching.
 */
#include "config.h"

#include "cli/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/pages.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "cli/watch_draw.h"
#include "cli/watch_lines.h"
#include "cli/watch_wake.h"

#define REDRAW_MS   1000  /* bytes of pushes come without events */
#define UNHEARD_MS  500   /* between two looks where no events come */
#define QUIET_MS    15000 /* ... and where they do: for what has none, as a forecast */
#define LEAST_MS    100
#define AWAY_MAX_MS 30000
#define BACK_MS     10000 /* so long it is said on the display that it was away */
#define LIMIT_MAX   200   /* tasks that a terminal may show */
#define ID_LEN_MAX  80
#define NEVER_MS    INT64_MAX

#define DEFERRED_SHOWN 20

struct watch {
	struct cli *cli;
	enum watch_aim aim;
	struct wake *wake;
	char id[ID_LEN_MAX];    /* complete once it is known: "latest" may change */
	char first[ID_LEN_MAX]; /* whose undo that is; "": it is what was asked for */
	struct watch_seen seen;
	json_t *rollout,
		*answer; /* the latest good ones; answer holds tasks, or is NULL */
	int64_t good_ms; /* when they came */
	bool away;       /* and it has been said */
	int64_t back_ms; /* when it came back; 0: it was never away */
};

static bool watch_is_live(const struct watch *watch)
{
	return form_is_text(watch->cli->form) && watch->cli->out->terminal;
}

/* One line, or object, for each change. */
static bool watch_tells(const struct watch *watch)
{
	return !watch_is_live(watch) &&
	       (form_is_text(watch->cli->form) || watch->cli->form == FORM_JSONL);
}

static int watch_ask(struct watch *watch, const char *id, const char *behind,
	json_t **answer, struct failure *ret_failure)
{
	char path[CLIENT_PATH_MAX] = "/v1/rollouts/";
	json_t *fresh;
	int err;

	/* Both are short: this always fits. */
	if (!client_path_add(path, id, true) || !client_path_add(path, behind, false)) {
		(void)failure_set(
			ret_failure, EXIT_CODE_USAGE, NULL, "the id is too long");
		return -ENAMETOOLONG;
	}
	err = pages_call(watch->cli->client, path, "tasks", &fresh, ret_failure);
	if (err < 0)
		return err;
	json_decref(*answer);
	*answer = fresh;
	return 0;
}

/* All of them where each change is told; on a terminal no more than it may show. */
static int watch_ask_tasks(struct watch *watch, struct failure *ret_failure)
{
	int lines = writer_height(watch->cli->out);
	char behind[200] = "/tasks";

	if (watch_is_live(watch))
		snprintf(behind, sizeof(behind),
			"/tasks?state=" WATCH_DRAW_STATES "&limit=%d",
			lines < 1 || lines > LIMIT_MAX ? LIMIT_MAX : lines);
	else if (!watch_tells(watch))
		return 0;
	return watch_ask(watch, watch->id, behind, &watch->answer, ret_failure);
}

/* Both answers. Returns 0 or a negated errno with the failure filled. */
static int watch_fetch(struct watch *watch, struct failure *ret_failure)
{
	int err = watch_ask(watch, watch->id, "", &watch->rollout, ret_failure);
	const char *id;

	if (err < 0)
		return err;
	id = shape_text(watch->rollout, "id");
	if (id[0] != '\0' && strlen(id) < sizeof(watch->id))
		snprintf(watch->id, sizeof(watch->id), "%s", id);
	err = watch_ask_tasks(watch, ret_failure);
	if (err < 0)
		return err;
	if (shape_text(watch->rollout, "state")[0] == '\0' ||
		(watch->answer != NULL &&
			!json_is_array(json_object_get(watch->answer, "tasks")))) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s sent a rollout that makes no sense",
			watch->cli->socket_path);
		return -EPROTO;
	}
	watch->good_ms = wake_now_ms();
	wake_follow(watch->wake, watch->id);
	return 0;
}

static void watch_draw(struct watch *watch, const char *note)
{
	struct writer *writer = watch->cli->out;
	const struct watch_frame frame = {.rollout = watch->rollout,
		.tasks = shape_list(watch->answer, "tasks"),
		.tasks_total = shape_number(watch->answer, "total"),
		.note = note};

	writer->now_s = time(NULL);
	if (watch_is_live(watch)) {
		writer_frame_begin(writer);
		watch_draw_frame(writer, &frame);
		writer_frame_end(writer);
	} else if (watch_tells(watch)) {
		watch_tell_changes(writer, watch->cli->form, &watch->seen,
			watch->rollout, frame.tasks);
	}
}

static const char *watch_note(const struct watch *watch)
{
	if (watch->away)
		return "The daemon does not answer; trying again.";
	if (watch->back_ms != 0 && wake_now_ms() - watch->back_ms < BACK_MS)
		return "The daemon is back.";
	return "";
}

/* The daemon has come or gone. */
static void watch_say_away(struct watch *watch, bool away)
{
	bool before = watch->away;

	watch->away = away;
	if (!away && before)
		watch->back_ms = wake_now_ms();
	if (before == away || watch_is_live(watch))
		return;
	writer_line(watch->cli->err, "%s", watch_note(watch));
	(void)writer_flush(watch->cli->err);
}

/* The daemon was asked in vain. Returns 0 to go on, else the exit code, all said. */
static int watch_missed(struct watch *watch, struct failure *failure)
{
	/* A request that was cut short by Ctrl-C; the loop sees to it. */
	if (wake_interrupted())
		return 0;
	if (!failure->away || watch->good_ms == 0 ||
		wake_now_ms() - watch->good_ms > AWAY_MAX_MS) {
		writer_frame_leave(watch->cli->out);
		return cli_show(watch->cli, failure);
	}
	watch_say_away(watch, true);
	if (watch_is_live(watch))
		watch_draw(watch, watch_note(watch));
	return 0;
}

/* Whom it has left behind; they may catch up later. */
static void watch_print_deferred(struct watch *watch)
{
	json_t *names = json_array();
	const json_t *row;
	char text[1024];
	size_t i;

	json_array_foreach(shape_list(watch->rollout, "exceptions"), i, row)
	{
		if (strcmp(shape_text(row, "state"), "deferred") == 0)
			json_array_append(names, json_object_get(row, "board"));
	}
	shape_names(names, NULL, DEFERRED_SHOWN, sizeof(text), text);
	if (json_array_size(names) > 0)
		writer_line(watch->cli->out, "deferred: %s", text);
	json_decref(names);
	progress_waits(watch->cli->out, watch->rollout);
}

/* The rollout as it was seen last, where that is a document. */
static void watch_print_document(struct watch *watch)
{
	static const struct view view = {.key = NULL};

	if (form_is_text(watch->cli->form) || watch->cli->form == FORM_JSONL ||
		watch->rollout == NULL)
		return;
	if (view_show(watch->cli, &view, json_incref(watch->rollout)) != 0)
		return; /* why has been said; the exit code tells how it ended */
}

static void watch_print_own_end(struct watch *watch, enum exit_code code)
{
	struct writer *writer = watch->cli->out;
	int shown = PROGRESS_ID_SHOWN;
	const char *id = watch->id;

	if (!watch_is_live(watch))
		progress_head(writer, watch->rollout);
	if (code == EXIT_CODE_EXCEPTIONS)
		watch_print_deferred(watch);
	if (code == EXIT_CODE_ABORTED)
		progress_waits(writer, watch->rollout);
	if (code == EXIT_CODE_HALTED)
		writer_line(writer,
			"A brake has halted it. Find out why: wipyctl report --rollout "
			"%.*s; then: wipyctl rollout resume %.*s, or abort",
			shown, id, shown, id);
	else if (code != EXIT_CODE_DONE)
		writer_line(writer, "What happened: wipyctl report --rollout %.*s",
			shown, id);
}

/* How what was asked for has ended, where its undo was followed. */
static void watch_back_to_first(struct watch *watch)
{
	struct failure failure;

	if (watch_ask(watch, watch->first, "", &watch->rollout, &failure) < 0) {
		failure_done(&failure); /* what is known of the undo is shown */
		return;
	}
	snprintf(watch->id, sizeof(watch->id), "%s", watch->first);
	if (!form_is_text(watch->cli->form))
		return;
	progress_head(watch->cli->out, watch->rollout);
	progress_waits(watch->cli->out, watch->rollout);
}

/* Returns the exit code. */
static int watch_print_end(struct watch *watch, enum exit_code code)
{
	bool undone = watch->first[0] != '\0';

	writer_frame_leave(watch->cli->out);
	if (form_is_text(watch->cli->form))
		watch_print_own_end(watch, code);
	if (undone)
		watch_back_to_first(watch);
	watch_print_document(watch);
	/* Whatever has become of its undo: it did not bring what it was started for. */
	return undone ? EXIT_CODE_ABORTED : (int)code;
}

static int watch_print_left(struct watch *watch)
{
	struct writer *err = watch->cli->err;

	writer_frame_leave(watch->cli->out);
	watch_print_document(watch);
	(void)writer_flush(watch->cli->out);
	/* The terminal has shown "^C" on this line. */
	if (err->terminal)
		writer_end(err);
	writer_line(err,
		"The rollout goes on. Watch it again: wipyctl rollout watch %.*s; stop "
		"it: wipyctl rollout pause %.*s",
		PROGRESS_ID_SHOWN, watch->id, PROGRESS_ID_SHOWN, watch->id);
	return watch->aim == WATCH_WAIT ? EXIT_CODE_INTERRUPTED : EXIT_CODE_DONE;
}

static int watch_print_late(struct watch *watch)
{
	writer_frame_leave(watch->cli->out);
	watch_print_document(watch);
	return cli_fail(watch->cli, EXIT_CODE_TIMED_OUT,
		"watch it again: wipyctl rollout watch",
		"rollout %.*s has not ended in the time given; it goes on",
		PROGRESS_ID_SHOWN, watch->id);
}

/* It is being taken back: what is watched from now on is that. */
static bool watch_turns(struct watch *watch)
{
	const char *undo = shape_text(watch->rollout, "undo");
	struct writer *out = watch->cli->out;

	if (strcmp(shape_text(watch->rollout, "state"), "undoing") != 0 ||
		undo[0] == '\0' || strlen(undo) >= sizeof(watch->id) ||
		watch->first[0] != '\0')
		return false;
	writer_frame_leave(out);
	if (form_is_text(watch->cli->form))
		writer_line(out,
			"Rollout %.*s is being undone; this is its undo, rollout %.*s:",
			PROGRESS_ID_SHOWN, watch->id, PROGRESS_ID_SHOWN, undo);
	snprintf(watch->first, sizeof(watch->first), "%s", watch->id);
	snprintf(watch->id, sizeof(watch->id), "%s", undo);
	watch_seen_done(&watch->seen);
	return watch_seen_init(&watch->seen) == 0;
}

static bool watch_ended(const struct watch *watch, enum exit_code *ret_code)
{
	const char *state = shape_text(watch->rollout, "state");

	/* Its undo is about to begin. */
	if (strcmp(state, "aborted") == 0 &&
		strcmp(shape_text(watch->rollout, "abort_mode"), "revert") == 0)
		return false;
	return progress_ended(state, ret_code);
}

/* Looks and draws. Returns -1 to go on, else the exit code. */
static int watch_look(struct watch *watch)
{
	struct failure failure;
	enum exit_code code;
	int missed;

	do {
		if (watch_fetch(watch, &failure) < 0) {
			missed = watch_missed(watch, &failure);
			failure_done(&failure);
			return missed == 0 ? -1 : missed;
		}
		watch_say_away(watch, false);
		watch_draw(watch, watch_note(watch));
	} while (watch_turns(watch));
	return watch_ended(watch, &code) ? watch_print_end(watch, code) : -1;
}

/* Until there is something to look at; begin_ms: when the latest look began. */
static void watch_wait(struct watch *watch, int64_t begin_ms, int64_t deadline_ms)
{
	int64_t now_ms = wake_now_ms(), most_ms = QUIET_MS;
	/* A big fleet is asked for less often: it costs the daemon too. */
	int64_t least_ms = (now_ms - begin_ms) * 4;

	least_ms = least_ms < LEAST_MS ? LEAST_MS : least_ms;
	if (!wake_hears(watch->wake))
		most_ms = UNHEARD_MS;
	else if (watch_is_live(watch))
		most_ms = REDRAW_MS;
	most_ms = most_ms < least_ms ? least_ms : most_ms;
	if (most_ms > deadline_ms - now_ms)
		most_ms = deadline_ms - now_ms;
	wake_wait(watch->wake, least_ms, most_ms);
	/* At once, by what is known: a line that is too long looks broken. */
	if (wake_resized() && watch_is_live(watch) && watch->rollout != NULL)
		watch_draw(watch, watch_note(watch));
}

static int watch_loop(struct watch *watch, int64_t deadline_ms)
{
	for (;;) {
		int64_t begin_ms = wake_now_ms();
		int code = watch_look(watch);

		if (code >= 0)
			return code;
		/* Nobody reads any more; the exit code may still be waited for. */
		if (writer_flush(watch->cli->out) < 0 && watch->aim == WATCH_LOOK)
			return EXIT_CODE_DONE;
		watch_wait(watch, begin_ms, deadline_ms);
		if (wake_interrupted())
			return watch_print_left(watch);
		if (wake_lost(watch->wake))
			watch_say_away(watch, true);
		if (wake_now_ms() >= deadline_ms)
			return watch_print_late(watch);
	}
}

int watch_rollout(
	struct cli *cli, const char *id, enum watch_aim aim, int64_t timeout_s)
{
	struct watch watch = {.cli = cli, .aim = aim};
	struct failure failure;
	int code;

	if (strlen(id) >= sizeof(watch.id))
		return cli_fail(
			cli, EXIT_CODE_USAGE, NULL, "'%.40s...' is no rollout", id);
	snprintf(watch.id, sizeof(watch.id), "%s", id);
	if (watch_seen_init(&watch.seen) < 0)
		return cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	watch.wake = wake_new(cli, &failure);
	if (watch.wake != NULL)
		code = watch_loop(&watch,
			timeout_s < 0 ? NEVER_MS : wake_now_ms() + timeout_s * 1000);
	else
		code = cli_show(cli, &failure);
	wake_free(watch.wake);
	watch_seen_done(&watch.seen);
	json_decref(watch.rollout);
	json_decref(watch.answer);
	return code;
}
