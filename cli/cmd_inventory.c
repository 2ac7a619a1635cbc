/* SPDX-License-Identifier: MIT
 *
 * `wipyctl inventory check|diff|reload`. A file is checked by the daemon's own program, so
 * that there is one reader of inventories and not two.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "cli/wipyd.h"

#define RELOAD_TIMEOUT_S 60

static void diff_names(struct writer *writer, const json_t *answer, const char *key,
	enum style style, const char *sign, const char *what)
{
	const json_t *name;
	size_t i;

	json_array_foreach(shape_list(answer, key), i, name)
	{
		writer_put(writer, style, "%s %s", sign,
			json_is_string(name) ? json_string_value(name) : "?");
		writer_line(writer, "%s", what);
	}
}

static bool diff_is_empty(const json_t *answer)
{
	return json_array_size(shape_list(answer, "added")) == 0 &&
	       json_array_size(shape_list(answer, "removed")) == 0 &&
	       json_array_size(shape_list(answer, "changed")) == 0 &&
	       json_array_size(shape_list(answer, "kept")) == 0;
}

static void diff_print(struct writer *writer, const json_t *answer, bool dry)
{
	const json_t *note;
	size_t i;

	diff_names(writer, answer, "added", STYLE_GOOD, "+", "");
	diff_names(writer, answer, "removed", STYLE_BAD, "-", "");
	diff_names(writer, answer, "changed", STYLE_WARN, "~", "");
	diff_names(writer, answer, "kept", STYLE_WARN, "=",
		" (not in the file; kept until its task ends)");
	json_array_foreach(
		shape_list(answer, "notes"), i, note) if (json_is_string(note))
		writer_line(writer, "note: %s", json_string_value(note));
	if (diff_is_empty(answer))
		writer_line(
			writer, dry ? "The inventory has no faults and no changes."
				    : "The inventory was read; nothing has changed.");
	else
		writer_line(writer, "%s: %zu added, %zu removed, %zu changed",
			dry ? "a reload would change" : "reloaded",
			json_array_size(shape_list(answer, "added")),
			json_array_size(shape_list(answer, "removed")),
			json_array_size(shape_list(answer, "changed")));
}

static void diff_would(struct cli *cli, const json_t *answer)
{
	diff_print(cli->out, answer, true);
}

static void diff_done(struct cli *cli, const json_t *answer)
{
	diff_print(cli->out, answer, false);
}

static int inventory_ask(struct cli *cli, bool dry)
{
	const struct view view = {.text = dry ? diff_would : diff_done};
	json_t *answer;
	bool changes;
	int code = cli_post(cli, "/v1/inventory/reload",
		json_pack("{s:b}", "dry_run", dry), RELOAD_TIMEOUT_S, &answer);

	if (code != 0)
		return code;
	changes = !diff_is_empty(answer);
	code = view_show(cli, &view, answer);
	return code == 0 && dry && changes ? EXIT_CODE_CHANGES : code;
}

int cmd_inventory_reload(struct cli *cli)
{
	return inventory_ask(cli, false);
}

int cmd_inventory_diff(struct cli *cli)
{
	return inventory_ask(cli, true);
}

/* ---- a file, by wipyd -t ------------------------------------------------------------ */

static void check_print(struct cli *cli, const json_t *answer)
{
	writer_line(cli->out, "%s", shape_text(answer, "text"));
}

/* Its faults are shown as those of a reload are. */
static int check_failed(struct cli *cli, int exit_code, const json_t *lines)
{
	struct failure failure;

	(void)failure_set(&failure, exit_code, NULL, "%s %s", args_word(cli->args, 0),
		exit_code == EXIT_CODE_USAGE ? "has faults" : "cannot be checked");
	failure.problems = json_deep_copy(lines);
	return cli_show(cli, &failure);
}

int cmd_inventory_check(struct cli *cli)
{
	static const struct view view = {.text = check_print};
	const char *file = args_word(cli->args, 0);
	const char *const words[] = {"-t", "-i", file, NULL};
	json_t *lines = json_array();
	char path[PATH_MAX];
	int code = wipyd_run(words, lines, path);

	if (code < 0)
		code = cli_fail(cli, EXIT_CODE_INTERNAL,
			"a file is checked by wipyd -t; is wipyd installed here?",
			"cannot run %s: %s", path, wipy_strerror(code));
	else if (code > 0)
		code = check_failed(cli, code, lines);
	else
		code = view_show(cli, &view,
			json_pack("{s:s, s:O?}", "file", file, "text",
				json_array_get(lines, 0)));
	json_decref(lines);
	return code;
}
