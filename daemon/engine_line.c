/* SPDX-License-Identifier: MIT
 *
 * A board's one telnet line, as far as we use it: how it is called, and when it may be
 * called again. The board listens anew only a moment after a close; a call that comes
 * sooner is refused, and by our own doing (WIRE.md 0.4).
 */
#include "config.h"

#include "daemon/engine_private.h"

#define RELISTEN_MS 60 /* boards take 8-12 ms; that, and a slow network */

void engine_fill_link(const struct engine_board *board, enum telnet_goal goal,
	struct board_link_request *ret_request)
{
	const struct board_spec *spec = board->spec;

	*ret_request = (struct board_link_request){
		.address = spec->address,
		.telnet_port = spec->telnet_port,
		.ftp_port = spec->ftp_port,
		.goal = goal,
		.user = spec->user,
		.password = spec->password,
		.may_interrupt = spec->may_interrupt,
	};
}

void engine_line_closed(struct engine_board *board)
{
	board->closed_ms = engine_now_ms(board->engine);
}

bool engine_line_waits(
	const struct engine_board *board, struct due_heap *heap, struct due *due)
{
	int64_t ready_ms = board->closed_ms + RELISTEN_MS;

	if (ready_ms <= engine_now_ms(board->engine))
		return false;
	due_heap_set(heap, due, ready_ms);
	engine_arm(board->engine);
	return true;
}

void engine_line_cancel(struct engine_board *board, struct board_link **link)
{
	if (!*link)
		return;
	board_link_cancel(*link);
	*link = NULL;
	engine_line_closed(board);
}
