/* SPDX-License-Identifier: MIT
 *
 * The outlook of a plan: verdicts, risks, and the forecast of its waves.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine_outlook.h"
#include "daemon/engine_private.h"

/* What a plan is looked at with: answers that most of its boards share are kept. */
struct look {
	struct engine *engine;
	const struct plan *plan;
	struct outlook *outlook;
	int64_t now_s;
	/* Of types of boards (or families): how many the plan updates, and whether the
	 * release was confirmed on one. By name. */
	struct type_facts {
		const char *name;
		size_t planned;
		bool confirmed;
	} * type;
	size_t type_count;
	/* The latest answers. */
	struct task_window window;
	int64_t begin_s;
	enum wipy_family back_family;
	struct wipy_fingerprint back_fp;
	bool back_known, back_image;
};

static bool answers(const struct engine_board *board)
{
	return board->board.reach == REACH_ONLINE ||
	       board->board.reach == REACH_FLAPPING;
}

/* What is pushed to it; NULL: nothing, it is only reset or switched. */
static const struct release_image *image_of(
	const struct plan *plan, const struct plan_entry *entry)
{
	if (!plan->undo_of)
		return engine_image_for(entry->board, plan->release);
	return entry->method == UNDO_PUSH
		       ? engine_image_showing(entry->board, entry->wanted)
		       : NULL;
}

/* ---- types ----------------------------------------------------------------------- */

static struct type_facts *type_of(const struct look *look, const char *name)
{
	size_t low = 0, high = look->type_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(look->type[middle].name, name);

		if (order == 0)
			return &look->type[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_name(const void *va, const void *vb)
{
	const struct type_facts *a = va, *b = vb;

	return strcmp(a->name, b->name);
}

static void count_types(struct look *look)
{
	const struct plan *plan = look->plan;
	const struct engine *engine = look->engine;
	size_t names = 0;

	look->type = engine_alloc(plan->planned + 1, sizeof(*look->type));
	for (size_t i = 0; i < plan->entry_count; i++)
		if (plan->entry[i].state == TASK_PLANNED)
			look->type[names++] = (struct type_facts){
				engine_board_type(plan->entry[i].board), 1, false};
	qsort(look->type, names, sizeof(*look->type), by_name);
	for (size_t i = 0; i < names; i++) {
		struct type_facts *last = &look->type[look->type_count];

		if (look->type_count > 0 && by_name(last - 1, &look->type[i]) == 0)
			last[-1].planned++;
		else
			look->type[look->type_count++] = look->type[i];
	}
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];
		struct type_facts *type;

		if (strcmp(board->board.confirmed_release, plan_release_name(plan)))
			continue;
		type = type_of(look, engine_board_type(board));
		if (type)
			type->confirmed = true;
	}
}

/* ---- boards ---------------------------------------------------------------------- */

/* When the board's window lets it begin, as if it were there. */
static int64_t begin_s(struct look *look, const struct plan_entry *entry)
{
	struct task_window window =
		engine_board_window(entry->board, image_of(look->plan, entry));

	if (!window.windows)
		return look->now_s;
	if (look->window.windows != window.windows ||
		look->window.need_s != window.need_s) {
		look->window = window;
		look->begin_s =
			windows_next(window.windows, look->now_s, window.need_s);
	}
	return look->begin_s;
}

/* A release has the image that it runs. */
static bool has_back(struct look *look, const struct engine_board *board)
{
	const struct wipy_fingerprint *runs = &board->board.fingerprint;

	if (!board->board.has_fingerprint)
		return false;
	if (!look->back_known || look->back_family != board->spec->family ||
		!wipy_fingerprint_equal(&look->back_fp, runs)) {
		look->back_known = true;
		look->back_family = board->spec->family;
		look->back_fp = *runs;
		look->back_image = engine_image_showing(board, runs) != NULL;
	}
	return look->back_image;
}

static uint32_t risks(struct look *look, const struct plan_entry *entry)
{
	const struct engine_board *board = entry->board;
	const struct release_image *image = image_of(look->plan, entry);
	const struct type_facts *type = type_of(look, engine_board_type(board));
	struct risk_facts facts = {
		.answers = answers(board),
		.burns = engine_ledger_burns(board),
		.one_way = image && (image->warnings & WIPY_IMAGE_WARN_ONE_WAY),
		.modified = image && (image->warnings & WIPY_IMAGE_WARN_MODIFIED),
		.confirmed = type && type->confirmed,
		.alone = type && type->planned == 1,
		.runs_known = board->board.has_fingerprint,
		.back_image = has_back(look, board),
		.keeps_slot =
			wipy_family_facts(board->spec->family)->switch_statement[0] !=
			'\0',
	};

	return risks_of(&facts);
}

static void look_at(struct look *look, size_t at)
{
	const struct plan_entry *entry = &look->plan->entry[at];
	struct outlook_entry *seen = &look->outlook->entry[at];
	bool planned = entry->state == TASK_PLANNED;
	int64_t opens_s = planned ? begin_s(look, entry) : look->now_s;
	struct verdict_facts facts = {
		.state = entry->state,
		.reason = entry->reason,
		.answers = answers(entry->board),
		.closed = opens_s > look->now_s,
	};

	seen->verdict = verdict_of(&facts, &seen->reason);
	seen->opens_s = seen->verdict == VERDICT_HELD ? opens_s : 0;
	if (planned && !look->plan->undo_of)
		seen->risks = risks(look, entry);
	if (planned && !facts.answers)
		look->outlook->wave_away[entry->wave]++;
}

/* ---- the forecast ---------------------------------------------------------------- */

static void count_pace(struct outlook *outlook, const struct engine_board *board)
{
	const char *site = engine_board_site(board);
	struct outlook_pace *pace = NULL;

	/* Those of one site stand together: the latest is nearly always the one. */
	for (size_t i = outlook->pace_count; i-- > 0 && !pace;)
		if (outlook->pace[i].family == board->spec->family &&
			strcmp(outlook->pace[i].site, site) == 0)
			pace = &outlook->pace[i];
	if (!pace) {
		outlook->pace = realloc(outlook->pace,
			(outlook->pace_count + 1) * sizeof(*outlook->pace));
		if (!outlook->pace)
			abort();
		pace = &outlook->pace[outlook->pace_count++];
		*pace = (struct outlook_pace){
			.family = board->spec->family, .site = site};
		engine_pace_times(board, &pace->times);
		if (pace->times.from > outlook->from)
			outlook->from = pace->times.from;
	}
	pace->boards++;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* The pace is that of family and site: the image tells the family. */
static int compare_groups(const void *va, const void *vb)
{
	const struct forecast_group *a = va, *b = vb;
	int order = compare_numbers(a->wave, b->wave);

	for (int i = 0; i < TASK_DOMAINS && order == 0; i++)
		order = compare_numbers(a->domains.index[i], b->domains.index[i]);
	if (order == 0)
		order = compare_numbers(a->window.need_s, b->window.need_s);
	if (order == 0)
		order = compare_numbers(a->size, b->size);
	if (order == 0)
		order = compare_numbers(a->push_ms, b->push_ms);
	return order == 0 ? compare_numbers(a->rest_ms, b->rest_ms) : order;
}

struct forecast_group engine_forecast_group(
	const struct engine_board *board, int wave, int64_t size)
{
	struct forecast_group group = {
		.wave = wave,
		.domains = engine_board_domains(board),
		.size = size,
		.boards = 1,
	};
	struct pace_times times;

	engine_pace_times(board, &times);
	group.push_ms = group.size * 1000 / times.rate;
	group.rest_ms = PACE_LOOK_MS + times.reset_ms + times.return_ms;
	return group;
}

/* Boards that are alike become one group; returns how many there are. */
static size_t join_groups(struct forecast_group *group, size_t boards)
{
	size_t count = 0;

	qsort(group, boards, sizeof(*group), compare_groups);
	for (size_t i = 0; i < boards; i++)
		if (count > 0 && compare_groups(&group[count - 1], &group[i]) == 0)
			group[count - 1].boards++;
		else
			group[count++] = group[i];
	return count;
}

void engine_forecast(struct engine *engine, struct forecast_group *group, size_t boards,
	const struct forecast_soak *soak, struct forecast_wave *ret_waves,
	int wave_count)
{
	int in_flight;
	struct forecast_view view = {
		.now_s = engine_now_s(),
		.soak_s = soak->soak_s,
		.soaks_until_s = soak->until_s,
		.pushes_max = engine_pushes_max(engine),
		.domain_share = (int)engine->config.settings->domain_share,
		.domain = engine_make_domains(engine, &in_flight),
		.group = group,
		.group_count = join_groups(group, boards),
	};

	view.line = engine_make_lines(engine, &view.all);
	view.flight = engine_alloc((size_t)view.pushes_max, sizeof(*view.flight));
	/* Nothing else is under way, it is assumed. */
	for (size_t i = 0; i < view.group_count; i++)
		for (int k = 0; k < TASK_DOMAINS; k++)
			if (view.group[i].domains.index[k] >= 0)
				view.domain[view.group[i].domains.index[k]].in_flight =
					0;
	forecast_waves(&view, ret_waves, wave_count);
	free(view.domain);
	free(view.line);
	free(view.flight);
}

static void forecast(struct look *look)
{
	const struct plan *plan = look->plan;
	const struct forecast_soak soak = {.soak_s = plan->soak_s};
	struct forecast_group *group = engine_alloc(plan->planned + 1, sizeof(*group));
	size_t boards = 0;

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct plan_entry *entry = &plan->entry[i];
		const struct release_image *image = image_of(plan, entry);

		if (entry->state != TASK_PLANNED || !answers(entry->board))
			continue;
		group[boards] = engine_forecast_group(
			entry->board, entry->wave, image ? image->size : 0);
		group[boards++].window = engine_board_window(entry->board, image);
		count_pace(look->outlook, entry->board);
	}
	look->outlook->answering = boards;
	engine_forecast(look->engine, group, boards, &soak, look->outlook->wave,
		plan->wave_count);
	free(group);
}

void engine_outlook(
	struct engine *engine, const struct plan *plan, struct outlook *ret_outlook)
{
	struct look look = {
		.engine = engine,
		.plan = plan,
		.outlook = ret_outlook,
		.now_s = engine_now_s(),
	};

	*ret_outlook = (struct outlook){
		.entry = engine_alloc(
			plan->entry_count + 1, sizeof(*ret_outlook->entry)),
	};
	count_types(&look);
	for (size_t i = 0; i < plan->entry_count; i++)
		look_at(&look, i);
	forecast(&look);
	free(look.type);
}

void outlook_done(struct outlook *outlook)
{
	free(outlook->entry);
	free(outlook->pace);
	outlook->entry = NULL;
	outlook->pace = NULL;
}
