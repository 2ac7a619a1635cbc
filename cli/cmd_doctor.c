/* SPDX-License-Identifier: MIT
 *
 * `wipyctl doctor`: what the daemon finds out about its installation, and what can be found
 * out from here: whether it answers, which version it is, what its clock shows. Without a
 * daemon wipyd -t is asked about its files.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "cli/wipyd.h"

#define CHECK_COLUMN 6
#define TEXT_COLUMN  22
#define CLOCK_WARN_S 5
#define CLOCK_BAD_S  60

__attribute__((format(printf, 5, 6))) static void add(json_t *findings,
	const char *check, const char *grade, const char *hint, const char *format, ...)
{
	char text[640];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)json_array_append_new(
		findings, json_pack("{s:s, s:s, s:s, s:s?}", "check", check, "grade",
				  grade, "text", text, "hint", hint));
}

/* ---- without a daemon ---------------------------------------------------------------- */

static void add_files(json_t *findings)
{
	const char *const words[] = {"-t", NULL};
	json_t *lines = json_array();
	char path[PATH_MAX];
	int code = wipyd_run(words, lines, path);
	const char *first = json_string_value(json_array_get(lines, 0));

	if (code < 0)
		add(findings, "files", "warn", "is wipyd installed on this machine?",
			"wipyd -t, which reads the files, cannot be run: %s",
			wipy_strerror(code));
	else if (code > 0)
		add(findings, "files", "bad",
			"wipyd -t lists all of them; run it as a user who may read the "
			"files",
			"wipyd -t finds %zu %s: %s", json_array_size(lines),
			json_array_size(lines) == 1 ? "fault" : "faults, the first",
			first == NULL ? "?" : first);
	else
		add(findings, "files", "ok", NULL,
			"wipyd -t finds no faults in settings and inventory");
	json_decref(lines);
}

/* ---- with one ------------------------------------------------------------------------ */

static void add_version(json_t *findings, const char *theirs)
{
	if (strcmp(theirs, PACKAGE_VERSION) == 0)
		add(findings, "version", "ok", NULL,
			"wipyctl and wipyd are both of version %s", theirs);
	else
		add(findings, "version", "warn",
			"install both from one package, then: systemctl restart wipyd",
			"wipyctl is of version %s, the wipyd that runs of %s",
			PACKAGE_VERSION, theirs);
}

static void add_clock(json_t *findings, const char *theirs)
{
	long long apart;
	int64_t then_s;

	if (wipy_utc_parse(theirs, &then_s) < 0)
		return;
	apart = llabs((long long)(time(NULL) - then_s));
	if (apart <= CLOCK_WARN_S)
		add(findings, "clock-here", "ok", NULL,
			"this machine's clock agrees with the daemon's");
	else
		add(findings, "clock-here", apart > CLOCK_BAD_S ? "bad" : "warn",
			"let both machines take their time from the network "
			"(timedatectl set-ntp true)",
			"this machine's clock is %lld s away from the daemon's", apart);
}

/* Takes failures that say that nobody is there. Returns 0, EXIT_CODE_NO_DAEMON, or another
 * exit code after the failure was printed. */
static int ask(struct cli *cli, json_t *findings)
{
	const struct client_request request = {.method = "GET", .path = "/v1/doctor"};
	struct failure failure;
	json_t *answer;

	if (cli_client(cli, &failure) == 0 &&
		client_call(cli->client, &request, &answer, &failure) == 0) {
		add(findings, "daemon", "ok", NULL, "wipyd answers at %s",
			cli->socket_path);
		add_version(findings, shape_text(answer, "version"));
		add_clock(findings, shape_text(answer, "time"));
		(void)json_array_extend(
			findings, (json_t *)(uintptr_t)shape_list(answer, "findings"));
		json_decref(answer);
		return 0;
	}
	if (failure.exit_code != EXIT_CODE_NO_DAEMON)
		return cli_show(cli, &failure);
	add(findings, "daemon", "bad",
		failure.hint[0] == '\0' ? "systemctl status wipyd" : failure.hint, "%s",
		failure.text);
	failure_done(&failure);
	return EXIT_CODE_NO_DAEMON;
}

/* ---- showing ------------------------------------------------------------------------- */

static enum style grade_style(const char *grade)
{
	if (strcmp(grade, "ok") == 0)
		return STYLE_GOOD;
	return strcmp(grade, "warn") == 0 ? STYLE_WARN : STYLE_BAD;
}

static void doctor_print(struct cli *cli, const json_t *answer)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(shape_list(answer, "findings"), i, finding)
	{
		const char *grade = shape_text(finding, "grade");
		char hint[640];

		writer_put(cli->out, grade_style(grade), "%s", grade);
		writer_pad(cli->out, CHECK_COLUMN);
		writer_put(cli->out, STYLE_HEAD, "%s", shape_text(finding, "check"));
		help_wrap(cli->out, TEXT_COLUMN, shape_text(finding, "text"));
		snprintf(hint, sizeof(hint), "-> %s", shape_text(finding, "hint"));
		if (shape_text(finding, "hint")[0] != '\0')
			help_wrap(cli->out, TEXT_COLUMN, hint);
	}
}

static int show(struct cli *cli, json_t *findings)
{
	static const struct view_column columns[] = {
		{.path = "check"},
		{.path = "grade"},
		{.path = "text"},
		{.path = "hint"},
		{.title = NULL},
	};
	static const struct view list = {
		.key = "findings", .columns = columns, .name = "check"};
	static const struct view text = {.text = doctor_print};

	return view_show(cli, form_is_text(cli->form) ? &text : &list,
		json_pack("{s:s, s:O}", "version", PACKAGE_VERSION, "findings",
			findings));
}

static bool is_well(const json_t *findings)
{
	const json_t *finding;
	bool well = true;
	size_t i;

	json_array_foreach(findings, i, finding) well &=
		strcmp(shape_text(finding, "grade"), "ok") == 0;
	return well;
}

int cmd_doctor(struct cli *cli)
{
	json_t *findings = json_array();
	int asked = ask(cli, findings), code = asked;

	if (asked == EXIT_CODE_NO_DAEMON)
		add_files(findings);
	if (asked == 0 || asked == EXIT_CODE_NO_DAEMON) {
		code = show(cli, findings);
		if (code == 0 && asked != 0)
			code = asked;
		else if (code == 0 && !is_well(findings))
			code = EXIT_CODE_EXCEPTIONS;
	}
	json_decref(findings);
	return code;
}
