/* SPDX-License-Identifier: MIT
 *
 * Builtins, and the methods of their types.
 */
#include "tests/unit/py_bench.h"

static const struct bench_row rows[] = {
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
	{"len('%2000d' % 1), len('{:2000}'.format(1)), len('%1500s' % 'a')",
		"(2000, 2000, 1500)\n"},
	{"len('%.1500s' % ('a' * 1600)), '%*d|%*d' % (-3, 1, 3, 2)",
		"(1500, '1  |  2')\n"},
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
};

/* Little memory: whatever fails says so, and the next line works. */
static void test_little_memory(void)
{
	static const char *const greedy[] = {
		"list(range(100000))",
		"'x' * 20000",
		"[str(i) for i in range(100000)]",
		"sum(range(1000000))",
		"'%100000d' % 1 * 50",
		"'%99999999999d' % 1",
		"'%*s' % (1073741823, '')",
		"'{:70000}'.format(1)",
		"'{:9999}'.format(1)",
		"dict([(i, i) for i in range(10000)])",
	};
	struct bench *bench = bench_new();

	bench->board.settings.arena_len = 8192;
	for (size_t i = 0; i < sizeof(greedy) / sizeof(greedy[0]); i++) {
		py_start(&bench->board);
		OK(strstr(bench_run(bench, greedy[i]), "MemoryError") != NULL,
			greedy[i]);
		EQ_STR(bench_run(bench, "1 + 1"), "2\n", "afterwards");
	}
	free(bench);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % below;
}

/* Few letters, and some repetition. */
static size_t draw_text(uint32_t *seed, char *text, uint32_t most)
{
	size_t len = draw(seed, most + 1);
	uint32_t letters = 1 + draw(seed, 3), period = 1 + draw(seed, most);

	for (size_t i = 0; i < len; i++)
		text[i] = i < period ? (char)('a' + draw(seed, letters))
				     : text[i - period];
	if (len > 0 && draw(seed, 3) == 0)
		text[draw(seed, (uint32_t)len)] ^= 1;
	return len;
}

static void test_find(void)
{
	char in[48], what[16];
	uint32_t seed = 1;
	int wrong = 0, found = 0;

	for (int n = 0; n < 100000; n++) {
		size_t in_len = draw_text(&seed, in, sizeof(in));
		size_t len = draw_text(&seed, what, sizeof(what));
		size_t first = PY_NOWHERE, last = PY_NOWHERE;

		for (size_t at = 0; at + len <= in_len; at++) {
			if (memcmp(in + at, what, len) != 0)
				continue;
			first = first == PY_NOWHERE ? at : first;
			last = at;
		}
		found += first != PY_NOWHERE;
		wrong += py_find(in, in_len, what, len, false) != first ||
			 py_find(in, in_len, what, len, true) != last;
	}
	EQ_INT(wrong, 0, "bytes are found where they are, and nowhere else");
	OK(found > 20000 && found < 80000, "often, but not always");
}

int main(void)
{
	test_find();
	bench_check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
	bench_check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
	test_little_memory();
	return tap_done();
}
