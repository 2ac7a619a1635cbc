/* SPDX-License-Identifier: MIT
 *
 * One telnet conversation with a board: see board_link.h. The words are telnet_client's;
 * here are the connection, the one timer that serves every deadline, the clean close,
 * and the question at port 21 that tells a busy board from an absent one.
 *
 *   CONNECTING -> TALKING -> LEAVING -> done
 *        |           |          |
 *        +-----------+----------+-> ASKING -> QUITTING -> LEAVING_FTP -> done
 *               no banner
 */
#include "config.h"

#include "daemon/edge/board_link.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/edge/tcp.h"

#define CONNECT_MS     5000 /* WIRE.md 1.12.1 */
#define LEAVE_MS       1000 /* DESIGN.md 1.2 */
#define ASK_MS         5000 /* WIRE.md 2.2: no 220 within 5 s means busy there too */
#define QUIT_MS        1000
#define ASK_MAX        4096 /* bytes before a 220 line; boards send about 30 */
#define CREDENTIAL_CAP 64
#define READ_CAP       2048

enum link_state {
	LINK_CONNECTING,
	LINK_TALKING,
	LINK_LEAVING,
	LINK_ASKING, /* connecting to port 21 and waiting for its 220 */
	LINK_QUITTING,
	LINK_LEAVING_FTP,
	LINK_DONE,
};

struct board_link {
	uv_timer_t timer;
	struct tcp tcp;
	enum link_state state;
	uint16_t ftp_port;
	board_link_fn done; /* NULL: cancelled */
	void *arg;
	struct board_link_result result;
	struct telnet_request request;
	struct telnet_client client;
	char user[CREDENTIAL_CAP];
	char password[CREDENTIAL_CAP];
	char mark[TELNET_MARK_MAX], old_mark[TELNET_MARK_MAX];
	char expression[TELNET_VALUE_MAX];
	size_t asked_len; /* bytes that port 21 brought */
	size_t column;    /* in its present line */
	bool greets;      /* the line is a 220 so far */
	uint8_t in[READ_CAP];
};

static int64_t link_now(const struct board_link *link)
{
	return (int64_t)uv_now(link->timer.loop);
}

static void on_timer(uv_timer_t *timer);

static void link_arm(struct board_link *link, int64_t wait_ms)
{
	(void)uv_timer_start(
		&link->timer, on_timer, wait_ms > 0 ? (uint64_t)wait_ms : 0, 0);
}

/* The end */

static void wipe_secrets(struct board_link *link)
{
	sodium_memzero(link->user, sizeof(link->user));
	sodium_memzero(link->password, sizeof(link->password));
	sodium_memzero(link->client.out, sizeof(link->client.out));
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct board_link *link = handle->data;

	wipe_secrets(link);
	if (link->done)
		link->done(link->arg, &link->result);
	free(link);
}

static void link_end(struct board_link *link)
{
	if (link->state == LINK_DONE)
		return;
	link->state = LINK_DONE;
	uv_close((uv_handle_t *)&link->timer, on_timer_closed);
}

/* Refused, the end before the banner, and silence are one class (DESIGN.md 1.2). A host
 * that is not there needs no second question. */
static bool link_lacks_banner(const struct board_link *link)
{
	return link->result.status == WIPY_E_REFUSED ||
	       link->result.status == WIPY_E_NO_BANNER;
}

static void link_ask(struct board_link *link)
{
	const union tcp_address peer = link->tcp.peer;

	link->state = LINK_ASKING;
	link->greets = true;
	link_arm(link, ASK_MS);
	tcp_open_peer(&link->tcp, link->timer.loop, &peer, link->ftp_port);
}

static void on_closed(struct tcp *tcp, int status)
{
	struct board_link *link = tcp->owner;

	if (link->state == LINK_CONNECTING) {
		link->result.status = status;
		link->result.telnet.status = status;
	}
	if (link->done && link->ftp_port && link->state <= LINK_LEAVING &&
		link_lacks_banner(link))
		link_ask(link);
	else
		link_end(link);
}

/* The conversation */

static void link_leave(struct board_link *link, enum link_state state)
{
	link->state = state;
	link_arm(link, LEAVE_MS);
	tcp_finish(&link->tcp);
}

static void link_take_result(struct board_link *link)
{
	link->result.telnet = *telnet_client_result(&link->client);
	/* The client ends at every end of file; should it not, the board is not to be
	 * taken for well. */
	if (!telnet_client_done(&link->client))
		link->result.telnet.status = WIPY_E_CLOSED;
	link->result.status = link->result.telnet.status;
	link_leave(link, LINK_LEAVING);
}

/* Sends what the client has to say, and leaves once it is done. */
static void link_pump(struct board_link *link)
{
	uint8_t out[sizeof(link->client.out)];
	size_t len;
	int err = 0;

	while (!err &&
		(len = telnet_client_output(&link->client, out, sizeof(out))) > 0)
		err = tcp_send(&link->tcp, out, len);
	sodium_memzero(out, sizeof(out));
	if (err)
		telnet_client_eof(&link->client, link_now(link));
	if (err || link->tcp.ended || telnet_client_done(&link->client))
		link_take_result(link);
	else
		link_arm(link, telnet_client_deadline(&link->client) - link_now(link));
}

/* Port 21 */

/* Looks for the line feed of a line that starts with 220. */
static bool link_sees_greeting(struct board_link *link, const uint8_t *data, size_t len)
{
	static const char code[] = "220";

	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n') {
			if (link->greets && link->column >= strlen(code))
				return true;
			link->greets = true;
			link->column = 0;
		} else if (link->column < strlen(code)) {
			link->greets &= data[i] == (uint8_t)code[link->column];
			link->column++;
		}
	}
	return false;
}

static void link_greeting(struct board_link *link, const uint8_t *data, size_t len)
{
	static const uint8_t quit[] = {'Q', 'U', 'I', 'T', '\r', '\n'};

	link->asked_len += len;
	if (link_sees_greeting(link, data, len)) {
		link->result.status = WIPY_E_TELNET_BUSY;
		link->state = LINK_QUITTING;
		link_arm(link, QUIT_MS);
		if (tcp_send(&link->tcp, quit, sizeof(quit)))
			link_leave(link, LINK_LEAVING_FTP);
	} else if (link->asked_len > ASK_MAX) {
		link_leave(link, LINK_LEAVING_FTP);
	}
}

/* What happens */

static void on_connected(struct tcp *tcp)
{
	struct board_link *link = tcp->owner;

	if (link->state != LINK_CONNECTING)
		return;
	link->state = LINK_TALKING;
	telnet_client_start(&link->client, &link->request, link_now(link));
	link_pump(link);
}

static void on_input(struct tcp *tcp, const uint8_t *data, size_t len)
{
	struct board_link *link = tcp->owner;

	if (link->state == LINK_TALKING) {
		telnet_client_input(&link->client, data, len, link_now(link));
		link_pump(link);
	} else if (link->state == LINK_ASKING) {
		link_greeting(link, data, len);
	} else if (link->state == LINK_QUITTING) {
		link->asked_len += len;
		if (link->asked_len > ASK_MAX)
			link_leave(link, LINK_LEAVING_FTP);
	}
}

static void on_ended(struct tcp *tcp)
{
	struct board_link *link = tcp->owner;

	if (link->state == LINK_TALKING) {
		telnet_client_eof(&link->client, link_now(link));
		link_pump(link);
	} else {
		link_leave(link, LINK_LEAVING_FTP);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct board_link *link = timer->data;

	switch (link->state) {
	case LINK_CONNECTING:
		tcp_close(&link->tcp, -ETIMEDOUT);
		break;
	case LINK_TALKING:
		telnet_client_tick(&link->client, link_now(link));
		link_pump(link);
		break;
	case LINK_ASKING:
	case LINK_QUITTING:
		link_leave(link, LINK_LEAVING_FTP);
		break;
	case LINK_LEAVING:
	case LINK_LEAVING_FTP:
		tcp_close(&link->tcp, 0);
		break;
	case LINK_DONE:
		break;
	}
}

/* The beginning */

static bool copy_text(char *to, size_t cap, const char *from)
{
	return !from || wipy_text_copy(to, cap, from, strlen(from));
}

static bool link_copy_request(
	struct board_link *link, const struct board_link_request *request)
{
	link->ftp_port = request->ftp_port;
	link->request = (struct telnet_request){
		.goal = request->goal,
		.user = link->user,
		.password = link->password,
		.mark = link->mark,
		.old_mark = link->old_mark,
		.expression = link->expression,
		.may_interrupt = request->may_interrupt,
	};
	return copy_text(link->user, sizeof(link->user), request->user) &&
	       copy_text(link->password, sizeof(link->password), request->password) &&
	       copy_text(link->mark, sizeof(link->mark), request->mark) &&
	       copy_text(link->old_mark, sizeof(link->old_mark), request->old_mark) &&
	       copy_text(
		       link->expression, sizeof(link->expression), request->expression);
}

struct board_link *board_link_start(uv_loop_t *loop,
	const struct board_link_request *request, board_link_fn done, void *arg)
{
	static const struct tcp_hooks hooks = {
		on_connected, on_input, on_ended, on_closed};
	struct board_link *link = calloc(1, sizeof(*link));

	/* Linux hardly ever refuses memory; where it does, a restart that looks at every
	 * board first is better than a daemon that goes on without. */
	if (!link)
		abort();
	link->done = done;
	link->arg = arg;
	(void)uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	tcp_init(&link->tcp, &hooks, link, link->in, sizeof(link->in));
	if (!link_copy_request(link, request)) {
		link->result.status = link->result.telnet.status = -EINVAL;
		link_end(link);
		return link;
	}
	link_arm(link, request->connect_ms > 0 ? request->connect_ms : CONNECT_MS);
	tcp_open(&link->tcp, loop, request->address, request->telnet_port);
	return link;
}

/* The clean close goes on without the caller; the last callback frees the link. */
void board_link_cancel(struct board_link *link)
{
	link->done = NULL;
	wipe_secrets(link);
	switch (link->state) {
	case LINK_TALKING:
		link_leave(link, LINK_LEAVING);
		break;
	case LINK_CONNECTING:
	case LINK_ASKING:
	case LINK_QUITTING:
		if (link->tcp.state == TCP_STATE_OPEN)
			link_leave(link, LINK_LEAVING_FTP);
		else
			tcp_abandon(&link->tcp);
		break;
	case LINK_LEAVING:
	case LINK_LEAVING_FTP:
	case LINK_DONE:
		break;
	}
}
