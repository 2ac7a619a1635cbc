/* SPDX-License-Identifier: MIT
 *
 * The modules in C: their functions, what they do to the machine, TAB.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/py_bench.h"

static const struct bench_row rows[] = {
	/* os */
	{"import os; os.uname()",
		"(sysname='WiPy', nodename='WiPy', release='1.2.0', version='v1.8.7 on "
		"2017-01-08', machine='WiPy with CC3200')\n"},
	{"import os; os.uname().release, os.uname()[4], len(os.uname())",
		"('1.2.0', 'WiPy with CC3200', 5)\n"},
	{"import os; os.uname().nothere", E("AttributeError: no such attribute")},
	{"import os; os, os.__name__", "(<module 'uos'>, 'uos')\n"},
	{"import os; os.getcwd(), os.listdir(), os.listdir('/')",
		"('/flash', ['main.py', 'sys', 'lib', 'cert', 'boot.py'], "
		"['flash'])\n"},
	{"import os; os.mkdir('d'); os.listdir('d'); os.chdir('d'); os.getcwd(); "
	 "os.chdir('..')",
		"[]\n'/flash/d'\n"},
	{"import os; os.chdir('/'); os.getcwd(), os.listdir()", "('/', ['flash'])\n"},
	{"import os; os.mkdir('d'); os.mkdir('d')", E("OSError: 17")},
	{"import os; os.mkdir('nothere/d')", E("OSError: 2")},
	{"import os; os.chdir('nothere')", E("OSError: 2")},
	{"import os; os.remove('nothere')", E("OSError: 2")},
	{"import os; os.rename('nothere', 'a')", E("OSError: 2")},
	{"import os; os.stat('nothere')", E("OSError: 2")},
	{"import os; os.listdir('nothere')", E("OSError: 2")},
	{"import os; os.sync(); os.dupterm(None)", ""},
	{"import os; os.mkfs('/sd')", E("ValueError: invalid argument(s) value")},
	/* time */
	{"import time; time.localtime(0), time.localtime(473385600)",
		"((2000, 1, 1, 0, 0, 0, 5, 1), (2015, 1, 1, 0, 0, 0, 3, 1))\n"},
	{"import time; time.localtime(504921599), time.mktime((2016, 2, 29, 1, 2, 3, "
	 "0, 0))",
		"((2015, 12, 31, 23, 59, 59, 3, 365), 510022923)\n"},
	{"import time; time.localtime(time.mktime((2016, 12, 31, 23, 59, 59, 0, 0)))",
		"(2016, 12, 31, 23, 59, 59, 5, 366)\n"},
	{"import time; time.mktime((2016, 13, 32, 0, 0, 0, 0, 0)) == "
	 "time.mktime((2017, 2, 1, 0, 0, 0, 0, 0))",
		"True\n"},
	{"import time; time.mktime((1,))",
		E("TypeError: invalid argument(s) num/type")},
	{"import time; time.ticks_diff(5, 3), time", "(2, <module 'utime'>)\n"},
	{"import time; a = time.ticks_ms(); time.sleep_ms(7); time.ticks_diff(a, "
	 "time.ticks_ms())",
		"7\n"},
	/* files */
	{"f = open('t', 'w'); f.write('ab\\ncd'), f.close(); f = open('t'); f.read(), "
	 "f.read(), f.close()",
		"(5, None)\n('ab\\ncd', '', None)\n"},
	{"f = open('t'); f.readline(), f.readline(), f.readline()",
		"('ab\\n', 'cd', '')\n"},
	{"for line in open('t'): print(line, end='|')", "ab\n|cd|"},
	{"open('t').readlines()", "['ab\\n', 'cd']\n"},
	{"open('t', 'rb').read(3)", "b'ab\\n'\n"},
	{"f = open('t'); f.seek(3), f.tell(), f.read()", "(3, 3, 'cd')\n"},
	{"f = open('t', 'a'); f.write('e'); f.close(); open('/flash/t').read()",
		"1\n'ab\\ncde'\n"},
	{"f = open('t'); f.close(); f.close(); f.read()", E("OSError: 22")},
	{"for i in range(9): x = open('t').read()", ""},
	{"open('lib')", E("OSError: 21")},
	{"open('nothere/x', 'w')", E("OSError: 2")},
	{"import os; os.remove('t'); open('t')", E("OSError: 2")},
	{"f = open('lib/x', 'w'); f.close(); import os; os.stat('lib/x')[0], "
	 "os.stat('lib/x')[6], os.stat('lib')[0]",
		"(32768, 0, 16384)\n"},
	{"import os; os.remove('lib')", E("OSError: 39")},
	{"import os; os.rename('lib/x', 'y'); os.remove('/flash/y'); os.listdir('lib')",
		"[]\n"},
	{"import os; os.statvfs('/flash')[0], len(os.statvfs('/'))", "(512, 10)\n"},
	{"import os; os.mkfs('/flash'); os.listdir()",
		"['main.py', 'sys', 'lib', 'cert', 'boot.py']\n"},
	/* sys, gc, micropython */
	{"import sys; sys.implementation", "(name='micropython', version=(1, 8, 7))\n"},
	{"import sys; sys.version, sys.platform, sys.path, sys.byteorder",
		"('3.4.0', 'WiPy', ['', '/flash', '/flash/lib'], 'little')\n"},
	{"import sys; sys.path.append('/x'); sys.path[3], sys.maxsize, sys.argv",
		"('/x', 1073741823, [])\n"},
	{"import sys; sys.stdout.write('ab\\n')", "ab\n3\n"},
	{"import sys; sys.stdout.write('\\xff')", "\xc3\xbf"
						  "2\n"},
	{"import sys; sys.stdout.write(b'\\xff\\xfe')", "\xff\xfe"
							"2\n"},
	{"import gc; gc.collect(), gc.isenabled(), gc.mem_free() > 1000, "
	 "gc.mem_alloc() > 0",
		"(0, True, True, True)\n"},
	{"import micropython; micropython.const(5)", "5\n"},
	/* machine */
	{"import machine; machine.reset_cause(), machine.unique_id()",
		"(0, b'\\xd09r\\x124V')\n"},
	{"import machine; machine.PWRON_RESET, machine.HARD_RESET, machine.WDT_RESET, "
	 "machine.DEEPSLEEP_RESET, machine.SOFT_RESET",
		"(0, 1, 2, 3, 4)\n"},
	{"import machine; machine.freq(), machine.idle()", "((80000000,), None)\n"},
	{"import machine; machine.WDT(0, timeout=999)",
		E("ValueError: invalid argument(s) value")},
	{"import machine; machine.WDT(1)", E("OSError: resource not available")},
	{"import machine; machine.WDT(timeout='a')",
		E("TypeError: can't convert to int")},
	{"import machine; machine.main(1)", E("ValueError: invalid argument(s) value")},
	{"import machine, os; os.dupterm(machine.UART(0, 115200)); machine.UART(0, "
	 "baudrate=9600)",
		"<UART>\n"},
	{"import machine; machine.Pin", "<class 'Pin'>\n"},
	{"import machine; machine.Pin('GP5', mode=machine.Pin.OUT)",
		"Pin('GP5', mode=Pin.OUT, pull=None, drive=Pin.MED_POWER, alt=-1)\n"},
	{"import machine; p = machine.Pin('GP6', machine.Pin.IN, machine.Pin.PULL_UP); "
	 "p, p.mode(), p.id()",
		"(Pin('GP6', mode=Pin.IN, pull=Pin.PULL_UP, drive=Pin.MED_POWER, "
		"alt=-1), 0, 'GP6')\n"},
	{"import machine; p = machine.Pin(7, machine.Pin.OUT, value=1); p.value(), "
	 "p(), p(0), p(), p.toggle(), p.value()",
		"(1, 1, None, 0, None, 1)\n"},
	{"import machine; machine.Pin('GP99')",
		E("ValueError: invalid argument(s) value")},
	{"import machine; machine.Pin('x')",
		E("ValueError: invalid argument(s) value")},
	{"import machine; machine.Pin('GP5', 7)",
		E("ValueError: invalid argument(s) value")},
	/* network, wipy */
	{"import network; network.Server(), network.Server().timeout(), "
	 "network.Server().isrunning()",
		"(<Server>, 300, True)\n"},
	{"import network; s = network.Server(timeout=5); s, s.timeout(), "
	 "s.timeout(60), s.timeout()",
		"(<Server>, 5, None, 60)\n"},
	{"import network; network.Server(timeout=536870912)",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.Server(login=('m\\x00', 'p'))",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.Server(timeout=4)",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.Server(1)", E("OSError: resource not available")},
	{"import network; network.Server(login=('a', 33 * 'b'))",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.Server(login=('a',))",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.Server(login=5)",
		E("ValueError: invalid argument(s) value")},
	{"import network; s = network.Server(); s.deinit(), s.isrunning(), s.init(), "
	 "s.isrunning()",
		"(None, False, None, True)\n"},
	{"import network; w = network.WLAN(); w, w.mode(), w.isconnected(), w.ssid()",
		"(<WLAN>, 2, True, 'wipy-wlan-3456')\n"},
	{"import network; network.WLAN().ifconfig()",
		"('192.168.1.1', '255.255.255.0', '192.168.1.1', '192.168.1.1')\n"},
	{"import network; network.WLAN.STA, network.WLAN.AP, network.WLAN.WPA2",
		"(0, 2, 2)\n"},
	{"import network; network.WLAN().connect('x')",
		E("OSError: the requested operation is not possible")},
	{"import network; network.WLAN(mode=7)",
		E("ValueError: invalid argument(s) value")},
	{"import network; network.WLAN(mode=network.WLAN.AP, ssid='')",
		E("ValueError: invalid argument(s) value")},
	{"import wipy; wipy.heartbeat(), wipy.heartbeat(False), wipy.heartbeat()",
		"(True, None, False)\n"},
	{"import wipy; wipy.confirm()", E("AttributeError: no such attribute")},
	{"import wipy; wipy.slots()", E("AttributeError: no such attribute")},
};

/* ---- what programs do to the machine -------------------------------------------------- */

static void test_machine(void)
{
	struct bench *bench = bench_new();
	struct wipy_board *board = &bench->board;
	struct hal *hal = &bench->hal;

	bench_run(bench, "import machine; w = machine.WDT(0, timeout=1000)");
	EQ_INT(hal->watchdog_ms, 1000, "watchdog");
	board->watchdog.fed = false;
	bench_run(bench, "w.feed()");
	OK(board->watchdog.by_program && board->watchdog.fed,
		"it is the board that feeds the machine's");
	bench_run(bench, "p = machine.Pin('GP5', machine.Pin.OUT); p.value(1)");
	EQ_INT(hal->pin_mode[HAL_PIN_GP0 + 5], HAL_PIN_OUT, "pin");
	OK(hal->pin[HAL_PIN_GP0 + 5], "pin");
	bench_run(
		bench, "q = machine.Pin('GP6', machine.Pin.IN, machine.Pin.PULL_DOWN)");
	EQ_INT(hal->pin_mode[HAL_PIN_GP0 + 6], HAL_PIN_IN_PULL_DOWN, "pin");
	hal->pin[HAL_PIN_GP0 + 6] = true;
	EQ_STR(bench_run(bench, "q.value()"), "1\n", "pin");
	EQ_STR(bench_run(bench, "machine.main('other.py')"), "", "main");
	EQ_STR(bench_run(bench, "machine.reset()"), "", "reset");
	OK(board->reset_wanted, "reset");
	board->reset_wanted = false;
	py_start(board);
	EQ_STR(bench_run(bench, "import machine; machine.soft_reset()"), "",
		"soft reset");
	OK(py_exit_wanted(board), "soft reset");
	free(bench);
}

static void test_server(void)
{
	struct bench *bench = bench_new();
	struct servers *servers = &bench->board.servers;

	bench_run(bench, "import network; s = network.Server(login=('me', 'secret'), "
			 "timeout=60)");
	EQ_STR(servers->user, "me", "login");
	EQ_STR(servers->password, "secret", "login");
	EQ_INT(servers->timeout_ms, 60000, "login");
	/* the time-out is refused, the login counts all the same */
	EQ_STR(bench_run(bench, "s.init(login=('you', 'x'), timeout=4)"),
		E("ValueError: invalid argument(s) value"), "order");
	EQ_STR(servers->user, "you", "order");
	bench_run(bench, "s.timeout(5)");
	EQ_STR(servers->user, "you", "asking for the time-out of an object");
	EQ_INT(servers->timeout_ms, 5000, "asking for the time-out of an object");
	bench_run(bench, "network.Server().timeout()");
	EQ_STR(servers->user, "micro", "the bare call");
	EQ_STR(servers->password, "python", "the bare call");
	EQ_INT(servers->timeout_ms, 300000, "the bare call");
	bench_run(bench, "s.deinit()");
	OK(!servers->wanted, "deinit");
	bench_run(bench, "s.init()");
	OK(servers->wanted, "init");
	free(bench);
}

static void test_wlan(void)
{
	struct bench *bench = bench_new();
	struct hal *hal = &bench->hal;

	bench_run(bench, "from network import WLAN; w = WLAN(mode=WLAN.STA)");
	EQ_INT(hal->wlan_mode, HAL_WLAN_STA, "station");
	OK(bench->board.servers.restart, "station");
	bench_run(bench, "w.connect('net', auth=(WLAN.WPA2, 'key'), timeout=5000)");
	EQ_STR(hal->ssid, "net", "connect");
	EQ_STR(hal->key, "key", "connect");
	EQ_STR(bench_run(bench, "w.ssid(), w.mode()"), "('net', 0)\n", "connect");
	bench_run(bench,
		"w.init(mode=WLAN.AP, ssid='mine', auth=(WLAN.WPA2, '12345678'))");
	EQ_INT(hal->wlan_mode, HAL_WLAN_AP, "access point");
	EQ_STR(hal->ssid, "mine", "access point");
	free(bench);
}

static void test_trial_names(void)
{
	struct bench *bench = bench_new();

	EQ_STR(bench_run(bench, "import wipy; dir(wipy)"),
		"['__name__', 'heartbeat']\n", "classic");
	EQ_STR(bench_run(bench, "hasattr(wipy, 'confirm'), hasattr(wipy, 'heartbeat')"),
		"(False, True)\n", "classic");
	bench->personality.wipy_trial = true;
	EQ_STR(bench_run(bench, "dir(wipy)"),
		"['__name__', 'heartbeat', 'confirm', 'safeboot', 'slots']\n", "trial");
	EQ_STR(bench_run(bench, "hasattr(wipy, 'confirm')"), "True\n", "trial");
	EQ_STR(bench_run(bench, "wipy.safeboot(4)"),
		E("ValueError: invalid argument(s) value"), "trial");
	EQ_STR(bench_run(bench, "import pycom"), E("ImportError: module not found"),
		"no Pycom board");
	bench->personality.boot = WIPY_BOOT_PYCOM;
	EQ_STR(bench_run(bench, "import pycom; dir(pycom)"),
		"['__name__', 'bootmgr']\n", "Pycom");
	EQ_STR(bench_run(bench, "pycom.bootmgr(boot_partition=2)"),
		E("ValueError: invalid argument(s) value"), "Pycom: no such slot");
	free(bench);
}

/* ---- TAB ---------------------------------------------------------------------------- */

static const struct {
	const char *stem;
	const char *names;
} tabs[] = {
	{"", "machine os __name__ "},
	{"m", "machine "},
	{"impo", "import "},
	{"import", "import "},
	{"importx", ""},
	{"x", ""},
	{"os.un", "uname unlink "},
	{"machine.WD", "WDT WDT_RESET "},
	{"machine.Pin.PULL", "PULL_UP PULL_DOWN "},
	{"nothere.x", ""},
	{"os.nothere.x", ""},
	{"machine.",
		"__name__ reset soft_reset freq unique_id main idle reset_cause Pin "
		"UART "
		"WDT PWRON_RESET HARD_RESET WDT_RESET DEEPSLEEP_RESET SOFT_RESET "},
};

static void test_complete(void)
{
	struct bench *bench = bench_new();

	bench_run(bench, "import os, machine");
	for (size_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++) {
		char all[512] = "", buf[32];
		const char *name;

		for (int n = 0;
			n < 30 && (name = py_complete(&bench->board, tabs[i].stem,
					   strlen(tabs[i].stem), n, buf, sizeof(buf)));
			n++) {
			strcat(all, name);
			strcat(all, name[strlen(name) - 1] == ' ' ? "" : " ");
		}
		EQ_STR(all, tabs[i].names, tabs[i].stem);
	}
	free(bench);
}

/* Lines that a native has read are read again where it finds no memory. */
static void test_file_lines(void)
{
	static const char *const all[] = {"list(f)", "f.readlines()", "sorted(f)"};
	struct bench *bench = bench_new();
	char text[256];

	bench_put_file(&bench->board, "/flash/lines", "a\nbb\nccc\ndddd\neeeee\n");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		(void)snprintf(text, sizeof(text),
			"for i in range(200):\n"
			"    x = [0] * (i %% 17)\n"
			"    f = open('lines')\n"
			"    n = len(%s)\n"
			"    f.close()\n"
			"    if n != 5: n\n",
			all[i]);
		EQ_STR(bench_run(bench, text), "", all[i]);
	}
	EQ_STR(bench_run(bench, "f = open('lines'); a, b, c, d, e = f"), "",
		"unpacked");
	EQ_STR(bench_run(bench, "d, f.tell(), f.read()"), "('dddd\\n', 20, '')\n",
		"end");
	EQ_STR(bench_run(bench, "f.seek(2); f.readline(), f.tell(), f.read(3)"),
		"2\n('bb\\n', 5, 'ccc')\n", "from the middle");
	free(bench);
}

/* A file is closed once. That it has lost something is told although there is no memory
 * for the error before a collection. */
static void test_close_fails(void)
{
	for (int collect = 0; collect < 2; collect++) {
		struct bench *bench = bench_new();
		struct files *files = &bench->board.files;

		EQ_STR(bench_run(bench, "f = open('t', 'w'); f.write('abc')"), "3\n",
			"a file is written");
		for (int i = 0; i < FILES_OPEN_MAX; i++)
			files->open[i].failed = true;
		bench->board.py.always_collect = collect != 0;
		EQ_STR(bench_run(bench, "f.close()"), E("OSError: 5"), "told");
		EQ_STR(bench_run(bench, "f.close()"), "", "once");
		EQ_STR(bench_run(bench, "f.read()"), E("OSError: 22"), "it is closed");
		EQ_STR(bench_run(bench, "open('t').read()"), "''\n", "empty");
		free(bench);
	}
}

int main(void)
{
	bench_check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
	bench_check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
	test_machine();
	test_server();
	test_wlan();
	test_trial_names();
	test_complete();
	test_file_lines();
	test_close_fails();
	return tap_done();
}
