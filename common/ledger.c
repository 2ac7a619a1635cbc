/* SPDX-License-Identifier: MIT
 *
 * Learning: each event turns the set of worlds into the set of those that can follow.
 * Two worlds with the same boot record and the same slot that runs become one, in which
 * what they disagree about is unknown; so the set has an upper bound and never claims
 * too much.
 */
#include "common/ledger.h"

#include <string.h>

#include "common/ledger_world.h"

#define BOOTS_MAX 4 /* after so many in a row nothing new can follow */

struct worlds {
	size_t count;
	struct ledger_world world[LEDGER_WORLDS_MAX];
};

enum ledger_kind ledger_kind_of(enum wipy_family family, const char *board)
{
	switch (family) {
	case WIPY_FAMILY_WIPY:
		return strncmp(board, "LaunchPad", 9) == 0 ? LEDGER_CLASSIC_ONE
							   : LEDGER_CLASSIC;
	case WIPY_FAMILY_PYCOM:
		return LEDGER_PYCOM;
	case WIPY_FAMILY_ESP32:
	case WIPY_FAMILY_ESP8266:
		return LEDGER_TRIAL;
	case WIPY_FAMILY_UNKNOWN:
	case WIPY_FAMILY_COUNT:
		break;
	}
	return LEDGER_NO_KIND;
}

bool ledger_is_image(uint8_t content)
{
	return content >= LEDGER_IMAGE;
}

bool ledger_is_good(uint8_t content)
{
	return ledger_is_image(content) && (content - LEDGER_IMAGE) % 2 == 1;
}

uint8_t ledger_image_at(uint8_t content)
{
	return (uint8_t)((content - LEDGER_IMAGE) / 2);
}

static uint8_t content_of(uint8_t image, bool good)
{
	return (uint8_t)(LEDGER_IMAGE + 2 * image + (good ? 1 : 0));
}

/* ---- sets of worlds -------------------------------------------------------------- */

/* An image that may have been torn is "as pushed": it may run or not. */
static uint8_t join_content(uint8_t a, uint8_t b)
{
	uint8_t more = a > b ? a : b, less = a > b ? b : a;

	if (a == b || less == LEDGER_UNKNOWN)
		return less;
	if (!ledger_is_image(less))
		return ledger_is_image(more) ? content_of(ledger_image_at(more), false)
					     : (uint8_t)LEDGER_BROKEN;
	return ledger_image_at(a) == ledger_image_at(b)
		       ? content_of(ledger_image_at(a), false)
		       : (uint8_t)LEDGER_UNKNOWN;
}

static void add_world(struct worlds *set, const struct ledger_world *world)
{
	struct ledger_world *same = set->world, *end = set->world + set->count;

	while (same < end &&
		(same->active != world->active || same->status != world->status ||
			same->previous != world->previous || same->runs != world->runs))
		same++;
	if (same == end) {
		if (set->count < LEDGER_WORLDS_MAX)
			set->world[set->count++] = *world;
		return;
	}
	for (size_t i = 0; i < LEDGER_SLOTS; i++)
		same->slot[i] = join_content(same->slot[i], world->slot[i]);
}

static void add_worlds(struct worlds *set, const struct worlds *more)
{
	for (size_t i = 0; i < more->count; i++)
		add_world(set, &more->world[i]);
}

static void take_worlds(const struct ledger *ledger, struct worlds *ret_set)
{
	memset(ret_set, 0, sizeof(*ret_set));
	ret_set->count = ledger->world_count;
	memcpy(ret_set->world, ledger->world, sizeof(ret_set->world));
}

static void give_worlds(struct ledger *ledger, const struct worlds *set)
{
	memset(ledger->world, 0, sizeof(ledger->world));
	memcpy(ledger->world, set->world, set->count * sizeof(set->world[0]));
	ledger->world_count = (uint8_t)set->count;
}

/* ---- boots ----------------------------------------------------------------------- */

/* Every start that comes out alive, added. */
static void add_starts(enum ledger_kind kind, const struct ledger_world *world,
	enum ledger_pick pick, struct worlds *set)
{
	for (unsigned works = 0; works < 2 * LEDGER_OLD_LOADER; works++) {
		struct ledger_start start;

		if (!ledger_world_may(kind, world, works))
			continue;
		ledger_world_boot(kind, world, works, pick, &start);
		if (start.alive)
			add_world(set, &start.after);
	}
}

/* One or more plain boots. A board that stops at one of them stops at the next as well:
 * it shows no banner. */
static void boot_world(
	enum ledger_kind kind, const struct ledger_world *from, struct worlds *ret_set)
{
	memset(ret_set, 0, sizeof(*ret_set));
	add_starts(kind, from, LEDGER_PLAIN, ret_set);
	for (int boots = 1; boots < BOOTS_MAX; boots++) {
		struct worlds before = *ret_set;

		for (size_t i = 0; i < before.count; i++)
			add_starts(kind, &before.world[i], LEDGER_PLAIN, ret_set);
	}
}

/* ---- uploads --------------------------------------------------------------------- */

struct end {
	bool complete, torn, untouched;
	bool opened; /* a board that would have refused it cannot have been there */
};

static const struct end ends[] = {
	[LEDGER_PUSH_COMPLETE] = {true, false, false, true},
	[LEDGER_PUSH_REFUSED] = {false, false, true, false},
	[LEDGER_PUSH_BROKEN] = {false, true, true, false},
	[LEDGER_PUSH_TORN] = {false, true, true, true},
	[LEDGER_PUSH_UNKNOWN] = {true, true, true, false},
};

static void add_written(struct worlds *set, const struct ledger_world *record,
	const struct ledger_write *write, uint8_t content)
{
	struct ledger_world world = *record;

	world.slot[write->slot] = content;
	if (write->after.runs == write->slot || write->kills)
		world.runs = LEDGER_ANY_SLOT;
	else
		world.runs = write->after.runs;
	add_world(set, &world);
}

/* A torn upload flips the record, unless power went before its end; Pycom's record has
 * one copy, which may be lost then. */
static void add_torn(enum ledger_kind kind, const struct ledger_world *world,
	const struct ledger_write *write, struct worlds *set)
{
	struct ledger_world lost = *world;

	add_written(set, &write->after, write, LEDGER_BROKEN);
	add_written(set, world, write, LEDGER_BROKEN);
	if (kind != LEDGER_PYCOM)
		return;
	lost.active = lost.previous = 0;
	lost.status = LEDGER_NO_RECORD;
	add_written(set, &lost, write, LEDGER_BROKEN);
}

static void push_worlds(enum ledger_kind kind, const struct worlds *from,
	const struct end *end, uint8_t content, struct worlds *ret_set)
{
	struct ledger_write writes[LEDGER_WRITES_MAX];

	memset(ret_set, 0, sizeof(*ret_set));
	for (size_t i = 0; i < from->count; i++) {
		const struct ledger_world *world = &from->world[i];
		size_t count = ledger_world_push(kind, world, writes);

		if (end->untouched && (count > 0 || !end->opened))
			add_world(ret_set, world);
		for (size_t k = 0; k < count; k++) {
			/* What overwrites the code that executes does not end. */
			if (end->complete &&
				!(writes[k].kills && world->runs < LEDGER_SLOTS))
				add_written(
					ret_set, &writes[k].after, &writes[k], content);
			if (end->torn)
				add_torn(kind, world, &writes[k], ret_set);
		}
	}
}

/* ---- images ---------------------------------------------------------------------- */

static bool is_used(const struct ledger *ledger, uint8_t image)
{
	if (ledger->running == image + 1 || ledger->pushing == image + 1 ||
		ledger->lost == image + 1)
		return true;
	for (size_t i = 0; i < ledger->world_count; i++)
		for (size_t k = 0; k < LEDGER_SLOTS; k++) {
			uint8_t content = ledger->world[i].slot[k];

			if (ledger_is_image(content) &&
				ledger_image_at(content) == image)
				return true;
		}
	return false;
}

static void move_down(uint8_t *number, uint8_t gone, uint8_t base, uint8_t step)
{
	if (*number >= base + step * (gone + 1))
		*number = (uint8_t)(*number - step);
}

static void drop_image(struct ledger *ledger, uint8_t image)
{
	move_down(&ledger->running, image, 1, 1);
	move_down(&ledger->pushing, image, 1, 1);
	if (ledger->lost != LEDGER_LOST)
		move_down(&ledger->lost, image, 1, 1);
	for (size_t i = 0; i < ledger->world_count; i++)
		for (size_t k = 0; k < LEDGER_SLOTS; k++)
			move_down(&ledger->world[i].slot[k], image, LEDGER_IMAGE, 2);
	ledger->image_count--;
	memmove(&ledger->image[image], &ledger->image[image + 1],
		(size_t)(ledger->image_count - image) * sizeof(ledger->image[0]));
	memset(&ledger->image[ledger->image_count], 0, sizeof(ledger->image[0]));
}

static void drop_unused(struct ledger *ledger)
{
	for (uint8_t i = ledger->image_count; i > 0; i--)
		if (!is_used(ledger, (uint8_t)(i - 1)))
			drop_image(ledger, (uint8_t)(i - 1));
}

static bool find_image(const struct ledger *ledger, const struct wipy_fingerprint *fp,
	uint8_t *ret_image)
{
	for (uint8_t i = 0; i < ledger->image_count; i++)
		if (wipy_fingerprint_equal(&ledger->image[i], fp)) {
			*ret_image = i;
			return true;
		}
	return false;
}

/* The index of an image, added if need be: all contents are forgotten for it where the
 * list is full, which takes more images than a board has slots. */
static uint8_t name_image(struct ledger *ledger, const struct wipy_fingerprint *fp)
{
	uint8_t image;

	if (find_image(ledger, fp, &image))
		return image;
	drop_unused(ledger);
	if (ledger->image_count == LEDGER_IMAGES_MAX) {
		for (size_t i = 0; i < ledger->world_count; i++)
			memset(ledger->world[i].slot, LEDGER_UNKNOWN, LEDGER_SLOTS);
		drop_unused(ledger);
	}
	ledger->image[ledger->image_count] = *fp;
	return ledger->image_count++;
}

/* ---- a new beginning ------------------------------------------------------------- */

/* As they are once what is on trial may stay. */
static void confirm_worlds(const struct worlds *from, struct worlds *set)
{
	for (size_t i = 0; i < from->count; i++) {
		struct ledger_world world = from->world[i];

		if (world.status == LEDGER_ON_TRIAL)
			world.status = LEDGER_READY;
		add_world(set, &world);
	}
}

/* Every record that uploads, switches and boots can lead to, whatever the slots hold. */
static void all_worlds(enum ledger_kind kind, struct worlds *ret_set)
{
	const struct ledger_world first = {
		.status = LEDGER_NO_RECORD, .runs = LEDGER_ANY_SLOT};
	struct ledger_world switched;
	struct worlds pushed;
	size_t before;

	memset(ret_set, 0, sizeof(*ret_set));
	add_starts(kind, &first, LEDGER_PLAIN, ret_set);
	do {
		before = ret_set->count;
		push_worlds(kind, ret_set, &ends[LEDGER_PUSH_COMPLETE], LEDGER_UNKNOWN,
			&pushed);
		add_worlds(ret_set, &pushed);
		for (size_t i = 0; i < pushed.count; i++)
			add_starts(kind, &pushed.world[i], LEDGER_PLAIN, ret_set);
		pushed = *ret_set;
		confirm_worlds(&pushed, ret_set);
		pushed = *ret_set;
		for (size_t i = 0; i < pushed.count; i++)
			if (ledger_world_switch(kind, &pushed.world[i], 0, &switched))
				add_starts(kind, &switched, LEDGER_PLAIN, ret_set);
	} while (ret_set->count > before);
}

enum fit { NO_FIT, FITS, FITS_FOR_SURE };

/* Whether the image can have run from there; then it is what that slot holds. */
static enum fit has_run(struct ledger_world *world, uint8_t image)
{
	uint8_t *content = &world->slot[world->runs % LEDGER_SLOTS];
	bool known = ledger_is_image(*content);

	if (world->runs >= LEDGER_SLOTS)
		return FITS;
	if (known ? ledger_image_at(*content) != image : *content != LEDGER_UNKNOWN)
		return NO_FIT;
	*content = content_of(image, true);
	return known ? FITS_FOR_SURE : FITS;
}

/* `plain`: found as a plain boot leaves it, so that what runs is what the record says; and
 * nobody else's upload waits for its reset where the next one would kill (WIRE.md 3.4). */
static void begin(struct ledger *ledger, enum ledger_kind kind,
	const struct wipy_fingerprint *fp, bool plain)
{
	struct worlds all, set = {0};

	memset(ledger, 0, sizeof(*ledger));
	if (kind == LEDGER_NO_KIND)
		return;
	all_worlds(kind, &all);
	ledger->kind = (uint8_t)kind;
	ledger->image[0] = *fp;
	ledger->image_count = 1;
	ledger->running = 1;
	for (size_t i = 0; i < all.count; i++) {
		struct ledger_world *world = &all.world[i];

		if (plain && kind == LEDGER_PYCOM && world->status == LEDGER_CHECK)
			continue;
		memset(world->slot, LEDGER_UNKNOWN, sizeof(world->slot));
		if (ledger_slot_count(kind) < LEDGER_SLOTS)
			world->slot[LEDGER_SLOTS - 1] = LEDGER_EMPTY;
		if (!plain)
			world->runs = LEDGER_ANY_SLOT;
		(void)has_run(world, 0);
		add_world(&set, world);
	}
	give_worlds(ledger, &set);
}

/* ---- looks ----------------------------------------------------------------------- */

/* Adds the worlds in which that image can have been running; whether one is sure. */
static bool keep_fitting(
	const struct worlds *from, uint8_t image, struct worlds *ret_set)
{
	bool sure = false;

	for (size_t i = 0; i < from->count; i++) {
		struct ledger_world world = from->world[i];
		enum fit fit = has_run(&world, image);

		sure |= fit == FITS_FOR_SURE;
		if (fit != NO_FIT)
			add_world(ret_set, &world);
	}
	return sure;
}

/* The same after boots. Each world is held against the image before it may be joined
 * with another one. */
static bool boot_fitting(enum ledger_kind kind, const struct worlds *from,
	uint8_t image, struct worlds *ret_set)
{
	struct worlds booted;
	bool sure = false;

	for (size_t i = 0; i < from->count; i++) {
		boot_world(kind, &from->world[i], &booted);
		sure |= keep_fitting(&booted, image, ret_set);
	}
	return sure;
}

/* Somebody else has pushed it, and reset. */
static void add_foreign(enum ledger_kind kind, const struct worlds *from, uint8_t image,
	struct worlds *set)
{
	struct worlds pushed;

	push_worlds(kind, from, &ends[LEDGER_PUSH_COMPLETE], content_of(image, false),
		&pushed);
	boot_fitting(kind, &pushed, image, set);
}

/* A hand held the pin at the latest boot. */
static void add_pinned(enum ledger_kind kind, const struct worlds *from, uint8_t image,
	struct worlds *set)
{
	for (size_t i = 0; i < from->count; i++) {
		struct worlds booted;

		boot_world(kind, &from->world[i], &booted);
		add_world(&booted, &from->world[i]);
		for (size_t k = 0; k < booted.count; k++) {
			struct worlds pinned = {0};

			add_starts(kind, &booted.world[k], LEDGER_WINDOW_PREVIOUS,
				&pinned);
			keep_fitting(&pinned, image, set);
			pinned.count = 0;
			add_starts(
				kind, &booted.world[k], LEDGER_WINDOW_FACTORY, &pinned);
			keep_fitting(&pinned, image, set);
		}
	}
}

/* Staying and plain boots explain what is seen, or a hand does: at the pin, or with an
 * upload of its own. */
static enum ledger_news explain(struct ledger *ledger, enum ledger_kind kind,
	const struct wipy_fingerprint *fp, bool proven)
{
	uint8_t image = name_image(ledger, fp);
	bool same = ledger->running == image + 1, sure;
	struct worlds from, fitting = {0};
	enum ledger_news news = LEDGER_LEARNT;

	take_worlds(ledger, &from);
	sure = boot_fitting(kind, &from, image, &fitting);
	if (same && !proven)
		keep_fitting(&from, image, &fitting);
	if (fitting.count == 0 || !(sure || same)) {
		add_pinned(kind, &from, image, &fitting);
		if (!same)
			add_foreign(kind, &from, image, &fitting);
		news = LEDGER_BY_HAND;
	} else if (ledger->lost && (same || ledger->lost != image + 1)) {
		add_pinned(kind, &from, image, &fitting);
	}
	if (fitting.count == 0) {
		begin(ledger, kind, fp, false);
		return LEDGER_FORGOT;
	}
	give_worlds(ledger, &fitting);
	ledger->running = (uint8_t)(image + 1);
	ledger->lost = 0;
	return news;
}

enum ledger_news ledger_seen(struct ledger *ledger, enum ledger_kind kind,
	const struct wipy_fingerprint *fp, bool proven)
{
	const struct ledger was = *ledger;
	enum ledger_news news = LEDGER_FORGOT;

	if (ledger->settled && !proven && ledger->kind == kind && ledger->running > 0 &&
		wipy_fingerprint_equal(&ledger->image[ledger->running - 1], fp))
		return LEDGER_NOTHING_NEW;
	if (ledger->kind != kind)
		begin(ledger, kind, fp, true);
	else if (kind == LEDGER_NO_KIND)
		return LEDGER_NOTHING_NEW;
	else
		news = explain(ledger, kind, fp, proven);
	drop_unused(ledger);
	ledger->settled = was.settled;
	if (memcmp(ledger, &was, sizeof(was)) == 0)
		news = LEDGER_NOTHING_NEW;
	ledger->settled = true;
	return news;
}

/* ---- the rest -------------------------------------------------------------------- */

void ledger_push_begun(struct ledger *ledger, const struct wipy_fingerprint *image)
{
	if (ledger->kind == LEDGER_NO_KIND)
		return;
	ledger->pushing = (uint8_t)(name_image(ledger, image) + 1);
	ledger->settled = false;
}

void ledger_push_ended(struct ledger *ledger, enum ledger_push outcome)
{
	struct worlds from, after;

	if (ledger->pushing == 0)
		return;
	take_worlds(ledger, &from);
	push_worlds((enum ledger_kind)ledger->kind, &from, &ends[outcome],
		content_of((uint8_t)(ledger->pushing - 1), false), &after);
	if (after.count > 0) {
		give_worlds(ledger, &after);
	} else {
		/* It took what it should have refused. */
		struct wipy_fingerprint fp = {0};

		if (ledger->running > 0)
			fp = ledger->image[ledger->running - 1];
		begin(ledger, (enum ledger_kind)ledger->kind, &fp, false);
	}
	ledger->pushing = 0;
	ledger->settled = false;
	drop_unused(ledger);
}

void ledger_switched(struct ledger *ledger, const struct wipy_fingerprint *image)
{
	struct ledger_world after;
	struct worlds from, set;
	uint8_t index;

	if (!find_image(ledger, image, &index))
		return;
	take_worlds(ledger, &from);
	set = from;
	for (size_t i = 0; i < from.count; i++)
		for (uint8_t number = 0; number <= LEDGER_SWITCH_MAX; number++)
			if (ledger_world_switch((enum ledger_kind)ledger->kind,
				    &from.world[i], number, &after) &&
				after.slot[after.active] == content_of(index, true))
				add_world(&set, &after);
	give_worlds(ledger, &set);
	ledger->settled = false;
}

void ledger_confirmed(struct ledger *ledger)
{
	struct worlds from, after = {0};

	take_worlds(ledger, &from);
	confirm_worlds(&from, &after);
	give_worlds(ledger, &after);
	ledger->settled = false;
}

void ledger_lost(struct ledger *ledger, const struct wipy_fingerprint *image)
{
	uint8_t index;

	ledger->lost = ledger->kind != LEDGER_NO_KIND ? LEDGER_LOST : 0;
	ledger->settled = false;
	if (!image || !find_image(ledger, image, &index))
		return;
	ledger->lost = (uint8_t)(index + 1);
	for (size_t i = 0; i < ledger->world_count; i++)
		for (size_t k = 0; k < LEDGER_SLOTS; k++)
			if (ledger->world[i].slot[k] == content_of(index, true))
				ledger->world[i].slot[k] = content_of(index, false);
}
