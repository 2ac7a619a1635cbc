/* SPDX-License-Identifier: MIT
 *
 * The interpreter on a machine of its own, so that pins, watchdog and radio can be looked
 * at: for the tests of what programs call by name.
 */
#ifndef WIPY_TESTS_PY_BENCH_H
#define WIPY_TESTS_PY_BENCH_H

#include <stdlib.h>
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/py_native.h"
#include "tests/tap.h"

#define TRACE                                                                          \
	"Traceback (most recent call last):\n  File \"<stdin>\", line 1, in "          \
	"<module>\n"
#define E(error) TRACE error "\n"

#define BENCH_ARENA   24576
#define BENCH_SECTORS 64
#define BENCH_OUT     8192

struct hal {
	int64_t now_ms;
	uint8_t files[BENCH_SECTORS * HAL_FLASH_SECTOR];
	size_t out_len;
	char out[BENCH_OUT + 1];
	bool pin[HAL_PIN_COUNT];
	enum hal_pin_mode pin_mode[HAL_PIN_COUNT];
	uint32_t watchdog_ms;
	enum hal_wlan_mode wlan_mode;
	char ssid[40], key[80];
};

struct bench {
	struct hal hal;
	struct wipy_board board;
	struct wipy_personality personality;
	_Alignas(16) uint8_t arena[BENCH_ARENA];
};

/* To be freed with free(). */
struct bench *bench_new(void);
/* What running the text prints, traceback included. */
const char *bench_run(struct bench *bench, const char *text);
void bench_put_file(struct wipy_board *board, const char *path, const char *text);

/* What is typed, and what comes of it. */
struct bench_row {
	const char *source;
	const char *prints;
};

/* Every row begins with an empty heap. */
static inline void bench_check_rows(
	const struct bench_row *rows, size_t count, bool always_collect)
{
	struct bench *bench = bench_new();

	for (size_t i = 0; i < count; i++) {
		py_start(&bench->board);
		for (int file = 0; file < FILES_OPEN_MAX; file++)
			(void)files_close(&bench->board.files, file);
		bench->board.py.always_collect = always_collect;
		led_show(&bench->board, LED_HEARTBEAT, 0);
		EQ_STR(bench_run(bench, rows[i].source), rows[i].prints,
			rows[i].source);
	}
	free(bench);
}

#endif
