/* SPDX-License-Identifier: MIT
 *
 * What the store's contract says of events, their chain and the past, each case against
 * each back end.
 */
#include "config.h"

#include <time.h>

#include "tests/unit/store_kinds.h"

static void test_events(struct fixture *f)
{
	static const struct {
		const char *name, *board;
		int rollout;
		size_t max;
		const char *want;
	} rows[] = {
		{"all, newest first", NULL, -1, 100, "654321"},
		{"the latest two", NULL, -1, 2, "65"},
		{"none at all", NULL, -1, 0, ""},
		{"of a board", "x", -1, 100, "431"},
		{"the latest of a board", "x", -1, 1, "4"},
		{"of a rollout", NULL, 7, 100, "542"},
		{"of a board in a rollout", "x", 7, 100, "4"},
		{"of a board that has none", "nobody", -1, 100, ""},
		{"of no board in particular", "", -1, 100, "6"},
	};

	add_event(f, "x", -1, "1");
	add_event(f, "y", 7, "2");
	add_event(f, "x", 8, "3");
	add_event(f, "x", 7, "4");
	add_event(f, "y", 7, "5");
	add_event(f, "", -1, "6");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct id id = make_id((unsigned)rows[i].rollout);
		struct heard heard = read_events(f, rows[i].board,
			rows[i].rollout < 0 ? NULL : &id, rows[i].max);

		EQ_INT(heard.status, 0, named(rows[i].name));
		EQ_STR(heard.details, rows[i].want, named(rows[i].name));
	}
}

static void count_events(void *arg)
{
	++*(int *)arg;
}

static void test_event_pages(struct fixture *f)
{
	int told = 0;
	struct store_batch *batch = store_batch_new(f->store);
	static const struct {
		const char *name;
		struct store_event_query query;
		const char *want;
	} rows[] = {
		{"the first page", {.max = 2}, "65"},
		{"the page behind it", {.before_seq = 5, .max = 2}, "43"},
		{"the last page", {.before_seq = 3, .max = 9}, "21"},
		{"behind the end", {.before_seq = 1, .max = 9}, ""},
		{"since a time", {.since_s = 103, .max = 9}, "6543"},
		{"since between two", {.since_s = 102, .max = 9}, "6543"},
		{"since a time, a page", {.since_s = 103, .before_seq = 5, .max = 9},
			"43"},
		{"since later than all", {.since_s = 200, .max = 9}, ""},
		{"of a board since", {.board = "b", .since_s = 103, .max = 9}, "53"},
		{"oldest first", {.oldest_first = true, .max = 9}, "123456"},
		{"oldest first, a page", {.oldest_first = true, .max = 2}, "12"},
		{"what follows", {.oldest_first = true, .after_seq = 2, .max = 3},
			"345"},
		{"what follows the last",
			{.oldest_first = true, .after_seq = 6, .max = 3}, ""},
		{"of a board, what follows",
			{.board = "a", .oldest_first = true, .after_seq = 2, .max = 9},
			"46"},
	};
	static const int64_t times[] = {100, 101, 103, 103, 105, 105};

	for (int i = 0; i < 6; i++) {
		struct event event;
		char detail[2] = {(char)('1' + i), 0};

		make_event(i % 2 ? "a" : "b", -1, detail, &event);
		event.time_s = times[i];
		store_add_event(batch, &event);
	}
	store_on_events(f->store, count_events, &told);
	EQ_INT(commit_now(f, batch), 0, named("six events"));
	EQ_INT(told, 1, named("it is told once they are durable"));
	EQ_INT(commit_now(f, store_batch_new(f->store)), 0, named("no event"));
	EQ_INT(told, 1, named("without an event nothing is told"));
	store_on_events(f->store, NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_STR(query_events(f, &rows[i].query).details, rows[i].want,
			named(rows[i].name));
}

/* ---- the chain and the past -------------------------------------------------------- */

static void test_chain(struct fixture *f)
{
	struct verified v = verify(f);

	OK(v.status == 0 && v.verdict.fault == STORE_FAULT_NONE,
		named("no events are intact"));
	EQ_INT(v.verdict.count, 0, named("no events"));
	for (int i = 0; i < 5; i++)
		add_event(f, "b", i % 2 ? 3 : -1, "text");
	v = verify(f);
	OK(v.status == 0 && v.verdict.fault == STORE_FAULT_NONE,
		named("what was written is intact"));
	EQ_INT(v.verdict.count, 5, named("all events are verified"));
	EQ_INT(v.verdict.last_seq, 5, named("up to the last"));
	if (kind->durable) {
		fixture_close(f);
		kind->open(f);
		add_event(f, "b", 3, "after a restart");
		v = verify(f);
		OK(v.status == 0 && v.verdict.fault == STORE_FAULT_NONE,
			named("it goes on after a restart"));
		EQ_INT(v.verdict.count, 6, named("with all events"));
	}
}

struct past {
	bool answered;
	int status;
	int64_t begins_s;
	char boards[80], tasks[80], rollouts[80]; /* "name state " of each */
	char outcomes[120]; /* "state count " of all rollouts, "; " behind each */
};

static void note_outcomes(struct past *heard, const struct store_snapshot *past)
{
	for (size_t i = 0; past->outcomes && i < past->rollout_count; i++) {
		for (int k = 0; k < TASK_STATE_COUNT; k++)
			if (past->outcomes[i].of[k] > 0)
				snprintf(heard->outcomes + strlen(heard->outcomes), 24,
					"%s %zu ", task_state_name((enum task_state)k),
					past->outcomes[i].of[k]);
		strcat(heard->outcomes, "; ");
	}
}

static void on_past(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past *heard = arg;

	heard->answered = true;
	heard->status = status;
	heard->begins_s = begins_s;
	for (size_t i = 0; i < past->board_count && i < 6; i++)
		snprintf(heard->boards + strlen(heard->boards), 20, "%.8s %s ",
			past->board[i].name, reach_name(past->board[i].reach));
	for (size_t i = 0; i < past->task_count && i < 4; i++)
		snprintf(heard->tasks + strlen(heard->tasks), 20, "%.8s %s ",
			past->task[i].board, task_state_name(past->task[i].state));
	for (size_t i = 0; i < past->rollout_count && i < 4; i++)
		snprintf(heard->rollouts + strlen(heard->rollouts), 20, "%d %s ",
			past->rollout[i].id.byte[0],
			rollout_state_name(past->rollout[i].state));
	note_outcomes(heard, past);
}

static struct past wait_past(struct fixture *f, struct past *heard)
{
	while (!heard->answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	EQ_INT(heard->status, 0, named("the past can be read"));
	return *heard;
}

static struct past past_boards(struct fixture *f, const char *board, int64_t at_s)
{
	struct past heard = {.answered = false};

	store_read_past_boards(f->store, board, at_s, on_past, &heard);
	return wait_past(f, &heard);
}

static struct past past_rollout(struct fixture *f, int first, int last, int64_t at_s)
{
	struct past heard = {.answered = false};
	struct id from, to;

	memset(from.byte, 0, sizeof(from.byte));
	memset(to.byte, 0xff, sizeof(to.byte));
	from.byte[0] = (uint8_t)first;
	to.byte[0] = (uint8_t)last;
	store_read_past_rollout(f->store, first < 0 ? NULL : &from,
		first < 0 ? NULL : &to, at_s, on_past, &heard);
	return wait_past(f, &heard);
}

static struct past past_rollouts(struct fixture *f, int64_t at_s, size_t most)
{
	struct past heard = {.answered = false};

	store_read_past_rollouts(f->store, at_s, most, on_past, &heard);
	return wait_past(f, &heard);
}

static struct past list_rollouts(struct fixture *f, int after, size_t most)
{
	struct past heard = {.answered = false};
	const struct id id = make_id((unsigned)after);

	store_read_rollouts(
		f->store, after < 0 ? NULL : &id, time(NULL), most, on_past, &heard);
	return wait_past(f, &heard);
}

static int put_reach(struct fixture *f, const char *name, enum reach reach)
{
	struct board board;

	make_board(name, &board);
	board.reach = reach;
	return put_board(f, &board);
}

/* Two states within a second are one for whoever asks about that second. */
static int64_t next_second(void)
{
	int64_t now_s = time(NULL);

	while (time(NULL) == now_s)
		usleep(1000);
	return now_s;
}

static void test_past(struct fixture *f)
{
	struct store_batch *batch;
	int64_t first_s, second_s, third_s;

	put_reach(f, "a", REACH_ONLINE);
	put_reach(f, "b", REACH_NEVER_SEEN);
	put_rollout(f, 7, ROLLOUT_RUNNING);
	put_task(f, 7, "a", TASK_PUSHING);
	first_s = next_second();
	put_reach(f, "a", REACH_OFFLINE);
	put_reach(f, "b", REACH_ONLINE);
	put_reach(f, "b", REACH_FLAPPING);
	put_task(f, 7, "a", TASK_CONFIRMED);
	put_task(f, 7, "b", TASK_PLANNED);
	second_s = next_second();
	put_rollout(f, 7, ROLLOUT_COMPLETED);
	put_rollout(f, 8, ROLLOUT_RUNNING);
	put_rollout(f, 7, ROLLOUT_UNDOING);
	batch = store_batch_new(f->store);
	store_delete_board(batch, "b");
	(void)commit_now(f, batch);
	third_s = time(NULL);
	if (kind->durable) {
		fixture_close(f);
		kind->open(f);
	}

	OK(past_boards(f, NULL, first_s).begins_s <= first_s,
		named("the history begins with the first write"));
	EQ_STR(past_boards(f, NULL, 1).boards, "", named("before it there is nothing"));
	EQ_STR(past_boards(f, NULL, first_s).boards, "a online b never-seen ",
		named("boards at first"));
	EQ_STR(past_boards(f, NULL, second_s).boards, "a offline b flapping ",
		named("boards later: the last state of a second"));
	EQ_STR(past_boards(f, NULL, third_s).boards, "a offline ",
		named("a deleted board is gone"));
	EQ_STR(past_boards(f, "b", first_s).boards, "b never-seen ",
		named("one board"));
	EQ_STR(past_boards(f, "a", first_s).tasks, "a pushing ",
		named("its task then"));
	EQ_STR(past_boards(f, "a", first_s).rollouts, "7 running ",
		named("that task's rollout"));
	EQ_STR(past_boards(f, "a", second_s).rollouts, "",
		named("no rollout behind an ended task"));
	EQ_STR(past_boards(f, "c", third_s).boards, "", named("an unknown board"));
	EQ_STR(past_rollout(f, -1, 0, first_s).rollouts, "7 running ",
		named("the latest rollout at first"));
	EQ_STR(past_rollout(f, -1, 0, third_s).rollouts, "8 running ",
		named("the latest rollout later"));
	EQ_STR(past_rollout(f, 7, 7, first_s).tasks, "a pushing ",
		named("its tasks at first"));
	EQ_STR(past_rollout(f, 7, 7, second_s).tasks, "a confirmed b planned ",
		named("its tasks later"));
	EQ_STR(past_rollout(f, 7, 7, third_s).rollouts, "7 undoing ",
		named("a rollout by its id"));
	EQ_STR(past_rollouts(f, first_s, 9).rollouts, "7 running ",
		named("the rollouts at first"));
	EQ_STR(past_rollouts(f, third_s, 9).rollouts, "8 running 7 undoing ",
		named("all rollouts, the one begun last first"));
	EQ_STR(past_rollouts(f, third_s, 1).rollouts, "8 running ",
		named("so many of them"));
	EQ_STR(past_rollouts(f, third_s, 1).tasks, "", named("without tasks"));
	EQ_STR(past_rollouts(f, 1, 9).rollouts, "", named("none before the first"));
	EQ_STR(past_rollouts(f, third_s, 9).outcomes, "", named("without outcomes"));
	EQ_STR(list_rollouts(f, -1, 9).rollouts, "8 running 7 undoing ",
		named("the list of rollouts"));
	EQ_STR(list_rollouts(f, -1, 9).outcomes, "; planned 1 confirmed 1 ; ",
		named("with their outcomes"));
	EQ_STR(list_rollouts(f, -1, 1).rollouts, "8 running ", named("a page of it"));
	EQ_STR(list_rollouts(f, 8, 9).rollouts, "7 undoing ", named("the next page"));
	EQ_STR(list_rollouts(f, 7, 9).rollouts, "", named("the end of it"));
	OK(strlen(past_rollout(f, 0, 255, third_s).rollouts) > 15,
		named("two rollouts in a range are both named"));
	EQ_STR(past_rollout(f, 1, 2, third_s).rollouts, "",
		named("an unknown rollout"));
}

static void (*const cases[])(struct fixture *f) = {
	test_events,
	test_event_pages,
	test_chain,
	test_past,
};

int main(void)
{
	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
	return tap_done();
}
