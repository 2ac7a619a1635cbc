/* SPDX-License-Identifier: MIT
 *
 * A turn of the loop without what it waited in it.
 */
#include "config.h"

#include "daemon/edge/loop_gap.h"

static void on_turn(uv_prepare_t *prepare)
{
	struct loop_gap *gap = prepare->data;
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(prepare->loop);
	uint64_t turn = now - gap->turned_ns, waited = idle - gap->idle_ns;

	if (gap->turned_ns > 0)
		histogram_add(&gap->gaps, turn > waited ? (turn - waited) / 1000 : 0);
	gap->turned_ns = now;
	gap->idle_ns = idle;
}

void loop_gap_start(uv_loop_t *loop, struct loop_gap *gap)
{
	*gap = (struct loop_gap){.turned_ns = 0};
	(void)uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
	(void)uv_prepare_init(loop, &gap->prepare);
	gap->prepare.data = gap;
	(void)uv_prepare_start(&gap->prepare, on_turn);
	uv_unref((uv_handle_t *)&gap->prepare);
}

void loop_gap_stop(struct loop_gap *gap)
{
	uv_close((uv_handle_t *)&gap->prepare, NULL);
}
