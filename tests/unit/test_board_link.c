/* SPDX-License-Identifier: MIT
 *
 * The board link against scripted peers: all cases run at once on one loop, so that
 * those which wait for a deadline of 5 s cost their time only once.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>

#include "daemon/edge/board_link.h"
#include "tests/tap.h"
#include "tests/unit/scripted_peer.h"

#define BANNER  "MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
#define OPTIONS "\xff\xfc\x01\xff\xfc\x03\xff\xfb\x22"
#define WELCOME "\r\nLogin succeeded!\r\nType \"help()\" for more information.\r\n"
#define UNAME                                                                          \
	"(sysname='WiPy', nodename='WiPy', release='1.2.0', "                          \
	"version='v1.8.7 on 2017-01-08', machine='WiPy with CC3200')\r\n"

/* What a board still says after its banner, while the client is already leaving. */
SCRIPT(look, SAY(BANNER), WAIT(30), SAY(OPTIONS "Login as: "), TO_EOF, WAIT(30), END);
SCRIPT(look_late, SAY(BANNER), TO_EOF, SAY(OPTIONS "Login as: "), WAIT(30), END);
SCRIPT(look_split, SAY("MicroPython v1.8"), WAIT(10),
	SAY(".7 on 2017-01-08; WiPy with CC3200\r"), WAIT(10), SAY("\n"), TO_EOF, END);
SCRIPT(stays_open, SAY(BANNER), TO_EOF, WAIT(1500), END);
SCRIPT(uname, SAY(BANNER OPTIONS "Login as: "), EXPECT("micro\r"),
	SAY("Password: " OPTIONS), EXPECT("python\r"), SAY(OPTIONS WELCOME "\r\n>>> "),
	EXPECT("import os\r"), SAY("import os\r\n>>> "), EXPECT("os.uname()\r"),
	SAY("os.uname()\r\n" UNAME ">>> "), EXPECT("import machine\r"),
	SAY("import machine\r\n>>> "), EXPECT("list(machine.unique_id())\r"),
	SAY("list(machine.unique_id())\r\n[1, 2, 3, 4, 5, 6]\r\n>>> "), TO_EOF, END);
SCRIPT(wrong_login, SAY(BANNER OPTIONS "Login as: "), EXPECT("micro\r"),
	SAY("Password: " OPTIONS), EXPECT("python\r"),
	SAY("\r\nInvalid credentials, try again.\r\n" OPTIONS "Login as: "), TO_EOF,
	WAIT(30), END);
SCRIPT(goes_at_login, SAY(BANNER OPTIONS "Login as: "), EXPECT("micro\r"), END);
SCRIPT(reset, SAY(BANNER OPTIONS "Login as: "), EXPECT("micro\r"),
	SAY("Password: " OPTIONS), EXPECT("python\r"), SAY(OPTIONS WELCOME "\r\n>>> "),
	EXPECT("import machine\r"), SAY("import machine\r\n>>> "),
	EXPECT("wipyd_1=1\r"), SAY("wipyd_1=1\r\n>>> "), EXPECT("machine.reset()\r"),
	SAY("machine.reset()\r\n"), END);
SCRIPT(says_nothing, TO_EOF, END);
SCRIPT(closes, WAIT(10), END);
SCRIPT(resets, WAIT(10), RESET);
SCRIPT(half_banner, SAY("MicroPython v1.8"), WAIT(10), END);
SCRIPT(other_server, SAY("SSH-2.0-OpenSSH_9.2\r\n"), TO_EOF, END);
SCRIPT(floods, FLOOD(16), END);

SCRIPT(greets, SAY("220 Micropython FTP Server\r\n"), EXPECT("QUIT\r\n"),
	SAY("221 \r\n"), SHUT, TO_EOF, WAIT(30), END);
SCRIPT(greets_in_parts, SAY("hello\r\n2"), WAIT(10), SAY("20 \r"), WAIT(10), SAY("\n"),
	EXPECT("QUIT\r\n"), SAY("221 \r\n"), SHUT, TO_EOF, END);
SCRIPT(greets_and_stays, SAY("220 \r\n"), EXPECT("QUIT\r\n"), TO_EOF, END);
SCRIPT(declines, SAY("421 1220 busy\r\n220"), SHUT, TO_EOF, END);

SCRIPT(call_first, CALL, TO_EOF, END);
SCRIPT(call_unread, SAY(BANNER OPTIONS "Login as: "), CALL, TO_EOF, WAIT(30), END);
/* A board goes on talking: it does not know yet that nobody listens. */
SCRIPT(call_talking, SAY(BANNER), WAIT(30), SAY(OPTIONS), CALL,
	SAY(OPTIONS "Login as: "), TO_EOF, SAY(OPTIONS), WAIT(30), END);
SCRIPT(call_and_stay, SAY(BANNER), WAIT(30), CALL, TO_EOF, WAIT(1500), END);
SCRIPT(call_leaving, SAY(BANNER), TO_EOF, CALL, WAIT(30), END);
SCRIPT(call_asking, WAIT(30), CALL, SAY("220 \r\n"), TO_EOF, SAY("221 \r\n"), WAIT(30),
	END);
SCRIPT(call_quitting, SAY("220 \r\n"), EXPECT("QUIT\r\n"), CALL, TO_EOF, END);

#define NAME_BOTH "both.invalid"
#define NAME_SIX  "six.invalid"

typedef int (*resolve_fn)(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **ret_found);

/* Takes the place of the C library's, so that what the names of this test have for
 * addresses, and in which order, does not hang on the machine: IPv6 comes first. */
int getaddrinfo(const char *restrict name, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict ret_found)
{
	resolve_fn resolve = (resolve_fn)dlsym(RTLD_NEXT, "getaddrinfo");
	bool both = strcmp(name, NAME_BOTH) == 0;
	int err;

	if (!both && strcmp(name, NAME_SIX) != 0)
		return resolve(name, service, hints, ret_found);
	err = resolve("::1", service, hints, ret_found);
	if (!err && both)
		err = resolve("127.0.0.1", service, hints, &(*ret_found)->ai_next);
	return err;
}

enum look {
	FIN = 1,    /* the client closed its side */
	NO_FIN = 2, /* the peer was first */
	ANY = 3,    /* a reset is fine too */
};

struct link_case {
	const char *name;
	const char *address; /* NULL: 127.0.0.1 */
	enum place telnet;
	const struct peer_step *telnet_script;
	enum place ftp;
	const struct peer_step *ftp_script;
	enum telnet_goal goal;
	int status;
	enum look telnet_end;
	enum look ftp_end; /* 0: port 21 was not asked */
	bool cancelled;    /* by the script, or at once without one */
};

#define TELNET(steps) .telnet = PEER, .telnet_script = steps
#define FTP(steps)    .ftp = PEER, .ftp_script = steps

static const struct link_case cases[] = {
	{"look", TELNET(look), FTP(greets), .telnet_end = FIN},
	{"look, options after our end of file", TELNET(look_late), .telnet_end = FIN},
	{"look, banner in parts", TELNET(look_split), .telnet_end = FIN},
	{"look, peer never closes", TELNET(stays_open), .telnet_end = FIN},
	{"look by a name of both kinds", .address = NAME_BOTH, TELNET(look),
		.telnet_end = FIN},
	{"look by a name of IPv6 alone", .address = NAME_SIX, TELNET(look),
		.telnet_end = FIN},
	{"look over IPv6", .address = "::1", TELNET(look), .telnet_end = FIN},
	{"uname", TELNET(uname), .goal = TELNET_UNAME, .telnet_end = FIN},
	{"login refused", TELNET(wrong_login), FTP(greets), .goal = TELNET_UNAME,
		.status = WIPY_E_LOGIN_REFUSED, .telnet_end = FIN},
	{"closed at the login", TELNET(goes_at_login), FTP(greets),
		.goal = TELNET_UNAME, .status = WIPY_E_CLOSED, .telnet_end = NO_FIN},
	{"reset", TELNET(reset), .goal = TELNET_RESET, .telnet_end = NO_FIN},
	{"silence, 220", TELNET(says_nothing), FTP(greets),
		.status = WIPY_E_TELNET_BUSY, .telnet_end = FIN, .ftp_end = FIN},
	{"silence, 21 refused", TELNET(says_nothing), .ftp = REFUSING,
		.status = WIPY_E_NO_BANNER, .telnet_end = FIN},
	{"silence, 21 silent", TELNET(says_nothing), FTP(says_nothing),
		.status = WIPY_E_NO_BANNER, .telnet_end = FIN, .ftp_end = FIN},
	{"silence, no port 21", TELNET(says_nothing), .status = WIPY_E_NO_BANNER,
		.telnet_end = FIN},
	{"closed before the banner, 220", TELNET(closes), FTP(greets_in_parts),
		.status = WIPY_E_TELNET_BUSY, .telnet_end = NO_FIN, .ftp_end = FIN},
	{"closed before the banner, 21 refused", TELNET(closes), .ftp = REFUSING,
		.status = WIPY_E_NO_BANNER, .telnet_end = NO_FIN},
	{"closed before the banner, 21 silent", TELNET(closes), FTP(says_nothing),
		.status = WIPY_E_NO_BANNER, .telnet_end = NO_FIN, .ftp_end = FIN},
	{"reset before the banner, 220", TELNET(resets), FTP(greets),
		.status = WIPY_E_TELNET_BUSY, .telnet_end = ANY, .ftp_end = FIN},
	{"reset before the banner, 21 refused", TELNET(resets), .ftp = REFUSING,
		.status = WIPY_E_NO_BANNER, .telnet_end = ANY},
	{"closed in the banner", TELNET(half_banner), .status = WIPY_E_NO_BANNER,
		.telnet_end = NO_FIN},
	{"not a banner", TELNET(other_server), FTP(greets), .status = WIPY_E_GARBAGE,
		.telnet_end = FIN},
	{"flood", TELNET(floods), FTP(greets), .status = WIPY_E_TOO_LONG,
		.telnet_end = ANY},
	{"refused, 220", .telnet = REFUSING, FTP(greets), .status = WIPY_E_TELNET_BUSY,
		.ftp_end = FIN},
	{"refused, 220 and no end", .telnet = REFUSING, FTP(greets_and_stays),
		.status = WIPY_E_TELNET_BUSY, .ftp_end = FIN},
	{"refused, 21 refused", .telnet = REFUSING, .ftp = REFUSING,
		.status = WIPY_E_REFUSED},
	{"refused, no port 21", .telnet = REFUSING, .status = WIPY_E_REFUSED},
	{"refused, 21 silent", .telnet = REFUSING, FTP(says_nothing),
		.status = WIPY_E_REFUSED, .ftp_end = FIN},
	{"refused, 21 declines", .telnet = REFUSING, FTP(declines),
		.status = WIPY_E_REFUSED, .ftp_end = FIN},
	{"refused, 21 closes", .telnet = REFUSING, FTP(closes),
		.status = WIPY_E_REFUSED, .ftp_end = NO_FIN},
	{"refused, 21 floods", .telnet = REFUSING, FTP(floods),
		.status = WIPY_E_REFUSED, .ftp_end = ANY},
	{"no answer to SYN", .telnet = FULL, FTP(greets), .status = -ETIMEDOUT},
	{"unknown name", .address = UNKNOWN_NAME, .telnet = REFUSING, FTP(greets),
		.status = -EADDRNOTAVAIL},
	{"empty address", .address = "", .telnet = REFUSING, .status = -EADDRNOTAVAIL},
	{"cancel at once", .telnet = REFUSING, .ftp = REFUSING, .cancelled = true},
	{"cancel while connecting", .telnet = FULL, .cancelled = true},
	{"cancel the look-up of a name", .address = UNKNOWN_NAME, .telnet = REFUSING,
		.cancelled = true},
	{"cancel before the banner", TELNET(call_first), FTP(greets), .cancelled = true,
		.telnet_end = FIN},
	{"cancel with bytes unread", TELNET(call_unread), FTP(greets),
		.goal = TELNET_UNAME, .cancelled = true, .telnet_end = FIN},
	{"cancel amid the options", TELNET(call_talking), FTP(greets),
		.goal = TELNET_UNAME, .cancelled = true, .telnet_end = FIN},
	{"cancel, peer never closes", TELNET(call_and_stay), FTP(greets),
		.goal = TELNET_UNAME, .cancelled = true, .telnet_end = FIN},
	{"cancel while leaving", TELNET(call_leaving), FTP(greets), .cancelled = true,
		.telnet_end = FIN},
	{"cancel while asking port 21", .telnet = REFUSING, FTP(call_first),
		.cancelled = true, .ftp_end = FIN},
	{"cancel before the 220", .telnet = REFUSING, FTP(call_asking),
		.cancelled = true, .ftp_end = FIN},
	{"cancel after the 220", .telnet = REFUSING, FTP(call_quitting),
		.cancelled = true, .ftp_end = FIN},
};

#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

struct run {
	const struct link_case *row;
	struct spot telnet, ftp;
	struct board_link *link;
	struct board_link_result result;
	int calls;
	bool within; /* done was called from within board_link_start() */
	bool skipped;
};

static void leave_spots(struct run *run)
{
	spot_leave(&run->telnet);
	spot_leave(&run->ftp);
}

static void on_done(void *arg, const struct board_link_result *result)
{
	struct run *run = arg;

	run->within |= !run->link;
	run->calls++;
	run->result = *result;
	leave_spots(run);
}

static void cancel(void *arg)
{
	struct run *run = arg;

	board_link_cancel(run->link);
	leave_spots(run);
}

static bool is_six(const char *address)
{
	return address &&
	       (strcmp(address, "::1") == 0 || strcmp(address, NAME_SIX) == 0);
}

static void start(struct run *run, const struct link_case *row, uv_loop_t *loop)
{
	const char *literal = is_six(row->address) ? "::1" : "127.0.0.1";
	struct board_link_request request = {
		.address = row->address ? row->address : "127.0.0.1",
		.goal = row->goal,
		.user = "micro",
		.password = "python",
		.mark = "wipyd_1",
		.connect_ms = row->telnet == FULL ? 200 : 0,
	};

	run->row = row;
	if (!spot_open(
		    &run->telnet, loop, row->telnet, row->telnet_script, literal, 0)) {
		run->skipped = true;
		return;
	}
	(void)spot_open(&run->ftp, loop, row->ftp, row->ftp_script, "127.0.0.1", 0);
	request.telnet_port = run->telnet.peer.port;
	request.ftp_port = run->ftp.peer.port;
	run->telnet.peer.call = run->ftp.peer.call = cancel;
	run->telnet.peer.arg = run->ftp.peer.arg = run;
	run->link = board_link_start(loop, &request, on_done, run);
	if (row->cancelled && !row->telnet_script && !row->ftp_script)
		cancel(run);
}

static void check_end(
	const struct peer *peer, enum look look_for, const char *name, const char *port)
{
	char text[96];

	snprintf(text, sizeof(text), "%s, %s", name, port);
	OK(peer->accepted == (look_for != 0), text);
	if (look_for == 0 || look_for == ANY)
		return;
	OK(!peer->mismatch, text);
	OK(!peer->reset, text);
	OK(peer->fin == (look_for == FIN), text);
}

static void check_run(const struct run *run)
{
	const struct link_case *row = run->row;

	if (run->skipped) {
		tap_skip(row->name, "this machine has no such address");
		return;
	}
	EQ_INT(run->calls, row->cancelled ? 0 : 1, row->name);
	EQ_INT(run->result.status, row->status, row->name);
	OK(!run->within, row->name);
	if (row->telnet == PEER)
		check_end(&run->telnet.peer, row->telnet_end, row->name, "port 23");
	if (row->ftp == PEER)
		check_end(&run->ftp.peer, row->ftp_end, row->name, "port 21");
	if (row->cancelled || row->status)
		return;
	OK(run->result.telnet.has_banner, row->name);
	EQ_STR(run->result.telnet.banner.tag, "v1.8.7", row->name);
	EQ_INT(run->result.telnet.has_uname, row->goal == TELNET_UNAME, row->name);
	EQ_STR(run->result.telnet.unique_id,
		row->goal == TELNET_UNAME ? "010203040506" : "", row->name);
	EQ_INT(run->result.telnet.reset_sent, row->goal == TELNET_RESET, row->name);
}

/* Texts that do not fit into their copies. */
static void check_too_long(uv_loop_t *loop)
{
	static const char credential[] = "012345678901234567890123456789012345678901234"
					 "5678901234567890123456789";
	const struct board_link_request requests[] = {
		{.address = "127.0.0.1", .user = credential},
		{.address = "127.0.0.1", .password = credential},
		{.address = "127.0.0.1", .mark = credential},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct run run = {.row = &cases[0]};

		(void)spot_open(&run.telnet, loop, NOWHERE, NULL, NULL, 0);
		(void)spot_open(&run.ftp, loop, NOWHERE, NULL, NULL, 0);
		run.link = board_link_start(loop, &requests[i], on_done, &run);
		uv_run(loop, UV_RUN_DEFAULT);
		EQ_INT(run.result.status, -EINVAL, "text that is too long");
		EQ_INT(run.calls, 1, "text that is too long");
	}
}

int main(void)
{
	static struct run runs[CASE_COUNT];
	uv_timer_t watchdog;
	uv_loop_t loop;

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&loop);
	watchdog_start(&loop, &watchdog);
	for (size_t i = 0; i < CASE_COUNT; i++)
		start(&runs[i], &cases[i], &loop);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < CASE_COUNT; i++)
		check_run(&runs[i]);
	check_too_long(&loop);
	uv_close((uv_handle_t *)&watchdog, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	return tap_done();
}
