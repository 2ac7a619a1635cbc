/* SPDX-License-Identifier: MIT
 *
 * Everything that wipyctl prints goes through here: text made harmless, colours, cutting
 * at the edge of a live display, JSON, CSV. Line feeds and escape sequences come from this
 * module alone; in the text handed over both are shown as "?".
 */
#ifndef WIPY_CLI_WRITER_H
#define WIPY_CLI_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_HEAD,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_COUNT
};

struct writer {
	FILE *stream;  /* borrowed */
	bool terminal; /* one that understands cursor movements */
	bool color;
	bool utc;
	int64_t now_s; /* what ages are counted from */
	int width;     /* of the terminal; 0: no limit */
	/* The rest is private. */
	int column, blanks;
	bool fields; /* of a record of CSV: there was one */
	bool live;
	int lines, lines_max, lines_shown;
	int width_shown, lines_max_shown; /* of the terminal, when they were */
	int error;                        /* of the first write that failed, negated */
};

/* Looks at the stream: is it a terminal, how wide? */
void writer_init(struct writer *writer, FILE *stream);

/* Text without an end of line. */
void writer_put(struct writer *writer, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Blanks up to that column, if something follows them on the line. */
void writer_pad(struct writer *writer, int column);
/* A key at the begin of a line; what follows it stands at that column. */
void writer_key(struct writer *writer, const char *key, int column);
void writer_end(struct writer *writer);
/* Plain text and an end of line. */
void writer_line(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A time of the API in the reader's form; "-" for null. */
void writer_time(struct writer *writer, const char *time);
/* A sentence of the API without an end of line, its times in the reader's form. */
void writer_sentence(struct writer *writer, const char *text);

/* A live display: what is written between the two replaces what the last such pair
 * showed; lines are cut to the terminal. */
void writer_frame_begin(struct writer *writer);
void writer_frame_end(struct writer *writer);
/* Lines of the terminal; 0: it is none. */
int writer_height(const struct writer *writer);
/* The lines that there is still room for in a frame; outside of one as many as one likes. */
int writer_rows(const struct writer *writer);
/* What stands there stays; the next frame begins below. */
void writer_frame_leave(struct writer *writer);

/* Text as it is, with its ends of lines and tabs: only what was made here. */
void writer_raw(struct writer *writer, const char *text);

/* The value as a document: indented, keys in the order received. Borrows. */
void writer_json(struct writer *writer, const json_t *value);
/* The same on one line. */
void writer_json_line(struct writer *writer, const json_t *value);

/* The next field of a record of CSV, quoted where it has to be; the end of the record. */
void writer_csv(struct writer *writer, const char *text);
void writer_csv_end(struct writer *writer);

/* Flushes. Returns 0 or a negated errno (-EPIPE: the reader has left). */
int writer_flush(struct writer *writer);

#endif
