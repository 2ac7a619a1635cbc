/* SPDX-License-Identifier: MIT
 *
 * The machine of py_bench.h.
 */
#include "tests/unit/py_bench.h"

#include <errno.h>

#define STEPS_MAX 10000

size_t hal_flash_size(struct hal *hal, enum hal_area area)
{
	return area == HAL_AREA_FILES ? sizeof(hal->files) : 0;
}

int hal_flash_read(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	memcpy(buf, hal->files + offset, len);
	return 0;
}

int hal_flash_write(
	struct hal *hal, enum hal_area area, size_t offset, const void *buf, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	for (size_t i = 0; i < len; i++)
		hal->files[offset + i] &= ((const uint8_t *)buf)[i];
	return 0;
}

int hal_flash_erase(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	memset(hal->files + offset, 0xFF, len);
	return 0;
}

bool hal_pin_get(struct hal *hal, enum hal_pin pin)
{
	return hal->pin[pin];
}

void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high)
{
	hal->pin[pin] = high;
}

int hal_pin_mode(struct hal *hal, enum hal_pin pin, enum hal_pin_mode mode)
{
	hal->pin_mode[pin] = mode;
	return 0;
}

int64_t hal_ticks_ms(struct hal *hal)
{
	return hal->now_ms;
}

int64_t hal_rtc_s(struct hal *hal)
{
	return 473385600 + hal->now_ms / 1000;
}

void hal_rtc_set(struct hal *hal, int64_t time_s)
{
	(void)hal;
	(void)time_s;
}

void hal_reset(struct hal *hal)
{
	(void)hal;
}

enum hal_reset_cause hal_reset_cause(struct hal *hal)
{
	(void)hal;
	return HAL_RESET_POWER;
}

int hal_start_image(struct hal *hal, enum hal_area area)
{
	(void)hal;
	(void)area;
	return 0;
}

void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms)
{
	hal->watchdog_ms = timeout_ms;
}

void hal_watchdog_feed(struct hal *hal)
{
	(void)hal;
}

void hal_unique_id(struct hal *hal, uint8_t ret_id[6])
{
	(void)hal;
	memcpy(ret_id, "\xd0\x39\x72\x12\x34\x56", 6);
}

void hal_console_write(struct hal *hal, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' && hal->out_len < BENCH_OUT)
			hal->out[hal->out_len++] = text[i];
	hal->out[hal->out_len] = '\0';
}

void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan)
{
	static const struct hal_wlan ap = {.connected = true,
		.address = {192, 168, 1, 1},
		.netmask = {255, 255, 255, 0},
		.gateway = {192, 168, 1, 1}};

	*ret_wlan = ap;
	ret_wlan->mode = hal->wlan_mode;
}

int hal_wlan_start(
	struct hal *hal, enum hal_wlan_mode mode, const char *ssid, const char *key)
{
	hal->wlan_mode = mode;
	snprintf(hal->ssid, sizeof(hal->ssid), "%s", ssid ? ssid : "-");
	snprintf(hal->key, sizeof(hal->key), "%s", key ? key : "-");
	return 0;
}

int hal_net_listen(struct hal *hal, uint16_t port, int backlog)
{
	(void)hal;
	(void)port;
	(void)backlog;
	return -EADDRINUSE;
}

void hal_net_unlisten(struct hal *hal, int listener)
{
	(void)hal;
	(void)listener;
}

int hal_net_accept(struct hal *hal, int listener)
{
	(void)hal;
	(void)listener;
	return -EAGAIN;
}

int hal_net_recv(struct hal *hal, int conn, void *buf, size_t len)
{
	(void)hal;
	(void)conn;
	(void)buf;
	(void)len;
	return -EAGAIN;
}

int hal_net_send(struct hal *hal, int conn, const void *buf, size_t len)
{
	(void)hal;
	(void)conn;
	(void)buf;
	(void)len;
	return -EPIPE;
}

void hal_net_shutdown(struct hal *hal, int conn)
{
	(void)hal;
	(void)conn;
}

void hal_net_abort(struct hal *hal, int conn)
{
	(void)hal;
	(void)conn;
}

void hal_net_poll(struct hal *hal, int handle, unsigned events)
{
	(void)hal;
	(void)handle;
	(void)events;
}

/* ---- the board ---------------------------------------------------------------------- */

struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct wipy_board *board;

	if (!bench)
		abort();
	board = &bench->board;
	memset(bench->hal.files, 0xFF, sizeof(bench->hal.files));
	bench->hal.wlan_mode = HAL_WLAN_AP;
	bench->hal.now_ms = 5000;
	bench->personality = wipy_personality_wipy;
	board->hal = &bench->hal;
	board->personality = &bench->personality;
	board->settings.arena = bench->arena;
	board->settings.arena_len = sizeof(bench->arena);
	board->settings.user = "micro";
	board->settings.password = "python";
	strcpy(board->fingerprint.tag, "v1.8.7");
	strcpy(board->fingerprint.date, "2017-01-08");
	strcpy(board->fingerprint.board, "WiPy");
	strcpy(board->fingerprint.mcu, "CC3200");
	if (files_mount(&board->files, board->hal, board->personality) < 0)
		abort();
	servers_set_defaults(board);
	servers_want(board, true);
	led_show(board, LED_HEARTBEAT, 0);
	py_start(board);
	return bench;
}

const char *bench_run(struct bench *bench, const char *text)
{
	struct wipy_board *board = &bench->board;
	struct hal *hal = &bench->hal;

	hal->out_len = 0;
	hal->out[0] = '\0';
	py_run_text(board, PY_SINGLE, text, strlen(text));
	for (int i = 0; i < STEPS_MAX && !py_is_idle(board); i++) {
		int64_t due = py_step(board, hal->now_ms);

		if (due > hal->now_ms && due != WIPY_NEVER)
			hal->now_ms = due;
	}
	if (!py_is_idle(board))
		return "does not end";
	if (py_failed(board))
		py_show_error(board);
	return hal->out;
}

void bench_put_file(struct wipy_board *board, const char *path, const char *text)
{
	int len = (int)strlen(text);
	int file = files_open(&board->files, path, FILES_WRITE);

	if (file < 0 || files_write(&board->files, file, text, strlen(text)) != len ||
		files_close(&board->files, file) < 0)
		abort();
}
