/* SPDX-License-Identifier: MIT
 *
 * The loader of this project's own firmware: a new image runs on trial. It is started
 * once; if nobody confirms it (boot_trial.h), the next reset goes back to the image
 * before it. No timer decides anything. Whatever the record says, only an image that
 * has passed its check is started, and any one is better than none.
 */
#include "firmware/core/boot_select.h"

static bool is_good(const struct boot_facts *facts, uint8_t slot)
{
	return facts->image[slot] >= BOOT_IMAGE_UNCHECKED;
}

/* Values that this firmware never writes. */
static void tidy(struct boot_record *record)
{
	record->active = (uint8_t)boot_record_slot(record->active);
	record->previous = (uint8_t)boot_record_slot(record->previous);
	if (record->status > BOOT_TRIAL)
		record->status = BOOT_READY;
	if ((record->extra & ~BOOT_WISH_PLAIN) > BOOT_SLOT_COUNT)
		record->extra = 0;
}

static void fall_back(struct boot_record *record)
{
	record->active = record->previous != record->active ? record->previous
							    : (uint8_t)BOOT_FACTORY;
	record->previous = BOOT_FACTORY;
	record->status = BOOT_READY;
}

/* The stored wish for one start of a certain image. True: granted; the record is then as
 * this start leaves it. */
static bool grant_request(const struct boot_facts *facts, struct boot_record *record)
{
	uint8_t wanted = record->extra & (uint8_t)~BOOT_WISH_PLAIN;
	uint8_t slot = (uint8_t)(wanted - 1);

	record->extra = 0;
	/* who stands at the board has the last word */
	if (wanted == 0 || facts->pick != BOOT_PICK_ACTIVE || !is_good(facts, slot))
		return false;
	if (slot == record->active) {
		if (record->status == BOOT_CHECK && slot != BOOT_FACTORY)
			record->status = BOOT_TRIAL;
		return true;
	}
	if (record->status == BOOT_READY)
		record->previous = record->active;
	record->active = slot;
	/* back to the image that counts: what was pending or on trial is dropped */
	record->status = slot == record->previous ? BOOT_READY : BOOT_TRIAL;
	if (record->status == BOOT_READY)
		record->previous = BOOT_FACTORY;
	return true;
}

static void settle(const struct boot_facts *facts, struct boot_record *record)
{
	if (record->status == BOOT_TRIAL ||
		(record->status == BOOT_CHECK && !is_good(facts, record->active)))
		fall_back(record);
	else if (record->status == BOOT_CHECK)
		record->status =
			record->active == BOOT_FACTORY ? BOOT_READY : BOOT_TRIAL;
}

/* The first good image, the likeliest first. */
static bool find_any(const struct boot_facts *facts, const struct boot_record *record,
	enum boot_slot *ret_slot)
{
	const uint8_t order[] = {record->active, record->previous, BOOT_FACTORY,
		BOOT_UPDATE1, BOOT_UPDATE2};

	for (size_t i = 0; i < sizeof(order); i++) {
		if (is_good(facts, order[i])) {
			*ret_slot = (enum boot_slot)order[i];
			return true;
		}
	}
	return false;
}

void boot_trial_select(const struct boot_facts *facts, struct boot_choice *choice)
{
	struct boot_record *next = &choice->next;
	bool was_pending, plain;

	tidy(next);
	plain = (next->extra & BOOT_WISH_PLAIN) != 0;
	was_pending = next->status == BOOT_CHECK;
	if (grant_request(facts, next))
		choice->safe |= !plain;
	else
		settle(facts, next);
	choice->run = (enum boot_slot)boot_picked(facts->pick, next);
	if (!is_good(facts, (uint8_t)choice->run)) {
		choice->halt = !find_any(facts, next, &choice->run);
		if (!choice->halt && facts->pick == BOOT_PICK_ACTIVE)
			*next = (struct boot_record){
				(uint8_t)choice->run, BOOT_READY, BOOT_FACTORY, 0};
	}
	/* the pin has kept the new image from its trial: it is still to come */
	if (was_pending && next->status == BOOT_TRIAL &&
		choice->run != (enum boot_slot)next->active)
		next->status = BOOT_CHECK;
}

bool boot_trial_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot)
{
	struct boot_choice choice;

	boot_select(WIPY_BOOT_TRIAL, facts, &choice);
	if (facts->image[choice.run] != BOOT_IMAGE_UNCHECKED)
		return false;
	*ret_slot = choice.run;
	return true;
}
