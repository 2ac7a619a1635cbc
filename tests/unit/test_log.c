/* SPDX-License-Identifier: MIT
 *
 * Log lines, read back from the far end of stderr.
 */
#include "config.h"

#include "daemon/edge/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"

static int far_end;
static char seen[1 << 18];

/* What was written since the last call. */
static const char *read_seen(void)
{
	ssize_t n = read(far_end, seen, sizeof(seen) - 1);

	seen[n > 0 ? n : 0] = '\0';
	return seen;
}

static const struct {
	const char *name;
	enum log_level level, threshold;
	const char *text, *expected;
} lines[] = {
	{"error", LOG_LEVEL_ERROR, LOG_LEVEL_INFO, "broken", "<3>test: broken\n"},
	{"warning", LOG_LEVEL_WARN, LOG_LEVEL_INFO, "odd", "<4>test: odd\n"},
	{"info", LOG_LEVEL_INFO, LOG_LEVEL_INFO, "fine", "<6>test: fine\n"},
	{"debug shown", LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG, "detail",
		"<7>test: detail\n"},
	{"debug hidden", LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, "detail", ""},
	{"info hidden", LOG_LEVEL_INFO, LOG_LEVEL_WARN, "fine", ""},
	{"warning hidden", LOG_LEVEL_WARN, LOG_LEVEL_ERROR, "odd", ""},
	{"error always", LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, "broken",
		"<3>test: broken\n"},
	{"empty", LOG_LEVEL_INFO, LOG_LEVEL_INFO, "", "<6>test: \n"},
	{"forged line", LOG_LEVEL_INFO, LOG_LEVEL_INFO, "a\r\n<3>wipyd: b",
		"<6>test: a?\?<3>wipyd: b\n"},
	{"escapes", LOG_LEVEL_INFO, LOG_LEVEL_INFO, "\x1b[2J\t\x7f\x01",
		"<6>test: ?[2J???\n"},
	{"UTF-8 kept", LOG_LEVEL_INFO, LOG_LEVEL_INFO,
		"\xc3\xbc \xe2\x82\xac \xf0\x9f\x90\x8d",
		"<6>test: \xc3\xbc \xe2\x82\xac \xf0\x9f\x90\x8d\n"},
	{"C1 controls", LOG_LEVEL_INFO, LOG_LEVEL_INFO,
		"\xc2\x9b"
		"2J \xc2\xa0",
		"<6>test: ??2J \xc2\xa0\n"},
	{"not UTF-8", LOG_LEVEL_INFO, LOG_LEVEL_INFO,
		"\xff \xc3( \xc0\xaf \xed\xa0\x80 \xe2\x82",
		"<6>test: ? ?( ?? ??? ??\n"},
};

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		log_init(lines[i].threshold, true);
		log_write(lines[i].level, "test", "%s", lines[i].text);
		EQ_STR(read_seen(), lines[i].expected, lines[i].name);
	}
}

static void test_terminal(void)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
	const char *text;
	bool good = true;

	log_init(LOG_LEVEL_INFO, false);
	log_warn("test", "board=%s tries=%d", "lab-01", 3);
	text = read_seen();
	for (size_t i = 0; i < sizeof(form) - 1 && good; i++)
		good = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9'
				      : text[i] == form[i];
	OK(good, "a time stamp without the journal");
	EQ_STR(good ? text + sizeof(form) - 1 : "", "warn test: board=lab-01 tries=3\n",
		"level, tag and text");
}

static void test_limits(void)
{
	char text[3000], tag[200];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(tag, 't', sizeof(tag) - 1);
	tag[sizeof(tag) - 1] = '\0';
	log_init(LOG_LEVEL_INFO, true);
	log_info("test", "%s", text);
	EQ_INT(strlen(read_seen()), 1024, "a long line is cut to 1 KiB");
	OK(strcmp(seen + 1022, "x\n") == 0, "and ended");
	log_info(tag, "%s", text);
	EQ_INT(strlen(read_seen()), 1024, "also with a long tag");
	memcpy(text + 1024 - 11, "\xe2\x82\xac", 3);
	log_info("test", "%s", text);
	OK(strcmp(read_seen() + 1021, "x?\n") == 0 || strcmp(seen + 1020, "x??\n") == 0,
		"half a character at the cut is shown as '?'");
	errno = ENOENT;
	log_info("test", "%m");
	EQ_INT(errno, ENOENT, "errno is left alone");
	EQ_STR(read_seen(), "<6>test: No such file or directory\n",
		"errno in the text");
}

#define THREADS 4
#define ROUNDS  200

static void *write_many(void *arg)
{
	for (int i = 0; i < ROUNDS; i++)
		log_info("test", "thread=%d %s", *(int *)arg,
			"abcdefghijklmnopqrstuvwxyz");
	return NULL;
}

static void test_threads(void)
{
	pthread_t thread[THREADS];
	int number[THREADS];
	int count = 0;
	bool whole = true;

	log_init(LOG_LEVEL_INFO, true);
	for (int i = 0; i < THREADS; i++) {
		number[i] = i;
		if (pthread_create(&thread[i], NULL, write_many, &number[i]))
			abort();
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	read_seen();
	for (char *line = strtok(seen, "\n"); line; line = strtok(NULL, "\n")) {
		count++;
		whole = whole && strncmp(line, "<6>test: thread=", 16) == 0 &&
			strcmp(line + 17, " abcdefghijklmnopqrstuvwxyz") == 0;
	}
	EQ_INT(count, THREADS * ROUNDS, "a line each, from several threads");
	OK(whole, "never mixed");
}

int main(void)
{
	int ends[2], before = dup(STDERR_FILENO);

	if (pipe2(ends, O_CLOEXEC) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		abort();
	far_end = ends[0];
	fcntl(far_end, F_SETFL, O_NONBLOCK);
	fcntl(far_end, F_SETPIPE_SZ, 1 << 18);
	test_lines();
	test_terminal();
	test_limits();
	test_threads();
	dup2(before, STDERR_FILENO);
	return tap_done();
}
