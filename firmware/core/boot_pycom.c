/* SPDX-License-Identifier: MIT
 *
 * Pycom's loader (WIRE.md 3.4, 3.5): two slots, the factory's one (0, and 2 as the
 * target of every second update) and update 1. A failed check swaps active and
 * previous, so that "previous" is then the broken one.
 */
#include "firmware/core/boot_info.h"
#include "firmware/core/boot_select.h"

static enum boot_slot slot_of(uint8_t value)
{
	return value == BOOT_UPDATE1 ? BOOT_UPDATE1 : BOOT_FACTORY;
}

static void judge(const struct boot_facts *facts, struct boot_record *next)
{
	enum boot_slot active = slot_of(next->active);

	if (next->status != BOOT_CHECK)
		return;
	next->status = BOOT_READY;
	next->active = (uint8_t)active;
	if (facts->image[active] >= BOOT_IMAGE_UNCHECKED)
		return;
	next->active = (uint8_t)slot_of(next->previous);
	next->previous = (uint8_t)active;
}

/* A request makes this boot a safe one and is gone with the next. */
static void note_safe(struct boot_choice *choice)
{
	uint8_t *stored = &choice->next.extra;

	if (*stored == BOOT_INFO_SAFE_REQUESTED)
		choice->safe = true;
	*stored = choice->safe ? BOOT_INFO_SAFE_PIN : BOOT_INFO_SAFE_NONE;
}

void boot_pycom_select(const struct boot_facts *facts, struct boot_choice *choice)
{
	judge(facts, &choice->next);
	note_safe(choice);
	choice->run = slot_of(boot_picked(facts->pick, &choice->next));
	choice->halt = facts->image[choice->run] < BOOT_IMAGE_UNCHECKED;
}

bool boot_pycom_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot)
{
	enum boot_slot active = slot_of(facts->record.active);
	struct boot_choice choice;

	if (facts->has_record && facts->record.status == BOOT_CHECK &&
		facts->image[active] == BOOT_IMAGE_UNCHECKED) {
		*ret_slot = active;
		return true;
	}
	/* loading checks too, and a READY image that fails it is the end */
	boot_select(WIPY_BOOT_PYCOM, facts, &choice);
	if (facts->image[choice.run] != BOOT_IMAGE_UNCHECKED)
		return false;
	*ret_slot = choice.run;
	return true;
}
