/* SPDX-License-Identifier: MIT
 *
 * The REPL: what follows on the end of a program and on each key, by mode.
 */
#include "firmware/core/repl.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define PROMPT          ">>> "
#define CONTINUE_PROMPT "... "
#define PASTE_PROMPT    "=== "
#define RAW_BANNER      "raw REPL; CTRL-B to exit\r\n"
#define PASTE_BANNER    "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n"
#define OUT_OF_MEMORY                                                                  \
	"Traceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\n"         \
	"MemoryError: \r\n"

#define SOFT_RESET_MS 20   /* the boards wait as long before they begin anew */
#define OUT_ROOM      1024 /* for what one key or one traceback prints */

#define CTRL_A 0x01
#define CTRL_B 0x02
#define CTRL_C 0x03
#define CTRL_D 0x04

/* ---- output --------------------------------------------------------------------- */

void repl_write(struct wipy_board *board, const char *text, size_t len)
{
	if (len == 0)
		return;
	telnet_srv_write(board, text, len);
	hal_console_write(board->hal, text, len);
}

static void write_text(struct wipy_board *board, const char *text)
{
	repl_write(board, text, strlen(text));
}

void repl_print(struct wipy_board *board, const char *text, size_t len)
{
	while (len > 0) {
		const char *feed = memchr(text, '\n', len);
		size_t n = feed ? (size_t)(feed - text) : len;

		repl_write(board, text, n);
		if (feed)
			repl_write(board, "\r\n", 2);
		n += feed != NULL;
		text += n;
		len -= n;
	}
}

size_t repl_room(struct wipy_board *board)
{
	return telnet_srv_room(board);
}

size_t repl_telnet_banner(const struct wipy_board *board, char *buf, size_t cap)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];
	struct wipy_text text;

	wipy_fingerprint_format(&board->fingerprint, fingerprint);
	wipy_text_init(&text, buf, cap);
	wipy_text_str(&text, "MicroPython ");
	wipy_text_str(&text, fingerprint);
	wipy_text_str(&text, "\r\n");
	return text.len;
}

/* The banner of the friendly mode; some say their release and the tag in brackets
 * (WIRE.md 4.3). */
static void show_banner(struct wipy_board *board)
{
	const struct wipy_personality *personality = board->personality;
	char banner[WIPY_FINGERPRINT_MAX + 64], rest[WIPY_FINGERPRINT_MAX];
	size_t tag = strlen(board->fingerprint.tag);
	struct wipy_text text;

	wipy_fingerprint_format(&board->fingerprint, rest);
	wipy_text_init(&text, banner, sizeof(banner));
	if (personality->banner_release) {
		wipy_text_str(&text, "Pycom MicroPython ");
		wipy_text_str(&text, personality->release);
		wipy_text_str(&text, " [");
		wipy_text_bytes(&text, rest, tag);
		wipy_text_char(&text, ']');
		wipy_text_str(&text, rest + tag);
	} else {
		wipy_text_str(&text, "MicroPython ");
		wipy_text_str(&text, rest);
	}
	wipy_text_str(&text, "\r\n");
	repl_write(board, banner, text.len);
	write_text(board, REPL_HELP_LINE);
}

/* ---- modes ---------------------------------------------------------------------- */

static void forget_text(struct wipy_board *board)
{
	size_t len;

	(void)py_kept(board, READLINE_TEXT, &len);
	if (len > 0)
		py_kept_cut(board, READLINE_TEXT, 0, len);
	board->repl.overflow = false;
}

static void prompt(struct wipy_board *board)
{
	forget_text(board);
	board->repl.state = REPL_LINE;
	readline_begin(board, PROMPT);
}

static void raw_prompt(struct wipy_board *board)
{
	forget_text(board);
	board->repl.state = REPL_RAW;
	write_text(board, ">");
}

/* Enters the mode that is set: at the start, or when it has changed. */
static void enter_mode(struct wipy_board *board)
{
	if (board->repl.raw) {
		write_text(board, RAW_BANNER);
		raw_prompt(board);
	} else {
		show_banner(board);
		prompt(board);
	}
}

static void change_mode(struct wipy_board *board, bool raw)
{
	write_text(board, "\r\n");
	board->repl.raw = raw;
	enter_mode(board);
}

static void soft_reset(struct wipy_board *board, int64_t now_ms)
{
	write_text(board, board->personality->soft_reset);
	write_text(board, "\r\n");
	board->repl.state = REPL_START;
	board->repl.since_ms = now_ms + SOFT_RESET_MS;
}

/* ---- boot.py and main.py -------------------------------------------------------- */

static void script_failed(struct wipy_board *board, int64_t now_ms)
{
	led_show(board, LED_SCRIPT_ERROR, now_ms);
}

static void run_script(struct wipy_board *board, enum repl_state state,
	const char *path, int64_t now_ms)
{
	board->repl.state = state;
	if (py_run_file(board, path) == 0)
		return;
	write_text(board, "could not open file '");
	write_text(board, path);
	write_text(board, "' for reading\r\n");
	script_failed(board, now_ms);
}

int repl_set_main(struct wipy_board *board, const char *path, size_t len)
{
	if (len >= sizeof(board->repl.main_py))
		return -EINVAL;
	wipy_text_copy(board->repl.main_py, sizeof(board->repl.main_py), path, len);
	return 0;
}

void repl_start(struct wipy_board *board, int64_t now_ms)
{
	board->repl = (struct repl){.state = REPL_START, .since_ms = now_ms};
}

static void start(struct wipy_board *board, int64_t now_ms)
{
	py_start(board);
	readline_start(board);
	board->repl.main_py[0] = '\0';
	if (board->safe_boot || board->settings.arena_len < PY_ARENA_MIN)
		enter_mode(board);
	else
		run_script(board, REPL_BOOT_PY, "boot.py", now_ms);
}

/* ---- the end of a program ------------------------------------------------------- */

static void end_script(struct wipy_board *board, int64_t now_ms)
{
	struct repl *repl = &board->repl;

	if (py_failed(board)) {
		py_show_error(board);
		script_failed(board, now_ms);
	}
	if (py_exit_wanted(board))
		soft_reset(board, now_ms);
	else if (repl->state == REPL_BOOT_PY && !repl->raw)
		run_script(board, REPL_MAIN_PY,
			repl->main_py[0] != '\0' ? repl->main_py : "main.py", now_ms);
	else
		enter_mode(board);
}

static void end_text(struct wipy_board *board, int64_t now_ms)
{
	bool raw = board->repl.state == REPL_RUN_RAW;

	if (raw)
		write_text(board, "\x04");
	if (py_failed(board))
		py_show_error(board);
	if (raw)
		write_text(board, "\x04");
	if (py_exit_wanted(board))
		soft_reset(board, now_ms);
	else if (raw)
		raw_prompt(board);
	else
		prompt(board);
}

static void run_text(struct wipy_board *board, enum repl_state state, enum py_mode mode)
{
	size_t len;
	const char *text = py_kept(board, READLINE_TEXT, &len);

	if (board->repl.overflow) {
		if (state == REPL_RUN_RAW)
			write_text(board, "\x04");
		write_text(board, OUT_OF_MEMORY);
		if (state == REPL_RUN_RAW) {
			write_text(board, "\x04");
			raw_prompt(board);
		} else {
			prompt(board);
		}
		return;
	}
	board->repl.state = state;
	py_run_text(board, mode, text, len);
	forget_text(board);
}

/* ---- keys ----------------------------------------------------------------------- */

static void end_line(struct wipy_board *board)
{
	size_t len;
	const char *text = py_kept(board, READLINE_TEXT, &len);

	if (len == 0) {
		prompt(board);
	} else if (!repl_needs_more(text, len)) {
		run_text(board, REPL_RUN, PY_SINGLE);
	} else if (readline_insert(board, len, "\n", 1) == 0) {
		readline_begin(board, CONTINUE_PROMPT);
	} else {
		write_text(board, OUT_OF_MEMORY);
		prompt(board);
	}
}

static void begin_paste(struct wipy_board *board)
{
	write_text(board, PASTE_BANNER PASTE_PROMPT);
	forget_text(board);
	board->repl.state = REPL_PASTE;
}

/* In a line that continues a block only Ctrl-C and Ctrl-D are not an end of line. */
static void line_key(struct wipy_board *board, uint8_t key, int64_t now_ms)
{
	enum readline_key what = readline_feed(board, key);
	bool first = board->repl.line.start == 0;

	if (what == READLINE_MORE)
		return;
	if (what == READLINE_CTRL_C) {
		write_text(board, "\r\n");
		prompt(board);
	} else if (what == READLINE_LINE || (!first && what != READLINE_CTRL_D)) {
		end_line(board);
	} else if (!first) {
		run_text(board, REPL_RUN, PY_SINGLE);
	} else if (what == READLINE_CTRL_D) {
		write_text(board, "\r\n");
		soft_reset(board, now_ms);
	} else if (what == READLINE_CTRL_E) {
		begin_paste(board);
	} else {
		change_mode(board, what == READLINE_CTRL_A);
	}
}

static void collect(struct wipy_board *board, uint8_t key)
{
	char byte = (char)key;
	size_t len;

	(void)py_kept(board, READLINE_TEXT, &len);
	if (!board->repl.overflow && readline_insert(board, len, &byte, 1) < 0)
		board->repl.overflow = true;
}

static void paste_key(struct wipy_board *board, uint8_t key)
{
	char byte = (char)key;

	switch (key) {
	case CTRL_C:
		write_text(board, "\r\n");
		prompt(board);
		break;
	case CTRL_D:
		write_text(board, "\r\n");
		run_text(board, REPL_RUN, PY_FILE);
		break;
	case '\r':
		collect(board, '\n');
		write_text(board, "\r\n" PASTE_PROMPT);
		break;
	default:
		collect(board, key);
		repl_write(board, &byte, 1);
		break;
	}
}

static void raw_key(struct wipy_board *board, uint8_t key, int64_t now_ms)
{
	size_t len;

	switch (key) {
	case CTRL_A:
		enter_mode(board);
		break;
	case CTRL_B:
		change_mode(board, false);
		break;
	case CTRL_C:
		forget_text(board);
		break;
	case CTRL_D:
		write_text(board, "OK");
		(void)py_kept(board, READLINE_TEXT, &len);
		if (len > 0 || board->repl.overflow) {
			run_text(board, REPL_RUN_RAW, PY_FILE);
		} else {
			write_text(board, "\r\n");
			soft_reset(board, now_ms);
		}
		break;
	default:
		collect(board, key);
		break;
	}
}

/* ---- steps ---------------------------------------------------------------------- */

bool repl_is_running(const struct wipy_board *board)
{
	switch (board->repl.state) {
	case REPL_BOOT_PY:
	case REPL_MAIN_PY:
	case REPL_RUN:
	case REPL_RUN_RAW:
		return !py_is_idle(board);
	case REPL_START:
	case REPL_LINE:
	case REPL_PASTE:
	case REPL_RAW:
	case REPL_STATE_COUNT:
		break;
	}
	return false;
}

void repl_interrupt(struct wipy_board *board)
{
	if (repl_is_running(board))
		py_interrupt(board);
}

/* Each returns when to go on; AGAIN: there may be more to do at once. */
#define AGAIN (-1)

static int64_t run_on(struct wipy_board *board, int64_t now_ms)
{
	int64_t due = WIPY_NEVER;

	if (!py_is_idle(board))
		due = py_step(board, now_ms);
	if (board->reset_wanted)
		return WIPY_NEVER;
	/* the servers end before anything else is said */
	if (servers_are_ending(board))
		return board->servers_dead ? WIPY_NEVER : now_ms;
	if (!py_is_idle(board))
		return due;
	if (repl_room(board) < OUT_ROOM)
		return WIPY_NEVER;
	if (board->repl.state == REPL_BOOT_PY || board->repl.state == REPL_MAIN_PY)
		end_script(board, now_ms);
	else
		end_text(board, now_ms);
	return AGAIN;
}

static int64_t take_key(struct wipy_board *board, int64_t now_ms)
{
	int key = repl_room(board) < OUT_ROOM ? -1 : telnet_srv_key(board);

	if (key < 0)
		return WIPY_NEVER;
	if (board->repl.state == REPL_LINE)
		line_key(board, (uint8_t)key, now_ms);
	else if (board->repl.state == REPL_PASTE)
		paste_key(board, (uint8_t)key);
	else
		raw_key(board, (uint8_t)key, now_ms);
	return AGAIN;
}

static int64_t advance(struct wipy_board *board, int64_t now_ms)
{
	switch (board->repl.state) {
	case REPL_START:
		if (now_ms < board->repl.since_ms)
			return board->repl.since_ms;
		start(board, now_ms);
		return AGAIN;
	case REPL_BOOT_PY:
	case REPL_MAIN_PY:
	case REPL_RUN:
	case REPL_RUN_RAW:
		return run_on(board, now_ms);
	case REPL_LINE:
	case REPL_PASTE:
	case REPL_RAW:
		return take_key(board, now_ms);
	case REPL_STATE_COUNT:
		break;
	}
	return WIPY_NEVER;
}

int64_t repl_step(struct wipy_board *board, int64_t now_ms)
{
	int64_t due, telnet_due;

	do
		due = advance(board, now_ms);
	while (due == AGAIN);
	telnet_due = telnet_srv_settle(board, now_ms);
	return telnet_due < due ? telnet_due : due;
}
