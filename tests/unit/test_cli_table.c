/* SPDX-License-Identifier: MIT
 *
 * What leaves the program: characters made harmless, columns, cutting, no blanks at the
 * end of a line, the live display.
 */
#include "config.h"

#include "cli/table.h"

#include <stdlib.h>

#include "cli/glyph.h"
#include "tests/tap.h"

static const struct {
	const char *name, *text, *shown;
	int columns;
} glyphs[] = {
	{"plain", "abc", "abc", 3},
	{"empty", "", "", 0},
	{"escape sequence", "\033[2Jx", "?[2Jx", 5},
	{"line feed", "a\nb\r", "a?b?", 4},
	{"bell and delete", "\a\x7f", "??", 2},
	{"umlaut", "k\xc3\xb6ln", "k\xc3\xb6ln", 4},
	{"C1 control",
		"a\xc2\x9b"
		"31m",
		"a?31m", 5},
	{"lonely continuation",
		"a\x9b"
		"b",
		"a?b", 3},
	{"cut sequence", "a\xe2\x82", "a??", 3},
	{"overlong", "\xc0\xaf", "??", 2},
	{"surrogate", "\xed\xa0\x80", "?", 1},
	{"beyond Unicode", "\xf4\x90\x80\x80", "????", 4},
	{"right to left",
		"a\xe2\x80\xae"
		"b",
		"a?b", 3},
	{"wide", "\xe4\xb8\xad", "\xe4\xb8\xad", 2},
	{"combining", "e\xcc\x81", "e\xcc\x81", 1},
};

struct sink {
	struct writer writer;
	char *text;
	size_t len;
	FILE *stream;
};

static void sink_open(struct sink *sink)
{
	sink->stream = open_memstream(&sink->text, &sink->len);
	sink->writer = (struct writer){.stream = sink->stream, .utc = true};
}

static void sink_check(struct sink *sink, const char *want, const char *name)
{
	fclose(sink->stream);
	EQ_STR(sink->text, want, name);
	free(sink->text);
}

static void test_glyphs(void)
{
	for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
		struct sink sink;

		EQ_INT(glyph_columns(glyphs[i].text), glyphs[i].columns,
			glyphs[i].name);
		sink_open(&sink);
		writer_put(&sink.writer, STYLE_PLAIN, "%s", glyphs[i].text);
		sink_check(&sink, glyphs[i].shown, glyphs[i].name);
	}
}

static void test_writer(void)
{
	struct sink sink;

	sink_open(&sink);
	writer_put(&sink.writer, STYLE_PLAIN, "a  ");
	writer_pad(&sink.writer, 10);
	writer_end(&sink.writer);
	writer_pad(&sink.writer, 2);
	writer_line(&sink.writer, "b");
	sink_check(&sink, "a\n  b\n", "blanks at the end are left out");

	sink_open(&sink);
	sink.writer.color = true;
	writer_put(&sink.writer, STYLE_BAD, "x\033[0m");
	writer_put(&sink.writer, STYLE_PLAIN, "y");
	writer_end(&sink.writer);
	sink_check(&sink, "\033[1;31mx?[0m\033[0my\n", "colours are ours alone");

	sink_open(&sink);
	writer_time(&sink.writer, "2026-11-20T11:00:00Z");
	writer_put(&sink.writer, STYLE_PLAIN, " ");
	writer_time(&sink.writer, NULL);
	writer_put(&sink.writer, STYLE_PLAIN, " ");
	writer_time(&sink.writer, "soon\n");
	sink_check(&sink, "2026-11-20 11:00:00Z - soon?", "times");
}

static void test_frame(void)
{
	struct sink sink;

	sink_open(&sink);
	for (int i = 0; i < 2; i++) {
		writer_frame_begin(&sink.writer);
		sink.writer.width = 4;
		sink.writer.lines_max = 3;
		writer_line(&sink.writer, "abcdef");
		writer_line(&sink.writer, "%d", i);
		writer_line(&sink.writer, "hidden");
		writer_frame_end(&sink.writer);
	}
	writer_frame_leave(&sink.writer);
	writer_line(&sink.writer, "abcdef");
	sink_check(&sink,
		"abcd\033[K\n0\033[K\n\033[J"
		"\033[2A\rabcd\033[K\n1\033[K\n\033[J"
		"abcdef\n",
		"a frame replaces the last one, cut to the terminal");
}

static const struct table_column columns[] = {
	{"NAME", false, 4, false},
	{"N", true, 0, false},
	{"TEXT", false, 6, false},
};

static void print_table(struct writer *writer)
{
	struct table *table = table_new(columns, 3);

	table_cell(table, STYLE_PLAIN, "lab-01");
	table_cell(table, STYLE_PLAIN, "%d", 7);
	table_cell(table, STYLE_PLAIN, "short");
	table_cell(table, STYLE_PLAIN, "k\xc3\xb6ln-2");
	table_cell(table, STYLE_PLAIN, "%d", 1234);
	table_cell(table, STYLE_PLAIN, "rather\nlong text");
	table_print(table, writer, 1);
	table_free(table);
}

static void test_tables(void)
{
	struct sink sink;
	struct table *table;

	sink_open(&sink);
	print_table(&sink.writer);
	sink_check(&sink,
		" NAME       N  TEXT\n"
		" lab-01     7  short\n"
		" k\xc3\xb6ln-2  1234  rather?long text\n",
		"as wide as its content");

	sink_open(&sink);
	sink.writer.width = 26;
	print_table(&sink.writer);
	sink_check(&sink,
		" NAME       N  TEXT\n"
		" lab-01     7  short\n"
		" k\xc3\xb6ln-2  1234  rather?lon~\n",
		"the widest column is cut");

	sink_open(&sink);
	sink.writer.width = 10;
	print_table(&sink.writer);
	sink_check(&sink,
		" NAME     N  TEXT\n"
		" lab~     7  short\n"
		" k\xc3\xb6l~  1234  rathe~\n",
		"but none below what its column allows");

	sink_open(&sink);
	table = table_new(columns, 3);
	table_print(table, &sink.writer, 0);
	table_free(table);
	sink_check(&sink, "", "without rows there is no head");

	sink_open(&sink);
	sink.writer.now_s = 1795172400 + 600;
	table = table_new(columns, 3);
	table_age(table, &sink.writer, "2026-11-20T11:00:00Z");
	table_age(table, &sink.writer, NULL);
	table_span(table, &sink.writer, "2026-11-20T11:00:00Z");
	table_print(table, &sink.writer, 0);
	table_free(table);
	sink_check(&sink,
		"NAME            N  TEXT\n"
		"10 min ago  never  10 min\n",
		"ages");
}

static const struct table_column wrapped[] = {
	{"NAME", false, 4, true},
	{"N", true, 0, false},
	{"TO DO", false, 6, true},
};

static void print_wrapped(struct writer *writer)
{
	struct table *table = table_new(wrapped, 3);

	table_cell(table, STYLE_PLAIN, "lab-01");
	table_cell(table, STYLE_PLAIN, "%d", 17);
	table_cell(table, STYLE_PLAIN, "Press its  switch at k\xc3\xb6ln-2. Wait.");
	table_cell(table, STYLE_PLAIN, "b");
	table_cell(table, STYLE_PLAIN, "%d", 2);
	table_cell(table, STYLE_PLAIN, "nothing");
	table_print(table, writer, 1);
	table_free(table);
}

static void test_wrapped(void)
{
	struct sink sink;

	sink_open(&sink);
	print_wrapped(&sink.writer);
	sink_check(&sink,
		" NAME     N  TO DO\n"
		" lab-01  17  Press its  switch at k\xc3\xb6ln-2. Wait.\n"
		" b        2  nothing\n",
		"no terminal: nothing is wrapped");

	sink_open(&sink);
	sink.writer.width = 24;
	print_wrapped(&sink.writer);
	sink_check(&sink,
		" NAME     N  TO DO\n"
		" lab-01  17  Press its\n"
		"             switch at\n"
		"             k\xc3\xb6ln-2.\n"
		"             Wait.\n"
		" b        2  nothing\n",
		"between words, below where the column begins");

	sink_open(&sink);
	sink.writer.width = 10;
	print_wrapped(&sink.writer);
	sink_check(&sink,
		" NAME   N  TO DO\n"
		" lab-  17  Press\n"
		" 01        its\n"
		"           switch\n"
		"           at\n"
		"           k\xc3\xb6ln-2\n"
		"           .\n"
		"           Wait.\n"
		" b      2  nothin\n"
		"           g\n",
		"a word that is wider than its column is broken");
}

int main(void)
{
	test_glyphs();
	test_writer();
	test_frame();
	test_tables();
	test_wrapped();
	return tap_done();
}
