/* SPDX-License-Identifier: MIT
 *
 * From the command line to a handler and back, and the handlers' common steps.
 */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd_select.h"
#include "cli/shape.h"
#include "cli/when.h"

#define SOCKET_DEFAULT "/run/wipyd/wipyd.sock"
#define PAGES_MAX      1000

int cli_show(struct cli *cli, struct failure *failure)
{
	const json_t *problem;
	size_t i;

	(void)writer_flush(cli->out);
	writer_put(cli->err, STYLE_BAD, "wipyctl:");
	writer_line(cli->err, " %s", failure->text);
	json_array_foreach(failure->problems, i, problem) if (json_is_string(problem))
		writer_line(cli->err, "%s", json_string_value(problem));
	if (failure->hint[0] != '\0') {
		writer_put(cli->err, STYLE_HEAD, "hint:");
		writer_line(cli->err, " %s", failure->hint);
	}
	(void)writer_flush(cli->err);
	failure_done(failure);
	return failure->exit_code;
}

int cli_fail(struct cli *cli, int exit_code, const char *hint, const char *format, ...)
{
	struct failure failure;
	char text[sizeof(failure.text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)failure_set(&failure, exit_code, hint, "%s", text);
	return cli_show(cli, &failure);
}

int cli_client(struct cli *cli, struct failure *ret_failure)
{
	const struct client_place place = {
		cli->socket_path, cli->token_file, cli->ca_file};

	return client_new(&place, &cli->client, ret_failure);
}

int cli_connect(struct cli *cli)
{
	struct failure failure;

	return cli_client(cli, &failure) < 0 ? cli_show(cli, &failure) : 0;
}

static int cli_ask(
	struct cli *cli, const struct client_request *request, json_t **ret_answer)
{
	struct failure failure;

	if (client_call(cli->client, request, ret_answer, &failure) < 0)
		return cli_show(cli, &failure);
	return 0;
}

int cli_get(struct cli *cli, const char *path, json_t **ret_answer)
{
	return cli_get_within(cli, path, 0, ret_answer);
}

int cli_get_within(
	struct cli *cli, const char *path, long timeout_s, json_t **ret_answer)
{
	return cli_ask(cli,
		&(struct client_request){
			.method = "GET", .path = path, .timeout_s = timeout_s},
		ret_answer);
}

int cli_post(struct cli *cli, const char *path, json_t *body, long timeout_s,
	json_t **ret_answer)
{
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	int code;

	json_decref(body);
	if (text == NULL)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"an argument is not UTF-8 text, or there is not enough memory");
	code = cli_ask(cli,
		&(struct client_request){.method = "POST",
			.path = path,
			.content_type = "application/json",
			.body = text,
			.body_len = strlen(text),
			.timeout_s = timeout_s},
		ret_answer);
	free(text);
	return code;
}

static int cli_nonsense(struct cli *cli, const char *key)
{
	return cli_fail(cli, EXIT_CODE_INTERNAL,
		"do wipyctl and wipyd belong together? compare wipyctl --version and "
		"wipyd "
		"--version",
		"the daemon at %s sent an answer that makes no sense: no '%s' in it",
		cli->socket_path, key);
}

int cli_list(
	struct cli *cli, const json_t *answer, const char *key, const json_t **ret_list)
{
	const json_t *list = json_object_get(answer, key);

	if (!json_is_array(list))
		return cli_nonsense(cli, key);
	*ret_list = list;
	return 0;
}

int cli_object(struct cli *cli, const json_t *answer, const char *key,
	const json_t **ret_object)
{
	const json_t *object = json_object_get(answer, key);

	if (!json_is_object(object))
		return cli_nonsense(cli, key);
	*ret_object = object;
	return 0;
}

int cli_path(struct cli *cli, const char *before, const char *name, const char *behind,
	char ret_path[CLIENT_PATH_MAX])
{
	ret_path[0] = '\0';
	if (client_path_add(ret_path, before, false) &&
		client_path_add(ret_path, name, true) &&
		client_path_add(ret_path, behind, false))
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, NULL,
		"the name or selector '%.40s...' is too long", name);
}

/* One page. *next is the name to go on after, replaced by the next one or by "". */
int cli_add_query(
	struct cli *cli, const char *key, const char *value, char path[CLIENT_PATH_MAX])
{
	if (value == NULL)
		return 0;
	if (client_path_add(path, strchr(path, '?') == NULL ? "?" : "&", false) &&
		client_path_add(path, key, false) &&
		client_path_add(path, "=", false) && client_path_add(path, value, true))
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, NULL,
		"the name or selector '%.40s...' is too long", value);
}

int cli_past(struct cli *cli, const char *option, char ret_time[WIPY_UTC_MAX])
{
	const char *text = args_option(cli->args, option);

	ret_time[0] = '\0';
	if (text == NULL || when_parse_past(text, cli->started_s, ret_time) == 0)
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE,
		"write for example 2026-11-20T11:00:00Z, or 90s or 2h for so long ago",
		"--%s: '%s' is not a time", option, text);
}

int cli_add_past(struct cli *cli, const char *option, char path[CLIENT_PATH_MAX])
{
	char past[WIPY_UTC_MAX];
	int code = cli_past(cli, option, past);
	int64_t then_s;

	/* How long ago something was is told as of then. */
	if (code == 0 && past[0] && strcmp(option, "as-of") == 0 &&
		wipy_utc_parse(past, &then_s) == 0)
		cli->out->now_s = then_s;
	return code ? code : cli_add_query(cli, option, past[0] ? past : NULL, path);
}

int cli_confirm(struct cli *cli, const char *nothing, const char *format, ...)
{
	char question[200], answer[16] = "";
	va_list args;

	if (args_given(cli->args, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_fail(cli, EXIT_CODE_USAGE, "add --yes",
			"%s: there is no terminal to ask at, and --yes is not given",
			nothing);
	va_start(args, format);
	vsnprintf(question, sizeof(question), format, args);
	va_end(args);
	(void)writer_flush(cli->out);
	writer_put(cli->err, STYLE_HEAD, "%s", question);
	writer_put(cli->err, STYLE_PLAIN, " [y/N]:");
	(void)writer_flush(cli->err);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		writer_end(cli->err);
	if (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0 ||
		strcmp(answer, "Y\n") == 0)
		return 0;
	return cli_fail(cli, EXIT_CODE_REFUSED, NULL, "%s", nothing);
}

struct writer *cli_aside(const struct cli *cli)
{
	if (cli->form == FORM_QUIET && args_given(cli->args, "yes"))
		return NULL;
	return form_is_text(cli->form) ? cli->out : cli->err;
}

static int boards_page(struct cli *cli, const char *select, size_t cap, char *next,
	json_t *boards, json_t *gone)
{
	char path[CLIENT_PATH_MAX] = "/v1/boards?limit=5000";
	const json_t *page = NULL;
	const char *after;
	json_t *answer;
	int code;

	if ((code = cli_add_query(cli, "select", select, path)) != 0 ||
		(code = cli_add_query(
			 cli, "after", next[0] == '\0' ? NULL : next, path)) != 0 ||
		(code = cli_add_past(cli, "as-of", path)) != 0 ||
		(code = cli_get(cli, path, &answer)) != 0)
		return code;
	/* Each page has all of them. */
	if (gone != NULL && next[0] == '\0' && shape_list(answer, "gone") != NULL)
		(void)json_array_extend(
			gone, (json_t *)(uintptr_t)shape_list(answer, "gone"));
	code = cli_list(cli, answer, "boards", &page);
	after = shape_text(answer, "next");
	if (code == 0 && json_array_extend(boards, (json_t *)(uintptr_t)page) < 0)
		code = cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	/* A daemon that turns in circles must not keep us for ever. */
	if (code == 0 && after[0] != '\0' &&
		(strcmp(after, next) == 0 || json_array_size(page) == 0))
		code = cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s sends the same page of boards again and "
			"again",
			cli->socket_path);
	if (code == 0)
		snprintf(next, cap, "%s", after);
	json_decref(answer);
	return code;
}

int cli_boards(struct cli *cli, json_t *boards, json_t *gone)
{
	const char *select = args_option(cli->args, "select");
	char next[256] = "";

	for (int page = 0; page < PAGES_MAX; page++) {
		int code = boards_page(cli, select, sizeof(next), next, boards, gone);

		if (code != 0 || next[0] == '\0')
			return code;
	}
	return cli_fail(cli, EXIT_CODE_INTERNAL, "ask for less with --select",
		"the daemon at %s has no end of boards", cli->socket_path);
}

const char *cli_rollout_id(const struct cli *cli)
{
	const char *id = args_word(cli->args, 0);

	return id == NULL ? "latest" : id;
}

int cli_span(struct cli *cli, const char *option, int64_t *ret_span_s)
{
	const char *text = args_option(cli->args, option);

	if (text == NULL || when_parse_span(text, ret_span_s) == 0)
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, "write for example 30s, 5m, 2h, 1d or 0",
		"--%s: '%s' is not a span of time", option, text);
}

int cli_port(
	struct cli *cli, const char *option, uint16_t otherwise, uint16_t *ret_port)
{
	const char *text = args_option(cli->args, option);
	char *end;
	long port;

	*ret_port = otherwise;
	if (text == NULL)
		return 0;
	port = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || port < 1 || port > 65535)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--%s: '%s' is not a port from 1 to 65535", option, text);
	*ret_port = (uint16_t)port;
	return 0;
}

/* --quiet goes before -o: an alias may hold the latter. */
static int cli_form(struct cli *cli)
{
	const char *word = args_option(cli->args, "output");
	char near[32] = "";

	cli->form = FORM_TABLE;
	if (word != NULL && form_parse(word, &cli->form, near) < 0)
		return cli_fail(cli, EXIT_CODE_USAGE,
			"the forms are table, wide, json, jsonl and csv",
			"-o: there is no output form '%s'%s%s%s", word,
			near[0] == '\0' ? "" : " (did you mean '", near,
			near[0] == '\0' ? "" : "'?)");
	if (form_is_of_report(cli->form) && cli->args->command != NULL &&
		(cli->args->command->flags &
			(cli->form == FORM_HTML ? COMMAND_REPORTS | COMMAND_PAGES
						: COMMAND_REPORTS)) == 0)
		return cli_fail(cli, EXIT_CODE_USAGE,
			"the forms are table, wide, json, jsonl and csv",
			"-o: only %s has the form %s",
			cli->form == FORM_HTML ? "a report or a rescue card"
					       : "a report",
			word);
	if (args_given(cli->args, "quiet"))
		cli->form = FORM_QUIET;
	return 0;
}

/* The option, else the variable, else NULL; empty is not said. */
static const char *cli_setting(
	const struct cli *cli, const char *option, const char *variable)
{
	const char *value = args_option(cli->args, option);

	if (value == NULL)
		value = getenv(variable);
	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* What is typed goes before what the environment says; there the URL goes first. */
static int cli_find_daemon(struct cli *cli)
{
	const char *url = cli_setting(cli, "url", "WIPYCTL_URL");
	const char *socket = cli_setting(cli, "socket", "WIPYCTL_SOCKET");
	bool typed = args_given(cli->args, "socket");

	if (typed && args_given(cli->args, "url"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--socket and --url do not go together: which daemon is "
			"meant?");
	if (url != NULL && strncmp(url, "http://", 7) != 0 &&
		strncmp(url, "https://", 8) != 0)
		return cli_fail(cli, EXIT_CODE_USAGE,
			"write for example https://wipyd.example.net:8443",
			"--url: '%.200s' is not a URL", url);
	cli->socket_path = url != NULL && !typed ? url
			   : socket != NULL      ? socket
						 : SOCKET_DEFAULT;
	cli->token_file = cli_setting(cli, "token-file", "WIPYCTL_TOKEN_FILE");
	cli->ca_file = cli_setting(cli, "ca-file", "WIPYCTL_CA_FILE");
	return 0;
}

static int cli_globals(struct cli *cli)
{
	const struct args *args = cli->args;
	const char *no_color = getenv("NO_COLOR");
	int code;

	if ((no_color != NULL && no_color[0] != '\0') || args_given(args, "no-color"))
		cli->out->color = cli->err->color = false;
	cli->out->utc = cli->err->utc = args_given(args, "utc");
	code = cli_find_daemon(cli);
	return code == 0 ? cli_form(cli) : code;
}

static int cli_run(struct cli *cli)
{
	const struct command *command = cli->args->command;
	int code = cli_globals(cli);

	if (code != 0)
		return code;
	if (cli->args->version) {
		writer_line(cli->out, "wipyctl %s", PACKAGE_VERSION);
		return EXIT_CODE_DONE;
	}
	if ((command->flags & COMMAND_NEEDS_DAEMON) != 0)
		code = cli_connect(cli);
	if (code == 0 && args_given(cli->args, "explain"))
		return select_explain(cli);
	return code == 0 ? command->run(cli) : code;
}

int cli_main(int argc, char *const *argv)
{
	struct writer out, err;
	struct args args;
	struct failure failure;
	struct cli cli = {.out = &out, .err = &err, .args = &args};
	int code, flushed;

	/* A reader that leaves shows in the result of a write. */
	signal(SIGPIPE, SIG_IGN);
	/* A frame of a live display leaves in one piece, and so does a line of errors. */
	(void)setvbuf(stdout, NULL, _IOFBF, 65536);
	(void)setvbuf(stderr, NULL, _IOLBF, 4096);
	writer_init(&out, stdout);
	writer_init(&err, stderr);
	cli.started_s = out.now_s;
	if (args_parse(argc, argv, &args, &failure) < 0)
		return cli_show(&cli, &failure);
	code = cli_run(&cli);
	client_free(cli.client);
	flushed = writer_flush(&out);
	if (flushed < 0 && flushed != -EPIPE)
		code = cli_fail(&cli, EXIT_CODE_INTERNAL, NULL,
			"the output could not be written: %s", wipy_strerror(flushed));
	args_done(&args);
	return code;
}
