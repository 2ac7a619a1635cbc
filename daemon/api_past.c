/* SPDX-License-Identifier: MIT
 *
 * The API: boards, rollouts and tasks as they were at a time. The store tells what they
 * were; what only the inventory says (family, address, site, labels) is as it is now.
 * Of boards that it has no more it is what the store knows.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

struct past_answer {
	struct api *api;
	struct http_request *request;
	int64_t at_s;
	struct api_page page; /* of boards */
	bool tasks;           /* of a rollout, instead of itself */
	struct task_choice choice;
	bool why; /* of a board, instead of itself */
	char name[NAME_MAX_LEN];
};

static struct past_answer *answer_new(
	struct api *api, struct http_request *request, int64_t at_s, const char *name)
{
	struct past_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		abort();
	answer->api = api;
	answer->request = request;
	answer->at_s = at_s;
	snprintf(answer->name, sizeof(answer->name), "%s", name);
	return answer;
}

bool api_past_is_missing(struct api *api, struct http_request *request, int64_t at_s,
	int status, int64_t begins_s)
{
	char begins[WIPY_UTC_MAX];

	if (!api->engine) {
		api_problem(request, 503, "stopping", "", "wipyd is stopping");
	} else if (status == WIPY_E_PRUNED && wipy_utc_format(begins_s, begins) == 0) {
		api_problem(request, 404, wipy_errcode(status),
			"what was exported before stays in its files",
			"what was before %s has been pruned", begins);
	} else if (status < 0) {
		api_problem(request, 500, wipy_errcode(status), "see the log of wipyd",
			"the history could not be read: %s", wipy_strerror(status));
	} else if (begins_s == 0 || wipy_utc_format(begins_s, begins) < 0) {
		api_problem(request, 404, "no-such-time", "",
			"no history has been kept yet");
	} else if (at_s < begins_s) {
		api_problem(request, 404, "no-such-time", "",
			"nothing is known of that time: the history begins at %s",
			begins);
	} else {
		return false;
	}
	return true;
}

static bool nothing_known(
	const struct past_answer *answer, int status, int64_t begins_s)
{
	return api_past_is_missing(
		answer->api, answer->request, answer->at_s, status, begins_s);
}

/* ---- boards ---------------------------------------------------------------------- */

#define ROLLOUTS_MAX 100 /* in a list of the past */

/* The board, its task and rollout as they were, joined as the engine joins them. */
struct past_board {
	struct engine_board board;
	struct engine_task task;
	struct board_spec left; /* of one that has left the inventory since */
	char address[PLACE_MAX];
};

static bool rollout_was_active(
	const struct store_snapshot *past, const struct id *rollout)
{
	for (size_t i = 0; i < past->rollout_count; i++)
		if (id_equal(&past->rollout[i].id, rollout))
			return !rollout_is_over(&past->rollout[i]);
	return false;
}

static int by_board(const void *va, const void *vb)
{
	const struct task *const *a = va, *const *b = vb;

	return strcmp((*a)->board, (*b)->board);
}

const struct task **api_past_tasks(const struct store_snapshot *past)
{
	const struct task **tasks =
		calloc(past->task_count + 1, sizeof(const struct task *));

	if (!tasks)
		abort();
	for (size_t i = 0; i < past->task_count; i++)
		tasks[i] = &past->task[i];
	qsort(tasks, past->task_count, sizeof(const struct task *), by_board);
	return tasks;
}

const struct task *api_past_task(
	const struct task *const *tasks, size_t count, const char *board)
{
	struct task wanted;
	const struct task *key = &wanted, *const * found;

	snprintf(wanted.board, sizeof(wanted.board), "%s", board);
	found = bsearch(&key, tasks, count, sizeof(const struct task *), by_board);
	return found ? *found : NULL;
}

/* `task`: its latest one; NULL: it had none. */
static void join_task(const struct store_snapshot *past, const struct task *task,
	struct past_board *board)
{
	if (!task || task_state_is_end(task->state) ||
		(task->late && task->state == TASK_DEFERRED) ||
		!rollout_was_active(past, &task->rollout))
		return;
	board->task.task = *task;
	board->board.task = &board->task;
}

/* By its firmware and its slots, which every family has in another way. */
static enum wipy_family family_of(const struct board *record)
{
	const struct wipy_fingerprint *shown = &record->fingerprint;

	for (int i = WIPY_FAMILY_UNKNOWN + 1; i < WIPY_FAMILY_COUNT; i++) {
		enum wipy_family family = (enum wipy_family)i;

		if (record->has_fingerprint &&
			strcmp(wipy_family_facts(family)->mcu, shown->mcu) == 0 &&
			ledger_kind_of(family, shown->board) == record->ledger.kind)
			return family;
	}
	return WIPY_FAMILY_UNKNOWN;
}

/* As much of what the inventory said as the store has kept. */
static void fill_left(const struct board *record, struct past_board *past)
{
	char *port;

	memcpy(past->address, record->place, sizeof(past->address));
	port = strchr(past->address, ' ');
	if (port)
		*port++ = '\0';
	past->left.address = past->address;
	past->left.telnet_port = port ? (uint16_t)strtoul(port, NULL, 10) : 0;
	past->left.family = family_of(record);
	past->left.site = past->left.access_point_at = past->left.room_at = -1;
	past->board.spec = &past->left;
	past->board.kept = true; /* no place of the inventory is its own */
}

/* *ret_left: it has left the inventory since. */
static void join_board(struct engine *engine, const struct store_snapshot *past,
	const struct board *record, const struct task *task,
	struct past_board *ret_board, bool *ret_left)
{
	const struct engine_board *now = engine_find_board(engine, record->name);

	memset(ret_board, 0, sizeof(*ret_board));
	ret_board->board.engine = engine;
	ret_board->board.board = *record;
	*ret_left = now == NULL;
	if (now) {
		ret_board->board.spec = now->spec;
		ret_board->board.kept = now->kept;
	} else {
		fill_left(record, ret_board);
	}
	join_task(past, task, ret_board);
}

static void boards_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past_answer *answer = arg;
	struct past_board *boards;
	const struct engine_board **list;
	const struct task **tasks;
	json_t *gone, *body;
	size_t count = 0;

	if (nothing_known(answer, status, begins_s)) {
		free(answer);
		return;
	}
	boards = calloc(past->board_count + 1, sizeof(*boards));
	list = calloc(past->board_count + 1, sizeof(const struct engine_board *));
	tasks = api_past_tasks(past);
	gone = json_array();
	if (!boards || !list)
		abort();
	for (size_t i = 0; i < past->board_count; i++) {
		bool left;

		if (past->board[i].reach == REACH_RETIRED) /* it was not there then */
			continue;
		join_board(answer->api->engine, past, &past->board[i],
			api_past_task(tasks, past->task_count, past->board[i].name),
			&boards[count], &left);
		if (left)
			json_array_append_new(gone, json_text(past->board[i].name));
		list[count] = &boards[count].board;
		count++;
	}
	body = api_boards_page(&answer->page, list, count);
	json_object_set_new(body, "as_of", json_time(answer->at_s));
	json_object_set_new(body, "gone", gone);
	api_answer(answer->request, 200, body);
	free(tasks);
	free(list);
	free(boards);
	free(answer);
}

void api_past_boards(struct api *api, struct http_request *request, int64_t at_s,
	const struct api_page *page)
{
	struct past_answer *answer = answer_new(api, request, at_s, "");

	answer->page = *page;
	store_read_past_boards(
		engine_store(api->engine), NULL, at_s, boards_read, answer);
}

static void board_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past_answer *answer = arg;
	struct past_board board;
	bool left;

	if (nothing_known(answer, status, begins_s)) {
		free(answer);
		return;
	}
	if (past->board_count == 1 && answer->why) {
		join_board(answer->api->engine, past, &past->board[0],
			past->task_count ? &past->task[0] : NULL, &board, &left);
		api_past_why(answer->request, &board.board,
			past->task_count ? &past->task[0] : NULL,
			past->rollout_count ? &past->rollout[0] : NULL, answer->at_s);
	} else if (past->board_count == 1) {
		json_t *detail;

		join_board(answer->api->engine, past, &past->board[0],
			past->task_count ? &past->task[0] : NULL, &board, &left);
		detail = json_board_detail(&board.board);
		json_object_set_new(detail, "events", json_array());
		api_answer(answer->request, 200,
			json_pack("{s:o, s:o}", "board", detail, "as_of",
				json_time(answer->at_s)));
	} else {
		api_problem(answer->request, 404, "no-such-board", "",
			"nothing was known of %s at that time", answer->name);
	}
	free(answer);
}

void api_past_board(struct api *api, struct http_request *request, int64_t at_s,
	const char *name, bool why)
{
	struct past_answer *answer = answer_new(api, request, at_s, name);

	answer->why = why;
	store_read_past_boards(
		engine_store(api->engine), name, at_s, board_read, answer);
}

/* ---- rollouts -------------------------------------------------------------------- */

static void answer_list(
	const struct past_answer *answer, const struct store_snapshot *past)
{
	json_t *list = json_array();

	for (size_t i = 0; i < past->rollout_count; i++) {
		struct engine_rollout then = {.rollout = past->rollout[i]};

		json_array_append_new(list, json_rollout_line(&then));
	}
	api_answer(answer->request, 200,
		json_pack("{s:o, s:o}", "rollouts", list, "as_of",
			json_time(answer->at_s)));
}

static void list_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past_answer *answer = arg;

	if (!nothing_known(answer, status, begins_s))
		answer_list(answer, past);
	free(answer);
}

void api_past_rollouts(struct api *api, struct http_request *request, int64_t at_s)
{
	store_read_past_rollouts(engine_store(api->engine), at_s, ROLLOUTS_MAX,
		list_read, answer_new(api, request, at_s, ""));
}

static void answer_rollout(
	const struct past_answer *answer, const struct store_snapshot *past)
{
	struct engine_rollout then = {.engine = answer->api->engine,
		.rollout = past->rollout[0],
		.durable = true,
		.task_count = past->task_count};
	json_t *body;

	then.task = calloc(past->task_count + 1, sizeof(*then.task));
	then.view = calloc(past->task_count + 1, sizeof(*then.view));
	if (!then.task || !then.view)
		abort();
	for (size_t i = 0; i < past->task_count; i++) {
		then.task[i].task = past->task[i];
		then.task[i].rollout = &then;
		then.view[i] = &then.task[i].task;
	}
	body = answer->tasks ? json_tasks_of(&then, &answer->choice)
			     : json_rollout(&then);
	json_object_set_new(body, "as_of", json_time(answer->at_s));
	api_answer(answer->request, 200, body);
	free(then.view);
	free(then.task);
}

static void rollout_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past_answer *answer = arg;

	if (nothing_known(answer, status, begins_s)) {
		free(answer);
		return;
	}
	if (past->rollout_count == 1)
		answer_rollout(answer, past);
	else if (past->rollout_count > 1)
		api_problem(answer->request, 409, "ambiguous-rollout",
			"give more digits", "several rollouts begin with '%.40s'",
			answer->name);
	else
		api_problem(answer->request, 404, "no-such-rollout", "",
			strcmp(answer->name, "latest") == 0
				? "no rollout had been started by then"
				: "no rollout '%.40s' had been started by then",
			answer->name);
	free(answer);
}

/* The ids that begin with these digits: 4 to 32 of them. */
static int id_range(const char *digits, struct id *ret_first, struct id *ret_last)
{
	char low[] = "00000000000000000000000000000000";
	char high[] = "ffffffffffffffffffffffffffffffff";
	size_t len = strlen(digits);

	if (len < 4 || len > sizeof(low) - 1)
		return -EINVAL;
	memcpy(low, digits, len);
	memcpy(high, digits, len);
	return id_parse(low, ret_first) || id_parse(high, ret_last) ? -EINVAL : 0;
}

void api_past_rollout(struct api *api, struct http_request *request, int64_t at_s,
	const char *id, const struct task_choice *choice)
{
	bool latest = strcmp(id, "latest") == 0;
	struct past_answer *answer;
	struct id first, last;

	if (!latest && id_range(id, &first, &last) < 0) {
		api_problem(request, 404, "no-such-rollout", "",
			"there is no rollout '%.40s'", id);
		return;
	}
	answer = answer_new(api, request, at_s, id);
	answer->tasks = choice != NULL;
	if (choice)
		answer->choice = *choice;
	store_read_past_rollout(engine_store(api->engine), latest ? NULL : &first,
		latest ? NULL : &last, at_s, rollout_read, answer);
}
