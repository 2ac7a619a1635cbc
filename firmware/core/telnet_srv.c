/* SPDX-License-Identifier: MIT
 *
 * Telnet server: a table of what is sent when, and the few states that wait for input.
 */
#include "firmware/core/telnet_srv.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/boot_info.h"

#define CYCLE_MS       4    /* one turn of the servers task (WIRE.md 1.1) */
#define REOPEN_MS      10   /* the listener is back after 8 to 12 ms (WIRE.md 0.4) */
#define RETRY_MS       100  /* the port is taken: try again */
#define LOGIN_STALL_MS 200  /* 50 cycles without progress (WIRE.md 1.3) */
#define STALL_MS       1530 /* 51 tries, 5 to 55 ms apart (WIRE.md 1.1) */
#define TRIES          3
#define PRESET_BS      128 /* WIRE.md 1.5 */

#define USER_OPTIONS     "\xff\xfc\x01\xff\xfc\x03\xff\xfb\x22"
#define PASSWORD_OPTIONS "\xff\xfb\x01\xff\xfc\x03\xff\xfb\x22"
#define REPL_OPTIONS     "\xff\xfb\x01\xff\xfb\x03\xff\xfc\x22"

struct say {
	const char *text; /* NULL: the banner */
	bool discard;     /* one receive is thrown away first (WIRE.md 1.3) */
	enum telnet_srv_state next;
};

/* Indexed by state; a state without a next one waits for input. */
static const struct say says[TELNET_SRV_STATE_COUNT] = {
	[TELNET_SRV_BANNER] = {NULL, false, TELNET_SRV_USER_OPTIONS},
	[TELNET_SRV_USER_OPTIONS] = {USER_OPTIONS, false, TELNET_SRV_USER_PROMPT},
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

void telnet_srv_start(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	srv->state = TELNET_SRV_CLOSED;
	srv->listener = -1;
	srv->conn = -1;
	srv->cycle_ms = now_ms;
	ring_init(&srv->in, srv->in_bytes, sizeof(srv->in_bytes));
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

static void end_session(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	hal_net_shutdown(board->hal, srv->conn);
	srv->conn = -1;
	srv->state = TELNET_SRV_CLOSED;
	srv->cycle_ms = now_ms + REOPEN_MS;
	srv->busy = true;
	ring_init(&srv->out, srv->out_bytes, sizeof(srv->out_bytes));
}

void telnet_srv_stop(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->listener >= 0)
		hal_net_unlisten(board->hal, srv->listener);
	srv->listener = -1;
	if (srv->conn >= 0) {
		(void)ring_send(&srv->out, board->hal, srv->conn);
		end_session(board, 0);
	}
	srv->cycle_ms = WIPY_NEVER;
}

static bool listen_now(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	srv->listener = hal_net_listen(board->hal, board->settings.telnet_port, 1);
	if (srv->listener < 0) {
		srv->listener = -1;
		srv->cycle_ms = now_ms + RETRY_MS;
		return true;
	}
	srv->state = TELNET_SRV_LISTENING;
	return false;
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
	srv->loses = false;
	srv->heard_ms = now_ms;
	srv->progress_ms = now_ms;
	telnet_filter_start(&srv->filter, board->personality->telnet);
	board->stats.telnet_accepts++;
	return true;
}

/* Ctrl-F over telnet takes the board off the net; it does not even reset
 * (WIRE.md 1.11). */
static void leave_net(struct wipy_board *board)
{
	int err = boot_info_request_safe(board->hal);

	if (err == 0)
		err = hal_wlan_start(board->hal, HAL_WLAN_OFF, NULL, NULL);
	(void)err; /* whatever obeys or not, nobody listens any more */
	servers_want(board, false);
}

/* Receives at most cap bytes; at `bytes` is room for TELNET_FILTER_HELD more. Returns
 * what is left after the filter, -EAGAIN where nothing came, -ECONNRESET after the end
 * of the session. */
static int receive(struct wipy_board *board, uint8_t *bytes, size_t cap, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	bool logged_in = srv->state == TELNET_SRV_LOGGED_IN;
	struct telnet_moment moment = {logged_in, logged_in && repl_is_running(board),
		board->personality->ctrl_f};
	struct telnet_notes notes;
	int n = hal_net_recv(board->hal, srv->conn, bytes, cap);

	if (n == -EAGAIN)
		return n;
	if (n <= 0) {
		end_session(board, now_ms);
		return -ECONNRESET;
	}
	srv->heard_ms = now_ms;
	n = (int)telnet_filter(&srv->filter, &moment, bytes, (size_t)n, &notes);
	if (notes.interrupted)
		repl_interrupt(board);
	if (notes.reply_len > 0)
		(void)ring_put(&srv->out, notes.reply, notes.reply_len);
	if (notes.ctrl_f)
		leave_net(board);
	return n;
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

/* Says the state's text. */
static bool say(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	const struct say *what = &says[srv->state];
	uint8_t segment[TELNET_FILTER_SEGMENT + TELNET_FILTER_HELD];
	char banner[WIPY_FINGERPRINT_MAX + 16];

	if (srv->out.len > 0)
		return false;
	if (what->discard &&
		receive(board, segment, TELNET_FILTER_SEGMENT, now_ms) == -ECONNRESET)
		return true;
	if (what->text)
		(void)ring_put(&srv->out, what->text, strlen(what->text));
	else
		(void)ring_put(&srv->out, banner,
			repl_telnet_banner(board, banner, sizeof(banner)));
	srv->progress_ms = now_ms;
	srv->state = what->next;
	srv->field_len = 0;
	if (srv->state == TELNET_SRV_LOGGED_IN) {
		preset_ring(srv);
		board->stats.logins++;
	}
	return true;
}

/* The third refusal closes as soon as its text is out. */
static bool refuse(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	if (!say(board, now_ms))
		return false;
	if (++srv->tries == TRIES) {
		(void)ring_send(&srv->out, board->hal, srv->conn);
		end_session(board, now_ms);
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

static void field_done(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->state == TELNET_SRV_USER) {
		srv->user_right = field_is(srv, board->servers.user);
		srv->state = TELNET_SRV_PASSWORD_PROMPT;
	} else {
		srv->state = srv->user_right && field_is(srv, board->servers.password)
				     ? TELNET_SRV_GOOD_OPTIONS
				     : TELNET_SRV_BAD_TEXT;
	}
	memset(srv->field, 0, sizeof(srv->field));
	srv->field_len = 0;
}

/* Takes one segment; what follows the end of the field in it is lost. */
static bool read_field(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	uint8_t segment[TELNET_FILTER_SEGMENT + TELNET_FILTER_HELD];
	size_t cap = TELNET_FILTER_SEGMENT - srv->field_len;
	int n = receive(board, segment, cap, now_ms);
	bool done = false;

	if (n < 0)
		return n != -EAGAIN;
	/* The length is kept in one byte: a buffer filled to the brim counts as empty
	 * (WIRE.md 0.4). */
	if (srv->field_len + (size_t)n == TELNET_FILTER_SEGMENT) {
		srv->field_len = 0;
		n = 0;
	}
	for (int i = 0; i < n && !done; i++) {
		done = segment[i] == '\r';
		if (!done)
			srv->field[srv->field_len++] = segment[i];
		done = done || srv->field_len == TELNET_SRV_FIELD;
	}
	if (done)
		field_done(board);
	memset(segment, 0, sizeof(segment));
	return true;
}

/* How much one receive may take: the boards fill their ring up to its end first. */
static size_t ring_gap(const struct ring *ring)
{
	size_t room = ring->cap - 1 - ring->len;
	size_t to_end = ring->cap - (ring->head + ring->len) % ring->cap;

	return room < to_end ? room : to_end;
}

static bool read_keys(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	uint8_t segment[TELNET_SRV_RING + TELNET_FILTER_HELD];
	size_t gap = ring_gap(&srv->in);
	int n = gap > 0 ? receive(board, segment, gap, now_ms) : -EAGAIN;

	if (n > 0)
		(void)ring_put(&srv->in, segment, (size_t)n);
	return n != -EAGAIN;
}

static bool waits_for_input(const struct telnet_srv *srv)
{
	return srv->state == TELNET_SRV_USER || srv->state == TELNET_SRV_PASSWORD ||
	       (srv->state == TELNET_SRV_LOGGED_IN && ring_gap(&srv->in) > 0);
}

/* One cycle; false: nothing was to be done. */
static bool cycle(struct wipy_board *board, int64_t now_ms)
{
	switch (board->telnet.state) {
	case TELNET_SRV_CLOSED:
		return listen_now(board, now_ms);
	case TELNET_SRV_LISTENING:
		return accept_client(board, now_ms);
	case TELNET_SRV_USER:
	case TELNET_SRV_PASSWORD:
		return read_field(board, now_ms);
	case TELNET_SRV_LOGGED_IN:
		return read_keys(board, now_ms);
	case TELNET_SRV_BAD_TEXT:
		return refuse(board, now_ms);
	case TELNET_SRV_BANNER:
	case TELNET_SRV_USER_OPTIONS:
	case TELNET_SRV_USER_PROMPT:
	case TELNET_SRV_PASSWORD_PROMPT:
	case TELNET_SRV_PASSWORD_OPTIONS:
	case TELNET_SRV_GOOD_OPTIONS:
	case TELNET_SRV_GOOD_TEXT:
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

	if (srv->conn < 0)
		return;
	sent = srv->out.len > 0 ? ring_send(&srv->out, board->hal, srv->conn) : 0;
	if (sent < 0) {
		end_session(board, now_ms);
	} else if (sent > 0 || srv->out.len == 0) {
		srv->progress_ms = now_ms;
		srv->loses = false;
	}
}

/* How long output may wait; 0: for ever, as the sends of PY do. */
static int64_t patience(const struct wipy_board *board)
{
	if (board->telnet.state != TELNET_SRV_LOGGED_IN)
		return LOGIN_STALL_MS;
	return board->personality->telnet == WIPY_TELNET_PY ? 0 : STALL_MS;
}

/* A client that reads nothing loses a text, or the line before it is logged in. */
static void check_stall(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;
	int64_t limit = patience(board);

	if (srv->conn < 0 || srv->out.len == 0 || limit == 0 ||
		now_ms - srv->progress_ms < limit)
		return;
	if (srv->state != TELNET_SRV_LOGGED_IN)
		end_session(board, now_ms);
	else
		srv->loses = true;
}

/* When a client that sends nothing is cut. The limit is counted in cycles, which take a
 * little longer than they should: 300.1 s (WIRE.md 0.4). */
static int64_t idle_due(const struct wipy_board *board)
{
	int64_t limit = board->servers.timeout_ms;

	return board->telnet.heard_ms + limit + limit / 4096 + 2 * CYCLE_MS;
}

static int64_t next_due(const struct wipy_board *board)
{
	const struct telnet_srv *srv = &board->telnet;
	int64_t due = WIPY_NEVER;

	if (srv->busy)
		due = srv->cycle_ms;
	if (srv->conn < 0)
		return due;
	if (idle_due(board) < due)
		due = idle_due(board);
	if (srv->out.len > 0 && !srv->loses && patience(board) > 0 &&
		srv->progress_ms + patience(board) < due)
		due = srv->progress_ms + patience(board);
	return due;
}

/* What the port is asked to wait for. While a cycle is due, input waits for it. */
static void poll(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;
	unsigned events = 0;

	if (srv->listener >= 0)
		hal_net_poll(board->hal, srv->listener, HAL_NET_IN);
	if (srv->conn < 0)
		return;
	if (!srv->busy && waits_for_input(srv))
		events |= HAL_NET_IN;
	if (srv->out.len > 0)
		events |= HAL_NET_OUT;
	hal_net_poll(board->hal, srv->conn, events);
}

int64_t telnet_srv_settle(struct wipy_board *board, int64_t now_ms)
{
	if (board->servers_dead || !board->servers.running)
		return WIPY_NEVER;
	flush(board, now_ms);
	poll(board);
	return next_due(board);
}

int64_t telnet_srv_step(struct wipy_board *board, int64_t now_ms)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->conn >= 0 && now_ms >= idle_due(board))
		end_session(board, now_ms);
	if (now_ms >= srv->cycle_ms) {
		srv->busy = cycle(board, now_ms);
		if (srv->busy && srv->cycle_ms <= now_ms)
			srv->cycle_ms = now_ms + CYCLE_MS;
	} else {
		/* woken early; the cycle that is due then looks at everything */
		srv->busy = true;
	}
	flush(board, now_ms);
	check_stall(board, now_ms);
	poll(board);
	return next_due(board);
}

void telnet_srv_freeze(struct wipy_board *board)
{
	if (board->telnet.listener >= 0)
		hal_net_poll(board->hal, board->telnet.listener, 0);
	if (board->telnet.conn >= 0)
		hal_net_poll(board->hal, board->telnet.conn, 0);
}

/* ---- the REPL's side ------------------------------------------------------------ */

int telnet_srv_key(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;

	if (srv->state != TELNET_SRV_LOGGED_IN || srv->in.len == 0)
		return -1;
	/* what did not fit, or the client's end, waits in the net */
	if (ring_gap(&srv->in) == 0)
		srv->busy = true;
	return ring_take(&srv->in);
}

/* Whether anybody gets to see what is printed. */
static bool is_heard(const struct wipy_board *board)
{
	return board->telnet.state == TELNET_SRV_LOGGED_IN && !board->servers_dead &&
	       !servers_are_ending(board);
}

size_t telnet_srv_room(struct wipy_board *board)
{
	struct telnet_srv *srv = &board->telnet;

	if (!is_heard(board) || srv->loses)
		return SIZE_MAX;
	if (srv->out.len > sizeof(srv->out_bytes) / 2)
		(void)ring_send(&srv->out, board->hal, srv->conn);
	return ring_room(&srv->out);
}

void telnet_srv_write(struct wipy_board *board, const char *text, size_t len)
{
	struct telnet_srv *srv = &board->telnet;
	int taken = 1;

	if (!is_heard(board) || len == 0)
		return;
	if (srv->loses) {
		srv->loses = false;
		srv->progress_ms = hal_ticks_ms(board->hal);
		return;
	}
	if (ring_put(&srv->out, text, len))
		return;
	/* A line that is drawn again may be longer than the ring. Errors show at the
	 * next flush. */
	if (ring_send(&srv->out, board->hal, srv->conn) < 0)
		return;
	while (srv->out.len == 0 && len > ring_room(&srv->out) && taken > 0) {
		taken = hal_net_send(board->hal, srv->conn, text, len);
		if (taken > 0) {
			text += taken;
			len -= (size_t)taken;
		}
	}
	if (len > ring_room(&srv->out))
		len = ring_room(&srv->out);
	(void)ring_put(&srv->out, text, len);
}
