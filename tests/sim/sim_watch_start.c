/* SPDX-License-Identifier: MIT
 *
 * What may begin where, and when: limits, windows, approval, expiry, the order of
 * waves, the sample that the first wave is. Held against the owner's file and what
 * people said.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine_private.h"
#include "tests/sim/sim.h"

#define FED_BY 16000 /* bytes a second let one push in (wipyd.yaml(5)) */
#define NEED_S                                                                         \
	105             /* 180000 bytes at 8 KiB/s, and 90 s to return; some slack  \
                    */
#define SETTLE_MS 60000 /* what was begun under the file before may still go on */

/* What the owner says of the board; NULL while its task goes on under the file
 * before. */
static const struct sim_entry *place_of(const struct sim_board *board)
{
	const struct engine_board *eb = sim_engine_side(board);

	return eb && !eb->kept ? sim_entry_of(board) : NULL;
}

static int at_most(int pushes, int rate)
{
	int fed = rate > FED_BY ? rate / FED_BY : 1;

	if (rate == 0)
		return pushes > 0 ? pushes : INT_MAX;
	return pushes > 0 && pushes < fed ? pushes : fed;
}

/* ---- limits ----------------------------------------------------------------------- */

/* Rooms are numbered through all sites; boards of none have rooms of their own. */
static int room_of(const struct sim_entry *entry)
{
	return entry->room < 0 ? -1 : (entry->site + 1) * SIM_ROOMS + entry->room;
}

static int site_of(const struct sim_entry *entry)
{
	return entry->site;
}

static int point_of(const struct sim_entry *entry)
{
	return entry->point;
}

struct domain_rule {
	const char *where;
	int (*of)(const struct sim_entry *entry);
	int which;
	const struct sim_place *place; /* or NULL: it has no limits of its own */
};

static bool holds(const struct sim_board *board, const void *arg)
{
	const struct domain_rule *rule = arg;
	const struct sim_entry *entry = place_of(board);

	return entry && entry->listed && rule->of(entry) == rule->which;
}

static int share_of(const struct domain_rule *rule)
{
	int boards = 0, share;

	for (size_t i = 0; i < sim->board_count; i++)
		boards += sim->force.entry[i].listed &&
			  rule->of(&sim->force.entry[i]) == rule->which;
	share = (boards * (int)sim->settings->domain_share + 99) / 100;
	return share > 1 ? share : 1;
}

static void check_domain(const struct sim_board *board, const struct domain_rule *rule)
{
	int now = sim_pushes(holds, rule);

	if (now > share_of(rule))
		sim_complain("%s: %d pushes %s, its share is %d", board->name, now,
			rule->where, share_of(rule));
	if (rule->place && now > at_most(rule->place->max_pushes, rule->place->rate))
		sim_complain("%s: %d pushes %s, %d are allowed", board->name, now,
			rule->where,
			at_most(rule->place->max_pushes, rule->place->rate));
}

void sim_watch_limits(const struct sim_board *board)
{
	const struct sim_entry *entry = place_of(board);
	int all =
		at_most((int)sim->settings->pushes_max, (int)sim->settings->bandwidth);

	if (sim_pushes(NULL, NULL) > all)
		sim_complain("%s: %d pushes in flight, %d are allowed", board->name,
			sim_pushes(NULL, NULL), all);
	/* Who had a place keeps it until he is through. */
	if (!entry || sim->now_ms - sim->taken_ms < 60 * SETTLE_MS)
		return;
	if (entry->site >= 0)
		check_domain(board,
			&(struct domain_rule){"at its site", site_of, entry->site,
				&sim->force.site[entry->site].place});
	if (entry->point >= 0)
		check_domain(board,
			&(struct domain_rule){"behind its access point", point_of,
				entry->point, &sim->force.point[entry->point]});
	if (entry->room >= 0)
		check_domain(board, &(struct domain_rule){"in its room", room_of,
					    room_of(entry), NULL});
}

void sim_watch_rates(const struct sim_board *board, struct bucket *const *bucket)
{
	const struct sim_entry *entry = place_of(board);
	int64_t said[FTP_PUSH_BUCKETS] = {sim->settings->bandwidth};

	if (entry && entry->site >= 0)
		said[1] = sim->force.site[entry->site].place.rate;
	if (entry && entry->point >= 0)
		said[2] = sim->force.point[entry->point].rate;
	for (int i = 0; i < FTP_PUSH_BUCKETS; i++)
		if ((bucket[i] ? bucket[i]->rate : 0) != said[i])
			sim_complain("%s: pushed to at another rate than %lld",
				board->name, (long long)said[i]);
}

/* ---- when ------------------------------------------------------------------------- */

static void check_wishes(const struct sim_board *board, const struct rollout *rollout)
{
	const struct sim_wishes *own = sim_wishes_of(&rollout->id);
	const struct sim_wishes *undone = sim_wishes_of(&rollout->undo_of);

	/* Aborting with a revert is the wish for an undo of its own. */
	if (!own) {
		if (!undone || !undone->undone)
			sim_complain(
				"%s: pushed to, and nobody wanted it", board->name);
		return;
	}
	if (!own->approved)
		sim_complain(
			"%s: pushed to before its rollout was approved", board->name);
	if (own->expires_ms && board->granted_ms > own->expires_ms + 1000)
		sim_complain(
			"%s: a push began after its rollout had expired", board->name);
	if (own->stands_ms && sim->now_ms > own->stands_ms + SETTLE_MS / 4)
		sim_complain("%s: a push began while its rollout stands", board->name);
}

static void check_window(const struct sim_board *board)
{
	const struct sim_entry *entry = place_of(board);
	int64_t now_s = SIM_START_S + sim->now_ms / 1000;

	if (!entry || entry->site < 0 || sim->now_ms - sim->taken_ms < SETTLE_MS)
		return;
	if (!sim_site_is_open(&sim->force.site[entry->site], now_s, NEED_S))
		sim_complain("%s: a push began that cannot finish in the window of "
			     "its site",
			board->name);
}

struct shown {
	int tried, well, hurt;
};

static struct shown shown_by(const struct engine_rollout *er, int wave)
{
	struct shown shown = {0, 0, 0};

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		/* Who was away when it was the turn of his wave comes behind it. */
		if (task->wave != wave || task->late ||
			(task->state != TASK_CONFIRMED &&
				id_equal(&sim_board_named(task->board)->deferred_in,
					&task->rollout)))
			continue;
		shown.tried += task->attempted || task_state_in_flight(task->state);
		shown.well += task->state == TASK_CONFIRMED;
		shown.hurt +=
			task->since_s + 15 < engine_now_s() &&
			(task->state == TASK_FELL_BACK || task->state == TASK_FAILED);
	}
	return shown;
}

/* A wave shows first that the image is well, and nobody hurt in the first one is passed
 * over, but by a person. One in which nobody could be tried shows nothing. */
static void check_waves(const struct sim_board *board, const struct engine_task *et)
{
	const struct sim_wishes *wishes = sim_wishes_of(&et->task.rollout);
	struct shown shown = {0, 0, 0};

	if (et->task.wave <= 0 || et->task.late || !wishes || wishes->resumed)
		return;
	for (int wave = et->task.wave; wave > 0 && shown.tried == 0;)
		shown = shown_by(et->rollout, --wave);
	if (shown.tried > 0 && shown.well == 0)
		sim_complain("%s: a push of the next wave, and the one before has "
			     "shown nothing",
			board->name);
	if (shown_by(et->rollout, 0).hurt > 0)
		sim_complain("%s: a push after the first wave, which hurt boards",
			board->name);
}

/* Who comes late goes in small numbers. */
static void check_late(const struct sim_board *board, const struct engine_task *et)
{
	int under_way = 0;

	for (size_t i = 0; i < et->rollout->task_count; i++) {
		const struct task *task = &et->rollout->task[i].task;

		under_way += task->late && task_state_in_flight(task->state);
	}
	if (et->task.late && under_way > (int)sim->settings->catch_up_max)
		sim_complain("%s: %d boards catch up at once", board->name, under_way);
}

/* The engine keeps the places of a rollout's boards: against what they are now. */
static void check_kept_place(
	const struct sim_board *board, const struct engine_task *et)
{
	size_t at = (size_t)(et - et->rollout->task);
	struct task_domains domains = engine_board_domains(et->board);

	if (memcmp(&domains, &et->rollout->domains[at], sizeof(domains)) != 0 ||
		engine_task_window(et).windows != et->rollout->window[at].windows)
		sim_complain("%s: planned as if it were at another place", board->name);
}

void sim_watch_start(const struct sim_board *board, const struct engine_board *eb)
{
	const struct task *task = &eb->task->task;

	bool repairs = sim_is_repair(task);

	check_kept_place(board, eb->task);
	if (repairs && board->tries < 2) /* this one, and one before it */
		sim_complain("%s: a repair of what was never pushed", board->name);
	/* Repairing and disarming are no starts. */
	if (task->state != TASK_PUSHING || repairs)
		return;
	if (rollout_is_repair(&eb->task->rollout->rollout))
		return;
	check_wishes(board, &eb->task->rollout->rollout);
	check_window(board);
	check_waves(board, eb->task);
	check_late(board, eb->task);
	/* What it has begun it may bring to an end. */
	if (!sim_entry_of(board)->listed &&
		!id_equal(&board->begun_by, &task->rollout) &&
		sim->now_ms - sim->taken_ms > SETTLE_MS)
		sim_complain(
			"%s: a push began, and it has left the inventory", board->name);
}

/* ---- the first wave --------------------------------------------------------------- */

static const struct sim_board *device_of(const struct plan_entry *entry)
{
	return sim_board_named(entry->board->board.name);
}

static bool answers(const struct plan_entry *entry)
{
	return entry->wave >= 0 && (entry->board->board.reach == REACH_ONLINE ||
					   entry->board->board.reach == REACH_FLAPPING);
}

/* A board without a type stands for its family. */
static int type_of(const struct plan_entry *entry)
{
	const struct sim_entry *said = sim_entry_of(device_of(entry));

	return said->type >= 0 ? said->type : SIM_TYPES + (int)said->family;
}

static int site_after(const struct plan_entry *entry)
{
	return sim_entry_of(device_of(entry))->site + 1;
}

/* How many there are of them, and in *ret_missing of how many the first wave has
 * none. */
static size_t sample(const struct plan *plan, int (*of)(const struct plan_entry *entry),
	size_t *ret_missing)
{
	bool there[SIM_TYPES + WIPY_FAMILY_COUNT + SIM_SITES] = {false};
	bool taken[SIM_TYPES + WIPY_FAMILY_COUNT + SIM_SITES] = {false};
	size_t count = 0;

	for (size_t i = 0; i < plan->entry_count; i++) {
		there[of(&plan->entry[i])] |= answers(&plan->entry[i]);
		taken[of(&plan->entry[i])] |= plan->entry[i].wave == 0;
	}
	*ret_missing = 0;
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
		count += there[i];
		*ret_missing += there[i] && !taken[i];
	}
	return count;
}

void sim_watch_plan(const struct plan *plan)
{
	size_t types_missing, sites_missing;
	size_t types = sample(plan, type_of, &types_missing);
	size_t sites = sample(plan, site_after, &sites_missing);

	/* A share of a fault domain may leave no room for one. */
	if (plan->wave_count == 0 || sim->settings->domain_share < 100 ||
		plan->wave_size[0] < types + sites)
		return;
	if (types_missing + sites_missing > 0)
		sim_complain("a first wave of %zu boards lacks %zu types and %zu sites",
			plan->wave_size[0], types_missing, sites_missing);
}
