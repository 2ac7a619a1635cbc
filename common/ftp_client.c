/* SPDX-License-Identifier: MIT
 *
 * One command, one reply, next phase. Replies are judged by one function a phase; all
 * waiting is one deadline. Only the STOR command can change a board, so whatever fails
 * before it leaves the board as it was; after a failure nothing more is sent, since a
 * further command can make things worse (WIRE.md 2.11).
 */
#include "common/ftp_client.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

#define GREETING_MS 10000
#define REPLY_MS    10000
#define CONNECT_MS  2000 /* WIRE.md 2.13.4 */
#define STALL_MS    5000
#define END_MS      30000
#define QUIT_MS     5000
/* From STOR to 226, however steadily bytes trickle: a board that takes one now and then
 * would hold its place in the wave for days. Boards need 6 s to 90 s (WIRE.md 2.12);
 * the rest is room for a bad radio link. */
#define TRANSFER_MS 300000
/* The 226 may overtake the last acknowledgement, and the reset of the data connection
 * the reply that explains it: they travel on two connections. */
#define OVERTAKE_MS 2000

#define COMMAND_PARAM_MAX 128 /* more overflows a buffer on boards, WIRE.md 2.2 */

/* Not memset(): the compiler may see that nobody reads the bytes again. */
static void wipe(void *at, size_t len)
{
	volatile uint8_t *bytes = at;

	while (len-- > 0)
		bytes[len] = 0;
}

/* In these phases a line may be, or be a late part of, an answer to the login, and a
 * server may repeat there what it was told. */
static bool reply_may_echo(const struct ftp_client *c)
{
	return c->phase == FTP_USER || c->phase == FTP_PASS || c->phase == FTP_TYPE;
}

static void client_finish(struct ftp_client *c, int status)
{
	/* The mark of a block that did not end. */
	if (reply_may_echo(c) && c->result.reply[0] != '\0' &&
		c->result.reply[3] == '-')
		c->result.reply[3] = '\0';
	/* A farewell that goes wrong does not undo the upload. */
	if (c->result.complete)
		status = 0;
	c->result.status = status;
	c->result.phase = status == 0 ? FTP_DONE : c->phase;
	c->phase = FTP_DONE;
	c->want = FTP_WANT_CLOSE;
	c->done = true;
	c->request.user = NULL;
	c->request.password = NULL;
	wipe(c->out, sizeof(c->out));
	wipe(c->line, sizeof(c->line));
	c->out_len = 0;
}

static void client_wait(struct ftp_client *c, int64_t now_ms, int64_t wait_ms)
{
	int64_t until_ms = now_ms + wait_ms;

	c->deadline_ms = until_ms < c->limit_ms ? until_ms : c->limit_ms;
}

static void client_enter(
	struct ftp_client *c, enum ftp_phase phase, int64_t now_ms, int64_t wait_ms)
{
	c->phase = phase;
	c->want = FTP_WANT_NOTHING;
	client_wait(c, now_ms, wait_ms);
}

/* "VERB param" CR LF as one piece (WIRE.md 2.2); param may be "". */
static void client_send(struct ftp_client *c, const char *verb, const char *param)
{
	struct wipy_text t;

	wipy_text_init(&t, (char *)c->out, sizeof(c->out));
	wipy_text_str(&t, verb);
	if (param[0] != '\0') {
		wipy_text_char(&t, ' ');
		wipy_text_str(&t, param);
	}
	wipy_text_str(&t, "\r\n");
	c->out_len = t.len;
}

/* A parameter that stays one: printable, of a length that boards can take. */
static bool param_fits(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len > 0 && len <= COMMAND_PARAM_MAX;
}

static bool path_fits(const char *path)
{
	return param_fits(path) && path[0] == '/' && strchr(path, ' ') == NULL;
}

/* A reply that ends the upload in an ordinary phase. */
static void client_refused(struct ftp_client *c, int code)
{
	client_finish(c,
		code == 530 || code == 332 ? WIPY_E_LOGIN_REFUSED : WIPY_E_FTP_REPLY);
}

/* The port of "227 ... (a,b,c,d,p1,p2)": the last two of six numbers. The address is
 * not read, since boards print a wrong one (WIRE.md 2.6). 0: not such a text. */
static uint16_t read_port(const char *text)
{
	uint32_t numbers[6] = {0};
	size_t at = 3;

	while (text[at] != '\0' && (text[at] < '0' || text[at] > '9'))
		at++;
	for (int i = 0; i < 6; i++) {
		size_t len = 0;
		uint64_t number;

		while (text[at + len] >= '0' && text[at + len] <= '9')
			len++;
		if (wipy_text_parse_u64(text + at, len, 255, &number) < 0)
			return 0;
		numbers[i] = (uint32_t)number;
		at += len;
		if (i < 5 && text[at++] != ',')
			return 0;
	}
	return (uint16_t)(numbers[4] * 256 + numbers[5]);
}

static void on_greeting(struct ftp_client *c, int code, int64_t now_ms)
{
	if (code == 220) {
		client_send(c, "USER", c->request.user);
		client_enter(c, FTP_USER, now_ms, REPLY_MS);
	} else {
		client_finish(c,
			code >= 400 && code < 500 ? WIPY_E_FTP_BUSY : WIPY_E_FTP_REPLY);
	}
}

static void send_type(struct ftp_client *c, int64_t now_ms)
{
	client_send(c, "TYPE", "I");
	client_enter(c, FTP_TYPE, now_ms, REPLY_MS);
}

static void on_user(struct ftp_client *c, int code, int64_t now_ms)
{
	if (code == 331) {
		client_send(c, "PASS", c->request.password);
		c->request.password = NULL;
		client_enter(c, FTP_PASS, now_ms, REPLY_MS);
	} else if (code == 230) {
		/* Servers without a login (WIRE.md 2.9). */
		send_type(c, now_ms);
	} else {
		client_refused(c, code);
	}
}

static void on_pasv(struct ftp_client *c, int code, int64_t now_ms)
{
	if (code != 227) {
		client_refused(c, code);
		return;
	}
	c->port = read_port(c->result.reply);
	if (c->port == 0) {
		client_finish(c, WIPY_E_GARBAGE);
		return;
	}
	client_enter(c, FTP_CONNECT, now_ms, CONNECT_MS);
	c->want = FTP_WANT_CONNECT;
}

/* A refusal once STOR is out. */
static void on_transfer_refused(struct ftp_client *c, int code)
{
	if (code == 426)
		client_finish(c, WIPY_E_FTP_STALLED);
	else if (code >= 400)
		client_finish(c, WIPY_E_FTP_REPLY);
	else
		client_finish(c, WIPY_E_GARBAGE);
}

static void client_complete(struct ftp_client *c, int64_t now_ms)
{
	c->result.complete = true;
	c->limit_ms = INT64_MAX;
	client_send(c, "QUIT", "");
	client_enter(c, FTP_QUIT, now_ms, QUIT_MS);
}

static void on_data_reply(struct ftp_client *c, int code, int64_t now_ms)
{
	if (code != 226 && code != 250) {
		on_transfer_refused(c, code);
	} else if (c->data_error) {
		client_finish(c, WIPY_E_FTP_BROKEN);
	} else if (c->data_over) {
		client_complete(c, now_ms);
	} else {
		/* Perhaps the news of the last bytes, or that the board has thrown them
		 * away, is still on its way; the reply itself proves nothing (WIRE.md
		 * 2.11). */
		client_wait(c, now_ms, OVERTAKE_MS);
	}
}

/* A 226 came before the data connection was over. */
static bool end_was_seen(const struct ftp_client *c)
{
	return (c->phase == FTP_DATA || c->phase == FTP_END) &&
	       c->result.reply[3] != '-' &&
	       (memcmp(c->result.reply, "226", 3) == 0 ||
		       memcmp(c->result.reply, "250", 3) == 0);
}

static void on_reply(struct ftp_client *c, int code, int64_t now_ms)
{
	/* An answer to a command that has not gone out yet. */
	if (c->out_len > 0) {
		client_finish(c, WIPY_E_GARBAGE);
		return;
	}
	switch (c->phase) {
	case FTP_GREETING:
		on_greeting(c, code, now_ms);
		return;
	case FTP_USER:
		on_user(c, code, now_ms);
		return;
	case FTP_PASS:
		if (code == 230)
			send_type(c, now_ms);
		else
			client_refused(c, code);
		return;
	case FTP_TYPE:
		if (code == 200) {
			client_send(c, "PASV", "");
			client_enter(c, FTP_PASV, now_ms, REPLY_MS);
		} else {
			client_refused(c, code);
		}
		return;
	case FTP_PASV:
		on_pasv(c, code, now_ms);
		return;
	case FTP_CONNECT:
		client_refused(c, code);
		return;
	case FTP_STOR:
		if ((code == 150 || code == 125) && c->data_error) {
			client_finish(c, WIPY_E_FTP_BROKEN);
		} else if (code == 150 || code == 125) {
			client_enter(c, FTP_DATA, now_ms, STALL_MS);
			c->want = FTP_WANT_DATA;
		} else {
			on_transfer_refused(c, code);
		}
		return;
	case FTP_DATA:
	case FTP_END:
		on_data_reply(c, code, now_ms);
		return;
	case FTP_QUIT:
	case FTP_DONE:
		return;
	}
}

/* The code of "NNN", "NNN text" or "NNN-text"; 0 for anything else. */
static int read_code(const char *line, size_t len, char *ret_mark)
{
	uint64_t code;

	if (len < 3 || wipy_text_parse_u64(line, 3, 599, &code) < 0 || code < 100 ||
		(len > 3 && line[3] != ' ' && line[3] != '-'))
		return 0;
	*ret_mark = len > 3 ? line[3] : ' ';
	return (int)code;
}

/* How much of the line may be kept as evidence. on_line() needs the '-' of a block. */
static size_t reply_kept_len(const struct ftp_client *c)
{
	char mark = ' ';

	if (!reply_may_echo(c))
		return c->line_len;
	if (read_code(c->line, c->line_len, &mark) == 0)
		return 0;
	return mark == '-' ? 4 : 3;
}

static void keep_reply(struct ftp_client *c)
{
	size_t len = reply_kept_len(c);

	for (size_t i = 0; i < len; i++) {
		char byte = c->line[i];

		c->result.reply[i] = byte >= 0x20 && byte <= 0x7e ? byte : '.';
	}
	c->result.reply[len] = '\0';
}

/* A line is complete. Between "NNN-" and "NNN " all others are text of the same reply;
 * the kept reply line tells that such a block is open. */
static void on_line(struct ftp_client *c, int64_t now_ms)
{
	bool open = c->result.reply[0] != '\0' && c->result.reply[3] == '-';
	char mark = ' ';
	int code;

	if (c->line_len > 0 && c->line[c->line_len - 1] == '\r')
		c->line_len--;
	code = read_code(c->line, c->line_len, &mark);
	/* The reply that counts is there; more of them must not move the deadline. */
	if (end_was_seen(c))
		return;
	if (open &&
		(code == 0 || mark == '-' || memcmp(c->line, c->result.reply, 3) != 0))
		return;
	/* The reply to the upload is the evidence, not the one to our good-bye. */
	if (c->phase == FTP_QUIT) {
		client_finish(c, 0);
		return;
	}
	keep_reply(c);
	if (code == 0)
		client_finish(c, WIPY_E_GARBAGE);
	else if (mark != '-')
		on_reply(c, code, now_ms);
}

void ftp_client_start(
	struct ftp_client *client, const struct ftp_request *request, int64_t now_ms)
{
	memset(client, 0, sizeof(*client));
	client->request = *request;
	client->limit_ms = INT64_MAX;
	client_enter(client, FTP_GREETING, now_ms, GREETING_MS);
	if (!path_fits(request->path) || request->size == 0)
		client_finish(client, -EINVAL);
	else if (!param_fits(request->user) || !param_fits(request->password))
		client_finish(client, WIPY_E_LOGIN_REFUSED);
}

void ftp_client_input(
	struct ftp_client *client, const uint8_t *data, size_t len, int64_t now_ms)
{
	for (size_t i = 0; i < len && !client->done; i++) {
		/* Lines of a reply that never ends would keep us busy for as long as the
		 * deadline allows. */
		if (++client->heard_len > FTP_TALK_MAX) {
			client_finish(client, WIPY_E_TOO_LONG);
		} else if (data[i] == '\n') {
			on_line(client, now_ms);
			wipe(client->line, sizeof(client->line));
			client->line_len = 0;
		} else if (client->line_len == sizeof(client->line) - 1) {
			keep_reply(client);
			client_finish(client, WIPY_E_TOO_LONG);
		} else {
			client->line[client->line_len++] = (char)data[i];
		}
	}
}

void ftp_client_eof(struct ftp_client *client, int64_t now_ms)
{
	(void)now_ms;
	switch (client->phase) {
	case FTP_GREETING:
		client_finish(client, WIPY_E_FTP_BUSY);
		return;
	case FTP_QUIT:
		client_finish(client, 0);
		return;
	case FTP_STOR:
	case FTP_DATA:
	case FTP_END:
		client_finish(client, WIPY_E_FTP_BROKEN);
		return;
	case FTP_USER:
	case FTP_PASS:
	case FTP_TYPE:
	case FTP_PASV:
	case FTP_CONNECT:
		client_finish(client, WIPY_E_CLOSED);
		return;
	case FTP_DONE:
		return;
	}
}

void ftp_client_tick(struct ftp_client *client, int64_t now_ms)
{
	if (client->done || now_ms < client->deadline_ms)
		return;
	/* What is known better is told by the phase. */
	if (now_ms >= client->limit_ms && !client->data_error &&
		!end_was_seen(client)) {
		client_finish(client, WIPY_E_FTP_STALLED);
		return;
	}
	switch (client->phase) {
	case FTP_GREETING:
		client_finish(client, WIPY_E_FTP_BUSY);
		return;
	case FTP_DATA:
		client_finish(client, client->data_error || end_was_seen(client)
					      ? WIPY_E_FTP_BROKEN
					      : WIPY_E_FTP_STALLED);
		return;
	case FTP_QUIT:
		client_finish(client, 0);
		return;
	case FTP_STOR:
		client_finish(client,
			client->data_error ? WIPY_E_FTP_BROKEN : WIPY_E_NO_ANSWER);
		return;
	case FTP_END:
		/* A server may leave its data connection open. */
		if (client->data_error)
			client_finish(client, WIPY_E_FTP_BROKEN);
		else if (end_was_seen(client))
			client_complete(client, now_ms);
		else
			client_finish(client, WIPY_E_NO_ANSWER);
		return;
	case FTP_USER:
	case FTP_PASS:
	case FTP_TYPE:
	case FTP_PASV:
	case FTP_CONNECT:
	case FTP_DONE:
		client_finish(client, WIPY_E_NO_ANSWER);
		return;
	}
}

void ftp_client_connected(struct ftp_client *client, bool ok, int64_t now_ms)
{
	if (client->phase != FTP_CONNECT)
		return;
	if (!ok) {
		client_finish(client, WIPY_E_NO_ANSWER);
		return;
	}
	/* From here on the board may have been changed, whoever fails next. */
	client->result.touched = true;
	client->limit_ms = now_ms + TRANSFER_MS;
	client_send(client, "STOR", client->request.path);
	client_enter(client, FTP_STOR, now_ms, REPLY_MS);
}

void ftp_client_sent(struct ftp_client *client, size_t taken_len, int64_t now_ms)
{
	if (client->phase != FTP_DATA || client->data_error ||
		taken_len <= client->result.taken_len)
		return;
	if (taken_len > client->request.size)
		taken_len = client->request.size;
	client->result.taken_len = taken_len;
	if (!end_was_seen(client))
		client_wait(client, now_ms, STALL_MS);
}

void ftp_client_shut(struct ftp_client *client, int64_t now_ms)
{
	if (client->phase != FTP_DATA || client->data_error)
		return;
	client->result.taken_len = client->request.size;
	client_enter(
		client, FTP_END, now_ms, end_was_seen(client) ? OVERTAKE_MS : END_MS);
}

void ftp_client_data_over(struct ftp_client *client, int64_t now_ms)
{
	if (client->phase != FTP_END || client->data_error)
		return;
	client->data_over = true;
	if (end_was_seen(client))
		client_complete(client, now_ms);
}

void ftp_client_data_error(struct ftp_client *client, int64_t now_ms)
{
	switch (client->phase) {
	case FTP_CONNECT:
		ftp_client_connected(client, false, now_ms);
		return;
	case FTP_STOR:
	case FTP_DATA:
	case FTP_END:
		break;
	case FTP_GREETING:
	case FTP_USER:
	case FTP_PASS:
	case FTP_TYPE:
	case FTP_PASV:
	case FTP_QUIT:
	case FTP_DONE:
		return;
	}
	if (end_was_seen(client)) {
		client_finish(client, WIPY_E_FTP_BROKEN);
		return;
	}
	client->data_error = true;
	client_enter(client, client->phase, now_ms, OVERTAKE_MS);
}

size_t ftp_client_output(struct ftp_client *client, uint8_t *ret_bytes, size_t cap)
{
	size_t len = client->out_len;

	/* A part would be taken for the whole by the board (WIRE.md 2.2). */
	if (len == 0 || len > cap)
		return 0;
	memcpy(ret_bytes, client->out, len);
	wipe(client->out, len);
	client->out_len = 0;
	return len;
}

enum ftp_want ftp_client_want(const struct ftp_client *client)
{
	return client->want;
}

uint16_t ftp_client_port(const struct ftp_client *client)
{
	return client->port;
}

int64_t ftp_client_deadline(const struct ftp_client *client)
{
	return client->done ? INT64_MAX : client->deadline_ms;
}

bool ftp_client_done(const struct ftp_client *client)
{
	return client->done;
}

const struct ftp_result *ftp_client_result(const struct ftp_client *client)
{
	return &client->result;
}

const char *ftp_phase_name(enum ftp_phase phase)
{
	static const char *const names[] = {
		[FTP_GREETING] = "greeting",
		[FTP_USER] = "user",
		[FTP_PASS] = "password",
		[FTP_TYPE] = "type",
		[FTP_PASV] = "passive",
		[FTP_CONNECT] = "data connection",
		[FTP_STOR] = "store",
		[FTP_DATA] = "data",
		[FTP_END] = "end",
		[FTP_QUIT] = "quit",
		[FTP_DONE] = "done",
	};

	return (unsigned int)phase < sizeof(names) / sizeof(names[0]) ? names[phase]
								      : "unknown";
}
