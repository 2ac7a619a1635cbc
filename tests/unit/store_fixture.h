/* SPDX-License-Identifier: MIT
 *
 * What the tests of the store share: a loop, a folder of its own under TMPDIR, records
 * with a value in every field, and waiting for answers by running the loop.
 */
#ifndef WIPY_TESTS_STORE_FIXTURE_H
#define WIPY_TESTS_STORE_FIXTURE_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "daemon/edge/store.h"
#include "tests/tap.h"

#define UNUSED __attribute__((unused))

#define FIXTURE_PATH_MAX 400
#define ANSWERS_MAX      2000

struct fixture {
	uv_loop_t loop;
	char dir[FIXTURE_PATH_MAX - 20];
	struct store *store;
	size_t answers; /* since the last expect_answers() */
	int status[ANSWERS_MAX];
	bool closed;
};

UNUSED static void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(99);
}

UNUSED static void fixture_init(struct fixture *f)
{
	const char *tmp = getenv("TMPDIR");

	memset(f, 0, sizeof(*f));
	snprintf(f->dir, sizeof(f->dir), "%.200s/wipyd-store-XXXXXX",
		tmp ? tmp : "/tmp");
	if (!mkdtemp(f->dir) || uv_loop_init(&f->loop))
		die("no folder or no loop to test in");
}

UNUSED static const char *fixture_path(
	const struct fixture *f, const char *name, char path[FIXTURE_PATH_MAX])
{
	snprintf(path, FIXTURE_PATH_MAX, "%s/%s", f->dir, name);
	return path;
}

UNUSED static void fixture_done(struct fixture *f)
{
	static const char *const names[] = {
		"wipyd.db", "wipyd.db-wal", "wipyd.db-shm", "wipyd.lock"};
	char path[FIXTURE_PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(fixture_path(f, names[i], path));
	if (rmdir(f->dir) < 0)
		printf("# %s is not empty\n", f->dir);
	if (uv_loop_close(&f->loop))
		die("a handle was left open");
}

UNUSED static int fixture_open(struct fixture *f, struct errtext *ret_error)
{
	return store_open_sqlite(&f->loop, f->dir, &f->store, ret_error);
}

UNUSED static void fixture_must_open(struct fixture *f)
{
	struct errtext error;

	if (fixture_open(f, &error)) {
		printf("# %s\n", error.text);
		die("the store cannot be opened");
	}
}

/* Past the store, which may be at work in its thread. */
UNUSED static void run_sql(struct fixture *f, const char *sql)
{
	char path[FIXTURE_PATH_MAX], *error = NULL;
	sqlite3 *db;

	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		sqlite3_busy_timeout(db, 5000) ||
		sqlite3_exec(db, sql, NULL, NULL, &error)) {
		printf("# %s: %s\n", sql, error ? error : "no database");
		die("SQL of the test failed");
	}
	sqlite3_close(db);
}

UNUSED static void on_fixture_closed(void *arg)
{
	((struct fixture *)arg)->closed = true;
}

UNUSED static void fixture_close(struct fixture *f)
{
	f->closed = false;
	store_close(f->store, on_fixture_closed, f);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	if (!f->closed)
		die("the loop ended before the store was closed");
	f->store = NULL;
}

/* ---- commits --------------------------------------------------------------------- */

UNUSED static void on_answer(void *arg, int status)
{
	struct fixture *f = arg;

	f->status[f->answers++ % ANSWERS_MAX] = status;
}

UNUSED static void wait_answers(struct fixture *f, size_t count)
{
	while (f->answers < count)
		uv_run(&f->loop, UV_RUN_ONCE);
	f->answers = 0;
}

/* Commits one batch and waits for its answer. */
UNUSED static int commit_now(struct fixture *f, struct store_batch *batch)
{
	f->answers = 0;
	store_commit(batch, on_answer, f);
	wait_answers(f, 1);
	return f->status[0];
}

UNUSED static struct store_snapshot must_load(struct fixture *f, size_t recent)
{
	struct store_snapshot snapshot = {0};
	struct errtext error = {""};

	if (store_load(f->store, recent, &snapshot, &error)) {
		printf("# %s\n", error.text);
		die("the store cannot be loaded");
	}
	return snapshot;
}

/* ---- records --------------------------------------------------------------------- */

/* Padding is zero in all of them, so that memcmp() compares every field. */

UNUSED static struct id make_id(unsigned number)
{
	struct id id;

	memset(id.byte, 0xfe, sizeof(id.byte));
	id.byte[0] = (uint8_t)number;
	id.byte[7] = 0;
	return id;
}

UNUSED static void make_fingerprint(struct wipy_fingerprint *fp)
{
	memset(fp, 0, sizeof(*fp));
	strcpy(fp->tag, "v1.8.6-63-gc28fed6-dirty");
	strcpy(fp->date, "2016-11-18");
	strcpy(fp->board, "WiPy");
	strcpy(fp->mcu, "CC3200");
}

UNUSED static void make_board(const char *name, struct board *board)
{
	memset(board, 0, sizeof(*board));
	if (ledger_parse("1wBA!|2C11?Ab,1R01?A-\tv1.8.6 on 2016-11-10; WiPy with "
			 "CC3200\tv1.8.7 on 2017-01-08; WiPy with CC3200",
		    &board->ledger) < 0)
		die("the ledger is not one");
	strcpy(board->name, name);
	board->reach = REACH_FLAPPING;
	board->access = ACCESS_SAFE_BOOT;
	board->version = VERSION_CHANGED_BY_OTHERS;
	board->conditions = CONDITION_DIRTY | CONDITION_NEEDS_HANDS | 0x80000000u;
	board->has_fingerprint = true;
	make_fingerprint(&board->fingerprint);
	board->seen_s = INT64_MAX;
	board->since_s = 1700000001;
	board->misses = -3;
	board->flaps = 2147483647;
	board->intrusions = INT64_MIN;
	strcpy(board->uname_release, "1.2.0");
	/* Text of a board need not be UTF-8, nor good SQL. */
	strcpy(board->uname_version, "v1.8.6'); DROP TABLE boards; -- \xff\xc3");
	memset(board->uname_machine, 'm', sizeof(board->uname_machine) - 1);
	strcpy(board->confirmed_release, "v1.8.6");
	strcpy(board->unique_id, "d0397200000a");
	memset(board->other_id, 'f', sizeof(board->other_id) - 1);
	board->hands_reason = REASON_NO_RETURN;
	board->hands_since_s = 1700000021;
	strcpy(board->place, "10.1.2.3 23");
	strcpy(board->seen_place, "10.1.2.4 23");
	board->hands_away = true;
	board->has_hands_wanted = true;
	make_fingerprint(&board->hands_wanted);
	strcpy(board->hands_outcome, "reverted");
	board->hands_ended_s = 1700000022;
	board->failed_repairs = 2;
	board->next_repair_s = 1700000023;
	memset(board->bench_code, 'c', sizeof(board->bench_code) - 1);
	memset(board->bench_image, 'd', sizeof(board->bench_image) - 1);
	board->bench_spent_s = 1700000024;
	board->bench_said = true;
}

UNUSED static void make_rollout(unsigned number, struct rollout *rollout)
{
	memset(rollout, 0, sizeof(*rollout));
	rollout->id = make_id(number);
	strcpy(rollout->release, "v1.8.7");
	strcpy(rollout->selector, "site=berlin,!label=lab");
	strcpy(rollout->waves, "1,10%,50%,100%");
	rollout->state = ROLLOUT_HALTED;
	rollout->reason = REASON_BRAKE_CANARY;
	rollout->since_s = 1700000002;
	rollout->created_s = 1700000003;
	rollout->soak_s = 300;
	rollout->expires_s = 1700000123;
	rollout->wave_count = WAVES_MAX;
	for (int i = 0; i < WAVES_MAX; i++)
		rollout->wave_state[i] = (enum wave_state)(i % WAVE_STATE_COUNT);
	rollout->acked_lost = 1;
	rollout->acked_fell_back = 2;
	rollout->acked_failed = 3;
	rollout->acked_probe = 4;
	rollout->attempts_max = 4;
	strcpy(rollout->actor, "uid 1000");
	rollout->abort_mode = ABORT_FREEZE;
	rollout->catch_up = ROLLOUT_EXPIRED;
	rollout->catch_up_reason = REASON_BRAKE_CATCH_UP;
	rollout->catch_up_since_s = 1700000051;
	rollout->valid_until_s = 1700000052;
	rollout->acked_catch_up = 5;
	rollout->undo_of = make_id(77);
	rollout->undo_from = ROLLOUT_EXPIRED;
}

UNUSED static void make_task(unsigned rollout, const char *board, struct task *task)
{
	memset(task, 0, sizeof(*task));
	task->rollout = make_id(rollout);
	strcpy(task->board, board);
	task->wave = 2;
	task->state = TASK_RETURNING;
	task->reason = REASON_NO_RETURN;
	task->since_s = 1700000004;
	task->attempt = 3;
	task->resets = 2;
	task->attempted = true;
	task->touched = true;
	task->inherited = CONDITION_ARMED;
	task->pushed = true;
	task->proof = PROOF_MARK;
	task->due_s = 1700000005;
	task->has_before = true;
	make_fingerprint(&task->before);
	strcpy(task->type, "lamp");
	strcpy(task->mark, "w5f2a");
	task->late = true;
	task->has_wanted = true;
	make_fingerprint(&task->wanted);
	strcpy(task->statement, "wipy.safeboot(2, safe=False)");
	task->bytes_taken = (int64_t)1 << 40;
	memset(task->evidence, 'e', sizeof(task->evidence) - 1);
	memset(task->probes, 'p', sizeof(task->probes) - 1);
	memset(task->banner_before, 'b', sizeof(task->banner_before) - 1);
	memset(task->banner_after, 'a', sizeof(task->banner_after) - 1);
	memset(task->push_reply, 'r', sizeof(task->push_reply) - 1);
	task->lost_s = 1700000006;
	task->returned_s = 1700000007;
	task->trials_cut = 3;
}

UNUSED static void make_event(
	const char *board, int rollout, const char *detail, struct event *event)
{
	memset(event, 0, sizeof(*event));
	event->time_s = 1700000006;
	strcpy(event->actor, "wipyd");
	strcpy(event->board, board);
	event->has_rollout = rollout >= 0;
	if (rollout >= 0)
		event->rollout = make_id((unsigned)rollout);
	strcpy(event->name, "task-state");
	snprintf(event->detail, sizeof(event->detail), "%s", detail);
}

UNUSED static void put_boards(struct fixture *f, int count)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct board board;
	char name[NAME_MAX_LEN];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "b%04d", i);
		make_board(name, &board);
		store_put_board(batch, &board);
	}
	if (commit_now(f, batch))
		die("boards were not written");
}

UNUSED static int64_t count_boards(struct fixture *f)
{
	struct store_snapshot s = must_load(f, 0);
	size_t count = s.board_count;

	store_snapshot_done(&s);
	return (int64_t)count;
}

struct verified {
	bool answered;
	int status;
	struct store_verdict verdict;
};

static inline void on_verified(
	void *arg, int status, const struct store_verdict *verdict)
{
	*(struct verified *)arg = (struct verified){true, status, *verdict};
}

/* Walks the chain of events to its end. */
static inline struct verified verify(struct fixture *f)
{
	struct verified verified = {.answered = false};

	store_verify_events(f->store, on_verified, &verified);
	while (!verified.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return verified;
}

/* ---- batches --------------------------------------------------------------------- */

/* A new row, a changed row and an event in each. */
UNUSED static struct store_batch *numbered_batch(struct fixture *f, int number)
{
	struct store_batch *batch = store_batch_new(f->store);
	char text[12];
	struct board board;
	struct task task;
	struct event event;

	snprintf(text, sizeof(text), "%d", number);
	make_board("shared", &board);
	board.seen_s = number;
	make_task(1, text, &task);
	make_event("shared", 1, text, &event);
	store_put_board(batch, &board);
	store_put_task(batch, &task);
	store_add_event(batch, &event);
	return batch;
}

UNUSED static struct store_batch *batch_of_events(struct fixture *f, int count)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct event event;
	char detail[384];

	memset(detail, 'd', sizeof(detail));
	detail[sizeof(detail) - 1] = '\0';
	make_event("b0000", 1, detail, &event);
	for (int i = 0; i < count; i++)
		store_add_event(batch, &event);
	return batch;
}

UNUSED static void in_fixture(void (*test)(struct fixture *f))
{
	struct fixture f;

	fixture_init(&f);
	test(&f);
	fixture_done(&f);
}

#endif
