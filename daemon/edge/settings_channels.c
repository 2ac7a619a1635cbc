/* SPDX-License-Identifier: MIT
 *
 * Channels: where new releases are looked for on a schedule.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/edge/settings.h"
#include "daemon/edge/settings_releases.h"

#define CHANNELS_MAX 16
#define URL_MAX      1023
#define MINUTE_MS    INT64_C(60000)
#define DAY_MS       (24 * 60 * MINUTE_MS)

static const struct yaml_key table[] = {
	{"url", YAML_KEY_STRING, offsetof(struct release_channel, url), 8, URL_MAX,
		true},
	{"every", YAML_KEY_DURATION, offsetof(struct release_channel, every_ms),
		MINUTE_MS, 30 * DAY_MS, false},
	{NULL, 0, 0, 0, 0, false},
};

static bool take_name(struct yaml_file *file, const yaml_node_t *node,
	struct release_channel *channel)
{
	const char *name = node->type == YAML_SCALAR_NODE
				   ? (const char *)node->data.scalar.value
				   : "";

	if (!wipy_text_is_name(name, NAME_MAX_LEN)) {
		yaml_problem(file, node,
			"a channel is named by letters, digits, '-', '_' and '.', at "
			"most 63");
		return false;
	}
	memcpy(channel->name, name, strlen(name) + 1);
	return true;
}

static bool is_second(const struct release_channel *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(list[i].name, list[at].name) == 0)
			return true;
	return false;
}

static bool read_channel(struct yaml_file *file, const yaml_node_pair_t *pair,
	struct release_channel *list, size_t at)
{
	const yaml_node_t *name = yaml_file_node(file, pair->key);
	bool good = take_name(file, name, &list[at]);

	list[at].every_ms = DAY_MS / 4;
	good = yaml_check_mapping(
		       file, yaml_file_node(file, pair->value), table, &list[at]) &&
	       good;
	if (good && is_second(list, at)) {
		yaml_problem(file, name, "repeated channel '%s'", list[at].name);
		return false;
	}
	return good;
}

bool settings_read_channels(struct yaml_file *file, const yaml_node_t *node,
	struct release_channel **ret_channel, size_t *ret_count)
{
	const yaml_node_pair_t *pair, *end;
	bool good = true;

	if (node->type != YAML_MAPPING_NODE) {
		yaml_problem(file, node,
			"'channels': expected names, each with url and every");
		return false;
	}
	pair = node->data.mapping.pairs.start;
	end = node->data.mapping.pairs.top;
	if (end - pair > CHANNELS_MAX) {
		yaml_problem(file, node, "'channels': there can be %d, found %zu",
			CHANNELS_MAX, (size_t)(end - pair));
		return false;
	}
	*ret_channel = calloc((size_t)(end - pair) + 1, sizeof(**ret_channel));
	if (!*ret_channel)
		abort();
	for (; pair < end; pair++)
		good = read_channel(file, pair, *ret_channel, (*ret_count)++) && good;
	return good;
}
