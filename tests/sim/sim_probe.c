/* SPDX-License-Identifier: MIT
 *
 * Probes of simulated boards: a board is well, ails, or cannot be asked for a quarter
 * of an hour at a time. What was answered is kept beside the board, for sim_watch.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/edge/probe_run.h"
#include "daemon/edge/web.h"
#include "tests/sim/sim.h"

#define PROBES_AT_ONCE 32
#define TELNET_PORT    23

struct probe_run {
	struct sim_event *event;
	struct sim_board *board;
	enum probe_kind kind;
	bool calls; /* the telnet line */
	probe_run_fn done;
	void *arg;
};

/* One draw a board and quarter of an hour; in some of them each answer is drawn
 * anew. */
static enum probe_outcome draw(const struct sim_board *board)
{
	uint64_t quarter = (uint64_t)(sim->now_ms / 900000);
	uint64_t mixed = (quarter * 2654435761u + (uint64_t)(board - sim->board)) *
			 0x9e3779b97f4a7c15u;
	uint32_t mood = (uint32_t)(mixed >> 40) % 100;

	if (sim->plain) /* nothing that hangs on the minute */
		mood = (uint32_t)(board - sim->board) * 7 % 90;
	if (mood >= 90)
		mood = sim_random(90);
	return mood < 65 ? PROBE_PASS : mood < 78 ? PROBE_FAIL : PROBE_INCONCLUSIVE;
}

static void over(void *arg)
{
	struct probe_run *run = arg;
	enum probe_outcome outcome = draw(run->board);

	if (outcome == PROBE_FAIL)
		run->board->probes_failed |= 1u << run->kind;
	else if (outcome == PROBE_PASS)
		run->board->probes_failed &= ~(1u << run->kind);
	sim->probes_now--;
	if (run->calls)
		sim_line_close(run->board);
	run->done(run->arg, outcome, "drawn");
	free(run);
}

struct probe_run *probe_run_start(uv_loop_t *loop, const struct probe_request *request,
	probe_run_fn done, void *arg)
{
	struct probe_run *run = calloc(1, sizeof(*run));

	(void)loop;
	if (!run)
		abort();
	run->board = sim_board_named(request->address);
	run->kind = request->spec->kind;
	run->calls = run->kind == PROBE_TCP && request->spec->port == TELNET_PORT;
	if (run->calls)
		(void)sim_line_open(run->board);
	run->done = done;
	run->arg = arg;
	if (++sim->probes_now > PROBES_AT_ONCE)
		sim_complain("%d boards probed at once", sim->probes_now);
	run->event =
		sim_at(sim_between(5, sim->slow ? request->spec->deadline_ms : 3000),
			over, run);
	return run;
}

void probe_run_cancel(struct probe_run *run)
{
	sim->probes_now--;
	if (run->calls)
		sim_line_close(run->board);
	sim_cancel(run->event);
	free(run);
}

/* No board is asked over HTTP here. */
struct web *web_free(struct web *web)
{
	(void)web;
	return NULL;
}
