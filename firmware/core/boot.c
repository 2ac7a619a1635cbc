/* SPDX-License-Identifier: MIT
 *
 * Boot choice and boot sequence. The order within both tables carries meaning: the
 * first row that fits wins.
 */
#include "firmware/core/boot.h"

#include <errno.h>

#define DEBOUNCE_MS 500

enum fit { NO, YES, ANY };

enum verdict { KEEP, CREATE, PASS, FALL_BACK };

struct check_row {
	enum fit has_record;
	enum fit check_due; /* boot_needs_check() */
	enum fit good;
	enum verdict verdict;
};

static const struct check_row check_rows[] = {
	/* first power-on, or both copies lost */
	{NO, ANY, ANY, CREATE},
	{YES, YES, YES, PASS},
	{YES, YES, NO, FALL_BACK},
	/* READY images are never looked at again; (F, CHECK) is a dead end that
	 * the classic loader leaves alone */
	{YES, NO, ANY, KEEP},
};

static bool fits(enum fit want, bool is)
{
	return want == ANY || (want == YES) == is;
}

bool boot_needs_check(
	bool has_record, const struct boot_record *record, enum boot_slot *ret_slot)
{
	/* the byte, not the slot it means: an unknown value means the factory image
	 * and has it checked, and even deleted (WIRE.md 0.4) */
	if (!has_record || record->status != BOOT_CHECK ||
		record->active == BOOT_FACTORY)
		return false;
	*ret_slot = boot_record_slot(record->active);
	return true;
}

static enum verdict judge(const struct boot_facts *facts)
{
	enum boot_slot slot = BOOT_FACTORY;
	bool due = boot_needs_check(facts->has_record, &facts->record, &slot);
	bool good = facts->image[slot] == BOOT_IMAGE_GOOD;

	for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
		const struct check_row *row = &check_rows[i];

		if (fits(row->has_record, facts->has_record) &&
			fits(row->check_due, due) && fits(row->good, good))
			return row->verdict;
	}
	return KEEP;
}

static void apply(enum verdict verdict, const struct boot_facts *facts,
	struct boot_choice *choice)
{
	struct boot_record *next = &choice->next;

	choice->write = verdict != KEEP;
	switch (verdict) {
	case CREATE:
		*next = (struct boot_record){BOOT_FACTORY, BOOT_READY, BOOT_FACTORY, 0};
		break;
	case PASS:
		next->status = BOOT_READY;
		break;
	case FALL_BACK:
		choice->delete_image = true;
		choice->deleted = boot_record_slot(facts->record.active);
		next->active = facts->record.previous;
		/* "previous" is the factory from now on, although an older good
		 * update may lie in the other slot (WIRE.md 3.2) */
		next->previous = BOOT_FACTORY;
		next->status = BOOT_READY;
		break;
	case KEEP:
		break;
	}
}

static uint8_t picked(enum boot_pick pick, const struct boot_record *record)
{
	switch (pick) {
	case BOOT_PICK_PREVIOUS:
		return record->previous;
	case BOOT_PICK_FACTORY:
		return BOOT_FACTORY;
	case BOOT_PICK_ACTIVE:
	case BOOT_PICK_SAFE:
		break;
	}
	return record->active;
}

void boot_select(const struct boot_facts *facts, struct boot_choice *ret_choice)
{
	struct boot_choice choice = {.next = facts->record};
	enum boot_image image;

	apply(judge(facts), facts, &choice);
	choice.run = boot_record_slot(picked(facts->pick, &choice.next));
	image = facts->image[choice.run];
	if (choice.delete_image && choice.deleted == choice.run)
		image = BOOT_IMAGE_ABSENT;
	choice.halt = image == BOOT_IMAGE_ABSENT || image == BOOT_IMAGE_TORN;
	choice.safe = facts->pick != BOOT_PICK_ACTIVE;
	*ret_choice = choice;
}

/* ---- the safe-boot pin -------------------------------------------------------- */

/* Held through a row's time the LED toggles; a release is noticed at the toggles only
 * and picks the row's image. The last row ends by itself (WIRE.md 3.3, 0.4). */
struct window {
	int toggles;
	int toggle_ms;
	enum boot_pick pick;
};

static const struct window windows[] = {
	{6, 500, BOOT_PICK_SAFE},
	{12, 250, BOOT_PICK_PREVIOUS},
	{15, 100, BOOT_PICK_FACTORY},
};

#define WINDOWS ((int)(sizeof(windows) / sizeof(windows[0])))

/* The window and the toggle in it that step number `step` stands for. */
static const struct window *window_at(int step, int *ret_toggle)
{
	for (int i = 0; i < WINDOWS; i++) {
		if (step < windows[i].toggles) {
			*ret_toggle = step;
			return &windows[i];
		}
		step -= windows[i].toggles;
	}
	return NULL;
}

/* One look at the pin. Returns true when the choice of the pin is made. */
static bool watch_pin(struct boot *boot, struct hal *hal)
{
	const struct window *window;
	int toggle = 0;

	if (boot->pin_step < 0) {
		boot->pin_step = 0;
		if (!hal_pin_get(hal, HAL_PIN_SAFE_BOOT))
			return true;
		boot->pin_due_ms += DEBOUNCE_MS;
		return false;
	}
	window = window_at(boot->pin_step, &toggle);
	if (boot->pin_step == 0 && !hal_pin_get(hal, HAL_PIN_SAFE_BOOT))
		return true; /* shorter than the debounce: a normal boot */
	if (boot->pin_step > 0) {
		int before;
		const struct window *last = window_at(boot->pin_step - 1, &before);

		if (!window) {
			boot->facts.pick = last->pick;
			return true;
		}
		if (last->pick != BOOT_PICK_FACTORY &&
			!hal_pin_get(hal, HAL_PIN_SAFE_BOOT)) {
			boot->facts.pick = last->pick;
			return true;
		}
	}
	hal_pin_set(hal, HAL_PIN_LED, toggle % 2 == 0);
	boot->pin_due_ms += window->toggle_ms;
	boot->pin_step++;
	return false;
}

/* ---- the sequence ------------------------------------------------------------- */

void boot_start(struct boot *boot)
{
	*boot = (struct boot){.phase = BOOT_READING, .pin_step = -1};
}

static void read_facts(struct boot *boot, struct hal *hal)
{
	struct boot_facts *facts = &boot->facts;
	static const enum boot_image images[] = {
		[SLOT_ABSENT] = BOOT_IMAGE_ABSENT,
		[SLOT_TORN] = BOOT_IMAGE_TORN,
		[SLOT_WHOLE] = BOOT_IMAGE_GOOD,
	};

	facts->has_record = boot_record_read(hal, &facts->record) == 0;
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		facts->image[i] = images[slot_state(hal, boot_record_area(i), NULL)];
	boot->phase = BOOT_PIN;
	if (!boot_needs_check(facts->has_record, &facts->record, &boot->check_slot))
		return;
	if (slot_check_start(&boot->check, hal, boot_record_area(boot->check_slot)))
		boot->phase = BOOT_CHECKING;
	else if (facts->image[boot->check_slot] == BOOT_IMAGE_GOOD)
		facts->image[boot->check_slot] = BOOT_IMAGE_BAD;
}

/* Deletes before the record is written: a cut between the two finds the image absent,
 * fails it again and ends the same. */
static void carry_out(struct boot *boot, struct hal *hal)
{
	boot_select(&boot->facts, &boot->choice);
	if (boot->choice.delete_image &&
		slot_delete(hal, boot_record_area(boot->choice.deleted)) < 0)
		boot->choice.halt = true;
	/* without its record the board would check again at the next start: harmless */
	if (boot->choice.write && boot_record_write(hal, &boot->choice.next) < 0)
		boot->choice.write = false;
	boot->phase = BOOT_DONE;
}

int64_t boot_step(struct boot *boot, struct hal *hal, int64_t now_ms)
{
	int err;

	switch (boot->phase) {
	case BOOT_READING:
		hal_pin_set(hal, HAL_PIN_LED, false);
		read_facts(boot, hal);
		boot->pin_due_ms = now_ms;
		return now_ms;
	case BOOT_CHECKING:
		err = slot_check_step(&boot->check, hal);
		if (err == -EAGAIN)
			return now_ms;
		if (err < 0)
			boot->facts.image[boot->check_slot] = BOOT_IMAGE_BAD;
		boot->phase = BOOT_PIN;
		boot->pin_due_ms = now_ms;
		return now_ms;
	case BOOT_PIN:
		while (boot->pin_due_ms <= now_ms) {
			if (watch_pin(boot, hal)) {
				hal_pin_set(hal, HAL_PIN_LED, false);
				carry_out(boot, hal);
				return -1;
			}
		}
		return boot->pin_due_ms;
	case BOOT_DONE:
		break;
	}
	return -1;
}
