/* SPDX-License-Identifier: MIT
 *
 * The report's rows, and its forms for other programs: the same numbers in each, and no
 * text of a board or a person that becomes markup.
 */
#include "config.h"

#include <stdlib.h>

#include "cli/report.h"
#include "cli/shape.h"
#include "tests/tap.h"

#define EVIL "\"><script>alert('x')</script>&amp;]]>\xef\xbf\xbf\x1b[31m\n"

static const char answer_text[] =
	"{\"generated\":\"2026-11-20T11:00:00Z\",\"verdict\":\"Rollout of v2 is "
	"halted.\","
	"\"boards\":{\"total\":7},\"firmware\":[{\"tag\":\"v1\",\"date\":\"2016-01-"
	"01\","
	"\"board\":\"WiPy\",\"count\":5}],"
	"\"rollout\":{\"id\":\"3f2a9c10\",\"release\":\"v2\",\"state\":\"halted\","
	"\"waits_for\":{\"text\":\"It waits until 2026-11-20T13:00:00Z.\"},"
	"\"outcomes\":{\"confirmed\":2,\"failed\":1,\"planned\":2,\"refused\":1},"
	"\"waves\":[{\"number\":1,\"state\":\"tripped\",\"size\":3,"
	"\"outcomes\":{\"confirmed\":2,\"failed\":1}},"
	"{\"number\":2,\"state\":\"closed\",\"size\":2,\"outcomes\":{\"planned\":2}}],"
	"\"exceptions\":[{\"board\":\"b-3\",\"state\":\"failed\",\"code\":\"garbage\","
	"\"what\":\"It talks.\",\"since\":\"2026-11-20T10:00:00Z\","
	"\"next_auto\":\"Nothing.\",\"next_human\":\"Look.\"}]},"
	"\"tasks\":[{\"board\":\"b-1\",\"wave\":1,\"state\":\"confirmed\",\"code\":"
	"null,"
	"\"evidence\":\"seen\"},{\"board\":\"b-2\",\"wave\":1,\"state\":\"confirmed\"},"
	"{\"board\":\"b-3\",\"wave\":1,\"state\":\"failed\",\"code\":\"garbage\"},"
	"{\"board\":\"b-4\",\"wave\":2,\"state\":\"planned\"},"
	"{\"board\":\"b-5\",\"wave\":2,\"state\":\"planned\"},"
	"{\"board\":\"b-6\",\"wave\":0,\"state\":\"refused\",\"code\":\"no-image\"}],"
	"\"dirty\":[{\"board\":\"b-8\",\"site\":\"s1\",\"to_do\":\"Wait.\"}],\"armed\":"
	"[],"
	"\"needs_hands\":[{\"board\":\"b-9\",\"site\":\"s2\",\"to_do\":\"Go.\"},"
	"{\"board\":\"b-8\",\"site\":\"s1\",\"to_do\":\"Go.\"},"
	"{\"board\":\"b-7\",\"site\":\"s2\",\"to_do\":\"Go.\"}],"
	"\"offline\":[{\"board\":\"b-5\",\"last_seen\":\"2026-11-02T00:00:00Z\"},"
	"{\"board\":\"b-4\",\"last_seen\":\"2026-11-01T00:00:00Z\"},"
	"{\"board\":\"b-6\",\"last_seen\":null}],\"brought_back\":[],"
	"\"evidence\":[{\"board\":\"b-1\",\"state\":\"confirmed\",\"evidence\":"
	"\"seen\"}],"
	"\"approvals\":[{\"time\":\"2026-11-20T09:00:00Z\",\"actor\":\"uid 1000\","
	"\"what\":\"asked\",\"reason\":\"because\"}],"
	"\"changes\":{\"since\":\"2026-11-19T00:00:00Z\",\"versions\":[{\"board\":\"b-"
	"1\","
	"\"from\":{\"tag\":\"v1\",\"date\":\"d\"},\"to\":{\"tag\":\"v2\",\"date\":"
	"\"e\"}}],"
	"\"new\":[],\"healed\":[],\"added\":[\"b-7\"],\"gone\":[]}}";

static json_t *answer_new(void)
{
	json_error_t error;
	json_t *answer = json_loads(answer_text, 0, &error);

	if (answer == NULL) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	return answer;
}

/* Every text of the answer but times and states, which only words of ours are. */
static void poison(json_t *value)
{
	const char *key;
	json_t *inner;
	size_t i;

	json_array_foreach(value, i, inner)
	{
		if (json_is_string(inner))
			(void)json_string_set_nocheck(inner, EVIL);
		poison(inner);
	}
	json_object_foreach(value, key, inner)
	{
		if (json_is_string(inner))
			(void)json_string_set_nocheck(inner, EVIL);
		poison(inner);
	}
}

/* What a form comes to; to be freed. */
static char *render(const json_t *answer, bool evidence,
	void (*write)(struct cli *cli, const struct report *report))
{
	FILE *stream = tmpfile();
	struct writer writer;
	struct cli cli = {.out = &writer, .err = &writer, .form = FORM_TABLE};
	struct report report;
	size_t cap = 1 << 20;
	char *text = calloc(1, cap);

	if (stream == NULL || text == NULL)
		exit(99);
	writer_init(&writer, stream);
	writer.utc = true;
	writer.now_s = 1795172400; /* 2026-11-20T11:00:00Z */
	report_make((json_t *)(uintptr_t)answer, evidence, &report);
	write(&cli, &report);
	report_done(&report);
	(void)writer_flush(&writer);
	rewind(stream);
	(void)!fread(text, 1, cap - 1, stream);
	fclose(stream);
	return text;
}

static size_t times(const char *text, const char *words)
{
	size_t count = 0;

	while ((text = strstr(text, words)) != NULL) {
		count++;
		text++;
	}
	return count;
}

static void test_rows(void)
{
	json_t *answer = answer_new();
	struct report report;
	const json_t *rows;

	report_make(answer, false, &report);
	rows = report.rows[REPORT_WAVES];
	EQ_INT(json_array_size(rows), 2, "a row for each wave");
	EQ_INT(shape_number(json_array_get(rows, 0), "done"), 2, "wave 1: done");
	EQ_INT(shape_number(json_array_get(rows, 0), "failed"), 1, "wave 1: failed");
	EQ_INT(shape_number(json_array_get(rows, 1), "to_come"), 2, "wave 2: to come");
	rows = report.rows[REPORT_OUTCOMES];
	EQ_INT(json_array_size(rows), 4, "outcomes that there are");
	EQ_INT(shape_number(json_array_get(rows, 0), "of"), 3,
		"confirmed of those begun");
	EQ_STR(shape_text(json_array_get(report.rows[REPORT_OFFLINE], 0), "board"),
		"b-6", "never seen comes first");
	EQ_STR(shape_text(json_array_get(report.rows[REPORT_OFFLINE], 1), "board"),
		"b-4", "then the longest");
	rows = report.rows[REPORT_HANDS];
	EQ_STR(shape_text(json_array_get(rows, 0), "board"), "b-8", "by site");
	OK(shape_true(json_array_get(rows, 0), "dirty"), "a dirty one is marked");
	EQ_STR(shape_text(json_array_get(rows, 1), "board"), "b-7", "then by name");
	EQ_INT(shape_number(json_array_get(report.rows[REPORT_FIRMWARE], 0), "percent"),
		71, "share of all boards");
	EQ_INT(json_array_size(report.rows[REPORT_EVIDENCE]), 0, "evidence if wanted");
	report_done(&report);
	json_decref(answer);
}

static void test_junit(void)
{
	json_t *answer = answer_new();
	char *text = render(answer, false, report_junit);

	OK(strstr(text, "<testsuites name=\"Rollout of v2 is halted.\" tests=\"6\" "
			"failures=\"1\" errors=\"0\" skipped=\"3\">"),
		"junit: all of them");
	OK(strstr(text, "<testsuite name=\"wave 1\" tests=\"3\" failures=\"1\" "
			"errors=\"0\" skipped=\"0\">"),
		"junit: a suite for a wave");
	OK(strstr(text, "name=\"settled by the plan\" tests=\"1\""), "junit: no wave");
	OK(strstr(text, "name=\"b-3\"><failure type=\"garbage\" message=\"It talks.\">"
			"Look.</failure>"),
		"junit: a failure with code and sentence");
	EQ_INT(times(text, "<testcase"), 6, "junit: a case for each board");
	EQ_INT(times(text, "<skipped"), 3, "junit: what has not ended is skipped");
	free(text);
	json_decref(answer);
}

static void test_html(void)
{
	json_t *answer = answer_new();
	char *text = render(answer, true, report_html);

	OK(strstr(text, "<p class=\"verdict\">Rollout of v2 is halted.</p>"),
		"html: verdict");
	OK(strstr(text, "<p>It waits until 2026-11-20 13:00:00Z.</p>"),
		"html: a sentence has the reader's times");
	OK(strstr(text, "aria-label=\"2 done, 1 failed\""), "html: a bar in words");
	/* 2 of 3, and the rest up to the right edge. */
	OK(strstr(text, "<rect class=\"done\" x=\"0\" width=\"666\"") &&
			strstr(text, "<rect class=\"failed\" x=\"666\" width=\"334\""),
		"html: a bar in its proportions");
	EQ_INT(times(text, "<section class=\"site\">"), 2,
		"html: a part for each site");
	OK(strstr(text, "do-not") == NULL && strstr(text, "do not reset these"),
		"html: dirty ones are told apart");
	OK(strstr(text, "prefers-color-scheme:dark") && strstr(text, "@media print"),
		"html: dark, and paper");
	OK(strstr(text, "http://") == NULL && strstr(text, "https://") == NULL &&
			strstr(text, "<script") == NULL && strstr(text, "url(") == NULL,
		"html: asks for nothing");
	OK(times(text, "<table") == times(text, "<caption"), "html: captions");
	free(text);
	json_decref(answer);
}

static void test_csv(void)
{
	json_t *answer = answer_new();
	char *text = render(answer, false, report_csv);

	OK(strncmp(text, "section,board,site,since,code,to_do,text,", 41) == 0,
		"csv: the header");
	EQ_INT(times(text, "\r\nwave,"), 2, "csv: waves");
	EQ_INT(times(text, "\r\noutcome,"), 4, "csv: outcomes");
	EQ_INT(times(text, "\r\nneeds-hands,"), 3, "csv: boards");
	free(text);
	json_decref(answer);
}

static void test_hostile(void)
{
	json_t *answer = answer_new();
	char *html, *junit;

	poison(answer);
	html = render(answer, true, report_html);
	junit = render(answer, true, report_junit);
	OK(!strstr(html, "<script") && strstr(html, "&lt;script&gt;"), "html: escaped");
	OK(!strstr(junit, "<script") && strstr(junit, "&lt;script&gt;"),
		"junit: escaped");
	OK(!strstr(html, "\x1b") && !strstr(junit, "\x1b"), "no control characters");
	OK(!strstr(junit, "\xef\xbf\xbf") && !strstr(html, "\xef\xbf\xbf"),
		"no noncharacters");
	OK(!strstr(html, "=\"\"><") && !strstr(junit, "=\"\"><script"),
		"no attribute is left");
	free(html);
	free(junit);
	json_decref(answer);
}

static void test_empty(void)
{
	json_t *answer = json_object();
	char *text = render(answer, true, report_html);

	OK(strstr(text, "</html>"), "html: of an answer that says nothing");
	free(text);
	text = render(answer, true, report_junit);
	OK(strstr(text, "tests=\"0\""), "junit: of an answer that says nothing");
	free(text);
	json_decref(answer);
}

int main(void)
{
	test_rows();
	test_junit();
	test_html();
	test_csv();
	test_hostile();
	test_empty();
	return tap_done();
}
