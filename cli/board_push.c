/* SPDX-License-Identifier: MIT
 *
 * One upload to a board. What counts as taken is what the board's TCP has acknowledged,
 * never what our kernel holds.
 */
#include "config.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/board_wire.h"

#define CADENCE_MS  100 /* how often acknowledgements are looked at */
#define ACK_POLL_MS 5   /* the same once everything is handed over */
#define PIECE_LEN   16384

struct push {
	const struct board_wire *wire;
	const uint8_t *image;
	size_t len, handed_len, taken_len;
	int control, data;
	bool data_tried, shut, shut_told, data_ended;
	board_progress_fn *progress;
	void *arg;
	struct ftp_client client;
};

static bool streams(const struct push *push)
{
	return push->data >= 0 && !push->data_ended &&
	       ftp_client_want(&push->client) == FTP_WANT_DATA;
}

static void data_broke(struct push *push)
{
	push->data_ended = true;
	ftp_client_data_error(&push->client, board_now_ms());
}

static void note_progress(struct push *push)
{
	int pending;
	size_t taken_len;

	if (!streams(push) || ioctl(push->data, SIOCOUTQ, &pending) < 0)
		return;
	/* The end of file takes one sequence number, the last one. */
	if (push->shut && pending > 0)
		pending--;
	taken_len = (size_t)pending < push->handed_len
			    ? push->handed_len - (size_t)pending
			    : 0;
	if (taken_len > push->taken_len) {
		push->taken_len = taken_len;
		ftp_client_sent(&push->client, taken_len, board_now_ms());
		if (push->progress)
			push->progress(push->arg, taken_len, push->len);
	}
	if (push->shut && !push->shut_told && push->taken_len == push->len) {
		push->shut_told = true;
		ftp_client_shut(&push->client, board_now_ms());
	}
}

/* The board's end of file has arrived, and it had not seen ours. */
static bool ended_first(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return false;
	return info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_LAST_ACK ||
	       info.tcpi_state == TCP_CLOSING;
}

/* A board that ends its side first has not read what its TCP goes on to acknowledge. */
static void end_data(struct push *push)
{
	bool first = ended_first(push->data);

	push->shut = true;
	if (shutdown(push->data, SHUT_WR) < 0 || first || ended_first(push->data))
		data_broke(push);
}

static void send_piece(struct push *push)
{
	size_t left = push->len - push->handed_len;
	ssize_t sent;

	if (push->shut)
		return;
	if (left == 0) {
		end_data(push);
		return;
	}
	sent = send(push->data, push->image + push->handed_len,
		left < PIECE_LEN ? left : PIECE_LEN, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		push->handed_len += (size_t)sent;
	else if (errno != EAGAIN && errno != EINTR)
		data_broke(push);
}

static void send_commands(struct push *push)
{
	uint8_t out[sizeof(push->client.out)];
	size_t len;
	int err = 0;

	while (err == 0 &&
		(len = ftp_client_output(&push->client, out, sizeof(out))) > 0)
		err = board_send(push->control, out, len);
	explicit_bzero(out, sizeof(out));
	if (err < 0)
		ftp_client_eof(&push->client, board_now_ms());
}

/* The address in a 227 may be zero or another network's (WIRE.md 2.6). */
static void open_data(struct push *push)
{
	push->data_tried = true;
	push->data = board_connect_peer(
		push->wire, push->control, ftp_client_port(&push->client));
	ftp_client_connected(&push->client, push->data >= 0, board_now_ms());
}

static void read_control(struct push *push)
{
	uint8_t bytes[512];
	long got = board_recv(push->control, bytes, sizeof(bytes));

	/* The 226 may overtake the acknowledgements: these are looked at first. */
	note_progress(push);
	if (got > 0)
		ftp_client_input(&push->client, bytes, (size_t)got, board_now_ms());
	else if (got == 0)
		ftp_client_eof(&push->client, board_now_ms());
}

static void read_data(struct push *push)
{
	uint8_t bytes[128];
	int error = 0;
	socklen_t len = sizeof(error);
	long got = board_recv(push->data, bytes, sizeof(bytes));

	if (got != 0)
		return; /* boards send nothing here that counts */
	note_progress(push);
	(void)getsockopt(push->data, SOL_SOCKET, SO_ERROR, &error, &len);
	if (push->shut_told && error == 0) {
		push->data_ended = true;
		ftp_client_data_over(&push->client, board_now_ms());
	} else {
		data_broke(push);
	}
}

static int wait_ms_of(const struct push *push)
{
	int64_t wait_ms = ftp_client_deadline(&push->client) - board_now_ms();
	int64_t cap_ms = push->shut ? ACK_POLL_MS : CADENCE_MS;

	if (streams(push) && wait_ms > cap_ms)
		wait_ms = cap_ms;
	return wait_ms > 0 ? (int)wait_ms : 0;
}

static void step(struct push *push)
{
	bool sends = streams(push) && !push->shut;
	struct pollfd fds[2] = {
		{.fd = push->control, .events = POLLIN},
		{.fd = push->data_ended ? -1 : push->data,
			.events = (short)(sends ? POLLIN | POLLOUT : POLLIN)},
	};
	int ready = poll(fds, 2, wait_ms_of(push));

	note_progress(push);
	if (ready > 0 && fds[0].revents)
		read_control(push);
	if (ready > 0 && (fds[1].revents & (POLLIN | POLLHUP | POLLERR)))
		read_data(push);
	if (ready > 0 && (fds[1].revents & POLLOUT) && streams(push))
		send_piece(push);
	if (board_now_ms() >= ftp_client_deadline(&push->client))
		ftp_client_tick(&push->client, board_now_ms());
}

static void run(struct push *push)
{
	while (!ftp_client_done(&push->client)) {
		send_commands(push);
		if (ftp_client_want(&push->client) == FTP_WANT_CONNECT &&
			!push->data_tried)
			open_data(push); /* which brings the next command */
		else if (!ftp_client_done(&push->client))
			step(push);
	}
}

/* A data connection that is not through is closed at once: nobody sends ABOR, which a
 * board would not read (WIRE.md 2.13). */
static void leave(struct push *push)
{
	if (push->data >= 0 && push->shut_told)
		board_close(push->data);
	else if (push->data >= 0)
		close(push->data);
	board_close(push->control);
}

void board_push(const struct board_wire *wire, const char *path, const uint8_t *data,
	size_t len, board_progress_fn *progress, void *arg,
	struct ftp_result *ret_result)
{
	const struct ftp_request request = {.user = wire->user,
		.password = wire->password,
		.path = path,
		.size = len};
	struct push push = {.wire = wire,
		.image = data,
		.len = len,
		.data = -1,
		.progress = progress,
		.arg = arg};

	memset(ret_result, 0, sizeof(*ret_result));
	push.control = board_connect(wire, wire->ftp_port);
	if (push.control < 0) {
		ret_result->status = push.control;
		return;
	}
	ftp_client_start(&push.client, &request, board_now_ms());
	run(&push);
	*ret_result = *ftp_client_result(&push.client);
	leave(&push);
	explicit_bzero(&push.client, sizeof(push.client));
}
