/* SPDX-License-Identifier: MIT
 *
 * The keys of maintenance windows: see the header.
 */
#include "config.h"

#include "daemon/edge/inventory_window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/inventory_parts.h"
#include "daemon/edge/inventory_zone.h"

#define WINDOW_FORM   "Mon-Fri 01:00-05:00, Sat,Sun 00:00-24:00 or 22:00-02:00"
#define BLACKOUT_FORM "2026-12-24, 2026-12-24..2027-01-02 or 12-24..01-02"

/* The text of a scalar without a NUL in it, or NULL. */
static const char *text_of(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return *text && strlen(text) == node->data.scalar.length ? text : NULL;
}

static bool read_zone(
	struct yaml_file *file, const yaml_node_t *node, struct site_windows *windows)
{
	const char *name = text_of(node);
	struct errtext error;

	if (!name || strlen(name) >= sizeof(windows->zone_name)) {
		yaml_problem(file, node,
			"'timezone': expected a name such as Europe/Berlin");
		return false;
	}
	strcpy(windows->zone_name, name);
	if (inventory_zone_load(name, &windows->zone, &error) == 0)
		return true;
	yaml_problem(file, node, "%s", error.text);
	return false;
}

static void tell_window(struct yaml_file *file, const yaml_node_t *node, int rc)
{
	const char *text = text_of(node);

	if (rc == -ERANGE)
		yaml_problem(file, node,
			"window '%.80s' ends as it begins: the whole day is "
			"00:00-24:00",
			text);
	else
		yaml_problem(file, node,
			"a window is written as " WINDOW_FORM ", found '%.80s'",
			text ? text : "");
}

static void tell_blackout(struct yaml_file *file, const yaml_node_t *node, int rc)
{
	const char *text = text_of(node);

	if (rc == -ERANGE)
		yaml_problem(
			file, node, "blackout '%.80s' ends before it begins", text);
	else
		yaml_problem(file, node,
			"a blackout is written as " BLACKOUT_FORM ", found '%.80s'",
			text ? text : "");
}

static bool read_windows(
	struct yaml_file *file, const yaml_node_t *node, struct windows *windows)
{
	const yaml_node_item_t *end,
		*item = yaml_check_list(file, node, "windows", 1, WINDOWS_MAX, &end);
	bool good = item != NULL;

	for (; item && item < end; item++) {
		const yaml_node_t *entry = yaml_file_node(file, *item);
		const char *text = text_of(entry);
		int rc = text ? window_parse(text, &windows->window[windows->count++])
			      : -EINVAL;

		if (rc < 0)
			tell_window(file, entry, rc);
		good = good && rc == 0;
	}
	return good;
}

static bool read_blackouts(
	struct yaml_file *file, const yaml_node_t *node, struct windows *windows)
{
	const yaml_node_item_t *end,
		*item = yaml_check_list(file, node, "blackout", 0, BLACKOUTS_MAX, &end);
	bool good = item != NULL;

	for (; item && item < end; item++) {
		const yaml_node_t *entry = yaml_file_node(file, *item);
		const char *text = text_of(entry);
		int rc = text ? blackout_parse(text,
					&windows->blackout[windows->blackout_count++])
			      : -EINVAL;

		if (rc < 0)
			tell_blackout(file, entry, rc);
		good = good && rc == 0;
	}
	return good;
}

struct site_windows *inventory_windows_read(
	struct yaml_file *file, const struct inventory_window_keys *keys)
{
	struct site_windows *windows;
	bool good = true;

	if (!keys->timezone && !keys->windows && !keys->blackout)
		return NULL;
	windows = inventory_array(1, sizeof(*windows));
	windows->windows.zone = &windows->zone;
	if (keys->timezone)
		good = read_zone(file, keys->timezone, windows);
	if (keys->windows)
		good = read_windows(file, keys->windows, &windows->windows) && good;
	if (keys->blackout)
		good = read_blackouts(file, keys->blackout, &windows->windows) && good;
	if (!keys->timezone) {
		yaml_problem(file, keys->windows ? keys->windows : keys->blackout,
			"the site has no 'timezone': write one such as Europe/Berlin "
			"or Etc/UTC, which its windows and blackouts are in");
		good = false;
	}
	if (good)
		return windows;
	inventory_windows_free(windows);
	return NULL;
}

void inventory_windows_free(struct site_windows *windows)
{
	free(windows);
}

/* ---- comparing ----------------------------------------------------------------------- */

static bool same_turn(const struct zone_turn *a, const struct zone_turn *b)
{
	return a->kind == b->kind && a->month == b->month && a->week == b->week &&
	       a->weekday == b->weekday && a->day == b->day && a->time_s == b->time_s;
}

static bool same_rule(const struct zone_rule *a, const struct zone_rule *b)
{
	return a->given == b->given && a->summer == b->summer &&
	       a->offset_s == b->offset_s && a->summer_offset_s == b->summer_offset_s &&
	       same_turn(&a->begin, &b->begin) && same_turn(&a->end, &b->end);
}

bool inventory_same_zone(
	const struct site_windows *one, const struct site_windows *other)
{
	const struct zone *a = &one->zone, *b = &other->zone;

	return strcmp(one->zone_name, other->zone_name) == 0 &&
	       a->first_offset_s == b->first_offset_s && a->count == b->count &&
	       memcmp(a->change_s, b->change_s, a->count * sizeof(*a->change_s)) == 0 &&
	       memcmp(a->offset_s, b->offset_s, a->count * sizeof(*a->offset_s)) == 0 &&
	       same_rule(&a->rule, &b->rule);
}

bool inventory_same_hours(const struct windows *a, const struct windows *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = a->window[i].days == b->window[i].days &&
		       a->window[i].begin_s == b->window[i].begin_s &&
		       a->window[i].end_s == b->window[i].end_s;
	return same;
}

bool inventory_same_blackouts(const struct windows *a, const struct windows *b)
{
	bool same = a->blackout_count == b->blackout_count;

	for (size_t i = 0; same && i < a->blackout_count; i++)
		same = a->blackout[i].yearly == b->blackout[i].yearly &&
		       a->blackout[i].first == b->blackout[i].first &&
		       a->blackout[i].last == b->blackout[i].last;
	return same;
}
