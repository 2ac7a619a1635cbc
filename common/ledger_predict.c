/* SPDX-License-Identifier: MIT
 *
 * What the ledger says of the board's next steps.
 */
#include "common/ledger_world.h"

#include <errno.h>

bool ledger_certain(const struct ledger_guess *guess)
{
	return guess->count == 1 && guess->content[0] != LEDGER_UNKNOWN;
}

static void add_guess(struct ledger_guess *guess, uint8_t content)
{
	for (size_t i = 0; i < guess->count; i++) {
		uint8_t there = guess->content[i];

		if (there == content)
			return;
		if (ledger_is_image(there) && ledger_is_image(content) &&
			ledger_image_at(there) == ledger_image_at(content)) {
			/* the lesser claim; good is the odd one */
			guess->content[i] = there < content ? there : content;
			return;
		}
	}
	if (guess->count < LEDGER_GUESS_MAX)
		guess->content[guess->count++] = content;
}

/* What the start comes to. */
static uint8_t started(
	const struct ledger_world *world, const struct ledger_start *start)
{
	if (start->alive)
		return start->after.slot[start->slot];
	return world->slot[start->slot] == LEDGER_UNKNOWN ? (uint8_t)LEDGER_UNKNOWN
							  : (uint8_t)LEDGER_BROKEN;
}

void ledger_boots(const struct ledger *ledger, enum ledger_pick pick,
	struct ledger_guess *ret_guess)
{
	enum ledger_kind kind = (enum ledger_kind)ledger->kind;
	struct ledger_guess guess = {0};

	/* From "everything works" down: the likeliest comes first. */
	for (unsigned left = 2 * LEDGER_OLD_LOADER; left > 0; left--) {
		unsigned works = (left - 1) ^ LEDGER_OLD_LOADER;

		for (size_t i = 0; i < ledger->world_count; i++) {
			const struct ledger_world *world = &ledger->world[i];
			struct ledger_start start;

			if (!ledger_world_may(kind, world, works))
				continue;
			ledger_world_boot(kind, world, works, pick, &start);
			add_guess(&guess, started(world, &start));
		}
	}
	*ret_guess = guess;
}

/* The good image in that slot is the only one that is known to be good. */
static bool is_last_good(const struct ledger_world *world, uint8_t slot)
{
	if (!ledger_is_good(world->slot[slot]))
		return false;
	for (uint8_t i = 0; i < LEDGER_SLOTS; i++)
		if (i != slot && ledger_is_good(world->slot[i]))
			return false;
	return true;
}

void ledger_next_push(const struct ledger *ledger, struct ledger_next_push *ret_next)
{
	struct ledger_next_push next = {0};

	for (size_t i = 0; i < ledger->world_count; i++) {
		const struct ledger_world *world = &ledger->world[i];
		struct ledger_write writes[LEDGER_WRITES_MAX];
		size_t count = ledger_world_push(
			(enum ledger_kind)ledger->kind, world, writes);

		/* A board on trial refuses by what it runs. */
		next.refused |=
			count <
			(ledger->kind == LEDGER_TRIAL && world->runs == LEDGER_ANY_SLOT
					? (size_t)LEDGER_WRITES_MAX
					: 1);
		for (size_t k = 0; k < count; k++) {
			next.slots |= (uint8_t)(1u << writes[k].slot);
			next.kills |= writes[k].kills;
			next.hits |= world->runs == writes[k].slot ||
				     world->runs == LEDGER_ANY_SLOT;
			next.burns |= is_last_good(world, writes[k].slot);
			add_guess(&next.holds, world->slot[writes[k].slot]);
		}
	}
	*ret_next = next;
}

bool ledger_keeps(const struct ledger *ledger)
{
	struct ledger_guess plain;

	ledger_boots(ledger, LEDGER_PLAIN, &plain);
	return ledger_certain(&plain) && ledger_is_good(plain.content[0]) &&
	       ledger->running == ledger_image_at(plain.content[0]) + 1;
}

bool ledger_leaves(const struct ledger *ledger)
{
	struct ledger_guess plain;

	ledger_boots(ledger, LEDGER_PLAIN, &plain);
	return ledger->running != 0 && ledger_certain(&plain) &&
	       (!ledger_is_image(plain.content[0]) ||
		       ledger->running != ledger_image_at(plain.content[0]) + 1);
}

/* Said in every world the number starts that image, which was seen running from there. */
static bool switches_to(const struct ledger *ledger,
	const struct wipy_fingerprint *image, uint8_t number)
{
	for (size_t i = 0; i < ledger->world_count; i++) {
		struct ledger_world after;
		uint8_t content;

		if (!ledger_world_switch((enum ledger_kind)ledger->kind,
			    &ledger->world[i], number, &after))
			return false;
		content = after.slot[after.active];
		if (!ledger_is_good(content) ||
			!wipy_fingerprint_equal(
				&ledger->image[ledger_image_at(content)], image))
			return false;
	}
	return ledger->world_count > 0;
}

int ledger_switch(const struct ledger *ledger, const struct wipy_fingerprint *image,
	uint8_t *ret_number)
{
	for (uint8_t number = 0; number <= LEDGER_SWITCH_MAX; number++)
		if (switches_to(ledger, image, number)) {
			*ret_number = number;
			return 0;
		}
	return -ENOENT;
}

uint8_t ledger_slot(const struct ledger *ledger, uint8_t slot)
{
	struct ledger_guess guess = {0};

	for (size_t i = 0; i < ledger->world_count; i++)
		add_guess(&guess, ledger->world[i].slot[slot]);
	return guess.count == 1 ? guess.content[0] : (uint8_t)LEDGER_UNKNOWN;
}

uint8_t ledger_runs(const struct ledger *ledger)
{
	for (size_t i = 1; i < ledger->world_count; i++)
		if (ledger->world[i].runs != ledger->world[0].runs)
			return LEDGER_ANY_SLOT;
	return ledger->world_count > 0 ? ledger->world[0].runs : LEDGER_ANY_SLOT;
}

size_t ledger_slot_count(enum ledger_kind kind)
{
	return kind == LEDGER_PYCOM || kind == LEDGER_CLASSIC_ONE ? 2 : LEDGER_SLOTS;
}

const char *ledger_slot_name(enum ledger_kind kind, uint8_t slot)
{
	static const char *const names[] = {"factory", "update1", "update2"};
	static const char *const pycom_names[] = {"slot0", "ota0", "slot0"};

	if (slot >= LEDGER_SLOTS)
		return "unknown";
	return kind == LEDGER_PYCOM ? pycom_names[slot] : names[slot];
}

const char *ledger_status_name(uint8_t status)
{
	static const char *const names[LEDGER_STATUS_COUNT] = {
		"check", "ready", "trial", "no-record"};

	return status < LEDGER_STATUS_COUNT ? names[status] : "unknown";
}
