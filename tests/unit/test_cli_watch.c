/* SPDX-License-Identifier: MIT
 *
 * What `rollout watch` draws: frames for terminals of several sizes, and the lines and
 * objects that tell changes.
 */
#include "config.h"

#include "cli/watch_draw.h"
#include "cli/watch_lines.h"

#include <stdlib.h>
#include <string.h>

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
		"lost\",\"brakes\":{\"text\":\"1 board was lost\"},"
		"\"since\":\"2026-11-20T11:00:01Z\"}",
		"[{\"board\":\"b\",\"state\":\"lost\"},{\"board\":\"\\u001b[2J\","
		"\"state\":\"x\"}]",
		"11:00:00Z  b  backoff -> lost\n"
		"11:00:00Z  ?[2J  new -> x\n"
		"11:00:01Z  rollout 3f2a9c10  running -> halted: brake-lost; 1 "
		"board was lost\n"},
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

		watch_tell_changes(&writer, FORM_TABLE, &seen, rollout, tasks);
		fclose(writer.stream);
		EQ_STR(text, steps[i].lines, steps[i].name);
		free(text);
		json_decref(rollout);
		json_decref(tasks);
	}
	watch_seen_done(&seen);
}

/* ---- objects --------------------------------------------------------------------- */

static void test_objects(void)
{
	static const char *const looks[][3] = {
		{"{\"id\":\"3f2a\",\"release\":\"r\",\"state\":\"running\",\"waves\":["
		 "{\"number\":1,\"state\":\"open\",\"size\":1}]}",
			"[{\"board\":\"a\",\"wave\":1,\"state\":\"pushing\"}]",
			"{\"time\":\"2026-11-20T11:00:00Z\",\"change\":\"rollout\","
			"\"rollout\":\"3f2a\",\"from\":null,\"state\":\"running\","
			"\"release\":\"r\"}\n"},
		{"{\"id\":\"3f2a\",\"release\":\"r\",\"state\":\"running\",\"waves\":["
		 "{\"number\":1,\"state\":\"tripped\",\"size\":1}],\"exceptions\":[{"
		 "\"board\":\"a\",\"code\":\"no-return\",\"what\":\"it is gone\"}]}",
			"[{\"board\":\"a\",\"wave\":1,\"state\":\"lost\","
			"\"since\":\"2026-11-20T10:59:58Z\"}]",
			"{\"time\":\"2026-11-20T10:59:58Z\",\"change\":\"board\","
			"\"rollout\":\"3f2a\",\"from\":\"pushing\",\"board\":\"a\","
			"\"wave\":1,\"state\":\"lost\",\"code\":\"no-return\","
			"\"what\":\"it is gone\"}\n"
			"{\"time\":\"2026-11-20T11:00:00Z\",\"change\":\"wave\","
			"\"rollout\":\"3f2a\",\"from\":\"open\",\"wave\":1,"
			"\"state\":\"tripped\",\"size\":1}\n"},
	};
	struct watch_seen seen;

	if (!OK(watch_seen_init(&seen) == 0, "init"))
		return;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		json_t *rollout = json_loads(looks[i][0], 0, NULL);
		json_t *tasks = json_loads(looks[i][1], 0, NULL);
		FILE *file = tmpfile();
		char text[2048] = "";
		struct writer writer = {.stream = file, .now_s = NOW_S};

		watch_tell_changes(&writer, FORM_JSONL, &seen, rollout, tasks);
		rewind(file);
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		EQ_STR(text, looks[i][2], "an object a change");
		fclose(file);
		json_decref(rollout);
		json_decref(tasks);
	}
	watch_seen_done(&seen);
}

/* ---- frames ---------------------------------------------------------------------- */

#define ETA                                                                            \
	"\"rate\":{\"per_hour\":144},\"eta\":{\"ends\":\"2026-11-20T11:12:00Z\","      \
	"\"seconds\":720,\"text\":\"by times that were measured at each site\"}"
#define BASE                                                                           \
	"\"id\":\"3f2a9c1000000000\",\"release\":\"r\",\"state\":\"running\","         \
	"\"wave\":2,\"outcomes\":{\"confirmed\":2,\"pushing\":4,\"lost\":1},"
#define WAVES                                                                          \
	"\"waves\":[{\"number\":1,\"state\":\"passed\",\"size\":1,"                    \
	"\"outcomes\":{\"confirmed\":1}},{\"number\":2,\"state\":\"open\","            \
	"\"size\":6,\"outcomes\":{\"confirmed\":1,\"pushing\":4,\"lost\":1}},"         \
	"{\"number\":3,\"state\":\"closed\",\"size\":20},{\"number\":4,"               \
	"\"state\":\"closed\",\"size\":90}],"
#define EXCEPTIONS                                                                     \
	"\"exceptions\":[{\"board\":\"z\",\"state\":\"lost\",\"code\":\"no-return\","  \
	"\"what\":\"it is gone\",\"since\":\"2026-11-20T10:00:09Z\","                  \
	"\"next_human\":\"look\"},{\"board\":\"y\",\"state\":\"fell-back\",\"code\":"  \
	"\"fell-back\",\"since\":\"2026-11-20T10:00:01Z\"}],"
#define WAITS "\"waits_for\":{\"text\":\"Wave 2 of 4 waits: 4 boards under way\"},"
#define PUSHING(name)                                                                  \
	"{\"board\":\"" name "\",\"wave\":2,\"state\":\"pushing\",\"bytes_taken\":"    \
	"51200,\"size\":204800,\"bytes_per_s\":31744,\"attempt\":1}"
#define FOUR "[" PUSHING("a-1") "," PUSHING("a-2") "," PUSHING("a-3") "," BACK "]"
#define BACK                                                                           \
	"{\"board\":\"a-name-of-many-letters\",\"wave\":2,\"state\":\"returning\","    \
	"\"since\":\"2026-11-20T10:59:48Z\",\"attempt\":2}"

static const struct {
	const char *name;
	int width, lines, total;
	const char *rollout, *tasks, *note, *want;
} frames[] = {
	{"all of it", 120, 40, 0, "{" BASE WAVES EXCEPTIONS WAITS ETA "}", FOUR, "",
		"rollout 3f2a9c10 running: 2 of 7 done, 1 failed, 4 under way; release "
		"r\n"
		"  wave 2 of 4, 2.4 boards/min, about 12 min left, until 11:12:00Z (by "
		"times that were measured at each site)\n"
		"Wave 2 of 4 waits: 4 boards under way\n"
		"  wave  1 [##############################]     1/1     passed\n"
		"  wave  2 [#####!!!!!>>>>>>>>>>>>>>>>>>>>]     1/6     open, 1 "
		"failed, 4 under way\n"
		"      a-1                     pushing  25 %  50 of 200 KiB  31.0 "
		"KiB/s\n"
		"      a-2                     pushing  25 %  50 of 200 KiB  31.0 "
		"KiB/s\n"
		"      a-3                     pushing  25 %  50 of 200 KiB  31.0 "
		"KiB/s\n"
		"      a-name-of-many-letters  returning for 12 s, attempt 2\n"
		"  wave  3 [..............................]     0/20    closed\n"
		"  wave  4 [..............................]     0/90    closed\n"
		"  2 to look at:\n"
		"    y  fell-back\n"
		"    z  lost (no-return): it is gone; you: look\n"},
	{"what does not fit is counted", 80, 11, 40,
		"{" BASE WAVES EXCEPTIONS WAITS ETA "}", FOUR,
		"The daemon does not answer; trying again.",
		"rollout 3f2a9c10 running: 2 of 7 done, 1 failed, 4 under way; release "
		"r\n"
		"The daemon does not answer; trying again.\n"
		"  wave 2 of 4, 2.4 boards/min, about 12 min left, until 11:12:00Z (by "
		"times that\n"
		"Wave 2 of 4 waits: 4 boards under way\n"
		"  wave  2 [#####!!!!!>>>>>>>>>>>>>>>>>>>>]     1/6     open, 1 "
		"failed, 4 under w\n"
		"      a-1                     pushing  25 %  50 of 200 KiB  31.0 "
		"KiB/s\n"
		"      and 39 more under way\n"
		"  and 3 more waves\n"
		"  2 to look at, the latest:\n"
		"    z  lost (no-return): it is gone; you: look\n"},
	{"narrow", 40, 9, 0, "{" BASE WAVES EXCEPTIONS ETA "}", FOUR, "",
		"rollout 3f2a9c10 running: 2 of 7 done, 1\n"
		"  wave 2 of 4, 2.4 boards/min, about 12\n"
		"  wave  2 [#!>>>>]     1/6     open, 1 f\n"
		"      a-1            pushing  25 %  50 o\n"
		"      and 3 more under way\n"
		"  and 3 more waves\n"
		"  2 to look at, the latest:\n"
		"    z  lost (no-return): it is gone; you\n"},
	{"hardly anything", 20, 4, 0, "{" BASE WAVES EXCEPTIONS WAITS ETA "}", FOUR, "",
		"rollout 3f2a9c10 run\n"
		"  wave 2 of 4, 2.4 b\n"
		"Wave 2 of 4 waits: 4\n"},
	{"a slow one, a window that does not open; no wave is left", 80, 24, 0,
		"{\"id\":\"3f2a9c10\",\"release\":\"r\",\"state\":\"running\",\"wave\":"
		"1,\"waves\":[],\"rate\":{\"per_hour\":5},\"eta\":{\"ends\":null,"
		"\"text\":\"not known: why\"}}",
		"[]", "",
		"rollout 3f2a9c10 running: 0 of 0 done; release r\n"
		"  wave 1 of 0, 5 boards/h, end not known: why\n"},
	{"nothing is known of when it ends", 80, 24, 0,
		"{\"id\":\"3f2a9c10\",\"release\":\"r\",\"state\":\"paused\",\"wave\":"
		"null,\"rate\":null,\"eta\":null}",
		"[]", "", "rollout 3f2a9c10 paused: 0 of 0 done; release r\n"},
};

static char *without(char *text, const char *what)
{
	char *at;

	while ((at = strstr(text, what)) != NULL)
		memmove(at, at + strlen(what), strlen(at + strlen(what)) + 1);
	return text;
}

static void test_frames(void)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		json_t *rollout = json_loads(frames[i].rollout, 0, NULL);
		json_t *tasks = json_loads(frames[i].tasks, 0, NULL);
		const struct watch_frame frame = {.rollout = rollout,
			.tasks = tasks,
			.tasks_total = frames[i].total,
			.note = frames[i].note};
		char *text;
		size_t len;
		struct writer writer = {.stream = open_memstream(&text, &len),
			.utc = true,
			.now_s = NOW_S,
			.live = true,
			.width = frames[i].width,
			.lines_max = frames[i].lines};

		watch_draw_frame(&writer, &frame);
		fclose(writer.stream);
		EQ_STR(without(text, "\033[K"), frames[i].want, frames[i].name);
		OK(writer.lines < frames[i].lines, frames[i].name);
		free(text);
		json_decref(rollout);
		json_decref(tasks);
	}
}

int main(void)
{
	test_changes();
	test_objects();
	test_frames();
	return tap_done();
}
