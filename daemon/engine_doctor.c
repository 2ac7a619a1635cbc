/* SPDX-License-Identifier: MIT
 *
 * The examination: files are read and looked at on the worker pool; what the engine knows is
 * added when that is done; core judges.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/examine.h"
#include "daemon/edge/inventory_zone.h"
#include "daemon/engine_private.h"

#define ANY_ZONE "Etc/UTC"
/* Permissions that none may have: of what is the daemon's alone, of what a group may use,
 * of what everybody may read. */
#define PRIVATE 0077u
#define SHARED  0007u
#define PUBLIC  0002u

struct findings {
	struct doctor_finding *finding;
	size_t count, cap;
};

struct examination {
	uv_work_t work;
	struct engine *engine;
	engine_examined_fn done;
	void *arg;
	struct findings findings;
	bool has_zones;
	struct errtext zone_fault;
	struct doctor_disk disk;
};

static void add(struct findings *findings, const struct doctor_finding *finding)
{
	if (findings->count == findings->cap) {
		findings->cap = findings->cap * 2 + 16;
		findings->finding = realloc(
			findings->finding, findings->cap * sizeof(*findings->finding));
		if (!findings->finding)
			abort();
	}
	findings->finding[findings->count++] = *finding;
}

/* ---- on the worker pool -------------------------------------------------------------- */

static void add_yaml(struct findings *findings, const char *check, const char *path,
	const struct yaml_problems *problems)
{
	const struct doctor_yaml facts = {.check = check,
		.path = path,
		.faults = problems->count + problems->more,
		.fault = problems->count ? problems->line[0] : ""};
	struct doctor_finding finding;

	doctor_yaml(&facts, &finding);
	add(findings, &finding);
}

/* These also find passwords, keys and tokens that others may read. */
static void read_files(struct examination *examination)
{
	const struct settings *settings = examination->engine->config.settings;
	struct settings *fresh = NULL;
	struct inventory *inventory = NULL;
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	if (settings->file)
		(void)!settings_read(settings->file, &problems, &fresh);
	add_yaml(&examination->findings, "settings", settings->file, &problems);
	yaml_problems_done(&problems);
	yaml_problems_init(&problems);
	(void)!inventory_read(settings->inventory, getenv("CREDENTIALS_DIRECTORY"),
		settings->poll_every_ms, &problems, &inventory);
	add_yaml(&examination->findings, "inventory", settings->inventory, &problems);
	yaml_problems_done(&problems);
	(void)settings_free(fresh);
	(void)inventory_free(inventory);
}

static void look_at(struct findings *findings, const char *check, const char *path,
	unsigned int forbidden, bool anybodys)
{
	struct doctor_finding finding;
	struct doctor_file facts;

	examine_file(check, path, forbidden, anybodys, &facts);
	doctor_file(&facts, &finding);
	add(findings, &finding);
}

static void look_at_files(struct examination *examination)
{
	const struct settings *settings = examination->engine->config.settings;
	struct findings *findings = &examination->findings;
	char database[4096];

	if (settings->file)
		look_at(findings, "settings-file", settings->file, PUBLIC, true);
	look_at(findings, "inventory-file", settings->inventory, PUBLIC, true);
	look_at(findings, "state-folder", settings->state_dir, PRIVATE, false);
	if (snprintf(database, sizeof(database), "%s/wipyd.db", settings->state_dir) <
		(int)sizeof(database))
		look_at(findings, "database", database, PRIVATE, false);
	look_at(findings, "socket", settings->socket, SHARED, false);
}

static void examine(uv_work_t *work)
{
	struct examination *examination = work->data;
	struct zone *zone = calloc(1, sizeof(*zone));

	if (!zone)
		abort();
	read_files(examination);
	look_at_files(examination);
	examine_disk(
		examination->engine->config.settings->state_dir, &examination->disk);
	examination->has_zones =
		inventory_zone_load(ANY_ZONE, zone, &examination->zone_fault) == 0;
	free(zone);
}

/* ---- on the loop --------------------------------------------------------------------- */

static void add_machine(struct examination *examination)
{
	const struct engine *engine = examination->engine;
	int status = engine_store_status(engine);
	struct doctor_clock clock = {.now_s = clock_now_s()};
	struct doctor_finding finding;

	if (engine_read_only(engine))
		examination->disk.store_fault = wipy_strerror(status);
	doctor_disk(&examination->disk, &finding);
	add(&examination->findings, &finding);
	for (size_t i = 0; i < engine_board_count(engine); i++) {
		int64_t seen_s = engine_board_at(engine, i)->board.seen_s;

		if (seen_s > clock.latest_s)
			clock.latest_s = seen_s;
	}
	doctor_clock(&clock, &finding);
	add(&examination->findings, &finding);
}

static void add_rules(struct examination *examination)
{
	const struct inventory *inventory = engine_inventory(examination->engine);
	const struct settings *settings = examination->engine->config.settings;
	const struct doctor_signatures signatures = {.policy = settings->trust.policy,
		.keys = settings->trust.key_count,
		.threshold = settings->trust.threshold,
		.channels = settings->channel_count};
	struct doctor_zones zones = {.sites = inventory->site_count,
		.fault = examination->has_zones ? NULL : examination->zone_fault.text};
	struct doctor_finding finding;

	for (size_t i = 0; i < inventory->site_count; i++)
		zones.zoned += inventory->site[i].windows != NULL;
	doctor_zones(&zones, &finding);
	add(&examination->findings, &finding);
	doctor_signatures(&signatures, &finding);
	add(&examination->findings, &finding);
}

static void count_board(struct doctor_site *site, const struct board *board)
{
	site->boards++;
	site->online += board->reach == REACH_ONLINE || board->reach == REACH_FLAPPING;
	site->never_seen += board->reach == REACH_NEVER_SEEN;
	site->login_refused += board->access == ACCESS_LOGIN_REFUSED;
	site->wrong_board += board->access == ACCESS_WRONG_BOARD;
}

/* The boards without a site come last. */
static void add_sites(struct examination *examination)
{
	const struct engine *engine = examination->engine;
	const struct inventory *inventory = engine_inventory(engine);
	size_t count = inventory->site_count;
	struct doctor_site *sites = calloc(count + 1, sizeof(*sites));
	struct doctor_finding finding;

	if (!sites)
		abort();
	for (size_t i = 0; i < count; i++)
		sites[i].name = inventory->site[i].name;
	sites[count].name = "";
	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		/* A kept one has the site of an inventory that is gone. */
		if (!board->kept)
			count_board(&sites[board->spec->site < 0
						    ? count
						    : (size_t)board->spec->site],
				&board->board);
	}
	for (size_t i = 0; i <= count; i++) {
		if (sites[i].boards == 0)
			continue;
		doctor_site(&sites[i], &finding);
		add(&examination->findings, &finding);
	}
	free(sites);
}

static void examined(uv_work_t *work, int status)
{
	struct examination *examination = work->data;

	examination->engine->examining = false;
	if (status == 0) {
		add_machine(examination);
		add_rules(examination);
		add_sites(examination);
	}
	examination->done(examination->arg, examination->findings.finding,
		examination->findings.count);
	engine_unhold(examination->engine);
	free(examination->findings.finding);
	free(examination);
}

int engine_examine(struct engine *engine, engine_examined_fn done, void *arg)
{
	struct examination *examination;
	int rc;

	if (engine->examining)
		return -EBUSY;
	examination = calloc(1, sizeof(*examination));
	if (!examination)
		abort();
	*examination = (struct examination){
		.work.data = examination, .engine = engine, .done = done, .arg = arg};
	rc = uv_queue_work(engine->loop, &examination->work, examine, examined);
	if (rc < 0) {
		free(examination);
		return rc;
	}
	engine->examining = true;
	engine_hold(engine);
	return 0;
}
