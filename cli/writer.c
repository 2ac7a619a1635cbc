/* SPDX-License-Identifier: MIT
 *
 * The one place that knows the terminal. Blanks are held back until something follows,
 * so that no line ends in them; the column is counted, so that a live display can be cut
 * instead of wrapped.
 */
#include "config.h"

#include "cli/writer.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/glyph.h"
#include "cli/when.h"

#define KEY_INDENT 2

static const char *const style_codes[STYLE_COUNT] = {
	[STYLE_PLAIN] = "",
	[STYLE_HEAD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_WARN] = "\033[33m",
	[STYLE_BAD] = "\033[1;31m",
};

static void writer_measure(struct writer *writer)
{
	struct winsize size;

	writer->width = 80;
	writer->lines_max = 24;
	if (ioctl(fileno(writer->stream), TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_col > 0)
		writer->width = size.ws_col;
	if (size.ws_row > 0)
		writer->lines_max = size.ws_row;
}

void writer_init(struct writer *writer, FILE *stream)
{
	int fd = fileno(stream);
	const char *term = getenv("TERM");

	*writer = (struct writer){.stream = stream, .now_s = time(NULL)};
	if (fd < 0 || !isatty(fd))
		return;
	writer_measure(writer);
	writer->terminal = term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
	writer->color = writer->terminal;
}

/* The stream remembers that a write failed; why is known only right afterwards. */
static void writer_notice(struct writer *writer)
{
	if (writer->error == 0 && ferror(writer->stream))
		writer->error = errno == 0 ? -EIO : -errno;
}

static bool writer_hidden(const struct writer *writer)
{
	/* The last line of the terminal stays free, or it would scroll. */
	return writer->live && writer->lines >= writer->lines_max - 1;
}

static void writer_blanks(struct writer *writer)
{
	for (; writer->blanks > 0; writer->blanks--)
		putc(' ', writer->stream);
}

/* What is most of most texts: it is printed as it is, a column each. */
static const char *writer_plain(struct writer *writer, const char *text)
{
	size_t len = 0;

	while (!writer->live && text[len] > ' ' && text[len] <= '~')
		len++;
	if (len > 0) {
		writer_blanks(writer);
		fwrite(text, 1, len, writer->stream);
		writer->column += (int)len;
	}
	return text + len;
}

static void writer_text(struct writer *writer, enum style style, const char *text)
{
	bool colored = writer->color && style != STYLE_PLAIN && text[0] != '\0';

	if (writer_hidden(writer))
		return;
	if (colored) {
		writer_blanks(writer);
		fputs(style_codes[style], writer->stream);
	}
	for (;;) {
		struct glyph g;

		text = writer_plain(writer, text);
		g = glyph_next(text);
		if (g.consumed == 0)
			break;
		text += g.consumed;
		if (writer->live && writer->column + g.columns > writer->width)
			break;
		writer->column += g.columns;
		if (g.len == 1 && g.bytes[0] == ' ') {
			writer->blanks++;
			continue;
		}
		writer_blanks(writer);
		fwrite(g.bytes, 1, g.len, writer->stream);
	}
	if (colored)
		fputs("\033[0m", writer->stream);
}

static void writer_vput(struct writer *writer, enum style style, const char *format,
	va_list args) __attribute__((format(printf, 3, 0)));

static void writer_vput(
	struct writer *writer, enum style style, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	writer_text(writer, style, text);
	free(text);
}

void writer_put(struct writer *writer, enum style style, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	writer_vput(writer, style, format, args);
	va_end(args);
}

void writer_pad(struct writer *writer, int column)
{
	for (; writer->column < column; writer->column++)
		writer->blanks++;
}

void writer_key(struct writer *writer, const char *key, int column)
{
	writer_pad(writer, KEY_INDENT);
	writer_put(writer, STYLE_HEAD, "%s", key);
	writer_pad(writer, column);
}

void writer_end(struct writer *writer)
{
	bool hidden = writer_hidden(writer);

	writer->column = 0;
	writer->blanks = 0;
	if (hidden)
		return;
	writer->lines++;
	fputs(writer->live ? "\033[K\n" : "\n", writer->stream);
	writer_notice(writer);
}

void writer_line(struct writer *writer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	writer_vput(writer, STYLE_PLAIN, format, args);
	va_end(args);
	writer_end(writer);
}

void writer_time(struct writer *writer, const char *time)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || time[0] == '\0') {
		writer_put(writer, STYLE_PLAIN, "-");
		return;
	}
	if (wipy_utc_parse(time, &s) < 0) {
		writer_put(writer, STYLE_PLAIN, "%s", time);
		return;
	}
	when_format(s, writer->utc, text);
	writer_put(writer, STYLE_PLAIN, "%s", text);
}

void writer_sentence(struct writer *writer, const char *text)
{
	char *shown = when_in_text(text, writer->utc);

	writer_put(writer, STYLE_PLAIN, "%s", shown == NULL ? text : shown);
	free(shown);
}

void writer_frame_begin(struct writer *writer)
{
	bool resized;

	writer_measure(writer);
	resized = writer->width != writer->width_shown ||
		  writer->lines_max != writer->lines_max_shown;
	/* Terminals differ in where the lines are that were there before. */
	if (writer->lines_shown > 0 && resized)
		fputs("\033[H\033[2J", writer->stream);
	else if (writer->lines_shown > 0)
		fprintf(writer->stream, "\033[%dA\r", writer->lines_shown);
	writer->width_shown = writer->width;
	writer->lines_max_shown = writer->lines_max;
	writer->live = true;
	writer->lines = 0;
}

int writer_height(const struct writer *writer)
{
	return writer->lines_max;
}

int writer_rows(const struct writer *writer)
{
	return writer->live ? writer->lines_max - 1 - writer->lines : INT_MAX / 2;
}

void writer_frame_end(struct writer *writer)
{
	fputs("\033[J", writer->stream);
	writer->live = false;
	writer->lines_shown = writer->lines;
}

void writer_frame_leave(struct writer *writer)
{
	writer->lines_shown = 0;
}

static void writer_dump(struct writer *writer, const json_t *value, size_t flags)
{
	flags |= JSON_PRESERVE_ORDER | JSON_ENCODE_ANY;

	/* A file gets the text as it is; for a terminal the same document is spelt in a
	 * way that holds no control characters of ISO 6429. */
	if (isatty(fileno(writer->stream)))
		flags |= JSON_ENSURE_ASCII;
	(void)json_dumpf(value, writer->stream, flags);
	writer_notice(writer);
	putc('\n', writer->stream);
}

void writer_raw(struct writer *writer, const char *text)
{
	writer_blanks(writer);
	fputs(text, writer->stream);
	writer_notice(writer);
}

void writer_json(struct writer *writer, const json_t *value)
{
	writer_dump(writer, value, JSON_INDENT(2));
}

void writer_json_line(struct writer *writer, const json_t *value)
{
	writer_dump(writer, value, JSON_COMPACT);
}

/* As with JSON a file gets the text as it is, a terminal nothing that drives it. */
void writer_csv(struct writer *writer, const char *text)
{
	bool plain = text[strcspn(text, ",\"\r\n")] == '\0';
	bool safe = isatty(fileno(writer->stream)) != 0;

	if (writer->fields)
		putc(',', writer->stream);
	writer->fields = true;
	if (!plain)
		putc('"', writer->stream);
	if (!safe && strchr(text, '"') == NULL) {
		fputs(text, writer->stream);
		text = "";
	}
	for (struct glyph g = glyph_next(text); g.consumed > 0; g = glyph_next(text)) {
		if (*text == '"')
			putc('"', writer->stream);
		fwrite(safe ? g.bytes : text, 1, safe ? g.len : g.consumed,
			writer->stream);
		text += g.consumed;
	}
	if (!plain)
		putc('"', writer->stream);
}

void writer_csv_end(struct writer *writer)
{
	writer->fields = false;
	fputs("\r\n", writer->stream);
	writer_notice(writer);
}

int writer_flush(struct writer *writer)
{
	if (fflush(writer->stream) != 0)
		writer_notice(writer);
	return writer->error;
}
