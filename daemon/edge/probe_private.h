/* SPDX-License-Identifier: MIT
 *
 * What the kinds of probes share: one timer, one outcome, one way out.
 *
 *   start -> (settle: the outcome is known, `leave`) -> close: `done`, freed
 *
 * A kind embeds `struct probe_run` as its first member.
 */
#ifndef WIPY_EDGE_PROBE_PRIVATE_H
#define WIPY_EDGE_PROBE_PRIVATE_H

#include <stdbool.h>

#include "daemon/edge/probe_run.h"

struct probe_kind_ops {
	/* The deadline came first: it settles. */
	void (*late)(struct probe_run *run);
	/* The outcome is known: lets go of everything, then calls probe_run_close(). */
	void (*leave)(struct probe_run *run);
	/* Leaving takes too long. */
	void (*kill)(struct probe_run *run);
};

struct probe_run {
	uv_timer_t timer;
	const struct probe_kind_ops *ops;
	probe_run_fn done; /* NULL: given up */
	void *arg;
	int64_t deadline_ms;
	bool settled, closing;
	enum probe_outcome outcome;
	char evidence[PROBE_EVIDENCE_MAX];
};

/* Zeroed memory; running out of it ends the program. */
void *probe_alloc(size_t size);
/* Once, by the kind, right after probe_alloc(). */
void probe_run_init(struct probe_run *run, uv_loop_t *loop,
	const struct probe_kind_ops *ops, int64_t deadline_ms);
/* The first outcome counts. */
void probe_run_settle(struct probe_run *run, enum probe_outcome outcome,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Nothing of the kind is open any more; it is freed by the loop. */
void probe_run_close(struct probe_run *run);
/* The fault is on our side: it says nothing of the board. */
bool probe_fault_is_ours(int error);

struct probe_run *probe_tcp_start(uv_loop_t *loop, const struct probe_request *request);
struct probe_run *probe_http_start(
	uv_loop_t *loop, const struct probe_request *request);
struct probe_run *probe_command_start(
	uv_loop_t *loop, const struct probe_request *request);

#endif
