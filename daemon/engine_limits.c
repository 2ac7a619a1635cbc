/* SPDX-License-Identifier: MIT
 *
 * Limits in the engine: the brakes' budgets, the fault domains that the planner counts in, and the token
 * buckets that pushes share. A bucket is kept by name for as long as the engine lives, so
 * that a reload of the inventory changes its rate under the pushes that use it.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine_private.h"

enum kind {
	WHOLE_FLEET,
	SITE,
	ACCESS_POINT,
};

struct engine_bucket {
	struct engine_bucket *next;
	enum kind kind;
	char name[NAME_MAX_LEN];
	struct bucket bucket;
};

/* ---- domains --------------------------------------------------------------------- */

/* Domain 0 is "no site"; the sites, the access points and the rooms follow. A board that
 * is only kept until its task ends is in no place of the present inventory. */
struct task_domains engine_board_domains(const struct engine_board *board)
{
	struct task_domains domains = {{0, -1, -1}};
	const struct inventory *inventory;
	int points, rooms;

	if (!board || board->kept)
		return domains;
	inventory = board->engine->inventory;
	points = 1 + (int)inventory->site_count;
	rooms = points + (int)inventory->access_point_count;
	domains.index[0] = board->spec->site + 1;
	if (board->spec->access_point_at >= 0)
		domains.index[1] = points + board->spec->access_point_at;
	if (board->spec->room_at >= 0)
		domains.index[2] = rooms + board->spec->room_at;
	return domains;
}

/* The narrower of what the owner allows and what the rate feeds. */
static int pushes_at(int max_pushes, int64_t bandwidth)
{
	int fed = bucket_feeds(bandwidth);

	if (bandwidth == 0)
		return max_pushes;
	return max_pushes == 0 || fed < max_pushes ? fed : max_pushes;
}

int engine_pushes_max(const struct engine *engine)
{
	const struct settings *settings = engine->config.settings;

	return pushes_at((int)settings->pushes_max, settings->bandwidth);
}

static size_t domain_count(const struct inventory *inventory)
{
	return 1 + inventory->site_count + inventory->access_point_count +
	       inventory->room_count;
}

/* Their sizes and limits are those of the inventory: counted once for each. */
static const struct domain *idle_domains(struct engine *engine)
{
	const struct inventory *inventory = engine->inventory;
	size_t points = 1 + inventory->site_count;
	struct domain *domain;

	if (engine->idle_domains)
		return engine->idle_domains;
	domain = engine_alloc(domain_count(inventory), sizeof(*domain));
	for (size_t i = 0; i < inventory->site_count; i++)
		domain[i + 1].max_pushes = pushes_at(
			inventory->site[i].max_pushes, inventory->site[i].bandwidth);
	for (size_t i = 0; i < inventory->access_point_count; i++)
		domain[points + i].max_pushes =
			pushes_at(inventory->access_point[i].max_pushes,
				inventory->access_point[i].bandwidth);
	for (size_t i = 0; i < engine->board_count; i++) {
		struct task_domains in = engine_board_domains(engine->board[i]);

		for (int k = 0; k < TASK_DOMAINS; k++)
			if (in.index[k] >= 0)
				domain[in.index[k]].boards++;
	}
	engine->idle_domains = domain;
	return domain;
}

/* By tasks, not by boards: the planner reads them next, and all lie far apart. */
static int count_places(const struct engine_rollout *er, struct domain *domain)
{
	int count = 0;

	for (size_t i = 0; i < er->task_count; i++) {
		const struct engine_task *et = &er->task[i];
		struct task_domains in;

		if (!task_takes_place(&et->task) || !et->board || et->board->task != et)
			continue;
		in = engine_board_domains(et->board);
		count++;
		for (int k = 0; k < TASK_DOMAINS; k++)
			if (in.index[k] >= 0)
				domain[in.index[k]].in_flight++;
	}
	return count;
}

struct domain *engine_make_domains(struct engine *engine, int *ret_in_flight)
{
	size_t size = domain_count(engine->inventory) * sizeof(struct domain);
	struct domain *domain = engine_alloc(1, size);

	memcpy(domain, idle_domains(engine), size);
	*ret_in_flight = 0;
	for (size_t i = 0; i < engine->rollout_count; i++)
		if (!rollout_is_over(&engine->rollout[i]->rollout))
			*ret_in_flight += count_places(engine->rollout[i], domain);
	return domain;
}

struct forecast_line *engine_make_lines(
	const struct engine *engine, struct forecast_line *ret_all)
{
	const struct inventory *inventory = engine->inventory;
	size_t points = 1 + inventory->site_count;
	struct forecast_line *line =
		engine_alloc(domain_count(inventory), sizeof(*line));

	for (size_t i = 0; i < inventory->site_count; i++)
		line[i + 1].rate = inventory->site[i].bandwidth;
	for (size_t i = 0; i < inventory->access_point_count; i++)
		line[points + i].rate = inventory->access_point[i].bandwidth;
	*ret_all = (struct forecast_line){.rate = engine->config.settings->bandwidth};
	return line;
}

static const char *room_name(const struct inventory *inventory, int room)
{
	for (size_t i = 0; i < inventory->board_count; i++) {
		const struct board_spec *spec = &inventory->board[i];

		for (size_t k = 0; spec->room_at == room && k < spec->label_count; k++)
			if (strcmp(spec->label[k].key, "room") == 0)
				return spec->label[k].value;
	}
	return "";
}

void engine_domain_name(
	const struct engine *engine, int index, char ret_name[ENGINE_DOMAIN_MAX])
{
	const struct inventory *inventory = engine->inventory;
	int points = 1 + (int)inventory->site_count;
	int rooms = points + (int)inventory->access_point_count;

	if (index <= 0)
		snprintf(ret_name, ENGINE_DOMAIN_MAX, "no site");
	else if (index < points)
		snprintf(ret_name, ENGINE_DOMAIN_MAX, "site %s",
			inventory->site[index - 1].name);
	else if (index < rooms)
		snprintf(ret_name, ENGINE_DOMAIN_MAX, "access point %s",
			inventory->access_point[index - points].name);
	else
		snprintf(ret_name, ENGINE_DOMAIN_MAX, "room %.64s",
			room_name(inventory, index - rooms));
}

static bool is_fed(int64_t max_pushes, int64_t bandwidth)
{
	return bandwidth != 0 && pushes_at((int)max_pushes, bandwidth) != max_pushes;
}

bool engine_domain_is_fed(const struct engine *engine, int index)
{
	const struct inventory *inventory = engine->inventory;
	const struct settings *settings = engine->config.settings;
	int points = 1 + (int)inventory->site_count;

	if (index < 0)
		return is_fed(settings->pushes_max, settings->bandwidth);
	if (index == 0 || index >= points + (int)inventory->access_point_count)
		return false;
	if (index < points)
		return is_fed(inventory->site[index - 1].max_pushes,
			inventory->site[index - 1].bandwidth);
	index -= points;
	return is_fed(inventory->access_point[index].max_pushes,
		inventory->access_point[index].bandwidth);
}

/* ---- brakes ---------------------------------------------------------------------- */

struct brake_limits engine_brake_limits(const struct engine *engine)
{
	const struct settings *settings = engine->config.settings;

	return (struct brake_limits){
		.lost = {settings->brake_lost.value, settings->brake_lost.percent},
		.fell_back = {settings->brake_fell_back.value,
			settings->brake_fell_back.percent},
		.failed = {settings->brake_failed.value,
			settings->brake_failed.percent},
		.probe = {settings->brake_probe.value, settings->brake_probe.percent},
	};
}

void engine_count_brakes(const struct engine_rollout *er, enum reason brake,
	struct brake_limits *ret_limits, struct brake_counts *ret_counts,
	char ret_text[BRAKES_TEXT_MAX])
{
	*ret_limits = engine_brake_limits(er->engine);
	rollout_count(&er->rollout, er->view, er->task_count, ret_counts);
	brakes_say(ret_limits, ret_counts, brake, ret_text);
}

/* ---- buckets --------------------------------------------------------------------- */

static struct bucket *bucket_of(
	struct engine *engine, enum kind kind, const char *name, int64_t rate)
{
	struct engine_bucket *found = engine->buckets;

	while (found && (found->kind != kind || strcmp(found->name, name) != 0))
		found = found->next;
	/* Also where there is no limit yet: a reload may set one under this very push. */
	if (!found) {
		found = engine_alloc(1, sizeof(*found));
		found->kind = kind;
		snprintf(found->name, sizeof(found->name), "%s", name);
		found->next = engine->buckets;
		engine->buckets = found;
	}
	found->bucket.rate = rate;
	return &found->bucket;
}

void engine_fill_buckets(
	const struct engine_board *board, struct bucket *ret_bucket[FTP_PUSH_BUCKETS])
{
	struct engine *engine = board->engine;
	const struct inventory *inventory = engine->inventory;
	const struct board_spec *spec = board->spec;

	ret_bucket[0] =
		bucket_of(engine, WHOLE_FLEET, "", engine->config.settings->bandwidth);
	if (board->kept)
		return;
	if (spec->site >= 0)
		ret_bucket[1] =
			bucket_of(engine, SITE, inventory->site[spec->site].name,
				inventory->site[spec->site].bandwidth);
	if (spec->access_point_at >= 0)
		ret_bucket[2] = bucket_of(engine, ACCESS_POINT, spec->access_point,
			inventory->access_point[spec->access_point_at].bandwidth);
}

void engine_forget_domains(struct engine *engine)
{
	free(engine->idle_domains);
	engine->idle_domains = NULL;
}

void engine_set_rates(struct engine *engine)
{
	const struct inventory *inventory = engine->inventory;

	engine_forget_domains(engine);
	for (struct engine_bucket *at = engine->buckets; at; at = at->next) {
		int64_t rate = at->kind == WHOLE_FLEET ? at->bucket.rate : 0;

		for (size_t i = 0; i < inventory->site_count; i++)
			if (at->kind == SITE &&
				strcmp(inventory->site[i].name, at->name) == 0)
				rate = inventory->site[i].bandwidth;
		for (size_t i = 0; i < inventory->access_point_count; i++)
			if (at->kind == ACCESS_POINT &&
				strcmp(inventory->access_point[i].name, at->name) == 0)
				rate = inventory->access_point[i].bandwidth;
		at->bucket.rate = rate;
	}
}

void engine_free_buckets(struct engine *engine)
{
	while (engine->buckets) {
		struct engine_bucket *next = engine->buckets->next;

		free(engine->buckets);
		engine->buckets = next;
	}
}
