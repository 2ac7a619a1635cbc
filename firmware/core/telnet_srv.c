/* SPDX-License-Identifier: MIT
 *
 * Telnet server: a table of what is sent when, and the few states that wait for input.
 */
#include "firmware/core/telnet_srv.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define CYCLE_MS       4    /* one turn of the servers task (WIRE.md 1.1) */
#define REOPEN_MS      10   /* the listener is back after 8 to 12 ms (WIRE.md 0.4) */
#define RETRY_MS       100  /* the port is taken: try again */
#define LOGIN_STALL_MS 200  /* 50 cycles without progress (WIRE.md 1.3) */
#define STALL_MS       1500 /* then output is lost (WIRE.md 1.7) */
#define IDLE_EXTRA_MS  100  /* cut at 300.1 s (WIRE.md 0.4) */
#define TRIES          3
#define PRESET_BS      128 /* WIRE.md 1.5 */

#define WONT_ECHO_OPTIONS "\xff\xfc\x01\xff\xfc\x03\xff\xfb\x22"
#define PASSWORD_OPTIONS  "\xff\xfb\x01\xff\xfc\x03\xff\xfb\x22"
#define REPL_OPTIONS      "\xff\xfb\x01\xff\xfb\x03\xff\xfc\x22"

struct say {
	const char *text; /* NULL: the banner */
	bool discard;     /* one receive is thrown away first (WIRE.md 1.3) */
	enum telnet_srv_state next;
};

/* Indexed by state; a state without a next one waits for input. */
static const struct say says[TELNET_SRV_STATE_COUNT] = {
	[TELNET_SRV_BANNER] = {NULL, false, TELNET_SRV_USER_OPTIONS},
	[TELNET_SRV_USER_OPTIONS] = {WONT_ECHO_OPTIONS, false, TELNET_SRV_USER_PROMPT},
	[TELNET_SRV_USER_PROMPT] = {"Login as: ", true, TELNET_SRV_USER},
	[TELNET_SRV_PASSWORD_PROMPT] = {"Password: ", false,
		TELNET_SRV_PASSWORD_OPTIONS},
	[TELNET_SRV_PASSWORD_OPTIONS] = {PASSWORD_OPTIONS, true, TELNET_SRV_PASSWORD},
	[TELNET_SRV_GOOD_OPTIONS] = {REPL_OPTIONS, false, TELNET_SRV_GOOD_TEXT},
	[TELNET_SRV_GOOD_TEXT] = {"\r\nLogin succeeded!\r\n" REPL_HELP_LINE, false,
		TELNET_SRV_LOGGED_IN},
	[TELNET_SRV_BAD_TEXT] = {"\r\nInvalid credentials, try again.\r\n", false,
		TELNET_SRV_USER_OPTIONS},
};

static bool says_something(enum telnet_srv_state state)
{
	return says[state].next != TELNET_SRV_CLOSED;
}

size_t telnet_srv_filter(uint8_t *bytes, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] >= 0x80) {
			/* An option of three bytes, it is assumed. One that runs past
			 * the end takes characters back that were good. */
			size_t past = i + 3 > len ? i + 3 - len : 0;

			kept -= past < kept ? past : kept;
			i += 2;
		} else if (bytes[i] != 0) {
			bytes[kept++] = bytes[i];
		}
	}
	return kept;
}

void telnet_srv_start(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	srv->state = TELNET_SRV_CLOSED;
	srv->listener = -1;
	srv->conn = -1;
	srv->due_ms = now_ms;
	ring_init(&srv->in, srv->in_bytes, sizeof(srv->in_bytes));
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

static void end_session(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	hal_net_shutdown(board->hal, srv->conn);
	srv->conn = -1;
	srv->state = TELNET_SRV_CLOSED;
	srv->due_ms = now_ms + REOPEN_MS;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

void telnet_srv_stop(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->listener >= 0)
		hal_net_unlisten(board->hal, srv->listener);
	srv->listener = -1;
	if (srv->conn >= 0) {
		ring_send(&srv->out, board->hal, srv->conn);
		end_session(board, 0);
	}
	srv->due_ms = WIPY_NEVER;
}

static void listen_now(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	srv->listener = hal_net_listen(board->hal, board->settings.telnet_port, 1);
	if (srv->listener < 0) {
		srv->listener = -1;
		srv->due_ms = now_ms + RETRY_MS;
		return;
	}
	srv->state = TELNET_SRV_LISTENING;
	hal_net_poll(board->hal, srv->listener, HAL_NET_IN);
}

static bool accept_client(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	int conn = hal_net_accept(board->hal, srv->listener);

	if (conn < 0)
		return false;
	/* one client at a time: nobody listens while it is there (WIRE.md 1.2) */
	hal_net_unlisten(board->hal, srv->listener);
	srv->listener = -1;
	srv->conn = conn;
	srv->state = TELNET_SRV_BANNER;
	srv->tries = 0;
	srv->due_ms = now_ms + CYCLE_MS;
	srv->heard_ms = now_ms;
	srv->progress_ms = now_ms;
	board->stats.telnet_accepts++;
	return true;
}

static void put_banner(struct wipy_board *board)
{
	char banner[WIPY_FINGERPRINT_MAX + 16];
	size_t len = repl_banner(board, banner, sizeof(banner));

	(void)ring_put(&board->telnet.out, banner, len);
}

/* The client is logged in: the ring is filled with what clears a half-typed line. */
static void preset_ring(struct telnet_srv *srv)
{
	uint8_t preset[PRESET_BS + 1];

	memset(preset, '\b', PRESET_BS);
	preset[PRESET_BS] = '\r';
	ring_init(&srv->in, srv->in_bytes, sizeof(srv->in_bytes));
	(void)ring_put(&srv->in, preset, sizeof(preset));
}

/* Receives into bytes. Returns what arrived after the filter, or a negative number when
 * nothing did; a session that the client ended is ended here. */
static int receive(struct wipy_board *board, uint8_t *bytes, size_t cap,
	size_t *ret_raw, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	int n = hal_net_recv(board->hal, srv->conn, bytes, cap);

	if (n == -EAGAIN)
		return n;
	if (n <= 0) {
		end_session(board, now_ms);
		return -ECONNRESET;
	}
	srv->heard_ms = now_ms;
	*ret_raw = (size_t)n;
	return (int)telnet_srv_filter(bytes, (size_t)n);
}

/* Says the state's text. Returns false if it is not time yet. */
static bool say(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	const struct say *what = &says[srv->state];
	uint8_t segment[TELNET_SRV_SEGMENT];
	size_t raw;

	if (now_ms < srv->due_ms || srv->out.len > 0)
		return false;
	if (srv->state == TELNET_SRV_USER_OPTIONS && srv->tries == TRIES) {
		end_session(board, now_ms);
		return true;
	}
	if (what->discard &&
		receive(board, segment, sizeof(segment), &raw, now_ms) == -ECONNRESET)
		return true;
	if (what->text)
		(void)ring_put(&srv->out, what->text, strlen(what->text));
	else
		put_banner(board);
	srv->progress_ms = now_ms;
	srv->state = what->next;
	srv->field_len = 0;
	/* the third refusal closes as soon as its text is out */
	srv->due_ms = srv->tries == TRIES ? now_ms : now_ms + CYCLE_MS;
	if (srv->state == TELNET_SRV_LOGGED_IN) {
		preset_ring(srv);
		board->stats.logins++;
	}
	return true;
}

static bool field_is(const struct telnet_srv *srv, const char *want)
{
	size_t len = strlen(want);

	/* an empty entry is always wrong, one that filled the field is never right */
	return len > 0 && srv->field_len == len && srv->field_len < TELNET_SRV_FIELD &&
	       memcmp(srv->field, want, len) == 0;
}

static void field_done(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	srv->due_ms = now_ms + CYCLE_MS;
	if (srv->state == TELNET_SRV_USER) {
		srv->user_right = field_is(srv, board->servers.user);
		srv->state = TELNET_SRV_PASSWORD_PROMPT;
	} else if (srv->user_right && field_is(srv, board->servers.password)) {
		srv->state = TELNET_SRV_GOOD_OPTIONS;
	} else {
		srv->tries++;
		srv->state = TELNET_SRV_BAD_TEXT;
	}
	memset(srv->field, 0, sizeof(srv->field));
}

static bool read_field(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	uint8_t segment[TELNET_SRV_SEGMENT];
	size_t raw = 0;
	int n = receive(board, segment, sizeof(segment), &raw, now_ms);

	if (n < 0)
		return n != -EAGAIN;
	/* a receive that fills the buffer is dropped without a word (WIRE.md 0.4) */
	if (raw == sizeof(segment))
		return true;
	for (int i = 0; i < n; i++) {
		/* what follows the end of a field in the same segment is lost */
		if (segment[i] == '\r') {
			field_done(board, now_ms);
			break;
		}
		srv->field[srv->field_len++] = segment[i];
		if (srv->field_len == TELNET_SRV_FIELD) {
			field_done(board, now_ms);
			break;
		}
	}
	memset(segment, 0, sizeof(segment));
	return true;
}

static bool read_keys(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	uint8_t segment[TELNET_SRV_RING];
	size_t room = ring_room(&srv->in);
	size_t raw;
	int n;

	if (room == 0)
		return false;
	n = receive(board, segment, room, &raw, now_ms);
	if (n < 0)
		return n != -EAGAIN;
	(void)ring_put(&srv->in, segment, (size_t)n);
	return true;
}

static bool waits_for_input(const struct telnet_srv *srv)
{
	return srv->state == TELNET_SRV_USER || srv->state == TELNET_SRV_PASSWORD ||
	       (srv->state == TELNET_SRV_LOGGED_IN && ring_room(&srv->in) > 0);
}

/* One step of the state; false: nothing more to do now. */
static bool advance(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	switch (srv->state) {
	case TELNET_SRV_CLOSED:
		if (now_ms >= srv->due_ms)
			listen_now(board, now_ms);
		return srv->state == TELNET_SRV_LISTENING;
	case TELNET_SRV_LISTENING:
		return accept_client(board, now_ms);
	case TELNET_SRV_USER:
	case TELNET_SRV_PASSWORD:
		return read_field(board, now_ms);
	case TELNET_SRV_LOGGED_IN:
		/* a stall counts from when there was something to send */
		if (srv->out.len == 0)
			srv->progress_ms = now_ms;
		return repl_step(board) || read_keys(board, now_ms);
	case TELNET_SRV_BANNER:
	case TELNET_SRV_USER_OPTIONS:
	case TELNET_SRV_USER_PROMPT:
	case TELNET_SRV_PASSWORD_PROMPT:
	case TELNET_SRV_PASSWORD_OPTIONS:
	case TELNET_SRV_GOOD_OPTIONS:
	case TELNET_SRV_GOOD_TEXT:
	case TELNET_SRV_BAD_TEXT:
		return say(board, now_ms);
	case TELNET_SRV_STATE_COUNT:
		break;
	}
	return false;
}

static void flush(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	int sent;

	if (srv->conn < 0 || srv->out.len == 0)
		return;
	sent = ring_send(&srv->out, board->hal, srv->conn);
	if (sent < 0)
		end_session(board, now_ms);
	else if (sent > 0)
		srv->progress_ms = now_ms;
}

/* A client that reads nothing loses output, or the line before it is logged in. */
static void check_stall(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->conn < 0 || srv->out.len == 0)
		return;
	if (srv->state != TELNET_SRV_LOGGED_IN) {
		if (now_ms - srv->progress_ms >= LOGIN_STALL_MS)
			end_session(board, now_ms);
	} else if (now_ms - srv->progress_ms >= STALL_MS) {
		ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
	}
}

static int64_t next_due(const struct wipy_board *board)
{
	const struct telnet_srv *srv = &board->telnet;
	int64_t due;

	if (srv->state == TELNET_SRV_CLOSED)
		return srv->due_ms;
	if (srv->state == TELNET_SRV_LISTENING)
		return WIPY_NEVER;
	due = srv->heard_ms + board->servers.timeout_ms + IDLE_EXTRA_MS;
	if (srv->out.len > 0) {
		int64_t stall =
			srv->state == TELNET_SRV_LOGGED_IN ? STALL_MS : LOGIN_STALL_MS;

		if (srv->progress_ms + stall < due)
			due = srv->progress_ms + stall;
	} else if (says_something(srv->state) && srv->due_ms < due) {
		due = srv->due_ms;
	}
	return due;
}

int64_t telnet_srv_step(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	bool more = true;

	if (srv->conn >= 0 &&
		now_ms - srv->heard_ms >= board->servers.timeout_ms + IDLE_EXTRA_MS)
		end_session(board, now_ms);
	flush(board, now_ms);
	while (more && !board->reset_wanted) {
		more = advance(board, now_ms);
		flush(board, now_ms);
	}
	check_stall(board, now_ms);
	if (srv->conn >= 0)
		hal_net_poll(board->hal, srv->conn,
			(waits_for_input(srv) ? (unsigned)HAL_NET_IN : 0) |
				(srv->out.len > 0 ? (unsigned)HAL_NET_OUT : 0));
	return next_due(board);
}

void telnet_srv_freeze(struct wipy_board *board)
{
	if (board->telnet.listener >= 0)
		hal_net_poll(board->hal, board->telnet.listener, 0);
	if (board->telnet.conn >= 0)
		hal_net_poll(board->hal, board->telnet.conn, 0);
}

void telnet_srv_write(struct wipy_board *board, const char *text, size_t len)
{
	if (board->telnet.state == TELNET_SRV_LOGGED_IN)
		(void)ring_put(&board->telnet.out, text, len);
}
