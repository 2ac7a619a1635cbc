/* SPDX-License-Identifier: MIT
 *
 * The ledger as text, for a column of the store:
 *
 *	1wA--|1R01?A?,2C0?BAa<TAB>v1.8.6 on 2016-11-18; WiPy with CC3200<TAB>...
 *
 * Version, kind, running image, image being pushed, image that it was lost with (! is
 * any); then a world each: active, status, previous, the slot that runs, three contents;
 * then the images. They are letters, in that order; a small one has been pushed and not
 * been seen running. A fingerprint holds no TAB, since a board's banner is printable.
 */
#include <errno.h>
#include <string.h>

#include "common/ledger.h"
#include "common/text.h"

#define HEAD_LEN  6
#define WORLD_LEN 7

static const char kinds[LEDGER_KIND_COUNT] = {' ', 'w', 'l', 'p', 't'};
static const char states[LEDGER_STATUS_COUNT] = {'C', 'R', 'T', 'N'};
static const char plain[LEDGER_IMAGE] = {'?', '-', '!'};

/* ---- writing --------------------------------------------------------------------- */

static char image_letter(uint8_t number)
{
	return (char)(number == 0 ? '-' : 'A' + number - 1);
}

static char slot_letter(uint8_t slot)
{
	return (char)(slot < LEDGER_SLOTS ? '0' + slot : '?');
}

static char content_letter(uint8_t content)
{
	if (!ledger_is_image(content))
		return plain[content];
	return (char)((ledger_is_good(content) ? 'A' : 'a') + ledger_image_at(content));
}

static void format_world(struct wipy_text *text, const struct ledger_world *world)
{
	wipy_text_char(text, slot_letter(world->active));
	wipy_text_char(text, states[world->status]);
	wipy_text_char(text, slot_letter(world->previous));
	wipy_text_char(text, slot_letter(world->runs));
	for (size_t i = 0; i < LEDGER_SLOTS; i++)
		wipy_text_char(text, content_letter(world->slot[i]));
}

void ledger_format(const struct ledger *ledger, char ret_text[LEDGER_TEXT_MAX])
{
	char line[WIPY_FINGERPRINT_MAX];
	struct wipy_text text;

	wipy_text_init(&text, ret_text, LEDGER_TEXT_MAX);
	if (ledger->kind == LEDGER_NO_KIND)
		return;
	wipy_text_char(&text, '1');
	wipy_text_char(&text, kinds[ledger->kind]);
	wipy_text_char(&text, image_letter(ledger->running));
	wipy_text_char(&text, image_letter(ledger->pushing));
	wipy_text_char(
		&text, ledger->lost == LEDGER_LOST ? '!' : image_letter(ledger->lost));
	for (size_t i = 0; i < ledger->world_count; i++) {
		wipy_text_char(&text, i == 0 ? '|' : ',');
		format_world(&text, &ledger->world[i]);
	}
	for (size_t i = 0; i < ledger->image_count; i++) {
		wipy_fingerprint_format(&ledger->image[i], line);
		wipy_text_char(&text, '\t');
		wipy_text_str(&text, line);
	}
}

/* ---- reading --------------------------------------------------------------------- */

static bool find_letter(const char *letters, size_t count, char letter, uint8_t *ret_at)
{
	const char *at = memchr(letters, letter, count);

	if (!at)
		return false;
	*ret_at = (uint8_t)(at - letters);
	return true;
}

static bool read_image(char letter, size_t images, uint8_t *ret_number)
{
	if (letter == '-') {
		*ret_number = 0;
		return true;
	}
	*ret_number = (uint8_t)(letter - 'A' + 1);
	return letter >= 'A' && (size_t)(letter - 'A') < images;
}

static bool read_lost(char letter, size_t images, uint8_t *ret_lost)
{
	if (letter != '!')
		return read_image(letter, images, ret_lost);
	*ret_lost = LEDGER_LOST;
	return true;
}

static bool read_content(char letter, size_t images, uint8_t *ret_content)
{
	bool good = letter >= 'A' && letter <= 'Z';
	int at = letter - (good ? 'A' : 'a');

	if (find_letter(plain, sizeof(plain), letter, ret_content))
		return true;
	*ret_content = (uint8_t)(LEDGER_IMAGE + 2 * at + (good ? 1 : 0));
	return at >= 0 && (size_t)at < images;
}

static bool read_world(const char *at, size_t images, struct ledger_world *ret_world)
{
	bool right = find_letter("012", 3, at[0], &ret_world->active) &&
		     find_letter(states, sizeof(states), at[1], &ret_world->status) &&
		     find_letter("012", 3, at[2], &ret_world->previous) &&
		     find_letter("012?", 4, at[3], &ret_world->runs);

	for (size_t i = 0; right && i < LEDGER_SLOTS; i++)
		right = read_content(at[4 + i], images, &ret_world->slot[i]);
	return right;
}

static bool same_record(const struct ledger_world *a, const struct ledger_world *b)
{
	return a->active == b->active && a->status == b->status &&
	       a->previous == b->previous && a->runs == b->runs;
}

static bool read_worlds(const char *at, size_t len, struct ledger *ledger)
{
	size_t count = (len + 1) / (WORLD_LEN + 1);

	if (count == 0 || count > LEDGER_WORLDS_MAX ||
		len != count * (WORLD_LEN + 1) - 1)
		return false;
	for (size_t i = 0; i < count; i++, at += WORLD_LEN + 1) {
		if (i > 0 && at[-1] != ',')
			return false;
		if (!read_world(at, ledger->image_count, &ledger->world[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (same_record(&ledger->world[i], &ledger->world[k]))
				return false;
	}
	ledger->world_count = (uint8_t)count;
	return true;
}

static bool read_images(const char *at, struct ledger *ledger)
{
	while (*at == '\t') {
		size_t len = strcspn(++at, "\t");

		if (ledger->image_count == LEDGER_IMAGES_MAX ||
			wipy_fingerprint_parse_banner(
				at, len, &ledger->image[ledger->image_count]) < 0)
			return false;
		ledger->image_count++;
		at += len;
	}
	return true;
}

int ledger_parse(const char *text, struct ledger *ret_ledger)
{
	size_t len = strcspn(text, "\t");
	struct ledger ledger = {0};
	char again[LEDGER_TEXT_MAX];

	if (text[0] == '\0') {
		*ret_ledger = ledger;
		return 0;
	}
	if (len < HEAD_LEN || text[0] != '1' || text[HEAD_LEN - 1] != '|' ||
		!read_images(text + len, &ledger) ||
		!find_letter(kinds + 1, sizeof(kinds) - 1, text[1], &ledger.kind) ||
		!read_image(text[2], ledger.image_count, &ledger.running) ||
		!read_image(text[3], ledger.image_count, &ledger.pushing) ||
		!read_lost(text[4], ledger.image_count, &ledger.lost) ||
		!read_worlds(text + HEAD_LEN, len - HEAD_LEN, &ledger))
		return -EINVAL;
	ledger.kind++;
	/* One way to write each ledger. */
	ledger_format(&ledger, again);
	if (strcmp(again, text) != 0)
		return -EINVAL;
	*ret_ledger = ledger;
	return 0;
}
