/* SPDX-License-Identifier: MIT
 *
 * `wipyctl report`: what happened and what a person has to do, in every form there is.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/report.h"
#include "cli/shape.h"

/* Names of the boards that need a person, one a line. */
static void report_names(struct cli *cli, const struct report *report)
{
	static const enum report_kind needing[] = {REPORT_DIRTY, REPORT_ARMED,
		REPORT_HANDS, REPORT_EXCEPTIONS, REPORT_OFFLINE};
	json_t *said = json_object();
	const json_t *row;
	size_t i;

	for (size_t k = 0; k < sizeof(needing) / sizeof(needing[0]); k++)
		json_array_foreach(report->rows[needing[k]], i, row)
		{
			const char *name = shape_text(row, "board");

			if (json_object_get(said, name) != NULL)
				continue;
			(void)json_object_set_new(said, name, json_true());
			writer_line(cli->out, "%s", name);
		}
	json_decref(said);
}

static void report_write(struct cli *cli, const struct report *report)
{
	switch (cli->form) {
	case FORM_TABLE:
	case FORM_WIDE:
		report_text(cli, report);
		break;
	case FORM_JSON:
		writer_json(cli->out, report->answer);
		break;
	case FORM_JSONL:
		writer_json_line(cli->out, report->answer);
		break;
	case FORM_CSV:
		report_csv(cli, report);
		break;
	case FORM_HTML:
		report_html(cli, report);
		break;
	case FORM_JUNIT:
		report_junit(cli, report);
		break;
	case FORM_QUIET:
		report_names(cli, report);
		break;
	case FORM_COUNT:
		break;
	}
}

static int save_failed(struct cli *cli, const char *path, int err)
{
	return cli_fail(cli, EXIT_CODE_INTERNAL, "choose another folder with --save",
		"%s could not be written: %s", path, wipy_strerror(err));
}

/* Beside the file first: a report that was there stays whole until the new one is. */
static int report_save(struct cli *cli, const struct report *report, const char *path)
{
	struct writer *out = cli->out, file;
	char *beside;
	FILE *stream;
	int err = 0;

	if (asprintf(&beside, "%s.part", path) < 0)
		abort();
	stream = fopen(beside, "we");
	if (stream == NULL) {
		err = -errno;
		free(beside);
		return save_failed(cli, path, err);
	}
	writer_init(&file, stream);
	file.utc = out->utc;
	file.now_s = out->now_s;
	cli->out = &file;
	report_write(cli, report);
	cli->out = out;
	err = writer_flush(&file);
	if (fclose(stream) != 0 && err == 0)
		err = -errno;
	if (err == 0 && rename(beside, path) < 0)
		err = -errno;
	if (err < 0)
		(void)unlink(beside);
	free(beside);
	return err < 0 ? save_failed(cli, path, err) : EXIT_CODE_DONE;
}

/* A wish for a report as the path of a request. Returns 0 or an exit code. */
static int report_path(struct cli *cli, char path[CLIENT_PATH_MAX])
{
	static const char *const options[] = {"rollout", "select", "site"};
	int code = 0;

	for (size_t i = 0; code == 0 && i < sizeof(options) / sizeof(options[0]); i++)
		code = cli_add_query(
			cli, options[i], args_option(cli->args, options[i]), path);
	if (code == 0)
		code = cli_add_past(cli, "since", path);
	if (code == 0)
		code = cli_add_past(cli, "diff", path);
	/* Of a large fleet it is most of what there is to say. */
	if (code == 0 && !args_given(cli->args, "evidence") && cli->form != FORM_JSON &&
		cli->form != FORM_JSONL)
		code = cli_add_query(cli, "evidence", "false", path);
	if (code == 0 && cli->form == FORM_JUNIT)
		code = cli_add_query(cli, "tasks", "true", path);
	return code;
}

int cmd_report(struct cli *cli)
{
	const char *save = args_option(cli->args, "save");
	char path[CLIENT_PATH_MAX] = "/v1/report";
	struct report report;
	int64_t generated_s;
	json_t *answer;
	int code = report_path(cli, path);

	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	/* How long something has lasted is told as of the report. */
	if (wipy_utc_parse(shape_text(answer, "generated"), &generated_s) == 0)
		cli->out->now_s = generated_s;
	report_make(answer, args_given(cli->args, "evidence"), &report);
	if (save != NULL)
		code = report_save(cli, &report, save);
	else
		report_write(cli, &report);
	report_done(&report);
	json_decref(answer);
	return code;
}
