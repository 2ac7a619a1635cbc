/* SPDX-License-Identifier: MIT
 *
 * The store's promise after kill -9 and on a full disk: what was acknowledged is there, what
 * was refused is not, and reading goes on.
 */
#include "config.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "daemon/edge/store_schema.h"
#include "tests/unit/store_fixture.h"

/* ---- kill -9 --------------------------------------------------------------------- */

enum { KILLS = 10, IN_FLIGHT = 5 };

struct writer {
	struct fixture *f;
	int pipe;
	int next;  /* to be committed */
	int acked; /* answers come in order, so a count is enough */
};

static void on_acked(void *arg, int status)
{
	struct writer *writer = arg;
	int number = writer->acked++;

	if (status || write(writer->pipe, &number, sizeof(number)) != sizeof(number))
		_exit(1);
	store_commit(numbered_batch(writer->f, writer->next++), on_acked, writer);
}

/* Commits numbers without end, and reports each once it is acknowledged. */
static void write_until_killed(struct fixture *f, int first, int pipe)
{
	struct writer writer = {f, pipe, first, first};
	struct store_batch *batch;
	struct rollout rollout;

	fixture_must_open(f);
	batch = store_batch_new(f->store);
	make_rollout(1, &rollout);
	store_put_rollout(batch, &rollout);
	store_commit(batch, NULL, NULL);
	while (writer.next < first + IN_FLIGHT)
		store_commit(numbered_batch(f, writer.next++), on_acked, &writer);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	_exit(1);
}

/* Kills the writer when it has reported so many. Returns the last number reported,
 * which may be one from just before its death. */
static int kill_after(struct fixture *f, int first, int reports)
{
	int ends[2], number = first - 1, status = 0, got;
	pid_t child;

	if (pipe(ends))
		die("no pipe");
	child = fork();
	if (child < 0)
		die("no process to kill");
	if (child == 0) {
		close(ends[0]);
		write_until_killed(f, first, ends[1]);
	}
	close(ends[1]);
	while (read(ends[0], &got, sizeof(got)) == sizeof(got)) {
		number = got;
		if (--reports == 0)
			kill(child, SIGKILL);
	}
	close(ends[0]);
	waitpid(child, &status, 0);
	if (!WIFSIGNALED(status))
		die("the writer failed");
	return number;
}

static void test_kill(void)
{
	unsigned seed = (unsigned)getpid();
	struct fixture f;
	int first = 0, lost = 0;

	printf("# seed %u\n", seed);
	fixture_init(&f);
	for (int round = 0; round < KILLS; round++) {
		int acked, there;
		struct store_snapshot s;

		seed = seed * 1103515245 + 12345;
		acked = kill_after(&f, first, 1 + (int)(seed >> 16) % 120);
		fixture_must_open(&f);
		s = must_load(&f, 1);
		there = (int)s.task_count -
			1; /* the highest number, if none is missing */
		for (int i = 0; i <= acked; i++)
			lost += i > there || atoi(s.task[i].board) != i;
		lost += s.board_count != 1 || s.board[0].seen_s != there;
		store_snapshot_done(&s);
		fixture_close(&f);
		first = there + 1;
	}
	EQ_INT(lost, 0, "rows that were acknowledged before a kill -9");
	OK(first >= KILLS, "rows were written");
	printf("# %d kills, %d rows\n", KILLS, first);
	fixture_done(&f);
}

/* ---- a full disk ----------------------------------------------------------------- */

/* A limit on the size of files stands in for the disk: it needs no root, and comes as a
 * short write and then an error, as a full disk does. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		die("no limit on files");
}

static void count_events(
	void *arg, int status, const struct event *events, size_t count)
{
	struct fixture *f = arg;

	(void)events;
	f->status[0] = status ? status : (int)count;
	f->answers++;
}

static int events_there(struct fixture *f)
{
	f->answers = 0;
	store_read_events(f->store, &(struct store_event_query){.max = SIZE_MAX},
		count_events, f);
	wait_answers(f, 1);
	return f->status[0];
}

static void test_full_disk(struct fixture *f)
{
	static const int sizes[] = {1, 20000, 2, 0, 20000, 4};
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	struct stat wal;
	char path[FIXTURE_PATH_MAX];

	fixture_must_open(f);
	put_boards(f, 1);
	if (stat(fixture_path(f, "wipyd.db-wal", path), &wal))
		die("there is no log");
	limit_files((rlim_t)wal.st_size + 300000);
	for (int i = 0; i < COUNT; i++)
		store_commit(batch_of_events(f, sizes[i]), on_answer, f);
	wait_answers(f, COUNT);
	for (int i = 0; i < COUNT; i++)
		EQ_INT(f->status[i], sizes[i] > 1000 ? WIPY_E_FULL : 0,
			"a batch that fits is not spoilt by one that does not");
	EQ_INT(events_there(f), 7, "nothing of a refused batch is there");

	limit_files(20000);
	EQ_INT(commit_now(f, batch_of_events(f, 1)), WIPY_E_FULL, "no room at all");
	EQ_INT(events_there(f), 7, "reading goes on");
	limit_files(RLIM_INFINITY);
	EQ_INT(commit_now(f, batch_of_events(f, 20000)), 0, "room again");
	EQ_INT(events_there(f), 20007, "all is there");
	fixture_close(f);
	fixture_must_open(f);
	EQ_INT(events_there(f), 20007, "all is there after a restart");
	fixture_close(f);
}

/* Opened on a full disk: what is there is read, nothing is written, and it heals. */
static void full_then_room(struct fixture *f, int events, const char *name)
{
	struct errtext error = {""};

	EQ_INT(fixture_open(f, &error), STORE_FULL, name);
	OK(strstr(error.text, f->dir) && strstr(error.text, "make room"), name);
	EQ_INT(count_boards(f), 1, name);
	EQ_INT(events_there(f), events, name);
	EQ_INT(commit_now(f, batch_of_events(f, 1)), WIPY_E_FULL, name);
	EQ_INT(commit_now(f, batch_of_events(f, 1)), WIPY_E_FULL, name);
	limit_files(RLIM_INFINITY);
	EQ_INT(commit_now(f, batch_of_events(f, 1)), 0, name);
	EQ_INT(events_there(f), events + 1, name);
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, name);
	fixture_close(f);
}

static void test_full_disk_at_start(struct fixture *f)
{
	struct errtext error = {""};

	limit_files(100);
	EQ_INT(fixture_open(f, &error), WIPY_E_FULL, "no room for a new file");
	OK(strstr(error.text, f->dir) != NULL, "no room for a new file");
	limit_files(RLIM_INFINITY);
	fixture_must_open(f);
	put_boards(f, 1);
	fixture_close(f);
	limit_files(100);
	full_then_room(f, 0, "no room even for the shared index of the log");
	fixture_must_open(f);
	EQ_INT(events_there(f), 1, "as ever afterwards");
	fixture_close(f);
}

/* A log that a kill -9 has left is read, and not lost, where nothing can be written:
 * neither its shared index nor more of itself, or (`in_log`) only the latter. */
static void full_after_kill(struct fixture *f, bool in_log)
{
	struct stat wal;
	char path[FIXTURE_PATH_MAX];
	int acked = kill_after(f, 0, 60) + 1;

	if (stat(fixture_path(f, "wipyd.db-wal", path), &wal))
		die("there is no log");
	OK(wal.st_size > 64000, "a log that is longer than its index");
	limit_files(in_log ? (rlim_t)wal.st_size : 100);
	EQ_INT(fixture_open(f, &(struct errtext){""}), STORE_FULL, "after a kill -9");
	OK(events_there(f) >= acked, "what was acknowledged is there");
	EQ_INT(commit_now(f, batch_of_events(f, 1)), in_log ? 0 : WIPY_E_FULL,
		"a commit only where the log can begin anew in its own file");
	acked += in_log;
	fixture_close(f); /* which, without it, cannot write the log back */
	limit_files(RLIM_INFINITY);
	fixture_must_open(f);
	OK(events_there(f) >= acked, "and is still there");
	EQ_INT(verify(f).verdict.fault, STORE_FAULT_NONE, "with its chain");
	fixture_close(f);
}

static void test_full_disk_after_kill(struct fixture *f)
{
	full_after_kill(f, false);
}

static void test_full_log_after_kill(struct fixture *f)
{
	full_after_kill(f, true);
}

/* An older file needs its migrations first: then the daemon cannot begin. */
static void test_full_disk_and_old(struct fixture *f)
{
	struct errtext error = {""};
	char path[FIXTURE_PATH_MAX];
	sqlite3 *db;

	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		store_schema_upgrade(db, 1))
		die("no database of schema 1");
	sqlite3_close(db);
	limit_files(100);
	EQ_INT(fixture_open(f, &error), WIPY_E_FULL, "an old file on a full disk");
	OK(strstr(error.text, "start wipyd again") != NULL, "says what to do");
	limit_files(RLIM_INFINITY);
	fixture_must_open(f);
	fixture_close(f);
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	in_fixture(test_full_disk);
	in_fixture(test_full_disk_at_start);
	in_fixture(test_full_disk_after_kill);
	in_fixture(test_full_log_after_kill);
	in_fixture(test_full_disk_and_old);
	test_kill();
	return tap_done();
}
