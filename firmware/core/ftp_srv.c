/* SPDX-License-Identifier: MIT
 *
 * The FTP server: connections, timers and the two transfers.
 */
#include "firmware/core/ftp_srv.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define IDLE_EXTRA_MS 100
#define RETRY_MS      100
#define STALL_MS      100 /* 25 cycles of a full window end the session */
#define CHUNK         1024
#define CHUNKS        64 /* a step, so that one upload holds up nobody for long */
#define RATE_TICK_MS  20 /* how often a slowed-down upload is looked after */

/* ---- replies ------------------------------------------------------------------ */

void ftp_srv_reply(struct wipy_board *board, int code, const char *text)
{
	struct ftp_srv *srv = &board->ftp;
	struct wipy_text line;

	wipy_text_init(&line, srv->command, sizeof(srv->command));
	wipy_text_int(&line, code);
	wipy_text_char(&line, ' ');
	wipy_text_str(&line, text);
	wipy_text_str(&line, "\r\n");
	if (srv->control >= 0)
		(void)ring_put(&srv->out, srv->command, line.len);
}

void ftp_srv_close_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->data >= 0)
		hal_net_shutdown(board->hal, srv->data);
	srv->data = -1;
	srv->data_state = FTP_SRV_DATA_NONE;
	srv->transfer = FTP_SRV_IDLE;
	srv->file = -1;
	ring_init(&srv->data_out, srv->data_out_bytes, sizeof(srv->data_out_bytes));
}

static void close_data_listener(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->data_listener >= 0)
		hal_net_unlisten(board->hal, srv->data_listener);
	srv->data_listener = -1;
}

void ftp_srv_fail(struct wipy_board *board, int code)
{
	ftp_srv_reply(board, code, "");
	updater_finish(&board->updater, board->hal);
	/* the listener stays: what queues there is served after the next PASV */
	ftp_srv_close_data(board);
}

/* The data stream has ended, complete or not: nobody can tell (WIRE.md 2.11). */
static void succeed(struct wipy_board *board)
{
	updater_finish(&board->updater, board->hal);
	ftp_srv_reply(board, 226, "");
	/* the reply goes out before the end of the data connection does */
	if (board->ftp.control >= 0)
		ring_send(&board->ftp.out, board->hal, board->ftp.control);
	ftp_srv_close_data(board);
	close_data_listener(board);
}

/* ---- connections -------------------------------------------------------------- */

void ftp_srv_start(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	memset(srv, 0, sizeof(*srv));
	srv->listener = -1;
	srv->control = -1;
	srv->data_listener = -1;
	srv->data = -1;
	srv->file = -1;
	srv->retry_ms = now_ms;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
	ring_init(&srv->data_out, srv->data_out_bytes, sizeof(srv->data_out_bytes));
}

static void end_control(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->control >= 0)
		hal_net_shutdown(board->hal, srv->control);
	srv->control = -1;
	srv->closing = false;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
	/* an upload on its way goes on without its control connection */
	if (srv->transfer == FTP_SRV_IDLE)
		updater_finish(&board->updater, board->hal);
}

/* Both connections at once. */
static void end_session(struct wipy_board *board)
{
	ftp_srv_close_data(board);
	close_data_listener(board);
	end_control(board);
}

void ftp_srv_stop(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->control >= 0)
		ring_send(&srv->out, board->hal, srv->control);
	end_session(board);
	updater_finish(&board->updater, board->hal);
	if (srv->listener >= 0)
		hal_net_unlisten(board->hal, srv->listener);
	srv->listener = -1;
	srv->retry_ms = WIPY_NEVER;
}

int ftp_srv_passive(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	ftp_srv_close_data(board);
	if (srv->data_listener < 0) {
		int listener = hal_net_listen(board->hal, board->settings.pasv_port, 0);

		if (listener < 0)
			return listener;
		srv->data_listener = listener;
	}
	srv->data_state = FTP_SRV_DATA_LISTEN;
	srv->data_due_ms = now_ms + FTP_SRV_DATA_MS;
	return 0;
}

static void listen_now(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	srv->listener = hal_net_listen(board->hal, board->settings.ftp_port, 0);
	if (srv->listener < 0) {
		srv->listener = -1;
		srv->retry_ms = now_ms + RETRY_MS;
	}
}

/* A new client is taken when the old one is gone and no data connection is armed. */
static bool accept_client(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	int conn;

	if (srv->listener < 0 || srv->control >= 0 ||
		srv->data_state != FTP_SRV_DATA_NONE)
		return false;
	conn = hal_net_accept(board->hal, srv->listener);
	if (conn < 0)
		return false;
	srv->control = conn;
	srv->user_right = false;
	srv->logged_in = false;
	srv->idle_since_ms = now_ms;
	wipy_text_copy(srv->folder, sizeof(srv->folder), "/", 1);
	ftp_srv_reply(board, 220, board->personality->ftp_greeting);
	board->stats.ftp_sessions++;
	return true;
}

static bool accept_data(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	int conn;

	if (srv->data_state != FTP_SRV_DATA_LISTEN)
		return false;
	conn = hal_net_accept(board->hal, srv->data_listener);
	if (conn < 0)
		return false;
	srv->data = conn;
	srv->data_state = FTP_SRV_DATA_READY;
	srv->data_due_ms = now_ms + FTP_SRV_DATA_MS;
	return true;
}

static bool read_command(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	int n;

	if (srv->control < 0 || srv->transfer != FTP_SRV_IDLE || srv->closing ||
		srv->data_state == FTP_SRV_DATA_LISTEN || srv->out.len > 0)
		return false;
	n = hal_net_recv(board->hal, srv->control, srv->command, FTP_SRV_COMMAND);
	if (n == -EAGAIN)
		return false;
	if (n <= 0)
		end_control(board);
	else
		ftp_srv_command(board, now_ms);
	return true;
}

/* ---- transfers ---------------------------------------------------------------- */

/* How much may be taken now where the rate is limited. */
static size_t allowance(const struct wipy_board *board, int64_t now_ms)
{
	const struct ftp_srv *srv = &board->ftp;
	uint64_t rate = board->settings.data_rate;
	uint64_t due;

	if (rate == 0)
		return CHUNK;
	due = rate * (uint64_t)(now_ms - srv->rate_from_ms + RATE_TICK_MS) / 1000;
	if (due <= srv->rate_taken)
		return 0;
	return due - srv->rate_taken < CHUNK ? (size_t)(due - srv->rate_taken) : CHUNK;
}

static int keep(struct wipy_board *board, const uint8_t *bytes, size_t len)
{
	if (board->ftp.file >= 0)
		return files_append(&board->files, board->ftp.file, len);
	board->stats.stor_bytes += len;
	return updater_write(&board->updater, board->hal, bytes, len);
}

/* One receive of an upload; false: nothing there. */
static bool receive_data(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	uint8_t chunk[CHUNK];
	size_t max = allowance(board, now_ms);
	int n;

	if (max == 0) {
		/* it is this side that keeps the client waiting */
		srv->data_due_ms = now_ms + FTP_SRV_DATA_MS;
		return false;
	}
	n = hal_net_recv(board->hal, srv->data, chunk, max);
	if (n == -EAGAIN)
		return false;
	if (n <= 0) {
		succeed(board);
		return true;
	}
	srv->rate_taken += (uint64_t)n;
	srv->data_due_ms = now_ms + FTP_SRV_DATA_MS;
	srv->idle_since_ms = now_ms;
	if (keep(board, chunk, (size_t)n) < 0)
		ftp_srv_fail(board, 451);
	return true;
}

/* One line of LIST (WIRE.md 2.8). */
static void put_entry(struct ftp_srv *srv, const struct files_entry *entry)
{
	char buf[64 + FILES_PATH_MAX];
	char size[16];
	struct wipy_text line, number;

	wipy_text_init(&number, size, sizeof(size));
	wipy_text_int(&number, entry->size);
	wipy_text_init(&line, buf, sizeof(buf));
	wipy_text_char(&line, entry->is_folder ? 'd' : '-');
	wipy_text_str(&line, "rw-rw-r--   1 root  root ");
	for (size_t i = number.len; i < 9; i++)
		wipy_text_char(&line, ' ');
	wipy_text_str(&line, size);
	wipy_text_str(&line, " Jan  1 00:00 ");
	wipy_text_str(&line, files_name(entry->path));
	wipy_text_str(&line, "\r\n");
	(void)ring_put(&srv->data_out, buf, line.len);
}

static bool send_list(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	struct files_entry entry;
	int sent;

	if (srv->data_out.len == 0) {
		if (!files_list(&board->files, srv->folder, srv->list_index, &entry)) {
			succeed(board);
			return true;
		}
		srv->list_index++;
		srv->stall_ms = now_ms;
		put_entry(srv, &entry);
	}
	sent = ring_send(&srv->data_out, board->hal, srv->data);
	if (sent < 0) {
		end_session(board);
		return true;
	}
	if (sent > 0) {
		srv->stall_ms = now_ms;
		srv->idle_since_ms = now_ms;
	}
	return sent > 0;
}

static bool transfer(struct wipy_board *board, int64_t now_ms)
{
	switch (board->ftp.transfer) {
	case FTP_SRV_LIST:
		return send_list(board, now_ms);
	case FTP_SRV_STOR:
		return receive_data(board, now_ms);
	case FTP_SRV_IDLE:
		break;
	}
	return false;
}

/* ---- timers ------------------------------------------------------------------- */

static bool data_timer(const struct ftp_srv *srv)
{
	return srv->data_state != FTP_SRV_DATA_NONE && srv->transfer != FTP_SRV_LIST;
}

static void check_timers(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	if (data_timer(srv) && now_ms >= srv->data_due_ms) {
		if (srv->transfer == FTP_SRV_STOR) {
			ftp_srv_fail(board, 426);
		} else {
			ftp_srv_close_data(board);
		}
		close_data_listener(board);
	}
	if (srv->transfer == FTP_SRV_LIST && now_ms - srv->stall_ms >= STALL_MS)
		end_session(board);
	if (srv->control >= 0 && srv->transfer == FTP_SRV_IDLE && !srv->closing &&
		now_ms - srv->idle_since_ms >=
			board->servers.timeout_ms + IDLE_EXTRA_MS) {
		ftp_srv_reply(board, 221, "");
		srv->closing = true;
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_due(const struct wipy_board *board, int64_t now_ms)
{
	const struct ftp_srv *srv = &board->ftp;
	int64_t due = srv->listener < 0 ? srv->retry_ms : WIPY_NEVER;

	if (data_timer(srv))
		due = earlier(due, srv->data_due_ms);
	if (srv->transfer == FTP_SRV_LIST)
		due = earlier(due, srv->stall_ms + STALL_MS);
	if (srv->transfer == FTP_SRV_STOR && allowance(board, now_ms) == 0)
		due = earlier(due, now_ms + RATE_TICK_MS);
	if (srv->control >= 0 && srv->transfer == FTP_SRV_IDLE && !srv->closing)
		due = earlier(due,
			srv->idle_since_ms + board->servers.timeout_ms + IDLE_EXTRA_MS);
	return due;
}

/* ---- the step ----------------------------------------------------------------- */

static bool flush(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->control < 0)
		return false;
	if (ring_send(&srv->out, board->hal, srv->control) < 0) {
		end_control(board);
		return true;
	}
	if (!srv->closing || srv->out.len > 0)
		return false;
	/* 221 ends the data connection as well */
	end_session(board);
	return true;
}

static void watch(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	struct hal *hal = board->hal;
	bool listens = srv->data_state == FTP_SRV_DATA_LISTEN;
	unsigned in = HAL_NET_IN;

	if (srv->listener >= 0)
		hal_net_poll(hal, srv->listener,
			srv->control < 0 && srv->data_state == FTP_SRV_DATA_NONE ? in
										 : 0);
	if (srv->control >= 0)
		hal_net_poll(hal, srv->control,
			srv->out.len > 0                            ? HAL_NET_OUT
			: srv->transfer == FTP_SRV_IDLE && !listens ? in
								    : 0);
	if (srv->data_listener >= 0)
		hal_net_poll(hal, srv->data_listener, listens ? in : 0);
	if (srv->data >= 0)
		hal_net_poll(hal, srv->data,
			srv->transfer == FTP_SRV_LIST ? HAL_NET_OUT
			: srv->transfer == FTP_SRV_STOR && allowance(board, now_ms) > 0
				? in
				: 0);
}

int64_t ftp_srv_step(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	int rounds = CHUNKS;
	bool more = true;

	if (srv->listener < 0 && now_ms >= srv->retry_ms)
		listen_now(board, now_ms);
	check_timers(board, now_ms);
	while (more && rounds-- > 0 && !board->servers_dead) {
		more = flush(board);
		more |= accept_client(board, now_ms);
		more |= accept_data(board, now_ms);
		more |= transfer(board, now_ms);
		more |= read_command(board, now_ms);
	}
	watch(board, now_ms);
	return more ? now_ms : next_due(board, now_ms);
}

void ftp_srv_freeze(struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;
	const int handles[] = {
		srv->listener, srv->control, srv->data_listener, srv->data};

	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		if (handles[i] >= 0)
			hal_net_poll(board->hal, handles[i], 0);
}
