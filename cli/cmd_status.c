/* SPDX-License-Identifier: MIT
 *
 * `wipyctl status`: the fleet on one screen, and what a person has to do.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"

#define NAMES_SHOWN 8
#define NAMES_LEN   800

static void status_counts(
	struct writer *writer, const char *title, const json_t *counts)
{
	const char *name;
	json_t *value;
	bool any = false;

	writer_put(writer, STYLE_HEAD, "%s", title);
	writer_pad(writer, 9);
	json_object_foreach((json_t *)(uintptr_t)counts, name, value)
	{
		if (json_integer_value(value) == 0)
			continue;
		writer_put(writer, STYLE_PLAIN, any ? ", " : "");
		writer_put(writer, progress_style(name), "%s %lld", name,
			(long long)json_integer_value(value));
		any = true;
	}
	if (!any)
		writer_put(writer, STYLE_PLAIN, "nothing yet");
	writer_end(writer);
}

static void status_rollouts(struct writer *writer, const json_t *rollouts)
{
	const json_t *row;
	size_t i;

	if (json_array_size(rollouts) == 0) {
		writer_line(writer, "No rollout is under way.");
		return;
	}
	json_array_foreach(rollouts, i, row)
	{
		const char *state = shape_text(row, "state");

		writer_put(writer, STYLE_HEAD, "rollout %.*s", PROGRESS_ID_SHOWN,
			shape_text(row, "id"));
		writer_put(writer, STYLE_PLAIN, " of %s: ", shape_text(row, "release"));
		writer_put(writer, progress_style(state), "%s", state);
		state = shape_text(row, "catch_up");
		if (state[0] != '\0') {
			writer_put(writer, STYLE_PLAIN, ", catch-up ");
			writer_put(writer, progress_style(state), "%s", state);
		}
		writer_end(writer);
	}
}

/* One line of what a person has to do; returns whether there was one. */
static bool status_names(struct writer *writer, const json_t *names, enum style style,
	const char *word, const char *what)
{
	char text[NAMES_LEN];

	if (json_array_size(names) == 0)
		return false;
	shape_names(names, NULL, NAMES_SHOWN, sizeof(text), text);
	writer_pad(writer, 2);
	writer_put(writer, style, "%s", word);
	writer_put(writer, STYLE_PLAIN, ": %s%s", text, what);
	writer_end(writer);
	return true;
}

static bool status_steer(struct writer *writer, const json_t *rollouts)
{
	static const struct {
		const char *state, *what;
	} rows[] = {
		{"halted", "find out why (wipyctl report), then 'rollout resume' or "
			   "'rollout abort'"},
		{"paused", "'rollout resume' goes on"},
		{"awaiting-approval", "somebody must approve it"},
	};
	const json_t *rollout;
	bool any = false;
	size_t at;

	json_array_foreach(rollouts, at, rollout)
	{
		const char *late = shape_text(rollout, "catch_up");
		const char *state = late[0] ? late : shape_text(rollout, "state");

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (strcmp(state, rows[i].state) != 0)
				continue;
			writer_pad(writer, 2);
			writer_put(writer, progress_style(state), "%srollout %.*s %s",
				late[0] ? "the catch-up of " : "", PROGRESS_ID_SHOWN,
				shape_text(rollout, "id"), state);
			writer_put(writer, STYLE_PLAIN, ": %s", rows[i].what);
			writer_end(writer);
			any = true;
		}
	}
	return any;
}

static bool status_access(struct writer *writer, const json_t *access)
{
	static const struct {
		const char *state, *what;
	} rows[] = {
		{"login-refused", "their password is not the one in the inventory"},
		{"wrong-board", "another board answers at their address"},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		long long count = shape_number(access, rows[i].state);

		if (count == 0)
			continue;
		writer_pad(writer, 2);
		writer_put(writer, progress_style(rows[i].state), "%s", rows[i].state);
		writer_put(writer, STYLE_PLAIN, ": %lld %s (%s)", count,
			shape_boards(count), rows[i].what);
		writer_end(writer);
		any = true;
	}
	return any;
}

static void status_person(struct writer *writer, const json_t *status)
{
	bool any;

	writer_put(writer, STYLE_HEAD, "needs a person");
	writer_end(writer);
	any = status_names(writer, shape_list(status, "dirty"), STYLE_BAD, "dirty",
		" (do not power-cycle)");
	any |= status_names(writer, shape_list(status, "needs_hands"), STYLE_BAD,
		"needs hands", ": see wipyctl report");
	any |= status_names(writer, shape_list(status, "armed"), STYLE_WARN, "armed",
		" (their next reset starts another image)");
	any |= status_names(writer, shape_list(status, "damaged_releases"), STYLE_BAD,
		"damaged releases",
		" (mend or remove them and start wipyd again; no manifest is taken "
		"until then)");
	any |= status_steer(writer, shape_list(status, "rollouts"));
	any |= status_access(writer, shape_object(status, "access"));
	if (shape_true(status, "read_only")) {
		writer_line(writer,
			"  The disk is full: nothing new is started until there is "
			"room.");
		any = true;
	}
	if (!any)
		writer_line(writer, "  nothing");
}

static void status_firmware(struct writer *writer, const json_t *firmware)
{
	static const struct table_column columns[] = {
		{"BOARDS", true, 0},
		{"FIRMWARE", false, 16},
		{"BUILT", false, 0},
		{"BOARD", false, 8},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(firmware, i, row)
	{
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(row, "count"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "tag"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "date"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
	}
	table_print(table, writer, 0);
	table_free(table);
}

static void status_print(struct cli *cli, const json_t *status)
{
	const json_t *inventory = shape_object(status, "inventory");
	const json_t *firmware = shape_list(status, "firmware");
	struct writer *writer = cli->out;

	writer_line(writer, "wipyd %s, %lld boards in %s",
		shape_text(status, "version"), shape_number(inventory, "boards"),
		shape_cell(inventory, "path"));
	writer_end(writer);
	status_counts(writer, "reach", shape_object(status, "reach"));
	status_counts(writer, "access", shape_object(status, "access"));
	status_counts(writer, "version", shape_object(status, "versions"));
	writer_end(writer);
	status_firmware(writer, firmware);
	if (json_array_size(firmware) > 0)
		writer_end(writer);
	status_rollouts(writer, shape_list(status, "rollouts"));
	writer_end(writer);
	status_person(writer, status);
}

int cmd_status(struct cli *cli)
{
	return cli_look(cli, "/v1/status", NULL, status_print);
}
