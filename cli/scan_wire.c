/* SPDX-License-Identifier: MIT
 *
 * Each address goes through these steps; the connection to port 21 is a new one:
 *
 *   CONNECTING -> TALKING -> LEAVING -+-> free
 *        |                     |      |
 *        +------- no banner ---+-> CONNECTING_FTP -> GREETING -> LEAVING_FTP -> free
 */
#include "config.h"

#include "cli/scan_wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/board_wire.h"
#include "common/family.h"
#include "common/telnet_client.h"

#define CONNECT_MS 2000
#define GREET_MS   5000 /* WIRE.md 2.2: no 220 by then means busy there too */
#define LEAVE_MS   1000 /* DESIGN.md 1.2 */
#define DRAIN_MAX  65536
#define TELL_MS    200
#define PATIENT_MS 2000 /* what is over by then needs no telling */

enum step {
	STEP_FREE,
	STEP_CONNECTING,
	STEP_TALKING,
	STEP_LEAVING,
	STEP_CONNECTING_FTP,
	STEP_GREETING,
	STEP_LEAVING_FTP,
};

struct probe {
	enum step step;
	int fd;
	bool no_banner; /* of a kind that port 21 explains */
	int64_t deadline_ms;
	size_t drained, greeting_len;
	char greeting[4];
	struct scan_seen seen;
	struct telnet_client client;
};

struct scan {
	const struct scan_order *order;
	struct telnet_request request;
	struct probe *probes; /* SCAN_TOGETHER of them */
	size_t running;
	uint32_t asked, count;
	int64_t next_us, tell_ms;
	int error; /* this machine's own */
};

/* ---- one connection ---------------------------------------------------------------- */

static void probe_end(struct scan *scan, struct probe *probe)
{
	probe->step = STEP_FREE;
	scan->running--;
	scan->order->seen(scan->order->arg, &probe->seen);
}

/* Two connections count as two: a start later is put off by as much. */
static void pace(struct scan *scan, int64_t now_ms)
{
	int64_t every_us = 1000000 / scan->order->rate, late_us = now_ms * 1000;

	/* Time in which nothing was begun is not made up for. */
	if (scan->next_us < late_us - every_us)
		scan->next_us = late_us - every_us;
	scan->next_us += every_us;
}

static void probe_open(
	struct scan *scan, struct probe *probe, enum step step, int64_t now_ms);

/* The system has said no at once. */
static void probe_unopened(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	int err = -probe->fd;

	if (err == ECONNREFUSED && probe->step == STEP_CONNECTING) {
		probe->seen.state = SCAN_REFUSED;
		probe_open(scan, probe, STEP_CONNECTING_FTP, now_ms);
		return;
	}
	if (err == EMFILE || err == ENFILE || err == ENOMEM || err == ENOBUFS ||
		err == EADDRNOTAVAIL)
		scan->error = -err;
	else if (err == ENETUNREACH || err == EACCES || err == EPERM)
		probe->seen.state = SCAN_NO_ROUTE;
	probe_end(scan, probe);
}

static void probe_open(
	struct scan *scan, struct probe *probe, enum step step, int64_t now_ms)
{
	bool ftp = step == STEP_CONNECTING_FTP;
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(probe->seen.address),
		.sin_port =
			htons(ftp ? scan->order->ftp_port : scan->order->telnet_port)};

	pace(scan, now_ms);
	probe->step = step;
	probe->deadline_ms = now_ms + CONNECT_MS;
	probe->fd = board_connect_begin((const struct sockaddr *)&to, sizeof(to));
	if (probe->fd < 0)
		probe_unopened(scan, probe, now_ms);
}

static void probe_leave(struct probe *probe, enum step step, int64_t now_ms)
{
	(void)shutdown(probe->fd, SHUT_WR);
	probe->step = step;
	probe->drained = 0;
	probe->deadline_ms = now_ms + LEAVE_MS;
}

/* The connection is gone, or never came to be. */
static void probe_closed(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	bool telnet = probe->step <= STEP_LEAVING;

	close(probe->fd);
	if (telnet && probe->no_banner)
		probe_open(scan, probe, STEP_CONNECTING_FTP, now_ms);
	else
		probe_end(scan, probe);
}

/* ---- telnet ------------------------------------------------------------------------ */

static enum scan_password password_of(const struct telnet_result *result)
{
	if (result->logged_in)
		return SCAN_PASSWORD_DEFAULT;
	return result->status == WIPY_E_LOGIN_REFUSED ? SCAN_PASSWORD_OWN
						      : SCAN_PASSWORD_UNCLEAR;
}

static void talk_done(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	const struct telnet_result *result = telnet_client_result(&probe->client);
	struct scan_seen *seen = &probe->seen;

	if (result->has_banner) {
		seen->state = SCAN_BOARD;
		seen->banner = result->banner;
		if (scan->order->passwords)
			seen->password = password_of(result);
	} else if (result->status == WIPY_E_NO_BANNER) {
		seen->state = SCAN_NO_BANNER;
		probe->no_banner = true;
	} else {
		seen->state = SCAN_OTHER;
	}
	probe_leave(probe, STEP_LEAVING, now_ms);
}

static void talk(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	uint8_t out[sizeof(probe->client.out)];
	size_t len;
	int err = 0;

	while (err == 0 &&
		(len = telnet_client_output(&probe->client, out, sizeof(out))) > 0)
		err = board_send(probe->fd, out, len);
	if (err != 0)
		telnet_client_eof(&probe->client, now_ms);
	if (telnet_client_done(&probe->client))
		talk_done(scan, probe, now_ms);
	else
		probe->deadline_ms = telnet_client_deadline(&probe->client);
}

static void talk_input(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	uint8_t bytes[2048];
	long got = board_recv(probe->fd, bytes, sizeof(bytes));

	if (got > 0)
		telnet_client_input(&probe->client, bytes, (size_t)got, now_ms);
	else if (got == 0)
		telnet_client_eof(&probe->client, now_ms);
	talk(scan, probe, now_ms);
}

/* ---- FTP --------------------------------------------------------------------------- */

static void greet_input(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	static const char code[] = "220", quit[] = "QUIT\r\n";
	long got = board_recv(probe->fd, probe->greeting + probe->greeting_len,
		sizeof(code) - 1 - probe->greeting_len);

	if (got == 0) {
		probe_closed(scan, probe, now_ms);
		return;
	}
	probe->greeting_len += got > 0 ? (size_t)got : 0;
	if (probe->greeting_len < sizeof(code) - 1)
		return;
	if (memcmp(probe->greeting, code, sizeof(code) - 1) == 0) {
		probe->seen.state = SCAN_BUSY;
		if (board_send(probe->fd, quit, sizeof(quit) - 1) != 0) {
			probe_closed(scan, probe, now_ms);
			return;
		}
	}
	probe_leave(probe, STEP_LEAVING_FTP, now_ms);
}

/* ---- what happens ------------------------------------------------------------------ */

static void probe_connected(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 || err != 0) {
		if (probe->step == STEP_CONNECTING && err == ECONNREFUSED) {
			probe->seen.state = SCAN_REFUSED;
			probe->no_banner = true;
		}
		probe_closed(scan, probe, now_ms);
	} else if (probe->step == STEP_CONNECTING) {
		probe->step = STEP_TALKING;
		telnet_client_start(&probe->client, &scan->request, now_ms);
		talk(scan, probe, now_ms);
	} else {
		probe->step = STEP_GREETING;
		probe->deadline_ms = now_ms + GREET_MS;
	}
}

static void leave_input(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	char bytes[512];
	long got = board_recv(probe->fd, bytes, sizeof(bytes));

	probe->drained += got > 0 ? (size_t)got : 0;
	if (got == 0 || probe->drained > DRAIN_MAX)
		probe_closed(scan, probe, now_ms);
}

static void probe_ready(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	switch (probe->step) {
	case STEP_CONNECTING:
	case STEP_CONNECTING_FTP:
		probe_connected(scan, probe, now_ms);
		break;
	case STEP_TALKING:
		talk_input(scan, probe, now_ms);
		break;
	case STEP_GREETING:
		greet_input(scan, probe, now_ms);
		break;
	case STEP_LEAVING:
	case STEP_LEAVING_FTP:
		leave_input(scan, probe, now_ms);
		break;
	case STEP_FREE:
		break;
	}
}

static void probe_late(struct scan *scan, struct probe *probe, int64_t now_ms)
{
	switch (probe->step) {
	case STEP_TALKING:
		telnet_client_tick(&probe->client, now_ms);
		talk(scan, probe, now_ms);
		break;
	case STEP_GREETING:
		probe_leave(probe, STEP_LEAVING_FTP, now_ms);
		break;
	case STEP_CONNECTING:
	case STEP_CONNECTING_FTP:
	case STEP_LEAVING:
	case STEP_LEAVING_FTP:
		probe_closed(scan, probe, now_ms);
		break;
	case STEP_FREE:
		break;
	}
}

/* ---- all of them ------------------------------------------------------------------- */

static bool wants_more(const struct scan *scan)
{
	return scan->asked < scan->count && scan->error == 0 &&
	       *scan->order->interrupt == 0;
}

static bool may_begin(const struct scan *scan, int64_t now_ms)
{
	return wants_more(scan) && scan->running < SCAN_TOGETHER &&
	       scan->next_us <= now_ms * 1000;
}

static void begin_some(struct scan *scan, int64_t now_ms)
{
	for (size_t i = 0; i < SCAN_TOGETHER && may_begin(scan, now_ms); i++) {
		struct probe *probe = &scan->probes[i];

		if (probe->step != STEP_FREE)
			continue;
		memset(probe, 0, sizeof(*probe));
		probe->seen.address = scan->order->range.first + scan->asked++;
		scan->running++;
		probe_open(scan, probe, STEP_CONNECTING, now_ms);
	}
}

/* Until something comes, a deadline passes, or the next one may begin. */
static void await(struct scan *scan, struct pollfd polled[SCAN_TOGETHER])
{
	int64_t now_ms = board_now_ms(), until_ms = scan->tell_ms;

	for (size_t i = 0; i < SCAN_TOGETHER; i++) {
		const struct probe *probe = &scan->probes[i];
		bool connects = probe->step == STEP_CONNECTING ||
				probe->step == STEP_CONNECTING_FTP;

		polled[i] =
			(struct pollfd){.fd = probe->step == STEP_FREE ? -1 : probe->fd,
				.events = connects ? POLLOUT : POLLIN};
		if (probe->step != STEP_FREE && probe->deadline_ms < until_ms)
			until_ms = probe->deadline_ms;
	}
	if (wants_more(scan) && scan->running < SCAN_TOGETHER &&
		(scan->next_us + 999) / 1000 < until_ms)
		until_ms = (scan->next_us + 999) / 1000;
	if (poll(polled, SCAN_TOGETHER,
		    until_ms > now_ms ? (int)(until_ms - now_ms) : 0) >= 0)
		return;
	for (size_t i = 0; i < SCAN_TOGETHER; i++)
		polled[i].revents = 0;
}

static void tell(struct scan *scan, int64_t now_ms)
{
	if (now_ms < scan->tell_ms)
		return;
	scan->tell_ms = now_ms + TELL_MS;
	scan->order->progress(scan->order->arg, scan->asked);
}

static void turn(struct scan *scan)
{
	struct pollfd polled[SCAN_TOGETHER];
	int64_t now_ms;

	await(scan, polled);
	now_ms = board_now_ms();
	for (size_t i = 0; i < SCAN_TOGETHER; i++) {
		struct probe *probe = &scan->probes[i];

		if (polled[i].revents != 0)
			probe_ready(scan, probe, now_ms);
		else if (probe->step != STEP_FREE && now_ms >= probe->deadline_ms)
			probe_late(scan, probe, now_ms);
	}
	begin_some(scan, now_ms);
	tell(scan, now_ms);
}

int scan_run(const struct scan_order *order, uint32_t *ret_asked)
{
	const struct wipy_family_facts *facts = wipy_family_facts(WIPY_FAMILY_WIPY);
	struct scan scan = {.order = order,
		.request = {.goal = order->passwords ? TELNET_UNAME : TELNET_LOOK,
			.user = facts->user,
			.password = facts->password},
		.probes = calloc(SCAN_TOGETHER, sizeof(*scan.probes)),
		.count = scan_range_count(&order->range),
		.tell_ms = board_now_ms() + PATIENT_MS};

	if (scan.probes == NULL)
		return -ENOMEM;
	begin_some(&scan, board_now_ms());
	while (scan.running > 0 || wants_more(&scan))
		turn(&scan);
	free(scan.probes);
	if (scan.error != 0)
		return scan.error;
	*ret_asked = scan.asked;
	return 0;
}
