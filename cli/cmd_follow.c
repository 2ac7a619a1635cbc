/* SPDX-License-Identifier: MIT
 *
 * `wipyctl events --follow`: events as they happen. A daemon that is away, for example
 * while it is being updated, does not end it: what happened meanwhile is asked for by the
 * last event's number.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/cmd_events.h"
#include "cli/shape.h"
#include "cli/sse.h"

#define PAUSE_MS 1000

/* Set by Ctrl-C. */
static volatile sig_atomic_t follow_interrupted;

struct follow {
	struct cli *cli;
	struct sse sse;
	bool heard; /* from the daemon, since it was asked last */
	bool away;  /* and it has been said */
};

static void follow_on_signal(int number)
{
	(void)number;
	follow_interrupted = 1;
}

static void follow_line(struct writer *out, const json_t *event)
{
	static const struct {
		const char *key;
		int width;
	} cells[] = {{"actor", 12}, {"board", 16}, {"name", 18}};
	int column = out->utc ? 22 : 21;

	writer_time(out, shape_time(event, "time"));
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		writer_pad(out, column);
		writer_put(out, STYLE_PLAIN, "%s ", shape_cell(event, cells[i].key));
		column += cells[i].width;
	}
	writer_pad(out, column);
	writer_line(out, "%s", shape_cell(event, "detail"));
}

static void follow_on_event(void *arg, const char *data)
{
	struct follow *follow = arg;
	json_t *event = json_loads(data, 0, NULL);

	if (!json_is_object(event))
		; /* of another daemon than ours; its id counts all the same */
	else if (follow->cli->form == FORM_QUIET)
		writer_line(follow->cli->out, "%lld", shape_number(event, "seq"));
	else if (form_is_text(follow->cli->form))
		follow_line(follow->cli->out, event);
	else
		writer_json_line(follow->cli->out, event);
	json_decref(event);
}

static int follow_take(void *arg, const char *data, size_t len)
{
	struct follow *follow = arg;
	int err;

	if (follow->away)
		writer_line(follow->cli->err, "The daemon is back.");
	follow->heard = true;
	follow->away = false;
	err = sse_take(&follow->sse, data, len);
	/* Not 0 as well: nobody reads any more. */
	return err < 0 ? err : writer_flush(follow->cli->out);
}

static void follow_pause(void)
{
	const struct timespec span = {
		.tv_sec = PAUSE_MS / 1000, .tv_nsec = PAUSE_MS % 1000 * 1000000};

	if (!follow_interrupted)
		(void)nanosleep(&span, NULL);
}

/* One connection. Returns 0 to go on, 1 at the end, an exit code in *ret_code. */
static int follow_once(struct follow *follow, const char *path, int *ret_code)
{
	struct cli *cli = follow->cli;
	struct failure failure = {0};
	bool known = follow->sse.id[0] != '\0';
	int err;

	sse_restart(&follow->sse);
	err = client_follow(
		cli->client, path, follow->sse.id, follow_take, follow, &failure);
	*ret_code = EXIT_CODE_DONE;
	/* By Ctrl-C, or whoever read it has left. */
	if (follow_interrupted || err == -ECANCELED) {
		failure_done(&failure);
		return 1;
	}
	if (err < 0 && (!failure.away || !(known || follow->heard))) {
		*ret_code = cli_show(cli, &failure);
		return 1;
	}
	failure_done(&failure);
	if (!follow->away)
		writer_line(cli->err,
			"The daemon does not answer; trying again, from event %s on.",
			follow->sse.id);
	(void)writer_flush(cli->err);
	follow->away = true;
	return 0;
}

/* Returns 0, or an exit code after saying what does not go together. */
static int follow_check(struct cli *cli)
{
	static const char *const others[] = {"since", "count"};

	if (!args_given(cli->args, "follow"))
		return cli_fail(cli, EXIT_CODE_USAGE, "add --follow",
			"--after goes with --follow only");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (args_given(cli->args, others[i]))
			return cli_fail(cli, EXIT_CODE_USAGE,
				"with --after SEQ it begins behind that event",
				"--%s does not go with --follow", others[i]);
	if (cli->form == FORM_CSV)
		return cli_fail(cli, EXIT_CODE_USAGE, "-o jsonl has one object a line",
			"-o csv does not go with --follow");
	return 0;
}

static int follow_path(struct cli *cli, char path[CLIENT_PATH_MAX])
{
	static const char *const keys[] = {"board", "rollout", "select", "after"};
	int code = cli_path(cli, "/v1/events", "", "", path);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && code == 0; i++)
		code = cli_add_query(
			cli, keys[i], args_option(cli->args, keys[i]), path);
	return code;
}

int events_follow(struct cli *cli)
{
	struct sigaction action = {.sa_handler = follow_on_signal}, before;
	struct follow follow = {.cli = cli};
	char path[CLIENT_PATH_MAX];
	int code = follow_check(cli);

	if (code == 0)
		code = follow_path(cli, path);
	if (code != 0)
		return code;
	sse_init(&follow.sse, follow_on_event, &follow);
	follow_interrupted = 0;
	(void)sigaction(SIGINT, &action, &before);
	client_set_interrupt(cli->client, &follow_interrupted);
	while (follow_once(&follow, path, &code) == 0)
		follow_pause();
	client_set_interrupt(cli->client, NULL);
	(void)sigaction(SIGINT, &before, NULL);
	sse_done(&follow.sse);
	return code;
}
