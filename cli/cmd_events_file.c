/* SPDX-License-Identifier: MIT
 *
 * `wipyctl events export`, `events verify --file`, `events prune`: events that leave the
 * daemon.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_events.h"
#include "cli/events_file.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "cli/when.h"

#define PLAN_TIMEOUT_S 600 /* the chain is verified before */

/* ---- exporting --------------------------------------------------------------------- */

struct exporting {
	const char *name;
	FILE *file;
	long long after, last, next, count;
	char chain[CHAIN_HEX_MAX]; /* at the last event written */
};

/* Whoever reads them elsewhere learns what the daemon knew: nobody else may. A file that
 * is there is never written over. */
static int export_open(struct cli *cli, struct exporting *export)
{
	int fd;

	export->name = cli->args->words[0];
	if (strcmp(export->name, "-") == 0) {
		export->file = cli->out->stream;
		return 0;
	}
	fd = open(export->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	export->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (export->file != NULL)
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE,
		errno == EEXIST ? "give another name; nothing is written over" : NULL,
		"%s: %s", export->name, wipy_strerror(-errno));
}

static void export_line(struct exporting *export, const json_t *line)
{
	size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII;

	/* What fails shows when the file is closed. */
	(void)json_dumpf(line, export->file, flags);
	(void)putc('\n', export->file);
}

static int export_head(struct cli *cli, struct exporting *export, const json_t *page)
{
	json_t *head;

	export->after = shape_number(page, "after");
	export->last = shape_number(page, "last");
	snprintf(export->chain, sizeof(export->chain), "%s", shape_text(page, "chain"));
	head = json_pack("{s:i, s:I, s:s}", "wipyd-events", EVENTS_FILE_FORMAT, "after",
		(json_int_t) export->after, "chain", export->chain);
	if (head == NULL)
		return cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	export_line(export, head);
	json_decref(head);
	return 0;
}

static int export_path(
	struct cli *cli, const struct exporting *export, char path[CLIENT_PATH_MAX])
{
	char after[24], last[24];
	int code;

	snprintf(path, CLIENT_PATH_MAX, "/v1/events/export?limit=5000");
	snprintf(after, sizeof(after), "%lld", export->next);
	snprintf(last, sizeof(last), "%lld", export->last);
	if (export->next == 0) {
		code = cli_add_past(cli, "since", path);
		return code ? code : cli_add_past(cli, "until", path);
	}
	code = cli_add_query(cli, "after", after, path);
	return code ? code : cli_add_query(cli, "last", last, path);
}

static int export_page(struct cli *cli, struct exporting *export)
{
	const json_t *events, *event;
	long long before = export->next;
	char path[CLIENT_PATH_MAX];
	json_t *page;
	size_t i;
	int code;

	if ((code = export_path(cli, export, path)) != 0 ||
		(code = cli_get_within(cli, path, PLAN_TIMEOUT_S, &page)) != 0)
		return code;
	code = cli_list(cli, page, "events", &events);
	if (code == 0 && before == 0)
		code = export_head(cli, export, page);
	export->next = code == 0 ? shape_number(page, "next") : 0;
	json_array_foreach(code == 0 ? events : NULL, i, event)
	{
		export_line(export, event);
		snprintf(export->chain, sizeof(export->chain), "%s",
			shape_text(event, "chain"));
		export->count++;
	}
	json_decref(page);
	/* A daemon that turns in circles must not keep us for ever. */
	if (code == 0 && export->next != 0 && export->next <= before)
		code = cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s sends the same events again and again",
			cli->socket_path);
	return code;
}

/* Returns 0 once everything is on the disk. */
static int export_close(struct cli *cli, struct exporting *export)
{
	json_t *tail = json_pack("{s:I, s:s, s:I}", "end", (json_int_t) export->last,
		"chain", export->chain, "events", (json_int_t) export->count);
	int error = 0;

	export_line(export, tail);
	json_decref(tail);
	if (export->file == cli->out->stream)
		return 0; /* cli_main() looks whether it went through */
	if (fflush(export->file) != 0 || fsync(fileno(export->file)) != 0 ||
		ferror(export->file))
		error = errno != 0 ? errno : EIO;
	if (fclose(export->file) != 0 && error == 0)
		error = errno;
	export->file = NULL;
	if (error == 0)
		return 0;
	return cli_fail(cli, EXIT_CODE_INTERNAL, NULL, "%s: %s", export->name,
		wipy_strerror(-error));
}

static void export_print(struct cli *cli, const json_t *file)
{
	long long events = shape_number(file, "events");
	long long after = shape_number(file, "after"),
		  last = shape_number(file, "last");

	if (events == 0) {
		writer_line(cli->out, "No such events; %s has none.",
			shape_text(file, "file"));
		return;
	}
	writer_line(cli->out, "%lld %s, %lld to %lld, in %s", events,
		events == 1 ? "event" : "events", after + 1, last,
		shape_text(file, "file"));
	writer_line(
		cli->out, "chain at event %lld: %s", last, shape_text(file, "chain"));
	if (shape_number(file, "exported") < last)
		writer_line(cli->out,
			"it does not count as exported yet: no file has events %lld to "
			"%lld",
			shape_number(file, "exported") + 1, after);
}

/* Takes up to which event all is in files; NULL: nobody was asked. */
static int export_show(struct cli *cli, const struct exporting *export, json_t *upto)
{
	static const struct view view = {.text = export_print};

	return view_show(cli, &view,
		json_pack("{s:s, s:I, s:I, s:I, s:s, s:o}", "file", export->name,
			"events", (json_int_t) export->count, "after",
			(json_int_t) export->after, "last", (json_int_t) export->last,
			"chain", export->chain, "exported",
			upto == NULL ? json_null() : upto));
}

/* The daemon notes what is in files, since only that may be pruned. */
static int export_note(struct cli *cli, const struct exporting *export)
{
	json_t *answer;
	int code = cli_post(cli, "/v1/events/exported",
		json_pack("{s:I, s:I, s:s}", "after", (json_int_t) export->after,
			"last", (json_int_t) export->last, "chain", export->chain),
		0, &answer);
	json_t *upto;

	if (code != 0)
		return code;
	upto = json_incref(json_object_get(answer, "exported"));
	json_decref(answer);
	return export_show(cli, export, upto);
}

int cmd_events_export(struct cli *cli)
{
	struct exporting export = {0};
	int code = export_open(cli, &export);

	if (code != 0)
		return code;
	do
		code = export_page(cli, &export);
	while (code == 0 && export.next > 0);
	if (code == 0)
		code = export_close(cli, &export);
	if (code == 0 && export.file == NULL && export.count > 0)
		code = export_note(cli, &export);
	else if (code == 0 && export.file == NULL)
		code = export_show(cli, &export, NULL);
	if (export.file != NULL && export.file != cli->out->stream)
		(void)fclose(export.file);
	/* Half of it would be mistaken for all of it. */
	if (code != 0 && strcmp(export.name, "-") != 0)
		(void)unlink(export.name);
	return code;
}

/* ---- verifying --------------------------------------------------------------------- */

static json_t *verdict_json(const char *name, const struct events_verdict *verdict)
{
	json_t *fault = verdict->line == 0 ? json_null()
					   : json_pack("{s:I, s:s}", "line",
						     (json_int_t)verdict->line, "what",
						     verdict->what);

	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:s, s:o}", "file", name, "intact",
		verdict->line == 0, "after", (json_int_t)verdict->after, "verified",
		(json_int_t)verdict->count, "last", (json_int_t)verdict->last, "chain",
		verdict->chain, "fault", fault);
}

static void verdict_print(struct cli *cli, const json_t *verdict)
{
	const json_t *fault = shape_object(verdict, "fault");
	long long count = shape_number(verdict, "verified");

	if (fault != NULL)
		writer_line(cli->out, "NOT INTACT: %s:%lld: %s",
			shape_text(verdict, "file"), shape_number(fault, "line"),
			shape_text(fault, "what"));
	writer_line(cli->out, "%lld %s verified, behind event %lld up to event %lld",
		count, count == 1 ? "event" : "events", shape_number(verdict, "after"),
		shape_number(verdict, "last"));
	writer_line(cli->out, "chain at event %lld: %s", shape_number(verdict, "last"),
		shape_text(verdict, "chain"));
}

int events_verify_file(struct cli *cli, const char *name)
{
	static const struct view view = {.text = verdict_print};
	struct events_verdict verdict;
	FILE *file = fopen(name, "re");
	int code, rc = file == NULL ? -errno : events_file_verify(file, &verdict);

	if (file != NULL)
		(void)fclose(file);
	if (rc < 0)
		return cli_fail(
			cli, EXIT_CODE_USAGE, NULL, "%s: %s", name, wipy_strerror(rc));
	code = view_show(cli, &view, verdict_json(name, &verdict));
	return code == 0 && verdict.line > 0 ? EXIT_CODE_INTERNAL : code;
}

/* ---- pruning ----------------------------------------------------------------------- */

/* The time before which everything goes: --before, or that long ago. */
static int prune_before(struct cli *cli, char ret_time[WIPY_UTC_MAX])
{
	bool keep = args_given(cli->args, "keep");

	if (keep == args_given(cli->args, "before"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"say what is to go: --before TIME, or --keep 180d");
	return cli_past(cli, keep ? "keep" : "before", ret_time);
}

static int prune_post(
	struct cli *cli, const char *before, bool dry_run, json_t **ret_answer)
{
	return cli_post(cli, "/v1/events/prune",
		json_pack("{s:s, s:b, s:b}", "before", before, "unexported",
			args_given(cli->args, "unexported"), "dry_run", dry_run),
		PLAN_TIMEOUT_S, ret_answer);
}

static void prune_nothing(struct cli *cli, const json_t *plan)
{
	writer_line(cli->out,
		"Nothing can go: no whole segment%s ends before then. Exported are the "
		"events up to %lld.",
		args_given(cli->args, "unexported") ? "" : " of exported events",
		shape_number(plan, "exported"));
}

static void prune_done(struct cli *cli, const json_t *answer)
{
	writer_line(cli->out, "Pruned up to event %lld, chain %s",
		shape_number(answer, "upto"), shape_cell(answer, "chain"));
}

/* Says what would go, and asks. */
static int prune_ask(struct cli *cli, const json_t *plan)
{
	long long upto = shape_number(plan, "upto");
	bool exported = upto <= shape_number(plan, "exported");
	struct writer *writer = cli_aside(cli);

	if (writer == NULL)
		return 0;
	writer_put(writer, STYLE_PLAIN, "Events %lld to %lld go, and the past before",
		shape_number(plan, "first"), upto);
	writer_put(writer, STYLE_PLAIN, " ");
	writer_time(writer, shape_time(plan, "upto_time"));
	writer_put(writer, STYLE_PLAIN, "%s", exported ? "." : ". ");
	if (!exported)
		writer_put(writer, STYLE_BAD, "No file has all of them.");
	writer_end(writer);
	return cli_confirm(cli, "nothing was pruned",
		exported ? "Remove them?" : "Remove them for good?");
}

int cmd_events_prune(struct cli *cli)
{
	static const struct view nothing = {.text = prune_nothing};
	static const struct view done = {.text = prune_done};
	char before[WIPY_UTC_MAX];
	json_t *plan = NULL, *answer;
	int code;

	if ((code = prune_before(cli, before)) != 0 ||
		(code = prune_post(cli, before, true, &plan)) != 0)
		return code;
	if (shape_number(plan, "upto") == 0)
		return view_show(cli, &nothing, plan);
	code = prune_ask(cli, plan);
	json_decref(plan);
	if (code != 0 || (code = prune_post(cli, before, false, &answer)) != 0)
		return code;
	return view_show(cli, &done, answer);
}
