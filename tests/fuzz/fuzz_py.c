/* SPDX-License-Identifier: MIT
 *
 * The Python: any text is compiled and run with a budget of bytecodes, in a small arena
 * and in a usual one. The first byte chooses the mode and whether every instruction that
 * allocates has to be tried twice.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/py_host.h"

#define BUDGET    20000
#define ARENA_MAX (24 * 1024)

static void run(const uint8_t *data, size_t size, size_t arena_len)
{
	static struct py_host *host;
	struct wipy_board *board;

	if (!host)
		host = py_host_new(ARENA_MAX);
	FUZZ_CHECK(host != NULL);
	board = host->board;
	board->settings.arena_len = arena_len;
	board->reset_wanted = false;
	py_start(board);
	board->py.always_collect = data[0] & 2;
	py_run_text(board, data[0] & 1 ? PY_SINGLE : PY_FILE, (const char *)data + 1,
		size - 1);
	py_host_out_len = 0;
	py_host_go(host, BUDGET);
	/* whatever happened, the next line runs */
	py_run_text(board, PY_SINGLE, "1", 1);
	py_host_out_len = 0;
	py_host_go(host, BUDGET);
	FUZZ_CHECK(py_is_idle(board) || board->reset_wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	run(data, size, ARENA_MAX);
	run(data, size, 4 * 1024);
	return 0;
}
