/* SPDX-License-Identifier: MIT
 *
 * Programs and what they print, in a usual and in a small arena, whole, one bytecode a
 * slice, and with every allocation tried twice.
 */
#ifndef WIPY_TESTS_PY_ROWS_H
#define WIPY_TESTS_PY_ROWS_H

#include "tests/tap.h"
#include "tests/unit/py_host.h"

#define TRACE  "Traceback (most recent call last):\n  File \"<stdin>\", line "
#define MODULE ", in <module>\n"

struct row {
	const char *source;
	const char *prints;
};

static inline void check_rows_so(const struct row *rows, size_t count, const char *how,
	size_t arena_len, uint16_t slice, bool twice)
{
	struct py_host *host = py_host_new(arena_len);

	for (size_t i = 0; i < count; i++) {
		py_start(host->board);
		host->board->py.slice = slice;
		host->board->py.always_collect = twice;
		py_host_out_len = 0;
		py_run_text(
			host->board, PY_FILE, rows[i].source, strlen(rows[i].source));
		EQ_STR(py_host_go(host, 1000000), rows[i].prints, how);
		if (strcmp(py_host_out, rows[i].prints) != 0)
			printf("# in: %s\n", rows[i].source);
	}
	py_host_free(host);
}

static inline void check_rows(const struct row *rows, size_t count)
{
	check_rows_so(rows, count, "24 KiB", 24 * 1024, 0, false);
	check_rows_so(rows, count, "8 KiB", 8 * 1024, 0, false);
	check_rows_so(rows, count, "slices of one", 24 * 1024, 1, false);
	check_rows_so(rows, count, "all tried twice", 24 * 1024, 0, true);
}

#endif
