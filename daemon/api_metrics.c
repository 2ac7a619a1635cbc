/* SPDX-License-Identifier: MIT
 *
 * The API: figures for a monitoring system, as OpenMetrics text. States are counted when
 * they are asked for; what happens is counted where it does. Nothing is named by board
 * unless the settings ask for it: ten thousand boards would be ten thousand series each.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_private.h"

#define TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

static void family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# TYPE wipyd_%s %s\n# HELP wipyd_%s %s\n", name, type, name,
		help);
}

/* Of one whose name ends with the unit. */
static void family_of(FILE *out, const char *name, const char *type, const char *unit,
	const char *help)
{
	fprintf(out, "# TYPE wipyd_%s %s\n# UNIT wipyd_%s %s\n# HELP wipyd_%s %s\n",
		name, type, name, unit, name, help);
}

static void gauge(FILE *out, const char *name, const char *help, size_t value)
{
	family(out, name, "gauge", help);
	fprintf(out, "wipyd_%s %zu\n", name, value);
}

static void histogram(FILE *out, const char *name, const char *help,
	const struct histogram *histogram)
{
	uint64_t count = 0;

	family_of(out, name, "histogram", "seconds", help);
	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		count += histogram->bucket[i];
		fprintf(out, "wipyd_%s_bucket{le=\"%s\"} %llu\n", name,
			histogram_bound(i), (unsigned long long)count);
	}
	fprintf(out, "wipyd_%s_count %llu\nwipyd_%s_sum %llu.%06llu\n", name,
		(unsigned long long)count, name,
		(unsigned long long)(histogram->sum_us / 1000000),
		(unsigned long long)(histogram->sum_us % 1000000));
}

/* ---- boards ----------------------------------------------------------------------- */

struct board_counts {
	size_t reach[REACH_COUNT], access[ACCESS_COUNT], version[VERSION_COUNT];
	size_t condition[8];
};

static void count_boards(const struct engine *engine, struct board_counts *counts)
{
	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct board *board = &engine_board_at(engine, i)->board;

		counts->reach[board->reach]++;
		counts->access[board->access]++;
		counts->version[board->version]++;
		for (size_t c = 0; condition_name(c); c++)
			counts->condition[c] += (board->conditions >> c) & 1;
	}
}

static void put_state(FILE *out, const char *name, const char *state, size_t count)
{
	fprintf(out, "wipyd_%s{state=\"%s\"} %zu\n", name, state, count);
}

static void boards(FILE *out, const struct engine *engine)
{
	struct board_counts counts = {.reach = {0}};

	count_boards(engine, &counts);
	family(out, "boards_reach", "gauge", "Boards by whether they answer.");
	for (int i = 0; i < REACH_COUNT; i++)
		put_state(out, "boards_reach", reach_name((enum reach)i),
			counts.reach[i]);
	family(out, "boards_access", "gauge",
		"Boards by what is known of their login.");
	for (int i = 0; i < ACCESS_COUNT; i++)
		put_state(out, "boards_access", access_name((enum access)i),
			counts.access[i]);
	family(out, "boards_version", "gauge", "Boards by what they run.");
	for (int i = 0; i < VERSION_COUNT; i++)
		put_state(out, "boards_version", version_name((enum version_state)i),
			counts.version[i]);
	family(out, "boards_condition", "gauge",
		"Boards that have it; needs-hands: a person has to go there.");
	for (size_t i = 0; condition_name(i); i++)
		put_state(out, "boards_condition", condition_name(i),
			counts.condition[i]);
}

/* Sites may have names of any characters. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
}

static void put_board(FILE *out, const char *name, const struct engine_board *board)
{
	fprintf(out, "wipyd_%s{board=\"%s\",site=\"", name, board->board.name);
	put_label(out, engine_board_site(board));
	fputs("\"} ", out);
}

static void each_board(FILE *out, const struct engine *engine)
{
	family(out, "board_online", "gauge", "Whether the board answers.");
	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		put_board(out, "board_online", board);
		fprintf(out, "%d\n", board->board.reach == REACH_ONLINE);
	}
	family(out, "board_in_sync", "gauge", "Whether the board runs what it should.");
	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		put_board(out, "board_in_sync", board);
		fprintf(out, "%d\n", board->board.version == VERSION_IN_SYNC);
	}
}

/* ---- what was done ---------------------------------------------------------------- */

/* A word for each status that has one; errno has names of its own. */
static const char *result_word(int status)
{
	const char *word = wipy_errcode(status);

	if (status == 0)
		return "ok";
	return strcmp(word, "system-error") == 0 ? uv_err_name(status) : word;
}

static void results(
	FILE *out, const char *name, const char *help, const struct tally *tally)
{
	family(out, name, "counter", help);
	for (size_t i = 0; i < TALLY_ROWS && tally->row[i].count > 0; i++)
		fprintf(out, "wipyd_%s_total{result=\"%s\"} %llu\n", name,
			result_word(tally->row[i].key),
			(unsigned long long)tally->row[i].count);
	if (tally->others > 0)
		fprintf(out, "wipyd_%s_total{result=\"other\"} %llu\n", name,
			(unsigned long long)tally->others);
}

static void work(FILE *out, const struct engine *engine)
{
	const struct engine_tallies *tallies = engine_tallies(engine);
	size_t polls, pushes;

	engine_in_flight(engine, &polls, &pushes);
	results(out, "polls", "Polls by what they came to.", &tallies->polls);
	gauge(out, "polls_in_flight", "Polls under way.", polls);
	results(out, "pushes", "Uploads of images by what they came to.",
		&tallies->pushes);
	gauge(out, "pushes_in_flight", "Uploads under way.", pushes);
	family_of(out, "pushed_bytes", "counter", "bytes",
		"Bytes of images that boards have taken.");
	fprintf(out, "wipyd_pushed_bytes_total %llu\n",
		(unsigned long long)tallies->bytes);
	family(out, "tasks_ended", "counter",
		"Boards in rollouts by how it ended; without those that the plan "
		"settled.");
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (task_state_is_end((enum task_state)i))
			fprintf(out, "wipyd_tasks_ended_total{state=\"%s\"} %llu\n",
				task_state_name((enum task_state)i),
				(unsigned long long)tallies->ended[i]);
}

static void rollouts(FILE *out, const struct engine *engine)
{
	size_t counts[ROLLOUT_STATE_COUNT] = {0};

	for (size_t i = 0; i < engine_rollout_count(engine); i++)
		counts[engine_rollout_at(engine, i)->rollout.state]++;
	family(out, "rollouts", "gauge",
		"Rollouts by state: all that have not ended, and the latest that "
		"have.");
	for (int i = 0; i < ROLLOUT_STATE_COUNT; i++)
		put_state(out, "rollouts", rollout_state_name((enum rollout_state)i),
			counts[i]);
}

/* ---- the daemon itself ------------------------------------------------------------ */

static void store(FILE *out, struct engine *engine)
{
	struct store_figures figures;

	store_figures(engine_store(engine), &figures);
	family(out, "store_commits", "counter",
		"What was to be made durable, by whether it could be.");
	fprintf(out,
		"wipyd_store_commits_total{result=\"ok\"} %llu\n"
		"wipyd_store_commits_total{result=\"failed\"} %llu\n",
		(unsigned long long)figures.batches,
		(unsigned long long)figures.failed);
	histogram(out, "store_commit_seconds",
		"How long it took; what waited together is written at once.",
		&figures.commits);
	gauge(out, "store_queue", "Commits and reads that wait for the store.",
		figures.waiting);
	family_of(out, "store_database_bytes", "gauge", "bytes",
		"Size of the database file, without its log.");
	fprintf(out, "wipyd_store_database_bytes %lld\n", (long long)figures.bytes);
	gauge(out, "store_read_only",
		"1 while the state cannot be written: no rollout begins or goes on.",
		engine_read_only(engine));
}

static void put_answers(
	FILE *out, const struct tally *tally, const char *method, const char *path)
{
	for (size_t i = 0; i < TALLY_ROWS && tally->row[i].count > 0; i++)
		fprintf(out,
			"wipyd_api_requests_total{method=\"%s\",route=\"%s\","
			"status=\"%d\"} %llu\n",
			method, path, tally->row[i].key,
			(unsigned long long)tally->row[i].count);
}

static void requests(FILE *out, const struct api *api)
{
	struct api_route route;

	family(out, "api_requests", "counter",
		"Requests that were answered, by route and status.");
	for (size_t i = 0; api_route(i, &route); i++)
		put_answers(out, &api->answers[i], route.method, route.path);
	put_answers(out, &api->answers[API_ROUTES_MAX], "", "");
	gauge(out, "api_subscribers", "Who follows the events.",
		api_follower_count(api));
	if (api->gap)
		histogram(out, "loop_gap_seconds",
			"How long the daemon worked without listening.",
			&api->gap->gaps);
}

void api_get_metrics(struct api *api, struct http_request *request, const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)name;
	if (!out)
		abort();
	family(out, "build", "info", "Which wipyd this is.");
	fputs("wipyd_build_info{version=\"" PACKAGE_VERSION "\"} 1\n", out);
	boards(out, api->engine);
	if (api->metrics_per_board)
		each_board(out, api->engine);
	work(out, api->engine);
	rollouts(out, api->engine);
	store(out, api->engine);
	requests(out, api);
	fputs("# EOF\n", out);
	if (fclose(out) != 0)
		abort();
	http_answer(request, 200, TYPE, text, len);
	free(text);
}
