/* SPDX-License-Identifier: MIT
 *
 * Target slot and record of an update, and the writing of it.
 */
#include "firmware/core/updater.h"

struct target_row {
	uint8_t active;
	uint8_t status;
	enum boot_slot target;
};

/* First match wins; every other state writes update 1. The second row is the cure for
 * a dirty board: a slot that waits for its check is written again. */
static const struct target_row target_rows[] = {
	{BOOT_UPDATE1, BOOT_READY, BOOT_UPDATE2},
	{BOOT_UPDATE2, BOOT_CHECK, BOOT_UPDATE2},
};

void updater_plan(
	bool has_record, const struct boot_record *record, struct update_plan *ret_plan)
{
	struct update_plan plan = {.target = BOOT_UPDATE1};

	/* no record: all zero, as the classic code's static copy (WIRE.md 3.2, 14) */
	if (has_record)
		plan.after = *record;
	for (size_t i = 0; i < sizeof(target_rows) / sizeof(target_rows[0]); i++)
		if (plan.after.active == target_rows[i].active &&
			plan.after.status == target_rows[i].status)
			plan.target = target_rows[i].target;
	/* a slot that is pending already stays so, and "previous" with it */
	if (plan.after.status == BOOT_READY) {
		plan.after.previous = record->active;
		plan.after.active =
			record->active == BOOT_UPDATE1 ? BOOT_UPDATE2 : BOOT_UPDATE1;
		plan.after.status = BOOT_CHECK;
		plan.write = true;
	}
	*ret_plan = plan;
}

int updater_start(struct updater *updater, struct hal *hal, size_t max)
{
	struct boot_record record = {0};
	bool has_record = boot_record_read(hal, &record) == 0;
	int err;

	updater_plan(has_record, &record, &updater->plan);
	err = slot_open(
		&updater->writer, hal, boot_record_area(updater->plan.target), max);
	if (err < 0)
		return err;
	updater->open = true;
	return 0;
}

int updater_write(
	struct updater *updater, struct hal *hal, const uint8_t *bytes, size_t len)
{
	return slot_append(&updater->writer, hal, bytes, len);
}

int updater_finish(struct updater *updater, struct hal *hal)
{
	int slot_err, record_err = 0;

	if (!updater->open)
		return 0;
	updater->open = false;
	slot_err = slot_close(&updater->writer, hal);
	/* flipped all the same: so it is on the boards, whatever ended the upload */
	if (updater->plan.write)
		record_err = boot_record_write(hal, &updater->plan.after);
	return slot_err < 0 ? slot_err : record_err;
}
