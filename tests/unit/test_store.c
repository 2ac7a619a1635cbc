/* SPDX-License-Identifier: MIT
 *
 * The store's contract (daemon/edge/store.h), each case against each back end.
 */
#include "config.h"

#include "tests/unit/store_kinds.h"

/* ---- the cases ------------------------------------------------------------------- */

static void test_empty(struct fixture *f)
{
	struct store_snapshot s = load_again(f, 10);

	EQ_INT((int64_t)(s.board_count + s.rollout_count + s.task_count), 0,
		named("a new store is empty"));
	store_snapshot_done(&s);
	EQ_INT((int64_t)read_events(f, NULL, NULL, 10).count, 0,
		named("a new store has no events"));
}

static const struct known_bad *by_number(const struct store_snapshot *s, int64_t number)
{
	static const struct known_bad none;

	for (size_t i = 0; i < s->known_bad_count; i++)
		if (s->known_bad[i].number == number)
			return &s->known_bad[i];
	return &none;
}

static void test_every_field(struct fixture *f)
{
	struct board full, bare;
	struct rollout rollout, plain;
	struct task task, fresh;
	struct known_bad bad = {.number = 2}, cleared = {.number = 1};
	struct event event;
	struct store_batch *batch = store_batch_new(f->store);
	struct store_snapshot s;
	struct heard heard;

	make_board("a-full", &full);
	memset(&bare, 0, sizeof(bare));
	strcpy(bare.name, "b-bare");
	make_rollout(1, &rollout);
	memset(&plain, 0, sizeof(plain));
	make_task(1, "a-full", &task);
	memset(&fresh, 0, sizeof(fresh));
	strcpy(fresh.board, "b-bare");
	make_event("a-full", 1, "pushing -> staged; 226", &event);
	store_put_board(batch, &full);
	store_put_board(batch, &bare);
	store_put_rollout(batch, &rollout);
	store_put_rollout(batch, &plain);
	store_put_task(batch, &task);
	store_put_task(batch, &fresh);
	store_add_event(batch, &event);
	memset(bad.sha256, 'a', sizeof(bad.sha256) - 1);
	memset(bad.type, 't', sizeof(bad.type) - 1);
	strcpy(bad.board, "a-full");
	strcpy(bad.release, "v1.8.7");
	bad.rollout = rollout.id;
	bad.reason = REASON_NO_RETURN;
	bad.since_s = 1700000009;
	store_put_known_bad(batch, &bad);
	store_put_known_bad(batch, &cleared);
	cleared.cleared_s = 1700000010;
	strcpy(cleared.added_by, "uid 1001");
	memset(cleared.added_reason, 'q', sizeof(cleared.added_reason) - 1);
	strcpy(cleared.cleared_by, "uid 1000");
	memset(cleared.cleared_reason, 'r', sizeof(cleared.cleared_reason) - 1);
	store_put_known_bad(batch, &cleared);
	EQ_INT((int64_t)store_batch_len(batch), 10, named("a batch counts its writes"));
	EQ_INT(commit_now(f, batch), 0, named("a batch of all kinds is committed"));

	s = load_again(f, 10);
	OK(s.board_count == 2 && !memcmp(&s.board[0], &full, sizeof(full)),
		named("every field of a board comes back"));
	OK(s.board_count == 2 && !memcmp(&s.board[1], &bare, sizeof(bare)),
		named("a board of which nothing is known comes back"));
	OK(s.rollout_count == 2 && !memcmp(&s.rollout[0], &rollout, sizeof(rollout)),
		named("every field of a rollout comes back"));
	OK(s.rollout_count == 2 && !memcmp(&s.rollout[1], &plain, sizeof(plain)),
		named("a rollout without waves comes back"));
	OK(s.task_count == 2 && !memcmp(&s.task[0], &task, sizeof(task)),
		named("every field of a task comes back"));
	OK(s.task_count == 2 && !memcmp(&s.task[1], &fresh, sizeof(fresh)),
		named("a task that was not begun comes back"));
	OK(s.known_bad_count == 2 && !memcmp(by_number(&s, 2), &bad, sizeof(bad)),
		named("every field of a known-bad image comes back"));
	OK(s.known_bad_count == 2 &&
			!memcmp(by_number(&s, 1), &cleared, sizeof(cleared)),
		named("one that was cleared comes back as cleared"));
	store_snapshot_done(&s);
	heard = read_events(f, NULL, NULL, 10);
	event.seq = 1;
	OK(heard.count == 1 && !memcmp(&heard.first, &event, sizeof(event)),
		named("every field of an event comes back"));
}

/* Each value of each enum, spread over as many records as the longest has values. */
static void test_every_name(struct fixture *f)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct board board[REASON_COUNT];
	struct rollout rollout[REASON_COUNT];
	struct task task[REASON_COUNT];
	struct store_snapshot s;
	char name[NAME_MAX_LEN];

	for (unsigned i = 0; i < REASON_COUNT; i++) {
		snprintf(name, sizeof(name), "b%02u", i);
		make_board(name, &board[i]);
		board[i].reach = (enum reach)(i % REACH_COUNT);
		board[i].access = (enum access)(i % ACCESS_COUNT);
		board[i].version = (enum version_state)(i % VERSION_COUNT);
		make_rollout(i, &rollout[i]);
		rollout[i].state = (enum rollout_state)(i % ROLLOUT_STATE_COUNT);
		rollout[i].reason = (enum reason)i;
		rollout[i].wave_count = WAVE_STATE_COUNT;
		memset(&rollout[i].wave_state[WAVE_STATE_COUNT], 0,
			sizeof(rollout[i].wave_state) -
				WAVE_STATE_COUNT * sizeof(rollout[i].wave_state[0]));
		make_task(i, name, &task[i]);
		task[i].state = (enum task_state)(i % TASK_STATE_COUNT);
		task[i].reason = (enum reason)i;
		task[i].proof = (enum proof)(i % PROOF_COUNT);
		store_put_board(batch, &board[i]);
		store_put_rollout(batch, &rollout[i]);
		store_put_task(batch, &task[i]);
	}
	EQ_INT(commit_now(f, batch), 0, named("all names are committed"));
	s = load_again(f, REASON_COUNT);
	OK(s.board_count == REASON_COUNT && !memcmp(s.board, board, sizeof(board)),
		named("every name of a board's states comes back"));
	OK(s.rollout_count == REASON_COUNT &&
			!memcmp(s.rollout, rollout, sizeof(rollout)),
		named("every name of a rollout's states comes back"));
	OK(s.task_count == REASON_COUNT && !memcmp(s.task, task, sizeof(task)),
		named("every name of a task's states comes back"));
	store_snapshot_done(&s);
}

/* Ids and names sort the other way round than they are written. */
static void test_order(struct fixture *f)
{
	static const char *const want[] = {"c", "a", "b", "z", "y"};
	struct store_snapshot s;
	bool ordered = true;

	put_rollout(f, 9, ROLLOUT_RUNNING);
	put_rollout(f, 2, ROLLOUT_RUNNING);
	put_task(f, 9, "c", TASK_PLANNED);
	put_task(f, 2, "z", TASK_PLANNED);
	put_task(f, 9, "a", TASK_PLANNED);
	put_task(f, 2, "y", TASK_PLANNED);
	put_task(f, 9, "b", TASK_PLANNED);
	/* Updates in place change no order. */
	put_task(f, 9, "c", TASK_CONFIRMED);
	put_rollout(f, 9, ROLLOUT_PAUSED);

	s = load_again(f, 10);
	OK(s.rollout_count == 2 && s.rollout[0].id.byte[0] == 9 &&
			s.rollout[0].state == ROLLOUT_PAUSED,
		named("rollouts stand oldest first"));
	for (size_t i = 0; i < s.task_count && i < 5; i++)
		ordered = ordered && strcmp(s.task[i].board, want[i]) == 0;
	OK(s.task_count == 5 && ordered,
		named("tasks stand by rollout, then as they were first written"));
	OK(s.task_count == 5 && s.task[0].state == TASK_CONFIRMED,
		named("a task is updated in place"));
	store_snapshot_done(&s);
}

static void test_boards(struct fixture *f)
{
	struct store_batch *batch;
	struct store_snapshot s;
	struct board board;

	make_board("b", &board);
	put_board(f, &board);
	board.has_fingerprint = false;
	memset(&board.fingerprint, 0, sizeof(board.fingerprint));
	board.reach = REACH_OFFLINE;
	put_board(f, &board);
	make_board("a", &board);
	put_board(f, &board);
	make_board("c", &board);
	put_board(f, &board);

	batch = store_batch_new(f->store);
	store_delete_board(batch, "a");
	store_delete_board(batch, "not-there");
	store_put_seen(batch, "b", 77);
	store_put_seen(batch, "not-there", 78);
	EQ_INT(commit_now(f, batch), 0, named("what is not there is no error"));

	s = load_again(f, 10);
	OK(s.board_count == 2 && !strcmp(s.board[0].name, "b") &&
			!strcmp(s.board[1].name, "c"),
		named("a deleted board is gone, the others are left"));
	OK(s.board_count == 2 && s.board[0].reach == REACH_OFFLINE &&
			!s.board[0].has_fingerprint,
		named("a board is updated in place, a fingerprint can go"));
	OK(s.board_count == 2 && s.board[0].seen_s == 77 &&
			s.board[0].since_s == 1700000001 &&
			s.board[1].seen_s == INT64_MAX,
		named("put_seen changes seen_s of one board and nothing else"));
	store_snapshot_done(&s);
}

/* It has completed, and boards of it are still waited for. */
static void put_catching_up(struct fixture *f, unsigned number)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct rollout rollout;

	make_rollout(number, &rollout);
	rollout.state = ROLLOUT_COMPLETED_WITH_EXCEPTIONS;
	rollout.catch_up = ROLLOUT_RUNNING;
	store_put_rollout(batch, &rollout);
	EQ_INT(commit_now(f, batch), 0, named("a rollout whose catch-up goes on"));
}

static void test_recent(struct fixture *f)
{
	static const struct {
		size_t recent;
		const char *want;
	} rows[] = {{0, "12"}, {1, "124"}, {2, "1234"}, {SIZE_MAX, "1234"}};
	char got[8], what[60];

	put_rollout(f, 1, ROLLOUT_PAUSED);
	put_catching_up(f, 2);
	put_rollout(f, 3, ROLLOUT_ABORTED);
	put_rollout(f, 4, ROLLOUT_COMPLETED);
	for (unsigned i = 1; i <= 4; i++)
		put_task(f, i, "b", TASK_CONFIRMED);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_snapshot s = load_again(f, rows[i].recent);
		size_t n = 0;

		for (; n < s.task_count && n < 7; n++)
			got[n] = (char)('0' + s.task[n].rollout.byte[0]);
		got[n] = '\0';
		snprintf(what, sizeof(what), "tasks of the latest %zu", rows[i].recent);
		EQ_STR(got, rows[i].want, named(what));
		EQ_INT((int64_t)s.rollout_count, 4, named("all rollouts are loaded"));
		store_snapshot_done(&s);
	}
}

/* The daemon's own ones do not push out those of people. */
static void test_recent_repairs(struct fixture *f)
{
	struct store_snapshot s;

	for (unsigned i = 1; i <= 5; i++) {
		struct store_batch *batch = store_batch_new(f->store);
		struct rollout rollout;

		make_rollout(i, &rollout);
		rollout.state = ROLLOUT_COMPLETED;
		if (i > 2) {
			strcpy(rollout.actor, "wipyd");
			memset(&rollout.undo_of, 0, sizeof(rollout.undo_of));
		}
		store_put_rollout(batch, &rollout);
		EQ_INT(commit_now(f, batch), 0, named("a rollout"));
		put_task(f, i, "b", TASK_CONFIRMED);
	}
	s = load_again(f, 2);
	EQ_INT((int64_t)s.task_count, 4, named("two of each"));
	EQ_INT(s.task[0].rollout.byte[0], 1, named("the oldest one of a person"));
	EQ_INT(s.task[2].rollout.byte[0], 4, named("and the latest repairs"));
	store_snapshot_done(&s);
}

/* ---- commits --------------------------------------------------------------------- */

struct in_turn {
	struct fixture *f;
	size_t number, *next;
	bool *ordered;
};

static void on_turn(void *arg, int status)
{
	struct in_turn *turn = arg;

	*turn->ordered = *turn->ordered && status == 0 && turn->number == *turn->next;
	++*turn->next;
	turn->f->answers++;
}

static void test_group_commit(struct fixture *f)
{
	enum { BATCHES = 1000 };
	static struct in_turn turn[BATCHES];
	struct store_snapshot s;
	bool ordered = true;
	size_t next = 0;

	for (size_t i = 0; i < BATCHES; i++) {
		struct store_batch *batch = store_batch_new(f->store);
		struct board board;
		char name[NAME_MAX_LEN];

		turn[i] = (struct in_turn){f, i, &next, &ordered};
		snprintf(name, sizeof(name), "b%04zu", i);
		make_board(name, &board);
		if (i % 10 != 5) /* an empty batch keeps its place as well */
			store_put_board(batch, &board);
		store_commit(batch, on_turn, &turn[i]);
	}
	wait_answers(f, BATCHES);
	OK(ordered, named("1,000 batches are answered in order"));
	s = load_again(f, 0);
	EQ_INT((int64_t)s.board_count, BATCHES * 9 / 10,
		named("all of them are there"));
	store_snapshot_done(&s);
}

static void test_copies(struct fixture *f)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct store_snapshot s;
	struct board board;

	make_board("kept", &board);
	store_put_board(batch, &board);
	memset(&board, 'x', sizeof(board));
	store_commit(batch, NULL, NULL);
	batch = store_batch_new(f->store);
	store_put_seen(batch, "kept", 5);
	store_batch_drop(batch);
	store_batch_drop(NULL);
	EQ_INT(commit_now(f, store_batch_new(f->store)), 0,
		named("an empty batch is answered, after one without a callback"));
	s = load_again(f, 0);
	OK(s.board_count == 1 && !strcmp(s.board[0].name, "kept"),
		named("a batch holds copies"));
	OK(s.board_count == 1 && s.board[0].seen_s == INT64_MAX,
		named("a dropped batch writes nothing"));
	store_snapshot_done(&s);
}

static void commit_once_more(void *arg, int status)
{
	struct fixture *f = arg;
	struct store_batch *batch = store_batch_new(f->store);

	store_put_seen(batch, "x", status);
	store_commit(batch, on_answer, f);
}

static void test_commit_in_callback(struct fixture *f)
{
	store_commit(store_batch_new(f->store), commit_once_more, f);
	wait_answers(f, 1);
	EQ_INT(f->status[0], 0, named("a callback may commit"));
}

static void close_at_once(void *arg, int status)
{
	struct fixture *f = arg;

	f->answers += status == 0;
	store_close(f->store, on_fixture_closed, f);
}

static void test_close_in_callback(struct fixture *f)
{
	struct heard heard;

	memset(&heard, 0, sizeof(heard));
	f->closed = false;
	store_read_events(
		f->store, &(struct store_event_query){.max = 1}, on_events, &heard);
	store_commit(store_batch_new(f->store), close_at_once, f);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	OK(f->closed && heard.answered,
		named("a callback may close; a waiting read is answered before"));
	f->answers = 0;
	kind->open(f);
}

static void test_close_finishes(struct fixture *f)
{
	struct board board;
	size_t at_close;

	for (int i = 0; i < 200; i++) {
		struct store_batch *batch = store_batch_new(f->store);
		char name[NAME_MAX_LEN];

		snprintf(name, sizeof(name), "b%03d", i);
		make_board(name, &board);
		store_put_board(batch, &board);
		store_commit(batch, on_answer, f);
	}
	fixture_close(f);
	at_close = f->answers;
	EQ_INT((int64_t)at_close, 200, named("close answers what is queued"));
	EQ_INT(f->status[199], 0, named("close writes what is queued"));
	f->answers = 0;
	kind->open(f);
	if (kind->durable) {
		struct store_snapshot s = must_load(f, 0);

		EQ_INT((int64_t)s.board_count, 200, named("close lost nothing"));
		store_snapshot_done(&s);
	}
}

static void test_stale(struct fixture *f)
{
	struct board board;
	struct store_snapshot s;

	make_board("before", &board);
	EQ_INT(put_board(f, &board), 0, named("the owner may write"));
	kind->lose_lease(f);
	make_board("after", &board);
	EQ_INT(put_board(f, &board), WIPY_E_STALE, named("a stale owner may not"));
	EQ_INT(put_board(f, &board), WIPY_E_STALE, named("nor ever again"));
	for (int i = 0; i < 3; i++) {
		struct store_batch *batch = store_batch_new(f->store);

		if (i != 1)
			store_put_seen(batch, "before", 1);
		store_commit(batch, on_answer, f);
	}
	wait_answers(f, 3);
	OK(f->status[0] == WIPY_E_STALE && f->status[1] == 0 &&
			f->status[2] == WIPY_E_STALE,
		named("stale is answered to each batch but an empty one"));
	s = must_load(f, 0);
	OK(s.board_count == 1 && s.board[0].seen_s == INT64_MAX,
		named("nothing of a stale owner was written"));
	store_snapshot_done(&s);
	EQ_INT(read_events(f, NULL, NULL, 1).status, 0,
		named("a stale owner may read"));
}

static void (*const cases[])(struct fixture *f) = {
	test_empty,
	test_every_field,
	test_every_name,
	test_order,
	test_boards,
	test_recent,
	test_recent_repairs,
	test_group_commit,
	test_copies,
	test_commit_in_callback,
	test_close_in_callback,
	test_close_finishes,
	test_stale,
};

int main(void)
{
	run_cases(cases, sizeof(cases) / sizeof(cases[0]));
	return tap_done();
}
