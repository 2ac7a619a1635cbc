/* SPDX-License-Identifier: MIT
 *
 * What cases that hold for each back end of the store share: the back ends, writing
 * records, reading events.
 */
#ifndef WIPY_TESTS_STORE_KINDS_H
#define WIPY_TESTS_STORE_KINDS_H

#include <sqlite3.h>

#include "tests/unit/store_fixture.h"

struct kind {
	const char *name;
	bool durable;
	void (*open)(struct fixture *f);
	void (*lose_lease)(struct fixture *f);
};

static const struct kind *kind; /* the one under test */

UNUSED static void open_memory(struct fixture *f)
{
	if (store_open_memory(&f->loop, &f->store))
		die("no store in memory");
}

UNUSED static void lose_memory(struct fixture *f)
{
	store_memory_lose_lease(f->store);
}

/* What another daemon does when it opens the same file. */
UNUSED static void lose_sqlite(struct fixture *f)
{
	run_sql(f, "UPDATE meta SET token = token + 1");
}

static const struct kind kinds[] = {
	{"sqlite", true, fixture_must_open, lose_sqlite},
	{"memory", false, open_memory, lose_memory},
};

UNUSED static const char *named(const char *what)
{
	static char text[120];

	snprintf(text, sizeof(text), "%s: %s", kind->name, what);
	return text;
}

/* What was committed must be there, and be there after a restart. */
UNUSED static struct store_snapshot load_again(struct fixture *f, size_t recent)
{
	if (kind->durable) {
		fixture_close(f);
		kind->open(f);
	}
	return must_load(f, recent);
}

UNUSED static int put_board(struct fixture *f, const struct board *board)
{
	struct store_batch *batch = store_batch_new(f->store);

	store_put_board(batch, board);
	return commit_now(f, batch);
}

UNUSED static int put_rollout(
	struct fixture *f, unsigned number, enum rollout_state state)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct rollout rollout;

	make_rollout(number, &rollout);
	rollout.state = state;
	store_put_rollout(batch, &rollout);
	return commit_now(f, batch);
}

UNUSED static int put_task(
	struct fixture *f, unsigned rollout, const char *board, enum task_state state)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct task task;

	make_task(rollout, board, &task);
	task.state = state;
	store_put_task(batch, &task);
	return commit_now(f, batch);
}

UNUSED static void add_event(
	struct fixture *f, const char *board, int rollout, const char *detail)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct event event;

	make_event(board, rollout, detail, &event);
	store_add_event(batch, &event);
	if (commit_now(f, batch))
		die("an event was not written");
}

/* ---- reading events -------------------------------------------------------------- */

struct heard {
	bool answered;
	int status;
	size_t count;
	char details[256]; /* of all events, one after the other */
	struct event first;
};

UNUSED static void on_events(
	void *arg, int status, const struct event *events, size_t count)
{
	struct heard *heard = arg;

	heard->answered = true;
	heard->status = status;
	heard->count = count;
	for (size_t i = 0; i < count && i < 40; i++)
		strncat(heard->details, events[i].detail, 5);
	if (count)
		heard->first = events[0];
}

UNUSED static struct heard query_events(
	struct fixture *f, const struct store_event_query *query)
{
	struct heard heard;

	memset(&heard, 0, sizeof(heard));
	store_read_events(f->store, query, on_events, &heard);
	while (!heard.answered)
		uv_run(&f->loop, UV_RUN_ONCE);
	return heard;
}

UNUSED static struct heard read_events(
	struct fixture *f, const char *board, const struct id *rollout, size_t max)
{
	return query_events(f, &(struct store_event_query){
				       .board = board, .rollout = rollout, .max = max});
}

/* Each case against each back end. */
UNUSED static void run_cases(void (*const *cases)(struct fixture *f), size_t count)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		kind = &kinds[k];
		for (size_t i = 0; i < count; i++) {
			static struct fixture fixture;

			fixture_init(&fixture);
			kind->open(&fixture);
			cases[i](&fixture);
			fixture_close(&fixture);
			fixture_done(&fixture);
		}
	}
}

#endif
