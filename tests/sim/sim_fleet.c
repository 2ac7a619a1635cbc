/* SPDX-License-Identifier: MIT
 *
 * The owner's file: drawn, written, edited.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/edge/clock.h"
#include "tests/sim/sim.h"

static const struct {
	int wipy, pycom, esp32; /* percent; the rest is esp8266 */
} mixes[] = {
	{70, 15, 10}, {70, 15, 10}, {10, 85, 3}, {10, 5, 55}, {100, 0, 0}, {0, 100, 0}};

static enum wipy_family draw_family(void)
{
	int at = (int)sim_random(100);

	if (at < mixes[sim->mix].wipy)
		return WIPY_FAMILY_WIPY;
	at -= mixes[sim->mix].wipy;
	if (at < mixes[sim->mix].pycom)
		return WIPY_FAMILY_PYCOM;
	return at < mixes[sim->mix].pycom + mixes[sim->mix].esp32 ? WIPY_FAMILY_ESP32
								  : WIPY_FAMILY_ESP8266;
}

static const char *const probe_lists[] = {"",
	", probes: [{tcp: 80}, {command: [/bin/true]}]",
	", probes: [{repl: 1+1, expect: '2'}, {tcp: 80}]",
	", probes: [{repl: 1+1, expect: '2'}, {repl: 3-1, expect: '2'}]",
	", probes: [{tcp: 23}, {repl: 1+1, expect: '2'}, {tcp: 23}]",
	", probes: [{command: [/bin/true], deadline: 1m}]"};

static int draw_probes(void)
{
	const uint32_t lists = sizeof(probe_lists) / sizeof(probe_lists[0]);

	return (int)(sim->slow ? lists - 1 : sim_random(lists));
}

static int maybe(uint32_t percent, uint32_t below)
{
	return sim_chance(percent) ? (int)sim_random(below) : -1;
}

/* ---- drawing ---------------------------------------------------------------------- */

static struct sim_place draw_place(void)
{
	return (struct sim_place){
		.max_pushes = sim_chance(40) ? 1 + (int)sim_random(4) : 0,
		.rate = sim_chance(20) ? 1000 * (16 + (int)sim_random(80)) : 0,
	};
}

static struct sim_window draw_window(void)
{
	struct sim_window window = {
		.days = sim_chance(60) ? 0x7f : 1 + sim_random(0x7f)};

	window.begin_min = 5 * (int)sim_random(288);
	window.end_min = window.begin_min + 5 * (int)sim_between(1, 100);
	return window;
}

static struct sim_site draw_site(void)
{
	struct sim_site site = {.place = draw_place(), .zone = -1};

	if (!sim->clocked || sim_chance(30))
		return site;
	site.zone = (int)sim_random(SIM_ZONES);
	site.window_count = (int)sim_random(3);
	for (int i = 0; i < site.window_count; i++)
		site.window[i] = draw_window();
	if (sim_chance(30) || site.window_count == 0) {
		site.black_first = SIM_START_S / 86400 + (int)sim_random(3);
		site.black_last = site.black_first + (int)sim_random(2);
	}
	return site;
}

static struct sim_type draw_type(int type)
{
	return (struct sim_type){.entry_only = sim_chance(type == SIM_PICKY ? 70 : 10),
		.version_most = sim_chance(20) ? 1 + (int)sim_random(2) : -1};
}

static void draw_entry(size_t number)
{
	struct sim_entry *entry = &sim->written.entry[number];
	struct sim_board *board = &sim->board[number];

	*entry = (struct sim_entry){.listed = true,
		.family = board->family,
		.site = sim_chance(5) ? -1 : (int)sim_random(SIM_SITES),
		.point = maybe(sim->pointed ? 60 : 0, SIM_POINTS),
		.room = maybe(30, SIM_ROOMS),
		.type = maybe(22, SIM_TYPES),
		.probes = sim_chance(sim->slow ? 10 : 70) ? 0 : draw_probes(),
		.own_login = sim_chance(15),
		.interrupt = !sim_chance(10),
		.uname = sim_chance(5)};
	snprintf(entry->name, sizeof(entry->name), "%s", board->name);
	if (sim_chance(3)) { /* row 25: another board than the file says */
		entry->family = draw_family();
		sim->count->fault[25] += entry->family != board->family;
	}
	for (size_t i = 0; i < number && entry->type == SIM_LONE; i++)
		if (sim->written.entry[i].type == SIM_LONE)
			entry->type = -1;
	board->picky = entry->type == SIM_PICKY;
}

/* ---- writing ---------------------------------------------------------------------- */

/* Returns what goes in front of the next key. */
static const char *put_place(FILE *file, const struct sim_place *place)
{
	const char *gap = "";

	if (place->max_pushes) {
		fprintf(file, "max-pushes: %d", place->max_pushes);
		gap = ", ";
	}
	if (place->rate) {
		fprintf(file, "%sbandwidth: %dkB/s", gap, place->rate / 1000);
		gap = ", ";
	}
	return gap;
}

static void put_window(FILE *file, const struct sim_window *window)
{
	static const char *const names[] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	const char *gap = "";

	for (int day = 0; day < 7 && window->days != 0x7f; day++)
		if (window->days >> day & 1) {
			fprintf(file, "%s%s", gap, names[day]);
			gap = ",";
		}
	fprintf(file, "%s%02d:%02d-%02d:%02d", *gap ? " " : "", window->begin_min / 60,
		window->begin_min % 60, window->end_min % 1440 / 60,
		window->end_min % 60);
}

static void put_date(FILE *file, int64_t day)
{
	/* The simulation begins on the first of a month and ends within it. */
	fprintf(file, "2026-01-%02d", 1 + (int)(day - SIM_START_S / 86400));
}

static void put_blackout(FILE *file, const struct sim_site *site)
{
	fprintf(file, ", blackout: [\"");
	put_date(file, site->black_first);
	fprintf(file, "..");
	put_date(file, site->black_last);
	fprintf(file, "\"]");
}

static void put_site(FILE *file, int number)
{
	const struct sim_site *site = &sim->written.site[number];
	const char *gap;

	fprintf(file, "  s%d: {", number);
	gap = put_place(file, &site->place);
	if (site->zone >= 0)
		fprintf(file, "%stimezone: %s", gap, sim_zone_name(site->zone));
	for (int i = 0; i < site->window_count; i++) {
		fprintf(file, i == 0 ? ", windows: [\"" : ", \"");
		put_window(file, &site->window[i]);
		fprintf(file, "\"");
	}
	if (site->window_count > 0)
		fprintf(file, "]");
	if (site->black_first)
		put_blackout(file, site);
	fprintf(file, "}\n");
}

static void put_entry(FILE *file, size_t number)
{
	const struct sim_entry *entry = &sim->written.entry[number];

	if (!entry->listed)
		return;
	fprintf(file, "  - {name: %s, address: %s, family: %s", entry->name,
		sim->board[number].name, wipy_family_facts(entry->family)->name);
	if (entry->site >= 0)
		fprintf(file, ", site: s%d", entry->site);
	if (entry->point >= 0)
		fprintf(file, ", access-point: ap%d", entry->point);
	if (entry->type >= 0)
		fprintf(file, ", type: t%d", entry->type);
	if (entry->room >= 0)
		fprintf(file, ", labels: {room: m%d}", entry->room);
	if (!entry->interrupt)
		fprintf(file, ", interrupt: false");
	if (entry->own_login)
		fprintf(file, ", login: {user: " SIM_USER ", password-file: %s}",
			sim->password_path);
	if (entry->uname)
		fprintf(file, ", poll: {method: uname}");
	fprintf(file, "%s}\n", probe_lists[entry->probes]);
}

static void put_type(FILE *file, int number)
{
	const struct sim_type *type = &sim->written.type[number];
	const char *gap = "";

	fprintf(file, "  t%d: {family: wipy", number);
	if (type->entry_only || type->version_most >= 0)
		fprintf(file, ", accept: {");
	if (type->entry_only) {
		fprintf(file, "entry-point: [0x%08x]", SIM_ENTRY);
		gap = ", ";
	}
	if (type->version_most >= 0)
		fprintf(file, "%sversion: \"..v1.9.%d\"", gap, type->version_most);
	if (type->entry_only || type->version_most >= 0)
		fprintf(file, "}");
	fprintf(file, "}\n");
}

static void write_inventory(void)
{
	FILE *file = fopen(sim->inventory_path, "w");

	if (!file)
		abort();
	fprintf(file, "version: 1\ndefaults: {poll: {every: %dm}}\ntypes:\n",
		sim->poll_minutes);
	for (int i = 0; i < SIM_TYPES; i++)
		put_type(file, i);
	fprintf(file, "sites:\n");
	for (int i = 0; i < SIM_SITES; i++)
		put_site(file, i);
	fprintf(file, "access-points:\n");
	for (int i = 0; i < SIM_POINTS; i++) {
		fprintf(file, "  ap%d: {", i);
		(void)put_place(file, &sim->written.point[i]);
		fprintf(file, "}\n");
	}
	fprintf(file, "boards:\n");
	for (size_t i = 0; i < sim->board_count; i++)
		put_entry(file, i);
	if (fclose(file) != 0)
		abort();
	sim->rewritten = true;
}

static void make_file(char path[64], const char *text)
{
	int fd;

	snprintf(path, 64, "/tmp/wipyd-sim-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
		close(fd) != 0)
		abort();
}

void sim_fleet_take(void)
{
	sim->taken_ms = sim->now_ms;
	/* What was done under the old name is not known of the new one. */
	for (size_t i = 0; i < sim->board_count; i++)
		sim->board[i].by_others |= strcmp(sim->force.entry[i].name,
						   sim->written.entry[i].name) != 0;
	memcpy(sim->force.entry, sim->written.entry,
		sim->board_count * sizeof(*sim->force.entry));
	memcpy(sim->force.type, sim->written.type, sizeof(sim->force.type));
	memcpy(sim->force.site, sim->written.site, sizeof(sim->force.site));
	memcpy(sim->force.point, sim->written.point, sizeof(sim->force.point));
}

void sim_fleet_new(int poll_minutes)
{
	sim->poll_minutes = poll_minutes;
	sim->mix = (int)sim_random(sizeof(mixes) / sizeof(mixes[0]));
	sim->clocked = sim_chance(35) && !sim->plain;
	sim->pointed = sim_chance(50);
	sim->slow = sim_chance(10);
	sim->written.entry = calloc(sim->board_count, sizeof(*sim->written.entry));
	sim->force.entry = calloc(sim->board_count, sizeof(*sim->force.entry));
	if (!sim->written.entry || !sim->force.entry)
		abort();
	make_file(sim->inventory_path, "");
	make_file(sim->password_path, "secret\n");
	for (int i = 0; i < SIM_SITES; i++)
		sim->written.site[i] = draw_site();
	for (int i = 0; i < SIM_POINTS; i++)
		sim->written.point[i] = draw_place();
	for (int i = 0; i < SIM_TYPES; i++)
		sim->written.type[i] = draw_type(i);
	for (size_t i = 0; i < sim->board_count; i++) {
		snprintf(sim->board[i].name, sizeof(sim->board[i].name), "b-%04zu", i);
		sim->board[i].family = draw_family();
		draw_entry(i);
	}
	write_inventory();
	memcpy(sim->force.entry, sim->written.entry,
		sim->board_count * sizeof(*sim->force.entry));
}

void sim_fleet_done(void)
{
	(void)unlink(sim->inventory_path);
	(void)unlink(sim->password_path);
	sim_daemon_forget_file();
	free(sim->written.entry);
	free(sim->force.entry);
}

/* ---- editing ---------------------------------------------------------------------- */

static void retype(struct sim_entry *entry)
{
	entry->type =
		sim_chance(30) ? -1 : SIM_OWN + (int)sim_random(SIM_TYPES - SIM_OWN);
}

static void edit_entry(size_t number)
{
	struct sim_entry *entry = &sim->written.entry[number];
	struct sim_board *board = &sim->board[number];

	switch (sim_random(7)) {
	case 0:
		entry->listed = !entry->listed;
		break;
	case 1:
		snprintf(entry->name, sizeof(entry->name), "%c-%04zu",
			entry->name[0] == 'b' ? 'c' : 'b', number);
		break;
	case 2:
		entry->family = sim_chance(70) ? board->family : draw_family();
		break;
	case 3:
		entry->site = (int)sim_random(SIM_SITES);
		break;
	case 4:
		entry->point = maybe(60, SIM_POINTS);
		break;
	case 5:
		retype(entry);
		break;
	default:
		entry->interrupt = !entry->interrupt;
		entry->probes = draw_probes();
		break;
	}
}

void sim_fleet_edit(void)
{
	uint32_t changes = 1 + sim_random(4);

	if (sim_chance(30))
		sim->written.site[sim_random(SIM_SITES)] = draw_site();
	if (sim_chance(30)) {
		int type = (int)sim_random(SIM_TYPES);

		sim->written.type[type] = draw_type(type);
	}
	while (changes-- > 0)
		edit_entry(sim_random((uint32_t)sim->board_count));
	write_inventory();
}

void sim_fleet_take_out(const struct sim_board *board)
{
	sim->written.entry[board - sim->board].listed = false;
	write_inventory();
}

void sim_fleet_retype(const struct sim_board *board)
{
	retype(&sim->written.entry[board - sim->board]);
	write_inventory();
}

void sim_fleet_close(const struct sim_board *board)
{
	int number = sim->written.entry[board - sim->board].site;
	struct sim_site *site = &sim->written.site[number < 0 ? 0 : number];

	if (number < 0)
		return;
	site->zone = 0;
	site->black_first = clock_now_s() / 86400;
	site->black_last = site->black_first + 1;
	write_inventory();
}
