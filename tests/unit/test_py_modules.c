/* SPDX-License-Identifier: MIT
 *
 * What programs call by name: builtins, methods, modules. A machine of its own, so that
 * pins, watchdog and radio can be looked at.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/py_native.h"
#include "tests/tap.h"

#define TRACE                                                                          \
	"Traceback (most recent call last):\n  File \"<stdin>\", line 1, in "          \
	"<module>\n"
#define E(error) TRACE error "\n"

#define ARENA     24576
#define SECTORS   64
#define OUT_MAX   8192
#define STEPS_MAX 10000

/* ---- the machine -------------------------------------------------------------------- */

struct hal {
	int64_t now_ms;
	uint8_t files[SECTORS * HAL_FLASH_SECTOR];
	size_t out_len;
	char out[OUT_MAX + 1];
	bool pin[HAL_PIN_COUNT];
	enum hal_pin_mode pin_mode[HAL_PIN_COUNT];
	uint32_t watchdog_ms;
	enum hal_wlan_mode wlan_mode;
	char ssid[40], key[80];
};

size_t hal_flash_size(struct hal *hal, enum hal_area area)
{
	return area == HAL_AREA_FILES ? sizeof(hal->files) : 0;
}

int hal_flash_read(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	memcpy(buf, hal->files + offset, len);
	return 0;
}

int hal_flash_write(
	struct hal *hal, enum hal_area area, size_t offset, const void *buf, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	for (size_t i = 0; i < len; i++)
		hal->files[offset + i] &= ((const uint8_t *)buf)[i];
	return 0;
}

int hal_flash_erase(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	if (area != HAL_AREA_FILES || offset + len > sizeof(hal->files))
		return -EIO;
	memset(hal->files + offset, 0xFF, len);
	return 0;
}

bool hal_pin_get(struct hal *hal, enum hal_pin pin)
{
	return hal->pin[pin];
}

void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high)
{
	hal->pin[pin] = high;
}

int hal_pin_mode(struct hal *hal, enum hal_pin pin, enum hal_pin_mode mode)
{
	hal->pin_mode[pin] = mode;
	return 0;
}

int64_t hal_ticks_ms(struct hal *hal)
{
	return hal->now_ms;
}

int64_t hal_rtc_s(struct hal *hal)
{
	return 473385600 + hal->now_ms / 1000;
}

void hal_rtc_set(struct hal *hal, int64_t time_s)
{
	(void)hal;
	(void)time_s;
}

void hal_reset(struct hal *hal)
{
	(void)hal;
}

enum hal_reset_cause hal_reset_cause(struct hal *hal)
{
	(void)hal;
	return HAL_RESET_POWER;
}

int hal_start_image(struct hal *hal, enum hal_area area)
{
	(void)hal;
	(void)area;
	return 0;
}

void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms)
{
	hal->watchdog_ms = timeout_ms;
}

void hal_watchdog_feed(struct hal *hal)
{
	(void)hal;
}

void hal_unique_id(struct hal *hal, uint8_t ret_id[6])
{
	(void)hal;
	memcpy(ret_id, "\xd0\x39\x72\x12\x34\x56", 6);
}

void hal_console_write(struct hal *hal, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' && hal->out_len < OUT_MAX)
			hal->out[hal->out_len++] = text[i];
	hal->out[hal->out_len] = '\0';
}

void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan)
{
	static const struct hal_wlan ap = {.connected = true,
		.address = {192, 168, 1, 1},
		.netmask = {255, 255, 255, 0},
		.gateway = {192, 168, 1, 1}};

	*ret_wlan = ap;
	ret_wlan->mode = hal->wlan_mode;
}

int hal_wlan_start(
	struct hal *hal, enum hal_wlan_mode mode, const char *ssid, const char *key)
{
	hal->wlan_mode = mode;
	snprintf(hal->ssid, sizeof(hal->ssid), "%s", ssid ? ssid : "-");
	snprintf(hal->key, sizeof(hal->key), "%s", key ? key : "-");
	return 0;
}

int hal_net_listen(struct hal *hal, uint16_t port, int backlog)
{
	(void)hal;
	(void)port;
	(void)backlog;
	return -EADDRINUSE;
}

void hal_net_unlisten(struct hal *hal, int listener)
{
	(void)hal;
	(void)listener;
}

int hal_net_accept(struct hal *hal, int listener)
{
	(void)hal;
	(void)listener;
	return -EAGAIN;
}

int hal_net_recv(struct hal *hal, int conn, void *buf, size_t len)
{
	(void)hal;
	(void)conn;
	(void)buf;
	(void)len;
	return -EAGAIN;
}

int hal_net_send(struct hal *hal, int conn, const void *buf, size_t len)
{
	(void)hal;
	(void)conn;
	(void)buf;
	(void)len;
	return -EPIPE;
}

void hal_net_shutdown(struct hal *hal, int conn)
{
	(void)hal;
	(void)conn;
}

void hal_net_abort(struct hal *hal, int conn)
{
	(void)hal;
	(void)conn;
}

void hal_net_poll(struct hal *hal, int handle, unsigned events)
{
	(void)hal;
	(void)handle;
	(void)events;
}

/* ---- the board ---------------------------------------------------------------------- */

struct bench {
	struct hal hal;
	struct wipy_board board;
	struct wipy_personality personality;
	_Alignas(16) uint8_t arena[ARENA];
};

static struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct wipy_board *board;

	if (!bench)
		abort();
	board = &bench->board;
	memset(bench->hal.files, 0xFF, sizeof(bench->hal.files));
	bench->hal.wlan_mode = HAL_WLAN_AP;
	bench->hal.now_ms = 5000;
	bench->personality = wipy_personality_wipy;
	board->hal = &bench->hal;
	board->personality = &bench->personality;
	board->settings.arena = bench->arena;
	board->settings.arena_len = sizeof(bench->arena);
	board->settings.user = "micro";
	board->settings.password = "python";
	strcpy(board->fingerprint.tag, "v1.8.7");
	strcpy(board->fingerprint.date, "2017-01-08");
	strcpy(board->fingerprint.board, "WiPy");
	strcpy(board->fingerprint.mcu, "CC3200");
	OK(files_mount(&board->files, board->hal, board->personality) == 0, "mounts");
	servers_set_defaults(board);
	servers_want(board, true);
	led_show(board, LED_HEARTBEAT, 0);
	py_start(board);
	return bench;
}

/* What running the text prints, traceback included. */
static const char *run(struct bench *bench, const char *text)
{
	struct wipy_board *board = &bench->board;
	struct hal *hal = &bench->hal;

	hal->out_len = 0;
	hal->out[0] = '\0';
	py_run_text(board, PY_SINGLE, text, strlen(text));
	for (int i = 0; i < STEPS_MAX && !py_is_idle(board); i++) {
		int64_t due = py_step(board, hal->now_ms);

		if (due > hal->now_ms && due != WIPY_NEVER)
			hal->now_ms = due;
	}
	if (!py_is_idle(board))
		return "does not end";
	if (py_failed(board))
		py_show_error(board);
	return hal->out;
}

struct row {
	const char *source;
	const char *prints;
};

/* What is typed, and what comes of it. Every row begins with an empty heap. */
static const struct row rows[] = {
	/* print, repr, str */
	{"print()", "\n"},
	{"print(1, 'a', None, b'x')", "1 a None b'x'\n"},
	{"print(1, 2, sep='', end='!')", "12!"},
	{"print('a', 'b', end='', sep='--')", "a--b"},
	{"print([1, 'a', (2,), {}], ())", "[1, 'a', (2,), {}] ()\n"},
	{"print(sep='x')", "\n"},
	{"print(1, flush=True)", E("TypeError: unexpected keyword argument")},
	{"repr('a')", "\"'a'\"\n"},
	{"repr([1, [2, [3]]])", "'[1, [2, [3]]]'\n"},
	{"str([1, 'a'])", "\"[1, 'a']\"\n"},
	{"str()", "''\n"},
	{"str('a\\n')", "'a\\n'\n"},
	{"str(b'ab')", "\"b'ab'\"\n"},
	{"str(b'ab', 'utf8')", "'ab'\n"},
	{"'\\t\\r\\n\\\\\\x00\\x7f'", "'\\t\\r\\n\\\\\\x00\\x7f'\n"},
	{"'\\xe9'", "'\xc3\xa9'\n"},
	{"b'\\xe9\\n\\''", "b\"\\xe9\\n'\"\n"},
	{"'it\\'s', '\"', '\\'\"'", "(\"it's\", '\"', '\\'\"')\n"},
	{"{'a': 1, 2: [3]}", "{'a': 1, 2: [3]}\n"},
	{"(1,), ()", "((1,), ())\n"},
	{"print, str, int, type",
		"(<function>, <class 'str'>, <class 'int'>, <class 'type'>)\n"},
	{"a = []; a.append(a); len(a)", "1\n"},
	/* numbers */
	{"int(), int('12'), int('-0x1f', 16), int('101', 2), int(' 7 ')",
		"(0, 12, -31, 5, 7)\n"},
	{"int('0x10', 0), int('ff', 16), int(b'12'), int(True)", "(16, 255, 12, 1)\n"},
	{"int('a')", E("ValueError: invalid syntax for integer")},
	{"int('')", E("ValueError: invalid syntax for integer")},
	{"int('9', 8)", E("ValueError: invalid syntax for integer")},
	{"int([])", E("TypeError: can't convert to int")},
	{"bool(), bool([]), bool('a'), bool(0)", "(False, False, True, False)\n"},
	{"abs(-3), abs(3)", "(3, 3)\n"},
	{"min(3, 1, 2), max([3, 1]), max('a', 'b')", "(1, 3, 'b')\n"},
	{"max([])", E("ValueError: arg is an empty sequence")},
	{"sum([1, 2, 3]), sum((1,), 5), sum(range(10))", "(6, 6, 45)\n"},
	{"hex(255), hex(-1), oct(8), bin(5)", "('0xff', '-0x1', '0o10', '0b101')\n"},
	{"ord('a'), ord(b'a'), ord('\\u20ac'), chr(97), chr(0x20ac)",
		"(97, 97, 8364, 'a', '\xe2\x82\xac')\n"},
	{"ord('ab')", E("TypeError: ord expects a character")},
	{"chr(-1)", E("ValueError: chr() arg not in range(0x110000)")},
	{"divmod(7, 2), divmod(-7, 2) ", "((3, 1), (-4, 1))\n"},
	{"len('abc'), len([1]), len({}), len(range(5)), len(b'12')",
		"(3, 1, 0, 5, 2)\n"},
	{"len(1)", E("TypeError: object has no len")},
	/* containers */
	{"list(), list('ab'), list(range(3)), list((1, 2))",
		"([], ['a', 'b'], [0, 1, 2], [1, 2])\n"},
	{"tuple([1, 2]), tuple('ab'), tuple()", "((1, 2), ('a', 'b'), ())\n"},
	{"list(1)", E("TypeError: object not iterable")},
	{"dict(), dict(a=1), dict([('b', 2)])", "({}, {'a': 1}, {'b': 2})\n"},
	{"bytes(3), bytes([1, 2, 255]), bytes('ab', 'utf8'), bytes()",
		"(b'\\x00\\x00\\x00', b'\\x01\\x02\\xff', b'ab', b'')\n"},
	{"range(3), range(1, 4), range(1, 9, 2)",
		"(range(0, 3), range(1, 4), range(1, 9, 2))\n"},
	{"range(1, 2, 0)", E("ValueError: zero step")},
	{"sorted([3, 1, 2]), sorted('bca'), sorted([1, 2], reverse=True)",
		"([1, 2, 3], ['a', 'b', 'c'], [2, 1])\n"},
	{"any([0, 1]), any([]), all([1, 0]), all([])", "(True, False, False, True)\n"},
	{"list(enumerate('ab')), list(enumerate('ab', 5))",
		"([(0, 'a'), (1, 'b')], [(5, 'a'), (6, 'b')])\n"},
	{"list(zip([1, 2], 'ab')), list(reversed([1, 2, 3]))",
		"([(1, 'a'), (2, 'b')], [3, 2, 1])\n"},
	{"for i, c in enumerate('ab'): print(i, c)", "0 a\n1 b\n"},
	/* types and attributes */
	{"type(1), type('a'), type(None), type([]), type({}), type(type)",
		"(<class 'int'>, <class 'str'>, <class 'NoneType'>, <class 'list'>, "
		"<class 'dict'>, <class 'type'>)\n"},
	{"type(1) == int, type('') is str", "(True, True)\n"},
	{"isinstance(1, int), isinstance(1, str), isinstance('a', (int, str))",
		"(True, False, True)\n"},
	{"isinstance(True, int), isinstance(True, bool)", "(True, True)\n"},
	{"isinstance(ValueError(), Exception)", "True\n"},
	{"isinstance(1, 2)",
		E("TypeError: isinstance() arg 2 must be a class or tuple of classes")},
	{"callable(len), callable(1), callable(str)", "(True, False, True)\n"},
	{"import os; hasattr(os, 'uname'), hasattr(os, 'x'), hasattr('', 'join')",
		"(True, False, True)\n"},
	{"import os; getattr(os, 'sep'), getattr(os, 'x', 5)", "('/', 5)\n"},
	{"getattr('', 'nothere')", E("AttributeError: no such attribute")},
	{"id(1) == id(1)", "True\n"},
	{"x = 1; dir()", "['__name__', 'x']\n"},
	{"import network; dir(network)", "['__name__', 'WLAN', 'Server']\n"},
	{"dir(1)", "['from_bytes', 'to_bytes']\n"},
	/* help */
	{"help()", "Welcome to MicroPython!\nFor online help please visit "
		   "http://micropython.org/help/.\nFor further help on a specific "
		   "object, type help(obj)\n"},
	{"help(1)", "object 1 is of type int\n  from_bytes -- <classmethod>\n  "
		    "to_bytes -- <function>\n"},
	{"import wipy; help(wipy)", "object <module 'wipy'> is of type module\n  "
				    "__name__ -- wipy\n  heartbeat -- <function>\n"},
	{"help(None)", "object None is of type NoneType\n"},
	/* str */
	{"'a,b,,c'.split(','), ' a  b '.split(), 'a,b,c'.split(',', 1)",
		"(['a', 'b', '', 'c'], ['a', 'b'], ['a', 'b,c'])\n"},
	{"''.split(), ''.split(',')", "([], [''])\n"},
	{"'a'.split('')", E("ValueError: empty separator")},
	{"' ab '.strip(), 'xxaxx'.strip('x'), ' a '.lstrip(), ' a '.rstrip()",
		"('ab', 'a', 'a ', ' a')\n"},
	{"','.join(['a', 'b']), ''.join(()), '-'.join('abc')",
		"('a,b', '', 'a-b-c')\n"},
	{"','.join([1])", E("TypeError: join expects a list of str/bytes objects "
			    "consistent with self object")},
	{"'abcabc'.find('c'), 'abc'.find('x'), 'abcabc'.find('a', 1), "
	 "'abcabc'.rfind('a')",
		"(2, -1, 3, 3)\n"},
	{"'abc'.index('c')", "2\n"},
	{"'abc'.index('x')", E("ValueError: substring not found")},
	{"'aXbX'.replace('X', '--'), 'aaa'.replace('a', 'b', 2)",
		"('a--b--', 'bba')\n"},
	{"'abc'.startswith('ab'), 'abc'.endswith('bc'), 'abc'.startswith('b', 1)",
		"(True, True, True)\n"},
	{"'aBc'.upper(), 'aBc'.lower(), 'abab'.count('ab')", "('ABC', 'abc', 2)\n"},
	{"'\\u20ac'.encode(), b'\\xe2\\x82\\xac'.decode()",
		"(b'\\xe2\\x82\\xac', '\xe2\x82\xac')\n"},
	{"'1'.isdigit(), 'a1'.isdigit(), 'ab'.isalpha(), ' '.isspace()",
		"(True, False, True, True)\n"},
	{"'{} {}'.format(1, 'a'), '{1}{0}'.format('a', 'b'), '{{}}'.format()",
		"('1 a', 'ba', '{}')\n"},
	{"'{:5}|{:<5}|{:>5}|{:05}|{:x}'.format(1, 'a', 'b', 42, 255)",
		"'    1|a    |    b|00042|ff'\n"},
	{"'{a}'.format(a=1)", "'1'\n"},
	{"'{}'.format()", E("IndexError: tuple index out of range")},
	{"'%d %s %r' % (1, 'a', 'b'), '%x|%5d|%-5d|%05d' % (255, 1, 2, 3)",
		"(\"1 a 'b'\", 'ff|    1|2    |00003')\n"},
	{"'%s' % 'a', '%%' % (), '%(k)s' % {'k': 1}, '%c%c' % ('a', 98)",
		"('a', '%', '1', 'ab')\n"},
	{"'%s' % ()", E("TypeError: not enough arguments for format string")},
	{"'a' % 1",
		E("TypeError: not all arguments converted during string formatting")},
	{"'%d' % 'a'", E("TypeError: can't convert to int")},
	{"b'a b'.split(), b'abc'.find(b'c'), b','.join([b'a', b'b'])",
		"([b'a', b'b'], 2, b'a,b')\n"},
	{"'abc'.nothere", E("AttributeError: no such attribute")},
	{"'abc'.find(1)", E("TypeError: can't convert to str implicitly")},
	{"f = 'a,b'.split; f(',')", "['a', 'b']\n"},
	/* list, tuple, dict */
	{"a = [1]; a.append(2); a.extend((3, 4)); a", "[1, 2, 3, 4]\n"},
	{"a = [1, 2, 3]; a.pop(), a.pop(0), a", "(3, 1, [2])\n"},
	{"[].pop()", E("IndexError: pop from empty list")},
	{"[1].pop(5)", E("IndexError: index out of range")},
	{"a = [1, 3]; a.insert(1, 2); a.insert(9, 4); a.insert(-9, 0); a",
		"[0, 1, 2, 3, 4]\n"},
	{"a = [1, 2, 1]; a.remove(1); a", "[2, 1]\n"},
	{"[1].remove(2)", E("ValueError: ")},
	{"[1, 2].index(2), [1, 2, 1].count(1), (1, 2).index(2), (1, 1).count(1)",
		"(1, 2, 1, 2)\n"},
	{"[1].index(2)", E("ValueError: object not in sequence")},
	{"a = [3, 1, 2]; a.sort(); a", "[1, 2, 3]\n"},
	{"a = ['b', 'a']; a.sort(reverse=True); a", "['b', 'a']\n"},
	{"[1, 'a'].sort()", E("TypeError: unsupported type for operator")},
	{"a = [1, 2]; a.reverse(); b = a.copy(); a.clear(); a, b", "([], [2, 1])\n"},
	{"a = [3, 1, 2]; a.sort(key=str)", E("TypeError: unexpected keyword argument")},
	{"d = {'a': 1}; d.get('a'), d.get('b'), d.get('b', 2)", "(1, None, 2)\n"},
	{"d = {'a': 1, 'b': 2}; list(d), list(d.keys()), list(d.values()), "
	 "list(d.items())",
		"(['a', 'b'], ['a', 'b'], [1, 2], [('a', 1), ('b', 2)])\n"},
	{"for k, v in {'a': 1}.items(): print(k, v)", "a 1\n"},
	{"d = {'a': 1}; d.pop('a'), d.pop('a', 5), d", "(1, 5, {})\n"},
	{"{}.pop('x')", E("KeyError: x")},
	{"d = {'a': 1}; d.update({'b': 2}); d.update(c=3); d",
		"{'a': 1, 'b': 2, 'c': 3}\n"},
	{"d = {'a': 1}; d.setdefault('a', 2), d.setdefault('b', 3), d",
		"(1, 3, {'a': 1, 'b': 3})\n"},
	{"d = {'a': 1}; e = d.copy(); d.clear(); d, e", "({}, {'a': 1})\n"},
	{"{}.popitem()", E("KeyError: popitem(): dictionary is empty")},
	{"int.from_bytes(b'\\x01\\x02', 'little'), int.from_bytes(b'\\x01\\x02', "
	 "'big')",
		"(513, 258)\n"},
	{"(258).to_bytes(2, 'little'), (258).to_bytes(3, 'big')",
		"(b'\\x02\\x01', b'\\x00\\x01\\x02')\n"},
	{"(-1).to_bytes(2, 'little')", "b'\\xff\\xff'\n"},
	/* methods reached through their type want a self of it */
	{"str.upper('ab')", "'AB'\n"},
	{"str.upper(5)", E("TypeError: argument num/types mismatch")},
	{"list.append(5, 5)", E("TypeError: argument num/types mismatch")},
	{"list.pop(1000000)", E("TypeError: argument num/types mismatch")},
	{"dict.get(7, 1)", E("TypeError: argument num/types mismatch")},
	{"import machine; machine.Pin.value(3000)",
		E("TypeError: argument num/types mismatch")},
	/* exceptions */
	{"e = ValueError('a', 1); e.args, e", "(('a', 1), ValueError('a', 1))\n"},
	{"ValueError(), OSError(5), KeyError('k')",
		"(ValueError(), OSError(5,), KeyError('k',))\n"},
	{"print(ValueError('text'), OSError(2))", "text 2\n"},
	{"raise RuntimeError", E("RuntimeError: ")},
	{"ZeroDivisionError, StopIteration",
		"(<class 'ZeroDivisionError'>, <class 'StopIteration'>)\n"},
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

static void test_rows(bool always_collect)
{
	struct bench *bench = bench_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		py_start(&bench->board);
		files_close_all(&bench->board.files);
		bench->board.py.always_collect = always_collect;
		led_show(&bench->board, LED_HEARTBEAT, 0);
		EQ_STR(run(bench, rows[i].source), rows[i].prints, rows[i].source);
	}
	free(bench);
}

/* ---- what programs do to the machine -------------------------------------------------- */

static void test_machine(void)
{
	struct bench *bench = bench_new();
	struct wipy_board *board = &bench->board;
	struct hal *hal = &bench->hal;

	run(bench, "import machine; w = machine.WDT(0, timeout=1000)");
	EQ_INT(hal->watchdog_ms, 1000, "watchdog");
	board->watchdog.fed = false;
	run(bench, "w.feed()");
	OK(board->watchdog.by_program && board->watchdog.fed,
		"it is the board that feeds the machine's");
	run(bench, "p = machine.Pin('GP5', machine.Pin.OUT); p.value(1)");
	EQ_INT(hal->pin_mode[HAL_PIN_GP0 + 5], HAL_PIN_OUT, "pin");
	OK(hal->pin[HAL_PIN_GP0 + 5], "pin");
	run(bench, "q = machine.Pin('GP6', machine.Pin.IN, machine.Pin.PULL_DOWN)");
	EQ_INT(hal->pin_mode[HAL_PIN_GP0 + 6], HAL_PIN_IN_PULL_DOWN, "pin");
	hal->pin[HAL_PIN_GP0 + 6] = true;
	EQ_STR(run(bench, "q.value()"), "1\n", "pin");
	EQ_STR(run(bench, "machine.main('other.py')"), "", "main");
	EQ_STR(run(bench, "machine.reset()"), "", "reset");
	OK(board->reset_wanted, "reset");
	board->reset_wanted = false;
	py_start(board);
	EQ_STR(run(bench, "import machine; machine.soft_reset()"), "", "soft reset");
	OK(py_exit_wanted(board), "soft reset");
	free(bench);
}

static void test_server(void)
{
	struct bench *bench = bench_new();
	struct servers *servers = &bench->board.servers;

	run(bench, "import network; s = network.Server(login=('me', 'secret'), "
		   "timeout=60)");
	EQ_STR(servers->user, "me", "login");
	EQ_STR(servers->password, "secret", "login");
	EQ_INT(servers->timeout_ms, 60000, "login");
	/* the time-out is refused, the login counts all the same */
	EQ_STR(run(bench, "s.init(login=('you', 'x'), timeout=4)"),
		E("ValueError: invalid argument(s) value"), "order");
	EQ_STR(servers->user, "you", "order");
	run(bench, "s.timeout(5)");
	EQ_STR(servers->user, "you", "asking for the time-out of an object");
	EQ_INT(servers->timeout_ms, 5000, "asking for the time-out of an object");
	run(bench, "network.Server().timeout()");
	EQ_STR(servers->user, "micro", "the bare call");
	EQ_STR(servers->password, "python", "the bare call");
	EQ_INT(servers->timeout_ms, 300000, "the bare call");
	run(bench, "s.deinit()");
	OK(!servers->wanted, "deinit");
	run(bench, "s.init()");
	OK(servers->wanted, "init");
	free(bench);
}

static void test_wlan(void)
{
	struct bench *bench = bench_new();
	struct hal *hal = &bench->hal;

	run(bench, "from network import WLAN; w = WLAN(mode=WLAN.STA)");
	EQ_INT(hal->wlan_mode, HAL_WLAN_STA, "station");
	OK(bench->board.servers.restart, "station");
	run(bench, "w.connect('net', auth=(WLAN.WPA2, 'key'), timeout=5000)");
	EQ_STR(hal->ssid, "net", "connect");
	EQ_STR(hal->key, "key", "connect");
	EQ_STR(run(bench, "w.ssid(), w.mode()"), "('net', 0)\n", "connect");
	run(bench, "w.init(mode=WLAN.AP, ssid='mine', auth=(WLAN.WPA2, '12345678'))");
	EQ_INT(hal->wlan_mode, HAL_WLAN_AP, "access point");
	EQ_STR(hal->ssid, "mine", "access point");
	free(bench);
}

static void test_trial_names(void)
{
	struct bench *bench = bench_new();

	EQ_STR(run(bench, "import wipy; dir(wipy)"), "['__name__', 'heartbeat']\n",
		"classic");
	EQ_STR(run(bench, "hasattr(wipy, 'confirm'), hasattr(wipy, 'heartbeat')"),
		"(False, True)\n", "classic");
	bench->personality.wipy_trial = true;
	EQ_STR(run(bench, "dir(wipy)"),
		"['__name__', 'heartbeat', 'confirm', 'safeboot', 'slots']\n", "trial");
	EQ_STR(run(bench, "hasattr(wipy, 'confirm')"), "True\n", "trial");
	EQ_STR(run(bench, "wipy.safeboot(4)"),
		E("ValueError: invalid argument(s) value"), "trial");
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

	run(bench, "import os, machine");
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

/* Little memory: whatever fails says so, and the next line works. */
static void test_little_memory(void)
{
	static const char *const greedy[] = {
		"list(range(100000))",
		"'x' * 20000",
		"[str(i) for i in range(100000)]",
		"sum(range(1000000))",
		"'%100000d' % 1 * 50",
		"dict([(i, i) for i in range(10000)])",
	};
	struct bench *bench = bench_new();

	bench->board.settings.arena_len = 8192;
	for (size_t i = 0; i < sizeof(greedy) / sizeof(greedy[0]); i++) {
		py_start(&bench->board);
		OK(strstr(run(bench, greedy[i]), "MemoryError") != NULL, greedy[i]);
		EQ_STR(run(bench, "1 + 1"), "2\n", "afterwards");
	}
	free(bench);
}

/* ---- modules of the user ---------------------------------------------------------------- */

#define FRAME(file, line, name) "  File \"" file "\", line " line ", in " name "\n"

#define ME "import me\na = 1\nprint(me.a, dir(me))\nb = 2\n"

static const struct {
	const char *path;
	const char *text;
} sources[] = {
	{"/flash/config.py", "SSID = 'home'\n_hidden = 1\ncount = 0\ndef bump(by=1):\n"
			     "    global count\n    count += by\n    return count\n"
			     "def fail(x):\n    return [1 // y for y in [x]]\n"
			     "print('config runs as', __name__)\n"},
	{"/flash/lib/deep.py", "where = 'lib'\n"},
	{"/flash/lib/config.py", "where = 'never found'\n"},
	{"/flash/os.py", "print('never runs')\n"},
	{"/flash/broken.py", "x = 1\nx = = 2\n"},
	{"/flash/late.py", "x = 1\ny = 1 // x // (x - 1)\n"},
	{"/flash/outer.py", "import late\n"},
	{"/flash/me.py", ME},
	{"/flash/ping.py", "import pong\nball = 1\n"},
	{"/flash/pong.py", "import ping\nprint(dir(ping))\nfrom ping import ball\n"},
	{"/flash/star.py", "from star import *\nfrom config import *\nz = bump()\n"},
	{"/flash/lazy.py",
		"f = lambda x: 1 // x\nprint('lazy')\n"
		"try:\n    f(0)\nexcept ZeroDivisionError:\n    pass\nok = 1\n"},
	{"/flash/gone.py", "del __name__\n"},
	{"/flash/forever.py", "n = 0\nwhile True:\n    n += 1\n"},
	{"/flash/big.py", "big = 'x' * 60000\n"},
	{"/flash/leave.py", "import sys\nsys.exit()\n"},
	{"/flash/empty.py", ""},
	{"/flash/switch.py",
		"import os\ntry:\n    import work\nexcept ImportError as e:\n"
		"    print(e)\nos.chdir('/flash/sub')\nimport work\nwork.done\n"},
	{"/flash/sub/work.py", "done = 1\n"},
};

#define LINE1 TRACE
#define RUNS  "config runs as config\n"

static const struct row imports[] = {
	{"import config; config.SSID", RUNS "'home'\n"},
	{"import config; import config as c; c is config, c",
		RUNS "(True, <module 'config'>)\n"},
	{"from config import SSID, bump as b; b(), b(5), SSID",
		RUNS "(1, 6, 'home')\n"},
	{"import config; count = 7; config.bump(), count, config.count",
		RUNS "(1, 7, 1)\n"},
	{"import config; config.count = 9; config.bump()", RUNS "10\n"},
	{"import config; config.new = 9; dir(config)", RUNS
		"['__name__', 'SSID', '_hidden', 'count', 'bump', 'fail', 'new']\n"},
	{"import config; config.nothing",
		RUNS LINE1 "AttributeError: no such attribute\n"},
	{"import config; hasattr(config, 'SSID'), getattr(config, 'x', 5), "
	 "type(config), config == config, bool(config)",
		RUNS "(True, 5, <class 'module'>, True, True)\n"},
	{"from config import *; SSID, bump(), __name__; dir()",
		RUNS "('home', 1, '__main__')\n['__name__', 'SSID', 'count', 'bump', "
		     "'fail']\n"},
	{"from config import nothing", RUNS LINE1 "ImportError: cannot import name\n"},
	{"from os import nothing", LINE1 "ImportError: cannot import name\n"},
	{"from wipy import confirm", LINE1 "ImportError: cannot import name\n"},
	{"import deep; deep.where", "'lib'\n"},
	{"import os, deep; os.chdir('/flash/lib'); import config; config.where",
		"'never found'\n"},
	{"import sys; sys.path.clear(); import deep",
		LINE1 "ImportError: module not found\n"},
	{"import sys; sys.path.append(5); sys.path.append('/flash/sub/'); "
	 "import work; work.done",
		"1\n"},
	{"import sys; sys.path[0] = 'x' * 500; sys.path[1] = '/no/such'; import deep; "
	 "deep.where",
		"'lib'\n"},
	{"import nothere", LINE1 "ImportError: module not found\n"},
	{"import lib", LINE1 "ImportError: module not found\n"},
	{"import os; os.getcwd()", "'/flash'\n"},
	{"import switch", "module not found\n"},
	{"import empty; dir(empty)", "['__name__']\n"},
	{"import gone; gone", "<module ''>\n"},
	{"import config; help(config.bump)",
		RUNS "object <function> is of type function\n"},
	{"import deep; help(deep)",
		"object <module 'deep'> is of type module\n  __name__ -- deep\n"
		"  where -- lib\n"},
	/* errors */
	{"import config; config.fail(0)",
		RUNS LINE1 FRAME("config.py", "9",
			"fail") "ZeroDivisionError: division by zero\n"},
	{"import broken", LINE1 "  File \"broken.py\", line 2\n"
				"SyntaxError: invalid syntax\n"},
	{"import outer", LINE1 FRAME("outer.py", "1", "<module>") FRAME("late.py", "2",
				 "<module>") "ZeroDivisionError: division by zero\n"},
	{"import lazy; lazy.f(0)",
		"lazy\n" LINE1 FRAME("lazy.py", "1",
			"<lambda>") "ZeroDivisionError: division by zero\n"},
	{"import lazy; import lazy as l; l.ok", "lazy\n1\n"},
	{"import big", LINE1 FRAME("big.py", "1", "<module>") "MemoryError: *"},
	{"import leave; print(1)", ""},
	/* circles */
	{"import me; me.a, me.b, me.me is me",
		"1 ['__name__', 'me', 'a']\n(1, 2, True)\n"},
	{"import ping", "['__name__']\n" LINE1 FRAME("ping.py", "1", "<module>") FRAME(
				"pong.py", "3",
				"<module>") "ImportError: cannot import name\n"},
	{"import star; star.z, dir(star)",
		RUNS "(1, ['__name__', 'SSID', 'count', 'bump', 'fail', 'z'])\n"},
};

static void put_file(struct wipy_board *board, const char *path, const char *text)
{
	size_t len = strlen(text);
	int file = files_open(&board->files, path, FILES_WRITE);

	OK(file >= 0, path);
	if (file < 0)
		return;
	EQ_INT(files_write(&board->files, file, text, len), len, path);
	EQ_INT(files_close(&board->files, file), 0, path);
}

static struct bench *bench_with_modules(void)
{
	struct bench *bench = bench_new();

	OK(files_mkdir(&bench->board.files, "/flash/sub") == 0, "folder");
	(void)!files_mkdir(&bench->board.files, "/flash/lib");
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		put_file(&bench->board, sources[i].path, sources[i].text);
	return bench;
}

/* A star at the end of what is expected: anything. */
static bool is_like(const char *got, const char *expected)
{
	size_t len = strlen(expected);

	if (len > 0 && expected[len - 1] == '*')
		return strncmp(got, expected, len - 1) == 0;
	return strcmp(got, expected) == 0;
}

static void test_imports(const char *how, uint16_t slice, bool always_collect)
{
	struct bench *bench = bench_with_modules();
	struct wipy_board *board = &bench->board;

	for (size_t i = 0; i < sizeof(imports) / sizeof(imports[0]); i++) {
		const char *got;

		board->py.slice = slice;
		py_start(board);
		board->py.always_collect = always_collect;
		got = run(bench, imports[i].source);
		OK(is_like(got, imports[i].prints), imports[i].source);
		if (!is_like(got, imports[i].prints))
			printf("# %s: %s\n", how, got);
		EQ_INT(board->py.depth, 0, "all frames are gone");
	}
	free(bench);
}

/* What fails leaves nothing behind, what is stopped neither. */
static void test_import_again(void)
{
	struct bench *bench = bench_with_modules();
	struct wipy_board *board = &bench->board;

	run(bench, "import late");
	EQ_STR(run(bench, "late"), E("NameError: name not defined"), "no name");
	put_file(board, "/flash/late.py", "x = 5\n");
	EQ_STR(run(bench, "import late; late.x"), "5\n", "repaired");
	put_file(board, "/flash/late.py", "x = 6\n");
	EQ_STR(run(bench, "import late; late.x"), "5\n", "runs once");
	EQ_STR(run(bench, "[x for x in range(300)] and late.x"), "5\n", "kept");
	put_file(board, "/flash/big.py", "x = 7\n");
	EQ_STR(run(bench, "import big; big.x"), "7\n", "memory is back");
	py_start(board);
	EQ_STR(run(bench, "import late; late.x"), "6\n", "soft reset");
	/* Ctrl-C, and a run that is dropped for the next one */
	for (int i = 0; i < 2; i++) {
		py_run_text(board, PY_SINGLE, "import forever", 14);
		for (int n = 0; n < 50; n++)
			(void)py_step(board, bench->hal.now_ms);
		OK(!py_is_idle(board), "runs");
		if (i == 0) {
			py_interrupt(board);
			(void)py_step(board, bench->hal.now_ms);
			OK(py_failed(board), "interrupted");
		}
		put_file(board, "/flash/forever.py", "n = 'new'\n");
		EQ_STR(run(bench, "import forever; forever.n"), "'new'\n", "again");
		put_file(board, "/flash/forever.py", "while True: pass\n");
		py_start(board);
	}
	/* files that programs hold and have lost */
	EQ_STR(run(bench, "[open('config.py') for i in range(4)] and None"), "", "4");
	EQ_STR(run(bench, "import deep; deep.where"), "'lib'\n", "lost files");
	EQ_STR(run(bench, "a = [open('config.py') for i in range(4)]"), "", "4");
	EQ_STR(run(bench, "import config"), E("OSError: 23"), "held files");
	EQ_STR(run(bench, "a = None"), "", "let go");
	EQ_STR(run(bench, "import config"), RUNS, "let go");
	free(bench);
}

/* A main program and its module, in much and in little memory. */
static void test_import_main(size_t arena_len)
{
	struct bench *bench = bench_with_modules();
	struct wipy_board *board = &bench->board;

	put_file(board, "/flash/main.py",
		"import config\nfrom deep import where\n\ndef go():\n"
		"    print(config.SSID, where)\n    config.fail(0)\n\ngo()\n");
	board->settings.arena_len = arena_len;
	py_start(board);
	bench->hal.out_len = 0;
	EQ_INT(py_run_file(board, "main.py"), 0, "main.py");
	while (!py_is_idle(board))
		(void)py_step(board, bench->hal.now_ms);
	OK(py_failed(board), "main.py");
	py_show_error(board);
	EQ_STR(bench->hal.out,
		RUNS "home lib\nTraceback (most recent call last):\n" FRAME("main.py",
			"8", "<module>") FRAME("main.py", "6", "go") FRAME("config.py",
			"9", "fail") "ZeroDivisionError: division by zero\n",
		"main.py");
	/* what the prompt imports is the same module */
	EQ_STR(run(bench, "config.bump()"), "1\n", "the prompt");
	EQ_STR(run(bench, "import config; config.bump()"), "2\n", "the prompt");
	free(bench);
}

/* Memory may end anywhere in an import: it says so, and nothing is left behind. */
static void test_import_memory(void)
{
	struct bench *bench = bench_with_modules();
	struct wipy_board *board = &bench->board;
	int good = 0, bad = 0;

	board->settings.arena_len = PY_ARENA_MIN;
	for (int len = 0; len < PY_ARENA_MIN - 512; len += 8) {
		const char *got;
		char fill[32];
		bool failed;

		snprintf(fill, sizeof(fill), "a = 'x' * %d", len);
		py_start(board);
		EQ_STR(run(bench, fill), "", "fills");
		got = run(bench, "import config, me");
		failed = strstr(got, "MemoryError") || strstr(got, "RuntimeError");
		if (failed)
			bad++;
		else if (strcmp(got, RUNS "1 ['__name__', 'me', 'a']\n") == 0)
			good++;
		else
			OK(false, got);
		got = run(bench, "1 + 1");
		OK(strcmp(got, "2\n") == 0 || strstr(got, "MemoryError"), "next line");
		put_file(board, "/flash/me.py", "");
		got = run(bench, "import me; dir(me)");
		if (failed && !strstr(got, "Error"))
			EQ_STR(got, "['__name__']\n", "begins anew");
		put_file(board, "/flash/me.py", ME);
	}
	OK(good > 0 && bad > 0, "both happen");
	free(bench);
}

/* Each imports the next one: the depth is bounded as that of calls is. */
static void test_import_depth(void)
{
	struct bench *bench = bench_new();
	char path[32], text[32];

	for (int i = 0; i < 30; i++) {
		snprintf(path, sizeof(path), "/flash/m%d.py", i);
		snprintf(text, sizeof(text), "import m%d\n", i + 1);
		put_file(&bench->board, path, text);
	}
	bench->board.settings.arena_len = 4096;
	py_start(&bench->board);
	OK(strstr(run(bench, "import m0"),
		   "RuntimeError: maximum recursion depth exceeded") ||
			strstr(bench->hal.out, "MemoryError"),
		"a chain that is too long");
	EQ_STR(run(bench, "1 + 1"), "2\n", "afterwards");
	free(bench);
}

/* However long names and messages are. */
static void test_error_length(void)
{
	struct bench *bench = bench_new();

	put_file(&bench->board, "/flash/long.py",
		"def "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa(n)"
		":\n"
		"    if n == 0:\n        raise ValueError('y' * 3000)\n"
		"    "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa(n "
		"- 1)\n"
		"a = "
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"\n");
	for (int n = 0; n < 20; n += 19) {
		const char *got =
			run(bench, n ? "long.a(19)" : "import long; long.a(0)");

		OK(strlen(got) <= 1024, "1 KiB");
		OK(strlen(got) > 900, "not much less");
		OK(strstr(got, "\nValueError: yyyyyyyy") != NULL, "the message");
	}
	free(bench);
}

/* Names that end in the middle of TAB. */
static void test_complete_module(void)
{
	struct bench *bench = bench_with_modules();
	char buf[32];

	run(bench, "import config");
	EQ_STR(py_complete(&bench->board, "config.S", 8, 0, buf, sizeof(buf)), "SSID",
		"TAB in a module");
	OK(!py_complete(&bench->board, "config.S", 8, 1, buf, sizeof(buf)), "no more");
	run(bench, "config.os = config");
	EQ_STR(py_complete(&bench->board, "config.os.bu", 12, 0, buf, sizeof(buf)),
		"bump", "TAB in a module");
	free(bench);
}

int main(void)
{
	test_imports("usual", 0, false);
	test_imports("slices of one", 1, false);
	test_imports("all tried twice", 0, true);
	test_import_again();
	test_import_main(ARENA);
	test_import_main(8192);
	test_import_memory();
	test_import_depth();
	test_error_length();
	test_complete_module();
	test_rows(false);
	test_rows(true);
	test_machine();
	test_server();
	test_wlan();
	test_trial_names();
	test_complete();
	test_little_memory();
	return tap_done();
}
