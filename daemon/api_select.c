/* SPDX-License-Identifier: MIT
 *
 * The API: selectors themselves: how one was read, the saved ones, and the names that a
 * person may type in them.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define NAMES_DEFAULT 50
#define NAMES_MAX     1000

int api_query_select(
	struct api *api, struct http_request *request, struct selector *ret_selector)
{
	struct errtext error;

	if (engine_parse_selector(api->engine, http_query(request, "select"),
		    ret_selector, &error) == 0)
		return 0;
	api_problem(request, 400, "usage", "docs/selectors.md has the grammar", "%s",
		error.text);
	return -1;
}

/* ---- how it was read ------------------------------------------------------------- */

struct reading {
	const struct selector *selector;
	size_t boards[SELECTOR_NODES];
	json_t *parts;
};

static json_t *json_text_of(const struct selector *selector, size_t index)
{
	const struct selector_node *node = &selector->node[index];
	char text[2 * SELECTOR_TEXT_MAX];

	if (node->op == SELECTOR_SET)
		snprintf(text, sizeof(text), "@%.*s", (int)node->name.len,
			selector->text + node->name.at);
	/* Far more than can be asked for. */
	else if (selector_format_node(selector, index, text, sizeof(text)) < 0)
		text[0] = '\0';
	return json_text(text);
}

/* Each part before what it is made of. `a, b, c` is one, not one in another. */
static void add_part(
	struct reading *reading, size_t index, int depth, enum selector_op inside)
{
	static const char *const words[] = {[SELECTOR_TERM] = "term",
		[SELECTOR_NOT] = "not",
		[SELECTOR_AND] = "and",
		[SELECTOR_OR] = "or",
		[SELECTOR_SET] = "set"};
	const struct selector_node *node = &reading->selector->node[index];
	bool joins = node->op == SELECTOR_AND || node->op == SELECTOR_OR;

	if (!joins || node->op != inside)
		json_array_append_new(reading->parts,
			json_pack("{s:i, s:s, s:o, s:I}", "depth", depth++, "is",
				words[node->op], "text",
				json_text_of(reading->selector, index), "boards",
				(json_int_t)reading->boards[index]));
	if (node->op == SELECTOR_TERM)
		return;
	add_part(reading, node->left, depth, node->op);
	if (joins)
		add_part(reading, node->right, depth, node->op);
}

static void answer_reading(
	struct api *api, struct http_request *request, struct reading *reading)
{
	size_t total = engine_board_count(api->engine), boards = total;
	size_t count = reading->selector->count;

	reading->parts = json_array();
	if (count > 0) {
		engine_count_selector(api->engine, reading->selector, reading->boards);
		boards = reading->boards[count - 1];
		add_part(reading, count - 1, 0, SELECTOR_TERM);
	}
	api_answer(request, 200,
		json_pack("{s:o, s:I, s:I, s:o}", "select",
			json_text(reading->selector->text), "boards",
			(json_int_t)boards, "of", (json_int_t)total, "parts",
			reading->parts));
}

void api_get_selectors(struct api *api, struct http_request *request, const char *name)
{
	struct selector *selector = calloc(1, sizeof(*selector));
	struct reading *reading = calloc(1, sizeof(*reading));

	(void)name;
	if (!selector || !reading)
		abort();
	reading->selector = selector;
	if (api_query_select(api, request, selector) == 0)
		answer_reading(api, request, reading);
	free(reading);
	free(selector);
}

/* ---- saved ones ------------------------------------------------------------------ */

void api_get_sets(struct api *api, struct http_request *request, const char *name)
{
	const struct inventory *inventory = engine_inventory(api->engine);
	json_t *list = json_array();

	(void)name;
	for (size_t i = 0; i < inventory->set_count; i++) {
		const struct selector_set *set = &inventory->set[i];
		struct selector selector;
		struct errtext ignored;
		size_t boards = 0;

		if (engine_parse_selector(api->engine, set->text, &selector, &ignored) <
			0)
			continue; /* never: the inventory has been checked */
		for (size_t k = 0; k < engine_board_count(api->engine); k++)
			boards += engine_board_matches(
				engine_board_at(api->engine, k), &selector);
		json_array_append_new(list,
			json_pack("{s:s, s:o, s:I}", "name", set->name, "select",
				json_text(set->text), "boards", (json_int_t)boards));
	}
	api_answer(request, 200, json_pack("{s:o}", "sets", list));
}

/* ---- names ----------------------------------------------------------------------- */

/* The first `limit` of all that were added, in order, each once. */
struct names {
	const char *prefix;
	size_t limit, count;
	char (*name)[256];
};

static void add_name(struct names *names, const char *name)
{
	size_t at = names->count;
	int order = 1;

	if (!name[0] || strlen(name) >= sizeof(*names->name) ||
		strncmp(name, names->prefix, strlen(names->prefix)) != 0)
		return;
	while (at > 0 && (order = strcmp(name, names->name[at - 1])) < 0)
		at--;
	if ((at > 0 && order == 0) || at == names->limit)
		return;
	if (names->count == names->limit)
		names->count--;
	memmove(names->name + at + 1, names->name + at,
		(names->count++ - at) * sizeof(*names->name));
	memcpy(names->name[at], name, strlen(name) + 1);
}

static void add_boards(const struct engine *engine, struct names *names)
{
	for (size_t i = 0; i < engine_board_count(engine); i++)
		add_name(names, engine_board_at(engine, i)->board.name);
}

static void add_releases(struct engine *engine, struct names *names)
{
	const struct catalogue *catalogue = engine_catalogue(engine);

	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		add_name(names, catalogue_at(catalogue, i)->name);
}

static void add_rollouts(const struct engine *engine, struct names *names)
{
	char id[ID_TEXT_MAX];

	for (size_t i = 0; i < engine_rollout_count(engine); i++) {
		id_format(&engine_rollout_at(engine, i)->rollout.id, id);
		add_name(names, id);
	}
}

static void add_sets(const struct engine *engine, struct names *names)
{
	const struct inventory *inventory = engine_inventory(engine);

	for (size_t i = 0; i < inventory->set_count; i++)
		add_name(names, inventory->set[i].name);
}

static void add_channels(const struct engine *engine, struct names *names)
{
	struct channel_view channel;

	for (size_t i = 0; engine_channel_view(engine, i, &channel); i++)
		add_name(names, channel.name);
}

static void add_keys(const struct engine *engine, struct names *names)
{
	const struct inventory *inventory = engine_inventory(engine);

	for (int key = 0; key < SELECTOR_LABEL; key++)
		add_name(names, selector_key_name((enum selector_key)key));
	for (size_t i = 0; i < inventory->label_count; i++)
		add_name(names, inventory->label[i]);
}

/* Those that boards have now. */
static void add_values(
	const struct engine *engine, const char *key, struct names *names)
{
	enum selector_key which = selector_key_by_name(key);
	const char *value;

	for (size_t i = 0; i < engine_board_count(engine); i++)
		for (size_t k = 0; (value = engine_board_value(
					    engine_board_at(engine, i), which, key, k));
			k++)
			add_name(names, value);
}

static bool add_kind(
	struct engine *engine, const char *kind, const char *key, struct names *names)
{
	if (strcmp(kind, "board") == 0)
		add_boards(engine, names);
	else if (strcmp(kind, "release") == 0)
		add_releases(engine, names);
	else if (strcmp(kind, "rollout") == 0)
		add_rollouts(engine, names);
	else if (strcmp(kind, "channel") == 0)
		add_channels(engine, names);
	else if (strcmp(kind, "set") == 0)
		add_sets(engine, names);
	else if (strcmp(kind, "key") == 0)
		add_keys(engine, names);
	else if (strcmp(kind, "value") == 0)
		add_values(engine, key, names);
	else
		return false;
	return true;
}

void api_get_names(struct api *api, struct http_request *request, const char *name)
{
	const char *kind = http_query(request, "kind"),
		   *key = http_query(request, "key");
	const char *prefix = http_query(request, "prefix");
	struct names names = {.prefix = prefix ? prefix : ""};
	uint64_t limit = NAMES_DEFAULT;
	json_t *list;

	(void)name;
	if (api_query_number(request, "limit", NAMES_MAX, &limit))
		return;
	names.limit = (size_t)limit;
	names.name = calloc(names.limit + 1, sizeof(*names.name));
	if (!names.name)
		abort();
	list = json_array();
	if (add_kind(api->engine, kind ? kind : "", key ? key : "", &names)) {
		for (size_t i = 0; i < names.count; i++)
			json_array_append_new(list, json_text(names.name[i]));
		api_answer(request, 200, json_pack("{s:O}", "names", list));
	} else {
		api_problem(request, 400, "usage", "",
			"kind must be board, release, rollout, channel, set, key or "
			"value");
	}
	json_decref(list);
	free(names.name);
}
