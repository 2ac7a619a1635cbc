/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release add URL`: the daemon fetches, and is asked how far it is. Ctrl-C cancels
 * that; `wipyctl release cancel` a download that somebody else, or a channel, has begun.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_release.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "common/text.h"

#define LOOK_EVERY_MS 250
#define DOWNLOAD_MAX  1000000000

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

	if (!form_is_text(cli->form) || !writer->terminal)
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

static int tell(struct cli *cli, json_t *answer)
{
	const json_t *problem = shape_object(answer, "problem");
	int code;

	if (problem == NULL)
		return release_show_added(cli, answer);
	if (interrupted && strcmp(shape_text(problem, "code"), "stopped") == 0)
		code = cli_fail(cli, EXIT_CODE_INTERRUPTED, NULL,
			"interrupted: the download was cancelled, nothing of it is a "
			"release");
	else
		code = cli_fail(cli, EXIT_CODE_REFUSED, NULL, "%s",
			shape_text(problem, "detail"));
	json_decref(answer);
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
	return code == 0 ? tell(cli, answer) : code;
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

/* ---- release cancel ---------------------------------------------------------------- */

static const json_t *find_channel(const json_t *channels, const char *name)
{
	const json_t *channel;
	size_t i;

	json_array_foreach(channels, i, channel)
	{
		if (strcmp(shape_text(channel, "name"), name) == 0)
			return channel;
	}
	return NULL;
}

/* The number of what a channel is fetching. */
static int download_of(struct cli *cli, const char *name, long long *ret_number)
{
	const json_t *list, *channel = NULL;
	json_t *answer;
	int code = cli_get(cli, "/v1/channels", &answer);

	if (code != 0)
		return code;
	code = cli_list(cli, answer, "channels", &list);
	if (code == 0)
		channel = find_channel(list, name);
	*ret_number = shape_number(channel, "download");
	if (code == 0 && channel == NULL)
		code = cli_fail(cli, EXIT_CODE_USAGE,
			"see which there are: wipyctl release channels",
			"there is no channel '%s'", name);
	else if (code == 0 && *ret_number == 0)
		code = cli_fail(cli, EXIT_CODE_REFUSED, NULL,
			"channel %s fetches nothing now", name);
	json_decref(answer);
	return code;
}

static bool was_cancelled(const json_t *answer)
{
	return strcmp(shape_text(shape_object(answer, "problem"), "code"), "stopped") ==
	       0;
}

static void print_cancelled(struct cli *cli, const json_t *answer)
{
	if (was_cancelled(answer))
		writer_line(cli->out, "cancelled: nothing of it is a release");
	else if (has_ended(answer))
		writer_line(cli->out, "it had ended already: %s",
			json_is_object(shape_object(answer, "problem"))
				? shape_text(shape_object(answer, "problem"), "detail")
				: "its release is in the catalogue");
	else
		writer_line(cli->out, "it ends in a moment: the catalogue has its "
				      "files in its hands");
}

int cmd_release_cancel(struct cli *cli)
{
	static const struct view view = {.text = print_cancelled};
	const char *word = cli->args->words[0];
	uint64_t number;
	long long download;
	bool too_late;
	json_t *answer;
	char path[64];
	int code = 0;

	if (wipy_text_parse_u64(word, strlen(word), DOWNLOAD_MAX, &number) == 0)
		download = (long long)number;
	else
		code = download_of(cli, word, &download);
	if (code != 0)
		return code;
	snprintf(path, sizeof(path), "/v1/downloads/%lld/cancel", download);
	code = cli_post(cli, path, json_object(), 0, &answer);
	if (code != 0)
		return code;
	too_late = has_ended(answer) && !was_cancelled(answer);
	code = view_show(cli, &view, answer);
	return code == 0 && too_late ? EXIT_CODE_REFUSED : code;
}
