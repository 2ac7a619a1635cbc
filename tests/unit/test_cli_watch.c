/* SPDX-License-Identifier: MIT
 *
 * What `rollout watch` draws: the frame, and the lines that tell changes.
 */
#include "config.h"

#include "cli/watch_draw.h"

#include <stdlib.h>

#include "tests/tap.h"

/* 2026-11-20T11:00:00Z */
#define NOW_S 1795172400

static const struct {
	const char *name, *rollout, *tasks, *lines;
} steps[] = {
	{"first: how it stands",
		"{\"id\":\"3f2a9c1000000000\",\"release\":\"r\",\"state\":\"running\","
		"\"waves\":[{\"number\":1,\"state\":\"open\",\"size\":1},"
		"{\"number\":2,\"state\":\"closed\",\"size\":9}],"
		"\"outcomes\":{\"pushing\":1,\"planned\":9}}",
		"[{\"board\":\"a\",\"state\":\"pushing\"},{\"board\":\"b\",\"state\":"
		"\"planned\"}]",
		"11:00:00Z  rollout 3f2a9c10 running: 0 of 10 done, 1 under way; "
		"release r\n"},
	{"nothing has changed",
		"{\"id\":\"3f2a9c1000000000\",\"state\":\"running\",\"waves\":["
		"{\"number\":1,\"state\":\"open\"},{\"number\":2,\"state\":\"closed\"}]"
		"}",
		"[{\"board\":\"a\",\"state\":\"pushing\"},{\"board\":\"b\",\"state\":"
		"\"planned\"}]",
		""},
	{"a board and a wave",
		"{\"id\":\"3f2a9c1000000000\",\"state\":\"running\",\"waves\":["
		"{\"number\":1,\"state\":\"passed\",\"size\":1},"
		"{\"number\":2,\"state\":\"open\",\"size\":9}]}",
		"[{\"board\":\"a\",\"state\":\"confirmed\",\"since\":\"2026-11-20T10:"
		"59:58Z\"},"
		"{\"board\":\"b\",\"state\":\"planned\"}]",
		"10:59:58Z  a  pushing -> confirmed\n"
		"11:00:00Z  wave 1 of 2 (1 board)  open -> passed\n"
		"11:00:00Z  wave 2 of 2 (9 boards)  closed -> open\n"},
	{"an exception tells what comes next",
		"{\"id\":\"3f2a9c1000000000\",\"state\":\"running\",\"waves\":[],"
		"\"exceptions\":[{\"board\":\"b\",\"next_auto\":\"tried again in 30 "
		"s\","
		"\"next_human\":\"nothing\"}]}",
		"[{\"board\":\"b\",\"state\":\"backoff\",\"code\":\"push-broken\","
		"\"attempt\":2}]",
		"11:00:00Z  b  planned -> backoff: push-broken, attempt 2; next: tried "
		"again in "
		"30 s; you: nothing\n"},
	{"the rollout is halted; a board with a hostile name",
		"{\"id\":\"3f2a9c1000000000\",\"state\":\"halted\",\"reason\":\"brake-"
		"lost\","
		"\"since\":\"2026-11-20T11:00:01Z\"}",
		"[{\"board\":\"b\",\"state\":\"lost\"},{\"board\":\"\\u001b[2J\","
		"\"state\":\"x\"}]",
		"11:00:00Z  b  backoff -> lost\n"
		"11:00:00Z  ?[2J  new -> x\n"
		"11:00:01Z  rollout 3f2a9c10  running -> halted: brake-lost\n"},
	{"the order is that of time; a code that repeats the state is left out",
		"{\"id\":\"3f2a9c1000000000\",\"state\":\"paused\",\"reason\":"
		"\"paused\",\"since\":\"2026-11-20T11:00:03Z\"}",
		"[{\"board\":\"b\",\"state\":\"fell-back\",\"code\":\"fell-back\","
		"\"since\":\"2026-11-20T11:00:05Z\"},"
		"{\"board\":\"d\",\"state\":\"x\",\"since\":\"2026-11-20T11:00:03Z\"},"
		"{\"board\":\"a\",\"state\":\"failed\",\"code\":\"reset-failed\","
		"\"since\":\"2026-11-20T11:00:02Z\"},"
		"{\"board\":\"c\",\"state\":\"x\",\"since\":\"2026-11-20T11:00:03Z\"}]",
		"11:00:02Z  a  confirmed -> failed: reset-failed\n"
		"11:00:03Z  d  new -> x\n"
		"11:00:03Z  c  new -> x\n"
		"11:00:03Z  rollout 3f2a9c10  halted -> paused\n"
		"11:00:05Z  b  lost -> fell-back\n"},
};

static void test_changes(void)
{
	struct watch_seen seen;

	if (!OK(watch_seen_init(&seen) == 0, "init"))
		return;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		json_t *rollout = json_loads(steps[i].rollout, 0, NULL);
		json_t *tasks = json_loads(steps[i].tasks, 0, NULL);
		char *text;
		size_t len;
		struct writer writer = {.stream = open_memstream(&text, &len),
			.utc = true,
			.now_s = NOW_S};

		watch_draw_changes(&writer, &seen, rollout, tasks);
		fclose(writer.stream);
		EQ_STR(text, steps[i].lines, steps[i].name);
		free(text);
		json_decref(rollout);
		json_decref(tasks);
	}
	watch_seen_done(&seen);
}

static void test_frame(void)
{
	json_t *rollout = json_loads(
		"{\"id\":\"3f2a9c1000000000\",\"release\":\"r\",\"state\":\"running\","
		"\"waves\":[{\"number\":1,\"state\":\"open\",\"size\":12,"
		"\"outcomes\":{\"confirmed\":2,\"pushing\":10}}],"
		"\"outcomes\":{\"confirmed\":2,\"pushing\":10},\"exceptions\":[{"
		"\"board\":\"z\","
		"\"state\":\"deferred\",\"code\":\"offline\",\"next_human\":\"look at "
		"it\"},{\"board\":\"y\",\"state\":\"fell-back\",\"code\":"
		"\"fell-back\"}]}",
		0, NULL);
	json_t *tasks = json_array();
	char *text;
	size_t len;
	struct writer writer = {.stream = open_memstream(&text, &len), .now_s = NOW_S};

	for (int i = 0; i < 10; i++)
		(void)json_array_append_new(
			tasks, json_pack("{s:s, s:s, s:i, s:i, s:i}", "board", "a",
				       "state", "pushing", "bytes_taken", 50, "size",
				       200, "attempt", 1 + (i == 0)));
	watch_draw_frame(&writer, rollout, tasks, "note");
	fclose(writer.stream);
	EQ_STR(text,
		"rollout 3f2a9c10 running: 2 of 12 done, 10 under way; release r\n"
		"  wave  1 [#####>>>>>>>>>>>>>>>>>>>>>>>>>]     2/12    open, 10 under "
		"way\n"
		"    a                       pushing 25 %, attempt 2\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    a                       pushing 25 %\n"
		"    and 2 more\n"
		"  2 to look at:\n"
		"    z                       deferred (offline) look at it\n"
		"    y                       fell-back\n"
		"note\n",
		"a frame");
	free(text);
	json_decref(rollout);
	json_decref(tasks);
}

int main(void)
{
	test_changes();
	test_frame();
	return tap_done();
}
