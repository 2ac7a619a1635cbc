/* SPDX-License-Identifier: MIT
 *
 * The probes of a soak: a round asks them one after the other, since a board has one
 * telnet line and few sockets. What a round has learnt is stored before the table hears of
 * it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/edge/log.h"
#include "daemon/edge/probe_run.h"
#include "daemon/engine_private.h"

#define TAG "probe"

#define ROUNDS_MAX 32 /* each may run a program of the owner */

/* The round that is under way; the task's until it ends or is cancelled. */
struct engine_round {
	struct engine_task *task;
	const struct probe_list *list; /* as the round began */
	struct probe_results results;
	struct probe_run *run;       /* of the one that is asked */
	struct board_link *link;     /* or this */
	char expect[PROBE_EXPR_MAX]; /* of it */
};

static const struct probe_list *probes_of(const struct engine_task *et)
{
	static const struct probe_list none;

	return et->board && et->board->spec->probes ? et->board->spec->probes : &none;
}

bool engine_has_probes(const struct engine_task *et)
{
	return probes_of(et)->count > 0;
}

enum probe_outcome engine_probe_verdict(const struct engine_task *et)
{
	struct probe_results results;

	probe_record_read(et->task.probes, &results);
	return probe_verdict(&results);
}

/* ---- the end of a round -------------------------------------------------------------- */

static void note_changes(const struct engine_task *et, const struct probe_results *was,
	const struct probe_results *now, struct store_batch *batch)
{
	char detail[384];

	for (size_t i = 0; i < now->count; i++) {
		const struct probe_result *result = &now->result[i];
		enum probe_outcome before = PROBE_UNASKED;

		for (size_t k = 0; k < was->count; k++)
			if (strcmp(was->result[k].name, result->name) == 0)
				before = was->result[k].outcome;
		if (before == result->outcome)
			continue;
		snprintf(detail, sizeof(detail), "%s: %s -> %s: %s", result->name,
			probe_outcome_name(before), probe_outcome_name(result->outcome),
			result->evidence);
		engine_event_caused(batch, "wipyd", "rollout", et->task.board,
			&et->task.rollout, "task-probe", detail);
		log_info(TAG, "%s board=%s", detail, et->task.board);
	}
}

static enum task_event event_of(enum probe_outcome verdict)
{
	if (verdict == PROBE_FAIL)
		return TASK_EV_PROBES_FAILED;
	return verdict == PROBE_INCONCLUSIVE ? TASK_EV_PROBES_UNCLEAR
					     : TASK_EV_PROBES_PASSED;
}

static void round_ended(struct engine_round *round)
{
	struct engine_task *et = round->task;
	struct engine *engine = et->rollout->engine;
	struct probe_results known, was;

	et->round = NULL;
	engine->actions_in_flight--;
	engine->rounds_in_flight--;
	probe_record_read(et->task.probes, &known);
	was = known;
	if (probe_results_merge(&known, &round->results)) {
		struct store_batch *batch = store_batch_new(engine->config.store);

		probe_record_write(&known, et->task.probes);
		note_changes(et, &was, &known, batch);
		store_put_task(batch, &et->task);
		engine_commit(engine, batch);
	} else {
		probe_record_write(&known, et->task.probes);
	}
	if (et->soak_end_ms != 0 && engine_now_ms(engine) >= et->soak_end_ms)
		et->probe_tries++;
	free(round);
	engine_task_event(et, event_of(probe_verdict(&known)), NULL);
	engine_stop_check(engine);
}

/* ---- one probe ----------------------------------------------------------------------- */

static void ask_next(struct engine_round *round);

static void answered(
	struct engine_round *round, enum probe_outcome outcome, const char *evidence)
{
	probe_result_set(&round->results.result[round->results.count++], outcome,
		engine_now_s(), evidence);
	ask_next(round);
}

static void ran(void *arg, enum probe_outcome outcome, const char *evidence)
{
	struct engine_round *round = arg;

	round->run = NULL;
	engine_line_closed(round->task->board); /* it may have been its telnet line */
	answered(round, outcome, evidence);
}

/* What the prompt printed, against what the owner expects. Whatever keeps us from the
 * prompt says nothing of the expression: the looks judge the board's reach. */
static void evaluated(void *arg, const struct board_link_result *result)
{
	struct engine_round *round = arg;
	struct engine_board *board = round->task->board;
	struct engine *engine = board->engine;
	struct store_batch *batch = store_batch_new(engine->config.store);
	const struct telnet_result *telnet = &result->telnet;
	bool good = telnet->has_value && strcmp(telnet->value, round->expect) == 0;
	char evidence[2 * PROBE_EXPR_MAX + 32];

	round->link = NULL;
	engine_line_closed(board);
	engine_note_look(board, result, batch);
	engine_commit(engine, batch);
	if (good)
		snprintf(evidence, sizeof(evidence), "'%s'", telnet->value);
	else if (telnet->has_value)
		snprintf(evidence, sizeof(evidence), "'%s', not '%s'", telnet->value,
			round->expect);
	else
		snprintf(evidence, sizeof(evidence), "%s",
			wipy_strerror(result->status));
	answered(round,
		good                ? PROBE_PASS
		: telnet->has_value ? PROBE_FAIL
				    : PROBE_INCONCLUSIVE,
		evidence);
}

static void evaluate(struct engine_round *round, const struct probe_spec *spec)
{
	struct engine_board *board = round->task->board;
	struct board_link_request request;

	engine_fill_link(board, TELNET_EVAL, &request);
	snprintf(round->expect, sizeof(round->expect), "%s", spec->expect);
	request.expression = spec->text;
	request.connect_ms = spec->deadline_ms;
	round->link = board_link_start(board->engine->loop, &request, evaluated, round);
}

/* A reload may have brought other probes: the round begins anew with them. */
static void ask_next(struct engine_round *round)
{
	struct engine_task *et = round->task;
	struct engine_board *board = et->board;
	const struct probe_list *list = probes_of(et);
	const struct probe_spec *spec;
	struct probe_request request;

	if (round->list != list) {
		round->list = list;
		round->results.count = 0;
	}
	if (round->results.count >= list->count) {
		round_ended(round);
		return;
	}
	if (engine_line_waits(board, &board->engine->tasks, &et->due))
		return;
	spec = &list->probe[round->results.count];
	snprintf(round->results.result[round->results.count].name, PROBE_NAME_MAX, "%s",
		spec->name);
	if (spec->kind == PROBE_REPL) {
		evaluate(round, spec);
		return;
	}
	request = (struct probe_request){.spec = spec,
		.name = board->board.name,
		.address = board->spec->address,
		.ftp_port = board->spec->ftp_port,
		.web = board->engine->config.web};
	round->run = probe_run_start(board->engine->loop, &request, ran, round);
}

/* ---- for the task -------------------------------------------------------------------- */

void engine_probe_start(struct engine_task *et)
{
	struct engine *engine = et->rollout->engine;
	struct engine_round *round;

	if (et->round) { /* the board listens again */
		ask_next(et->round);
		return;
	}
	if (et->board->poll) {
		et->waits_for_poll = true;
		return;
	}
	if (engine->rounds_in_flight >= ROUNDS_MAX) {
		due_heap_set(&engine->tasks, &et->due,
			engine_now_ms(engine) +
				engine->config.settings->return_every_ms);
		engine_arm(engine);
		return;
	}
	round = engine_alloc(1, sizeof(*round));
	round->task = et;
	round->list = probes_of(et);
	engine->actions_in_flight++;
	engine->rounds_in_flight++;
	et->round = round;
	ask_next(round);
}

void engine_probe_cancel(struct engine_task *et)
{
	struct engine_round *round = et->round;

	if (!round)
		return;
	engine_line_cancel(et->board, &round->link);
	if (round->run) {
		probe_run_cancel(round->run);
		engine_line_closed(et->board);
	}
	et->rollout->engine->actions_in_flight--;
	et->rollout->engine->rounds_in_flight--;
	et->round = NULL;
	free(round);
}
