/* SPDX-License-Identifier: MIT
 *
 * Conversations with boards, played from scripts: what the board says, what the client
 * must say, how time passes. Each script runs whole, byte by byte and in threes, and
 * nowhere may the password stay in the client once it has been taken.
 */
#include <errno.h>

#include "common/telnet_client.h"
#include "tests/tap.h"

enum kind {
	END,
	BOARD,  /* bytes from the board */
	CLIENT, /* exactly this has to be taken in one output */
	QUIET,  /* no output, not done */
	WAIT,   /* time passes; a tick */
	HANGUP, /* the board closes */
};

struct event {
	enum kind kind;
	const char *bytes;
	size_t len;
	int64_t ms;
};

#define S(text)                                                                        \
	{                                                                              \
		BOARD, text, sizeof(text) - 1, 0                                       \
	}
#define C(text)                                                                        \
	{                                                                              \
		CLIENT, text, sizeof(text) - 1, 0                                      \
	}
#define Q                                                                              \
	{                                                                              \
		QUIET, NULL, 0, 0                                                      \
	}
#define W(ms)                                                                          \
	{                                                                              \
		WAIT, NULL, 0, ms                                                      \
	}
#define HUP                                                                            \
	{                                                                              \
		HANGUP, NULL, 0, 0                                                     \
	}

struct script {
	const char *name;
	enum telnet_goal goal;
	bool may_interrupt;
	int status;
	bool has_banner, logged_in, interrupted, has_uname;
	const char *id; /* NULL: none */
	bool reset_sent, mark_known, mark_there;
	const char *value;   /* NULL: none */
	const char *instead; /* of machine.reset() */
	const char *old_mark;
	struct event events[40];
};

#define BANNER S("MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n")
#define ASK    S("\xff\xfc\x01\xff\xfc\x03\xff\xfb\"Login as: ")
#define PASS   S("Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb\"")
#define WELCOME                                                                        \
	S("\xff\xfb\x01\xff\xfb\x03\xff\xfc\"\r\nLogin succeeded!\r\n"                 \
	  "Type \"help()\" for more information.\r\n")
#define PROMPT S("\r\n>>> ")
#define LOGIN  BANNER, ASK, C("micro\r"), PASS, C("python\r"), WELCOME
#define CLEAN                                                                          \
	S("\r\n>>> \r\nMicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"         \
	  "Type \"help()\" for more information.\r\n>>> ")
#define UNAME                                                                          \
	S("os.uname()\r\n(sysname='WiPy', nodename='WiPy', release='1.2.0', "          \
	  "version='v1.8.7 on 2017-01-08', machine='WiPy with CC3200')\r\n>>> ")
/* A login that goes well up to machine.unique_id(); what follows that. */
#define NAMED(...)                                                                     \
	TELNET_UNAME, .has_banner = true, .logged_in = true, .has_uname = true,        \
		      .events = {LOGIN, PROMPT, C("import os\r"),                      \
			      S("import os\r\n>>> "), C("os.uname()\r"), UNAME,        \
			      C("import machine\r"), S("import machine\r\n>>> "),      \
			      C("list(machine.unique_id())\r"), __VA_ARGS__}
#define MAC "d0397200000a"
#define ID                                                                             \
	C("import machine\r"), S("import machine\r\n>>> "),                            \
		C("list(machine.unique_id())\r"),                                      \
		S("list(machine.unique_id())\r\n[208, 57, 114, 0, 0, 10]\r\n>>> ")
#define TRACE(text)                                                                    \
	"Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in "        \
	"<module>\r\n" text "\r\n>>> "

#define NINES "012345678901234567890123456789"

static const struct script scripts[] = {
	/* the banner */
	{"look", TELNET_LOOK, .has_banner = true, .events = {Q, BANNER}},
	{"look, options behind are not waited for", TELNET_LOOK, .has_banner = true,
		.events = {S("Micro Python v1.4.3 on 2015-06-03; LaunchPad with "
			     "CC3200\r\n\xff\xfc")}},
	{"look, options in front", TELNET_LOOK, .has_banner = true,
		.events = {S("\xff\xfb\x01\0MicroPython v1.8.7 on 2017-01-08; WiPy "
			     "with CC3200\r\n")}},
	{"silence", TELNET_LOOK, .status = WIPY_E_NO_BANNER,
		.events = {W(4999), Q, W(1)}},
	{"half a banner, then silence", TELNET_LOOK, .status = WIPY_E_NO_BANNER,
		.events = {S("MicroPython v1.8.7 on 2017"), W(5000)}},
	{"closed before the banner", TELNET_LOOK, .status = WIPY_E_NO_BANNER,
		.events = {HUP}},
	{"closed within the banner", TELNET_UNAME, .status = WIPY_E_NO_BANNER,
		.events = {S("MicroPython v1.8.7 on"), HUP}},
	{"another server", TELNET_LOOK, .status = WIPY_E_GARBAGE,
		.events = {S("SSH-2.0-OpenSSH_9.2\r\n")}},
	{"another server is not logged in to", TELNET_UNAME, .status = WIPY_E_GARBAGE,
		.events = {S("Debian GNU/Linux 12\r\nLogin as: ")}},
	{"a banner of two segments with time between", TELNET_LOOK, .has_banner = true,
		.events = {S("MicroPython v1.8.7 on 2017-01-08; WiPy"), W(4000), Q,
			S(" with CC3200\r\n")}},

	/* the login */
	{"uname", TELNET_UNAME, .has_banner = true, .logged_in = true,
		.has_uname = true, .id = MAC,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"), UNAME, ID}},
	{"the password waits for all nine option bytes", TELNET_UNAME,
		.has_banner = true, .logged_in = true, .has_uname = true, .id = MAC,
		.events = {BANNER, S("\xff\xfc\x01\xff\xfc\x03\xff\xfb\""), Q,
			S("Login as: "), C("micro\r"), S("Password:"), Q, S(" "), Q,
			S("\xff\xfb\x01\xff\xfc\x03"), Q, S("\xff\xfb"), Q, S("\""),
			C("python\r"), WELCOME, PROMPT, C("import os\r"),
			S("import os\r\n>>> "), C("os.uname()\r"), UNAME, ID}},
	{"refused", TELNET_UNAME, .status = WIPY_E_LOGIN_REFUSED, .has_banner = true,
		.events = {BANNER, ASK, C("micro\r"), PASS, C("python\r"),
			S("\r\nInvalid credentials, try again.\r\n")}},
	{"asked again without a word", TELNET_UNAME, .status = WIPY_E_LOGIN_REFUSED,
		.has_banner = true,
		.events = {BANNER, ASK, C("micro\r"), PASS, C("python\r"), ASK}},
	{"no login prompt", TELNET_UNAME, .status = WIPY_E_NO_ANSWER,
		.has_banner = true, .events = {BANNER, W(4999), Q, W(1)}},
	{"no password prompt", TELNET_UNAME, .status = WIPY_E_NO_ANSWER,
		.has_banner = true,
		.events = {BANNER, W(4000), ASK, C("micro\r"), W(4999), Q, W(1)}},
	{"password prompt without options", TELNET_UNAME, .status = WIPY_E_NO_ANSWER,
		.has_banner = true,
		.events = {BANNER, ASK, C("micro\r"), S("Password: "), W(5000)}},
	{"no verdict", TELNET_UNAME, .status = WIPY_E_NO_ANSWER, .has_banner = true,
		.events = {BANNER, ASK, C("micro\r"), PASS, C("python\r"), W(5000)}},
	{"closed at the login prompt", TELNET_UNAME, .status = WIPY_E_CLOSED,
		.has_banner = true, .events = {BANNER, ASK, C("micro\r"), HUP}},
	{"closed instead of a verdict", TELNET_MARK, .status = WIPY_E_CLOSED,
		.has_banner = true,
		.events = {BANNER, ASK, C("micro\r"), PASS, C("python\r"), HUP}},

	/* what the client before left behind */
	{"half-typed line erased", TELNET_UNAME, .has_banner = true, .logged_in = true,
		.has_uname = true, .id = MAC,
		.events = {LOGIN, S("\x08\x1b[K\x08\x1b[K\r\n>>> "), C("import os\r"),
			S("import os\r\n>>> "), C("os.uname()\r"), UNAME, ID}},
	{"open block executed", TELNET_UNAME, .has_banner = true, .logged_in = true,
		.has_uname = true, .id = MAC,
		.events = {LOGIN,
			S("\x08\x08\x08\x08\x1b[K\r\nTraceback (most recent call "
			  "last):\r\n  File \"<stdin>\", line 2\r\nSyntaxError: "
			  "invalid "
			  "syntax\r\n>>> "),
			C("import os\r"), S("import os\r\n>>> "), C("os.uname()\r"),
			UNAME, ID}},
	{"raw mode left on: Ctrl-B helps", TELNET_UNAME, .has_banner = true,
		.logged_in = true, .has_uname = true, .id = MAC,
		.events = {LOGIN, W(1999), Q, W(1), C("\x02"),
			S("\r\nMicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
			  "Type \"help()\" for more information.\r\n>>> "),
			C("import os\r"), S("import os\r\n>>> "), C("os.uname()\r"),
			UNAME, ID}},
	{"late prompt, then the answer to Ctrl-B", TELNET_UNAME, .has_banner = true,
		.logged_in = true, .has_uname = true, .id = MAC,
		.events = {LOGIN, W(2000), C("\x02"), PROMPT, C("import os\r"), CLEAN,
			Q, S("import os\r\n>>> "), C("os.uname()\r"), UNAME, ID}},
	{"paste mode left on, no right to interrupt", TELNET_UNAME,
		.may_interrupt = true, .status = WIPY_E_BUSY_PROGRAM,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, S("\x08\x08\x08\r\n=== "), W(2000), C("\x02"),
			W(1999), Q, W(1)}},
	{"paste mode left on, interrupted", TELNET_RESET, .may_interrupt = true,
		.has_banner = true, .logged_in = true, .interrupted = true,
		.reset_sent = true,
		.events = {LOGIN, S("\x08\x08\x08\r\n=== "), W(2000), C("\r\x03\x03"),
			S("\r\n=== \r\n>>> "), C("\r\x02"), S("\r\n>>> "), Q, CLEAN,
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"), HUP}},
	{"a program runs: left alone when it is asked for the mark", TELNET_MARK,
		.may_interrupt = true, .status = WIPY_E_BUSY_PROGRAM,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, W(2000), C("\x02"), W(2000)}},
	{"a program runs: left alone", TELNET_UNAME, .may_interrupt = true,
		.status = WIPY_E_BUSY_PROGRAM, .has_banner = true, .logged_in = true,
		.events = {LOGIN, W(2000), C("\x02"), W(2000)}},
	{"a program runs: no right to interrupt for a reset", TELNET_RESET,
		.status = WIPY_E_BUSY_PROGRAM, .has_banner = true, .logged_in = true,
		.events = {LOGIN, W(2000), C("\x02"), W(2000)}},
	{"a program runs: interrupted for a reset", TELNET_RESET, .may_interrupt = true,
		.has_banner = true, .logged_in = true, .interrupted = true,
		.reset_sent = true,
		.events = {LOGIN, W(2000), C("\r\x03\x03"),
			S("Traceback (most recent call last):\r\n  File \"<stdin>\", "
			  "line "
			  "1, in <module>\r\nKeyboardInterrupt: \r\n>>> "),
			C("\r\x02"), S("\r\n>>> \r\n>>> "), Q, CLEAN,
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"),
			S("machine.reset()\r\n"), HUP}},
	{"a program that sleeps answers late", TELNET_RESET, .may_interrupt = true,
		.has_banner = true, .logged_in = true, .interrupted = true,
		.reset_sent = true,
		.events = {LOGIN, W(2000), C("\r\x03\x03"), W(1999), Q, W(1),
			C("\r\x02"), W(7000), Q,
			S("KeyboardInterrupt: \r\n>>> \r\n>>> "), Q, CLEAN,
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"), HUP}},
	{"raw mode left on, before a reset", TELNET_RESET, .may_interrupt = true,
		.has_banner = true, .logged_in = true, .interrupted = true,
		.reset_sent = true,
		.events = {LOGIN, W(2000), C("\r\x03\x03"), W(2000), C("\r\x02"),
			S("\r\nMicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
			  "Type \"help()\" for more information.\r\n>>> "),
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"), HUP}},
	{"a program that cannot be interrupted", TELNET_RESET, .may_interrupt = true,
		.status = WIPY_E_BUSY_PROGRAM, .has_banner = true, .logged_in = true,
		.interrupted = true,
		.events = {LOGIN, W(2000), C("\r\x03\x03"), W(2000), C("\r\x02"),
			W(7999), Q, W(1)}},

	/* uname */
	{"uname is gone", TELNET_UNAME, .has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"),
			S("os.uname()\r\n" TRACE("AttributeError: no such attribute")),
			ID},
		.id = MAC},
	{"uname answers with nonsense", TELNET_UNAME, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"), S("os.uname()\r\n42\r\n>>> ")}},
	{"uname without a version", TELNET_UNAME, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"),
			S("os.uname()\r\n(sysname='WiPy', machine='x')\r\n>>> ")}},
	{"uname with a release that is too long", TELNET_UNAME,
		.status = WIPY_E_GARBAGE, .has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"),
			S("os.uname()\r\n(release='12345678901234567890123456789012', "
			  "version='v1 on 2017-01-08', machine='x with y')\r\n>>> ")}},
	{"uname with keys in another order, more of them, a long one skipped",
		TELNET_UNAME, .has_banner = true, .logged_in = true, .has_uname = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>> "),
			C("os.uname()\r"),
			S("os.uname()\r\n(machine='WiPy with CC3200', "
			  "lorawan='12345678901"
			  "23456789012345678901234567890', version='v1.8.7 on "
			  "2017-01-08', sysname=\"WiPy\", release='1.2.0')\r\n>>> "),
			C("import machine\r"),
			S("import machine\r\n" TRACE(
				"ImportError: no module named 'machine'"))}},
	{"no unique id", NAMED(S("list(machine.unique_id())\r\n" TRACE(
				 "AttributeError: no such attribute")))},
	{"a unique id that is none",
		NAMED(S("list(machine.unique_id())\r\n[]\r\n>>> "))},
	{"a unique id of big numbers",
		NAMED(S("list(machine.unique_id())\r\n[208, 256]\r\n>>> "))},
	{"a unique id with more behind",
		NAMED(S("list(machine.unique_id())\r\n[208, 57] \r\n>>> "))},
	{"a unique id that is too long",
		NAMED(S("list(machine.unique_id())\r\n[1, 2, 3, 4, 5, 6, 7, 8, 9, "
			"10, 11, 12, 13, 14, 15, 16, 17]\r\n>>> "))},
	{"a unique id of four bytes",
		NAMED(S("list(machine.unique_id())\r\n[0, 7, 255, 16]\r\n>>> ")),
		.id = "0007ff10"},
	{"a unique id of sixteen bytes",
		NAMED(S("list(machine.unique_id())\r\n[1, 2, 3, 4, 5, 6, 7, 8, 9, "
			"10, 11, 12, 13, 14, 15, 16]\r\n>>> ")),
		.id = "0102030405060708090a0b0c0d0e0f10"},
	{"no answer about the unique id", NAMED(W(4999), Q, W(1))},
	{"closed before the unique id", NAMED(HUP)},
	{"no echo", TELNET_UNAME, .status = WIPY_E_NO_ANSWER, .has_banner = true,
		.logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S(">>> "), Q, W(5000)}},
	{"no prompt behind the answer", TELNET_UNAME, .status = WIPY_E_NO_ANSWER,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), S("import os\r\n>>"),
			W(4999), Q, W(1)}},
	{"closed before the answer", TELNET_UNAME, .status = WIPY_E_CLOSED,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import os\r"), HUP}},

	/* reset */
	{"reset", TELNET_RESET, .has_banner = true, .logged_in = true,
		.reset_sent = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("machine.reset()\r"), S("machine.reset()\r\n"), Q, HUP}},
	{"reset, then silence", TELNET_RESET, .has_banner = true, .logged_in = true,
		.reset_sent = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("machine.reset()\r"), W(1999), Q, W(1)}},
	{"reset, one more prompt before it happens", TELNET_RESET, .has_banner = true,
		.logged_in = true, .reset_sent = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("machine.reset()\r"), S("machine.reset()\r\n>>> "), Q, HUP}},
	{"the mark of an earlier reset is gone: it did happen", TELNET_RESET,
		.has_banner = true, .logged_in = true, .reset_sent = true,
		.mark_known = true, .old_mark = "zq6",
		.events = {LOGIN, PROMPT, C("zq6\r"),
			S("zq6\r\n" TRACE("NameError: name not defined")),
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"), HUP}},
	{"the mark of an earlier reset is there", TELNET_RESET, .has_banner = true,
		.logged_in = true, .reset_sent = true, .mark_known = true,
		.mark_there = true, .old_mark = "zq6",
		.events = {LOGIN, PROMPT, C("zq6\r"), S("zq6\r\n1\r\n>>> "),
			C("import machine\r"), S("import machine\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "), C("machine.reset()\r"), HUP}},
	{"no answer of the earlier mark that makes sense", TELNET_RESET,
		.has_banner = true, .logged_in = true, .reset_sent = true,
		.old_mark = "zq6",
		.events = {LOGIN, PROMPT, C("zq6\r"),
			S("zq6\r\n" TRACE("MemoryError: ")), C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("machine.reset()\r"), HUP}},
	{"reset refused by the board", TELNET_RESET, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("machine.reset()\r"),
			S("machine.reset()\r\n" TRACE("AttributeError: x"))}},
	{"switched to another slot", TELNET_RESET, .has_banner = true,
		.logged_in = true, .reset_sent = true,
		.instead = "pycom.bootmgr(boot_partition=0)",
		.events = {LOGIN, PROMPT, C("import pycom\r"),
			S("import pycom\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("pycom.bootmgr(boot_partition=0)\r"),
			S("pycom.bootmgr(boot_partition=0)\r\n"), Q, HUP}},
	{"of two slots the other one", TELNET_RESET, .has_banner = true,
		.logged_in = true, .reset_sent = true,
		.instead = "pycom.bootmgr(boot_partition=?)",
		.events = {LOGIN, PROMPT, C("import pycom\r"),
			S("import pycom\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("pycom.bootmgr(boot_partition=0)\r"),
			S("pycom.bootmgr(boot_partition=0)\r\n" TRACE(
				"ValueError: invalid argument(s) value")),
			C("pycom.bootmgr(boot_partition=1)\r"),
			S("pycom.bootmgr(boot_partition=1)\r\n"), Q, HUP}},
	{"neither of two slots", TELNET_RESET, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.instead = "pycom.bootmgr(boot_partition=?)",
		.events = {LOGIN, PROMPT, C("import pycom\r"),
			S("import pycom\r\n>>> "), C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("pycom.bootmgr(boot_partition=0)\r"),
			S("pycom.bootmgr(boot_partition=0)\r\n" TRACE("ValueError: x")),
			C("pycom.bootmgr(boot_partition=1)\r"),
			S("pycom.bootmgr(boot_partition=1)\r\n" TRACE(
				"ValueError: x"))}},
	{"switch refused by the board", TELNET_RESET, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.instead = "wipy.safeboot(2, safe=False)",
		.events = {LOGIN, PROMPT, C("import wipy\r"), S("import wipy\r\n>>> "),
			C("zq7=1\r"), S("zq7=1\r\n>>> "),
			C("wipy.safeboot(2, safe=False)\r"),
			S("wipy.safeboot(2, safe=False)\r\n" TRACE("OSError: 2"))}},
	{"no reset without its mark", TELNET_RESET, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"),
			S("zq7=1\r\n" TRACE("MemoryError: "))}},
	{"closed before machine.reset() was sent", TELNET_RESET,
		.status = WIPY_E_CLOSED, .has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("import machine\r"),
			S("import machine\r\n>>> "), C("zq7=1\r"), HUP}},

	/* mark */
	{"mark still there", TELNET_MARK, .has_banner = true, .logged_in = true,
		.mark_known = true, .mark_there = true, .id = MAC,
		.events = {LOGIN, PROMPT, C("zq7\r"), S("zq7\r\n1\r\n>>> "), ID}},
	{"mark gone", TELNET_MARK, .has_banner = true, .logged_in = true,
		.mark_known = true, .id = MAC,
		.events = {LOGIN, PROMPT, C("zq7\r"),
			S("zq7\r\n" TRACE("NameError: name not defined")), ID}},
	{"mark gone, and nothing said of who it is", TELNET_MARK, .has_banner = true,
		.logged_in = true, .mark_known = true,
		.events = {LOGIN, PROMPT, C("zq7\r"),
			S("zq7\r\n" TRACE("NameError: name not defined")),
			C("import machine\r"), W(4999), Q, W(1)}},
	{"mark gone, and no module for who it is", TELNET_MARK, .has_banner = true,
		.logged_in = true, .mark_known = true,
		.events = {LOGIN, PROMPT, C("zq7\r"),
			S("zq7\r\n" TRACE("NameError: name not defined")),
			C("import machine\r"),
			S("import machine\r\n" TRACE("ImportError: machine"))}},
	{"mark there, closed before who it is", TELNET_MARK, .has_banner = true,
		.logged_in = true, .mark_known = true, .mark_there = true,
		.events = {LOGIN, PROMPT, C("zq7\r"), S("zq7\r\n1\r\n>>> "),
			C("import machine\r"), HUP}},
	/* expression */
	{"expression", TELNET_EVAL, .has_banner = true, .logged_in = true, .value = "2",
		.events = {LOGIN, PROMPT, C("1 + 1\r"), S("1 + 1\r\n2\r\n>>> ")}},
	{"expression that prints nothing", TELNET_EVAL, .has_banner = true,
		.logged_in = true, .value = "",
		.events = {LOGIN, PROMPT, C("1 + 1\r"), S("1 + 1\r\n>>> ")}},
	{"expression that fails: the last line says why", TELNET_EVAL,
		.has_banner = true, .logged_in = true, .value = "NameError: x",
		.events = {LOGIN, PROMPT, C("1 + 1\r"),
			S("1 + 1\r\n" TRACE("NameError: x"))}},
	{"what it prints is cut and printable", TELNET_EVAL, .has_banner = true,
		.logged_in = true, .value = "." NINES NINES "01",
		.events = {LOGIN, PROMPT, C("1 + 1\r"),
			S("1 + 1\r\n\x1b" NINES NINES "0123456789\r\n>>> ")}},
	{"a program runs: no expression interrupts it", TELNET_EVAL,
		.may_interrupt = true, .status = WIPY_E_BUSY_PROGRAM,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, W(2000), C("\002"), W(2000)}},
	{"mark with another value", TELNET_MARK, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("zq7\r"), S("zq7\r\n12\r\n>>> ")}},
	{"mark without an answer", TELNET_MARK, .status = WIPY_E_GARBAGE,
		.has_banner = true, .logged_in = true,
		.events = {LOGIN, PROMPT, C("zq7\r"), S("zq7\r\n>>> ")}},
};

struct player {
	struct telnet_client client;
	int64_t now_ms;
	size_t piece_len;
	const char *trouble; /* the first thing that went wrong */
};

static bool holds(const void *at, size_t len, const char *text)
{
	const char *bytes = at;

	for (size_t i = 0; i + strlen(text) <= len; i++)
		if (memcmp(bytes + i, text, strlen(text)) == 0)
			return true;
	return false;
}

static void play_board(struct player *p, const struct event *e)
{
	for (size_t at = 0; at < e->len; at += p->piece_len) {
		size_t len = e->len - at < p->piece_len ? e->len - at : p->piece_len;

		telnet_client_input(
			&p->client, (const uint8_t *)e->bytes + at, len, p->now_ms);
	}
}

static void play_client(struct player *p, const struct event *e)
{
	uint8_t out[128];
	size_t len = telnet_client_output(&p->client, out, sizeof(out));

	if (len != e->len || memcmp(out, e->bytes, len) != 0)
		p->trouble = e->bytes;
	if (holds(&p->client, sizeof(p->client), "python"))
		p->trouble = "the password stayed in the client";
}

static void play(struct player *p, const struct event *e)
{
	uint8_t out[128];

	switch (e->kind) {
	case BOARD:
		play_board(p, e);
		return;
	case CLIENT:
		play_client(p, e);
		return;
	case QUIET:
		if (telnet_client_done(&p->client) ||
			telnet_client_output(&p->client, out, sizeof(out)) > 0)
			p->trouble = "spoke or ended where it had to wait";
		return;
	case WAIT:
		p->now_ms += e->ms;
		if (p->now_ms >= telnet_client_deadline(&p->client))
			telnet_client_tick(&p->client, p->now_ms);
		return;
	case HANGUP:
		telnet_client_eof(&p->client, p->now_ms);
		return;
	case END:
		return;
	}
}

/* The login, and each Ctrl-B and Ctrl-C that the script lets the client say. */
static int intrusions_of(const struct script *s)
{
	int count = s->logged_in;

	for (const struct event *e = s->events; e->kind != END; e++)
		for (size_t i = 0; e->kind == CLIENT && i < e->len; i++)
			count += e->bytes[i] == 2 || e->bytes[i] == 3;
	return count;
}

static bool as_told(const struct telnet_result *r, const struct script *s)
{
	return r->status == s->status && r->has_banner == s->has_banner &&
	       r->logged_in == s->logged_in && r->interrupted == s->interrupted &&
	       r->has_uname == s->has_uname && r->reset_sent == s->reset_sent &&
	       r->mark_known == s->mark_known && r->mark_there == s->mark_there &&
	       strcmp(r->unique_id, s->id ? s->id : "") == 0 &&
	       r->has_value == (s->value != NULL) &&
	       strcmp(r->value, s->value ? s->value : "") == 0 &&
	       r->intrusions == intrusions_of(s) &&
	       (!r->has_uname ||
		       (strcmp(r->uname.sysname, "WiPy") == 0 &&
			       strcmp(r->uname.release, "1.2.0") == 0 &&
			       strcmp(r->uname.version, "v1.8.7 on 2017-01-08") == 0 &&
			       strcmp(r->uname.machine, "WiPy with CC3200") == 0));
}

static void run(const struct script *s, size_t piece_len)
{
	struct telnet_request request = {
		.goal = s->goal,
		.user = "micro",
		.password = "python",
		.mark = "zq7",
		.old_mark = s->old_mark,
		.expression = s->instead               ? s->instead
			      : s->goal == TELNET_EVAL ? "1 + 1"
						       : "",
		.may_interrupt = s->may_interrupt,
	};
	struct player p = {.now_ms = 100000, .piece_len = piece_len};
	const struct telnet_result *r;
	uint8_t out[128];

	telnet_client_start(&p.client, &request, p.now_ms);
	for (const struct event *e = s->events; e->kind != END && p.trouble == NULL;
		e++)
		play(&p, e);
	r = telnet_client_result(&p.client);
	if (p.trouble == NULL && !telnet_client_done(&p.client))
		p.trouble = "not done at the end";
	if (p.trouble == NULL && telnet_client_output(&p.client, out, sizeof(out)) > 0)
		p.trouble = "output behind the end";
	if (!tap_ok(p.trouble == NULL && as_told(r, s), "%s, pieces of %zu", s->name,
		    piece_len))
		printf("# trouble: %s; status %d banner %d login %d interrupt %d uname "
		       "%d reset %d mark %d %d id '%s' intrusions %d\n",
			p.trouble == NULL ? "none" : p.trouble, r->status,
			r->has_banner, r->logged_in, r->interrupted, r->has_uname,
			r->reset_sent, r->mark_known, r->mark_there, r->unique_id,
			r->intrusions);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		run(&scripts[i], 1000);
		run(&scripts[i], 1);
		run(&scripts[i], 3);
	}
	return tap_done();
}
