/* SPDX-License-Identifier: MIT
 *
 * Seeded walks: boards, rollouts and tasks change at random, several a commit and several
 * commits a second. Afterwards the past of each second is what stood in memory at its end,
 * to the last field, for each back end, after a restart, and after a pruning for every
 * second that is left.
 */
#include "config.h"

#include <time.h>

#include "tests/unit/store_kinds.h"

enum { BOARDS = 5, ROLLOUTS = 4, COMMITS = 120, SEEDS = 6, SECONDS_MAX = 400 };

static int64_t now_s; /* the store's clock */
static uint32_t state;

/* In front of the C library's: a minute of the walk takes no minute. */
time_t time(time_t *ret_now)
{
	if (ret_now)
		*ret_now = (time_t)now_s;
	return (time_t)now_s;
}

static unsigned pick(unsigned count)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 16) % count;
}

/* ---- what is in memory ----------------------------------------------------------- */

struct memory {
	int64_t time_s; /* the second that ended like this */
	bool there[BOARDS], started[ROLLOUTS], has_task[ROLLOUTS][BOARDS];
	struct board board[BOARDS];
	struct rollout rollout[ROLLOUTS];
	struct task task[ROLLOUTS][BOARDS];
	int latest[BOARDS]; /* the rollout whose task changed last; -1: none */
};

static struct memory seconds[SECONDS_MAX];
static size_t second_count;

/* What changes without being shown is as it was at some earlier time. */
static struct board shown_board(struct board board)
{
	board.seen_s = board.intrusions = 0;
	board.misses = board.flaps = 0;
	return board;
}

static struct task shown_task(struct task task)
{
	task.bytes_taken = task.due_s = 0;
	return task;
}

static bool same_board(const struct board *a, const struct board *b)
{
	struct board left = shown_board(*a), right = shown_board(*b);

	return memcmp(&left, &right, sizeof(left)) == 0;
}

static bool same_task(const struct task *a, const struct task *b)
{
	struct task left = shown_task(*a), right = shown_task(*b);

	return memcmp(&left, &right, sizeof(left)) == 0;
}

/* ---- changes --------------------------------------------------------------------- */

static void change_board(struct memory *m, struct store_batch *batch)
{
	static const char *const ledgers[] = {
		"1wBA!|2C11?Ab,1R01?A-\tv1.8.6 on 2016-11-10; WiPy with CC3200\tv1.8.7 "
		"on 2017-01-08; WiPy with CC3200",
		"1wB-?|0C00--\tv1.8.7 on 2017-01-08; WiPy with CC3200"};
	unsigned at = pick(BOARDS);
	struct board *board = &m->board[at];
	char name[8];

	snprintf(name, sizeof(name), "b%u", at);
	if (m->there[at] && pick(8) == 0) {
		m->there[at] = false;
		store_delete_board(batch, name);
		return;
	}
	m->there[at] = true;
	make_board(name, board);
	board->reach = (enum reach)pick(3);
	board->version = (enum version_state)pick(VERSION_COUNT);
	board->conditions = pick(8);
	board->has_fingerprint = pick(3) > 0;
	if (!board->has_fingerprint)
		memset(&board->fingerprint, 0, sizeof(board->fingerprint));
	if (pick(2))
		(void)!ledger_parse(ledgers[pick(2)], &board->ledger);
	board->flaps = (int)pick(9); /* not shown */
	board->seen_s = now_s;
	store_put_board(batch, board);
}

static void change_rollout(struct memory *m, struct store_batch *batch)
{
	unsigned at = pick(ROLLOUTS);
	struct rollout *rollout = &m->rollout[at];

	/* Each is begun once, in order. */
	if (at > 0 && !m->started[at - 1])
		return;
	if (!m->started[at])
		make_rollout(at + 1, rollout);
	if (!m->started[at])
		rollout->created_s = now_s;
	m->started[at] = true;
	rollout->state = (enum rollout_state)pick(ROLLOUT_STATE_COUNT);
	rollout->since_s = now_s;
	for (int i = 0; i < WAVES_MAX; i++)
		rollout->wave_state[i] = (enum wave_state)pick(WAVE_STATE_COUNT);
	rollout->acked_lost = (int)pick(3);
	store_put_rollout(batch, rollout);
}

static void change_task(struct memory *m, struct store_batch *batch)
{
	unsigned r = pick(ROLLOUTS), b = pick(BOARDS);
	struct task *task = &m->task[r][b], was = *task;
	char name[8];

	if (!m->started[r] || !m->there[b])
		return;
	snprintf(name, sizeof(name), "b%u", b);
	make_task(r + 1, name, task);
	task->state = (enum task_state)pick(TASK_STATE_COUNT);
	task->proof = (enum proof)pick(PROOF_COUNT);
	task->attempt = (int)pick(2);
	task->bytes_taken = pick(1000); /* not shown */
	memset(task->evidence, 'a' + (int)pick(2), 3);
	if (!m->has_task[r][b] || !same_task(task, &was))
		m->latest[b] = (int)r;
	m->has_task[r][b] = true;
	store_put_task(batch, task);
}

static void walk(struct fixture *f)
{
	static void (*const changes[])(
		struct memory * m, struct store_batch * batch) = {
		change_board, change_rollout, change_task, change_task};
	static struct memory m;

	memset(&m, 0, sizeof(m));
	memset(m.latest, 0xff, sizeof(m.latest));
	second_count = 0;
	for (int i = 0; i < COMMITS; i++) {
		struct store_batch *batch = store_batch_new(f->store);
		struct event event;

		for (unsigned n = 1 + pick(4); n > 0; n--)
			changes[pick(4)](&m, batch);
		make_event("b0", -1, "x", &event);
		event.time_s = now_s;
		store_add_event(batch, &event);
		if (commit_now(f, batch))
			die("a commit failed");
		if (kind->durable && i == COMMITS / 4) { /* which seals a segment */
			fixture_close(f);
			kind->open(f);
		}
		if (second_count == 0 || seconds[second_count - 1].time_s != now_s)
			second_count++;
		seconds[second_count - 1] = m;
		seconds[second_count - 1].time_s = now_s;
		now_s += pick(3);
	}
}

/* ---- looking back ---------------------------------------------------------------- */

struct asked {
	const struct memory *m;
	int rollout; /* -1: boards */
	bool answered;
	int status;
	int wrong;
};

static const struct task *find_task(
	const struct store_snapshot *past, const struct task *wanted)
{
	for (size_t i = 0; i < past->task_count; i++)
		if (strcmp(past->task[i].board, wanted->board) == 0 &&
			id_equal(&past->task[i].rollout, &wanted->rollout))
			return &past->task[i];
	return NULL;
}

static int wrong_boards(const struct memory *m, const struct store_snapshot *past)
{
	size_t boards = 0, tasks = 0;
	int wrong = 0;

	for (int i = 0; i < BOARDS; i++) {
		const struct task *latest, *then;

		if (!m->there[i])
			continue;
		wrong += boards >= past->board_count ||
			 !same_board(&past->board[boards], &m->board[i]);
		boards++;
		if (m->latest[i] < 0)
			continue;
		latest = &m->task[m->latest[i]][i];
		then = find_task(past, latest);
		wrong += !then || !same_task(then, latest);
		tasks++;
	}
	return wrong + (boards != past->board_count) + (tasks != past->task_count);
}

static int wrong_rollout(
	const struct memory *m, int at, const struct store_snapshot *past)
{
	size_t tasks = 0;
	int wrong = 0;

	if (!m->started[at])
		return past->rollout_count != 0;
	wrong += past->rollout_count != 1 || memcmp(&past->rollout[0], &m->rollout[at],
						     sizeof(m->rollout[at])) != 0;
	for (int i = 0; i < BOARDS; i++) {
		const struct task *then = find_task(past, &m->task[at][i]);

		if (!m->has_task[at][i])
			continue;
		wrong += !then || !same_task(then, &m->task[at][i]);
		tasks++;
	}
	return wrong + (tasks != past->task_count);
}

static void on_past(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct asked *asked = arg;

	(void)begins_s;
	asked->answered = true;
	asked->status = status;
	asked->wrong = asked->rollout < 0
			       ? wrong_boards(asked->m, past)
			       : wrong_rollout(asked->m, asked->rollout, past);
}

static struct asked ask(struct fixture *f, const struct memory *m, int rollout)
{
	struct asked asked = {.m = m, .rollout = rollout};
	struct id id = make_id((unsigned)rollout + 1);

	if (rollout < 0)
		store_read_past_boards(f->store, NULL, m->time_s, on_past, &asked);
	else
		store_read_past_rollout(f->store, &id, &id, m->time_s, on_past, &asked);
	while (!asked.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return asked;
}

/* How many answers are not what was in memory, or not that it is pruned. */
static int wrong_seconds(struct fixture *f, int64_t pruned_s)
{
	int wrong = 0;

	for (size_t i = 0; i < second_count; i++)
		for (int r = -1; r < ROLLOUTS; r++) {
			struct asked asked = ask(f, &seconds[i], r);

			if (seconds[i].time_s < pruned_s)
				wrong += asked.status != WIPY_E_PRUNED;
			else
				wrong += asked.status || asked.wrong;
		}
	return wrong;
}

static void on_plan(void *arg, int status, const struct store_prune_plan *plan)
{
	if (status)
		die("no plan");
	*(struct store_prune_plan *)arg = *plan;
}

/* Prunes about a half. Returns the second up to which everything went. */
static int64_t prune_half(struct fixture *f)
{
	struct store_prune_plan plan = {.first_seq = -1};
	struct store_batch *batch;

	store_plan_prune(
		f->store, seconds[second_count / 2].time_s, true, on_plan, &plan);
	while (plan.first_seq < 0)
		uv_run(&f->loop, UV_RUN_ONCE);
	if (plan.upto_seq == 0)
		return 0;
	batch = store_batch_new(f->store);
	store_put_prune(batch, &plan, ROLLOUTS);
	if (commit_now(f, batch))
		die("a commit failed");
	return plan.upto_s;
}

static void test_walks(struct fixture *f)
{
	int wrong = 0, pruned = 0;

	for (int seed = 1; seed <= SEEDS; seed++) {
		int before = wrong;
		int64_t pruned_s;

		state = (uint32_t)seed;
		now_s = 1800000000 + 100000 * (int64_t)seed;
		if (seed > 1) {
			fixture_close(f);
			fixture_done(f);
			fixture_init(f);
			kind->open(f);
		}
		walk(f);
		wrong += wrong_seconds(f, 0);
		if (kind->durable) {
			fixture_close(f);
			kind->open(f);
		}
		wrong += wrong_seconds(f, 0);
		pruned_s = prune_half(f);
		wrong += wrong_seconds(f, pruned_s);
		if (kind->durable) {
			fixture_close(f);
			kind->open(f);
		}
		wrong += wrong_seconds(f, pruned_s);
		pruned += pruned_s > seconds[0].time_s;
		if (wrong > before)
			printf("# seed %d\n", seed);
	}
	EQ_INT(wrong, 0, named("the past is what was in memory"));
	EQ_INT(pruned, SEEDS, named("something was pruned"));
}

static void (*const cases[])(struct fixture *f) = {test_walks};

int main(void)
{
	run_cases(cases, 1);
	return tap_done();
}
