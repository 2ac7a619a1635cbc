/* SPDX-License-Identifier: MIT
 *
 * Target slot and record of an update, and the writing of it.
 */
#include "firmware/core/updater.h"

#include <errno.h>

struct target_row {
	uint8_t active;
	uint8_t status;
	enum boot_slot target;
};

/* First match wins; every other state writes update 1. The second row is the cure for
 * a dirty board: a slot that waits for its check is written again. */
static const struct target_row classic_rows[] = {
	{BOOT_UPDATE1, BOOT_READY, BOOT_UPDATE2},
	{BOOT_UPDATE2, BOOT_CHECK, BOOT_UPDATE2},
};

/* What the kinds do differently (WIRE.md 2.11). */
struct kind_row {
	int (*plan)(const struct update_facts *facts, struct update_plan *plan);
	bool in_place;     /* the image executes from its slot, which no plan spares */
	bool flips_anyway; /* the record, although the slot could not be opened */
	bool flips_empty;  /* the record, although not a byte came */
	bool runs_on;      /* behind the slot's end; nobody keeps a limit */
};

static int plan_classic(const struct update_facts *facts, struct update_plan *plan)
{
	plan->target = BOOT_UPDATE1;
	/* no record: all zero, as the classic code's static copy (WIRE.md 3.2, 14) */
	if (!facts->has_record)
		return 0;
	if (facts->one_slot) {
		plan->after.active = BOOT_UPDATE1;
		plan->after.status = BOOT_CHECK;
		plan->after.previous = BOOT_FACTORY;
		return 0;
	}
	for (size_t i = 0; i < sizeof(classic_rows) / sizeof(classic_rows[0]); i++)
		if (facts->record.active == classic_rows[i].active &&
			facts->record.status == classic_rows[i].status)
			plan->target = classic_rows[i].target;
	/* a slot that is pending already stays so, and "previous" with it */
	if (facts->record.status != BOOT_READY)
		return 0;
	plan->after.previous = facts->record.active;
	plan->after.active =
		facts->record.active == BOOT_UPDATE1 ? BOOT_UPDATE2 : BOOT_UPDATE1;
	plan->after.status = BOOT_CHECK;
	return 0;
}

/* Two slots, and the vendor's fault: a second upload before the reset goes to update 1
 * even where that is the one that runs (WIRE.md 3.4). */
static int plan_pycom(const struct update_facts *facts, struct update_plan *plan)
{
	const struct boot_record *record = &facts->record;
	bool second = record->active == BOOT_UPDATE1 && record->status == BOOT_READY;

	plan->target = second ? BOOT_FACTORY : BOOT_UPDATE1;
	if (!facts->has_record || record->status == BOOT_CHECK)
		return 0;
	plan->after.previous = record->active;
	plan->after.active = second ? BOOT_UPDATE2 : BOOT_UPDATE1;
	plan->after.status = BOOT_CHECK;
	return 0;
}

static bool may_write(
	const struct update_facts *facts, uint8_t keep, enum boot_slot slot)
{
	return slot != facts->running && slot != (enum boot_slot)keep &&
	       !(slot == BOOT_UPDATE2 && facts->one_slot);
}

/* Never the image that runs, never the one to fall back on; what is pending is written
 * again, what came before is kept where there is a choice. */
static int plan_trial(const struct update_facts *facts, struct update_plan *plan)
{
	struct boot_record record = {.active = BOOT_FACTORY, .status = BOOT_READY};
	bool first, second;
	uint8_t keep;

	if (facts->has_record)
		record = facts->record;
	keep = record.status == BOOT_READY ? record.active : record.previous;
	first = may_write(facts, keep, BOOT_UPDATE1);
	second = may_write(facts, keep, BOOT_UPDATE2);
	if (record.status == BOOT_CHECK && record.active != BOOT_FACTORY &&
		may_write(facts, keep, boot_record_slot(record.active)))
		plan->target = boot_record_slot(record.active);
	else if (first && !(second && record.previous == BOOT_UPDATE1))
		plan->target = BOOT_UPDATE1;
	else if (second)
		plan->target = BOOT_UPDATE2;
	else
		return -EBUSY;
	plan->after = (struct boot_record){.active = (uint8_t)plan->target,
		.status = BOOT_CHECK,
		.previous = keep};
	return 0;
}

static const struct kind_row kinds[] = {
	[WIPY_BOOT_CLASSIC] = {.plan = plan_classic, .flips_empty = true},
	[WIPY_BOOT_PYCOM] = {.plan = plan_pycom,
		.in_place = true,
		.flips_anyway = true,
		.flips_empty = true,
		.runs_on = true},
	[WIPY_BOOT_TRIAL] = {.plan = plan_trial},
};

int updater_plan(enum wipy_boot_kind kind, const struct update_facts *facts,
	struct update_plan *ret_plan)
{
	struct update_plan plan = {0};
	struct boot_record before;
	int err;

	if (facts->has_record)
		plan.after = facts->record;
	before = plan.after;
	err = kinds[kind].plan(facts, &plan);
	if (err < 0)
		return err;
	plan.write = !boot_record_equal(&plan.after, &before);
	plan.fatal = kinds[kind].in_place && plan.target == facts->running;
	*ret_plan = plan;
	return 0;
}

void updater_init(
	struct updater *updater, enum wipy_boot_kind kind, enum boot_slot running)
{
	updater->kind = kind;
	updater->running = running;
	updater->open = false;
	updater->crashed = false;
}

/* The code that erases is erased. WIRE.md 3.4 expects both slots to be broken then: the
 * hardest reading is taken, so that nobody comes to rely on a softer one. */
static void crash(struct updater *updater, struct hal *hal)
{
	updater->crashed = true;
	(void)!slot_delete(hal, HAL_AREA_FACTORY);
	(void)!slot_delete(hal, HAL_AREA_UPDATE1);
}

int updater_start(struct updater *updater, struct hal *hal, size_t max)
{
	struct update_facts facts = {.running = updater->running,
		.one_slot = hal_flash_size(hal, HAL_AREA_UPDATE2) == 0};
	enum hal_area area;
	int err;

	updater->open = false;
	facts.has_record = boot_record_load(hal, updater->kind, &facts.record) == 0;
	err = updater_plan(updater->kind, &facts, &updater->plan);
	if (err < 0)
		return err;
	updater->failed = updater->overran = false;
	if (updater->plan.fatal) {
		crash(updater, hal);
		return 0;
	}
	area = boot_record_area(updater->plan.target);
	if (max == 0 && hal_flash_size(hal, area) > SLOT_HEADER_LEN)
		max = hal_flash_size(hal, area) - SLOT_HEADER_LEN;
	err = slot_open(&updater->writer, hal, area, max);
	updater->failed = err < 0;
	updater->open = err == 0 || kinds[updater->kind].flips_anyway;
	return err;
}

static size_t taken_len(const struct slot_writer *writer)
{
	return writer->written_len + writer->block_len;
}

/* The sector that is erased ahead of the data is, at the end of slot 0, the record's
 * (WIRE.md 3.4). */
static void erase_ahead(struct updater *updater, struct hal *hal, size_t len)
{
	const struct slot_writer *writer = &updater->writer;

	if (updater->overran || updater->plan.target != BOOT_FACTORY ||
		taken_len(writer) + len + HAL_FLASH_SECTOR <= writer->max)
		return;
	updater->overran = true;
	(void)!hal_flash_erase(hal, HAL_AREA_RECORD, 0, HAL_FLASH_SECTOR);
}

int updater_write(
	struct updater *updater, struct hal *hal, const uint8_t *bytes, size_t len)
{
	int err;

	/* the board stops with this step; nothing more is to be seen of it */
	if (updater->crashed)
		return 0;
	if (updater->failed)
		return -EIO;
	if (!kinds[updater->kind].runs_on)
		return slot_append(&updater->writer, hal, bytes, len);
	erase_ahead(updater, hal, len);
	err = slot_append(&updater->writer, hal, bytes, len);
	return err == -EFBIG ? 0 : err;
}

int updater_finish(struct updater *updater, struct hal *hal)
{
	int slot_err = 0, record_err = 0;

	if (!updater->open)
		return 0;
	updater->open = false;
	if (!updater->failed)
		slot_err = slot_close(&updater->writer, hal);
	/* flipped all the same: so it is on the boards, whatever ended the upload */
	if (updater->plan.write &&
		(kinds[updater->kind].flips_empty || taken_len(&updater->writer) > 0))
		record_err = boot_record_save(hal, updater->kind, &updater->plan.after);
	return slot_err < 0 ? slot_err : record_err;
}
