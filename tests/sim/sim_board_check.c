/* SPDX-License-Identifier: MIT
 *
 * The simulated board against the tables of the boot loader and the updater, row by row:
 * those of tests/data and, where they are at hand, those recorded from the real ones.
 * What a row says is compared with what the board makes of its beginning; then each
 * field is replaced by whatever else stands in its column, and no such row may hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_board.h"

#define FIELDS   8
#define LINE     300
#define ROWS     160
#define SAID_MAX 32

static const struct sim_image good, bad = {.broken = true};
static const char *const names[SIM_SLOTS] = {"F", "U1", "U2"};

struct row {
	char text[LINE];
	char *field[FIELDS];
	int count;
	bool launchpad; /* of that section */
};

/* What the board makes of a row's beginning, where the row says it; "" elsewhere. */
typedef char outcome[FIELDS][SAID_MAX];

static struct row rows[ROWS];

/* ---- reading ---------------------------------------------------------------------- */

/* Splits at '|' and trims blanks. */
static void split(struct row *row)
{
	row->text[strcspn(row->text, "\n")] = '\0';
	row->count = 0;
	for (char *part = row->text; part && row->count < FIELDS; row->count++) {
		char *next = strchr(part, '|'), *end;

		if (next)
			*next++ = '\0';
		while (*part == ' ')
			part++;
		for (end = part + strlen(part); end > part && end[-1] == ' ';)
			*--end = '\0';
		row->field[row->count] = part;
		part = next;
	}
}

/* The rows of a table; -1: it is not at hand, or too long. */
static int read_table(const char *path)
{
	FILE *file = fopen(path, "r");
	bool launchpad = false;
	int count = 0;

	if (!file)
		return -1;
	while (count >= 0 && fgets(rows[count].text, LINE, file)) {
		struct row *row = &rows[count];

		if (row->text[0] == '#') {
			launchpad |= strstr(row->text, "LaunchPad") != NULL;
			continue;
		}
		if (row->text[0] == '\n')
			continue;
		split(row);
		row->launchpad = launchpad;
		if (++count == ROWS)
			count = -1;
	}
	fclose(file);
	return count;
}

/* False: a value or a length that no updater writes; the simulated board has none. */
static bool read_record(const char *text, struct sim_record *ret_record)
{
	unsigned int active, status, previous, pad;

	if (strcmp(text, "(none)") == 0) {
		*ret_record = (struct sim_record){false, 0, false, 0};
		return true;
	}
	if (strlen(text) != 11 ||
		sscanf(text, "%2x %2x %2x %2x", &active, &status, &previous, &pad) !=
			4 ||
		active > 2 || status > 1 || previous > 2 || pad != 0)
		return false;
	*ret_record =
		(struct sim_record){true, (int)active, status == 0, (int)previous};
	return true;
}

static bool read_slot(const char *word, struct sim_slot *ret_slot)
{
	static const char *const broken[] = {
		"bad", "cut", "short", "upper", "newline", "nosign", "empty"};

	if (strcmp(word, "good") == 0)
		*ret_slot = (struct sim_slot){SIM_WHOLE, &good};
	else if (strcmp(word, "absent") == 0)
		*ret_slot = (struct sim_slot){SIM_EMPTY, NULL};
	else if (strcmp(word, "torn") == 0)
		*ret_slot = (struct sim_slot){SIM_TORN, NULL};
	else
		*ret_slot = (struct sim_slot){SIM_WHOLE, &bad};
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (strcmp(word, broken[i]) == 0)
			return true;
	return ret_slot->image != &bad;
}

static void say_record(const struct sim_record *record, char ret_said[SAID_MAX])
{
	if (record->there)
		snprintf(ret_said, SAID_MAX, "%02x %02x %02x 00", record->active & 0xff,
			record->check ? 0 : 1, record->previous & 0xff);
	else
		snprintf(ret_said, SAID_MAX, "(none)");
}

/* ---- boot_table: before | F | U1 | U2 | after | present | runs -------------------- */

static bool boot_row(const struct row *row, outcome ret_said)
{
	struct sim_board board = {.family = WIPY_FAMILY_WIPY};

	if (row->count != 7 || !read_record(row->field[0], &board.record))
		return false;
	for (int i = 0; i < SIM_SLOTS; i++)
		if (!read_slot(row->field[1 + i], &board.slot[i]))
			return false;
	sim_board_boot(&board);
	say_record(&board.record, ret_said[4]);
	for (int i = 0; i < SIM_SLOTS; i++)
		if (board.slot[i].content != SIM_EMPTY) {
			strcat(ret_said[5], ret_said[5][0] ? " " : "");
			strcat(ret_said[5], names[i]);
		}
	if (ret_said[5][0] == '\0')
		strcpy(ret_said[5], "-");
	strcpy(ret_said[6], board.runs >= 0 ? names[board.runs] : "STOP");
	return true;
}

/* ---- update_table: before | slot | after | second slot | after -------------------- */

static bool update_row(const struct row *row, outcome ret_said)
{
	struct sim_board board = {
		.family = WIPY_FAMILY_WIPY, .launchpad = row->launchpad};

	if (row->count != 5 || !read_record(row->field[0], &board.record))
		return false;
	for (int i = 0; i < 2; i++) {
		memset(board.slot, 0, sizeof(board.slot));
		sim_board_store(&board, &good, true, true);
		for (int s = 0; s < SIM_SLOTS; s++)
			if (board.slot[s].content == SIM_WHOLE)
				strcpy(ret_said[1 + 2 * i], names[s]);
		say_record(&board.record, ret_said[2 + 2 * i]);
	}
	return true;
}

/* ---- judging ---------------------------------------------------------------------- */

static const struct table {
	const char *name;
	bool (*foretell)(const struct row *row, outcome ret_said);
	int fields;
	int rows[2]; /* ours, recorded */
	int odd[2];  /* of them with records that no updater writes */
} tables[] = {
	{"boot_table", boot_row, 7, {109, 111}, {13, 14}},
	{"update_table", update_row, 5, {38, 38}, {0, 0}},
};

enum verdict { HOLDS, DIFFERS, ODD };

static enum verdict judge(const struct table *table, const struct row *row)
{
	outcome said = {{0}};

	if (!table->foretell(row, said))
		return ODD;
	for (int i = 0; i < table->fields; i++)
		if (said[i][0] && strcmp(said[i], row->field[i]) != 0)
			return DIFFERS;
	return HOLDS;
}

/* That field of a row, replaced by whatever else its column holds: how many of the
 * changed rows hold and do not hold. */
static void change(
	const struct table *table, int at, int field, int count, int ret_seen[3])
{
	struct row row = rows[at];

	for (int i = 0; i < count; i++) {
		if (strcmp(rows[i].field[field], rows[at].field[field]) == 0)
			continue;
		row.field[field] = rows[i].field[field];
		ret_seen[judge(table, &row)]++;
	}
}

/* An outcome must be the one that stands there. What a row begins with may be without
 * consequences in one row, but not in all of them. */
static bool changes_are_seen(const struct table *table, int count)
{
	for (int field = 0; field < table->fields; field++) {
		int all[3] = {0};

		for (int at = 0; at < count; at++) {
			outcome said = {{0}};
			int seen[3] = {0};

			if (!table->foretell(&rows[at], said))
				continue;
			change(table, at, field, count, seen);
			all[DIFFERS] += seen[DIFFERS];
			if (said[field][0] && (seen[HOLDS] || !seen[DIFFERS])) {
				printf("# %s: row %d holds with another field %d\n",
					table->name, at + 1, field + 1);
				return false;
			}
		}
		if (all[DIFFERS] == 0) {
			printf("# %s: field %d decides nothing\n", table->name,
				field + 1);
			return false;
		}
	}
	return true;
}

static bool check_table(const struct table *table, int place, const char *path)
{
	int seen[3] = {0}, count = read_table(path);

	if (count < 0 && place == 1) {
		printf("# %s: the recorded table is not at hand\n", table->name);
		return true;
	}
	for (int i = 0; i < count; i++) {
		enum verdict verdict = judge(table, &rows[i]);

		seen[verdict]++;
		if (verdict == DIFFERS)
			printf("# %s: the simulated board does otherwise: row %d, %s\n",
				path, i + 1, rows[i].field[0]);
	}
	if (count != table->rows[place] || seen[ODD] != table->odd[place])
		printf("# %s: %d rows, of them %d odd\n", path, count, seen[ODD]);
	return count == table->rows[place] && seen[ODD] == table->odd[place] &&
	       seen[DIFFERS] == 0 && changes_are_seen(table, count);
}

/* What docs/decisions/0010 says of where an upload goes: no board has been recorded. */
static bool check_trial(void)
{
	static const struct {
		struct sim_record record;
		bool trial;
		int runs, target; /* 0: answered by 550 */
	} wanted[] = {
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
	const int count = sizeof(wanted) / sizeof(wanted[0]);

	for (int i = 0; i < count; i++) {
		struct sim_board board = {.family = WIPY_FAMILY_ESP32};
		int written = 0;

		board.record = wanted[i].record;
		board.trial = wanted[i].trial;
		board.runs = wanted[i].runs;
		sim_board_store(&board, &good, true, true);
		for (int s = 1; s < SIM_SLOTS; s++)
			if (board.slot[s].content == SIM_WHOLE)
				written = s;
		if (written != wanted[i].target ||
			(written != 0 && board.record.active != written)) {
			printf("# trial row %d: the simulated board writes slot %d\n",
				i, written);
			return false;
		}
	}
	return true;
}

bool sim_board_check(const char *source)
{
	const char *shared = getenv("WIPY_SHARED");
	bool well = check_trial();
	char path[1000];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(path, sizeof(path), "%s/tests/data/%s.txt", source,
			tables[i].name);
		well = check_table(&tables[i], 0, path) && well;
		snprintf(path, sizeof(path), "%s%s/boards/transcripts/%s.txt",
			shared ? shared : source, shared ? "" : "/../shared",
			tables[i].name);
		well = check_table(&tables[i], 1, path) && well;
	}
	return well;
}
