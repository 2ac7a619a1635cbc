/* SPDX-License-Identifier: MIT
 *
 * The rules of each kind of board.
 */
#include "common/ledger_world.h"

#define F  0
#define U1 1
#define U2 2

#define PASSES 1u
#define FAILS  2u

static bool works_at(unsigned works, uint8_t slot)
{
	return (works >> slot & 1u) != 0;
}

/* What may be the case: that it passes, that it fails, or either. */
static unsigned outcomes(uint8_t content)
{
	if (ledger_is_good(content))
		return PASSES;
	return content == LEDGER_EMPTY || content == LEDGER_BROKEN ? FAILS
								   : PASSES | FAILS;
}

bool ledger_world_may(
	enum ledger_kind kind, const struct ledger_world *world, unsigned works)
{
	for (uint8_t i = 0; i < LEDGER_SLOTS; i++)
		if (!(outcomes(world->slot[i]) & (works_at(works, i) ? PASSES : FAILS)))
			return false;
	return kind == LEDGER_PYCOM || !(works & LEDGER_OLD_LOADER);
}

static void set_record(struct ledger_world *world, uint8_t active,
	enum ledger_status status, uint8_t previous)
{
	world->active = active;
	world->status = (uint8_t)status;
	world->previous = previous;
}

static uint8_t picked(const struct ledger_world *world, enum ledger_pick pick)
{
	if (pick == LEDGER_WINDOW_PREVIOUS)
		return world->previous;
	return pick == LEDGER_WINDOW_FACTORY ? F : world->active;
}

static void mark_broken(struct ledger_world *world, uint8_t slot)
{
	if (world->slot[slot] != LEDGER_EMPTY)
		world->slot[slot] = LEDGER_BROKEN;
}

/* ---- boots ----------------------------------------------------------------------- */

/* Checked once, deleted on failure, "previous" is then the factory image; what is READY
 * is started unchecked. */
static uint8_t boot_classic(
	struct ledger_world *world, unsigned works, enum ledger_pick pick)
{
	if (world->status == LEDGER_CHECK && world->active != F) {
		if (works_at(works, world->active)) {
			world->status = LEDGER_READY;
		} else {
			world->slot[world->active] = LEDGER_EMPTY;
			set_record(world, world->previous, LEDGER_READY, F);
		}
	}
	return picked(world, pick);
}

/* Active 2 is slot 0 as the target of every second update. */
static uint8_t pycom_slot(uint8_t value)
{
	return value == U1 ? U1 : F;
}

/* A failed check swaps active and previous; with an old loader previous is then slot 0. */
static uint8_t boot_pycom(
	struct ledger_world *world, unsigned works, enum ledger_pick pick)
{
	uint8_t active = pycom_slot(world->active);

	if (world->status == LEDGER_CHECK && works_at(works, active)) {
		set_record(world, active, LEDGER_READY, world->previous);
	} else if (world->status == LEDGER_CHECK) {
		mark_broken(world, active);
		set_record(world, pycom_slot(world->previous), LEDGER_READY,
			works & LEDGER_OLD_LOADER ? F : active);
	}
	return pycom_slot(picked(world, pick));
}

static void trial_fall_back(struct ledger_world *world)
{
	bool same = world->previous == world->active;

	set_record(world, same ? F : world->previous, LEDGER_READY, F);
}

/* Any image that works is better than none. */
static uint8_t trial_any(const struct ledger_world *world, unsigned works)
{
	const uint8_t order[] = {world->active, world->previous, F, U1, U2};

	for (size_t i = 0; i < sizeof(order); i++)
		if (works_at(works, order[i]))
			return order[i];
	return LEDGER_ANY_SLOT;
}

static uint8_t boot_trial(
	struct ledger_world *world, unsigned works, enum ledger_pick pick)
{
	bool pending = world->status == LEDGER_CHECK;
	uint8_t slot;

	if (pending && !works_at(works, world->active))
		mark_broken(world, world->active);
	if (world->status == LEDGER_ON_TRIAL ||
		(pending && !works_at(works, world->active)))
		trial_fall_back(world);
	else if (pending)
		world->status = world->active == F ? LEDGER_READY : LEDGER_ON_TRIAL;
	slot = picked(world, pick);
	if (!works_at(works, slot)) {
		uint8_t other = trial_any(world, works);

		mark_broken(world, slot);
		if (other == LEDGER_ANY_SLOT)
			return slot;
		slot = other;
		if (pick == LEDGER_PLAIN)
			set_record(world, slot, LEDGER_READY, F);
	}
	/* The pin has kept it from its trial: it is still to come. */
	if (pending && world->status == LEDGER_ON_TRIAL && slot != world->active)
		world->status = LEDGER_CHECK;
	return slot;
}

void ledger_world_boot(enum ledger_kind kind, const struct ledger_world *world,
	unsigned works, enum ledger_pick pick, struct ledger_start *ret_start)
{
	struct ledger_world after = *world;
	uint8_t slot;

	if (after.status == LEDGER_NO_RECORD)
		set_record(&after, F, LEDGER_READY, F);
	if (kind == LEDGER_PYCOM)
		slot = boot_pycom(&after, works, pick);
	else if (kind == LEDGER_TRIAL)
		slot = boot_trial(&after, works, pick);
	else
		slot = boot_classic(&after, works, pick);
	ret_start->slot = slot;
	ret_start->alive = works_at(works, slot);
	after.runs = ret_start->alive ? slot : LEDGER_ANY_SLOT;
	ret_start->after = after;
}

/* ---- switches -------------------------------------------------------------------- */

bool ledger_world_switch(enum ledger_kind kind, const struct ledger_world *world,
	uint8_t number, struct ledger_world *ret_after)
{
	uint8_t active =
		kind == LEDGER_PYCOM ? pycom_slot(world->active) : world->active;
	uint8_t slot = active == U1 ? F : U1;

	if (kind == LEDGER_TRIAL)
		slot = picked(world, number == 2   ? LEDGER_WINDOW_PREVIOUS
				     : number == 3 ? LEDGER_WINDOW_FACTORY
						   : LEDGER_PLAIN);
	else if (kind != LEDGER_PYCOM || number != 0)
		return false;
	/* Only a settled board is told: what is pending or on trial is the loader's. */
	if (world->status != LEDGER_READY || world->runs != active || slot == active)
		return false;
	*ret_after = *world;
	set_record(ret_after, slot, LEDGER_CHECK, active);
	return true;
}

/* ---- uploads --------------------------------------------------------------------- */

static size_t push_classic(
	const struct ledger_world *world, struct ledger_write *ret_write)
{
	bool ready = world->status == LEDGER_READY;
	bool second = (world->active == U1 && ready) ||
		      (world->active == U2 && world->status == LEDGER_CHECK);

	ret_write->slot = second ? U2 : U1;
	if (ready)
		set_record(&ret_write->after, world->active == U1 ? U2 : U1,
			LEDGER_CHECK, world->active);
	return 1;
}

static size_t push_classic_one(
	const struct ledger_world *world, struct ledger_write *ret_write)
{
	ret_write->slot = U1;
	if (world->status != LEDGER_NO_RECORD)
		set_record(&ret_write->after, U1, LEDGER_CHECK, F);
	return 1;
}

/* The vendor's fault: a second upload before the reset goes to ota_0, even where that
 * is the one that executes. Versions up to 1.18.2 do it right. */
static size_t push_pycom(
	const struct ledger_world *world, struct ledger_write *ret_writes)
{
	bool ready = world->status == LEDGER_READY;
	bool second = world->active == U1 && ready;

	ret_writes[0].slot = second ? F : U1;
	if (ready)
		set_record(&ret_writes[0].after, second ? U2 : U1, LEDGER_CHECK,
			world->active);
	/* Started by the pin it can be what executes here too. */
	if (ready)
		ret_writes[0].kills = world->runs == ret_writes[0].slot;
	if (ready || world->active != U2)
		return 1;
	ret_writes[0].kills = world->runs == U1 || world->runs == LEDGER_ANY_SLOT;
	ret_writes[1].after = *world;
	ret_writes[1].slot = F;
	return 2;
}

static bool push_trial_from(
	const struct ledger_world *world, uint8_t runs, struct ledger_write *ret_write)
{
	bool ready = world->status == LEDGER_READY, may[LEDGER_SLOTS];
	uint8_t keep = ready ? world->active : world->previous;
	uint8_t target;

	for (uint8_t slot = F; slot <= U2; slot++)
		may[slot] = slot != F && slot != keep && slot != runs;
	if (!may[U1] && !may[U2])
		return false;
	if (world->status == LEDGER_CHECK && may[world->active])
		target = world->active;
	else if (may[U1] && may[U2])
		target = world->previous == U1 ? U2 : U1;
	else
		target = may[U1] ? U1 : U2;
	ret_write->slot = target;
	ret_write->after = *world;
	ret_write->after.runs = runs;
	set_record(&ret_write->after, target, LEDGER_CHECK, keep);
	return true;
}

/* Never the image that runs, never the one to fall back on. */
static size_t push_trial(
	const struct ledger_world *world, struct ledger_write *ret_writes)
{
	struct ledger_world from = *world;
	size_t count = 0;

	if (from.status == LEDGER_NO_RECORD)
		set_record(&from, F, LEDGER_READY, F);
	if (from.runs != LEDGER_ANY_SLOT)
		return push_trial_from(&from, from.runs, ret_writes) ? 1 : 0;
	for (uint8_t runs = F; runs <= U2; runs++)
		count += push_trial_from(&from, runs, &ret_writes[count]);
	return count;
}

size_t ledger_world_push(enum ledger_kind kind, const struct ledger_world *world,
	struct ledger_write ret_writes[LEDGER_WRITES_MAX])
{
	for (size_t i = 0; i < LEDGER_WRITES_MAX; i++)
		ret_writes[i] = (struct ledger_write){.after = *world};
	if (kind == LEDGER_PYCOM)
		return push_pycom(world, ret_writes);
	if (kind == LEDGER_TRIAL)
		return push_trial(world, ret_writes);
	return kind == LEDGER_CLASSIC_ONE ? push_classic_one(world, ret_writes)
					  : push_classic(world, ret_writes);
}
