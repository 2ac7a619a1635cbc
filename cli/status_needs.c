/* SPDX-License-Identifier: MIT
 *
 * One line each where the command still fits on it, else two.
 */
#include "config.h"

#include "cli/status_needs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/glyph.h"
#include "cli/progress.h"
#include "cli/shape.h"

#define NAMES_SHOWN 3
#define NAMES_LEN   280
#define SITES_SHOWN 3
#define INDENT      2
#define GAP         2

/* The next one; NULL if there is no room: then it is counted. */
static struct need *needs_add(struct needs *needs, enum style style, const char *format,
	...) __attribute__((format(printf, 3, 4)));

static struct need *needs_add(
	struct needs *needs, enum style style, const char *format, ...)
{
	struct need *need = &needs->need[needs->count];
	va_list args;

	if (needs->count == NEEDS_MAX) {
		needs->left_out++;
		return NULL;
	}
	need->style = style;
	va_start(args, format);
	vsnprintf(need->word, sizeof(need->word), format, args);
	va_end(args);
	needs->count++;
	return need;
}

static void need_text(struct need *need, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void need_text(struct need *need, const char *format, ...)
{
	va_list args;

	if (need == NULL)
		return;
	va_start(args, format);
	vsnprintf(need->text, sizeof(need->text), format, args);
	va_end(args);
}

static void need_command(struct need *need, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void need_command(struct need *need, const char *format, ...)
{
	va_list args;

	if (need == NULL)
		return;
	va_start(args, format);
	vsnprintf(need->command, sizeof(need->command), format, args);
	va_end(args);
}

/* ---- boards ---------------------------------------------------------------------- */

static void collect_boards(struct needs *needs, const json_t *list, enum style style,
	const char *word, const char *behind)
{
	const char *first = json_string_value(json_array_get(list, 0));
	size_t count = json_array_size(list);
	char names[NAMES_LEN];
	struct need *need;

	if (count == 0)
		return;
	shape_names(list, NULL, NAMES_SHOWN, sizeof(names), names);
	need = needs_add(needs, style, "%s", word);
	need_text(need, "%s%s", names, behind);
	if (count > NAMES_SHOWN || first == NULL)
		need_command(need, "wipyctl boards --select state=%s", word);
	else
		need_command(need, "wipyctl rescue card %s", first);
}

static void collect_site(struct needs *needs, const json_t *site)
{
	const json_t *hands = shape_list(site, "needs_hands");
	const char *name = shape_text(site, "name");
	char names[NAMES_LEN];
	struct need *need = needs_add(needs, STYLE_BAD, "needs hands");

	shape_names(hands, NULL, NAMES_SHOWN, sizeof(names), names);
	if (name[0] == '\0') {
		need_text(need, "%s", names);
		need_command(need, "wipyctl rescue list");
	} else {
		need_text(need, "%s: %s", name, names);
		need_command(need, "wipyctl rescue list --select site=%s", name);
	}
}

static void collect_sites(struct needs *needs, const json_t *sites)
{
	size_t shown = 0, more = 0, i;
	const json_t *site;
	struct need *need;

	json_array_foreach(sites, i, site)
	{
		if (json_array_size(shape_list(site, "needs_hands")) == 0)
			continue;
		if (shown++ < SITES_SHOWN)
			collect_site(needs, site);
		else
			more++;
	}
	if (more == 0)
		return;
	need = needs_add(needs, STYLE_BAD, "needs hands");
	need_text(need, "at %zu more %s", more, more == 1 ? "site" : "sites");
	need_command(need, "wipyctl rescue list");
}

static void collect_access(struct needs *needs, const json_t *access)
{
	static const struct {
		const char *state, *what;
	} rows[] = {
		{"wrong-board", "others answer there"},
		{"login-refused", "wrong password"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		long long count = shape_number(access, rows[i].state);
		struct need *need;

		if (count <= 0)
			continue;
		need = needs_add(
			needs, progress_style(rows[i].state), "%s", rows[i].state);
		need_text(
			need, "%lld %s, %s", count, shape_boards(count), rows[i].what);
		need_command(need, "wipyctl boards --select access=%s", rows[i].state);
	}
}

static void collect_damaged(struct needs *needs, const json_t *files)
{
	char names[NAMES_LEN];
	struct need *need;

	if (json_array_size(files) == 0)
		return;
	shape_names(files, NULL, NAMES_SHOWN, sizeof(names), names);
	need = needs_add(needs, STYLE_BAD, "damaged releases");
	need_text(need,
		"%s: mend or remove, then start wipyd again; no manifest is taken "
		"until then",
		names);
	need_command(need, "wipyctl release list");
}

/* ---- rollouts -------------------------------------------------------------------- */

static void collect_rollouts(struct needs *needs, const json_t *rollouts)
{
	static const struct {
		const char *state, *command;
	} rows[] = {
		{"halted", "wipyctl report --rollout"},
		{"awaiting-approval", "wipyctl rollout approve"},
		{"paused", "wipyctl rollout resume"},
	};
	const json_t *rollout;
	size_t at;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_array_foreach(rollouts, at, rollout)
		{
			const char *late = shape_text(rollout, "catch_up");
			const char *id = shape_text(rollout, "id");
			struct need *need;

			if (strcmp(late[0] ? late : shape_text(rollout, "state"),
				    rows[i].state) != 0)
				continue;
			need = needs_add(needs, progress_style(rows[i].state), "%s",
				rows[i].state);
			need_text(need, "%srollout %.*s",
				late[0] ? "the catch-up of " : "", PROGRESS_ID_SHOWN,
				id);
			need_command(need, "%s %.*s", rows[i].command,
				PROGRESS_ID_SHOWN, id);
		}
}

void needs_collect(const json_t *status, struct needs *ret_needs)
{
	struct need *need;

	*ret_needs = (struct needs){.count = 0};
	collect_boards(ret_needs, shape_list(status, "dirty"), STYLE_BAD, "dirty",
		": do not power-cycle");
	collect_sites(ret_needs, shape_list(status, "sites"));
	collect_rollouts(ret_needs, shape_list(status, "rollouts"));
	if (shape_true(status, "read_only")) {
		need = needs_add(ret_needs, STYLE_BAD, "read-only");
		need_text(need, "the disk is full: nothing new is started until there "
				"is room");
		need_command(need, "df -h");
	}
	collect_damaged(ret_needs, shape_list(status, "damaged_releases"));
	collect_boards(ret_needs, shape_list(status, "armed"), STYLE_WARN, "armed",
		": the next reset starts another image");
	collect_access(ret_needs, shape_object(status, "access"));
}

/* ---- printing -------------------------------------------------------------------- */

static bool need_is_one_line(const struct need *need, const struct writer *writer)
{
	int columns = INDENT + glyph_columns(need->word) + 2 +
		      glyph_columns(need->text) + GAP + glyph_columns(need->command);

	return writer->width == 0 || columns <= writer->width;
}

size_t needs_lines(const struct needs *needs, const struct writer *writer)
{
	size_t lines = 1 + (needs->left_out > 0) + (needs->count == 0);

	for (size_t i = 0; i < needs->count; i++)
		lines += need_is_one_line(&needs->need[i], writer) ? 1 : 2;
	return lines;
}

void needs_print(struct writer *writer, const struct needs *needs)
{
	writer_put(writer, STYLE_HEAD, "needs a person");
	writer_end(writer);
	for (size_t i = 0; i < needs->count; i++) {
		const struct need *need = &needs->need[i];
		bool one_line = need_is_one_line(need, writer);

		writer_pad(writer, INDENT);
		writer_put(writer, need->style, "%s", need->word);
		writer_put(writer, STYLE_PLAIN, ": %s", need->text);
		if (!one_line)
			writer_end(writer);
		writer_put(writer, STYLE_PLAIN, "%*s", one_line ? GAP : 2 * INDENT, "");
		writer_put(writer, STYLE_DIM, "%s", need->command);
		writer_end(writer);
	}
	if (needs->left_out > 0)
		writer_line(writer, "  and %zu more: wipyctl report", needs->left_out);
	if (needs->count == 0)
		writer_line(writer, "  nothing");
}
