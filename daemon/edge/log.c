/* SPDX-License-Identifier: MIT
 *
 * Log lines on stderr. Each line is built in a buffer on the stack and leaves in one
 * write(2), so that lines of several threads never mix and nothing is lost in a buffer
 * when the process dies. Owns the two mutable globals that the project allows.
 */
#include "config.h"

#include "daemon/edge/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024 /* with the line feed */

static enum log_level log_level = LOG_LEVEL_INFO;
static bool log_journal;

static const struct {
	const char *word;
	const char *priority; /* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", "<3>"},
	[LOG_LEVEL_WARN] = {"warn", "<4>"},
	[LOG_LEVEL_INFO] = {"info", "<6>"},
	[LOG_LEVEL_DEBUG] = {"debug", "<7>"},
};

void log_init(enum log_level level, bool journal)
{
	log_level = level;
	log_journal = journal;
}

/* The length of the printable UTF-8 sequence at s, or 0. The control characters of
 * ISO 6429 (C2 80 .. C2 9F) drive a terminal just as ESC does. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first, last;   /* of the leading byte */
		unsigned char second, until; /* of the byte behind it */
		size_t len;
	} rows[] = {
		{0x20, 0x7e, 0, 0, 1},
		{0xc2, 0xc2, 0xa0, 0xbf, 2},
		{0xc3, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (s[0] < rows[i].first || s[0] > rows[i].last || len < rows[i].len)
			continue;
		if (rows[i].len > 1 && (s[1] < rows[i].second || s[1] > rows[i].until))
			continue;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

/* journald stores a line that is not UTF-8 as a blob which nobody reads; so such bytes
 * become '?' as well. */
static void clean(char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len((const unsigned char *)text + i, len - i);

		if (n == 0)
			text[i++] = '?';
		i += n;
	}
}

/* snprintf's idea of the length, held within the buffer. */
static size_t held(int n, size_t cap)
{
	if (n < 0)
		return 0;
	return (size_t)n < cap ? (size_t)n : cap - 1;
}

static size_t put_head(char *line, size_t cap, enum log_level level, const char *tag)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	/* The journal stamps each line itself. */
	if (log_journal)
		return held(
			snprintf(line, cap, "%s%.32s: ", levels[level].priority, tag),
			cap);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(line, cap, "%Y-%m-%dT%H:%M:%S", &tm);
	return len + held(snprintf(line + len, cap - len, ".%03ldZ %s %.32s: ",
				  now.tv_nsec / 1000000, levels[level].word, tag),
			     cap - len);
}

void log_write(enum log_level level, const char *tag, const char *format, ...)
{
	/* A last byte beyond the text, so that a line that fills it can still be ended. */
	char line[LINE_MAX_LEN];
	int saved = errno;
	size_t head, len;
	va_list args;

	if (level > log_level)
		return;
	head = put_head(line, sizeof(line), level, tag);
	errno = saved; /* a %m in the format means the caller's */
	va_start(args, format);
	len = head + held(vsnprintf(line + head, sizeof(line) - head, format, args),
			     sizeof(line) - head);
	va_end(args);
	clean(line + head, len - head);
	line[len++] = '\n';
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		;
	errno = saved;
}
