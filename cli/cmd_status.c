/* SPDX-License-Identifier: MIT
 *
 * `wipyctl status`: the fleet on one screen. What a person has to do, and what is under
 * way, is shown always; what is left of the screen goes to the versions.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/glyph.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/status_needs.h"
#include "cli/table.h"
#include "cli/view.h"

#define BAR_CELLS      16
#define ROLLOUTS_SHOWN 4
#define LINES_MAX      48 /* where nobody counts lines */

/* How many rows each list may have. */
struct room {
	size_t families, sites, firmware;
};

/* ---- versions -------------------------------------------------------------------- */

static const struct {
	const char *state;
	enum progress_kind kind; /* by its sign in a bar */
} version_kinds[] = {
	{"in-sync", PROGRESS_DONE},
	{"ahead", PROGRESS_BACK},
	{"changed-by-others", PROGRESS_BAD},
	{"foreign", PROGRESS_BAD},
	{"unmanaged", PROGRESS_OUT},
	{"unknown", PROGRESS_STUCK},
	{"behind", PROGRESS_AHEAD},
};

static void versions_bar(const json_t *versions, char ret_bar[BAR_CELLS + 1])
{
	struct progress_tally tally = {.total = 0};

	for (size_t i = 0; i < sizeof(version_kinds) / sizeof(version_kinds[0]); i++) {
		long long count = shape_number(versions, version_kinds[i].state);

		tally.count[version_kinds[i].kind] += count;
		tally.total += count;
	}
	progress_bar(&tally, BAR_CELLS, ret_bar);
}

/* "in-sync 450, behind 31" */
static void counts_text(const json_t *counts, size_t cap, char *ret_text)
{
	const char *name;
	json_t *value;
	size_t len = 0;

	snprintf(ret_text, cap, "-");
	json_object_foreach((json_t *)(uintptr_t)counts, name, value)
	{
		if (json_integer_value(value) == 0 || len >= cap)
			continue;
		len += (size_t)snprintf(ret_text + len, cap - len, "%s%s %lld",
			len > 0 ? ", " : "", name,
			(long long)json_integer_value(value));
	}
}

static void group_row(struct table *table, const char *what, const json_t *group)
{
	const json_t *versions = shape_object(group, "versions");
	const char *name = shape_text(group, "name");
	char bar[BAR_CELLS + 1], counts[256];

	versions_bar(versions, bar);
	counts_text(versions, sizeof(counts), counts);
	if (name[0] == '\0')
		table_cell(table, STYLE_PLAIN, "without a %s", what);
	else
		table_cell(table, STYLE_PLAIN, "%s %s", what, name);
	table_cell(table, STYLE_PLAIN, "%lld", shape_number(group, "boards"));
	table_cell(table, STYLE_PLAIN, "%lld",
		shape_number(shape_object(group, "reach"), "online"));
	table_cell(table, STYLE_PLAIN, "%s", bar);
	table_cell(table, STYLE_PLAIN, "%s", counts);
}

/* Boards for a person, boards that do not run what they should. */
static long long group_trouble(const json_t *group)
{
	const json_t *versions = shape_object(group, "versions");
	long long trouble = shape_number(group, "boards") -
			    shape_number(versions, "in-sync") -
			    shape_number(versions, "unmanaged");

	return trouble +
	       (long long)json_array_size(shape_list(group, "needs_hands")) * 1000000;
}

static int by_trouble(const void *va, const void *vb)
{
	const json_t *const *a = va, *const *b = vb;
	long long x = group_trouble(*a), y = group_trouble(*b);

	return x != y ? (x < y) - (x > y)
		      : strcmp(shape_text(*a, "name"), shape_text(*b, "name"));
}

/* Those with most trouble first, and so many at most; returns how many are left out. */
static size_t group_rows(
	struct table *table, const char *what, const json_t *groups, size_t most)
{
	size_t count = json_array_size(groups);
	const json_t **sorted = calloc(count + 1, sizeof(*sorted));

	if (sorted == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(groups, i);
	qsort(sorted, count, sizeof(*sorted), by_trouble);
	for (size_t i = 0; i < count && i < most; i++)
		group_row(table, what, sorted[i]);
	free(sorted);
	return count > most ? count - most : 0;
}

/* Where no board has a site the families say it all. */
static const json_t *status_sites(const json_t *status)
{
	const json_t *sites = shape_list(status, "sites");

	if (json_array_size(sites) == 1 &&
		shape_text(json_array_get(sites, 0), "name")[0] == '\0')
		return NULL;
	return sites;
}

static void status_versions(
	struct writer *writer, const json_t *status, const struct room *room)
{
	static const struct table_column columns[] = {
		{"", false, 10, false},
		{"BOARDS", true, 0, false},
		{"ONLINE", true, 0, false},
		{"VERSIONS", false, 0, false},
		{"", false, 8, false},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t more = group_rows(
		table, "family", shape_list(status, "families"), room->families);

	more += group_rows(table, "site", status_sites(status), room->sites);
	table_print(table, writer, 0);
	table_free(table);
	if (more > 0)
		writer_line(writer, "and %zu more: wipyctl boards --select site=NAME",
			more);
}

static void status_firmware(
	struct writer *writer, const json_t *status, const struct room *room)
{
	static const struct table_column columns[] = {
		{"BOARDS", true, 0, false},
		{"FIRMWARE", false, 16, false},
		{"BUILT", false, 0, false},
		{"BOARD", false, 8, false},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *firmware = shape_list(status, "firmware"), *row;
	size_t count = json_array_size(firmware), i;

	json_array_foreach(firmware, i, row)
	{
		if (i >= room->firmware)
			continue;
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(row, "count"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "tag"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "date"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
	}
	table_print(table, writer, 0);
	table_free(table);
	if (room->firmware > 0 && count > room->firmware)
		writer_line(
			writer, "and %zu more: wipyctl report", count - room->firmware);
}

static void status_reach(struct writer *writer, const json_t *status)
{
	static const char *const keys[] = {"reach", "access"};
	char counts[256];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		counts_text(shape_object(status, keys[i]), sizeof(counts), counts);
		writer_put(writer, STYLE_HEAD, "%s%s", i > 0 ? "; " : "", keys[i]);
		writer_put(writer, STYLE_PLAIN, " %s", counts);
	}
	writer_end(writer);
}

/* ---- rollouts -------------------------------------------------------------------- */

static void status_rollout(struct writer *writer, const json_t *row)
{
	const char *state = shape_text(row, "state");
	const char *late = shape_text(row, "catch_up");
	struct progress_tally tally;
	char bar[BAR_CELLS + 1];

	progress_tally(shape_object(row, "outcomes"), &tally);
	progress_bar(&tally, BAR_CELLS, bar);
	writer_put(writer, STYLE_HEAD, "rollout %.*s", PROGRESS_ID_SHOWN,
		shape_text(row, "id"));
	writer_put(writer, STYLE_PLAIN, " %s [%s] %lld/%lld ",
		shape_text(row, "release"), bar, tally.count[PROGRESS_DONE],
		tally.total);
	/* Once it has completed it is its catch-up that stands here. */
	if (late[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "catch-up ");
	else
		late = state;
	writer_put(writer, progress_style(late), "%s", late);
	if (shape_number(row, "wave") > 0)
		writer_put(writer, STYLE_PLAIN, ", wave %lld of %lld",
			shape_number(row, "wave"), shape_number(row, "waves"));
	writer_end(writer);
}

static void status_rollouts(struct writer *writer, const json_t *rollouts)
{
	size_t count = json_array_size(rollouts), i;
	const json_t *row;

	if (count == 0)
		writer_line(writer, "No rollout is under way.");
	json_array_foreach(rollouts, i, row) if (i < ROLLOUTS_SHOWN)
		status_rollout(writer, row);
	if (count > ROLLOUTS_SHOWN)
		writer_line(writer, "and %zu more: wipyctl rollout history",
			count - ROLLOUTS_SHOWN);
}

static size_t rollout_lines(const json_t *rollouts)
{
	size_t count = json_array_size(rollouts);

	return count == 0 ? 1 : count > ROLLOUTS_SHOWN ? ROLLOUTS_SHOWN + 1 : count;
}

/* ---- the screen ------------------------------------------------------------------ */

static size_t text_lines(const struct writer *writer, const char *text)
{
	size_t width = writer->width > 0 ? (size_t)writer->width : 80;

	return (size_t)glyph_columns(text) / width + 1;
}

static size_t between(size_t least, size_t value, size_t most)
{
	return value < least ? least : value > most ? most : value;
}

static size_t size_up_to(const json_t *list, size_t most)
{
	return between(0, json_array_size(list), most);
}

/* What must be there comes off first: head, reach, blank lines and headings, lines that say
 * "and 12 more". The first to give way are the sites, then the firmware. */
static struct room share_room(
	const struct writer *writer, const json_t *status, const struct needs *needs)
{
	size_t lines = writer->terminal ? (size_t)writer->lines_max - 1 : LINES_MAX;
	size_t used = text_lines(writer, shape_text(status, "verdict")) + 10 +
		      rollout_lines(shape_list(status, "rollouts")) +
		      needs_lines(needs, writer);
	size_t left = lines > used ? lines - used : 0;
	struct room room;

	room.families = between(
		1, size_up_to(shape_list(status, "families"), 6), between(1, left, 6));
	left -= between(0, room.families, left);
	room.firmware = between(
		0, size_up_to(shape_list(status, "firmware"), 4), (left + 1) / 2);
	room.sites = between(0, left - room.firmware, 12);
	return room;
}

static void status_print(struct cli *cli, const json_t *status)
{
	const json_t *inventory = shape_object(status, "inventory");
	struct writer *writer = cli->out;
	struct needs needs;
	struct room room;

	needs_collect(status, &needs);
	room = share_room(writer, status, &needs);
	help_sentences(writer, 0, shape_text(status, "verdict"));
	writer_end(writer);
	status_versions(writer, status, &room);
	status_reach(writer, status);
	writer_end(writer);
	status_firmware(writer, status, &room);
	if (room.firmware > 0)
		writer_end(writer);
	status_rollouts(writer, shape_list(status, "rollouts"));
	writer_end(writer);
	needs_print(writer, &needs);
	if (cli->form == FORM_WIDE)
		writer_line(writer, "wipyd %s, inventory %s",
			shape_text(status, "version"), shape_cell(inventory, "path"));
}

int cmd_status(struct cli *cli)
{
	static const struct view view = {.text = status_print};

	return view_get(cli, "/v1/status", &view);
}
