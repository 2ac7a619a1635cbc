/* SPDX-License-Identifier: MIT
 *
 * The boot sequence.
 */
#include "firmware/core/boot.h"

#include <errno.h>

#define RECORD_TRIES 3

static void set_led(struct boot *boot, struct hal *hal, bool lit)
{
	boot->lit = lit;
	hal_pin_set(hal, HAL_PIN_LED, lit);
}

/* ---- the safe-boot pin -------------------------------------------------------- */

/* The window that toggle number `toggle` is in and its number there; -1: behind the
 * last one. Held through a window's time the LED toggles; a release is noticed at the
 * toggles only and picks the window's image. The last one ends by itself (WIRE.md 3.3,
 * 0.4). */
static int window_at(const struct boot *boot, int toggle, int *ret_toggle)
{
	for (int i = 0; i < WIPY_WINDOWS; i++) {
		if (toggle < boot->personality->windows[i].toggles) {
			*ret_toggle = toggle;
			return i;
		}
		toggle -= boot->personality->windows[i].toggles;
	}
	return -1;
}

/* A look at the pin while the LED toggles: true if it ends here. */
static bool released(struct boot *boot, struct hal *hal, int window)
{
	static const enum boot_pick picks[] = {
		BOOT_PICK_SAFE, BOOT_PICK_PREVIOUS, BOOT_PICK_FACTORY};
	int toggle = 0, last;

	/* shorter than the debounce: a normal boot */
	if (boot->pin_step == 0)
		return window < 0 || !hal_pin_get(hal, HAL_PIN_SAFE_BOOT);
	last = window_at(boot, boot->pin_step - 1, &toggle);
	if (window >= 0 &&
		(last == WIPY_WINDOWS - 1 || hal_pin_get(hal, HAL_PIN_SAFE_BOOT)))
		return false;
	boot->facts.pick = picks[last];
	return true;
}

/* One look at the pin. Returns true when its choice is made. */
static bool watch_pin(struct boot *boot, struct hal *hal)
{
	int toggle = 0, window;

	if (boot->pin_step < 0) {
		boot->pin_step = 0;
		boot->pin_due_ms += boot->personality->debounce_ms;
		return !hal_pin_get(hal, HAL_PIN_SAFE_BOOT);
	}
	window = window_at(boot, boot->pin_step, &toggle);
	if (released(boot, hal, window))
		return true;
	set_led(boot, hal, toggle % 2 == 0);
	boot->pin_due_ms += boot->personality->windows[window].toggle_ms;
	boot->pin_step++;
	return false;
}

/* ---- the sequence ------------------------------------------------------------- */

void boot_start(struct boot *boot, const struct wipy_personality *personality)
{
	*boot = (struct boot){
		.personality = personality, .phase = BOOT_READING, .pin_step = -1};
}

static int load_record(struct boot *boot, struct hal *hal)
{
	int err = -EIO;

	for (int i = 0; i < RECORD_TRIES && err < 0 && err != -ENOENT; i++)
		err = boot_record_load(
			hal, boot->personality->boot, &boot->facts.record);
	boot->unreadable = err < 0 && err != -ENOENT;
	return err;
}

static void read_facts(struct boot *boot, struct hal *hal)
{
	struct boot_facts *facts = &boot->facts;
	static const enum boot_image images[] = {
		[SLOT_ABSENT] = BOOT_IMAGE_ABSENT,
		[SLOT_TORN] = BOOT_IMAGE_TORN,
		[SLOT_WHOLE] = BOOT_IMAGE_UNCHECKED,
		[SLOT_UNREADABLE] = BOOT_IMAGE_BAD,
	};

	facts->has_record = load_record(boot, hal) == 0;
	for (int i = 0; i < BOOT_SLOT_COUNT; i++) {
		enum slot_state state = slot_state(hal, boot_record_area(i), NULL);

		facts->image[i] = images[state];
		boot->unreadable = boot->unreadable || state == SLOT_UNREADABLE;
	}
}

/* Deletes before the record is written: a cut between the two finds the image absent,
 * fails it again and ends the same. False: that choice cannot be had, there is another. */
static bool carry_out(struct boot *boot, struct hal *hal)
{
	struct boot_choice *choice = &boot->choice;
	enum wipy_boot_kind kind = boot->personality->boot;

	boot_select(kind, &boot->facts, choice);
	/* what could not be read may be right: it is passed over this once */
	choice->delete_image = choice->delete_image && !boot->unreadable;
	/* what cannot be deleted has failed all the same: the record says so */
	if (choice->delete_image)
		choice->delete_image =
			slot_delete(hal, boot_record_area(choice->deleted)) == 0;
	if (choice->write &&
		(boot->unreadable || boot_record_save(hal, kind, &choice->next) < 0)) {
		/* a READY image is checked again at the next start: harmless. A trial
		 * that nobody would remember must not begin. */
		choice->write = false;
		if (kind == WIPY_BOOT_TRIAL && choice->next.status == BOOT_TRIAL) {
			boot->facts.image[choice->run] = BOOT_IMAGE_BAD;
			return false;
		}
	}
	boot->phase = BOOT_DONE;
	return true;
}

/* Checks what the choice hangs on. True: there is nothing to wait for. */
static bool check_images(struct boot *boot, struct hal *hal)
{
	struct boot_facts *facts = &boot->facts;

	while (boot_check_due(boot->personality->boot, facts, &boot->check_slot)) {
		boot->phase = BOOT_CHECKING;
		if (slot_check_start(&boot->check, hal,
			    boot_record_area(boot->check_slot),
			    boot->personality->proof))
			return false;
		boot->unreadable |= slot_state(hal, boot_record_area(boot->check_slot),
					    NULL) == SLOT_UNREADABLE;
		facts->image[boot->check_slot] = BOOT_IMAGE_BAD;
	}
	return true;
}

/* Checks what is to be checked before the pin is watched, and again for what the pin has
 * chosen. */
static void go_on(struct boot *boot, struct hal *hal, int64_t now_ms)
{
	bool done = false;

	while (!done && check_images(boot, hal)) {
		if (!boot->pin_done) {
			boot->phase = BOOT_PIN;
			boot->pin_due_ms = now_ms;
			return;
		}
		done = carry_out(boot, hal);
	}
}

int64_t boot_step(struct boot *boot, struct hal *hal, int64_t now_ms)
{
	int err;

	switch (boot->phase) {
	case BOOT_READING:
		set_led(boot, hal, false);
		read_facts(boot, hal);
		go_on(boot, hal, now_ms);
		break;
	case BOOT_CHECKING:
		err = slot_check_step(&boot->check, hal);
		if (err == -EAGAIN)
			return now_ms;
		boot->unreadable |=
			err < 0 && err != WIPY_E_IMAGE_MD5 && err != WIPY_E_GARBAGE;
		boot->facts.image[boot->check_slot] =
			err < 0 ? BOOT_IMAGE_BAD : BOOT_IMAGE_GOOD;
		go_on(boot, hal, now_ms);
		break;
	case BOOT_PIN:
		while (!boot->pin_done && boot->pin_due_ms <= now_ms)
			boot->pin_done = watch_pin(boot, hal);
		if (!boot->pin_done)
			return boot->pin_due_ms;
		set_led(boot, hal, false);
		go_on(boot, hal, now_ms);
		break;
	case BOOT_DONE:
		break;
	}
	return boot->phase == BOOT_DONE ? -1 : now_ms;
}
