/* SPDX-License-Identifier: MIT
 *
 * The test machine.
 */
#include "tests/unit/fw_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/md5.h"

#define SLOT_SIZE (SLOT_HEADER_LEN + 196608)

static const size_t default_sizes[HAL_AREA_COUNT] = {
	[HAL_AREA_RECORD] = 2 * HAL_FLASH_SECTOR,
	[HAL_AREA_FACTORY] = SLOT_SIZE,
	[HAL_AREA_UPDATE1] = SLOT_SIZE,
	[HAL_AREA_UPDATE2] = SLOT_SIZE,
	[HAL_AREA_FILES] = 64 * HAL_FLASH_SECTOR,
	[HAL_AREA_AUX] = 16 * HAL_FLASH_SECTOR,
};

static void *must_alloc(size_t len)
{
	void *at = calloc(1, len);

	if (!at)
		abort();
	return at;
}

struct machine *machine_new(void)
{
	struct machine *machine = must_alloc(sizeof(*machine));
	struct hal *hal = &machine->hal;

	for (int i = 0; i < HAL_AREA_COUNT; i++) {
		hal->sizes[i] = default_sizes[i];
		hal->flash[i] = must_alloc(hal->sizes[i]);
		memset(hal->flash[i], 0xFF, hal->sizes[i]);
	}
	machine->personality = &wipy_personality_wipy;
	for (int i = 0; i < MACHINE_HANDLES; i++)
		hal->handles[i].in = must_alloc(MACHINE_IN_MAX);
	hal->flash_left = -1;
	hal->flash_cut = 4;
	hal->crash_area = -1;
	hal->slow_net = getenv("FW_SLOW_NET") != NULL;
	hal->now_ms = 1000000;
	machine->settings = (struct wipy_settings){.user = "micro",
		.password = "python",
		.address = {192, 168, 1, 1},
		.telnet_port = 23,
		.ftp_port = 21,
		.pasv_port = 2024,
		.boot_ms = 300,
		.timeout_ms = 300000,
		.arena = machine->arena,
		.arena_len = sizeof(machine->arena)};
	return machine;
}

struct machine *machine_free(struct machine *machine)
{
	if (!machine)
		return NULL;
	for (int i = 0; i < HAL_AREA_COUNT; i++)
		free(machine->hal.flash[i]);
	for (int i = 0; i < MACHINE_HANDLES; i++)
		free(machine->hal.handles[i].in);
	free(machine);
	return NULL;
}

void machine_make_image(uint8_t *bytes, size_t len, const char *tag)
{
	static const uint8_t vectors[8] = {0, 0, 4, 0x20, 1, 0x41, 0, 0x20};
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	char text[160] = "MicroPython ";

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + (unsigned char)tag[i % strlen(tag)] +
				     i / 256);
	memcpy(bytes, vectors, sizeof(vectors));
	strcat(text, tag);
	strcat(text, " on 2017-01-08; WiPy with CC3200\r\n");
	memcpy(bytes + len / 2, text, strlen(text) + 1);
	wipy_md5_init(&md5);
	wipy_md5_update(&md5, bytes, len - WIPY_MD5_HEX_LEN);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, hex);
	memcpy(bytes + len - WIPY_MD5_HEX_LEN, hex, WIPY_MD5_HEX_LEN);
}

void machine_install(
	struct machine *machine, enum hal_area area, const uint8_t *bytes, size_t len)
{
	uint8_t *flash = machine->hal.flash[area];

	memset(flash, 0xFF, machine->hal.sizes[area]);
	slot_header(len, flash);
	if (len > 0)
		memcpy(flash + SLOT_HEADER_LEN, bytes, len);
}

void machine_power(struct machine *machine, enum hal_reset_cause cause)
{
	struct hal *hal = &machine->hal;

	for (int i = 0; i < MACHINE_HANDLES; i++) {
		struct machine_handle *handle = &hal->handles[i];

		if (handle->use == MACHINE_LISTENER || !handle->accepted)
			handle->use = MACHINE_FREE;
		else
			handle->board_ended = true;
	}
	if (cause == HAL_RESET_POWER)
		hal_rtc_set(hal, MACHINE_RTC_S);
	hal->cause = cause;
	hal->reset_wanted = false;
	hal->led_count = 0;
	hal->flash_left = -1;
	hal->watchdog_ms = 0;
	wipy_board_start(&machine->board, hal, machine->personality, &machine->settings,
		hal->now_ms);
}

/* To the next thing that happens: the board's, the watchdog's or the test's. */
static int64_t next_ms(const struct hal *hal, int64_t due, int64_t end)
{
	int64_t bite = hal->watchdog_fed_ms + hal->watchdog_ms + 1;
	int64_t next = due < end ? due : end;

	return hal->watchdog_ms > 0 && bite < next ? bite : next;
}

/* A program that runs wants every step there is: so many of them are a millisecond. */
#define BUSY_STEPS 50

void machine_run(struct machine *machine, int64_t ms)
{
	struct hal *hal = &machine->hal;
	int64_t end = hal->now_ms + ms;
	int64_t due;
	int busy = 0;

	do {
		if (hal->watchdog_ms > 0 &&
			hal->now_ms - hal->watchdog_fed_ms > hal->watchdog_ms)
			machine_power(machine, HAL_RESET_WATCHDOG);
		due = wipy_board_step(&machine->board, hal->now_ms);
		if (hal->reset_wanted) {
			machine_power(machine, HAL_RESET_HARD);
			due = hal->now_ms;
		}
		if (due > hal->now_ms)
			hal->now_ms = next_ms(hal, due, end);
		else if (++busy % BUSY_STEPS == 0)
			hal->now_ms++;
	} while (hal->now_ms < end || (due <= hal->now_ms && hal->now_ms == end));
}

void machine_boot(struct machine *machine)
{
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, machine->settings.boot_ms + 1);
}

void machine_cut_how(struct machine *machine, unsigned way)
{
	machine->hal.flash_cut = way % 9;
	machine->hal.flash_partly = way / 9 % 2;
}

/* ---- flash -------------------------------------------------------------------- */

size_t hal_flash_size(struct hal *hal, enum hal_area area)
{
	return hal->sizes[area];
}

int hal_flash_read(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	if (offset + len > hal->sizes[area])
		return -EINVAL;
	if (hal->unreadable[area])
		return -EIO;
	if (hal->reads_left > 0 && --hal->reads_left == 0)
		return -EIO;
	hal->flash_read += len;
	memcpy(buf, hal->flash[area] + offset, len);
	return 0;
}

/* Counts an operation; flash_cut eighths of the one that power fails in are done. */
static bool power_fails(struct hal *hal)
{
	hal->flash_count++;
	if (hal->flash_left > 0)
		hal->flash_left--;
	if (hal->flash_left != 0)
		return false;
	if (hal->flash_recovers)
		hal->flash_left = -1;
	return true;
}

int hal_flash_write(
	struct hal *hal, enum hal_area area, size_t offset, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	bool dead = hal->flash_left == 0;
	bool fails = dead || power_fails(hal);

	if (offset + len > hal->sizes[area] || offset % 4 != 0 || len % 4 != 0) {
		hal->misused = true;
		return -EINVAL;
	}
	size_t done_len = fails ? len * hal->flash_cut / 8 : len;

	for (size_t i = 0; !dead && i < done_len; i++) {
		if (~hal->flash[area][offset + i] & bytes[i])
			hal->misused = true;
		hal->flash[area][offset + i] &= bytes[i];
	}
	/* in the word at the cut every second bit is still to come */
	for (size_t i = done_len;
		!dead && hal->flash_partly && i < len && i < done_len + 4; i++)
		hal->flash[area][offset + i] &= bytes[i] | 0x55;
	return fails ? -EIO : 0;
}

int hal_flash_erase(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	bool dead = hal->flash_left == 0;
	bool fails = dead || power_fails(hal);

	if (offset + len > hal->sizes[area] || offset % HAL_FLASH_SECTOR != 0 ||
		len % HAL_FLASH_SECTOR != 0) {
		hal->misused = true;
		return -EINVAL;
	}
	if (!dead)
		memset(hal->flash[area] + offset, 0xFF,
			fails ? len * hal->flash_cut / 8 : len);
	for (size_t at = 0; !dead && area == HAL_AREA_FILES && at < len;
		at += HAL_FLASH_SECTOR)
		hal->files_erased[(offset + at) / HAL_FLASH_SECTOR]++;
	return fails ? -EIO : 0;
}

/* ---- the rest ----------------------------------------------------------------- */

bool hal_pin_get(struct hal *hal, enum hal_pin pin)
{
	return pin == HAL_PIN_SAFE_BOOT && hal->pin;
}

void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high)
{
	int n = hal->led_count;

	if (pin != HAL_PIN_LED || (n > 0 && hal->led[n - 1].on == high) ||
		n == MACHINE_LED_MAX)
		return;
	hal->led[n] = (struct machine_led){hal->now_ms, high};
	hal->led_count++;
}

int64_t hal_ticks_ms(struct hal *hal)
{
	return hal->now_ms;
}

void hal_reset(struct hal *hal)
{
	hal->reset_wanted = true;
}

enum hal_reset_cause hal_reset_cause(struct hal *hal)
{
	return hal->cause;
}

int hal_start_image(struct hal *hal, enum hal_area area)
{
	return hal->crash_area == (int)area ? -EFAULT : 0;
}

int hal_pin_mode(struct hal *hal, enum hal_pin pin, enum hal_pin_mode mode)
{
	(void)hal;
	(void)mode;
	return pin >= HAL_PIN_GP0 && pin < HAL_PIN_COUNT ? 0 : -EINVAL;
}

int64_t hal_rtc_s(struct hal *hal)
{
	return hal->rtc_s + hal->now_ms / 1000;
}

void hal_rtc_set(struct hal *hal, int64_t time_s)
{
	hal->rtc_s = time_s - hal->now_ms / 1000;
}

void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms)
{
	hal->watchdog_ms = timeout_ms;
	hal->watchdog_fed_ms = hal->now_ms;
}

void hal_watchdog_feed(struct hal *hal)
{
	hal->watchdog_fed_ms = hal->now_ms;
}

void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan)
{
	*ret_wlan = hal->wlan;
}

int hal_wlan_start(
	struct hal *hal, enum hal_wlan_mode mode, const char *ssid, const char *key)
{
	(void)ssid;
	(void)key;
	hal->wlan.mode = mode;
	hal->wlan.events++;
	return 0;
}

void hal_unique_id(struct hal *hal, uint8_t ret_id[6])
{
	static const uint8_t id[6] = {0xD0, 0x39, 0x72, 0x12, 0x34, 0x56};

	(void)hal;
	memcpy(ret_id, id, sizeof(id));
}

void hal_console_write(struct hal *hal, const char *text, size_t len)
{
	if (hal->console)
		hal->console(text, len);
}

/* ---- net, the board's side ---------------------------------------------------- */

static struct machine_handle *open_conn(struct hal *hal, int conn)
{
	struct machine_handle *handle = &hal->handles[conn];

	if (conn < 0 || conn >= MACHINE_HANDLES || handle->use != MACHINE_CONN ||
		handle->board_ended)
		hal->misused = true;
	return handle;
}

static int take_handle(struct hal *hal, enum machine_use use, uint16_t port)
{
	for (int i = 0; i < MACHINE_HANDLES; i++) {
		uint8_t *in = hal->handles[i].in;

		if (hal->handles[i].use != MACHINE_FREE)
			continue;
		memset(&hal->handles[i], 0, sizeof(hal->handles[i]));
		hal->handles[i].in = in;
		hal->handles[i].use = use;
		hal->handles[i].port = port;
		return i;
	}
	abort();
}

static int find_listener(struct hal *hal, uint16_t port)
{
	for (int i = 0; i < MACHINE_HANDLES; i++)
		if (hal->handles[i].use == MACHINE_LISTENER &&
			hal->handles[i].port == port)
			return i;
	return -1;
}

int hal_net_listen(struct hal *hal, uint16_t port, int backlog)
{
	(void)backlog;
	return find_listener(hal, port) >= 0 ? -EADDRINUSE
					     : take_handle(hal, MACHINE_LISTENER, port);
}

void hal_net_unlisten(struct hal *hal, int listener)
{
	if (hal->handles[listener].use != MACHINE_LISTENER)
		hal->misused = true;
	for (int i = 0; i < MACHINE_HANDLES; i++) {
		struct machine_handle *handle = &hal->handles[i];

		if (handle->use == MACHINE_CONN && !handle->accepted &&
			handle->port == hal->handles[listener].port)
			handle->board_ended = handle->aborted = true;
	}
	hal->handles[listener].use = MACHINE_FREE;
}

int hal_net_accept(struct hal *hal, int listener)
{
	if (hal->handles[listener].use != MACHINE_LISTENER)
		hal->misused = true;
	for (int i = 0; i < MACHINE_HANDLES; i++) {
		struct machine_handle *handle = &hal->handles[i];

		if (handle->use == MACHINE_CONN && !handle->accepted &&
			!handle->board_ended &&
			handle->port == hal->handles[listener].port) {
			handle->accepted = true;
			return i;
		}
	}
	return -EAGAIN;
}

int hal_net_recv(struct hal *hal, int conn, void *buf, size_t len)
{
	struct machine_handle *handle = open_conn(hal, conn);
	size_t n;

	if (handle->client_reset)
		return -ECONNRESET;
	if (handle->in_at == handle->in_len)
		return handle->client_shut ? 0 : -EAGAIN;
	n = handle->segments[handle->segment_at] - handle->in_at;
	if (n > len)
		n = len;
	if (n > 1 && (hal->single_bytes || (hal->slow_net && handle->port > 23)))
		n = 1;
	memcpy(buf, handle->in + handle->in_at, n);
	handle->in_at += n;
	if (handle->in_at == handle->segments[handle->segment_at])
		handle->segment_at++;
	return (int)n;
}

int hal_net_send(struct hal *hal, int conn, const void *buf, size_t len)
{
	struct machine_handle *handle = open_conn(hal, conn);

	if (handle->client_reset)
		return -ECONNRESET;
	if (handle->full || handle->out_len + 1 >= MACHINE_OUT_MAX)
		return -EAGAIN;
	if (len > 1 && (hal->single_bytes || hal->slow_net))
		len = 1;
	if (len > MACHINE_OUT_MAX - 1 - handle->out_len)
		len = MACHINE_OUT_MAX - 1 - handle->out_len;
	memcpy(handle->out + handle->out_len, buf, len);
	handle->out_len += len;
	return (int)len;
}

void hal_net_shutdown(struct hal *hal, int conn)
{
	open_conn(hal, conn)->board_ended = true;
}

void hal_net_abort(struct hal *hal, int conn)
{
	struct machine_handle *handle = open_conn(hal, conn);

	handle->board_ended = true;
	handle->aborted = true;
}

void hal_net_poll(struct hal *hal, int handle, unsigned events)
{
	if (hal->handles[handle].use == MACHINE_FREE)
		hal->misused = true;
	hal->handles[handle].wanted = events;
}

/* ---- net, the client's side --------------------------------------------------- */

int machine_connect(struct machine *machine, uint16_t port)
{
	struct hal *hal = &machine->hal;

	return find_listener(hal, port) < 0 ? -1 : take_handle(hal, MACHINE_CONN, port);
}

void machine_send(struct machine *machine, int conn, const void *bytes, size_t len)
{
	struct machine_handle *handle = &machine->hal.handles[conn];

	if (handle->in_len + len > MACHINE_IN_MAX ||
		handle->segment_count == MACHINE_SEGMENTS)
		abort();
	memcpy(handle->in + handle->in_len, bytes, len);
	handle->in_len += len;
	handle->segments[handle->segment_count++] = handle->in_len;
}

void machine_say(struct machine *machine, int conn, const char *text)
{
	machine_send(machine, conn, text, strlen(text));
}

void machine_shut(struct machine *machine, int conn)
{
	machine->hal.handles[conn].client_shut = true;
}

void machine_reset_conn(struct machine *machine, int conn)
{
	machine->hal.handles[conn].client_reset = true;
}

const char *machine_hear(struct machine *machine, int conn)
{
	static char heard[MACHINE_OUT_MAX];
	struct machine_handle *handle = &machine->hal.handles[conn];

	memcpy(heard, handle->out, handle->out_len);
	heard[handle->out_len] = '\0';
	handle->out_len = 0;
	return heard;
}

bool machine_ended(const struct machine *machine, int conn)
{
	return machine->hal.handles[conn].board_ended;
}

void machine_drop(struct machine *machine, int conn)
{
	machine->hal.handles[conn].use = MACHINE_FREE;
}
