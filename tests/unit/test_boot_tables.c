/* SPDX-License-Identifier: MIT
 *
 * The classic boot record against tables, row by row: those kept under tests/data and,
 * where they are at hand, those recorded from the boards' own code. Every row is tried
 * on the pure choice and on a machine with flash, pin and LED.
 */
#include "tests/tap.h"
#include "tests/unit/boot_table_file.h"

#define IMAGE_LEN 3044
#define NO_SLOT   BOOT_SLOT_COUNT

static uint8_t images[BOOT_SLOT_COUNT][IMAGE_LEN];
static uint8_t fresh_image[IMAGE_LEN];

/* ---- slots -------------------------------------------------------------------- */

static enum boot_image image_of(const char *state)
{
	return strcmp(state, "good") == 0     ? BOOT_IMAGE_GOOD
	       : strcmp(state, "torn") == 0   ? BOOT_IMAGE_TORN
	       : strcmp(state, "absent") == 0 ? BOOT_IMAGE_ABSENT
					      : BOOT_IMAGE_BAD;
}

static void put_torn(struct machine *machine, enum hal_area area)
{
	/* opened and never closed */
	memset(machine->hal.flash[area] + 4, 0xFF, 8);
}

/* False: no such state is known. */
static bool put_image(struct machine *machine, enum boot_slot slot, const char *state)
{
	enum hal_area area = boot_record_area(slot);
	uint8_t bytes[IMAGE_LEN + 1];
	size_t len = IMAGE_LEN;

	memcpy(bytes, images[slot], IMAGE_LEN);
	bytes[IMAGE_LEN] = '\n';
	if (strcmp(state, "absent") == 0)
		return true;
	if (strcmp(state, "bad") == 0)
		bytes[100] ^= 1;
	else if (strcmp(state, "cut") == 0)
		len = 2000;
	else if (strcmp(state, "short") == 0)
		len = 32;
	else if (strcmp(state, "nosign") == 0)
		len = IMAGE_LEN - 32;
	else if (strcmp(state, "empty") == 0)
		len = 0;
	else if (strcmp(state, "newline") == 0)
		len = IMAGE_LEN + 1;
	else if (strcmp(state, "upper") == 0)
		for (size_t i = IMAGE_LEN - 32; i < IMAGE_LEN; i++)
			bytes[i] = (uint8_t)toupper(bytes[i]);
	else if (strcmp(state, "good") != 0 && strcmp(state, "torn") != 0)
		return false;
	machine_install(machine, area, bytes, len);
	if (strcmp(state, "torn") == 0)
		put_torn(machine, area);
	return true;
}

static struct machine *new_machine(const struct boot_record *record, bool has_record)
{
	struct machine *machine = machine_new();

	if (has_record)
		(void)!boot_record_write(&machine->hal, record);
	return machine;
}

/* ---- what is compared --------------------------------------------------------- */

static bool record_is(struct machine *machine, const char *want)
{
	struct boot_record got, record;
	bool has = boot_record_read(&machine->hal, &got) == 0;

	if (!table_record(want, &record))
		return !has;
	return has && boot_record_equal(&got, &record);
}

/* "F U1* U2", "-" for none; with a star it is torn. */
static bool slots_are(struct machine *machine, const char *want)
{
	bool right = true;
	const char *at = want;
	enum slot_state states[BOOT_SLOT_COUNT] = {SLOT_ABSENT};

	while (*at) {
		size_t len = strcspn(at, " ");
		enum boot_slot slot = table_slot(at);

		if (slot != NO_SLOT)
			states[slot] = at[len - 1] == '*' ? SLOT_TORN : SLOT_WHOLE;
		at += len + strspn(at + len, " ");
	}
	for (int i = 0; i < BOOT_SLOT_COUNT; i++) {
		enum slot_state state =
			slot_state(&machine->hal, boot_record_area(i), NULL);

		right = right && (state == SLOT_ABSENT) == (states[i] == SLOT_ABSENT) &&
			(states[i] != SLOT_TORN || state == SLOT_TORN);
	}
	return right;
}

/* "U1", "STOP". An image without a fingerprint is started as well, and dies. */
static bool runs(const struct machine *machine, const char *want)
{
	const struct wipy_board *board = &machine->board;

	if (strcmp(want, "STOP") == 0)
		return board->state == WIPY_BOARD_HALTED && board->boot.choice.halt &&
		       machine->hal.led[machine->hal.led_count - 1].on;
	return board->boot.phase == BOOT_DONE && !board->boot.choice.halt &&
	       board->running == table_slot(want);
}

static bool chosen(const struct boot_facts *facts, const char *after, const char *run)
{
	struct boot_choice choice;
	struct boot_record want;

	boot_select(WIPY_BOOT_CLASSIC, facts, &choice);
	return table_record(after, &want) && boot_record_equal(&choice.next, &want) &&
	       choice.halt == (strcmp(run, "STOP") == 0) &&
	       (choice.halt || choice.run == table_slot(run));
}

/* ---- boot_table: before | F | U1 | U2 | after | present | runs ---------------- */

static bool boot_row(const struct table_line *line)
{
	struct boot_facts facts = {0};
	struct machine *machine;
	bool right = line->count == 7;

	facts.has_record = table_record(line->field[0], &facts.record);
	machine = new_machine(&facts.record, facts.has_record);
	for (int i = 0; right && i < BOOT_SLOT_COUNT; i++) {
		facts.image[i] = image_of(line->field[1 + i]);
		right = put_image(machine, (enum boot_slot)i, line->field[1 + i]);
	}
	machine_boot(machine);
	right = right && chosen(&facts, line->field[4], line->field[6]) &&
		record_is(machine, line->field[4]) && runs(machine, line->field[6]) &&
		!machine->hal.misused;
	for (int i = 0; right && i < BOOT_SLOT_COUNT; i++) {
		const char *name = i == 0 ? "F" : i == 1 ? "U1" : "U2";
		bool is = slot_state(&machine->hal, boot_record_area(i), NULL) !=
			  SLOT_ABSENT;

		right = is == (strstr(line->field[5], name) != NULL);
	}
	machine_free(machine);
	return right;
}

/* ---- boot_pin_check: pin | before | U1 | U2 | after | runs -------------------- */

static bool pin_row(const struct table_line *line)
{
	double held_s = 100;
	struct boot_record record;
	struct machine *machine;
	bool right = line->count == 6 && table_record(line->field[1], &record);
	const char *bracket = right ? strchr(line->field[0], '(') : NULL;
	int64_t start;

	if (!right)
		return false;
	if (bracket && sscanf(bracket, "(%lf s)", &held_s) != 1)
		return false;
	machine = new_machine(&record, true);
	right = put_image(machine, BOOT_FACTORY, "good") &&
		put_image(machine, BOOT_UPDATE1, line->field[2]) &&
		put_image(machine, BOOT_UPDATE2, line->field[3]);
	machine_power(machine, HAL_RESET_POWER);
	start = machine->hal.now_ms;
	while (machine->board.state == WIPY_BOARD_BOOTING) {
		machine->hal.pin = machine->hal.now_ms - start < held_s * 1000;
		machine_run(machine, 1);
	}
	right = right && record_is(machine, line->field[4]) &&
		runs(machine, line->field[5]) && machine->board.boot.choice.safe;
	machine_free(machine);
	return right;
}

/* ---- update_table: before | slot | after | second slot | after it ------------- */

static bool upload(struct machine *machine, size_t len, bool finish)
{
	struct updater updater = {0};

	if (updater_start(&updater, &machine->hal, 196608) < 0 ||
		updater_write(&updater, &machine->hal, fresh_image, len) < 0)
		return false;
	return !finish || updater_finish(&updater, &machine->hal) >= 0;
}

/* An upload into empty slots: only the one named is then whole. */
static bool one_upload(struct machine *machine, const char *slot, const char *after)
{
	bool right;

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		if (machine->hal.sizes[boot_record_area(i)] > 0 &&
			slot_delete(&machine->hal, boot_record_area(i)) < 0)
			return false;
	right = upload(machine, IMAGE_LEN, true) && slots_are(machine, slot);
	return right && record_is(machine, after);
}

static bool planned(const struct table_line *line, bool one_slot)
{
	struct update_facts facts = {.one_slot = one_slot};
	struct update_plan plan;
	struct boot_record want = {0};

	facts.has_record = table_record(line->field[0], &facts.record);
	if (updater_plan(WIPY_BOOT_CLASSIC, &facts, &plan) < 0)
		return false;
	table_record(line->field[2], &want);
	return plan.target == table_slot(line->field[1]) &&
	       boot_record_equal(&plan.after, &want) &&
	       plan.write == (strcmp(line->field[0], line->field[2]) != 0);
}

static bool update_row(const struct table_line *line, bool one_slot)
{
	struct boot_record record;
	bool has = table_record(line->field[0], &record);
	struct machine *machine = new_machine(&record, has);
	bool right;

	if (line->count != 5)
		return false;
	if (one_slot)
		machine->hal.sizes[HAL_AREA_UPDATE2] = 0;
	right = planned(line, one_slot) &&
		one_upload(machine, line->field[1], line->field[2]) &&
		one_upload(machine, line->field[3], line->field[4]) &&
		!machine->hal.misused;
	machine_free(machine);
	return right;
}

/* ---- boot_rows: row | before | event | after | slot files | runs -------------- */

/* Puts what the row needs to begin with: every slot that is there in the end, and the
 * one that the record calls active. */
static void put_start(struct machine *machine, const struct table_line *line)
{
	struct boot_record record = {0};
	bool wrong = strstr(line->field[2], "MD5 wrong") != NULL;
	enum boot_slot active = BOOT_FACTORY;

	if (table_record(line->field[1], &record))
		active = boot_record_slot(record.active);
	for (int i = 0; i < BOOT_SLOT_COUNT; i++) {
		const char *name = i == 0 ? "F" : i == 1 ? "U1" : "U2";

		if (strstr(line->field[4], name) || i == (int)active)
			put_image(machine, (enum boot_slot)i,
				wrong && i == (int)active ? "bad" : "good");
	}
}

static void boot_with_pin(struct machine *machine, int held_ms)
{
	machine_power(machine, HAL_RESET_POWER);
	for (int ms = 0; ms < 9000; ms += 50) {
		machine->hal.pin = ms < held_ms;
		machine_run(machine, 50);
	}
}

static bool events_row(const struct table_line *line)
{
	const char *event = line->count == 6 ? line->field[2] : "";
	bool cut = strstr(event, "power cut") || strstr(event, "same, and");
	bool boots = cut || strstr(event, "reset") || strstr(event, "first power-on");
	struct boot_record record;
	bool has = table_record(line->field[1], &record);
	struct machine *machine = new_machine(&record, has);
	bool right = line->count == 6;

	if (strstr(event, "LaunchPad"))
		machine->hal.sizes[HAL_AREA_UPDATE2] = 0;
	if (right)
		put_start(machine, line);
	if (strstr(event, "STOR") || cut)
		right = right && upload(machine, cut ? 1500 : IMAGE_LEN, !cut);
	/* without a record an upload leaves none */
	if (!has && strstr(event, "STOR"))
		right = right && record_is(machine, "(none)");
	if (boots)
		boot_with_pin(machine, strstr(event, "the pin selects") ? 4000 : 0);
	right = right && record_is(machine, line->field[3]) &&
		slots_are(machine, line->field[4]);
	if (boots)
		right = right && runs(machine, line->field[5]);
	machine_free(machine);
	return right;
}

/* ---- boot_pin_led ------------------------------------------------------------- */

struct pin_case {
	char name[TABLE_LINE];
	double held_ms, start_s;
	bool safe;
	char run[4];
	char record[12];
	int edge_count;
	double edge_s[MACHINE_LED_MAX];
	bool edge_on[MACHINE_LED_MAX];
};

static int64_t to_ms(double s)
{
	return (int64_t)(s * 1000 + 0.5);
}

/* "... for ever|after N ms|never ...: runs U2, safe boot, started at 1.000 s, ...
 * REC" */
static bool read_pin_case(const char *text, struct pin_case *ret_case)
{
	struct pin_case got = {0};
	const char *colon = strchr(text, ':'), *ms = strstr(text, " ms:");
	const char *start = strstr(text, "started at ");
	size_t len = strlen(text);

	if (!colon || !start || len < 11 ||
		sscanf(colon, ": runs %3[^,]", got.run) != 1 ||
		sscanf(start, "started at %lf", &got.start_s) != 1)
		return false;
	while (ms && ms > text && isdigit((unsigned char)ms[-1]))
		ms--;
	got.held_ms = ms ? atof(ms) : strstr(text, "never") ? 0 : 20000;
	got.safe = strstr(text, "safe boot") != NULL;
	snprintf(got.record, sizeof(got.record), "%s", text + len - 11);
	snprintf(got.name, sizeof(got.name), "%.60s", text + 2);
	*ret_case = got;
	return true;
}

static void add_edge(struct pin_case *test, const char *text)
{
	double at;
	char word[4];

	if (sscanf(text, "%lf LED %3s", &at, word) != 2)
		return;
	test->edge_s[test->edge_count] = at;
	test->edge_on[test->edge_count++] = strcmp(word, "on") == 0;
}

static bool led_is(
	const struct machine *machine, const struct pin_case *test, int64_t start)
{
	const struct hal *hal = &machine->hal;

	if (hal->led_count != test->edge_count)
		return false;
	for (int i = 0; i < hal->led_count; i++)
		if (hal->led[i].at_ms - start != to_ms(test->edge_s[i]) ||
			hal->led[i].on != test->edge_on[i])
			return false;
	return true;
}

static void try_pin_case(const struct pin_case *test, int place)
{
	struct boot_record record;
	bool has = table_record(test->record, &record);
	struct machine *machine = new_machine(&record, has);
	int64_t start = machine->hal.now_ms, now = start;
	bool right = has;

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		put_image(machine, (enum boot_slot)i, "good");
	machine->hal.pin = test->held_ms > 0;
	machine->settings.boot_ms = 60000; /* the heartbeat comes later */
	machine_power(machine, HAL_RESET_POWER);
	while (machine->board.state == WIPY_BOARD_BOOTING) {
		now = machine->hal.now_ms;
		machine->hal.pin = now - start < test->held_ms;
		wipy_board_step(&machine->board, now);
		if (machine->board.state == WIPY_BOARD_BOOTING &&
			machine->board.boot.phase == BOOT_PIN &&
			machine->board.boot.pin_due_ms > now)
			machine->hal.now_ms++;
	}
	right = right && now - start == to_ms(test->start_s) &&
		led_is(machine, test, start) && record_is(machine, test->record) &&
		machine->board.running == table_slot(test->run) &&
		machine->board.safe_boot == test->safe;
	tap_ok(right, "%s: boot_pin_led: %s", place ? "recorded" : "own", test->name);
	machine_free(machine);
}

static int pin_led(FILE *file, int place)
{
	struct table_line line;
	struct pin_case test = {0};
	bool open = false;
	int count = 0;

	while (table_next(file, &line)) {
		struct pin_case next;

		if (!line.remark) {
			add_edge(&test, line.field[0]);
			continue;
		}
		if (!read_pin_case(line.field[0], &next))
			continue;
		if (open)
			try_pin_case(&test, place);
		test = next;
		open = true;
		count++;
	}
	if (open)
		try_pin_case(&test, place);
	return count;
}

/* ---- all ---------------------------------------------------------------------- */

enum table { BOOT_TABLE, PIN_CHECK, UPDATE_TABLE, BOOT_ROWS, PIN_LED };

static int rows_of(FILE *file, enum table table, const char *name, int place)
{
	struct table_line line;
	bool one_slot = false, right;
	int count = 0;

	if (table == PIN_LED)
		return pin_led(file, place);
	while (table_next(file, &line)) {
		if (line.remark) {
			one_slot = one_slot || strstr(line.field[0], "LaunchPad (");
			continue;
		}
		right = table == BOOT_TABLE     ? boot_row(&line)
			: table == PIN_CHECK    ? pin_row(&line)
			: table == UPDATE_TABLE ? update_row(&line, one_slot)
						: events_row(&line);
		tap_ok(right, "%s: %s: %s, %s, %s, %s", place ? "recorded" : "own",
			name, line.field[0], line.field[1], line.field[2],
			line.count > 3 ? line.field[3] : "");
		count++;
	}
	return count;
}

static void try_table(enum table table, const char *name, int least, int place)
{
	FILE *file = table_open(place, name);
	char text[80];

	snprintf(text, sizeof(text), "%s: %s", place ? "recorded" : "own", name);
	if (!file && place == 1) {
		tap_skip(text, "the recorded tables are not here");
		return;
	}
	if (!OK(file != NULL, text))
		return;
	OK(rows_of(file, table, name, place) >= least, text);
	fclose(file);
}

int main(void)
{
	static const struct {
		const char *name;
		enum table table;
		int least; /* rows: a file that was not understood is no success */
	} tables[] = {
		{"boot_table", BOOT_TABLE, 95},
		{"boot_rows", BOOT_ROWS, 30},
		{"boot_pin_check", PIN_CHECK, 24},
		{"boot_pin_led", PIN_LED, 20},
		{"update_table", UPDATE_TABLE, 38},
	};
	static const char *const tags[BOOT_SLOT_COUNT] = {"v1.1", "v1.2", "v1.3"};

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		machine_make_image(images[i], IMAGE_LEN, tags[i]);
	machine_make_image(fresh_image, IMAGE_LEN, "v1.9");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (int place = 0; place < 2; place++)
			try_table(tables[i].table, tables[i].name, tables[i].least,
				place);
	return tap_done();
}
