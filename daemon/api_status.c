/* SPDX-License-Identifier: MIT
 *
 * JSON of the fleet at a glance: counts, the rollouts under way, who needs a person.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/core/fleet_text.h"

/* ---- firmware -------------------------------------------------------------------- */

static int compare_fingerprints(const void *va, const void *vb)
{
	const struct wipy_fingerprint *const *a = va, *const *b = vb;
	int order = strcmp((*a)->tag, (*b)->tag);

	if (order == 0)
		order = strcmp((*a)->date, (*b)->date);
	return order ? order : strcmp((*a)->board, (*b)->board);
}

json_t *json_firmware(const struct engine *engine, const struct report_scope *scope)
{
	size_t boards = engine_board_count(engine), count = 0, same = 1;
	const struct wipy_fingerprint **seen = calloc(boards + 1, sizeof(*seen));
	json_t *list = json_array();

	if (!seen)
		abort();
	for (size_t i = 0; i < boards; i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.has_fingerprint && report_is_about(scope, board))
			seen[count++] = &board->board.fingerprint;
	}
	qsort(seen, count, sizeof(*seen), compare_fingerprints);
	for (size_t i = 0; i < count; i++, same++) {
		if (i + 1 < count && compare_fingerprints(&seen[i], &seen[i + 1]) == 0)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I}", "tag", seen[i]->tag,
				      "date", seen[i]->date, "board", seen[i]->board,
				      "count", (json_int_t)same));
		same = 0;
	}
	free(seen);
	return list;
}

/* ---- counts ---------------------------------------------------------------------- */

struct counts {
	size_t boards;
	size_t reach[REACH_COUNT], access[ACCESS_COUNT], version[VERSION_COUNT];
};

static void count_board(struct counts *counts, const struct board *board)
{
	counts->boards++;
	counts->reach[board->reach]++;
	counts->access[board->access]++;
	counts->version[board->version]++;
}

static json_t *json_counts(
	const size_t *counts, int len, const char *(*name)(int value))
{
	json_t *object = json_object();

	for (int i = 0; i < len; i++)
		if (counts[i] > 0)
			json_object_set_new(
				object, name(i), json_integer((json_int_t)counts[i]));
	return object;
}

static const char *reach_text(int value)
{
	return reach_name((enum reach)value);
}

static const char *access_text(int value)
{
	return access_name((enum access)value);
}

static const char *version_text(int value)
{
	return version_name((enum version_state)value);
}

/* ---- families and sites ---------------------------------------------------------- */

struct group {
	const char *name; /* of the family, of the site */
	struct counts counts;
	json_t *needs_hands; /* names; owned */
};

struct groups {
	struct group *group;
	size_t count, latest;
};

static struct group *find_group(struct groups *groups, const char *name)
{
	/* Boards that stand beside one another by name often belong together. */
	if (groups->count && strcmp(groups->group[groups->latest].name, name) == 0)
		return &groups->group[groups->latest];
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->group[i].name, name) == 0) {
			groups->latest = i;
			return &groups->group[i];
		}
	groups->group =
		reallocarray(groups->group, groups->count + 1, sizeof(*groups->group));
	if (!groups->group)
		abort();
	groups->latest = groups->count;
	groups->group[groups->count] =
		(struct group){.name = name, .needs_hands = json_array()};
	return &groups->group[groups->count++];
}

static void group_board(
	struct groups *groups, const char *name, const struct board *board)
{
	struct group *group = find_group(groups, name);

	count_board(&group->counts, board);
	if (board->conditions & CONDITION_NEEDS_HANDS)
		json_array_append_new(group->needs_hands, json_string(board->name));
}

static int compare_groups(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	return strcmp(a->name, b->name);
}

/* By name; frees them. */
static json_t *json_groups(struct groups *groups)
{
	json_t *list = json_array();

	if (groups->count)
		qsort(groups->group, groups->count, sizeof(*groups->group),
			compare_groups);
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->group[i];

		json_array_append_new(
			list, json_pack("{s:o, s:I, s:o, s:o, s:o}", "name",
				      json_text(group->name), "boards",
				      (json_int_t)group->counts.boards, "reach",
				      json_counts(group->counts.reach, REACH_COUNT,
					      reach_text),
				      "versions",
				      json_counts(group->counts.version, VERSION_COUNT,
					      version_text),
				      "needs_hands", group->needs_hands));
	}
	free(groups->group);
	return list;
}

/* ---- rollouts -------------------------------------------------------------------- */

static json_t *active_rollouts(const struct engine *engine, struct fleet_counts *counts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_rollout_count(engine); i++) {
		const struct engine_rollout *er = engine_rollout_at(engine, i);
		enum rollout_state state = rollout_drive(&er->rollout);

		if (rollout_is_over(&er->rollout))
			continue;
		json_array_append_new(list, json_rollout_line(er));
		counts->halted += state == ROLLOUT_HALTED;
		counts->unapproved += state == ROLLOUT_AWAITING_APPROVAL;
	}
	return list;
}

/* ---- all of it ------------------------------------------------------------------- */

static json_t *names_with(const struct engine *engine, uint32_t condition)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.conditions & condition)
			json_array_append_new(list, json_string(board->board.name));
	}
	return list;
}

static json_t *json_verdict(const struct engine *engine, const struct counts *counts,
	struct fleet_counts *fleet)
{
	char text[FLEET_TEXT_MAX];

	fleet->boards = counts->boards;
	fleet->online = counts->reach[REACH_ONLINE] + counts->reach[REACH_FLAPPING];
	fleet->in_sync = counts->version[VERSION_IN_SYNC];
	fleet->behind = counts->version[VERSION_BEHIND] +
			counts->version[VERSION_AHEAD] +
			counts->version[VERSION_FOREIGN] +
			counts->version[VERSION_CHANGED_BY_OTHERS];
	fleet->locked_out = counts->access[ACCESS_LOGIN_REFUSED] +
			    counts->access[ACCESS_WRONG_BOARD];
	fleet->read_only = engine_read_only(engine);
	fleet_say(fleet, text);
	return json_string(text);
}

static void count_conditions(const struct board *board, struct fleet_counts *fleet)
{
	fleet->dirty += (board->conditions & CONDITION_DIRTY) != 0;
	fleet->needs_hands += (board->conditions & CONDITION_NEEDS_HANDS) != 0;
}

json_t *json_status(const struct engine *engine)
{
	struct groups families = {NULL, 0, 0}, sites = {NULL, 0, 0};
	struct fleet_counts fleet = {0};
	struct counts all = {0};
	json_t *rollouts = active_rollouts(engine, &fleet);

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		count_board(&all, &board->board);
		count_conditions(&board->board, &fleet);
		group_board(&families, wipy_family_facts(board->spec->family)->name,
			&board->board);
		group_board(&sites, engine_board_site(board), &board->board);
	}
	return json_pack("{s:s, s:o, s:b, s:{s:o, s:I}, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, s:o}",
		"version", PACKAGE_VERSION, "verdict",
		json_verdict(engine, &all, &fleet), "read_only",
		engine_read_only(engine), "inventory", "path",
		json_text(engine_inventory(engine)->path), "boards",
		(json_int_t)engine_board_count(engine), "reach",
		json_counts(all.reach, REACH_COUNT, reach_text), "access",
		json_counts(all.access, ACCESS_COUNT, access_text), "versions",
		json_counts(all.version, VERSION_COUNT, version_text), "families",
		json_groups(&families), "sites", json_groups(&sites), "firmware",
		json_firmware(engine, NULL), "dirty",
		names_with(engine, CONDITION_DIRTY), "armed",
		names_with(engine, CONDITION_ARMED), "needs_hands",
		names_with(engine, CONDITION_NEEDS_HANDS), "rollouts", rollouts,
		"damaged_releases", json_damaged(engine));
}
