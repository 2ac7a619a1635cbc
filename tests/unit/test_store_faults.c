/* SPDX-License-Identifier: MIT
 *
 * The store's promise under failure: whatever was answered with 0 is there afterwards,
 * whatever was answered with an error is not, and the file can always be opened again.
 * With each single write of a run failing in turn.
 */
#include "config.h"

#include <sqlite3.h>
#include <stdatomic.h>

#include "tests/unit/store_fixture.h"

/* ---- a file layer that fails on demand ------------------------------------------- */

/* It opens files through the real layer and then puts its own functions in front of
 * those that change a file. Atomic, since the store has a thread. */

enum fault_mode {
	FAULT_ERROR,   /* the operation fails, once, and does nothing */
	FAULT_TORN,    /* half of it is done, then the disk is full */
	FAULT_FOREVER, /* it fails and so does everything after it */
	FAULT_MODES
};

/* Its own functions in front of one of the real layer's tables: there is one for the
 * database and one for its log, which needs no locks. */
struct layer {
	sqlite3_io_methods methods;
	const sqlite3_io_methods *real;
};

static sqlite3_vfs faulty;
static struct layer layers[2];
static atomic_int fault_mode;
static atomic_int fault_at; /* the operation that fails; 0: none */
static atomic_int fault_count;
static atomic_bool fault_seen;
static atomic_int flush_count;

static const sqlite3_io_methods *real_of(sqlite3_file *file)
{
	return ((const struct layer *)(const void *)file->pMethods)->real;
}

static int fault(bool *ret_torn)
{
	int at = atomic_load(&fault_at), mode = atomic_load(&fault_mode);
	int count = atomic_fetch_add(&fault_count, 1) + 1;

	*ret_torn = mode == FAULT_TORN;
	if (at == 0 || count < at || (count > at && mode != FAULT_FOREVER))
		return SQLITE_OK;
	atomic_store(&fault_seen, true);
	return mode == FAULT_TORN ? SQLITE_FULL : SQLITE_IOERR;
}

static int faulty_write(
	sqlite3_file *file, const void *at, int len, sqlite3_int64 offset)
{
	bool torn;
	int rc = fault(&torn);

	if (!rc)
		return real_of(file)->xWrite(file, at, len, offset);
	if (torn)
		(void)real_of(file)->xWrite(file, at, len / 2, offset);
	return rc == SQLITE_IOERR ? SQLITE_IOERR_WRITE : rc;
}

static int faulty_sync(sqlite3_file *file, int flags)
{
	bool torn;
	int rc = fault(&torn);

	if (!rc || torn)
		(void)real_of(file)->xSync(file, flags);
	atomic_fetch_add(&flush_count, 1);
	return rc ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	bool torn;
	int rc = fault(&torn);

	return rc ? SQLITE_IOERR_TRUNCATE : real_of(file)->xTruncate(file, size);
}

static int faulty_shm_map(
	sqlite3_file *file, int page, int size, int extend, void volatile **ret_at)
{
	bool torn;
	int rc = extend ? fault(&torn) : SQLITE_OK;

	return rc ? SQLITE_IOERR_SHMSIZE
		  : real_of(file)->xShmMap(file, page, size, extend, ret_at);
}

static void wrap(struct layer *layer, const sqlite3_io_methods *real)
{
	layer->real = real;
	layer->methods = *real;
	layer->methods.xWrite = faulty_write;
	layer->methods.xSync = faulty_sync;
	layer->methods.xTruncate = faulty_truncate;
	layer->methods.xShmMap = faulty_shm_map;
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
	int flags, int *ret_flags)
{
	sqlite3_vfs *below = vfs->pAppData;
	int rc = below->xOpen(below, name, file, flags, ret_flags);

	if (rc || !file->pMethods)
		return rc;
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		if (!layers[i].real)
			wrap(&layers[i], file->pMethods);
		if (layers[i].real == file->pMethods) {
			file->pMethods = &layers[i].methods;
			return rc;
		}
	}
	die("a third kind of file");
	return rc;
}

/* As the default, so that the store gets it without knowing. */
static void install_faulty(void)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);

	faulty = *below;
	faulty.zName = "faulty";
	faulty.pNext = NULL;
	faulty.pAppData = below;
	faulty.xOpen = faulty_open;
	if (sqlite3_vfs_register(&faulty, 1))
		die("no file layer");
}

/* ---- the sweep ------------------------------------------------------------------- */

enum { BATCHES = 8 };

/* What one run was told, and what is there afterwards. */
struct outcome {
	bool opened;
	int status[BATCHES];
	bool task[BATCHES];
	bool event[BATCHES];
	int64_t seen_s; /* of the board that every batch updates; -1: it is not there */
};

static void run_with_fault(struct fixture *f, struct outcome *outcome)
{
	struct store_batch *batch;
	struct rollout rollout;
	struct errtext error;

	outcome->opened = fixture_open(f, &error) >= 0;
	if (!outcome->opened)
		return;
	for (int i = 0; i < BATCHES; i++) {
		batch = numbered_batch(f, i);
		/* Tasks are loaded with their rollout only. */
		make_rollout(1, &rollout);
		store_put_rollout(batch, &rollout);
		outcome->status[i] = commit_now(f, batch);
	}
	fixture_close(f);
}

static void note_events(void *arg, int status, const struct event *events, size_t count)
{
	struct outcome *outcome = ((void **)arg)[0];
	struct fixture *f = ((void **)arg)[1];

	if (status)
		die("events cannot be read");
	for (size_t i = 0; i < count; i++)
		outcome->event[atoi(events[i].detail)] = true;
	f->answers++;
}

static bool inspect(struct fixture *f, struct outcome *outcome)
{
	void *arg[2] = {outcome, f};
	struct store_snapshot s;
	struct errtext error;

	if (fixture_open(f, &error)) {
		printf("# %s\n", error.text);
		return false;
	}
	s = must_load(f, 1);
	outcome->seen_s = s.board_count ? s.board[0].seen_s : -1;
	for (size_t i = 0; i < s.task_count; i++)
		outcome->task[atoi(s.task[i].board)] = true;
	store_snapshot_done(&s);
	store_read_events(f->store, &(struct store_event_query){.max = BATCHES + 1},
		note_events, arg);
	wait_answers(f, 1);
	fixture_close(f);
	return true;
}

/* When the disk fails for good while the log is flushed, nobody can know whether the
 * last batch has reached it; then all of it or nothing is what can be asked for. */
static bool promise_kept(const struct outcome *outcome, bool strict)
{
	int64_t last = -1;

	for (int i = 0; i < BATCHES; i++) {
		bool there = outcome->task[i];

		if (there != outcome->event[i])
			return false;
		if (!outcome->opened || outcome->status[i] ? strict && there : !there)
			return false;
		if (there)
			last = i;
	}
	return outcome->seen_s == last;
}

static void sweep(enum fault_mode mode, const char *name)
{
	int at = 0, broken = 0, refused = 0;

	do {
		struct outcome outcome = {0};
		struct fixture f;

		fixture_init(&f);
		atomic_store(&fault_mode, (int)mode);
		atomic_store(&fault_count, 0);
		atomic_store(&fault_seen, false);
		atomic_store(&fault_at, ++at);
		run_with_fault(&f, &outcome);
		atomic_store(&fault_at, 0);
		for (int i = 0; i < BATCHES; i++)
			refused += outcome.status[i] != 0;
		if (!inspect(&f, &outcome) ||
			!promise_kept(&outcome, mode != FAULT_FOREVER)) {
			printf("# broken by operation %d\n", at);
			broken++;
		}
		fixture_done(&f);
	} while (atomic_load(&fault_seen));
	EQ_INT(broken, 0, name);
	/* The sweep has swept: many points, and commits that felt them. */
	OK(at > 4 * BATCHES, name);
	OK(refused > BATCHES, name);
	printf("# %d operations, %d commits refused\n", at - 1, refused);
}

/* A power cut cannot be had in a unit test, but what it would show can be counted: a
 * commit that was acknowledged and not flushed. */
static void test_flushed(struct fixture *f)
{
	int before;

	fixture_must_open(f);
	for (int i = 0; i < BATCHES; i++) {
		before = atomic_load(&flush_count);
		if (commit_now(f, numbered_batch(f, i)))
			die("a batch was not written");
		OK(atomic_load(&flush_count) > before, "flushed before it is answered");
	}
	fixture_close(f);
}

/* ---- pruning --------------------------------------------------------------------- */

static void on_plan(void *arg, int status, const struct store_prune_plan *plan)
{
	if (status)
		die("nothing can be planned");
	*(struct store_prune_plan *)arg = *plan;
}

/* Prunes half of the events with that operation failing, also while rows go, and comes
 * again. Returns whether all or nothing of it was done, and the rest fits. */
static bool prune_with_fault(struct fixture *f, int at, enum fault_mode mode)
{
	struct store_prune_plan plan = {.first_seq = -1};
	struct store_batch *batch;
	struct errtext error;
	struct verified v;
	int status;

	fixture_must_open(f);
	if (commit_now(f, batch_of_events(f, 1030)) ||
		commit_now(f, batch_of_events(f, 70)))
		die("events were not written");
	store_plan_prune(f->store, INT64_MAX, true, on_plan, &plan);
	while (plan.first_seq < 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	atomic_store(&fault_mode, (int)mode);
	atomic_store(&fault_count, 0);
	atomic_store(&fault_seen, false);
	atomic_store(&fault_at, at);
	batch = store_batch_new(f->store);
	store_put_prune(batch, &plan, 20);
	status = commit_now(f, batch);
	fixture_close(f);
	atomic_store(&fault_at, 0);
	if (fixture_open(f, &error))
		die("the store cannot be opened again");
	v = verify(f);
	fixture_close(f);
	return !v.verdict.fault && v.verdict.count == (status ? 1100 : 70);
}

/* Not each operation: most of them write back pages of the same few kinds. */
static void test_prune_faults(void)
{
	enum { STRIDE = 83 };
	int rounds = 0, broken = 0;

	do {
		int at = 1 + STRIDE * rounds;
		struct fixture f;

		fixture_init(&f);
		if (!prune_with_fault(&f, at, rounds % 2 ? FAULT_ERROR : FAULT_TORN)) {
			printf("# broken by operation %d\n", at);
			broken++;
		}
		fixture_done(&f);
		rounds++;
	} while (atomic_load(&fault_seen));
	EQ_INT(broken, 0, "pruning is done or not done");
	OK(rounds > 5, "pruning has operations to fail");
}

int main(void)
{
	install_faulty();
	in_fixture(test_flushed);
	sweep(FAULT_ERROR, "one operation fails");
	sweep(FAULT_TORN, "one write is torn by a full disk");
	sweep(FAULT_FOREVER, "the disk fails for good");
	test_prune_faults();
	return tap_done();
}
