/* SPDX-License-Identifier: MIT
 *
 * The forecast: when waves begin and end within limits, lines, windows; and how long
 * ten thousand boards take it.
 */
#include <time.h>

#include "daemon/core/forecast.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SITES        3
#define GROUPS_MAX   4
#define NOW          1000000 /* 13:46:40 UTC on a Monday in 1970 */

static const struct zone utc;
/* Opens at 14:00 UTC each day, for an hour. */
static const struct windows hour = {
	.zone = &utc,
	.count = 1,
	.window = {{.days = 0x7f, .begin_s = 14 * 3600, .end_s = 15 * 3600}},
};
/* Never open. */
static const struct windows never = {
	.zone = &utc,
	.count = 1,
	.window = {{.days = 0x7f, .begin_s = 0, .end_s = 60}},
};
#define UNTIL_14 800 /* s from NOW */

/* Each board takes 10 s of push and 20 s of the rest, its push has 1000 bytes. Times
 * are seconds from NOW, -1: never. */
static const struct {
	const char *name;
	int pushes_max, domain_share, soak_s;
	int64_t rate; /* of all */
	struct {
		int boards, max_pushes;
		int64_t rate;
	} site[SITES];
	struct {
		int wave, site, boards;
		const struct windows *windows;
	} group[GROUPS_MAX];
	int waves;
	int want[3][2];
} cases[] = {
	{"one board", 4, 100, 60, 0, {{1, 0, 0}}, {{0, 0, 1, NULL}}, 1, {{0, 90}}},
	{"as many as fit at once", 4, 100, 60, 0, {{8, 0, 0}}, {{0, 0, 4, NULL}}, 1,
		{{0, 90}}},
	{"one more takes a second round", 4, 100, 60, 0, {{8, 0, 0}}, {{0, 0, 5, NULL}},
		1, {{0, 120}}},
	{"a wave begins when the one before has soaked", 4, 100, 60, 0, {{8, 0, 0}},
		{{0, 0, 1, NULL}, {1, 0, 4, NULL}}, 2, {{0, 90}, {90, 180}}},
	{"a quarter of the site at once", 16, 25, 0, 0, {{8, 0, 0}}, {{0, 0, 8, NULL}},
		1, {{0, 120}}},
	{"the site's own limit", 16, 100, 0, 0, {{8, 1, 0}}, {{0, 0, 3, NULL}}, 1,
		{{0, 90}}},
	{"a full site does not hold another one up", 2, 100, 0, 0,
		{{8, 1, 0}, {8, 0, 0}}, {{0, 0, 2, NULL}, {0, 1, 2, NULL}}, 1,
		{{0, 60}}},
	{"the site's line feeds 50 bytes a second", 16, 100, 0, 0, {{8, 0, 50}},
		{{0, 0, 4, NULL}}, 1, {{0, 100}}},
	{"the line of all of them", 16, 100, 0, 50, {{8, 0, 0}, {8, 0, 0}},
		{{0, 0, 2, NULL}, {0, 1, 2, NULL}}, 1, {{0, 100}}},
	{"a line that is faster than the boards does not show", 16, 100, 0, 0,
		{{8, 0, 100000}}, {{0, 0, 4, NULL}}, 1, {{0, 30}}},
	{"waits for its window", 4, 100, 60, 0, {{1, 0, 0}}, {{0, 0, 1, &hour}}, 1,
		{{0, UNTIL_14 + 90}}},
	{"others do not wait with it", 1, 100, 60, 0, {{4, 0, 0}, {4, 0, 0}},
		{{0, 0, 1, &hour}, {0, 1, 2, NULL}}, 1, {{0, UNTIL_14 + 90}}},
	/* 117 begin until 14:58, and one within the minute for which that is
	 * believed. */
	{"who does not finish today goes on tomorrow", 1, 100, 0, 0, {{200, 0, 0}},
		{{0, 0, 121, &hour}}, 1, {{0, UNTIL_14 + 86400 + 90}}},
	{"a window that never opens", 4, 100, 60, 0, {{4, 0, 0}, {4, 0, 0}},
		{{0, 0, 1, NULL}, {1, 1, 1, &never}}, 3, {{0, 90}, {90, -1}, {-1, -1}}},
	{"a wave of nobody", 4, 100, 60, 0, {{4, 0, 0}}, {{1, 0, 1, NULL}}, 2,
		{{0, 0}, {0, 90}}},
};

static int64_t seconds(int64_t time_s)
{
	return time_s == WINDOW_NEVER ? -1 : time_s - NOW;
}

static void run_case(size_t at)
{
	struct domain domain[SITES] = {{0}};
	struct forecast_line line[SITES] = {{0}};
	struct forecast_group group[GROUPS_MAX];
	struct forecast_flight flight[16];
	struct forecast_wave wave[3];
	struct forecast_view view = {
		.now_s = NOW,
		.soak_s = cases[at].soak_s,
		.pushes_max = cases[at].pushes_max,
		.domain_share = cases[at].domain_share,
		.domain = domain,
		.line = line,
		.all = {.rate = cases[at].rate},
		.group = group,
		.flight = flight,
	};

	for (int i = 0; i < SITES; i++) {
		domain[i].boards = cases[at].site[i].boards;
		domain[i].max_pushes = cases[at].site[i].max_pushes;
		line[i].rate = cases[at].site[i].rate;
	}
	for (int i = 0; i < GROUPS_MAX && cases[at].group[i].boards > 0; i++)
		group[view.group_count++] = (struct forecast_group){
			.wave = cases[at].group[i].wave,
			.domains = {{cases[at].group[i].site, -1, -1}},
			.window = {cases[at].group[i].windows, 120},
			.size = 1000,
			.push_ms = 10000,
			.rest_ms = 20000,
			.boards = (size_t)cases[at].group[i].boards,
		};
	forecast_waves(&view, wave, cases[at].waves);
	for (int i = 0; i < cases[at].waves; i++) {
		EQ_INT(seconds(wave[i].begin_s), cases[at].want[i][0], cases[at].name);
		EQ_INT(seconds(wave[i].end_s), cases[at].want[i][1], cases[at].name);
	}
}

/* Boards that are back already soak for 40 s more. */
static void run_soaking(const char *name, int wave_of_one, int64_t want_s)
{
	struct domain domain = {.boards = 4};
	struct forecast_group group = {.wave = wave_of_one,
		.domains = {{0, -1, -1}},
		.push_ms = 10000,
		.rest_ms = 20000,
		.boards = 1};
	struct forecast_flight flight;
	struct forecast_wave wave[2];
	struct forecast_view view = {.now_s = NOW,
		.soak_s = 60,
		.soaks_until_s = NOW + 40,
		.pushes_max = 1,
		.domain_share = 100,
		.domain = &domain,
		.group = &group,
		.group_count = 1,
		.flight = &flight};

	forecast_waves(&view, wave, 2);
	EQ_INT(seconds(wave[0].end_s), want_s, name);
	EQ_INT(seconds(wave[1].begin_s), want_s, name);
}

/* ---- ten thousand ---------------------------------------------------------------- */

#define MANY 10000
static struct domain many_domain[MANY + 100];
static struct forecast_group many_group[MANY];
static struct forecast_flight many_flight[64];

static int64_t cpu_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

/* Each board in a room of its own: as many groups as boards. With one site that
 * takes one at a time every look goes past all the others. */
static void run_many(const char *name, int sites, int max_pushes)
{
	struct forecast_view view = {
		.now_s = NOW,
		.soak_s = 300,
		.pushes_max = 64,
		.domain_share = 25,
		.domain = many_domain,
		.group = many_group,
		.group_count = MANY,
		.flight = many_flight,
	};
	struct forecast_wave wave[2];
	int64_t began_ms, took_ms;

	memset(many_domain, 0, sizeof(many_domain));
	for (int i = 0; i < sites; i++)
		many_domain[i] =
			(struct domain){.boards = MANY, .max_pushes = max_pushes};
	for (int i = 0; i < MANY; i++) {
		many_domain[100 + i].boards = 1;
		many_group[i] = (struct forecast_group){
			.wave = i * 2 / MANY,
			.domains = {{i * 2 % MANY * sites / MANY, -1, 100 + i}},
			.window = {&hour, 120},
			.size = 180000,
			.push_ms = 1000 + i % 977,
			.rest_ms = 3000,
			.boards = 1,
		};
	}
	began_ms = cpu_ms();
	forecast_waves(&view, wave, 2);
	took_ms = cpu_ms() - began_ms;
	printf("# %s: %lld ms, %lld s\n", name, (long long)took_ms,
		(long long)seconds(wave[1].end_s));
	tap_ok(wave[1].end_s != WINDOW_NEVER && wave[1].begin_s == wave[0].end_s,
		"%s: they all come to an end", name);
	/* Ten times what it takes: a slip into squares shows all the same. */
	tap_ok(took_ms < 1000, "%s: and quickly", name);
}

int main(void)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		run_case(i);
	run_soaking("the last of them soaks", 1, 40);
	run_soaking("who begins now soaks longer", 0, 90);
	run_many("10,000 boards at 100 sites", 100, 0);
	run_many("10,000 boards at 100 sites of few", 100, 2);
	run_many("10,000 boards at one site, one by one", 1, 1);
	return tap_done();
}
