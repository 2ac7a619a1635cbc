/* SPDX-License-Identifier: MIT
 *
 * The classic loader (WIRE.md 3.2, 0.4): an update is checked once, what is READY is
 * never looked at again, a failure means the image before it.
 */
#include "firmware/core/boot_select.h"

enum fit { NO, YES, ANY };

enum verdict { KEEP, PASS, FALL_BACK };

struct check_row {
	enum fit check; /* the status is CHECK */
	enum fit good;
	enum verdict verdict;
};

/* First match wins. */
static const struct check_row check_rows[] = {
	{NO, ANY, KEEP},
	{YES, YES, PASS},
	{YES, NO, FALL_BACK},
};

static bool fits(enum fit want, bool is)
{
	return want == ANY || (want == YES) == is;
}

/* The byte, not the slot it means: an unknown value means the factory image and has it
 * checked, and even deleted; (F, CHECK) is a dead end that is left alone. */
static bool wants_check(const struct boot_facts *facts)
{
	return facts->has_record && facts->record.status == BOOT_CHECK &&
	       facts->record.active != BOOT_FACTORY;
}

static enum verdict judge(const struct boot_facts *facts)
{
	enum boot_slot slot = boot_record_slot(facts->record.active);
	bool good = facts->image[slot] >= BOOT_IMAGE_UNCHECKED;

	for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++)
		if (fits(check_rows[i].check, wants_check(facts)) &&
			fits(check_rows[i].good, good))
			return check_rows[i].verdict;
	return KEEP;
}

bool boot_classic_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot)
{
	enum boot_slot slot = boot_record_slot(facts->record.active);

	if (!wants_check(facts) || facts->image[slot] != BOOT_IMAGE_UNCHECKED)
		return false;
	*ret_slot = slot;
	return true;
}

void boot_classic_select(const struct boot_facts *facts, struct boot_choice *choice)
{
	struct boot_record *next = &choice->next;
	enum boot_image image;

	switch (judge(facts)) {
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
	choice->run = boot_record_slot(boot_picked(facts->pick, next));
	image = facts->image[choice->run];
	/* a bad image that is READY is started: what it does is its own affair */
	choice->halt = image == BOOT_IMAGE_ABSENT || image == BOOT_IMAGE_TORN ||
		       (choice->delete_image && choice->deleted == choice->run);
}
