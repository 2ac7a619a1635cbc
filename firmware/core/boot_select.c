/* SPDX-License-Identifier: MIT
 *
 * What the kinds of boards have in common.
 */
#include "firmware/core/boot_select.h"

struct kind_row {
	bool (*check_due)(const struct boot_facts *facts, enum boot_slot *ret_slot);
	void (*select)(const struct boot_facts *facts, struct boot_choice *ret_choice);
};

static const struct kind_row kinds[] = {
	[WIPY_BOOT_CLASSIC] = {boot_classic_check_due, boot_classic_select},
	[WIPY_BOOT_PYCOM] = {boot_pycom_check_due, boot_pycom_select},
	[WIPY_BOOT_TRIAL] = {boot_trial_check_due, boot_trial_select},
};

uint8_t boot_picked(enum boot_pick pick, const struct boot_record *record)
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

bool boot_check_due(enum wipy_boot_kind kind, const struct boot_facts *facts,
	enum boot_slot *ret_slot)
{
	return kinds[kind].check_due(facts, ret_slot);
}

void boot_select(enum wipy_boot_kind kind, const struct boot_facts *facts,
	struct boot_choice *ret_choice)
{
	struct boot_choice choice = {.next = facts->record};

	if (!facts->has_record)
		choice.next = (struct boot_record){.status = BOOT_READY};
	choice.safe = facts->pick != BOOT_PICK_ACTIVE;
	kinds[kind].select(facts, &choice);
	choice.write =
		!facts->has_record || !boot_record_equal(&choice.next, &facts->record);
	*ret_choice = choice;
}
