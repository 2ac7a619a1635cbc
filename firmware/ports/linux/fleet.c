/* SPDX-License-Identifier: MIT
 *
 * The loop: events, a heap of boards by the time of their next step, power and resets.
 */
#include "config.h"

#include "firmware/ports/linux/fleet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "firmware/ports/linux/control.h"
#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"

#define EVENTS       256
#define FDS_A_BOARD  3 /* two listeners, and a connection now and then */
#define FDS_FOR_REST 64
#define NOT_IN_HEAP  SIZE_MAX
/* 2015-01-01, counted from 2000-01-01 (WIRE.md 6.5) */
#define RTC_AT_POWER_ON_S 473385600

int64_t fleet_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the heap ----------------------------------------------------------------- */

static void heap_put(struct fleet *fleet, size_t at, struct hal *hal)
{
	fleet->heap[at] = hal;
	hal->heap_at = at;
}

static void heap_up(struct fleet *fleet, size_t at)
{
	struct hal *hal = fleet->heap[at];

	while (at > 0 && fleet->heap[(at - 1) / 2]->due_ms > hal->due_ms) {
		heap_put(fleet, at, fleet->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(fleet, at, hal);
}

static void heap_down(struct fleet *fleet, size_t at)
{
	struct hal *hal = fleet->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < fleet->heap_len &&
			fleet->heap[child + 1]->due_ms < fleet->heap[child]->due_ms)
			child++;
		if (child >= fleet->heap_len ||
			fleet->heap[child]->due_ms >= hal->due_ms)
			break;
		heap_put(fleet, at, fleet->heap[child]);
		at = child;
	}
	heap_put(fleet, at, hal);
}

static void heap_remove(struct fleet *fleet, struct hal *hal)
{
	size_t at = hal->heap_at;
	struct hal *last;

	if (at == NOT_IN_HEAP)
		return;
	hal->heap_at = NOT_IN_HEAP;
	last = fleet->heap[--fleet->heap_len];
	if (last == hal)
		return;
	heap_put(fleet, at, last);
	heap_up(fleet, at);
	heap_down(fleet, last->heap_at);
}

static void plan(struct hal *hal, int64_t due_ms)
{
	struct fleet *fleet = hal->fleet;

	heap_remove(fleet, hal);
	hal->due_ms = due_ms;
	if (due_ms == WIPY_NEVER)
		return;
	heap_put(fleet, fleet->heap_len++, hal);
	heap_up(fleet, hal->heap_at);
}

/* ---- a board's life ----------------------------------------------------------- */

static void keep_stats(struct hal *hal)
{
	const struct wipy_stats *now = &hal->board.stats;

	hal->before.telnet_accepts += now->telnet_accepts;
	hal->before.logins += now->logins;
	hal->before.ftp_sessions += now->ftp_sessions;
	hal->before.stors += now->stors;
	hal->before.stor_bytes += now->stor_bytes;
	hal->board.stats = (struct wipy_stats){0};
}

static void start_board(struct hal *hal, enum hal_reset_cause cause)
{
	const struct options *options = hal->fleet->options;
	struct wipy_settings settings = {.user = options->user,
		.password = options->password,
		.telnet_port = options->telnet_port,
		.ftp_port = options->ftp_port,
		.pasv_port = options->pasv_port,
		.boot_ms = options->boot_ms,
		.data_rate = options->rate,
		.timeout_ms = 300000,
		.led_by_asking = true};

	memcpy(settings.address, &hal->address, sizeof(settings.address));
	net_abort_all(hal);
	faults_close(hal);
	keep_stats(hal);
	hal->cause = cause;
	hal->powered = true;
	hal->reset_pending = false;
	hal->boots++;
	wipy_board_start(&hal->board, hal, &wipy_personality_wipy, &settings,
		hal->fleet->now_ms);
}

/* The first time that a board serves, or will never. */
static void note_up(struct hal *hal)
{
	struct fleet *fleet = hal->fleet;

	if (hal->was_up || (hal->board.state != WIPY_BOARD_HALTED &&
				   !(hal->board.state == WIPY_BOARD_RUNNING &&
					   hal->board.telnet.listener >= 0 &&
					   hal->board.ftp.listener >= 0)))
		return;
	hal->was_up = true;
	if (++fleet->up_count < fleet->count)
		return;
	fleet->ready = true;
	printf("ready: %d boards\n", fleet->count);
	fflush(stdout);
}

void fleet_step(struct hal *hal)
{
	int64_t due;

	if (!hal->powered) {
		plan(hal, WIPY_NEVER);
		return;
	}
	due = wipy_board_step(&hal->board, hal->fleet->now_ms);
	if (hal->reset_pending) {
		hal->resets++;
		start_board(hal, HAL_RESET_HARD);
		due = wipy_board_step(&hal->board, hal->fleet->now_ms);
	}
	note_up(hal);
	/* between boot and the next upload the file is not needed */
	if (hal->board.state != WIPY_BOARD_BOOTING && !hal->board.updater.open)
		flash_rest(hal);
	plan(hal, due);
}

static void board_event(struct source *source, uint32_t events)
{
	(void)events;
	fleet_step((struct hal *)source);
}

void fleet_power_off(struct hal *hal)
{
	if (!hal->powered)
		return;
	hal->powered = false;
	hal->led = false;
	net_park(hal);
	faults_close(hal);
	flash_rest(hal);
	plan(hal, WIPY_NEVER);
}

void fleet_power_on(struct hal *hal)
{
	if (hal->powered)
		return;
	hal_rtc_set(hal, RTC_AT_POWER_ON_S);
	start_board(hal, HAL_RESET_POWER);
	fleet_step(hal);
}

void fleet_reset(struct hal *hal)
{
	hal->resets++;
	start_board(hal, HAL_RESET_HARD);
	fleet_step(hal);
}

/* ---- start and end ------------------------------------------------------------ */

static int fail(struct errtext *error, int code, const char *what)
{
	snprintf(error->text, sizeof(error->text), "%s: %s", what, wipy_strerror(code));
	return code;
}

static int raise_fd_limit(const struct options *options, struct errtext *ret_error)
{
	struct rlimit limit;
	rlim_t need = (rlim_t)options->count * FDS_A_BOARD + FDS_FOR_REST;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fail(ret_error, -errno, "cannot read the limit of open files");
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max >= need - (rlim_t)options->count)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"%d boards need %llu open files, the limit is %llu: raise it with "
		"`ulimit -n` or run fewer boards",
		options->count, (unsigned long long)need,
		(unsigned long long)limit.rlim_max);
	return -EMFILE;
}

static int make_boards(struct fleet *fleet, struct errtext *ret_error)
{
	uint32_t first = ntohl(fleet->options->address.s_addr);

	fleet->boards = calloc((size_t)fleet->count, sizeof(*fleet->boards));
	fleet->heap = calloc((size_t)fleet->count, sizeof(struct hal *));
	if (!fleet->boards || !fleet->heap)
		return fail(ret_error, -ENOMEM, "cannot make the boards");
	for (int i = 0; i < fleet->count; i++) {
		struct hal *hal = &fleet->boards[i];

		hal->source.on_event = board_event;
		hal->fleet = fleet;
		hal->number = i + 1;
		hal->address.s_addr = htonl(first + (uint32_t)i);
		hal->flash.fd = -1;
		hal->garbage_fd = -1;
		hal->heap_at = NOT_IN_HEAP;
		hal_rtc_set(hal, RTC_AT_POWER_ON_S);
		start_board(hal, HAL_RESET_POWER);
		plan(hal, fleet->now_ms);
	}
	return 0;
}

static void drop_boards(struct fleet *fleet)
{
	for (int i = 0; fleet->boards && i < fleet->count; i++) {
		struct hal *hal = &fleet->boards[i];

		net_abort_all(hal);
		faults_close(hal);
		flash_rest(hal);
	}
	fleet->now_ms = INT64_MAX;
	net_linger_expire(fleet);
	free(fleet->boards);
	free(fleet->heap);
}

struct signals {
	struct source source;
	struct fleet *fleet;
	int fd;
};

static void signal_event(struct source *source, uint32_t events)
{
	struct signals *signals = (struct signals *)source;
	struct signalfd_siginfo info;

	(void)events;
	if (read(signals->fd, &info, sizeof(info)) == sizeof(info))
		signals->fleet->quit = true;
}

static int watch_signals(struct fleet *fleet, struct signals *signals)
{
	sigset_t set;
	uint32_t watched = 0;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*signals = (struct signals){.source.on_event = signal_event, .fleet = fleet};
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0)
		return -errno;
	net_watch(fleet, signals->fd, &signals->source, &watched, EPOLLIN);
	return 0;
}

/* ---- the loop ----------------------------------------------------------------- */

static int next_wait_ms(const struct fleet *fleet)
{
	int64_t due = WIPY_NEVER;

	if (fleet->heap_len > 0)
		due = fleet->heap[0]->due_ms;
	if (fleet->farewell_first && fleet->farewell_first->until_ms < due)
		due = fleet->farewell_first->until_ms;
	if (due == WIPY_NEVER)
		return -1;
	if (due <= fleet->now_ms)
		return 0;
	return due - fleet->now_ms > 60000 ? 60000 : (int)(due - fleet->now_ms);
}

static void loop_once(struct fleet *fleet)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(fleet->epoll_fd, events, EVENTS, next_wait_ms(fleet));

	fleet->now_ms = fleet_clock_ms();
	for (int i = 0; i < n; i++) {
		struct source *source = events[i].data.ptr;

		source->on_event(source, events[i].events);
	}
	/* each board once: one that wants to go on at once must not starve others */
	for (size_t left = fleet->heap_len; left > 0 && fleet->heap_len > 0 &&
					    fleet->heap[0]->due_ms <= fleet->now_ms;
		left--)
		fleet_step(fleet->heap[0]);
	net_linger_expire(fleet);
}

static int run(struct fleet *fleet, struct control *control, struct errtext *ret_error)
{
	const struct options *options = fleet->options;
	int err =
		flash_open_folder(fleet, options->flash_dir, options->image, ret_error);

	if (err < 0)
		return err;
	if (options->control) {
		err = control_open(control, fleet, options->control, ret_error);
		if (err < 0)
			return err;
	}
	err = make_boards(fleet, ret_error);
	if (err < 0)
		return err;
	while (!fleet->quit && fleet->error == 0)
		loop_once(fleet);
	if (fleet->error < 0)
		*ret_error = fleet->error_text;
	return fleet->error;
}

int fleet_run(const struct options *options, struct errtext *ret_error)
{
	struct fleet fleet = {.options = options,
		.count = options->count,
		.dir_fd = -1,
		.now_ms = fleet_clock_ms()};
	struct control control = {.fd = -1};
	struct signals signals = {.fd = -1};
	int err = raise_fd_limit(options, ret_error);

	if (err < 0)
		return err;
	fleet.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (fleet.epoll_fd < 0)
		return fail(ret_error, -errno, "cannot make the event loop");
	err = watch_signals(&fleet, &signals);
	if (err < 0)
		(void)fail(ret_error, err, "cannot watch signals");
	else
		err = run(&fleet, &control, ret_error);
	control_close(&control);
	drop_boards(&fleet);
	flash_close_folder(&fleet);
	if (signals.fd >= 0)
		close(signals.fd);
	close(fleet.epoll_fd);
	return err;
}
