/* SPDX-License-Identifier: MIT
 *
 * Modules of the user: files that are imported.
 */
#include <stdio.h>

#include "tests/unit/py_bench.h"

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

static const struct bench_row imports[] = {
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

static struct bench *bench_with_modules(void)
{
	struct bench *bench = bench_new();

	OK(files_mkdir(&bench->board.files, "/flash/sub") == 0, "folder");
	(void)!files_mkdir(&bench->board.files, "/flash/lib");
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		bench_put_file(&bench->board, sources[i].path, sources[i].text);
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
		got = bench_run(bench, imports[i].source);
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

	bench_run(bench, "import late");
	EQ_STR(bench_run(bench, "late"), E("NameError: name not defined"), "no name");
	bench_put_file(board, "/flash/late.py", "x = 5\n");
	EQ_STR(bench_run(bench, "import late; late.x"), "5\n", "repaired");
	bench_put_file(board, "/flash/late.py", "x = 6\n");
	EQ_STR(bench_run(bench, "import late; late.x"), "5\n", "runs once");
	EQ_STR(bench_run(bench, "[x for x in range(300)] and late.x"), "5\n", "kept");
	bench_put_file(board, "/flash/big.py", "x = 7\n");
	EQ_STR(bench_run(bench, "import big; big.x"), "7\n", "memory is back");
	py_start(board);
	EQ_STR(bench_run(bench, "import late; late.x"), "6\n", "soft reset");
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
		bench_put_file(board, "/flash/forever.py", "n = 'new'\n");
		EQ_STR(bench_run(bench, "import forever; forever.n"), "'new'\n",
			"again");
		bench_put_file(board, "/flash/forever.py", "while True: pass\n");
		py_start(board);
	}
	/* files that programs hold and have lost */
	EQ_STR(bench_run(bench, "[open('config.py') for i in range(4)] and None"), "",
		"4");
	EQ_STR(bench_run(bench, "import deep; deep.where"), "'lib'\n", "lost files");
	EQ_STR(bench_run(bench, "a = [open('config.py') for i in range(4)]"), "", "4");
	EQ_STR(bench_run(bench, "import config"), E("OSError: 23"), "held files");
	EQ_STR(bench_run(bench, "a = None"), "", "let go");
	EQ_STR(bench_run(bench, "import config"), RUNS, "let go");
	free(bench);
}

/* A main program and its module, in much and in little memory. */
static void test_import_main(size_t arena_len)
{
	struct bench *bench = bench_with_modules();
	struct wipy_board *board = &bench->board;

	bench_put_file(board, "/flash/main.py",
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
	EQ_STR(bench_run(bench, "config.bump()"), "1\n", "the prompt");
	EQ_STR(bench_run(bench, "import config; config.bump()"), "2\n", "the prompt");
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
		EQ_STR(bench_run(bench, fill), "", "fills");
		got = bench_run(bench, "import config, me");
		failed = strstr(got, "MemoryError") || strstr(got, "RuntimeError");
		if (failed)
			bad++;
		else if (strcmp(got, RUNS "1 ['__name__', 'me', 'a']\n") == 0)
			good++;
		else
			OK(false, got);
		got = bench_run(bench, "1 + 1");
		OK(strcmp(got, "2\n") == 0 || strstr(got, "MemoryError"), "next line");
		bench_put_file(board, "/flash/me.py", "");
		got = bench_run(bench, "import me; dir(me)");
		if (failed && !strstr(got, "Error"))
			EQ_STR(got, "['__name__']\n", "begins anew");
		bench_put_file(board, "/flash/me.py", ME);
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
		bench_put_file(&bench->board, path, text);
	}
	bench->board.settings.arena_len = 4096;
	py_start(&bench->board);
	OK(strstr(bench_run(bench, "import m0"),
		   "RuntimeError: maximum recursion depth exceeded") ||
			strstr(bench->hal.out, "MemoryError"),
		"a chain that is too long");
	EQ_STR(bench_run(bench, "1 + 1"), "2\n", "afterwards");
	free(bench);
}

/* However long names and messages are. */
static void test_error_length(void)
{
	struct bench *bench = bench_new();

	bench_put_file(&bench->board, "/flash/long.py",
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
			bench_run(bench, n ? "long.a(19)" : "import long; long.a(0)");

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

	bench_run(bench, "import config");
	EQ_STR(py_complete(&bench->board, "config.S", 8, 0, buf, sizeof(buf)), "SSID",
		"TAB in a module");
	OK(!py_complete(&bench->board, "config.S", 8, 1, buf, sizeof(buf)), "no more");
	bench_run(bench, "config.os = config");
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
	test_import_main(BENCH_ARENA);
	test_import_main(8192);
	test_import_memory();
	test_import_depth();
	test_error_length();
	test_complete_module();
	return tap_done();
}
