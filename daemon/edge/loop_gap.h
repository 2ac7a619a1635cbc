/* SPDX-License-Identifier: MIT
 *
 * How long the loop was at work without a look at what had come in meanwhile: in that time
 * no board and no request is heard.
 */
#ifndef WIPY_EDGE_LOOP_GAP_H
#define WIPY_EDGE_LOOP_GAP_H

#include <uv.h>

#include "daemon/core/tally.h"

struct loop_gap {
	uv_prepare_t prepare;
	uint64_t turned_ns, idle_ns; /* at the latest turn */
	struct histogram gaps;
};

/* Before the loop runs; it does not keep the loop alive. */
void loop_gap_start(uv_loop_t *loop, struct loop_gap *gap);
/* Before the loop is closed. */
void loop_gap_stop(struct loop_gap *gap);

#endif
