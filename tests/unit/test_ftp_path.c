/* SPDX-License-Identifier: MIT
 *
 * Paths of the FTP server, and the lines and times that it shows.
 */
#include "tests/tap.h"

#include "firmware/core/ftp_list.h"
#include "firmware/core/ftp_path.h"

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *folder, *name, *path; /* NULL: too long */
} joins[] = {
	{"/", "flash", "/flash"},
	{"/", "", "/"},
	{"/", "/", "/"},
	{"/", "//", "/"},
	{"/flash", "", "/flash"},
	{"/flash", "sys", "/flash/sys"},
	{"/flash", "sys/", "/flash/sys"},
	{"/flash", "sys//", "/flash/sys/"},
	{"/flash", "/x", "/x"},
	{"/flash", "/flash/sys/mcuimg.bin/", "/flash/sys/mcuimg.bin"},
	{"/flash", "//x", "//x"},
	{"/flash", "..", "/flash/.."},
	{"/flash/sys", "./a", "/flash/sys/./a"},
	{"/flash", "a b", "/flash/a b"},
	{"/" LONG_64, LONG_64 "/", NULL},
	{"/", LONG_64 LONG_64, NULL},
	{"/", LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef012345678901234",
		"/" LONG_64
		"0123456789abcdef0123456789abcdef0123456789abcdef012345678901234"},
};

static void test_join(void)
{
	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
		char path[FILES_PATH_MAX];
		bool ok = ftp_path_join(joins[i].folder, joins[i].name, path);

		OK(ok == (joins[i].path != NULL), joins[i].name);
		if (ok && joins[i].path)
			EQ_STR(path, joins[i].path, joins[i].name);
	}
}

static const struct {
	const char *path, *above;
} ups[] = {
	{"/", "/"},
	{"/flash", "/"},
	{"/flash/sys", "/flash"},
	{"/flash/", "/flash"},
	{"/flash/..", "/flash"},
};

/* What the working folder is behind a command with this name. */
static const struct {
	const char *folder, *name, *after;
} leaves[] = {
	{"/flash", "x", "/flash"},
	{"/flash", "sys/", "/flash"},
	{"/flash", "", "/flash"},
	{"/flash/sys", "/flash/sys/x", "/"},
	{"/flash", "/x/", "/"},
	{"/", "x", "/"},
};

static void test_folders(void)
{
	char path[FILES_PATH_MAX];

	for (size_t i = 0; i < sizeof(ups) / sizeof(ups[0]); i++) {
		strcpy(path, ups[i].path);
		ftp_path_up(path);
		EQ_STR(path, ups[i].above, ups[i].path);
	}
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		strcpy(path, leaves[i].folder);
		ftp_path_leave(path, leaves[i].name);
		EQ_STR(path, leaves[i].after, leaves[i].name);
	}
}

static const struct {
	const char *path, *resolved;
	bool is_root;
} resolves[] = {
	{"/", "/", true},
	{"/flash", "/flash", true},
	{"/flash/", "/flash", true},
	{"/flash//", "/flash", true},
	{"/flash/..", "/flash", true},
	{"/flash/../..", "/flash", true},
	{"/flash/.", "/flash", true},
	{"/flash/sys/..", "/flash", true},
	{"/flash/sys/../lib/x", "/flash/lib/x", false},
	{"/flash//sys//x", "/flash/sys/x", false},
	{"/flash/./x", "/flash/x", false},
	{"/flash/...", "/flash/...", false},
	{"/flash/.x", "/flash/.x", false},
	{"/flash/..x", "/flash/..x", false},
	{"/flashy/..", "/flashy/..", false},
	{"/FLASH", "/FLASH", false},
	{"//flash", "//flash", false},
	{"/..", "/..", false},
};

static void test_resolve(void)
{
	for (size_t i = 0; i < sizeof(resolves) / sizeof(resolves[0]); i++) {
		char path[FILES_PATH_MAX];

		ftp_path_resolve(resolves[i].path, path);
		EQ_STR(path, resolves[i].resolved, resolves[i].path);
		EQ_INT(ftp_path_is_root(path), resolves[i].is_root, resolves[i].path);
	}
}

/* ---- what is shown -------------------------------------------------------------- */

#define DAY   86400
#define Y2015 473385600 /* 2015-01-01 */

static const struct {
	struct files_entry entry;
	int64_t now_s;
	const char *line;
} lines[] = {
	{{.name = "main.py", .size = 34, .modified_s = Y2015}, Y2015 + 5,
		"-rw-rw-r--   1 root  root        34 Jan  1 00:00 main.py\r\n"},
	{{.name = "sys", .is_folder = true, .modified_s = Y2015}, Y2015,
		"drw-rw-r--   1 root  root         0 Jan  1 00:00 sys\r\n"},
	/* 180 days to the second, then the year */
	{{.name = "a", .modified_s = Y2015}, Y2015 + 180 * DAY,
		"-rw-rw-r--   1 root  root         0 Jan  1 00:00 a\r\n"},
	{{.name = "a", .modified_s = Y2015}, Y2015 + 180 * DAY + 1,
		"-rw-rw-r--   1 root  root         0 Jan  1  2015 a\r\n"},
	/* later than the board's clock */
	{{.name = "a", .modified_s = Y2015 + 1}, Y2015,
		"-rw-rw-r--   1 root  root         0 Jan  1  2015 a\r\n"},
	{{.name = "aug.txt",
		 .size = 1,
		 .modified_s = Y2015 + 220 * DAY + 3600 * 9 + 60},
		Y2015 + 221 * DAY,
		"-rw-rw-r--   1 root  root         1 Ago  9 09:01 aug.txt\r\n"},
	{{.name = "a b", .size = 176128, .modified_s = Y2015 + 365 * DAY - 1},
		Y2015 + 365 * DAY,
		"-rw-rw-r--   1 root  root    176128 Dec 31 23:59 a b\r\n"},
	{{.name = "big", .size = 4294967295, .modified_s = Y2015}, Y2015,
		"-rw-rw-r--   1 root  root 4294967295 Jan  1 00:00 big\r\n"},
};

static const struct {
	int64_t time_s;
	const char *stamp;
} stamps[] = {
	{Y2015, "20150101000000"},
	{Y2015 + 59, "20150101000058"}, /* steps of two seconds */
	{Y2015 + 220 * DAY, "20150809000000"},
	{0, "20000101000000"},
	{-1, "20000101000000"},
	{59 * DAY, "20000229000000"},
	{60 * DAY, "20000301000000"},
	{Y2015 + 424 * DAY, "20160229000000"},
	{Y2015 + 425 * DAY + DAY - 1, "20160301235958"},
	{3155759999, "20991231235958"},
	{3155760000 + 59 * (int64_t)DAY, "21000301000000"}, /* no leap year */
	{INT64_MAX, "21071231153006"},
};

static void test_shown(void)
{
	char buf[FTP_LIST_LINE_MAX];
	struct wipy_text text;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		wipy_text_init(&text, buf, sizeof(buf));
		ftp_list_line(&text, &lines[i].entry, lines[i].now_s);
		EQ_STR(buf, lines[i].line, lines[i].entry.name);
	}
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		wipy_text_init(&text, buf, sizeof(buf));
		ftp_list_stamp(&text, stamps[i].time_s);
		EQ_STR(buf, stamps[i].stamp, stamps[i].stamp);
	}
}

/* The longest name with the largest size fits a line. */
static void test_longest(void)
{
	char buf[FTP_LIST_LINE_MAX];
	struct files_entry entry = {.size = 4294967295};
	struct wipy_text text;

	memset(entry.name, 'n', FILES_NAME_MAX);
	wipy_text_init(&text, buf, sizeof(buf));
	ftp_list_line(&text, &entry, 0);
	OK(!text.cut, "a line of the longest name");
	EQ_STR(buf + text.len - 3, "n\r\n", "has its end");
}

int main(void)
{
	test_join();
	test_folders();
	test_resolve();
	test_shown();
	test_longest();
	return tap_done();
}
