/* SPDX-License-Identifier: MIT
 *
 * The clocks and calendars of the simulated sites. Five zones, each with at most one
 * change of its clocks: enough to be wrong in, and simple enough to be told minute by
 * minute here, without the code that is held to it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/sim.h"

#define DAY_S 86400

struct zone_row {
	const char *name;
	int before_s;     /* seconds east of Greenwich */
	int64_t change_s; /* since SIM_START_S; 0: never */
	int after_s;
	const char *rule; /* what holds for ever after, west positive */
};

static const struct zone_row zones[SIM_ZONES] = {
	{"Level", 0, 0, 0, "LEV0"},
	{"East", 20700, 0, 20700, "EST-5:45"},
	{"West", -34200, 0, -34200, "WST9:30"},
	{"Spring", 3600, 30 * 3600, 7200, "SPR-2"},
	{"Autumn", 7200, 49 * 3600, 3600, "AUT-1"},
};
static char folder[64];

const char *sim_zone_name(int zone)
{
	return zones[zone].name;
}

/* ---- files (RFC 8536) ------------------------------------------------------------- */

static void put(FILE *file, int64_t value, int bytes)
{
	while (bytes-- > 0)
		fputc((int)((uint64_t)value >> (8 * bytes)) & 0xff, file);
}

static void put_header(FILE *file, int changes, int types)
{
	static const char reserved[15];

	fputs("TZif2", file);
	fwrite(reserved, sizeof(reserved), 1, file);
	put(file, 0, 4);
	put(file, 0, 4);
	put(file, 0, 4);
	put(file, changes, 4);
	put(file, types, 4);
	put(file, 4, 4);
}

static void put_type(FILE *file, int offset_s)
{
	put(file, offset_s, 4);
	put(file, 0, 1);
	put(file, 0, 1);
}

static void write_zone(const struct zone_row *row)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, row->name);
	file = fopen(path, "w");
	if (!file)
		abort();
	put_header(file, 0, 1); /* for readers of 32 bits */
	put_type(file, row->before_s);
	fwrite("SIM", 4, 1, file);
	put_header(file, row->change_s ? 1 : 0, 2);
	if (row->change_s) {
		put(file, SIM_START_S + row->change_s, 8);
		put(file, 1, 1);
	}
	put_type(file, row->before_s);
	put_type(file, row->after_s);
	fwrite("SIM", 4, 1, file);
	fprintf(file, "\n%s\n", row->rule);
	if (fclose(file) != 0)
		abort();
}

void sim_zones_write(void)
{
	snprintf(folder, sizeof(folder), "/tmp/wipyd-sim-zones-XXXXXX");
	if (!mkdtemp(folder) || setenv("TZDIR", folder, 1) < 0)
		abort();
	for (int i = 0; i < SIM_ZONES; i++)
		write_zone(&zones[i]);
}

void sim_zones_remove(void)
{
	char path[128];

	for (int i = 0; i < SIM_ZONES; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, zones[i].name);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* ---- windows ---------------------------------------------------------------------- */

static bool is_open_at(const struct sim_site *site, int64_t now_s)
{
	const struct zone_row *zone = &zones[site->zone];
	bool changed = zone->change_s && now_s >= SIM_START_S + zone->change_s;
	int64_t local_s = now_s + (changed ? zone->after_s : zone->before_s);
	int64_t day = local_s / DAY_S;
	int minute = (int)(local_s % DAY_S / 60);
	int weekday = (int)((day + 4) % 7); /* 1970 began on a Thursday */

	if (site->black_first && day >= site->black_first && day <= site->black_last)
		return false;
	for (int i = 0; i < site->window_count; i++) {
		const struct sim_window *w = &site->window[i];

		if ((w->days >> weekday & 1) && minute >= w->begin_min &&
			minute < w->end_min)
			return true;
		if ((w->days >> (weekday + 6) % 7 & 1) && minute < w->end_min - 1440)
			return true;
	}
	return site->window_count == 0;
}

bool sim_site_is_open(const struct sim_site *site, int64_t from_s, int64_t for_s)
{
	if (site->zone < 0)
		return true;
	for (int64_t at_s = from_s; at_s < from_s + for_s; at_s += 60 - at_s % 60)
		if (!is_open_at(site, at_s))
			return false;
	return true;
}
