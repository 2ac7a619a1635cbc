/* SPDX-License-Identifier: MIT
 *
 * The loop of looking, drawing and waiting. A daemon that is away for a moment, for
 * example while it is being updated, does not end the watching.
 */
#include "config.h"

#include "cli/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/watch_draw.h"

#define INTERVAL_MS 500
#define AWAY_MAX_MS 30000
#define ID_LEN_MAX  80
#define NEVER_MS    INT64_MAX

#define DEFERRED_SHOWN 20

/* Set by Ctrl-C: what is under way on the boards goes on, only the watching ends. */
static volatile sig_atomic_t watch_interrupted;

struct watch {
	struct cli *cli;
	enum watch_aim aim;
	char id[ID_LEN_MAX]; /* complete once it is known: "latest" may change */
	struct watch_seen seen;
	json_t *rollout, *answer; /* the latest good ones; answer holds the tasks */
	int64_t good_ms;          /* when they came */
	bool away;                /* and it has been said */
};

static void watch_on_signal(int number)
{
	(void)number;
	watch_interrupted = 1;
}

static int64_t watch_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Until the next look, or the deadline, or a signal. */
static void watch_wait(int64_t begin_ms, int64_t deadline_ms)
{
	int64_t now_ms = watch_now_ms();
	/* A big fleet is asked for less often: it costs the daemon too. */
	int64_t wait_ms = (now_ms - begin_ms) * 4;
	struct timespec span;

	if (wait_ms < INTERVAL_MS)
		wait_ms = INTERVAL_MS;
	if (wait_ms > deadline_ms - now_ms)
		wait_ms = deadline_ms - now_ms;
	if (watch_interrupted || wait_ms <= 0)
		return;
	span.tv_sec = wait_ms / 1000;
	span.tv_nsec = wait_ms % 1000 * 1000000;
	(void)nanosleep(&span, NULL);
}

static int watch_ask(struct watch *watch, const char *behind, json_t **answer,
	struct failure *ret_failure)
{
	char path[CLIENT_PATH_MAX] = "/v1/rollouts/";
	json_t *fresh;
	int err;

	/* Both are short: this always fits. */
	if (!client_path_add(path, watch->id, true) ||
		!client_path_add(path, behind, false)) {
		(void)failure_set(
			ret_failure, EXIT_CODE_USAGE, NULL, "the id is too long");
		return -ENAMETOOLONG;
	}
	err = client_call(watch->cli->client,
		&(struct client_request){.method = "GET", .path = path}, &fresh,
		ret_failure);
	if (err < 0)
		return err;
	json_decref(*answer);
	*answer = fresh;
	return 0;
}

/* Both answers. Returns 0 or a negated errno with the failure filled. */
static int watch_fetch(struct watch *watch, struct failure *ret_failure)
{
	int err = watch_ask(watch, "", &watch->rollout, ret_failure);
	const char *id;

	if (err < 0)
		return err;
	id = shape_text(watch->rollout, "id");
	if (id[0] != '\0' && strlen(id) < sizeof(watch->id))
		snprintf(watch->id, sizeof(watch->id), "%s", id);
	err = watch_ask(watch, "/tasks", &watch->answer, ret_failure);
	if (err < 0)
		return err;
	if (shape_text(watch->rollout, "state")[0] == '\0' ||
		!json_is_array(json_object_get(watch->answer, "tasks"))) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s sent a rollout that makes no sense",
			watch->cli->socket_path);
		return -EPROTO;
	}
	watch->good_ms = watch_now_ms();
	return 0;
}

static bool watch_is_live(const struct watch *watch)
{
	return !watch->cli->json && watch->cli->out->terminal;
}

static void watch_draw(struct watch *watch, const char *note)
{
	struct writer *writer = watch->cli->out;
	const json_t *tasks = shape_list(watch->answer, "tasks");

	writer->now_s = time(NULL);
	if (watch_is_live(watch)) {
		writer_frame_begin(writer);
		watch_draw_frame(writer, watch->rollout, tasks, note);
		writer_frame_end(writer);
	} else if (!watch->cli->json) {
		watch_draw_changes(writer, &watch->seen, watch->rollout, tasks);
	}
}

/* The daemon was asked in vain. Returns 0 to go on, else the exit code, all said. */
static int watch_missed(struct watch *watch, struct failure *failure)
{
	static const char note[] = "The daemon does not answer; trying again.";

	/* A request that was cut short by Ctrl-C; the loop sees to it. */
	if (watch_interrupted)
		return 0;
	if (!failure->away || watch->answer == NULL ||
		watch_now_ms() - watch->good_ms > AWAY_MAX_MS) {
		writer_frame_leave(watch->cli->out);
		return cli_show(watch->cli, failure);
	}
	if (watch_is_live(watch))
		watch_draw(watch, note);
	else if (!watch->away)
		writer_line(watch->cli->err, "%s", note);
	(void)writer_flush(watch->cli->err);
	watch->away = true;
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

static void watch_print_end(struct watch *watch, enum exit_code code)
{
	struct writer *writer = watch->cli->out;
	int shown = PROGRESS_ID_SHOWN;
	const char *id = watch->id;

	writer_frame_leave(writer);
	if (watch->cli->json) {
		writer_json(writer, watch->rollout);
		return;
	}
	if (!watch_is_live(watch))
		progress_head(writer, watch->rollout);
	if (code == EXIT_CODE_EXCEPTIONS)
		watch_print_deferred(watch);
	if (code == EXIT_CODE_ABORTED)
		progress_waits(writer, watch->rollout);
	if (code == EXIT_CODE_HALTED)
		writer_line(writer,
			"A brake has halted it. Find out why: wipyctl report --rollout "
			"%.*s; "
			"then: wipyctl rollout resume %.*s, or abort",
			shown, id, shown, id);
	else if (code != EXIT_CODE_DONE)
		writer_line(writer, "What happened: wipyctl report --rollout %.*s",
			shown, id);
}

static int watch_print_left(struct watch *watch)
{
	struct writer *err = watch->cli->err;

	writer_frame_leave(watch->cli->out);
	if (watch->cli->json && watch->rollout != NULL)
		writer_json(watch->cli->out, watch->rollout);
	(void)writer_flush(watch->cli->out);
	/* The terminal has shown "^C" on this line. */
	if (err->terminal)
		writer_end(err);
	writer_line(err,
		"The rollout goes on. Watch it again: wipyctl rollout watch %.*s; stop "
		"it: "
		"wipyctl rollout pause %.*s",
		PROGRESS_ID_SHOWN, watch->id, PROGRESS_ID_SHOWN, watch->id);
	return watch->aim == WATCH_WAIT ? EXIT_CODE_INTERRUPTED : EXIT_CODE_DONE;
}

static int watch_print_late(struct watch *watch)
{
	writer_frame_leave(watch->cli->out);
	if (watch->cli->json && watch->rollout != NULL)
		writer_json(watch->cli->out, watch->rollout);
	return cli_fail(watch->cli, EXIT_CODE_TIMED_OUT,
		"watch it again: wipyctl rollout watch",
		"rollout %.*s has not ended in the time given; it goes on",
		PROGRESS_ID_SHOWN, watch->id);
}

static int watch_loop(struct watch *watch, int64_t deadline_ms)
{
	for (;;) {
		int64_t begin_ms = watch_now_ms();
		enum exit_code code;
		struct failure failure;
		int missed = 0;

		if (watch_fetch(watch, &failure) < 0) {
			missed = watch_missed(watch, &failure);
			failure_done(&failure);
		} else {
			watch->away = false;
			watch_draw(watch, "");
			if (progress_ended(
				    shape_text(watch->rollout, "state"), &code)) {
				watch_print_end(watch, code);
				return (int)code;
			}
		}
		if (missed != 0)
			return missed;
		/* Nobody reads any more; the exit code may still be waited for. */
		if (writer_flush(watch->cli->out) < 0 && watch->aim == WATCH_LOOK)
			return EXIT_CODE_DONE;
		watch_wait(begin_ms, deadline_ms);
		if (watch_interrupted)
			return watch_print_left(watch);
		if (watch_now_ms() >= deadline_ms)
			return watch_print_late(watch);
	}
}

int watch_rollout(
	struct cli *cli, const char *id, enum watch_aim aim, int64_t timeout_s)
{
	/* Restarting saves a write to the terminal; sleeping and polling end all the same. */
	struct sigaction action = {
		.sa_handler = watch_on_signal, .sa_flags = SA_RESTART};
	struct sigaction before;
	struct watch watch = {.cli = cli, .aim = aim};
	int code;

	if (strlen(id) >= sizeof(watch.id))
		return cli_fail(
			cli, EXIT_CODE_USAGE, NULL, "'%.40s...' is no rollout", id);
	snprintf(watch.id, sizeof(watch.id), "%s", id);
	if (watch_seen_init(&watch.seen) < 0)
		return cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	watch_interrupted = 0;
	(void)sigaction(SIGINT, &action, &before);
	client_set_interrupt(cli->client, &watch_interrupted);
	code = watch_loop(
		&watch, timeout_s < 0 ? NEVER_MS : watch_now_ms() + timeout_s * 1000);
	client_set_interrupt(cli->client, NULL);
	(void)sigaction(SIGINT, &before, NULL);
	watch_seen_done(&watch.seen);
	json_decref(watch.rollout);
	json_decref(watch.answer);
	return code;
}
