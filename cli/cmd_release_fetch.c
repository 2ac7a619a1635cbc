/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release add URL`: the daemon fetches, and is asked how far it is. Ctrl-C cancels
 * that.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/cmd_release.h"
#include "cli/shape.h"

#define LOOK_EVERY_MS 250

static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* One line that is written over itself; nothing where it would be kept. */
static void show(struct cli *cli, const json_t *answer)
{
	long long size = shape_number(answer, "size");
	const char *file = shape_text(answer, "file");
	struct writer *writer = cli->out;

	if (cli->json || !writer->terminal)
		return;
	writer_frame_begin(writer);
	if (*file && size > 0)
		writer_line(writer, "%s: %lld of %lld bytes", file,
			shape_number(answer, "bytes"), size);
	else
		writer_line(writer, "fetching %s",
			*file ? file : shape_text(answer, "state"));
	writer_frame_end(writer);
}

static bool has_ended(const json_t *answer)
{
	const char *state = shape_text(answer, "state");

	return strcmp(state, "done") == 0 || strcmp(state, "failed") == 0;
}

/* Until it has ended. Once interrupted the daemon is told, and asked on: what it has in its
 * hands it brings to an end first. */
static int watch(struct cli *cli, long long number, json_t **ret_answer)
{
	const struct timespec pause = {0, LOOK_EVERY_MS * 1000000L};
	bool cancelled = false;
	char path[64];
	int code;

	for (;;) {
		bool cancels = interrupted && !cancelled;

		snprintf(path, sizeof(path), "/v1/downloads/%lld%s", number,
			cancels ? "/cancel" : "");
		code = cancels ? cli_post(cli, path, json_object(), 0, ret_answer)
			       : cli_get(cli, path, ret_answer);
		cancelled |= cancels;
		if (code != 0 || has_ended(*ret_answer))
			return code;
		show(cli, *ret_answer);
		json_decref(*ret_answer);
		(void)nanosleep(&pause, NULL); /* which a signal ends */
	}
}

static int tell(struct cli *cli, const json_t *answer)
{
	const json_t *problem = shape_object(answer, "problem"), *release;
	int code;

	if (interrupted && strcmp(shape_text(problem, "code"), "stopped") == 0)
		return cli_fail(cli, EXIT_CODE_INTERRUPTED, NULL,
			"interrupted: the download was cancelled, nothing of it is a "
			"release");
	if (json_is_object(problem))
		return cli_fail(cli, EXIT_CODE_REFUSED, NULL, "%s",
			shape_text(problem, "detail"));
	code = cli_object(cli, answer, "release", &release);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		release_print_added(cli->out, answer);
	return code;
}

static int fetch(struct cli *cli)
{
	const char *reason = args_option(cli->args, "allow-downgrade");
	json_t *answer, *body;
	long long number;
	int code;

	if (cli->args->count > 1 || args_option(cli->args, "name"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"a URL stands alone: its manifest names the release and its "
			"images");
	body = json_pack("{s:s}", "url", cli->args->words[0]);
	if (body && reason)
		(void)json_object_set_new(body, "allow_downgrade", json_string(reason));
	code = cli_post(cli, "/v1/releases", body, 0, &answer);
	if (code != 0)
		return code;
	number = shape_number(answer, "download");
	json_decref(answer);
	code = watch(cli, number, &answer);
	if (code != 0)
		return code;
	code = tell(cli, answer);
	json_decref(answer);
	return code;
}

int release_fetch(struct cli *cli)
{
	/* Restarting saves a write to the terminal; sleeping ends all the same. A second
	 * Ctrl-C ends the program. */
	struct sigaction action = {
		.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
	struct sigaction before;
	int code;

	interrupted = 0;
	(void)sigaction(SIGINT, &action, &before);
	code = fetch(cli);
	(void)sigaction(SIGINT, &before, NULL);
	return code;
}
