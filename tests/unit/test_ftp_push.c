/* SPDX-License-Identifier: MIT
 *
 * The FTP push against scripted peers, one for each of its two connections: all cases
 * run at once on one loop, so that those which wait for a deadline cost their time once.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "daemon/edge/ftp_push.h"
#include "tests/tap.h"
#include "tests/unit/scripted_peer.h"

#define IMAGE_PATH "/flash/sys/mcuimg.bin"
#define IMAGE_LEN  (192 * 1024)
#define PART       20000
#define SMALL      4096      /* a receive buffer that makes the peer's TCP stop soon */
#define ROOMY      (1 << 20) /* one that takes the whole image unread */

#define TO_PASV                                                                        \
	SAY("220 Micropython FTP Server\r\n"), EXPECT("USER micro\r\n"),               \
		SAY("331 \r\n"), EXPECT("PASS python\r\n"), SAY("230 \r\n"),           \
		EXPECT("TYPE I\r\n"), SAY("200 \r\n"), EXPECT("PASV\r\n")
#define TO_STOR TO_PASV, PASV, EXPECT("STOR " IMAGE_PATH "\r\n")
#define TO_DATA TO_STOR, SAY("150 \r\n")
#define GOODBYE EXPECT("QUIT\r\n"), SAY("221 \r\n"), SHUT, TO_EOF, WAIT(30), END

/* The control connection. */
SCRIPT(good, TO_DATA, AWAIT_END, SAY("226 \r\n"), GOODBYE);
SCRIPT(early_226, TO_DATA, AWAIT_EOF, SAY("226 \r\n"), GOODBYE);
SCRIPT(split_lines, SAY("220-Hello\r\n"), WAIT(10), SAY("22"), WAIT(10), SAY("0 \r"),
	WAIT(10), SAY("\n"), EXPECT("USER micro\r\n"), SAY("331 \r\n"),
	EXPECT("PASS python\r\n"), SAY("230 \r\n"), EXPECT("TYPE I\r\n"),
	SAY("200 \r\n"), EXPECT("PASV\r\n"), PASV, EXPECT("STOR " IMAGE_PATH "\r\n"),
	SAY("150 \r\n"), AWAIT_END, SAY("226 \r\n"), GOODBYE);
SCRIPT(no_221, TO_DATA, AWAIT_END, SAY("226 \r\n"), EXPECT("QUIT\r\n"), TO_EOF, END);
SCRIPT(closes_at_quit, TO_DATA, AWAIT_END, SAY("226 \r\n"), EXPECT("QUIT\r\n"), END);
SCRIPT(untimely_226, TO_DATA, SAY("226 \r\n"), TO_EOF, END);
SCRIPT(says_226_after, TO_DATA, AWAIT_END, SAY("226 \r\n"), TO_EOF, END);
SCRIPT(says_426_after, TO_DATA, AWAIT_END, SAY("426 \r\n"), TO_EOF, END);
SCRIPT(says_451_after, TO_DATA, AWAIT_END, SAY("451 \r\n"), TO_EOF, END);
SCRIPT(silent_after, TO_DATA, TO_EOF, END);
SCRIPT(closes_midway, TO_DATA, WAIT(50), END);
SCRIPT(says_550, TO_STOR, SAY("550 \r\n"), TO_EOF, END);
SCRIPT(connect_only, TO_PASV, PASV, TO_EOF, END);
/* Words behind our end of file must not meet a reset. */
SCRIPT(wrong_login, SAY("220 \r\n"), EXPECT("USER micro\r\n"), SAY("331 \r\n"),
	EXPECT("PASS python\r\n"), SAY("530 \r\n"), TO_EOF, SAY("421 bye\r\n"),
	WAIT(30), END);
SCRIPT(closes_first, WAIT(10), END);
SCRIPT(says_421, SAY("421 busy\r\n"), TO_EOF, END);
SCRIPT(floods, FLOOD(16), END);
SCRIPT(resets, WAIT(10), RESET);
SCRIPT(calls_first, CALL, TO_EOF, END);
SCRIPT(calls_unread, SAY("220 \r\n"), CALL, TO_EOF, WAIT(30), END);
SCRIPT(calls_at_pasv, TO_PASV, PASV, WAIT(20), CALL, TO_EOF, END);
SCRIPT(calls_at_stor, TO_STOR, CALL, TO_EOF, END);
SCRIPT(calls_at_quit, TO_DATA, AWAIT_END, SAY("226 \r\n"), EXPECT("QUIT\r\n"), CALL,
	TO_EOF, END);
SCRIPT(calls_leaving, TO_DATA, AWAIT_END, SAY("226 \r\n"), EXPECT("QUIT\r\n"),
	SAY("221 \r\n"), TO_EOF, CALL, END);

/* The data connection. */
SCRIPT(takes_all, TAKE(0), END);
SCRIPT(takes_all_later, TAKE(0), WAIT(100), END);
SCRIPT(takes_slowly, TAKE(1), WAIT(20), TAKE(PART), WAIT(300), TAKE(2 * PART), WAIT(20),
	TAKE(3 * PART), WAIT(20), TAKE(0), END);
SCRIPT(takes_part, TAKE(PART), END);
SCRIPT(takes_part_and_resets, TAKE(PART), RESET);
SCRIPT(drops_the_rest, TAKE(PART), WAIT(400), END);
SCRIPT(ends_first, TAKE(PART), SHUT, TAKE(0), WAIT(100), END);
SCRIPT(stalls, TAKE(PART), AWAIT_END, END);
SCRIPT(takes_nothing, AWAIT_END, END);
SCRIPT(calls_midway, TAKE(PART), CALL, TO_EOF, END);

struct push_case {
	const char *name;
	const char *address; /* NULL: 127.0.0.1 */
	enum place control;
	const struct peer_step *script;
	enum place data;
	const struct peer_step *data_script;
	int receive;   /* the data peer's receive buffer */
	bool override; /* the 227 names a port that refuses */
	bool cancelled;
	bool reset_ok;
	int status;
	enum ftp_phase phase;
	bool touched;
	const char *reply;
};

#define CONTROL(steps)  .control = PEER, .script = steps
#define DATA(steps)     .data = PEER, .data_script = steps
#define COMPLETE        .phase = FTP_DONE, .touched = true, .reply = "226 "
#define FAILS(code, at) .status = code, .phase = at
#define IN_DATA(code)   FAILS(code, FTP_DATA), .touched = true

static const struct push_case cases[] = {
	{"complete", CONTROL(good), DATA(takes_all), COMPLETE},
	{"complete over IPv6", .address = "::1", CONTROL(good), DATA(takes_all),
		COMPLETE},
	{"226 before the end of the data connection", CONTROL(early_226),
		DATA(takes_all_later), COMPLETE},
	{"replies in parts", CONTROL(split_lines), DATA(takes_all), COMPLETE},
	{"slow reader", CONTROL(good), DATA(takes_slowly), .receive = SMALL, COMPLETE},
	{"other data port", CONTROL(good), DATA(takes_all), .override = true, COMPLETE},
	{"QUIT without an answer", CONTROL(no_221), DATA(takes_all), .phase = FTP_DONE,
		.touched = true, .reply = "226 "},
	{"QUIT answered by the end", CONTROL(closes_at_quit), DATA(takes_all),
		.reset_ok = true, .phase = FTP_DONE, .touched = true, .reply = "226 "},
	{"226 before all bytes", CONTROL(untimely_226), DATA(stalls), .receive = SMALL,
		.reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN), .reply = "226 "},
	{"data closed midway, 226", CONTROL(says_226_after), DATA(takes_part),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN),
		.reply = "226 "},
	{"data reset midway, 226", CONTROL(says_226_after), DATA(takes_part_and_resets),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN),
		.reply = "226 "},
	{"data closed with bytes unread that its TCP took, 226",
		CONTROL(says_226_after), DATA(drops_the_rest), .receive = ROOMY,
		.reset_ok = true, FAILS(WIPY_E_FTP_BROKEN, FTP_END), .touched = true,
		.reply = "226 "},
	{"data ended before our end, 226", CONTROL(says_226_after), DATA(ends_first),
		.reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN), .reply = "226 "},
	{"data closed midway, 426", CONTROL(says_426_after), DATA(takes_part),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_STALLED),
		.reply = "426 "},
	{"data closed midway, 451", CONTROL(says_451_after), DATA(takes_part),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_REPLY),
		.reply = "451 "},
	{"data closed midway, no reply", CONTROL(silent_after), DATA(takes_part),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN),
		.reply = "150 "},
	{"data floods", CONTROL(silent_after), DATA(floods), .reset_ok = true,
		IN_DATA(WIPY_E_FTP_BROKEN), .reply = "150 "},
	{"stall", CONTROL(silent_after), DATA(stalls), .receive = SMALL,
		.reset_ok = true, IN_DATA(WIPY_E_FTP_STALLED), .reply = "150 "},
	{"control closed midway", CONTROL(closes_midway), DATA(stalls),
		.receive = SMALL, .reset_ok = true, IN_DATA(WIPY_E_FTP_BROKEN),
		.reply = "150 "},
	{"550 to STOR", CONTROL(says_550), DATA(takes_nothing),
		FAILS(WIPY_E_FTP_REPLY, FTP_STOR), .touched = true, .reply = "550 "},
	{"data refused", CONTROL(connect_only), .data = REFUSING,
		FAILS(WIPY_E_NO_ANSWER, FTP_CONNECT), .reply = NULL},
	{"no answer to the data SYN", CONTROL(connect_only), .data = FULL,
		FAILS(WIPY_E_NO_ANSWER, FTP_CONNECT), .reply = NULL},
	{"login refused", CONTROL(wrong_login), FAILS(WIPY_E_LOGIN_REFUSED, FTP_PASS),
		.reply = "530"},
	{"no 220", CONTROL(closes_first), FAILS(WIPY_E_FTP_BUSY, FTP_GREETING),
		.reply = ""},
	{"reset instead of 220", CONTROL(resets), .reset_ok = true,
		FAILS(WIPY_E_FTP_BUSY, FTP_GREETING), .reply = ""},
	{"421", CONTROL(says_421), FAILS(WIPY_E_FTP_BUSY, FTP_GREETING),
		.reply = "421 busy"},
	{"flood", CONTROL(floods), .reset_ok = true,
		FAILS(WIPY_E_TOO_LONG, FTP_GREETING), .reply = NULL},
	{"refused", .control = REFUSING, FAILS(WIPY_E_REFUSED, FTP_GREETING),
		.reply = ""},
	{"no answer to SYN", .control = FULL, FAILS(-ETIMEDOUT, FTP_GREETING),
		.reply = ""},
	{"unknown name", .address = UNKNOWN_NAME, .control = REFUSING,
		FAILS(-EADDRNOTAVAIL, FTP_GREETING), .reply = ""},
	{"cancel at once", .control = REFUSING, .cancelled = true},
	{"cancel while connecting", .control = FULL, .cancelled = true},
	{"cancel the look-up of a name", .address = UNKNOWN_NAME, .control = REFUSING,
		.cancelled = true},
	{"cancel before the 220", CONTROL(calls_first), .cancelled = true},
	{"cancel with bytes unread", CONTROL(calls_unread), .cancelled = true},
	{"cancel while the data connection is made", CONTROL(calls_at_pasv),
		.data = FULL, .cancelled = true},
	{"cancel after STOR", CONTROL(calls_at_stor), DATA(takes_all),
		.cancelled = true},
	{"cancel midway", CONTROL(silent_after), DATA(calls_midway), .receive = SMALL,
		.cancelled = true},
	{"cancel after QUIT", CONTROL(calls_at_quit), DATA(takes_all),
		.cancelled = true},
	{"cancel while leaving", CONTROL(calls_leaving), DATA(takes_all),
		.cancelled = true},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

struct run {
	const struct push_case *row;
	struct spot control, data, named; /* named: what the 227 says instead */
	struct ftp_push *push;
	struct ftp_push_result result;
	size_t taken_len; /* as ftp_push_taken() said when it was cancelled */
	int calls;
	bool within;
	bool skipped;
};

static uint8_t image[IMAGE_LEN];

static void leave_spots(struct run *run)
{
	spot_leave(&run->control);
	spot_leave(&run->data);
	spot_leave(&run->named);
}

static void on_done(void *arg, const struct ftp_push_result *result)
{
	struct run *run = arg;

	run->within |= !run->push;
	run->calls++;
	run->result = *result;
	leave_spots(run);
}

static void cancel(void *arg)
{
	struct run *run = arg;

	run->taken_len = ftp_push_taken(run->push);
	ftp_push_cancel(run->push);
	leave_spots(run);
}

static bool open_spots(struct run *run, uv_loop_t *loop)
{
	const struct push_case *row = run->row;
	const char *literal =
		row->address && strcmp(row->address, "::1") == 0 ? "::1" : "127.0.0.1";

	if (!spot_open(&run->control, loop, row->control, row->script, literal, 0))
		return false;
	(void)spot_open(
		&run->data, loop, row->data, row->data_script, literal, row->receive);
	(void)spot_open(&run->named, loop, REFUSING, NULL, NULL, 0);
	run->control.peer.other = &run->data.peer;
	run->control.peer.named =
		row->override ? run->named.peer.port : run->data.peer.port;
	run->data.peer.other = &run->control.peer;
	run->data.peer.image = image;
	run->data.peer.image_len = sizeof(image);
	run->control.peer.call = run->data.peer.call = cancel;
	run->control.peer.arg = run->data.peer.arg = run;
	return true;
}

static void start(struct run *run, const struct push_case *row, uv_loop_t *loop)
{
	struct ftp_push_request request = {
		.address = row->address ? row->address : "127.0.0.1",
		.user = "micro",
		.password = "python",
		.path = IMAGE_PATH,
		.data = image,
		.len = sizeof(image),
	};

	run->row = row;
	run->skipped = !open_spots(run, loop);
	if (run->skipped)
		return;
	request.port = run->control.peer.port;
	request.data_port = row->override ? run->data.peer.port : 0;
	run->push = ftp_push_start(loop, &request, on_done, run);
	if (row->cancelled && !row->script)
		cancel(run);
}

/* What counts as taken has reached the peer's TCP: it was read there, or lies in a
 * receive buffer that is much smaller than what our kernel would hold. */
static void check_taken(const struct run *run)
{
	size_t taken_len =
		run->row->cancelled ? run->taken_len : run->result.ftp.taken_len;
	size_t peer_len = run->data.peer.taken_len;

	OK(run->data.peer.same, run->row->name);
	if (run->row->receive != SMALL || run->result.ftp.complete)
		return;
	OK(taken_len > 0 && taken_len <= peer_len + 4 * SMALL, run->row->name);
}

static void check_result(const struct run *run)
{
	const struct push_case *row = run->row;
	const struct ftp_result *ftp = &run->result.ftp;

	EQ_INT(run->result.status, row->status, row->name);
	EQ_INT(ftp->status, row->status, row->name);
	EQ_INT(ftp->phase, row->phase, row->name);
	EQ_INT(ftp->touched, row->touched, row->name);
	EQ_INT(ftp->complete, row->status == 0, row->name);
	if (row->reply)
		EQ_STR(ftp->reply, row->reply, row->name);
	if (row->status == 0) {
		EQ_INT(ftp->taken_len, IMAGE_LEN, row->name);
		EQ_INT(run->data.peer.taken_len, IMAGE_LEN, row->name);
	}
}

static void check_run(const struct run *run)
{
	const struct push_case *row = run->row;

	if (run->skipped) {
		tap_skip(row->name, "this machine has no such address");
		return;
	}
	EQ_INT(run->calls, row->cancelled ? 0 : 1, row->name);
	OK(!run->within, row->name);
	OK(!run->control.peer.mismatch, row->name);
	if (!row->cancelled)
		check_result(run);
	if (row->data == PEER)
		check_taken(run);
	if (row->control == PEER && !row->reset_ok) {
		OK(!run->control.peer.reset, row->name);
		OK(!run->data.peer.reset, row->name);
		OK(run->control.peer.fin || row->script == closes_first, row->name);
	}
}

/* Requests that no board would understand. */
static void check_invalid(uv_loop_t *loop)
{
	static const char credential[] = "012345678901234567890123456789012345678901234"
					 "5678901234567890123456789";
	static const struct {
		const char *name;
		const char *user;
		const char *path;
		size_t len;
	} rows[] = {
		{"user too long", credential, IMAGE_PATH, IMAGE_LEN},
		{"user missing", NULL, IMAGE_PATH, IMAGE_LEN},
		{"blank in the path", "micro", "/flash/a b", IMAGE_LEN},
		{"image empty", "micro", IMAGE_PATH, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run run = {.row = &cases[0]};
		struct ftp_push_request request = {
			.address = "127.0.0.1",
			.user = rows[i].user,
			.password = "python",
			.path = rows[i].path,
			.data = image,
			.len = rows[i].len,
		};

		(void)spot_open(&run.control, loop, PEER, calls_first, "127.0.0.1", 0);
		(void)spot_open(&run.data, loop, NOWHERE, NULL, NULL, 0);
		(void)spot_open(&run.named, loop, NOWHERE, NULL, NULL, 0);
		run.control.peer.step++; /* nothing is to be cancelled */
		request.port = run.control.peer.port;
		run.push = ftp_push_start(loop, &request, on_done, &run);
		uv_run(loop, UV_RUN_DEFAULT);
		EQ_INT(run.result.status, -EINVAL, rows[i].name);
		EQ_INT(run.calls, 1, rows[i].name);
		OK(!run.result.ftp.touched, rows[i].name);
	}
}

int main(void)
{
	static struct run runs[CASE_COUNT];
	uv_timer_t watchdog;
	uv_loop_t loop;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7 + i / 251);
	uv_loop_init(&loop);
	watchdog_start(&loop, &watchdog);
	for (size_t i = 0; i < CASE_COUNT; i++)
		start(&runs[i], &cases[i], &loop);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < CASE_COUNT; i++)
		check_run(&runs[i]);
	check_invalid(&loop);
	uv_close((uv_handle_t *)&watchdog, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	return tap_done();
}
