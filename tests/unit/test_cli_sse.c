/* SPDX-License-Identifier: MIT
 *
 * Server-sent events, whole and in pieces of every size.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/sse.h"
#include "tests/tap.h"

static const struct {
	const char *name, *input, *events, *id;
} rows[] = {
	{"one", "id: 7\nevent: drift\ndata: {\"a\":1}\n\n", "{\"a\":1}|", "7"},
	{"two", "id: 1\ndata: a\n\nid: 2\ndata: b\n\n", "a|b|", "2"},
	{"not ended", "id: 1\ndata: a\n\nid: 2\ndata: b\n", "a|", "1"},
	{"an id alone", "id: 5\n\n", "", "5"},
	{"a comment", ":\nid: 5\n\n: still here\n\n", "", "5"},
	{"what it does not know", "retry: 2000\nidea: 9\ndata\nid:6\n\n", "", "6"},
	{"no blank, two blanks", "data:a\n\ndata:  b\n\n", "a| b|", ""},
	{"several lines", "data: a\ndata: b\n\n", "a\nb|", ""},
};

static void on_event(void *arg, const char *data)
{
	char *heard = arg;

	strcat(heard, data);
	strcat(heard, "|");
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *input = rows[i].input;
		size_t len = strlen(input);
		bool good = true;

		for (size_t step = 1; step <= len; step++) {
			char heard[256] = "";
			struct sse sse;

			sse_init(&sse, on_event, heard);
			for (size_t at = 0; at < len; at += step)
				good &= sse_take(&sse, input + at,
						len - at < step ? len - at : step) == 0;
			good &= strcmp(heard, rows[i].events) == 0 &&
				strcmp(sse.id, rows[i].id) == 0;
			sse_done(&sse);
		}
		OK(good, rows[i].name);
	}
}

static void test_limits(void)
{
	char heard[256] = "", *line = malloc(SSE_LINE_MAX + 1);
	struct sse sse;

	memset(line, 'x', SSE_LINE_MAX + 1);
	sse_init(&sse, on_event, heard);
	EQ_INT(sse_take(&sse, line, SSE_LINE_MAX), 0, "the longest line");
	EQ_INT(sse_take(&sse, "\n", 1), 0, "and its end");
	EQ_INT(sse_take(&sse, line, SSE_LINE_MAX + 1), -EMSGSIZE, "a line too long");
	sse_restart(&sse);
	EQ_INT(sse_take(&sse, "data: a\n\n", 9), 0, "anew");
	EQ_STR(heard, "a|", "what was cut off is forgotten");
	sse_done(&sse);
	free(line);
}

static void test_restart(void)
{
	char heard[256] = "";
	struct sse sse;

	sse_init(&sse, on_event, heard);
	EQ_INT(sse_take(&sse, "id: 4\ndata: a\n\nid: 5\ndata: b", 29), 0, "cut off");
	sse_restart(&sse);
	EQ_STR(sse.id, "4", "the id of the last whole one");
	EQ_INT(sse_take(&sse, "\n\nid: 5\ndata: b\n\n", 17), 0, "again");
	EQ_STR(heard, "a|b|", "no event is read twice");
	EQ_STR(sse.id, "5", "its id");
	sse_done(&sse);
}

int main(void)
{
	test_rows();
	test_limits();
	test_restart();
	return tap_done();
}
