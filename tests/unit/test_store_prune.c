/* SPDX-License-Identifier: MIT
 *
 * What leaves the store: pieces of the chain that stand on their own, events that are
 * pruned, a past that begins later, each case against each back end; and for the file, a
 * tidying that is interrupted.
 */
#include "config.h"

#include <time.h>

#include "daemon/edge/store_chain.h"
#include "tests/unit/store_kinds.h"

/* ---- asking ---------------------------------------------------------------------- */

struct exported {
	bool answered;
	int status;
	int64_t after, last, done_upto;
	size_t count;
	bool fits; /* each row follows from the one before it */
	char details[80];
	uint8_t chain[CHAIN_LEN]; /* behind the last row */
};

static void on_export(void *arg, int status, const struct store_export *page)
{
	struct exported *heard = arg;

	*heard = (struct exported){.answered = true,
		.status = status,
		.after = page->after_seq,
		.last = page->last_seq,
		.done_upto = page->exported_seq,
		.count = page->count,
		.fits = true};
	memcpy(heard->chain, page->chain, CHAIN_LEN);
	for (size_t i = 0; i < page->count; i++) {
		const struct store_export_row *row = &page->row[i];
		uint8_t next[CHAIN_LEN];

		chain_next(heard->chain, &row->row, next);
		heard->fits = heard->fits && memcmp(next, row->chain, CHAIN_LEN) == 0;
		memcpy(heard->chain, next, CHAIN_LEN);
		if (i < 9)
			strncat(heard->details, row->row.part[CHAIN_DETAIL].at, 1);
	}
}

static struct exported export(struct fixture *f, struct store_export_query query)
{
	struct exported heard = {.answered = false};

	store_export_events(f->store, &query, on_export, &heard);
	while (!heard.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return heard;
}

struct planned {
	bool answered;
	int status;
	struct store_prune_plan plan;
};

static void on_plan(void *arg, int status, const struct store_prune_plan *plan)
{
	*(struct planned *)arg = (struct planned){true, status, *plan};
}

static struct planned plan(struct fixture *f, int64_t before_s, bool unexported)
{
	struct planned heard = {.answered = false};

	store_plan_prune(f->store, before_s, unexported, on_plan, &heard);
	while (!heard.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return heard;
}

static void note_exported(struct fixture *f, int64_t seq)
{
	struct store_batch *batch = store_batch_new(f->store);

	store_note_exported(batch, seq);
	EQ_INT(commit_now(f, batch), 0, named("it is noted what is exported"));
}

static void prune(struct fixture *f, const struct store_prune_plan *plan, size_t recent)
{
	struct store_batch *batch = store_batch_new(f->store);

	store_put_prune(batch, plan, recent);
	EQ_INT(commit_now(f, batch), 0, named("it is pruned"));
}

/* One event a second from 101 on, with a digit each. */
static void add_digits(struct fixture *f, int first, int count)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct event event;

	for (int i = first; i < first + count; i++) {
		char digit[2] = {(char)('0' + i % 10), 0};

		make_event("b", i % 2 ? 3 : -1, digit, &event);
		event.time_s = 100 + i;
		store_add_event(batch, &event);
	}
	if (commit_now(f, batch))
		die("events were not written");
}

/* SQLite seals what there is when it is opened. */
static void seal(struct fixture *f)
{
	if (!kind->durable)
		return;
	fixture_close(f);
	kind->open(f);
}

/* ---- exporting ------------------------------------------------------------------- */

static void test_export(struct fixture *f)
{
	static const struct {
		const char *name;
		struct store_export_query query;
		int64_t after, last;
		const char *want;
	} rows[] = {
		{"all", {.max = 99}, 0, 6, "123456"},
		{"a page", {.max = 2}, 0, 6, "12"},
		{"the page behind it", {.after_seq = 2, .last_seq = 6, .max = 3}, 2, 6,
			"345"},
		{"the last page", {.after_seq = 5, .last_seq = 6, .max = 3}, 5, 6, "6"},
		{"behind the end", {.after_seq = 6, .max = 3}, 6, 6, ""},
		{"behind no event at all", {.after_seq = 60, .max = 3}, 6, 6, ""},
		{"since a time", {.since_s = 104, .max = 9}, 3, 6, "456"},
		{"until a time", {.until_s = 104, .max = 9}, 0, 4, "1234"},
		{"between", {.since_s = 102, .until_s = 103, .max = 9}, 1, 3, "23"},
		{"since later than all", {.since_s = 900, .max = 9}, 6, 6, ""},
		{"until before all", {.until_s = 50, .max = 9}, 0, 0, ""},
		{"no events wanted", {.max = 0}, 0, 6, ""},
	};

	EQ_INT(export(f, (struct store_export_query){.max = 9}).last, 0,
		named("no events to export"));
	add_digits(f, 1, 6);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exported heard = export(f, rows[i].query);

		EQ_INT(heard.status, 0, named(rows[i].name));
		EQ_INT(heard.after, rows[i].after, named(rows[i].name));
		EQ_INT(heard.last, rows[i].last, named(rows[i].name));
		EQ_STR(heard.details, rows[i].want, named(rows[i].name));
		OK(heard.fits, named(rows[i].name));
	}
	OK(memcmp(export(f, (struct store_export_query){.max = 9}).chain,
		   verify(f).verdict.chain, CHAIN_LEN) == 0,
		named("the end of all is the end of the chain"));
	note_exported(f, 4);
	note_exported(f, 2);
	EQ_INT(export(f, (struct store_export_query){.max = 1}).done_upto, 4,
		named("what is exported stays exported"));
}

/* ---- pruning --------------------------------------------------------------------- */

static void test_plan(struct fixture *f)
{
	struct planned heard;

	EQ_INT(plan(f, INT64_MAX, true).plan.upto_seq, 0, named("no events to prune"));
	add_digits(f, 1, 3);
	seal(f);
	add_digits(f, 4, 3);
	seal(f);
	EQ_INT(plan(f, INT64_MAX, false).plan.upto_seq, 0,
		named("nothing is exported: nothing can go"));
	EQ_INT(plan(f, 101, true).plan.upto_seq, 0, named("nothing is older"));
	heard = plan(f, 104, true);
	EQ_INT(heard.plan.upto_seq, 3, named("what is older, unexported"));
	EQ_INT(heard.plan.first_seq, 1, named("from the first on"));
	EQ_INT(heard.plan.upto_s, 103, named("up to its time"));
	EQ_INT(plan(f, INT64_MAX, true).plan.upto_seq, 6, named("all of it"));
	note_exported(f, 3);
	EQ_INT(plan(f, INT64_MAX, false).plan.upto_seq, 3, named("what is exported"));
	if (kind->durable)
		EQ_INT(plan(f, 106, true).plan.upto_seq, 3, "sqlite: whole segments");
}

static void test_prune(struct fixture *f)
{
	struct exported all;
	struct planned heard;

	add_digits(f, 1, 3);
	seal(f);
	add_digits(f, 4, 3);
	heard = plan(f, 104, true);
	all = export(f, (struct store_export_query){.max = 9});
	prune(f, &heard.plan, 20);
	EQ_STR(read_events(f, NULL, NULL, 9).details, "654", named("these are left"));
	EQ_STR(read_events(f, "b", NULL, 9).details, "654", named("also of a board"));
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, named("what is left fits"));
	EQ_INT(verify(f).verdict.from_seq, 3, named("from the checkpoint on"));
	EQ_INT(export(f, (struct store_export_query){.max = 1}).done_upto, 3,
		named("nothing older can be exported any more"));
	EQ_INT(verify(f).verdict.count, 3, named("all that is left"));
	OK(memcmp(verify(f).verdict.chain, all.chain, CHAIN_LEN) == 0,
		named("the value at the end is the same"));
	EQ_INT(export(f, (struct store_export_query){.max = 9}).after, 3,
		named("a file begins there"));
	EQ_STR(export(f, (struct store_export_query){.max = 9}).details, "456",
		named("with what is left"));
	prune(f, &heard.plan, 20);
	EQ_INT(verify(f).verdict.count, 3, named("the same plan again does nothing"));
	add_digits(f, 7, 1);
	seal(f);
	EQ_STR(read_events(f, NULL, NULL, 9).details, "7654", named("it goes on"));
	heard = plan(f, INT64_MAX, true);
	EQ_INT(heard.plan.first_seq, 4, named("the next one begins there"));
	prune(f, &heard.plan, 20);
	EQ_STR(read_events(f, NULL, NULL, 9).details, "", named("all can go"));
	add_digits(f, 8, 1);
	EQ_STR(read_events(f, NULL, NULL, 9).details, "8", named("and it goes on"));
	seal(f);
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, named("and it fits"));
}

/* ---- the past -------------------------------------------------------------------- */

struct past {
	bool answered;
	int status;
	int64_t begins_s;
	char text[80];
};

static void on_past(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct past *heard = arg;

	*heard =
		(struct past){.answered = true, .status = status, .begins_s = begins_s};
	for (size_t i = 0; i < past->rollout_count && i < 3; i++)
		snprintf(heard->text + strlen(heard->text), 20, "%d %s ",
			past->rollout[i].id.byte[0],
			rollout_state_name(past->rollout[i].state));
	for (size_t i = 0; i < past->board_count && i < 3; i++)
		snprintf(heard->text + strlen(heard->text), 20, "%.4s %s ",
			past->board[i].name, reach_name(past->board[i].reach));
	for (size_t i = 0; i < past->task_count && i < 3; i++)
		snprintf(heard->text + strlen(heard->text), 20, "%.4s %s ",
			past->task[i].board, task_state_name(past->task[i].state));
}

static struct past past_board(struct fixture *f, const char *name, int64_t at_s)
{
	struct past heard = {.answered = false};

	store_read_past_boards(f->store, name, at_s, on_past, &heard);
	while (!heard.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return heard;
}

static struct past past_rollout(struct fixture *f, unsigned number, int64_t at_s)
{
	struct past heard = {.answered = false};
	struct id id = make_id(number);

	store_read_past_rollout(f->store, &id, &id, at_s, on_past, &heard);
	while (!heard.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return heard;
}

static int64_t next_second(void)
{
	int64_t now_s = time(NULL);

	while (time(NULL) == now_s)
		usleep(1000);
	return now_s;
}

static void put_reach(struct fixture *f, const char *name, enum reach reach)
{
	struct board board;

	make_board(name, &board);
	board.reach = reach;
	if (put_board(f, &board))
		die("a board was not written");
}

static void put_ended(struct fixture *f, unsigned number, enum rollout_state catch_up)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct rollout rollout;
	struct task task;

	make_rollout(number, &rollout);
	make_task(number, "z", &task);
	rollout.state = ROLLOUT_COMPLETED;
	rollout.catch_up = catch_up;
	task.state = TASK_CONFIRMED;
	rollout.since_s = time(NULL);
	store_put_rollout(batch, &rollout);
	store_put_task(batch, &task);
	if (commit_now(f, batch))
		die("a rollout was not written");
}

/* Prunes all that is older than now, with an event of this second at its end. */
static int64_t prune_now(struct fixture *f, size_t recent)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct planned heard;
	struct event event;

	make_event("b", -1, "end", &event);
	event.time_s = time(NULL);
	store_add_event(batch, &event);
	if (commit_now(f, batch))
		die("an event was not written");
	seal(f);
	heard = plan(f, INT64_MAX, true);
	prune(f, &heard.plan, recent);
	return heard.plan.upto_s;
}

static int64_t rows_left(struct fixture *f, const char *sql)
{
	char path[FIXTURE_PATH_MAX];
	sqlite3_stmt *stmt;
	int64_t count;
	sqlite3 *db;

	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		sqlite3_busy_timeout(db, 5000) ||
		sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) ||
		sqlite3_step(stmt) != SQLITE_ROW)
		die("rows cannot be counted");
	count = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return count;
}

/* Waits for the back end to have nothing left to do. */
static void wait_tidy(struct fixture *f)
{
	while (kind->durable && rows_left(f, "SELECT untidy FROM meta"))
		usleep(1000);
}

static void test_past(struct fixture *f)
{
	int64_t first_s, second_s, pruned_s;

	put_reach(f, "a", REACH_ONLINE);
	put_rollout(f, 7, ROLLOUT_RUNNING);
	put_task(f, 7, "a", TASK_PUSHING);
	first_s = next_second();
	put_reach(f, "a", REACH_OFFLINE);
	put_task(f, 7, "a", TASK_SOAKING);
	put_ended(f, 8, ROLLOUT_DRAFT);
	put_reach(f, "a", REACH_FLAPPING);
	pruned_s = prune_now(f, 1);
	(void)next_second();
	put_reach(f, "a", REACH_ONLINE);
	put_rollout(f, 7, ROLLOUT_PAUSED);
	second_s = next_second();
	wait_tidy(f);

	EQ_INT(past_board(f, "a", first_s).status, WIPY_E_PRUNED,
		named("what was before is pruned"));
	EQ_INT(past_board(f, "a", first_s).begins_s, pruned_s, named("and since when"));
	EQ_INT(past_board(f, NULL, pruned_s - 1).status, WIPY_E_PRUNED,
		named("also of all boards"));
	EQ_INT(past_rollout(f, 7, first_s).status, WIPY_E_PRUNED,
		named("and of rollouts"));
	EQ_STR(past_board(f, "a", pruned_s).text, "7 running a flapping a soaking ",
		named("a board at the point is known"));
	EQ_INT(past_board(f, "a", pruned_s).begins_s, pruned_s,
		named("where the past begins"));
	EQ_STR(past_rollout(f, 7, pruned_s).text, "7 running a soaking ",
		named("so is a rollout"));
	EQ_STR(past_board(f, "a", second_s).text, "7 paused a online a soaking ",
		named("and what came later"));
	EQ_STR(past_rollout(f, 7, second_s).text, "7 paused a soaking ",
		named("of rollouts as well"));
	EQ_STR(past_rollout(f, 8, pruned_s).text, "8 completed z confirmed ",
		named("a recent rollout is kept"));
	if (kind->durable) {
		EQ_INT(rows_left(f, "SELECT count(*) FROM boards_history"), 2,
			"sqlite: one row at the point and one behind it");
		EQ_INT(rows_left(f, "SELECT count(*) FROM events"), 0,
			"sqlite: the events are gone from the file");
	}
}

/* The daemon's own. */
static void put_repair(struct fixture *f, unsigned number)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct rollout rollout;

	make_rollout(number, &rollout);
	rollout.state = ROLLOUT_COMPLETED;
	strcpy(rollout.actor, "wipyd");
	memset(&rollout.undo_of, 0, sizeof(rollout.undo_of));
	store_put_rollout(batch, &rollout);
	EQ_INT(commit_now(f, batch), 0, named("a repair"));
}

static void test_forgotten(struct fixture *f)
{
	struct store_snapshot s;

	put_ended(f, 3, ROLLOUT_COMPLETED);
	put_ended(f, 4, ROLLOUT_RUNNING);
	put_rollout(f, 5, ROLLOUT_PAUSED);
	for (unsigned number = 6; number < 10; number++)
		put_ended(f, number, ROLLOUT_DRAFT);
	put_repair(f, 10);
	(void)prune_now(f, 2);
	wait_tidy(f);
	s = load_again(f, 99);
	EQ_INT(s.rollout_count, 5,
		named("the latest two, a repair since, one that has not ended, one "
		      "that catches up"));
	EQ_INT(s.task_count, 3, named("with their tasks"));
	OK(s.rollout_count == 5 && s.rollout[0].id.byte[0] == 4 &&
			s.rollout[1].id.byte[0] == 5 && s.rollout[2].id.byte[0] == 8 &&
			s.rollout[3].id.byte[0] == 9,
		named("these"));
	store_snapshot_done(&s);
	EQ_STR(past_rollout(f, 6, INT64_MAX).text, "", named("a forgotten rollout"));
	EQ_STR(past_rollout(f, 9, INT64_MAX).text, "9 completed z confirmed ",
		named("a kept rollout"));
}

static void (*const cases[])(struct fixture *f) = {
	test_export,
	test_plan,
	test_prune,
	test_past,
	test_forgotten,
};

/* ---- the file -------------------------------------------------------------------- */

static void add_many(struct fixture *f, int count)
{
	for (int i = 0; i < count; i += 1500)
		add_digits(f, 1 + i, 1500);
}

/* Commits are answered while thousands of rows go, and a daemon that ends in between
 * finds a chain that fits, and goes on. */
static void test_interrupted(struct fixture *f)
{
	struct planned heard;
	struct verified v;
	int64_t left;

	fixture_must_open(f);
	add_many(f, 30000);
	seal(f);
	heard = plan(f, INT64_MAX, true);
	EQ_INT(heard.plan.upto_seq, 30000, "all of them");
	prune(f, &heard.plan, 20);
	EQ_STR(read_events(f, NULL, NULL, 9).details, "", "they are gone at once");
	v = verify(f);
	OK(!v.verdict.fault && v.verdict.count == 0, "for the chain as well");
	fixture_close(f);
	left = rows_left(f, "SELECT count(*) FROM events");
	OK(left > 0 && rows_left(f, "SELECT untidy FROM meta"), "rows are left over");
	fixture_must_open(f);
	add_digits(f, 1, 1);
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, "what comes then fits");
	wait_tidy(f);
	EQ_INT(rows_left(f, "SELECT count(*) FROM events"), 1, "then they are gone");
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, "and the rest fits");
	fixture_close(f);
}

/* What somebody has changed is evidence, and stays. */
static void test_tampered(struct fixture *f)
{
	fixture_must_open(f);
	add_digits(f, 1, 6);
	seal(f);
	EQ_INT(plan(f, INT64_MAX, true).plan.fault, STORE_FAULT_NONE, "it fits");
	(void)rows_left(f, "UPDATE events SET detail = 'x' WHERE seq = 3 RETURNING 1");
	EQ_INT(plan(f, INT64_MAX, true).plan.fault, STORE_FAULT_ALTERED,
		"a plan says that something does not fit");
	fixture_close(f);
}

int main(void)
{
	static void (*const of_files[])(struct fixture * f) = {
		test_interrupted, test_tampered};

	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
	kind = &kinds[0];
	for (size_t i = 0; i < sizeof(of_files) / sizeof(of_files[0]); i++)
		in_fixture(of_files[i]);
	return tap_done();
}
