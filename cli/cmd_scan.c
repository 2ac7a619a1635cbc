/* SPDX-License-Identifier: MIT
 *
 * `wipyctl inventory scan CIDR`: which boards there are, which of them the daemon knows, and
 * the others as lines for inventory.yaml.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/scan_known.h"
#include "cli/scan_wire.h"
#include "cli/scan_yaml.h"
#include "cli/shape.h"
#include "cli/view.h"

#define RATE_DEFAULT 50

static volatile sig_atomic_t scan_interrupted;

static void scan_on_signal(int signo)
{
	(void)signo;
	scan_interrupted = 1;
}

static const char *const state_words[] = {
	[SCAN_ABSENT] = "absent",
	[SCAN_BOARD] = "board",
	[SCAN_BUSY] = "busy",
	[SCAN_NO_BANNER] = "no-banner",
	[SCAN_OTHER] = "other",
	[SCAN_REFUSED] = "refused",
	[SCAN_NO_ROUTE] = "no-route",
};
#define STATE_COUNT (sizeof(state_words) / sizeof(state_words[0]))

static const char *const password_words[] = {
	[SCAN_PASSWORD_NOT_ASKED] = NULL,
	[SCAN_PASSWORD_DEFAULT] = "default",
	[SCAN_PASSWORD_OWN] = "own",
	[SCAN_PASSWORD_UNCLEAR] = "unclear",
};

struct finder {
	struct cli *cli;
	struct scan_order order;
	struct scan_known known;
	struct scan_seen *seen; /* that are shown */
	size_t count, cap;
	uint32_t asked, counts[STATE_COUNT];
	bool told, memory_full;
};

/* ---- while it runs ----------------------------------------------------------------- */

/* What says nothing is of interest where a board should be. */
static bool is_shown(const struct finder *finder, const struct scan_seen *seen)
{
	switch (seen->state) {
	case SCAN_BOARD:
	case SCAN_BUSY:
	case SCAN_NO_BANNER:
	case SCAN_OTHER:
		return true;
	case SCAN_ABSENT:
	case SCAN_REFUSED:
	case SCAN_NO_ROUTE:
		break;
	}
	return scan_known_at(&finder->known, seen->address,
		       finder->order.telnet_port) != NULL;
}

static void on_seen(void *arg, const struct scan_seen *seen)
{
	struct finder *finder = arg;
	struct scan_seen *more = finder->seen;

	finder->counts[seen->state]++;
	if (!is_shown(finder, seen))
		return;
	if (finder->count == finder->cap) {
		finder->cap = finder->cap * 2 + 64;
		more = realloc(finder->seen, finder->cap * sizeof(*more));
		if (more == NULL) { /* the scan ends; nothing half is shown */
			finder->memory_full = true;
			scan_interrupted = 1;
			finder->cap = finder->count;
			return;
		}
		finder->seen = more;
	}
	finder->seen[finder->count++] = *seen;
}

static void on_progress(void *arg, uint32_t asked)
{
	struct finder *finder = arg;
	struct writer *writer = finder->cli->err;

	if (!writer->terminal || finder->cli->form == FORM_QUIET)
		return;
	finder->told = true;
	writer_frame_begin(writer);
	writer_line(writer, "%u of %u addresses asked, %u boards", asked,
		scan_range_count(&finder->order.range), finder->counts[SCAN_BOARD]);
	writer_frame_end(writer);
}

static void progress_away(const struct finder *finder)
{
	if (!finder->told)
		return;
	writer_frame_begin(finder->cli->err);
	writer_frame_end(finder->cli->err);
	(void)writer_flush(finder->cli->err);
}

/* ---- what is shown ----------------------------------------------------------------- */

/* What a person has to know of that row, or "". */
static void note_of(const struct finder *finder, const struct scan_seen *seen,
	const json_t *board, size_t cap, char *ret_note)
{
	const char *was = shape_text(shape_object(board, "version"), "board");

	ret_note[0] = '\0';
	switch (seen->state) {
	case SCAN_BOARD:
		if (board != NULL && scan_is_swapped(board, &seen->banner))
			snprintf(ret_note, cap,
				"%s with %s answers where %s is to be, which is %s%s%s:"
				" see wipyctl board %s",
				seen->banner.board, seen->banner.mcu,
				shape_text(board, "name"), shape_text(board, "family"),
				was[0] == '\0' ? "" : " and was a ", was,
				shape_text(board, "name"));
		break;
	case SCAN_BUSY:
		snprintf(ret_note, cap,
			"FTP answers and telnet shows no banner: a board whose only "
			"telnet line is taken, or no board");
		break;
	case SCAN_NO_BANNER:
		snprintf(ret_note, cap,
			"port %u is open and shows no banner, FTP does not answer: a "
			"board in use, or no board",
			finder->order.telnet_port);
		break;
	case SCAN_OTHER:
		snprintf(ret_note, cap, "what it says is no board's banner");
		break;
	case SCAN_REFUSED:
		snprintf(ret_note, cap, "it refuses telnet, and FTP does not answer");
		break;
	case SCAN_ABSENT:
		snprintf(ret_note, cap, "nobody answers");
		break;
	case SCAN_NO_ROUTE:
		snprintf(ret_note, cap, "this machine has no way there");
		break;
	}
}

static const char *mark_of(
	const struct finder *finder, const struct scan_seen *seen, const json_t *board)
{
	if (board != NULL)
		return seen->state == SCAN_BOARD &&
				       scan_is_swapped(board, &seen->banner)
			       ? "swapped"
			       : "known";
	return finder->known.has_daemon && seen->state == SCAN_BOARD ? "new" : NULL;
}

static struct scan_entry entry_of(
	const struct finder *finder, const struct scan_seen *seen)
{
	struct scan_entry entry = {
		.address = seen->address, .family = scan_family(&seen->banner)};
	char name[SCAN_NAME_MAX];

	scan_name(&entry, name);
	entry.taken = scan_known_has_name(&finder->known, name);
	return entry;
}

static json_t *text_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

/* The banner's parts, all null without one. */
static void row_banner(json_t *row, const struct scan_seen *seen)
{
	const struct wipy_fingerprint *banner = &seen->banner;
	enum wipy_family family = scan_family(banner);

	(void)json_object_set_new(row, "family",
		family == WIPY_FAMILY_UNKNOWN
			? json_null()
			: json_string(wipy_family_facts(family)->name));
	(void)json_object_set_new(row, "tag", text_or_null(banner->tag));
	(void)json_object_set_new(row, "date", text_or_null(banner->date));
	(void)json_object_set_new(row, "board", text_or_null(banner->board));
	(void)json_object_set_new(row, "mcu", text_or_null(banner->mcu));
}

static json_t *row_of(const struct finder *finder, const struct scan_seen *seen)
{
	const json_t *board =
		scan_known_at(&finder->known, seen->address, finder->order.telnet_port);
	struct scan_entry entry = entry_of(finder, seen);
	char address[SCAN_ADDRESS_MAX], note[320], name[SCAN_NAME_MAX] = "";
	json_t *row = json_object();

	scan_address_format(seen->address, address);
	note_of(finder, seen, board, sizeof(note), note);
	if (board != NULL)
		snprintf(name, sizeof(name), "%s", shape_text(board, "name"));
	else if (seen->state == SCAN_BOARD)
		scan_name(&entry, name);
	(void)json_object_set_new(row, "address", json_string(address));
	(void)json_object_set_new(row, "state", json_string(state_words[seen->state]));
	(void)json_object_set_new(
		row, "mark", text_or_null(mark_of(finder, seen, board)));
	(void)json_object_set_new(row, "name", text_or_null(name));
	row_banner(row, seen);
	(void)json_object_set_new(
		row, "password", text_or_null(password_words[seen->password]));
	(void)json_object_set_new(row, "note", text_or_null(note));
	return row;
}

/* The boards that no inventory is known to have. */
static json_t *yaml_of(const struct finder *finder)
{
	struct scan_entry *entries = calloc(finder->count + 1, sizeof(*entries));
	size_t count = 0;
	char *text = NULL;
	json_t *yaml;

	for (size_t i = 0; entries != NULL && i < finder->count; i++) {
		const struct scan_seen *seen = &finder->seen[i];

		if (seen->state != SCAN_BOARD ||
			scan_known_at(&finder->known, seen->address,
				finder->order.telnet_port) != NULL)
			continue;
		entries[count] = entry_of(finder, seen);
		count += entries[count].family != WIPY_FAMILY_UNKNOWN;
	}
	if (count > 0)
		text = scan_yaml(entries, count, finder->order.telnet_port,
			finder->order.ftp_port);
	yaml = text_or_null(text);
	free(text);
	free(entries);
	return yaml;
}

static json_t *document_of(const struct finder *finder)
{
	json_t *list = json_array(), *counts = json_object();

	for (size_t i = 0; i < finder->count; i++)
		json_array_append_new(list, row_of(finder, &finder->seen[i]));
	for (size_t i = 0; i < STATE_COUNT; i++)
		json_object_set_new(
			counts, state_words[i], json_integer(finder->counts[i]));
	return json_pack("{s:s, s:i, s:i, s:I, s:I, s:b, s:o, s:I, s:o, s:o, s:o}",
		"range", args_word(finder->cli->args, 0), "telnet_port",
		finder->order.telnet_port, "ftp_port", finder->order.ftp_port,
		"addresses", (json_int_t)scan_range_count(&finder->order.range),
		"asked", (json_int_t)finder->asked, "daemon", finder->known.has_daemon,
		"daemon_why_not", text_or_null(finder->known.why_not), "unresolved",
		(json_int_t)finder->known.unresolved, "counts", counts, "found", list,
		"yaml", yaml_of(finder));
}

/* ---- for a person ------------------------------------------------------------------ */

static void cell_password(const json_t *row, struct view_cell *ret_cell)
{
	snprintf(ret_cell->text, sizeof(ret_cell->text), "%s",
		shape_text(row, "password"));
	if (strcmp(ret_cell->text, "default") == 0)
		ret_cell->style = STYLE_BAD;
}

static void cell_mark(const json_t *row, struct view_cell *ret_cell)
{
	snprintf(ret_cell->text, sizeof(ret_cell->text), "%s", shape_text(row, "mark"));
	if (strcmp(ret_cell->text, "swapped") == 0)
		ret_cell->style = STYLE_BAD;
}

static const struct view_column columns[] = {
	{.title = "ADDRESS", .path = "address"},
	{.title = "STATE", .path = "state", .kind = VIEW_STATE},
	{.title = "MARK", .path = "mark", .kind = VIEW_CELL, .cell = cell_mark},
	{.title = "NAME", .path = "name", .shrinks = 12},
	{.title = "FAMILY", .path = "family", .drop = 2},
	{.title = "VERSION", .path = "tag", .shrinks = 10},
	{.title = "DATE", .path = "date", .wide = true},
	{.title = "BOARD", .path = "board", .shrinks = 10, .drop = 1},
	{.title = "MCU", .path = "mcu", .wide = true},
	{.title = "PASSWORD",
		.path = "password",
		.kind = VIEW_CELL,
		.cell = cell_password},
	{.path = "note"},
	{.title = NULL},
};

static void print_counts(struct cli *cli, const json_t *answer)
{
	const json_t *counts = shape_object(answer, "counts");
	struct writer *writer = cli->out;

	writer_put(writer, STYLE_PLAIN, "%lld of %lld addresses asked: %lld boards",
		shape_number(answer, "asked"), shape_number(answer, "addresses"),
		shape_number(counts, "board"));
	for (size_t i = 0; i < STATE_COUNT; i++)
		if (i != SCAN_BOARD && shape_number(counts, state_words[i]) > 0)
			writer_put(writer, STYLE_PLAIN, ", %lld %s",
				shape_number(counts, state_words[i]), state_words[i]);
	writer_end(writer);
}

/* What the columns do not say; the whole answer. */
static void print_rest(struct cli *cli, const json_t *answer)
{
	const char *why_not = shape_text(answer, "daemon_why_not");
	const char *yaml = shape_text(answer, "yaml");
	const json_t *row;
	size_t i;

	view_table(cli, columns, shape_list(answer, "found"), 0);
	json_array_foreach(shape_list(answer, "found"), i, row)
	{
		if (shape_text(row, "note")[0] != '\0')
			writer_line(cli->out, "%s: %s", shape_text(row, "address"),
				shape_text(row, "note"));
	}
	print_counts(cli, answer);
	if (why_not[0] != '\0')
		writer_line(cli->out, "Which of them are known is not said, since %s.",
			why_not);
	if (shape_number(answer, "unresolved") > 0)
		writer_line(cli->out,
			"%lld boards of the inventory have names or IPv6 addresses "
			"that were not compared.",
			shape_number(answer, "unresolved"));
	if (yaml[0] != '\0') {
		writer_line(cli->out, "For inventory.yaml:");
		writer_end(cli->out);
		writer_raw(cli->out, yaml);
	}
}

static int show(struct cli *cli, json_t *answer)
{
	static const struct view list = {
		.key = "found", .columns = columns, .name = "address"};
	static const struct view text = {.text = print_rest};

	return view_show(cli, form_is_text(cli->form) ? &text : &list, answer);
}

/* ---- the command ------------------------------------------------------------------- */

static int read_order(struct cli *cli, struct scan_order *order)
{
	const struct wipy_family_facts *facts = wipy_family_facts(WIPY_FAMILY_WIPY);
	const char *rate = args_option(cli->args, "rate");
	struct errtext error;
	int code;

	if (scan_range_parse(args_word(cli->args, 0), &order->range, &error) < 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL, "%s", error.text);
	order->rate = RATE_DEFAULT;
	if (rate != NULL && scan_rate_parse(rate, &order->rate) < 0)
		return cli_fail(cli, EXIT_CODE_USAGE,
			"write for example 50/s: connections a second, 1 to 1000",
			"--rate: '%s' is not a rate", rate);
	order->passwords = args_given(cli->args, "default-passwords");
	code = cli_port(cli, "telnet-port", facts->telnet_port, &order->telnet_port);
	return code ? code
		    : cli_port(cli, "ftp-port", facts->ftp_port, &order->ftp_port);
}

static int seen_order(const void *a, const void *b)
{
	const struct scan_seen *left = a, *right = b;

	return (left->address > right->address) - (left->address < right->address);
}

static int scan(struct finder *finder)
{
	struct cli *cli = finder->cli;
	int err = scan_run(&finder->order, &finder->asked), code;

	progress_away(finder);
	if (err == 0 && finder->memory_full)
		err = -ENOMEM;
	if (err < 0)
		return cli_fail(cli, EXIT_CODE_INTERNAL,
			"nothing is shown; ask for fewer addresses at once, or slower "
			"with --rate",
			"the scan was given up: %s", wipy_strerror(err));
	if (finder->count > 0)
		qsort(finder->seen, finder->count, sizeof(*finder->seen), seen_order);
	code = show(cli, document_of(finder));
	return code == 0 && scan_interrupted ? EXIT_CODE_INTERRUPTED : code;
}

int cmd_inventory_scan(struct cli *cli)
{
	/* What is under way ends cleanly; a second Ctrl-C ends the program. */
	struct sigaction action = {
		.sa_handler = scan_on_signal, .sa_flags = (int)SA_RESETHAND};
	struct finder finder = {.cli = cli,
		.order = {.interrupt = &scan_interrupted,
			.seen = on_seen,
			.progress = on_progress}};
	struct sigaction before;
	int code = read_order(cli, &finder.order);

	if (code != 0)
		return code;
	finder.order.arg = &finder;
	code = scan_known_read(cli, &finder.known);
	if (code == 0) {
		scan_interrupted = 0;
		(void)sigaction(SIGINT, &action, &before);
		code = scan(&finder);
		(void)sigaction(SIGINT, &before, NULL);
	}
	scan_known_done(&finder.known);
	free(finder.seen);
	return code;
}
