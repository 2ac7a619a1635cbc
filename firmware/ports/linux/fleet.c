/* SPDX-License-Identifier: MIT
 *
 * Start, loop and end of the fleet.
 */
#include "config.h"

#include "firmware/ports/linux/fleet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "firmware/ports/linux/clock.h"
#include "firmware/ports/linux/control.h"
#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"
#include "firmware/ports/linux/schedule.h"

#define EVENTS       256
#define FDS_A_BOARD  3 /* two listeners, and a connection now and then */
#define FDS_FOR_REST 64

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
	const struct options *options = fleet->options;
	uint32_t first = ntohl(options->address.s_addr);

	fleet->boards = calloc((size_t)fleet->count, sizeof(*fleet->boards));
	fleet->heap = calloc((size_t)fleet->count, sizeof(struct hal *));
	if (!fleet->boards || !fleet->heap)
		return fail(ret_error, -ENOMEM, "cannot make the boards");
	if (arena_open(fleet, (size_t)options->arena_kb * 1024) < 0)
		return fail(ret_error, -ENOMEM, "cannot make the boards' arenas");
	for (int i = 0; i < fleet->count; i++) {
		struct hal *hal = &fleet->boards[i];

		hal->fleet = fleet;
		hal->number = i + 1;
		hal->home.s_addr = htonl(first + (uint32_t)i);
		hal->address = hal->home;
		/* each board's own row of random numbers */
		hal->jitter = options->profile.seed * 2654435761u + (uint32_t)i;
		hal->flash.fd = -1;
		hal->heap_at = SCHEDULE_NOT;
		life_begin(hal);
	}
	return 0;
}

static void drop_boards(struct fleet *fleet)
{
	for (int i = 0; fleet->boards && i < fleet->count; i++) {
		struct hal *hal = &fleet->boards[i];

		net_abort_all(hal);
		faults_end(hal);
		flash_rest(hal);
	}
	fleet->real_ms = INT64_MAX;
	net_linger_expire(fleet);
	arena_close(fleet);
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
	signal(SIGXFSZ, SIG_IGN); /* to a board it is a disk that is full */
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

static void loop_once(struct fleet *fleet, struct control *control)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(fleet->epoll_fd, events, EVENTS, clock_wait_ms(fleet));

	fleet->real_ms = clock_real_ms();
	if (!fleet->is_virtual)
		fleet->now_ms = fleet->real_ms;
	for (int i = 0; i < n; i++) {
		struct source *source = events[i].data.ptr;

		source->on_event(source, events[i].events);
	}
	if (clock_turn(fleet, n > 0))
		control_clock_arrived(control);
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
		loop_once(fleet, control);
	if (fleet->error < 0)
		*ret_error = fleet->error_text;
	return fleet->error;
}

int fleet_run(const struct options *options, struct errtext *ret_error)
{
	struct fleet fleet = {.options = options,
		.count = options->count,
		.dir_fd = -1,
		.spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
		.is_virtual = options->virtual_clock,
		.real_ms = clock_real_ms()};
	struct control control = {.fd = -1};
	struct signals signals = {.fd = -1};
	int err = raise_fd_limit(options, ret_error);

	if (err < 0)
		return err;
	/* a huge page would be lent to hundreds of boards for the sake of one */
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	fleet.now_ms = fleet.is_virtual ? 0 : fleet.real_ms;
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
	if (fleet.spare_fd >= 0)
		close(fleet.spare_fd);
	close(fleet.epoll_fd);
	return err;
}
