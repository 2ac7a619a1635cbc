/* SPDX-License-Identifier: MIT
 *
 * The conversation goes through steps; each one waits for a text at the end of the
 * window, or for its deadline. Input is taken byte by byte, so it makes no difference
 * how the network cuts it into segments. The window is cleared at each step: it holds
 * only what arrived since the last thing that was sent.
 */
#include "common/telnet_client.h"

#include <errno.h>
#include <string.h>

#include "common/telnet_answer.h"
#include "common/text.h"

#define BANNER_MS      5000
#define LOGIN_MS       5000 /* each step of the login */
#define PROMPT_MS      2000 /* WIRE.md 1.8 */
#define RAW_MS         2000 /* raw mode answers Ctrl-C with nothing, WIRE.md 0.4 */
#define INTERRUPT_MS   10000
#define LINE_MS        5000
#define RESET_MS       2000 /* WIRE.md 1.10 */
#define CREDENTIAL_MAX 31   /* WIRE.md 1.4 */
#define OPTIONS_A_STEP 3    /* WIRE.md 1.3, steps 2, 7 and 8 */
#define OLD_MARK_LINE  0    /* of TELNET_RESET: left out where there is none */
#define RESET_LINE     3    /* of TELNET_RESET: the one that resets */
#define MODULE_MAX     (TELNET_MARK_MAX - 8) /* behind "import " */
#define UNAME_ID_LINE  2 /* of TELNET_UNAME: from here on its goal is reached */
#define MARK_ID_LINE   1 /* the same of TELNET_MARK */

static const char prompt[] = ">>> ";
static const char help_line[] = "for more information.\r\n";

enum step {
	STEP_BANNER,
	STEP_USER,         /* "Login as: " is awaited */
	STEP_PASSWORD,     /* "Password: " and its options */
	STEP_VERDICT,      /* on the password */
	STEP_HELP,         /* the end of the welcome */
	STEP_PROMPT,       /* the first prompt */
	STEP_PROMPT_AGAIN, /* after one Ctrl-B */
	STEP_INTERRUPT,    /* any prompt after Ctrl-C, or the time in which raw mode
	                    * would have stayed silent */
	STEP_CLEAN_HELP,   /* the help line that Ctrl-B prints: what stood in the
	                    * queue before it is through */
	STEP_CLEAN_PROMPT,
	STEP_ECHO, /* of the first line; two steps a line */
	STEP_ANSWER,
};

/* Not memset(): the compiler may see that nobody reads the bytes again. */
static void wipe(void *at, size_t len)
{
	volatile uint8_t *bytes = at;

	while (len-- > 0)
		bytes[len] = 0;
}

static void client_finish(struct telnet_client *c, int status)
{
	c->result.status = status;
	c->done = true;
	c->request.user = NULL;
	c->request.password = NULL;
	wipe(c->window, sizeof(c->window));
	c->window_len = 0;
	wipe(c->out, sizeof(c->out));
	c->out_len = 0;
}

static void client_enter(
	struct telnet_client *c, int step, int64_t now_ms, int64_t wait_ms)
{
	c->step = step;
	c->deadline_ms = now_ms + wait_ms;
	wipe(c->window, c->window_len);
	c->window_len = 0;
}

/* A driver that takes the output after each input never fills the buffer; otherwise the
 * longest conversation just fits (user 32, password 32, keys 5, lines 64). */
static void client_send(struct telnet_client *c, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(c->out) - c->out_len)
		return;
	memcpy(c->out + c->out_len, text, len);
	c->out_len += len;
}

static bool window_has(const struct telnet_client *c, const char *text)
{
	return wipy_text_find((const uint8_t *)c->window, c->window_len, text,
		       strlen(text)) != NULL;
}

static bool window_ends(const struct telnet_client *c, const char *text)
{
	size_t len = strlen(text);

	return c->window_len >= len &&
	       memcmp(c->window + c->window_len - len, text, len) == 0;
}

static void window_add(struct telnet_client *c, char byte)
{
	/* Only the end matters; half is dropped at a time, so that the cost stays
	 * constant a byte. */
	if (c->window_len == sizeof(c->window)) {
		c->window_len = sizeof(c->window) / 2;
		memmove(c->window, c->window + c->window_len, c->window_len);
	}
	c->window[c->window_len++] = byte;
}

/* Evidence: what was seen, as far as it fits and can be printed. */
static void keep_banner_text(struct telnet_client *c)
{
	size_t len = 0;

	for (size_t i = 0; i < c->window_len && len < TELNET_BANNER_MAX - 1; i++) {
		char byte = c->window[i];

		if (byte == '\r' || byte == '\n')
			continue;
		c->result.banner_text[len++] =
			byte >= 0x20 && byte <= 0x7e ? byte : '.';
	}
	c->result.banner_text[len] = '\0';
}

/* What can be typed: 1..31 printable characters. A CR inside would be a line more. */
static bool credential_fits(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len > 0 && len <= CREDENTIAL_MAX;
}

static bool mark_fits(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' &&
			(i == 0 || c < '0' || c > '9'))
			return false;
	}
	return len > 0 && len < TELNET_MARK_MAX;
}

static bool expression_fits(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len > 0 && len < TELNET_VALUE_MAX;
}

/* In this line, and those behind it, the board is only asked who it is: a twin shows the
 * same banner, and has never heard of our mark. */
static bool asks_id(const struct telnet_client *c, int line)
{
	return (c->request.goal == TELNET_UNAME && line >= UNAME_ID_LINE) ||
	       (c->request.goal == TELNET_MARK && line >= MARK_ID_LINE);
}

static const char *reset_statement(const struct telnet_client *c)
{
	const char *own = c->request.expression;

	return own && own[0] ? own : "machine.reset()";
}

/* "module.call(...)", the module short enough for the line that imports it. */
static bool statement_fits(const char *text)
{
	size_t module = strcspn(text, ".");

	return expression_fits(text) && module > 0 && module < MODULE_MAX &&
	       text[module] == '.';
}

/* The line of a goal, "" behind the last. Some have to be written into a buffer. */
static const char *line_of(
	const struct telnet_client *c, int line, char buf[TELNET_VALUE_MAX])
{
	/* Integers only: some boards have no floats, and bytes would come with escapes. */
	static const char *const uname_lines[] = {"import os", "os.uname()",
		"import machine", "list(machine.unique_id())"};
	struct wipy_text t;

	wipy_text_init(&t, buf, TELNET_VALUE_MAX);
	switch (c->request.goal) {
	case TELNET_UNAME:
		return line < 4 ? uname_lines[line] : "";
	case TELNET_RESET:
		if (line == RESET_LINE) {
			for (const char *at = reset_statement(c); *at; at++)
				wipy_text_char(&t, *at != '?'  ? *at
						   : c->second ? '1'
							       : '0');
		} else if (line == OLD_MARK_LINE) {
			wipy_text_str(&t, c->request.old_mark);
		} else if (line == OLD_MARK_LINE + 1) {
			wipy_text_str(&t, "import ");
			wipy_text_bytes(&t, reset_statement(c),
				strcspn(reset_statement(c), "."));
		} else if (line == OLD_MARK_LINE + 2) {
			wipy_text_str(&t, c->request.mark);
			wipy_text_str(&t, "=1");
		}
		return buf;
	case TELNET_MARK:
		if (line > 0)
			return line < 3 ? uname_lines[line + 1] : "";
		wipy_text_str(&t, c->request.mark);
		return buf;
	case TELNET_EVAL:
		return line == 0 ? c->request.expression : "";
	case TELNET_LOOK:
		break;
	}
	return "";
}

static bool has_old_mark(const struct telnet_client *c)
{
	return c->request.goal == TELNET_RESET && c->request.old_mark &&
	       c->request.old_mark[0];
}

static int first_line(const struct telnet_client *c)
{
	return c->request.goal == TELNET_RESET && !has_old_mark(c) ? OLD_MARK_LINE + 1
								   : 0;
}

static void send_line(struct telnet_client *c, int line, int64_t now_ms)
{
	char buf[TELNET_VALUE_MAX];

	client_send(c, line_of(c, line, buf));
	client_send(c, "\r");
	client_enter(c, STEP_ECHO + 2 * line, now_ms, LINE_MS);
	if (c->request.goal == TELNET_RESET && line == RESET_LINE) {
		c->result.reset_sent = true;
		c->deadline_ms = now_ms + RESET_MS;
	}
}

/* The answers of who it is: what is wrong with them spoils nothing. */
static bool take_id(struct telnet_client *c, int line)
{
	const char *end = c->window + c->window_len - strlen(prompt);
	char id[TELNET_ID_MAX] = "";

	if (window_has(c, "Traceback"))
		return false;
	while (end > c->window && (end[-1] == '\r' || end[-1] == '\n'))
		end--;
	if (asks_id(c, line - 1) &&
		telnet_read_id(c->window, (size_t)(end - c->window), id))
		memcpy(c->result.unique_id, id, sizeof(id));
	return true;
}

/* The answer to os.uname(), to the mark, and to the line of EVAL, without the prompt. */
static int judge_answer(struct telnet_client *c, const char *text, size_t len)
{
	if (c->request.goal == TELNET_UNAME) {
		c->result.has_uname = telnet_read_uname(text, len, &c->result.uname);
		/* os.uname() is gone since v1.22: the banner stands (WIRE.md 4.2). */
		return c->result.has_uname || window_has(c, "Traceback")
			       ? 0
			       : WIPY_E_GARBAGE;
	}
	if (c->request.goal == TELNET_EVAL) {
		telnet_read_value(text, len, c->result.value);
		c->result.has_value = true;
		return 0;
	}
	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == '\n'))
		len--;
	c->result.mark_there = len == 1 && text[0] == '1';
	c->result.mark_known = c->result.mark_there || window_has(c, "NameError");
	return c->result.mark_known ? 0 : WIPY_E_GARBAGE;
}

/* Returns whether there is more to ask; the client may be done. */
static bool on_named(struct telnet_client *c, int line)
{
	int status;

	if (asks_id(c, line))
		return take_id(c, line);
	status = judge_answer(c, c->window, c->window_len - strlen(prompt));
	if (status < 0)
		client_finish(c, status);
	return true;
}

/* Of two slots the one that is active is not taken. */
static bool refused_first(const struct telnet_client *c, int line)
{
	return c->request.goal == TELNET_RESET && line == RESET_LINE && !c->second &&
	       strchr(reset_statement(c), '?') && window_has(c, "ValueError");
}

static void on_answer(struct telnet_client *c, int64_t now_ms)
{
	char buf[TELNET_VALUE_MAX];
	int line = (c->step - STEP_ECHO) / 2;
	bool more = true;

	if (!window_ends(c, prompt))
		return;
	if (refused_first(c, line)) {
		c->second = true;
		send_line(c, line, now_ms);
		return;
	}
	/* That it is gone comes as a traceback; whatever was said, the reset goes on. */
	if (has_old_mark(c) && line == OLD_MARK_LINE) {
		(void)judge_answer(c, c->window, c->window_len - strlen(prompt));
		send_line(c, line + 1, now_ms);
		return;
	}
	/* A reset whose mark was not set could not be proven; one without the module, or
	 * that the board would not do, does not happen. */
	if (c->request.goal == TELNET_RESET && window_has(c, "Traceback")) {
		c->result.reset_sent = false;
		client_finish(c, WIPY_E_GARBAGE);
		return;
	}
	/* ESP boards show one more prompt before they go. */
	if (c->request.goal == TELNET_RESET && c->result.reset_sent)
		return;
	if (asks_id(c, line + 1))
		more = on_named(c, line);
	if (c->done)
		return;
	if (more && line_of(c, line + 1, buf)[0] != '\0')
		send_line(c, line + 1, now_ms);
	else if (asks_id(c, line + 1))
		client_finish(c, 0);
	else
		client_finish(
			c, judge_answer(c, c->window, c->window_len - strlen(prompt)));
}

/* The echo holds the text of the line itself: what answers comes behind it. Prompts in
 * front of it are left over from the keys sent before. */
static void on_echo(struct telnet_client *c)
{
	char buf[TELNET_VALUE_MAX];
	const char *line = line_of(c, (c->step - STEP_ECHO) / 2, buf);
	size_t len = strlen(line);

	if (!window_ends(c, "\r\n") || c->window_len < len + 2 ||
		memcmp(c->window + c->window_len - 2 - len, line, len) != 0)
		return;
	c->step++;
	c->window_len = 0;
}

static void on_banner(struct telnet_client *c, int64_t now_ms)
{
	int status = 0;

	if (window_ends(c, "\n")) {
		keep_banner_text(c);
		status = wipy_fingerprint_parse_banner(
			c->window, c->window_len, &c->result.banner);
		c->result.has_banner = status == 0;
	} else if (c->window_len < TELNET_BANNER_MAX - 1) {
		return;
	} else {
		keep_banner_text(c);
		status = WIPY_E_TOO_LONG;
	}
	if (status < 0 || c->request.goal == TELNET_LOOK)
		client_finish(c, status);
	else
		client_enter(c, STEP_USER, now_ms, LOGIN_MS);
}

static void on_user(struct telnet_client *c, int64_t now_ms)
{
	if (!window_ends(c, "Login as: "))
		return;
	if (!credential_fits(c->request.user) ||
		!credential_fits(c->request.password)) {
		/* No board accepts them, so its three tries are not used up. */
		client_finish(c, WIPY_E_LOGIN_REFUSED);
		return;
	}
	client_send(c, c->request.user);
	client_send(c, "\r");
	c->options_due = c->codec.options + OPTIONS_A_STEP;
	client_enter(c, STEP_PASSWORD, now_ms, LOGIN_MS);
}

/* The board throws away what arrives before its options are out (WIRE.md 1.3). */
static void on_password(struct telnet_client *c, int64_t now_ms)
{
	if (!window_ends(c, "Password: ") || c->codec.options < c->options_due)
		return;
	client_send(c, c->request.password);
	client_send(c, "\r");
	c->request.password = NULL;
	client_enter(c, STEP_VERDICT, now_ms, LOGIN_MS);
}

static void on_verdict(struct telnet_client *c, int64_t now_ms)
{
	if (window_ends(c, "Login succeeded!")) {
		c->result.logged_in = true;
		c->result.intrusions++;
		client_enter(c, STEP_HELP, now_ms, LOGIN_MS);
	} else if (window_ends(c, "Invalid credentials, try again.") ||
		   window_ends(c, "Login as: ")) {
		client_finish(c, WIPY_E_LOGIN_REFUSED);
	}
}

/* Back to an empty friendly prompt, from wherever Ctrl-C has led (WIRE.md 1.9). */
static void send_clean(struct telnet_client *c, int64_t now_ms, int64_t wait_ms)
{
	client_send(c, "\r\002");
	c->result.intrusions++;
	client_enter(c, STEP_CLEAN_HELP, now_ms, wait_ms);
}

static void client_step(struct telnet_client *c, int64_t now_ms)
{
	switch ((enum step)c->step) {
	case STEP_BANNER:
		on_banner(c, now_ms);
		return;
	case STEP_USER:
		on_user(c, now_ms);
		return;
	case STEP_PASSWORD:
		on_password(c, now_ms);
		return;
	case STEP_VERDICT:
		on_verdict(c, now_ms);
		return;
	case STEP_HELP:
		if (window_ends(c, help_line))
			client_enter(c, STEP_PROMPT, now_ms, PROMPT_MS);
		return;
	case STEP_PROMPT:
	case STEP_PROMPT_AGAIN:
	case STEP_CLEAN_PROMPT:
		if (window_ends(c, prompt))
			send_line(c, first_line(c), now_ms);
		return;
	case STEP_INTERRUPT:
		if (window_ends(c, prompt))
			send_clean(c, now_ms, INTERRUPT_MS);
		return;
	case STEP_CLEAN_HELP:
		if (window_ends(c, help_line)) {
			c->step = STEP_CLEAN_PROMPT;
			c->window_len = 0;
		}
		return;
	case STEP_ECHO:
	case STEP_ANSWER:
		break;
	}
	if ((c->step - STEP_ECHO) % 2 == 0)
		on_echo(c);
	else
		on_answer(c, now_ms);
}

void telnet_client_start(struct telnet_client *client,
	const struct telnet_request *request, int64_t now_ms)
{
	memset(client, 0, sizeof(*client));
	client->request = *request;
	telnet_codec_init(&client->codec);
	client_enter(client, STEP_BANNER, now_ms, BANNER_MS);
	if ((request->goal == TELNET_RESET || request->goal == TELNET_MARK) &&
		!mark_fits(request->mark))
		client_finish(client, -EINVAL);
	if (has_old_mark(client) && !mark_fits(request->old_mark))
		client_finish(client, -EINVAL);
	if (request->goal == TELNET_RESET && !statement_fits(reset_statement(client)))
		client_finish(client, -EINVAL);
	if (request->goal == TELNET_EVAL && !expression_fits(request->expression))
		client_finish(client, -EINVAL);
}

void telnet_client_input(
	struct telnet_client *client, const uint8_t *data, size_t len, int64_t now_ms)
{
	for (size_t i = 0; i < len && !client->done; i++) {
		uint64_t options = client->codec.options;
		uint8_t byte;
		size_t got = telnet_codec_decode(&client->codec, data + i, 1, &byte);

		if (++client->total_len > TELNET_TOTAL_MAX) {
			client_finish(client, WIPY_E_TOO_LONG);
			return;
		}
		if (got > 0 && byte != 0)
			window_add(client, (char)byte);
		else if (client->codec.options == options)
			continue;
		client_step(client, now_ms);
	}
}

/* What is still to come may be missing. */
static bool goal_is_reached(const struct telnet_client *c)
{
	return c->result.reset_sent ||
	       (c->step >= STEP_ECHO && asks_id(c, (c->step - STEP_ECHO) / 2));
}

void telnet_client_eof(struct telnet_client *client, int64_t now_ms)
{
	(void)now_ms;
	if (client->done)
		return;
	if (client->step == STEP_BANNER) {
		keep_banner_text(client);
		client_finish(client, WIPY_E_NO_BANNER);
	} else {
		client_finish(client, goal_is_reached(client) ? 0 : WIPY_E_CLOSED);
	}
}

/* No prompt within its time after the login. */
static void on_no_prompt(struct telnet_client *c, int64_t now_ms)
{
	bool interrupt = c->request.may_interrupt && c->request.goal == TELNET_RESET;

	client_send(c, interrupt ? "\r\003\003" : "\002");
	c->result.interrupted = interrupt;
	c->result.intrusions += interrupt ? 2 : 1;
	if (interrupt)
		client_enter(c, STEP_INTERRUPT, now_ms, RAW_MS);
	else
		client_enter(c, STEP_PROMPT_AGAIN, now_ms, PROMPT_MS);
}

void telnet_client_tick(struct telnet_client *client, int64_t now_ms)
{
	if (client->done || now_ms < client->deadline_ms)
		return;
	switch ((enum step)client->step) {
	case STEP_BANNER:
		keep_banner_text(client);
		client_finish(client, WIPY_E_NO_BANNER);
		return;
	case STEP_PROMPT:
		on_no_prompt(client, now_ms);
		return;
	case STEP_INTERRUPT:
		send_clean(client, now_ms, INTERRUPT_MS - RAW_MS);
		return;
	case STEP_PROMPT_AGAIN:
	case STEP_CLEAN_HELP:
	case STEP_CLEAN_PROMPT:
		client_finish(client, WIPY_E_BUSY_PROGRAM);
		return;
	case STEP_USER:
	case STEP_PASSWORD:
	case STEP_VERDICT:
	case STEP_HELP:
	case STEP_ECHO:
	case STEP_ANSWER:
		break;
	}
	/* After machine.reset() silence is the expected answer (WIRE.md 1.10). */
	client_finish(client, goal_is_reached(client) ? 0 : WIPY_E_NO_ANSWER);
}

size_t telnet_client_output(
	struct telnet_client *client, uint8_t *ret_bytes, size_t cap)
{
	size_t len = client->out_len;

	/* A part would be taken for the whole by the board (WIRE.md 1.4). */
	if (len == 0 || len > cap)
		return 0;
	memcpy(ret_bytes, client->out, len);
	wipe(client->out, len);
	client->out_len = 0;
	return len;
}

int64_t telnet_client_deadline(const struct telnet_client *client)
{
	return client->done ? INT64_MAX : client->deadline_ms;
}

bool telnet_client_done(const struct telnet_client *client)
{
	return client->done;
}

const struct telnet_result *telnet_client_result(const struct telnet_client *client)
{
	return &client->result;
}
