/* SPDX-License-Identifier: MIT
 *
 * Updates of each family: target and record, every ending of an upload, power cuts at
 * every flash operation. The classic plan is tried row by row in test_boot_tables.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/tap.h"
#include "firmware/core/boot_info.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_MAX ESP_FIXTURE_MAX

/* What the slots begin with, and what is uploaded; one of each for each proof. */
struct image {
	size_t len;
	uint8_t bytes[IMAGE_MAX];
};

static const struct wipy_personality *const families[] = {&wipy_personality_wipy,
	&wipy_personality_pycom, &wipy_personality_esp32, &wipy_personality_esp8266};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

static void make_image(
	const struct wipy_personality *family, const char *tag, struct image *image)
{
	struct esp_fixture want = {.esp32 = family->proof != WIPY_PROOF_ESP8266,
		.hash = true,
		.tag = tag,
		.data_len = 4800};

	image->len = 5012;
	if (family->proof == WIPY_PROOF_MD5)
		machine_make_image(image->bytes, image->len, tag);
	else
		image->len = esp_fixture_make(&want, image->bytes);
}

static struct machine *new_machine(
	const struct wipy_personality *family, const struct boot_record *record)
{
	static struct image old;
	struct machine *machine = machine_new();

	machine->personality = family;
	make_image(family, "v1.10", &old);
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		machine_install(machine, boot_record_area(i), old.bytes, old.len);
	(void)!boot_record_save(&machine->hal, family->boot, record);
	return machine;
}

static struct boot_record record_of(struct machine *machine)
{
	struct boot_record record = {9, 9, 9, 9};

	(void)!boot_record_load(&machine->hal, machine->personality->boot, &record);
	return record;
}

/* ---- plans ----------------------------------------------------------------------- */

struct plan_row {
	const char *name;
	struct boot_record before;
	enum boot_slot running;
	int target; /* an errno where there is none */
	struct boot_record after;
	bool fatal;
};

static void test_plans(
	enum wipy_boot_kind kind, const struct plan_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct update_facts facts = {.has_record = true,
			.record = rows[i].before,
			.running = rows[i].running};
		struct update_plan plan = {0};
		int err = updater_plan(kind, &facts, &plan);

		if (rows[i].target < 0) {
			EQ_INT(err, rows[i].target, rows[i].name);
			continue;
		}
		tap_ok(err == 0 && (int)plan.target == rows[i].target &&
				boot_record_equal(&plan.after, &rows[i].after) &&
				plan.fatal == rows[i].fatal &&
				plan.write == !boot_record_equal(
						      &rows[i].before, &rows[i].after),
			"plan: %s", rows[i].name);
	}
}

/* WIRE.md 3.4. */
static void test_pycom_plans(void)
{
	static const struct plan_row rows[] = {
		{"(0,R,0)", {0, 1, 0, 0}, 0, 1, {1, 0, 0, 0}, false},
		{"(1,C,0), second push", {1, 0, 0, 0}, 0, 1, {1, 0, 0, 0}, false},
		{"(1,R,0)", {1, 1, 0, 0}, 1, 0, {2, 0, 1, 0}, false},
		{"(2,C,1), second push", {2, 0, 1, 0}, 1, 1, {2, 0, 1, 0}, true},
		{"(0,R,1)", {0, 1, 1, 0}, 0, 1, {1, 0, 0, 0}, false},
		{"safe boot stays stored", {0, 1, 1, 1}, 0, 1, {1, 0, 0, 1}, false},
		{"(1,R,0), by pin in slot 0", {1, 1, 0, 0}, 0, 0, {2, 0, 1, 0}, true},
	};

	test_plans(WIPY_BOOT_PYCOM, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_trial_plans(void)
{
	static const struct plan_row rows[] = {
		{"factory alone", {0, 1, 0, 0}, 0, 1, {1, 0, 0, 0}, false},
		{"keeps what came before", {0, 1, 1, 0}, 0, 2, {2, 0, 0, 0}, false},
		{"the other one", {1, 1, 2, 0}, 1, 2, {2, 0, 1, 0}, false},
		{"and back", {2, 1, 1, 0}, 2, 1, {1, 0, 2, 0}, false},
		{"pending is written again", {2, 0, 1, 0}, 1, 2, {2, 0, 1, 0}, false},
		{"on trial, factory behind it", {1, 2, 0, 0}, 1, 2, {2, 0, 0, 0},
			false},
		{"on trial, the other slot behind it", {1, 2, 2, 0}, 1, -EBUSY, {0},
			false},
		{"factory on trial", {0, 2, 1, 0}, 0, 2, {2, 0, 1, 0}, false},
		{"another one runs by pin", {1, 1, 2, 0}, 2, -EBUSY, {0}, false},
		{"the factory's runs by pin", {1, 1, 2, 0}, 0, 2, {2, 0, 1, 0}, false},
		{"a request does not survive", {1, 1, 0, 3}, 1, 2, {2, 0, 1, 0}, false},
	};

	test_plans(WIPY_BOOT_TRIAL, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_no_record(void)
{
	static const struct {
		enum wipy_boot_kind kind;
		bool write;
	} rows[] = {{WIPY_BOOT_CLASSIC, false}, {WIPY_BOOT_PYCOM, false},
		{WIPY_BOOT_TRIAL, true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct update_facts facts = {0};
		struct update_plan plan = {0};

		EQ_INT(updater_plan(rows[i].kind, &facts, &plan), 0, "no record");
		EQ_INT(plan.target, BOOT_UPDATE1, "without a record: update 1");
		EQ_INT(plan.write, rows[i].write, "and what becomes of the record");
	}
}

/* ---- endings --------------------------------------------------------------------- */

enum ending {
	COMPLETE,
	ENDS_EARLY, /* FIN, RST, a stall: the server finishes what came */
	ENDS_EMPTY, /* before a byte came */
	TOO_LARGE,
	POWER_CUT,
	CANNOT_OPEN
};

/* What each ending leaves in the slot and the record (WIRE.md 2.11). */
static void test_endings(void)
{
	static const struct {
		const char *name;
		size_t family;
		enum ending ending;
		enum slot_state slot;
		bool flips;
	} rows[] = {
		{"wipy, complete", 0, COMPLETE, SLOT_WHOLE, true},
		{"wipy, ends early", 0, ENDS_EARLY, SLOT_WHOLE, true},
		{"wipy, ends empty", 0, ENDS_EMPTY, SLOT_WHOLE, true},
		{"wipy, too large", 0, TOO_LARGE, SLOT_WHOLE, true},
		{"wipy, power cut", 0, POWER_CUT, SLOT_TORN, false},
		{"wipy, cannot be opened", 0, CANNOT_OPEN, SLOT_WHOLE, false},
		{"pycom, complete", 1, COMPLETE, SLOT_WHOLE, true},
		{"pycom, ends early", 1, ENDS_EARLY, SLOT_WHOLE, true},
		{"pycom, ends empty", 1, ENDS_EMPTY, SLOT_WHOLE, true},
		{"pycom, too large", 1, TOO_LARGE, SLOT_WHOLE, true},
		{"pycom, power cut", 1, POWER_CUT, SLOT_TORN, false},
		{"pycom, cannot be opened", 1, CANNOT_OPEN, SLOT_WHOLE, true},
		{"esp32, complete", 2, COMPLETE, SLOT_WHOLE, true},
		{"esp32, ends early", 2, ENDS_EARLY, SLOT_WHOLE, true},
		{"esp32, ends empty", 2, ENDS_EMPTY, SLOT_WHOLE, false},
		{"esp32, too large", 2, TOO_LARGE, SLOT_WHOLE, true},
		{"esp32, power cut", 2, POWER_CUT, SLOT_TORN, false},
		{"esp32, cannot be opened", 2, CANNOT_OPEN, SLOT_WHOLE, false},
		{"esp8266, ends empty", 3, ENDS_EMPTY, SLOT_WHOLE, false},
	};
	static uint8_t bytes[1000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const struct boot_record before = {0, 1, 0, 0};
		const struct wipy_personality *family = families[rows[i].family];
		struct machine *machine = new_machine(family, &before);
		struct hal *hal = &machine->hal;
		struct updater updater = {0};
		struct boot_record after;
		int pieces = rows[i].ending == TOO_LARGE    ? 200
			     : rows[i].ending == ENDS_EMPTY ? 0
							    : 3;
		int err;

		updater_init(&updater, family->boot, BOOT_FACTORY);
		err = updater_start(
			&updater, hal, rows[i].ending == CANNOT_OPEN ? 300000 : 0);
		EQ_INT(err, rows[i].ending == CANNOT_OPEN ? -ENOSPC : 0, rows[i].name);
		for (int n = 0; err == 0 && n < pieces; n++)
			err = updater_write(&updater, hal, bytes, sizeof(bytes));
		if (rows[i].ending == TOO_LARGE)
			EQ_INT(err, family->boot == WIPY_BOOT_PYCOM ? 0 : -EFBIG,
				rows[i].name);
		if (rows[i].ending != POWER_CUT)
			updater_finish(&updater, hal);
		after = record_of(machine);
		EQ_INT(slot_state(hal, HAL_AREA_UPDATE1, NULL), rows[i].slot,
			rows[i].name);
		EQ_INT(after.status == BOOT_CHECK && after.active == BOOT_UPDATE1,
			rows[i].flips, rows[i].name);
		OK(!hal->misused, rows[i].name);
		machine_free(machine);
	}
}

/* ---- Pycom's own ----------------------------------------------------------------- */

/* Into slot 0 the sector behind its last 4 KiB is the record's: gone until the upload
 * ends (WIRE.md 3.4). */
static void test_runs_on(void)
{
	static const struct {
		const char *name;
		size_t len;
		bool lost;
	} rows[] = {
		{"as large as it may be", 196608 - 4096, false},
		{"one byte more", 196608 - 4096 + 1, true},
		{"more than the slot", 300000, true},
	};
	static uint8_t bytes[300000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const struct boot_record before = {1, 1, 0, 0};
		struct machine *machine = new_machine(&wipy_personality_pycom, &before);
		struct hal *hal = &machine->hal;
		struct updater updater = {0};
		struct boot_record record;

		updater_init(&updater, WIPY_BOOT_PYCOM, BOOT_UPDATE1);
		EQ_INT(updater_start(&updater, hal, 0), 0, rows[i].name);
		EQ_INT(updater_write(&updater, hal, bytes, rows[i].len), 0,
			rows[i].name);
		EQ_INT(boot_info_read(hal, &record) != 0, rows[i].lost, rows[i].name);
		EQ_INT(updater_finish(&updater, hal), 0, rows[i].name);
		EQ_INT(boot_info_read(hal, &record), 0, "there again at the end");
		EQ_INT(record.active, 2, "and flipped");
		OK(!hal->misused, "flash rules kept");
		machine_free(machine);
	}
}

static int upload(struct machine *machine, const struct image *image)
{
	struct updater *updater = &machine->board.updater;
	int err = updater_start(updater, &machine->hal, 0);

	for (size_t i = 0; err >= 0 && i < image->len; i += 700)
		err = updater_write(updater, &machine->hal, image->bytes + i,
			image->len - i < 700 ? image->len - i : 700);
	return err < 0 ? err : updater_finish(updater, &machine->hal);
}

/* The second push before a reset writes the slot that executes (WIRE.md 3.4). */
static void test_second_push(void)
{
	static const struct boot_record before = {1, 1, 0, 0};
	static struct image image;
	struct machine *machine = new_machine(&wipy_personality_pycom, &before);

	make_image(machine->personality, "v1.11", &image);
	machine_boot(machine);
	EQ_INT(upload(machine, &image), 0, "the first push");
	machine_run(machine, 1000);
	EQ_INT(machine->board.state, WIPY_BOARD_RUNNING, "does no harm");
	EQ_INT(upload(machine, &image), 0, "the second one");
	machine_run(machine, 1000);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "crashes the board");
	machine_boot(machine);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "and no reset helps");
	OK(!machine->hal.misused, "rules kept");
	machine_free(machine);
}

/* ---- sizes ----------------------------------------------------------------------- */

static void test_sizes(void)
{
	static const size_t lens[] = {0, 1, 3, 511, 512, 513, 4095, 4096, 4097, 5012};
	static const struct boot_record before = {0, 1, 0, 0};
	static struct image image;
	static uint8_t back[IMAGE_MAX];

	make_image(&wipy_personality_wipy, "v1.11", &image);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct machine *machine = new_machine(&wipy_personality_wipy, &before);
		size_t len = 1;

		image.len = lens[i];
		EQ_INT(upload(machine, &image), 0, "upload");
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, &len), SLOT_WHOLE,
			"the slot is whole");
		EQ_INT(len, lens[i], "of that length");
		(void)!slot_read(&machine->hal, HAL_AREA_UPDATE1, 0, back, lens[i]);
		OK(lens[i] == 0 || memcmp(back, image.bytes, lens[i]) == 0,
			"and those bytes");
		OK(!machine->hal.misused, "flash rules kept");
		machine_free(machine);
	}
}

/* ---- power cuts ------------------------------------------------------------------ */

#define BOOT_CUTS 5 /* none, or at one of the first four operations */

struct cut_case {
	const struct wipy_personality *family;
	struct boot_record before;
};

/* What the classic table says of a board whose power went in an upload (WIRE.md 3.2):
 * the record after the next boot and the slot that runs. */
static struct boot_record classic_end(
	const struct boot_record *before, const struct boot_record *cut, bool whole)
{
	struct boot_record end = *cut;

	if (cut->status == BOOT_CHECK && !whole)
		end = (struct boot_record){before->previous, BOOT_READY, 0, 0};
	end.status = BOOT_READY;
	return end;
}

static bool is_valid(struct machine *machine)
{
	const struct wipy_board *board = &machine->board;
	enum hal_area area = boot_record_area(board->running);
	struct slot_check check;

	return board->state == WIPY_BOARD_RUNNING &&
	       slot_check_start(
		       &check, &machine->hal, area, machine->personality->proof) &&
	       slot_check_run(&check, &machine->hal) == 0 &&
	       (strcmp(board->fingerprint.tag, "v1.10") == 0 ||
		       strcmp(board->fingerprint.tag, "v1.11") == 0);
}

/* Cuts power at operation `cut` of an update and at one of the boot behind it, or not
 * there, as `way` says. Returns false once the update needs fewer operations. */
static bool cut_at(const struct cut_case *test, int cut, unsigned way, int *ret_wrong)
{
	static struct image image;
	struct machine *machine = new_machine(test->family, &test->before);
	struct boot_record at_cut, end, got;
	bool cut_happened, whole;
	enum hal_area target;
	int boot_cut = (int)(way % BOOT_CUTS);

	machine_cut_how(machine, way);
	make_image(test->family, "v1.11", &image);
	machine_boot(machine);
	machine->hal.flash_left = cut;
	(void)!upload(machine, &image);
	cut_happened = machine->hal.flash_left == 0;
	target = boot_record_area(machine->board.updater.plan.target);
	whole = slot_state(&machine->hal, target, NULL) == SLOT_WHOLE;
	at_cut = record_of(machine);
	if (boot_cut > 0) {
		machine_power(machine, HAL_RESET_POWER);
		machine->hal.flash_left = boot_cut;
		machine_run(machine, 400);
	}
	machine_boot(machine);
	*ret_wrong += !is_valid(machine) || machine->hal.misused;
	if (test->family->boot == WIPY_BOOT_CLASSIC) {
		end = classic_end(&test->before, &at_cut, whole);
		got = record_of(machine);
		*ret_wrong += !boot_record_equal(&end, &got) ||
			      machine->board.running != boot_record_slot(end.active);
	}
	/* complete, and nothing happened since: the new image runs */
	if (!cut_happened && boot_cut == 0)
		*ret_wrong += strcmp(machine->board.fingerprint.tag, "v1.11") != 0;
	machine_free(machine);
	return cut_happened;
}

static void test_power_cuts(void)
{
	/* whatever is pending in these was good before it is written again */
	static const struct cut_case cases[] = {
		{&wipy_personality_wipy, {0, 1, 0, 0}},
		{&wipy_personality_wipy, {1, 1, 0, 0}},
		{&wipy_personality_wipy, {2, 1, 1, 0}},
		{&wipy_personality_wipy, {1, 1, 2, 0}},
		{&wipy_personality_pycom, {0, 1, 0, 0}},
		{&wipy_personality_pycom, {1, 1, 0, 0}},
		{&wipy_personality_pycom, {0, 1, 1, 0}},
		{&wipy_personality_esp32, {0, 1, 0, 0}},
		{&wipy_personality_esp32, {1, 1, 2, 0}},
		{&wipy_personality_esp32, {2, 1, 0, 0}},
		{&wipy_personality_esp8266, {0, 1, 1, 0}},
		{&wipy_personality_esp8266, {1, 1, 0, 0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int wrong = 0, cut = 1;

		for (unsigned way = 0; way < MACHINE_CUTS; way++)
			for (cut = 1; cut_at(&cases[i], cut, way, &wrong);)
				cut++;
		tap_ok(wrong == 0 && cut > 10,
			"%s, record %u %u %u: power cut at each of %d operations",
			cases[i].family->name, cases[i].before.active,
			cases[i].before.status, cases[i].before.previous, cut - 1);
		if (wrong > 0)
			printf("# %d wrong\n", wrong);
	}
}

/* The same for a slot that is pending and written again (WIRE.md 3.2, row 12). Returns
 * false once the second update needs fewer operations. */
static bool cut_again_at(size_t family, int cut, unsigned way, int *ret_wrong)
{
	static const struct boot_record before = {0, 1, 0, 0};
	static struct image image;
	struct machine *machine = new_machine(families[family], &before);
	bool happened;

	machine_cut_how(machine, way);
	make_image(families[family], "v1.11", &image);
	machine_boot(machine);
	(void)!upload(machine, &image);
	machine->hal.flash_left = cut;
	(void)!upload(machine, &image);
	happened = machine->hal.flash_left == 0;
	machine_boot(machine);
	*ret_wrong += !is_valid(machine) || machine->hal.misused;
	machine_free(machine);
	return happened;
}

static void test_cuts_again(size_t family)
{
	int wrong = 0, cut = 1;

	for (unsigned way = 0; way < MACHINE_CUTS; way += 3)
		for (cut = 1; cut_again_at(family, cut, way, &wrong);)
			cut++;
	tap_ok(wrong == 0 && cut > 10, "%s: power cut in a second upload",
		families[family]->name);
}

int main(void)
{
	test_pycom_plans();
	test_trial_plans();
	test_no_record();
	test_endings();
	test_runs_on();
	test_second_push();
	test_sizes();
	test_power_cuts();
	for (size_t i = 0; i < FAMILIES; i++)
		test_cuts_again(i);
	return tap_done();
}
