/* SPDX-License-Identifier: MIT
 *
 * The simulated board against the tables recorded from the real boot loader and
 * updater.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_board.h"

#define FIELDS_MAX 8

static const struct sim_image good, bad = {.broken = true};

/* Splits at '|' and trims blanks; returns the number of fields. */
static int split(char *line, char *field[FIELDS_MAX])
{
	int count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *part = line; part && count < FIELDS_MAX; count++) {
		char *next = strchr(part, '|'), *end;

		if (next)
			*next++ = '\0';
		while (*part == ' ')
			part++;
		for (end = part + strlen(part); end > part && end[-1] == ' ';)
			*--end = '\0';
		field[count] = part;
		part = next;
	}
	return count;
}

static struct sim_record read_record(const char *text)
{
	unsigned int active, status, previous;

	if (sscanf(text, "%2x %2x %2x", &active, &status, &previous) != 3)
		return (struct sim_record){false, 0, false, 0};
	return (struct sim_record){true, (int)active, status == 0, (int)previous};
}

static void format_record(const struct sim_record *record, char ret_text[32])
{
	if (record->there)
		snprintf(ret_text, 32, "%02x %02x %02x 00", record->active & 0xff,
			record->check ? 0 : 1, record->previous & 0xff);
	else
		snprintf(ret_text, 32, "(none)");
}

static struct sim_slot read_slot(const char *word)
{
	if (strcmp(word, "good") == 0)
		return (struct sim_slot){SIM_WHOLE, &good};
	if (strcmp(word, "absent") == 0)
		return (struct sim_slot){SIM_EMPTY, NULL};
	if (strcmp(word, "torn") == 0)
		return (struct sim_slot){SIM_TORN, NULL};
	return (struct sim_slot){SIM_WHOLE, &bad};
}

static bool boot_row(char *field[FIELDS_MAX])
{
	static const char *const names[SIM_SLOTS] = {"F", "U1", "U2"};
	struct sim_board board = {.family = WIPY_FAMILY_WIPY};
	char record[32], slots[16] = "";

	board.record = read_record(field[0]);
	for (int i = 0; i < SIM_SLOTS; i++)
		board.slot[i] = read_slot(field[1 + i]);
	sim_board_boot(&board);
	format_record(&board.record, record);
	for (int i = 0; i < SIM_SLOTS; i++)
		if (board.slot[i].content != SIM_EMPTY) {
			strcat(slots, slots[0] ? " " : "");
			strcat(slots, names[i]);
		}
	return strcmp(record, field[4]) == 0 &&
	       strcmp(slots[0] ? slots : "-", field[5]) == 0 &&
	       strcmp(board.runs >= 0 ? names[board.runs] : "STOP", field[6]) == 0;
}

static bool update_row(char *field[FIELDS_MAX])
{
	struct sim_board board = {.family = WIPY_FAMILY_WIPY};

	board.record = read_record(field[0]);
	for (int i = 0; i < 2; i++) {
		char record[32], slot[8] = "";

		memset(board.slot, 0, sizeof(board.slot));
		sim_board_store(&board, &good, true, true);
		format_record(&board.record, record);
		for (int s = 1; s < SIM_SLOTS; s++)
			if (board.slot[s].content == SIM_WHOLE)
				snprintf(slot, sizeof(slot), "U%d", s);
		if (strcmp(slot, field[1 + 2 * i]) != 0 ||
			strcmp(record, field[2 + 2 * i]) != 0)
			return false;
	}
	return true;
}

/* Rows up to a line that begins with `end`. */
static int check_file(const char *dir, const char *name, int fields, const char *end,
	bool (*row)(char *field[FIELDS_MAX]))
{
	char path[400], line[400], shown[400];
	int rows = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (!file) {
		printf("# %s cannot be read\n", path);
		return -1;
	}
	while (rows >= 0 && fgets(line, sizeof(line), file)) {
		char *field[FIELDS_MAX];

		if (end && strncmp(line, end, strlen(end)) == 0)
			break;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		snprintf(shown, sizeof(shown), "%s", line);
		if (split(line, field) != fields || !row(field)) {
			printf("# %s: the simulated board does otherwise: %s", name,
				shown);
			rows = -1;
		} else {
			rows++;
		}
	}
	fclose(file);
	return rows;
}

/* What docs/decisions/0010 says of where an upload goes: no board has been recorded. */
static int check_trial(void)
{
	static const struct {
		struct sim_record record;
		bool trial;
		int runs, target; /* 0: answered by 550 */
	} rows[] = {
		{{true, 0, false, 0}, false, 0, 1},
		{{true, 0, false, 1}, false, 0, 2},
		{{true, 1, false, 0}, false, 1, 2},
		{{true, 2, false, 1}, false, 2, 1},
		{{true, 1, false, 0}, true, 1, 2},
		{{true, 1, false, 2}, true, 1, 0},
		{{true, 2, false, 1}, true, 2, 0},
		{{true, 2, true, 1}, false, 1, 2},
		{{true, 1, true, 0}, false, 0, 1},
	};
	const int count = sizeof(rows) / sizeof(rows[0]);

	for (int i = 0; i < count; i++) {
		struct sim_board board = {.family = WIPY_FAMILY_ESP32};
		int written = 0;

		board.record = rows[i].record;
		board.trial = rows[i].trial;
		board.runs = rows[i].runs;
		sim_board_store(&board, &good, true, true);
		for (int s = 1; s < SIM_SLOTS; s++)
			if (board.slot[s].content == SIM_WHOLE)
				written = s;
		if (written != rows[i].target ||
			(written != 0 && board.record.active != written)) {
			printf("# trial row %d: the simulated board writes slot %d\n",
				i, written);
			return -1;
		}
	}
	return count;
}

int sim_board_check(const char *dir)
{
	int boots = check_file(dir, "boot_table.txt", 7, "# trailers", boot_row);
	int updates = check_file(dir, "update_table.txt", 5, "# LaunchPad", update_row);

	int trials = check_trial();

	return boots < 0 || updates < 0 || trials < 0 ? -1 : boots + updates + trials;
}
