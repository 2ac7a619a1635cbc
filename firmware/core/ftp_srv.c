/* SPDX-License-Identifier: MIT
 *
 * The FTP server: connections and timers.
 */
#include "firmware/core/ftp_srv.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define RETRY_MS 100
/* A step, so that a transfer holds up nobody for long: one erase of a sector at most. */
#define ROUNDS   64
#define STEP_MAX HAL_FLASH_SECTOR
/* The boards count cycles, and some take longer: 5.01 s of 5, 300.1 s of 300. */
#define IDLE_EXTRA_MS      10
#define IDLE_EXTRA_DIVISOR 3000

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

void ftp_srv_sent(struct ftp_srv *srv, int sent, size_t left)
{
	if (sent > 0 || left == 0)
		srv->refused_ms = -1;
	else if (srv->refused_ms < 0)
		srv->refused_ms = srv->now_ms;
}

/* False: the connection is gone, and with it everything. */
static bool send_replies(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	int sent;

	if (srv->control < 0 || srv->out.len == 0)
		return true;
	sent = ring_send(&srv->out, board->hal, srv->control);
	if (sent < 0) {
		ftp_srv_reset(board);
		return false;
	}
	ftp_srv_sent(srv, sent, srv->out.len);
	return true;
}

/* ---- the ends of connections -------------------------------------------------- */

static void close_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->data >= 0)
		hal_net_shutdown(board->hal, srv->data);
	srv->data = -1;
	srv->transfer = FTP_SRV_IDLE;
	srv->block_len = 0;
}

static void close_data_listener(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->data_listener >= 0)
		hal_net_unlisten(board->hal, srv->data_listener);
	srv->data_listener = -1;
}

static void close_control(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->control >= 0)
		hal_net_shutdown(board->hal, srv->control);
	srv->control = -1;
	srv->closing = false;
	srv->refused_ms = -1;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

/* The client has gone. The data timer runs on and holds up the next one. */
static void lose_client(struct wipy_board *board)
{
	close_control(board);
	close_data(board);
	ftp_transfer_close(board);
}

/* 221, and everything else that ends both connections. */
static void end_session(struct wipy_board *board)
{
	lose_client(board);
	close_data_listener(board);
	board->ftp.data_state = FTP_SRV_DATA_NONE;
}

/* A stack that closes a connection with bytes unread resets it. */
static void abort_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	uint8_t byte;

	if (srv->transfer != FTP_SRV_STOR || srv->data < 0 ||
		hal_net_recv(board->hal, srv->data, &byte, sizeof(byte)) <= 0)
		return;
	hal_net_abort(board->hal, srv->data);
	srv->data = -1;
}

void ftp_srv_fail(struct wipy_board *board, int code)
{
	ftp_srv_reply(board, code, "");
	if (!send_replies(board))
		return;
	abort_data(board);
	/* the listener stays: what queues there is served after the next PASV */
	close_data(board);
	ftp_transfer_close(board);
}

void ftp_srv_fail_transfer(struct wipy_board *board, int code)
{
	ftp_srv_fail(board, code);
	board->ftp.data_state = FTP_SRV_DATA_NONE;
}

/* ---- start and stop ----------------------------------------------------------- */

void ftp_srv_start(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	memset(srv, 0, sizeof(*srv));
	srv->listener = -1;
	srv->control = -1;
	srv->data_listener = -1;
	srv->data = -1;
	srv->file = -1;
	srv->refused_ms = -1;
	srv->retry_ms = now_ms;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

void ftp_srv_stop(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->control >= 0)
		(void)ring_send(&srv->out, board->hal, srv->control);
	end_session(board);
	if (srv->listener >= 0)
		hal_net_unlisten(board->hal, srv->listener);
	srv->listener = -1;
	srv->retry_ms = WIPY_NEVER;
}

void ftp_srv_reset(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	/* what the failed send left in the ring is not tried again */
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
	ftp_srv_stop(board);
	srv->retry_ms = srv->now_ms + FTP_SRV_CYCLE_MS;
}

/* ---- new connections ---------------------------------------------------------- */

static void listen_now(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	srv->listener = hal_net_listen(board->hal, board->settings.ftp_port, 0);
	if (srv->listener < 0) {
		srv->listener = -1;
		srv->retry_ms = srv->now_ms + RETRY_MS;
	}
}

/* A new client is taken when the old one is gone and no data connection is armed. */
static bool accept_client(struct wipy_board *board)
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
	srv->idle_since_ms = srv->now_ms;
	wipy_text_copy(srv->folder, sizeof(srv->folder), "/", 1);
	ftp_srv_reply(board, 220, board->personality->ftp_greeting);
	board->stats.ftp_sessions++;
	return true;
}

int ftp_srv_passive(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	close_data(board);
	srv->data_state = FTP_SRV_DATA_NONE;
	if (srv->data_listener < 0) {
		int listener = hal_net_listen(board->hal, board->settings.pasv_port, 0);

		if (listener < 0)
			return listener;
		srv->data_listener = listener;
	}
	srv->data_state = FTP_SRV_DATA_LISTEN;
	srv->due_ms = srv->now_ms + board->personality->data_ms;
	return 0;
}

/* Waiting for the data connection does not count as idleness. */
static void leave_listen(struct wipy_board *board, enum ftp_srv_data state)
{
	struct ftp_srv *srv = &board->ftp;
	int64_t began_ms = srv->due_ms - board->personality->data_ms;

	srv->idle_since_ms += srv->now_ms - began_ms;
	srv->data_state = state;
}

static bool accept_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	int conn;

	if (srv->data_state != FTP_SRV_DATA_LISTEN)
		return false;
	conn = hal_net_accept(board->hal, srv->data_listener);
	if (conn < 0)
		return false;
	srv->data = conn;
	leave_listen(board, FTP_SRV_DATA_READY);
	srv->due_ms = srv->now_ms + board->personality->data_ms;
	return true;
}

static bool read_command(struct wipy_board *board)
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
		lose_client(board);
	else
		ftp_srv_command(board);
	return true;
}

/* ---- timers ------------------------------------------------------------------- */

static bool data_timer(const struct ftp_srv *srv)
{
	return srv->data_state != FTP_SRV_DATA_NONE && srv->transfer != FTP_SRV_LIST &&
	       srv->transfer != FTP_SRV_RETR;
}

static void data_timer_out(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->transfer == FTP_SRV_STOR) {
		ftp_srv_fail_transfer(board, 426);
		return;
	}
	if (srv->data_state == FTP_SRV_DATA_LISTEN) {
		leave_listen(board, FTP_SRV_DATA_NONE);
	} else {
		/* an update that was left open ends here too, but not with 226 */
		if (srv->transfer == FTP_SRV_IDLE)
			ftp_transfer_close(board);
		close_data(board);
		srv->data_state = FTP_SRV_DATA_NONE;
	}
	close_data_listener(board);
}

static int64_t idle_due(const struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;
	uint32_t limit_ms = board->servers.timeout_ms;

	if (srv->control < 0 || srv->transfer != FTP_SRV_IDLE || srv->closing ||
		srv->data_state == FTP_SRV_DATA_LISTEN)
		return WIPY_NEVER;
	return srv->idle_since_ms + limit_ms + limit_ms / IDLE_EXTRA_DIVISOR +
	       IDLE_EXTRA_MS;
}

static int64_t refused_due(const struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;

	return srv->refused_ms < 0
		       ? WIPY_NEVER
		       : srv->refused_ms + board->personality->send_cycles_ms;
}

static void check_timers(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->now_ms >= refused_due(board)) {
		ftp_srv_reset(board);
		return;
	}
	if (data_timer(srv) && srv->now_ms >= srv->due_ms)
		data_timer_out(board);
	if (srv->now_ms >= idle_due(board)) {
		ftp_srv_reply(board, 221, "");
		srv->closing = true;
	}
}

static int64_t next_due(const struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;
	int64_t due = srv->listener < 0 ? srv->retry_ms : WIPY_NEVER;

	if (data_timer(srv))
		due = earlier(due, srv->due_ms);
	due = earlier(due, refused_due(board));
	due = earlier(due, idle_due(board));
	return earlier(due, ftp_transfer_due(board));
}

/* ---- the step ----------------------------------------------------------------- */

static bool flush(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (!send_replies(board))
		return true;
	if (!srv->closing || srv->out.len > 0)
		return false;
	/* 221 ends the data connection as well */
	end_session(board);
	return true;
}

static unsigned control_events(const struct ftp_srv *srv)
{
	if (srv->out.len > 0)
		return HAL_NET_OUT;
	return srv->transfer == FTP_SRV_IDLE && srv->data_state != FTP_SRV_DATA_LISTEN
		       ? HAL_NET_IN
		       : 0;
}

static void watch(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	struct hal *hal = board->hal;
	bool free = srv->control < 0 && srv->data_state == FTP_SRV_DATA_NONE;
	bool listens = srv->data_state == FTP_SRV_DATA_LISTEN;

	if (srv->listener >= 0)
		hal_net_poll(hal, srv->listener, free ? HAL_NET_IN : 0);
	if (srv->control >= 0)
		hal_net_poll(hal, srv->control, control_events(srv));
	if (srv->data_listener >= 0)
		hal_net_poll(hal, srv->data_listener, listens ? HAL_NET_IN : 0);
	if (srv->data >= 0)
		hal_net_poll(hal, srv->data, ftp_transfer_events(board));
}

int64_t ftp_srv_step(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	int rounds = ROUNDS;
	bool more = true;

	srv->now_ms = now_ms;
	srv->step_len = 0;
	if (srv->listener < 0 && now_ms >= srv->retry_ms)
		listen_now(board);
	check_timers(board);
	while (more && rounds-- > 0 && srv->step_len < STEP_MAX &&
		!board->servers_dead && !board->updater.crashed) {
		more = flush(board);
		more |= accept_client(board);
		more |= accept_data(board);
		more |= ftp_transfer_step(board);
		more |= read_command(board);
	}
	watch(board);
	return more ? now_ms : next_due(board);
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
