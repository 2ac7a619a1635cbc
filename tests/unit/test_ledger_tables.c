/* SPDX-License-Identifier: MIT
 *
 * The ledger's rules against the tables of boot and update, row by row: those kept under
 * tests/data and, where they are at hand, those recorded from the boards' own code. What
 * a row says is compared with what the rules make of its beginning; each field that is
 * an outcome is then replaced by every other value, and no such row may fit. Of what a
 * row begins with, each field must decide something in one row at least.
 */
#include <ctype.h>
#include <stdlib.h>

#include "common/ledger_world.h"
#include "tests/tap.h"

#define FIELDS   8
#define LINE     300
#define OUTCOMES 4

enum { FACTORY, UPDATE1, UPDATE2 };
static const char *const slot_names[] = {"F", "U1", "U2"};

struct row {
	int count;
	char *field[FIELDS];
	char text[LINE];
};

/* What a row's beginning leads to. */
struct outcome {
	char text[OUTCOMES][32];
	int field[OUTCOMES]; /* where the row says it */
	int count;
};

/* ---- reading --------------------------------------------------------------------- */

static char *trim(char *at)
{
	char *end = at + strlen(at);

	while (isspace((unsigned char)*at))
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return at;
}

static bool next_line(FILE *file, struct row *ret_row)
{
	char *at = ret_row->text;

	if (!fgets(ret_row->text, sizeof(ret_row->text), file))
		return false;
	for (ret_row->count = 0; at && ret_row->count < FIELDS; ret_row->count++) {
		char *bar = ret_row->text[0] == '#' ? NULL : strchr(at, '|');

		if (bar)
			*bar = '\0';
		ret_row->field[ret_row->count] = trim(at);
		at = bar ? bar + 1 : NULL;
	}
	return true;
}

static FILE *open_table(int place, const char *name)
{
	const char *top = getenv("top_srcdir"), *shared = getenv("WIPY_SHARED");
	char path[1000];

	if (!top)
		top = ".";
	if (place == 0)
		snprintf(path, sizeof(path), "%s/tests/data/%s.txt", top, name);
	else
		snprintf(path, sizeof(path), "%s%s/boards/transcripts/%s.txt",
			shared ? shared : top, shared ? "" : "/../shared", name);
	return fopen(path, "r");
}

/* False: values or lengths that no updater writes, which the ledger does not know. */
static bool read_record(const char *text, struct ledger_world *world)
{
	unsigned int a, s, p, pad;

	if (strcmp(text, "(none)") == 0) {
		world->status = LEDGER_NO_RECORD;
		return true;
	}
	if (strlen(text) != 11 || sscanf(text, "%x %x %x %x", &a, &s, &p, &pad) != 4 ||
		a > 2 || s > 1 || p > 2 || pad != 0)
		return false;
	world->active = (uint8_t)a;
	world->status = s == 0 ? LEDGER_CHECK : LEDGER_READY;
	world->previous = (uint8_t)p;
	return true;
}

static void write_record(const struct ledger_world *world, char ret_text[32])
{
	if (world->status == LEDGER_NO_RECORD)
		snprintf(ret_text, 32, "(none)");
	else
		snprintf(ret_text, 32, "%02x %02x %02x 00", world->active,
			world->status == LEDGER_READY, world->previous);
}

static void add(struct outcome *outcome, int field, const char *text)
{
	outcome->field[outcome->count] = field;
	snprintf(outcome->text[outcome->count++], 32, "%s", text);
}

static void add_record(
	struct outcome *outcome, int field, const struct ledger_world *world)
{
	char text[32];

	write_record(world, text);
	add(outcome, field, text);
}

/* "F U1* U2": a star where `torn` has its bit. */
static void add_slots(struct outcome *outcome, int field,
	const struct ledger_world *world, unsigned torn)
{
	char text[32] = "";

	for (int i = 0; i < LEDGER_SLOTS; i++) {
		size_t len = strlen(text);

		if (world->slot[i] != LEDGER_EMPTY)
			snprintf(text + len, sizeof(text) - len, "%s%s%s",
				len ? " " : "", slot_names[i],
				torn >> i & 1 ? "*" : "");
	}
	add(outcome, field, text[0] ? text : "-");
}

/* ---- judging --------------------------------------------------------------------- */

static bool fits(const struct row *row, const struct outcome *outcome)
{
	for (int i = 0; i < outcome->count; i++)
		if (outcome->field[i] >= row->count ||
			strcmp(row->field[outcome->field[i]], outcome->text[i]) != 0)
			return false;
	return outcome->count > 0;
}

static const char *const others[] = {"F", "U1", "U2", "STOP", "-", "F U1", "F U2",
	"F U1 U2", "U1 U2", "F U1*", "F U1* U2", "F U1 U2*", "(none)", "00 00 00 00",
	"00 01 00 00", "01 00 00 00", "01 01 00 00", "02 00 01 00", "02 01 01 00",
	"01 00 02 00", "01 01 02 00", "02 01 00 00", "00 00 01 00", "(old until reset)",
	"(F until reset)", "(U1 until reset)", "(U2 until reset)", "good", "bad",
	"torn", "absent", "window 1", "window 2", "window 3", "reset, MD5 wrong",
	"STOR"};

static bool is_outcome(const struct outcome *outcome, int field)
{
	for (int i = 0; i < outcome->count; i++)
		if (outcome->field[i] == field)
			return true;
	return false;
}

static bool only_it_fits(const struct row *row, const struct outcome *outcome)
{
	for (int i = 0; i < outcome->count; i++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
			struct row changed = *row;

			if (strcmp(others[k], row->field[outcome->field[i]]) == 0)
				continue;
			changed.field[outcome->field[i]] = (char *)(uintptr_t)others[k];
			if (fits(&changed, outcome))
				return false;
		}
	return true;
}

/* ---- boot_table: before | F | U1 | U2 | after | present | runs ------------------- */

static uint8_t content_of(const char *state)
{
	if (strcmp(state, "good") == 0)
		return LEDGER_IMAGE;
	return strcmp(state, "absent") == 0 ? LEDGER_EMPTY : LEDGER_BROKEN;
}

/* It stops where it cannot open the slot, and starts what is READY without looking. */
static const char *run_text(const struct ledger_start *start, const char *state)
{
	bool opens = start->after.slot[start->slot] != LEDGER_EMPTY &&
		     strcmp(state, "torn") != 0;

	return start->alive || opens ? slot_names[start->slot] : "STOP";
}

static bool boot_row(const struct row *row, const char *section, struct outcome *out)
{
	struct ledger_world world = {0};
	struct ledger_start start;
	unsigned works = 0;

	(void)section;
	if (row->count != 7 || !read_record(row->field[0], &world))
		return false;
	for (int i = 0; i < LEDGER_SLOTS; i++) {
		world.slot[i] = content_of(row->field[1 + i]);
		works |= (unsigned)(world.slot[i] == LEDGER_IMAGE) << i;
	}
	ledger_world_boot(LEDGER_CLASSIC, &world, works, LEDGER_PLAIN, &start);
	add_record(out, 4, &start.after);
	add_slots(out, 5, &start.after, 0);
	add(out, 6, run_text(&start, row->field[1 + start.slot]));
	return true;
}

/* ---- boot_pin_check: pin | before | U1 | U2 | after | runs ----------------------- */

static enum ledger_pick pick_of(const char *pin)
{
	if (strncmp(pin, "window 1", 8) == 0)
		return LEDGER_WINDOW_LATEST;
	return strncmp(pin, "window 2", 8) == 0 ? LEDGER_WINDOW_PREVIOUS
						: LEDGER_WINDOW_FACTORY;
}

static bool pin_row(const struct row *row, const char *section, struct outcome *out)
{
	struct ledger_world world = {.slot = {LEDGER_IMAGE}};
	struct ledger_start start;
	unsigned works = 1;

	(void)section;
	if (row->count != 6 || !read_record(row->field[1], &world))
		return false;
	for (int i = 1; i < LEDGER_SLOTS; i++) {
		world.slot[i] = content_of(row->field[1 + i]);
		works |= (unsigned)(world.slot[i] == LEDGER_IMAGE) << i;
	}
	ledger_world_boot(
		LEDGER_CLASSIC, &world, works, pick_of(row->field[0]), &start);
	add_record(out, 4, &start.after);
	add(out, 5,
		run_text(&start,
			start.slot == FACTORY ? "good" : row->field[1 + start.slot]));
	return true;
}

/* ---- update_table: before | slot | after | second slot | after ------------------- */

static bool update_row(const struct row *row, const char *section, struct outcome *out)
{
	enum ledger_kind kind =
		strstr(section, "LaunchPad") ? LEDGER_CLASSIC_ONE : LEDGER_CLASSIC;
	struct ledger_write writes[LEDGER_WRITES_MAX];
	struct ledger_world world = {0};

	if (row->count != 5 || !read_record(row->field[0], &world) ||
		ledger_world_push(kind, &world, writes) != 1)
		return false;
	add(out, 1, slot_names[writes[0].slot]);
	add_record(out, 2, &writes[0].after);
	world = writes[0].after;
	if (ledger_world_push(kind, &world, writes) != 1)
		return false;
	add(out, 3, slot_names[writes[0].slot]);
	add_record(out, 4, &writes[0].after);
	return true;
}

/* ---- boot_rows: row | before | event | after | slots | runs ---------------------- */

/* The slots that the row begins with are its own, those of its end, and the pending one:
 * the table does not say them. */
static void put_start(const struct row *row, struct ledger_world *world)
{
	for (int i = 0; i < LEDGER_SLOTS; i++)
		world->slot[i] = strstr(row->field[4], slot_names[i]) ? LEDGER_IMAGE
								      : LEDGER_EMPTY;
	if (world->slot[world->active] == LEDGER_EMPTY)
		world->slot[world->active] = LEDGER_IMAGE;
}

static unsigned works_of(const struct ledger_world *world)
{
	unsigned works = 0;

	for (int i = 0; i < LEDGER_SLOTS; i++)
		works |= (unsigned)(world->slot[i] == LEDGER_IMAGE) << i;
	return works;
}

static void until_reset(const struct ledger_world *before, const char *event,
	const struct row *row, struct outcome *out)
{
	char text[32];

	if (strstr(row->field[5], "old") || before->status != LEDGER_READY ||
		strstr(event, "LaunchPad"))
		snprintf(text, sizeof(text), "(old until reset)");
	else
		snprintf(text, sizeof(text), "(%s until reset)",
			slot_names[before->active]);
	add(out, 5, text);
}

static bool events_row(const struct row *row, const char *section, struct outcome *out)
{
	const char *event = row->count == 6 ? row->field[2] : "";
	bool cut = strstr(event, "power cut") || strstr(event, "same, and");
	bool boots = cut || strstr(event, "reset") || strstr(event, "first power-on");
	enum ledger_kind kind =
		strstr(event, "LaunchPad") ? LEDGER_CLASSIC_ONE : LEDGER_CLASSIC;
	struct ledger_write writes[LEDGER_WRITES_MAX];
	struct ledger_world world = {0}, before;
	struct ledger_start start;
	unsigned torn = 0;

	(void)section;
	if (row->count != 6 || !read_record(row->field[1], &world))
		return false;
	put_start(row, &world);
	if (strstr(event, "MD5 wrong"))
		world.slot[world.active] = LEDGER_BROKEN;
	before = world;
	if (strstr(event, "STOR") || cut) {
		if (ledger_world_push(kind, &world, writes) != 1)
			return false;
		if (!cut)
			world = writes[0].after;
		world.slot[writes[0].slot] = cut ? LEDGER_BROKEN : LEDGER_IMAGE;
		torn = cut ? 1u << writes[0].slot : 0;
	}
	if (!boots) {
		add_record(out, 3, &world);
		add_slots(out, 4, &world, 0);
		until_reset(&before, event, row, out);
		return true;
	}
	ledger_world_boot(kind, &world, works_of(&world),
		strstr(event, "the pin selects") ? LEDGER_WINDOW_PREVIOUS
						 : LEDGER_PLAIN,
		&start);
	add_record(out, 3, &start.after);
	add_slots(out, 4, &start.after, torn);
	add(out, 5, run_text(&start, start.alive ? "good" : "torn"));
	return true;
}

/* ---- all of them ----------------------------------------------------------------- */

static const struct table {
	const char *name;
	bool (*foretell)(
		const struct row *row, const char *section, struct outcome *out);
	int rows[2]; /* own, recorded: that the ledger has an answer for */
	int odd[2];  /* with records that no updater writes */
	int first;   /* field that says something */
	int fields;
} tables[] = {
	{"boot_table", boot_row, {96, 97}, {13, 14}, 0, 7},
	{"boot_pin_check", pin_row, {24, 24}, {0, 0}, 0, 6},
	{"update_table", update_row, {38, 38}, {0, 0}, 0, 5},
	{"boot_rows", events_row, {30, 30}, {0, 0}, 1, 6},
};

/* Which fields of the row's beginning lead elsewhere with another value. */
static unsigned decisive_fields(const struct table *table, const struct row *row,
	const char *section, const struct outcome *outcome)
{
	unsigned decisive = 0;

	for (int field = 0; field < table->fields; field++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
			struct outcome out = {.count = 0};
			struct row changed = *row;

			changed.field[field] = (char *)(uintptr_t)others[k];
			if (is_outcome(outcome, field) ||
				(table->foretell(&changed, section, &out) &&
					!fits(&changed, &out)))
				decisive |= 1u << field;
		}
	return decisive;
}

static void try_table(const struct table *table, int place)
{
	const char *where = place ? "recorded" : "own";
	FILE *file = open_table(place, table->name);
	char section[LINE] = "";
	int rows = 0, odd = 0;
	unsigned decisive = 0;
	struct row row;

	if (!file) {
		tap_skip(table->name, "the table is not at hand");
		return;
	}
	while (next_line(file, &row)) {
		struct outcome out = {.count = 0};

		if (row.text[0] == '#') {
			snprintf(section, sizeof(section), "%s", row.text);
			continue;
		}
		if (row.field[0][0] == '\0' && row.count < 2)
			continue;
		if (!table->foretell(&row, section, &out)) {
			odd++;
			continue;
		}
		rows++;
		decisive |= decisive_fields(table, &row, section, &out);
		if (!tap_ok(fits(&row, &out) && only_it_fits(&row, &out),
			    "%s: %s row %d", where, table->name, rows))
			for (int i = 0; i < out.count; i++)
				printf("# field %d: the ledger says '%s', the row "
				       "'%s'\n",
					out.field[i] + 1, out.text[i],
					row.field[out.field[i]]);
	}
	fclose(file);
	EQ_INT(rows, table->rows[place], table->name);
	EQ_INT(odd, table->odd[place], table->name);
	tap_ok(decisive >> table->first == (1u << (table->fields - table->first)) - 1,
		"%s: each field of %s decides something", where, table->name);
}

int main(void)
{
	for (int place = 0; place < 2; place++)
		for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
			try_table(&tables[i], place);
	return tap_done();
}
